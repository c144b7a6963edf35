"""A portfolio at a glance: which frameworks come first, how clearly, and for which stages and targets."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from portfolio.board.counting import more
from portfolio.board.table import EXCLUDED, NONE, Indices, Table, Units
from rules.faults import Fault, InvalidInput


@dataclass(slots=True)
class Firsts:
    """The projects that a framework comes first for.

    Attributes:
        projects: how many, `weight` in `WEIGHT_UNITS`.
        clear: of how many it is clear: nothing is tied with it.
        stays: how many depend on it already.
        score: sum of its scores over them in `UNITS`, `margin` of its lead over the second, of those that have one.
        seconds: how many have a second.
    """

    projects: int = 0
    weight: int = 0
    clear: int = 0
    stays: int = 0
    score: int = 0
    margin: int = 0
    seconds: int = 0


@dataclass(slots=True)
class Summary:
    """What comes first in a role, over a portfolio.

    `weight` is what all count in `WEIGHT_UNITS`; `unranked` projects are left without any allowed framework;
    `needless` need nothing of the role (`Table.needless`) and are counted all the same, None: not known; `allowed`
    counts for how many each member is allowed; `by_group` says by question and group which framework comes first
    how often ("" for none).
    """

    role: str
    projects: int = 0
    unranked: int = 0
    weight: int = 0
    needless: int | None = 0
    by_framework: dict[str, Firsts] = field(default_factory=dict)
    allowed: dict[str, int] = field(default_factory=dict)
    by_group: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)


def summary(tables: Iterable[Table], tie_below: float) -> Summary:
    """The summary of a portfolio.

    Args:
        tables: its projects, of one role.
        tie_below: the probability below which the first does not count as better than the second.

    Raises:
        InvalidInput: there is no table.
    """
    found: Summary | None = None
    for table in tables:
        found = found or Summary(table.role)
        _add(found, table, tie_below)
    if found is None:
        raise InvalidInput([Fault("portfolio", "no project", "at least one project that calls for the role")])
    return found


def _add(found: Summary, table: Table, tie_below: float) -> None:
    units, weight = table.units(), table.weights()
    left, first = units != EXCLUDED, table.first
    clear = np.zeros(len(first), dtype=np.bool_)
    if table.sure is not None:
        clear = ~(table.sure < tie_below) & (first != NONE)
    found.projects += len(first)
    found.unranked += int((first == NONE).sum())
    found.weight += int(weight.sum())
    found.needless = more(found.needless, table.needless)
    margin = _margins(units)
    for index, member in enumerate(table.members):
        found.allowed[member] = found.allowed.get(member, 0) + int(left[:, index].sum())
        ours = np.flatnonzero(first == index)
        if len(ours):
            entry = found.by_framework.setdefault(member, Firsts())
            entry.projects += len(ours)
            entry.weight += int(weight[ours].sum())
            entry.clear += int(clear[ours].sum())
            entry.stays += int((table.present[ours] == index).sum())
            entry.score += int(units[ours, index].sum())
            followed = margin[ours] != EXCLUDED
            entry.seconds += int(followed.sum())
            entry.margin += int(margin[ours][followed].sum())
    for question, groups in table.groups.items():
        for place, name in enumerate(groups.names):
            _group(found, question, name, table, first[groups.member[:, place]])


def _group(found: Summary, question: str, name: str, table: Table, first: Indices) -> None:
    if not len(first):
        return
    counted = found.by_group.setdefault(question, {}).setdefault(name, {})
    for index, count in zip(*np.unique(first, return_counts=True), strict=True):
        member = "" if index == NONE else table.members[index]
        counted[member] = counted.get(member, 0) + int(count)


def _margins(units: Units) -> Units:
    """(n,) by how much the best is ahead of the second, `EXCLUDED` where there are no two."""
    if units.shape[1] < 2:
        return np.full(len(units), EXCLUDED, dtype=np.int64)
    two = np.partition(units, -2, axis=1)[:, -2:]
    margin: Units = np.where(two[:, 0] == EXCLUDED, EXCLUDED, two[:, 1] - two[:, 0])
    return margin
