"""Recommend, look a recommendation up, ask it why not, replay it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import probes
from advisor import signing
from advisor.house import House, Knowledge
from advisor.inputs import Hardware, check, gather
from rules import canonical, engine, requirements
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import Profile
from storage import decisions, hardware
from storage.decisions import Recorded
from storage.errors import Conflict, Missing


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as it is handed out: its id and its JSON text, byte for byte as recorded where it is recorded."""

    id: str
    text: str


def recommend(
    house: House,
    answers: object,
    *,
    hardware_from: Hardware = None,
    roles: Sequence[str] | None = None,
    store: bool = True,
    release: str | None = None,
) -> dict[str, Any]:
    """The decision document of `answer`, decoded; arguments and errors are the same."""
    given = answer(house, answers, hardware_from=hardware_from, roles=roles, store=store, release=release)
    found: dict[str, Any] = json.loads(given.text)
    return found


def answer(
    house: House,
    answers: object,
    *,
    hardware_from: Hardware = None,
    roles: Sequence[str] | None = None,
    store: bool = True,
    release: str | None = None,
) -> Answer:
    """A decision for answers, as text; stored unless told otherwise.

    Args:
        house: the parts to work with.
        answers: decoded JSON, keyed by question ids.
        hardware_from: None (only what the answers say), "local" (probe this machine), the id of a stored profile, or a
            profile document.
        roles: the roles to rank; None for those the answers call for.
        store: record the decision, so that it can be asked for and replayed.
        release: the id of a release to answer from; None for the active one.

    Raises:
        InvalidInput: answers, profile, roles or release have faults; all of them are listed and nothing is stored.
        Missing: nothing has been published yet.
    """
    inputs = gather(house, answers, hardware_from, roles, release)
    document = engine.decide(inputs.known.release, inputs.answers, inputs.profile, inputs.roles).document()
    now = house.now()
    key = house.signing if store else None  # what nobody can look up again is not vouched for
    text = _text(_sealed(document, now, signing.sign(key, document["passport"]) if key else None))
    if not store:
        return Answer(document["id"], text)
    profile = inputs.profile
    recorded = Recorded(
        document["id"],
        document["passport"],
        inputs.known.release.id,
        _text({"answers": answers, "profile": probes.document(profile) if profile else None, "roles": roles}),
        text,
    )
    return Answer(recorded.id, _record(house, recorded, now).document)


def _record(house: House, recorded: Recorded, now: datetime) -> Recorded:
    """What stands under the decision's id, recorded now if nothing did; the first of two writers at once wins."""
    with house.database.reading() as session:
        standing = decisions.find(session, recorded.id)
    if standing is not None:
        return standing
    try:
        with house.database.writing() as session:
            return decisions.record(session, recorded, now)
    except Conflict:
        with house.database.reading() as session:
            return decisions.get(session, recorded.id)


def _decide(known: Knowledge, answers: object, profile: Profile | None, roles: Sequence[str] | None) -> dict[str, Any]:
    parsed = requirements.parse(answers, known.release.questionnaire)
    return engine.decide(known.release, parsed, profile, roles).document()


def _sealed(document: dict[str, Any], now: datetime, signature: signing.Signature | None) -> dict[str, Any]:
    """The document with the moment it was made and its signature near the top; the passport covers neither."""
    head = {
        "id": document["id"],
        "created_at": now.isoformat(timespec="seconds"),
        "passport": document["passport"],
        "signature": signature,
    }
    return {**head, **document}


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def store_profile(house: House, document: object) -> str:
    """Check a hardware profile and store it; its id, made from its content.

    Raises:
        InvalidInput: with every fault of the profile; nothing is stored.
    """
    profile = probes.parse(document)
    clean = probes.document(profile)
    name = f"h-{canonical.digest(clean)[:24]}"
    with house.database.writing() as session:
        hardware.store(session, name, profile.label, _text(clean), house.now())
    return name


def find(house: House, decision: str) -> str:
    """The recorded decision document as JSON text, byte for byte as it was given.

    Raises:
        Missing: no such decision.
    """
    with house.database.reading() as session:
        return decisions.get(session, decision).document


def latest(house: House) -> dict[str, Any]:
    """The decision recorded last.

    Raises:
        Missing: none has been recorded.
    """
    with house.database.reading() as session:
        document: dict[str, Any] = json.loads(decisions.latest(session).document)
    return document


def why_not(house: House, document: Mapping[str, Any], framework: str) -> dict[str, Any]:
    """What a recorded decision says of one alternative in each role: excluded by what, or behind whom and why.

    Raises:
        InvalidInput: no alternative of that name.
    """
    known = house.knowledge(document["release"]["id"]).release
    if framework not in known.alternatives:
        near = nearest(framework, known.alternatives)
        raise InvalidInput([Fault("framework", shown(framework), "the id of an alternative on file", near)])
    alternative = known.alternatives[framework]
    roles = {role: _standing(result, framework) for role, result in document["roles"].items()}
    return {
        "framework": framework,
        "about": alternative.about,
        "successor": alternative.successor,
        "roles": {role: standing for role, standing in roles.items() if standing},
    }


def _standing(result: Mapping[str, Any], framework: str) -> dict[str, Any] | None:
    excluded = [e for e in result["excluded"] if e["framework"] == framework]
    if excluded:
        return {"outcome": "excluded", "gates": excluded}
    place = next((p for p in result["ranking"] if p["framework"] == framework), None)
    if place is None:
        return None
    first = result["ranking"][0]
    gap = {r["rule"]: r["contribution"] for r in first["reasons"]}
    lost = [
        {"rule": r["rule"], "text": r["text"], "behind_by": round(gap[r["rule"]] - r["contribution"], 12)}
        for r in place["reasons"]
    ]
    lost.sort(key=lambda row: (-row["behind_by"], row["rule"]))
    return {
        "outcome": "ranked",
        "rank": place["rank"],
        "score": place["score"],
        "first": first["framework"],
        "behind_by": round(first["score"] - place["score"], 12),
        "where": lost,
    }


def replay(house: House, decision: str) -> dict[str, Any]:
    """Decide again from the recorded release and inputs, and say whether the result is the same.

    Raises:
        Missing: no such decision, or its release is not stored.
    """
    with house.database.reading() as session:
        recorded = decisions.get(session, decision)
    inputs = json.loads(recorded.inputs)
    profile = probes.parse(inputs["profile"]) if inputs["profile"] else None
    again = _decide(house.knowledge(recorded.release_id), inputs["answers"], profile, inputs["roles"])
    before = json.loads(recorded.document)
    return {
        "id": decision,
        "same": _text(_unsealed(before)) == _text(again),
        "passport": recorded.passport,
        "replayed_passport": again["passport"],
        "differences": _differences(_unsealed(before), again, ""),
    }


def _unsealed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in ("created_at", "signature")}


MAX_DIFFERENCES = 50


def _differences(before: Any, after: Any, path: str) -> list[str]:
    """The places where two documents differ, as dotted paths; at most fifty."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        found = [d for k in keys for d in _differences(before.get(k), after.get(k), f"{path}.{k}".lstrip("."))]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        found = [d for i, (a, b) in pairs for d in _differences(a, b, f"{path}[{i}]")]
    else:
        found = [] if before == after else [path]
    return found[:MAX_DIFFERENCES]


__all__ = ["Answer", "Missing", "answer", "check", "find", "latest", "recommend", "replay", "store_profile", "why_not"]
