"""Rows that are alike found by hashing, and texts put together from pieces. Compiled by Numba."""

import numpy as np
from numpy.typing import NDArray

from portfolio.compiling import compiled
from rules.conditions.columns import Words

# Multipliers of the finaliser of SplitMix64: Steele, Lea and Flood, OOPSLA 2014.
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@compiled()
def intern(words: Words, table: NDArray[np.int32], code: NDArray[np.int32], first: NDArray[np.intp]) -> int:
    """How many rows are distinct, with their places; the table is open, of a power of two."""
    count = 0
    mask = np.uint64(table.shape[0] - 1)
    for row in range(words.shape[0]):
        mixed = np.uint64(0)
        for at in range(words.shape[1]):
            mixed = (mixed ^ words[row, at]) * FIRST
            mixed = (mixed ^ (mixed >> np.uint64(29))) * SECOND
        slot = (mixed ^ (mixed >> np.uint64(32))) & mask
        while True:
            other = table[slot]
            if other < 0:
                table[slot] = count
                first[count] = row
                code[row] = count
                count += 1
                break
            alike = True
            for at in range(words.shape[1]):
                if words[row, at] != words[first[other], at]:
                    alike = False
                    break
            if alike:
                code[row] = other
                break
            slot = (slot + np.uint64(1)) & mask
    return count


@compiled()
def join(
    chosen: NDArray[np.int32], start: NDArray[np.int64], pieces: NDArray[np.uint8], out: NDArray[np.uint8]
) -> None:
    """Write the pieces that each row chooses, -1 for none, one after another."""
    at = 0
    for row in range(chosen.shape[0]):
        for column in range(chosen.shape[1]):
            piece = chosen[row, column]
            if piece >= 0:
                size = start[piece + 1] - start[piece]
                out[at : at + size] = pieces[start[piece] : start[piece + 1]]
                at += size


@compiled()
def spread(
    codes: NDArray[np.int16], place: NDArray[np.uint32], start: NDArray[np.int64], said: NDArray[np.uint32]
) -> None:
    """Write the text of every code that is not -1, one after another, and where those of each row begin."""
    count = 0
    for row in range(codes.shape[0]):
        for column in range(codes.shape[1]):
            code = codes[row, column]
            if code >= 0:
                said[count] = place[column, code]
                count += 1
        start[row + 1] = count
