"""What a role makes of the projects of a sheet, a few thousand at a time, and the tables that a board looks at.

A portfolio comes as any number of `Projects`, from a file's blocks or from storage; only those that call for the role
are judged. Memory is bound by `AT_ONCE`, not by the length of a block.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from portfolio import scoring
from portfolio.board.table import NONE, Groups, Indices, Table, Units, depends_on, weights_of
from rules import batch
from rules.batch import Board
from rules.calling import roles_called_in
from rules.compiled import Array, Release
from rules.conditions.columns import FALSE, TRUE, Bools, SetColumn, Sheet, TextColumn
from rules.conditions.residual import FAILS, HOLDS, NEVER_KNOWN
from rules.level import variance
from rules.scoring import SUM_DECIMALS

AT_ONCE = 4096
GROUPED_BY = ("stage", "deploy_targets")
GONE = ("archived", "deprecated")  # what their makers gave up

_NORMAL = np.vectorize(NormalDist().cdf, otypes=[np.float64])


@dataclass(frozen=True, slots=True)
class Projects:
    """Some projects: what they are called, their numbers among the data rows from 1, what they answer, and how much
    each counts (None: all alike).
    """

    id: Sequence[str]
    row: Sequence[int]
    sheet: Sheet
    weight: NDArray[np.float64] | None = None

    def take(self, rows: NDArray[np.intp]) -> "Projects":
        """Some of them, by their place."""
        columns = {name: column.take(rows) for name, column in self.sheet.columns.items()}
        places = rows.tolist()
        weight = None if self.weight is None else self.weight[rows]
        sheet = Sheet(len(places), columns)
        return Projects([self.id[at] for at in places], [self.row[at] for at in places], sheet, weight)

    def weights(self) -> Units:
        """(n,) how much each counts, as `Table.weights` says it."""
        return weights_of(self.id, self.weight)


Portfolio = Callable[[], Iterator[Projects]]  # all projects from the beginning, as often as it is called


@dataclass(frozen=True, slots=True)
class Judged:
    """Some projects that call for a role, with what it makes of them. n projects, F members.

    Attributes:
        id: (n,) what they are called, `row` their numbers.
        sheet: their answers.
        board: what the role makes of them, with what they add to grades.
        first: (n,) the member that comes first, `NONE` where none is left.
        weight: (n,) how much each counts; None: all alike.
    """

    id: Sequence[str]
    row: Sequence[int]
    sheet: Sheet
    board: Board
    first: Indices
    weight: NDArray[np.float64] | None

    def weights(self) -> Units:
        """(n,) how much each counts, as `Table.weights` says it."""
        return weights_of(self.id, self.weight)

    def ranked(self) -> Bools:
        """(n, F) whether a member has a place in the ranking."""
        speaks = self.board.strength.sum(axis=1) > 0
        placed: Bools = self.board.open[:, : self.board.score.shape[1]] & speaks[:, None]
        return placed


def judged(release: Release, role: str, projects: Iterator[Projects]) -> Iterator[Judged]:
    """The projects that call for a role, in blocks of at most `AT_ONCE`."""
    for each in projects:
        called = np.flatnonzero(roles_called_in(each.sheet, release)[role])
        for start in range(0, len(called), AT_ONCE):
            yield judge(release, role, each.take(called[start : start + AT_ONCE]))


def judge(release: Release, role: str, projects: Projects) -> Judged:
    """What a role makes of some projects, whether or not they call for it."""
    board = batch.board(release, role, projects.sheet, keep=True)
    return Judged(projects.id, projects.row, projects.sheet, board, board.first(), projects.weight)


def tables(release: Release, role: str, portfolio: Portfolio) -> Iterator[Table]:
    """The tables of a portfolio for one role."""
    members = release.roles[role].members
    for each in judged(release, role, portfolio()):
        present = dependence(release, role, each)
        yield Table(
            role=role,
            members=members,
            id=each.id,
            row=each.row,
            score=scores(each),
            first=each.first,
            present=present,
            weight=each.weight,
            sure=sureness(release, role, each),
            needless=needless(release, each.sheet) if role == "runtime" else None,
            groups=groups(each.sheet),
        )


def scores(each: Judged) -> NDArray[np.float32]:
    """(n, F) the scores of those that have a place in the ranking, NaN for the others."""
    found: NDArray[np.float32] = np.where(each.ranked(), each.board.score, np.nan).astype(np.float32)
    return found


def dependence(release: Release, role: str, each: Judged) -> Indices:
    """(n,) the member that the present code depends on; see `portfolio.board.table.depends_on`."""
    return depends_on(scores(each), using(each.sheet, release.roles[role].members))


def using(sheet: Sheet, members: Sequence[str]) -> Bools:
    """(n, F) which members the present code depends on."""
    code = sheet.columns.get("existing_code")
    if not isinstance(code, SetColumn) or not members:
        return np.zeros((sheet.rows, len(members)), dtype=np.bool_)
    return np.stack([code.holds(member) for member in members], axis=1)


def sureness(release: Release, role: str, each: Judged) -> Array:
    """(n,) probability that the first beats the second: 1 where only one is left, NaN where none is."""
    left = each.ranked()
    found = np.where(left.any(axis=1), 1.0, np.nan)
    rows = np.flatnonzero(left.sum(axis=1) > 1)
    ranked = np.where(left, np.round(each.board.score, SUM_DECIMALS), -1.0)[rows]
    ranked[np.arange(len(rows)), each.first[rows]] = -1.0
    second = ranked.argmax(axis=1)
    found[rows] = beats(release, role, each, rows, each.first[rows], second)[0]
    return found


def beats(
    release: Release, role: str, each: Judged, rows: Indices, one: Indices, other: Indices
) -> tuple[Array, Array, Array]:
    """((n,) probability that `one` beats `other` in some rows, their gap, its standard deviation).

    The closed form of `rules.confidence.beats`, of which `rules.level.variance` is the same over columns.
    """
    score = each.board.score
    gap = np.round(score[rows, one] - score[rows, other], SUM_DECIMALS)
    spread = np.sqrt(variance(release, role, each.board, rows, one, other))
    certain = np.where(gap > 0, 1.0, np.where(gap < 0, 0.0, 0.5))
    drawn = _NORMAL(gap / np.where(spread > 0, spread, 1.0)) if len(rows) else certain
    return np.where(spread > 0, drawn, certain), gap, spread


def needless(release: Release, sheet: Sheet) -> Bools | None:
    """(n,) whether projects reach every target without a runtime. All roles are scored, for what leads them decides."""
    return scoring.score(scoring.ready(release, {}, scoring.Options(top=1)), sheet).needless


def groups(sheet: Sheet) -> Mapping[str, Groups]:
    """The groups that the answers put projects in."""
    found: dict[str, Groups] = {}
    for name in GROUPED_BY:
        said = sheet.columns.get(name)
        if isinstance(said, TextColumn):
            found[name] = Groups(said.texts, said.code[:, None] == np.arange(len(said.texts)))
        elif isinstance(said, SetColumn):
            held = [said.holds(option) for option in said.options]
            found[name] = Groups(said.options, np.stack(held, axis=1) if held else np.zeros((sheet.rows, 0), bool))
    return found


def stopped_by(release: Release, role: str, sheet: Sheet, candidate: str) -> Indices:
    """(n,) the first of the role's gates that excludes a candidate, `NONE` where none does.

    The sheet is one that the role has judged, so that the ways to targets stand on it.
    """
    conditions = batch.plan(release).conditions
    found = np.full(sheet.rows, NONE)
    for index, gate in enumerate(release.roles[role].gates):
        for part in gate.parts if gate.excludes and candidate not in gate.waivers else ():
            if candidate not in part.alternatives or part.node is NEVER_KNOWN or part.node is HOLDS:
                continue
            fails = np.ones(sheet.rows, dtype=np.bool_)
            if part.node is not FAILS:
                fails = conditions.compile(part.node)(sheet) == FALSE
            if gate.when is not None:
                fails = fails & (conditions.compile(gate.when.node)(sheet) == TRUE)
            found[fails & (found == NONE)] = index
    return found
