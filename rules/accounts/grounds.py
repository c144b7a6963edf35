"""What a trace stands on: conditions and the answers they look at, gates and what was found, grades and their evidence.

Recorded values come from the decision, texts and evidence from the release. No condition is evaluated, but for which
runtimes a project can use: the ways to its targets lead over these.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from math import fsum
from typing import Any

from rules import preferences
from rules.accounts.naming import Names
from rules.compiled import TOP_GRADE, Alternative, Condition, Criterion, Gate, Role
from rules.conditions import sentences
from rules.conditions.residual import PATH
from rules.engine import seen_by
from rules.reach import target_of
from rules.scoring import SUM_DECIMALS

VERDICTS = {
    "excluded": "the gate keeps it out",
    "caution": "it does not pass, which is a warning",
    "waived": "it does not pass, and a house lets it by for a time",
    "unverified": "a fact about it is not on file, so that the gate cannot be decided and does not keep it out",
    "passed": "it is ranked and the decision holds nothing of this gate against it",
    "not stopped": "the gate does not keep it out; more is not recorded of what is not ranked (is excluded elsewhere or"
    " has no grades), nor where the requirement waits for an answer",
    "not asked": "the gate waits for an answer that decides whether it applies",
}

Document = Mapping[str, Any]


def when(document: Document, names: Names, condition: Condition | None) -> dict[str, Any]:
    """A condition on the project as it is written and in words, and the answers that it looks at."""
    if condition is None:
        return {"when": None, "when_in_words": "always", "answers": {}}
    known = project(document)
    words = sentences.sentence(condition.node, names.release.names, names.release.labels, known)
    return {
        "when": condition.text,
        "when_in_words": words,
        "answers": {question: known.get(question) for question in sorted(condition.questions)},
    }


def project(document: Document) -> dict[str, Any]:
    """What conditions on the project look at: answers, what the hardware filled in, the hardware, stated priorities."""
    hardware, stated = document["hardware"], document["preferences"]
    said = preferences.parse(stated["stated"], list(stated["weights"])) if stated else None
    return {
        **document["answers"],
        **hardware["filled"],
        **{f"hardware.{name}": value for name, value in hardware["facts"].items()},
        **({"priorities": list(said.ranking)} if said else {}),
    }


# --- Gates -----------------------------------------------------------------------------------------------------------


def seen(document: Document, names: Names) -> Mapping[str, Alternative]:
    """The alternatives as the project sees them: with the ways to targets over the runtimes that it can use."""
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in project(document).items()}
    return seen_by(names.release, values)[1].alternatives


def gate_row(
    document: Document, names: Names, compiled: Role, gate: Gate, alternatives: Mapping[str, Alternative]
) -> dict[str, Any]:
    """One gate against every alternative on file for the role; against none where it does not apply to the project."""
    result = document["roles"][compiled.name]
    asked, known = result["gates"], project(document)
    applies = "yes" if gate.id in asked["applied"] else "waits for an answer" if gate.id in asked["silent"] else "no"
    looks_at = gate.requires.questions if applies == "yes" else gate.when.questions if gate.when else ()
    waits_for = sorted(q for q in looks_at if known.get(q) is None) if applies != "no" else []
    recorded, ranked = _recorded(result, gate.id), {place["framework"] for place in result["ranking"]}
    rows = {}
    for name in (*compiled.members, *compiled.others) if applies != "no" else ():
        passed = "passed" if name in ranked and not waits_for else "not stopped"
        verdict = {"verdict": passed if applies == "yes" else "not asked"}
        rows[name] = _found(names, gate, alternatives[name], recorded.get(name, verdict))
    return {
        "gate": gate.id,
        "layer": gate.layer,
        "text": gate.text,
        "effect": "exclude" if gate.excludes else "caution",
        **when(document, names, gate.when),
        "requires": gate.requires.text,
        "requires_in_words": sentences.sentence(gate.requires.node, names.release.names, names.release.labels, known),
        "applies": applies,
        "waits_for": waits_for,
        "evidence": list(gate.evidence),
        "alternatives": rows,
    }


def _recorded(result: Document, gate: str) -> dict[str, dict[str, Any]]:
    """What the decision records of one gate, by alternative."""
    told = [{**e, "verdict": "excluded"} for e in result["excluded"]]
    for place in result["ranking"]:
        told += [
            {**row, "verdict": "waived" if row["waiver"] else "caution", "framework": place["framework"]}
            for row in place["cautions"]
        ]
        told += [{**row, "verdict": "unverified", "framework": place["framework"]} for row in place["unverified"]]
    return {row["framework"]: row for row in told if row["gate"] == gate}


def _found(names: Names, gate: Gate, alternative: Alternative, told: Document) -> dict[str, Any]:
    """A verdict with what was found; else with the facts on file and the ways that are open to this project."""
    on_file = sentences.found(gate.requires.facts, names.release.names, names.release.labels, alternative.facts)
    evidence = [e for fact in gate.requires.facts for e in alternative.fact_evidence.get(fact, ())]
    unknown = {"unknown": told["facts"]} if "facts" in told else {}
    leave = {"waiver": told["waiver"]} if told["verdict"] == "waived" else {}
    return {"verdict": told["verdict"], "found": told.get("found", on_file), **unknown, **leave, "evidence": evidence}


# --- Grades and their evidence ---------------------------------------------------------------------------------------


def grades(
    document: Document, names: Names, compiled: Role, alternatives: Mapping[str, Alternative]
) -> dict[str, dict[str, Any]]:
    """Every recorded grade, by alternative and criterion, with where it comes from."""
    criteria = {c.id: c for c in compiled.criteria}
    found: dict[str, dict[str, Any]] = {}
    for name, row in document["roles"][compiled.name]["grades"].items():
        cells = {}
        for criterion, (grade, sd) in row.items():
            cell = {"name": names.criterion(criterion), "grade": grade, "sd": sd}
            question = criteria[criterion].affinity
            if question:
                cells[criterion] = cell | _nearness(document, names, question, name)
            else:
                cells[criterion] = cell | _posterior(names, criteria[criterion], alternatives[name], grade)
        found[name] = cells
    return found


def _nearness(document: Document, names: Names, question: str, name: str) -> dict[str, Any]:
    """A grade that measures how near an alternative is to those that the answers name: the largest nearness."""
    named = project(document).get(question) or ()
    near = {other: names.release.kinship.get((name, other), 0.0) for other in named}
    return {"from": "nearness", "question": question, "nearness": near}


def _posterior(names: Names, criterion: Criterion, alternative: Alternative, grade: float) -> dict[str, Any]:
    cell = names.source["grades"].get(criterion.id, {}).get(alternative.id)
    if cell is None:
        return {"from": "nothing on file"}
    if abs(cell["mean"] / TOP_GRADE - grade) > 10**-SUM_DECIMALS:
        why = "the ways open to this project, which are not all that the release has"
        fact = f"{PATH}{target_of(criterion)}"
        return {
            "from": why,
            "level": grade * TOP_GRADE,
            "level_in_release": cell["mean"],
            "support": alternative.facts.get(fact),
            "support_in_release": names.release.alternatives[alternative.id].facts.get(fact),
        }
    moved = fsum(delta for _, delta in cell["influences"])
    return {
        "from": "evidence",
        "level": cell["mean"],
        "level_sd": cell["sd"],
        "known": cell.get("known"),
        "contested": cell.get("contested"),
        "influences": [{"evidence": e, "levels": delta} for e, delta in cell["influences"]],
        "prior": round(cell["mean"] - moved, SUM_DECIMALS),  # and what rounding and the ends of the scale cut off
    }


def cited(document: Document, roles: Document) -> Iterator[str]:
    """The ids of all the evidence that a decision and the traces of its roles refer to."""
    for role, traced in roles.items():
        yield from (e for row in traced["rules"] for e in row["evidence"])
        cells = (cell for row in traced["grades"].values() for cell in row.values())
        yield from (i["evidence"] for cell in cells for i in cell.get("influences", ()))
        yield from (e for gate in traced["gates"] for e in gate["evidence"])
        yield from (e for gate in traced["gates"] for each in gate["alternatives"].values() for e in each["evidence"])
        yield from (e for place in document["roles"][role]["ranking"] for r in place["reasons"] for e in r["evidence"])
    yield from (e for stack in document["stack"] for step in stack["path"] for e in step["evidence"])
    without = (document["roles"][role].get("without") for role in roles)
    yield from (e for told in without if told for each in told["itself"] for e in each["evidence"])


def covariances(document: Document, compiled: Role) -> dict[str, list[list[Any]]]:
    """[a, b, covariance] of the grades of ranked alternatives that evidence ties, by weighed criterion."""
    result = document["roles"][compiled.name]
    weighed = {c for rule in result["rules"] for c in rule["weights"]}
    index = {name: compiled.members.index(name) for name in (p["framework"] for p in result["ranking"])}
    found = {}
    for column, matrix in compiled.coupled:
        pairs = [[a, b, float(matrix[index[a], index[b]])] for a, b in combinations(sorted(index), 2)]
        if compiled.criteria[column].id in weighed and (told := [pair for pair in pairs if pair[2]]):
            found[compiled.criteria[column].id] = told
    return found


def evidence(names: Names, cited: Iterable[str]) -> dict[str, Any]:
    """Each cited piece with its day, verdict and source; a piece that is not on file is left out."""
    sources = {s["id"]: s for s in names.source.get("sources", ())}
    wanted = set(cited)
    kept = ("as_of", "locator", "note", "verdict", "verdict_note")
    of_source = ("title", "publisher", "kind", "date", "url", "reliability")
    return {
        e["id"]: {
            **{key: e[key] for key in kept},
            "source": {key: sources[e["source"]][key] for key in of_source},
        }
        for e in names.source.get("evidence", ())
        if e["id"] in wanted
    }
