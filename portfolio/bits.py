"""Bits of columns, 64 rows to a word: bit i of word w stands for row 64 w + i. Compiled by Numba.

Rows beyond the last are 0 in every plane that is made here; planes of several options lie one below the other.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from portfolio.compiling import compiled
from rules.conditions.columns import Bools, Words

ROWS = 64

# The place of the only bit of a word, by a de Bruijn sequence: Leiserson, Prokop and Randall, "Using de Bruijn
# sequences to index a 1 in a computer word", MIT, 1998.
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_INDEX = np.zeros(64, dtype=np.int64)
for _bit in range(64):
    _INDEX[(0x03F79D71B4CB0A89 << _bit & 0xFFFFFFFFFFFFFFFF) >> 58] = _bit


def words_for(rows: int) -> int:
    """How many words a plane of some rows has."""
    return -(-rows // ROWS)


@compiled(forceinline=True)
def lowest(word: Any) -> Any:
    """The place of the lowest bit of a word that is not 0."""
    return _INDEX[((word & (~word + np.uint64(1))) * DE_BRUIJN) >> np.uint64(58)]


@compiled()
def of_sets(words: NDArray[np.uint64], known: Bools, planes: Words) -> None:
    """Write the planes of the options of a set column, whose words are (words, N); `planes` begin as 0."""
    for part in range(words.shape[0]):
        base = part * 64
        for row in range(known.shape[0]):
            left = words[part, row]
            if left and known[row]:
                bit = np.uint64(1) << np.uint64(row & 63)
                while left:
                    planes[base + lowest(left), row >> 6] |= bit
                    left &= left - np.uint64(1)


@compiled()
def of_codes(code: NDArray[np.int32], planes: Words) -> None:
    """Write the planes of the texts of a column; `planes` begin as 0."""
    for row in range(code.shape[0]):
        if code[row] >= 0:
            planes[code[row], row >> 6] |= np.uint64(1) << np.uint64(row & 63)


def packed(holds: Bools) -> Words:
    """The plane of some truth values, by NumPy."""
    found = np.zeros(words_for(len(holds)) * 8, dtype=np.uint8)
    bytes_ = np.packbits(holds, bitorder="little")
    found[: len(bytes_)] = bytes_
    return found.view(np.uint64)


def unpacked(planes: Words, rows: int) -> Bools:
    """(N, m) the truth values of m planes."""
    held = np.unpackbits(planes.view(np.uint8), axis=1, count=rows, bitorder="little")
    return np.ascontiguousarray(held.T).view(np.bool_)


@compiled()
def stop(
    fails: Words,
    gates: NDArray[np.int16],
    start: NDArray[np.int64],
    candidates: NDArray[np.int64],
    called: Words,
    stopped: Words,
    first: NDArray[np.int16],
) -> None:
    """Write who is stopped, and for the rows called by which gate first.

    Args:
        fails: (G, words) where each part of a gate stops its candidates.
        gates: (G,) the gate that it is a part of, ascending.
        start: (G + 1,) where in `candidates` those of a part begin.
        candidates: the candidates of all parts, one after another.
        called: (words,) the rows to say it for.
        stopped: (K, words), begins as 0.
        first: (N, K), begins as -1.
    """
    for part in range(fails.shape[0]):
        for at in range(start[part], start[part + 1]):
            candidate = candidates[at]
            for word in range(fails.shape[1]):
                fresh = fails[part, word] & ~stopped[candidate, word]
                if fresh:
                    stopped[candidate, word] |= fresh
                    fresh &= called[word]
                    while fresh:
                        first[word * 64 + lowest(fresh), candidate] = gates[part]
                        fresh &= fresh - np.uint64(1)
