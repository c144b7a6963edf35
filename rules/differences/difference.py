"""The difference of two decisions: how much of a change came from answers, hardware, facts, rules and weights.

Each group of inputs can be swapped from the earlier side to the later one. A decision is made for every set of swapped
groups, and a group's part of a change is its Shapley value: what swapping it adds, averaged over all orders in which
the groups can be swapped. So no order is preferred, the parts add up, and a group that changes nothing has exactly 0.

    part_g = sum over S without g of |S|! (k - |S| - 1)! / k! (v(S + g) - v(S))

L. S. Shapley, A Value for n-Person Games, Contributions to the Theory of Games II, 1953; to explain a change by its
factors: A. F. Shorrocks, Journal of Economic Inequality 11(1), 2013. How a decision is made is not known here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import comb, fsum
from typing import Any

from rules import canonical
from rules.decision import Decision, RoleResult, plain
from rules.differences import differing
from rules.differences.differing import Change
from rules.differences.swaps import GROUPS, NONE, Groups, Side, Swaps, seen
from rules.release import release_id
from rules.requirements import Requirements
from rules.scoring import SUM_DECIMALS

__all__ = ["GROUPS", "Difference", "LeadChange", "RoleDifference", "ScoreChange", "Side", "StatusChange", "difference"]

LISTED_CHANGES = 60  # per group


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A framework's score in [0, 1] on both sides, and each group's part of the change; the parts add up to it."""

    framework: str
    before: float
    after: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LeadChange:
    """Another first place (None: nobody passed the gates).

    `gap_before` and `gap_after` are how far the new first's score lies above the old one's, `parts` what each group
    adds to that; None where one of the two has no score on both sides. `by` as in `StatusChange`. A gap that was
    positive before means that gates, not scores, kept the new first out.
    """

    before: str | None
    after: str | None
    gap_before: float | None
    gap_after: float | None
    parts: Mapping[str, float] | None
    by: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A framework that was `ranked`, `excluded` or `absent` and is so no more.

    The gates are those that exclude it on either side. `by` holds the smallest sets of groups which, swapped alone,
    bring the new status about: single groups where there are any.
    """

    framework: str
    before: str
    after: str
    gates_before: tuple[str, ...]
    gates_after: tuple[str, ...]
    by: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class RoleDifference:
    """What changed in one role: scores (of the members of both sides, best after first), first place, statuses."""

    scores: tuple[ScoreChange, ...]
    lead: LeadChange | None
    statuses: tuple[StatusChange, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two decisions.

    `groups` are those that differ. `roles` has what both decisions are about; the others are named. `changes` lists
    what differs by group, `more` how many changes of each group are left out of it.
    """

    release_before: str
    release_after: str
    groups: tuple[str, ...]
    roles: Mapping[str, RoleDifference]
    roles_added: tuple[str, ...]
    roles_removed: tuple[str, ...]
    changes: Mapping[str, tuple[Change, ...]]
    more: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """The difference as JSON, numbers rounded as in a decision."""
        document: dict[str, Any] = plain(self)
        return document


def difference(before: Side, after: Side) -> Difference:
    """What changed between two decisions, and which groups of inputs it came from.

    Raises:
        InvalidInput: answers or roles that a side's own release does not accept, or releases that it cannot compile.
    """
    swaps = Swaps(before, after)
    first, last = swaps.ends
    listed = _listed(swaps.groups, _changes(before, after, swaps), _order(first, last))
    return Difference(
        release_before=_release_id(before),
        release_after=_release_id(after),
        groups=swaps.groups,
        roles={role: _role_difference(swaps, role) for role in swaps.roles},
        roles_added=tuple(role for role in last.roles if role not in swaps.roles),
        roles_removed=tuple(role for role in first.roles if role not in swaps.roles),
        changes={group: found[:LISTED_CHANGES] for group, found in listed.items()},
        more={group: max(0, len(found) - LISTED_CHANGES) for group, found in listed.items()},
    )


def _release_id(side: Side) -> str:
    """The id that a decision names; house policies do not change it."""
    base = side.document.get("base")
    return str(base["id"]) if base else release_id(side.document, canonical.digest(side.document))


# --- Attribution -----------------------------------------------------------------------------------------------------


def shapley(groups: Sequence[str], worth: Mapping[Groups, Sequence[float]]) -> dict[str, tuple[float, ...]]:
    """Each group's part of how several numbers change from no group swapped to all.

    Args:
        groups: the k groups.
        worth: the numbers for each of the 2^k sets of swapped groups.
    """
    parts = {}
    for group in groups:
        rest = [other for other in groups if other != group]
        sets = [frozenset(chosen) for size in range(len(groups)) for chosen in combinations(rest, size)]
        # |S|! (k - |S| - 1)! / k!: how often, of all orders, exactly the groups of S come before this one.
        shares = [1 / (len(groups) * comb(len(rest), len(chosen))) for chosen in sets]
        gains = [zip(worth[chosen | {group}], worth[chosen], strict=True) for chosen in sets]
        terms = ([share * (b - a) for b, a in gain] for share, gain in zip(shares, gains, strict=True))
        parts[group] = tuple(fsum(column) for column in zip(*terms, strict=True))
    return parts


