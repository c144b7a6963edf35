"""When a project leaves nothing to choose from: the smallest sets of its answers that, taken back, let something in.

A set is minimal when it lets an alternative in and none of its proper subsets does. Conditions may say "not", so taking
back more is not always allowing more; therefore every subset is tried, small ones first, all of one size at once
(`rules.batch`), until a bound on their number is reached. What was searched is part of the answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from rules import batch
from rules.compiled import Gate, Release
from rules.conditions import Values

MAX_SUBSETS = 20_000
MAX_SHOWN = 20

Element = tuple[str, str | None]  # one option of a question with several answers, or a question's only answer (None)


@dataclass(frozen=True, slots=True)
class Relief:
    """Answers to take back, all of them together, and the alternatives that nothing excludes then."""

    withdraw: tuple[Element, ...]
    lets_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reliefs:
    """The minimal sets, smallest first.

    `searched_size` is the largest number of answers for which every set was tried; `complete` whether that is all of
    them and every set found is here, so that there is no other.
    """

    sets: tuple[Relief, ...]
    searched_size: int
    complete: bool


def reliefs(
    release: Release,
    role: str,
    values: Values,
    given: Mapping[str, object],
    failing: Mapping[str, Sequence[Gate]],
    possible: Callable[[Mapping[str, object]], bool],
    offered: Mapping[str, object],
) -> Reliefs:
    """The minimal sets of answers whose taking back lets a member of a role in.

    Args:
        release: the knowledge as published.
        role: a role in which every member is excluded.
        values: what the decision was made from: the answers and what hardware adds.
        given: the answers that were given, and that can be taken back.
        failing: the gates that exclude each alternative.
        possible: whether answers can be given together.
        offered: what the hardware profile fills in where an answer is taken back.
    """
    elements = list(_elements(release, role, given, failing))
    members = release.roles[role].members
    found: list[tuple[frozenset[Element], Relief]] = []
    size, tried = 0, 0
    while size < len(elements) and tried + comb(len(elements), size + 1) <= MAX_SUBSETS:
        size += 1
        tried += comb(len(elements), size)
        subsets = [s for s in combinations(elements, size) if not any(smaller <= set(s) for smaller, _ in found)]
        changed = [_without(given, subset) for subset in subsets]
        for subset, change, entered in zip(
            subsets, changed, _entered(release, role, values, changed, offered), strict=True
        ):
            lets_in = tuple(m for m, is_in in zip(members, entered, strict=True) if is_in)
            if lets_in and possible(_applied(given, change)):
                found.append((frozenset(subset), Relief(subset, lets_in)))
    return Reliefs(
        tuple(relief for _, relief in found[:MAX_SHOWN]), size, size == len(elements) and len(found) <= MAX_SHOWN
    )


def _elements(
    release: Release, role: str, given: Mapping[str, object], failing: Mapping[str, Sequence[Gate]]
) -> Iterator[Element]:
    """What could be taken back: the answers that the gates which exclude a member look at.

    A gate that looks at one of them may exclude once it is taken back, and what is left may contradict other answers:
    so what such a gate or contradiction looks at counts too.
    """
    stopping = [gate for member in release.roles[role].members for gate in failing.get(member, ())]
    asked = frozenset().union(*(_questions(gate, release) for gate in stopping))
    linked = [_questions(gate, release) for gate in release.roles[role].gates if gate.excludes]
    linked += [c.questions for c in release.questionnaire.contradictions]
    while more := [looks for looks in linked if looks & asked and not looks <= asked]:
        asked = asked.union(*more)
    for question, answer in given.items():
        if question in asked:
            yield from ((question, option) for option in answer) if isinstance(answer, tuple) else [(question, None)]


def _questions(gate: Gate, release: Release) -> frozenset[str]:
    return gate.questions | (release.reach_questions if gate.looks_at_paths else frozenset())


def _without(given: Mapping[str, object], subset: Sequence[Element]) -> dict[str, object]:
    """The questions whose answers change when a subset is taken back, with what is left of them (None: nothing)."""
    taken: dict[str, set[str | None]] = {}
    for question, option in subset:
        taken.setdefault(question, set()).add(option)
    changed: dict[str, object] = {}
    for question, options in taken.items():
        answer = given[question]
        left = tuple(o for o in answer if o not in options) if isinstance(answer, tuple) else ()
        changed[question] = left or None
    return changed


def _applied(given: Mapping[str, object], change: Mapping[str, object]) -> dict[str, object]:
    return {q: a for q, a in {**given, **change}.items() if a is not None}


def _entered(
    release: Release,
    role: str,
    values: Values,
    changed: Sequence[Mapping[str, object]],
    offered: Mapping[str, object],
) -> Iterable[Sequence[bool]]:
    if not changed:
        return []
    sheet = batch.varied(release, values, changed, offered)
    left: list[list[bool]] = batch.board(release, role, sheet).open[:, : len(release.roles[role].members)].tolist()
    return left
