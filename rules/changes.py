"""What would change the answer: single answers and single weights that flip the first place of a role.

All variants are scored at once from the arrays of the decision: only rules and gates that look at the changed question
are evaluated again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rules import gates, reach, scoring
from rules.compiled import Array, Release, Role
from rules.conditions import Kind, Values
from rules.gates import Possible, Seen
from rules.requirements import Question, within
from rules.scoring import Score

SHOWN_WEIGHT_FLIPS = 3


@dataclass(frozen=True, slots=True)
class AnswerFlip:
    """Answering `question` with `after` instead of `before` (None: unknown) puts `winner` first (None: nobody)."""

    role: str
    question: str
    before: object
    after: object
    winner: str | None


@dataclass(frozen=True, slots=True)
class WeightFlip:
    """Multiplying a rule's weight by `factor` (its share becomes `share_after`) puts `winner` level with the first."""

    role: str
    rule: str
    share: float
    factor: float
    share_after: float
    winner: str


def weight_flips(role: Role, scored: Score, first: int, second: int) -> list[WeightFlip]:
    """The rules whose weight alone can bring the second level with the first, smallest change of share first.

    With D = S_1 - S_2 and D_r rule r's part of it, scaling the rule by k gives D - D_r + k D_r = 0.
    """
    parts = scored.share * (scored.opinion[:, first] - scored.opinion[:, second])
    gap = float(scored.score[first] - scored.score[second])
    found = []
    for index, part in enumerate(parts.tolist()):
        share = float(scored.share[index])
        if part == 0 or share == 0:
            continue
        factor = -(gap - part) / part
        if factor >= 0 and share < 1:
            after = factor * share / (1 - share + factor * share)
            name = role.rules[index].id
            found.append(WeightFlip(role.name, name, share, factor, after, role.members[second]))
    found.sort(key=lambda f: (abs(f.share_after - f.share), f.rule))
    return found[:SHOWN_WEIGHT_FLIPS]


def answer_flips(
    release: Release,
    role: Role,
    values: Values,
    scored: Score,
    winner: str | None,
    possible: Possible,
    seen: Seen,
) -> list[AnswerFlip]:
    """Every single changed answer after which another alternative (or none) comes first.

    Args:
        release: the knowledge as the project sees it; `role` is one of its roles.
        role: the role to look at.
        values: the answers.
        scored: the scores under these answers.
        winner: who comes first under them.
        possible: whether a question could be answered so.
        seen: the release as it is seen after a changed answer.
    """
    moves = _moves(release, role, values, scored, seen)
    if not moves:
        return []
    open_to = np.array([move.open_to for move in moves])
    opinions = {row: move.opinion for row, move in enumerate(moves) if move.opinion is not None}
    scores = _scores(role, np.array([move.strength for move in moves]), scored.opinion, opinions)
    scores = np.where(open_to, np.round(scores, 12), -1.0)
    found = []
    for move, row, first in zip(moves, open_to, scores.argmax(axis=1).tolist(), strict=True):
        now = role.members[first] if row[first] else None
        if now != winner and possible(move.question, move.after):
            found.append(AnswerFlip(role.name, move.question, values.get(move.question), move.after, now))
    return found


@dataclass(frozen=True, slots=True)
class _Move:
    """A changed answer that changes what a role is decided from; `opinion` is None where it stays as it is."""

    question: str
    after: object
    strength: list[float]
    open_to: list[bool]
    opinion: Array | None


