"""The sheets of an XLSX workbook, streamed: each row as the texts of its cells, whatever program wrote it.

Nothing is held but the shared texts, so that what a small packed file claims to be costs time, not memory. A cell that
shows an error keeps its text (`#DIV/0!`), a date becomes `2026-11-21`: no question asks for one, so both are faults in
their rows. Formulas count as what they last came to. Markup that declares entities is refused.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from xml.parsers import expat

from portfolio.reading.markup import Cells, SheetReader, TextsReader, fed, local, new_parser, whole
from rules.faults import Fault, InvalidInput, shown

MAX_UNPACKED_BYTES = 2**30
MAX_TEXTS_BYTES = 2**28
MAX_PART_BYTES = 2**24  # of the small parts: the list of sheets, styles

_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_START_1900, _START_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class SheetName:
    """A sheet: its name, whether it is shown, and the part of the package that holds it."""

    name: str
    visible: bool
    part: str


class Workbook:
    """A workbook that is open; `sheets` are its sheets of cells in their order."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        parts = {_part(info.filename): info for info in package.infolist()}
        size = sum(info.file_size for info in parts.values())
        if size > MAX_UNPACKED_BYTES:
            expected = f"at most {MAX_UNPACKED_BYTES}; larger tables are read as Parquet or CSV"
            raise InvalidInput([Fault("workbook", f"{size} bytes when unpacked", expected)])
        self._parts = parts
        self._book = self._of_kind("", "officeDocument") or "xl/workbook.xml"
        self.sheets, self._start = self._listed()
        self._texts: list[str] | None = None
        self._dates: frozenset[int] | None = None

    def rows(self, sheet: SheetName) -> Iterator[tuple[int, Cells]]:
        """(number of the row, texts of its cells that are not blank) of each row that has one."""
        if self._texts is None or self._dates is None:
            self._texts, self._dates = self._shared(), self._date_styles()
        reader = SheetReader(self._texts, self._dates, self._start)
        with self._open(sheet.part, MAX_UNPACKED_BYTES) as part:
            for _ in fed(reader.parser, part):
                yield from reader.take()
        yield from reader.take()

    def _listed(self) -> tuple[tuple[SheetName, ...], datetime]:
        """(the sheets, the day from which days are counted)."""
        sheets: list[tuple[str, bool, str]] = []
        start = _START_1900

        def book(name: str, attributes: Mapping[str, str]) -> None:
            nonlocal start
            if name == "sheet":
                relation_id = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
                visible = attributes.get("state", "visible") == "visible"
                sheets.append((attributes.get("name", ""), visible, relation_id))
            elif name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                start = _START_1904

        self._walk(self._book, book)
        targets = self._relations(self._book)
        found: dict[str, SheetName] = {}  # by part: a forged list that names one often costs as much time as it likes
        for name, visible, key in sheets:
            kind, part = targets.get(key, ("", ""))
            if kind == "worksheet" and part in self._parts:
                found.setdefault(part, SheetName(name, visible, part))
        return tuple(found.values()), start

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part (the package: "") refers to, by id: (kind, part); empty where it says nothing."""
        folder, name = posixpath.split(part)
        stated = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, tuple[str, str]] = {}

        def relation(name: str, attributes: Mapping[str, str]) -> None:
            if name == "Relationship":
                target = posixpath.join("/", folder, attributes.get("Target", ""))
                found[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2], _part(target)

        if stated in self._parts:
            self._walk(stated, relation)
        return found

    def _of_kind(self, part: str, kind: str) -> str | None:
        """The part of a kind that another one refers to, where it is there."""
        return next((p for k, p in self._relations(part).values() if k == kind and p in self._parts), None)

    def _shared(self) -> list[str]:
        texts = self._of_kind(self._book, "sharedStrings")
        if texts is None:
            return []
        reader = TextsReader()
        with self._open(texts, MAX_TEXTS_BYTES) as part:
            for _ in fed(reader.parser, part):
                pass
        return reader.texts

    def _date_styles(self) -> frozenset[int]:
        """The styles, by number, that show a number as a date or time."""
        own: dict[int, str] = {}
        styles: list[int] = []
        within = ""

        def style(name: str, attributes: Mapping[str, str]) -> None:
            nonlocal within
            if name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                within = name
            elif name == "numFmt" and within != "dxfs":
                own[whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif name == "xf" and within == "cellXfs":
                styles.append(whole(attributes.get("numFmtId")))

        if styles_part := self._of_kind(self._book, "styles"):
            self._walk(styles_part, style)
        shows = _DATE_FORMATS | {number for number, code in own.items() if _is_date(code)}
        return frozenset(index for index, number in enumerate(styles) if number in shows)

    def _walk(self, part: str, start: Callable[[str, Mapping[str, str]], None]) -> None:
        parser = new_parser()
        parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
        with self._open(part, MAX_PART_BYTES) as file:
            for _ in fed(parser, file):
                pass

    def _open(self, part: str, most: int) -> IO[bytes]:
        info = self._parts.get(part)
        if info is None:
            raise InvalidInput([Fault("workbook", f"a package without {part}", "an XLSX workbook")])
        if info.file_size > most:
            raise InvalidInput(
                [Fault("workbook", f"{part} of {info.file_size} bytes", f"a part of at most {most} bytes")]
            )
        return self._package.open(info)


def _part(name: str) -> str:
    """The name of a part as all that mean it write it: case does not count, and some programs separate by "\\"."""
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/").lower()


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """A workbook, open.

    Raises:
        InvalidInput: also while it is read: it is no workbook, is broken or locked, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as package:
            yield Workbook(package)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        expat.ExpatError,
        UnicodeError,
    ) as e:
        raise InvalidInput([Fault(path.name, shown(str(e)), "an XLSX workbook that is whole and not locked")]) from None
    except InvalidInput as invalid:
        raise InvalidInput([Fault(path.name, f.value, f.expected, f.nearest) for f in invalid.faults]) from None


def _is_date(code: str) -> bool:
    return any(letter in "dmyhs" for letter in _LITERALS.sub("", code.partition(";")[0]).lower().replace("general", ""))
