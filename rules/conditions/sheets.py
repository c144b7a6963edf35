"""Columns and the sheets made of them: what many projects answer, in arrays, from which conditions are evaluated.

What a condition says of a sheet is `rules.conditions.columns`' business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from rules.conditions.kinds import Kind

FALSE, UNKNOWN, TRUE = 0, 1, 2
SETS = ("many", "ranked", "set")
WORD_BITS = 64
_WORD = (1 << WORD_BITS) - 1

Truths = NDArray[np.int8]
Words = NDArray[np.uint64]
Numbers = NDArray[np.float64]
Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Numbers, one a row; NaN where unknown, which is nowhere in a column that is `complete`."""

    value: Numbers
    complete: bool = False

    def take(self, index: NDArray[np.intp]) -> "NumberColumn":
        """The rows of an index."""
        return NumberColumn(self.value[index], self.complete)


@dataclass(frozen=True, slots=True)
class TruthColumn:
    """Yes or no, as truth bytes."""

    value: Truths

    def take(self, index: NDArray[np.intp]) -> "TruthColumn":
        """The rows of an index."""
        return TruthColumn(self.value[index])


@dataclass(frozen=True, slots=True)
class TextColumn:
    """One of some texts: `code` indexes `texts`, -1 where unknown."""

    code: Codes
    texts: tuple[str, ...]

    def take(self, index: NDArray[np.intp]) -> "TextColumn":
        """The rows of an index."""
        return TextColumn(self.code[index], self.texts)


@dataclass(frozen=True, slots=True)
class SetColumn:
    """Several of some options: bit b of word w stands for option 64 w + b.

    `place` is the rank (0 first) of every option of a ranked list, -1 where it is not in it; None for other lists.
    """

    words: tuple[Words, ...]
    known: Bools
    options: tuple[str, ...]
    place: NDArray[np.int16] | None = None

    def take(self, index: NDArray[np.intp]) -> "SetColumn":
        """The rows of an index."""
        place = None if self.place is None else self.place[index]
        return SetColumn(tuple(word[index] for word in self.words), self.known[index], self.options, place)

    def holds(self, option: str) -> Bools:
        """Whether each row holds an option; False where unknown."""
        if option not in self.options:
            return np.zeros(len(self.known), dtype=np.bool_)
        word, bit = divmod(self.options.index(option), WORD_BITS)
        held: Bools = (self.words[word] & np.uint64(1 << bit)) != 0
        return held


Column = NumberColumn | TruthColumn | TextColumn | SetColumn


def column(kind: Kind, values: Sequence[object]) -> Column:
    """A column of record values (None: unknown) of one kind; what is no option of it (a machine's) is one here."""
    if kind.sort in ("number", "level"):
        numbers = [np.nan if v is None else float(v) for v in values]  # type: ignore[arg-type]
        return NumberColumn(np.array(numbers, dtype=np.float64), None not in values)
    if kind.sort in ("yes/no", "flag"):
        return TruthColumn(np.array([UNKNOWN if v is None else TRUE * bool(v) for v in values], dtype=np.int8))
    if kind.sort in SETS:
        return _set_column(kind, values)
    texts = tuple(dict.fromkeys((*kind.options, *(str(v) for v in values if v is not None))))
    code = {text: index for index, text in enumerate(texts)}
    return TextColumn(np.array([-1 if v is None else code[str(v)] for v in values], dtype=np.int32), texts)


def _set_column(kind: Kind, values: Sequence[object]) -> SetColumn:
    known = np.array([v is not None for v in values], dtype=np.bool_)
    held: list[tuple[str, ...]] = [() if v is None else tuple(v) for v in values]  # type: ignore[arg-type]
    options = tuple(dict.fromkeys(chain(kind.options, *held)))
    place = {option: index for index, option in enumerate(options)}
    masks = [reduce(lambda bits, option: bits | 1 << place[option], each, 0) for each in held]
    count = max(1, -(-len(options) // WORD_BITS))
    words = tuple(np.array([m >> WORD_BITS * w & _WORD for m in masks], dtype=np.uint64) for w in range(count))
    ranks = None
    if kind.sort == "ranked":
        ranks = np.full((len(held), len(options)), -1, dtype=np.int16)
        for row, each in enumerate(held):
            for rank, option in enumerate(each):
                ranks[row, place[option]] = rank
    return SetColumn(words, known, options, ranks)


def is_known(column: Column) -> Bools:
    """(n,) in which rows a column has an answer."""
    match column:
        case NumberColumn(value):
            numbered: Bools = ~np.isnan(value)
            return numbered
        case TruthColumn(truth):
            said: Bools = truth != UNKNOWN
            return said
        case TextColumn(code):
            coded: Bools = code >= 0
            return coded
        case SetColumn(_, known):
            return known


def mask(held: Sequence[bool]) -> tuple[np.uint64, ...]:
    """One bit for each truth value, in words."""
    bits = sum(1 << index for index, each in enumerate(held) if each)
    return tuple(np.uint64(bits >> start & _WORD) for start in range(0, len(held), WORD_BITS))


def bits(words: Sequence[Words], count: int) -> Bools:
    """(N, count) the first bits of some words, as truth values."""
    place = np.arange(count)
    chosen = np.stack(words, axis=1)[:, place // WORD_BITS]
    found: Bools = (chosen >> (place % WORD_BITS).astype(np.uint64) & np.uint64(1)).astype(np.bool_)
    return found


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of some projects, by name; a name without one is unknown in every row.

    `made` holds what has been evaluated on this sheet: each distinct part of any condition is evaluated once, so the
    columns of what has been evaluated must stay as they are.
    """

    rows: int
    columns: dict[str, Column]
    made: "dict[Evaluate, Truths]" = field(default_factory=dict)

    def all(self, truth: int) -> Truths:
        """The same truth in every row."""
        return np.full(self.rows, truth, dtype=np.int8)


Evaluate = Callable[[Sheet], Truths]
