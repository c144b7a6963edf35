"""Refresh: ask the package index for the packages on file and propose what should change. Nothing is changed here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge_base import pack as packs
from knowledge_base import proposal as proposals
from knowledge_base.faults import IndexUnreachable
from knowledge_base.fingerprint import SHIPPED
from knowledge_base.packages import Packages
from knowledge_base.proposal import Proposal
from knowledge_base.refresh import telling
from knowledge_base.refresh.asking import Index, IndexFailure, Reader
from knowledge_base.refresh.proposing import propose
from knowledge_base.refresh.reading import Fetched, Reading, judged
from rules.faults import Fault, InvalidInput, nearest, shown

FAILURES_IN_A_ROW = 3

Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of a refresh: the proposal, and each package as it was read."""

    proposal: Proposal
    readings: tuple[Reading, ...]

    def as_yaml(self) -> str:
        """The proposal as the document that a curator reviews."""
        return proposals.dump(self.proposal)

    def as_document(self) -> dict[str, Any]:
        """The proposal and the readings as plain parts."""
        return {
            "proposal": proposals.as_document(self.proposal),
            "packages": [_described(each) for each in self.readings],
        }


def refresh(
    given: packs.Pack | Path | None,
    index: Index,
    today: date,
    only: Sequence[str] = (),
    progress: Told | None = None,
) -> Refreshed:
    """Ask an index for the packages of a pack and propose what follows.

    Args:
        given: a pack, such as that of the active release, or a pack's folder. None: the shipped pack.
        index: where to ask.
        today: the day that the reading is dated by.
        only: ids of alternatives. Empty: all of them.
        progress: told before each package: how many are done, of how many, and its name.

    Raises:
        InvalidInput: the pack has faults, has no packages on file, or has no such alternative.
        IndexUnreachable: no package got any usable answer.
    """
    pack = given if isinstance(given, packs.Pack) else packs.load(given or SHIPPED)
    entries = _chosen(pack, only)
    fetched = _fetched(entries, index, progress)
    versions = {each.id: each.version for each in pack.alternatives}
    readings = judged(entries, fetched, versions, today)
    return Refreshed(propose(pack, readings, today), tuple(readings))


def _chosen(pack: packs.Pack, only: Sequence[str]) -> list[Packages]:
    """The entries of the alternatives asked for, in the order of the pack's alternatives."""
    by_id = {each.id: each for each in pack.packages}
    alternatives = [each.id for each in pack.alternatives]
    if not by_id:
        raise InvalidInput([Fault("packages.yaml", "nothing", "a file: it names the packages to ask for")])
    faults = [
        Fault("--only", shown(each), "the id of an alternative whose packages are on file", nearest(each, by_id))
        for each in only
        if each not in by_id
    ]
    faults += [
        Fault("packages.yaml", shown(each), "the id of an alternative", nearest(each, alternatives))
        for each in by_id
        if each not in alternatives
    ]
    if faults:
        raise InvalidInput(faults)
    return [by_id[each] for each in alternatives if each in by_id and (not only or each in only)]


def _fetched(entries: Sequence[Packages], index: Index, progress: Told | None) -> Mapping[str, Fetched]:
    """What came of asking for each package, once; several failures in a row end the asking."""
    names = list(dict.fromkeys(package.name for entry in entries for package in entry.asked))
    reader = Reader(index)
    found: dict[str, Fetched] = {}
    in_a_row = 0
    for done, name in enumerate(names):
        if in_a_row == FAILURES_IN_A_ROW:
            found[name] = Fetched("not-asked")
            continue
        if progress:
            progress(done, len(names), name)
        found[name] = _asked(reader, name)
        in_a_row = in_a_row + 1 if found[name].outcome == "failed" else 0
    if names and not any(each.outcome in ("read", "absent") for each in found.values()):
        why = next(each.failure for each in found.values() if each.failure)
        raise IndexUnreachable(f"the package index {index.address} cannot be used: {why}")
    return found


def _asked(reader: Reader, name: str) -> Fetched:
    try:
        project = reader.read(name)
    except IndexFailure as failure:
        return Fetched("failed", failure=str(failure))
    return Fetched("read", project) if project else Fetched("absent")


def _described(reading: Reading) -> dict[str, Any]:
    """A reading as plain parts, for programs."""
    found, newest = reading.found, reading.newest
    facts: dict[str, Any] = {"newest": None, "date": None}
    if found and newest:
        facts = {"newest": str(newest.version), "date": newest.day.isoformat() if newest.day else None}
    return {
        "alternative": reading.alternative,
        "package": reading.package.name,
        "role": reading.package.role,
        "outcome": reading.fetched.outcome,
        "failure": reading.fetched.failure,
        **facts,
        "stable_in_12_months": found.stable_in_12_months if found else None,
        "stable_in_24_months": found.stable_in_24_months if found else None,
        "yanked": [str(each.version) for each in found.yanked] if found else [],
        "requires_python": found.requires_python if found else None,
        "python": [telling.python(each) for each in (found.pythons.oldest, found.pythons.newest)] if found else None,
        "free_threaded": [telling.python(each) for each in found.builds.free_threaded] if found else [],
        "platforms": sorted(found.builds.platforms) if found else [],
        "wheel_bytes": dict(found.builds.sizes_bytes) if found else {},
        "licence": telling.licence(found.information) if found else None,
        "used": reading.is_usable,
        "traps": [{"kind": each.kind, "text": each.text, "stops": each.stops} for each in reading.traps],
    }
