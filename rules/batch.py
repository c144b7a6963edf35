"""Many projects at once: what gates and rules make of every row of a sheet, role by role.

The same release, the same conditions and the same formula as for one project (`rules.gates`, `rules.scoring`), over
columns. It gives what a ranking is made of; it explains nothing. The variants of one project, every single answer
changed, are the rows of a sheet too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from rules import calling, reach
from rules.compiled import TOP_GRADE, Array, Condition, Gate, Release, Role
from rules.conditions import Values, columns
from rules.conditions.columns import (
    FALSE,
    TRUE,
    WORD_BITS,
    Bools,
    Column,
    Conditions,
    Evaluate,
    NumberColumn,
    SetColumn,
    Sheet,
)
from rules.conditions.residual import FAILS, HOLDS, NEVER_KNOWN, PATH, path_name
from rules.preferences import rank_order_centroid
from rules.scoring import SUM_DECIMALS

RELEASES_PLANNED = 8


@dataclass(frozen=True, slots=True)
class Board:
    """What one role makes of N projects. F graded members, K candidates (members, then others), R rules.

    Attributes:
        strength: (N, R) a_r in [0, 1].
        open: (N, K) whether no gate excludes the candidate.
        score: (N, F) in [0, 1]; 0 where no rule speaks.
        shift: what each project adds to grades, (N, F) by criterion's column, where that is kept.
    """

    strength: Array
    open: Bools
    score: Array
    shift: Mapping[int, Array] | None = None

    def first(self) -> NDArray[np.intp]:
        """(N,) the member that comes first in each row, -1 where no member is left or no rule speaks."""
        members = self.score.shape[1]
        if not members:
            return np.full(len(self.score), -1)
        left = self.open[:, :members] & (self.strength.sum(axis=1) > 0)[:, None]
        ranked = np.where(left, np.round(self.score, SUM_DECIMALS), -1.0)
        return np.where(left.any(axis=1), ranked.argmax(axis=1), -1)


@dataclass(frozen=True, slots=True)
class _Guard:
    """A gate on its way to columns: when it concerns a project, and for which candidates what is required of it."""

    gate: int  # its index among the gates of the role
    when: Evaluate | None
    requires: Evaluate | None  # None: the candidates fail whatever the project answers
    stops: tuple[np.uint64, ...]  # a bit for each candidate that it may stop


@dataclass(frozen=True, slots=True)
class _RolePlan:
    rules: tuple[tuple[int, Evaluate], ...]  # the rules with a condition
    guards: tuple[_Guard, ...]
    candidates: int
    paths: tuple[tuple[int, str], ...]  # criteria derived from a way, with its target
    affinities: tuple[tuple[int, str], ...]


class Plan:
    """A release made ready for columns; made once for a release by `plan`."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.conditions = Conditions(release.names)
        self.roles = {role.name: self._role(role) for role in release.roles.values()}
        self.ways = reach.ways(release)
        asked = (c.questions for role in release.roles.values() for c in _conditions(role))
        near = (question for ready in self.roles.values() for _, question in ready.affinities)
        always = {"deploy_targets", "serving_language", "priorities", *calling.LOOKED_AT}
        self.names = always.union(near, *asked) & release.names.keys()

    def _role(self, role: Role) -> _RolePlan:
        candidates = (*role.members, *role.others)
        guards = [g for i, gate in enumerate(role.gates) if gate.excludes for g in self._guards(i, gate, candidates)]
        return _RolePlan(
            tuple((i, self.conditions.compile(r.when.node)) for i, r in enumerate(role.rules) if r.when),
            tuple(guards),
            len(candidates),
            tuple((i, target) for i, c in enumerate(role.criteria) if (target := reach.target_of(c))),
            tuple((i, c.affinity) for i, c in enumerate(role.criteria) if c.affinity),
        )

    def _guards(self, index: int, gate: Gate, candidates: Sequence[str]) -> Iterable[_Guard]:
        when = self.conditions.compile(gate.when.node) if gate.when else None
        for part in gate.parts:
            if part.node is not NEVER_KNOWN and part.node is not HOLDS:
                requires = None if part.node is FAILS else self.conditions.compile(part.node)
                stops = columns.mask([c in part.alternatives and c not in gate.waivers for c in candidates])
                yield _Guard(index, when, requires, stops)


