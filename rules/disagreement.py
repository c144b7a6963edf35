"""How far several stakeholders disagree: on the weights, on the ranking of the alternatives, and each with all.

This module does not know how alternatives are ranked: it is handed the ranking under each stakeholder's weights alone
and under everybody's. It says who stands where, not who is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

from rules.preferences import Preferences, Stakeholder

Tier = str | tuple[str, ...]  # one place in a ranking: an alternative, or several that are tied


@dataclass(frozen=True, slots=True)
class Spread:
    """The least and the greatest weight that anybody gives an option, in [0, 1], and the names of all who do."""

    option: str
    low: float
    low_by: tuple[str, ...]
    high: float
    high_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What one stakeholder alone would get: the first place, and tau-b with everybody's ranking (see `tau_b`)."""

    name: str
    first: str | None
    tau_b: float | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How far stakeholders disagree: on each option, widest first; on the alternatives (W in [0, 1]); one by one."""

    spreads: tuple[Spread, ...]
    concordance: float | None
    views: tuple[View, ...]


def disagreement(
    preferences: Preferences,
    winners: Sequence[str | None],
    rankings: Sequence[Sequence[Tier]],
    overall: Sequence[Tier],
) -> Disagreement | None:
    """How far the stakeholders disagree; None for a single one.

    `winners` and `rankings` hold, for each stakeholder in turn, the first place and all places under that person's
    weights alone; `overall` the places under everybody's. Rankings are compared on what all of them rank.

    Raises:
        ValueError: not one winner and one ranking for each stakeholder.
    """
    people = preferences.stakeholders
    if not len(people) == len(winners) == len(rankings):
        raise ValueError("a winner and a ranking are needed for each stakeholder")
    if len(people) == 1:
        return None
    *each, everybody = _places([*rankings, overall])
    spreads = sorted(
        (_spread(option, people) for option in preferences.weights), key=lambda s: (s.low - s.high, s.option)
    )
    views = [View(s.name, first, tau_b(row, everybody)) for s, first, row in zip(people, winners, each, strict=True)]
    return Disagreement(tuple(spreads), concordance(each), tuple(views))


def _spread(option: str, people: Sequence[Stakeholder]) -> Spread:
    given = {s.name: s.weights.get(option, 0.0) for s in people}
    low, high = min(given.values()), max(given.values())
    low_by = tuple(name for name, weight in given.items() if weight == low)
    return Spread(option, low, low_by, high, tuple(name for name, weight in given.items() if weight == high))


def _places(rankings: Sequence[Sequence[Tier]]) -> list[list[int]]:
    """The place of each alternative that all rankings hold, one row a ranking; equal places are ties."""
    placed = [
        {name: place for place, tier in enumerate(ranking) for name in ((tier,) if isinstance(tier, str) else tier)}
        for ranking in rankings
    ]
    common = sorted(set.intersection(*(set(row) for row in placed)))
    return [[row[name] for name in common] for row in placed]


def tau_b(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Kendall's tau-b of two rankings in [-1, 1], 1 for the same order; None where one of them orders nothing.

    Both hold a number for each thing, equal numbers for ties: sum of sgn(x_i - x_j) sgn(y_i - y_j) over pairs, divided
    by the root of (pairs not tied in x) (pairs not tied in y). Kendall, Biometrika 33(3), 1945.
    """
    pairs = [(_sign(a - b), _sign(c - d)) for (a, c), (b, d) in combinations(zip(first, second, strict=True), 2)]
    ordered = sum(abs(x) for x, _ in pairs) * sum(abs(y) for _, y in pairs)
    return sum(x * y for x, y in pairs) / sqrt(ordered) if ordered else None


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def concordance(rankings: Sequence[Sequence[float]]) -> float | None:
    """Kendall's W of m rankings of n things in [0, 1], ties corrected: 1 only if all are equal, None if all are void.

    With r_ij the mean rank that i has in ranking j: W = 12 S / (m^2 (n^3 - n) - m sum_j T_j), S the sum of squared
    deviations of the rank sums, T_j = sum of t^3 - t over the ties in j (Kendall and Babington Smith, Annals of
    Mathematical Statistics 10(3), 1939). (n^3 - n - T_j) / 12 is the sum of squares in j, which is what is summed here,
    of twice the ranks: in whole numbers, so that W is exact. Each stakeholder counts once, whatever their say.
    """
    rows = [_centred_ranks(ranking) for ranking in rankings]
    between = sum(sum(column) ** 2 for column in zip(*rows, strict=True))
    within = len(rows) * sum(rank * rank for row in rows for rank in row)
    return between / within if within else None


def _centred_ranks(values: Sequence[float]) -> list[int]:
    """Twice the mean rank of each value, less its average n + 1: (values below) - (values above)."""
    return [sum(_sign(value - other) for other in values) for value in values]
