"""Two sides of a comparison, and the decisions in between: those with some groups of inputs swapped to the later side.

Each is made once and each release compiled once. What follows from them is `rules.differences.difference`'s business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from rules import engine, hardware, machine
from rules.compiled import ROLES, Release
from rules.decision import Decision, RoleResult
from rules.differences import hybrids
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import Profile
from rules.release import compile_release
from rules.requirements import Requirements, parse

GROUPS = ("answers", "hardware", *hybrids.PARTS)

Groups = frozenset[str]
NONE: Groups = frozenset()


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two decisions was made from: a release document, the answers as given, hardware, asked roles.

    `preferences` are what was stated in the place of an answer to `priorities`; they count as answers.
    """

    document: Mapping[str, Any]
    answers: object
    profile: Profile | None = None
    roles: Sequence[str] | None = None
    preferences: object = None


class Swaps:
    """The decisions with some groups from the later side.

    Attributes:
        answers: what both sides answer, each as its own release understands it.
        groups: the groups that differ, in the order of `GROUPS`; `whole` is their set.
        ends: the decisions of both sides, each with the roles that were asked for there.
        roles: the roles that both decisions have.

    Raises:
        InvalidInput: with every fault of both sides' answers and roles; paths begin with `before` or `after`.
    """

    def __init__(self, before: Side, after: Side) -> None:
        self._before, self._after = before, after
        self._parts = hybrids.differing(before.document, after.document)
        self._releases: dict[Groups, Release] = {}
        self.answers = self._parsed()
        differs = {
            "answers": _said(before) != _said(after) and self.answers[0] != self.answers[1],
            "hardware": any(
                seen(self.release(side), before.profile) != seen(self.release(side), after.profile)
                for side in (NONE, self._parts)
            ),
            **{part: part in self._parts for part in hybrids.PARTS},
        }
        self.groups = tuple(group for group in GROUPS if differs[group])
        self.whole: Groups = frozenset(self.groups)
        self.ends = self._ends()
        self._decisions = {NONE: self.ends[0], self.whole: self.ends[1]}
        self.roles = [role for role in self.ends[0].roles if role in self.ends[1].roles]

    def release(self, swapped: Groups) -> Release:
        """The compiled release with the swapped parts from the later side; equal parts go with the rest."""
        parts = swapped & self._parts
        parts = frozenset(hybrids.PARTS) if parts == self._parts else parts
        if parts not in self._releases:
            document = hybrids.hybrid(self._before.document, self._after.document, parts)
            self._releases[parts] = compile_release(document)
        return self._releases[parts]

    def result(self, swapped: Groups, role: str) -> RoleResult:
        """The answer for one of the roles that both sides have."""
        if swapped not in self._decisions:
            self._decisions[swapped] = self._decide(swapped, self.roles)
        return self._decisions[swapped].roles[role]

    def _ends(self) -> tuple[Decision, Decision]:
        """The decisions of both sides. What a decision says of one role does not depend on the roles asked for."""
        first = self._decide(NONE, self._before.roles)
        same = not self.groups and tuple(self._before.roles or ()) == tuple(self._after.roles or ())
        return first, first if same else self._decide(self.whole, self._after.roles)

    def _decide(self, swapped: Groups, roles: Sequence[str] | None) -> Decision:
        said = self._after if "answers" in swapped else self._before
        profile = (self._after if "hardware" in swapped else self._before).profile
        return _decided(self.release(swapped), replace(said, profile=profile, roles=roles))

    def _parsed(self) -> tuple[Requirements, Requirements]:
        """The answers of both sides, each as its own release understands it."""
        found, faults = [], []
        for name, side, parts in (("before", self._before, NONE), ("after", self._after, frozenset(hybrids.PARTS))):
            faults += [
                Fault(f"{name}.roles", shown(role), "a role", nearest(role, ROLES))
                for role in side.roles or ()
                if role not in ROLES
            ]
            own = MappingProxyType({a["id"]: a["name"] for a in side.document["alternatives"]})
            try:
                questionnaire = replace(self.release(parts).questionnaire, alternatives=own)
                found.append(parse(side.answers, questionnaire, side.preferences))
            except InvalidInput as invalid:
                faults += [replace(fault, path=f"{name}.{fault.path}") for fault in invalid.faults]
        if faults:
            raise InvalidInput(faults)
        return found[0], found[1]


def _decided(release: Release, side: Side) -> Decision:
    """The decision for a side's inputs on a release; answers that the release does not understand are unknown."""
    answers = side.answers if isinstance(side.answers, Mapping) else {}
    requirements = hybrids.understood(answers, release.questionnaire, side.preferences)
    return engine.decide(release, requirements, side.profile, side.roles, what_if=False)


def _said(side: Side) -> tuple[object, object]:
    return side.answers, side.preferences


def seen(release: Release, profile: Profile | None) -> dict[str, object]:
    """All that a decision reads from a profile but its name and day: facts, and the answers that it can fill in."""
    offered = hardware.answers_from(profile) if profile else {}
    facts = hardware.facts(profile) | machine.facts(machine.judged(release, profile).verdicts)
    return offered | {f"hardware.{name}": value for name, value in facts.items()}
