"""How sure: a normal approximation, in closed form, of what uncertain grades and weights do to the ranking.

The score is linear in grades and, to first order, in the rules' shares. The grades of a criterion are jointly normal
with the posterior's covariance; each share has the relative standard deviation t that the pack states. So scores are
jointly normal with covariance

    Sigma_fg = sum_c k_c^2 s_fg,c + t^2 sum_r w_r^2 (o_rf - S_f)(o_rg - S_g)

(k_c the criterion's share, s_fg,c the covariance of the two grades; the delta method of Oehlert, The American
Statistician 46(1), 1992). A pair's winning probability is exact under it. Rank probabilities take independent scores in
their place, which spread around the field's mean as much: given f at x, the number of others above it is
Poisson-binomial; x is integrated out by Gauss-Hermite quadrature.
"""

from collections.abc import Sequence
from functools import cache
from math import erf, sqrt
from statistics import NormalDist

import numpy as np

from rules.compiled import Array, Role
from rules.scoring import Score

NODES = 24
LARGE_FIELD = 64
_LEAST = 1e-12  # in the place of a standard deviation of 0
_X, _W = np.polynomial.hermite_e.hermegauss(NODES)
_W = _W / _W.sum()


def covariance(scored: Score, role: Role, weight_relative_sd: float) -> Array:
    """(F, F) covariance of the scores, on their scale."""
    spoken = np.flatnonzero(scored.share)
    lean = scored.share[spoken, None] * (scored.opinion[spoken] - scored.score)
    of_weights: Array = weight_relative_sd**2 * (lean.T @ lean)
    squared = scored.criterion_share**2
    of_grades = np.zeros_like(of_weights)
    for column, of_criterion in role.coupled:
        if squared[column]:
            of_grades += squared[column] * of_criterion
    np.fill_diagonal(of_grades, role.grade_sd**2 @ squared)
    return of_weights + of_grades


def beats(score: Array, sigma: Array) -> Array:
    """(F, F) probability that the row's score exceeds the column's; 1/2 on the diagonal and for exact equals."""
    spread = np.sqrt(np.maximum(np.add.outer(np.diag(sigma), np.diag(sigma)) - 2 * sigma, 0.0))
    return _phi(np.subtract.outer(score, score), spread)


def _phi(gap: Array, spread: Array) -> Array:
    """Standard normal distribution function of gap / spread; a step (1/2 at 0) where the spread is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(spread > 0, gap / np.where(spread > 0, spread, 1.0), np.sign(gap) * np.inf)
    scaled = np.where((spread == 0) & (gap == 0), 0.0, scaled)
    flat = np.fromiter(map(erf, (scaled / sqrt(2.0)).ravel().tolist()), dtype=np.float64, count=scaled.size)
    result: Array = 0.5 * (1.0 + flat.reshape(scaled.shape))
    return result


def rank_probabilities(score: Array, sigma: Array) -> Array:
    """(F, F): row f, column k: probability that f takes rank k + 1. Rows sum to 1."""
    count = len(score)
    if count == 1:
        return np.ones((1, 1))
    if count == 2:  # of two, the chance of the first rank is the chance to beat the other
        chances = beats(score, sigma)
        return np.stack((chances.sum(axis=1) - 0.5, 1.5 - chances.sum(axis=1)), axis=1)
    sd = np.sqrt(_independent_variances(sigma))
    result = _exactly(score, sd) if count <= LARGE_FIELD else _roughly(score, sd)
    normal: Array = result / result.sum(axis=1, keepdims=True)
    return normal


def _exactly(score: Array, sd: Array) -> Array:
    count = len(score)
    at = score[:, None] + sd[:, None] * _X  # (F, nodes)
    above = 1.0 - _phi(at[:, :, None] - score, np.broadcast_to(sd, (count, NODES, count)))
    above[np.arange(count), :, np.arange(count)] = 0.0
    taken = np.zeros((count, NODES, count + 1))
    taken[:, :, 0] = 1.0
    for other in range(count):  # Poisson-binomial, one member at a time
        p = above[:, :, other, None]
        taken[:, :, 1:] = taken[:, :, 1:] * (1 - p) + taken[:, :, :-1] * p
        taken[:, :, :1] *= 1 - p
    result: Array = np.einsum("fnk,n->fk", taken[:, :, :count], _W)
    return result


def _roughly(score: Array, sd: Array) -> Array:
    """For a large field, row by row: the count above as a normal of the same mean and variance, continuity corrected.

    Hong, On computing the distribution function for the Poisson binomial distribution, Computational Statistics and
    Data Analysis 59, 2013 compares it with exact ways.
    """
    count = len(score)
    edges = np.arange(count + 1) - 0.5
    result = np.empty((count, count))
    for row in range(count):
        at = (score[row] + sd[row] * _X)[:, None]  # (nodes, 1)
        above = 1.0 - _tabled((at - score) / np.maximum(sd, _LEAST))
        above[:, row] = 0.0
        spread = np.sqrt((above * (1.0 - above)).sum(axis=1, keepdims=True))
        below = _tabled((edges - above.sum(axis=1, keepdims=True)) / np.maximum(spread, _LEAST))
        below[:, 0], below[:, -1] = 0.0, 1.0
        result[row] = _W @ np.diff(below, axis=1)
    return result


def _tabled(scaled: Array) -> Array:
    """The standard normal distribution function by linear interpolation, to 1e-7."""
    place, value = _table()
    found: Array = np.interp(scaled, place, value)
    return found


@cache
def _table() -> tuple[Array, Array]:
    place = np.linspace(-8.0, 8.0, 2**13 + 1)
    return place, _phi(place, np.ones(len(place)))


def _independent_variances(sigma: Array) -> Array:
    """(F,) variances of independent scores whose deviations from the field's mean spread as those of `sigma` do.

    With variances v and V their sum, a deviation has the variance v (1 - 2/F) + V/F^2. Solved for v; what is common to
    all scores drops out, and independent scores come out as they went in (of two only the sum is known: halves).
    """
    count = len(sigma)
    if count == 1:
        return np.zeros(1)
    centre = np.eye(count) - 1.0 / count
    deviation = np.diag(centre @ sigma @ centre)
    whole = deviation.sum() / (1.0 - 1.0 / count)
    halves: Array = np.full(count, whole / count)
    apart: Array = (deviation - whole / count**2) / (1.0 - 2.0 / count) if count > 2 else halves
    return np.maximum(apart, 0.0)


def interval(score: float, variance: float, probability: float) -> tuple[float, float]:
    """The central interval of a score that holds it with the given probability, kept within [0, 1]."""
    reach = NormalDist().inv_cdf(0.5 + probability / 2) * sqrt(variance)
    return max(0.0, score - reach), min(1.0, score + reach)


def tie_groups(order: Sequence[int], win: Array, below: float) -> list[int]:
    """A group number (from 1) for each place of a ranking, best first.

    Everything that the group's leader does not beat with at least the probability `below` is tied with it.
    """
    groups: list[int] = []
    leader = None
    for index in order:
        if leader is None or win[leader, index] >= below:
            leader, group = index, (groups[-1] if groups else 0) + 1
        else:
            group = groups[-1]
        groups.append(group)
    return groups
