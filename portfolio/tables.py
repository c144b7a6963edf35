"""What scoring needs of a role whatever the projects: arrays and names, made once for a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rules import reach
from rules.compiled import TOP_GRADE, Array, Release, Role

RELEASES_KEPT = 8


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A criterion that is derived from the way to a target."""

    column: int
    place: int  # of the target among `rules.reach.Ways.targets`
    graded: Array  # (4,) the grade of each support level, in [0, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Affinity:
    """A criterion that measures how near a member is to the alternatives that a question names."""

    column: int
    question: str
    lean: Array  # (R,) the criterion's part in each rule's opinion


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One role. F members, C criteria, R rules, K candidates (the members, then those on file without grades).

    Attributes:
        candidates: ids of the K.
        by_id: (R,) the rules in the order of their ids.
        spread: (F, F, C) variance of the difference between two members' grades.
        path_rules: the rules that weigh a criterion derived from a way.
    """

    role: Role
    candidates: tuple[str, ...]
    by_id: NDArray[np.intp]
    spread: Array
    affinities: tuple[Affinity, ...]
    paths: tuple[Path, ...]
    path_rules: tuple[int, ...]

    @property
    def no_rule(self) -> int:
        """Stands among the indices of gates for: no rule speaks, so that there is nothing to rank by."""
        return len(self.role.gates)


@lru_cache(maxsize=RELEASES_KEPT)
def tables(release: Release) -> Mapping[str, Table]:
    """By role."""
    targets = reach.ways(release).targets
    return {name: _table(role, targets) for name, role in release.roles.items()}


def _table(role: Role, targets: tuple[str, ...]) -> Table:
    square = role.grade_sd**2
    spread = square[:, None, :] + square[None, :, :]
    for column, covariance in role.coupled:
        spread[:, :, column] -= 2 * covariance
    spread[range(len(square)), range(len(square))] = 0.0
    paths = [
        Path(column, targets.index(target), np.array(c.derived[1]) / TOP_GRADE)
        for column, c in enumerate(role.criteria)
        if c.derived and (target := reach.target_of(c)) in targets and role.name == "training"
    ]
    weighed = role.weight[:, [path.column for path in paths]].any(axis=1)
    return Table(
        role=role,
        candidates=(*role.members, *role.others),
        by_id=np.array(sorted(range(len(role.rules)), key=lambda r: role.rules[r].id), dtype=np.intp),
        spread=spread,
        affinities=tuple(
            Affinity(column, c.affinity, role.weight[:, column] / role.total)
            for column, c in enumerate(role.criteria)
            if c.affinity
        ),
        paths=tuple(paths),
        path_rules=tuple(np.flatnonzero(weighed).tolist()),
    )
