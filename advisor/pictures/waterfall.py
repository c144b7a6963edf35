"""What a score is made of: from the average of the ranked, rule by rule, to one framework's score.

A framework that is ranked alone has no average to stand out from: its score is built up from nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil
from typing import Any

from advisor.pictures import shapes
from advisor.pictures.picture import Picture
from advisor.pictures.ranked import ticks
from advisor.pictures.shapes import BAR, BESIDE, CARD, FIELD, INK, VALUE, WARN, WIDE, Layer, Slot
from rules.accounts.naming import LEAST, MINUS, Names, counted, points, signed

SHOWN = 8
VALUES = 46  # pixels for a number at the end of a bar

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Step:
    """What one rule, or several small ones together, adds, in points."""

    text: str
    adds: float


def contributions(document: Document, role: str, framework: str, names: Names, *, width: int = WIDE) -> Picture | None:
    """The waterfall of one ranked framework's score; None where it is not ranked in the role."""
    result = document["roles"][role]
    place = next((p for p in result["ranking"] if p["framework"] == framework), None)
    if place is None or not place["reasons"]:
        return None
    alone, name = len(result["ranking"]) == 1, names.framework(framework)
    steps = _steps(place, alone)
    base = 0.0 if alone else 100 * result["field_mean"]
    shown = _joined(steps)
    ends = list(accumulate((step.adds for step in shown), initial=base))
    first = "Start" if alone else "Average of the ranked"
    called = [first, *(step.text for step in shown), f"Score of {name}"]
    key, top = shapes.paragraph(f"In points of 100: + lifts the score, {MINUS} lowers it.", width)
    beside = width >= BESIDE
    label = width * 0.46 if beside else 0
    rows = shapes.slots(called, top, label - 14 if beside else width - 4, beside=beside, least=28)
    low, high = min(ends), max(ends)
    margin = max((high - low) * 0.04, 0.5)
    scale = shapes.scaled((low - margin, high + margin), (label + VALUES, width - VALUES))
    bottom = rows[-1].bottom + 2
    layers = [
        *key,
        *shapes.axis(ticks((low - margin, high + margin), 5 if beside else 4), scale, top, bottom),
        *_bars(shown, ends, rows, scale, beside),
        *_ends(ends, rows, scale),
        shapes.labels(rows),
    ]
    title = f"What the score of {name} is made of"
    text = _text(name, steps, base, place, alone)
    height = ceil(bottom + 24)
    return Picture(f"contributions-{role}-{framework}", title, shapes.chart(width, height, layers), text, width, height)


def _steps(place: Document, alone: bool) -> list[_Step]:
    """What each rule adds in points, the most first."""
    added = [(100 * (r["share"] * r["opinion"] if alone else r["contribution"]), r) for r in place["reasons"]]
    added.sort(key=lambda each: (-abs(each[0]), each[1]["rule"]))
    return [_Step(reason["text"], adds) for adds, reason in added]


def _joined(steps: Sequence[_Step]) -> list[_Step]:
    """The largest steps, those that lift before those that lower, and the small ones as one."""
    most = SHOWN if len(steps) <= SHOWN else SHOWN - 1
    large, small = steps[:most], steps[most:]
    shown = sorted(large, key=lambda step: -step.adds)
    return [*shown, _Step(f"{len(small)} other rules", sum(step.adds for step in small))] if small else shown


def _bars(
    steps: Sequence[_Step], ends: Sequence[float], rows: Sequence[Slot], scale: Mapping[str, Any], beside: bool
) -> list[Layer]:
    """A bar from each running sum to the next, its number beyond its end, and thin lines that carry the sums on."""
    drawn: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    numbers: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for step, (start, end), row in zip(steps, pairwise(ends), rows[1:], strict=False):
        lifts = step.adds >= 0
        drawn[lifts].append({"rule": step.text, "at": min(start, end), "until": max(start, end), "y": row.mark})
        numbers[lifts].append({"at": end, "y": row.mark, "text": signed(step.adds / 100)})
    carried = [
        {"at": end, "y": row.mark, "y2": following.mark}
        for end, (row, following) in zip(ends, pairwise(rows), strict=True)
    ]
    return [
        *([shapes.uprights(carried, scale, FIELD)] if beside else []),  # below labels they would cross these
        shapes.bars(drawn[True], scale, BAR),
        shapes.bars(drawn[False], scale, WARN),
        shapes.numbers(numbers[True], scale, VALUE, dx=6),
        shapes.numbers(numbers[False], scale, VALUE, dx=-6, align="right"),
    ]


def _ends(ends: Sequence[float], rows: Sequence[Slot], scale: Mapping[str, Any]) -> list[Layer]:
    """Where the sum begins and where it ends: marks with their values in full."""
    said = [(ends[0], rows[0].mark), (ends[-1], rows[-1].mark)]
    marks = [{"at": value, "y": y, "text": points(value / 100)} for value, y in said]
    return [
        shapes.points(marks[:1], scale, size=90, fill=CARD, stroke=INK, strokeWidth=1.5),
        shapes.points(marks[1:], scale, size=110, fill=INK),
        shapes.numbers(marks, scale, VALUE, dx=9, fontWeight="bold"),
    ]


def _text(name: str, steps: Sequence[_Step], base: float, place: Document, alone: bool) -> str:
    start = "" if alone else f"The average of the ranked is {points(base / 100)} points. "
    said = [f"{start}{name} scores {points(place['score'])} points."]
    told = sorted((s for s in steps if abs(s.adds) >= 100 * LEAST), key=lambda step: -step.adds)
    said += [f"{signed(step.adds / 100)} {step.text}." for step in told]
    if rest := len(steps) - len(told):
        said.append(f"{counted(rest, 'other rule')} {'adds' if rest == 1 else 'add'} less than 0.05 points each.")
    return "\n".join(said)
