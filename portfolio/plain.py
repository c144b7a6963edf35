"""One role over many projects in NumPy alone: gates, scores, ranking, how sure, and why.

Rules and criteria are added one after another in the order of the release, so that a row comes to the same whatever
stands beside it. `portfolio.kernel` does the same row by row and faster; this is what it is held against.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from portfolio.exact import Sum, rounded
from portfolio.scored import REASONS, Places, RoleScored
from portfolio.spared import Seen, leaders
from portfolio.tables import Table, tables
from rules import batch, calling, reach
from rules.compiled import ROLES, Array, Release
from rules.conditions import Node
from rules.conditions.columns import FALSE, TRUE, Bools, Sheet
from rules.decision import PROBABILITY_DECIMALS

SLICE = 1024  # rows judged at once: what is made of them on the way is R x F numbers for each

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the sheet says of some rows for one role.

    Attributes:
        strength: (n, R) a_r in [0, 1].
        gate: (n, K) see `RoleScored`.
        near: (n, F) for each affinity how near each member is to what is named.
        level: (n, F, T) the support level of each member's way to each target; NaN where it is graded as published.
    """

    strength: Array
    gate: Places
    near: Sequence[Array]
    level: Array | None

    def take(self, rows: Indices) -> "Asked":
        """Some of the rows."""
        level = None if self.level is None else self.level[rows]
        return Asked(self.strength[rows], self.gate[rows], [each[rows] for each in self.near], level)


def ask(release: Release, table: Table, sheet: Sheet) -> Asked:
    """What every row of a sheet says for one role; puts ways on the sheet."""
    name = table.role.name
    level = batch.path_levels(release, name, sheet)
    if level is not None:
        level = np.where(level == reach.ways(release).general, np.nan, level)
    nothing = np.zeros((sheet.rows, len(table.role.members)))
    near = [batch.nearness(release, table.role, sheet, each.question) for each in table.affinities]
    return Asked(
        strength=np.ascontiguousarray(batch.strengths(release, name, sheet)),
        gate=batch.excluding(release, name, sheet),
        near=[nothing if each is None else each for each in near],
        level=level,
    )


def roles(
    release: Release, sheet: Sheet, top: int, *, board: bool
) -> tuple[dict[str, RoleScored], dict[str, Places], Bools, Seen]:
    """(every role; by role (N, F) its whole ranking, -1 where there are no more; (N, F) the runtimes no gate stops; how
    to look at conditions).
    """
    known, own = tables(release), Sheet(sheet.rows, dict(sheet.columns))
    called = calling.roles_called_in(sheet, release)
    found: dict[str, RoleScored] = {}
    ranking: dict[str, Places] = {}
    for name in ROLES:
        found[name], ranking[name] = role(release, known[name], own, called[name], top, board=board)
    runtimes = found["runtime"].gate[:, : len(release.roles["runtime"].members)]
    conditions = batch.plan(release).conditions

    def truth(node: Node) -> tuple[Bools, Bools]:
        said = conditions.compile(node)(own)
        return said == TRUE, said == FALSE

    open_to = (runtimes < 0) | (runtimes == known["runtime"].no_rule)
    for each in found.values():
        each.gate[~each.called] = -1
    leads = {name: list(leaders(each).T) for name, each in found.items()}
    able = list(batch.serving(release, sheet).T)
    answers, everywhere = calling.Columns(sheet), np.ones(sheet.rows, dtype=np.bool_)
    return found, ranking, open_to, Seen(answers, truth, called, leads, able, everywhere, lambda held: held)


