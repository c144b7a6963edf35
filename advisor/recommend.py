"""Recommend, look a recommendation up, ask it why not, replay it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack

import probes
from advisor import signing
from advisor.house import House
from advisor.inputs import Asked, Inputs, check, gather
from advisor.profiles import name_of
from advisor.profiles import store as store_profile
from rules import canonical
from storage import decisions
from storage.decisions import Recorded
from storage.errors import Conflict, Missing


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as it is handed out: its id and its JSON text, byte for byte as recorded where it is recorded."""

    id: str
    text: str


def answer(house: House, answers: object, *, store: bool = True, **asked: Unpack[Asked]) -> Answer:
    """A decision for answers, as text; stored unless told otherwise.

    What was decided before from the same inputs is given again as it was recorded, without deciding a second time.

    Args:
        house: the parts to work with.
        answers: decoded JSON, keyed by question ids.
        store: record the decision, so that it can be asked for and replayed.
        asked: how it is asked for; see `advisor.inputs.Asked`.

    Raises:
        InvalidInput: any part has faults; all of them are listed and nothing is stored.
        Missing: nothing has been published yet.
    """
    inputs = gather(house, answers, asked, store=store)
    recipe = _recipe(inputs, answers, asked)
    key = canonical.digest([inputs.known.release.id, inputs.known.release.policy_sha256, recipe])
    if store and (standing := _standing_answer(house, key)):
        return standing
    document = inputs.decide()
    now = house.now()
    signer = house.signing if store else None  # what nobody can look up again is not vouched for
    text = _text(_sealed(document, now, signing.sign(signer, document["passport"]) if signer else None))
    if not store:
        return Answer(document["id"], text)
    release = inputs.known.release.id
    recorded = _record(house, Recorded(document["id"], document["passport"], release, _text(recipe), text), now)
    house.answered.keep(key, recorded.id)
    return Answer(recorded.id, recorded.document)


def _recipe(inputs: Inputs, answers: object, asked: Asked) -> dict[str, Any]:
    """What a decision can be made from again, besides the release."""
    return {
        "answers": answers,
        "profile": probes.document(inputs.profile) if inputs.profile else None,
        "roles": inputs.roles,
        "preferences": asked.get("preferences"),
        "name": inputs.name,
        "draws": inputs.draws,
        "policies": inputs.policies,
        "as_of": inputs.day if inputs.policies else None,
    }


def _standing_answer(house: House, key: str) -> Answer | None:
    """What was recorded for these inputs, if it still stands."""
    name = house.answered.get(key)
    if name is None:
        return None
    with house.database.reading() as session:
        found = decisions.find(session, name)
    return Answer(found.id, found.document) if found else None


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


def recalled(house: House, decision: str) -> tuple[Recorded, Inputs]:
    """A recorded decision, and what it was made from.

    Raises:
        Missing: no such decision, or its release is not stored.
    """
    recorded = on_record(house, decision)
    return recorded, remade(house, recorded)


def on_record(house: House, decision: str) -> Recorded:
    """A recorded decision.

    Raises:
        Missing: no such decision.
    """
    with house.database.reading() as session:
        return decisions.get(session, decision)


def remade(house: House, recorded: Recorded) -> Inputs:
    """What a recorded decision was made from.

    Raises:
        Missing: its release is not stored.
    """
    made = json.loads(recorded.inputs)
    asked: Asked = {
        "hardware_from": probes.parse(made["profile"]) if made["profile"] else None,
        "roles": made["roles"],
        "release": recorded.release_id,
        "policy": made.get("policies") or None,
        "preferences": made.get("preferences"),
        "name": made.get("name"),
        "draws": made.get("draws", 0),
        "as_of": made.get("as_of"),
    }
    return gather(house, made["answers"], asked)


def machine(house: House, decision: str) -> str | None:
    """The name of the machine that a recorded decision is about, as `hardware_from` takes it; None for none.

    A profile that came with the request, or that is no longer kept, has no name.

    Raises:
        Missing: no such decision.
    """
    with house.database.reading() as session:
        profile = json.loads(decisions.get(session, decision).inputs)["profile"]
    return name_of(house, profile) if profile else None


def again(house: House, decision: str, changed: Mapping[str, object]) -> Answer:
    """A new decision, from the active release, for a recorded one's inputs with other answers (None takes one back).

    Raises:
        InvalidInput: with every fault of the changed answers.
        Missing: no such decision.
    """
    with house.database.reading() as session:
        made = json.loads(decisions.get(session, decision).inputs)
    asked: Asked = {
        "hardware_from": probes.parse(made["profile"]) if made["profile"] else None,
        "roles": made["roles"],
        "policy": made.get("policies") or None,
        "preferences": None if "priorities" in changed else made.get("preferences"),
        "name": made.get("name"),
        "draws": made.get("draws", 0),
    }
    known = house.knowledge().release.questionnaire.questions  # any other question is refused with the rest
    taken_back = {question for question, given in changed.items() if given is None and question in known}
    answers = {q: given for q, given in {**made["answers"], **changed}.items() if q not in taken_back}
    return answer(house, answers, **asked)


def replay(house: House, decision: str) -> dict[str, Any]:
    """Decide again from the recorded release and inputs, and say whether the result is the same.

    Raises:
        Missing: no such decision, or its release is not stored.
    """
    recorded, inputs = recalled(house, decision)
    again = inputs.decide()
    before = json.loads(recorded.document)
    return {
        "id": decision,
        "same": _text(unsealed(before)) == _text(again),
        "passport": recorded.passport,
        "replayed_passport": again["passport"],
        "differences": differences(unsealed(before), again, ""),
    }


def unsealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A recorded document as it was decided: without the moment it was recorded and its signature."""
    return {key: value for key, value in document.items() if key not in ("created_at", "signature")}


MAX_DIFFERENCES = 50


def differences(before: Any, after: Any, path: str) -> list[str]:
    """The places where two documents differ, as dotted paths; at most fifty."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        found = [d for k in keys for d in differences(before.get(k), after.get(k), f"{path}.{k}".lstrip("."))]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        found = [d for i, (a, b) in pairs for d in differences(a, b, f"{path}[{i}]")]
    else:
        found = [] if before == after else [path]
    return found[:MAX_DIFFERENCES]


__all__ = ["Answer", "Missing", "again", "answer", "check", "find", "latest", "recalled", "replay", "store_profile"]
