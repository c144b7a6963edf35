"""The difference of two decisions: how much of a change came from answers, hardware, facts, rules and weights.

Each group can be swapped from the earlier side to the later one; a decision is made for every set of swapped groups, and
a group's part of a change is its Shapley value: what swapping it adds, averaged over all orders in which the groups can
be swapped. So no order is preferred, the parts add up to the change, and a group that changes nothing has exactly 0.

    part_g = sum over S without g of |S|! (k - |S| - 1)! / k! (v(S + g) - v(S))

L. S. Shapley, A Value for n-Person Games, Contributions to the Theory of Games II, 1953; for changes explained by
factors: A. F. Shorrocks, Journal of Economic Inequality 11(1), 2013. Nothing is known here of how a decision is made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import combinations
from math import comb, fsum
from types import MappingProxyType
from typing import Any

from rules import canonical, engine, hardware, hybrids
from rules.compiled import Release
from rules.decision import SUM_DECIMALS, Decision, RoleResult
from rules.faults import Fault, InvalidInput
from rules.hardware import Profile
from rules.hybrids import Change
from rules.release import compile_release, release_id
from rules.requirements import Requirements, parse

GROUPS = ("answers", "hardware", *hybrids.PARTS)
LISTED_CHANGES = 60  # per group

Groups = frozenset[str]
Scores = Mapping[str, float]
_NONE: Groups = frozenset()


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two decisions was made from: a release document, the answers as given, hardware, asked roles."""

    document: Mapping[str, Any]
    answers: object
    profile: Profile | None = None
    roles: Sequence[str] | None = None


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
        plain: dict[str, Any] = _plain(self)
        return plain


def difference(before: Side, after: Side) -> Difference:
    """What changed between two decisions, and which groups of inputs it came from.

    Raises:
        InvalidInput: answers or roles that a side's own release does not accept, or releases that it cannot compile.
    """
    swaps = _Swaps(before, after)
    first, last = swaps.ends()
    roles = [role for role in first.roles if role in last.roles]
    listed = _listed(_changes(before, after, swaps), _order(first, last))
    return Difference(
        release_before=release_id(before.document, canonical.digest(before.document)),
        release_after=release_id(after.document, canonical.digest(after.document)),
        groups=swaps.groups,
        roles={role: _role_difference(swaps, role) for role in roles},
        roles_added=tuple(role for role in last.roles if role not in first.roles),
        roles_removed=tuple(role for role in first.roles if role not in last.roles),
        changes={group: found[:LISTED_CHANGES] for group, found in listed.items()},
        more={group: max(0, len(found) - LISTED_CHANGES) for group, found in listed.items()},
    )


# --- Deciding with some groups swapped -------------------------------------------------------------------------------


def _decided(release: Release, side: Side) -> Decision:
    """The decision of one side; answers that the release does not understand are unknown."""
    answers = side.answers if isinstance(side.answers, Mapping) else {}
    return engine.decide(release, hybrids.understood(answers, release.questionnaire), side.profile, side.roles)


class _Swaps:
    """The decisions with some groups from the later side, each made once, and each release compiled once."""

    def __init__(self, before: Side, after: Side) -> None:
        self._before, self._after = before, after
        self._parts = hybrids.differing(before.document, after.document)
        self._releases: dict[Groups, Release] = {}
        self._decisions: dict[Groups, Decision] = {}
        self.answers = self._parsed()
        differ = set(self._parts)
        if self.answers[0] != self.answers[1]:
            differ.add("answers")
        if _seen(before.profile) != _seen(after.profile):
            differ.add("hardware")
        self.groups = tuple(group for group in GROUPS if group in differ)

    def release(self, swapped: Groups) -> Release:
        """The compiled release with the swapped parts from the later side. Parts that do not differ go with the rest."""
        parts = swapped & self._parts
        parts = frozenset(hybrids.PARTS) if parts == self._parts else parts
        if parts not in self._releases:
            document = hybrids.hybrid(self._before.document, self._after.document, parts)
            self._releases[parts] = compile_release(document)
        return self._releases[parts]

    def ends(self) -> tuple[Decision, Decision]:
        """The decisions of both sides, each with the roles that were asked for there."""
        whole = frozenset(self.groups)
        first = self._decide(_NONE, self._before.roles)
        same = not whole and tuple(self._before.roles or ()) == tuple(self._after.roles or ())
        last = first if same else self._decide(whole, self._after.roles)
        shared = [role for role in first.roles if role in last.roles]
        self._before = replace(self._before, roles=shared)
        self._decisions = {_NONE: first, whole: last}
        return first, last

    def result(self, swapped: Groups, role: str) -> RoleResult:
        """The answer for one role that both sides have. Which roles are asked for makes no difference to each."""
        if swapped not in self._decisions:
            self._decisions[swapped] = self._decide(swapped, self._before.roles)
        return self._decisions[swapped].roles[role]

    def _decide(self, swapped: Groups, roles: Sequence[str] | None) -> Decision:
        answers = self._after if "answers" in swapped else self._before
        machine = self._after if "hardware" in swapped else self._before
        return _decided(self.release(swapped), Side({}, answers.answers, machine.profile, roles))

    def _parsed(self) -> tuple[Requirements, Requirements]:
        """The answers of both sides, each as its own release understands it; all faults of both."""
        found, faults = [], []
        for name, side, parts in (("before", self._before, _NONE), ("after", self._after, frozenset(hybrids.PARTS))):
            own = MappingProxyType({a["id"]: a["name"] for a in side.document["alternatives"]})
            try:
                found.append(parse(side.answers, replace(self.release(parts).questionnaire, alternatives=own)))
            except InvalidInput as invalid:
                faults += [Fault(f"{name}.{f.path}", f.value, f.expected, f.nearest) for f in invalid.faults]
        if faults:
            raise InvalidInput(faults)
        return found[0], found[1]


