"""Hardware profiles in a house: those that were handed over, checked and kept, and what changed from one to another."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import probes
from advisor import machine, machines
from advisor.house import House
from probes import documents
from probes.look.limits import MAX_DOCUMENT_BYTES
from probes.plausible import implausible
from rules import canonical
from rules.faults import InvalidInput
from rules.hardware import SOURCES, Profile
from storage import hardware
from storage.errors import Missing
from storage.hardware import ProfileInfo

LOCAL = "local"

_STORED_ID = re.compile(r"[a-z0-9-]{1,40}")

__all__ = [
    "LOCAL",
    "MAX_DOCUMENT_BYTES",
    "ProfileInfo",
    "age_s",
    "diff",
    "forget",
    "get",
    "listing",
    "name_of",
    "named",
    "received",
    "store",
    "stored",
    "summaries",
]


def received(document: object, now: datetime | None) -> Profile:
    """The profile in a document that somebody hands over.

    Whatever it says of itself, it was not seen by this process: what claims to come from a probe was pushed. Where no
    time of day is given, none is compared.

    Raises:
        InvalidInput: with every fault: what is malformed, and what no machine can say of itself.
    """
    profile, malformed = documents.read(document)
    if faults := [*malformed, *implausible(profile, now, malformed)]:
        raise InvalidInput(faults)
    return replace(profile, origin="pushed") if profile.origin == "probe" else profile


def store(house: House, document: object) -> str:
    """Check a hardware profile and store it; its id, made from its content.

    Where the house is full, the profiles that were handed in longest ago give way. Decisions about them stand: each
    holds the profile that it was made from.

    Raises:
        InvalidInput: with every fault of the profile; nothing is stored.
    """
    profile = received(document, house.now())
    clean = probes.document(profile)
    name = _id(clean)
    text = json.dumps(clean, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    with house.database.writing() as session:
        hardware.store(session, name, profile.label, text, house.now(), house.max_profiles)
    return name


def _id(document: object) -> str:
    return f"h-{canonical.digest(document)[:24]}"


def name_of(house: House, document: object) -> str | None:
    """The name, as `named` takes it, of a profile that a decision was made from; None where it is kept under none."""
    profile = probes.parse(document)
    if profile.origin == "probe":
        return LOCAL
    if profile.origin == "catalogue" and (called := machines.called(profile)):
        return called
    name = _id(probes.document(profile))
    try:
        stored(house, name)
    except Missing:
        return None
    return name


def stored(house: House, name: str) -> Profile:
    """The profile of an id.

    Raises:
        Missing: no such profile.
    """
    with house.database.reading() as session:
        profile = probes.parse(json.loads(hardware.get(session, _stored_id(name))))
    # Kept by an earlier version, which believed what a profile said of itself.
    return replace(profile, origin="pushed") if profile.origin == "probe" else profile


def forget(house: House, name: str) -> None:
    """Remove the profile of an id; decisions about it stand.

    Raises:
        Missing: no such profile.
    """
    with house.database.writing() as session:
        hardware.forget(session, _stored_id(name))


def listing(house: House, after: tuple[datetime, str] | None = None, limit: int | None = None) -> Sequence[ProfileInfo]:
    """Stored profiles without their content, newest first.

    Args:
        house: the parts to work with.
        after: when the last one seen was received, and its id; None from the start.
        limit: the most to list; None for all.
    """
    with house.database.reading() as session:
        return hardware.listing(session, after, limit)


def summaries(house: House) -> list[dict[str, Any]]:
    """All stored profiles in short, newest first: whose machine, when it was looked at, and its devices, equal ones
    counted.
    """
    with house.database.reading() as session:
        listed = [(info, json.loads(hardware.get(session, info.id))) for info in hardware.listing(session)]
    return [
        {
            "id": info.id,
            "received_at": info.received_at.isoformat(),
            "label": info.label,
            "origin": kept["origin"],
            "captured_at": kept["captured_at"],
            "devices": _counted(device["name"] or device["kind"] for device in kept["devices"]),
        }
        for info, kept in listed
    ]


def _counted(names: Iterable[str]) -> list[str]:
    return [name if count == 1 else f"{count} x {name}" for name, count in Counter(names).items()]


def get(house: House, name: str) -> dict[str, Any]:
    """A profile in full, by its id or as `local`.

    Raises:
        Missing: no such profile.
        NotReady: this machine has not been looked at yet.
    """
    profile = house.probe() if name == LOCAL else stored(house, name)
    return {"id": name, "source": SOURCES[profile.origin], "profile": probes.document(profile)}


def age_s(house: House, document: Mapping[str, Any]) -> int:
    """How many seconds ago a profile of this machine was taken."""
    return max(0, int((house.now() - datetime.fromisoformat(document["captured_at"])).total_seconds()))


def named(house: House, name: str) -> Profile:
    """The profile of a name: `local`, `catalogue:NAME`, or the id of a stored one.

    Raises:
        InvalidInput: the catalogue has no such machine; the fault names the nearest.
        Missing: no such profile.
        NotReady: this machine has not been looked at yet.
    """
    if name.startswith(machines.PREFIX):
        return machines.profile(name)
    return house.probe() if name == LOCAL else stored(house, name)


def diff(house: House, before: str, after: str) -> dict[str, Any]:
    """What changed from one profile to another, each of a name as `named` takes it.

    Raises:
        InvalidInput, Missing, NotReady: as `named` does.
    """
    found = machine.compared(named(house, before), named(house, after))
    found["before"] = {"id": before, **found["before"]}
    found["after"] = {"id": after, **found["after"]}
    return found


def _stored_id(name: str) -> str:
    if not _STORED_ID.fullmatch(name):
        raise Missing("hardware profile", name[:60])
    return name
