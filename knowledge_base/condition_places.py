"""The faults of a condition in a pack, each shown at the very character of the file where that can be told.

A condition stands in its file quoted, folded or in a block, with blanks around it, and in a gate perhaps with
placeholders that each row fills in otherwise. Where that cannot be followed back exactly, the place is the
condition's key, and the message keeps the position inside the condition.
"""

from collections.abc import Iterator, Mapping

from knowledge_base.pack import Spot
from rules import conditions
from rules.conditions import Kind
from rules.faults import Fault, InvalidInput

NOTHING_FILLED_IN: Mapping[str, str] = {}


def condition_faults(
    spot: Spot,
    field: tuple[str | int, ...],
    source: str | None,
    names: Mapping[str, Kind],
    row: Mapping[str, str] = NOTHING_FILLED_IN,
) -> Iterator[Fault]:
    """Every fault of the condition that stands in a field of an entry; `row` is what filled in its placeholders."""
    if source is None:
        return
    try:
        faults = conditions.check(source, conditions.parse(source), names)
    except InvalidInput as invalid:
        faults = list(invalid.faults)
    for fault in faults:
        at = _place(spot, field, source, fault.path, row)
        if at:
            yield Fault(at, f"{field[-1]}: {fault.value}", fault.expected, fault.nearest)
        else:
            yield Fault(spot.key(*field), f"{field[-1]}, {fault.path}: {fault.value}", fault.expected, fault.nearest)


def _place(spot: Spot, field: tuple[str | int, ...], source: str, path: str, row: Mapping[str, str]) -> str | None:
    written = spot.text(*field)
    blanks = len(written) - len(written.lstrip())
    within = _unfilled(written.strip(), source, _index(source, path), row)
    return None if within is None else spot.character(blanks + within, *field)


def _index(source: str, path: str) -> int:
    """The index of a `line:column` in a text."""
    line, column = (int(part) for part in path.split(":"))
    return sum(len(each) + 1 for each in source.split("\n")[: line - 1]) + column - 1


def _unfilled(template: str, filled: str, index: int, row: Mapping[str, str]) -> int | None:
    """Where in the template the character of the filled text stands; a filled-in value stands at its placeholder."""
    at = seen = 0
    while at < len(template) and seen < len(filled):
        key = next((key for key in row if template.startswith(f"{{{key}}}", at)), None)
        text, step = (row[key], len(key) + 2) if key is not None else (template[at], 1)
        if not filled.startswith(text, seen):
            return None
        if seen <= index < seen + len(text):
            return at
        at, seen = at + step, seen + len(text)
    return at if seen == len(filled) <= index else None
