"""Two releases taken apart into facts, rules and weights: in which parts they differ, and documents of parts of both.

A hybrid is a release that was never published: what would be answered if only the facts, the rules or the weights had
changed. This module joins documents; it compiles nothing and decides nothing.

The parts of a release document:

* facts: alternatives, grades, paths, kin, builds, and the evidence and sources behind them;
* weights: `weights` and `strength` of the rules that both releases have, and `priorities_weight`;
* rules: all the rest, but for what says whose release it is: questionnaire, vocabulary, criteria, conditions, gates.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from typing import Any

from rules.faults import InvalidInput
from rules.requirements import Questionnaire, Requirements, parse

PARTS = ("facts", "rules", "weights")
CALLED = ("schema", "name", "as_of", "summary", "base", "layers")  # nothing is decided by these
FACTS = ("alternatives", "paths", "kin", "grades", "grade_covariance", "builds", "evidence", "sources")
DECIDING = FACTS[:6]  # evidence and sources are only cited
BY_CRITERION = ("grades", "grade_covariance")
WEIGHTS = ("strength", "weights", "priorities_weight")

Document = Mapping[str, Any]


def differing(before: Document, after: Document) -> frozenset[str]:
    """The parts in which two release documents differ, of `PARTS`."""
    same = {
        "facts": all(before.get(key) == after.get(key) for key in DECIDING),
        "rules": rules_of(before, after) == rules_of(after, before),
        "weights": before["priorities_weight"] == after["priorities_weight"]
        and weights_of(before, after) == weights_of(after, before),
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
        "rules": _weighted(rules, weights),
        "priorities_weight": weights["priorities_weight"],
    }


def understood(answers: Mapping[str, object], questionnaire: Questionnaire, stated: object = None) -> Requirements:
    """What a questionnaire understands of answers that may have been given to another one.

    An answer that it does not ask for or does not accept is unknown: no rule made for it can look at that. Of a list it
    keeps the options that it knows; stated preferences (see `rules.requirements.parse`) count whole or not at all.
    Contradictions are not looked for, since nobody answered so.
    """
    lenient = replace(questionnaire, contradictions=())
    asked = {question: given for question, given in answers.items() if question in lenient.questions}
    kept = {question: _accepted(question, given, lenient) for question, given in asked.items()}
    try:
        return parse(kept, lenient, stated)
    except InvalidInput:  # only the preferences can be at fault by now
        return parse(kept, lenient)


def _accepted(question: str, given: object, questionnaire: Questionnaire) -> object:
    if _accepts(questionnaire, question, given):
        return given
    items = given if isinstance(given, list | tuple) else []
    kept = [item for item in items if _accepts(questionnaire, question, [item])]
    return kept if _accepts(questionnaire, question, kept) else None


def _accepts(questionnaire: Questionnaire, question: str, given: object) -> bool:
    try:
        parse({question: given}, questionnaire)
    except InvalidInput:
        return False
    return True


def by_id(entries: Iterable[Document]) -> dict[str, Document]:
    """Entries of a document by their id."""
    return {entry["id"]: entry for entry in entries}


def _lacking(entries: Iterable[Document], others: Iterable[Document]) -> list[Document]:
    """Those of the others whose id is not among the entries."""
    known = by_id(entries)
    return [entry for entry in others if entry["id"] not in known]


def _only_named(facts: Document, other: Document) -> Iterator[Document]:
    """The alternatives that only the other side knows, as mere names."""
    for entry in _lacking(facts["alternatives"], other["alternatives"]):
        nothing = {"facts": {"alt.id": entry["id"], "alt.graded": False}, "fact_evidence": {}}
        yield {**entry, "roles": [], "graded": False, "lifecycle": {**entry["lifecycle"], "successor": None}, **nothing}


def _graded(facts: Document, other: Document, rules: Document) -> dict[str, Any]:
    """Grades by criterion, from the other side where these facts have none; affinities are never graded."""
    affinities = {c["id"] for c in rules["criteria"] if c["affinity"]}
    found = {}
    for key in BY_CRITERION:
        if key in facts:
            both = {**other.get(key, {}), **facts[key]}
            found[key] = {criterion: graded for criterion, graded in both.items() if criterion not in affinities}
    return found


def _readable(alternatives: list[Document], facts: Document, rules: Document) -> list[Document]:
    """The alternatives without the facts whose kind of value the rules take for another."""
    kinds = {c["id"]: c["kind"] for c in rules["capabilities"]}
    wrong = {f"alt.{c['id']}" for c in facts["capabilities"] if kinds.get(c["id"], c["kind"]) != c["kind"]}
    if not wrong:
        return alternatives
    return [a | {"facts": {k: v for k, v in a["facts"].items() if k not in wrong}} for a in map(dict, alternatives)]


def _weighted(rules: Document, weights: Document) -> list[Document]:
    """The rules, weighted as the other document weighs those that it has too."""
    others = by_id(weights["rules"])
    found: list[Document] = []
    for rule in rules["rules"]:
        own = {"priorities_weight": rules["priorities_weight"], **rule}
        from_there = others.get(rule["id"], own)
        bare = {key: value for key, value in rule.items() if key not in WEIGHTS}
        found.append(bare | {key: from_there[key] for key in WEIGHTS if key in from_there})
    return found


def weights_of(document: Document, other: Document) -> dict[str, dict[str, Any]]:
    """The weights that a document gives to the rules that both have, by rule."""
    shared = _shared(document, other)
    return {
        rule["id"]: {key: rule[key] for key in WEIGHTS if key in rule and key != "weights"}
        | {f"weights.{criterion}": weight for criterion, weight in rule["weights"].items()}
        for rule in document["rules"]
        if rule["id"] in shared
    }


def rules_of(document: Document, other: Document) -> dict[str, Any]:
    """The rules' part of a document, its rules by id; one that only this document has comes with its weights."""
    shared = _shared(document, other)
    apart = (*FACTS, *CALLED, "priorities_weight")
    rules = {
        rule["id"]: {k: v for k, v in rule.items() if k != "layer" and (rule["id"] not in shared or k not in WEIGHTS)}
        for rule in document["rules"]
    }
    return {key: value for key, value in document.items() if key not in apart} | {"rules": rules}


def _shared(document: Document, other: Document) -> set[str]:
    return by_id(document["rules"]).keys() & by_id(other["rules"]).keys()
