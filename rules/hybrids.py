"""Two releases taken apart into facts, rules and weights: in which parts they differ, and documents of parts of both.

A hybrid is a release that was never published: what would be answered if only the facts, the rules or the weights had
changed. This module joins documents; it compiles nothing and decides nothing.

The parts of a release document:

* facts: alternatives, grades, paths, kin, and the evidence and sources behind them;
* weights: the `weights` and `strength` of the rules that both releases have, and `priorities_weight`;
* rules: all the rest but the release's name and day: questionnaire, vocabulary, criteria, conditions, gates, layers.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from rules.faults import InvalidInput
from rules.requirements import Questionnaire, Requirements, parse

PARTS = ("facts", "rules", "weights")
CALLED = ("schema", "name", "as_of", "summary")  # nothing is decided by these
FACTS = ("alternatives", "paths", "kin", "grades", "grade_covariance", "evidence", "sources")
DECIDING = FACTS[:5]  # evidence and sources are only cited
BY_CRITERION = ("grades", "grade_covariance")
WEIGHTS = ("strength", "weights")

Document = Mapping[str, Any]
Records = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: `field` of the `kind` called `id`, of a group, from `before` to `after`.

    The field `exists` says that only one side has the thing.
    """

    group: str
    kind: str
    id: str
    field: str
    before: object
    after: object


# --- Parts and hybrids -----------------------------------------------------------------------------------------------


def differing(before: Document, after: Document) -> frozenset[str]:
    """The parts in which two release documents differ, of `PARTS`."""
    same = {
        "facts": all(before.get(key) == after.get(key) for key in DECIDING),
        "rules": _rest(before, after) == _rest(after, before),
        "weights": _weights(before, after) == _weights(after, before),
    }
    return frozenset(part for part in PARTS if not same[part])


def hybrid(before: Document, after: Document, swapped: Set[str]) -> Document:
    """The release document with the parts named in `swapped` from `after` and the others from `before`.

    What only one side knows must not make the other's rules unreadable, nor vanish where the other's weights count it:

    * an alternative that the facts lack is there by name only, in no role, not graded and without a fact;
    * a criterion that the rules do not define is defined as on the other side (it counts only where it is weighed), and
      one that the facts do not grade has the other side's grades;
    * a fact of a capability that the rules read as another kind of value is unknown.

    With all three parts from one side only the first of these is done, which changes no answer.
    """
    facts, rules, weights = (after if part in swapped else before for part in PARTS)
    alternatives = [*facts["alternatives"], *_only_named(facts, before if facts is after else after)]
    if facts is rules is weights:
        return facts if len(alternatives) == len(facts["alternatives"]) else {**facts, "alternatives": alternatives}
    return {
        **{key: value for key, value in rules.items() if key not in FACTS},
        **{key: facts[key] for key in FACTS if key in facts},
        **_graded(facts, before if facts is after else after, rules),
        "alternatives": _readable(alternatives, facts, rules),
        "criteria": [
            *rules["criteria"],
            *_lacking(rules["criteria"], (before if rules is after else after)["criteria"]),
        ],
        "rules": _weighted(rules["rules"], weights["rules"]),
        "priorities_weight": weights["priorities_weight"],
    }


def understood(answers: Mapping[str, object], questionnaire: Questionnaire) -> Requirements:
    """What a questionnaire understands of answers that may have been given to another one.

    An answer to a question that it does not ask, or that it does not accept, is unknown: no rule beside it can look at
    that. Of a list it keeps the options that it knows. Contradictions are not looked for, since nobody answered so.
    """
    lenient = replace(questionnaire, contradictions=())
    try:
        return parse(answers, lenient)
    except InvalidInput:
        return parse(
            {
                question: _accepted(question, given, lenient)
                for question, given in answers.items()
                if question in lenient.questions
            },
            lenient,
        )


def _accepted(question: str, given: object, questionnaire: Questionnaire) -> object:
    if _accepts(questionnaire, question, given):
        return given
    kept = (
        [item for item in given if _accepts(questionnaire, question, [item])] if isinstance(given, list | tuple) else []
    )
    return kept if _accepts(questionnaire, question, kept) else None


def _accepts(questionnaire: Questionnaire, question: str, given: object) -> bool:
    try:
        parse({question: given}, questionnaire)
    except InvalidInput:
        return False
    return True


