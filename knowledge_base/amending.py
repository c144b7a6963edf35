"""A pack with a proposal applied: the same entries, some changed, added or removed, each still with its place.

A change counts only where the pack still says what the proposal was written against. Whether the amended pack makes
sense is found out as for any other pack, when a release is built from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge_base import numbers, packages, priors, schema
from knowledge_base.checking import checked
from knowledge_base.pack import Pack, Spot
from knowledge_base.proposal import Additions, Change, Proposal
from knowledge_base.yaml_files import Document, Location
from rules import canonical
from rules.faults import Fault, InvalidInput, nearest, shown

_MODELS: Mapping[str, type[schema.Entry]] = {
    "pack": numbers.Pack,
    "questionnaire": schema.Questionnaire,
    "capabilities": schema.Capability,
    "criteria": schema.Criterion,
    "sources": schema.Source,
    "evidence": schema.Evidence,
    "alternatives": schema.Alternative,
    "paths": schema.Path,
    "kin": schema.Kin,
    "rules": schema.Rule,
    "gates": schema.Gate,
    "packages": packages.Packages,
    "priors": priors.Prior,
}
_SINGLE = {"pack": "settings", "questionnaire": "questionnaire"}  # kind -> where the pack keeps its one entry
_TABLES = ("capabilities", "weights")  # fields whose keys a change may take away, by `to: null`
Entries = dict[tuple[str, str], schema.Entry]


@dataclass(frozen=True, slots=True)
class Amended(Spot):
    """The place of an entry that a proposal changes: all of it stands where the change does."""

    def character(self, index: int, *inner: str | int) -> str | None:  # noqa: ARG002 - no file has the new text
        """None: the text as it is now stands in no file."""
        return None

    def text(self, *inner: str | int) -> str:  # noqa: ARG002
        """Empty: the text as it is now stands in no file."""
        return ""


def amend(pack: Pack, proposal: Proposal, document: Document) -> Pack:
    """The pack with a proposal applied; `document` is what the proposal was read from.

    The pack's day becomes the proposal's where that is later.

    Raises:
        InvalidInput: an entry is not on file or already there, a value is not what `from` says, or what comes out is
            no entry of its kind; every fault with its place in the proposal.
    """
    faults: list[Fault] = []
    entries = _entries(pack)
    spots = dict(pack.spots)
    values = _Values(entries, spots, document)
    for index, change in enumerate(proposal.set):
        values.put(change, ("set", index), faults)
    faults += values.senseless()
    for kind in Additions.model_fields:
        for index, entry in enumerate(getattr(proposal.add, kind)):
            at: Location = ("add", kind, index)
            if (kind, entry.id) in entries:
                faults.append(Fault(document.place((*at, "id")), shown(entry.id), f"an id not used among the {kind}"))
            entries[kind, entry.id], spots[kind, entry.id] = entry, Spot(document, at)
    for index, removal in enumerate(proposal.remove):
        if entries.pop((removal.kind, removal.id), None) is None:
            place = document.place(("remove", index, "id"))
            faults.append(Fault(place, shown(removal.id), f"an id among the {removal.kind}", _near(entries, removal)))
    if faults:
        raise InvalidInput(faults)
    settings = entries["pack", ""]
    settings = settings.model_copy(update={"as_of": max(pack.settings.as_of, proposal.proposal.created)})
    return _packed(pack, entries | {("pack", ""): settings}, spots, proposal)


def _entries(pack: Pack) -> Entries:
    """Every entry by (kind, id), in the order of the pack."""
    found: Entries = {(kind, ""): getattr(pack, field) for kind, field in _SINGLE.items()}
    for kind in _MODELS.keys() - _SINGLE.keys():
        for index, entry in enumerate(getattr(pack, kind)):
            found[kind, getattr(entry, "id", str(index))] = entry
    return found


def _packed(pack: Pack, entries: Entries, spots: Mapping[tuple[str, str], Spot], proposal: Proposal) -> Pack:
    lists: dict[str, list[Any]] = {kind: [] for kind in _MODELS.keys() - _SINGLE.keys()}
    for (kind, _), entry in entries.items():
        if kind in lists:
            lists[kind].append(entry)
    changed: dict[str, Any] = {
        kind: tuple(sorted(members, key=lambda e: str(e.id)) if kind in Additions.model_fields else members)
        for kind, members in lists.items()
    }
    digest = canonical.digest([pack.sha256, proposal.model_dump(by_alias=True)])
    single: dict[str, Any] = {field: entries[kind, ""] for kind, field in _SINGLE.items()}
    return replace(pack, sha256=digest, spots=spots, **single, **changed)


class _Values:
    """Entries while their values change, one by one. Only what comes out in the end has to make sense: a verdict and
    its reason are two values.
    """

    def __init__(self, entries: Entries, spots: dict[tuple[str, str], Spot], document: Document) -> None:
        self.entries = entries
        self.spots = spots
        self.document = document
        self._values: dict[tuple[str, str], dict[str, Any]] = {}
        self._said: dict[tuple[str, str], list[Fault]] = {}  # what is wrong with an entry after its newest change

    def put(self, change: Change, at: Location, faults: list[Fault]) -> None:
        """Change one value; `faults` gains what is wrong with the change itself."""
        place = self.document.place
        key = change.kind, "" if change.kind in _SINGLE else change.id
        if key not in self.entries:
            near = _near(self.entries, change)
            faults.append(Fault(place((*at, "id")), shown(change.id), f"an id among the {change.kind}", near))
            return
        value = self._values.setdefault(key, self.entries[key].model_dump())
        parent, step = _parent(value, change.location)
        if parent is None:
            faults.append(Fault(place((*at, "path")), shown(change.path), f"a path into an entry of {change.kind}"))
        elif change.location == ("id",):
            faults.append(Fault(place((*at, "path")), shown(change.path), "another path: an id never changes"))
        elif (held := _held(parent, step)) != change.before:
            faults.append(Fault(place((*at, "from")), shown(change.before), f"what is on file: {shown(held)}"))
        else:
            if change.after is None and len(change.location) == 2 and change.location[0] in _TABLES:
                parent.pop(step)
            else:
                parent[step] = change.after
            self._check(key, (*at, "to"))

    def senseless(self) -> list[Fault]:
        """What is wrong with the entries that came out, each fault where it first appeared."""
        return [fault for said in self._said.values() for fault in said]

    def _check(self, key: tuple[str, str], at: Location) -> None:
        found: list[Fault] = []
        renewed = checked(self.document, self._values[key], at, _MODELS[key[0]], found)
        before = {(f.value, f.expected): f for f in self._said.get(key, ())}
        self._said[key] = [before.get((f.value, f.expected), f) for f in found]
        if renewed is not None:
            self.entries[key], self.spots[key] = renewed, Amended(self.document, at)


def _parent(value: Any, location: Sequence[str | int]) -> tuple[Any, str | int]:
    """(what holds the last step of a path, that step); None where a step leads nowhere."""
    for step in location[:-1]:
        value = _held(value, step)
    key = location[-1]
    holds = isinstance(value, dict) or (isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value))
    return (value if holds else None), key


def _held(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value) else None


def _near(entries: Entries, named: Any) -> str | None:
    return nearest(named.id, [name for kind, name in entries if kind == named.kind])
