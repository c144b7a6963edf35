"""A run as a folder: what was asked, what it is asked of, and the parts of the answer, each there whole or not at all.

    run.json           the specification, and its digest, the run's passport: no clock, no path
    places.json        where the sources lie, which the passport does not cover
    release.json       the release that every part is answered from, with the layers of house policies
    in-00017.arrow     the raw rows of a part, where the sources cannot be read from the middle
    out-00017.parquet  its results, and bad-00017.parquet the faults of its bad rows
    out-00017.json     what it counted; written last, so that a part with it is done

Any process that reaches the folder can answer a part, and two that answer the same one write the same bytes.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl

from portfolio import files, mapping, passports, places, releases, results, scoring
from portfolio.blocks import BLOCK_ROWS, Block, RowFault
from portfolio.faults import Damaged, Stopped
from portfolio.mapping import FileMapping
from portfolio.places import Place
from portfolio.reading import Source, open_source, parse
from rules import canonical
from rules.faults import shown
from rules.hardware import Profile
from rules.release import Release, compile_release

SCHEMA = "steelyard/run/2"
RUN, RELEASE = "run.json", releases.RELEASE
MAX_PARTS = 99_999  # as many as five digits name
_TEXTS = ("column", "value", "reason", "nearest", "file")
BAD_COLUMNS = {"row": pl.Int64, "line": pl.Int64, **dict.fromkeys(_TEXTS, pl.String)}


@dataclass(frozen=True, slots=True)
class Spec:
    """What is asked of a run, besides its sources.

    `release` is the document to answer from; `given` what the machine answers and what is known of it
    (`hardware.<fact>`), the same for every project; `options` those of `scoring.Options`, and whether to tell the
    `passport` of each decision, for which `profile` holds the machine's fields; `engine` is the version that answers.
    `compiled` is the release once more, where it has been compiled already.
    """

    release: Mapping[str, Any]
    given: Mapping[str, object]
    options: Mapping[str, Any]
    engine: str
    profile: Mapping[str, Any] | None = None
    block_rows: int = BLOCK_ROWS
    compiled: Release | None = None

    def ready(self) -> Release:
        """The release, compiled."""
        return self.compiled or compile_release(self.release)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is prepared: its folder, and what `run.json` says."""

    folder: Path
    document: Mapping[str, Any]

    @property
    def parts(self) -> int:
        """How many parts it has; the first is number 0."""
        return int(self.document["parts"])

    @property
    def rows(self) -> int:
        """How many data rows its sources have."""
        return int(self.document["rows"])

    @property
    def passport(self) -> str:
        """The digest of everything that the answers depend on."""
        return str(self.document["passport"])

    def done(self, part: int) -> "PartDone | None":
        """What a part counted, None while it is not done."""
        try:
            return PartDone(**files.read_json(self.folder / f"{_name('out', part)}.json"))
        except FileNotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class PartDone:
    """What a part counted, and the SHA-256 of its results and of its faults; read = scored + failed.

    `silent` of the scored answer nothing; None in a part of before they were counted.
    """

    part: int
    read: int
    scored: int
    failed: int
    out_sha256: str
    bad_sha256: str
    silent: int | None = None


# --- Preparing -------------------------------------------------------------------------------------------------------


