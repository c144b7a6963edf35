"""A release as it could have been given on a past day: from the evidence that was on hand then, and no other.

What was published or observed after the day is left out, verdicts that rest on later evidence are taken back, and the
grades are fused anew with ages counted to that day. The past state of a project is told from its dates. Rules, gates,
questions and criteria are today's: they are our reasoning, not facts about the world. What was known once and has left
the pack cannot be brought back.
"""

from collections.abc import Mapping
from typing import Any

from knowledge_base import numbers, schema
from knowledge_base.lint import UNKNOWN
from knowledge_base.pack import Pack
from knowledge_base.release import judged
from rules import canonical
from rules.release import release_id

Document = Mapping[str, Any]


def as_known(document: Document, day: str) -> dict[str, Any]:
    """The release document as known on a day (YYYY-MM-DD) before its own.

    Raises:
        ValueError: the release is of that day or older, or was built before releases said how they were fused.
    """
    if day >= document["as_of"]:
        raise ValueError(f"{day} is not before {document['as_of']}")
    if "fusion" not in document:
        raise ValueError("the release does not say how its grades were fused")
    evidence = known_then(document, day)
    ids = {e.id for e in evidence}
    heard_of = {name for e in evidence for name in e.about}
    alternatives = tuple(_then(a, ids, heard_of, day) for a in document["alternatives"])
    history = {e for a in alternatives for e in a.lifecycle.evidence} - ids
    pack = _cut(document, day, evidence, alternatives)
    told = [e.model_dump() for e in evidence]
    told += [{**e, "grades": [], "comparisons": []} for e in document["evidence"] if e["id"] in history]
    named = {e["source"] for e in told}
    return {
        **{name: part for name, part in document.items() if name != "builds"},  # what can be installed today
        "as_of": day,
        "hindsight": {"of": release_id(document, canonical.digest(document)), "day": day},
        "sources": [s for s in document["sources"] if s["id"] in named],
        "evidence": told,
        "paths": [p.model_dump() for p in pack.paths],
        "rules": [_citing(r, ids) for r in document["rules"]],
        "gates": [_citing(g, ids) for g in document["gates"]],
        **judged(pack),
    }


def _cut(
    document: Document, day: str, evidence: list[schema.Evidence], alternatives: tuple[schema.Alternative, ...]
) -> Pack:
    """What grades are fused from, as it was on the day; nothing else of a pack is needed for that."""
    ids = {e.id for e in evidence}
    settings = numbers.Pack(
        name=document["name"],
        as_of=day,
        summary=document["summary"],
        fusion=document["fusion"],
        confidence=document["confidence"],
        priorities_weight=document["priorities_weight"],
    )
    paths = [_citing(p, ids) for p in document["paths"]]
    return Pack(
        sha256="",
        settings=settings,
        questionnaire=schema.Questionnaire.model_validate(document["questionnaire"]),
        capabilities=_entries(schema.Capability, document["capabilities"]),
        criteria=_entries(schema.Criterion, [_curated(c) for c in document["criteria"]]),
        sources=_entries(schema.Source, document["sources"]),
        evidence=tuple(evidence),
        alternatives=alternatives,
        paths=_entries(schema.Path, [p for p in paths if p["evidence"]]),
        kin=(),
        rules=(),
        gates=(),
        packages=(),
        builds=(),
        priors=(),
        spots={},
    )


def known_then(document: Document, day: str) -> list[schema.Evidence]:
    """The evidence on hand on a day, each piece with the verdict that could be given then."""
    published = {s["id"]: s["date"] for s in document["sources"]}
    found = [e for e in document["evidence"] if _over(e["as_of"], day) and _over(published[e["source"]], day)]
    ids = {e["id"] for e in found}
    return [schema.Evidence.model_validate(_verdict_then(e, ids)) for e in found]


def _over(when: str, day: str) -> bool:
    """Whether a day had come, or a month or year was over: what says no more than its year may be of its last day."""
    return when <= day if len(when) == len(day) else when < day[: len(when)]


def _begun(when: str, day: str) -> bool:
    """Whether a day, month or year had begun by the day."""
    return when <= day[: len(when)]


def _verdict_then(entry: Document, ids: set[str]) -> dict[str, Any]:
    proof = [e for e in entry["verdict_evidence"] if e in ids]
    changed: dict[str, Any] = {"verdict_evidence": proof, "contradicts": [e for e in entry["contradicts"] if e in ids]}
    if entry["verdict_evidence"] and not proof:  # only later evidence speaks against it
        changed |= {"verdict": "holds", "verdict_note": None}
    return {**entry, **changed}


def _then(entry: Document, ids: set[str], heard_of: set[str], day: str) -> schema.Alternative:
    """An alternative with the facts that can be shown for the day; the others are unknown, and one that nothing on hand
    speaks of is not graded.
    """
    cells = {name: _citing(cell, ids) for name, cell in entry["capabilities"].items()}
    known = {n: c if c["evidence"] else {**c, "value": UNKNOWN, "expires": None} for n, c in cells.items()}
    fields = {name: entry[name] for name in schema.Alternative.model_fields if name in entry}
    later = entry["version_date"] is None or not _over(entry["version_date"], day)
    fields |= {"capabilities": known, "lifecycle": _lifecycle(entry["lifecycle"], ids, day)}
    fields |= {"version": None, "version_date": None} if later else {}
    licence = _citing(entry["licence"], ids) if entry["licence"] else None
    fields["licence"] = licence if licence and licence["evidence"] else None
    fields["governance_evidence"] = [e for e in entry.get("governance_evidence", ()) if e in ids]
    if entry.get("governance_evidence") and not fields["governance_evidence"]:
        fields["governance"] = None
    fields["graded"] = entry["graded"] and entry["id"] in heard_of
    return schema.Alternative.model_validate(fields)


def _lifecycle(entry: Document, ids: set[str], day: str) -> dict[str, Any]:
    """The state on the day. A state whose first day is on file is history, whenever its evidence was written down; one
    without a day, or that began later, counts only from the evidence on hand, and was active before. What else is told
    of it (an announced end, a successor) was known then only where evidence was on hand.
    """
    cited = [e for e in entry["evidence"] if e in ids]
    begun = _begun(entry["since"], day) if entry["since"] else bool(cited)
    since = entry["since"] if begun else None
    told = {} if begun and cited else {"successor": None, "since": since, "ends": None, "note": None}
    state = entry["state"] if begun else "active"
    return {**entry, **told, "state": state, "evidence": cited or entry["evidence"][:1]}


def _citing(entry: Document, ids: set[str]) -> dict[str, Any]:
    return {**entry, "evidence": [e for e in entry["evidence"] if e in ids]}


def _curated(entry: Document) -> dict[str, Any]:
    affinity = entry["affinity"]
    return {**entry, "affinity": {"question": affinity} if affinity else None}


def _entries(model: type[Any], entries: list[Any]) -> tuple[Any, ...]:
    return tuple(model.model_validate(entry) for entry in entries)
