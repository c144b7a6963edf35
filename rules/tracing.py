"""The trace: everything a recorded decision was summed from, so that a reviewer recomputes it by hand from it alone.

It is read from the recorded document; the release lends condition texts, facts on file and the evidence behind grades.
The closed form of the intervals is shown even where a decision drew them: draws cannot be redone by hand.
No condition is evaluated and nothing is decided again. Where the document does not say (whether a gate that stopped
nobody concerned the project, say), the trace says so and does not work it out.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum, sqrt
from statistics import NormalDist
from typing import Any

from rules import grounds, preferences
from rules.compiled import Role, Rule
from rules.faults import Fault, InvalidInput, shown
from rules.naming import Names

DECIMALS = 12
FORMULAS = {
    "mass": "mass = strength x sum of the rule's weights; W = sum of all masses",
    "share": "share = mass / W",
    "opinion": "opinion = sum of (weight x grade) / sum of weights",
    "score": "score = sum of (share x opinion)",
    "contribution": "contribution = share x (opinion - mean opinion over the ranked)",
    "sum": "score = field mean + sum of contributions",
    "grade": "level (0 to 4) = prior + sum of influences, kept within 0 and 4; grade = level / 4, and so its sd",
    "variance": "variance = sum over criteria of (share of the criterion x sd)^2"
    " + t^2 x sum over rules of (share x (opinion - score))^2",
    "pair": "variance of the difference of two scores = sum over criteria of share^2 x (sd^2 of one + sd^2 of the other"
    " - 2 x covariance) + t^2 x sum over rules of (gap of the rule - share x gap)^2",
    "interval": "interval = score -/+ z x square root of the variance, kept within 0 and 1",
}

Document = Mapping[str, Any]


def trace(document: Document, names: Names) -> dict[str, Any]:
    """Everything behind a recorded decision.

    Args:
        document: the recorded decision.
        names: the words of the release that it was made from.

    Returns:
        JSON. Every sum stands beside its terms, and beside the recorded value with the `residual` between the two.
        `largest_residual` is the largest of those of shares, opinions, scores, contributions and field means.

    Raises:
        InvalidInput: the words are those of another release.
    """
    _require_same_release(document, names)
    roles = {role: _role(document, names, role) for role in document["roles"]}
    inputs = ("id", "passport", "engine", "release", "asked_roles", "policy", "preferences", "draws")
    kept = (*inputs, "hardware", "answers")
    return {
        **{key: document[key] for key in kept if key in document},  # a decision of old lacks some
        "formulas": FORMULAS,
        "roles": roles,
        "stack": document["stack"],
        "changes": document["changes"],
        "considered": document["considered"],
        "evidence": grounds.evidence(names, grounds.cited(document, roles)),
        "largest_residual": max((abs(r) for r in _residuals(roles)), default=0.0),
    }


def _require_same_release(document: Document, names: Names) -> None:
    made_from, given = document["release"]["id"], names.release.id
    if made_from != given:
        raise InvalidInput([Fault("release", shown(given), f"the release of this decision, {made_from}")])


def _role(document: Document, names: Names, role: str) -> dict[str, Any]:
    result, compiled = document["roles"][role], names.release.roles[role]
    whole = fsum(_mass(rule) for rule in result["rules"])
    criteria = _criterion_shares(result, whole)
    opinions = _opinions(result)
    return {
        "W": whole,
        "rules": _rules(document, names, compiled, whole),
        "criteria": criteria,
        "grades": grounds.grades(document, names, compiled),
        "frameworks": [_framework(result, opinions, each) for each in _in_order(result)],
        "field_mean": _field_mean(result, opinions),
        "confidence": {
            **_confidence(result, opinions, criteria, names.release.confidence),
            "covariances": grounds.covariances(document, compiled),
        },
        "gates": [grounds.gate_row(document, names, compiled, gate) for gate in compiled.gates],
        "near_misses": result["near_misses"],
    }


def _mass(rule: Document) -> float:
    return float(rule["strength"] * fsum(rule["weights"].values()))


def _criterion_shares(result: Document, whole: float) -> dict[str, float]:
    """The weight of each criterion over all rules, as a share of W."""
    found: dict[str, list[float]] = {}
    for rule in result["rules"]:
        for criterion, weight in rule["weights"].items():
            found.setdefault(criterion, []).append(rule["strength"] * weight)
    return {criterion: fsum(masses) / whole for criterion, masses in sorted(found.items())}


# --- Rules -----------------------------------------------------------------------------------------------------------


def _rules(document: Document, names: Names, compiled: Role, whole: float) -> list[dict[str, Any]]:
    """Every rule of the role, those that spoke first."""
    result = document["roles"][compiled.name]
    spoke = {rule["rule"]: rule for rule in result["rules"]}
    silent = {s["id"]: s for s in document["silent_rules"] if s["role"] == compiled.name and s["kind"] == "rule"}
    rows = []
    for rule in compiled.rules:
        said = _said(document, rule, spoke, silent)
        heard = _heard(document, rule, spoke[rule.id], whole) if rule.id in spoke else {}
        head = {"rule": rule.id, "layer": rule.layer, "text": rule.text, **grounds.when(document, names, rule.when)}
        rows.append({**head, **said, **heard, "evidence": list(rule.evidence)})
    order = ("spoke", "silent", "did not apply", "not recorded")
    return sorted(rows, key=lambda row: (order.index(row["said"]), -row.get("share", 0.0), row["rule"]))


def _said(document: Document, rule: Rule, spoke: Document, silent: Document) -> dict[str, Any]:
    if rule.id in spoke:
        return {"said": "spoke"}
    if rule.id in silent:
        waits = silent[rule.id]
        return {"said": "silent", "waits_for": waits["questions"], "could_change": waits["could_change"]}
    if not spoke:
        return {"said": "not recorded", "why": "no rule spoke in this role, and then the silent ones are not recorded"}
    ranked = grounds.project(document).get("priorities")
    if rule.strength == 0:
        why = "its strength is 0"
    elif rule.rank_of and rule.rank_of not in (ranked or ()):
        why = f"{rule.rank_of} is not among the priorities"
    else:
        why = "its condition is not true of the answers"
    return {"said": "did not apply", "why": why}


def _heard(document: Document, rule: Rule, row: Document, whole: float) -> dict[str, Any]:
    """Strength, weights and share of a rule that spoke, with what a ranked priority makes of its strength."""
    found = {
        "strength": row["strength"],
        "weights": row["weights"],
        "sum_of_weights": fsum(row["weights"].values()),
        "mass": _mass(row),
        "share": _mass(row) / whole,
        "recorded_share": row["share"],
        "residual": _mass(row) / whole - row["share"],
    }
    ranked = grounds.project(document).get("priorities") or ()
    if rule.rank_of in ranked:
        centroid = preferences.rank_order_centroid(len(ranked))[list(ranked).index(rule.rank_of)]
        # Another method of weighing priorities is not this one's business to explain.
        if abs(rule.strength * centroid - row["strength"]) < 10**-DECIMALS:
            place = {"place": list(ranked).index(rule.rank_of) + 1, "of": len(ranked), "centroid_weight": centroid}
            found["priority"] = {"option": rule.rank_of, "full_strength": rule.strength, **place}
    return found


# --- Opinions and scores ---------------------------------------------------------------------------------------------


def _in_order(result: Document) -> list[str]:
    """The graded alternatives: the ranked as ranked, then the excluded."""
    ranked = [place["framework"] for place in result["ranking"]]
    return [*ranked, *(name for name in result["grades"] if name not in ranked)]


Opinions = Mapping[str, Mapping[str, Mapping[str, Any]]]  # by alternative and rule


def _opinions(result: Document) -> Opinions:
    """Each rule's opinion of each graded alternative, with the terms it is the weighted mean of."""
    return {
        name: {r["rule"]: _opinion(r, grades) for r in result["rules"]} for name, grades in result["grades"].items()
    }