def role(
    release: Release, table: Table, sheet: Sheet, called: Bools, top: int, *, board: bool
) -> tuple[RoleScored, Places]:
    """(one role over a sheet; (N, F) its whole ranking, -1 where there are no more)."""
    asked = ask(release, table, sheet)
    members, rows = len(table.role.members), sheet.rows
    gate = asked.gate
    whole = np.full((rows, members), -1, dtype=np.int16)
    found = RoleScored(
        called=called,
        order=np.full((rows, top), -1, dtype=np.int16),
        score=np.full((rows, top), np.nan),
        confidence=np.full(rows, np.nan),
        margin=np.full(rows, np.nan),
        tied=np.zeros((rows, members), dtype=np.bool_),
        reasons=np.full((rows, REASONS), -1, dtype=np.int16),
        gate=gate,
        board=np.full((rows, members), np.nan, dtype=np.float32) if board else None,
    )
    speaks = asked.strength.any(axis=1)
    unranked = np.flatnonzero(called & ~speaks)
    gate[unranked, :members] = np.where(gate[unranked, :members] < 0, table.no_rule, gate[unranked, :members])
    judged = np.flatnonzero(called & (gate[:, :members] < 0).any(axis=1))
    for start in range(0, len(judged), SLICE):
        at = judged[start : start + SLICE]
        _write(found, whole, at, _judged(release, table, asked.take(at)), top)
    return found, whole


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """Some rows with a first: (n, F) ranking and rounded scores, NaN for the excluded, and the rest as named."""

    order: Places
    score: Array
    confidence: Array
    margin: Array
    tied: Bools
    reasons: Places


def _write(found: RoleScored, whole: Places, at: Indices, part: _Judged, top: int) -> None:
    whole[at] = part.order
    kept = min(top, part.order.shape[1])
    order = part.order[:, :kept]
    found.order[at, :kept] = order
    best = np.take_along_axis(part.score, np.maximum(order, 0).astype(np.intp), axis=1)
    found.score[at, :kept] = np.where(order >= 0, best, np.nan)
    found.confidence[at], found.margin[at] = part.confidence, part.margin
    found.tied[at], found.reasons[at] = part.tied, part.reasons
    if found.board is not None:
        found.board[at] = part.score


def _judged(release: Release, table: Table, asked: Asked) -> _Judged:
    open_to = asked.gate[:, : len(table.role.members)] < 0
    opinion = _opinions(table, asked)
    share, whole = _shares(table, asked.strength)
    summed = Sum(open_to.shape)
    for r in range(share.shape[1]):
        summed.add(share[:, r, None] * opinion[:, r])
    score = summed.total
    shown = np.where(open_to, rounded(score), np.nan)
    sorted_members = np.argsort(-shown, axis=1, kind="stable")  # NaN goes last
    count = open_to.sum(axis=1)
    order: Places = np.where(np.arange(len(table.role.members)) < count[:, None], sorted_members, -1).astype(np.int16)
    first = order[:, 0].astype(np.intp)
    rows = np.arange(len(first))
    wins = _wins(release, table, asked.strength, share, whole, opinion, score, first)
    second = order[:, 1].astype(np.intp) if order.shape[1] > 1 else np.full(len(first), -1)
    alone = second < 0
    margin = rounded(score[rows, first] - score[rows, second])
    sure = np.round(wins[rows, second], PROBABILITY_DECIMALS)
    return _Judged(
        order=order,
        score=shown,
        confidence=np.where(alone, 1.0, sure),
        margin=np.where(alone, np.nan, margin),
        tied=_tied(order, wins, release.confidence["tie_below_win_probability"]),
        reasons=_reasons(table, share, opinion, open_to, first),
    )


def _opinions(table: Table, asked: Asked) -> Array:
    """(n, R, F) every rule's opinion of every member, as each project sees it."""
    rows = len(asked.strength)
    opinion = np.repeat(table.role.opinion[None], rows, axis=0)
    if asked.level is not None:
        for r in table.path_rules:
            at = np.flatnonzero(asked.strength[:, r])
            opinion[at, r] = _along_ways(table, r, asked.level[at])
    for affinity, near in zip(table.affinities, asked.near, strict=True):
        for r in np.flatnonzero(affinity.lean).tolist():
            opinion[:, r] += affinity.lean[r] * near
    return opinion


