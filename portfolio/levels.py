"""The ways to targets over bits: which level each training framework's way has in which rows."""

from collections.abc import Sequence

import numpy as np

from portfolio.planes import Planes
from portfolio.tables import Table
from rules import reach
from rules.compiled import Release
from rules.conditions.columns import SetColumn, Words
from rules.conditions.residual import PATH, path_name

LEVELS = 4


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
    for target, name in enumerate(ways.targets):
        asked = wanted.any_of((name,))
        for member, framework in enumerate(table.role.members):
            there = _levels(planes, ways, member, target, usable, able[member]) if asked.any() else None
            published = ways.general[member, target]
            found = np.zeros((LEVELS, planes.width), dtype=np.uint64) if there is None else there & asked
            if target in index:
                changed[index[target], member] = found
                if not np.isnan(published):
                    changed[index[target], member, int(published)] = 0
            if not np.isnan(published):
                found[int(published)] |= planes.everywhere & ~asked
            planes.levels[path_name(f"{PATH}{name}", framework)] = found
    return changed


def _levels(planes: Planes, ways: reach.Ways, member: int, target: int, usable: Words, itself: Words) -> Words:
    """(4, words) the level of the best way over what is usable; in other rows it is not known."""
    there = {code: planes.nowhere() for code in range(reach.NOT_KNOWN, LEVELS)}
    for over, codes in ways.legs(member):
        if codes[target] != reach.NO_WAY:
            there[codes[target]] |= itself if over is None else usable[over]
    found = np.zeros((LEVELS, planes.width), dtype=np.uint64)
    above = planes.nowhere()
    for level in range(LEVELS - 1, -1, -1):
        found[level] = there[level] & ~above
        above |= there[level]
    found[0] |= planes.everywhere & ~(above | there[reach.NOT_KNOWN])  # no way at all
    return found


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
