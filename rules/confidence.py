"""How sure: a normal approximation, in closed form, of what uncertain grades and weights do to the ranking.

The score is linear in grades and, to first order, in the rules' shares. The grades of a criterion are jointly normal
with the posterior's covariance; each share has the relative standard deviation t that the pack states. So scores are
jointly normal with covariance

    Sigma_fg = sum_c k_c^2 s_fg,c + t^2 sum_r w_r^2 (o_rf - S_f)(o_rg - S_g)

(k_c the criterion's share, s_fg,c the covariance of the two grades; the delta method of Oehlert, The American
Statistician 46(1), 1992). A pair's winning probability is exact under it, and so are the ranks of two; those of more
are counted over the fixed points of a lattice. In a field of more than `LARGE_FIELD`, independent scores that spread
around the field's mean as much take their place.
"""

from collections.abc import Sequence
from functools import cache
from math import erf, sqrt
from statistics import NormalDist

import numpy as np

from rules.compiled import Array, Role
from rules.coupling import root
from rules.ranks import places, taken
from rules.scoring import Score
from rules.streams import normals

NODES = 24
LARGE_FIELD = 64
POINTS = 4096
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
        first = beats(score, sigma)[[0, 1], [1, 0]]
        return np.stack((first, 1.0 - first), axis=1)
    if count > LARGE_FIELD:
        result = _roughly(score, np.sqrt(_independent_variances(sigma)))
        normal: Array = result / result.sum(axis=1, keepdims=True)
        return normal
    return _counted(score[:, None] + _deviations(sigma))


def _deviations(sigma: Array) -> Array:
    """(F, POINTS) deviations of the scores from their field's mean, normal with the covariance of `sigma`."""
    count = len(sigma)
    centre = np.eye(count) - 1.0 / count  # what is common to all scores moves no rank
    left = root(centre @ sigma @ centre)
    normal = _points(count)
    found = np.zeros_like(normal)
    for column in range(count):
        found += left[:, column, None] * normal[column]
    return found


@cache
def _points(count: int) -> Array:
    """(count, POINTS) standard normal numbers: Niederreiter's lattice, frac(k 2^(j / (count + 1))), folded.

    A. Genz, Numerical computation of multivariate normal probabilities, Journal of Computational and Graphical
    Statistics 1(2), 1992, integrates over such points.
    """
    step = 2.0 ** (np.arange(1, count + 1) / (count + 1))
    uniform = np.abs(2.0 * (step[:, None] * np.arange(1, POINTS + 1) % 1.0) - 1.0)
    found: Array = normals(POINTS)[np.minimum((uniform * POINTS).astype(np.intp), POINTS - 1)]
    return found


def _counted(score: Array) -> Array:
    """(F, F) the share of points (columns of the (F, N) scores) in which each takes each rank."""
    above, equal, _ = places(score)
    shares: Array = taken(above, equal) / score.shape[1]
    return shares


def _roughly(score: Array, sd: Array) -> Array:
    """For a large field, row by row: the count above as a normal of the same mean and variance, continuity corrected.

    Scores are taken as independent. Hong, On computing the distribution function for the Poisson binomial distribution,
    Computational Statistics and Data Analysis 59, 2013 compares this with exact ways.
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

    With variances v and V their sum, a deviation has the variance v (1 - 2/F) + V/F^2. Solved for v, with F > 2; what
    is common to all scores drops out, and independent scores come out as they went in.
    """
    count = len(sigma)
    centre = np.eye(count) - 1.0 / count
    deviation = np.diag(centre @ sigma @ centre)
    whole = deviation.sum() / (1.0 - 1.0 / count)
    apart: Array = np.maximum((deviation - whole / count**2) / (1.0 - 2.0 / count), 0.0)
    return apart


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
