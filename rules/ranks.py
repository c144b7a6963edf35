"""Who takes which rank where scores have been drawn many times. Equals share the ranks that they tie for.

Machines differ in the last bits of sums; scores closer than `EQUAL` are equal, so that equals are so everywhere.
"""

import numpy as np
from numpy.typing import NDArray

from rules.compiled import Array

EQUAL = 1e-12

Counts = NDArray[np.int16]


def places(score: Array) -> tuple[Counts, Counts, NDArray[np.int32]]:
    """((F, n) how many are above, (F, n) how many others are equal, (F, F) draws in which the row beats the column)."""
    members, count = score.shape
    above, equal = np.zeros((2, members, count), dtype=np.int16)
    better = np.zeros((members, members), dtype=np.int32)
    bar = score + EQUAL
    for row in range(members):
        beats = score[row] > bar
        above += beats
        np.add.reduce(beats, axis=1, dtype=np.int32, out=better[row])
    if better.sum() < count * members * (members - 1) // 2:  # somewhere neither beats the other
        for row in range(members):
            equal[row] = members - 1 - above[row] - np.count_nonzero(score[row] > bar, axis=0)
    return above, equal, better


def taken(above: Counts, equal: Counts) -> Array:
    """(F, F) in how many draws each takes each rank; see `places`."""
    members = len(above)
    rank = np.zeros((members, members))
    slot = np.arange(members)[:, None] * members + above
    tied = int(equal.max())
    for others in range(tied + 1):
        alike = slot[equal == others] if tied else slot.ravel()
        counted = np.bincount(alike, minlength=members**2).reshape(members, members)
        for step in range(others + 1):
            rank[:, step:] += counted[:, : members - step] / (others + 1)
    return rank
