"""The price curve of a portfolio: what is lost with the best 1, 2, 3 ... frameworks for all."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from advisor.pictures import shapes
from advisor.pictures.picture import Picture
from advisor.pictures.shapes import BESIDE, VALUE, WIDE, Layer, Slot
from rules.accounts.naming import TITLES, Names, counted, listed, number

Document = Mapping[str, Any]
VALUES = 132  # pixels on the right
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)  # of the value, between ticks
MOST_TICKS = 5


def price(found: Document, names: Names, *, width: int = WIDE) -> Picture | None:
    """The sets of a consolidation from top to bottom, a dot for what each loses; None where there are none."""
    sets = found["sets"]
    if not sets:
        return None
    beside = width >= BESIDE
    called = [f"{each['k']}: {listed([names.framework(m) for m in each['members']])}" for each in sets]
    room = width * 0.42 if beside else width - 16
    said = "Dot: part of the portfolio's score that is lost when all have to do with these."
    key, top = shapes.paragraph(said, width)
    rows = shapes.slots(called, top, room - 16 if beside else room, beside=beside)
    end, marks = _ticks(max(each["share_lost"] for each in sets))
    scale = shapes.scaled((0.0, end), (room + 8 if beside else 16, width - VALUES))
    bottom = rows[-1].bottom + 4
    layers = [
        *key,
        *shapes.axis(marks, scale, top, bottom),
        *_curve(sets, rows, scale, beside),
        _values(sets, rows, width),
        shapes.labels(rows, x=8),
    ]
    height = ceil(bottom + 24)
    drawn = shapes.chart(width, height, layers)
    title = f"{TITLES[found['role']]}: the price of few frameworks"
    return Picture(f"price-{found['role']}", title, drawn, _text(found, names), width, height)


def _ticks(most: float) -> tuple[float, list[tuple[float, str]]]:
    """(the end of the scale, its round values with what to write at them)."""
    step = next(s for s in STEPS if most / s <= MOST_TICKS)
    count = max(1, ceil(most / step - 1e-9))
    return count * step, [(at * step, f"{100 * at * step:g}%") for at in range(count + 1)]


def _curve(sets: Sequence[Document], rows: Sequence[Slot], scale: Mapping[str, Any], beside: bool) -> Iterator[Layer]:
    """The dots, and the lines from each to the next where no labels stand between them."""
    (_, end), (left, right) = scale["domain"], scale["range"]
    at = [left + (right - left) * each["share_lost"] / end for each in sets]
    steps = [{"x": at[i], "y": rows[i].mark, "x2": at[i + 1], "y2": rows[i + 1].mark} for i in range(len(sets) - 1)]
    if beside:
        yield shapes.lines(steps, shapes.BAR, 2)
    yield shapes.points(
        [{"at": each["share_lost"], "y": row.mark} for each, row in zip(sets, rows, strict=True)], scale, size=110
    )


def _values(sets: Sequence[Document], rows: Sequence[Slot], width: float) -> Layer:
    said = [{"x": width - 8, "y": row.mark, "text": _value(each)} for each, row in zip(sets, rows, strict=True)]
    return shapes.texts(said, VALUE, align="right", fontWeight="bold")


def _value(each: Document) -> str:
    left = each["hurt"]["left_out"]
    return f"{_share(each['share_lost'])}{f', {number(left)} left out' if left else ''}"


def _share(share: float) -> str:
    return f"{100 * share:.1f}%"


def _text(found: Document, names: Names) -> str:
    said = [
        f"{counted(found['projects'], 'project')} of which {number(found['unservable'])} can use nothing on file; "
        "the others lose nothing when each takes what is best for it."
    ]
    for each in found["sets"]:
        by = each["hurt"]
        proof = (
            "" if each["proven"] else f" Not proven the best: the least that could be lost is {each['bound']['loss']}."
        )
        said.append(
            f"{each['k']}: {listed([names.framework(m) for m in each['members']])} lose "
            f"{_share(each['share_lost'])} of the score: {number(by['hurt'])} get less than their best, "
            f"{number(by['left_out'])} are left without.{proof}"
        )
    return "\n".join(said)
