"""What a board looks at: one role's scores of many projects, block by block, so that no portfolio is ever held whole.

Scores are counted in whole millionths and weights in whole thousandths, so that sums are exact: they depend neither on
the order of the projects nor on how these were cut into blocks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rules.conditions.columns import Bools
from rules.faults import Fault, InvalidInput, shown

UNITS = 1_000_000  # a score of 1
WEIGHT_UNITS = 1_000  # a weight of 1
MOST_WEIGHT = 2**62 // (UNITS * WEIGHT_UNITS)  # in all: beyond it, sums of 64 bits would not hold
MOST_OF_ONE = 10**9  # projects
EXCLUDED = -1
NONE = -1

Indices = NDArray[np.intp]
Units = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups that projects belong to: `member` (n, G) says to which of the names; a project may be in several."""

    names: tuple[str, ...]
    member: Bools


@dataclass(frozen=True, slots=True)
class Table:
    """Some projects that call for a role. n projects, F members.

    Attributes:
        role: the role.
        members: the F graded members, sorted by id; the same in every table of a portfolio.
        id: (n,) what the projects are called.
        row: (n,) their numbers among the data rows, from 1.
        score: (n, F) in [0, 1]; NaN where a gate excludes the member, or no rule speaks.
        first: (n,) the member that comes first by the exact scores, `NONE` where none is left.
        present: (n,) the member that the present code depends on (`depends_on`), `NONE` where there is none or it is
            not known.
        weight: (n,) how much each project counts, >= 0; None: all alike.
        sure: (n,) probability that the first beats the second: 1 where only one is left, NaN where none is; None: not
            known.
        needless: (n,) of runtimes, whether the project reaches every target without one; None: not known, another role.
        groups: by what is asked (`stage`, `deploy_targets`), where it is known.
    """

    role: str
    members: tuple[str, ...]
    id: Sequence[str]
    row: Sequence[int]
    score: NDArray[np.float32]
    first: Indices
    present: Indices
    weight: NDArray[np.float64] | None = None
    sure: NDArray[np.float64] | None = None
    needless: Bools | None = None
    groups: Mapping[str, Groups] = field(default_factory=dict)

    def units(self) -> Units:
        """(n, F) the scores in whole `UNITS`, `EXCLUDED` where there is none."""
        return units_of(self.score)

    def weights(self) -> Units:
        """(n,) the weights in whole `WEIGHT_UNITS`.

        Raises:
            InvalidInput: a weight is negative or no number.
        """
        return weights_of(self.id, self.weight)


def weights_of(called: Sequence[str], weight: NDArray[np.float64] | None) -> Units:
    """(n,) the weights of some projects in whole `WEIGHT_UNITS`; one each where there are none.

    Raises:
        InvalidInput: a weight is negative, too great or no number.
    """
    if weight is None:
        return np.full(len(called), WEIGHT_UNITS, dtype=np.int64)
    wrong = np.flatnonzero(~((weight >= 0) & (weight <= MOST_OF_ONE)))
    if len(wrong):
        row = int(wrong[0])
        where = f"weight of {called[row]}"
        raise InvalidInput([Fault(where, shown(float(weight[row])), f"a number from 0 to {MOST_OF_ONE}")])
    return np.rint(weight * WEIGHT_UNITS).astype(np.int64)


def require_bounded(weight: int) -> None:
    """Raise `InvalidInput` where the weights of a portfolio, in `WEIGHT_UNITS`, are more than sums can hold."""
    if weight > MOST_WEIGHT * WEIGHT_UNITS:
        raise InvalidInput([Fault("weight", "a greater sum", f"weights of at most {MOST_WEIGHT} in all")])


def units_of(score: NDArray[np.float32]) -> Units:
    """Scores in whole `UNITS`, `EXCLUDED` where there is none (NaN)."""
    known = ~np.isnan(score)
    counted = np.rint(np.where(known, score, 0).astype(np.float64) * UNITS).astype(np.int64)
    return np.where(known, counted, EXCLUDED)


def depends_on(score: NDArray[np.float32], held: Bools) -> Indices:
    """(n,) the member that present code depends on, `NONE` where there is none.

    Of several it is the one with the best score, so that a project has to leave none that serves it well; an excluded
    one only where all are. Of equals it is the first in the alphabet.

    Args:
        score: (n, F) as in `Table`.
        held: (n, F) which members the code depends on.
    """
    if not held.shape[1]:
        return np.full(len(held), NONE)
    best = np.where(held, units_of(score), EXCLUDED - 1).argmax(axis=1)
    return np.where(held.any(axis=1), best, NONE)


Tables = Callable[[], Iterator[Table]]  # the tables of a portfolio from the beginning, as often as it is called
