"""How sure, by drawing: SMAA-2 over uncertain grades and weights (Lahdelma and Salminen, SMAA-2: Stochastic
multicriteria acceptability analysis for group decision making, Operations Research 49(3), 2001).

In a draw, the grades of a criterion are jointly normal around the posterior's mean with its covariance, and the weight
of every rule that speaks is multiplied by an independent lognormal factor of mean 1; shares are these weights scaled to
sum to 1. Given the shares a score is linear in the grades. So what is uncertain of one alternative alone is a single
normal, of variance sum_c k_c^2 s_fc^2 (k_c the criterion's share in the draw); only what evidence ties together is
drawn by criterion.

The same inputs give the same draws everywhere. 16 bits of a raw stream (`rules.streams`) choose one of 65,536 equally
likely normal quantiles (so a distribution function is off by at most 2^-17, a thousandth of the error of 10,000 draws),
and results are counts. Machines differ in the last bits of sums only: scores closer than `EQUAL` are equal, so that
equals are so everywhere.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from rules import confidence
from rules.compiled import Array, Role
from rules.coupling import root
from rules.ranks import EQUAL, places, taken
from rules.scoring import Score
from rules.streams import LEVELS, draws, normals, stream

BLOCK = 2048  # draws at a time: what fits into a cache

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Acceptability:
    """What the draws say of a field of F alternatives under R rules. Draws that tie share the ranks they tie for.

    Attributes:
        draws: how many; 0 for a field that needs none.
        rank: (F, F) rank acceptability: share of draws in which the row's alternative took rank k + 1.
        wins: (F, F) share of draws in which the row outscored the column, equals counted half; 1/2 on the diagonal.
        central: (F, R) central weights: mean share of each rule over the draws the row led; NaN where it never led.
        confidence: (F,) confidence factor: probability of leading with its central weights; NaN where it never led.
        interval: (F, 2) central interval of the score, within [0, 1].
    """

    draws: int
    rank: Array
    wins: Array
    central: Array
    confidence: Array
    interval: Array


@dataclass(frozen=True, slots=True)
class _Field:
    """F alternatives under R speaking rules, C criteria and J ties between grades.

    `opinion` (R, F); `mix` (R, C) how a rule spreads over criteria; `own` (F, C) what of a grade's variance it shares
    with no other; `tie` (F, J) loading of the grades on each tie, whose criterion is `tie_of` (J,).
    """

    opinion: Array
    mix: Array
    own: Array
    tie: Array
    tie_of: Indices


def draw(
    role: Role, scored: Score, field: Sequence[int], stated: Mapping[str, float], count: int, seed: str
) -> Acceptability:
    """The acceptability of a field's members.

    Args:
        role: whose grades are uncertain.
        scored: the scores at the posterior's means and the stated weights.
        field: indices of the members in question.
        stated: `weight_relative_sd` and `interval_probability`, as in `Release.confidence`.
        count: draws, at least 1.
        seed: a digest of the inputs.
    """
    if len(field) < 2:
        return _alone(role, scored, field, stated)
    spoken = np.flatnonzero(scored.share)
    seen = _field(role, scored, np.array(field), spoken)
    raw = stream(f"{role.name}:{seed}")
    sizes = [min(BLOCK, count - start) for start in range(0, count, BLOCK)]
    normals: list[Array] = []

    def blocks() -> Iterator[tuple[Array, Array]]:
        for size in sizes:
            score, share, own = _block(seen, scored.share[spoken], stated["weight_relative_sd"], raw, size)
            normals.append(own)
            yield score, share

    def under(weights: Array) -> Iterator[Array]:
        middle, spread = (weights @ seen.opinion)[:, None], root(_covariance(seen, weights))
        return (middle + spread @ own for own in normals)

    found = accept(blocks(), under, stated["interval_probability"])
    central = np.zeros((len(field), len(scored.share)))
    central[:, spoken] = found.central
    central[np.isnan(found.confidence)] = np.nan
    return replace(found, central=central, interval=np.clip(found.interval, 0.0, 1.0))


def _block(
    seen: _Field, stated: Array, relative_sd: float, raw: np.random.Philox, size: int
) -> tuple[Array, Array, Array]:
    """((F, size) scores, (R, size) shares, the (F, size) normals of what is each alternative's own) of some draws."""
    rules, members = seen.opinion.shape
    index = draws(raw, rules + members + len(seen.tie_of), size)
    mass = stated[:, None] * _factors(relative_sd)[index[:rules]]
    share = mass / mass.sum(axis=0)
    normal = normals(LEVELS)[index[rules:]]
    own, tied = normal[:members], normal[members:]
    criteria = seen.mix.T @ share
    score = seen.opinion.T @ share + np.sqrt(seen.own @ criteria**2) * own
    if len(tied):
        score += seen.tie @ (criteria[seen.tie_of] * tied)
    return score, share, own.copy()


def _alone(role: Role, scored: Score, field: Sequence[int], stated: Mapping[str, float]) -> Acceptability:
    """One alternative leads whatever is drawn, under the stated shares; its interval is the closed form's."""
    sigma = confidence.covariance(scored, role, stated["weight_relative_sd"])
    around = [confidence.interval(scored.score[f], sigma[f, f], stated["interval_probability"]) for f in field]
    size = len(field)
    central = np.tile(scored.share, (size, 1))
    return Acceptability(
        0, np.ones((size, size)), np.full((size, size), 0.5), central, np.ones(size), np.array(around).reshape(size, 2)
    )


def _field(role: Role, scored: Score, field: Indices, spoken: Indices) -> _Field:
    mix = role.weight[spoken] / role.total[spoken, None]
    used = np.flatnonzero(mix.any(axis=0) & role.grade_sd[field].any(axis=0))
    own = role.grade_sd[np.ix_(field, used)] ** 2
    place = {int(column): i for i, column in enumerate(used)}
    ties = [np.zeros((0, len(field)))]
    tie_of: list[int] = []
    for column, covariance in role.coupled:
        if column in place:
            own[:, place[column]], shared = _split(covariance[field][:, field])
            ties.append(shared)
            tie_of += [place[column]] * len(shared)
    tie = np.concatenate(ties).T
    return _Field(scored.opinion[np.ix_(spoken, field)], mix[:, used], own, tie, np.array(tie_of, dtype=np.intp))


def _split(covariance: Array) -> tuple[Array, Array]:
    """((F,) variance that is each grade's own, (J, F) loadings L of what several share): diag(own) + L' L."""
    own = covariance.diagonal().copy()
    tied = np.flatnonzero((covariance != 0).sum(axis=1) > 1)
    left = root(covariance[tied][:, tied])
    several = (left != 0).sum(axis=0) > 1
    own[tied] = (left[:, ~several] ** 2).sum(axis=1)
    shared = np.zeros((np.count_nonzero(several), len(own)))
    shared[:, tied] = left[:, several].T
    return own, shared


def _covariance(seen: _Field, weights: Array) -> Array:
    """(F, F) of the scores under fixed weights of the rules."""
    criteria = weights @ seen.mix
    tied = seen.tie * criteria[seen.tie_of]
    covariance: Array = tied @ tied.T + np.diag(seen.own @ criteria**2)
    return covariance


# --- What draws say --------------------------------------------------------------------------------------------------


def accept(
    blocks: Iterable[tuple[Array, Array]], under: Callable[[Array], Iterable[Array]], probability: float
) -> Acceptability:
    """Acceptability from draws, wherever they come from.

    Args:
        blocks: of n draws each: the (F, n) scores and the (R, n) weights they come from.
        under: the scores, in such blocks, that drawn grades give under fixed weights (R,).
        probability: of the score's interval.

    Raises:
        ValueError: there are no draws.
    """
    scores, ranks, wins, led, weighed = zip(*(_tally(score, share) for score, share in blocks), strict=True)
    score = np.concatenate(scores, axis=1)
    members, count = score.shape
    leads = np.sum(led, axis=0)
    with np.errstate(invalid="ignore"):
        central = np.sum(weighed, axis=0) / leads[:, None]
    factor = [
        sum(_leads(block, f) for block in under(central[f])) / count if leads[f] > 0 else np.nan for f in range(members)
    ]
    return Acceptability(
        draws=count,
        rank=np.sum(ranks, axis=0) / count,
        wins=0.5 + np.sum(wins, axis=0) / count,
        central=central,
        confidence=np.array(factor),
        interval=_interval(score, probability),
    )


def _tally(score: Array, share: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Of n draws: (scores, (F, F) ranks taken, (F, F) half of wins less losses, (F,) leads, (F, R) shares of those)."""
    above, equal, better = places(score)
    lead = (above == 0) / (1.0 + equal)
    return score, taken(above, equal), (better - better.T) / 2.0, lead.sum(axis=1), lead @ share.T


def _leads(score: Array, row: int) -> float:
    """How many draws a row leads; equals share."""
    first = score >= score.max(axis=0) - EQUAL
    return float((first[row] / np.add.reduce(first, axis=0, dtype=np.int16)).sum())


def _interval(score: Array, probability: float) -> Array:
    """(F, 2) the drawn scores that leave as many draws below as above."""
    count = score.shape[1]
    low = int((1.0 - probability) / 2.0 * count)
    ends = [low, count - 1 - low]
    interval: Array = np.partition(score, ends, axis=1)[:, ends]
    return interval


# --- Quantiles -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _factors(relative_sd: float) -> Array:
    """(65536,) quantiles of a lognormal of mean 1 and the given standard deviation."""
    variance = log1p(relative_sd**2)
    width = sqrt(variance)
    return np.array([exp(width * normal - variance / 2) for normal in normals(LEVELS).tolist()])
