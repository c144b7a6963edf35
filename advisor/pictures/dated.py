"""Evidence over time: a mark for each piece at the day that it speaks of, in rows by the kind of its source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor
from typing import Any

from advisor.pictures import shapes
from advisor.pictures.picture import Picture
from advisor.pictures.shapes import ACCENT, BAD, BESIDE, CARD, INK, LINE, NAME, SMALL, SOFT, WARN, WIDE, Layer, Slot
from rules.accounts.naming import counted, listed

APART = 24.0  # pixels: marks that would be nearer to each other become one with a number
ROW = 28.0
SIZES = {False: 64, True: 420}  # of a mark for one piece and for several, in square pixels
LEAST_YEARS = 2
DAYS = 365.25
_HOLLOW = {"fill": CARD, "stroke": SOFT, "strokeWidth": 1.5}
# Of each verdict the sign, its style, and the colour of a number in it.
VERDICTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "holds": ("circle", {"fill": ACCENT}, CARD),
    "contested": ("diamond", {"fill": WARN}, CARD),
    "outdated": ("square", _HOLLOW, INK),
    "wrong": ("cross", {"fill": BAD, "angle": 45}, CARD),
    "unverifiable": ("triangle-up", _HOLLOW, INK),
}

Piece = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Mark:
    """Pieces of evidence with one verdict that stand at about one place."""

    verdict: str
    x: float
    y: float
    count: int


def evidence(pieces: Sequence[Piece], about: str, *, width: int = WIDE, name: str = "evidence") -> Picture | None:
    """Pieces of evidence over time; None where there is none.

    Args:
        pieces: evidence with its source, as `advisor.knowledge` gives it: `id`, `as_of`, `verdict`, and of the
            `source` `kind`, `publisher` and `title`.
        about: what it is evidence of, for the title.
        width: in pixels.
        name: the picture's id.
    """
    if not pieces:
        return None
    beside = width >= BESIDE
    kinds = sorted({piece["source"]["kind"] for piece in pieces}, key=lambda kind: (-_count(pieces, kind), kind))
    legend, top = _legend(sorted({p["verdict"] for p in pieces}, key=list(VERDICTS).index), width)
    label = min(max(shapes.extent(_kind(kind), NAME) for kind in kinds) + 16, width * 0.35) if beside else 0.0
    years = _years(pieces)
    scale = shapes.scaled(years, (label + 16, width - 18))
    rows, marks = _placed(pieces, kinds, scale, top, beside)
    bottom = rows[-1].bottom + 2
    between = [{"x": label, "x2": width, "y": row.bottom, "y2": row.bottom} for row in rows[:-1]]
    layers = [
        *legend,
        *shapes.axis(_ticks(years, width - label), scale, top, bottom),
        shapes.lines(between),
        *_marks(marks),
        shapes.labels(rows),
    ]
    height = ceil(bottom + 24)
    drawn = shapes.chart(width, height, layers)
    return Picture(name, f"Evidence about {about} over time", drawn, _text(pieces, about), width, height)


def _kind(kind: str) -> str:
    return kind.replace("_", " ")


def _count(pieces: Sequence[Piece], kind: str) -> int:
    return sum(piece["source"]["kind"] == kind for piece in pieces)


def _year(day: str) -> float:
    """A day as a year with decimals; a month or a year alone stands for its middle, as it does for its age."""
    year, month, of_month = (*day.split("-"), "", "")[:3]
    found = date(int(year), int(month or 7), int(of_month or (15 if month else 1)))
    return found.year + (found.timetuple().tm_yday - 1) / DAYS


def _years(pieces: Sequence[Piece]) -> tuple[float, float]:
    found = [_year(piece["as_of"]) for piece in pieces]
    first, last = floor(min(found)), ceil(max(found) + 0.02)
    return (last - LEAST_YEARS, last) if last - first < LEAST_YEARS else (first, last)


def _ticks(years: tuple[float, float], room: float) -> list[tuple[float, str]]:
    """Years, with as many of them left out as there is no room for."""
    first, last = int(years[0]), int(years[1])
    step = next(each for each in (1, 2, 5, 10, 20) if (last - first) / each * 44 < room)
    return [(year, str(year)) for year in range(first, last + 1) if (year - last) % step == 0]


def _placed(
    pieces: Sequence[Piece], kinds: Sequence[str], scale: Mapping[str, Any], top: float, beside: bool
) -> tuple[list[Slot], list[_Mark]]:
    """A row for each kind of source, in it a line for each verdict, and the marks on these."""
    (low, high), (left, right) = scale["domain"], scale["range"]
    rows, marks = [], []
    for kind in kinds:
        of_kind = [piece for piece in pieces if piece["source"]["kind"] == kind]
        verdicts = sorted({piece["verdict"] for piece in of_kind}, key=list(VERDICTS).index)
        start = top if beside else top + LINE
        for line, verdict in enumerate(verdicts):
            years = [_year(piece["as_of"]) for piece in of_kind if piece["verdict"] == verdict]
            places = [left + (right - left) * (year - low) / (high - low) for year in years]
            marks += [_Mark(verdict, x, start + ROW * (line + 0.5), count) for x, count in _gathered(places)]
        bottom = start + ROW * len(verdicts)
        rows.append(Slot((_kind(kind),), top, top + (ROW if beside else LINE + 4) / 2, start + ROW / 2, bottom))
        top = bottom
    return rows, marks


def _gathered(places: Sequence[float]) -> list[tuple[float, int]]:
    """Places nearer to each other than `APART`, nearest first, as one at their mean: (place, how many)."""
    found = [(place, 1) for place in sorted(places)]
    while len(found) > 1:
        gap, at = min((found[at + 1][0] - found[at][0], at) for at in range(len(found) - 1))
        if gap >= APART:
            break
        (x, n), (y, m) = found[at : at + 2]
        found[at : at + 2] = [((x * n + y * m) / (n + m), n + m)]
    return [(round(place, 1), count) for place, count in found]


def _marks(marks: Sequence[_Mark]) -> Iterator[Layer]:
    """The signs, larger where they stand for several pieces, whose number is then in them."""
    for verdict, (shape, style, on) in VERDICTS.items():
        of_it = [m for m in marks if m.verdict == verdict]
        rows = [{"x": m.x, "y": m.y, "pieces": m.count, "size": SIZES[m.count > 1]} for m in of_it]
        if rows:
            layer = shapes.signs(rows, shape, **style)
            layer["encoding"]["size"] = {"field": "size", "type": "quantitative", "scale": None}
            yield layer
        said = [{"x": m.x, "y": m.y + 0.5, "text": str(m.count)} for m in of_it if m.count > 1]
        if said:
            yield shapes.texts(said, SMALL, on, align="center", fontWeight="bold")


def _legend(verdicts: Sequence[str], width: float) -> tuple[list[Layer], float]:
    """The verdicts with their signs, in as many lines as they need; where what follows may begin."""
    x, y = 6.0, 8.0
    layers: list[Layer] = []
    words = []
    for verdict in verdicts:
        taken = shapes.extent(verdict, SMALL) + 34
        if x + taken > width and x > 6:
            x, y = 6.0, y + LINE
        shape, style, _ = VERDICTS[verdict]
        layers.append(shapes.signs([{"x": x, "y": y}], shape, size=SIZES[False], **style))
        words.append({"x": x + 10, "y": y, "text": verdict})
        x += taken
    return [*layers, shapes.texts(words, SMALL, SOFT)], y + LINE


def _text(pieces: Sequence[Piece], about: str) -> str:
    days = sorted(piece["as_of"] for piece in pieces)
    count = {verdict: sum(p["verdict"] == verdict for p in pieces) for verdict in VERDICTS}
    verdicts = listed([f"{number} {verdict}" for verdict, number in count.items() if number])
    when = f"of {days[0]}" if days[0] == days[-1] else f"from {days[0]} to {days[-1]}"
    said = [f"{counted(len(pieces), 'piece')} of evidence about {about}, {when}: {verdicts}."]
    for piece in sorted(pieces, key=lambda p: (p["as_of"], p["id"])):
        source = piece["source"]
        kind = f"{source['publisher']}, {_kind(source['kind'])}"
        said.append(f"{piece['as_of']}: {source['title']} ({kind}), {piece['verdict']}.")
    return "\n".join(said)
