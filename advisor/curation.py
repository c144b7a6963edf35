"""Changing the knowledge: proposals, what they would change in answers, and the release that takes them up.

A change is weighed before it is made: the release that it would give is built, told apart from the active one in words,
and both decide the recorded and the shipped projects. Where more clear answers turn round than the house allows,
nothing is published unless somebody says why it should be.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import probes
from advisor import cases
from advisor.house import House
from knowledge_base.fingerprint import files_of
from rules import canonical
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.release import compile_release, release_id
from storage import decisions, packs, proposals, releases
from storage.errors import Missing
from storage.proposals import ProposalInfo as ProposalInfo
from storage.releases import Origin, ReleaseInfo

if TYPE_CHECKING:
    from knowledge_base.diff import Difference
    from knowledge_base.impact import Impact, Project
    from knowledge_base.pack import Pack

RECORDED_PROJECTS = 500  # the newest recorded decisions that a change is tried on


@dataclass(frozen=True, slots=True)
class Review:
    """What a change would do: the release it gives, the differences in words, and the answers that turn round."""

    release: str
    active: str | None
    differences: "tuple[Difference, ...]"
    impact: "Impact"
    limit: float

    @property
    def blocked(self) -> bool:
        """Whether more clear answers turn round than the house allows."""
        return self.impact.share > self.limit


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: the release and whether it was new; `info` is None where the review forbids it."""

    info: ReleaseInfo | None
    new: bool
    review: Review | None


# --- Packs -----------------------------------------------------------------------------------------------------------


def review_pack(house: House, folder: Path) -> Review:
    """What publishing a pack would change.

    Raises:
        InvalidInput: with every problem of the pack.
    """
    from knowledge_base import pack as each  # here for start-up time: answering needs no pack

    return _review(house, _built(each.load(folder)))


def publish(house: House, folder: Path, waive: str | None = None) -> Published:
    """Publish a pack, unless it turns round more answers than allowed and no reason is given to `waive` that.

    Raises:
        InvalidInput: with every problem of the pack; the active release is untouched.
    """
    from knowledge_base import pack as each  # here for start-up time: answering needs no pack

    pack = each.load(folder)
    origin = Origin(pack.sha256, (), waive)
    return _publish(house, _built(pack), origin, files_of(folder))


# --- Proposals -------------------------------------------------------------------------------------------------------


def propose(house: House, text: str, name: str = "proposal") -> tuple[ProposalInfo, Review]:
    """Check a proposal (YAML) against the active release's pack, store it, and say what it would change.

    Raises:
        InvalidInput: with every fault, each at its place in the proposal or the pack; nothing is stored.
        Missing: the active release's pack is not stored (published by an older version: publish it once more).
    """
    from knowledge_base import proposal, yaml_files  # here for start-up time: answering needs no pack

    written = yaml_files.parse(text, name)
    read = proposal.read(written)
    pack, _ = _base(house)
    review = _review(house, _amended(pack, [(text, name)]))
    info = ProposalInfo(
        id=f"k-{canonical.digest(proposal.as_document(read))[:24]}",
        title=read.proposal.title,
        author=read.proposal.author,
        received_at=house.now(),
    )
    with house.database.writing() as session:
        proposals.store(session, info, text)
    return info, review


def listing(house: House) -> Sequence[ProposalInfo]:
    """All proposals without their content, newest first."""
    with house.database.reading() as session:
        return proposals.listing(session)


def get(house: House, name: str) -> str:
    """A proposal as it was written (YAML).

    Raises:
        InvalidInput: no such proposal; the nearest id is named.
    """
    return _stored(house, [name])[0][0]


def review(house: House, names: Sequence[str]) -> Review:
    """What applying stored proposals, in this order, to the active release's pack would change.

    Raises:
        InvalidInput: no such proposal, or they do not fit the pack (any more).
    """
    pack, _ = _base(house)
    return _review(house, _amended(pack, _stored(house, names)))


def release(house: House, names: Sequence[str], waive: str | None = None) -> Published:
    """Publish the active release's pack with stored proposals applied in this order.

    Raises:
        InvalidInput: no such proposal, or they do not fit the pack (any more); the active release is untouched.
    """
    pack, origin = _base(house)
    document = _amended(pack, _stored(house, names))
    return _publish(house, document, Origin(origin.pack_sha256, (*origin.proposals, *names), waive), None)


