"""Each kind of file opened for a look and for its rows: text with a sign between cells, JSON Lines, Parquet.

A file that cannot be read, or that is not what its name says, is a fault; nothing else gets out of here.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import polars as pl

from portfolio.mapping import FileMapping
from portfolio.reading import header, records
from portfolio.reading.frames import FAULT, LINE, RECORD, unreadable
from portfolio.reading.header import Column
from portfolio.reading.lines import ByteLines, TextFile, text_file
from portfolio.reading.quiet import quiet
from portfolio.reading.separated import SeparatedRows, decoded, quotes_closed, split
from rules.faults import MISSING, Fault, InvalidInput, shown
from rules.requirements import Questionnaire

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT_ROWS = 200
MAX_FRAME_BYTES = 2**26
SHOWN_REASON = 100
SHOWN_TYPE = 60
_SIGNS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


@dataclass(frozen=True, slots=True)
class Look:
    """What a first look at a file found: its columns, what is wrong, and how it is written, in words."""

    columns: tuple[Column, ...]
    faults: tuple[Fault, ...]
    written: str


class File(Protocol):
    """A file of projects; `look` is taken when it is opened."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def look(self) -> Look:
        """What it looks like."""
        ...

    @property
    def rows(self) -> int | None:
        """How many rows it has, where it says so."""
        ...

    def frames(self, rows: int) -> Iterator[pl.DataFrame]:
        """Its rows in raw frames of at most about so many."""
        ...


# --- Text with a sign between cells ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeparatedFile:
    """CSV and its like."""

    path: Path
    look: Look
    text: TextFile
    separator: str
    kept: dict[int, str]
    rows: int | None = None

    def frames(self, rows: int) -> Iterator[pl.DataFrame]:  # noqa: ARG002 (a chunk of bytes holds what it holds)
        """Its rows."""
        with closing(self.text.open()) as file:
            lines = ByteLines(file)
            _first_record(lines, self.separator)
            yield from SeparatedRows(lines, self.separator, len(self.look.columns), self.kept).frames()


def separated(path: Path, questionnaire: Questionnaire, mapping: FileMapping) -> SeparatedFile:
    """A file of cells, with that sign between them by which most of the first line is understood."""
    text = text_file(path)
    signs = ("\t",) if {".tsv", ".tab"} & set(path.suffixes) else SEPARATORS
    tried = [(sign, *_header(text, sign, questionnaire, mapping)) for sign in signs]
    sign, columns, faults = max(tried, key=lambda each: sum(bool(column.meant) for column in each[1]))
    kept = {place: column.meant for place, column in enumerate(columns) if column.meant}
    written = f"text in {text.encoding}, {_SIGNS[sign]} between cells" + (", compressed" if text.compressed else "")
    return SeparatedFile(path, Look(tuple(columns), tuple(faults), written), text, sign, kept)


_NAMES_SIGN = re.compile(rb"(?i)sep=[^\r\n]\s*").fullmatch


def _header(
    text: TextFile, sign: str, questionnaire: Questionnaire, mapping: FileMapping
) -> tuple[list[Column], list[Fault]]:
    with closing(text.open()) as file:
        try:
            cells = _first_record(ByteLines(file), sign)
        except InvalidInput as invalid:
            return [], [Fault("line 1", fault.value, fault.expected) for fault in invalid.faults]
    if cells is None:
        return [], [Fault("line 1", MISSING, "a line that names the columns")]
    return header.understood(cells, questionnaire, mapping)


def _first_record(lines: ByteLines, sign: str) -> list[str] | None:
    """The first line that is not blank, as cells; None where there is none.

    Spreadsheets in some countries put `sep=;` above it, which says nothing that the line itself does not show.
    """
    while (line := lines.next()) is not None:
        if line.content is None or (line.content.strip(b" \r\n\f\v") and not _NAMES_SIGN(line.content)):
            taken = quotes_closed(line, lines)
            return [cell.strip() for cell in split(taken, sign)]
    return None


