"""Pruning by cost and complexity: from a tree that was grown too large, the nested smaller ones that are best for it.

Breiman, Friedman, Olshen, Stone, Classification and Regression Trees, 1984, chapter 3: with the cost
R(T) + alpha * leaves(T), R being the number of wrong rows, every alpha has a smallest best subtree, and as alpha grows
they are nested. It is found by cutting the weakest link again and again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]
NONE = -1


@dataclass(frozen=True, slots=True)
class Grown:
    """A binary tree in arrays of M nodes, the root first and parents before children.

    Attributes:
        no: (M,) the child for rows of which the feature does not hold; -1 at a leaf.
        yes: (M,) the child for the others; -1 at a leaf.
        feature: (M,) the column that a node asks about; of no meaning at a leaf.
        counts: (M, K) training rows of each class.
    """

    no: Index
    yes: Index
    feature: Index
    counts: NDArray[np.float64]

    @property
    def wrong(self) -> NDArray[np.float64]:
        """(M,) training rows that are not of a node's most frequent class."""
        missed: NDArray[np.float64] = self.counts.sum(axis=1) - self.counts.max(axis=1)
        return missed


@dataclass(frozen=True, slots=True)
class Pruned:
    """One of the nested trees, best from its alpha to that of the next; `asks` are its (M,) inner nodes."""

    alpha: float
    asks: NDArray[np.bool_]

    @property
    def leaves(self) -> int:
        """How many ends it has."""
        return int(self.asks.sum()) + 1


def nested(tree: Grown) -> list[Pruned]:
    """The nested best trees, largest first, down to the root alone; alpha is in rows."""
    asks = tree.no != NONE
    found: list[Pruned] = []
    alpha = 0.0
    while True:
        cost, ends = _below(tree, asks)
        link = np.full(len(asks), np.inf)
        link[asks] = (tree.wrong[asks] - cost[asks]) / (ends[asks] - 1)
        if not asks.any() or link.min() > alpha:
            found.append(Pruned(alpha, asks.copy()))
            if not asks.any():
                return found
            alpha = float(link.min())
        asks = _cut(tree, asks & (link > alpha))


def _below(tree: Grown, asks: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(M,) wrong rows and leaves below each node."""
    cost, ends = tree.wrong.copy(), np.ones(len(asks))
    for node in np.flatnonzero(asks)[::-1].tolist():
        children = [tree.no[node], tree.yes[node]]
        cost[node], ends[node] = cost[children].sum(), ends[children].sum()
    return cost, ends


def _cut(tree: Grown, asks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is still reached from the root."""
    reached = np.zeros(len(asks), dtype=np.bool_)
    reached[0] = True
    for node in np.flatnonzero(asks).tolist():
        if reached[node]:
            reached[[tree.no[node], tree.yes[node]]] = True
    return asks & reached


def ends(tree: Grown, asks: NDArray[np.bool_], rows: NDArray[np.bool_]) -> Index:
    """(N,) the leaf that each row comes to; `rows` is (N, features)."""
    at = np.zeros(len(rows), dtype=np.intp)
    while (walking := asks[at]).any():
        held = rows[walking, tree.feature[at[walking]]]
        at[walking] = np.where(held, tree.yes[at[walking]], tree.no[at[walking]])
    return at
