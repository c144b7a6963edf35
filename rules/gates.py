"""Gates: what cannot work is excluded before anything is graded, with both values and what would let it back in.

A gate has a condition on the project and one on the alternative. An unknown project answer keeps the gate silent; an
unknown fact never excludes, it leaves the alternative unverified on that gate.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import islice

from rules.compiled import Alternative, Gate, Release, Role
from rules.conditions import Kind, Name, Truth, Values, walk

MAX_VALUES_PER_RELAXATION = 4
_NOBODY: frozenset[str] = frozenset()

Possible = Callable[[str, object], bool]  # could this question be answered so, beside the other answers?
Seen = Callable[[str, Values], Release]  # the release as it is seen with this question answered as in the values


class Both:
    """Values of the project and facts of one alternative, looked up as one."""

    __slots__ = ("facts", "project")

    def __init__(self, project: Values, facts: Values) -> None:
        self.project = project
        self.facts = facts

    def get(self, name: str) -> object:
        """The value of a name, None when it is not known."""
        return self.facts.get(name) if name.startswith("alt.") else self.project.get(name)


@dataclass(frozen=True, slots=True)
class Stop:
    """A gate that an alternative does not pass (`passed` False) or that could not be verified for it (None).

    `unknown` names the facts about the alternative that the gate looks at and that are not on file.
    """

    gate: Gate
    alternative: str
    passed: Truth
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One question whose answer, changed to any of `after` (None: unknown), lets an alternative back in."""

    question: str
    before: object
    after: tuple[object, ...]


def applies(gate: Gate, values: Values) -> Truth:
    """Whether the gate concerns the project; None when an answer that decides it is unknown."""
    return True if gate.when is None else gate.when.evaluate(values)


def meets(gate: Gate, values: Values, alternative: Alternative) -> Truth:
    """Whether the alternative meets the requirement; None when a fact or an answer is unknown."""
    if gate.settled is not None:
        return gate.settled[alternative.id]
    return gate.requires.evaluate(Both(values, alternative.facts))  # type: ignore[arg-type]


def verdict(gate: Gate, values: Values, alternative: Alternative) -> Truth:
    """True: passes or is not concerned. False: stopped. None: not decided by what is known."""
    concerned = applies(gate, values)
    if concerned is False:
        return True
    met = meets(gate, values, alternative)
    if met:
        return True
    return False if concerned and met is False else None


def stopped(
    gate: Gate, values: Values, members: Iterable[str], alternatives: Mapping[str, Alternative]
) -> frozenset[str]:
    """The alternatives that the gate excludes from a project; may name others than the members."""
    if not gate.excludes or not applies(gate, values):
        return _NOBODY
    if gate.stops is not None:
        return gate.stops
    return frozenset(m for m in members if meets(gate, values, alternatives[m]) is False)


class Tally:
    """Which members of a role no gate stops, now and after one changed answer."""

    def __init__(self, role: Role, values: Values, alternatives: Mapping[str, Alternative]) -> None:
        self._role = role
        self._stopped = [stopped(gate, values, role.members, alternatives) for gate in role.gates]
        self._count = Counter(name for names in self._stopped for name in names)
        self.open = [not self._count[name] for name in role.members]

    def after(self, touched: Iterable[int], changed: Values, alternatives: Mapping[str, Alternative]) -> list[bool]:
        """`open` after a change that matters to the touched gates only; the very list where it makes no difference."""
        count = None
        for index in touched:
            before = self._stopped[index]
            then = stopped(self._role.gates[index], changed, self._role.members, alternatives)
            if then != before:
                count = self._count.copy() if count is None else count
                count.subtract(before)
                count.update(then)
        return self.open if count is None else [not count[name] for name in self._role.members]


def guard(role: Role, values: Values, alternatives: Mapping[str, Alternative]) -> tuple[list[Stop], list[Gate]]:
    """(what is stopped or unverified, member by member; the gates that an unknown answer keeps silent).

    A gate whose requirement waits for an answer verifies nothing: it is silent for those it does not stop already.
    """
    stops: list[Stop] = []
    silent: list[Gate] = []
    for gate in role.gates:
        concerned = applies(gate, values)
        if concerned is None:
            silent.append(gate)
        if not concerned:
            continue
        waits = any(values.get(question) is None for question in gate.requires.questions)
        for name in (*role.members, *role.others):
            met = meets(gate, values, alternatives[name])
            if met is False or (met is None and not waits and name in role.members):
                facts = alternatives[name].facts
                unknown = tuple(fact for fact in gate.requires.facts if facts.get(fact) is None)
                stops.append(Stop(gate, name, met, unknown))
    return stops, silent


