"""A file of projects that has come in and is looked at before any work: what is understood, and as what.

It lies in a folder of its own until it is taken in; one that nobody comes back to goes after a day, or earlier where
others need the room. The id is random: who has it may use the file.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from advisor import portfolios, score
from advisor.errors import room_needed
from advisor.house import House
from advisor.portfolio_done import done, intact
from advisor.portfolio_sources import INCOMING, Upload
from advisor.portfolio_specs import Wanted, specified
from storage.errors import Missing

if TYPE_CHECKING:
    from portfolio.reading import Source
    from portfolio.reading.header import Column
    from rules.compiled import Release

HELD = f"{INCOMING}held-"
MOST_HELD = 1_000
DAY_S = 86_400.0
TRIED_ROWS = 1_000
TEMPLATES = ("xlsx", "csv", "jsonl")

Document = dict[str, Any]
_ID = re.compile(r"[0-9a-f]{32}")


def hold(house: House, upload: Upload) -> str:
    """Keep a received file to be looked at; its id. Those handed in longest ago give way.

    Raises:
        NoRoom: there is none for it.
    """
    upload.end()
    draft = secrets.token_hex(16)
    with room_needed():
        folder = portfolios.folder_of(house, f"{HELD}{draft}")
        folder.mkdir(parents=True)
        upload.path.rename(folder / upload.path.name)
    _make_way(house, folder)
    return draft


def _make_way(house: House, newest: Path) -> None:
    """Let go of drafts so that those that stay, the newest among them, are young, and neither too many nor too much."""
    room = portfolios.room_of(house)
    before = house.now().timestamp() - DAY_S
    left, held = room.max_incoming_bytes - _bytes_in(newest), 1
    others = ((_of(folder).st_mtime, folder) for folder in room.folder.glob(f"{HELD}*") if folder != newest)
    for changed, folder in sorted(others, reverse=True):
        left, held = left - _bytes_in(folder), held + 1
        if changed < before or left < 0 or held > MOST_HELD:
            shutil.rmtree(folder, ignore_errors=True)


def _bytes_in(folder: Path) -> int:
    return sum(_of(path).st_size for path in folder.glob("*"))


def _of(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError:  # taken in, or let go of, just now: long ago, and nothing
        return os.stat_result([0] * 10)


def look(house: House, draft: str, wanted: Wanted) -> Document:
    """How a file is understood, and what becomes of its first rows; nothing is taken in.

    `columns` says of each what it is taken for, why, and some of what stands in it, and for those not understood what
    may be meant; `tried` tells of the first rows, None where the file cannot be read.

    Raises:
        Missing: there is no such file any more.
        InvalidInput: with every fault of what is wanted.
    """
    from portfolio import mapping  # brings Polars with it, as the next: start-up time
    from portfolio.reading import header, open_source

    path = _held(house, draft)
    asked = specified(house, wanted)
    release = asked.known.release
    source = open_source([path], release.questionnaire, mapping.from_document(asked.kept["mapping"]))
    told = (header.NAMED, header.AND_MORE)  # of single columns: said beside each
    near = partial(header.may_mean, questionnaire=release.questionnaire)
    return {
        "name": path.name,
        "bytes": path.stat().st_size,
        "rows": source.rows,
        "written": list(source.report.written),
        "columns": [_column(each, source.report.sample, near) for each in source.report.columns],
        "faults": [fault for fault in source.report.faults if fault.expected not in told],
        "ready": not source.report.faults,
        "tried": None if source.report.faults else _tried(source, release),
    }


def _column(column: "Column", sample: Sequence[Mapping[str, str]], near: Callable[[str], str | None]) -> Document:
    return {
        "column": column.header,
        "question": column.meant,
        "how": column.how,
        "nearest": near(column.header) if column.how == "not understood" else None,
        "sample": list(dict.fromkeys(row[column.meant] for row in sample if column.meant in row))[:3],
    }


def _tried(source: "Source", release: "Release") -> Document:
    from portfolio.reading import Tally, parse

    frame = next(source.frames(TRIED_ROWS))
    block = parse(frame, 1, release.questionnaire, release.names, source.mapping)
    tally = Tally(release.questionnaire, source.mapping)
    tally.add(frame)
    return {"read": block.read, "failed": block.failed, "faults": block.faults, "packages": tally.document()}


def take_in(house: House, draft: str, wanted: Wanted, name: str | None = None) -> portfolios.Seen:
    """Take a file in as a new portfolio, which is queued; it is no draft any more.

    Raises:
        Missing: there is no such file any more.
        InvalidInput, NoRoom: as `portfolios.create` does; the file stays where it is.
    """
    path = _held(house, draft)
    try:
        made = portfolios.taken_in(house, [path], wanted, portfolios.named_as(name, path.name), move=True)
    except FileNotFoundError:
        _held(house, draft)  # it may have been taken in twice at once
        raise
    path.parent.rmdir()
    return made


def _held(house: House, draft: str) -> Path:
    if not _ID.fullmatch(draft):
        raise Missing("file", draft[:60])
    folder = portfolios.folder_of(house, f"{HELD}{draft}")
    found = next(folder.iterdir(), None) if folder.is_dir() else None
    if found is None:
        raise Missing("file", draft)
    return found


def bad_rows(house: House, portfolio: str, most: int) -> list[Document]:
    """The first faults of the bad rows of a portfolio that is done.

    Raises:
        Missing: there is no such portfolio.
        Conflict: it is not done.
    """
    from portfolio import parts  # brings Polars with it: start-up time

    run = done(house, portfolio)
    with intact(house, portfolio):
        faults = (fault for part in range(run.parts) for fault in parts.faults_of(run, part).iter_rows(named=True))
        return list(islice(faults, most))


def template(house: House, form: str) -> bytes:
    """An empty file of projects with every question, in one of `TEMPLATES`; "txt" is what may be answered, as text.

    Raises:
        Missing: there is none in this format.
    """
    if form not in (*TEMPLATES, "txt"):
        raise Missing("template", form[:60])
    with TemporaryDirectory(prefix="steelyard-") as folder:
        written = score.template(house, Path(folder) / f"projects.{'csv' if form == 'txt' else form}", force=False)
        return written[-1 if form == "txt" else 0].read_bytes()
