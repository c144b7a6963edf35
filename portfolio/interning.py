"""Rows that are alike, found once: so that what is said of them is said once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def distinct(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """((D, m) the distinct rows of an (N, m) array in the order in which they first stand; (N,) which each row is)."""
    if not len(rows) or not rows.shape[1]:
        return rows[:1], np.zeros(len(rows), dtype=np.intp)
    packed = np.packbits(rows, axis=1) if rows.dtype == np.bool_ else rows
    _, first, inverse = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return rows[first[order]], place[inverse.ravel()]