@lru_cache(maxsize=RELEASES_PLANNED)
def plan(release: Release) -> Plan:
    """The plan of a release, made once."""
    return Plan(release)


def _conditions(role: Role) -> Iterable[Condition]:
    yield from (rule.when for rule in role.rules if rule.when)
    for gate in role.gates:
        yield gate.requires
        if gate.when:
            yield gate.when


# --- Rows ------------------------------------------------------------------------------------------------------------


def varied(
    release: Release,
    values: Values,
    variants: Sequence[Mapping[str, object]],
    offered: Mapping[str, object] = MappingProxyType({}),
) -> Sheet:
    """A sheet with one row for each variant of a project: its values, but for the answers that the variant gives.

    An answer that a variant takes back (None) leaves what the hardware profile `offered`, if anything.
    """
    changed: dict[str, list[tuple[int, object]]] = {}
    for row, variant in enumerate(variants):
        for name, after in variant.items():
            changed.setdefault(name, []).append((row, after))
    made: dict[str, Column] = {}
    for name in plan(release).names:
        base, differing = values.get(name), changed.get(name)
        if base is None and differing is None:
            continue
        distinct: list[object] = [base]
        index = np.zeros(len(variants), dtype=np.intp)
        for row, after in differing or ():
            index[row] = len(distinct)
            distinct.append(offered.get(name) if after is None else after)
        made[name] = columns.column(release.names[name], distinct).take(index)
    return Sheet(len(variants), made)


# --- Roles -----------------------------------------------------------------------------------------------------------


def board(
    release: Release, role: str, sheet: Sheet, weights: Mapping[str, float] | None = None, *, keep: bool = False
) -> Board:
    """What a role makes of the projects of a sheet.

    Args:
        release: the knowledge as published, not as one project sees it.
        role: the role.
        sheet: the projects; ways to targets are added to it.
        weights: what the ranked `priorities` weigh, for rows that rank them in the order of these weights; None: their
            rank-order centroids.
        keep: also keep what the projects add to grades, which takes memory.
    """
    ready = plan(release)
    spoken = strengths(release, role, sheet, weights)
    levels = path_levels(release, role, sheet)
    left = _open(ready.roles[role], sheet)
    shifted = _shifts(ready, release.roles[role], sheet, levels)
    kept = dict(shifted) if keep else None
    found = kept.items() if kept is not None else shifted
    return Board(spoken, left, _scores(release.roles[role], spoken, found), kept)


def strengths(release: Release, name: str, sheet: Sheet, weights: Mapping[str, float] | None = None) -> Array:
    """(N, R) how strongly each rule of a role speaks in each row, in [0, 1]; `weights` as for `board`."""
    role, ready = release.roles[name], plan(release).roles[name]
    strength = np.array([rule.strength for rule in role.rules], dtype=np.float64)
    spoken = np.repeat(strength[:, None], sheet.rows, axis=1)
    if ready.rules:
        spoken[[index for index, _ in ready.rules]] *= np.array([when(sheet) for _, when in ready.rules]) == TRUE
    ranked = [(i, rule.rank_of) for i, rule in enumerate(role.rules) if rule.rank_of]
    if ranked:
        weigh = _priorities(sheet, weights)
        for index, option in ranked:
            spoken[index] *= weigh(option)
    return spoken.T


