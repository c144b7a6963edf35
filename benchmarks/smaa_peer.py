"""Plain NumPy SMAA as a peer: what anyone would write to learn how often each alternative takes each rank.

Every grade of every criterion is drawn, the weights too; the scores are sorted and the places counted. Gates, rules,
reasons and pairs are not its business. After Lahdelma and Salminen, SMAA-2, Operations Research 49(3), 2001.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.pymcdm_peer import allowed, grades
from rules.decision import RoleResult
from rules.release import Array, Role


@dataclass(frozen=True, slots=True)
class Uncertain:
    """F allowed members, C criteria, R rules that speak.

    Attributes:
        mean: (F, C) grades in [0, 1].
        sd: (F, C) their standard deviations.
        weight: (R, C) weights of the criteria under each rule, its strength counted in.
        relative_sd: relative standard deviation of a rule's weight.
    """

    mean: Array
    sd: Array
    weight: Array
    relative_sd: float


def uncertain(role: Role, result: RoleResult, relative_sd: float) -> Uncertain:
    """The allowed members of a decision and the criteria that a speaking rule weighs."""
    number = {rule.id: i for i, rule in enumerate(role.rules)}
    strength = np.array([weighed.strength for weighed in result.rules])
    weight = strength[:, None] * role.weight[[number[weighed.rule] for weighed in result.rules]]
    rows, columns = allowed(role, result), np.flatnonzero(weight.sum(axis=0))
    mean, sd = grades(role, result)[rows][:, columns], role.grade_sd[rows][:, columns]
    return Uncertain(mean, sd, weight[:, columns], relative_sd)


def of_rules(table: Uncertain, count: int, seed: int) -> Array:
    """(F, F) share of draws in which each member takes each rank; the rules' weights are lognormal around their own."""
    draw = np.random.default_rng(seed)
    spread = np.sqrt(np.log1p(table.relative_sd**2))
    factor = draw.lognormal(-(spread**2) / 2, spread, size=(count, len(table.weight)))
    weight = factor @ table.weight
    return _acceptability(table, weight / weight.sum(axis=1, keepdims=True), draw)


def of_any(table: Uncertain, count: int, seed: int) -> Array:
    """The same with every set of criteria weights as likely as any other."""
    draw = np.random.default_rng(seed)
    return _acceptability(table, draw.dirichlet(np.ones(table.mean.shape[1]), size=count), draw)


def _acceptability(table: Uncertain, weight: Array, draw: np.random.Generator) -> Array:
    count, members = len(weight), len(table.mean)
    grade = draw.normal(table.mean, table.sd, size=(count, *table.mean.shape))
    score = (grade @ weight[:, :, None])[:, :, 0]
    order = np.argsort(-score, axis=1)
    taken = [np.bincount(order[:, rank], minlength=members) for rank in range(members)]
    return np.stack(taken, axis=1) / count
