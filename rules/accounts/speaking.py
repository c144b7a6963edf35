"""Every rule of a role in the trace: weighed, silent and for want of which answers, or of no concern, and why.

It is read from the recorded decision; no condition is evaluated.
"""

from collections.abc import Mapping
from math import fsum
from typing import Any

from rules import preferences
from rules.accounts import grounds
from rules.accounts.naming import Names
from rules.compiled import Role, Rule

Document = Mapping[str, Any]


def mass(rule: Document) -> float:
    """Strength times the sum of the weights of a rule that spoke."""
    return float(rule["strength"] * fsum(rule["weights"].values()))


def rows(document: Document, names: Names, compiled: Role, whole: float) -> list[dict[str, Any]]:
    """One row for each rule of the role, those that spoke first; `whole` is the sum of their masses."""
    spoke = {rule["rule"]: rule for rule in document["roles"][compiled.name]["rules"]}
    silent = {s["id"]: s for s in document["silent_rules"] if s["role"] == compiled.name and s["kind"] == "rule"}
    found = []
    for rule in compiled.rules:
        head = {"rule": rule.id, "layer": rule.layer, "text": rule.text, **grounds.when(document, names, rule.when)}
        if rule.id in spoke:
            said = {"said": "spoke", **_heard(document, names, rule, spoke[rule.id], whole)}
        elif rule.id in silent:
            waits = silent[rule.id]
            said = {"said": "silent", "waits_for": waits["questions"], "could_change": waits["could_change"]}
        else:
            said = {"said": "did not apply", "why": _why(document, names, compiled, rule)}
        found.append({**head, **said, "evidence": list(rule.evidence)})
    order = ("spoke", "silent", "did not apply")
    return sorted(found, key=lambda row: (order.index(row["said"]), -row.get("share", 0.0), row["rule"]))


def _why(document: Document, names: Names, compiled: Role, rule: Rule) -> str:
    if not compiled.members:
        return "nothing on file for this role is graded, so that there is nothing to weigh"
    if rule.strength == 0:
        return "its strength is 0"
    stated = grounds.project(document).get("priorities") or ()
    if rule.rank_of and rule.rank_of not in stated:
        return f"{names.says('priorities', rule.rank_of)} is not among the priorities"
    return "its condition is not true of the answers"


def _heard(document: Document, names: Names, rule: Rule, row: Document, whole: float) -> dict[str, Any]:
    """Strength, weights and share of a rule that spoke, with what a priority makes of its strength."""
    found = {
        "strength": row["strength"],
        "weights": row["weights"],
        "sum_of_weights": fsum(row["weights"].values()),
        "mass": mass(row),
        "share": mass(row) / whole,
        "recorded_share": row["share"],
        "residual": mass(row) / whole - row["share"],
    }
    return found | ({"priority": _priority(document, names, rule, row)} if rule.rank_of else {})


def _priority(document: Document, names: Names, rule: Rule, row: Document) -> dict[str, Any]:
    """How the weight of a priority makes the strength of its rule, and who gives it which weight."""
    option = str(rule.rank_of)
    stated = document["preferences"]
    if stated:
        people = preferences.parse(stated["stated"], list(stated["weights"])).stakeholders
        weight = stated["weights"][option]
    else:
        ranked = preferences.of_ranking(grounds.project(document)["priorities"])
        people, weight = (preferences.Stakeholder("", 1.0, "ranked", ranked, {}),), ranked[option]
    return {
        "option": option,
        "name": names.says("priorities", option),
        "full_strength": rule.strength,
        "weight": weight,
        "given_by": [
            {"name": p.name, "say": p.say, "method": p.method, "weight": p.weights.get(option, 0.0)} for p in people
        ],
        "residual": rule.strength * weight - row["strength"],
    }
