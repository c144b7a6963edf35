"""Changing the knowledge: proposals, what they would change in answers, and the release that takes them up.

A change is weighed before it is made: the release that it would give is built, told apart from the active one in words,
and both decide the recorded and the shipped projects. Where more answers turn round (ties aside) than the house allows,
nothing is published unless somebody says why it should be.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import probes
from advisor import cases
from advisor.house import House
from knowledge_base.fingerprint import SHIPPED, files_of, fingerprint_of
from rules import canonical
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.release import compile_release, release_id
from storage import decisions, packs, proposals, releases
from storage.errors import Conflict, Missing
from storage.proposals import ProposalInfo as ProposalInfo
from storage.releases import Active, Origin, ReleaseInfo

if TYPE_CHECKING:
    from knowledge_base.diff import Difference as Difference
    from knowledge_base.health import Health as Health
    from knowledge_base.impact import Impact as Impact
    from knowledge_base.impact import Project
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
        """Whether more answers turn round than the house allows."""
        return self.impact.share > self.limit


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: the release and whether it was new; `info` is None where the review forbids it.

    `dropped` are the proposals that the release before had taken up and this one has not.
    """

    info: ReleaseInfo | None
    new: bool
    review: Review
    dropped: tuple[str, ...] = ()


# --- Packs -----------------------------------------------------------------------------------------------------------


def review_pack(house: House, folder: Path | None = None) -> Review:
    """What publishing a pack (None: the shipped one) would change.

    Raises:
        InvalidInput: with every problem of the pack.
    """
    from knowledge_base import pack as each  # here for start-up time: answering needs no pack

    return _review(house, _built(each.load(folder or SHIPPED)), _active(house))


def publish(house: House, folder: Path | None = None, waive: str | None = None) -> Published:
    """Publish a pack (None: the shipped one), unless it turns round more answers than allowed; `waive` says why it may.

    Raises:
        InvalidInput: with every problem of the pack; the active release is untouched.
        Conflict: another release was published while this one was weighed, or the pack was changed while it was read;
            nothing is published.
    """
    from knowledge_base import pack as each  # here for start-up time: answering needs no pack

    over = _active(house)
    pack = each.load(folder or SHIPPED)
    files = files_of(folder or SHIPPED)
    if fingerprint_of(files) != pack.sha256:
        raise Conflict("the pack was changed while it was read")
    return _publish(house, _built(pack), Origin(pack.sha256, (), waive), over, files)


def activate(house: House, release: str) -> ReleaseInfo:
    """Answer from a stored release again.

    Raises:
        InvalidInput: no such release, or a look back; the nearest id is named.
    """
    with house.database.writing() as session:
        try:
            return releases.activate(session, release)
        except Missing:
            ids = [info.id for info in releases.listing(session) if info.hindsight_of is None]
            fault = Fault("--again", shown(release), "the id of a published release", nearest(release, ids))
            raise InvalidInput([fault]) from None


# --- Proposals -------------------------------------------------------------------------------------------------------


def propose(house: House, given: str | Mapping[str, Any], name: str = "proposal") -> tuple[ProposalInfo, Review]:
    """Check a proposal against the active release's pack, store it, and say what it would change.

    Args:
        house: the parts to work with.
        given: YAML, whose faults are told by line and column; or its plain parts, whose faults are told by path.
        name: what to call it in messages.

    Raises:
        InvalidInput: with every fault, each at its place in the proposal or the pack; nothing is stored.
        Missing: the active release's pack is not stored (published by an older version: publish it once more).
    """
    from knowledge_base import amending, proposal, yaml_files  # here for start-up time: answering needs no pack

    text = given if isinstance(given, str) else yaml_files.dump(given)
    written = yaml_files.parse(text, name) if isinstance(given, str) else yaml_files.Parts.of(given)
    read = proposal.read(written)
    today = house.now().date().isoformat()
    if read.proposal.created > today:
        place = written.place(("proposal", "created"))
        raise InvalidInput([Fault(place, shown(read.proposal.created), f"a day that has come: today is {today}")])
    base = _base(house)
    review = _review(house, _built(amending.amend(base.pack, read, written)), base.over)
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
    base = _base(house)
    return _review(house, _built(_applied(base.pack, _stored(house, names))), base.over)


def taken_up(house: House) -> tuple[str, ...]:
    """The proposals that the active release has taken up."""
    over = _active(house)
    return over.origin.proposals if over else ()