def _stored(house: House, names: Sequence[str]) -> list[tuple[str, str]]:
    """(text, name) of stored proposals."""
    found: list[tuple[str, str]] = []
    faults: list[Fault] = []
    with house.database.reading() as session:
        ids = [info.id for info in proposals.listing(session)]
        for name in names:
            if name in ids:
                found.append((proposals.get(session, name), name))
            else:
                faults.append(Fault("proposal", shown(name), "the id of a stored proposal", nearest(name, ids)))
    if faults:
        raise InvalidInput(faults)
    return found


def _base(house: House) -> "tuple[Pack, Origin]":
    """The pack that the active release was made from, with the proposals that it has taken up already."""
    with house.database.reading() as session:
        found = releases.active_origin(session)
        if found is None or found[1].pack_sha256 is None:
            raise Missing("pack", "of the active release")
        origin = found[1]
        files = packs.get(session, found[1].pack_sha256)
        taken = [(proposals.get(session, name), name) for name in origin.proposals]
    with _unpacked(files) as folder:
        from knowledge_base import pack as each  # here for start-up time: answering needs no pack

        return _applied(each.load(folder), taken), origin


@contextmanager
def _unpacked(files: Mapping[str, str]) -> Iterator[Path]:
    """A folder with the files of a stored pack, for as long as it is read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        yield folder


def _applied(pack: "Pack", written: Sequence[tuple[str, str]]) -> "Pack":
    from knowledge_base import amending, proposal, yaml_files  # here for start-up time: answering needs no pack

    for text, name in written:
        document = yaml_files.parse(text, name)
        pack = amending.amend(pack, proposal.read(document), document)
    return pack


def _amended(pack: "Pack", written: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return _built(_applied(pack, written))


def _built(pack: "Pack") -> dict[str, Any]:
    from knowledge_base import release as building  # here for start-up time: answering needs no pack

    return building.build(pack)


# --- Comparing -------------------------------------------------------------------------------------------------------


def differences(house: House, before: str, after: str) -> "list[Difference]":
    """What differs between two stored releases, in words.

    Raises:
        Missing: no such release.
    """
    from knowledge_base import diff  # here for start-up time: answering needs none

    return diff.differences(house.knowledge(before).document, house.knowledge(after).document)


def impact(house: House, before: str, after: str) -> "Impact":
    """Which answers turn round between two stored releases.

    Raises:
        Missing: no such release.
    """
    from knowledge_base import impact as weighing  # here for start-up time: answering needs none

    return weighing.impact(house.knowledge(before).release, house.knowledge(after).release, projects(house))


def projects(house: House) -> "Iterator[Project]":
    """What a change is tried on: the shipped cases, and the newest recorded decisions without house policies."""
    from knowledge_base.impact import Project  # here for start-up time: answering needs none

    for case in cases.shipped(house):
        yield Project(f"case {case.id}", case.answers, roles=(case.role,))
    with house.database.reading() as session:
        recorded = decisions.newest(session, RECORDED_PROJECTS)
    for each in recorded:
        made = json.loads(each.inputs)
        if made.get("policies"):
            continue
        profile = probes.parse(made["profile"]) if made["profile"] else None
        yield Project(each.id, made["answers"], profile, made["roles"], made.get("preferences"))


def _review(house: House, document: dict[str, Any]) -> Review:
    from knowledge_base import diff  # here for start-up time: answering needs none
    from knowledge_base import impact as weighing

    name = release_id(document, canonical.digest(document))
    try:
        active = house.knowledge()
    except Missing:
        return Review(name, None, (), weighing.Impact(0, 0, (), ()), house.flip_limit)
    told = diff.differences(active.document, document)
    found = weighing.impact(active.release, compile_release(document), projects(house))
    return Review(name, active.release.id, tuple(told), found, house.flip_limit)


def _publish(house: House, document: dict[str, Any], origin: Origin, files: Mapping[str, str] | None) -> Published:
    review = _review(house, document)
    if review.blocked and not origin.waiver:
        return Published(None, False, review)
    with house.database.writing() as session:
        if files is not None and origin.pack_sha256 is not None:
            packs.store(session, origin.pack_sha256, files, house.now())
        waived = origin if review.blocked else Origin(origin.pack_sha256, origin.proposals, None)
        info, new = releases.publish(session, document, house.now(), waived)
    return Published(info, new, review)
