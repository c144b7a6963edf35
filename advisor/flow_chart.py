"""The rule of thumb as a flow chart in SVG, and the same as a nested list for those who do not see it.

A question stands at the left of what it decides: yes leads to the right, no leads down. So no line crosses another, and
a long "no, no, no" reads as a list. No text is measured: widths are taken from the number of characters, generously.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from textwrap import shorten, wrap
from typing import Literal

from learning.tree import Leaf, Node, Split, Tree, ending

Palette = Literal["page", "file", "light", "dark"]

WIDTH, GAP, ROW = 224, 44, 84  # of a box, between columns, from row to row, in pixels
HEIGHT, LINE = 66, 16
LETTERS, SMALL_LETTERS = 28, 32  # of a line of text in a box
TEXT, SMALL = 13, 11.5
EDGE = 8

# The variables of the pages, with the colours that they have there.
LIGHT = {"ink": "#1d2429", "soft": "#566069", "line": "#dfddd5", "field": "#8a9299", "card": "#ffffff"}
LIGHT |= {"accent": "#0f5c63", "wash": "#e8f1f0", "bar": "#2c8a8f", "track": "#e9e7df"}
DARK = {"ink": "#e6e9ea", "soft": "#a3adb3", "line": "#323a40", "field": "#77828a", "card": "#1b2125"}
DARK |= {"accent": "#7fd0cf", "wash": "#1d3234", "bar": "#4fb3b3", "track": "#2d353a"}
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class _Placed:
    node: Node
    column: int
    row: int


def draw(tree: Tree, names: Mapping[str, str], title: str, palette: Palette = "page") -> str:
    """The chart as SVG.

    Args:
        tree: what to draw.
        names: the alternatives' names by id.
        title: what the chart is called by those who read it out.
        palette: "page" within a page that has the variables of `LIGHT`; "light" and "dark" with their colours; "file"
            for a file that follows the light or dark of whoever looks at it.
    """
    placed = list(_placed(tree.root, 0, 0))
    width = 2 * EDGE + (max(p.column for p in placed) + 1) * (WIDTH + GAP) - GAP
    height = 2 * EDGE + max(p.row for p in placed) * ROW + HEIGHT
    parts = [part for p in placed for part in (*_lines(p), *_box(p, names))]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}" font-family="{FONT}" font-size="{TEXT}">'
    )
    style = {"page": "", "file": _style(LIGHT, DARK), "light": _style(LIGHT), "dark": _style(DARK)}[palette]
    ground = "" if palette == "page" else f'<rect width="{width}" height="{height}" fill="var(--card)"/>'
    return "\n".join([head, *(part for part in (style, ground, *parts) if part), "</svg>\n"])


def _style(colours: Mapping[str, str], in_the_dark: Mapping[str, str] | None = None) -> str:
    def said(of: Mapping[str, str]) -> str:
        return "svg{" + ";".join(f"--{name}:{value}" for name, value in of.items()) + "}"

    dark = f"@media(prefers-color-scheme:dark){{{said(in_the_dark)}}}" if in_the_dark else ""
    return f"<style>{said(colours)}{dark}</style>"


# --- Places ----------------------------------------------------------------------------------------------------------


def _placed(node: Node, column: int, row: int) -> Iterator[_Placed]:
    """Every node with its place: what yes leads to beside its question, what no leads to below all of that."""
    yield _Placed(node, column, row)
    if isinstance(node, Split):
        yield from _placed(node.yes, column + 1, row)
        yield from _placed(node.no, column, row + _rows(node.yes))


def _rows(node: Node) -> int:
    return _rows(node.yes) + _rows(node.no) if isinstance(node, Split) else 1


def _at(placed: _Placed) -> tuple[float, float]:
    """The upper left corner of a box."""
    return EDGE + placed.column * (WIDTH + GAP), EDGE + placed.row * ROW


# --- Shapes ----------------------------------------------------------------------------------------------------------


def _lines(placed: _Placed) -> Iterator[str]:
    """The two lines from a question."""
    if isinstance(placed.node, Leaf):
        return
    x, y = _at(placed)
    right, middle = x + WIDTH, y + HEIGHT / 2
    yield _arrow(right, middle, right + GAP, middle)
    yield _text("yes", right + GAP / 2 - 3, middle - 5, size=SMALL, colour="soft", anchor="middle")
    down, bottom = x + 24, y + HEIGHT
    until = bottom + _rows(placed.node.yes) * ROW - HEIGHT
    yield _arrow(down, bottom, down, until)
    yield _text("no", down + 7, bottom + 13, size=SMALL, colour="soft")


def _arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    tip = f"M{to_x - 6:g} {to_y - 4:g}l6 4l-6 4" if to_x > x else f"M{to_x - 4:g} {to_y - 6:g}l4 6l4 -6"
    return f'<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}{tip}" fill="none" stroke="var(--field)" stroke-width="1.5"/>'


def _box(placed: _Placed, names: Mapping[str, str]) -> Iterator[str]:
    x, y = _at(placed)
    node = placed.node
    if isinstance(node, Split):
        yield _rect(x, y, WIDTH, HEIGHT, "wash", "line", 14)
        said = wrap(node.asks.text, LETTERS)
        top = y + (HEIGHT - LINE * len(said)) / 2 + LINE - 4
        for number, line in enumerate(said):
            yield _text(line, x + 12, top + number * LINE)
        return
    yield _rect(x, y, WIDTH, HEIGHT, "card", "accent", 3)
    name = shorten(names.get(node.framework, node.framework), LETTERS, placeholder=" …")
    yield _text(name, x + 12, y + 21, bold=True, colour="accent")
    yield _text(f"engine agrees for {node.share:.0%} of {node.count:,}", x + 12, y + 38, size=SMALL)
    other = node.next_framework
    if other:
        behind = shorten(f"else {names.get(other, other)}", SMALL_LETTERS, placeholder=" …")
        yield _text(behind, x + 12, y + 53, size=SMALL, colour="soft")
    yield _rect(x + 1, y + HEIGHT - 6, WIDTH - 2, 5, "track")
    yield _rect(x + 1, y + HEIGHT - 6, (WIDTH - 2) * node.share, 5, "bar")


def _rect(x: float, y: float, width: float, height: float, fill: str, stroke: str = "", radius: float = 0) -> str:
    line = f' stroke="var(--{stroke})"' if stroke else ""
    corner = f' rx="{radius:g}"' if radius else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:.5g}" height="{height:g}"{corner} fill="var(--{fill})"{line}/>'


def _text(
    said: str, x: float, y: float, *, size: float = TEXT, colour: str = "ink", bold: bool = False, anchor: str = ""
) -> str:
    more = "".join(
        [
            f' font-size="{size:g}"' if size != TEXT else "",
            ' font-weight="600"' if bold else "",
            f' text-anchor="{anchor}"' if anchor else "",
        ]
    )
    return f'<text x="{x:g}" y="{y:g}" fill="var(--{colour})"{more}>{escape(said)}</text>'


# --- For those who do not see it -------------------------------------------------------------------------------------


def as_html(node: Node, names: Mapping[str, str]) -> str:
    """The chart as nested lists: each question with what yes and what no leads to."""
    if isinstance(node, Leaf):
        return escape(ending(node, names))
    yes, no = (as_html(child, names) for child in (node.yes, node.no))
    return f"{escape(node.asks.text)}<ul><li>Yes: {yes}</li><li>No: {no}</li></ul>"


def as_markdown(node: Node, names: Mapping[str, str], depth: int = 0) -> Iterator[str]:
    """The same as lines of Markdown."""
    if isinstance(node, Leaf):
        return
    for word, child in (("Yes", node.yes), ("No", node.no)):
        said = child.asks.text if isinstance(child, Split) else ending(child, names)
        yield f"{'  ' * depth}- {word}: {said}"
        yield from as_markdown(child, names, depth + 1)