# --- JSON Lines ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordsFile:
    """JSON Lines: a record on each line."""

    path: Path
    look: Look
    text: TextFile
    rows: int | None = None

    def frames(self, rows: int) -> Iterator[pl.DataFrame]:
        """Its rows, as texts."""
        with closing(self.text.open()) as file:
            lines = ByteLines(file)
            while True:
                numbers: list[int] = []
                texts: list[str | None] = []
                faults: list[str | None] = []
                size = 0
                while len(numbers) < rows and size < MAX_FRAME_BYTES and (line := lines.next()) is not None:
                    if line.content is not None and not line.content.strip():
                        continue
                    text, fault = _record(line.content)
                    size += len(text or "")
                    numbers.append(line.number)
                    texts.append(text)
                    faults.append(fault)
                if not numbers:
                    return
                frame = pl.DataFrame({LINE: numbers, RECORD: texts}, schema={LINE: pl.Int64, RECORD: pl.String})
                yield frame.with_columns(pl.Series(FAULT, faults, dtype=pl.String)) if any(faults) else frame


def _record(content: bytes | None) -> tuple[str | None, str | None]:
    try:
        return decoded(content).strip(), None
    except InvalidInput as invalid:
        return None, unreadable(invalid.faults[0].value, invalid.faults[0].expected)


def json_lines(path: Path, questionnaire: Questionnaire, mapping: FileMapping) -> RecordsFile:
    """A file of records. Keys that no question has are faults of their rows; the first rows tell which there are."""
    text = text_file(path)
    keys: dict[str, None] = {}
    with closing(text.open()) as file:
        lines = ByteLines(file)
        for _ in range(LOOKED_AT_ROWS):
            line = lines.next()
            if line is None or len(keys) > LOOKED_AT_ROWS:
                break
            keys |= dict.fromkeys(records.keys(_record(line.content)[0] or ""))
    columns, _ = header.understood(list(keys), questionnaire, mapping)
    exact = [replace(c, meant="", how="not understood") if c.how == "guessed" else c for c in columns]
    written = f"JSON Lines in {text.encoding}" + (", compressed" if text.compressed else "")
    return RecordsFile(path, Look(tuple(exact), (), written), text)


# --- Parquet ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """Parquet, of which any rows can be read without those before them."""

    path: Path
    look: Look
    kept: dict[str, str]
    rows: int

    def frames(self, rows: int) -> Iterator[pl.DataFrame]:
        """Its rows."""
        for start in range(0, self.rows, rows):
            frame = self.slice(start, rows)
            if frame.height != min(rows, self.rows - start):
                fault = Fault(self.path.name, f"{start + frame.height} rows", f"{self.rows} rows, as it says")
                raise InvalidInput([fault])
            yield frame

    def slice(self, start: int, rows: int) -> pl.DataFrame:
        """Some of its rows, from `start` (from 0)."""
        with table_faults(self.path):
            return self._scan().slice(start, rows).collect()

    def _scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path, glob=False).select(pl.col(c).alias(meant) for c, meant in self.kept.items())


@contextmanager
def table_faults(path: Path) -> Iterator[None]:
    """Says what a reader of tables found wrong with a file, and has it say nothing else.

    Raises:
        InvalidInput: in the place of the reader's own exceptions.
    """
    try:
        with quiet():
            yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OverflowError) as error:
        told = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise InvalidInput([Fault(path.name, shown(told[:SHOWN_REASON]), "a Parquet file that can be read")]) from None


def parquet(path: Path, questionnaire: Questionnaire, mapping: FileMapping) -> ParquetFile:
    """A table with types; columns with a type that no answer has are refused unless they are left out.

    Raises:
        InvalidInput: it cannot be read.
    """
    with table_faults(path):
        schema = pl.read_parquet_schema(path)
        rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    columns, faults = header.understood(
        list(schema), questionnaire, mapping, "column {}", "the columns", [_type(dtype) for dtype in schema.values()]
    )
    for place, (column, dtype) in enumerate(zip(columns, schema.values(), strict=False), 1):
        if column.meant and not _can_answer(dtype):
            expected = "a column of text, numbers, truth values or lists of texts"
            faults.append(Fault(f"column {place}, {column.header}", _type(dtype), expected))
    kept = {column.header: column.meant for column in columns if column.meant}
    return ParquetFile(path, Look(tuple(columns), tuple(faults), "Parquet"), kept, rows)


def _can_answer(dtype: pl.DataType) -> bool:
    if isinstance(dtype, pl.List | pl.Array):
        inner = dtype.inner
        return not inner.is_nested() and _can_answer(inner)  # type: ignore[arg-type]
    return dtype.is_numeric() or isinstance(dtype, pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Null)


def _type(dtype: pl.DataType) -> str:
    return str(dtype)[:SHOWN_TYPE]
