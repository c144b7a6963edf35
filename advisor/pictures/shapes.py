"""The shapes that pictures are made of, as layers of a Vega-Lite specification, and where texts break.

Positions named `x` and `y` are pixels; `at` and `until` are values on the picture's scale. Widths of texts are taken
from their length, generously, because a reader's font is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

Layer = dict[str, Any]
Row = Mapping[str, Any]

WIDE, NARROW = 640, 336
BESIDE = 480  # from this width on, labels stand beside what they name, below it above
NAME, VALUE, SMALL = 13, 12, 11  # sizes of texts in pixels
LINE = 16  # pixels from line to line of a text
CHARACTER, WIDE_CHARACTER = 0.56, 0.6  # the width of a character as a part of the size of its text

INK, SOFT, GRID, FIELD, ACCENT = "var(--ink)", "var(--soft)", "var(--line)", "var(--field)", "var(--accent)"
BAR, WASH, TRACK, WARN, BAD, CARD = (
    "var(--bar)",
    "var(--wash)",
    "var(--track)",
    "var(--warn)",
    "var(--bad)",
    "var(--card)",
)
MOST_CHARACTERS = 200  # of a label: shaping a text of many rare characters takes long, and the words keep the whole
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one named row of a picture stands: its label's lines, the middle of the first of them, and of its mark."""

    label: tuple[str, ...]
    top: float
    first: float
    mark: float
    bottom: float


def slots(labels: Sequence[str], top: float, room: float, *, beside: bool, least: float = 30) -> list[Slot]:
    """Rows from `top` down, each high enough for its label in a width of `room` pixels, beside its mark or above it."""
    found = []
    for label in labels:
        said = broken(label, room)
        tall = len(said) * LINE
        if beside:
            height = max(least, tall + 10)
            first, mark = top + (height - tall + LINE) / 2, top + height / 2
        else:
            height = tall + 30
            first, mark = top + LINE / 2 + 4, top + tall + 15
        found.append(Slot(tuple(said), top, first, mark, top + height))
        top += height
    return found


def labels(rows: Sequence[Slot], x: float = 0, size: int = NAME, colour: str = INK) -> Layer:
    """The labels of rows."""
    said = [(row.first + LINE * at, line) for row in rows for at, line in enumerate(row.label)]
    return texts([{"x": x, "y": y, "text": line} for y, line in said], size, colour)


def paragraph(text: str, width: float) -> tuple[list[Layer], float]:
    """(a small text at the top of a picture, where what follows may begin)."""
    said = broken(text, width, SMALL)
    rows = [{"x": 0, "y": LINE * at + 8, "text": line} for at, line in enumerate(said)]
    return [texts(rows, SMALL, SOFT)], len(said) * LINE + 8


def chart(width: int, height: int, layers: Sequence[Layer]) -> dict[str, Any]:
    """A specification of exactly this size."""
    return {
        "$schema": _SCHEMA,
        "width": width,
        "height": height,
        "autosize": "none",
        "padding": 0,
        "background": None,
        "view": {"stroke": None, "fill": None},
        "config": {"font": "var(--sans)", "aria": False},
        "layer": list(layers),
    }


def broken(text: str, width: float, size: int = NAME) -> list[str]:
    """The lines of a text that fit a width in pixels, at least one; of a very long text its beginning."""
    letters = max(8, int(width / (size * CHARACTER)))
    return wrap(clipped(text), letters, break_long_words=False, break_on_hyphens=False) or [""]


