"""One alternative against another, read from a recorded decision: the gap, what it is made of, what would close it.

Nothing is decided again: the gap is taken apart with the weights and grades that the decision was made with. With D_r
the part of rule r in the gap S_a - S_b, scaling the rules' weights by 1 + x_r levels the two when

    sum_r (1 + x_r) D_r = 0

whatever the scaled weights sum to, as long as any is left. One rule alone: x_r = -gap / D_r. All together and as little
as possible (least sum of squares, no weight below 0): the Karush-Kuhn-Tucker conditions of this convex problem (Boyd
and Vandenberghe, Convex Optimization, 2004, section 5.5.3) give x_r = max(-1, -m D_r) with one multiplier m for all
rules. While no rule is held at -1, m = gap / sum D_r^2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import erf, fsum, sqrt
from typing import Any

from rules.compiled import Release, Role
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.scoring import SUM_DECIMALS

PROBABILITY_DECIMALS = 6
LEAST = 1e-12

Document = Mapping[str, Any]


def against(document: Document, a: str, b: str, role: str, release: Release | None = None) -> dict[str, Any]:
    """How two alternatives of a role stand to each other.

    Args:
        document: the recorded decision.
        a: the id of one alternative.
        b: the id of the other.
        role: a role of the decision.
        release: the release that the decision was made from. The probability that a beats b is the share of draws in
            which it did, where the decision drew and ranks both; else, with the release, that of `rules.confidence`;
            without it, what the decision itself says of two.

    Returns:
        `a` and `b` with their standing, and `comparison`: None where one of them has no grades. Where one is excluded,
        it compares them as if no gate stopped either.

    Raises:
        InvalidInput: the role is not in the decision, or has no alternative of that name, or a and b are the same.
    """
    _require(document, a, b, role)
    result = document["roles"][role]
    comparison = None
    if a in result["grades"] and b in result["grades"]:
        parts = _parts(result, a, b)
        sure = _recorded(result, a, b)
        if release is not None and not _drawn(result, a, b):
            sure = _normal(result, a, b, parts, release, role)
        comparison = {**_comparison(result, a, b, parts), "probability": sure}
    return {"role": role, "a": _standing(result, a), "b": _standing(result, b), "comparison": comparison}


def _require(document: Document, a: str, b: str, role: str) -> None:
    if role not in document["roles"]:
        near = nearest(role, document["roles"])
        raise InvalidInput([Fault("role", shown(role), "a role of this decision", near)])
    result = document["roles"][role]
    known = {*result["grades"], *(each["framework"] for kind in ("ranking", "excluded") for each in result[kind])}
    expected = f"an alternative that this decision ranks or excludes for {role}"
    faults = [
        Fault(at, shown(x), expected, nearest(x, sorted(known))) for at, x in (("a", a), ("b", b)) if x not in known
    ]
    if a == b:
        faults.append(Fault("b", shown(b), f"an alternative other than {shown(a)}"))
    if faults:
        raise InvalidInput(faults)


def _standing(result: Document, name: str) -> dict[str, Any]:
    place = next((p for p in result["ranking"] if p["framework"] == name), None)
    if place:
        kept = ("rank", "score", "interval", "win_probability", "tie_group")
        return {"framework": name, "outcome": "ranked", **{key: place[key] for key in kept}}
    gates = [
        {"gate": e["gate"], "layer": e["layer"], "text": e["text"]}
        for e in result["excluded"]
        if e["framework"] == name
    ]
    return {"framework": name, "outcome": "excluded", "gates": gates}


@dataclass(frozen=True, slots=True)
class _Part:
    """One rule's part in the gap, and how it comes from the criteria."""

    rule: Document
    share: float
    shares: Mapping[str, float]
    gap: float
    terms: Mapping[str, float]


def _parts(result: Document, a: str, b: str) -> list[_Part]:
    """Every rule's part, the largest first; criterion by criterion a_r d_rc / W x (v_ac - v_bc)."""
    grade_a, grade_b = result["grades"][a], result["grades"][b]
    whole = fsum(rule["strength"] * weight for rule in result["rules"] for weight in rule["weights"].values())
    found = []
    for rule in result["rules"]:
        shares = {c: rule["strength"] * weight / whole for c, weight in rule["weights"].items()}
        terms = {c: share * (grade_a[c][0] - grade_b[c][0]) for c, share in shares.items()}
        found.append(_Part(rule, fsum(shares.values()), shares, fsum(terms.values()), terms))
    return sorted(found, key=lambda part: (-round(abs(part.gap), SUM_DECIMALS), part.rule["rule"]))


def _comparison(result: Document, a: str, b: str, parts: Sequence[_Part]) -> dict[str, Any]:
    gap = fsum(part.gap for part in parts)
    ranked = {p["framework"]: p["score"] for p in result["ranking"]}
    recorded = ranked[a] - ranked[b] if a in ranked and b in ranked else None
    return {
        "gap": _rounded(gap),
        "recorded_gap": None if recorded is None else _rounded(recorded),
        "rules": [_row(part, result["grades"][a], result["grades"][b]) for part in parts],
        "level_by_one": _by_one(parts, gap),
        "level_together": _together(parts),
    }


def _row(part: _Part, grade_a: Document, grade_b: Document) -> dict[str, Any]:
    criteria = [
        {
            "criterion": c,
            "weight": part.rule["weights"][c],
            "a": grade_a[c][0],
            "b": grade_b[c][0],
            "gap": _rounded(term),
        }
        for c, term in sorted(part.terms.items(), key=lambda each: (-round(abs(each[1]), SUM_DECIMALS), each[0]))
    ]
    kept = {key: part.rule[key] for key in ("rule", "layer", "text")}
    return {**kept, "share": _rounded(part.share), "gap": _rounded(part.gap), "criteria": criteria}


