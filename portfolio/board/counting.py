"""Small helpers for what is gathered over many tables: the worst few, and quantiles of whole numbers."""

import heapq
from collections.abc import Sequence
from itertools import count
from typing import Generic, TypeVar

import numpy as np

from portfolio.board.table import UNITS, Units
from rules.conditions.columns import Bools

Item = TypeVar("Item")
SHARES = (0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


def more(so_far: int | None, found: Bools | None) -> int | None:
    """A count with those found in another table added; None, not known, once one table does not say."""
    return None if so_far is None or found is None else so_far + int(found.sum())


class Worst(Generic[Item]):
    """The items with the greatest keys, of as many as come; of equals those that came first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: list[tuple[tuple[float, ...], int, Item]] = []
        self._number = count()

    def least(self) -> float:
        """What the first part of a key must reach to have a chance; minus infinity while there is room."""
        return self._held[0][0][0] if len(self._held) == self._most else float("-inf")

    def add(self, key: tuple[float, ...], item: Item) -> None:
        """Keep an item if it is among the greatest."""
        entry = (key, -next(self._number), item)
        if len(self._held) < self._most:
            heapq.heappush(self._held, entry)
        elif self._most and entry[:2] > self._held[0][:2]:
            heapq.heapreplace(self._held, entry)

    def listed(self) -> list[Item]:
        """The items, greatest first."""
        return [item for _, _, item in sorted(self._held, key=lambda e: e[:2], reverse=True)]


class Spread:
    """How whole numbers from 0 to `UNITS` are spread, by weight; exact, in constant memory."""

    def __init__(self) -> None:
        self._weight = np.zeros(UNITS + 1, dtype=np.int64)

    def add(self, values: Units, weights: Units) -> None:
        """More values, with their weights."""
        np.add.at(self._weight, values, weights)

    def quantiles(self, shares: Sequence[float] = SHARES) -> dict[str, float]:
        """The least value that holds each share of the weight at or below it, as a share of `UNITS`."""
        below = np.cumsum(self._weight)
        whole = int(below[-1])
        if not whole:
            return {}
        places = np.searchsorted(below, np.array([share * whole for share in shares]) * (1 - 1e-12))
        return {f"{share:g}": int(place) / UNITS for share, place in zip(shares, places, strict=True)}
