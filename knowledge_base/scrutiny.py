"""Do the rules and gates make sense as logic? What no project and no facts could ever change is a mistake.

Every answer here is exact: it holds for all answers and for whatever facts alternatives may have, so news about an
alternative never makes a sound rule file faulty. What today's facts and plausible projects make of the rules is
`knowledge_base.survey`'s business; it may be intended, and is told as advice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from knowledge_base.lint import expand
from knowledge_base.pack import Pack
from rules.cases import Cases, Space
from rules.compiled import Gate, Release, Rule
from rules.conditions import Call, Compare, Junction, Literal, Name, Node, names, walk
from rules.conditions.columns import FALSE, TRUE, Bools, Sheet
from rules.conditions.residual import FAILS, HOLDS
from rules.faults import Fault

TRIED_FIRST = 64  # cases that one gate stops, to see whether another gate stops them too


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a rule, gate, criterion or alternative.

    `kind` is one of a fixed set of words, `section` where the pack has the entry, `field` the part of it; `is_not` says
    what it is not, to be read after "is not". `exact` is False where it could not be shown for all cases.
    """

    kind: str
    section: str
    id: str
    field: str
    is_not: str
    other: str | None = None
    exact: bool = True


def faults(pack: Pack, release: Release) -> list[Fault]:
    """Every logical mistake of a pack's rules and gates, at its place in its file."""
    certain = [found for found in look(release) if found.exact]
    told = {found.id for found in certain}  # what cannot stop anything at all stops nothing on file either
    certain += [found for found in idle(pack, release) if found.id not in told]
    return [placed(pack, found) for found in certain]


def placed(pack: Pack, found: Finding) -> Fault:
    """A finding as a fault, at its place in its file."""
    return Fault(place(pack, found), f"{found.id!r}", found.is_not)


def place(pack: Pack, found: Finding) -> str:
    """Where the entry of a finding stands, as `file:line:column`; for one row of a repeated gate, that row."""
    for gate in pack.gates if found.section == "gates" else ():
        for row, one in enumerate(expand(gate)):
            if one.id == found.id:
                spot = pack.spots["gates", gate.id]
                return spot.at("each", row) if gate.each else spot.key(found.field)
    return pack.spots[found.section, found.id].key(*filter(None, [found.field]))


def look(release: Release) -> list[Finding]:
    """What is wrong with rules and gates whatever anyone answers and whatever is found out of alternatives.

    A finding that is not `exact` could not be ruled out by a search that is not complete.
    """
    space = Space(release)
    rules = {rule.id: rule for role in release.roles.values() for rule in role.rules}
    gates = {gate.id: gate for role in release.roles.values() for gate in role.gates}
    found = [each for rule in rules.values() for each in _rule(space, rule)]
    guards = [_Guard.of(space, gate, release) for gate in gates.values()]
    found += [each for guard in guards for each in _gate(guard)]
    excluding = [guard for guard in guards if guard.gate.excludes and guard.stops.any()]
    return [*found, *_shadowed(space, excluding), *_contradicting(space, excluding)]


# --- One rule --------------------------------------------------------------------------------------------------------


def _rule(space: Space, rule: Rule) -> Iterator[Finding]:
    if rule.when is None:
        return
    node = rule.when.node
    if rule.rank_of:  # without its priority it has no weight
        node = Junction("and", (node, Compare("in", Literal(rule.rank_of, 0), Name("priorities", 0), 0)), 0)
    cases = space.cases(node)
    truth = space.conditions.compile(node)(cases.sheet)
    if not (truth == TRUE).any():
        yield Finding(
            "never-fires", "rules", rule.id, "when", "a rule that can fire: no answers fulfil its condition",
            exact=cases.exact,
        )  # fmt: skip
    elif (truth == TRUE).all():
        yield Finding(
            "always-true", "rules", rule.id, "when",
            "a rule with a condition: it holds whatever is answered, which a base rule (when: null) says",
            exact=cases.exact,
        )  # fmt: skip


