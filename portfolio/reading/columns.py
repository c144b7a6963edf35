"""One column of a file as one column of a sheet: each distinct value is read once, what is plain at a stroke.

The strokes take only what `cells` would take and take it to the same; all else goes the slow way, so that faults and
odd spellings have one author.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from portfolio.blocks import Versions
from portfolio.interning import MANY_ROWS
from portfolio.reading import arrow
from portfolio.reading.cells import UNKNOWN_MEANING, Meaning, Spells
from portfolio.reading.telling import mark
from rules.conditions import Kind
from rules.conditions.columns import column
from rules.conditions.sheets import (
    TRUE,
    UNKNOWN,
    WORD_BITS,
    Bools,
    Column,
    NumberColumn,
    SetColumn,
    TruthColumn,
    Words,
    mask,
)
from rules.faults import Fault
from rules.requirements import MANY, MAX_LIST_ANSWERS

PLAIN_NUMBER = r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$"
MAX_REMEMBERED = 100_000
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_LISTS = (pl.List, pl.Array)

Rows = NDArray[np.intp]
_STRANGE = np.uint64(1 << WORD_BITS - 1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a column says: its answers, and by row the faults and the versions asked for; a bad cell is unknown."""

    column: Column
    faults: Mapping[int, tuple[Fault, ...]]
    versions: Mapping[int, Versions]


