"""A release made ready for bits and the compiled kernel: its conditions, whom each gate stops, the kernel's arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from portfolio.kernel_records import Fixed
from portfolio.levels import LEVELS
from portfolio.planes import Program, program
from portfolio.tables import Table, tables
from rules import batch
from rules.compiled import ROLES, Release
from rules.conditions.residual import FAILS, HOLDS, NEVER_KNOWN

RELEASES_KEPT = 8
PRIORITIES = "priorities"


@dataclass(frozen=True, slots=True, eq=False)
class Guards:
    """The parts of a role's gates that may stop somebody: when (-1: always), what is required (-1: fails), whom."""

    when: tuple[int, ...]
    requires: tuple[int, ...]
    gates: NDArray[np.int16]
    start: NDArray[np.int64]
    candidates: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RoleProgram:
    """One role: its table, the numbers of its rules' conditions (-1: always), its guards, and the kernel's arrays."""

    table: Table
    rules: tuple[int, ...]
    guards: Guards
    fixed: Fixed


@lru_cache(maxsize=RELEASES_KEPT)
def programs(release: Release) -> Mapping[str, RoleProgram]:
    """By role."""
    made, known = program(release), tables(release)
    return {name: _role_program(release, made, known[name]) for name in ROLES}


def _role_program(release: Release, made: Program, table: Table) -> RoleProgram:
    rules = tuple(made.compile(rule.when.node) if rule.when else -1 for rule in table.role.rules)
    return RoleProgram(table, rules, _guards(made, table), _fixed(release, table))


def _guards(made: Program, table: Table) -> Guards:
    when, requires, gates, start = [], [], [], [0]
    candidates: list[int] = []
    for index, gate in enumerate(table.role.gates):
        concerned = made.compile(gate.when.node) if gate.when else -1
        for part in gate.parts if gate.excludes else ():
            stops = [k for k, c in enumerate(table.candidates) if c in part.alternatives and c not in gate.waivers]
            if stops and part.node is not NEVER_KNOWN and part.node is not HOLDS:
                when.append(concerned)
                requires.append(-1 if part.node is FAILS else made.compile(part.node))
                gates.append(index)
                candidates += stops
                start.append(len(candidates))
    return Guards(
        tuple(when),
        tuple(requires),
        np.array(gates, dtype=np.int16),
        np.array(start, dtype=np.int64),
        np.array(candidates, dtype=np.int64),
    )


def _fixed(release: Release, table: Table) -> Fixed:
    role = table.role
    options = options_of(release, PRIORITIES)
    rule, column = np.nonzero(role.weight)
    path = np.full(len(role.criteria), -1, dtype=np.int64)
    for index, each in enumerate(table.paths):
        path[each.column] = index
    names = release.questionnaire.alternatives
    kin = [[release.kinship.get((member, option), 0.0) for member in role.members] for option in names]
    on_ways = np.zeros(len(role.rules), dtype=np.bool_)
    on_ways[list(table.path_rules)] = True
    return Fixed(
        strength=np.array([each.strength for each in role.rules], dtype=np.float64),
        total=role.total,
        ranked=np.array([options.index(r.rank_of) if r.rank_of in options else -1 for r in role.rules], dtype=np.int64),
        centroid=batch.centroids(len(options)),
        opinion=role.opinion,
        start=np.searchsorted(rule, np.arange(len(role.rules) + 1)).astype(np.int64),
        column=column.astype(np.int64),
        weight=role.weight[rule, column],
        grade=role.grade,
        spread=np.ascontiguousarray(table.spread),
        lean=np.array([a.lean for a in table.affinities]).reshape(len(table.affinities), len(role.rules)),
        kin=np.array(kin, dtype=np.float64).reshape(len(names), len(role.members)),
        path=path,
        graded=np.array([p.graded for p in table.paths], dtype=np.float64).reshape(len(table.paths), LEVELS),
        on_ways=on_ways,
        by_id=np.argsort(table.by_id).astype(np.int64),
        weight_sd=float(release.confidence["weight_relative_sd"]),
        tie=float(release.confidence["tie_below_win_probability"]),
    )


def options_of(release: Release, name: str) -> tuple[str, ...]:
    """The options of a question, none where it is not asked."""
    return release.names[name].options if name in release.names else ()
