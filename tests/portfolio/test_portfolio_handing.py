"""Lists laid end to end are the same lists to Polars, and what was lent is given back."""

import gc

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio import handing
from portfolio.handing import listed
from portfolio.interning import MANY_ROWS

TEXTS = pl.Enum(["a", "größer", "", "x" * 300])
COLUMNS = 3


@settings(deadline=None)  # Numba compiles
@given(st.lists(st.lists(st.integers(-1, 1), min_size=COLUMNS, max_size=COLUMNS), max_size=40), st.booleans())
def test_each_row_has_the_texts_of_its_codes(rows: list[list[int]], many: bool) -> None:
    rows = rows * (MANY_ROWS // len(rows) + 1) if many and rows else rows
    codes = np.array(rows, dtype=np.int16).reshape(-1, COLUMNS)
    place = np.array([[0, 1], [3, 0], [2, 2]])
    found = listed("said", codes, place, TEXTS)
    texts = TEXTS.categories.to_list()
    wanted = [[texts[place[k, code]] for k, code in enumerate(row) if code >= 0] or None for row in rows]
    assert (found.name, found.dtype, found.to_list()) == ("said", pl.List(TEXTS), wanted)


def test_what_was_lent_is_given_back() -> None:
    start, flat = np.array([0, 2, 2, 3]), np.array([0, 1, 3], dtype=np.uint32)
    made = handing.lists("said", start, flat, np.array([True, False, True]), TEXTS)
    del start, flat
    gc.collect()
    part = made[1:]
    del made
    gc.collect()
    assert part.to_list() == [None, ["x" * 300]]
    del part
    gc.collect()
    assert handing._held == {}


def test_what_nobody_takes_is_given_back() -> None:
    lent = handing._Lent(np.array([0, 1]), np.array([0], dtype=np.uint32), np.array([True]))
    capsules = lent.__arrow_c_array__()
    assert len(handing._held) == 2
    del capsules
    gc.collect()
    assert handing._held == {}
