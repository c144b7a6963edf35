"""Sums and roundings in columns have the bits of `math.fsum` and `round`."""

from math import fsum

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from portfolio.exact import Sum, rounded

UNIT = st.floats(0, 1, allow_subnormal=False)


PARTS = st.one_of(st.just(0.0), st.floats(2.0**-30, 1))  # shares of opinions; see the module on what is far smaller


@given(st.lists(st.lists(PARTS, min_size=3, max_size=3), min_size=1, max_size=60))
@example([[1.0, 1e-9, 0.1]] + [[2.0**-53, 1e-17, 0.1]] * 50)
def test_sums_are_rounded_once(terms: list[list[float]]) -> None:
    summed = Sum((3,))
    for term in terms:
        summed.add(np.array(term))
    assert summed.total.tolist() == [fsum(column) for column in zip(*terms, strict=True)]


def test_a_plain_sum_would_not_do() -> None:
    terms = [1.0, *[2.0**-53] * 8]
    assert sum(terms) != fsum(terms)


@given(st.lists(st.one_of(UNIT, st.integers(0, 10**12).map(lambda n: (n + 0.5) / 10**12)), min_size=1))
@example([1 / 8192, 3 / 8192, 0.5, 1.0, 0.0, 2.5e-12, 5e-13, 4.999e-13, 0.1234567890125, 1 - 2**-53])
def test_numbers_are_rounded_as_python_rounds(numbers: list[float]) -> None:
    both = [*numbers, *(-number for number in numbers)]
    found = rounded(np.array(both)).tolist()
    assert found == [round(number, 12) for number in both]
    assert not any(str(number).startswith("-0.0") and not number for number in found)
