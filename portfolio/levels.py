"""The ways to targets over bits: which level each training framework's way has in which rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portfolio.compiling import compiled
from portfolio.planes import Planes
from portfolio.tables import Table
from rules import reach
from rules.compiled import Release
from rules.conditions.columns import SetColumn, Words
from rules.conditions.residual import PATH, path_name

LEVELS = 4
NO_WAY, NOT_KNOWN = reach.NO_WAY, reach.NOT_KNOWN  # as Numba takes them


def put(release: Release, planes: Planes, table: Table, usable: Words, able: Sequence[Words]) -> Words:
    """Put every way on the planes, for the conditions of gates.

    Args:
        release: the knowledge.
        planes: the sheet.
        table: the role `training`. F members, P criteria that are derived from ways.
        usable: (runtimes, words) which no gate stops.
        able: for each member the rows in which it can be its own runtime.

    Returns:
        (P, F, 4, words) the rows that want the target and in which the way has another level than published.
    """
    ways = reach.ways(release)
    wanted = planes.held("deploy_targets")
    index = {path.place: p for p, path in enumerate(table.paths)}
    changed = np.zeros((len(index), len(table.role.members), LEVELS, planes.width), dtype=np.uint64)
    legs = [_legs(ways, member) for member in range(len(table.role.members))]
    for target, name in enumerate(ways.targets):
        asked = wanted.any_of((name,))
        concerned = bool(asked.any())
        for member, framework in enumerate(table.role.members):
            found = np.zeros((LEVELS, planes.width), dtype=np.uint64)
            if concerned:
                over, codes = legs[member]
                best(over, codes[:, target], usable, able[member], asked, planes.everywhere, found)
            published = ways.general[member, target]
            if target in index:
                changed[index[target], member] = found
                if not np.isnan(published):
                    changed[index[target], member, int(published)] = 0
            if not np.isnan(published):
                found[int(published)] |= planes.everywhere & ~asked
            planes.levels[path_name(f"{PATH}{name}", framework)] = found
    return changed


def _legs(ways: reach.Ways, member: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """((L,) over which runtime each way of a framework leads, -1 for itself; (L, T) the code of its level)."""
    found = list(ways.legs(member))
    over = np.array([-1 if runtime is None else runtime for runtime, _ in found], dtype=np.int64)
    return over, np.array([codes for _, codes in found], dtype=np.int64).reshape(len(found), len(ways.targets))


@compiled()
def best(
    over: NDArray[np.int64],
    codes: NDArray[np.int64],
    usable: Words,
    itself: Words,
    asked: Words,
    everywhere: Words,
    found: Words,
) -> None:
    """Write the planes of the level of the best way over what is usable, in the rows asked; none where not known."""
    there = np.zeros(LEVELS, dtype=np.uint64)
    for word in range(asked.shape[0]):
        if not asked[word]:
            continue
        there[:] = np.uint64(0)
        vague = np.uint64(0)
        for leg in range(over.shape[0]):
            may = itself[word] if over[leg] < 0 else usable[over[leg], word]
            if codes[leg] == NOT_KNOWN:
                vague |= may
            elif codes[leg] != NO_WAY:
                there[codes[leg]] |= may
        above = np.uint64(0)
        for level in range(LEVELS - 1, -1, -1):
            found[level, word] = there[level] & ~above & asked[word]
            above |= there[level]
        found[0, word] |= everywhere[word] & ~(above | vague) & asked[word]  # no way at all


def itself(release: Release, planes: Planes) -> list[Words]:
    """For each training framework the rows in which it can be its own runtime."""
    asked = isinstance(planes.sheet.columns.get("serving_language"), SetColumn)
    found = []
    for member in release.roles["training"].members:
        offered = reach.predicts_in(release.alternatives[member])
        able = planes.everywhere
        if asked and isinstance(offered, tuple):
            spoken = planes.held("serving_language")
            able = planes.everywhere & (spoken.any_of(offered) | ~spoken.known)
        found.append(able)
    return found