def _priorities(sheet: Sheet, weights: Mapping[str, float] | None) -> Callable[[str], Array]:
    """(N,) what an option of `priorities` weighs in each row."""
    column = sheet.columns.get("priorities")
    if not isinstance(column, SetColumn) or column.place is None:
        return lambda _: np.zeros(sheet.rows)
    place, options = column.place, column.options
    table = centroids(len(options))
    length = (place >= 0).sum(axis=1)
    ours = np.zeros(sheet.rows, dtype=np.bool_)
    if weights is not None:
        order = list(weights)
        ours = (place == [order.index(o) if o in weights else -1 for o in options]).all(axis=1)

    def weigh(option: str) -> Array:
        if option not in options:
            return np.zeros(sheet.rows)
        found: Array = table[length, place[:, options.index(option)]]
        return np.where(ours, weights.get(option, 0.0), found) if weights is not None else found

    return weigh


@lru_cache(maxsize=8)
def centroids(longest: int) -> Array:
    """[length of a ranking, place in it] -> rank-order centroid; the last column is for what is not in the ranking."""
    table = np.zeros((longest + 1, longest + 1))
    for length in range(1, longest + 1):
        table[length, :length] = rank_order_centroid(length)
    return table


def _open(ready: _RolePlan, sheet: Sheet) -> Bools:
    """(N, K) whether no gate excludes a candidate."""
    if not ready.candidates:
        return np.ones((sheet.rows, 0), dtype=np.bool_)
    stopped = [np.zeros(sheet.rows, dtype=np.uint64) for _ in range(-(-ready.candidates // WORD_BITS))]
    for guard, rows in _stopping(ready, sheet):
        for word, bits in zip(stopped, guard.stops, strict=True):
            word |= bits if rows is None else rows * bits
    return ~columns.bits(stopped, ready.candidates)


def excluding(release: Release, role: str, sheet: Sheet) -> NDArray[np.int16]:
    """(N, K) the index of the first gate of a role that excludes each candidate, -1 where none does.

    The gates of the role `training` look at ways: `path_levels` must have put them on the sheet.
    """
    ready = plan(release).roles[role]
    found = np.full((sheet.rows, ready.candidates), -1, dtype=np.int16)
    for guard, rows in _stopping(ready, sheet):
        stops = columns.bits([np.array([word]) for word in guard.stops], ready.candidates) if guard.stops else None
        if stops is not None:
            fresh = (found < 0) & stops
            found[fresh if rows is None else fresh & rows[:, None]] = guard.gate
    return found


def _stopping(ready: _RolePlan, sheet: Sheet) -> Iterable[tuple[_Guard, Bools | None]]:
    """The guards that stop somebody somewhere, gate by gate, with the rows in which they do; None for every row."""
    concerned: dict[Evaluate, Bools | None] = {}  # None: no row
    for guard in ready.guards:
        rows = None
        if guard.when is not None:
            if guard.when not in concerned:
                applies = guard.when(sheet) == TRUE
                concerned[guard.when] = applies if np.count_nonzero(applies) else None
            rows = concerned[guard.when]
            if rows is None:
                continue
        if guard.requires is not None:
            failing = guard.requires(sheet) == FALSE
            rows = failing if rows is None else failing & rows
        yield guard, rows


def _scores(role: Role, spoken: Array, shifted: Iterable[tuple[int, Array]]) -> Array:
    mass = spoken * role.total
    scores: Array = mass @ role.opinion
    for column, shift in shifted:
        scores += (spoken @ role.weight[:, column])[:, None] * shift
    whole = mass.sum(axis=1, keepdims=True)
    scored: Array = scores / np.where(whole > 0, whole, 1.0)
    return scored


def shifts(release: Release, role: str, sheet: Sheet) -> dict[int, Array]:
    """What a project adds to grades, by criterion's column: (N, F); a column that is missing is graded as published."""
    ready = plan(release)
    return dict(_shifts(ready, release.roles[role], sheet, path_levels(release, role, sheet)))


def _shifts(ready: Plan, role: Role, sheet: Sheet, levels: Array | None) -> Iterable[tuple[int, Array]]:
    planned = ready.roles[role.name]
    for column, question in planned.affinities:
        near = nearness(ready.release, role, sheet, question)
        if near is not None:
            yield column, near
    for column, target in planned.paths if levels is not None else ():
        place = ready.ways.targets.index(target)
        level, published = levels[:, :, place], ready.ways.general[:, place]  # type: ignore[index]
        derived = np.array(role.criteria[column].derived[1]) / TOP_GRADE  # type: ignore[index]
        changed = ~np.isnan(level) & (level != published)  # what is as published, or known no more, is graded as it was
        graded = derived[np.where(changed, level, 0).astype(np.intp)]
        yield column, np.where(changed, graded - role.grade[:, column], 0.0)


def nearness(release: Release, role: Role, sheet: Sheet, question: str) -> Array | None:
    """(N, F) how near each member is to the alternatives that a question names; None where no row names any."""
    column = sheet.columns.get(question)
    if not isinstance(column, SetColumn):
        return None
    near = np.zeros((len(role.members), sheet.rows))
    named = columns.bits([np.bitwise_or.reduce(word, keepdims=True) for word in column.words], len(column.options))
    for option, is_named in zip(column.options, named[0].tolist(), strict=True):
        if not is_named:
            continue
        held = column.holds(option)
        for index, member in enumerate(role.members):
            kin = release.kinship.get((member, option), 0.0)
            if kin:  # most have nothing in common
                np.maximum(near[index], kin * held, out=near[index])
    return near.T


def path_levels(release: Release, role: str, sheet: Sheet) -> Array | None:
    """(N, F, T) the support level of each training framework's way to each target, NaN where not known.

    The conditions of the gates that look at ways find them on the sheet as columns afterwards. Other roles have none.
    """
    ready = plan(release)
    if role != "training" or not release.roles[role].members:
        return None
    runtimes = release.roles["runtime"]
    usable = _open(ready.roles["runtime"], sheet)[:, : len(runtimes.members)]
    wanted = _wanted(sheet, ready.ways.targets)
    patterns, row_of = _distinct(np.hstack((usable, serving(release, sheet))))
    found = ready.ways.levels(patterns[:, : len(runtimes.members)], patterns[:, len(runtimes.members) :])
    levels = np.where(wanted[:, None, :], found[row_of], ready.ways.general)
    complete = not np.isnan(levels).any()
    for row, member in enumerate(release.roles["training"].members):
        for column, target in enumerate(ready.ways.targets):
            sheet.columns[path_name(f"{PATH}{target}", member)] = NumberColumn(levels[:, row, column], complete)
    return levels


def _distinct(rows: Bools) -> tuple[Bools, NDArray[np.intp]]:
    """(the distinct rows; which of them each row is)."""
    packed = np.packbits(rows, axis=1)
    _, first, inverse = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return rows[first], inverse.ravel()


def serving(release: Release, sheet: Sheet) -> Bools:
    """(N, F) whether each training framework can be its own runtime."""
    members = release.roles["training"].members
    able = np.ones((sheet.rows, len(members)), dtype=np.bool_)
    column = sheet.columns.get("serving_language")
    for index, member in enumerate(members if isinstance(column, SetColumn) else ()):
        offered = reach.predicts_in(release.alternatives[member])
        if isinstance(offered, tuple):
            spoken = [column.holds(language) for language in offered]  # type: ignore[union-attr]
            able[:, index] = np.logical_or.reduce([~column.known, *spoken])  # type: ignore[union-attr]
    return able


def _wanted(sheet: Sheet, targets: Sequence[str]) -> Bools:
    column = sheet.columns.get("deploy_targets")
    if not isinstance(column, SetColumn) or not targets:
        return np.zeros((sheet.rows, len(targets)), dtype=np.bool_)
    return np.stack([column.holds(target) for target in targets], axis=1)
