"""How far a board's conclusions hang on the evidence: grades and weights drawn, and single pieces of it left out.

In a draw the grades of every criterion are jointly normal around the posterior's mean with its covariance, and every
rule's weight is multiplied by an independent lognormal factor of mean 1, as in `rules.smaa`; but one draw holds for all
projects at once, since all are judged by the same knowledge. A sample of projects is judged once and scored for every
draw (`portfolio.board.linear`).

A piece of evidence is left out by taking its influence off the grades that it moved: to first order that is the grade
without it, for how much the other pieces would then weigh is left as it is. Whether it could change the best set is
bounded first: no set's value changes by more than sum_i max_f |change of S_if|, so that a piece for which twice that is
less than the best set's lead over the next changes nothing and is not tried.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf, log1p, sqrt

import numpy as np

from portfolio.board import asking
from portfolio.board.asking import Portfolio
from portfolio.board.linear import Linear, linear
from portfolio.board.sampling import sample
from portfolio.board.table import EXCLUDED, UNITS, Units
from rules.compiled import TOP_GRADE, Array, Release, Role
from rules.coupling import root
from rules.streams import LEVELS, draws, normals, stream

SAMPLED = 1_000
DRAWN = 200
MOST_SETS = 5_000  # of a size: beyond it sensitivity is not looked at for that size
AT_ONCE = 1_024  # sets

Influences = Mapping[tuple[str, str], Sequence[tuple[str, float]]]  # (criterion, member) -> evidence, grade levels
Pieces = Mapping[str, Sequence[tuple[int, int, float]]]  # evidence -> member, criterion, what it adds, in [-1, 1]
Chosen = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pivot:
    """A piece of evidence without which another set would be best."""

    evidence: str
    best: Chosen
    without: Chosen


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How far conclusions hang on the evidence; projects count by their weights.

    Attributes:
        role: the role; `projects` how many were looked at, `drawn` how often.
        sets: by k the best set at the published grades; `in_draws` how often each set of k was best.
        top: what comes first for most projects; `tops_in_draws` how often each framework did.
        pieces: how many pieces of evidence moved a grade, `tried` how many of them could change a set.
        pivots: those that do, by name.
    """

    role: str
    projects: int
    drawn: int
    sets: Mapping[int, Chosen]
    in_draws: Mapping[int, Counter[Chosen]]
    top: str | None
    tops_in_draws: Counter[str | None]
    pieces: int
    tried: int
    pivots: tuple[Pivot, ...]


def sensitivity(
    release: Release,
    role: str,
    portfolio: Portfolio,
    influences: Influences,
    *,
    up_to: int = 3,
    drawn: int = DRAWN,
    sampled: int = SAMPLED,
) -> Sensitivity:
    """How far the best sets of 1 to `up_to` members, and what comes first most often, hang on the evidence.

    Args:
        release: the knowledge.
        role: the role.
        portfolio: its projects, of which `sampled` are looked at.
        influences: what each piece of evidence adds to a grade, in levels.
        up_to: the greatest k; sizes of more than `MOST_SETS` sets are left out.
        drawn: how many draws.
        sampled: how many projects at most.
    """
    seen = linear(release, role, asking.judged(release, role, iter([sample(release, role, portfolio(), sampled)])))
    sets = Sets(seen, up_to)
    units = seen.units(seen.score(seen.role.grade, seen.criteria()))
    now = sets.best(units)
    counted: dict[int, Counter[Chosen]] = {k: Counter() for k in now}
    tops: Counter[str | None] = Counter()
    for grade, factor in _draws(release, seen.role, drawn):
        moved = seen.units(seen.score(grade, seen.criteria(factor)))
        for k, (chosen, _) in sets.best(moved).items():
            counted[k][chosen] += 1
        tops[top(seen, moved)] += 1
    pieces = _pieces(seen.role, influences)
    pivots, tried = _pivots(seen, sets, pieces, now)
    return Sensitivity(
        role=role,
        projects=len(seen.id),
        drawn=drawn,
        sets={k: chosen for k, (chosen, _) in now.items()},
        in_draws=counted,
        top=top(seen, units),
        tops_in_draws=tops,
        pieces=len(pieces),
        tried=tried,
        pivots=tuple(pivots),
    )


def top(seen: Linear, units: Units) -> str | None:
    """The framework that comes first for most, by weight, the first in the alphabet of equals; None where none does."""
    rows = np.flatnonzero((units != EXCLUDED).any(axis=1) & (seen.weight > 0))
    if not len(rows):
        return None
    counted = np.bincount(units[rows].argmax(axis=1), seen.weight[rows])  # exact: sums of far less than 2^53
    return seen.role.members[int(counted.argmax())]


