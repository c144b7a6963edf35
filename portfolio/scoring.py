"""Many projects scored at once: of every row what a single decision says of it, in columns.

The conditions, gates, weights and formulas are those of `rules.engine.decide`; nothing is decided otherwise here, and
what has no place in a column (evidence, relaxations, what would change the answer) is left to a decision of its own.
Scores, margins and contributions have the same bits as a decision's (`portfolio.exact`), so the ranks agree as well:
both round to 12 decimals before they compare, and what is equal then goes by name. Two engines do the same: NumPy alone
(`portfolio.plain`) for few projects, bits and a compiled kernel (`portfolio.fast`) for many.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from portfolio import plain, spared, ways
from portfolio.given import filled, given_by
from portfolio.interning import MANY_ROWS
from portfolio.scored import RoleScored, Scored
from rules.compiled import Release
from rules.conditions import columns
from rules.conditions.columns import Column, Sheet

__all__ = ["Options", "Ready", "RoleScored", "Scored", "given_by", "ready", "score"]

TOP = 3


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of every project.

    Attributes:
        top: the best so many of each role.
        scores: the scores of all members as well.
        stack: the way to each target, which takes longer than all else together where projects have little in common.
    """

    top: int = TOP
    scores: bool = False
    stack: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A release made ready, with what holds for every project that does not say otherwise itself."""

    release: Release
    given: Mapping[str, Column]  # one row each
    options: Options
    ways: dict[tuple[object, ...], str] = field(default_factory=dict)  # see `portfolio.ways.told`


def ready(release: Release, given: Mapping[str, object], options: Options | None = None) -> Ready:
    """A release ready to score projects.

    Args:
        release: the knowledge, with the layers of a house policy if there is one.
        given: values by name, answers and facts of the hardware (`given_by`), for rows that do not answer themselves.
        options: what is wanted.

    Raises:
        ValueError: fewer than one place is wanted.
    """
    wanted = options or Options()
    if wanted.top < 1:
        raise ValueError("a ranking has at least one place")
    known = {n: columns.column(release.names[n], [v]) for n, v in given.items() if n in release.names and v is not None}
    return Ready(release, MappingProxyType(known), wanted)


def score(ready: Ready, sheet: Sheet, *, compiled: bool | None = None) -> Scored:
    """Every project of a sheet scored; the sheet is left as it is.

    Args:
        ready: the release.
        sheet: the projects.
        compiled: by the compiled kernel, or by NumPy alone; None: what is faster for so many rows.
    """
    release, wanted = ready.release, ready.options
    whole = filled(sheet, ready.given)
    by_kernel = sheet.rows >= MANY_ROWS if compiled is None else compiled
    if by_kernel:
        from portfolio import fast  # Numba takes a second to load: only where there are rows to make up for it

        judge = fast.roles
    else:
        judge = plain.roles
    found, ranking, usable, look = judge(release, whole, wanted.top, board=wanted.scores)
    if not wanted.stack:
        return Scored(sheet.rows, found, ways.nothing(sheet.rows))
    alone = spared.find(release, look, found)
    memo = ready.ways if by_kernel else None
    return Scored(sheet.rows, found, ways.told(release, whole, ranking, usable, alone, memo), alone.needless)
