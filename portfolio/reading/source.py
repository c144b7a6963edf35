"""Files of projects as one source: found, looked at before any work, and read as a stream of raw frames.

What is wrong with a row is told with the row; what is wrong with a file is told at once, in the report.
"""

import glob
import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.blocks import BLOCK_ROWS
from portfolio.mapping import FileMapping
from portfolio.reading import files, header, sheets
from portfolio.reading.files import File, ParquetFile, RecordsFile
from portfolio.reading.frames import FAULT, FILE
from portfolio.reading.lines import Expands
from rules.faults import MISSING, Fault, InvalidInput, nearest, shown
from rules.requirements import Questionnaire

MAX_FILES = 100_000
MAX_FRAME_BYTES = 2**27
SAMPLE_ROWS = 5
_Open = Callable[[Path, Questionnaire, FileMapping], File]
READERS: Mapping[str, _Open] = {
    ".csv": files.separated,
    ".tsv": files.separated,
    ".tab": files.separated,
    ".jsonl": files.json_lines,
    ".ndjson": files.json_lines,
    ".parquet": files.parquet,
    ".pq": files.parquet,
    ".xlsx": sheets.workbook,
    ".xlsm": sheets.workbook,
}
PACKED = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson")
ENDINGS = "a file that ends in .csv, .tsv, .jsonl, .parquet or .xlsx (text also with .gz behind)"


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """What is known of a source before any work.

    Attributes:
        columns: every column of any file, once, in the order in which they were met.
        written: how each kind of file in it is written, in words.
        files, rows: how many there are; rows where the files say so, else None.
        sample: the first rows, by column, as text.
        faults: why the source cannot be read, if it cannot.
    """

    columns: tuple[header.Column, ...]
    written: tuple[str, ...]
    files: int
    rows: int | None
    sample: tuple[Mapping[str, str], ...]
    faults: tuple[Fault, ...]

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "files": self.files,
            "rows": self.rows,
            "written": list(self.written),
            "columns": [
                {"column": c.header, "question": c.meant or None, "how": c.how, "type": c.type} for c in self.columns
            ],
            "sample": [dict(row) for row in self.sample],
            "faults": [
                {"path": f.path, "value": f.value, "expected": f.expected, "nearest": f.nearest} for f in self.faults
            ],
        }


class Source:
    """Files of projects, in order. `mapping` is what was said about them, with the names of columns filled in."""

    def __init__(self, opened: Sequence[File], mapping: FileMapping, faults: Sequence[Fault] = ()) -> None:
        self._files = tuple(opened)
        columns: dict[tuple[str, str], header.Column] = {}
        for file in opened:
            for column in file.look.columns:
                columns.setdefault((column.header, column.meant), column)
        headers = {column.meant: column.header for column in reversed(columns.values()) if column.meant}
        self.mapping = replace(mapping, headers=headers)
        rows = [file.rows for file in opened]
        self.rows = None if None in rows else sum(each or 0 for each in rows)
        told = [*faults, *self._faults()]
        if not any(isinstance(file, RecordsFile) for file in opened):  # whose keys are not all known
            told += header.not_there(columns.values(), mapping)
        sample = () if told else self._sample(told)
        self.report = SchemaReport(
            tuple(columns.values()),
            tuple(dict.fromkeys(file.look.written for file in opened)),
            len(opened),
            self.rows,
            sample,
            tuple(told),
        )

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order in which their rows are numbered."""
        return tuple(file.path for file in self._files)

    @property
    def sliceable(self) -> bool:
        """Whether any rows can be read without those before them: a single Parquet file."""
        return len(self._files) == 1 and isinstance(self._files[0], ParquetFile)

    def slice(self, start: int, rows: int) -> pl.DataFrame:
        """Some rows as a raw frame, from `start` (from 0), of a source that is `sliceable`.

        Raises:
            InvalidInput: the source cannot be read.
        """
        (file,) = self._files
        if not isinstance(file, ParquetFile):
            raise TypeError("only a single Parquet file is sliceable")
        return file.slice(start, rows)

    def frames(self, rows: int = BLOCK_ROWS) -> Iterator[pl.DataFrame]:
        """All rows as raw frames of `rows` each; fewer where rows are huge, where types change, and at the end.

        At least one: a source without rows is a frame without rows.

        The same files give the same frames.

        Raises:
            InvalidInput: with the faults of the report; or later, where a file turns out to be broken.
            OSError: a file cannot be read.
        """
        if self.report.faults:
            raise InvalidInput(self.report.faults)
        frame = None
        for frame in _even(self._pieces(rows), rows):
            yield frame
        if frame is None:
            yield pl.DataFrame(schema=dict.fromkeys(self.mapping.headers, pl.String))

    def _pieces(self, rows: int) -> Iterator[pl.DataFrame]:
        for file in self._files:
            with _broken(file.path):
                for frame in file.frames(rows):
                    yield frame.with_columns(pl.lit(file.path.name).alias(FILE)) if len(self._files) > 1 else frame

    def _faults(self) -> Iterator[Fault]:
        for file in self._files:
            for fault in file.look.faults:
                several = len(self._files) > 1
                yield replace(fault, path=f"{file.path.name}, {fault.path}") if several else fault

    def _sample(self, told: list[Fault]) -> tuple[Mapping[str, str], ...]:
        try:
            # A slice, where it can be had: frames of a large Parquet file are read ahead of who takes them.
            first = self.slice(0, SAMPLE_ROWS) if self.sliceable else next(self._pieces(SAMPLE_ROWS), None)
        except InvalidInput as invalid:
            told.extend(invalid.faults)
            first = None
        rows = [] if first is None else first.head(SAMPLE_ROWS).to_dicts()
        return tuple({name: shown(value) for name, value in row.items() if value is not None} for row in rows)


def open_source(
    paths: Sequence[Path | str],
    questionnaire: Questionnaire,
    mapping: FileMapping | None = None,
    but: Iterable[Path] = (),
) -> Source:
    """The source that some files make, looked at; what is wrong with them is in its report.

    Args:
        paths: files, folders (all files in and below them that are understood, by name) and patterns (`data/*.csv`).
        questionnaire: the questions.
        mapping: what was said about the files.
        but: what folders and patterns do not mean: results of an earlier run among the files.

    Raises:
        OSError: a file cannot be read.
    """
    said = mapping or FileMapping()
    faults: list[Fault] = []
    found = list(_expanded(paths, {each.resolve() for each in but}, faults))
    if len(found) > MAX_FILES:
        faults.append(Fault("input", f"{len(found)} files", f"at most {MAX_FILES} files"))
        found = []
    twice = [path for path, times in Counter(path.resolve() for path in found).items() if times > 1]
    faults.extend(Fault("input", shown(path.name), "a file that is given only once") for path in twice)
    opened: list[File] = []
    for path in found:
        try:
            with _broken(path):
                opened.append(READERS[ending(path)](path, questionnaire, said))
        except InvalidInput as invalid:
            faults.extend(invalid.faults)
    return Source(opened, said, faults)


def ending(path: Path) -> str:
    """What a file's name says that it is, in small letters; that of the file within where it is packed."""
    name = path.name.lower()
    inner = Path(name.removesuffix(".gz")).suffix
    return inner if not name.endswith(".gz") or inner in PACKED else ".gz"


