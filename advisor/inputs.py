"""What a decision is made from: the release, the answers, the hardware and the roles, checked together.

Faults of all parts are gathered and raised at once, so that a caller mends a request in one go. Nothing here decides
anything; stored is at most a look back, from which others may be answered too.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict, TypeVar, Unpack

from advisor import machines, profiles
from advisor.house import House, Knowledge
from probes.look.text import is_plain
from rules import engine, requirements
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import Profile
from rules.release import ROLES
from rules.requirements import Requirements
from storage import policies, releases
from storage.errors import Missing
from storage.releases import ReleaseInfo

Hardware = str | Mapping[str, object] | Profile | None
T = TypeVar("T")
MAX_NAME_CHARACTERS = 200
NAME_EXPECTED = f"one line of 1 to {MAX_NAME_CHARACTERS} characters without control characters"
HARDWARE_EXPECTED = '"local", "catalogue:NAME", the id of a stored profile, or a profile document'

_STORED_ID = re.compile(r"[a-z0-9-]{1,40}")


class Asked(TypedDict, total=False):
    """How a decision is asked for, besides the answers; whatever is left out takes its default.

    hardware_from: None (only what the answers say), "local" (probe this machine), "catalogue:NAME" (a known machine),
        the id of a stored profile, a profile document, or a profile as it is.
    roles: the roles to rank; None for those the answers call for.
    release: the id of a release to answer from; None for the active one, or the one that `as_of` finds.
    policy: a house policy, the id of a stored one, or a list of these, lowest layer first.
    preferences: what matters to whom (`rules.preferences`), in the place of an answer to `priorities`.
    name: what the project is called, None for none; the decision carries it, and nothing is decided by it.
    draws: how many times to draw grades and weights; 0 for the closed form.
    as_of: the day (YYYY-MM-DD) to answer for: from the newest release whose knowledge is not younger (where there is
        none, from what the active one holds that was known then), under the waivers that count on it. None: today,
        from the active release.
    """

    hardware_from: Hardware
    roles: Sequence[str] | None
    release: str | None
    policy: object
    preferences: object
    name: object
    draws: object
    as_of: object


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a decision is made from, checked; `known` carries the layers of the policies."""

    known: Knowledge
    answers: Requirements
    profile: Profile | None
    roles: Sequence[str] | None
    draws: int
    policies: Sequence[Mapping[str, Any]]
    day: str
    name: str | None = None

    def decide(self) -> dict[str, Any]:
        """The decision document."""
        decision = engine.decide(self.known.release, self.answers, self.profile, self.roles, draws=self.draws)
        return decision.document(self.name)


def gather(house: House, answers: object, asked: Asked, *, contradictory: bool = False, store: bool = True) -> Inputs:
    """Everything a decision is made from, checked; the faults of all parts are raised together.

    `contradictory` lets answers pass that contradict one another, as they may while somebody is still answering.
    Without `store`, a look back that is not stored yet is only remembered.
    """
    faults: list[Fault] = []
    roles = asked.get("roles")
    for role in roles or ():
        if role not in ROLES:
            faults.append(Fault("roles", shown(role), f"one of: {', '.join(ROLES)}", nearest(role, ROLES)))
    day = _collected(faults, lambda: _day(house, asked.get("as_of")))
    base = _base(house, asked.get("release"), day if asked.get("as_of") is not None else None, faults, store)
    policies = _collected(faults, lambda: _policies(house, asked.get("policy"))) or []
    known = (
        _collected(
            faults, lambda: _layered(house, base, policies, day or house.now().date().isoformat(), asked.get("policy"))
        )
        or base
    )
    draws = _collected(faults, lambda: _draws(asked.get("draws", 0))) or 0
    name = _collected(faults, lambda: _name(asked.get("name")))
    questionnaire = known.release.questionnaire
    stated = asked.get("preferences")
    parsed = _collected(faults, lambda: requirements.parse(answers, questionnaire, stated, contradictory=contradictory))
    source = asked.get("hardware_from")
    local = source == "local"
    profile = None if local else _collected(faults, lambda: profile_of(house, source))
    if faults or parsed is None or day is None:
        raise InvalidInput(faults)
    return Inputs(known, parsed, house.probe() if local else profile, roles, draws, policies, day, name)


def _day(house: House, as_of: object) -> str:
    if as_of is None:
        return house.now().date().isoformat()
    try:
        return date.fromisoformat(str(as_of)).isoformat() if isinstance(as_of, str | date) else _refuse_day(as_of)
    except ValueError:
        return _refuse_day(as_of)


def _refuse_day(as_of: object) -> str:
    raise InvalidInput([Fault("as_of", shown(as_of), "a day as YYYY-MM-DD")])


