"""Sentences about answers: what to answer differently, lists of names, counts."""

from collections.abc import Sequence

from advisor import words
from advisor.words import listed, plain

SHOWN_VALUES = 4


def either(items: Sequence[str], most: int = SHOWN_VALUES) -> str:
    """`a`, `a or b`, `a, b or c`; what is beyond the most shown is counted."""
    return listed(items, most, "or")


def both(items: Sequence[str], most: int | None = None) -> str:
    """`a`, `a and b`, `a, b and c`; what is beyond the most shown is counted."""
    return listed(items, most)


def change(question: str, before: object, after: Sequence[object], *, is_ranked: bool = False) -> str:
    """What to answer differently, such as `answer train_os with linux or wsl2 instead of windows`."""
    held = before if isinstance(before, list) else []
    ways: dict[str, list[str]] = {"with": [], "without": [], "add": [], "first": []}
    for value in after:
        if value is not None:
            way, what = _way(held, value, is_ranked)
            ways[way].append(what)
    instead = f" instead of {plain(before)}" if before is not None else ""
    said = [f"answer {question} with {either(ways['with'])}{instead}"] if ways["with"] else []
    said += [f"answer {question} without {either(ways['without'])}"] if ways["without"] else []
    said += [f"add {either(ways['add'])} to {question}"] if ways["add"] else []
    said += [f"put {either(ways['first'])} first in {question}"] if ways["first"] else []
    said += [f"leave {question} open"] if before is not None and None in after else []
    return "; or ".join(said)


def _way(held: Sequence[str], value: object, is_ranked: bool) -> tuple[str, str]:
    """(how an answer differs from the one held, in what)."""
    if not held or not isinstance(value, list):
        return "with", plain(value)
    new = [v for v in value if v not in held]
    gone = [v for v in held if v not in value]
    if new and gone:
        return "with", plain(value)
    if gone:
        return "without", both(gone)
    return ("first", value[0]) if is_ranked else ("add", both(new))


def percent(share: float) -> str:
    """A share as a percentage that a terminal does not break in two."""
    return words.percent(share).replace("\N{NO-BREAK SPACE}%", "%")


def chance(probability: float) -> str:
    """A probability as a percentage; none of them is taken for certain."""
    return words.chance(probability).replace("\N{NO-BREAK SPACE}%", "%")


def counted(count: int, one: str, many: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{count} {one if count == 1 else many}"
