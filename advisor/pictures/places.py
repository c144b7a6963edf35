"""How probable each place is for each of the ranked: a grid of shades, each with its number."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from advisor.pictures import shapes
from advisor.pictures.picture import Picture
from advisor.pictures.ranked import SHOWN
from advisor.pictures.shapes import BESIDE, LINE, NAME, SMALL, SOFT, VALUE, WIDE, Layer, Slot
from rules.accounts.naming import TITLES, Names, chance, counted, listed, ordinal

CELLS, NARROW_CELLS = 8, 5
DARKEST = 0.55  # a cell of probability 1: numbers on it keep their contrast on light and on dark pages
NEGLIGIBLE = 0.005
GAP = 2

Document = Mapping[str, Any]


def ranks(document: Document, role: str, names: Names, *, width: int = WIDE) -> Picture | None:
    """The probability of each place for each of the ranked; None where fewer than two are ranked."""
    ranked = document["roles"][role]["ranking"]
    if len(ranked) < 2:
        return None
    places, most = ranked[:SHOWN], CELLS if width >= BESIDE else NARROW_CELLS
    shares = [_cells(place["rank_probabilities"], most) for place in places]
    count = len(shares[0])
    called = [names.framework(place["framework"]) for place in places]
    label = min(max(shapes.extent(each, NAME) for each in called) + 16, width * (0.42 if width >= BESIDE else 0.4))
    key, top = shapes.paragraph("How probable each place is, in percent.", width)
    rows = shapes.slots(called, top + LINE + 4, label - 8, beside=True)
    cell = min((width - label) / count, 64)
    layers = [
        *key,
        _heads(ranked, count, label, cell, top),
        _shades(shares, rows, label, cell),
        _numbers(shares, rows, label, cell),
        shapes.labels(rows),
    ]
    height = ceil(rows[-1].bottom + 4)
    title = f"{TITLES[role]}: how probable each place is"
    return Picture(f"ranks-{role}", title, shapes.chart(width, height, layers), _text(ranked, names), width, height)


def _cells(probabilities: Sequence[float], most: int) -> list[float]:
    """A share for each column; places beyond the last column are counted in it."""
    if len(probabilities) <= most:
        return list(probabilities)
    return [*probabilities[: most - 1], sum(probabilities[most - 1 :])]


def _heads(ranked: Sequence[Document], count: int, label: float, cell: float, top: float) -> Layer:
    said = [ordinal(place + 1) for place in range(count)]
    if len(ranked[0]["rank_probabilities"]) > count:
        said[-1] = f"{count} on"
    heads = [{"x": label + cell * (at + 0.5), "y": top + LINE / 2, "text": text} for at, text in enumerate(said)]
    return shapes.texts(heads, SMALL, SOFT, align="center")


def _shades(shares: Sequence[Sequence[float]], rows: Sequence[Slot], label: float, cell: float) -> Layer:
    cells = [
        {"x": label + cell * at, "x2": label + cell * (at + 1) - GAP, "y": row.top, "y2": row.bottom - GAP}
        | {"probability": share, "shade": round(0.06 + (DARKEST - 0.06) * share, 4)}
        for each, row in zip(shares, rows, strict=True)
        for at, share in enumerate(each)
    ]
    layer = shapes.boxes(cells, shapes.BAR, cornerRadius=3)
    layer["encoding"]["fillOpacity"] = {"field": "shade", "type": "quantitative", "scale": None}
    return layer


def _numbers(shares: Sequence[Sequence[float]], rows: Sequence[Slot], label: float, cell: float) -> Layer:
    said = [
        {"x": label + cell * (at + 0.5) - GAP / 2, "y": row.mark - GAP / 2, "text": _said(share)}
        for each, row in zip(shares, rows, strict=True)
        for at, share in enumerate(each)
        if share > 0
    ]
    return shapes.texts(said, VALUE, align="center")


def _said(share: float) -> str:
    if share < NEGLIGIBLE:
        return "<1"
    return ">99" if share > 1 - NEGLIGIBLE else f"{100 * share:.0f}"


def _text(ranked: Sequence[Document], names: Names) -> str:
    first = ranked[0]
    who = names.framework(first["framework"])
    said = [f"{who} is first with a probability of {chance(first['rank_probabilities'][0])}."]
    for place in ranked:
        parts = [f"{ordinal(at)} {chance(p)}" for at, p in enumerate(place["rank_probabilities"], 1) if p > 0]
        said.append(f"{names.framework(place['framework'])}: {listed(parts)}.")
    if len(ranked) > SHOWN:
        said.append(f"The last {counted(len(ranked) - SHOWN, 'framework')} are not drawn.")
    return "\n".join(said)
