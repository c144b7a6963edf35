"""Projects in a file, one a row: CSV with a column for each question, or JSON Lines; read as a stream.

A row that cannot be read is a row with faults; it never ends the reading. What the answers mean, and whether they are
valid, is decided where they are used. A fault's path is the column.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from advisor.documents import json_value
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.requirements import MANY, MAX_ANSWERS, Question, Questionnaire

MAX_LINE_BYTES = 2**20
MAX_NAME_CHARACTERS = 300
SHOWN_HEADER_FAULTS = 20
LABELS = ("id", "name")

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class Row:
    """One project: its number among the data rows and its line, both from 1; what it says and what is wrong."""

    number: int
    line: int
    id: str
    name: str
    answers: Mapping[str, object]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line and its number; `content` is None where it is longer than is read."""

    number: int
    content: bytes | None


class _Lines:
    """The lines of a file, of which some may be given back to be read again."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._number = 0
        self._waiting: list[_Line] = []

    def __iter__(self) -> Iterator[_Line]:
        while (line := self.next()) is not None:
            yield line

    def next(self) -> _Line | None:
        """The next line that is not blank, None at the end."""
        if self._waiting:
            return self._waiting.pop()
        while content := self._file.readline(MAX_LINE_BYTES + 1):
            self._number += 1
            if self._number == 1:
                content = content.removeprefix(b"\xef\xbb\xbf")
            if len(content) > MAX_LINE_BYTES:
                self._skip(content)
                return _Line(self._number, None)
            if content.strip():
                return _Line(self._number, content)
        return None

    def give_back(self, lines: list[_Line]) -> None:
        """Have these lines read again, in this order."""
        self._waiting.extend(reversed(lines))

    def _skip(self, content: bytes) -> None:
        while content and not content.endswith(b"\n"):
            content = self._file.readline(MAX_LINE_BYTES)


def json_lines(file: BinaryIO) -> Iterator[Row]:
    """The rows of a JSON Lines file: on each line answers, or an object `{id?, name?, answers}`."""
    for number, line in enumerate(_Lines(file), 1):
        try:
            value = json_value(_text(line.content), "line")
        except InvalidInput as invalid:
            yield Row(number, line.number, "", "", {}, _elsewhere(invalid))
            continue
        yield _json_row(number, line.number, value)


def _elsewhere(invalid: InvalidInput) -> tuple[Fault, ...]:
    """Faults that belong to no column."""
    return tuple(Fault("", f.value, f.expected, f.nearest) for f in invalid.faults)


def _json_row(number: int, line: int, value: object) -> Row:
    if not isinstance(value, dict):
        return Row(number, line, "", "", {}, (Fault("", shown(value), "an object"),))
    if "answers" not in value:
        return Row(number, line, "", "", value, ())
    known = (*LABELS, "answers")
    faults = [
        Fault("", shown(key), f"one of the keys {', '.join(known)}", nearest(key, known))
        for key in value
        if key not in known
    ]
    labels = [_label(value.get(key), key, faults) for key in LABELS]
    answers = value["answers"]
    if not isinstance(answers, dict):
        faults.append(Fault("answers", shown(answers), "an object keyed by question ids"))
        answers = {}
    return Row(number, line, labels[0], labels[1], answers, tuple(faults))


def _label(value: object, key: str, faults: list[Fault]) -> str:
    """An id or name as text, empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, str | int) and not isinstance(value, bool):
        text = str(value)
        if len(text) <= MAX_NAME_CHARACTERS and not any("\ud800" <= c <= "\udfff" for c in text):
            return text
    faults.append(Fault(key, shown(value), f"text of at most {MAX_NAME_CHARACTERS} characters"))
    return ""


def csv_rows(file: BinaryIO, questionnaire: Questionnaire) -> Iterator[Row]:
    """The rows of a CSV file; its first line names the columns: `id`, `name` and questions.

    Raises:
        InvalidInput: at once, with every fault of the first line.
    """
    lines = _Lines(file)
    record = next(_records(lines), None)
    if record is None:
        raise InvalidInput([Fault("line 1", "nothing", "a line that names the columns")])
    _, cells, faults = record
    header = [cell.strip() for cell in cells]
    problems = [Fault("line 1", f.value, f.expected, f.nearest) for f in faults] or _header_faults(
        header, questionnaire
    )
    if problems:
        raise InvalidInput(problems)
    read = [(name, _reader(name, questionnaire)) for name in header]
    return (_csv_row(number, *each, read) for number, each in enumerate(_records(lines), 1))


