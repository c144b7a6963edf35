"""What would change the answer: single answers and single weights that flip the first place of a role.

All variants are scored at once from the arrays of the decision: only rules and gates that look at the changed question
are evaluated again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rules import gates, scoring
from rules.conditions import Compare, Kind, Literal, Name, Values, walk
from rules.release import Array, Condition, Release, Role
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
    release: Release, role: Role, values: Values, scored: Score, allowed: Sequence[bool], winner: str | None
) -> list[AnswerFlip]:
    """Every single changed answer after which another alternative (or none) comes first."""
    variants = list(_variants(release, role, values))
    if not variants:
        return []
    strengths = np.tile(scored.strength, (len(variants), 1))
    open_to = np.tile(np.array(allowed), (len(variants), 1))
    opinions = [scored.opinion] * len(variants)
    for row, (question, after) in enumerate(variants):
        changed = gates.with_answer(values, question, after)
        for index, rule in enumerate(role.rules):
            if _touches(rule.when, question) or (rule.rank_of and question == "priorities"):
                strengths[row, index] = scoring.strength(rule, changed)
        if any(_touches(g.when, question) or _touches(g.requires, question) for g in role.gates):
            open_to[row] = _allowed(release, role, changed)
        if any(c.affinity == question for c in role.criteria):
            opinions[row] = scoring.score(release, role, changed, strengths[row].tolist()).opinion
    scores = _scores(role, strengths, opinions, scored.opinion)
    scores = np.where(open_to, np.round(scores, 12), -1.0)
    firsts = scores.argmax(axis=1)
    found = []
    for row, (question, after) in enumerate(variants):
        now = role.members[firsts[row]] if open_to[row].any() else None
        if now != winner:
            found.append(AnswerFlip(role.name, question, values.get(question), after, now))
    return found


def _scores(role: Role, strengths: Array, opinions: list[Array], base: Array) -> Array:
    mass = strengths * role.total
    scores: Array = mass @ base
    for row, opinion in enumerate(opinions):
        if opinion is not base:
            scores[row] = mass[row] @ opinion
    whole = mass.sum(axis=1, keepdims=True)
    scored: Array = scores / np.where(whole > 0, whole, 1.0)
    return scored


def _allowed(release: Release, role: Role, values: Values) -> list[bool]:
    guards = [g for g in role.gates if g.excludes and gates.applies(g, values)]
    return [all(gates.meets(g, values, release.alternatives[m]) is not False for g in guards) for m in role.members]


def _touches(condition: Condition | None, question: str) -> bool:
    return condition is not None and question in condition.questions


def _variants(release: Release, role: Role, values: Values) -> Iterator[tuple[str, object]]:
    """Every other single answer to every question that the role looks at."""
    looked_at = [r.when for r in role.rules] + [c for g in role.gates for c in (g.when, g.requires)]
    conditions = [c for c in looked_at if c]
    asked = {q for c in conditions for q in c.questions} | {c.affinity for c in role.criteria if c.affinity}
    asked |= {"priorities"} if any(r.rank_of for r in role.rules) else set()
    for question in release.questionnaire.questions:
        if question in asked and question not in ("considering", "tried_and_rejected"):
            before = values.get(question)
            options = _options(release.names[question], question, before, conditions, role)
            yield from ((question, after) for after in options if after != before)
            if before is not None:
                yield question, None


def _options(
    kind: Kind, question: str, before: object, conditions: Sequence[Condition], role: Role
) -> Iterator[object]:
    if kind.sort == "yes/no":
        yield from (True, False)
    elif kind.sort == "number":
        yield from _representatives(question, conditions)
    elif kind.sort in ("many", "ranked"):
        held = before if isinstance(before, tuple) else ()
        pool = role.members if question in ("known_frameworks", "existing_code") else kind.options
        for option in pool:
            rest = tuple(o for o in held if o not in (option, "none", "undecided"))
            if kind.sort == "ranked":
                yield (option, *rest)
            elif option not in held:
                yield (tuple(o for o in kind.options if o in (*rest, option)) if option != "none" else (option,))
            elif rest:
                yield rest
    else:
        yield from kind.options


def _representatives(question: str, conditions: Sequence[Condition]) -> Iterator[float]:
    """One number in each interval that the bounds mentioned in conditions cut the line into, and each bound."""
    bounds: set[float] = set()
    for condition in conditions:
        for node in walk(condition.node):
            if isinstance(node, Compare):
                for side, other in ((node.left, node.right), (node.right, node.left)):
                    if isinstance(other, Name) and other.name == question and isinstance(side, Literal):
                        bounds |= {side.value} if isinstance(side.value, float) else set()
    ordered = sorted(bounds)
    if ordered:
        yield ordered[0] / 2
        yield from ordered
        yield from ((a + b) / 2 for a, b in pairwise(ordered))
        yield ordered[-1] * 2 + 1


def could_win(role: Role, scored: Score, index: int, strength: float, allowed: Sequence[bool]) -> str | None:
    """Who would come first if this silent rule spoke with the given strength; None when nothing is allowed."""
    if not any(allowed):
        return None
    mass = scored.share * 1.0
    whole = float((scored.strength * role.total).sum())
    scores = mass @ scored.opinion + strength * role.total[index] * scored.opinion[index] / whole
    scores = np.where(np.array(allowed), np.round(scores, 12), -1.0)
    return role.members[int(scores.argmax())]
