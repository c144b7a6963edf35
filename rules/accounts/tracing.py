"""The trace: everything a recorded decision was summed from, so that a reviewer recomputes it by hand from it alone.

It is read from the recorded document; the release lends condition texts, facts on file and the evidence behind grades.
Nothing is decided again but which runtimes a project can use, over which its ways to targets lead. The closed form of
the intervals is shown even where a decision drew them, for draws cannot be redone by hand; then it is near the recorded
interval and not equal to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum, sqrt
from statistics import NormalDist
from typing import Any

from rules.accounts import grounds, speaking
from rules.accounts.naming import Names
from rules.accounts.parts import criterion_shares
from rules.compiled import Alternative
from rules.faults import Fault, InvalidInput, shown

FORMULAS = {
    "priority": "strength of a priority's rule = full strength x weight of the priority; that is the mean of the"
    " weights given by each, in proportion to their say; the k-th of n ranked has (1/n) x sum of 1/i for i from k to n,"
    " a priority with points its points / the sum of all points",
    "mass": "mass = strength x sum of the rule's weights; W = sum of all masses",
    "share": "share = mass / W",
    "opinion": "opinion = sum of (weight x grade) / sum of weights",
    "score": "score = sum of (share x opinion)",
    "contribution": "contribution = share x (opinion - mean opinion over the ranked)",
    "sum": "score = field mean + sum of contributions",
    "grade": "level (0 to 4) = prior + sum of influences, kept within 0 and 4; grade = level / 4, and so its sd",
    "support": "gates look at support levels, 0 (none) to 3 (first-class), which are not the levels of grades; for a"
    " way to a target it is that of the best way open to this project, and a grade computed from ways follows it",
    "variance": "variance = sum over criteria of (share of the criterion x sd)^2"
    " + t^2 x sum over rules of (share x (opinion - score))^2",
    "pair": "variance of the difference of two scores = sum over criteria of share^2 x (sd^2 of one + sd^2 of the other"
    " - 2 x covariance) + t^2 x sum over rules of (gap of the rule - share x gap)^2",
    "interval": "interval = score -/+ z x square root of the variance, kept within 0 and 1",
    "win": "one beats the other with Phi(gap / square root of the variance of the difference), Phi the standard normal;"
    " where there were draws, in the share of them that `acceptability` holds under `wins`",
    "ranks": "rank_probabilities = chance of each rank under jointly normal scores with these variances and"
    " covariances; exact for two, for three or more counted over a fixed set of quasi-random points; where there were"
    " draws, the share of them",
    "tie": "from the best down: what the first of a tie group does not beat with at least tie_below_win_probability is"
    " in the group; what it beats begins the next",
}

INPUTS = (
    "id",
    "passport",
    "engine",
    "release",
    "asked_roles",
    "policy",
    "preferences",
    "draws",
    "hardware",
    "answers",
)

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
        InvalidInput: the words are those of another release, or of one under other house policies.
    """
    _require_same_release(document, names)
    seen = grounds.seen(document, names)
    roles = {role: _role(document, names, role, seen) for role in document["roles"]}
    return {
        **{key: document[key] for key in INPUTS},
        "formulas": FORMULAS,
        "verdicts": grounds.VERDICTS,
        "roles": roles,
        "stack": document["stack"],
        "changes": document["changes"],
        "considered": document["considered"],
        "evidence": grounds.evidence(names, grounds.cited(document, roles)),
        "largest_residual": max((abs(r) for r in _residuals(roles)), default=0.0),
    }


def _require_same_release(document: Document, names: Names) -> None:
    made_from, given = document["release"]["id"], names.release.id
    faults = []
    if made_from != given:
        faults.append(Fault("release", shown(given), f"the release of this decision, {made_from}"))
    under, laid = document["policy"]["sha256"] if document["policy"] else None, names.release.policy_sha256
    if under != laid:
        faults.append(Fault("policy", shown(laid), f"the policies of this decision, {shown(under)}"))
    if faults:
        raise InvalidInput(faults)


def _role(document: Document, names: Names, role: str, seen: Mapping[str, Alternative]) -> dict[str, Any]:
    result, compiled = document["roles"][role], names.release.roles[role]
    whole = fsum(speaking.mass(rule) for rule in result["rules"])
    criteria = criterion_shares(result)
    opinions = _opinions(result)
    return {
        "W": whole,
        "rules": speaking.rows(document, names, compiled, whole),
        "criteria": criteria,
        "grades": grounds.grades(document, names, compiled, seen),
        "frameworks": [_framework(result, opinions, each) for each in _in_order(result)],
        "field_mean": _field_mean(result, opinions),
        "margin": result["margin"],
        "confidence": {
            **_confidence(result, opinions, criteria, names.release.confidence),
            "covariances": grounds.covariances(document, compiled),
        },
        "gates": [grounds.gate_row(document, names, compiled, gate, seen) for gate in compiled.gates],
        **{key: result[key] for key in ("near_misses", "reliefs", "acceptability", "disagreement")},
    }


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
    told = {key: stated[key] for key in ("interval_probability", "tie_below_win_probability")}
    return {"t": relative_sd, **told, "z": z, "frameworks": rows}


def _residuals(roles: Document) -> Iterator[float]:
    for traced in roles.values():
        yield from (row["residual"] for row in traced["rules"] if "residual" in row)
        yield from (row["priority"]["residual"] for row in traced["rules"] if "priority" in row)
        if traced["field_mean"]:
            yield traced["field_mean"]["residual"]
        for each in traced["frameworks"]:
            yield from (row["residual"] for row in each["rules"] if "residual" in row)
            if each["outcome"] == "ranked":
                yield each["residual"]
                yield each["field_mean_and_contributions"]["residual"]