def _base(house: House, release: str | None, day: str | None, faults: list[Fault], store: bool) -> Knowledge:
    """The release that was asked for; the active one after noting why that cannot be had."""
    if release is None and day is None:
        return house.knowledge()
    on_file = _releases(house)
    if release is not None and release not in (ids := [r.id for r in on_file]):
        faults.append(Fault("release", shown(release), "the id of a stored release", nearest(release, ids)))
        release = None
    elif release is None and day is not None:
        then = [r for r in on_file if r.as_of <= day and r.hindsight_of is None]  # newest first
        newest = max(then, key=lambda r: r.as_of, default=None)
        release = newest.id if newest else _collected(faults, lambda: _look_back(house, day, store))
    return house.knowledge(release)


def _look_back(house: House, day: str, store: bool) -> str:
    """The release as it would have been on a day before any was published, made from the active one."""
    from knowledge_base import hindsight  # here for start-up time: few answers look back

    active = house.knowledge()
    with house.database.reading() as session:
        found = releases.hindsight(session, active.release.id, day)
    if found is not None:
        return found
    oldest = min(e["as_of"] for e in active.document["evidence"])
    try:
        if day < oldest:
            raise ValueError(f"nothing on file is older than {oldest}")
        document = hindsight.as_known(active.document, day)
    except ValueError as error:
        raise InvalidInput([Fault("as_of", shown(day), f"a day that can be looked back to: {error}")]) from None
    if not store:
        return house.remember(document).release.id
    with house.database.writing() as session:
        return releases.keep_hindsight(session, document, active.release.id, day, house.now()).id


def _draws(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= engine.MAX_DRAWS:
        raise InvalidInput([Fault("draws", shown(given), f"a whole number from 0 to {engine.MAX_DRAWS}")])
    return given


def is_name(given: object) -> bool:
    """Whether a project may be called so."""
    return isinstance(given, str) and 0 < len(given.strip()) <= len(given) <= MAX_NAME_CHARACTERS and is_plain(given)


def _name(given: object) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not is_name(given):
        raise InvalidInput([Fault("name", shown(given), f"null, or {NAME_EXPECTED}")])
    return given.strip()


def _policies(house: House, given: object) -> list[Mapping[str, Any]]:
    """The policies that were asked for, stored ones by their id."""
    if given is None:
        return []
    listed = isinstance(given, list | tuple)
    faults: list[Fault] = []
    found: list[Mapping[str, Any]] = []
    with house.database.reading() as session:
        for index, each in enumerate(given if isinstance(given, list | tuple) else [given]):
            where = f"policy[{index}]" if listed else "policy"
            if isinstance(each, Mapping):
                found.append(each)
                continue
            try:
                if not isinstance(each, str) or not _STORED_ID.fullmatch(each):
                    raise Missing("policy", str(each))
                found.append(json.loads(policies.get(session, each)))
            except Missing:
                near = nearest(each, [p.id for p in policies.listing(session)])
                faults.append(Fault(where, shown(each), "a policy or the id of a stored one", near))
    if faults:
        raise InvalidInput(faults)
    return found


def _layered(house: House, base: Knowledge, layers: Sequence[Mapping[str, Any]], day: str, given: object) -> Knowledge:
    try:
        return house.layered(base, layers, day)
    except InvalidInput as invalid:
        # The faults name their place in a list of policies; the caller may have given one alone.
        here = ("policies", "policy") if isinstance(given, list | tuple) else ("policies[0]", "policy")
        told = [Fault(f.path.replace(*here, 1), f.value, f.expected, f.nearest) for f in invalid.faults]
        raise InvalidInput(told) from None


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


def check(house: House, answers: object, **asked: Unpack[Asked]) -> list[Fault]:
    """Every fault that `answer` would refuse these inputs for; nothing is decided, probed or stored."""
    if asked.get("hardware_from") == "local":
        asked["hardware_from"] = None
    try:
        gather(house, answers, asked, store=False)
    except InvalidInput as invalid:
        return list(invalid.faults)
    return []


def profile_of(house: House | None, source: Hardware) -> Profile | None:
    """The profile that `hardware_from` names: of this machine, known, stored, or in a document; None for none.

    Raises:
        InvalidInput: there is none by that id, or the document has faults; they are parts of `hardware`.
    """
    if source is None or isinstance(source, Profile):
        return source
    if isinstance(source, Mapping):
        return _document(source, house)
    if isinstance(source, str) and source.startswith(machines.PREFIX):
        return machines.profile(source)
    if house is None or not isinstance(source, str):
        raise InvalidInput([Fault("hardware", shown(source), HARDWARE_EXPECTED)])
    return house.probe() if source == "local" else _stored(house, source)


def _document(source: Mapping[str, object], house: House | None) -> Profile:
    try:
        return profiles.received(source, house.now() if house else None)
    except InvalidInput as invalid:
        faults = [Fault(f"hardware.{f.path}", f.value, f.expected, f.nearest) for f in invalid.faults]
        raise InvalidInput(faults) from None


def _stored(house: House, name: str) -> Profile:
    try:
        return profiles.stored(house, name)
    except Missing:
        near = nearest(name, ["local"])
        raise InvalidInput([Fault("hardware", shown(name), HARDWARE_EXPECTED, near)]) from None
