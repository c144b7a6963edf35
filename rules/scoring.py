"""The score: a weighted mean of rule opinions, and everything it is made of.

With a_r the strength of rule r in [0, 1], d_rc its weights and W = sum of a_r d_rc over rules and criteria:

    score_f = (1/W) sum_r a_r sum_c d_rc v_fc = sum_r w_r o_rf

where w_r = a_r sum_c d_rc / W is the rule's share and o_rf, the d-weighted mean of f's grades, its opinion.
The arrays made here are what the explanation shows; nothing is computed a second time to explain. Sums are
exactly rounded (`math.fsum`), so that they do not depend on a machine's order of addition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from rules.compiled import Array, Release, Role, Rule
from rules.conditions import Values
from rules.preferences import of_ranking

SUM_DECIMALS = 12  # sums that agree so far are equal; what is smaller is rounding


@dataclass(frozen=True, slots=True)
class Score:
    """Scores of the F members of a role and what they are the sum of. R rules, C criteria.

    Attributes:
        strength: (R,) a_r in [0, 1]; 0 for a rule that does not speak.
        share: (R,) w_r, >= 0, summing to 1.
        opinion: (R, F) o_rf in [0, 1].
        grade: (F, C) grades in [0, 1], affinities filled in.
        criterion_share: (C,) the weight of each criterion over all rules, summing to 1.
        score: (F,) in [0, 1].
    """

    strength: Array
    share: Array
    opinion: Array
    grade: Array
    criterion_share: Array
    score: Array


def strengths(role: Role, values: Values, weights: Mapping[str, float] | None = None) -> tuple[list[float], list[Rule]]:
    """(a_r of every rule of the role; the rules that an unknown answer keeps silent).

    `weights` says what the ranked `priorities` weigh; None: their rank-order centroids.
    """
    ranked = values.get("priorities")
    if weights is None:
        weights = of_ranking(ranked) if isinstance(ranked, tuple) else {}
    spoken: list[float] = []
    silent: list[Rule] = []
    for rule in role.rules:
        holds = rule.when is None or rule.when.evaluate(values)
        said = weights.get(rule.rank_of, 0.0) if rule.rank_of else 1.0
        spoken.append(rule.strength * said if holds else 0.0)
        if holds is None:
            silent.append(rule)
    return spoken, silent


def score(release: Release, role: Role, values: Values, strength_of: Sequence[float]) -> Score:
    """The scores of a role's members under given rule strengths.

    Raises:
        ValueError: no rule speaks, so that there is nothing to weigh.
    """
    grade, opinion = _with_affinities(release, role, values)
    strength_array = np.array(strength_of)
    mass = strength_array * role.total
    whole = fsum(mass)
    if whole <= 0:
        raise ValueError(f"no rule of the role {role.name!r} speaks: there is nothing to weigh")
    share = mass / whole
    spoken = np.flatnonzero(share)
    terms = share[spoken, None] * opinion[spoken]
    criterion_share = (strength_array[spoken] @ role.weight[spoken]) / whole
    totals = np.array([fsum(column) for column in terms.T.tolist()])
    return Score(strength_array, share, opinion, grade, criterion_share, totals)


def opinions_of(weight: Array, grade: Array, total: Array) -> Array:
    """(R, F) the d-weighted mean of each member's grades under each rule, exactly rounded.

    `weight` is (R, C), `grade` (F, C), `total` (R,) the sum of each rule's weights.
    """
    found = np.zeros((len(weight), len(grade)))
    for rule, row in enumerate(weight):
        used = np.flatnonzero(row)
        products = (row[used] * grade[:, used]).tolist()
        found[rule] = [fsum(terms) for terms in products]
    return found / total[:, None]


def _with_affinities(release: Release, role: Role, values: Values) -> tuple[Array, Array]:
    """Grades and opinions with the criteria that depend on project and alternative together filled in."""
    columns = [(i, c.affinity) for i, c in enumerate(role.criteria) if c.affinity and values.get(c.affinity)]
    if not columns:
        return role.grade, role.opinion
    grade, opinion = role.grade.copy(), role.opinion.copy()
    for column, question in columns:
        named = values[str(question)]
        near = np.array([_nearness(release.kinship, member, named) for member in role.members])
        grade[:, column] = near
        opinion += (role.weight[:, column] / role.total)[:, None] * near
    return grade, opinion


def _nearness(kinship: Mapping[tuple[str, str], float], member: str, named: object) -> float:
    return max((kinship.get((member, other), 0.0) for other in named), default=0.0)  # type: ignore[attr-defined]


def contributions(scored: Score, field: Sequence[int]) -> tuple[Array, float]:
    """((R, F) w_r (o_rf - mean of o_r over the field); the field's mean score).

    For every member: field mean + sum of its contributions = its score, to the rounding of the additions.
    """
    if not field:
        return np.zeros_like(scored.opinion), 0.0
    spoken = np.flatnonzero(scored.share)
    middle = np.zeros(len(scored.share))
    middle[spoken] = [fsum(row) / len(field) for row in scored.opinion[spoken][:, field].tolist()]
    parts = scored.share[:, None] * (scored.opinion - middle[:, None])
    return parts, fsum((scored.share * middle).tolist())
