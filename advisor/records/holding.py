"""Does a recorded decision still hold? It is decided again: from its own release, and from the one that is active now.

Three things are told apart. A record may have been altered since it was written. Its release, where it is on file,
gives the same decision again byte for byte, or does not. And newer knowledge may lead to another answer.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import probes
from advisor import recommend
from advisor.documents import decode
from advisor.house import House
from advisor.inputs import Asked, Inputs, gather
from advisor.records import altered, kept, telling
from rules import passport as passports
from rules.accounts.naming import names_of
from rules.decision import ENGINE
from rules.differences import difference
from rules.differences.difference import Side
from rules.faults import Fault, InvalidInput, shown
from storage import decisions
from storage.errors import Missing

Document = Mapping[str, Any]
PLACE = ("framework", "score", "tie_group")


@dataclass(frozen=True, slots=True)
class _Held:
    """What is asked about: what a record keeps, its bytes where it is a file, and the document where that is at hand.

    `fault` says why the document itself cannot be what was decided.
    """

    kept: Document
    content: bytes | None = None
    document: Document | None = None
    fault: str | None = None


def still_holds(house: House, given: str | bytes) -> dict[str, Any]:
    """Whether a decision still holds, and what has changed.

    Args:
        house: the parts to work with.
        given: the id of a recorded decision, or the bytes of a record (Markdown, HTML, PDF) or of a decision document.

    Returns:
        `holds`, which is `same` and not `altered` and, where the active release is another one, that the first of each
        role still leads there; `same` and `replayed_passport` (None where its release is not on file), `differences`,
        `altered` (None where that cannot be told) with the lines, `today`, and all of it `said` in sentences.

    Raises:
        InvalidInput: what was given is neither a record nor a decision document.
        Missing: no such decision, or nothing has been published.
    """
    held = _recorded(house, given) if isinstance(given, str) else _opened(house, given)
    own = _gathered(house, held.kept, held.kept["release"]["id"], held.kept["inputs"]["as_of"])
    again = own.decide() if isinstance(own, Inputs) else None
    found = {
        **{key: held.kept[key] for key in ("id", "passport", "engine", "created_at")},
        "release": held.kept["release"]["id"],
        "same": _is_same(held, again) if again else None,
        "replayed_passport": again["passport"] if again else None,
        "differences": _differing(held, again) if again else [],
        **_alteration(held, own, again, _document(house, held.kept["id"])),
        "today": _today(house, held.kept, own),
    }
    found["holds"] = _holds(found)
    words = names_of(house.knowledge().release, house.knowledge().document)
    reason = own if isinstance(own, str) else None
    return {**found, "said": telling.sentences(found, words, reason, held.fault)}


def _holds(found: Document) -> bool:
    today = found["today"]
    still = today is None or (not today["faults"] and all(role["still"] for role in today["roles"].values()))
    return found["same"] is not False and not found["altered"] and still


# --- What is asked about ---------------------------------------------------------------------------------------------


def _recorded(house: House, decision: str) -> _Held:
    with house.database.reading() as session:
        recorded = decisions.get(session, decision)
    document = json.loads(recorded.document)
    return _Held(_kept(document, json.loads(recorded.inputs)), document=document)


def _opened(house: House, content: bytes) -> _Held:
    if kept.is_record(content):
        return _Held(kept.read(content), content)
    value = decode(content, "record", "json", kept.MAX_BYTES).value
    if not isinstance(value, dict) or not _is_decision(value):
        expected = "a record that `steelyard record` wrote, or a decision document of this engine"
        raise InvalidInput([Fault("record", shown(value)[:200], expected)])
    return _of_document(house, value)


def _is_decision(value: Document) -> bool:
    texts = all(isinstance(value.get(key), str) for key in ("id", "passport", "engine"))
    objects = all(isinstance(value.get(key), dict) for key in ("release", "answers", "hardware", "roles"))
    unknown = value.get("not_known")
    objects = objects and isinstance(unknown, list) and all(isinstance(each, str) for each in unknown)
    if not (texts and objects and value["engine"] == ENGINE):
        return False
    named = all(isinstance(value["release"].get(key), str) for key in ("id", "sha256"))
    return named and all(map(_is_ranked, value["roles"].values()))


def _is_ranked(result: object) -> bool:
    places = result.get("ranking") if isinstance(result, dict) else None
    return isinstance(places, list) and all(isinstance(each, dict) and {*PLACE} <= each.keys() for each in places)


def _of_document(house: House, document: dict[str, Any]) -> _Held:
    """A decision document: whether it fits its own passport, and what it was made from, as far as it tells."""
    try:
        fits = passports.recompute(document) == document["passport"]
    except ValueError:
        fits = False
    fault = None if fits else "its content does not fit its passport"
    try:
        with house.database.reading() as session:
            inputs = json.loads(decisions.get(session, document["id"]).inputs)
    except Missing:
        inputs = _inputs_of(document)
    return _Held(_kept(document, inputs), document=document, fault=fault)


def _inputs_of(document: Document) -> dict[str, Any]:
    """What a decision document was made from; where a profile or a policy was part of it, it does not hold that.

    Raises:
        InvalidInput: such a part is missing.
    """
    missing = ["the hardware profile"] if document["hardware"].get("basis") != "answers" else []
    missing += ["the house policies"] if document.get("policy") else []
    if missing:
        expected = "a record in Markdown, HTML or PDF, which carries it, or a decision that is stored here"
        raise InvalidInput([Fault("record", f"a document without {' and '.join(missing)}", expected)])
    stated, drawn = document.get("preferences"), document.get("draws")
    return {
        "answers": {**document["answers"], **dict.fromkeys(document["not_known"])},
        "profile": None,
        "roles": document.get("asked_roles") or None,
        "preferences": stated["stated"] if isinstance(stated, dict) else None,
        "name": document.get("name"),
        "draws": drawn["count"] if isinstance(drawn, dict) else 0,
        "policies": [],
        "as_of": None,
    }


def _kept(document: Document, inputs: Document) -> dict[str, Any]:
    return {**json.loads(kept.sealed({"created_at": "", "signature": None, **document}, inputs, {})), "tools": None}


# --- Deciding again --------------------------------------------------------------------------------------------------


def _gathered(house: House, held: Document, release: str, day: str | None) -> Inputs | str:
    """What to decide from under a release, with the waivers of a day; why that cannot be, in a clause.

    Raises:
        InvalidInput: the release does not take the inputs.
    """
    if held["engine"] != ENGINE:
        return f"it was made by engine {held['engine']}, and this one is engine {ENGINE}"
    made = held["inputs"]
    try:
        known = house.knowledge(release)
    except Missing:
        return f"its release {release} is not on file here"
    if release == held["release"]["id"] and known.release.sha256 != held["release"]["sha256"]:
        return f"the release {release} on file here is another one than it names"
    asked: Asked = {
        "hardware_from": probes.parse(made["profile"]) if made["profile"] else None,
        "roles": made["roles"],
        "release": release,
        "policy": made.get("policies") or None,
        "preferences": made.get("preferences"),
        "name": made.get("name"),
        "draws": made.get("draws", 0),
        "as_of": day,
    }
    return gather(house, made["answers"], asked)


def _is_same(held: _Held, again: Document) -> bool:
    return again["passport"] == held.kept["passport"] and not held.fault and not _differing(held, again)


def _differing(held: _Held, again: Document) -> list[str]:
    """Where the document at hand differs from what is decided again; nothing where there is no document."""
    return [] if held.document is None else recommend.differences(recommend.unsealed(held.document), again, "")


def _document(house: House, decision: str) -> Document | None:
    """The decision as it is recorded here, if it is."""
    with house.database.reading() as session:
        found = decisions.find(session, decision)
    return json.loads(found.document) if found else None


def _alteration(
    held: _Held, own: Inputs | str, again: dict[str, Any] | None, recorded: Document | None
) -> dict[str, Any]:
    """Whether the record's file is as it was written: it is written again, where the decision can be made again.

    The moment and the signature, which no passport covers, are compared with those recorded here, where they are.
    """
    if held.fault:
        return {"altered": True, "altered_lines": [], "added_lines": 0}
    if held.content is None or again is None or not isinstance(own, Inputs):
        return {"altered": None if again is None else False, "altered_lines": [], "added_lines": 0}
    if again["passport"] != held.kept["passport"]:
        return {"altered": True, "altered_lines": [], "added_lines": 0}
    head = {key: (recorded or held.kept)[key] for key in ("created_at", "signature")}
    names = names_of(own.known.release, own.known.document)
    return altered.against(held.content, {**again, **head}, names, held.kept)


# --- Newer knowledge -------------------------------------------------------------------------------------------------


def _today(house: House, held: Document, own: Inputs | str) -> dict[str, Any] | None:
    """The decision from the active release; None where that is the record's own."""
    active = house.knowledge().release.id
    if active == held["release"]["id"] and isinstance(own, Inputs):
        return None
    try:
        inputs = _gathered(house, {**held, "engine": ENGINE}, active, house.now().date().isoformat())
    except InvalidInput as invalid:
        return {
            "release": active,
            "id": None,
            "faults": list(map(str, invalid.faults)),
            "roles": {},
            "difference": None,
        }
    if isinstance(inputs, str):
        raise Missing("release", active)
    now = inputs.decide()
    roles = {role: _moved(places, now["roles"].get(role)) for role, places in held["outcome"].items()}
    changed = None
    if isinstance(own, Inputs):
        changed = difference.difference(_side(own), _side(inputs)).document()
    return {"release": active, "id": now["id"], "faults": [], "roles": roles, "difference": changed}


def _moved(before: Sequence[Sequence[Any]], result: Document | None) -> dict[str, Any]:
    """Who led a role and who leads it now, with scores."""
    now = [[place["framework"], place["score"], place["tie_group"]] for place in result["ranking"]] if result else []
    led, leads = ([place[0] for place in places if place[2] == places[0][2]] for places in (before, now))
    scores = {place[0]: place[1] for place in now}
    first = before[0][0] if before else None
    return {
        "before": led,
        "after": leads,
        "score_before": before[0][1] if before else None,
        "score_after": scores.get(first) if first else None,
        "still": first in leads if first else not leads,
    }


def _side(inputs: Inputs) -> Side:
    answers, stated = inputs.answers.document(), inputs.answers.preferences
    return Side(inputs.known.document, answers, inputs.profile, inputs.roles, stated.document() if stated else None)