def _along_ways(table: Table, rule: int, level: Array) -> Array:
    """(n, F) what a rule says where ways have other levels (n, F, T) than published."""
    path_of = {path.column: path for path in table.paths}
    summed = Sum(level.shape[:2])
    weight = table.role.weight[rule]
    for column in np.flatnonzero(weight).tolist():
        grade = np.broadcast_to(table.role.grade[:, column], level.shape[:2])
        if path := path_of.get(column):
            reached = level[:, :, path.place]
            known = ~np.isnan(reached)
            grade = np.where(known, path.graded[np.where(known, reached, 0).astype(np.intp)], grade)
        summed.add(weight[column] * grade)
    found: Array = summed.total / table.role.total[rule]
    return found


def _shares(table: Table, strength: Array) -> tuple[Array, Array]:
    """((n, R) each rule's share; (n,) the whole that they are shares of)."""
    mass = strength * table.role.total
    summed = Sum((len(strength),))
    for r in range(mass.shape[1]):
        summed.add(mass[:, r])
    return mass / summed.total[:, None], summed.total


def _wins(
    release: Release,
    table: Table,
    strength: Array,
    share: Array,
    whole: Array,
    opinion: Array,
    score: Array,
    first: Indices,
) -> Array:
    """(n, F) the probability that the first beats each member: see `rules.confidence`."""
    rows = np.arange(len(first))
    best = score[rows, first]
    of_weights, of_grades = np.zeros_like(score), np.zeros_like(score)
    for r in range(share.shape[1]):
        apart = (opinion[rows, r, first] - best)[:, None] - (opinion[:, r] - score)
        of_weights += (share[:, r] ** 2)[:, None] * apart**2
    for column in range(table.role.weight.shape[1]):
        weighed = np.zeros(len(first))
        for r in np.flatnonzero(table.role.weight[:, column]).tolist():
            weighed += strength[:, r] * table.role.weight[r, column]
        of_grades += ((weighed / whole) ** 2)[:, None] * table.spread[first, :, column]
    spread = np.sqrt(np.maximum(of_grades + release.confidence["weight_relative_sd"] ** 2 * of_weights, 0.0))
    gap = best[:, None] - score
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(spread > 0, gap / spread, np.where(gap == 0, 0.0, np.sign(gap) * np.inf)) / sqrt(2.0)
    said = np.fromiter(map(erf, scaled.ravel().tolist()), dtype=np.float64, count=scaled.size)
    found: Array = 0.5 * (1.0 + said.reshape(scaled.shape))
    return found


def _tied(order: Places, wins: Array, below: float) -> Bools:
    """(n, F) those after the first, one after another, that it does not beat with the stated probability."""
    tied = np.zeros(wins.shape, dtype=np.bool_)
    rows = np.arange(len(order))
    still = np.ones(len(order), dtype=np.bool_)
    for place in range(1, order.shape[1]):
        here = order[:, place].astype(np.intp)
        still = still & (here >= 0) & (wins[rows, here] < below)
        tied[rows[still], here[still]] = True
    return tied


def _reasons(table: Table, share: Array, opinion: Array, open_to: Bools, first: Indices) -> Places:
    """(n, 3) the rules that add most to the first against the field's mean; where none adds, those that take most."""
    summed = Sum(share.shape)
    for member in range(open_to.shape[1]):
        summed.add(np.where(open_to[:, member, None], opinion[:, :, member], 0.0))
    middle = summed.total / np.count_nonzero(open_to, axis=1, keepdims=True)
    part = rounded(share * (opinion[np.arange(len(first)), :, first] - middle))
    helps = part > 0
    told = (share > 0) & (helps | ~helps.any(axis=1, keepdims=True))
    size = np.where(told, -np.abs(part), np.inf)[:, table.by_id]
    place = np.argsort(size, axis=1, kind="stable")[:, :REASONS]
    said = np.where(np.take_along_axis(size, place, axis=1) < np.inf, table.by_id[place], -1)
    found = np.full((len(first), REASONS), -1, dtype=np.int16)
    found[:, : said.shape[1]] = said
    return found
