"""Many projects scored at once: of every row what a single decision says of it, in columns.

The conditions, gates, weights and formulas are those of `rules.engine.decide`; nothing is decided otherwise here, and
what has no place in a column (evidence, relaxations, what would change the answer) is left to a decision of its own.
Scores, margins and contributions have the same bits as a decision's (`portfolio.exact`), so the ranks agree as well:
both round to 12 decimals before they compare, and what is equal then goes by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portfolio import plain, ways
from portfolio.given import filled, given_by
from portfolio.scored import Places, RoleScored, Scored
from portfolio.tables import tables
from rules import calling
from rules.compiled import ROLES, Release
from rules.conditions import columns
from rules.conditions.columns import Column, Sheet

__all__ = ["Options", "Ready", "RoleScored", "Scored", "given_by", "ready", "score"]

TOP = 3
MANY_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of every project: the best `top` of each role, and with `scores` the scores of all members."""

    top: int = TOP
    scores: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A release made ready, with what holds for every project that does not say otherwise itself."""

    release: Release
    given: Mapping[str, Column]  # one row each
    options: Options


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


def score(ready: Ready, sheet: Sheet) -> Scored:
    """Every project of a sheet scored; the sheet is left as it is."""
    if sheet.rows >= MANY_ROWS:
        return _fast(ready, filled(sheet, ready.given))
    return _plainly(ready, filled(sheet, ready.given))


def _fast(ready: Ready, sheet: Sheet) -> Scored:
    from portfolio import fast  # Numba takes a second to load: only where there are rows to make up for it

    release, wanted = ready.release, ready.options
    called = calling.roles_called_in(sheet, release)
    found, ranking, usable = fast.roles(release, sheet, called, wanted.top, board=wanted.scores)
    return Scored(sheet.rows, found, ways.told(release, sheet, ranking, usable))


def _plainly(ready: Ready, sheet: Sheet) -> Scored:
    release, wanted = ready.release, ready.options
    called = calling.roles_called_in(sheet, release)
    known = tables(release)
    found: dict[str, RoleScored] = {}
    ranking: dict[str, Places] = {}
    for name in ROLES:
        found[name], ranking[name] = plain.role(
            release, known[name], sheet, called[name], wanted.top, board=wanted.scores
        )
    runtimes = found["runtime"].gate[:, : len(release.roles["runtime"].members)]
    usable = (runtimes < 0) | (runtimes == known["runtime"].no_rule)
    return Scored(sheet.rows, found, ways.told(release, sheet, ranking, usable))
