"""Rows of a text file with a sign between cells, as a stream of frames: clean chunks at a stroke, others line by line.

A chunk is clean where each line is a record of the right number of cells and every quote stands where it belongs; then
any reader finds the same cells. The line-by-line reader is the author of faults: a record that cannot be read costs its
first line only, and reading goes on with the next. Line by line is some twenty times slower.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from portfolio.reading.frames import FAULT, LINE, MAX_LINE_BYTES, unreadable
from portfolio.reading.lines import ByteLines, Line
from rules.faults import Fault, InvalidInput, shown

MAX_CELL_BYTES = csv.field_size_limit()
MAX_QUOTED_LINES = 10_000
LONE_RETURN = "lines end with a line feed, and a carriage return alone stands between quotes only"
Places = NDArray[np.intp]
_NEW_LINE, _RETURN, _QUOTE = 10, 13, 34


class SeparatedRows:
    """Reads rows. `kept` names the columns to keep, by place; `width` is how many cells a record has."""

    def __init__(self, lines: ByteLines, separator: str, width: int, kept: Mapping[int, str]) -> None:
        self.lines = lines
        self.separator = separator
        self.width = width
        self.kept = dict(sorted(kept.items()))

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames of some rows each."""
        while True:
            chunk = b"" if self.lines.waiting else self.lines.peek()
            if chunk and self.width > 1 and is_clean(chunk, self.separator, self.width):
                first = self.lines.number + 1
                self.lines.pass_over(chunk)
                yield self._at_a_stroke(chunk, first)
                continue
            slow = self._one_by_one(max(len(chunk), 1))
            if slow is None:
                return
            if slow.height:
                yield slow

    def _at_a_stroke(self, chunk: bytes, first_line: int) -> pl.DataFrame:
        names = [self.kept.get(place, f"#{place}") for place in range(self.width)]
        frame = pl.read_csv(
            chunk,
            has_header=False,
            separator=self.separator,
            schema=dict.fromkeys(names, pl.String),
            columns=list(self.kept) or [0],
            quote_char='"' if b'"' in chunk else None,
            infer_schema=False,
        ).select(self.kept.values())
        height = chunk.count(b"\n") + (not chunk.endswith(b"\n"))
        if self.kept and frame.height != height:
            raise AssertionError(f"{frame.height} rows of {height} lines")
        return frame.insert_column(0, pl.int_range(first_line, first_line + height, eager=True).alias(LINE))

    def _one_by_one(self, size: int) -> pl.DataFrame | None:
        """The rows of at least so many bytes; None at the end of the file."""
        end = self.lines.taken + size
        numbers: list[int] = []
        cells: list[list[str] | None] = []
        faults: list[str | None] = []
        ended = False
        while self.lines.taken < end or self.lines.waiting:
            line = self.lines.next()
            if line is None:
                ended = True
                break
            if line.content is not None and self._is_blank(line.content):
                continue
            found, fault = self._record(line)
            numbers.append(line.number)
            cells.append(found)
            faults.append(fault)
        if ended and not numbers:
            return None
        columns = {
            name: pl.Series(name, [row[place] if row else None for row in cells], dtype=pl.String)
            for place, name in self.kept.items()
        }
        frame = pl.DataFrame({LINE: pl.Series(LINE, numbers, dtype=pl.Int64), **columns})
        return frame.with_columns(pl.Series(FAULT, faults, dtype=pl.String)) if any(faults) else frame

    def _is_blank(self, content: bytes) -> bool:
        return not content.strip(b" \r\n\f\v" if self.separator == "\t" else b" \t\r\n\f\v")

    def _record(self, line: Line) -> tuple[list[str] | None, str | None]:
        """(the cells of the record that begins on a line, None) or (None, what is wrong with it)."""
        taken = quotes_closed(line, self.lines)
        try:
            cells = split(taken, self.separator)
            if len(cells) == self.width:
                return cells, None
            found = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            return None, unreadable(found, f"{self.width} cells, one for each column")
        except InvalidInput as invalid:
            self.lines.give_back(taken[1:])
            return None, unreadable(invalid.faults[0].value, invalid.faults[0].expected)


def is_clean(chunk: bytes, separator: str, width: int) -> bool:
    """Whether every line is a record of `width` cells, plainly written."""
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError:
        return False
    text = np.frombuffer(chunk if chunk.endswith(b"\n") else chunk + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(text == _NEW_LINE)
    if np.diff(ends, prepend=-1).max() > MAX_CELL_BYTES:
        return False
    returns = np.flatnonzero(text == _RETURN)
    if (text[returns + 1] != _NEW_LINE).any():
        return False
    between = text == ord(separator)
    quotes = np.flatnonzero(text == _QUOTE)
    if len(quotes):
        if not _is_quoted_well(text, quotes, ends, ord(separator)):
            return False
        between = between & ~_inside(quotes, len(text))
    places = np.flatnonzero(between)
    counts = np.diff(np.searchsorted(places, ends), prepend=0)
    return bool((counts == width - 1).all())


def _is_quoted_well(text: NDArray[np.uint8], quotes: Places, ends: Places, separator: int) -> bool:
    """Whether quotes open where cells start and close where they end, all within a line; doubled ones may be inside."""
    if len(quotes) % 2 or (np.searchsorted(quotes, ends) % 2).any():
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = text[opening - 1]
    starts = np.isin(before, (separator, _NEW_LINE, _QUOTE)) | (opening == 0)
    stops = np.isin(text[closing + 1], (separator, _NEW_LINE, _RETURN, _QUOTE))
    return bool(starts.all() and stops.all())


def _inside(quotes: Places, size: int) -> NDArray[np.bool_]:
    """(size,) whether each byte stands between quotes."""
    turns = np.zeros(size, dtype=np.int8)
    turns[quotes[::2]] = 1
    turns[quotes[1::2]] = -1
    return np.cumsum(turns, dtype=np.int8).astype(np.bool_)


def quotes_closed(line: Line, lines: ByteLines) -> list[Line]:
    """The line with those after it that its open quote takes in."""
    taken = [line]
    size = 0
    is_open = False
    while (content := taken[-1].content) is not None and size <= MAX_LINE_BYTES and len(taken) <= MAX_QUOTED_LINES:
        size += len(content)
        is_open ^= content.count(b'"') % 2 == 1
        if not is_open or (following := lines.next()) is None:
            break
        taken.append(following)
    return taken


def split(taken: Sequence[Line], separator: str) -> list[str]:
    """The cells of a record.

    Raises:
        InvalidInput: no text, too long, or quotes that stand where none may.
    """
    text = "".join(decoded(line.content) for line in taken)
    try:
        return next(csv.reader([text], strict=True, delimiter=separator), [])
    except csv.Error as error:
        why = LONE_RETURN if str(error).startswith("new-line character") else str(error)
        raise InvalidInput([Fault("", shown(text.rstrip("\r\n")), f"a line of CSV ({why})")]) from None


def decoded(content: bytes | None) -> str:
    """The text of a line.

    Raises:
        InvalidInput: it is too long, or no text.
    """
    if content is None:
        raise InvalidInput(
            [Fault("", f"more than {MAX_LINE_BYTES} bytes", f"a line of at most {MAX_LINE_BYTES} bytes")]
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            [
                Fault(
                    "", f"byte {error.start + 1} of the line", "UTF-8 text (in spreadsheet programs: save as CSV UTF-8)"
                )
            ]
        ) from None