def _header_faults(header: list[str], questionnaire: Questionnaire) -> list[Fault]:
    if len(header) > MAX_ANSWERS:
        return [Fault("line 1", f"{len(header)} columns", f"at most {MAX_ANSWERS} columns, separated by commas")]
    known = (*LABELS, *questionnaire.questions)
    faults: list[Fault] = []
    for place, name in enumerate(header, 1):
        where = f"line 1, column {place}"
        if name not in known:
            expected = "a question, id or name (columns are separated by commas)"
            faults.append(Fault(where, shown(name), expected, nearest(name, known)))
        elif name in header[: place - 1]:
            faults.append(Fault(where, shown(name), "a column that stands only once"))
    if not faults and all(name in LABELS for name in header):
        faults.append(Fault("line 1", shown(", ".join(header)), "a line with at least one question among its columns"))
    if len(faults) > SHOWN_HEADER_FAULTS:
        more = Fault("line 1", f"{len(faults) - SHOWN_HEADER_FAULTS} more columns", "what is expected of a column")
        return [*faults[:SHOWN_HEADER_FAULTS], more]
    return faults


def _records(lines: _Lines) -> Iterator[tuple[int, list[str], tuple[Fault, ...]]]:
    """(line, cells, faults) of each record; one may span several lines where a quoted cell does.

    A record that cannot be read costs its first line only: reading goes on with the next.
    """
    for line in lines:
        taken = _with_quotes_closed(line, lines)
        try:
            yield line.number, _cells(taken), ()
        except InvalidInput as invalid:
            lines.give_back(taken[1:])
            yield line.number, [], _elsewhere(invalid)


def _with_quotes_closed(line: _Line, lines: _Lines) -> list[_Line]:
    """The line with those after it that its open quote takes in."""
    taken = [line]
    size = 0
    is_open = False
    while (content := taken[-1].content) is not None and size <= MAX_LINE_BYTES:
        size += len(content)
        is_open ^= content.count(b'"') % 2 == 1
        if not is_open or (following := lines.next()) is None:
            break
        taken.append(following)
    return taken


def _cells(taken: list[_Line]) -> list[str]:
    text = "".join(_text(line.content) for line in taken)
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        raise InvalidInput([Fault("", shown(text.rstrip("\r\n")), f"a line of CSV ({error})")]) from None


def _text(content: bytes | None) -> str:
    if content is None:
        raise InvalidInput(
            [Fault("", f"more than {MAX_LINE_BYTES} bytes", f"a line of at most {MAX_LINE_BYTES} bytes")]
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput([Fault("", f"byte {error.start + 1} of the line", "UTF-8 text")]) from None


Reader = Callable[[str], object]


def _csv_row(
    number: int, line: int, cells: list[str], faults: tuple[Fault, ...], columns: list[tuple[str, Reader]]
) -> Row:
    if not faults and len(cells) != len(columns):
        faults = (Fault("", f"{len(cells)} cells", f"{len(columns)} cells, one for each column"),)
    if faults:
        return Row(number, line, "", "", {}, faults)
    found: list[Fault] = []
    values: dict[str, object] = {}
    for (name, read), cell in zip(columns, cells, strict=True):
        if text := cell.strip():
            try:
                values[name] = read(text)
            except InvalidInput as invalid:
                found.extend(invalid.faults)
    labels = [_label(values.pop(key, None), key, found) for key in LABELS]
    return Row(number, line, labels[0], labels[1], values, tuple(found))


def _reader(name: str, questionnaire: Questionnaire) -> Reader:
    """How a cell of this column becomes an answer."""
    question = questionnaire.questions.get(name)
    return str if question is None else lambda text: typed(text, question)


def typed(text: str, question: Question, between: str = ";") -> object:
    """An answer written as one text, such as a cell: a number, yes or no, or several options with `between` them.

    `[]` is a list of none: none of these.

    Raises:
        InvalidInput: the question asks for a number, and this is none.
    """
    if question.kind == "number":
        return _number(text, question)
    if question.kind == "yes/no":
        return _YES_NO.get(text.casefold(), text)
    if question.kind in MANY:
        return [part.strip() for part in text.split(between) if part.strip()] if text != "[]" else []
    return text


def _number(text: str, question: Question) -> float:
    if not _NUMBER.fullmatch(text):
        unit = f" ({question.unit})" if question.unit else ""
        raise InvalidInput([Fault(question.id, shown(text), f"a number written like 1234.5{unit}")])
    return float(text)
