"""Portfolios that are scored in the background: taken in, followed, stopped, gone on with, and their results.

A portfolio is a row in the database and a folder of its own, named by its id: `source/` holds what came in until it is
done, `run/` the run (see `portfolio.parts`), and `results.*` and `errors.*` what has been asked for. The id is random:
who has it may do everything with the portfolio, as with projects. The work is done by `advisor.portfolio_worker`.
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypedDict

from advisor.errors import room_needed
from advisor.house import House, PortfolioRoom
from advisor.portfolio_sources import Upload, named, receiving, stored
from advisor.portfolio_specs import Specified, Wanted, specified
from rules.faults import Fault, InvalidInput, shown
from storage import portfolios
from storage.errors import Conflict, Full, Missing
from storage.portfolios import DONE, Portfolio

MAX_NAME_CHARACTERS = 200
RESULTS = ("parquet", "csv", "tsv", "jsonl", "xlsx")
ERRORS = ("csv", "jsonl", "parquet")
GOING = ".going-"
WEIGHTS = "weights.csv"
PUT = "the weights that were put beside it"
Part = Literal["results", "errors"]

_ID = re.compile(r"pf-[0-9a-f]{32}")


class Seen(TypedDict):
    """A portfolio as it is shown; times are ISO 8601 in UTC, counts are of rows: read = scored + failed."""

    id: str
    name: str
    state: str
    said: str | None
    created_at: str
    finished_at: str | None
    kept_until: str | None
    release: str
    passport: str | None
    hardware: str | None
    options: dict[str, Any]
    sources: list[dict[str, Any]]
    rows: int | None
    parts: int | None
    parts_done: int
    read: int
    scored: int
    failed: int
    changed: int
    counted_by: str | None


def room_of(house: House) -> PortfolioRoom:
    """Where portfolios lie.

    Raises:
        InvalidInput: this house has no place for them.
    """
    if house.portfolios is None:
        raise InvalidInput([Fault("portfolio", "nothing", "a service that has a folder for portfolios")])
    return house.portfolios


def folder_of(house: House, portfolio: str) -> Path:
    """The folder of a portfolio."""
    return room_of(house).folder / portfolio


# --- Taking in -------------------------------------------------------------------------------------------------------


@contextmanager
def uploading(house: House, name: str | None, form: str | None) -> Iterator[Upload]:
    """A place for an upload, which is gone when the block ends; see `portfolio_sources.receiving`."""
    require_room(house)
    with receiving(room_of(house), name, form) as upload:
        yield upload


def require_room(house: House) -> None:
    """Say so before a file comes in.

    Raises:
        Full: as many portfolios are stored as may be, all of them within their time.
    """
    try:
        with house.database.reading() as session:
            portfolios.require_room(session, room_of(house).most)
    except Full:
        if not let_go(house):  # no worker may be there to do it
            raise


def create(house: House, upload: Upload, wanted: Wanted, name: object = None) -> Seen:
    """Take a received file in as a new portfolio, which is queued.

    Raises:
        InvalidInput: with every fault of what is wanted and of the file's columns; nothing is kept.
        NoRoom: there is none for it.
        Full: as many are stored as may be.
        Missing: nothing has been published yet.
    """
    upload.end()
    return taken_in(house, [upload.path], wanted, named_as(name, upload.path.name), move=True)


def create_from(house: House, source: object, wanted: Wanted, name: object = None) -> Seen:
    """Take in a file that lies on the service, `{"file": PATH}`, or stored projects, `{"projects": "all" or ids}`.

    Raises:
        InvalidInput, NoRoom, Full, Missing: as `create` does.
    """
    require_room(house)
    match source:
        case {"file": path, **others} if not others:
            paths = named(room_of(house), path)
            return taken_in(house, paths, wanted, named_as(name, paths[0].name), move=False)
        case {"projects": which, **others} if not others:
            with receiving(room_of(house), "projects.jsonl", None) as upload:
                stored(house, which, upload)
                return create(house, upload, wanted, name or "Stored projects")
    raise InvalidInput([Fault("source", shown(source), 'an object, {"file": PATH} or {"projects": "all" or ids}')])


def taken_in(house: House, paths: Sequence[Path], wanted: Wanted, name: str, *, move: bool) -> Seen:
    """Take files in as a new portfolio, which is queued; `move`: they are its own from now on.

    Raises:
        InvalidInput, NoRoom, Full, Missing: as `create` does; the files stay where they are.
    """
    require_room(house)
    asked = specified(house, wanted)
    column = _require_readable(asked, paths)
    portfolio = new_id()
    folder = folder_of(house, portfolio)
    told = [{"name": path.name, "bytes": path.stat().st_size} for path in paths]
    try:
        with room_needed():
            (folder / "run").mkdir(parents=True)
            if move:
                (folder / "source").mkdir()
                paths = [path.rename(folder / "source" / path.name) for path in paths]
        kept = {**asked.kept, "sources": told, "paths": [str(path) for path in paths], "weights": column}
        return queued(house, portfolio, name, kept)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def new_id() -> str:
    """The id of a new portfolio."""
    return f"pf-{secrets.token_hex(16)}"


def queued(house: House, portfolio: str, name: str, kept: Mapping[str, Any]) -> Seen:
    """A new portfolio in the queue, whose folder is there; `kept` is what was asked of it.

    Raises:
        Full: as many are stored as may be.
    """
    text = json.dumps(kept, ensure_ascii=False, allow_nan=False)
    with house.database.writing() as session:
        portfolios.require_room(session, room_of(house).most)
        portfolios.create(session, portfolio, name, text, kept["release"], house.now())
        return _seen(portfolios.get(session, portfolio), house)


def _require_readable(asked: Specified, paths: Sequence[Path]) -> str | None:
    """Refuse a file whose columns are not understood, before any work; how it names the weights of its projects."""
    from portfolio import mapping, reading  # brings Polars with it: start-up time

    require_there(paths)
    source = reading.open_source(paths, asked.known.release.questionnaire, mapping.from_document(asked.kept["mapping"]))
    if source.report.faults:
        raise InvalidInput(source.report.faults)
    return source.mapping.weight


def require_there(paths: Sequence[Path]) -> None:
    """Raise `FileNotFoundError` for a file that has gone; its fault as a source would tell where it lay."""
    for path in paths:
        path.stat()


def named_as(given: object, otherwise: str) -> str:
    """What a portfolio is called.

    Raises:
        InvalidInput: it is no name.
    """
    if given is None:
        return otherwise[:MAX_NAME_CHARACTERS]
    if not isinstance(given, str) or not 0 < len(given.strip()) <= MAX_NAME_CHARACTERS or not given.isprintable():
        expected = f"one line of 1 to {MAX_NAME_CHARACTERS} characters"
        raise InvalidInput([Fault("name", shown(given), expected)])
    return given.strip()


# --- Following -------------------------------------------------------------------------------------------------------


def get(house: House, portfolio: str) -> Seen:
    """A portfolio as it stands.

    Raises:
        Missing: there is none by this id.
    """
    _require_id(portfolio)
    with house.database.reading() as session:
        return _seen(portfolios.get(session, portfolio), house)


def listing(house: House, after: tuple[datetime, str] | None = None, limit: int = 50) -> list[Seen]:
    """At most so many portfolios, the last created first; `after`: when the one before was created, and its id."""
    with house.database.reading() as session:
        return [_seen(each, house) for each in portfolios.listing(session, limit, after)]


def has_ended(seen: Seen) -> bool:
    """Whether nothing changes any more unless somebody asks for it."""
    return seen["finished_at"] is not None


def fits_workbook(seen: Seen) -> bool:
    """Whether the results of a portfolio can be had as XLSX."""
    from portfolio.writing import workbook  # brings Polars with it: start-up time

    return seen["scored"] <= workbook.MAX_ROWS


def written(house: House, portfolio: str, part: Part, form: str) -> Path:
    """The results or the errors of a portfolio that is done, as a file of one of the formats.

    It is made in the background when it is asked for first, and kept.

    Raises:
        Missing: there is no such portfolio.
        Conflict: it is not done.
        InvalidInput: the format is none, or cannot hold so many rows.
        NotYet: it is still being written; ask again.
        NoRoom: it does not fit; nothing is left.
    """
    known = RESULTS if part == "results" else ERRORS
    if form not in known:
        raise InvalidInput([Fault("format", shown(form), f"one of: {', '.join(known)}")])
    found = get(house, portfolio)
    if found["state"] != DONE:
        raise Conflict(f"the portfolio is {found['state']}; its {part} are there when it is done")
    target = folder_of(house, portfolio) / f"{part}.{form}"
    if not target.exists():
        house.desk.answer(f"{portfolio} {target.name}", lambda: _write(house, portfolio, part, target))
    return target


def _write(house: House, portfolio: str, part: Part, target: Path) -> dict[str, Any]:
    from portfolio import writing  # brings Polars with it: start-up time

    write = writing.assemble if part == "results" else writing.assemble_errors
    try:
        with room_needed():
            write(target.parent / "run", target, target.suffix)
    except FileNotFoundError:
        get(house, portfolio)  # it may have been taken away meanwhile
        raise
    return {}


# --- Stopping, going on, taking away ---------------------------------------------------------------------------------


def cancel(house: House, portfolio: str) -> Seen:
    """End the work on a portfolio; what is done stays done, and `retry` goes on with it.

    Raises:
        Missing: there is none by this id.
        Conflict: it has ended already.
    """
    _require_id(portfolio)
    with house.database.writing() as session:
        portfolios.cancel(session, portfolio, house.now())
        return _seen(portfolios.get(session, portfolio), house)


def retry(house: House, portfolio: str) -> Seen:
    """Go on with a portfolio that failed or was cancelled, from where it ended.

    Raises:
        Missing: there is none by this id.
        Conflict: it neither failed nor was cancelled.
    """
    _require_id(portfolio)
    with house.database.writing() as session:
        portfolios.retry(session, portfolio)
        return _seen(portfolios.get(session, portfolio), house)


def remove(house: House, portfolio: str) -> None:
    """Take a portfolio away with its results; work on it ends.

    Raises:
        Missing: there is none by this id.
    """
    _require_id(portfolio)
    with house.database.writing() as session:
        portfolios.remove(session, portfolio)
    discard(house, portfolio)


def let_go(house: House) -> list[str]:
    """Take away what is not kept any longer; what went."""
    now = house.now()
    with house.database.reading() as session:
        over = portfolios.over_before(session, now - timedelta(days=room_of(house).days), now)
    gone = []
    for portfolio in over:
        with suppress(Missing):  # somebody else was first
            remove(house, portfolio)
            gone.append(portfolio)
    return gone


def discard(house: House, portfolio: str) -> None:
    """Take the folder of a portfolio away. It loses its name first, so that who still works on it finds nothing."""
    folder = folder_of(house, portfolio)
    going = folder.with_name(f"{GOING}{secrets.token_hex(8)}")
    try:
        folder.rename(going)
    except FileNotFoundError:
        return
    shutil.rmtree(going, ignore_errors=True)


def by_column(column: str | None) -> str | None:
    """By what projects count whose files have a column of weights, in words; None where they have none."""
    return None if column is None else f"the column “{column}”"


def is_id(text: str) -> bool:
    """Whether a text has the form of a portfolio's id."""
    return _ID.fullmatch(text) is not None


def _require_id(portfolio: str) -> None:
    if not is_id(portfolio):
        raise Missing("portfolio", portfolio[:60])


def _seen(found: Portfolio, house: House) -> Seen:
    asked: Mapping[str, Any] = json.loads(found.asked)
    ended, over = found.finished_at, found.over_since
    return {
        "id": found.id,
        "name": found.name,
        "state": found.state,
        "said": found.said,
        "created_at": found.created_at.isoformat(),
        "finished_at": ended.isoformat() if ended else None,
        "kept_until": (over + timedelta(days=room_of(house).days)).isoformat() if over else None,
        "release": found.release_id,
        "passport": found.passport,
        "hardware": asked["hardware"],
        "options": {**asked["options"], "block_rows": asked["block_rows"]},
        "sources": asked["sources"],
        "rows": found.rows,
        "parts": found.parts,
        "parts_done": found.parts_done,
        "read": found.read,
        "scored": found.scored,
        "failed": found.failed,
        "changed": found.changed,
        "counted_by": PUT if (folder_of(house, found.id) / WEIGHTS).exists() else by_column(asked.get("weights")),
    }
