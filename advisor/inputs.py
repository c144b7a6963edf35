"""What a decision is made from: the release, the answers, the hardware and the roles, checked together.

Faults of all parts are gathered and raised at once, so that a caller mends a request in one go. Nothing here decides
or stores anything.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import probes
from advisor.house import House, Knowledge
from rules import requirements
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import Profile
from rules.release import ROLES
from rules.requirements import Requirements
from storage import hardware, releases
from storage.errors import Missing
from storage.releases import ReleaseInfo

Hardware = str | Mapping[str, object] | None
T = TypeVar("T")
HARDWARE_EXPECTED = '"local", the id of a stored profile, or a profile document'

_STORED_ID = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a decision is made from, checked."""

    known: Knowledge
    answers: Requirements
    profile: Profile | None
    roles: Sequence[str] | None


def gather(house: House, answers: object, source: Hardware, roles: Sequence[str] | None, release: str | None) -> Inputs:
    """Everything a decision is made from, checked; the faults of all parts are raised together."""
    faults = [
        Fault("roles", shown(r), f"one of: {', '.join(ROLES)}", nearest(r, ROLES))
        for r in roles or ()
        if r not in ROLES
    ]
    if release is not None and release not in (on_file := [r.id for r in _releases(house)]):
        faults.append(Fault("release", shown(release), "the id of a stored release", nearest(release, on_file)))
        release = None
    known = house.knowledge(release)
    parsed = _collected(faults, lambda: requirements.parse(answers, known.release.questionnaire))
    local = source == "local"
    profile = None if local else _collected(faults, lambda: _profile(house, source))
    if faults or parsed is None:
        raise InvalidInput(faults)
    return Inputs(known, parsed, house.probe() if local else profile, roles)


def _collected(faults: list[Fault], read: Callable[[], T]) -> T | None:
    """What `read` gives, or None after noting its faults."""
    try:
        return read()
    except InvalidInput as invalid:
        faults.extend(invalid.faults)
        return None


def _releases(house: House) -> Sequence[ReleaseInfo]:
    with house.database.reading() as session:
        return releases.listing(session)


def check(
    house: House,
    answers: object,
    *,
    hardware_from: Hardware = None,
    roles: Sequence[str] | None = None,
    release: str | None = None,
) -> list[Fault]:
    """Every fault that `answer` would refuse these inputs for; nothing is decided, probed or stored."""
    try:
        gather(house, answers, None if hardware_from == "local" else hardware_from, roles, release)
    except InvalidInput as invalid:
        return list(invalid.faults)
    return []


def _profile(house: House, source: Hardware) -> Profile | None:
    """The profile behind an id or in a document, None for none; faults are named as parts of `hardware`."""
    if source is None:
        return None
    if isinstance(source, str):
        try:
            if not _STORED_ID.fullmatch(source):
                raise Missing("hardware profile", source)
            with house.database.reading() as session:
                return probes.parse(json.loads(hardware.get(session, source)))
        except Missing:
            raise InvalidInput(
                [Fault("hardware", shown(source), HARDWARE_EXPECTED, nearest(source, ["local"]))]
            ) from None
    if not isinstance(source, Mapping):
        raise InvalidInput([Fault("hardware", shown(source), HARDWARE_EXPECTED)])
    try:
        return probes.parse(source)
    except InvalidInput as invalid:
        faults = [Fault(f"hardware.{f.path}", f.value, f.expected, f.nearest) for f in invalid.faults]
        raise InvalidInput(faults) from None
