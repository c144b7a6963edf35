"""Texts told apart by their views, and lists of options as bits, row by row. Compiled by Numba."""

import numpy as np
from numpy.typing import NDArray

from portfolio.compiling import compiled
from rules.conditions.columns import Bools, Words

Codes = NDArray[np.uint8]

SHORT = 12  # bytes of a text that stands in its view
MOST = 128  # distinct texts that are told apart
_SLOTS = 1024
# Multipliers of the finaliser of SplitMix64: see `portfolio.hashing`.
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@compiled()
def tell_apart(  # noqa: C901 - calls within cost more than what they do
    views: Words, held: NDArray[np.uint8], begin: NDArray[np.int64], valid: Bools, code: Codes, first: NDArray[np.int64]
) -> int:
    """How many texts are distinct, -1 where more than `MOST`; where each is met first, and the code of every text.

    Args:
        views: (N, 2) length, and the text itself or its first four bytes, its buffer and its place there.
        held: the buffers of long texts one after another, which begin at `begin`.
        valid: (N,) which texts are not null; the code of these is the number of distinct ones.
        code: (N,) is written.
        first: (MOST,) is written.
    """
    table = np.full(_SLOTS, -1, dtype=np.int64)
    where = np.zeros(MOST, dtype=np.int64)
    count = 0
    for at in range(code.shape[0]):
        if not valid[at]:
            code[at] = MOST
            continue
        one, other = views[at, 0], views[at, 1]
        size = np.int64(one & np.uint64(0xFFFFFFFF))
        start = 0
        if size > SHORT:
            start = begin[other & np.uint64(0xFFFFFFFF)] + np.int64(other >> np.uint64(32))
            other = np.uint64(0)
            for place in range(start + size - 8, start + size):
                other = other << np.uint64(8) | np.uint64(held[place])
        slot = (((one * _FIRST) ^ other) * _SECOND) >> np.uint64(54)
        while True:
            found = table[slot]
            if found < 0:
                if count == MOST:
                    return -1
                table[slot], first[count], where[count], code[at] = count, at, start, count
                count += 1
                break
            alike = views[first[found], 0] == one
            if alike and size <= SHORT:
                alike = views[first[found], 1] == other
            elif alike:
                for place in range(4, size):
                    if held[start + place] != held[where[found] + place]:
                        alike = False
                        break
            if alike:
                code[at] = found
                break
            slot = (slot + np.uint64(1)) & np.uint64(_SLOTS - 1)
    for at in range(code.shape[0]):
        if code[at] == MOST:
            code[at] = count
    return count


@compiled()
def mark(
    start: NDArray[np.int64],
    code: Codes,
    meant: NDArray[np.int64],
    alone: Words,
    most: int,
    words: Words,
    good: Bools,
    place: NDArray[np.int16],
) -> None:
    """Write lists of options as bits where these may stand together.

    Args:
        start: (N + 1,) where the values of a row begin.
        code: the values, of which `meant` says which option each code is, -1 for none.
        alone: (words,) the options that stand alone.
        most: values that a list has at most.
        words: (words, N), begins as 0.
        good: (N,) which lists were all options that may stand together; begins as False.
        place: (N, options) the rank of each, begins as -1; no rows where lists are not ranked.
    """
    for row in range(good.shape[0]):
        size = start[row + 1] - start[row]
        if size == 0 or size > most:
            continue
        distinct = 0
        fine, single = True, False
        for at in range(start[row], start[row + 1]):
            option = meant[code[at]]
            if option < 0:
                fine = False
                break
            word, bit = option >> 6, np.uint64(1) << np.uint64(option & 63)
            distinct += 0 if words[word, row] & bit else 1
            words[word, row] |= bit
            single |= alone[word] & bit != 0
        if fine and not (single and distinct != 1) and (place.shape[0] == 0 or distinct == size):
            good[row] = True
            if place.shape[0]:
                for at in range(start[row], start[row + 1]):
                    place[row, meant[code[at]]] = at - start[row]
        else:
            for word in range(words.shape[0]):
                words[word, row] = 0
