"""Drift: the same projects under two releases: what comes first otherwise, what is excluded otherwise, and why.

Two releases differ in facts, rules and weights (`rules.differences.hybrids`); a release with only some of these from
the later side can be made, and the projects judged by it as well. What a change of a project's first place comes from
is the smallest set of such parts which, swapped alone, brings it about, as `rules.differences.difference` says of one
project. Then it is named: the gate that excludes the former first now, or no longer excludes the new one; otherwise the
criterion where facts moved, or the rule where rules or weights did, that adds most to what the new first gained on the
old one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from portfolio.board import asking
from portfolio.board.asking import Judged, Projects
from portfolio.board.table import NONE
from rules.calling import roles_called_in
from rules.compiled import Array, Release
from rules.conditions.columns import Sheet
from rules.differences import hybrids
from rules.release import compile_release

LISTED = 5
GATE, GRADE, RULE, MEMBER = "gate", "grade", "rule", "member"
NO_RULE = "no rule spoke"

# The projects as a release understands them: the same ones in the same blocks for every release.
Understood = Callable[[Release], Iterator[Projects]]
Groups = frozenset[str]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a first place changed: the smallest set of parts that does it, and what in them does most (kind and id; of a
    gate also the framework that it excludes, or did).
    """

    parts: tuple[str, ...]
    kind: str
    id: str
    excludes: str = ""


@dataclass(slots=True)
class Change:
    """A change from one first place to another ("" for none): how many projects, and some of them, by (id, row)."""

    projects: int = 0
    examples: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Drift:
    """What two releases say of the same projects in a role.

    Attributes:
        role: the role; `projects` how many call for it under both, `parts` in what the releases differ.
        called: how many call for it only before, only after.
        changes: by (before, after, cause).
        exclusions: by (framework, "excluded" or "allowed" now, the gate that does or did it).
    """

    role: str
    parts: tuple[str, ...]
    projects: int = 0
    called: tuple[int, int] = (0, 0)
    changes: dict[tuple[str, str, Cause], Change] = field(default_factory=dict)
    exclusions: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        """How many projects have another first place."""
        return sum(each.projects for each in self.changes.values())


def drift(before: Mapping[str, Any], after: Mapping[str, Any], role: str, understood: Understood) -> Drift:
    """What changed between two release documents for the projects of a portfolio."""
    parts = tuple(part for part in hybrids.PARTS if part in hybrids.differing(before, after))
    releases = {
        frozenset(chosen): compile_release(hybrids.hybrid(before, after, frozenset(chosen)))
        for size in range(len(parts) + 1)
        for chosen in combinations(parts, size)
    }
    found = Drift(role, parts)
    for blocks in zip(*(understood(release) for release in releases.values()), strict=True):
        _block(found, dict(zip(releases, blocks, strict=True)), releases)
    return found


def _block(found: Drift, blocks: Mapping[Groups, Projects], releases: Mapping[Groups, Release]) -> None:
    """Judge a block under every release, a few thousand projects at a time: those that call for the role in both."""
    ends = [frozenset[str](), frozenset(found.parts)]
    called = [roles_called_in(blocks[end].sheet, releases[end])[found.role] for end in ends]
    only = [int((a & ~b).sum()) for a, b in (called, called[::-1])]
    found.called = (found.called[0] + only[0], found.called[1] + only[1])
    both = np.flatnonzero(called[0] & called[1])
    found.projects += len(both)
    for start in range(0, len(both), asking.AT_ONCE):
        rows = both[start : start + asking.AT_ONCE]
        judged = {
            swapped: asking.judge(releases[swapped], found.role, each.take(rows)) for swapped, each in blocks.items()
        }
        _compare(found, judged, releases)


def _compare(found: Drift, judged: Mapping[Groups, Judged], releases: Mapping[Groups, Release]) -> None:
    whole = frozenset(found.parts)
    old, new = releases[frozenset()], releases[whole]
    names = {swapped: _firsts(releases[swapped], found.role, each) for swapped, each in judged.items()}
    was, now = names[frozenset()], names[whole]
    for row in np.flatnonzero(was != now).tolist():
        parts = _smallest(found.parts, {swapped: named[row] for swapped, named in names.items()})
        sides = ((old, judged[frozenset()]), (new, judged[whole]))
        cause = Cause(parts, *_named(found.role, parts, sides, row, str(was[row]), str(now[row])))
        change = found.changes.setdefault((str(was[row]), str(now[row]), cause), Change())
        change.projects += 1
        if len(change.examples) < LISTED:
            change.examples.append((judged[whole].id[row], judged[whole].row[row]))
    _exclusions(found, (old, judged[frozenset()]), (new, judged[whole]))