def _role_difference(swaps: Swaps, role: str) -> RoleDifference:
    there = set(swaps.release(NONE).roles[role].members)
    members = [member for member in swaps.release(swaps.whole).roles[role].members if member in there]
    sets = [frozenset(s) for size in range(len(swaps.groups) + 1) for s in combinations(swaps.groups, size)]
    worth = {swapped: scores(swaps.result(swapped, role), members) for swapped in sets}
    parts = dict.fromkeys(GROUPS, (0.0,) * len(members)) | shapley(swaps.groups, worth)
    changed = {
        member: ScoreChange(member, worth[NONE][i], worth[swaps.whole][i], {g: parts[g][i] for g in GROUPS})
        for i, member in enumerate(members)
    }
    ordered = sorted(changed.values(), key=lambda s: (-round(s.after, SUM_DECIMALS), s.framework))
    return RoleDifference(tuple(ordered), _lead(swaps, role, changed), tuple(_statuses(swaps, role)))


def scores(result: RoleResult, members: Iterable[str]) -> list[float]:
    """The score of each member, excluded ones too, from a decision's own rules and grades; 0 where no rule speaks."""
    return [
        fsum(rule.share * _opinion(rule.weights, result.grades[member]) for rule in result.rules) for member in members
    ]


def _opinion(weights: Mapping[str, float], grades: Mapping[str, tuple[float, float]]) -> float:
    return fsum(weight * grades[c][0] for c, weight in weights.items()) / fsum(weights.values())


def _smallest(swaps: Swaps, role: str, says: Callable[[RoleResult], object]) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of groups which, swapped alone, make a role's answer say what it says on the later side."""
    wanted = says(swaps.result(swaps.whole, role))
    for size in range(1, len(swaps.groups) + 1):
        sets = combinations(swaps.groups, size)
        if found := tuple(s for s in sets if says(swaps.result(frozenset(s), role)) == wanted):
            return found
    return ()


def _lead(swaps: Swaps, role: str, changed: Mapping[str, ScoreChange]) -> LeadChange | None:
    was, now = _first(swaps.result(NONE, role)), _first(swaps.result(swaps.whole, role))
    if was == now:
        return None
    by = _smallest(swaps, role, _first)
    old, new = changed.get(was or ""), changed.get(now or "")
    if old is None or new is None:
        return LeadChange(was, now, None, None, None, by)
    parts = {group: new.parts[group] - old.parts[group] for group in GROUPS}
    return LeadChange(was, now, new.before - old.before, new.after - old.after, parts, by)


def _first(result: RoleResult) -> str | None:
    return result.ranking[0].framework if result.ranking else None


def _statuses(swaps: Swaps, role: str) -> Iterator[StatusChange]:
    old, new = swaps.result(NONE, role), swaps.result(swaps.whole, role)
    names = {place.framework for result in (old, new) for place in result.ranking}
    names |= {entry.framework for result in (old, new) for entry in result.excluded}
    for name in sorted(names):
        was, now = _status(old, name), _status(new, name)
        if was != now:
            by = _smallest(swaps, role, partial(_status, name=name))
            yield StatusChange(name, was, now, _gates(old, name), _gates(new, name), by)


def _status(result: RoleResult, name: str) -> str:
    if any(place.framework == name for place in result.ranking):
        return "ranked"
    return "excluded" if _gates(result, name) else "absent"


def _gates(result: RoleResult, name: str) -> tuple[str, ...]:
    return tuple(e.gate for e in result.excluded if e.framework == name)


# --- What differs ----------------------------------------------------------------------------------------------------


def _changes(before: Side, after: Side, swaps: Swaps) -> Iterator[Change]:
    given, then = (_said(requirements) for requirements in swaps.answers)
    yield from differing.fields("answers", "question", given, then)
    release = swaps.release(frozenset())
    yield from differing.fields("hardware", "fact", *(seen(release, side.profile) for side in (before, after)))
    yield from differing.changes(before.document, after.document)


def _said(requirements: Requirements) -> dict[str, object]:
    """Answers by question; preferences in the place of the priorities that they stand for."""
    stated = requirements.preferences
    return requirements.document() | ({"preferences": stated.document()} if stated else {})


def _order(first: Decision, last: Decision) -> dict[str, int]:
    """Frameworks in the order in which their facts matter: as ranked after, as ranked before, the excluded."""
    results = [result for decision in (last, first) for result in decision.roles.values()]
    names = [place.framework for result in results for place in result.ranking]
    names += [entry.framework for result in results for entry in result.excluded]
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _listed(
    groups: Sequence[str], changes: Iterable[Change], order: Mapping[str, int]
) -> dict[str, tuple[Change, ...]]:
    """The changes of the groups that differ, facts of the frameworks that matter first."""
    found: dict[str, list[Change]] = {group: [] for group in groups}
    for change in changes:
        if change.group in found:
            found[change.group].append(change)
    if "facts" in found:
        found["facts"].sort(key=lambda change: order.get(change.id, len(order)))
    return {group: tuple(listed) for group, listed in found.items()}
