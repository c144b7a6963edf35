"""Amounts of memory: a low, a typical and a high value, for one model or for a column of them.

Every formula here is plain arithmetic, so that it says the same of a number and of an array of numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

GIB = 2**30
MIB = 2**20
SMALL = 0.1  # GiB: less is told in a smaller unit

Quantity: TypeAlias = float | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Span:
    """An amount with its interval: low <= typical <= high, each a number or an array."""

    low: Quantity
    typical: Quantity
    high: Quantity

    def __add__(self, other: "Span") -> "Span":
        """The sum, bound by bound: the amounts are not independent."""
        return Span(self.low + other.low, self.typical + other.typical, self.high + other.high)

    def __mul__(self, other: "Span | Quantity") -> "Span":
        """The product with another amount or with a number, none of them negative."""
        by = other if isinstance(other, Span) else exactly(other)
        return Span(self.low * by.low, self.typical * by.typical, self.high * by.high)

    def __truediv__(self, number: Quantity) -> "Span":
        """A share of it."""
        return Span(self.low / number, self.typical / number, self.high / number)


def exactly(amount: Quantity) -> Span:
    """An amount that is known."""
    return Span(amount, amount, amount)


NOTHING = exactly(0.0)


def total(spans: Sequence[Span]) -> Span:
    """The sum of several amounts."""
    found = NOTHING
    for span in spans:
        found = found + span
    return found


def said(amount: float) -> str:
    """Bytes as people say them, with three figures: `512 B`, `413 MiB`, `14.9 GiB`."""
    for size, unit in ((2**40, "TiB"), (GIB, "GiB"), (MIB, "MiB"), (2**10, "KiB")):
        if amount >= size * 0.9995:
            return f"{figures(amount / size)} {unit}"
    return f"{figures(amount)} B"


def figures(number: float) -> str:
    """A number with three figures, and without an exponent or digits that are not known."""
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    text = f"{number:.3g}"
    return text if "e" not in text else f"{number:.2f}"


def said_gib(gib: Sequence[float]) -> str:
    """An interval of GiB (low, typical, high), in a smaller unit where all of it is small."""
    span = Span(*(each * GIB for each in gib))
    if span.high < SMALL * GIB:
        return said_between(span)
    low, high = (f"{each:,.0f}" if each >= 1000 else f"{each:.3g}" for each in (gib[0], gib[2]))
    return f"{low if low == high else f'{low} to {high}'} GiB"


def said_between(span: Span) -> str:
    """An interval as people say it; one amount where both ends are said alike."""
    low, high = said(float(span.low)), said(float(span.high))
    if low == high:
        return low
    if low.split()[1] == high.split()[1]:
        low = low.split()[0]
    return f"{low} to {high}"
