"""From evidence to grades: one Gaussian posterior per criterion over all alternatives.

Prior: independent, mean and width stated in the pack. Each observation is y = Hv + noise: an absolute one picks one
component of v, a comparative one the difference of two. Its precision is

    reliability x verdict factor x 2^(-age / half-life) / sd^2

shared among observations of the same thing from the same source, which are not independent. The posterior of a linear
Gaussian model (Bishop, Pattern Recognition and Machine Learning, 2006, eq. 2.116 and 2.117):

    Sigma = (Lambda_0 + H' R H)^-1        m = m_0 + Sigma H' R (y - H m_0)

so the influence of observation i on component f is (Sigma H' R)_fi (y - H m_0)_i, and the influences add up to m - m_0.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CONTESTED_RESIDUAL = 2.0
WIDE_SD = 100.0  # grade levels: a prior so wide that it says nothing
DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation: `level` of `upper`, or how far `upper` is above `lower` (grade levels); `precision` > 0."""

    evidence: str
    source: str
    upper: int
    lower: int | None
    level: float
    precision: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the evidence says of one criterion, for F alternatives and N observations.

    Attributes:
        mean: (F,) in grade levels; not clipped.
        covariance: (F, F).
        influence: (F, N) what each observation adds to each mean; rows sum to mean - prior mean.
        residual: (N,) how far each observation is from what the other evidence says, in standard deviations.
    """

    mean: Array
    covariance: Array
    influence: Array
    residual: Array


def months_between(earlier: str, later: str) -> float:
    """Months from one day to another, each given as YYYY, YYYY-MM or YYYY-MM-DD (the middle of what is not said)."""
    return max(0.0, (_days(later) - _days(earlier)) / DAYS_PER_MONTH)


def _days(day: str) -> int:
    parts = (*day.split("-"), "", "")[:3]
    year, month, of_month = parts[0], parts[1] or "07", parts[2] or ("15" if parts[1] else "01")
    return int(np.datetime64(f"{year}-{month}-{of_month}", "D").astype(np.int64))


def age_factor(age_months: float, half_life_months: float) -> float:
    """2^(-age / half-life), in (0, 1]."""
    return float(2.0 ** (-age_months / half_life_months))


def shared(observations: Sequence[Observation]) -> list[float]:
    """The share of its own precision that each observation keeps: 1/m for m of the same source on the same thing."""
    same = Counter((o.source, o.upper, o.lower) for o in observations)
    return [1.0 / same[o.source, o.upper, o.lower] for o in observations]


def fuse(count: int, observations: Sequence[Observation], prior_mean: float, prior_sd: float) -> Posterior:
    """The posterior over `count` alternatives; without observations it is the prior.

    Raises:
        ValueError: an observation's precision is not positive and finite.
    """
    precision = np.array([o.precision * s for o, s in zip(observations, shared(observations), strict=True)])
    if not np.all(np.isfinite(precision) & (precision > 0)):
        raise ValueError("every observation needs a positive, finite precision")
    design = np.zeros((len(observations), count))
    for row, o in enumerate(observations):
        design[row, o.upper] = 1.0
        if o.lower is not None:
            design[row, o.lower] = -1.0
    level = np.array([o.level for o in observations])
    prior = np.full(count, prior_mean)
    information = np.eye(count) / prior_sd**2 + design.T @ (precision[:, None] * design)
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    gain = covariance @ design.T * precision
    influence = gain * (level - design @ prior)
    mean = prior + influence.sum(axis=1)
    return Posterior(mean, covariance, influence, _residuals(design, level, precision))


def _residuals(design: Array, level: Array, precision: Array) -> Array:
    """(y - Hm) / sqrt(1/precision - H Sigma H'): the usual standardised residual of a linear smoother.

    Evidence is held against evidence here, not against the prior: that is made so wide that a piece which stands alone
    is never far from it.
    """
    if not len(level):
        return level
    covariance = np.linalg.inv(np.eye(design.shape[1]) / WIDE_SD**2 + design.T @ (precision[:, None] * design))
    mean = covariance @ design.T @ (precision * level)
    spread = 1.0 / precision - np.einsum("ij,jk,ik->i", design, covariance, design)
    residuals: Array = (level - design @ mean) / np.sqrt(np.maximum(spread, 1e-12))
    return residuals