# --- One gate --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Guard:
    """A gate over its cases: (N,) where it applies, where the requirement is met, and where it stops.

    `asks` are the names that decide whether it applies, `needs` those that the requirement mentions.
    """

    gate: Gate
    roles: frozenset[str]
    asks: frozenset[str]
    needs: frozenset[str]
    cases: Cases
    applies: Bools
    passes: Bools
    stops: Bools

    @classmethod
    def of(cls, space: Space, gate: Gate, release: Release) -> "_Guard":
        cases = space.cases(*_nodes(gate))
        applies, passes, stops = _on(space, gate, cases.sheet)
        roles = frozenset(role.name for role in release.roles.values() if any(g.id == gate.id for g in role.gates))
        asks = names(gate.when.node) if gate.when else frozenset[str]()
        return cls(gate, roles, asks, names(gate.requires.node), cases, applies, passes, stops)

    @property
    def names(self) -> frozenset[str]:
        """Every name that the gate mentions."""
        return self.asks | self.needs


def _nodes(gate: Gate) -> list[Node]:
    return [*([gate.when.node] if gate.when else []), gate.requires.node]


def _on(space: Space, gate: Gate, sheet: Sheet) -> tuple[Bools, Bools, Bools]:
    """(N,) where a gate applies, where it applies and its requirement is met, where it applies and is not."""
    applies = space.conditions.compile(gate.when.node if gate.when else HOLDS)(sheet) == TRUE
    requires = space.conditions.compile(gate.requires.node)(sheet)
    return applies, applies & (requires == TRUE), applies & (requires == FALSE)


def _gate(guard: _Guard) -> Iterator[Finding]:
    def finding(kind: str, field: str, is_not: str) -> Finding:
        return Finding(kind, "gates", guard.gate.id, field, is_not, exact=guard.cases.exact)

    if not guard.applies.any():
        yield finding("never-applies", "when", "a gate that can apply: no answers fulfil its condition")
        return
    if guard.gate.when is not None and guard.applies.all():
        yield finding("always-true", "when", "a gate with a condition: it applies whatever is answered (when: null)")
    if not guard.stops.any():
        yield finding("stops-nobody", "requires", "a gate that can stop anything: whatever the facts, all pass")
    elif not guard.passes.any():
        yield finding("stops-everybody", "requires", "a gate that anything can pass: no facts meet the requirement")


# --- Two gates -------------------------------------------------------------------------------------------------------


def _shadowed(space: Space, guards: Sequence[_Guard]) -> Iterator[Finding]:
    """Gates without which nothing less would be excluded, since another gate stops all that they stop.

    Of two that stop the same, the later one is told.
    """
    told: set[tuple[str, str]] = set()
    for one, other in permutations(guards, 2):
        if one.roles <= other.roles and (other.gate.id, one.gate.id) not in told and _may_cover(other, one):
            whole = _covers(space, other, one)
            if whole is None:
                continue
            later, earlier = one, other
            if guards.index(one) < guards.index(other) and one.roles == other.roles and _covers(space, one, other):
                later, earlier = other, one
            told.add((later.gate.id, earlier.gate.id))
            is_not = f"a gate that stops anything by itself: whatever it stops, {earlier.gate.id!r} stops too"
            yield Finding("shadowed", "gates", later.gate.id, "requires", is_not, earlier.gate.id, whole)


def _may_cover(other: _Guard, one: _Guard) -> bool:
    """Whether a gate can stop anything where only the names of another are known."""
    asks, needs = other.gate.when, other.gate.requires
    return (not other.needs.isdisjoint(one.names) or needs.evaluate({}) is False) and (
        asks is None or not other.asks.isdisjoint(one.names) or asks.evaluate({}) is True
    )


