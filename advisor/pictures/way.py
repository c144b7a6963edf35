"""The stack: the way from the framework over converters and runtimes to each target, with its support.

Ways that begin alike share their beginning, so that what is drawn is a tree. It grows to the right where there is room,
and downwards where there is none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from advisor.pictures import shapes
from advisor.pictures.picture import Picture
from advisor.pictures.shapes import BESIDE, FIELD, LINE, NAME, SMALL, SOFT, WASH, WIDE, Layer
from rules.accounts.naming import Names
from rules.conditions.sentences import LEVELS

FIRST_CLASS = 3
PAD = 10
STEPS_BESIDE = 2  # ways of more steps go downwards: there is no room for what their steps are called
WIDEST, WIDEST_GAP = 170.0, 200.0  # of a column and between two
PLAIN_GAP = 60.0  # between two with nothing written there
INDENT = 26
BOX = 30
DASHES = {3: [1, 0], 2: [7, 4], 1: [2, 4], 0: [2, 4]}

Document = Mapping[str, Any]


@dataclass(slots=True)
class _Node:
    """A framework, runtime or target, and by what it is reached at which level from the one before."""

    name: str
    by: str = ""
    level: int = FIRST_CLASS
    support: int | None = None  # of the whole way, at a target
    children: "list[_Node]" = field(default_factory=list)
    x: float = 0
    y: float = 0
    width: float = 0
    lines: Sequence[str] = ()  # of the name
    above: Sequence[str] = ()  # of by what it is reached
    lift: float = 0  # from the middle of the last of these down to the line
    below: Sequence[str] = ()  # of the support of the whole way

    @property
    def height(self) -> float:
        """The height of its box in pixels."""
        return BOX + LINE * (len(self.lines) - 1)


def stack(document: Document, names: Names, *, width: int = WIDE) -> Picture | None:
    """The way to each target of a decision; None where none is asked for."""
    ways = document["stack"]
    if not ways:
        return None
    roots = _tree(ways, names)
    steps = max(len(way["path"]) for way in ways)
    key, top = shapes.paragraph(_key(ways), width)
    if width >= BESIDE and steps <= STEPS_BESIDE:
        bottom = _to_the_right(roots, steps, width, top)
    else:
        bottom = _downwards(roots, width, top)
    nodes = list(_all(roots))
    layers = [*key, *_edges(nodes), *_boxes(nodes), *_labels(nodes)]
    height = ceil(bottom + 4)
    text = "\n".join(said(way, names) for way in ways)
    return Picture("stack", "The way to each target", shapes.chart(width, height, layers), text, width, height)


def said(way: Document, names: Names) -> str:
    """The way to one target in a sentence, with its support and why it is not another."""
    target = names.framework(way["target"])
    note = f" {way['note']}" if way["note"] else ""
    if not way["path"]:
        return f"{target}: no way is on file.{note}"
    text = names.framework(way["path"][0]["from"])
    for step in way["path"]:
        by = _by(step, names)
        text += f" → {f'({by}) → ' if by else ''}{names.framework(step['to'])}"
    return f"{text}: {LEVELS[way['level']]}.{note}"


def _by(step: Document, names: Names) -> str:
    """By what a step is taken; nothing where a runtime runs the model itself."""
    return "" if step["by"] == names.framework(step["from"]) else str(step["by"])


def _key(ways: Sequence[Document]) -> str:
    levels = sorted({step["level"] for way in ways for step in way["path"]}, reverse=True)
    style = {3: "Full line", 2: "Dashed", 1: "Dotted", 0: "Dotted"}
    return ". ".join(f"{style[level]}: {LEVELS[level]}" for level in levels) + "." if levels else ""


def _tree(ways: Sequence[Document], names: Names) -> list[_Node]:
    roots: list[_Node] = []
    for way in ways:
        if not way["path"]:
            roots.append(_Node(names.framework(way["target"]), support=0))
            continue
        node = _shared(roots, names.framework(way["path"][0]["from"]), "", FIRST_CLASS)
        for step in way["path"]:
            node = _shared(node.children, names.framework(step["to"]), _by(step, names), step["level"])
        node.support = way["level"]
    return roots


def _shared(among: list[_Node], name: str, by: str, level: int) -> _Node:
    """The node of that name, reached so; made where there is none."""
    found = next((node for node in among if (node.name, node.by, node.support) == (name, by, None)), None)
    if found is None:
        found = _Node(name, by, level)
        among.append(found)
    return found


def _all(nodes: Sequence[_Node]) -> Iterator[_Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)


# --- Where everything stands -----------------------------------------------------------------------------------------


def _to_the_right(roots: Sequence[_Node], steps: int, width: float, top: float) -> float:
    """Columns from left to right, targets in the last one; where the drawing ends."""
    columns = _columns(roots, steps)
    gaps = _gaps(roots, steps, width - sum(columns))

    def place(node: _Node, depth: int, y: float) -> float:
        column = steps if node.support is not None else depth
        node.x, node.width = 1 + sum(columns[:column]) + sum(gaps[:column]), columns[column] - 2
        _write(node, node.width, gaps[depth - 1] - 28 if depth else 0)
        too_long = any(shapes.extent(line, SMALL) > gaps[depth - 1] - 24 for line in node.above)
        node.lift = node.height / 2 + 8 if too_long else 9
        above = max(node.height / 2, LINE * len(node.above) + node.lift - 5) + 4
        below = node.height / 2 + LINE * len(node.below) + 7
        if not node.children:
            node.y = y + above
            return node.y + below
        ends = y
        for child in node.children:
            ends = place(child, depth + 1, ends)
        node.y = (node.children[0].y + node.children[-1].y) / 2
        if (lack := y + above - node.y) > 0:  # what stands above its line needs more room than its children take
            _lower([node], lack)
            ends += lack
        return max(ends, node.y + below)

    for root in roots:
        top = place(root, 0, top)
    return top


def _lower(nodes: Sequence[_Node], pixels: float) -> None:
    """Move nodes and all that follows them down."""
    for node in _all(nodes):
        node.y += pixels


def _columns(roots: Sequence[_Node], steps: int) -> list[float]:
    """The width of each column, for the longest name in it."""
    widths = [0.0] * (steps + 1)

    def measure(nodes: Sequence[_Node], depth: int) -> None:
        for node in nodes:
            column = steps if node.support is not None else depth
            widths[column] = max(widths[column], min(shapes.extent(node.name, NAME) + 2 * PAD, WIDEST))
            measure(node.children, depth + 1)

    measure(roots, 0)
    return widths


def _gaps(roots: Sequence[_Node], steps: int, room: float) -> list[float]:
    """The width of each gap between columns: what is left goes to those with something written in them."""
    level, written = list(roots), list[bool]()
    for _ in range(steps):
        level = [child for node in level for child in node.children]
        written.append(any(node.by for node in level))
    rest = room - PLAIN_GAP * written.count(False)
    return [min(rest / written.count(True), WIDEST_GAP) if each else PLAIN_GAP for each in written]


def _write(node: _Node, room: float, before: float) -> None:
    """Break the texts of a node: in its box and below it in a width of `room`, at the line to it in one of `before`."""
    node.lines = shapes.broken(node.name, room - 2 * PAD)
    node.above = shapes.broken(node.by, before, SMALL) if node.by else ()
    if node.support is not None:
        node.below = shapes.broken(LEVELS[node.support] if node.support else "no way on file", room, SMALL)


def _downwards(roots: Sequence[_Node], width: float, top: float) -> float:
    """One below the other, what follows a node set in under it; where the drawing ends."""

    def place(node: _Node, depth: int, y: float) -> float:
        node.x = depth * INDENT + 1
        room = width - node.x - 1
        _write(node, room, room)
        node.width = min(room, max(shapes.extent(line, NAME) for line in node.lines) + 2 * PAD)
        node.lift = node.height / 2 + 8
        y += LINE * len(node.above)
        node.y = y + node.height / 2
        y += node.height + LINE * len(node.below) + 8
        for child in node.children:
            y = place(child, depth + 1, y)
        return y

    for root in roots:
        top = place(root, 0, top)
    return top


# --- What is drawn ---------------------------------------------------------------------------------------------------


def _edges(nodes: Sequence[_Node]) -> Iterator[Layer]:
    for level, dash in DASHES.items():
        found = []
        for parent in nodes:
            for child in (c for c in parent.children if c.level == level):
                found += _elbow(parent, child)
        if found:
            yield shapes.lines(found, FIELD, 1.5, strokeDash=dash)
    heads = [{"x": child.x - 4, "y": child.y} for parent in nodes for child in parent.children]
    yield shapes.signs(heads, "triangle-right", fill=FIELD, size=50)


def _elbow(parent: _Node, child: _Node) -> list[dict[str, float]]:
    """The line from one box to the next, in straight pieces."""
    if child.x >= parent.x + parent.width:
        start, turn = parent.x + parent.width, parent.x + parent.width + 12
        return [
            {"x": start, "x2": turn, "y": parent.y, "y2": parent.y},
            {"x": turn, "x2": turn, "y": parent.y, "y2": child.y},
            {"x": turn, "x2": child.x - 7, "y": child.y, "y2": child.y},
        ]
    turn, below = parent.x + 12, parent.y + parent.height / 2
    return [
        {"x": turn, "x2": turn, "y": below, "y2": child.y},
        {"x": turn, "x2": child.x - 7, "y": child.y, "y2": child.y},
    ]


def _boxes(nodes: Sequence[_Node]) -> list[Layer]:
    """Filled for what one installs, outlined for where it runs."""
    made: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    for node in nodes:
        half = node.height / 2
        made[node.support is None].append(
            {"x": node.x, "x2": node.x + node.width, "y": node.y - half, "y2": node.y + half}
        )
    outlined = {"stroke": FIELD, "strokeWidth": 1, "fillOpacity": 0}
    return [shapes.boxes(made[True], WASH, cornerRadius=6), shapes.boxes(made[False], WASH, cornerRadius=6, **outlined)]


def _labels(nodes: Sequence[_Node]) -> list[Layer]:
    names = [
        {"x": node.x + PAD, "y": node.y + LINE * (at - (len(node.lines) - 1) / 2), "text": line}
        for node in nodes
        for at, line in enumerate(node.lines)
    ]
    small = [
        {"x": node.x + 2, "y": node.y + node.height / 2 + LINE * at + 10, "text": line}
        for node in nodes
        for at, line in enumerate(node.below)
    ]
    for parent in nodes:
        for child in parent.children:
            sideways = child.x >= parent.x + parent.width
            left = parent.x + parent.width + 18 if sideways else child.x
            rows = enumerate(reversed(child.above))
            small += [{"x": left, "y": child.y - child.lift - LINE * at, "text": line} for at, line in rows]
    return [shapes.texts(names), shapes.texts(small, SMALL, SOFT)]
