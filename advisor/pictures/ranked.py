"""The ranking of a role: a dot for each score, a line for its interval, a shade behind those that are tied."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import ceil, floor
from typing import Any

from advisor.pictures import shapes
from advisor.pictures.picture import Picture
from advisor.pictures.shapes import BESIDE, NAME, VALUE, WIDE, Layer, Slot
from rules.accounts.naming import TITLES, Names, chance, counted, listed, percent, points
from rules.accounts.summary import standing

SHOWN = 10
STEP = 5  # points: the scale begins and ends on a multiple
LEAST_SPAN = 20  # points
VALUES = 52  # pixels on the right

Document = Mapping[str, Any]


def ranking(document: Document, role: str, names: Names, *, width: int = WIDE) -> Picture | None:
    """The ranked of one role with their scores, intervals and ties; None where nothing is ranked."""
    ranked = document["roles"][role]["ranking"]
    if not ranked:
        return None
    places, beside = ranked[:SHOWN], width >= BESIDE
    within = percent(names.release.confidence["interval_probability"])
    called = [f"{p['rank']}. {names.framework(p['framework'])}" for p in places]
    label = min(max(shapes.extent(each, NAME) for each in called) + 20, width * 0.42) if beside else 8
    groups = [list(group) for _, group in groupby(range(len(places)), lambda at: places[at]["tie_group"])]
    tied = any(len(group) > 1 for group in groups)
    said = f"Dot: score in points of 100. Line: {within} interval.{' On one shade: tied.' if tied else ''}"
    key, top = shapes.paragraph(said, width)
    room = label - 16 if beside else width - VALUES
    rows = shapes.slots(called, top, room, beside=beside)
    domain = cut([100 * bound for p in places for bound in p["interval"]])
    scale = shapes.scaled(domain, (label + 8, width - VALUES - 8))
    bottom = rows[-1].bottom + 4
    layers = [
        *key,
        *_shades([group for group in groups if len(group) > 1], rows, width),
        *shapes.axis(ticks(domain), scale, top, bottom),
        *_marks(places, rows, scale),
        _scores(places, rows, width, beside),
        shapes.labels(rows, x=8),
    ]
    height = ceil(bottom + 24)
    drawn = shapes.chart(width, height, layers)
    return Picture(
        f"ranking-{role}", f"{TITLES[role]}: the ranking", drawn, _text(document, role, names), width, height
    )


def cut(values: Sequence[float]) -> tuple[float, float]:
    """Ends of a scale about values in points: whole steps, far enough apart, within 0 and 100."""
    low, high = STEP * floor(min(values) / STEP), STEP * ceil(max(values) / STEP)
    while high - low < LEAST_SPAN:
        low, high = max(0, low - STEP), min(100, high + STEP)
    return low, high


def ticks(domain: tuple[float, float], most: int = 6) -> list[tuple[float, str]]:
    """Round values on a scale, at most so many, with what to write at them."""
    low, high = domain
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50) if (high - low) / s < most)
    return [(value, str(value)) for value in range(ceil(low / step) * step, floor(high) + 1, step)]


def _shades(groups: Sequence[Sequence[int]], rows: Sequence[Slot], width: float) -> Iterator[Layer]:
    """A shade from edge to edge behind each group, set a little apart from the next."""
    if groups:
        corners = [(rows[group[0]].top + 1.5, rows[group[-1]].bottom - 1.5) for group in groups]
        shades = [{"x": 0, "x2": width, "y": y, "y2": y2} for y, y2 in corners]
        yield shapes.boxes(shades, cornerRadius=6)


def _marks(places: Sequence[Document], rows: Sequence[Slot], scale: Mapping[str, Any]) -> list[Layer]:
    marks = [
        {"framework": p["framework"], "score": points(p["score"]), "y": row.mark}
        | {"at": 100 * p["interval"][0], "until": 100 * p["interval"][1]}
        for p, row in zip(places, rows, strict=True)
    ]
    dots = [
        {"framework": p["framework"], "at": 100 * p["score"], "y": row.mark}
        for p, row in zip(places, rows, strict=True)
    ]
    return [shapes.spans(marks, scale), shapes.points(dots, scale, size=110)]


def _scores(places: Sequence[Document], rows: Sequence[Slot], width: float, beside: bool) -> Layer:
    said = [
        {"x": width - 8, "y": row.mark if beside else row.first, "text": points(p["score"])}
        for p, row in zip(places, rows, strict=True)
    ]
    return shapes.texts(said, VALUE if beside else NAME, align="right", fontWeight="bold")


def _text(document: Document, role: str, names: Names) -> str:
    ranked = document["roles"][role]["ranking"]
    within = percent(names.release.confidence["interval_probability"])
    said = [f"{standing(document, names, role)}."]
    for place in ranked:
        low, high = place["interval"]
        said.append(
            f"{place['rank']}. {names.framework(place['framework'])}: {points(place['score'])} points,"
            f" {within} interval {points(low)} to {points(high)},"
            f" first with a probability of {chance(place['win_probability'])}."
        )
    for _, group in groupby(ranked, lambda place: place["tie_group"]):
        tied = [names.framework(place["framework"]) for place in group]
        if len(tied) > 1:
            said.append(f"{listed(tied)} are tied: they cannot be told apart.")
    if len(ranked) > SHOWN:
        said.append(f"The last {counted(len(ranked) - SHOWN, 'place')} are not drawn.")
    return "\n".join(said)
