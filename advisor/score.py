"""A file of projects, answered one by one: good rows are scored, each bad row is reported in a file of its own.

Every row is decided as a single request is, from one release and one hardware profile throughout; nothing is recorded.
Files appear under their final names only when all is done.
"""

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.house import House
from advisor.inputs import Hardware, gather
from advisor.project_rows import Row, csv_rows, json_lines
from advisor.score_output import errors_writer, replacing, results_writer
from rules import engine, requirements
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import Profile
from rules.release import Release

FORMATS = (".csv", ".jsonl")
ROWS_PER_REPORT = 100

_COLUMN = re.compile(r"answers\.([^.\[]+)")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were read, scored and refused; read = scored + failed."""

    read: int
    scored: int
    failed: int


def score_file(
    house: House,
    source: Path,
    target: Path,
    errors: Path,
    *,
    hardware_from: Hardware = None,
    progress: Progress | None = None,
    force: bool = False,
) -> Counts:
    """Answer every project of a file.

    Args:
        house: the parts to work with.
        source: CSV or JSON Lines, by its ending.
        target: where the answers go, CSV or JSON Lines by its ending.
        errors: where the faults of bad rows go, one a line, CSV or JSON Lines by its ending.
        hardware_from: the hardware of every project; see `advisor.recommend.answer`.
        progress: told the bytes read and the bytes in all, now and then.
        force: replace target and errors where they exist.

    Raises:
        InvalidInput: a path, the hardware or the first line of a CSV file has faults; nothing is written.
        OSError: a file cannot be read or written; nothing is left under a final name.
    """
    faults = _path_faults(source, target, errors, force)
    if faults:
        raise InvalidInput(faults)
    given = gather(house, {}, {"hardware_from": hardware_from})
    release = given.known.release
    read = failed = 0
    with source.open("rb") as file, ExitStack() as opened:
        rows = csv_rows(file, release.questionnaire) if _ending(source) == ".csv" else json_lines(file)
        write_result = results_writer(opened.enter_context(replacing(target)), _ending(target))
        write_errors = errors_writer(opened.enter_context(replacing(errors)), _ending(errors))
        total = source.stat().st_size
        for row in rows:
            read += 1
            answer, wrong = _answer(row, release, given.profile)
            if answer is None:
                failed += 1
                write_errors(row, wrong)
            else:
                write_result(row, answer)
            if progress and read % ROWS_PER_REPORT == 0:
                progress(file.tell(), total)
    return Counts(read, read - failed, failed)


def _answer(row: Row, release: Release, profile: Profile | None) -> tuple[dict[str, Any] | None, list[Fault]]:
    """(the decision document, nothing), or (None, every fault of the row)."""
    faults = list(row.faults)
    parsed = None
    try:
        parsed = requirements.parse(row.answers, release.questionnaire)
    except InvalidInput as invalid:
        faults.extend(Fault(_column(f.path), f.value, f.expected, f.nearest) for f in invalid.faults)
    if parsed is None or faults:
        return None, faults
    return engine.decide(release, parsed, profile).document(), []


def _column(path: str) -> str:
    found = _COLUMN.match(path)
    return found.group(1) if found else ""


def _ending(path: Path) -> str:
    return path.suffix.lower()


def _path_faults(source: Path, target: Path, errors: Path, force: bool) -> list[Fault]:
    named = (("input", source), ("output", target), ("errors", errors))
    faults = [
        Fault(name, shown(str(path)), "a file that ends in .csv or .jsonl", nearest(_ending(path), FORMATS))
        for name, path in named
        if _ending(path) not in FORMATS
    ]
    if not source.is_file():
        expected = "a file, but a folder" if source.is_dir() else "a file that exists"
        near = nearest(source.name, [p.name for p in source.parent.glob("*")]) if source.parent.is_dir() else None
        faults.append(Fault("input", shown(str(source)), expected, near))
    for name, path in named[1:]:
        if not path.parent.is_dir():
            faults.append(Fault(name, shown(str(path)), "a file in a folder that exists"))
        elif path.is_dir() or (path.exists() and not force):
            faults.append(Fault(name, shown(str(path)), "the name of a new file (or add --force to replace it)"))
    resolved = [path.resolve() for _, path in named]
    if len(set(resolved)) < len(resolved):
        faults.append(Fault("output", shown(str(target)), "three different files for input, output and errors"))
    return faults
