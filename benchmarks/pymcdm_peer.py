"""pymcdm as a peer: its methods on the decision's own table, with the weights that the decision came to.

It is handed grades and weights; gates, conditions, uncertainty and reasons are not its business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pymcdm import methods

from rules.decision import RoleResult
from rules.preferences import rank_order_centroid
from rules.release import Array, Role, Rule


def _as_it_is(column: Array, cost: bool = False) -> Array:  # noqa: ARG001 - pymcdm passes both
    return column


# All grades are on one scale already, so the weighted sum and TOPSIS take them as they are; it is their fastest way.
METHODS = {
    "weighted sum": methods.WSM(_as_it_is),
    "TOPSIS": methods.TOPSIS(_as_it_is),
    "VIKOR": methods.VIKOR(),
    "PROMETHEE II": methods.PROMETHEE_II("usual"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A decision matrix (members x criteria), its weights (summing to 1) and the direction of each criterion (1)."""

    matrix: Array
    weights: Array
    types: Array


def grades(role: Role, result: RoleResult) -> Array:
    """(F, C) grades of a role as the decision saw them."""
    matrix = np.array(role.grade)
    columns = {criterion.id: i for i, criterion in enumerate(role.criteria)}
    for row, member in enumerate(role.members):
        for criterion, (grade, _) in result.grades.get(member, {}).items():
            matrix[row, columns[criterion]] = grade
    return matrix


def weights(role: Role, strength: Mapping[int, float]) -> Array:
    """(C,) weights of the criteria when rules (by number) speak with these strengths, summing to 1."""
    spoken = list(strength)
    found: Array = np.array(list(strength.values())) @ role.weight[spoken]
    normal: Array = found / found.sum()
    return normal


def table(role: Role, result: RoleResult) -> Table:
    """The decision as a table of all members, the excluded ones too."""
    number = {rule.id: i for i, rule in enumerate(role.rules)}
    return telling(grades(role, result), weights(role, {number[w.rule]: w.strength for w in result.rules}))


def allowed(role: Role, result: RoleResult) -> list[int]:
    """The members that were ranked, best first, by number."""
    return [role.members.index(place.framework) for place in result.ranking]


def telling(matrix: Array, weight: Array) -> Table:
    """A table without the criteria on which all are level: some methods divide by the range."""
    kept = np.flatnonzero(np.ptp(matrix, axis=0) > 0)
    whole = weight[kept].sum()
    return Table(matrix[:, kept], weight[kept] / (whole if whole > 0 else 1.0), np.ones(len(kept)))


def rank(method: str, given: Table) -> Array:
    """The preferences of all members by one method; pymcdm's own check of the table is switched off."""
    found: Array = METHODS[method](given.matrix, given.weights, given.types, validation=False)
    return found


def strengths(rules: Sequence[Rule], spoken: Sequence[int], priorities: Sequence[str]) -> dict[int, float]:
    """The strength of each rule that speaks: its own, times the weight of the priority it serves."""
    centroid = dict(zip(priorities, rank_order_centroid(len(priorities)), strict=True))
    return {i: rules[i].strength * (centroid[name] if (name := rules[i].rank_of) else 1.0) for i in spoken}