def _by_id(entries: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {entry["id"]: entry for entry in entries}


def _lacking(entries: Iterable[Document], others: Iterable[Document]) -> list[Document]:
    """Those of the others whose id is not among the entries."""
    known = _by_id(entries)
    return [entry for entry in others if entry["id"] not in known]


def _only_named(facts: Document, other: Document) -> Iterator[Document]:
    """The alternatives that only the other side knows, as mere names."""
    for entry in _lacking(facts["alternatives"], other["alternatives"]):
        nothing = {"facts": {"alt.id": entry["id"], "alt.graded": False}, "fact_evidence": {}}
        yield {**entry, "roles": [], "graded": False, "lifecycle": {**entry["lifecycle"], "successor": None}, **nothing}


def _graded(facts: Document, other: Document, rules: Document) -> dict[str, Any]:
    """Grades by criterion, from the other side where these facts have none; affinities are never graded."""
    affinities = {c["id"] for c in rules["criteria"] if c["affinity"]}
    return {
        key: {
            c: grades
            for c, grades in {**(other.get(key) or {}), **(facts.get(key) or {})}.items()
            if c not in affinities
        }
        for key in BY_CRITERION
        if key in facts
    }


def _readable(alternatives: list[Document], facts: Document, rules: Document) -> list[Document]:
    """The alternatives without the facts whose kind of value the rules take for another."""
    kinds = {c["id"]: c["kind"] for c in rules["capabilities"]}
    wrong = {f"alt.{c['id']}" for c in facts["capabilities"] if kinds.get(c["id"], c["kind"]) != c["kind"]}
    if not wrong:
        return alternatives
    return [a | {"facts": {k: v for k, v in a["facts"].items() if k not in wrong}} for a in map(dict, alternatives)]


def _weighted(rules: Iterable[Document], weights: Iterable[Document]) -> list[Document]:
    others = _by_id(weights)
    return [{**rule, **{key: others.get(rule["id"], rule)[key] for key in WEIGHTS}} for rule in rules]


def _shared(document: Document, other: Document) -> set[str]:
    return _by_id(document["rules"]).keys() & _by_id(other["rules"]).keys()


def _weights(document: Document, other: Document) -> tuple[object, dict[str, Any]]:
    """The weights that a document gives to what both have."""
    shared = _shared(document, other)
    return document["priorities_weight"], {
        rule["id"]: {"strength": rule["strength"], **{f"weights.{c}": w for c, w in rule["weights"].items()}}
        for rule in document["rules"]
        if rule["id"] in shared
    }


def _rest(document: Document, other: Document) -> dict[str, Any]:
    """The rules' part: all that is no fact, weight or name. A rule that only one side has keeps its weights."""
    shared = _shared(document, other)
    apart = (*FACTS, *CALLED, "priorities_weight")
    rules = {
        rule["id"]: {k: v for k, v in rule.items() if rule["id"] not in shared or k not in WEIGHTS}
        for rule in document["rules"]
    }
    return {key: value for key, value in document.items() if key not in apart} | {"rules": rules}


# --- What differs ----------------------------------------------------------------------------------------------------


def changes(before: Document, after: Document) -> Iterator[Change]:
    """Everything that two release documents decide differently from: rules, then weights, then facts."""
    yield from _rule_changes(_rest(before, after), _rest(after, before))
    (priorities, weights), (then, weights_then) = _weights(before, after), _weights(after, before)
    yield from fields("weights", "release", {"priorities_weight": priorities}, {"priorities_weight": then})
    yield from records("weights", "rule", weights, weights_then)
    yield from records("facts", "framework", _facts(before), _facts(after))
    yield from records("facts", "path", _by_id(before["paths"]), _by_id(after["paths"]))
    yield from records("facts", "kin", _kin(before), _kin(after))


def _rule_changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    yield from records("rules", "rule", before.pop("rules"), after.pop("rules"))
    questionnaires = before.pop("questionnaire"), after.pop("questionnaire")
    for kind in ("question", "contradiction", "group"):
        listed = [_by_id(questionnaire[f"{kind}s"]) for questionnaire in questionnaires]
        yield from records("rules", kind, *listed)
    for kind, key in (("gate", "gates"), ("criterion", "criteria"), ("capability", "capabilities")):
        yield from records("rules", kind, _by_id(before.pop(key)), _by_id(after.pop(key)))
    yield from fields("rules", "release", before, after)


def fields(group: str, kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    """The names whose value differs; a name that only one side has is None on the other."""
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Change(group, kind, name, "value", before.get(name), after.get(name))


def records(group: str, kind: str, before: Records, after: Records) -> Iterator[Change]:
    """The things that only one side has, and for the others every field that differs."""
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            yield Change(group, kind, name, "exists", name in before, name in after)
            continue
        old, new = before[name], after[name]
        for field in sorted(old.keys() | new.keys()):
            if old.get(field) != new.get(field):
                yield Change(group, kind, name, field, old.get(field), new.get(field))


def _facts(document: Document) -> Records:
    """What is known of each alternative, by the names that conditions use, and its grades as [mean, sd] in levels."""
    found = {
        a["id"]: {"roles": a["roles"], "graded": a["graded"], "version": a["version"], **a["facts"]}
        for a in document["alternatives"]
    }
    for criterion, grades in document["grades"].items():
        for name, cell in grades.items():
            if name in found:
                found[name][f"grade.{criterion}"] = [cell["mean"], cell["sd"]]
    return found


def _kin(document: Document) -> Records:
    return {" - ".join(sorted((k["a"], k["b"]))): {"value": k["value"]} for k in document["kin"]}
