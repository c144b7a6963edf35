"""A table as an XLSX workbook: text stays text, a header that stays in sight, and the same bytes for the same table.

Writing cells takes most of the time that a run with a workbook takes, hence the most rows that are written.
"""

import io
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from rules.faults import Fault, InvalidInput

MAX_ROWS = 100_000  # half a minute or so; a sheet holds 1,048,575 below its header
MAX_CELL_CHARACTERS = 32_767
BATCH_ROWS = 4096
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
_CREATED = datetime(2000, 1, 1)  # no clock: a table has one form


def require_fits(rows: int) -> None:
    """Raise `InvalidInput` for more rows than are written."""
    if rows > MAX_ROWS:
        expected = f"at most {MAX_ROWS} in a workbook; Parquet, CSV and JSON Lines take any number"
        raise InvalidInput([Fault("output", f"{rows} rows", expected)])


def write(frame: pl.LazyFrame, file: BinaryIO) -> None:
    """Write a table of at most `MAX_ROWS` rows to one sheet; a row after the other is held.

    Raises:
        OSError: it cannot be written.
    """
    try:
        _write(frame, file)
    except FileCreateError as error:
        raise error.args[0] from None  # the system's


def _write(frame: pl.LazyFrame, file: BinaryIO) -> None:
    with TemporaryDirectory(prefix="steelyard-") as aside, new(file, aside) as book:
        sheet = book.add_worksheet("projects")
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(frame.collect_schema()):
            sheet.write_string(0, place, name, book.add_format({"bold": True}))
        row = 0
        for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
            for cells in batch.iter_rows():
                row += 1
                for place, value in enumerate(cells):
                    _cell(sheet, row, place, value)


class _Outlived(io.RawIOBase):
    """A file that swallows what comes when it is closed: an archive that did not fit tries to end itself some time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0

    def write(self, content: Any) -> int:
        self._at += len(content)
        return len(content) if self._file.closed else self._file.write(content)

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        self._at = place if self._file.closed else self._file.seek(place, whence)
        return self._at

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()


def new(file: BinaryIO | Path, aside: str) -> xlsxwriter.Workbook:
    """A workbook to be written, in which no text is taken for more than text."""
    book = xlsxwriter.Workbook(file if isinstance(file, Path) else _Outlived(file), {**SAFE, "tmpdir": aside})
    book.set_properties({"created": _CREATED})
    return book


def _cell(sheet: Any, row: int, place: int, value: object) -> None:
    if isinstance(value, str):
        sheet.write_string(row, place, shortened(value))
    elif isinstance(value, int | float) and value == value:  # NaN is no number of a sheet
        sheet.write_number(row, place, value)


def shortened(text: str) -> str:
    """A text as a cell can hold it."""
    return text if len(text) <= MAX_CELL_CHARACTERS else text[: MAX_CELL_CHARACTERS - 1] + "…"