def _covers(space: Space, other: _Guard, one: _Guard) -> bool | None:
    """Whether `other` stops all that `one` stops: True exactly so, False as far as was searched; None: it does not.

    What `one` stops when all else is unknown, `other` must stop; and then it does so whatever else is known, unless it
    asks whether something else is answered.
    """
    stopped = np.flatnonzero(one.stops)
    few = one.cases.take(stopped[:: -(-len(stopped) // TRIED_FIRST)])
    if not _on(space, other.gate, few.sheet)[2].all():
        return None
    both = [*_nodes(one.gate), *_nodes(other.gate)]
    asked = {n.argument.name for each in _nodes(other.gate) for n in walk(each)
             if isinstance(n, Call) and n.function == "answered"}  # fmt: skip
    cases = space.cases(*both, over=one.names | asked)
    left = _on(space, one.gate, cases.sheet)[2] & ~_on(space, other.gate, cases.sheet)[2]
    return None if left.any() else cases.exact


def _contradicting(space: Space, guards: Sequence[_Guard]) -> Iterator[Finding]:
    """Gates of which nothing can pass both wherever both apply, though each lets something pass there."""
    for one, other in combinations(guards, 2):
        if not one.roles & other.roles or not _tied(one, other):
            continue
        cases = space.cases(*_nodes(one.gate), *_nodes(other.gate))
        applies, passes, _ = _on(space, one.gate, cases.sheet)
        also_applies, also_passes, _ = _on(space, other.gate, cases.sheet)
        alone = (passes & also_applies).any() and (also_passes & applies).any()
        if alone and not (passes & also_passes).any():
            is_not = f"a gate that can be passed together with {one.gate.id!r}: where both apply, nothing passes both"
            yield Finding("contradicting", "gates", other.gate.id, "requires", is_not, one.gate.id, cases.exact)


def _tied(one: _Guard, other: _Guard) -> bool:
    """Whether meeting one gate's requirement can have to do with meeting the other's."""
    return not (
        one.needs.isdisjoint(other.needs) and one.needs.isdisjoint(other.asks) and other.needs.isdisjoint(one.asks)
    )


# --- Gates that stop nothing on file ---------------------------------------------------------------------------------


def idle(pack: Pack, release: Release) -> Iterator[Finding]:
    """Gates that stop no alternative of their roles that is on file, in none of the rows of `each`.

    That is a mistake too: a gate has an example of what it stops, and so must stop something that it is there for.
    """
    space = Space(release)
    compiled: dict[str, list[Gate]] = {}
    for role in release.roles.values():
        for gate in role.gates:
            compiled.setdefault(gate.id, []).append(gate)
    for entry in pack.gates:
        family = [gate for one in expand(entry) for gate in compiled.get(one.id, ())]
        if family and not any(can_stop(space, gate) for gate in family):
            is_not = "a gate that stops anything on file: every alternative of its roles passes"
            yield Finding("stops-nobody", "gates", expand(entry)[0].id, "requires", is_not)


def can_stop(space: Space, gate: Gate) -> bool:
    """Whether a gate that can apply can stop any alternative, with the facts on file."""
    if any(part.node is FAILS for part in gate.parts):
        return True
    return any(_left(space, gate, part.node)[2].any() for part in gate.parts if part.node is not HOLDS)


def _left(space: Space, gate: Gate, left: Node) -> tuple[Cases, Bools, Bools]:
    """(all cases; where a gate applies; where what is left of its requirement for an alternative fails besides)."""
    when = gate.when.node if gate.when else HOLDS
    cases = space.cases(when, left)
    applies = space.conditions.compile(when)(cases.sheet) == TRUE
    return cases, applies, applies & (space.conditions.compile(left)(cases.sheet) == FALSE)


def stops_all(space: Space, gate: Gate, members: Sequence[str]) -> bool:
    """Whether a gate stops every one of these wherever it applies, with the facts on file."""
    parts = [part for part in gate.parts if not part.alternatives.isdisjoint(members)]
    return all(part.node is FAILS or _always_fails(space, gate, part.node) for part in parts)


def _always_fails(space: Space, gate: Gate, left: Node) -> bool:
    cases, applies, fails = _left(space, gate, left)
    return cases.exact and bool((fails == applies).all())
