"""A picture: a Vega-Lite specification, its text equivalent, and the SVG that is drawn from it.

A specification names its colours by the variables of the pages (`var(--ink)`), so that one drawing serves all: as it
is, it follows the page that it stands in, light or dark; for a file the variables give way to colours. Every length in
it is stated and no text is measured, so that the same specification is the same drawing on every machine.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from rules.accounts import naming

Palette = Literal["light", "dark", "page"]
DRAWN_KEPT = 256
VERSION = "6.4"
SANS = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"

# The variables that pictures use, with the colours that `api/web/static/style.css` gives them.
COLOURS: dict[str, dict[str, str]] = {
    "light": {
        "ink": "#1d2429",
        "soft": "#566069",
        "line": "#dfddd5",
        "field": "#8a9299",
        "card": "#ffffff",
        "accent": "#0f5c63",
        "wash": "#e8f1f0",
        "bar": "#2c8a8f",
        "track": "#e9e7df",
        "warn": "#8a4b00",
        "bad": "#a32020",
    },
    "dark": {
        "ink": "#e6e9ea",
        "soft": "#a3adb3",
        "line": "#323a40",
        "field": "#77828a",
        "card": "#1b2125",
        "accent": "#7fd0cf",
        "wash": "#1d3234",
        "bar": "#4fb3b3",
        "track": "#2d353a",
        "warn": "#f0c07a",
        "bad": "#ff9f95",
    },
}
_VARIABLE = re.compile(r"var\(--([a-z]+)\)")
_SILENT = re.compile(r' (?:role|aria-[a-z]+|pointer-events|class)="[^"]*"| font-family="var\(--sans\)"')
_UNDRAWN = re.compile("[^\\t\\n\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_NOTHING = re.compile(r'<path d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>')


@dataclass(frozen=True, slots=True)
class Picture:
    """What to draw and how to say it.

    `spec` is Vega-Lite, `width` and `height` its size in pixels. `text` says the same in full numbers: a sentence, then
    a line for each thing that is drawn.
    """

    id: str
    title: str
    spec: dict[str, Any]
    text: str
    width: int
    height: int


@cache
def edition() -> str:
    """What a drawing depends on besides what it shows: the code that draws it."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    drawing = hashlib.sha256(b"".join(path.read_bytes() for path in [*sources, Path(naming.__file__)]))
    return f"{drawing.hexdigest()} {version('vl-convert-python')}"


def draw(picture: Picture, palette: Palette = "page") -> str:
    """The picture as SVG.

    Args:
        picture: what to draw.
        palette: "light" and "dark" for a file; "page" for SVG within a page that has the variables of `COLOURS`.
    """
    drawing = _drawn(json.dumps(_printable(picture.spec), sort_keys=True))
    label = escape(_printable(" ".join(f"{picture.title}. {picture.text.partition(chr(10))[0]}".split())))
    size = f'viewBox="0 0 {picture.width} {picture.height}" width="{picture.width}" height="{picture.height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}"'
    if palette == "page":
        return f'{head} font-family="var(--sans)">{drawing}'
    return f'{head} font-family="{SANS}">{_coloured(drawing, COLOURS[palette])}'


def _printable(value: Any) -> Any:
    """The value with a mark in the place of every character that a drawing cannot hold."""
    if isinstance(value, str):
        return _UNDRAWN.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {key: _printable(part) for key, part in value.items()}
    return [_printable(part) for part in value] if isinstance(value, list) else value


def _coloured(drawing: str, colours: dict[str, str]) -> str:
    """The drawing with colours in the place of variables."""
    return _VARIABLE.sub(lambda found: colours[found[1]], drawing)


@lru_cache(DRAWN_KEPT)
def _drawn(spec: str) -> str:
    """The SVG of a specification behind its first tag, without what a picture with one label does not need."""
    import vl_convert  # brings a JavaScript engine with it: start-up time

    found = str(vl_convert.vegalite_to_svg(spec, vl_version=VERSION))
    return _NOTHING.sub("", _SILENT.sub("", found)).partition(">")[2]