def _moves(release: Release, role: Role, values: Values, scored: Score, seen: Seen) -> list[_Move]:
    """Every single changed answer that moves a rule, a gate or an opinion; the others cannot change the first place."""
    tally = gates.Tally(role, values, release.alternatives)
    strength = scored.strength.tolist()
    affinities = {c.affinity for c in role.criteria if c.affinity}
    by_path = [i for i, gate in enumerate(role.gates) if gate.looks_at_paths]
    found = []
    for question, after in _variants(release, role, values):
        changed = gates.with_answer(values, question, after)
        other = seen(question, changed)
        touched: Collection[int] = role.gates_on.get(question, ())
        if other is not release:
            touched = {*touched, *by_path}
        spoken = _strength_after(role, strength, question, changed)
        open_to = tally.after(touched, changed, other.alternatives)
        opinion = None
        if question in affinities or other is not release:
            opinion = scoring.opinions(other, other.roles[role.name], changed)
        if spoken is not strength or open_to is not tally.open or opinion is not None:
            found.append(_Move(question, after, spoken, open_to, opinion))
    return found


def _strength_after(role: Role, strength: list[float], question: str, changed: Values) -> list[float]:
    """The strength of every rule after one changed answer; the very list where it makes no difference."""
    after = strength
    for index in role.rules_on.get(question, ()):
        spoken = scoring.strength(role.rules[index], changed)
        if spoken != strength[index]:
            after = strength.copy() if after is strength else after
            after[index] = spoken
    return after


def _scores(role: Role, strengths: Array, opinion: Array, others: Mapping[int, Array]) -> Array:
    mass = strengths * role.total
    scores: Array = mass @ opinion
    for row, other in others.items():
        scores[row] = mass[row] @ other
    whole = mass.sum(axis=1, keepdims=True)
    scored: Array = scores / np.where(whole > 0, whole, 1.0)
    return scored


def _variants(release: Release, role: Role, values: Values) -> Iterator[tuple[str, object]]:
    """Every other single answer to every question that the role looks at."""
    asked = set(role.rules_on) | set(role.gates_on) | {c.affinity for c in role.criteria if c.affinity}
    asked |= release.reach_questions if role.name == "training" and reach.targets(values) else set()
    for question in release.questionnaire.questions:
        if question in asked and question not in ("considering", "tried_and_rejected"):
            before = values.get(question)
            options = _options(release.names[question], release.questionnaire.questions[question], before, role)
            yield from ((question, after) for after in options if after != before)
            if before is not None:
                yield question, None


def _options(kind: Kind, question: Question, before: object, role: Role) -> Iterator[object]:
    if kind.sort == "yes/no":
        yield from (True, False)
    elif kind.sort == "number":
        yield from {within(question, number): None for number in _representatives(role.bounds.get(question.id, ()))}
    elif kind.sort in ("many", "ranked"):
        held = before if isinstance(before, tuple) else ()
        pool = role.members if question.id in ("known_frameworks", "existing_code") else kind.options
        for option in pool:
            rest = tuple(o for o in held if o != option and o not in question.exclusive)
            if option in question.exclusive:
                yield (option,)
            elif kind.sort == "ranked":
                yield (option, *rest)
            elif option not in held:
                yield tuple(o for o in kind.options if o in (*rest, option))
            elif rest:
                yield rest
    else:
        yield from kind.options


def _representatives(bounds: Sequence[float]) -> Iterator[float]:
    """One number in each interval that the bounds cut the line into, and each bound."""
    if bounds:
        yield bounds[0] / 2
        yield from bounds
        yield from ((a + b) / 2 for a, b in pairwise(bounds))
        yield bounds[-1] * 2 + 1


def winners_with(role: Role, scored: Score, silent: Sequence[int], allowed: Sequence[bool]) -> list[str | None]:
    """For each of some silent rules, who would come first if it alone spoke too; None when nobody is allowed."""
    if not any(allowed):
        return [None] * len(silent)
    whole = float((scored.strength * role.total).sum())
    mass = np.array([role.rules[index].strength for index in silent]) * role.total[silent]
    scores = scored.share @ scored.opinion + mass[:, None] * scored.opinion[silent] / whole
    scores = np.where(np.array(allowed), np.round(scores, 12), -1.0)
    return [role.members[first] for first in scores.argmax(axis=1).tolist()]
