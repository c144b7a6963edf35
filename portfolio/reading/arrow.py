"""Columns of texts and of lists of texts, told apart where they lie in memory: without a copy, a few texts looked at.

By the Arrow C data and stream interfaces (https://arrow.apache.org/docs/format/CDataInterface.html). A text is a view
there, 16 bytes: its length and either the text itself or where it stands. Where there are more distinct texts than a
code tells apart, nothing is said.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from portfolio.compiling import remember
from portfolio.handing import POINTER, Array
from portfolio.reading import telling
from rules.conditions.columns import Bools

_Get = ctypes.CFUNCTYPE(ctypes.c_int, POINTER, POINTER)
_Release = ctypes.CFUNCTYPE(None, POINTER)


class _Stream(ctypes.Structure):
    """`ArrowArrayStream`; releases itself with the capsule that it comes in."""

    _fields_ = (("get_schema", _Get), ("get_next", _Get))


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """N texts: `texts[code[i]]`, null where the code is the number of texts."""

    code: NDArray[np.uint8]
    texts: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """N lists of texts: those of row i are `flat` from `start[i]` to `start[i + 1]`; `known` where there is a list."""

    start: NDArray[np.int64]
    known: Bools
    flat: Coded


def coded(column: pl.Series) -> Coded | None:
    """A column of `pl.String`."""
    with _borrowed(column) as array:
        return _told_apart(array)


def lists(column: pl.Series) -> Lists | None:
    """A column of `pl.List(pl.String)`."""
    with _borrowed(column) as array:
        start = _at(array.buffers[1], 8 * (array.offset + array.length + 1)).view(np.int64)[array.offset :].copy()
        flat = _told_apart(array.children[0].contents, int(start[0]), int(start[-1]))
        return Lists(start - start[0], _valid(array, 0, array.length), flat) if flat else None


@contextmanager
def _borrowed(column: pl.Series) -> Iterator[Any]:
    """A column in one piece, for as long as it is looked at."""
    capsule = column.rechunk().__arrow_c_stream__()
    find = ctypes.pythonapi.PyCapsule_GetPointer
    find.restype, find.argtypes = POINTER, (ctypes.py_object, ctypes.c_char_p)
    stream = _Stream.from_address(find(capsule, b"arrow_array_stream"))
    array = Array()
    if stream.get_next(ctypes.addressof(stream), ctypes.addressof(array)):
        raise MemoryError("a column of texts cannot be looked at")
    try:
        yield array
    finally:
        _Release(array.release)(ctypes.addressof(array))


def _at(address: int | None, size: int) -> NDArray[np.uint8]:
    return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address or 0)) if size else _NOTHING


_NOTHING = np.zeros(0, dtype=np.uint8)


def _valid(array: Any, start: int, end: int) -> Bools:
    """Which values from `start` to `end` are not null."""
    if not array.buffers[0]:
        return np.ones(end - start, dtype=np.bool_)
    held = np.unpackbits(_at(array.buffers[0], -(-(array.offset + end) // 8)), bitorder="little")
    return held[array.offset + start : array.offset + end].view(np.bool_)


def _told_apart(array: Any, start: int = 0, end: int | None = None) -> Coded | None:
    remember()
    last = array.length if end is None else end
    views = _at(array.buffers[1], 16 * (array.offset + last)).view(np.uint64).reshape(-1, 2)[array.offset + start :]
    sizes = _at(array.buffers[array.n_buffers - 1], 8 * (array.n_buffers - 3)).view(np.int64)
    buffers = [_at(array.buffers[2 + place], size) for place, size in enumerate(sizes.tolist())]
    held = buffers[0] if len(buffers) == 1 else np.concatenate([_NOTHING, *buffers])
    begin = np.cumsum([0, *sizes])
    code, first = np.empty(last - start, dtype=np.uint8), np.empty(telling.MOST, dtype=np.int64)
    count = telling.tell_apart(views, held, begin, _valid(array, start, last), code, first)
    return Coded(code, [_text(view, held, begin) for view in views[first[:count]]]) if count >= 0 else None


def _text(view: NDArray[np.uint64], held: NDArray[np.uint8], begin: NDArray[np.int64]) -> str:
    size, _, buffer, offset = view.view(np.int32).tolist()
    if size <= telling.SHORT:
        return view.tobytes()[4 : 4 + size].decode()
    return held[begin[buffer] + offset :][:size].tobytes().decode()