def _opinion(rule: Document, grades: Document) -> dict[str, Any]:
    terms = [
        {"criterion": c, "weight": weight, "grade": grades[c][0], "product": weight * grades[c][0]}
        for c, weight in rule["weights"].items()
    ]
    products, weights = fsum(t["product"] for t in terms), fsum(rule["weights"].values())
    return {"terms": terms, "sum_of_products": products, "sum_of_weights": weights, "opinion": products / weights}


def _framework(result: Document, opinions: Opinions, name: str) -> dict[str, Any]:
    """One graded alternative: its score term by term; where it is ranked, what each rule contributes."""
    place = next((p for p in result["ranking"] if p["framework"] == name), None)
    recorded = {r["rule"]: r for r in place["reasons"]} if place else {}
    rows = []
    for rule in result["rules"]:
        said = opinions[name][rule["rule"]]
        row = {"rule": rule["rule"], **said, "share": rule["share"], "part": rule["share"] * said["opinion"]}
        if rule["rule"] in recorded:
            row |= _contribution(result, opinions, rule, said["opinion"], recorded[rule["rule"]])
        rows.append(row)
    score = fsum(row["part"] for row in rows)
    if place is None:
        return {"framework": name, "outcome": "excluded", "rules": rows, "score_if_let_in": score}
    contributions = fsum(row["contribution"] for row in rows)
    from_mean = _mean_score(result, opinions) + contributions
    return {
        "framework": name,
        "outcome": "ranked",
        "rank": place["rank"],
        "tie_group": place["tie_group"],
        "rules": rows,
        "score": score,
        "recorded_score": place["score"],
        "residual": score - place["score"],
        "sum_of_contributions": contributions,
        "field_mean_and_contributions": {"sum": from_mean, "residual": from_mean - place["score"]},
    }


