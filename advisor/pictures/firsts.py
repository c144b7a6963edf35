"""What comes first over a portfolio: how many projects for each framework, and for each stage and target."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from advisor.pictures import shapes
from advisor.pictures.picture import Picture
from advisor.pictures.shapes import BESIDE, LINE, NAME, SMALL, SOFT, VALUE, WIDE, Layer, Slot
from rules.accounts.naming import TITLES, Names, counted, listed, number

SHOWN = 10
MOST_GROUPS = 12
COLUMNS, NARROW_COLUMNS = 6, 4  # the last of them may be all others
VALUES = 60  # pixels on the right
TIED = 0.4  # how strong the part of a bar is that stands for ties
DARKEST = 0.55  # a cell with all of its group: numbers on it keep their contrast on light and on dark pages
GAP = 2
NOTHING = "nothing left"

Document = Mapping[str, Any]


def firsts(found: Document, names: Names, *, width: int = WIDE) -> Picture | None:
    """For how many projects each framework comes first, from a summary; None where nothing comes first."""
    first = found["frameworks"][:SHOWN]
    if not first:
        return None
    beside = width >= BESIDE
    called = [names.framework(each["framework"]) for each in first]
    room = min(max(shapes.extent(each, NAME) for each in called) + 20, width * 0.42) if beside else width - VALUES
    said = "Bar: projects for which it comes first; the faint part: no more than tied with others."
    key, top = shapes.paragraph(said, width)
    rows = shapes.slots(called, top, room - 16 if beside else room, beside=beside)
    left = room if beside else 8
    layers = [*key, *_bars(first, rows, left, width - VALUES), _counts(first, rows, width), shapes.labels(rows, x=8)]
    height = ceil(rows[-1].bottom + 8)
    title = f"{TITLES[found['role']]}: what comes first"
    drawn = shapes.chart(width, height, layers)
    return Picture(f"firsts-{found['role']}", title, drawn, _text(found, names), width, height)


def _bars(first: Sequence[Document], rows: Sequence[Slot], left: float, right: float) -> Iterator[Layer]:
    """The bars, the clear part of each before the tied one."""
    scale = (right - left) / max(each["projects"] for each in first)
    clear, tied = [], []
    for each, row in zip(first, rows, strict=True):
        middle, end = left + scale * each["clear"], left + scale * each["projects"]
        height = {"y": row.mark - 7, "y2": row.mark + 7}
        if each["clear"]:
            clear.append({"x": left, "x2": middle, **height})
        if each["clear"] < each["projects"]:
            tied.append({"x": middle, "x2": end, **height})
    yield shapes.boxes(tied, shapes.BAR, opacity=TIED)
    yield shapes.boxes(clear, shapes.BAR)


def _counts(first: Sequence[Document], rows: Sequence[Slot], width: float) -> Layer:
    said = [
        {"x": width - 8, "y": row.mark, "text": number(each["projects"])} for each, row in zip(first, rows, strict=True)
    ]
    return shapes.texts(said, VALUE, align="right", fontWeight="bold")


def _projects(count: int) -> str:
    return f"{number(count)} {'project' if count == 1 else 'projects'}"


def _text(found: Document, names: Names) -> str:
    said = [f"{_projects(found['projects'])} in all; for {number(found['unranked'])} nothing is left."]
    for each in found["frameworks"]:
        said.append(
            f"{names.framework(each['framework'])} comes first for {number(each['projects'])}, clearly for "
            f"{number(each['clear'])}; {number(each['stays'])} depend on it already."
        )
    if len(found["frameworks"]) > SHOWN:
        said.append(f"The last {counted(len(found['frameworks']) - SHOWN, 'framework')} are not drawn.")
    return "\n".join(said)


# --- By the groups of a question -------------------------------------------------------------------------------------


def firsts_by(found: Document, question: str, names: Names, *, width: int = WIDE) -> Picture | None:
    """What comes first in each group of projects that a question makes: a grid of shades, each with its number."""
    groups = sorted(found["by_group"].get(question, {}).items(), key=lambda each: (-sum(each[1].values()), each[0]))
    if not groups:
        return None
    beside = width >= BESIDE
    heads = _heads(groups, COLUMNS if beside else NARROW_COLUMNS)
    label = (
        min(max(shapes.extent(names.says(question, g), NAME) for g, _ in groups) + 16, width * 0.34) if beside else 0
    )
    cell = min((width - label) / len(heads), 110)
    said = "How many projects of each group each comes first for; the shade is the part of the group."
    key, top = shapes.paragraph(said, width)
    broken = [_fitted(_called(head, names), cell - 2) for head in heads]
    top += LINE * max(map(len, broken))
    shown = groups[:MOST_GROUPS]
    rows = shapes.slots([names.says(question, g) for g, _ in shown], top + 6, (label or width) - 8, beside=beside)
    shares = [_shares(counts, heads) for _, counts in shown]
    layers = [*key, _named(broken, label, cell, top), *_cells(shares, rows, label, cell), shapes.labels(rows)]
    height = ceil(rows[-1].bottom + 4)
    title = f"{TITLES[found['role']]}: what comes first, by “{names.question(question).rstrip('?')}”"
    text = _groups_text(groups, question, names)
    identity = f"firsts-{found['role']}-{question}"
    return Picture(identity, title, shapes.chart(width, height, layers), text, width, height)


def _heads(groups: Sequence[tuple[str, Mapping[str, int]]], most: int) -> list[str | None]:
    """The frameworks that come first most often, and None for all others where there are more."""
    total: dict[str, int] = {}
    for _, counts in groups:
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    ordered = sorted(total, key=lambda name: (-total[name], name))
    return [*ordered] if len(ordered) <= most else [*ordered[: most - 1], None]


def _shares(counts: Mapping[str, int], heads: Sequence[str | None]) -> list[tuple[int, float]]:
    """(projects, their part of the group) under each head."""
    whole = sum(counts.values())
    named = [counts.get(head, 0) for head in heads if head is not None]
    found = named if len(named) == len(heads) else [*named, whole - sum(named)]
    return [(count, count / whole) for count in found]


def _called(head: str | None, names: Names) -> str:
    return "all others" if head is None else names.framework(head) if head else NOTHING


def _fitted(text: str, room: float) -> list[str]:
    """The lines of a head; of a word that is wider than its column the beginning."""
    letters = int(room / (SMALL * shapes.CHARACTER))
    lines = shapes.broken(text, room, SMALL)
    return [line if len(line) <= letters else f"{line[: letters - 1]}…" for line in lines]


def _named(broken: Sequence[Sequence[str]], label: float, cell: float, bottom: float) -> Layer:
    said = [
        {"x": label + cell * (at + 0.5) - GAP / 2, "y": bottom - LINE * (len(lines) - line - 0.5), "text": text}
        for at, lines in enumerate(broken)
        for line, text in enumerate(lines)
    ]
    return shapes.texts(said, SMALL, SOFT, align="center")


def _cells(
    shares: Sequence[Sequence[tuple[int, float]]], rows: Sequence[Slot], label: float, cell: float
) -> Iterator[Layer]:
    cells = [
        {"x": label + cell * at, "x2": label + cell * (at + 1) - GAP, "y": row.mark - 13, "y2": row.mark + 13}
        | {"projects": count, "shade": round(0.06 + (DARKEST - 0.06) * share, 4)}
        for each, row in zip(shares, rows, strict=True)
        for at, (count, share) in enumerate(each)
    ]
    layer = shapes.boxes(cells, shapes.BAR, cornerRadius=3)
    layer["encoding"]["fillOpacity"] = {"field": "shade", "type": "quantitative", "scale": None}
    yield layer
    said = [
        {"x": (each["x"] + each["x2"]) / 2, "y": each["y"] + 13, "text": number(each["projects"])}
        for each in cells
        if each["projects"]
    ]
    yield shapes.texts(said, VALUE, align="center")


def _groups_text(groups: Sequence[tuple[str, Mapping[str, int]]], question: str, names: Names) -> str:
    said = [f"What comes first, by “{names.question(question)}”; a project may belong to several groups."]
    for group, counts in groups:
        parts = [f"{_called(name, names)} {number(count)}" for name, count in counts.items()]
        whole = _projects(sum(counts.values()))
        said.append(f"{names.says(question, group)}, {whole}: {listed(parts)}.")
    if len(groups) > MOST_GROUPS:
        said.append(f"The last {counted(len(groups) - MOST_GROUPS, 'group')} are not drawn.")
    return "\n".join(said)
