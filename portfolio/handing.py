"""Lists of codes handed to Polars where they lie in memory, by the Arrow C data interface.

https://arrow.apache.org/docs/format/CDataInterface.html. Polars has no constructor for lists that have been laid end
to end already; grouping them by their rows costs as much as scoring a role.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from portfolio.interning import MANY_ROWS
from rules.conditions.columns import Bools

POINTER = ctypes.c_void_p


class Array(ctypes.Structure):
    """`ArrowArray`."""


class Schema(ctypes.Structure):
    """`ArrowSchema`."""


Array._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
    ("buffers", ctypes.POINTER(POINTER)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", POINTER),
    ("release", POINTER),
    ("private_data", POINTER),
]
Schema._fields_ = [
    *((name, ctypes.c_char_p) for name in ("format", "name", "metadata")),
    *((name, ctypes.c_int64) for name in ("flags", "n_children")),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", POINTER),
    ("release", POINTER),
    ("private_data", POINTER),
]
_NULLABLE = 2
_held: dict[int, object] = {}  # what is lent, by the address that it is given back with


def _given_back(lent: Any) -> None:
    lent.contents.release = None
    _held.pop(lent.contents.private_data, None)  # last: what is lent may be the memory that is freed


_array_back = ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))(_given_back)
_schema_back = ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))(_given_back)


def _unwanted(capsule: Any) -> None:
    """Gives back what nobody has taken out of a capsule; a schema is only looked at."""
    kind = Array if _name(capsule) == _ARRAY else Schema
    lent = kind.from_address(_pointer(capsule, _name(capsule)))
    if lent.release:
        _given_back(ctypes.pointer(lent))


_ARRAY, _SCHEMA = b"arrow_array", b"arrow_schema"
_new = ctypes.PYFUNCTYPE(ctypes.py_object, POINTER, ctypes.c_char_p, POINTER)(("PyCapsule_New", ctypes.pythonapi))
_name = ctypes.PYFUNCTYPE(ctypes.c_char_p, POINTER)(("PyCapsule_GetName", ctypes.pythonapi))
_pointer = ctypes.PYFUNCTYPE(POINTER, POINTER, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
_end = ctypes.PYFUNCTYPE(None, POINTER)(_unwanted)


class _Lent:
    """What `pl.Series` takes lists from."""

    def __init__(self, start: NDArray[np.int64], flat: NDArray[np.uint32], known: Bools) -> None:
        self._arrays = start, flat, np.packbits(known, bitorder="little")

    def __arrow_c_array__(self, _: object = None) -> tuple[object, object]:
        """(schema, array), each in a capsule."""
        start, flat, known = self._arrays
        inner = _array(len(flat), (None, flat), ())
        lists = _array(len(start) - 1, (known, start), (inner,))
        return _capsule(_schema(b"+L", _schema(b"I")), _SCHEMA), _capsule(lists, _ARRAY)


def listed(name: str, codes: NDArray[np.integer[Any]], place: NDArray[np.integer[Any]], texts: pl.Enum) -> pl.Series:
    """A list of texts for every row, null where there is none.

    Args:
        name: of the column.
        codes: (N, K), -1 where column k of a row says nothing.
        place: (K, G) which text column k says by each code.
        texts: all texts.
    """
    start, said = _spread(codes, place.astype(np.uint32))
    return lists(name, start, said, np.diff(start) > 0, texts)


def _spread(codes: NDArray[np.integer[Any]], place: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """((N + 1,) where the texts of a row begin; (L,) all of them)."""
    if len(codes) < MANY_ROWS:
        row, column = np.nonzero(codes >= 0)
        return np.searchsorted(row, np.arange(len(codes) + 1)).astype(np.int64), place[column, codes[row, column]]
    from portfolio import compiling, hashing  # Numba takes a second to load

    compiling.remember()
    start, said = np.zeros(len(codes) + 1, dtype=np.int64), np.empty(codes.size, dtype=np.uint32)
    hashing.spread(codes, place, start, said)
    return start, said[: start[-1]]


def lists(name: str, start: NDArray[np.int64], flat: NDArray[np.uint32], known: Bools, texts: pl.Enum) -> pl.Series:
    """N lists of texts: those of row i are told by `flat` from `start[i]` to `start[i + 1]`, null where not `known`."""
    codes = pl.Series(_Lent(start, flat, known))
    return codes.list.eval(pl.element().cat.to(texts)).alias(name)


def _array(length: int, buffers: Sequence[NDArray[Any] | None], children: Sequence[Array]) -> Array:
    places = (POINTER * len(buffers))(*(None if each is None else each.ctypes.data for each in buffers))
    inner = (ctypes.POINTER(Array) * len(children))(*map(ctypes.pointer, children))
    back = ctypes.cast(_array_back, POINTER)
    made = Array(length, -1 if buffers[0] is not None else 0, 0, 2, len(children), places, inner, None, back, None)
    made.with_it = buffers, children  # whoever holds it holds these
    return made


def _schema(form: bytes, *children: Schema) -> Schema:
    inner = (ctypes.POINTER(Schema) * len(children))(*map(ctypes.pointer, children))
    back = ctypes.cast(_schema_back, POINTER)
    made = Schema(form, b"", None, _NULLABLE, len(children), inner, None, back, None)
    made.with_it = children
    return made


def _capsule(made: Any, name: bytes) -> object:
    made.private_data = ctypes.addressof(made)
    _held[made.private_data] = made
    return _new(ctypes.addressof(made), name, _end)
