"""Who comes first, in many projects at once: in completions of one project, in the project as it is, and with each
single answer that could be given next. All of them are the rows of one sheet and judged together (`rules.batch`).

Where no runtime is needed, since what comes first runs the model itself on every target (`rules.sparing`), none comes
first. Where it does and a rule speaks for a runtime all the same, that is level with doing without. Of those that
cannot be told apart from the first, the first alone is asked whether it runs the model.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules import batch, calling, changes, sparing
from rules.compiled import ROLES, Release
from rules.conditions import Node, column_parts, columns
from rules.conditions.columns import Bools, Sheet
from rules.level import level
from rules.requirements import Answer, can_be_none, possible, within
from rules.sampling import compared_with

SHARED = 0.5  # a role that a greater part of the rows calls for is judged on all of them
UNCALLED, NOBODY = -2, -1  # in the place of the index of a member

Indices = NDArray[np.intp]
Singles = Mapping[str, Sequence[changes.Single]]  # by question


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a project.

    Attributes:
        given: the answers, by question.
        values: the same with what the hardware profile fills in and the facts that it knows.
        declined: the questions answered with "don't know".
        roles: the roles asked for; empty for those that the answers call for.
    """

    given: Mapping[str, Answer]
    values: Mapping[str, object]
    declined: frozenset[str]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Firsts:
    """By role and row: who comes `first`; and in `better` the same, but that who is first in row `at` stands for the
    first of every row that it is level with. So `better` differs from row `at` where something is better than what is
    first there, by more than a tie.
    """

    at: int
    first: Mapping[str, Indices]
    better: Mapping[str, Indices]


def singles(release: Release, known: Known) -> Singles:
    """Every single answer to each open question that anything looks at, and that contradicts nothing.

    Numbers are one in each interval that conditions, of whatever role, tell apart; of a list, none of its options is an
    answer too.
    """
    found: dict[str, dict[changes.Single, None]] = {}
    asked, bounds = release.questionnaire, compared_with(release)
    for role in known.roles or ROLES:
        for single in changes.singles(release, release.roles[role], known.values):
            if single[0] not in known.values and single[0] not in known.declined:
                found.setdefault(single[0], {})[single] = None
    for name in found:
        if release.names[name].sort == "number":
            numbers = sorted(within(asked.questions[name], n) for n in changes.representatives(bounds[name]))
            found[name] = dict.fromkeys((name, number) for number in numbers)
        elif can_be_none(asked.questions[name]):
            found[name][name, ()] = None
    return {q: [s for s in each if possible(known.given, q, s[1], asked)] for q, each in found.items()}


def judge(release: Release, known: Known, drawn: Sheet, tried: Singles) -> Firsts:
    """Of the completions `drawn`, of the project as it is, and of each single answer, one below the other."""
    changed = [{}, *({question: after} for each in tried.values() for question, after in each)]
    sheet, at = _below(release, drawn, batch.varied(release, known.values, changed)), drawn.rows
    asked = dict(_called(release, sheet, known.roles))
    found = {role: _first(release, role, sheet, called, at) for role, called in asked.items()}
    first, better = ({role: each[which] for role, each in found.items()} for which in (0, 1))
    able, spared = _spared(release, sheet, asked, first)
    first["runtime"] = np.where(spared, UNCALLED, first["runtime"])
    if able[at]:  # with and without a runtime are level
        better["runtime"] = np.where(able if spared[at] else spared, first["runtime"][at], better["runtime"])
    else:
        better["runtime"] = np.where(spared, UNCALLED, better["runtime"])
    return Firsts(at, first, better)


def first_places(release: Release, sheet: Sheet, roles: Collection[str] = ()) -> Mapping[str, Indices]:
    """By role, the index of the member that comes first in each row: `NOBODY` where none is left, `UNCALLED` where the
    role is not called for (by the answers, or by `roles` where there are any).
    """
    asked = dict(_called(release, sheet, roles))
    first = {role: _first(release, role, sheet, called, 0)[0] for role, called in asked.items()}
    _, spared = _spared(release, sheet, asked, first)
    return {**first, "runtime": np.where(spared, UNCALLED, first["runtime"])}


def _spared(
    release: Release, sheet: Sheet, called: Mapping[str, Bools], first: Mapping[str, Indices]
) -> tuple[Bools, Bools]:
    """(N,) where the model runs without a runtime, and where none is needed."""
    if not called["runtime"].any():
        return called["runtime"], called["runtime"]
    conditions = batch.plan(release).conditions

    def truth(node: Node) -> tuple[Bools, Bools]:
        said = conditions.compile(node)(sheet)
        return said == columns.TRUE, said == columns.FALSE

    leads = {
        name: [places == member for member in range(len(release.roles[name].members))] for name, places in first.items()
    }
    look = sparing.Look(
        calling.Columns(sheet),
        truth,
        called,
        leads,
        list(batch.serving(release, sheet).T),
        np.ones(sheet.rows, dtype=np.bool_),
    )
    alone = sparing.find(release, look)
    able = sparing.everywhere(look, alone)
    return able, able & alone.quiet


def _called(release: Release, sheet: Sheet, roles: Collection[str]) -> Iterable[tuple[str, Bools]]:
    called = calling.roles_called_in(sheet, release)
    return ((role, np.full(sheet.rows, role in roles) if roles else called[role]) for role in ROLES)


def _below(release: Release, upper: Sheet, lower: Sheet) -> Sheet:
    """Two sheets of projects as one; what only one of them knows is unknown in the other."""
    names = {**upper.columns, **lower.columns}
    unknown = {name: columns.column(release.names[name], [None]) for name in names}

    def of(sheet: Sheet, name: str) -> columns.Column:
        return sheet.columns.get(name) or unknown[name].take(np.zeros(sheet.rows, dtype=np.intp))

    joined = {name: column_parts.join([of(upper, name), of(lower, name)]) for name in names}
    return Sheet(upper.rows + lower.rows, joined)


def _first(release: Release, role: str, sheet: Sheet, called: Bools, at: int) -> tuple[Indices, Indices]:
    """((N,) who comes first in a role; the same with the first of row `at` where that is level with it)."""
    first = np.full(sheet.rows, UNCALLED, dtype=np.intp)
    rows = np.flatnonzero(called)
    if not len(rows):
        return first, first
    apart = len(rows) <= SHARED * sheet.rows
    judged = np.flatnonzero(called) if apart else np.arange(sheet.rows)
    part = Sheet(len(rows), {n: c.take(rows) for n, c in sheet.columns.items()}) if apart else sheet
    board = batch.board(release, role, part, keep=True)
    places = board.first()
    first[rows] = places if apart else places[rows]
    better, now = first.copy(), int(first[at])
    if now >= 0:
        held = np.zeros(sheet.rows, dtype=np.bool_)
        held[judged] = level(release, role, board, places, now)
        better[held & called] = now
    return first, better