def clipped(text: str) -> str:
    """A text as it may stand in a drawing: a very long one ends in an ellipsis."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1].rstrip()}…"


def extent(text: str, size: int) -> float:
    """About how many pixels a text takes, rather more than less."""
    return (len(text) + 1) * size * WIDE_CHARACTER


def scaled(domain: tuple[float, float], pixels: tuple[float, float]) -> dict[str, Any]:
    """A scale from values to pixels."""
    return {"domain": list(domain), "range": list(pixels), "nice": False, "zero": False, "clamp": False}


def texts(rows: Sequence[Row], size: int = NAME, colour: str = INK, **mark: object) -> Layer:
    """Texts that begin at (`x`, `y`), with `align` in the mark end or are centred there."""
    style = {"type": "text", "fontSize": size, "fill": colour, "align": "left", "baseline": "middle"}
    return _layer(rows, {**style, **mark}, {"x": _pixels("x"), "y": _pixels("y"), "text": {"field": "text"}})


def lines(rows: Sequence[Row], colour: str = GRID, thick: float = 1, **mark: object) -> Layer:
    """Lines from (`x`, `y`) to (`x2`, `y2`)."""
    places = {key: _pixels(key) for key in ("x", "y")} | {key: {"field": key} for key in ("x2", "y2")}
    return _layer(rows, {"type": "rule", "stroke": colour, "strokeWidth": thick, **mark}, places)


def boxes(rows: Sequence[Row], colour: str = WASH, **mark: object) -> Layer:
    """Filled boxes with corners (`x`, `y`) and (`x2`, `y2`)."""
    places = {key: _pixels(key) for key in ("x", "y")} | {key: {"field": key} for key in ("x2", "y2")}
    return _layer(rows, {"type": "rect", "fill": colour, **mark}, places)


def spans(rows: Sequence[Row], scale: Mapping[str, object], colour: str = BAR, thick: float = 2) -> Layer:
    """Lines from `at` to `until` on the scale, at the height `y`."""
    places = {"x": _value("at", scale), "x2": {"field": "until"}, "y": _pixels("y")}
    return _layer(rows, {"type": "rule", "stroke": colour, "strokeWidth": thick, "strokeCap": "round"}, places)


def bars(rows: Sequence[Row], scale: Mapping[str, object], colour: str = BAR, thick: float = 14) -> Layer:
    """Bars from `at` to `until` on the scale, about the height `y`."""
    places = {"x": _value("at", scale), "x2": {"field": "until"}, "y": _pixels("y")}
    return _layer(rows, {"type": "bar", "fill": colour, "height": thick, "orient": "horizontal"}, places)


def points(rows: Sequence[Row], scale: Mapping[str, object], shape: str = "circle", **mark: object) -> Layer:
    """Marks of `shape` at `at` on the scale, at the height `y`."""
    style = {"type": "point", "shape": shape, "filled": True, "size": 80, "fill": BAR, "opacity": 1}
    return _layer(rows, {**style, **mark}, {"x": _value("at", scale), "y": _pixels("y")})


def uprights(rows: Sequence[Row], scale: Mapping[str, object], colour: str = GRID) -> Layer:
    """Lines up and down at `at` on the scale, from the height `y` to `y2`."""
    places = {"x": _value("at", scale), "y": _pixels("y"), "y2": {"field": "y2"}}
    return _layer(rows, {"type": "rule", "stroke": colour, "strokeWidth": 1}, places)


def numbers(rows: Sequence[Row], scale: Mapping[str, object], size: int = VALUE, **mark: object) -> Layer:
    """Texts at `at` on the scale, at the height `y`."""
    style = {"type": "text", "fontSize": size, "fill": INK, "align": "left", "baseline": "middle"}
    places = {"x": _value("at", scale), "y": _pixels("y"), "text": {"field": "text"}}
    return _layer(rows, {**style, **mark}, places)


def signs(rows: Sequence[Row], shape: str = "circle", **mark: object) -> Layer:
    """Marks of `shape` at (`x`, `y`)."""
    style = {"type": "point", "shape": shape, "filled": True, "size": 80, "fill": BAR, "opacity": 1}
    return _layer(rows, {**style, **mark}, {"x": _pixels("x"), "y": _pixels("y")})


def axis(ticks: Sequence[tuple[float, str]], place: Mapping[str, Any], top: float, bottom: float) -> list[Layer]:
    """Quiet lines up from a scale's ticks, with their labels below; `place` is the scale that they stand on."""
    (low, high), (left, right) = place["domain"], place["range"]
    marks = [(left + (right - left) * (value - low) / (high - low), said) for value, said in ticks]
    grid = [{"x": x, "x2": x, "y": top, "y2": bottom} for x, _ in marks]
    below = [{"x": x, "y": bottom + 12, "text": said} for x, said in marks]
    return [lines(grid), texts(below, SMALL, SOFT, align="center")]


def _pixels(field: str) -> dict[str, object]:
    return {"field": field, "type": "quantitative", "scale": None}


def _value(field: str, scale: Mapping[str, object]) -> dict[str, object]:
    return {"field": field, "type": "quantitative", "scale": dict(scale), "axis": None}


def _layer(rows: Sequence[Row], mark: Mapping[str, object], encoding: Mapping[str, object]) -> Layer:
    return {"data": {"values": [dict(row) for row in rows]}, "mark": dict(mark), "encoding": dict(encoding)}
