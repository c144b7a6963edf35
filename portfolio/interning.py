"""Rows that are alike, found once: so that what is said of them is said once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.conditions.columns import Words

MANY_ROWS = 1000  # where loading what Numba compiled pays


def distinct(rows: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """(the places of the D rows of an (N, m) array that are like none before them; (N,) which of the D each row is)."""
    words = _words(rows)
    if len(words) < MANY_ROWS:
        _, first, inverse = np.unique(words, axis=0, return_index=True, return_inverse=True)
        place = np.empty(len(first), dtype=np.int32)
        place[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
        return np.sort(first), place[inverse.ravel()]
    from portfolio import compiling, hashing  # Numba takes a second to load

    compiling.remember()
    size = 1 << (2 * len(words)).bit_length()
    code, first = np.empty(len(words), dtype=np.int32), np.empty(len(words), dtype=np.intp)
    count = hashing.intern(words, np.full(size, -1, dtype=np.int32), code, first)
    return first[:count], code


def _words(rows: NDArray[Any]) -> Words:
    """(N, any) the bytes of rows, filled up with zeros to words."""
    width = rows.itemsize * rows.shape[1]
    held = np.zeros((len(rows), max(1, -(-width // 8)) * 8), dtype=np.uint8)
    if len(rows) and width:
        held[:, :width] = np.ascontiguousarray(rows).view(np.uint8)
    return held.view(np.uint64)


def joined(chosen: NDArray[np.int32], pieces: list[str], between: str = "; ") -> list[str]:
    """A text for each row: the pieces that it chooses by index, -1 for none, with something between them."""
    if len(chosen) < MANY_ROWS:
        return [between.join(pieces[piece] for piece in row if piece >= 0) for row in chosen.tolist()]
    from portfolio import compiling, hashing  # Numba takes a second to load

    compiling.remember()
    encoded = [(piece + between).encode() for piece in pieces]
    length = np.array([*map(len, encoded), 0])  # the last is what -1 chooses
    start = np.cumsum([0, *length[:-1]])
    ends = np.cumsum(length[chosen].sum(axis=1))
    out = np.empty(int(ends[-1]), dtype=np.uint8)
    hashing.join(chosen, start, np.frombuffer(b"".join(encoded), dtype=np.uint8), out)
    whole, less = memoryview(out), len(between.encode())  # type: ignore[arg-type]
    begins = np.concatenate([[0], ends[:-1]])
    return [
        str(whole[begin:end], "utf-8")
        for begin, end in zip(begins.tolist(), np.maximum(begins, ends - less).tolist(), strict=True)
    ]
