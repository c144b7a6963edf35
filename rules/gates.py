"""Gates: what cannot work is excluded before anything is graded, with both values and what would let it back in.

A gate has a condition on the project and one on the alternative. An unknown project answer keeps the gate silent; an
unknown fact never excludes, it leaves the alternative unverified on that gate.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from rules.compiled import Alternative, Gate, Release, Role, Waiver
from rules.conditions import Kind, Name, Truth, Values, bounds, computed, walk

MAX_VALUES_PER_RELAXATION = 4

Possible = Callable[[str, object], bool]  # could this question be answered so, beside the other answers?


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

    `unknown` names the facts about the alternative that the gate looks at and that are not on file; with a `waiver` the
    gate is not passed and excludes nevertheless not.
    """

    gate: Gate
    alternative: str
    passed: Truth
    unknown: tuple[str, ...]
    waiver: Waiver | None

    @property
    def excludes(self) -> bool:
        """Whether this keeps the alternative out."""
        return self.passed is False and self.gate.excludes and self.waiver is None


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
    if not gate.looks_at_paths:
        part = next((p for p in gate.parts if alternative.id in p.alternatives), None)
        if part is not None:
            return part.evaluate(values)
    return gate.requires.evaluate(Both(values, alternative.facts))  # type: ignore[arg-type]


def _met(gate: Gate, values: Values, alternatives: Mapping[str, Alternative]) -> Iterator[tuple[str, Truth]]:
    """Each candidate that does not certainly meet the requirement, with whether it fails (False) or that is open."""
    for part in gate.parts:
        if gate.looks_at_paths:
            found = ((name, meets(gate, values, alternatives[name])) for name in part.alternatives)
            yield from ((name, met) for name, met in found if met is not True)
        elif (met := part.evaluate(values)) is not True:
            yield from ((name, met) for name in part.alternatives)


def open_to(role: Role, values: Values, alternatives: Mapping[str, Alternative]) -> frozenset[str]:
    """The members that no gate excludes."""
    out: set[str] = set()
    for gate in role.gates:
        if gate.excludes and applies(gate, values):
            missed = (name for name, met in _met(gate, values, alternatives) if met is False)
            out.update(name for name in missed if name not in gate.waivers)
    return frozenset(role.members).difference(out)


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the gates of a role make of a project.

    Attributes:
        stops: what is stopped or unverified, gate by gate, alternatives by name.
        applied: the ids of the gates that concern the project.
        silent: the gates that an unknown answer keeps silent.
    """

    stops: Sequence[Stop]
    applied: Sequence[str]
    silent: Sequence[Gate]


def guard(role: Role, values: Values, alternatives: Mapping[str, Alternative]) -> Guarded:
    """Every gate asked about every candidate of a role.

    A gate whose requirement waits for an answer verifies nothing: it is silent for those it does not stop already.
    """
    stops: list[Stop] = []
    applied: list[str] = []
    silent: list[Gate] = []
    for gate in role.gates:
        concerned = applies(gate, values)
        if concerned is None:
            silent.append(gate)
        if not concerned:
            continue
        applied.append(gate.id)
        waits = not gate.requires.questions <= values.keys()
        if gate.looks_at_paths or gate.open_parts:
            missed = sorted(_met(gate, values, alternatives))
            stops += [_stop(gate, alternatives[n], met) for n, met in missed if _counts(alternatives[n], met, waits)]
        else:
            stops += [_stop(gate, alternatives[n], False) for n in gate.fails]
            stops += [] if waits else [_stop(gate, alternatives[n], None) for n in gate.not_known]
    return Guarded(stops, applied, silent)


def _counts(alternative: Alternative, met: Truth, waits: bool) -> bool:
    """Whether not meeting a requirement is told: what nobody ranks, or what waits for an answer, is not unverified."""
    return met is False or (alternative.graded and not waits)


def _stop(gate: Gate, alternative: Alternative, met: Truth) -> Stop:
    if met is False:
        return Stop(gate, alternative.id, met, (), gate.waivers.get(alternative.id))
    unknown = tuple(fact for fact in gate.requires.facts if alternative.facts.get(fact) is None)
    return Stop(gate, alternative.id, met, unknown, None)


@dataclass(frozen=True, slots=True)
class Edits:
    """The single changed answers that might let one excluded alternative in again, nearest first, by question."""

    alternative: str
    by_question: tuple[tuple[str, tuple[object, ...]], ...]


def edits(release: Release, values: Values, name: str, failing: Sequence[Gate]) -> Edits:
    """What is worth trying for an excluded alternative: other answers to the questions that all failing gates share.

    Where gates mention no common question (an archived project, say) no single answer helps; then there is none.
    What is given, such as the kind of data, is not tried: a project cannot choose it.
    """
    asked = release.questionnaire.questions  # what a machine has is nobody's answer
    named = frozenset.intersection(*(gate.questions for gate in failing)) & values.keys() & asked.keys()
    shared = {question for question in named if not asked[question].given}
    compared = {pair for gate in failing for pair in _bounds(gate, name)}
    return Edits(
        name,
        tuple(
            (question, tuple(_edits(question, values[question], release.names[question], compared)))
            for question in _in_order_of_mention(failing, shared)
        ),
    )


def relaxations(values: Values, tried: Edits, lets_in: Callable[[str, str, object], bool]) -> tuple[Relaxation, ...]:
    """The single-answer changes that let an excluded alternative back in, by question, nearest values first.

    A change counts only when it can be answered and afterwards no gate of the role stops the alternative, which is
    what `lets_in(alternative, question, after)` says.
    """
    found = []
    for question, afters in tried.by_question:
        lifting = (after for after in afters if lets_in(tried.alternative, question, after))
        if lifts := tuple(islice(lifting, MAX_VALUES_PER_RELAXATION)):
            found.append(Relaxation(question, values[question], lifts))
    return tuple(found)


def _in_order_of_mention(failing: Sequence[Gate], questions: Set[str]) -> list[str]:
    """The questions as the gates' conditions name them: what a gate is about comes before its exemptions."""
    conditions = [c for g in failing for c in (g.when, g.requires) if c]
    named = [node.name for c in conditions for node in walk(c.node) if isinstance(node, Name)]
    return [name for name in computed.looked_at(named) if name in questions]


def _bounds(gate: Gate, name: str) -> set[tuple[str, float]]:
    """The numbers that a gate compares questions with, for one alternative those that its facts say too."""
    stated = {pair for c in (gate.when, gate.requires) if c for pair in c.bounds}
    return stated.union(*(bounds(part.node) for part in gate.parts if name in part.alternatives))


def _edits(question: str, before: object, kind: Kind, compared: Set[tuple[str, float]]) -> Iterator[object]:
    """Candidate changes of one answer, least first: drop or swap an option, the next option of a scale, a bound."""
    if isinstance(before, tuple):
        held = [option for option in before if option in kind.options]  # a machine may have others
        yield from (rest for option in held if (rest := tuple(o for o in held if o != option)))
        if len(before) == 1 and question not in ("considering", "tried_and_rejected"):
            yield from ((option,) for option in kind.options if option not in (*before, "none", "undecided"))
    elif isinstance(before, bool):
        yield not before
    elif isinstance(before, str):
        here = kind.options.index(before)
        others = (option for option in kind.options if option != before)
        yield from sorted(others, key=lambda o: abs(kind.options.index(o) - here))
    else:
        numbers = {bound for name, bound in compared if name == question}
        yield from sorted(numbers, key=lambda bound: (abs(bound - float(str(before))), bound))
    yield None
