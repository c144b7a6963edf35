"""A release, compiled: one immutable version of questions, alternatives, criteria, grades, rules, gates and paths.

`compile_release` turns the release document into frozen values and arrays once; every answer is then given from them.
It reads nothing and trusts nothing: a document that does not hold together is refused as a whole.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import fsum
from types import MappingProxyType
from typing import Any

import numpy as np

from rules import canonical, conditions, coupling, packages, priors, requirements, scoring, vocabulary
from rules.builds import installable
from rules.compiled import (
    EVIDENCE_PER_REASON,
    ROLES,
    TOP_GRADE,
    Alternative,
    Array,
    Condition,
    Criterion,
    Edge,
    Gate,
    Layer,
    Part,
    Release,
    Role,
    Rule,
    Waiver,
)
from rules.conditions import Kind, Node, computed, labels
from rules.conditions.residual import FAILS, HOLDS, NEVER_KNOWN, PATH, residual
from rules.faults import Fault, InvalidInput
from rules.requirements import Contradiction, Option, Question, Questionnaire

__all__ = [
    "ROLES",
    "SCHEMA",
    "Array",
    "Condition",
    "Gate",
    "Release",
    "Role",
    "Rule",
    "compile_release",
    "release_id",
]

SCHEMA = "steelyard/release/1"


def release_id(document: Mapping[str, Any], sha256: str) -> str:
    """The id of a release: the day of its knowledge and the head of its hash."""
    return f"{document['as_of']}-{sha256[:12]}"


def compile_release(document: Mapping[str, Any]) -> Release:
    """The release in a document made by `knowledge_base.release.build`, or layered by `rules.policy.apply`.

    Raises:
        InvalidInput: the schema is another one, or a condition does not fit the vocabulary.
    """
    if document.get("schema") != SCHEMA:
        raise InvalidInput([Fault("schema", repr(document.get("schema")), repr(SCHEMA))])
    names = _names(document)
    questionnaire = _questionnaire(document, names)
    alternatives = {a["id"]: _alternative(a) for a in document["alternatives"]}
    base = document.get("base") or _base(document)
    roles = {role: _role(role, document, alternatives, names) for role in ROLES}
    builds, absences = installable(document.get("builds", ()))  # a release of before there were builds has none
    return Release(
        id=base["id"],
        sha256=base["sha256"],
        as_of=document["as_of"],
        questionnaire=questionnaire,
        names=MappingProxyType(names),
        labels=MappingProxyType(labels.table(document)),
        alternatives=MappingProxyType(alternatives),
        roles=MappingProxyType(roles),
        edges=tuple(
            Edge(p["id"], p["source"], p["target"], p["by"], p["level"], tuple(p["evidence"]))
            for p in document["paths"]
        ),
        kinship=MappingProxyType(_kinship(document)),
        reach_questions=frozenset(roles["runtime"].gates_on) | {"deploy_targets", "serving_language"},
        confidence=MappingProxyType(dict(document["confidence"])),
        # A release that was published before there were layers has neither `layers` nor `waivers`.
        layers=tuple(_layer(layer) for layer in document.get("layers", ())),
        policy_sha256=_policy_sha256(document),
        # A release that was published before the adaptive questionnaire states no priors.
        priors=priors.compiled(document.get("asking"), questionnaire, names),
        builds=builds,
        absences=absences,
    )


def _base(document: Mapping[str, Any]) -> Mapping[str, str]:
    sha256 = canonical.digest(document)
    return {"id": release_id(document, sha256), "sha256": sha256}


def _layer(entry: Mapping[str, Any]) -> Layer:
    expired = tuple(Waiver(**waiver, layer=entry["name"]) for waiver in entry["expired"])
    return Layer(entry["name"], entry["owner"], entry["sha256"], tuple(entry["silenced"]), expired)


def _policy_sha256(document: Mapping[str, Any]) -> str | None:
    layers = [[layer["sha256"], layer["waivers"]] for layer in document.get("layers", ())]
    return canonical.digest(layers) if layers else None


def _names(document: Mapping[str, Any]) -> dict[str, Kind]:
    questions = [_question(q) for q in document["questionnaire"]["questions"]]
    alternatives = tuple(a["id"] for a in document["alternatives"])
    options = {q.id: tuple(o.id for o in q.options) for q in questions}
    capabilities = {c["id"]: Kind(c["kind"], options.get(c["options_of"] or "", ())) for c in document["capabilities"]}
    kinds = {q.id: requirements.kind_of(q, alternatives) for q in questions}
    return vocabulary.project_names(kinds) | vocabulary.alternative_names(
        capabilities, alternatives, options.get("deploy_targets", ()), options.get("weights_in", ())
    )


def _question(entry: Mapping[str, Any]) -> Question:
    options = tuple(Option(**option) for option in entry["options"])
    # A release that was published before questions had labels, or were told as given, has neither.
    return Question(
        **{"label": None, "given": False, **entry, "options": options, "exclusive": tuple(entry["exclusive"])}
    )


def _questionnaire(document: Mapping[str, Any], names: Mapping[str, Kind]) -> Questionnaire:
    entry = document["questionnaire"]
    stated = [(c, condition(c["when"], names)) for c in entry["contradictions"]]
    contradictions = (Contradiction(c["id"], c["text"], when.evaluate, when.node, when.questions) for c, when in stated)
    return Questionnaire(
        groups=tuple((g["id"], g["name"], g["text"]) for g in entry["groups"]),
        questions=MappingProxyType({q["id"]: _question(q) for q in entry["questions"]}),
        contradictions=tuple(contradictions),
        alternatives=MappingProxyType({a["id"]: a["name"] for a in document["alternatives"]}),
        packages=MappingProxyType(packages.named(document["alternatives"])),
    )


def condition(text: str, names: Mapping[str, Kind]) -> Condition:
    """A condition parsed, checked and compiled.

    Raises:
        InvalidInput: with line and column of each mistake.
    """
    node = conditions.parse(text)
    faults = conditions.check(text, node, names)
    if faults:
        raise InvalidInput(faults)
    mentioned = conditions.names(node)
    facts = tuple(sorted(n for n in mentioned if n.startswith("alt.")))
    evaluate = conditions.compile_record(node, names)
    questions = frozenset(computed.looked_at(mentioned - set(facts)))
    return Condition(text, node, evaluate, questions, tuple(sorted(questions)), facts, conditions.bounds(node))


def _alternative(entry: Mapping[str, Any]) -> Alternative:
    facts = {name: tuple(v) if isinstance(v, list) else v for name, v in entry["facts"].items()}
    evidence = {name: tuple(ids) for name, ids in entry["fact_evidence"].items()}
    notes = {f"alt.{name}": cell["note"] for name, cell in entry.get("capabilities", {}).items() if cell["note"]}
    return Alternative(
        entry["id"],
        entry["name"],
        tuple(entry["roles"]),
        entry["graded"],
        entry["kind_note"] or entry["summary"],
        entry["version"],
        entry["lifecycle"]["successor"],
        MappingProxyType(facts),
        MappingProxyType(evidence),
        MappingProxyType(notes),
    )


def _kinship(document: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    kin = {(k["a"], k["b"]): k["value"] for k in document["kin"]}
    kin.update({(b, a): value for (a, b), value in tuple(kin.items())})
    kin.update({(a["id"], a["id"]): 1.0 for a in document["alternatives"]})
    return kin


def _role(
    role: str,
    document: Mapping[str, Any],
    alternatives: Mapping[str, Alternative],
    names: Mapping[str, Kind],
) -> Role:
    on_file = sorted(a.id for a in alternatives.values() if role in a.roles)
    members = tuple(a for a in on_file if alternatives[a].graded)
    rules = tuple(_rule(r, names) for r in document["rules"] if role in r["roles"])
    known = {c["id"]: c for c in document["criteria"] if role in c["roles"]}
    used = sorted({c for rule in rules for c in rule.weights if c in known})
    rules = tuple(rule for rule in rules if any(c in known for c in rule.weights))
    grades = document["grades"]
    grade, grade_sd = _grades(grades, members, used)
    stated = [[float(rule.weights.get(name, 0.0)) for name in used] for rule in rules]
    weight = np.array(stated).reshape(len(rules), len(used))
    ranked_weight = {r["id"]: r.get("priorities_weight", document["priorities_weight"]) for r in document["rules"]}
    for row, rule in enumerate(rules):
        if rule.rank_of:
            weight[row] *= ranked_weight[rule.id] / weight[row].sum()
    total = np.array([fsum(row) for row in weight.tolist()])
    gates = tuple(_gate(g, names, alternatives, on_file) for g in document["gates"] if role in g["roles"])
    looks = [(r.when,) for r in rules], [(g.when, g.requires) for g in gates]
    return Role(
        name=role,
        members=members,
        others=tuple(a for a in on_file if not alternatives[a].graded),
        criteria=tuple(_criterion(known[c]) for c in used),
        rules=rules,
        gates=gates,
        grade=_frozen(grade),
        grade_sd=_frozen(grade_sd),
        coupled=coupling.coupled(document.get("grade_covariance", {}), members, used, grade_sd),
        weight=_frozen(weight),
        weights=tuple(
            MappingProxyType({name: w for name, w in zip(used, row, strict=True) if w}) for row in weight.tolist()
        ),
        total=_frozen(total),
        opinion=_frozen(scoring.opinions_of(weight, grade, total)),
        evidence=MappingProxyType(_evidence(rules, members, grades)),
        rules_on=_index(looks[0], {"priorities": [i for i, r in enumerate(rules) if r.rank_of]}),
        gates_on=_index(looks[1], {}),
        bounds=_bounds([c.node for group in looks for pair in group for c in pair if c], gates),
    )


def _grades(
    grades: Mapping[str, Mapping[str, Any]], members: Sequence[str], criteria: Sequence[str]
) -> tuple[Array, Array]:
    """(F, C) means and standard deviations as shares of the top grade; 0 where there is no grade."""
    grade = np.zeros((len(members), len(criteria)))
    grade_sd = np.zeros_like(grade)
    for column, name in enumerate(criteria):
        for row, member in enumerate(members):
            cell = grades.get(name, {}).get(member)
            if cell is not None:
                grade[row, column], grade_sd[row, column] = cell["mean"] / TOP_GRADE, cell["sd"] / TOP_GRADE
    return grade, grade_sd


def _criterion(entry: Mapping[str, Any]) -> Criterion:
    derived = entry["derived"]
    computed = (derived["capability"], tuple(derived["values"])) if derived else None
    return Criterion(entry["id"], entry["name"], entry["affinity"], computed)


Looks = Sequence[tuple[Condition | None, ...]]


def _index(looks: Looks, more: Mapping[str, list[int]]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {question: set(indices) for question, indices in more.items() if indices}
    for index, looked_at in enumerate(looks):
        for question in {q for c in looked_at if c for q in c.questions}:
            found.setdefault(question, set()).add(index)
    return MappingProxyType({question: tuple(sorted(indices)) for question, indices in found.items()})


def _bounds(looked_at: Sequence[Node], gates: Sequence[Gate]) -> Mapping[str, tuple[float, ...]]:
    """What conditions say and, of what gates ask, the facts of the candidates."""
    left = (part.node for gate in gates for part in gate.parts)
    found: dict[str, set[float]] = {}
    for question, bound in (pair for node in chain(looked_at, left) for pair in conditions.bounds(node)):
        found.setdefault(question, set()).add(bound)
    return MappingProxyType({question: tuple(sorted(bounds)) for question, bounds in found.items()})


def _frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array


def _rule(entry: Mapping[str, Any], names: Mapping[str, Kind]) -> Rule:
    return Rule(
        entry["id"],
        entry["layer"],
        entry["text"],
        condition(entry["when"], names) if entry["when"] else None,
        entry["rank_of"],
        entry["strength"],
        MappingProxyType(dict(entry["weights"])),
        tuple(entry["evidence"]),
    )


def _gate(
    entry: Mapping[str, Any],
    names: Mapping[str, Kind],
    alternatives: Mapping[str, Alternative],
    candidates: Sequence[str],
) -> Gate:
    requires = condition(entry["requires"], names)
    parts = _parts(requires, names, [alternatives[c] for c in candidates])
    settled = {part.node: part.alternatives for part in parts}
    return Gate(
        entry["id"],
        entry["layer"],
        entry["effect"] == "exclude",
        entry["text"],
        condition(entry["when"], names) if entry["when"] else None,
        requires,
        tuple(entry["evidence"]),
        parts,
        tuple(sorted(settled.get(FAILS, ()))),
        tuple(sorted(name for name in settled.get(NEVER_KNOWN, ()) if alternatives[name].graded)),
        tuple(part for part in parts if part.node not in (HOLDS, FAILS, NEVER_KNOWN)),
        any(fact.startswith(PATH) for fact in requires.facts),
        MappingProxyType({w["alternative"]: Waiver(gate=entry["id"], **w) for w in entry.get("waivers", ())}),
    )


def _parts(requires: Condition, names: Mapping[str, Kind], candidates: Sequence[Alternative]) -> tuple[Part, ...]:
    """What is left of a requirement for each candidate; those for whom the same is left share a part."""
    own = any(fact == "alt.id" or fact.startswith(PATH) for fact in requires.facts)
    alike: dict[tuple[object, ...], list[Alternative]] = {}
    for candidate in candidates:
        known = tuple(candidate.facts.get(fact) for fact in requires.facts)
        alike.setdefault((candidate.id, *known) if own else known, []).append(candidate)
    left: dict[Node, set[str]] = {}
    for one, *others in alike.values():
        node = residual(requires.node, one.id, one.facts, names)
        left.setdefault(node, set()).update(each.id for each in (one, *others))
    return tuple(Part(node, conditions.compile_record(node, names), frozenset(ids)) for node, ids in left.items())


def _evidence(
    rules: tuple[Rule, ...], members: tuple[str, ...], grades: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """The evidence behind each rule's opinion of each member, most influential first (weight x influence)."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for rule in rules:
        for member in members:
            moved: dict[str, float] = {}
            for name, weight in rule.weights.items():
                for item, delta in grades.get(name, {}).get(member, {}).get("influences", ()):
                    moved[item] = moved.get(item, 0.0) + weight * abs(delta)
            ordered = sorted(moved, key=lambda item: (-moved[item], item))
            found[rule.id, member] = tuple(dict.fromkeys((*rule.evidence, *ordered[:EVIDENCE_PER_REASON])))
    return found
