"""Whether one alternative cannot be told apart from the first, in each of many projects at once.

The same closed form as for one project (`rules.confidence`): the first beats another with the probability
Phi((S_1 - S_2) / sd), with the variance of the difference of the two scores

    sum_c k_c^2 (s_1c^2 + s_2c^2 - 2 s_12,c) + t^2 sum_r w_r^2 ((o_r1 - S_1) - (o_r2 - S_2))^2

(k_c the criterion's share, w_r the rule's, o_r its opinion, s the spread of the grades, t that of the weights). What it
does not beat with the probability that the release states for ties is level with it.
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from rules.batch import Board
from rules.compiled import Array, Release
from rules.conditions.columns import Bools
from rules.scoring import SUM_DECIMALS

Indices = NDArray[np.intp]


def level(release: Release, role: str, board: Board, first: Indices, other: int) -> Bools:
    """(N,) whether the member `other` is the first of a row, or level with it.

    Args:
        release: the knowledge as published.
        role: the role.
        board: what the role makes of the projects, with what they add to grades (`keep`).
        first: (N,) the member that comes first in each row, -1 for none.
        other: the index of a member.
    """
    found: Bools = first == other
    rows = np.flatnonzero(~found & (first >= 0) & board.open[:, other])
    if not len(rows):
        return found
    gap = np.round(board.score[rows, first[rows]] - board.score[rows, other], SUM_DECIMALS)
    spread = np.sqrt(variance(release, role, board, rows, first[rows], other))
    reach = NormalDist().inv_cdf(release.confidence["tie_below_win_probability"])
    found[rows] = np.where(spread > 0, gap < reach * spread, gap <= 0)
    return found


def variance(release: Release, role: str, board: Board, rows: Indices, first: Indices, other: int | Indices) -> Array:
    """(n,) variance of the difference between two members' scores in some rows; arguments as of `level`.

    `first` has a member for each of the rows, and so has `other`, unless it is the same for all.
    """
    compiled = release.roles[role]
    mass = board.strength[rows] * compiled.total
    whole = mass.sum(axis=1, keepdims=True)
    share, criterion = mass / whole, (board.strength[rows] @ compiled.weight / whole) ** 2
    spread = compiled.grade_sd**2
    of_grades: Array = (criterion * (spread[first] + spread[other])).sum(axis=1)
    for column, covariance in compiled.coupled:
        of_grades -= 2 * criterion[:, column] * covariance[first, other]
    opinion = compiled.opinion.T[first] - compiled.opinion.T[other]  # (n, R)
    for column, shift in (board.shift or {}).items():
        part = shift[rows, first] - shift[rows, other]
        opinion = opinion + part[:, None] * (compiled.weight[:, column] / compiled.total)
    gap = board.score[rows, first] - board.score[rows, other]
    of_weights = (share**2 * (opinion - gap[:, None]) ** 2).sum(axis=1)
    found: Array = np.maximum(of_grades + release.confidence["weight_relative_sd"] ** 2 * of_weights, 0.0)
    return found