def _expanded(paths: Sequence[Path | str], but: Container[Path], faults: list[Fault]) -> Iterator[Path]:
    if not paths:
        faults.append(Fault("input", MISSING, "a file, a folder or a pattern"))
    for given in paths:
        path = Path(given)
        if path.is_file():
            if ending(path) in READERS:
                yield path
            else:
                faults.append(Fault("input", shown(str(given)), ENDINGS, nearest(ending(path), READERS)))
            continue
        folder = path.is_dir()
        inside = path.rglob("*") if folder else map(Path, glob.iglob(str(given), recursive=True))
        known = (each for each in inside if each.is_file() and ending(each) in READERS and not _hidden(each))
        several = sorted(each for each in known if each.resolve() not in but)
        if not several:
            pattern = not folder and glob.has_magic(str(given))
            several_of = "a folder or pattern with files that are understood"
            expected = several_of if folder or pattern else "a file that exists"
            faults.append(Fault("input", shown(str(given)), expected, None if folder or pattern else _near(path)))
        yield from several


def _hidden(path: Path) -> bool:
    """Whether a file is not meant to be read: writers of tables leave marks such as `_SUCCESS` and `.part`."""
    return path.name.startswith((".", "_", "~$"))


def _near(path: Path) -> str | None:
    return nearest(path.name, [each.name for each in path.parent.glob("*")]) if path.parent.is_dir() else None


@contextmanager
def _broken(path: Path) -> Iterator[None]:
    """Says what keeps a packed file from being unpacked."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidInput([Fault(path.name, shown(str(error)), "a whole file packed by gzip")]) from None
    except Expands as error:
        raise InvalidInput([Fault(path.name, str(error), "a packed file of text")]) from None


def _even(pieces: Iterator[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """The same rows in frames of `rows` each, but for where frames are unlike or together too large."""
    waiting: list[pl.DataFrame] = []
    for piece in pieces:
        if waiting and _types(waiting[0]) != _types(piece):
            yield _joined(waiting)
            waiting = []
        waiting.append(piece)
        large = sum(each.estimated_size() for each in waiting) > MAX_FRAME_BYTES
        if large or sum(each.height for each in waiting) >= rows:
            whole = _joined(waiting)
            even = whole.height if large else whole.height - whole.height % rows
            yield from (whole.slice(start, min(rows, even - start)) for start in range(0, even, rows))
            waiting = [whole.slice(even)] if even < whole.height else []
    if waiting:
        yield _joined(waiting)


def _types(frame: pl.DataFrame) -> dict[str, pl.DataType]:
    return {name: dtype for name, dtype in frame.schema.items() if name != FAULT}


def _joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal", rechunk=True)