def _firsts(release: Release, role: str, each: Judged) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """(n,) who comes first, by name; "" for nobody."""
    names = np.array([*release.roles[role].members, ""], dtype=object)
    found: np.ndarray[tuple[int], np.dtype[np.object_]] = names[each.first]  # NONE is the last
    return found


def _smallest(parts: Sequence[str], first: Mapping[Groups, str]) -> tuple[str, ...]:
    """The smallest set of parts which, swapped alone, bring about what comes first in the end."""
    wanted = first[frozenset(parts)]
    sets = (chosen for size in range(1, len(parts) + 1) for chosen in combinations(parts, size))
    return next(chosen for chosen in sets if first[frozenset(chosen)] == wanted)


Side = tuple[Release, Judged]


def _named(
    role: str, parts: Sequence[str], sides: tuple[Side, Side], row: int, was: str, now: str
) -> tuple[str, str] | tuple[str, str, str]:
    """(the kind of what made the difference, its id, and of a gate what it excludes)."""
    (old, before), (new, after) = sides
    for release, each, name in ((new, after, was), (old, before, now)):
        if name and name not in release.roles[role].members:
            return MEMBER, name
        gate = _gate(release, role, each, row, name) if name else None
        if gate:
            return GATE, gate, name
    if not was or not now:
        return RULE, NO_RULE
    lead = [_contributions(release, role, each, row, now, was) for release, each in sides]
    moved = {key: lead[1].get(key, 0.0) - lead[0].get(key, 0.0) for key in {*lead[0], *lead[1]}}
    kinds = (GRADE,) * ("facts" in parts) + (RULE,) * (set(parts) != {"facts"})
    return max((key for key in moved if key[0] in kinds), key=lambda key: (moved[key], key))


def _gate(release: Release, role: str, each: Judged, row: int, name: str) -> str | None:
    """The gate that excludes a framework for a project."""
    compiled = release.roles[role]
    if each.board.open[row, compiled.members.index(name)]:
        return None
    only = np.array([row])
    sheet = Sheet(1, {n: column.take(only) for n, column in each.sheet.columns.items()})
    return compiled.gates[int(asking.stopped_by(release, role, sheet, name)[0])].id


def _contributions(
    release: Release, role: str, each: Judged, row: int, one: str, other: str
) -> dict[tuple[str, str], float]:
    """What every grade and every rule adds to the lead of one framework over another, in one project."""
    compiled = release.roles[role]
    a, b = compiled.members.index(one), compiled.members.index(other)
    spoken = each.board.strength[row]
    mass = spoken * compiled.total
    whole = mass.sum()
    gap = compiled.grade[a] - compiled.grade[b]
    for column, shift in (each.board.shift or {}).items():
        gap[column] += shift[row, a] - shift[row, b]
    criteria: Array = (spoken @ compiled.weight) / whole * gap
    rules: Array = (compiled.weight @ gap) * spoken / whole
    found = {(GRADE, c.id): float(v) for c, v in zip(compiled.criteria, criteria, strict=True)}
    return found | {(RULE, r.id): float(v) for r, v in zip(compiled.rules, rules, strict=True)}


def _exclusions(found: Drift, before: Side, after: Side) -> None:
    """Count whom gates exclude now or do no longer."""
    (old, was), (new, now) = before, after
    shared = [m for m in old.roles[found.role].members if m in new.roles[found.role].members]
    for name in shared:
        a = was.board.open[:, old.roles[found.role].members.index(name)]
        b = now.board.open[:, new.roles[found.role].members.index(name)]
        for rows, told, release, each in ((a & ~b, "excluded", new, now), (~a & b, "allowed", old, was)):
            if rows.any():
                gates = asking.stopped_by(release, found.role, each.sheet, name)[rows]
                for gate, count in zip(*np.unique(gates[gates != NONE], return_counts=True), strict=True):
                    found.exclusions[name, told, release.roles[found.role].gates[gate].id] += int(count)
