"""A raw frame becomes a block: what `rules.requirements.parse` says of every row, said of columns.

A row is bad where a cell is, where the whole row cannot be read, or where its answers contradict one another; the good
rows go on, the faults of the bad ones are kept.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from portfolio import bits
from portfolio.blocks import Block, Place, RowFault, Versions
from portfolio.board.table import MOST_OF_ONE
from portfolio.interning import MANY_ROWS
from portfolio.mapping import LABELS, PACKAGES, WEIGHT, FileMapping, beside
from portfolio.planes import Planes, Program
from portfolio.reading import records
from portfolio.reading.cells import Speller
from portfolio.reading.columns import ColumnReader, Understood
from portfolio.reading.frames import FAULT, FILE, LINE, RECORD
from portfolio.reading.frameworks import PackageSpeller, united
from rules.conditions import Kind, Node
from rules.conditions.columns import Column, Conditions, Sheet
from rules.conditions.sheets import TRUE, Bools
from rules.faults import Fault, shown
from rules.requirements import EXISTING_CODE, Question, Questionnaire

MAX_NAME_CHARACTERS = 300
_NO_MAPPING = FileMapping()
_WEIGHT = Question(  # read as an answer in numbers is
    id=WEIGHT,
    group="",
    kind="number",
    text="How much does the project count for the board?",
    help=None,
    why="",
    unit="weight",
    minimum=0.0,
    maximum=MOST_OF_ONE,
    ordered=False,
    with_version=False,
    exclusive=(),
    options=(),
)
_LATE = "weights that begin in the first records, or are named (--map weight=weight)"

Weights = NDArray[np.float64]
_Found = dict[int, list[tuple[str, Fault]]]  # by row: the question or label, and what is wrong


class Parser:
    """Makes blocks of frames; what it remembers from one to the next changes nothing but the time it takes."""

    def __init__(self, questionnaire: Questionnaire, names: Mapping[str, Kind], mapping: FileMapping) -> None:
        self.questionnaire = questionnaire
        self.names = names
        self.mapping = mapping
        self._readers: dict[str, ColumnReader] = {}
        self._known = (*beside(questionnaire), *questionnaire.questions)
        self._few, self._many = Conditions(names), Program(names)

    def block(self, frame: pl.DataFrame, first_row: int, index: int = 0) -> Block:
        """The block that a frame makes, whose first row is `first_row` among all data rows (from 1)."""
        found: _Found = {}
        labels = dict.fromkeys(LABELS, pl.repeat("", frame.height, dtype=pl.String, eager=True))
        said: dict[str, Understood] = {}
        weight = None if self.mapping.weight is None else np.ones(frame.height)
        for name, column in self._columns(frame, found):
            if name in LABELS:
                labels[name] = _label(name, column, found)
                continue
            reader = self._reader(name)
            read = reader.read(column) if isinstance(column, pl.Series) else reader.meanings(column)
            if name == WEIGHT:
                weight = self._weight(read, found)
            else:
                said[name] = read
        if PACKAGES in said:
            self._unite(said, found)
        for name in self.questionnaire.questions:
            for row, faults in said[name].faults.items() if name in said else ():
                found.setdefault(row, []).extend((name, fault) for fault in faults)
        made = {name: said[name].column for name in self.questionnaire.questions if name in said}
        self._contradict(Sheet(frame.height, dict(made)), found)
        return self._finished(frame, first_row, index, labels, weight, made, said, found)

    def _columns(self, frame: pl.DataFrame, found: _Found) -> Iterable[tuple[str, pl.Series | list[object]]]:
        """The columns to be read, labels and questions, having noted which rows cannot be read at all."""
        if FAULT in frame.columns:
            for row in frame[FAULT].is_not_null().arg_true().to_list():
                value, _, expected = frame[FAULT][row].partition("\n")
                found[row] = [("", Fault("", value, expected))]
        if RECORD not in frame.columns:
            typed = frame.schema
            return [(name, frame[name]) for name in self._known if name in typed and typed[name] != pl.Null]
        read = records.read(frame[RECORD].to_list(), self.questionnaire, self.mapping)
        for row, faults in read.faults.items():
            found.setdefault(row, []).extend((fault.path, fault) for fault in faults)
        return [(name, read.values[name]) for name in self._known if name in read.values]

    def _reader(self, name: str) -> ColumnReader:
        if name not in self._readers:
            self._readers[name] = self._reads(name)
        return self._readers[name]

    def _reads(self, name: str) -> ColumnReader:
        if name == PACKAGES:
            return ColumnReader(PackageSpeller(self.questionnaire, self.mapping), self.names[EXISTING_CODE])
        question, kind = _WEIGHT, Kind("number")
        if name != WEIGHT:
            question, kind = self.questionnaire.questions[name], self.names[name]
        return ColumnReader(Speller(question, self.questionnaire, self.mapping), kind)

    def _weight(self, read: Understood, found: _Found) -> Weights | None:
        """How much each row counts, one where it does not say; None in a file that was looked at and has no weights."""
        value: Weights = read.column.value  # type: ignore[union-attr,assignment]
        faults = dict(read.faults)
        if self.mapping.weight is None:  # all parts of a run have the same columns of results
            late = np.flatnonzero(~np.isnan(value)).tolist()
            faults |= {row: (Fault(WEIGHT, shown(float(value[row])), _LATE),) for row in late}
        for row, told in faults.items():
            found.setdefault(row, []).extend((WEIGHT, fault) for fault in told)
        return None if self.mapping.weight is None else np.where(np.isnan(value), 1.0, value)

    def _unite(self, said: dict[str, Understood], found: _Found) -> None:
        """Put the frameworks that packages name to the answers of `existing_code`."""
        listed = said.pop(PACKAGES)
        said[EXISTING_CODE], denied = united(said.get(EXISTING_CODE), listed)
        for row, faults in (*listed.faults.items(), *((row, (fault,)) for row, fault in denied.items())):
            found.setdefault(row, []).extend((PACKAGES, fault) for fault in faults)

    def _contradict(self, sheet: Sheet, found: _Found) -> None:
        planes = Planes(self._many, sheet) if sheet.rows >= MANY_ROWS else None
        for contradiction in self.questionnaire.contradictions:
            if contradiction.questions.isdisjoint(sheet.columns):
                continue
            told = f"the case {contradiction.id!r} ({contradiction.text.rstrip('.')})"
            case = Fault("answers", told, "one that can be true")
            for row in self._rows(contradiction.node, sheet, planes):
                found.setdefault(row, []).append(("", case))

    def _rows(self, node: Node, sheet: Sheet, planes: Planes | None) -> list[int]:
        """The rows in which a condition holds."""
        if planes is None:
            return np.flatnonzero(self._few.compile(node)(sheet) == TRUE).tolist()
        holds = planes.truth(self._many.compile(node))[0]
        return np.flatnonzero(bits.unpacked(holds[None], sheet.rows)).tolist() if holds.any() else []

    def _finished(
        self,
        frame: pl.DataFrame,
        first_row: int,
        index: int,
        labels: Mapping[str, pl.Series],
        weight: Weights | None,
        made: dict[str, Column],
        said: Mapping[str, Understood],
        found: _Found,
    ) -> Block:
        rows = np.arange(frame.height, dtype=np.int64)
        versions = _versions(said)
        if not found:
            ids, names = (labels[name] for name in LABELS)
            sheet = Sheet(frame.height, made)
            return Block(index, rows + first_row, ids, names, sheet, (), frame.height, versions, weight)
        good = rows[_good(frame.height, found)]
        position = {row: place for place, row in enumerate(good.tolist())} if versions else {}
        ids, names = (labels[name].gather(good) for name in LABELS)
        sheet = Sheet(len(good), {name: column.take(good) for name, column in made.items()})
        faults = tuple(self._faults(frame, first_row, found))
        left = {position[row]: asked for row, asked in versions.items() if row in position}
        weight = None if weight is None else weight[good]
        return Block(index, good + first_row, ids, names, sheet, faults, frame.height, left, weight)

    def _faults(self, frame: pl.DataFrame, first_row: int, found: _Found) -> Iterator[RowFault]:
        places = frame.select(name for name in (LINE, FILE) if name in frame.columns)
        headers = self.mapping.headers
        for row in sorted(found):
            here = places.row(row, named=True) if places.width else {}
            at = Place(first_row + row, here.get(LINE), here.get(FILE) or "")
            for name, fault in found[row]:
                yield RowFault.of(fault, headers.get(name, name), at)


def parse(
    frame: pl.DataFrame,
    first_row: int,
    questionnaire: Questionnaire,
    names: Mapping[str, Kind],
    mapping: FileMapping | None = None,
    index: int = 0,
) -> Block:
    """The block that a raw frame makes.

    Args:
        frame: columns named `id`, `name`, `weight`, `packages` and after questions, and those of
            `portfolio.reading.frames`.
        first_row: the number of its first row among all data rows, from 1.
        questionnaire: what may be answered.
        names: the kinds of the questions, as a release has them.
        mapping: what was said about the file.
        index: which block of the run this is.
    """
    return parser(questionnaire, names, mapping or _NO_MAPPING).block(frame, first_row, index)


_last: list[Parser] = []  # making one costs as much as some hundred rows; a worker needs one throughout


def parser(questionnaire: Questionnaire, names: Mapping[str, Kind], mapping: FileMapping) -> Parser:
    """A parser for a questionnaire and a mapping: the one that was asked for last where it is for the same."""
    last = _last[0] if _last else None
    if (
        last is None
        or last.questionnaire is not questionnaire
        or last.names is not names
        or (last.mapping is not mapping and last.mapping != mapping)
    ):
        last = Parser(questionnaire, names, mapping)
        _last[:] = [last]
    return last


def _label(name: str, column: pl.Series | list[object], found: _Found) -> pl.Series:
    """An id or name for each row, empty where there is none."""
    if isinstance(column, pl.Series):
        if column.dtype.is_integer() or isinstance(column.dtype, pl.String | pl.Categorical | pl.Enum):
            text = column.cast(pl.String).fill_null("").str.strip_chars()
            long = (text.str.len_chars() > MAX_NAME_CHARACTERS).arg_true().to_list()
            for row in long:
                _refuse(name, row, text[row], found)
            return text.scatter(long, "") if long else text
        column = column.to_list()
    texts = [""] * len(column)
    for row, value in enumerate(column):
        if isinstance(value, str | int) and not isinstance(value, bool) and _is_label(str(value)):
            texts[row] = str(value)
        elif value is not None:
            _refuse(name, row, value, found)
    return pl.Series(name, texts, dtype=pl.String)


def _is_label(text: str) -> bool:
    return len(text) <= MAX_NAME_CHARACTERS and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _refuse(name: str, row: int, value: object, found: _Found) -> None:
    fault = Fault(name, shown(value), f"text of at most {MAX_NAME_CHARACTERS} characters")
    found.setdefault(row, []).append((name, fault))


def _versions(said: Mapping[str, Understood]) -> dict[int, Versions]:
    """The versions that each row asks for, in any of its answers."""
    merged: dict[int, dict[str, str]] = {}
    for each in said.values():
        for row, versions in each.versions.items():
            merged.setdefault(row, {}).update(versions)
    return dict(merged)


def _good(rows: int, found: _Found) -> Bools:
    good = np.ones(rows, dtype=np.bool_)
    good[list(found)] = False
    return good
