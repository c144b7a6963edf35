"""What would change the answer: single answers and single weights that flip the first place of a role.

All variants are scored at once from the arrays of the decision: only rules and gates that look at the changed question
are evaluated again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rules import gates, reach, scoring
from rules.conditions import Kind, Values
from rules.gates import Possible, Seen
from rules.release import Array, Release, Role
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
    variants = [variant for variant in _variants(release, role, values) if possible(*variant)]
    if not variants:
        return []
    members = role.members
    stopped = [gates.stopped(g, values, members, release.alternatives) for g in role.gates]
    strengths = np.tile(scored.strength, (len(variants), 1))
    base = Counter(name for names in stopped for name in names)
    open_to = np.zeros((len(variants), len(members)), dtype=bool)
    opinions: dict[int, Array] = {}
    affinities = {c.affinity for c in role.criteria if c.affinity}
    by_path = [i for i, g in enumerate(role.gates) if g.settled is None]
    for row, (question, after) in enumerate(variants):
        changed = gates.with_answer(values, question, after)
        for index in role.rules_on.get(question, ()):
            strengths[row, index] = scoring.strength(role.rules[index], changed)
        other = seen(question, changed)
        touched = {*role.gates_on.get(question, ()), *(by_path if other is not release else ())}
        stops = base.copy() if touched else base
        for index in touched:
            stops.subtract(stopped[index])
            stops.update(gates.stopped(role.gates[index], changed, members, other.alternatives))
        open_to[row] = [not stops[name] for name in members]
        if question in affinities or other is not release:
            opinions[row] = scoring.opinions(other, other.roles[role.name], changed)
    scores = np.where(open_to, np.round(_scores(role, strengths, scored.opinion, opinions), 12), -1.0)
    found = []
    for row, first in enumerate(scores.argmax(axis=1).tolist()):
        now = members[first] if open_to[row, first] else None
        if now != winner:
            question, after = variants[row]
            found.append(AnswerFlip(role.name, question, values.get(question), after, now))
    return found


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


def could_win(role: Role, scored: Score, index: int, strength: float, allowed: Sequence[bool]) -> str | None:
    """Who would come first if this silent rule spoke with the given strength; None when nothing is allowed."""
    if not any(allowed):
        return None
    mass = scored.share * 1.0
    whole = float((scored.strength * role.total).sum())
    scores = mass @ scored.opinion + strength * role.total[index] * scored.opinion[index] / whole
    scores = np.where(np.array(allowed), np.round(scores, 12), -1.0)
    return role.members[int(scores.argmax())]
