"""What would change the answer: single answers and single weights that flip the first place of a role.

Every single changed answer is a row of a sheet, and all of them are gated and scored at once (`rules.batch`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rules import batch, reach
from rules.compiled import Release, Role
from rules.conditions import Kind, Values
from rules.gates import Possible
from rules.requirements import Question, within
from rules.scoring import SUM_DECIMALS, Score

Single = tuple[str, object]  # a question and another answer to it, None for no answer

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


@dataclass(frozen=True, slots=True)
class Unknown:
    """What answering one open question could do: of `answers` possible ones, those that put somebody else first."""

    role: str
    question: str
    answers: int
    winners: Mapping[str, int]  # by whom they put first; "" where nobody would be left


class Trials:
    """Single changed answers, all tried at once on every role.

    Args:
        release: the knowledge as published.
        values: the answers.
        singles: the changes to try, as (question, answer or None for unknown); each counts once.
        possible: whether a question could be answered so.
        offered: what the hardware profile fills in where an answer is taken back.
        weights: what the ranked `priorities` weigh where they stay as they are; see `batch.board`.
    """

    def __init__(
        self,
        release: Release,
        values: Values,
        singles: Iterable[Single],
        possible: Possible,
        offered: Mapping[str, object],
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self._release, self._possible, self._weights = release, possible, weights
        self._row = {single: row for row, single in enumerate(dict.fromkeys(singles))}
        changed = [{question: after} for question, after in self._row]
        self._sheet = batch.varied(release, values, changed, offered)
        self._boards: dict[str, batch.Board] = {}

    def _board(self, role: str) -> batch.Board:
        if role not in self._boards:
            self._boards[role] = batch.board(self._release, role, self._sheet, self._weights)
        return self._boards[role]

    def lets_in(self, role: str, alternative: str, question: str, after: object) -> bool:
        """Whether a question can be answered so and then no gate of the role stops the alternative."""
        compiled = self._release.roles[role]
        column = (*compiled.members, *compiled.others).index(alternative)
        return bool(self._board(role).open[self._row[question, after], column]) and self._possible(question, after)

    def place(self, role: str, alternative: str, question: str, after: object) -> tuple[float, int]:
        """(score, rank) that an alternative has after a change which lets it in."""
        board, members = self._board(role), self._release.roles[role].members
        row, index = self._row[question, after], members.index(alternative)
        score = np.round(board.score[row], SUM_DECIMALS)
        rivals = board.open[row, : len(members)].copy()
        rivals[index] = False
        ahead = (score > score[index]) | ((score == score[index]) & (np.arange(len(members)) < index))
        return float(board.score[row, index]), 1 + int(np.count_nonzero(ahead & rivals))

    def winners(self, role: str, singles: Sequence[Single]) -> list[str | None]:
        """Who comes first in a role after each change; None: nobody."""
        members = self._release.roles[role].members
        first = self._board(role).first()[[self._row[single] for single in singles]].tolist()
        return [members[index] if index >= 0 else None for index in first]

    def flips(self, role: str, values: Values, winner: str | None, singles: Sequence[Single]) -> list[AnswerFlip]:
        """Every one of these changes that can be answered and after which another alternative (or none) comes first."""
        return [
            AnswerFlip(role, single[0], values.get(single[0]), single[1], now)
            for single, now in zip(singles, self.winners(role, singles), strict=True)
            if now != winner and self._possible(*single)
        ]


def unknowns(
    role: str, values: Values, singles: Sequence[Single], flips: Sequence[AnswerFlip], possible: Possible
) -> tuple[list[Unknown], list[str]]:
    """(the open questions that alone could change the first place; those that alone could not)."""
    open_to = [single for single in singles if values.get(single[0]) is None]
    tried = {question: 0 for question, _ in open_to} | Counter(q for q, after in open_to if possible(q, after))
    winners: dict[str, Counter[str]] = {}
    for flip in flips:
        if flip.before is None:
            winners.setdefault(flip.question, Counter())[flip.winner or ""] += 1
    could = [Unknown(role, q, tried[q], dict(sorted(winners[q].items()))) for q in tried if q in winners]
    return could, [question for question in tried if question not in winners]


def singles(release: Release, role: Role, values: Values) -> Iterator[Single]:
    """Every other single answer to every question that a role looks at."""
    asked = set(role.rules_on) | set(role.gates_on) | {c.affinity for c in role.criteria if c.affinity}
    if role.name == "training" and _looks_at_paths(role):
        asked |= release.reach_questions if reach.targets(values) else {"deploy_targets"}
    for question in release.questionnaire.questions:
        if question in asked and question not in ("considering", "tried_and_rejected"):
            before = values.get(question)
            options = _options(release.names[question], release.questionnaire.questions[question], before, role)
            yield from ((question, after) for after in options if after != before)
            if before is not None:
                yield question, None


def _looks_at_paths(role: Role) -> bool:
    return any(gate.looks_at_paths for gate in role.gates) or any(map(reach.target_of, role.criteria))


def _options(kind: Kind, question: Question, before: object, role: Role) -> Iterator[object]:
    if kind.sort == "yes/no":
        yield from (True, False)
    elif kind.sort == "number":
        yield from {within(question, number): None for number in representatives(role.bounds.get(question.id, ()))}
    elif kind.sort in ("many", "ranked"):
        place = {o: index for index, o in enumerate(kind.options)}
        held = tuple(o for o in before if o in place) if isinstance(before, tuple) else ()  # a machine may have others
        pool = (*role.members, *held) if question.id in ("known_frameworks", "existing_code") else kind.options
        for option in dict.fromkeys(pool):
            rest = tuple(o for o in held if o != option and o not in question.exclusive)
            if option in question.exclusive:
                yield (option,)
            elif kind.sort == "ranked":
                yield (option, *rest)
            elif option not in held:
                yield tuple(sorted((*rest, option), key=place.__getitem__))
            elif rest:
                yield rest
    else:
        yield from kind.options


def representatives(bounds: Sequence[float]) -> Iterator[float]:
    """One number in each interval that the bounds cut the line into, and each bound."""
    if bounds:
        yield bounds[0] / 2
        yield from bounds
        yield from ((a + b) / 2 for a, b in pairwise(bounds))
        yield bounds[-1] * 2 + 1


def winners_with(role: Role, scored: Score, silent: Sequence[int], field: Sequence[int]) -> list[str | None]:
    """For each of some silent rules, who of the field would be first if it alone spoke too; None for an empty field."""
    if not field:
        return [None] * len(silent)
    whole = float((scored.strength * role.total).sum())
    mass = np.array([role.rules[index].strength for index in silent]) * role.total[silent]
    scores = scored.share @ scored.opinion + mass[:, None] * scored.opinion[silent] / whole
    first = np.round(scores[:, field], SUM_DECIMALS).argmax(axis=1)
    return [role.members[field[index]] for index in first.tolist()]
