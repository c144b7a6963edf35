"""A block: some thousands of projects as columns, ready for the rules, with what is wrong with the rows left out.

Knows what a block holds; refuses to know where its rows came from and what becomes of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.conditions.sheets import (
    TRUE,
    UNKNOWN,
    Column,
    NumberColumn,
    SetColumn,
    Sheet,
    TextColumn,
    TruthColumn,
    bits,
    is_known,
)
from rules.faults import Fault
from rules.requirements import Answer, Questionnaire, Requirements

BLOCK_ROWS = 65_536
Versions = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowFault:
    """One mistake in one row, said so that a person can find and mend it.

    Attributes:
        row: its number among all data rows, from 1.
        line: its first line in the file, None where the file has no lines.
        column: as the file names it; empty where the whole row cannot be read.
        value: the offending value, cut to a showable length.
        reason: what was expected.
        nearest: the closest valid name, or None.
        file: the name of the file, where there are several.
    """

    row: int
    line: int | None
    column: str
    value: str
    reason: str
    nearest: str | None
    file: str = ""

    @classmethod
    def of(cls, fault: Fault, column: str, at: "Place") -> "RowFault":
        """What a fault in a column means for a row."""
        return cls(at.row, at.line, column, fault.value, f"expected {fault.expected}", fault.nearest, at.file)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its number among all data rows, its line and file where there are such."""

    row: int
    line: int | None
    file: str


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows that follow one another, of which `sheet`, `row`, `id` and `name` hold the good ones only.

    Attributes:
        index: which block of the run this is, from 0.
        row: (n,) numbers of the good rows among all data rows, from 1.
        id, name: (n,) texts, empty where the file has none.
        sheet: n rows of answers; a question without a column is unknown throughout.
        weight: (n,) how much each project counts for the board, None where the file says nothing of that.
        faults: everything wrong with the other rows, in the order of rows.
        read: how many rows there were, good and bad.
        versions: what good rows ask for as `id@version`, by position in the sheet.
    """

    index: int
    row: NDArray[np.int64]
    id: pl.Series
    name: pl.Series
    sheet: Sheet
    faults: tuple[RowFault, ...]
    read: int
    versions: Mapping[int, Versions] = field(default_factory=lambda: MappingProxyType({}))
    weight: NDArray[np.float64] | None = None

    @property
    def failed(self) -> int:
        """How many rows are bad; `read` is these and the rows of the sheet."""
        return self.read - self.sheet.rows

    @property
    def silent(self) -> int:
        """How many good rows answer nothing: what is said of them is what is said without any answer."""
        answers = np.zeros(self.sheet.rows, dtype=np.bool_)
        for column in self.sheet.columns.values():
            answers |= is_known(column)
        return self.sheet.rows - int(answers.sum())


def requirements(block: Block, questionnaire: Questionnaire) -> Iterator[Requirements]:
    """The good rows one by one, as `rules.requirements.parse` understands them."""
    told = {name: _values(block.sheet.columns[name]) for name in questionnaire.questions if name in block.sheet.columns}
    for position in range(block.sheet.rows):
        answers = {name: values[position] for name, values in told.items()}
        known: dict[str, Answer] = {name: value for name, value in answers.items() if value is not None}
        yield Requirements(known, dict(block.versions.get(position, {})))


def _values(column: Column) -> list[Answer | None]:
    match column:
        case NumberColumn(value):
            return [None if number != number else number for number in value.tolist()]
        case TruthColumn(truth):
            return [None if each == UNKNOWN else each == TRUE for each in truth.tolist()]
        case TextColumn(code, texts):
            return [None if each < 0 else texts[each] for each in code.tolist()]
        case SetColumn():
            return _lists(column)


def _lists(column: SetColumn) -> list[Answer | None]:
    """The options that each row holds, in the order of a ranking where there is one."""
    held = bits(column.words, len(column.options))
    place = np.broadcast_to(np.arange(len(column.options)), held.shape) if column.place is None else column.place
    found: list[Answer | None] = []
    for known, here, order in zip(column.known.tolist(), held, place, strict=True):
        chosen = np.flatnonzero(here)
        chosen = chosen[np.argsort(order[chosen], kind="stable")]
        found.append(tuple(column.options[option] for option in chosen) if known else None)
    return found