class ColumnReader:
    """Reads the columns of one question, block after block."""

    def __init__(self, speller: Spells, kind: Kind) -> None:
        self.speller = speller
        self.kind = kind
        self._bits = _bits(len(kind.options))
        self._alone = np.array(mask([option in speller.question.exclusive for option in kind.options]), dtype=np.uint64)
        self._remembered: dict[object, Meaning] = {}

    def read(self, series: pl.Series) -> Understood:
        """What a column of any type says."""
        dtype = series.dtype
        if isinstance(dtype, _TEXTS):
            return self._texts(series)
        if isinstance(dtype, _LISTS):
            return self._lists(series)
        if dtype == pl.Boolean and self.speller.question.kind == "yes/no" and self.speller.plain:
            truths = series.cast(pl.Int8).fill_null(-1).to_numpy()
            return Understood(TruthColumn(np.where(truths < 0, UNKNOWN, truths * TRUE).astype(np.int8)), {}, {})
        if dtype.is_numeric() and self.speller.question.kind == "number" and self.speller.plain:
            plain = series.cast(pl.Float64) if dtype.is_decimal() else series
            return self._numbers(plain, plain.cast(pl.Float64), self._value)
        return self._distinct(series.to_list(), self._value)

    def meanings(self, values: Sequence[object]) -> Understood:
        """What the values of records say, one for each row."""
        return self._distinct(values, self._value)

    # --- Distinct values ---------------------------------------------------------------------------------------------

    def _distinct(self, values: Sequence[object], read: Callable[[object], Meaning]) -> Understood:
        place: dict[object, int] = {}
        found: list[Meaning] = []
        codes = np.empty(len(values), dtype=np.intp)
        for row, value in enumerate(values):
            key = value if value is None or value.__class__ is str else _key(value)
            code = place.get(key)
            if code is None:
                code = place[key] = len(found)
                found.append(self._meaning(key, value, read))
            codes[row] = code
        return self._spread(found, codes)

    def _meaning(self, key: object, value: object, read: Callable[[object], Meaning]) -> Meaning:
        own = (read.__name__, key)  # a text is read in one way in a cell, in another in a record
        known = self._remembered.get(own)
        if known is None:
            known = read(value)
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            if not isinstance(value, str) or len(value) <= MAX_LIST_ANSWERS:
                self._remembered[own] = known
        return known

    def _value(self, value: object) -> Meaning:
        return self.speller.value(value)

    def _text(self, value: object) -> Meaning:
        return UNKNOWN_MEANING if value is None else self.speller.text(str(value))

    def _spread(self, found: Sequence[Meaning], codes: Rows) -> Understood:
        """What distinct meanings come to, each in the rows that have its code."""
        answers = column(self.kind, [meaning.answer for meaning in found] or [None])
        faults = {code: meaning.faults for code, meaning in enumerate(found) if meaning.faults}
        versions = {code: dict(meaning.versions) for code, meaning in enumerate(found) if meaning.versions}
        return _taken(Understood(answers, faults, versions), codes)

    # --- Texts -------------------------------------------------------------------------------------------------------

    def _texts(self, series: pl.Series) -> Understood:
        if self.speller.question.kind == "number" and self.speller.plain:
            text = series.cast(pl.String)
            plain = text.str.contains(PLAIN_NUMBER).fill_null(value=False)
            return self._numbers(text, pl.select(pl.when(plain).then(text)).to_series().cast(pl.Float64), self._text)
        distinct, codes = _coded(series)
        if self.speller.question.kind in MANY and self.speller.plain and len(distinct) > 1:
            said = self._listed(distinct.str.split(";"), lambda rows: distinct.gather(rows).to_list(), self._text)
        else:
            texts = distinct.to_list()
            said = self._distinct(texts, self._text)
        return _taken(said, codes)

    # --- Numbers -----------------------------------------------------------------------------------------------------

    def _numbers(self, given: pl.Series, numbers: pl.Series, read: Callable[[object], Meaning]) -> Understood:
        """Numbers where these are finite and within bounds; all else is read from what was given."""
        value = numbers.fill_null(np.nan).to_numpy().astype(np.float64) + 0.0
        question = self.speller.question
        good = np.isfinite(value)
        if question.minimum is not None:
            good &= value >= question.minimum
        if question.maximum is not None:
            good &= value <= question.maximum
        odd = np.flatnonzero(~good & given.is_not_null().to_numpy())
        value = np.where(good, value, np.nan)
        if not len(odd):
            return Understood(NumberColumn(value, bool(good.all())), {}, {})
        slow = self._distinct(given.gather(odd).to_list(), read)
        value[odd] = slow.column.value  # type: ignore[union-attr]
        faults = {int(odd[row]): faults for row, faults in slow.faults.items()}
        return Understood(NumberColumn(value, not np.isnan(value).any()), faults, {})

    # --- Lists -------------------------------------------------------------------------------------------------------

    def _lists(self, series: pl.Series) -> Understood:
        dtype: pl.List | pl.Array = series.dtype  # type: ignore[assignment]
        listed = series.cast(pl.List(dtype.inner)) if isinstance(dtype, pl.Array) else series
        texts = isinstance(dtype.inner, _TEXTS)
        if self.speller.question.kind in MANY and self.speller.plain and texts:
            alike = arrow.lists(listed) if dtype.inner == pl.String and len(listed) >= MANY_ROWS else None
            if alike is not None:
                return self._marked(alike, lambda rows: listed.gather(rows).to_list())
            return self._listed(listed, lambda rows: listed.gather(rows).to_list(), self._value)
        return self._distinct(listed.to_list(), self._value)

    def _listed(
        self, lists: pl.Series, given: Callable[[Rows], Sequence[object]], read: Callable[[object], Meaning]
    ) -> Understood:
        """Lists of options where these are all ids that may stand together; all else is read from what was given."""
        options = self.kind.options
        length = lists.list.len().fill_null(0).to_numpy().astype(np.intp)
        filled = np.flatnonzero(length > 0)
        flat = lists.explode(empty_as_null=False, keep_nulls=False).cast(pl.Enum(options), strict=False)
        code = flat.to_physical().cast(pl.Int32).fill_null(len(options)).to_numpy()
        start = np.cumsum(length[filled]) - length[filled]
        held = [np.zeros(len(lists), dtype=np.uint64) for _ in self._bits]
        for word, table in zip(held, self._bits, strict=True):
            word[filled] = np.bitwise_or.reduceat(table[code], start) if len(filled) else 0
        good = self._may_stand_together(held, length) & ((held[-1] & _STRANGE) == 0)
        held = held[: max(1, -(-len(options) // WORD_BITS))]
        known = good.copy()
        place = self._places(code, start, length, filled, good) if self.kind.sort == "ranked" else None
        for word in held:
            word[~good] = 0
        column = SetColumn(tuple(held), known, options, place)
        odd = np.flatnonzero(~good & lists.is_not_null().to_numpy())
        if not len(odd):
            return Understood(column, {}, {})
        several, which = _once(odd, length)
        return self._with_odd(column, odd, _taken(self._distinct(given(several), read), which))

    def _marked(self, lists: arrow.Lists, given: Callable[[Rows], Sequence[object]]) -> Understood:
        """The same of lists whose texts are told apart already."""
        options, rows = self.kind.options, len(lists.known)
        place = {option: index for index, option in enumerate(options)}
        meant = np.array([*(place.get(text, -1) for text in lists.flat.texts), -1])
        words = np.zeros((max(1, -(-len(options) // WORD_BITS)), rows), dtype=np.uint64)
        ranks = np.full((rows if self.kind.sort == "ranked" else 0, len(options)), -1, dtype=np.int16)
        good = np.zeros(rows, dtype=np.bool_)
        mark(lists.start, lists.flat.code, meant, self._alone, MAX_LIST_ANSWERS, words, good, ranks)
        column = SetColumn(tuple(words), good, options, ranks if len(ranks) else None)
        odd = np.flatnonzero(lists.known & ~good)
        if not len(odd):
            return Understood(column, {}, {})
        several, which = _once(odd, np.diff(lists.start))
        return self._with_odd(column, odd, _taken(self._distinct(given(several), self._value), which))

    def _may_stand_together(self, held: Sequence[Words], length: NDArray[np.intp]) -> Bools:
        """(n,) no option beside one that stands alone, none twice in a ranking, and not too many."""
        options, question = self.kind.options, self.speller.question
        distinct = sum(np.bitwise_count(word).astype(np.intp) for word in held)  # what is none counts too, as refused
        good = (length > 0) & (length <= MAX_LIST_ANSWERS)
        for alone in question.exclusive:
            word, bit = divmod(options.index(alone), WORD_BITS)
            good &= ((held[word] & np.uint64(1 << bit)) == 0) | (distinct == 1)
        if question.kind == "ranked":
            good &= distinct == length
        return good

    def _places(
        self, code: NDArray[np.int32], start: Rows, length: NDArray[np.intp], filled: Rows, good: Bools
    ) -> NDArray[np.int16]:
        """(n, options) the rank of each option in a ranking, -1 where it is not in it."""
        place = np.full((len(good), len(self.kind.options)), -1, dtype=np.int16)
        row = np.repeat(filled, length[filled])
        rank = np.arange(len(code)) - np.repeat(start, length[filled])
        taken = good[row]
        place[row[taken], code[taken]] = rank[taken]
        return place

    def _with_odd(self, fast: SetColumn, odd: Rows, slow: Understood) -> Understood:
        """The rows that were read the slow way put in their places; their options are the same, as they were parsed."""
        said: SetColumn = slow.column  # type: ignore[assignment]
        for word, other in zip(fast.words, said.words, strict=True):
            word[odd] = other
        fast.known[odd] = said.known
        if fast.place is not None and said.place is not None:
            fast.place[odd] = said.place
        faults = {int(odd[row]): faults for row, faults in slow.faults.items()}
        return Understood(fast, faults, {int(odd[row]): versions for row, versions in slow.versions.items()})


def _key(value: object) -> object:
    """What tells a value from others: 1, 1.0 and True are three, and so are 0.0 and -0.0 two."""
    if value is None or isinstance(value, str):
        return value
    return type(value), value if isinstance(value, bool | int) else repr(value)


def _bits(options: int) -> list[Words]:
    """By word, the bit that stands for each option; the last bit of the last word stands for what is none."""
    tables = [np.zeros(options + 1, dtype=np.uint64) for _ in range(options // WORD_BITS + 1)]
    for option in range(options):
        tables[option // WORD_BITS][option] = np.uint64(1 << option % WORD_BITS)
    tables[-1][options] = _STRANGE
    return tables


def _coded(series: pl.Series) -> tuple[pl.Series, Rows]:
    """(the distinct texts, null first; which of them each row is)."""
    text = series.cast(pl.String)
    alike = arrow.coded(text) if series.dtype == pl.String and len(text) >= MANY_ROWS else None
    missing = pl.Series([None], dtype=pl.String)
    if alike is not None:
        count = len(alike.texts)
        place = np.array([*range(1, count + 1), 0])
        return pl.concat([missing, pl.Series(alike.texts, dtype=pl.String)]), place[alike.code]
    distinct = text.drop_nulls().unique(maintain_order=True)
    code = text.cast(pl.Enum(distinct)).to_physical().cast(pl.Int64) + 1
    return pl.concat([missing, distinct]), code.fill_null(0).to_numpy().astype(np.intp)


def _taken(said: Understood, codes: Rows) -> Understood:
    """What was said once for each distinct text, in every row that has it."""
    return Understood(said.column.take(codes), dict(_in_rows(said.faults, codes)), dict(_in_rows(said.versions, codes)))


def _once(odd: Rows, length: NDArray[np.intp]) -> tuple[Rows, Rows]:
    """(odd rows with one for all empty lists, which are alike; which of these each odd row is)."""
    empty = length[odd] == 0
    if not empty.any():
        return odd, np.arange(len(odd))
    others = odd[~empty]
    place = np.full(len(odd), len(others))
    place[~empty] = np.arange(len(others))
    return np.append(others, odd[empty][:1]), place


def _in_rows(told: Mapping[int, T], codes: Rows) -> Iterator[tuple[int, T]]:
    """(row, what was told of its code) where something was."""
    for row in np.flatnonzero(np.isin(codes, list(told))).tolist() if told else ():
        yield row, told[codes[row]]
