"""The markup of a workbook read as a stream: shared texts, and the rows of a sheet as the texts of their cells.

Numbers are written with the fifteen digits that spreadsheets have. What no spreadsheet holds (a cell of more than
32,767 characters, a row of more than a mebibyte) is cut and marked with `#` so that no column takes it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import IO, Any
from xml.parsers import expat

from rules.faults import Fault, InvalidInput, shown

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
MAX_CELL_CHARACTERS = 32_767
MAX_ROW_CHARACTERS = 2**20
CUT_CHARACTERS = 400  # more than an id or name has
MAX_TAG_BYTES = 2**24
READ_BYTES = 2**16

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Cells = dict[int, str]  # by column, from 0


class TextsReader:
    """Reads the shared texts; what tells how to speak them is no part of them."""

    def __init__(self) -> None:
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.texts: list[str] = []
        self._now: list[str] = []
        self._spoken = False

    def _start(self, name: str, _: Mapping[str, str]) -> None:
        match local(name):
            case "si":
                self._now = []
            case "rPh":
                self._spoken = True
            case "t" if not self._spoken:
                self.parser.CharacterDataHandler = self._now.append

    def _end(self, name: str) -> None:
        match local(name):
            case "si":
                self.texts.append(_unescaped("".join(self._now)))
            case "rPh":
                self._spoken = False
            case "t":
                self.parser.CharacterDataHandler = None


class SheetReader:
    """Reads the rows of a sheet as they come."""

    def __init__(self, texts: list[str], dates: frozenset[int], start: datetime) -> None:
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._texts, self._dates, self._day = texts, dates, start
        self._rows: list[tuple[int, Cells]] = []
        self._row = self._column = 0
        self._cells: Cells = {}
        self._type = self._style = self._formula = ""
        self._now: list[str] = []
        self._size = self._length = 0
        self._spoken = False

    def take(self) -> list[tuple[int, Cells]]:
        """The rows read since this was last asked."""
        taken, self._rows = self._rows, []
        return taken

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        match local(name):
            case "c":
                self._cell(attributes)
            case "v" if self._type != "inlineStr":
                self.parser.CharacterDataHandler = self._text
            case "t" if self._type == "inlineStr" and not self._spoken:
                self.parser.CharacterDataHandler = self._text
            case "f":
                self._formula = "="
                self.parser.CharacterDataHandler = self._said
            case "rPh":
                self._spoken = True
            case "row":
                told = attributes.get("r")
                self._row = self._row + 1 if told is None else whole(told)
                self._cells, self._column, self._length = {}, -1, 0
                if not 0 < self._row <= MAX_ROWS:
                    raise InvalidInput([Fault("", f"row {shown(told)}", f"a row from 1 to {MAX_ROWS}")])

    def _cell(self, attributes: Mapping[str, str]) -> None:
        told = _REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = _column(told[1]) if told else self._column + 1
        if self._column >= MAX_COLUMNS:
            raise InvalidInput([Fault("", f"column {self._column + 1}", f"at most {MAX_COLUMNS} columns")])
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._now, self._size, self._formula = [], 0, ""

    def _said(self, part: str) -> None:
        self._formula = (self._formula + part)[:CUT_CHARACTERS]

    def _text(self, part: str) -> None:
        if self._size <= MAX_CELL_CHARACTERS:
            self._now.append(part[: MAX_CELL_CHARACTERS + 1 - self._size])
        self._size += len(part)

    def _end(self, name: str) -> None:
        match local(name):
            case "v" | "t" | "f":
                self.parser.CharacterDataHandler = None
            case "c":
                self._keep("".join(self._now))
            case "rPh":
                self._spoken = False
            case "row" if self._cells:
                self._rows.append((self._row, self._cells))

    def _keep(self, raw: str) -> None:
        text = self._value(raw)
        if self._formula and not raw and self._type != "str":  # programs that cannot calculate leave that to others
            text = f"{self._formula} (not calculated)"
        self._length += len(text)
        if max(self._size, len(text)) > MAX_CELL_CHARACTERS or self._length > MAX_ROW_CHARACTERS:
            text = f"#{text[:CUT_CHARACTERS]}".ljust(CUT_CHARACTERS, "#")
        if text:
            self._cells[self._column] = text

    def _value(self, raw: str) -> str:
        match self._type:
            case "s" if raw:
                place = whole(raw)
                text = self._texts[place] if 0 <= place < len(self._texts) else f"#text {raw}"
            case "b":
                text = {"1": "true", "0": "false"}.get(raw, raw)
            case "n":
                text = self._number(raw)
            case "inlineStr" | "str":
                text = _unescaped(raw)
            case _:
                text = raw
        return "" if text.isspace() else text

    def _number(self, raw: str) -> str:
        """A number as a person reads it: fifteen digits, as spreadsheets have; a date where it is shown as one."""
        try:
            value = float(raw)
        except ValueError:
            return raw
        if self._dates and whole(self._style) in self._dates:
            return _date(self._day, value)
        if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        return f"{value:.15g}"


def new_parser() -> Any:
    """A parser of markup that takes no declarations, so that no text can stand for a longer one."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise InvalidInput([Fault("", "a document type", "markup without declarations")])


def fed(parser: Any, part: IO[bytes]) -> Iterator[None]:
    """Feeds a part to a parser, a piece at a time; a tag, which is held whole, may not grow without end."""
    taken = 0
    while piece := part.read(READ_BYTES):
        parser.Parse(piece, False)
        taken += len(piece)
        if taken - parser.CurrentByteIndex > MAX_TAG_BYTES:
            raise InvalidInput([Fault("", f"a tag of more than {MAX_TAG_BYTES} bytes", "markup of a spreadsheet")])
        yield
    parser.Parse(b"", True)


def local(name: str) -> str:
    """A name without the prefix of its namespace."""
    return name.rpartition(":")[2]


def whole(text: str | None) -> int:
    """A whole number that is not negative; -1 where the text is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _unescaped(text: str) -> str:
    """The text with characters that XML cannot hold put back; half a surrogate pair stays as it is written."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(
        lambda found: found[0] if 0xD800 <= int(found[1], 16) < 0xE000 else chr(int(found[1], 16)), text
    )


def _date(start: datetime, days: float) -> str:
    try:
        told = start + timedelta(days=days)
    except (OverflowError, ValueError):
        return f"{days:.15g}"
    return told.isoformat(" ", "seconds") if days % 1 else told.date().isoformat()
