"""Columns put together from arrays and from other columns, and read back row by row.

What conditions make of columns is `rules.conditions.columns`' business.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rules.conditions.columns import (
    TRUE,
    UNKNOWN,
    WORD_BITS,
    Bools,
    Column,
    NumberColumn,
    SetColumn,
    TextColumn,
    TruthColumn,
)


def held(chosen: Bools, known: Bools, options: tuple[str, ...], place: NDArray[np.int16] | None = None) -> SetColumn:
    """A column of sets from (N, options) whether each is chosen; where a row is not known, nothing may be."""
    packed = np.packbits(chosen, axis=1, bitorder="little")
    words = np.zeros((len(known), WORD_BITS // 8 * max(1, -(-len(options) // WORD_BITS))), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    whole = words.view("<u8").astype(np.uint64)
    return SetColumn(tuple(np.ascontiguousarray(word) for word in whole.T), known, options, place)


def join(parts: Sequence[Column]) -> Column:
    """Columns of one question, one below the other."""
    first = parts[0]
    if isinstance(first, NumberColumn):
        return NumberColumn(np.concatenate([p.value for p in parts if isinstance(p, NumberColumn)]))
    if isinstance(first, TruthColumn):
        return TruthColumn(np.concatenate([p.value for p in parts if isinstance(p, TruthColumn)]))
    if isinstance(first, TextColumn):
        return TextColumn(np.concatenate([p.code for p in parts if isinstance(p, TextColumn)]), first.texts)
    sets = [p for p in parts if isinstance(p, SetColumn)]
    words = tuple(np.concatenate(word) for word in zip(*(p.words for p in sets), strict=True))
    places = [p.place for p in sets if p.place is not None]
    known = np.concatenate([p.known for p in sets])
    return SetColumn(words, known, first.options, np.concatenate(places) if places else None)


def value(column: Column, row: int) -> object:
    """One value of a column as JSON has it: a list, a text, a number or a truth value; None where unknown."""
    match column:
        case NumberColumn(numbers):
            return None if np.isnan(numbers[row]) else float(numbers[row])
        case TruthColumn(truth):
            return None if truth[row] == UNKNOWN else bool(truth[row] == TRUE)
        case TextColumn(code, texts):
            return None if code[row] < 0 else texts[code[row]]
        case SetColumn(words, known, options, place):
            if not known[row]:
                return None
            if place is not None:
                ranks = place[row].tolist()
                return [options[i] for i in sorted(range(len(options)), key=ranks.__getitem__) if ranks[i] >= 0]
            bits = [int(word[row]) for word in words]
            return [o for i, o in enumerate(options) if bits[i // WORD_BITS] >> i % WORD_BITS & 1]
