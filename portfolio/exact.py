"""Sums and roundings in columns that come to the same bits as those of a single decision.

A decision adds with `math.fsum`, which rounds once. Here a sum carries what each addition rounds away and adds it at
the end (Ogita, Rump and Oishi, SIAM Journal on Scientific Computing 26(6), 2005, algorithm Sum2). Of n terms of one
sign the result is off by less than n^2 2^-106 of itself before its one rounding, so the two differ only where the true
sum lies that near to the middle between two floats: of sums of a hundred terms about one in 10^12. `rounded` is
Python's `round`, decided on the exact product (Dekker, Numerische Mathematik 18, 1971), not on its rounding.
"""

import numpy as np

from rules.compiled import Array
from rules.scoring import SUM_DECIMALS

SCALE = 10.0**SUM_DECIMALS
SPLITTER = 2.0**27 + 1.0


class Sum:
    """A running sum of arrays of one shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._whole = np.zeros(shape)
        self._lost = np.zeros(shape)

    def add(self, term: Array) -> None:
        """Add to every sum; without any order of size between sum and term (Knuth's TwoSum)."""
        whole = self._whole + term
        shadow = whole - self._whole
        self._lost += (self._whole - (whole - shadow)) + (term - shadow)
        self._whole = whole

    @property
    def total(self) -> Array:
        """The sums, rounded once."""
        found: Array = self._whole + self._lost
        return found


def rounded(numbers: Array) -> Array:
    """Numbers within [-1, 1] to 12 decimals as `round(number, 12)` gives them, without a negative zero."""
    size = np.abs(numbers)
    scaled, lost = _product(size)
    below = np.floor(scaled)
    beyond = (scaled - below - 0.5) + lost
    up = (beyond > 0) | ((beyond == 0) & (below % 2 == 1))
    found: Array = np.copysign((below + up) / SCALE, numbers) + 0.0
    return found


def _product(size: Array) -> tuple[Array, Array]:
    """(size x SCALE as floats multiply; what that rounding lost, exactly)."""
    scaled = size * SCALE
    high, low = _halves(size)
    top, bottom = _halves(np.float64(SCALE))
    return scaled, ((high * top - scaled) + high * bottom + low * top) + low * bottom


def _halves(number: Array | np.float64) -> tuple[Array, Array]:
    """A number as the sum of two with half the bits each (Veltkamp's splitting)."""
    spread = SPLITTER * number
    high = spread - (spread - number)
    return high, number - high  # type: ignore[return-value]
