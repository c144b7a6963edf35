"""What differs between two release documents, told plainly: one entry for every field that a decision is made from.

Texts about a thing (its name, summary, sources) are left out of the facts, since nothing is decided by them. What a
change did to an answer is `rules.differences.difference`'s business.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules.differences.hybrids import Document, by_id, rules_of, weights_of

Records = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: `field` of the `kind` of thing called `id`, in a group, from `before` to `after`.

    The field `exists` says that only one side has the thing; elsewhere None means that a side has no such value.
    """

    group: str
    kind: str
    id: str
    field: str
    before: object
    after: object


def changes(before: Document, after: Document) -> Iterator[Change]:
    """What differs between two release documents: rules, then weights, then facts; grades as [mean, sd] in levels."""
    yield from _rule_changes(rules_of(before, after), rules_of(after, before))
    priorities = ({"priorities_weight": document["priorities_weight"]} for document in (before, after))
    yield from fields("weights", "release", *priorities)
    yield from records("weights", "rule", weights_of(before, after), weights_of(after, before))
    yield from records("facts", "framework", _facts(before), _facts(after))
    yield from records("facts", "path", by_id(before["paths"]), by_id(after["paths"]))
    yield from records("facts", "kin", _kin(before), _kin(after))
    yield from records("facts", "builds", *(by_id(document.get("builds", ())) for document in (before, after)))


def _rule_changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    yield from records("rules", "rule", before.pop("rules"), after.pop("rules"))
    questionnaires = before.pop("questionnaire"), after.pop("questionnaire")
    for kind in ("question", "contradiction", "group"):
        listed = [by_id(questionnaire[f"{kind}s"]) for questionnaire in questionnaires]
        yield from records("rules", kind, *listed)
    for kind, key in (("gate", "gates"), ("criterion", "criteria"), ("capability", "capabilities")):
        yield from records("rules", kind, by_id(before.pop(key)), by_id(after.pop(key)))
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
