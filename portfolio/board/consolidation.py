"""Consolidation: for k = 1, 2, 3 ... the k frameworks that serve a portfolio with the least value lost.

Of all sets of k members the best leaves the fewest projects without any allowed framework (by weight, where projects
have weights), then loses the least summed score, and of those that are equal in both comes first in the alphabet. A
project loses the difference between its best score and the best that the set still allows it, and all of its score
where the set allows it nothing. Projects that may use no framework at all are told of and left out.

With up to `DENSE_MEMBERS` members every set is looked at, for every k at once. With more, every set of k while there
are few of them, and beyond that a solver with its bound (`portfolio.board.solver`). What is not proven the best is
never told to be so: `Best.bound` says how much better a set could still be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from portfolio.board import solver, terms
from portfolio.board.table import Units
from portfolio.board.terms import DENSE_MEMBERS, Terms

ENUMERATED = 2_000_000_000  # sets x terms that are looked at one by one, some seconds' work
ONE_SET = 5_000  # terms: what a set costs, however few terms there are
EVERY_SET, EVERY_SET_OF_SIZE, SOLVER = "every set", "every set of this size", "solver"


@dataclass(frozen=True, slots=True)
class Best:
    """The best set of k members.

    Attributes:
        members: the set, sorted.
        unserved: weight of the projects it leaves without an allowed framework, in `WEIGHT_UNITS`.
        loss: the value it loses, in `UNITS` x `WEIGHT_UNITS`.
        method: how it was found.
        bound: no set can be below (unserved, loss) of this; None where the set is proven the best.
        equals: how many other sets are as good; None where they were not counted.
        next: the best set that is worse, with what it leaves unserved and loses; None where there is none or it was not
            looked for.
    """

    members: tuple[str, ...]
    unserved: int
    loss: int
    method: str
    bound: tuple[int, int] | None
    equals: int | None
    next: "tuple[tuple[str, ...], int, int] | None"


def best(found: Terms, up_to: int, dense_members: int = DENSE_MEMBERS, enumerated: int = ENUMERATED) -> list[Best]:
    """The best sets of 1, 2, 3 ... members, up to `up_to` or the first that loses nothing.

    Args:
        found: what sets lose.
        up_to: the greatest k, at least 1.
        dense_members, enumerated: from where on the next way is taken.
    """
    size = len(found.members)
    if size <= dense_members:
        every = _Every(terms.every_set(found.unserved, size), terms.every_set(found.loss, size), found)
        sets: Iterable[Best] = (every.best(k) for k in range(1, min(up_to, size) + 1))
    else:
        sets = (_of_many(found, k, enumerated) for k in range(1, min(up_to, size) + 1))
    listed: list[Best] = []
    for each in sets:
        listed.append(each)
        if not each.unserved and not each.loss:
            break
    return listed


class _Every:
    """All sets by mask, with what they leave unserved and lose."""

    def __init__(self, unserved: Units, loss: Units, found: Terms) -> None:
        self._unserved, self._loss, self._found = unserved, loss, found
        self._sizes = np.bitwise_count(np.arange(len(loss), dtype=np.uint64))

    def best(self, k: int) -> Best:
        masks = np.flatnonzero(self._sizes == k)
        return _first(masks, self._unserved[masks], self._loss[masks], self._found.members, EVERY_SET)


def _first(masks: Units, unserved: Units, loss: Units, members: Sequence[str], method: str) -> Best:
    """The best of some sets of a size, with the next best."""
    fewest = unserved == unserved.min()
    least = int(loss[fewest].min())
    equal = fewest & (loss == least)
    chosen = masks[equal].max()  # the first in the alphabet
    worse = None
    if not equal.all():
        rest = np.flatnonzero(~equal)
        order = np.lexsort((-masks[rest], loss[rest], unserved[rest]))
        at = int(rest[order[0]]) if len(rest) else 0
        worse = (terms.names_of(int(masks[at]), members), int(unserved[at]), int(loss[at]))
    named = terms.names_of(int(chosen), members)
    return Best(named, int(unserved[fewest][0]), least, method, None, int(equal.sum()) - 1, worse)


def _of_many(found: Terms, k: int, enumerated: int) -> Best:
    """The best set of k of many members: every set of that size where they are few, else the solver's."""
    size = len(found.members)
    if comb(size, k) * (ONE_SET + len(found.loss.mask) + len(found.unserved.mask)) > enumerated:
        return _solved(found, k)
    masks = np.array([terms.mask_of(each, size) for each in combinations(range(size), k)], dtype=np.int64)
    unserved = np.array([found.unserved(int(mask)) for mask in masks], dtype=np.int64)
    loss = np.array([found.loss(int(mask)) for mask in masks], dtype=np.int64)
    listed = _first(masks, unserved, loss, found.members, EVERY_SET_OF_SIZE)
    if not found.loss.left_out and not found.unserved.left_out:
        return listed
    # What was left out may be lost too: up to all of it by this set, none of it by another.
    above = (listed.unserved + found.unserved.left_out, listed.loss + found.loss.left_out)
    return Best(listed.members, *above, listed.method, (listed.unserved, listed.loss), None, None)


def _solved(found: Terms, k: int) -> Best:
    chosen, bound = solver.solve(found, k)
    mask = terms.mask_of(chosen, len(found.members))
    reached = (
        found.unserved(mask) + found.unserved.left_out,
        found.loss(mask) + found.loss.left_out,
    )
    named = terms.names_of(mask, found.members)
    return Best(named, *reached, SOLVER, bound if bound < reached else None, None, None)


def loses(found: Terms, members: Iterable[str]) -> tuple[int, int]:
    """(weight left unserved, loss) of any set, in whole units; upper bounds where terms were left out."""
    mask = terms.mask_of((found.members.index(name) for name in members), len(found.members))
    return found.unserved(mask) + found.unserved.left_out, found.loss(mask) + found.loss.left_out