# --- What would level them -------------------------------------------------------------------------------------------


def _by_one(parts: Sequence[_Part], gap: float) -> dict[str, Any] | None:
    """The one rule whose weight levels the two with the least change of its share; None where none can or need."""
    if abs(gap) <= LEAST:
        return None
    found = []
    for part in parts:
        factor = 1 - gap / part.gap if abs(part.gap) > LEAST else -1.0
        if factor >= 0 and part.share < 1:
            after = factor * part.share / (1 - part.share + factor * part.share)
            found.append((abs(after - part.share), part.rule["rule"], _change(part, factor, after)))
    return min(found, key=lambda each: each[:2])[2] if found else None


def _together(parts: Sequence[_Part]) -> dict[str, Any] | None:
    """The least joint change of all weights that levels the two; None where none can or need."""
    moves = least_joint_change([part.gap for part in parts])
    if moves is None or not any(moves):
        return None
    whole = fsum((1 + x) * part.share for x, part in zip(moves, parts, strict=True))
    if whole <= LEAST:
        return None
    changes = [_change(part, 1 + x, (1 + x) * part.share / whole) for x, part in zip(moves, parts, strict=True) if x]
    return {"distance": _rounded(sqrt(fsum(x * x for x in moves))), "changes": changes}


def _change(part: _Part, factor: float, after: float) -> dict[str, Any]:
    kept = {"rule": part.rule["rule"], "text": part.rule["text"]}
    return {**kept, "factor": _rounded(factor), "share": _rounded(part.share), "share_after": _rounded(after)}


def least_joint_change(parts: Sequence[float]) -> list[float] | None:
    """x with x_r >= -1 and the least sum of squares for which sum (1 + x_r) D_r = 0; D_r are the `parts` of a gap.

    Zeros where the gap is 0 already. None where one side is ahead on every rule on which they differ and there is no
    other rule: then no weights level them. Where there is one, all that differ go to -1.
    """
    gap = fsum(parts)
    if abs(gap) <= LEAST:
        return [0.0] * len(parts)
    side = 1.0 if gap > 0 else -1.0
    ahead = [side * part if abs(part) > LEAST else 0.0 for part in parts]  # the gap is positive from here on
    if min(ahead) >= 0:
        return [-1.0 if part else 0.0 for part in ahead] if 0.0 in ahead else None
    multiplier = _multiplier(ahead)
    return [max(-1.0, -multiplier * part) if part else 0.0 for part in ahead]


def _multiplier(ahead: Sequence[float]) -> float:
    """m of x_r = max(-1, -m D_r), for parts that sum to a positive gap and of which at least one is negative.

    The larger D_r, the sooner its rule is held at -1. With the k largest held, m = (gap - their sum) / (sum of squares
    of the others); the right k is the first for which the next largest is not beyond the bound.
    """
    order = sorted(ahead, reverse=True)
    gap = fsum(order)
    for held, taken in enumerate(accumulate(order, initial=0.0)):
        multiplier = (gap - taken) / fsum(part * part for part in order[held:])
        if multiplier * order[held] <= 1:  # true of the first negative part at the latest
            break
    return multiplier


# --- How sure --------------------------------------------------------------------------------------------------------


def _drawn(result: Document, a: str, b: str) -> bool:
    """Whether the decision drew how often a outscores b."""
    drawn = result["acceptability"] or {}
    return a in drawn and b in drawn


def _recorded(result: Document, a: str, b: str) -> float | None:
    """The probability that a scores above b: as drawn, or where they are the whole ranking; else None."""
    if _drawn(result, a, b):
        return float(result["acceptability"][a]["wins"][b])
    wins: dict[str, float] = {p["framework"]: p["win_probability"] for p in result["ranking"]}
    return wins[a] if wins.keys() == {a, b} else None


def _normal(result: Document, a: str, b: str, parts: Sequence[_Part], release: Release, role: str) -> float:
    """Phi(gap / sd), with the variance of a difference of two scores as `rules.confidence` has it.

    sum_c k_c^2 (s_ac^2 + s_bc^2 - 2 s_ab,c) + t^2 sum_r (D_r - w_r gap)^2
    """
    gap = fsum(part.gap for part in parts)
    tied = _covariances(release.roles[role], a, b)
    of_grades = []
    for criterion in {c for part in parts for c in part.shares}:
        share = fsum(part.shares.get(criterion, 0.0) for part in parts)
        own = fsum(result["grades"][name][criterion][1] ** 2 for name in (a, b))
        of_grades.append(share**2 * (own - 2 * tied.get(criterion, 0.0)))
    of_weights = fsum((part.gap - part.share * gap) ** 2 for part in parts)
    sd = sqrt(max(0.0, fsum(of_grades) + release.confidence["weight_relative_sd"] ** 2 * of_weights))
    if sd == 0:
        return 0.5 if abs(gap) <= LEAST else float(gap > 0)
    return round(0.5 * (1 + erf(gap / sd / sqrt(2))), PROBABILITY_DECIMALS)


def _covariances(role: Role, a: str, b: str) -> dict[str, float]:
    """The covariance of the two grades on each criterion in which evidence ties grades."""
    row, column = role.members.index(a), role.members.index(b)
    return {role.criteria[at].id: float(matrix[row, column]) for at, matrix in role.coupled}


def _rounded(value: float) -> float:
    return round(value, SUM_DECIMALS) + 0.0