def _contribution(
    result: Document, opinions: Opinions, rule: Document, opinion: float, recorded: Document
) -> dict[str, Any]:
    middle = _mean([opinions[p["framework"]][rule["rule"]]["opinion"] for p in result["ranking"]])
    contribution = rule["share"] * (opinion - middle)
    return {
        "recorded_opinion": recorded["opinion"],
        "mean_opinion": middle,
        "contribution": contribution,
        "recorded_contribution": recorded["contribution"],
        "residual": max(opinion - recorded["opinion"], contribution - recorded["contribution"], key=abs),
    }


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _mean_score(result: Document, opinions: Opinions) -> float:
    ranked = [place["framework"] for place in result["ranking"]]
    rules = result["rules"]
    return fsum(r["share"] * _mean([opinions[name][r["rule"]]["opinion"] for name in ranked]) for r in rules)


def _field_mean(result: Document, opinions: Opinions) -> dict[str, float] | None:
    if not result["ranking"]:
        return None
    mean = _mean_score(result, opinions)
    return {"mean": mean, "recorded": result["field_mean"], "residual": mean - result["field_mean"]}


# --- How sure --------------------------------------------------------------------------------------------------------


def _confidence(
    result: Document, opinions: Opinions, criteria: Mapping[str, float], stated: Mapping[str, float]
) -> dict[str, Any]:
    """The variance terms of every ranked score and the interval they give, beside the recorded one."""
    relative_sd = stated["weight_relative_sd"]
    z = NormalDist().inv_cdf(0.5 + stated["interval_probability"] / 2)
    rows = {}
    for place in result["ranking"]:
        name = place["framework"]
        of_grades = {c: (k * result["grades"][name][c][1]) ** 2 for c, k in criteria.items()}
        lean = ((r, opinions[name][r["rule"]]["opinion"] - place["score"]) for r in result["rules"])
        of_weights = {r["rule"]: (relative_sd * r["share"] * each) ** 2 for r, each in lean}
        variance = fsum(of_grades.values()) + fsum(of_weights.values())
        reach = z * sqrt(variance)
        rows[name] = {
            "of_grades": of_grades,
            "of_weights": of_weights,
            "variance": variance,
            "interval": [max(0.0, place["score"] - reach), min(1.0, place["score"] + reach)],
            "recorded_interval": place["interval"],
            "rank_probabilities": place["rank_probabilities"],
        }
    return {"t": relative_sd, "interval_probability": stated["interval_probability"], "z": z, "frameworks": rows}


def _residuals(roles: Document) -> Iterator[float]:
    for traced in roles.values():
        yield from (row["residual"] for row in traced["rules"] if "residual" in row)
        if traced["field_mean"]:
            yield traced["field_mean"]["residual"]
        for each in traced["frameworks"]:
            yield from (row["residual"] for row in each["rules"] if "residual" in row)
            if each["outcome"] == "ranked":
                yield each["residual"]
                yield each["field_mean_and_contributions"]["residual"]
