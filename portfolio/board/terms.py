"""What any set of frameworks loses, over a whole portfolio, as one sum of few terms.

Rank a project's allowed frameworks f1, f2 ... fm, best first, with scores s1 >= s2 ... >= sm. A set that misses the
first j of them and holds the next one loses s1 - s(j+1); one that misses all loses s1, for nothing it has may be used:

    loss(S) = sum_j (s_j - s_(j+1)) [S misses f1 ... fj]        with s_(m+1) = 0

So a portfolio's loss is a sum over sets of frameworks T, with a coefficient c_T that adds up over the projects:

    loss(S) = sum_T c_T [S misses T] = sum of c_T over T inside the complement of S

The projects left without any allowed framework are counted in the same way, by one term for each. This is the
pseudo-Boolean form of the p-median problem, with the terms that coincide added up as in B. F. AlBdaiwi, D. Ghosh and B.
Goldengorin, Data aggregation for p-median problems, Journal of Combinatorial Optimization 21, 2011, 348-363. However
many projects there are, there are at most 2^F terms: they are gathered in one pass and constant memory.

A set is a mask with bit F - 1 - f for member f: of two sets of a size, the greater mask comes first in the alphabet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portfolio.board.counting import more
from portfolio.board.table import EXCLUDED, UNITS, Table, Units, require_bounded
from rules.faults import Fault, InvalidInput

DENSE_MEMBERS = 24  # up to so many members every set has a place of its own: 2^24 sums of 8 bytes, twice
MOST_MEMBERS = 62
KEPT_TERMS = 1_000_000  # of more members: as many terms are kept, the largest

Masks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sum:
    """A function of sets, sum_T c_T [S misses T]: (M,) masks T, ascending, with their (M,) coefficients c_T > 0.

    `left_out` is the sum of coefficients that were not kept: what the function may be greater than is told here.
    """

    mask: Masks
    coefficient: Units
    left_out: int = 0

    def __call__(self, chosen: int) -> int:
        """The value for a set, without what was left out."""
        return int(self.coefficient[(self.mask & chosen) == 0].sum())


@dataclass(frozen=True, slots=True)
class Terms:
    """What sets of frameworks lose in a portfolio, weights counted in.

    Attributes:
        role: the role; `members` its F members.
        projects: how many there are; `unservable` of them may use no framework at all and are in nothing else, and
            `needless` need nothing of the role (`Table.needless`), and are in all; None: not known.
        weight: of the servable ones, in whole `WEIGHT_UNITS`.
        value: sum of weight x best score: what there is to lose.
        loss: what a set loses of it.
        unserved: the weight of the projects that a set leaves without any allowed framework.
    """

    role: str
    members: tuple[str, ...]
    projects: int
    unservable: int
    weight: int
    value: int
    loss: Sum
    unserved: Sum
    needless: int | None = None


def gather(tables: Iterable[Table], dense_members: int = DENSE_MEMBERS, kept: int = KEPT_TERMS) -> Terms:
    """The terms of a portfolio, in one pass over its tables.

    Raises:
        InvalidInput: there is no table, or weights are out of range.
        ValueError: tables of different roles or members, or more members than are supported.
    """
    loss = unserved = None
    head: Table | None = None
    projects = unservable = weight = value = 0
    needless: int | None = 0
    for table in tables:
        if head is None or loss is None or unserved is None:
            head, size = table, len(table.members)
            if size > MOST_MEMBERS:
                raise ValueError(f"{size} members; sets of at most {MOST_MEMBERS} are supported")
            loss, unserved = (_Gathering(size, dense_members, kept) for _ in range(2))
        if (table.role, table.members) != (head.role, head.members):
            raise ValueError("the tables of a portfolio are about the same members of one role")
        needless = more(needless, table.needless)
        units, weights = table.units(), table.weights()
        served = (units != EXCLUDED).any(axis=1)
        projects, unservable = projects + len(served), unservable + int((~served).sum())
        units, weights = units[served], weights[served]
        weight, value = weight + int(weights.sum()), value + int((units.max(axis=1, initial=0) * weights).sum())
        require_bounded(weight)
        masks, steps, allowed = rows(units)
        loss.add(masks.ravel(), (steps * weights[:, None]).ravel())
        unserved.add(allowed, weights)
    if head is None or loss is None or unserved is None:
        raise InvalidInput([Fault("portfolio", "no project", "at least one project that calls for the role")])
    return Terms(head.role, head.members, projects, unservable, weight, value, loss.sum(), unserved.sum(), needless)


def rows(units: Units) -> tuple[Masks, Units, Masks]:
    """((n, F) the first j of each project's frameworks as masks; (n, F) what missing them adds; (n,) all allowed).

    Args:
        units: (n, F) scores in `UNITS`, `EXCLUDED` where there is none.
    """
    size = units.shape[1]
    # Score and member in one number, which sorts faster than an index does; the excluded come last.
    shift = max(1, size - 1).bit_length()
    keys = np.sort(((UNITS - units) << shift) | np.arange(size), axis=1)
    sorted_units = UNITS - (keys >> shift)
    left = sorted_units >= 0
    bits = np.where(left, np.int64(1) << (size - 1 - (keys & ((1 << shift) - 1))), 0)
    masks = np.cumsum(bits, axis=1)
    worth = np.where(left, sorted_units, 0)
    steps = worth - np.pad(worth[:, 1:], ((0, 0), (0, 1)))
    return masks, steps, masks[:, -1] if size else np.zeros(len(units), dtype=np.int64)


class _Gathering:
    """Coefficients as they come: all sets in an array where there are few members, else those that came up."""

    def __init__(self, members: int, dense_members: int, kept: int) -> None:
        self._dense = np.zeros(1 << members, dtype=np.int64) if members <= dense_members else None
        self._sparse = Sum(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        self._kept = kept

    def add(self, masks: Masks, coefficients: Units) -> None:
        used = coefficients > 0
        if self._dense is not None:
            np.add.at(self._dense, masks[used], coefficients[used])
            return
        both = np.concatenate((self._sparse.mask, masks[used]))
        mask, place = np.unique(both, return_inverse=True)
        summed = np.zeros(len(mask), dtype=np.int64)
        np.add.at(summed, place, np.concatenate((self._sparse.coefficient, coefficients[used])))
        left_out = self._sparse.left_out
        if len(mask) > self._kept:
            largest = np.sort(np.argpartition(-summed, self._kept)[: self._kept])
            left_out += int(summed.sum() - summed[largest].sum())
            mask, summed = mask[largest], summed[largest]
        self._sparse = Sum(mask, summed, left_out)

    def sum(self) -> Sum:
        if self._dense is None:
            return self._sparse
        mask = np.flatnonzero(self._dense)
        return Sum(mask.astype(np.int64), self._dense[mask])


def mask_of(chosen: Iterable[int], members: int) -> int:
    """The mask of a set of member indices."""
    return sum(1 << (members - 1 - index) for index in chosen)


def indices_of(mask: int, members: int) -> tuple[int, ...]:
    """The member indices of a mask, ascending."""
    return tuple(index for index in range(members) if mask >> (members - 1 - index) & 1)


def every_set(found: Sum, members: int) -> Units:
    """(2^F,) the value of a sum for every set, by its mask: sums over subsets of the complement, in F x 2^F additions.

    F. Yates' way through the subsets of a set (The Design and Analysis of Factorial Experiments, Imperial Bureau of
    Soil Science, Technical Communication 35, 1937).
    """
    inside = np.zeros(1 << members, dtype=np.int64)
    inside[found.mask] = found.coefficient
    for bit in range(members):
        halves = inside.reshape(-1, 2, 1 << bit)
        halves[:, 1] += halves[:, 0]
    return inside[::-1]  # the complement of mask m is at 2^F - 1 - m


def names_of(mask: int, members: Sequence[str]) -> tuple[str, ...]:
    """The members of a mask."""
    return tuple(members[index] for index in indices_of(mask, len(members)))