def _seen(profile: Profile | None) -> dict[str, object]:
    """All that a decision reads from a profile but its name and day: facts, and the answers it can fill in."""
    offered = hardware.answers_from(profile) if profile else {}
    return offered | {f"hardware.{name}": value for name, value in hardware.facts(profile).items()}


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


def _role_difference(swaps: _Swaps, role: str) -> RoleDifference:
    whole = frozenset(swaps.groups)
    there = set(swaps.release(_NONE).roles[role].members)
    members = [member for member in swaps.release(whole).roles[role].members if member in there]
    sets = [frozenset(s) for size in range(len(swaps.groups) + 1) for s in combinations(swaps.groups, size)]
    worth = {swapped: scores(swaps.result(swapped, role), members) for swapped in sets}
    parts = shapley(swaps.groups, worth)
    changed = {
        member: ScoreChange(
            member,
            worth[_NONE][i],
            worth[whole][i],
            {group: parts[group][i] if group in parts else 0.0 for group in GROUPS},
        )
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


def _smallest(groups: Sequence[str], holds: Callable[[Groups], bool]) -> tuple[tuple[str, ...], ...]:
    """The sets of groups, of the smallest size there is, that bring something about when only they are swapped."""
    for size in range(1, len(groups) + 1):
        if found := tuple(chosen for chosen in combinations(groups, size) if holds(frozenset(chosen))):
            return found
    return ()


def _lead(swaps: _Swaps, role: str, changed: Mapping[str, ScoreChange]) -> LeadChange | None:
    old, new = (_first(swaps.result(swapped, role)) for swapped in (_NONE, frozenset(swaps.groups)))
    if old == new:
        return None
    by = _smallest(swaps.groups, lambda swapped: _first(swaps.result(swapped, role)) == new)
    a, b = changed.get(old or ""), changed.get(new or "")
    if a is None or b is None:
        return LeadChange(old, new, None, None, None, by)
    parts = {group: b.parts[group] - a.parts[group] for group in GROUPS}
    return LeadChange(old, new, b.before - a.before, b.after - a.after, parts, by)


def _first(result: RoleResult) -> str | None:
    return result.ranking[0].framework if result.ranking else None


def _statuses(swaps: _Swaps, role: str) -> Iterable[StatusChange]:
    old, new = (swaps.result(swapped, role) for swapped in (_NONE, frozenset(swaps.groups)))
    for name in sorted({e.framework for r in (old, new) for e in (*r.ranking, *r.excluded)}):
        was, now = _status(old, name), _status(new, name)
        if was != now:
            by = _smallest(swaps.groups, lambda s, name=name, now=now: _status(swaps.result(s, role), name) == now)  # type: ignore[misc]
            yield StatusChange(name, was, now, _gates(old, name), _gates(new, name), by)


def _status(result: RoleResult, name: str) -> str:
    if any(place.framework == name for place in result.ranking):
        return "ranked"
    return "excluded" if _gates(result, name) else "absent"


def _gates(result: RoleResult, name: str) -> tuple[str, ...]:
    return tuple(e.gate for e in result.excluded if e.framework == name)


# --- What differs ----------------------------------------------------------------------------------------------------


def _changes(before: Side, after: Side, swaps: _Swaps) -> Iterable[Change]:
    given, then = (requirements.document() for requirements in swaps.answers)
    yield from hybrids.fields("answers", "question", given, then)
    yield from hybrids.fields("hardware", "fact", _seen(before.profile), _seen(after.profile))
    yield from hybrids.changes(before.document, after.document)


def _order(first: Decision, last: Decision) -> dict[str, int]:
    """Frameworks in the order in which their facts matter: as ranked after, as ranked before, the excluded."""
    results = [result for decision in (last, first) for result in decision.roles.values()]
    names = [place.framework for result in results for place in result.ranking]
    names += [entry.framework for result in results for entry in result.excluded]
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _listed(changes: Iterable[Change], order: Mapping[str, int]) -> dict[str, tuple[Change, ...]]:
    found: dict[str, list[Change]] = {group: [] for group in GROUPS}
    for change in changes:
        found[change.group].append(change)
    found["facts"].sort(key=lambda c: order.get(c.id, len(order)))
    return {group: tuple(listed) for group, listed in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, SUM_DECIMALS) + 0.0
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | Set):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