def release(house: House, names: Sequence[str], waive: str | None = None) -> Published:
    """Publish the active release's pack with stored proposals applied in this order.

    Raises:
        InvalidInput: no such proposal, or they do not fit the pack (any more); the active release is untouched.
        Conflict: another release was published while this one was weighed; nothing is published.
    """
    base = _base(house)
    document = _built(_applied(base.pack, _stored(house, names)))
    origin = base.over.origin
    return _publish(house, document, Origin(origin.pack_sha256, (*origin.proposals, *names), waive), base.over)


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


@dataclass(frozen=True, slots=True)
class _Base:
    """What proposals are applied to: the active release, and its pack with what it has taken up already."""

    pack: "Pack"
    over: Active


def _active(house: House) -> Active | None:
    with house.database.reading() as session:
        return releases.active(session)


def present_pack(house: House) -> "Pack":
    """The pack of the active release, with the proposals that it has taken up.

    Raises:
        Missing: that pack is not stored (published by an older version: publish it once more).
    """
    return _base(house).pack


def _base(house: House) -> _Base:
    with house.database.reading() as session:
        over = releases.active(session)
        if over is None or over.origin.pack_sha256 is None:
            raise Missing("pack", "of the active release")
        files = packs.get(session, over.origin.pack_sha256)
        taken = [(proposals.get(session, name), name) for name in over.origin.proposals]
    with _unpacked(files) as folder:
        from knowledge_base import pack as each  # here for start-up time: answering needs no pack

        return _Base(_applied(each.load(folder), taken), over)


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


def review_release(house: House, before: str) -> Review:
    """What the active release changed since another stored one.

    Raises:
        Missing: no such release.
    """
    active = house.knowledge().release.id
    told = tuple(differences(house, before, active))
    return Review(active, before, told, impact(house, before, active), house.flip_limit)


def review_document(review: Review) -> dict[str, Any]:
    """A review as plain parts; the shares of answers turned round and allowed are in [0, 1]."""
    found = review.impact
    return {
        "release": review.release,
        "active": review.active,
        "differences": [asdict(each) for each in review.differences],
        "impact": {**asdict(found), "clear_flips": found.clear_flips, "share": found.share},
        "limit": review.limit,
        "blocked": review.blocked,
    }


def listing_document(house: House) -> list[dict[str, Any]]:
    """All proposals as plain parts without their content, newest first; `released`: the active release took it up."""
    taken = set(taken_up(house))
    return [{**asdict(p), "received_at": p.received_at.isoformat(), "released": p.id in taken} for p in listing(house)]


def health(house: House) -> "Health":
    """The state of the active release's knowledge, and what shipped and recorded projects would gain from more."""
    from knowledge_base import health as examining  # here for start-up time: answering needs none

    known = house.knowledge()
    return examining.examine(known.document, known.release, projects(house), house.now().date().isoformat())


def state(house: House) -> "Health":
    """The state of the active release's knowledge, without what finding out more would be worth."""
    from knowledge_base import health as examining  # here for start-up time: answering needs none

    known = house.knowledge()
    return examining.examine(known.document, known.release, (), house.now().date().isoformat())


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


def tried_on(house: House) -> str:
    """A mark of what a change is tried on; it differs where `projects` differ."""
    with house.database.reading() as session:
        newest = decisions.newest_ids(session, RECORDED_PROJECTS)
    return canonical.digest([cases.mark(house), *newest])


def _review(house: House, document: dict[str, Any], over: Active | None) -> Review:
    from knowledge_base import diff  # here for start-up time: answering needs none
    from knowledge_base import impact as weighing

    name = release_id(document, canonical.digest(document))
    if over is None:
        return Review(name, None, (), weighing.Impact(0, 0, (), ()), house.flip_limit)
    active = house.knowledge(over.release)
    told = diff.differences(active.document, document)
    found = weighing.impact(active.release, compile_release(document), projects(house))
    return Review(name, active.release.id, tuple(told), found, house.flip_limit)


def _publish(
    house: House,
    document: dict[str, Any],
    origin: Origin,
    over: Active | None,
    files: Mapping[str, str] | None = None,
) -> Published:
    review = _review(house, document, over)
    if review.blocked and not origin.waiver:
        return Published(None, False, review)
    with house.database.writing() as session:
        releases.require_active(session, over.release if over else None)  # of two curators at once, one is told
        if files is not None and origin.pack_sha256 is not None:
            packs.store(session, origin.pack_sha256, files, house.now())
        waived = origin if review.blocked else Origin(origin.pack_sha256, origin.proposals, None)
        info, new = releases.publish(session, document, house.now(), waived)
    before = over.origin.proposals if over else ()
    return Published(info, new, review, tuple(name for name in before if name not in origin.proposals))
