"""The score of the ranked by criterion, and by the pieces of evidence behind their grades, from a recorded decision.

With a_r the strength of rule r, d_rc its weights and W the sum of all a_r d_rc, criterion c has the share
k_c = (sum over r of a_r d_rc) / W, and a score is the sum of k_c v_fc. So the part of a criterion, k_c (v_fc - mean of
v_c over the ranked), sums over the criteria to the score less the mean of the ranked, as the contributions of rules do.
"""

from collections.abc import Mapping
from math import fsum
from typing import Any

from rules.accounts.naming import Names
from rules.compiled import TOP_GRADE
from rules.scoring import SUM_DECIMALS

Document = Mapping[str, Any]


def criterion_shares(result: Document) -> dict[str, float]:
    """The weight of each criterion over all rules that spoke of a role, as a share of the whole."""
    found: dict[str, list[float]] = {}
    for rule in result["rules"]:
        for criterion, weight in rule["weights"].items():
            found.setdefault(criterion, []).append(rule["strength"] * weight)
    whole = fsum(mass for masses in found.values() for mass in masses)
    return {criterion: fsum(masses) / whole for criterion, masses in sorted(found.items())}


def by_criterion(result: Document) -> dict[str, dict[str, float]]:
    """What each criterion adds to the score of each of the ranked against their mean, in [-1, 1]."""
    grades = {place["framework"]: result["grades"][place["framework"]] for place in result["ranking"]}
    parts: dict[str, dict[str, float]] = {name: {} for name in grades}
    for criterion, share in criterion_shares(result).items():
        mean = fsum(row[criterion][0] for row in grades.values()) / len(grades)
        for name, row in grades.items():
            parts[name][criterion] = share * (row[criterion][0] - mean)
    return parts


def by_evidence(result: Document, names: Names, framework: str) -> dict[str, float]:
    """How far each piece of evidence moves the score of one alternative, over all criteria, up or down, in [0, 1].

    The influence of a piece on a grade is in closed form and on file with the release; where a grade is not that of the
    release (its ways are others for this project), or names no evidence, it adds nothing here.
    """
    found: dict[str, float] = {}
    for criterion, share in criterion_shares(result).items():
        cell = names.source["grades"].get(criterion, {}).get(framework)
        grade = result["grades"][framework][criterion][0]
        if cell is None or abs(cell["mean"] / TOP_GRADE - grade) > 10**-SUM_DECIMALS:
            continue
        for piece, levels in cell["influences"]:
            found[piece] = found.get(piece, 0.0) + share * abs(levels) / TOP_GRADE
    return found
