"""Sentences about answers: what to answer differently, lists of names, counts."""

from collections.abc import Sequence

from advisor import words
from advisor.words import plain

SHOWN_VALUES = 4


def either(items: Sequence[str], most: int = SHOWN_VALUES, word: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`; what is beyond the most shown is counted."""
    shown = list(items[:most])
    if len(items) > most:
        shown.append(f"{len(items) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}"


def both(items: Sequence[str], most: int = 100) -> str:
    """`a`, `a and b`, `a, b and c`; what is beyond the most shown is counted."""
    return either(items, most, "and")


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


def percents(before: float, after: float) -> tuple[str, str]:
    """Two shares that differ, with a decimal where whole percentages would read alike."""
    texts = percent(before), percent(after)
    return texts if texts[0] != texts[1] else (f"{100 * before:.1f}%", f"{100 * after:.1f}%")


def ordinal(place: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th") if place % 100 not in (11, 12, 13) else "th"
    return f"{place}{ending}"


def counted(count: int, one: str, many: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{count} {one if count == 1 else many}"
