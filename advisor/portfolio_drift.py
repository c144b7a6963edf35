"""What two releases say of the same projects, and why it differs: for stored portfolios and for files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor import portfolio_specs
from advisor.errors import Conflict
from advisor.house import House, Knowledge
from advisor.inputs import Asked, gather
from advisor.portfolio_done import done, kept_of, knowledge_of, require_role
from rules.accounts.naming import Names, names_of
from rules.compiled import Release
from rules.faults import Fault, InvalidInput, shown
from rules.hardware import Profile

if TYPE_CHECKING:
    import polars as pl

    from portfolio.board.asking import Projects
    from portfolio.mapping import FileMapping
    from portfolio.parts import Run

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of projects as they lie in files: raw frames from the beginning, as often as asked for, and the row
    before each; how the files are meant; the machine of all.
    """

    frames: "Callable[[], Iterator[tuple[int, pl.DataFrame]]]"
    mapping: "FileMapping"
    profile: Profile | None

    def understood(self, release: Release) -> "Iterator[tuple[Any, Projects]]":
        """(the numbers of the good rows; the projects in them), as a release understands them, frame by frame."""
        from portfolio import given, scored_projects  # brings Polars with it: start-up time
        from portfolio.board.asking import Projects
        from portfolio.reading import parse

        stated = given.given_by(release, self.profile)
        machine = {name: given.one(release, name, value) for name, value in stated.items() if name in release.names}
        for before, frame in self.frames():
            block = parse(frame, before + 1, release.questionnaire, release.names, self.mapping)
            filled = given.filled(block.sheet, machine)
            yield block.row, Projects(scored_projects.called(block), block.row.tolist(), filled)


def drift(before: Knowledge, after: Knowledge, role: str, rows: Rows) -> Document:
    """What changed between two releases for some projects: what comes first and why, exclusions, stacks.

    Rows that either release cannot read are left out; `unread` counts them.

    Raises:
        InvalidInput: there is no such role.
    """
    from advisor import portfolio_board, portfolio_studies  # as above
    from portfolio.board import stacks

    require_role(role)
    shared = _Shared(rows, (before.release, after.release))
    found = portfolio_studies.drift(before.document, after.document, role, shared)
    moved = stacks.stacks(before.release, after.release, zip(*map(shared, shared.ends), strict=True))
    ways = sorted(moved.ways.items(), key=lambda each: (-each[1].projects, each[0]))
    return {
        "releases": {"before": before.release.id, "after": after.release.id},
        "unread": shared.unread(),
        **found,
        "stacks": {
            "projects": moved.projects,
            "changed": moved.changed,
            "ways": [
                {
                    "target": target,
                    "before": was or None,
                    "after": now or None,
                    "projects": each.projects,
                    "with_another_first": each.with_first,
                    "examples": portfolio_board.examples(each.examples),
                }
                for (target, was, now), each in ways
            ],
        },
    }


class _Shared:
    """The projects that both of two releases can read, as any release between them understands them."""

    def __init__(self, rows: Rows, ends: tuple[Release, Release]) -> None:
        self._rows, self.ends = rows, ends
        self._read: list[tuple[int, int]] = []  # by frame: how many rows both can read, how many one at least
        self._common: list[Any] = []
        for one, other in zip(*(rows.understood(release) for release in ends), strict=True):
            self._common.append(np.intersect1d(one[0], other[0], assume_unique=True))
            self._read.append((len(self._common[-1]), len(np.union1d(one[0], other[0]))))

    def unread(self) -> int:
        """How many rows only one of the two can read."""
        return sum(either - both for both, either in self._read)

    def __call__(self, release: Release) -> "Iterator[Projects]":
        for common, (numbers, projects) in zip(self._common, self._rows.understood(release), strict=True):
            at = np.flatnonzero(np.isin(numbers, common))
            if len(at) != len(common):
                raise Conflict("a release between the two cannot read rows that both of them can")
            yield projects.take(at)


# --- Where the projects lie ------------------------------------------------------------------------------------------


def of_portfolios(house: House, before: str, after: str, role: str) -> Document:
    """What changed from one stored portfolio to another one of the same projects; unkept.

    Raises:
        Missing: there is no such portfolio.
        Conflict: one is not done, or its projects are not there any more.
        InvalidInput: they are not of the same projects on the same machine, or there is no such role.
    """
    from portfolio import mapping, parts, passports  # as above

    runs = [done(house, each) for each in (before, after)]
    asked = [kept_of(house, each) for each in (before, after)]
    _require_same(runs, asked, before)
    known = [knowledge_of(run) for run in runs]
    rows = Rows(
        lambda: ((start, frame) for start, frame in parts.frames(runs[1])),
        mapping.from_document(runs[1].document["mapping"]),
        passports.profile_from(asked[1].get("machine")),
    )
    return {"portfolios": {"before": before, "after": after}, **drift(known[0], known[1], role, rows)}


def _require_same(runs: "Sequence[Run]", asked: Sequence[Mapping[str, Any]], before: str) -> None:
    one, other = (run.document for run in runs)
    faults = []
    content = [[each["sha256"] for each in of["sources"]] for of in (one, other)]
    if content[0] != content[1] or one["mapping"] != other["mapping"]:
        faults.append(Fault("portfolio", shown(before), "a portfolio of the same projects, read in the same way"))
    if asked[0].get("machine") != asked[1].get("machine"):
        faults.append(Fault("hardware", shown(asked[0]["hardware"]), "the same machine in both portfolios"))
    if faults:
        raise InvalidInput(faults)


def of_files(
    house: House,
    paths: Sequence[Path],
    role: str,
    before: str,
    after: str | None = None,
    *,
    mapping: object = None,
    columns: Sequence[str] = (),
    **asked: Any,
) -> tuple[Document, Names]:
    """(what changed from one release to another, the active one if none is named, for the projects in files; the words
    of the later one). `mapping` and `columns` say how the files are meant, as in `portfolio_specs.Wanted`.

    Raises:
        InvalidInput: with every fault of what was asked for, or of the files.
        Missing: nothing has been published yet.
        OSError: a file cannot be read.
    """
    from portfolio.reading import open_source

    given_: list[Asked] = [{**asked, "release": release, "roles": [role]} for release in (before, after)]  # type: ignore[typeddict-item]
    sides = [gather(house, {}, each) for each in given_]
    questionnaire = sides[1].known.release.questionnaire
    source = open_source(paths, questionnaire, portfolio_specs.file_mapping(questionnaire, mapping, columns))
    if source.report.faults:
        raise InvalidInput(source.report.faults)

    def frames() -> "Iterator[tuple[int, pl.DataFrame]]":
        read = 0
        for frame in source.frames(portfolio_specs.BLOCK_ROWS):
            yield read, frame
            read += frame.height

    known = [side.known for side in sides]
    found = drift(known[0], known[1], role, Rows(frames, source.mapping, sides[1].profile))
    return found, names_of(known[1].release, known[1].document)
