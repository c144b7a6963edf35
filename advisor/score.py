"""Files of projects scored on this machine: good rows are scored, each bad row is reported in a file of its own.

The work is done in a folder beside the output (`portfolio.parts`), so that what was interrupted can be gone on with.
Output and errors appear under their names only when all is done; then the folder goes.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.errors import Conflict
from advisor.house import House
from advisor.portfolio_specs import Specified, Wanted, specified
from advisor.portfolios import ERRORS, RESULTS
from portfolio import files as kept
from rules import canonical
from rules.faults import Fault, InvalidInput, nearest, shown

if TYPE_CHECKING:
    from portfolio.parts import Run
    from portfolio.reading import Source
    from portfolio.running import Counts
    from portfolio.running import Progress as Told

DASK = "dask"
SHOWN_FAULTS = 5  # of bad rows, in a check
LONGEST_NAME = 200  # bytes; with a dot before it and an ending behind, a file system takes 255
WRITING_TO = "writing.json"
LOCK = "lock"
READING, SCORING, WRITING = "Reading", "Scoring", "Writing"
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Files:
    """Where projects come from, where results go, and where the faults of bad rows do."""

    sources: Sequence[Path]
    target: Path
    errors: Path

    @property
    def run(self) -> Path:
        """The folder that the work is done in; each target has its own, however long its name is."""
        name = self.target.name
        whole = os.fsencode(name)
        if len(whole) > LONGEST_NAME:
            name = f"{kept.within(name, LONGEST_NAME - 17)}~{hashlib.sha256(whole).hexdigest()[:16]}"
        return self.target.with_name(f".{name}.run")

    def written(self) -> dict[str, str]:
        """What is written, so that it is known again."""
        return {"output": str(self.target.resolve()), "errors": str(self.errors.resolve())}


@dataclass(frozen=True, slots=True)
class Done:
    """How many rows were read, scored and refused (read = scored + failed), and the digest of all they depend on.

    `silent` of the scored answer nothing; None where it was not counted in a run that was begun before that was.
    """

    read: int
    scored: int
    failed: int
    silent: int | None
    passport: str


def score_files(
    house: House,
    files: Files,
    wanted: Wanted,
    *,
    resume: bool = False,
    force: bool = False,
    workers: int | None = None,
    on: str | None = None,
    progress: Progress = lambda _stage, _done, _of: None,
) -> Done:
    """Score every project of some files.

    Args:
        house: the parts to work with.
        files: from where and to where; the endings say the formats.
        wanted: what is asked of every project.
        resume: go on with what was interrupted, if anything was.
        force: replace output and errors where they exist, and begin anew what was interrupted.
        workers: how many parts at once; None for one for each processor, or fewer where there is too little to do.
        on: `dask=ADDRESS` for the Dask cluster of that scheduler, `dask` for one on this machine; None: no cluster.
        progress: told the stage, the rows done and how many there are, where that is known.

    Raises:
        InvalidInput: paths, what is wanted or the columns of a file have faults; or `resume` is asked of other work.
        Conflict: another process is at the same work.
        OSError: a file cannot be read or written; what is done can be gone on with.
        Damaged: the work cannot be gone on with.
    """
    faults = _path_faults(files, force or (resume and _was_writing(files))) + _on_faults(on, workers)
    faults += [] if resume or force else _left_over(files)
    if faults:
        raise InvalidInput(faults)
    asked, source = understood(house, files.sources, wanted, but=(files.target, files.errors))
    _require_fits(files, source.rows or 0)
    with _alone(files.run):
        for path in (files.target, files.errors):
            kept.sweep_beside(path)  # of a process that was killed, as in `_prepared`
        done = _written(asked, source, files) if resume else None
        if done is None:
            standing = _prepared(asked, source, files, resume, progress)
            counts = _answered(files.run, on, workers, lambda counted, rows: progress(SCORING, counted.read, rows))
            progress(WRITING, 0, None)
            _write(files)
            done = Done(counts.read, counts.scored, counts.failed, counts.silent, standing.passport)
            noted = {**files.written(), "run": standing.document, "done": asdict(done)}
            kept.write_json(files.run / WRITING_TO, noted)
        _clear(files.run)
    return done


def understood(
    house: House, sources: Sequence[Path], wanted: Wanted, but: Sequence[Path] = ()
) -> tuple[Specified, "Source"]:
    """(what is wanted, checked; the files, looked at and without a fault), without those to be left out of folders.

    Raises:
        InvalidInput: with every fault.
    """
    from portfolio import mapping, reading  # brings Polars with it: start-up time

    asked = specified(house, wanted)
    said = mapping.from_document(asked.kept["mapping"])
    source = reading.open_source(sources, asked.known.release.questionnaire, said, but)
    if source.report.faults:
        raise InvalidInput(source.report.faults)
    return asked, source


def check(
    house: House,
    sources: Sequence[Path],
    wanted: Wanted,
    progress: Progress = lambda _stage, _done, _of: None,
) -> dict[str, Any]:
    """How some files are understood, without scoring them: columns, types, a sample, and what keeps them from it.

    Where nothing does, every row is read: `rows` says how many there are, `bad_rows` how many cannot be scored, and
    `bad` what is wrong with the first of them; `packages` says what lists of packages were taken for, null without
    any. Otherwise they are null, `bad` empty.

    Raises:
        InvalidInput: what is wanted has faults.
        OSError: a file cannot be read.
    """
    from portfolio import mapping, reading  # as above

    asked = specified(house, wanted)
    release = asked.known.release
    said = mapping.from_document(asked.kept["mapping"])
    source = reading.open_source(sources, release.questionnaire, said)
    found = {**source.report.document(), "bad_rows": None, "bad": [], "packages": None}
    if source.report.faults:
        return found
    read = failed = 0
    bad: list[dict[str, Any]] = []
    tally = reading.Tally(release.questionnaire, source.mapping)
    try:
        for frame in source.frames():
            block = reading.parse(frame, read + 1, release.questionnaire, release.names, source.mapping)
            read, failed = read + block.read, failed + block.failed
            tally.add(frame)
            bad += [asdict(fault) for fault in block.faults[: SHOWN_FAULTS - len(bad)]]
            progress(READING, read, source.rows)
    except InvalidInput as invalid:
        return {**found, "faults": [asdict(fault) for fault in invalid.faults]}
    return {**found, "rows": read, "bad_rows": failed, "bad": bad, "packages": tally.document()}


def _prepared(asked: Specified, source: "Source", files: Files, resume: bool, progress: Progress) -> "Run":
    from portfolio import parts  # brings Polars and Numba with it: start-up time

    kept.sweep(files.run)  # of a process that was killed
    standing = _standing(asked, source, files) if resume else None
    if standing is not None:
        return standing
    (files.run / WRITING_TO).unlink(missing_ok=True)
    (files.run / parts.RUN).unlink(missing_ok=True)  # first, so that no worker takes the folder for a run
    for old in files.run.glob("*-*.*"):
        old.unlink()

    def read(done: int) -> None:
        _require_fits(files, done)
        progress(READING, done, source.rows)

    try:
        return parts.prepare(source, files.run, asked.spec, progress=read)
    except InvalidInput:
        shutil.rmtree(files.run)  # there is nothing to go on with
        raise


def _require_fits(files: Files, rows: int) -> None:
    """Refuse more rows than the output can hold as soon as they are counted, the bad ones too: these are known late.

    Raises:
        InvalidInput: there are more.
    """
    from portfolio.writing import workbook  # as above

    if ending(files.target) == "xlsx":
        workbook.require_fits(rows)


def _answered(folder: Path, on: str | None, workers: int | None, progress: "Told") -> "Counts":
    from portfolio import running  # as above

    if on is None:
        return running.run(folder, workers, progress)
    from portfolio import dask_run  # an optional extra

    return dask_run.run(folder, _address(on), workers, progress)


def _write(files: Files) -> None:
    from portfolio import writing  # as above

    kept.write_json(files.run / WRITING_TO, files.written())
    writing.assemble_errors(files.run, files.errors, ending(files.errors))
    writing.assemble(files.run, files.target, ending(files.target))


def _was_writing(files: Files) -> bool:
    """Whether what was interrupted had come to writing these files: where they exist, they are its own."""
    return files.written().items() <= _noted(files).items()


def _noted(files: Files) -> dict[str, Any]:
    """What the work has noted of its writing: the files, and the run and its counts when these are whole."""
    try:
        return kept.read_json(files.run / WRITING_TO)
    except OSError:
        return {}


def _written(asked: Specified, source: "Source", files: Files) -> Done | None:
    """What was counted where all was written and only the folder was left to go, None where there is more to do."""
    noted = _noted(files)
    if "done" not in noted or not (_was_writing(files) and files.target.exists() and files.errors.exists()):
        return None
    _require_same(asked, source, noted["run"])
    return Done(**noted["done"])


def _clear(folder: Path) -> None:
    """Take the folder away; last what says that all is written, so that who is killed meanwhile can go on."""
    for entry in folder.iterdir():
        if entry.name not in (WRITING_TO, LOCK):
            entry.unlink()
    (folder / WRITING_TO).unlink()
    shutil.rmtree(folder)


def _standing(asked: Specified, source: "Source", files: Files) -> "Run | None":
    """The run that was interrupted, None where there is none; it must be the one that is asked for now."""
    from portfolio import parts, places  # as above

    run = parts.load(files.run)
    if run is None:
        return None
    places.note(files.run, source.paths)
    _require_same(asked, source, run.document)
    return run


def _require_same(asked: Specified, source: "Source", run: Mapping[str, Any]) -> None:
    """Refuse to go on with a run that was asked something else."""
    from portfolio import parts  # as above

    now = parts.request(source, asked.spec)
    other = [name for name in now if canonical.dump(now[name]) != canonical.dump(run.get(name))]
    if other:
        expected = "what the interrupted run was asked (add --force without --resume to begin anew)"
        raise InvalidInput([Fault("resume", f"another {', another '.join(other)}", expected)])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Work in a folder that no other process works in meanwhile; it is made, and stays where the block raises."""
    folder.mkdir(exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        try:
            import fcntl  # not on every system; where it is missing, who starts two finds it out

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ModuleNotFoundError:
            pass
        except BlockingIOError:
            raise Conflict("another process is writing the same output just now") from None
        yield


# --- Paths -----------------------------------------------------------------------------------------------------------


def ending(path: Path) -> str:
    """The format of a file, by its ending."""
    return path.suffix.lower().lstrip(".")


def errors_beside(target: Path) -> Path:
    """Where the faults of bad rows go unless somewhere else is named."""
    form = ending(target) if ending(target) in ERRORS else "csv"
    return target.with_name(f"{target.stem}.errors.{form}")


def _address(on: str) -> str | None:
    """The address of the scheduler, None for a cluster on this machine."""
    return on.partition("=")[2] or None


def _on_faults(on: str | None, workers: int | None) -> list[Fault]:
    if on is None:
        return []
    if on.partition("=")[0] != DASK or on == f"{DASK}=":
        expected = f"{DASK}, or {DASK}=ADDRESS with the address of a scheduler, such as {DASK}=tcp://10.0.0.5:8786"
        return [Fault("on", shown(on), expected, nearest(on, [DASK]))]
    faults = []
    if find_spec("distributed") is None:
        expected = "able to work on a Dask cluster; install the extra: steelyard[dask]"
        faults.append(Fault("on", "this installation, which lacks the package distributed,", expected))
    if workers is not None and _address(on):
        faults.append(Fault("workers", shown(workers), "left out: a cluster that stands has its own workers"))
    return faults


def _left_over(files: Files) -> list[Fault]:
    if not (files.run / "run.json").exists():
        return []
    expected = "output that was not interrupted: --resume goes on with it, --force begins anew"
    return [Fault("output", shown(str(files.target)), expected)]


def _path_faults(files: Files, force: bool) -> list[Fault]:
    faults = []
    for name, path, known in (("output", files.target, RESULTS), ("errors", files.errors, ERRORS)):
        if ending(path) not in known:
            expected = f"a file that ends in one of: {', '.join(f'.{each}' for each in known)}"
            faults.append(Fault(name, shown(str(path)), expected, nearest(ending(path), known)))
        if not path.parent.is_dir():
            faults.append(Fault(name, shown(str(path)), "a file in a folder that exists"))
        elif path.is_dir() or (path.exists() and not force):
            faults.append(Fault(name, shown(str(path)), "the name of a new file (or add --force to replace it)"))
    resolved = [path.resolve() for path in (files.target, files.errors, *files.sources)]
    if len({*resolved[:2]}) < 2 or {*resolved[:2]} & {*resolved[2:]}:
        faults.append(Fault("output", shown(str(files.target)), "other files for output and errors than for input"))
    return faults


def template(house: House, target: Path, *, force: bool) -> list[Path]:
    """Write an empty file of projects with every question of the active release; the files written.

    Raises:
        InvalidInput: the path has faults.
        OSError: it cannot be written.
    """
    from portfolio import template as writer  # brings Polars with it: start-up time

    faults = []
    if not target.parent.is_dir():
        faults.append(Fault("template", shown(str(target)), "a file in a folder that exists"))
    elif target.is_dir() or (target.exists() and not force):
        faults.append(Fault("template", shown(str(target)), "the name of a new file (or add --force to replace it)"))
    if faults:
        raise InvalidInput(faults)
    return writer.write(house.knowledge().release.questionnaire, target)