class Trials:
    """Single changed answers tried on the excluded alternatives of one role; each is worked out once for all."""

    def __init__(self, role: Role, values: Values, possible: Possible, seen: Seen) -> None:
        self._role = role
        self._values = values
        self._possible = possible
        self._seen = seen
        self._made: dict[tuple[str, object], _Trial] = {}
        self._by_path = [index for index, gate in enumerate(role.gates) if gate.looks_at_paths]

    def lets_in(self, question: str, after: object, name: str) -> bool:
        """Whether this can be answered and then no gate that it may have touched stops the alternative."""
        key = question, after
        if key not in self._made:
            self._made[key] = self._trial(question, after)
        trial = self._made[key]
        alternative = trial.alternatives[name]
        stopped = any(meets(gate, trial.values, alternative) is False for gate in trial.concerned)
        return not stopped and self._possible(question, after)

    def _trial(self, question: str, after: object) -> "_Trial":
        values = with_answer(self._values, question, after)
        # Gates on the ways to targets count too: another answer may have taken the runtime that a way led over.
        touched = {*self._role.gates_on.get(question, ()), *self._by_path}
        gates = (self._role.gates[index] for index in sorted(touched))
        concerned = [gate for gate in gates if gate.excludes and applies(gate, values)]
        return _Trial(values, self._seen(question, values).alternatives, concerned)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One changed answer: the answers then, the alternatives as they are seen then, the gates it calls on."""

    values: Values
    alternatives: Mapping[str, Alternative]
    concerned: list[Gate]


def relaxations(
    release: Release, values: Values, name: str, failing: list[Gate], trials: Trials
) -> tuple[Relaxation, ...]:
    """The single-answer changes that let an excluded alternative back in, by question, nearest values first.

    A change counts only when it can be answered and afterwards no gate of the role stops the alternative. Where gates
    mention no common question (an archived project, say) no single answer helps; then there is none.
    """
    shared = frozenset.intersection(*(_questions(gate) for gate in failing))
    found = []
    for question in _in_order_of_mention(failing, shared & values.keys()):
        edits = _edits(question, values[question], release.names[question], failing)
        lifting = (after for after in edits if trials.lets_in(question, after, name))
        if lifts := tuple(islice(lifting, MAX_VALUES_PER_RELAXATION)):
            found.append(Relaxation(question, values[question], lifts))
    return tuple(found)


def _in_order_of_mention(failing: list[Gate], questions: Set[str]) -> list[str]:
    """The questions as the gates' conditions name them: what a gate is about comes before its exemptions."""
    conditions = [c for g in failing for c in (g.when, g.requires) if c]
    named = [node.name for c in conditions for node in walk(c.node) if isinstance(node, Name)]
    return [name for name in dict.fromkeys(named) if name in questions]


def with_answer(values: Values, question: str, after: object) -> dict[str, object]:
    """The values with one answer changed; None makes it unknown."""
    changed = {**values, question: after}
    if after is None:
        del changed[question]
    return changed


def _questions(gate: Gate) -> frozenset[str]:
    return gate.requires.questions | (gate.when.questions if gate.when else frozenset())


def _edits(question: str, before: object, kind: Kind, failing: list[Gate]) -> Iterator[object]:
    """Candidate changes of one answer, least first: drop or swap an option, the next option of a scale, a bound."""
    if isinstance(before, tuple):
        yield from (rest for option in before if (rest := tuple(o for o in before if o != option)))
        if len(before) == 1 and question not in ("considering", "tried_and_rejected"):
            yield from ((option,) for option in kind.options if option not in (*before, "none", "undecided"))
    elif isinstance(before, bool):
        yield not before
    elif isinstance(before, str):
        here = kind.options.index(before)
        others = (option for option in kind.options if option != before)
        yield from sorted(others, key=lambda o: abs(kind.options.index(o) - here))
    else:
        conditions = [c for g in failing for c in (g.when, g.requires) if c]
        compared = {bound for c in conditions for name, bound in c.bounds if name == question}
        yield from sorted(compared, key=lambda bound: (abs(bound - float(str(before))), bound))
    yield None
