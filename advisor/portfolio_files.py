"""What a board is told of the projects in files: every good row, block by block, as often as they are asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from advisor import portfolio_board, portfolio_specs, portfolio_studies, portfolios
from advisor.house import House
from advisor.inputs import Asked, gather
from advisor.portfolio_weights import weighted, weights_in
from portfolio import given
from portfolio.board import asking, frames
from portfolio.board.asking import Portfolio, Projects
from portfolio.board.table import Tables
from portfolio.mapping import WEIGHT, FileMapping
from portfolio.reading import open_source, parse
from rules.accounts.naming import Names, names_of
from rules.compiled import Release
from rules.conditions.columns import column
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import Profile

SUMMARY, MOVERS, RISK, GROUPS, SENSITIVITY = "summary", "movers", "risk", "groups", "sensitivity"
ALSO = (SUMMARY, MOVERS, RISK, GROUPS, SENSITIVITY)


def answers(
    house: House,
    paths: Sequence[Path],
    role: str,
    *,
    up_to: int = portfolio_board.UP_TO,
    weights: Path | None = None,
    also: Sequence[str] = (),
    mapping: object = None,
    columns: Sequence[str] = (),
    **asked: Unpack[Asked],
) -> tuple[dict[str, Any], Names]:
    """(the best few frameworks for the projects in some files, and what else is asked for, by name; its words).

    Args:
        house: the parts to work with.
        paths: files, folders and patterns of projects; or one file of results that were written with their scores
            (Parquet), of which only the summary can be asked for besides, and whose release is not known.
        role: the role.
        up_to: the greatest number of frameworks, at least 1.
        weights: a file of weights by project; None: the projects' own column says, or all count alike.
        also: of `ALSO`.
        mapping: how columns and words of the files are meant, as `portfolio.mapping` reads it.
        columns: columns given as `Our column=question`, over those of the mapping.
        asked: the hardware of every project, the release and the policies.

    Raises:
        InvalidInput: with every fault of what was asked for, or of the files; no project that calls for the role.
        OSError: a file cannot be read.
    """
    faults = [
        Fault("also", shown(each), f"one of: {', '.join(ALSO)}", nearest(each, ALSO)) for each in set(also) - {*ALSO}
    ]
    if up_to < 1:
        faults.append(Fault("up_to", shown(up_to), "a whole number of at least 1"))
    if faults:
        raise InvalidInput(faults)
    given_ = gather(house, {}, {**asked, "roles": [role]})
    release = given_.known.release
    mapped = portfolio_specs.file_mapping(release.questionnaire, mapping, columns)
    if (members := _members(paths, role)) is not None:
        told = _of_results(paths[0], members, release, role, up_to, weights, also)
        return told, names_of(release, given_.known.document)
    projects, counts = portfolio(paths, release, given_.profile, mapped)
    projects = weighted(projects, None if weights is None else weights_in(weights))
    made = tables(release, role, projects)
    found: dict[str, Any] = {"consolidation": portfolio_board.consolidation(made, up_to)}
    ways: Mapping[str, Callable[[], dict[str, Any]]] = {
        SUMMARY: lambda: portfolio_board.summary(made, release),
        MOVERS: lambda: portfolio_board.movers(release, role, projects),
        RISK: lambda: portfolio_board.risk(release, role, projects),
        GROUPS: lambda: portfolio_studies.groups(release, role, projects),
        SENSITIVITY: lambda: portfolio_studies.sensitivity(given_.known, role, projects),
    }
    found |= {name: ways[name]() for name in ALSO if name in also}
    head = {"release": release.id, "role": role, "read": counts.read, "failed": counts.failed, "silent": counts.silent}
    return {**head, "counted_by": _by(weights, counts.weights), **found}, names_of(release, given_.known.document)


def _by(weights: Path | None, column: str | None) -> str | None:
    """By what projects count, in words; None where all count alike."""
    return f"the file “{weights.name}”" if weights is not None else portfolios.by_column(column)


def _members(paths: Sequence[Path], role: str) -> tuple[str, ...] | None:
    """Whose scores a single file of results holds; None for files of projects."""
    return frames.members_of(paths[0], role) if len(paths) == 1 else None


def _of_results(
    path: Path,
    members: Sequence[str],
    release: Release,
    role: str,
    up_to: int,
    weights: Path | None,
    also: Sequence[str],
) -> dict[str, Any]:
    """The best few frameworks from results that were written with their scores, whichever release these are from."""
    if needy := [each for each in also if each != SUMMARY]:
        expected = "nothing that needs the answers: results hold scores only; give the files of the projects"
        raise InvalidInput([Fault("also", shown(each), expected) for each in needy])
    by_id = None if weights is None else weights_in(weights)
    made = weighted(lambda: frames.tables(frames.frames([path], role), role, members), by_id)
    found: dict[str, Any] = {"consolidation": portfolio_board.consolidation(made, up_to)}
    if SUMMARY in also:
        found["summary"] = portfolio_board.summary(made, release)
    head = {"release": None, "role": role, "read": frames.rows_of(path), "failed": 0, "silent": None}
    return {**head, "counted_by": _by(weights, WEIGHT if frames.are_weighted(path) else None), **found}


@dataclass(slots=True)
class Counts:
    """What the last pass over the files met: rows in all, rows that could not be read, and rows that answer nothing;
    and how the files name the weights of projects, if they have any.
    """

    weights: str | None
    read: int = 0
    failed: int = 0
    silent: int = 0


def portfolio(
    paths: Sequence[Path], release: Release, profile: Profile | None = None, mapping: FileMapping | None = None
) -> tuple[Portfolio, Counts]:
    """(the projects of some files, what each pass over them counts).

    A project without an id is called by the number of its row.

    Raises:
        InvalidInput: the files cannot be read, with every fault of their report.
        OSError: a file cannot be read.
    """
    source = open_source(paths, release.questionnaire, mapping)
    if source.report.faults:
        raise InvalidInput(source.report.faults)
    counts = Counts(source.mapping.weight)
    machine = {
        name: column(release.names[name], [value])
        for name, value in given.given_by(release, profile).items()
        if name in release.names
    }

    def blocks() -> Iterator[Projects]:
        counts.read = counts.failed = counts.silent = 0
        for frame in source.frames():
            block = parse(frame, counts.read + 1, release.questionnaire, release.names, source.mapping)
            counts.read, counts.failed = counts.read + block.read, counts.failed + block.failed
            counts.silent += block.silent
            called = zip(block.id.to_list(), block.row.tolist(), strict=True)
            ids = [name or f"row {row}" for name, row in called]
            yield Projects(ids, block.row.tolist(), given.filled(block.sheet, machine), block.weight)

    return blocks, counts


def tables(release: Release, role: str, projects: Portfolio) -> Tables:
    """The tables of a role, as often as they are asked for."""
    return lambda: asking.tables(release, role, projects)
