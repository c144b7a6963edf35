"""One role's ranking of many projects, held open: who comes first, and who would if something did not count.

What is made of it is `knowledge_base.survey`'s business.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules import batch
from rules.batch import Board
from rules.compiled import Array, Gate, Release, Role
from rules.conditions.columns import FALSE, TRUE, Bools, Sheet


@dataclass(frozen=True, eq=False)
class Contest:
    """N projects in one role. F members, C criteria, R rules.

    Attributes:
        board: strengths, who is left, and scores.
        fires: (N, R) which rules speak.
        first: (N,) who comes first, -1 where nobody does.
        stops: of every excluding gate the (N, F) members that it stops.
        total: (N, F) the score times the weight of all rules that speak, and (N,) that weight.
        moved: (N, F) what a project adds to the grades, by column.
    """

    role: Role
    board: Board
    fires: Bools
    first: NDArray[np.intp]
    stops: Sequence[tuple[Gate, Bools]]
    total: tuple[Array, Array]
    moved: dict[int, Array]

    def without_rule(self, rule: int) -> int:
        """In how many projects another comes first when a rule does not speak."""
        rows = np.flatnonzero(self.fires[:, rule] & (self.first >= 0))
        role, strength = self.role, self.board.strength[rows, rule]
        opinion = role.weight[rule] @ role.grade.T
        said = np.broadcast_to(opinion, (len(rows), len(opinion))).copy()
        for column, moved in self.moved.items():
            said += role.weight[rule, column] * moved[rows]
        return self._changed(rows, strength[:, None] * said, strength * role.total[rule])

    def without_criterion(self, column: int) -> int:
        """In how many projects another comes first when a criterion does not count."""
        weight = self.board.strength @ self.role.weight[:, column]
        rows = np.flatnonzero((weight > 0) & (self.first >= 0))
        grade = self.role.grade[:, column] + (self.moved[column][rows] if column in self.moved else 0.0)
        return self._changed(rows, weight[rows, None] * grade, weight[rows])

    def _changed(self, rows: NDArray[np.intp], less: Array, lighter: Array) -> int:
        score, whole = self.total
        left = whole[rows] - lighter
        speaks = left > 1e-9 * whole[rows]  # what differences leave of nothing
        rest = np.where(speaks[:, None], (score[rows] - less) / np.where(speaks, left, 1.0)[:, None], 0.0)
        found = Board(speaks[:, None].astype(np.float64), self.board.open[rows], rest).first()
        return int((found != self.first[rows]).sum())

    def best_place(self, member: int) -> tuple[int, float]:
        """(the best rank that a member takes, the least by which it is behind the first), over the projects that it is
        left in.
        """
        rows = np.flatnonzero(self.board.open[:, member] & (self.first >= 0))
        left = self.board.open[rows, : len(self.role.members)]
        score = np.where(left, self.board.score[rows], -np.inf)
        own = score[:, [member]]
        return int((score > own).sum(axis=1).min()) + 1, float((score.max(axis=1) - own[:, 0]).min())


def hold(release: Release, role: Role, sheet: Sheet) -> Contest:
    """The contest of a role's members in the projects of a sheet, which gets the ways to targets as columns."""
    board = batch.board(release, role.name, sheet)
    whole = board.strength @ role.total
    return Contest(
        role=role,
        board=board,
        fires=board.strength > 0,
        first=board.first(),
        stops=[(gate, _stops(release, role, gate, sheet)) for gate in role.gates if gate.excludes],
        total=(board.score * whole[:, None], whole),
        moved=batch.shifts(release, role.name, sheet),
    )


def _stops(release: Release, role: Role, gate: Gate, sheet: Sheet) -> Bools:
    """(N, F) the members that a gate stops."""
    compiled = batch.plan(release).conditions
    concerned = compiled.compile(gate.when.node)(sheet) == TRUE if gate.when else np.ones(sheet.rows, dtype=np.bool_)
    stopped = np.zeros((sheet.rows, len(role.members)), dtype=np.bool_)
    for part in gate.parts:
        members = [i for i, m in enumerate(role.members) if m in part.alternatives and m not in gate.waivers]
        if members:
            failing = compiled.compile(part.node)(sheet) == FALSE
            stopped[:, members] = (concerned & failing)[:, None]
    return stopped