def prepare(
    source: Source,
    folder: Path,
    spec: Spec,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> Run:
    """Make a folder a run: `run.json` is written last, so a folder that holds one is prepared.

    Args:
        source: the projects; its report must be free of faults.
        folder: an existing folder; what an interrupted preparation left in it is written anew.
        spec: what is asked.
        cancelled: asked now and then; True ends it.
        progress: told how many rows have been copied, where rows must be.

    Raises:
        OSError: a file cannot be read or written.
        Stopped: `cancelled` said so.
        Damaged: there are more parts than can be named.
    """
    releases.keep(folder, spec.release, spec.ready())
    places.note(folder, source.paths)
    if source.sliceable and source.rows is not None:
        rows = source.rows
        first = range(0, rows, spec.block_rows)
        _require_named(len(first))  # before there is a list of them: a file may claim any number of rows
        starts = list(first)
    else:
        starts, rows = _split(source, folder, spec.block_rows, cancelled, progress)
    starts = starts or [0]  # without rows there is a part without rows, so that results have their columns
    document = {**request(source, spec), "parts": len(starts), "rows": rows, "starts": starts}
    found = {**document, "passport": canonical.digest(document)}
    files.write_json(folder / RUN, found)
    return Run(folder, found)


def request(source: Source, spec: Spec) -> dict[str, Any]:
    """What `run.json` will say of sources and specification, before the rows are counted."""
    return {
        "sources": [places.fingerprint(path) for path in source.paths],
        "sliced": source.sliceable,
        "mapping": source.mapping.document(),
        **wanted(spec),
    }


def wanted(spec: Spec) -> dict[str, Any]:
    """What `run.json` will say of a specification."""
    release = spec.ready()
    return {
        "schema": SCHEMA,
        "options": dict(spec.options),
        "release": release.id,
        "release_sha256": release.sha256,
        "policy_sha256": release.policy_sha256,
        "given": {name: list(value) if isinstance(value, tuple) else value for name, value in spec.given.items()},
        "members": {name: list(role.members) for name, role in release.roles.items()},
        "block_rows": spec.block_rows,
        "engine": spec.engine,
        "profile": spec.profile,
    }


def load(folder: Path) -> Run | None:
    """The run in a folder, None where it is not prepared.

    Raises:
        Damaged: what is there is no run of this version.
    """
    try:
        found = files.read_json(folder / RUN)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Damaged(f"{RUN} cannot be read: {error}") from None
    stated = {name: value for name, value in found.items() if name != "passport"}
    if (schema := found.get("schema", SCHEMA)) != SCHEMA:
        raise Damaged(f"it is of another version of Steelyard ({shown(schema)}, not {SCHEMA}) and has to be begun anew")
    if found.get("passport") != canonical.digest(stated):
        raise Damaged(f"{RUN} is not one that this version wrote")
    return Run(folder, found)


def _split(
    source: Source, folder: Path, block_rows: int, cancelled: Callable[[], bool], progress: Callable[[int], None]
) -> tuple[list[int], int]:
    """(where each part starts, from 0; how many rows there are): every row copied into the file of its part."""
    starts: list[int] = []
    rows = 0
    for frame in source.frames(block_rows):
        if cancelled():
            raise Stopped
        _require_named(len(starts) + 1)
        files.write(folder / f"{_name('in', len(starts))}.arrow", _arrow(frame))
        starts.append(rows)
        rows += frame.height
        progress(rows)
    return starts, rows


def _require_named(count: int) -> None:
    if count > MAX_PARTS:
        raise Damaged(f"there are more than {MAX_PARTS} parts: take larger blocks")


# --- One part --------------------------------------------------------------------------------------------------------


def score_part(run: Run, part: int) -> PartDone:
    """Answer one part and write it down; one that is done already is left as it is.

    Raises:
        OSError: a file cannot be read or written; nothing stands half written under its name.
        Damaged: a source is not what it was when the run was prepared, or another run has taken the folder since.
    """
    standing = run.done(part)
    if standing is not None:
        return standing
    read, silent, found, faults = _answered(run, part)
    out, bad = _parquet(found), _parquet(faults)
    _still_asked(run)
    files.write(run.folder / f"{_name('out', part)}.parquet", out)
    files.write(run.folder / f"{_name('bad', part)}.parquet", bad)
    digests = [hashlib.sha256(each).hexdigest() for each in (out, bad)]
    done = PartDone(part, read, found.height, read - found.height, digests[0], digests[1], silent)
    files.write_json(run.folder / f"{_name('out', part)}.json", asdict(done))
    return done


def _answered(run: Run, part: int) -> tuple[int, int, pl.DataFrame, pl.DataFrame]:
    """(how many rows were read, how many good ones answer nothing, the results, the faults) of a part.

    Its projects need not be held any longer.
    """
    working = _working(run.folder, run.passport)
    block = working.block(run, part)
    found = results.frame(working.ready, block, scoring.score(working.ready, block.sheet))
    if run.document["options"]["passport"]:
        found.insert_column(3, passports.column(working.release, block, working.profile))
    return block.read, block.silent, found, _faults(block.faults)


def _still_asked(run: Run) -> None:
    """A worker far away may come back to a folder in which another run was begun: it must not write there."""
    if run.passport.encode() not in (run.folder / RUN).read_bytes():
        raise Damaged(f"the run in this folder is not {run.passport[:12]} any more")


def block(run: Run, part: int) -> Block:
    """The projects of a part, as they are or were answered.

    Raises:
        OSError, Damaged: as `score_part` does.
    """
    return _working(run.folder, run.passport).block(run, part)


def frames(run: Run) -> Iterator[tuple[int, pl.DataFrame]]:
    """(how many rows stand before it; its raw rows) of every part; raises as `block` does."""
    return (_working(run.folder, run.passport).frame(run, part) for part in range(run.parts))


def release_of(run: Run) -> Release:
    """The release that a run is answered from, with its policies."""
    return _working(run.folder, run.passport).release


def results_of(run: Run, part: int, columns: list[str] | None = None) -> pl.DataFrame:
    """The results of a part that is done; some columns of them, or all."""
    return pl.read_parquet(run.folder / f"{_name('out', part)}.parquet", columns=columns)


def columns_of(run: Run, part: int) -> Collection[str]:
    """The columns that the results of a part have: those of an earlier version, or with other options, have fewer."""
    return pl.read_parquet_schema(run.folder / f"{_name('out', part)}.parquet").keys()


def faults_of(run: Run, part: int) -> pl.DataFrame:
    """The faults of the bad rows of a part that is done."""
    return pl.read_parquet(run.folder / f"{_name('bad', part)}.parquet")


@dataclass(frozen=True, slots=True)
class _Working:
    """What the parts of a run have in common, made once in each process."""

    release: Release
    ready: scoring.Ready
    source: Source | None
    places: Sequence[Place]
    mapping: FileMapping
    profile: Profile | None

    def block(self, run: Run, part: int) -> Block:
        """The projects of a part."""
        start, frame = self.frame(run, part)
        return parse(frame, start + 1, self.release.questionnaire, self.release.names, self.mapping, part)

    def frame(self, run: Run, part: int) -> tuple[int, pl.DataFrame]:
        """(how many rows stand before a part; its raw rows)."""
        starts = run.document["starts"]
        start = starts[part]
        rows = (starts[part + 1] if part + 1 < run.parts else run.rows) - start
        if not run.rows:
            frame = pl.DataFrame()
        elif self.source is not None:
            frame = self.source.slice(start, rows)
            for place in self.places:  # after it was read: it may change at any time
                place.require_unchanged()
        else:
            frame = pl.read_ipc(run.folder / f"{_name('in', part)}.arrow")
        if frame.height != rows:
            raise Damaged(f"part {part} has {frame.height} rows instead of {rows}")
        return start, frame


def _working(folder: Path, passport: str) -> _Working:
    lying = (folder / places.NOTED).read_bytes()  # sources may be moved, and the run gone on with
    with _one_at_a_time:  # the threads of a process share it
        return _made_ready(folder, passport, lying)


_one_at_a_time = Lock()


@lru_cache(maxsize=8)  # a worker goes from one run to another and back
def _made_ready(folder: Path, passport: str, _lying: bytes) -> _Working:
    run = load(folder)
    if run is None or run.passport != passport:
        raise Damaged(f"the run in this folder is not {passport[:12]} any more")
    release = releases.read(folder)
    if (release.sha256, release.policy_sha256) != (run.document["release_sha256"], run.document["policy_sha256"]):
        raise Damaged(f"{RELEASE} is not the release that the run was prepared for")
    given = {n: tuple(v) if isinstance(v, list) else v for n, v in run.document["given"].items()}
    asked = run.document["options"]
    ready = scoring.ready(release, given, scoring.Options(asked["top"], asked["scores"]))
    mapped = mapping.from_document(run.document["mapping"])
    lying = places.noted(folder, run.document["sources"]) if run.document["sliced"] else []
    source = _source(lying, release, mapped) if lying else None
    return _Working(release, ready, source, lying, mapped, passports.profile_from(run.document["profile"]))


def _source(lying: Sequence[Place], release: Release, mapped: FileMapping) -> Source:
    for place in lying:
        place.require_unchanged()
    return open_source([place.path for place in lying], release.questionnaire, mapped)


def _faults(faults: tuple[RowFault, ...]) -> pl.DataFrame:
    return pl.DataFrame([[getattr(f, name) for name in BAD_COLUMNS] for f in faults], schema=BAD_COLUMNS, orient="row")


def _arrow(frame: pl.DataFrame) -> bytes:
    held = BytesIO()
    frame.write_ipc(held, compression="lz4")
    return held.getvalue()


def _parquet(frame: pl.DataFrame) -> bytes:
    """A frame as results hold it, which are put together without being encoded again (`writing.joining`)."""
    held = BytesIO()
    frame.write_parquet(held, compression="snappy")
    return held.getvalue()


def _name(kind: str, part: int) -> str:
    return f"{kind}-{part:05d}"
