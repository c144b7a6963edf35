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


def change(question: str, before: object, after: Sequence[object]) -> str:
    """What to answer differently, such as `answer train_os with linux or wsl2 instead of windows`."""
    held = before if isinstance(before, list) else []
    with_others: list[str] = []
    without: list[str] = []
    added: list[str] = []
    first: list[str] = []
    for value in after:
        if value is None:
            continue
        if not isinstance(value, list) or not isinstance(before, list):
            with_others.append(plain(value))
            continue
        new = [v for v in value if v not in held]
        gone = [v for v in held if v not in value]
        if not new and not gone:
            first.append(value[0])
        elif not gone:
            (first if value[0] in new and len(held) and value[1:] == held else added).append(both(new))
        elif not new:
            without.append(both(gone))
        else:
            with_others.append(plain(value))
    instead = f" instead of {plain(before)}" if before is not None else ""
    ways = [f"answer {question} with {either(with_others)}{instead}"] if with_others else []
    ways += [f"answer {question} without {either(without)}"] if without else []
    ways += [f"add {either(added)} to {question}"] if added else []
    ways += [f"put {either(first)} first in {question}"] if first else []
    ways += [f"leave {question} open"] if before is not None and None in after else []
    return "; or ".join(ways)


def percent(share: float) -> str:
    """A share as a percentage that a terminal does not break in two."""
    return words.percent(share).replace("\N{NO-BREAK SPACE}%", "%")


def ordinal(place: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th") if place % 100 not in (11, 12, 13) else "th"
    return f"{place}{ending}"


def counted(count: int, one: str, many: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{count} {one if count == 1 else many}"
