"""Who runs the model itself where projects need no runtime (`rules.sparing`), as arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portfolio.scored import RoleScored
from rules import sparing
from rules.compiled import Release
from rules.conditions.columns import Bools
from rules.sparing import Look, Truths


@dataclass(frozen=True, slots=True)
class Seen(Look):
    """What an engine knows of rows; `unpacked` tells its truths one by one, (N,)."""

    unpacked: Callable[[Truths], Bools]


@dataclass(frozen=True, slots=True, eq=False)
class Spared:
    """(N, F) the training frameworks, and those among them as servers, that lead; (N, T) where each may run alone; (N,)
    where no target needs a runtime.
    """

    leads: Bools
    trained: Bools
    serves: Bools
    served: Bools
    needless: Bools

    def by(self, start: NDArray[np.integer[Any]]) -> Bools:
        """(N, T) whether the framework that a row's ways start from (-1: none) runs the model itself there."""
        row, at = np.arange(len(start)), np.maximum(start, 0)
        named = (start >= 0)[:, None]
        found: Bools = (self.leads[row, at][:, None] & self.trained) | (self.serves[row, at][:, None] & self.served)
        return found & named

    def take(self, rows: NDArray[np.intp]) -> "Spared":
        """Some rows."""
        return Spared(*(each[rows] for each in (self.leads, self.trained, self.serves, self.served, self.needless)))


def find(release: Release, look: Seen, found: Mapping[str, RoleScored]) -> Spared:
    """Where which frameworks need no runtime.

    Args:
        release: the knowledge.
        look: the engine's eyes.
        found: every role.
    """
    frameworks, servers = release.roles["training"].members, release.roles["serving"].members
    alone = sparing.find(release, look)
    rows, serving = len(found["training"].tied), leaders(found["serving"])
    of_servers = np.zeros((rows, len(frameworks)), dtype=np.bool_)
    for place, name in enumerate(frameworks):
        if name in servers:
            of_servers[:, place] = serving[:, servers.index(name)]
    trained, served = (
        _side_by_side([look.unpacked(each & alone.quiet) for each in at], rows) for at in (alone.trained, alone.served)
    )
    needless = look.unpacked(sparing.everywhere(look, alone) & alone.quiet)
    return Spared(leaders(found["training"]), trained, of_servers, served, needless)


def _side_by_side(columns: list[Bools], rows: int) -> Bools:
    return np.stack(columns, axis=1) if columns else np.zeros((rows, 0), dtype=np.bool_)


def leaders(found: RoleScored) -> Bools:
    """(N, F) those that cannot be told apart from the first."""
    first, leads = found.order[:, 0], found.tied.copy()
    rows = np.flatnonzero(first >= 0) if leads.shape[1] else np.zeros(0, dtype=np.intp)
    leads[rows, first[rows]] = True
    return leads
