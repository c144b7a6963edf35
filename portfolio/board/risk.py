"""What a portfolio stands on that may give way: ends of life, single vendors, licences; only from facts on file.

Each is looked at twice: for the framework that the present code depends on (of several the one that serves the project
best), and for the one that comes first. What is not on file, or not answered, is told as unknown and never counted as
safe.

* retired: the lifecycle says archived or deprecated;
* ends: its announced end falls within the project's horizon (`support_horizon_years`; unknown without that answer, and
  no risk where no end is announced);
* one vendor: a single vendor carries it, as the gates on governance read that;
* one person: a single person wrote half of a year's changes or more, which is a contributor absence factor of 1; where
  its history was not read, several maintainers that its project lists count as safe;
* licence: it breaks the project's stated policy (`licence_policy`; unknown without that answer).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from portfolio.board import asking
from portfolio.board.asking import Judged, Portfolio
from portfolio.board.table import NONE, Units
from rules.compiled import Alternative, Release
from rules.conditions.columns import Bools, NumberColumn, SetColumn, Sheet, TextColumn, is_known
from rules.vocabulary import NO_END_YEARS

RETIRED, ENDS, ONE_VENDOR, ONE_PERSON, LICENCE = "retired", "ends", "one vendor", "one person", "licence"
KINDS = (RETIRED, ENDS, ONE_VENDOR, ONE_PERSON, LICENCE)
FACT_OF = {
    RETIRED: ("alt.lifecycle",),
    ENDS: ("alt.years_left",),
    ONE_VENDOR: ("alt.governance",),
    ONE_PERSON: ("alt.several_maintainers",),
    LICENCE: ("alt.licence.osi_approved", "alt.licence.permissive"),
}
POLICY = "licence_policy"
PRESENT, FIRST = "present", "first"
SAFE, RISK, UNKNOWN = 0, 1, 2
LISTED = 5

States = NDArray[np.int8]


@dataclass(slots=True)
class Exposure:
    """Of the projects on a framework: for how many a risk is there, what these count in `WEIGHT_UNITS`, for how many
    that cannot be said; some of those at risk, by (id, row).
    """

    projects: int = 0
    at_risk: int = 0
    weight: int = 0
    unknown: int = 0
    examples: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Risk:
    """The risks of a portfolio in a role, by (`PRESENT` or `FIRST`, framework, kind).

    `exposed` counts the projects with any risk in what they depend on and in what comes first, of the `projects` that
    have such a thing; `weight` is what the exposed count. `several` counts the projects whose code names others on file
    beside the framework that they are looked at for, `policies` those that state a licence policy.
    """

    role: str
    exposures: dict[tuple[str, str, str], Exposure] = field(default_factory=dict)
    exposed: dict[str, int] = field(default_factory=lambda: {PRESENT: 0, FIRST: 0})
    projects: dict[str, int] = field(default_factory=lambda: {PRESENT: 0, FIRST: 0})
    weight: dict[str, int] = field(default_factory=lambda: {PRESENT: 0, FIRST: 0})
    several: int = 0
    policies: int = 0


def risk(release: Release, role: str, portfolio: Portfolio) -> Risk:
    """What a portfolio stands on that may give way."""
    found = Risk(role)
    for each in asking.judged(release, role, portfolio()):
        weight = each.weights()
        found.several += int(_of_several(release, role, each).sum())
        found.policies += int(_states_policy(each.sheet).sum())
        there = {side: np.zeros((2, each.sheet.rows), dtype=np.bool_) for side in (PRESENT, FIRST)}
        for side, name, rows in _standing(release, role, each):
            sheet = Sheet(len(rows), {n: c.take(rows) for n, c in each.sheet.columns.items()})
            called = [(each.id[row], each.row[row]) for row in rows.tolist()]
            states = {kind: state(release.alternatives[name], kind, sheet) for kind in KINDS}
            there[side][0, rows] = True
            there[side][1, rows] |= np.any([s == RISK for s in states.values()], axis=0)
            for kind, told in states.items():
                _add(found.exposures.setdefault((side, name, kind), Exposure()), called, weight[rows], told)
        for side, marked in there.items():  # a project may stand on several predecessors, and counts once
            stands, exposed = marked.sum(axis=1).tolist()
            found.projects[side] += stands
            found.exposed[side] += exposed
            found.weight[side] += int(weight[marked[1]].sum())
    return found


def _of_several(release: Release, role: str, each: Judged) -> Bools:
    """(n,) whether the code depends on a member of the role, and names another one or a predecessor besides."""
    compiled = release.roles[role]
    named = asking.using(each.sheet, (*compiled.members, *compiled.others)).sum(axis=1)
    several: Bools = (asking.dependence(release, role, each) != NONE) & (named > 1)
    return several


def _states_policy(sheet: Sheet) -> Bools:
    column = sheet.columns.get(POLICY)
    return np.zeros(sheet.rows, dtype=np.bool_) if column is None else is_known(column)


def _standing(release: Release, role: str, each: Judged) -> Iterator[tuple[str, str, NDArray[np.intp]]]:
    """(which of the two, a framework, the rows that stand on it); predecessors on file count as what is depended on."""
    compiled = release.roles[role]
    present = asking.dependence(release, role, each)
    column = each.sheet.columns.get("existing_code")
    for index, name in enumerate((*compiled.members, *compiled.others)):
        ours = present == index if name in compiled.members else np.zeros(len(present), dtype=np.bool_)
        if name in compiled.others and isinstance(column, SetColumn):
            ours = column.holds(name) & (present == NONE)
        if ours.any():
            yield PRESENT, name, np.flatnonzero(ours)
    for index, name in enumerate(compiled.members):
        rows = np.flatnonzero(each.first == index)
        if len(rows):
            yield FIRST, name, rows


def state(alternative: Alternative, kind: str, sheet: Sheet) -> States:
    """(n,) `SAFE`, `RISK` or `UNKNOWN` for each project of a sheet, if it stands on the alternative."""
    facts = alternative.facts
    if kind == RETIRED:
        return _everywhere(sheet, facts.get("alt.lifecycle"), lambda value: value in asking.GONE)
    if kind == ONE_VENDOR:
        governance = facts.get("alt.governance")
        return _everywhere(sheet, governance or None, lambda value: "single_vendor" in value)  # type: ignore[operator]
    if kind == ONE_PERSON:
        return _everywhere(sheet, facts.get("alt.several_maintainers"), lambda value: value is False)
    return _ends(facts.get("alt.years_left"), sheet) if kind == ENDS else _licence(alternative, sheet)


def _everywhere(sheet: Sheet, value: object, is_risk: Callable[[object], bool]) -> States:
    told = UNKNOWN if value is None else RISK if is_risk(value) else SAFE
    return np.full(sheet.rows, told, dtype=np.int8)


def _ends(years_left: object, sheet: Sheet) -> States:
    if not isinstance(years_left, int | float):
        return np.full(sheet.rows, UNKNOWN, dtype=np.int8)
    if years_left >= NO_END_YEARS:
        return np.full(sheet.rows, SAFE, dtype=np.int8)
    column = sheet.columns.get("support_horizon_years")
    horizon = column.value if isinstance(column, NumberColumn) else np.full(sheet.rows, np.nan)
    return np.where(np.isnan(horizon), UNKNOWN, np.where(horizon >= years_left, RISK, SAFE)).astype(np.int8)


def _licence(alternative: Alternative, sheet: Sheet) -> States:
    approved, permissive = (alternative.facts.get(fact) for fact in FACT_OF[LICENCE])
    column = sheet.columns.get(POLICY)
    found = np.full(sheet.rows, UNKNOWN, dtype=np.int8)
    if not isinstance(column, TextColumn):
        return found
    for code, policy in enumerate(column.texts):
        needed = {"any": (), "osi_approved": (approved,), "permissive_only": (approved, permissive)}.get(policy)
        if needed is not None:
            told = RISK if False in needed else UNKNOWN if None in needed else SAFE
            found[column.code == code] = told
    return found


def _add(entry: Exposure, called: list[tuple[str, int]], weight: Units, told: States) -> None:
    entry.projects += len(told)
    entry.weight += int(weight[told == RISK].sum())
    entry.at_risk += int((told == RISK).sum())
    entry.unknown += int((told == UNKNOWN).sum())
    room = LISTED - len(entry.examples)
    entry.examples += [called[row] for row in np.flatnonzero(told == RISK)[:room].tolist()]
