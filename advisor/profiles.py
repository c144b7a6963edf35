"""Hardware profiles in a house: those that were handed over, checked and kept, and what changed from one to another."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import probes
from advisor import machine
from advisor.house import House
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
    "get",
    "listing",
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
        InvalidInput: with every fault: what is malformed, or else what no machine can say of itself.
    """
    profile = probes.parse(document)
    if faults := implausible(profile, now):
        raise InvalidInput(faults)
    return replace(profile, origin="pushed") if profile.origin == "probe" else profile


def store(house: House, document: object) -> str:
    """Check a hardware profile and store it; its id, made from its content.

    Raises:
        InvalidInput: with every fault of the profile; nothing is stored.
    """
    profile = received(document, house.now())
    clean = probes.document(profile)
    name = f"h-{canonical.digest(clean)[:24]}"
    text = json.dumps(clean, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    with house.database.writing() as session:
        hardware.store(session, name, profile.label, text, house.now())
    return name


def stored(house: House, name: str) -> Profile:
    """The profile of an id.

    Raises:
        Missing: no such profile.
    """
    if not _STORED_ID.fullmatch(name):
        raise Missing("hardware profile", name[:60])
    with house.database.reading() as session:
        profile = probes.parse(json.loads(hardware.get(session, name)))
    # Kept by an earlier version, which believed what a profile said of itself.
    return replace(profile, origin="pushed") if profile.origin == "probe" else profile


def listing(house: House) -> Sequence[ProfileInfo]:
    """All stored profiles without their content, newest first."""
    with house.database.reading() as session:
        return hardware.listing(session)


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
    profile = _named(house, name)
    return {"id": name, "source": SOURCES[profile.origin], "profile": probes.document(profile)}


def age_s(house: House, document: Mapping[str, Any]) -> int:
    """How many seconds ago a profile of this machine was taken."""
    return max(0, int((house.now() - datetime.fromisoformat(document["captured_at"])).total_seconds()))


def diff(house: House, before: str, after: str) -> dict[str, Any]:
    """What changed from one profile to another, each an id or `local`.

    Raises:
        Missing: no such profile.
        NotReady: this machine has not been looked at yet.
    """
    found = machine.compared(_named(house, before), _named(house, after))
    found["before"] = {"id": before, **found["before"]}
    found["after"] = {"id": after, **found["after"]}
    return found


def _named(house: House, name: str) -> Profile:
    return house.probe() if name == LOCAL else stored(house, name)