class Sets:
    """All sets of few members, which are valued many times under the same gates."""

    def __init__(self, seen: Linear, up_to: int) -> None:
        self._members = seen.role.members
        self._sets: dict[int, Units] = {}
        self._unserved: dict[int, Units] = {}
        self._weight = seen.weight
        counting = seen.left.any(axis=1) & (seen.weight > 0)
        servable, weight = seen.left[counting], seen.weight[counting]
        for k in range(1, min(up_to, len(self._members)) + 1):
            listed = np.array(list(combinations(range(len(self._members)), k)), dtype=np.int64)
            if len(listed) > MOST_SETS or not len(servable):
                break
            self._sets[k] = listed
            self._unserved[k] = np.array([int(weight[~servable[:, each].any(axis=1)].sum()) for each in listed])

    def best(self, units: Units) -> dict[int, tuple[Chosen, float]]:
        """By k: (the best set, by how much any other that leaves as few unserved loses more, in `UNITS` x
        `WEIGHT_UNITS`).
        """
        columns = (np.maximum(units, 0) * self._weight[:, None]).T
        found: dict[int, tuple[Chosen, float]] = {}
        for k, sets in self._sets.items():
            value = np.concatenate([_value(columns, sets[at : at + AT_ONCE]) for at in range(0, len(sets), AT_ONCE)])
            order = np.lexsort((-value, self._unserved[k]))  # stable: the first in the alphabet of equals
            first, lead = order[0], inf
            if len(order) > 1 and self._unserved[k][order[1]] == self._unserved[k][first]:
                lead = float(value[first] - value[order[1]])
            found[k] = tuple(self._members[index] for index in sets[first]), lead
        return found


def _value(columns: Units, sets: Units) -> Units:
    """(m,) the summed worth of the best of each set, 0 where it allows nothing; `columns` is (F, n)."""
    best = columns[sets[:, 0]]
    for place in range(1, sets.shape[1]):
        best = np.maximum(best, columns[sets[:, place]])
    value: Units = best.sum(axis=1)
    return value


# --- Draws -----------------------------------------------------------------------------------------------------------


def _draws(release: Release, role: Role, count: int) -> Iterable[tuple[Array, Array]]:
    """((F, C) grades, (R,) factors of the weights) of each draw; the same for the same release."""
    variance = log1p(release.confidence["weight_relative_sd"] ** 2)
    coupled = {column: root(covariance) for column, covariance in role.coupled}
    raw = stream(f"board:{role.name}:{release.sha256}:{release.policy_sha256}")
    for _ in range(count):
        normal = normals(LEVELS)[draws(raw, 1, len(role.rules) + role.grade.size)[0]]
        factor = np.exp(sqrt(variance) * normal[: len(role.rules)] - variance / 2)
        own = normal[len(role.rules) :].reshape(role.grade.shape)
        moved = role.grade_sd * own
        for column, left in coupled.items():
            moved[:, column] = left @ own[:, column]
        yield role.grade + moved, factor


# --- Single pieces of evidence ---------------------------------------------------------------------------------------


def _pieces(role: Role, influences: Influences) -> Pieces:
    found: dict[str, list[tuple[int, int, float]]] = {}
    for column, criterion in enumerate(role.criteria):
        for row, member in enumerate(role.members):
            for evidence, levels in influences.get((criterion.id, member), ()):
                found.setdefault(evidence, []).append((row, column, levels / TOP_GRADE))
    return found


def _pivots(
    seen: Linear, sets: Sets, pieces: Pieces, now: Mapping[int, tuple[Chosen, float]]
) -> tuple[list[Pivot], int]:
    """(the pieces without which another set is best, how many were tried)."""
    lead = min((each for _, each in now.values()), default=inf)
    criteria = seen.criteria()
    base = seen.score(seen.role.grade, criteria)
    found: list[Pivot] = []
    tried = 0
    for evidence, moved in sorted(pieces.items()):
        change: dict[int, Array] = {}
        for row, column, by in moved:
            change[row] = change.get(row, 0.0) - criteria[:, column] * by
        most = np.max([np.where(seen.left[:, row], np.abs(each), 0.0) for row, each in change.items()], axis=0)
        if 2 * ((most * UNITS + 1) * seen.weight).sum() < lead:  # 1 for rounding
            continue
        tried += 1
        score = base.copy()
        for row, each in change.items():
            score[:, row] += each
        for k, (without, _) in sets.best(seen.units(score)).items():
            if without != now[k][0]:
                found.append(Pivot(evidence, now[k][0], without))
    return found, tried
