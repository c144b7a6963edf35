"""The scores of some projects as a function of grades and weights, so that they can be scored as often as wanted.

Given the strengths of the rules a score is linear in the grades:

    S_if = sum_c k_ic g_fc + sum_s k_is (what the project adds)_ifs,    k_ic = sum_r a_ir d_rc / sum_rc a_ir d_rc
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from portfolio.board.asking import Judged
from portfolio.board.table import EXCLUDED, UNITS, Units, require_bounded
from rules.compiled import Array, Release, Role
from rules.conditions.columns import Bools


@dataclass(frozen=True, slots=True)
class Linear:
    """Some projects that call for a role. n projects, F members, R rules, S criteria that projects add to.

    `weight` (n,) in `WEIGHT_UNITS`; `strength` (n, R); `added` (n, F, S) what projects add to the grades of the
    `columns`, S of them; `left` (n, F) which members have a place in the ranking.
    """

    role: Role
    id: Sequence[str]
    weight: Units
    strength: Array
    columns: tuple[int, ...]
    added: Array
    left: Bools

    def criteria(self, factor: Array | None = None) -> Array:
        """(n, C) each criterion's share k_ic, the rules' weights multiplied by the (R,) factors."""
        spoken = self.strength if factor is None else self.strength * factor
        whole = (spoken @ self.role.total)[:, None]
        shares: Array = spoken @ self.role.weight / np.where(whole > 0, whole, 1.0)
        return shares

    def score(self, grade: Array, criteria: Array) -> Array:
        """(n, F) the scores under the (F, C) grades, with the (n, C) shares of the criteria."""
        found: Array = criteria @ grade.T
        for place, column in enumerate(self.columns):
            found += criteria[:, column, None] * self.added[:, :, place]
        return found

    def units(self, score: Array) -> Units:
        """(n, F) scores in whole `UNITS`; what was drawn beyond [0, 1] counts as its end."""
        counted = np.rint(np.clip(score, 0.0, 1.0) * UNITS).astype(np.int64)
        return np.where(self.left, counted, EXCLUDED)


def linear(release: Release, role: str, blocks: Iterable[Judged]) -> Linear:
    """Judged projects as a function of grades and weights."""
    compiled = release.roles[role]
    parts = list(blocks)
    columns = tuple(sorted({column for part in parts for column in part.board.shift or {}}))
    added = [np.zeros((0, len(compiled.members), len(columns)))]
    for part in parts:
        here = np.zeros((*part.board.score.shape, len(columns)))
        for place, column in enumerate(columns):
            here[:, :, place] = (part.board.shift or {}).get(column, 0.0)
        added.append(here)
    strength = [np.zeros((0, len(compiled.rules))), *(part.board.strength for part in parts)]
    left = [np.zeros((0, len(compiled.members)), dtype=np.bool_), *(part.ranked() for part in parts)]
    ids = [each for part in parts for each in part.id]
    weight = np.concatenate([np.zeros(0, dtype=np.int64), *(part.weights() for part in parts)])
    require_bounded(int(weight.sum()))
    return Linear(compiled, ids, weight, np.concatenate(strength), columns, np.concatenate(added), np.concatenate(left))
