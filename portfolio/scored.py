"""What scoring says of many projects: arrays, role by role, with texts told once and pointed at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.compiled import Array
from rules.conditions.columns import Bools

REASONS = 3

Places = NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class RoleScored:
    """One role over N projects. F members, K candidates (members, then those without grades).

    Attributes:
        called: (N,) whether the answers call for the role; where not, nothing below says anything (-1, NaN, False).
        order: (N, top) the best members, best first, -1 where there are no more.
        score: (N, top) their scores in [0, 1], rounded as a decision's document rounds; NaN where there are no more.
        confidence: (N,) the probability that the first beats the second, in closed form (`rules.confidence.beats`),
            1 where there is no other; NaN where there is no first.
        margin: (N,) the first's score less the second's, NaN where there is no second.
        tied: (N, F) the members that share the first's place.
        reasons: (N, 3) the rules that speak most for the first, by what they add; -1 where there are no more.
        gate: (N, K) the first gate, by index, that excludes a candidate; -1 where none does; the number of gates where
            nothing excludes it but no rule speaks to rank it by.
        board: (N, F) float32 scores of all members that are not excluded, NaN for others; None where not asked for.
    """

    called: Bools
    order: Places
    score: Array
    confidence: Array
    margin: Array
    tied: Bools
    reasons: Places
    gate: Places
    board: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True, eq=False)
class Interned:
    """A text for every row: `code` (N,) int32 indexes `texts`, -1 for none."""

    code: NDArray[np.int32]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """All roles, the way to each target of each project, and where it needs no runtime; None: not asked for."""

    rows: int
    roles: Mapping[str, RoleScored]
    stack: Interned
    needless: Bools | None = None
