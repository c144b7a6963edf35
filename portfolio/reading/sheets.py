"""A sheet of a workbook as a file of projects: which sheet, which row names the columns, and the rows below."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from portfolio.mapping import FileMapping
from portfolio.reading import header
from portfolio.reading.files import MAX_FRAME_BYTES, Look
from portfolio.reading.frames import FAULT, LINE, unreadable
from portfolio.reading.header import Column
from portfolio.reading.markup import Cells
from portfolio.reading.workbooks import SheetName, Workbook, opened
from rules.faults import MISSING, Fault, nearest, shown
from rules.requirements import Questionnaire

LOOKED_AT_ROWS = 20
_Head = tuple[int, list[Column], list[Fault]]


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A sheet; `kept` are its columns that were understood, by place, `head` the row that names them."""

    path: Path
    look: Look
    sheet: str
    head: int
    kept: dict[int, str]
    empty: frozenset[int]  # columns without a name, which must be blank throughout
    rows: int | None = None

    def frames(self, rows: int) -> Iterator[pl.DataFrame]:
        """Its rows below the header that are not blank."""
        with opened(self.path) as book:
            sheet = next(sheet for sheet in book.sheets if sheet.name == self.sheet)
            below = ((number, cells) for number, cells in book.rows(sheet) if number > self.head)
            while taken := list(_some(below, rows)):
                yield self._frame(taken)

    def _frame(self, taken: list[tuple[int, Cells]]) -> pl.DataFrame:
        width = len(self.look.columns)
        columns = {
            name: pl.Series(name, [cells.get(place) for _, cells in taken], dtype=pl.String)
            for place, name in self.kept.items()
        }
        faults = [self._stray(cells, width) for _, cells in taken]
        frame = pl.DataFrame({LINE: pl.Series(LINE, [number for number, _ in taken], dtype=pl.Int64), **columns})
        return frame.with_columns(pl.Series(FAULT, faults, dtype=pl.String)) if any(faults) else frame

    def _stray(self, cells: Cells, width: int) -> str | None:
        stray = next((place for place in cells if place >= width or place in self.empty), None)
        return None if stray is None else unreadable(shown(cells[stray]), "in a column that has a name")


def _some(below: Iterator[tuple[int, Cells]], rows: int) -> Iterator[tuple[int, Cells]]:
    """The next rows, fewer where they are huge: a text that is shared weighs nothing until it is in a frame."""
    size = 0
    for number, cells in islice(below, rows):
        yield number, cells
        size += sum(map(len, cells.values()))
        if size > MAX_FRAME_BYTES:
            return


def workbook(path: Path, questionnaire: Questionnaire, mapping: FileMapping) -> SheetFile:
    """The sheet that was named, or else the only visible one that has a question among its columns.

    The header is that of the first rows by which most is understood: spreadsheets have titles above.

    Raises:
        InvalidInput: it is no workbook.
    """
    with opened(path) as book:
        asked = [s for s in book.sheets if (s.name == mapping.sheet if mapping.sheet else s.visible)]
        heads = {sheet.name: _head(book, sheet, questionnaire, mapping) for sheet in asked}
    useful = [name for name, (_, columns, _) in heads.items() if any(column.meant for column in columns)]
    names = [sheet.name for sheet in asked]
    if len(useful) == 1 or (not useful and len(names) == 1):
        return _file(path, (useful or names)[0], heads)
    visible = [sheet.name for sheet in book.sheets]
    if mapping.sheet:
        fault = Fault("sheet", shown(mapping.sheet), f"a sheet: {_listed(visible)}", nearest(mapping.sheet, visible))
    elif useful:
        fault = Fault(
            "sheet", f"{len(useful)} sheets", f"one that is named (`sheet:` in the mapping): {_listed(useful)}"
        )
    else:
        fault = Fault("sheet", _listed(visible) or MISSING, "a visible sheet with a question among its columns")
    return SheetFile(path, Look((), (fault,), "XLSX"), "", 0, {}, frozenset())


def _file(path: Path, name: str, heads: dict[str, _Head]) -> SheetFile:
    row, columns, faults = heads[name]
    kept = {place: column.meant for place, column in enumerate(columns) if column.meant}
    empty = frozenset(place for place, column in enumerate(columns) if not column.header)
    look = Look(tuple(columns), tuple(faults), f"XLSX, sheet {name!r}, columns named in row {row}")
    return SheetFile(path, look, name, row, kept, empty)


def _head(book: Workbook, sheet: SheetName, questionnaire: Questionnaire, mapping: FileMapping) -> _Head:
    """(number, columns, faults) of the row that names the columns."""
    best: _Head = (0, [], [Fault(f"sheet {sheet.name}", MISSING, "a row that names the columns")])
    for number, cells in islice(book.rows(sheet), LOOKED_AT_ROWS):
        names = [cells.get(place, "").strip() for place in range(max(cells) + 1)]
        found = _understood(names, number, questionnaire, mapping)
        if best[0] == 0 or _meant(found[1]) > _meant(best[1]):
            best = found
    return best


def _understood(names: list[str], number: int, questionnaire: Questionnaire, mapping: FileMapping) -> _Head:
    """A row as header; a column without a name is none, as merged cells and spacers leave."""
    row = f"row {number}"
    named = [name for name in names if name]
    columns, faults = header.understood(named, questionnaire, mapping, row + ", column {}", row)
    if not columns:
        return number, [], faults
    following = iter(columns)
    return number, [next(following) if name else Column("", "", "left out") for name in names], faults


def _meant(columns: list[Column]) -> int:
    return sum(bool(column.meant) for column in columns)


def _listed(names: list[str]) -> str:
    return ", ".join(shown(name) for name in names[:10])
