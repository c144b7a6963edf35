"""What to ask next: the open question whose answer is expected to settle the most about who comes first.

How open the answer is, is the entropy of the first place over everything that could still be answered: the open
questions are completed from the stated priors (`rules.completions`) and all completions are decided at once
(`rules.batch`). What a question is worth is the entropy it is expected to take away,

    I(q) = sum over roles of  H(first place) - sum over answers a of p(a) H(first place | a),

Lindley's expected information of an experiment (On a measure of the information provided by an experiment, Annals of
Mathematical Statistics 27(4), 1956) with the question as the experiment. The roles are added up: a person wants the
whole answer, whether a role is called for at all is part of it, and the entropy of all first places together, with
hundreds of combinations, could not be told from some hundred completions. What chance alone would tell is taken off
(`rules.information`), so that questions of many answers do not win by noise. A question that nothing looks at is worth
0; so is one whose estimate chance explains and of which no single answer moves any first place.

Lists of options have too many answers to count. They are told apart by the rarest option that they name, and what is
very rare is one together. That is a function of the answer, so it never tells more than the answer does (Cover and
Thomas, Elements of Information Theory, 2nd edition, 2.8).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules import batch, calling, canonical, changes, information
from rules.compiled import ROLES, Release
from rules.completions import Completions, Drawn, complete
from rules.conditions import column_parts, columns
from rules.conditions.columns import Bools, Sheet
from rules.requirements import Answer, possible
from rules.sampling import compared_with

ROWS = 512
NOISE = 2.0  # standard deviations of chance that what moves no first place by itself must go beyond
SHARED = 0.5  # a role that a greater part of the rows calls for is judged on all of them
UNCALLED, NOBODY = -2, -1  # in the place of the index of a member

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Winners = Mapping[str, str | None]  # by role called for; None where nobody is left


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a project.

    Attributes:
        given: the answers, by question.
        values: the same with what the hardware profile fills in and the facts that it knows.
        declined: the questions answered with "don't know".
        roles: the roles asked for; empty for those that the answers call for.
    """

    given: Mapping[str, Answer]
    values: Mapping[str, object]
    declined: frozenset[str]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer to a question: its probability, given all that is known, and who would come first at once.

    `up_to` is the greatest number for which the same holds, for numbers only.
    """

    answer: object
    probability: float
    winners: Winners
    changes: bool
    up_to: float | None = None


@dataclass(frozen=True, slots=True)
class Worth:
    """An open question, and the bits of entropy of the first places that its answer is expected to take away."""

    question: str
    bits: float


@dataclass(frozen=True, slots=True)
class Next:
    """What there is to ask.

    Attributes:
        open: every open question, the one worth most first.
        outcomes: what each answer to the first of them could do.
        winners: who comes first now.
        bits: entropy of the first places, summed over the roles.
        certainty: by role, the probability that a full questionnaire gives the same first place as now.
        shares: by role, the probability of each first place after a full questionnaire (None: nobody), greatest first.
        settled: whether there is nothing to ask any more.
        unshakable: whether no completion drawn and no single answer moves any first place.
        rows, singles: how many completions and how many single answers that says.
    """

    open: tuple[Worth, ...]
    outcomes: tuple[Outcome, ...]
    winners: Winners
    bits: float
    certainty: Mapping[str, float]
    shares: Mapping[str, Mapping[str | None, float]]
    settled: bool
    unshakable: bool
    rows: int
    singles: int


def next_question(release: Release, known: Known, rows: int = ROWS) -> Next:
    """What to ask next of a project, and whether there is anything left to ask.

    Args:
        release: with its priors.
        known: what was answered, and what the hardware says.
        rows: how many completions to draw; the estimates' standard error shrinks with its root.
    """
    drawn = complete(release, known.values, known.declined, _seed(release, known), rows)
    tried = _singles(release, known)
    first = _firsts(release, known, drawn, [single for each in tried.values() for single in each])
    asked = _Asked(release, known, drawn, first, tried)
    open_questions = asked.open()
    certainty = asked.certainty()
    still = asked.unshakable()
    enough = bool(certainty) and min(certainty.values()) >= release.priors.settled_at
    best = open_questions[0].question if open_questions else None
    return Next(
        open=open_questions,
        outcomes=asked.outcomes(best) if best else (),
        winners=asked.winners(drawn.sheet.rows),
        bits=sum(asked.entropy(role) for role in ROLES),
        certainty=certainty,
        shares=asked.shares(),
        settled=still or enough or not open_questions,
        unshakable=still,
        rows=drawn.sheet.rows,
        singles=sum(map(len, tried.values())),
    )


def _seed(release: Release, known: Known) -> str:
    """A digest of everything that is known, so that the same question is asked of the same project."""
    return canonical.digest(
        {
            "release": release.sha256,
            "policy": release.policy_sha256,
            "values": {name: list(v) if isinstance(v, tuple) else v for name, v in known.values.items()},
            "declined": sorted(known.declined),
            "roles": list(known.roles),
        }
    )


# --- What is tried ---------------------------------------------------------------------------------------------------


def _singles(release: Release, known: Known) -> Mapping[str, list[changes.Single]]:
    """Every single answer to each open question that anything looks at, and that contradicts nothing."""
    found: dict[str, dict[changes.Single, None]] = {}
    for role in known.roles or ROLES:
        for single in changes.singles(release, release.roles[role], known.values):
            if single[0] not in known.values and single[0] not in known.declined:
                found.setdefault(single[0], {})[single] = None
    asked = release.questionnaire
    return {q: [s for s in each if possible(known.given, q, s[1], asked)] for q, each in found.items()}


def _firsts(
    release: Release, known: Known, drawn: Completions, singles: Sequence[changes.Single]
) -> Mapping[str, Indices]:
    """Who comes first in the completions, in the project as it is, and with each of the single answers."""
    tried = batch.varied(release, known.values, [{}, *({question: after} for question, after in singles)])
    return first_places(release, _below(release, drawn.sheet, tried), known.roles)


def first_places(release: Release, sheet: Sheet, roles: Collection[str] = ()) -> Mapping[str, Indices]:
    """By role, the index of the member that comes first in each row: `NOBODY` where none is left, `UNCALLED` where the
    role is not called for (by the answers, or by `roles` where there are any).
    """
    called = calling.roles_called_in(sheet, release)
    if roles:
        called = {role: np.full(sheet.rows, role in roles) for role in ROLES}
    return {role: _first(release, role, sheet, called[role]) for role in ROLES}


def _below(release: Release, upper: Sheet, lower: Sheet) -> Sheet:
    """Two sheets of projects as one; what only one of them knows is unknown in the other."""
    names = {**upper.columns, **lower.columns}
    unknown = {name: columns.column(release.names[name], [None]) for name in names}

    def of(sheet: Sheet, name: str) -> columns.Column:
        return sheet.columns.get(name) or unknown[name].take(np.zeros(sheet.rows, dtype=np.intp))

    joined = {name: column_parts.join([of(upper, name), of(lower, name)]) for name in names}
    return Sheet(upper.rows + lower.rows, joined)


def _first(release: Release, role: str, sheet: Sheet, called: Bools) -> Indices:
    found = np.full(sheet.rows, UNCALLED, dtype=np.intp)
    rows = np.flatnonzero(called)
    if len(rows) > SHARED * sheet.rows:
        found[rows] = batch.board(release, role, sheet).first()[rows]
    elif len(rows):
        part = Sheet(len(rows), {name: column.take(rows) for name, column in sheet.columns.items()})
        found[rows] = batch.board(release, role, part).first()
    return found


# --- What it says ----------------------------------------------------------------------------------------------------


class _Asked:
    """The first places of completions and of single answers, and what follows from them."""

    def __init__(
        self,
        release: Release,
        known: Known,
        drawn: Completions,
        first: Mapping[str, Indices],
        tried: Mapping[str, Sequence[changes.Single]],
    ) -> None:
        self._release, self._known, self._drawn, self._first, self._tried = release, known, drawn, first, tried
        self._bounds = compared_with(release)
        self._seed = _seed(release, known)

    def winners(self, row: int) -> Winners:
        """Who comes first in one row, by role called for."""
        found = {role: int(labels[row]) for role, labels in self._first.items() if labels[row] != UNCALLED}
        return {role: self._name(role, index) for role, index in found.items()}

    def _name(self, role: str, index: int) -> str | None:
        return self._release.roles[role].members[index] if index != NOBODY else None

    def entropy(self, role: str) -> float:
        """Bits of entropy of a role's first place."""
        rows = self._drawn.sheet.rows
        return information.entropy(np.unique(self._first[role][:rows], return_inverse=True)[1], self._drawn.weight)

    def certainty(self) -> dict[str, float]:
        """By role that the answers call for now or may call for: how likely its first place stays as it is."""
        rows = self._drawn.sheet.rows
        stays = {role: float(self._drawn.weight[f[:rows] == f[rows]].sum()) for role, f in self._first.items()}
        return {role: share for role, share in stays.items() if (self._first[role][: rows + 1] != UNCALLED).any()}

    def shares(self) -> dict[str, dict[str | None, float]]:
        """By role called for now, how likely each first place is after a full questionnaire."""
        rows, found = self._drawn.sheet.rows, {}
        for role, labels in self._first.items():
            if labels[rows] == UNCALLED:
                continue
            each = {int(i): float(self._drawn.weight[labels[:rows] == i].sum()) for i in np.unique(labels[:rows])}
            told = [(self._name(role, i), share) for i, share in each.items() if i != UNCALLED]
            found[role] = dict(sorted(told, key=lambda pair: (-pair[1], str(pair[0]))))
        return found

    def unshakable(self) -> bool:
        """Whether every completion and every single answer leaves all first places as they are."""
        return all((found == found[self._drawn.sheet.rows]).all() for found in self._first.values())

    def open(self) -> tuple[Worth, ...]:
        """Every open question with its worth, the greatest first; equals in the order of the questionnaire."""
        known, asked = self._known, self._release.questionnaire.questions
        open_to = [q for q in asked if q not in known.values and q not in known.declined]
        looked_at, rows = self._looked_at(), self._drawn.sheet.rows
        weight = self._drawn.weight
        codes = {q: information.pooled(self._code(d), weight) for q, d in self._drawn.drawn.items() if q in looked_at}
        labels = [information.pooled(found[:rows], weight) for found in self._first.values()]
        told = information.told([each for each in labels if each.max() > 0], codes, weight, self._seed)
        worth = [Worth(q, self._beyond_chance(q, told[q]) if q in told else 0.0) for q in open_to]
        return tuple(sorted(worth, key=lambda each: -each.bits))

    def _beyond_chance(self, question: str, told: information.Told) -> float:
        """What an answer tells, 0 where that may be chance and no single answer moves a first place by itself."""
        return told.bits if told.bits > NOISE * told.noise or self._moves(question) else 0.0

    def _moves(self, question: str) -> bool:
        """Whether some single answer to a question moves some first place by itself."""
        rows, start = self._drawn.sheet.rows, self._start(question)
        stop = start + len(self._tried.get(question, ()))
        return any((found[start:stop] != found[rows]).any() for found in self._first.values())

    def _looked_at(self) -> frozenset[str]:
        """The questions that rules, gates, ways or the calling of roles look at, in a role that may be called for."""
        found = set() if self._known.roles else set(calling.LOOKED_AT)
        for name, labels in self._first.items():
            if (labels != UNCALLED).any():
                role = self._release.roles[name]
                found |= role.rules_on.keys() | role.gates_on.keys()
                found |= {c.affinity for c in role.criteria if c.affinity}
                found |= self._release.reach_questions if name == "training" else set()
        return frozenset(found)

    # --- Answers that are told apart ---

    def _code(self, drawn: Drawn) -> Indices:
        """(N,) which of the answers that are told apart each row gives; -1 for none."""
        if drawn.prior.kind == "one":
            kinds = self._interval(drawn) if drawn.prior.question in self._bounds else drawn.index
            return np.where(drawn.known, kinds, -1)
        rarest = np.argsort(self._drawn.weight @ drawn.held, kind="stable")
        return np.where(drawn.known & drawn.held.any(axis=1), rarest[drawn.held[:, rarest].argmax(axis=1)], -1)

    def _interval(self, drawn: Drawn) -> Indices:
        """(N,) the interval between two numbers that conditions compare with, or one of these numbers itself."""
        values = np.array(drawn.prior.values, dtype=np.float64)
        return self._place(drawn.prior.question, values)[drawn.index]

    def _place(self, question: str, numbers: Floats) -> Indices:
        bounds = np.array(self._bounds.get(question, ()))
        found: Indices = np.searchsorted(bounds, numbers, "left") + np.searchsorted(bounds, numbers, "right")
        return found

    # --- What each answer could do ---

    def outcomes(self, question: str) -> tuple[Outcome, ...]:
        """What each answer to a question would do at once; numbers that do the same are one range."""
        now = self.winners(self._drawn.sheet.rows)
        found: list[Outcome] = []
        for row, (_, after) in enumerate(self._tried.get(question, ()), self._start(question)):
            winners = self.winners(row)
            found.append(Outcome(after, self._probability(question, after), winners, winners != now))
        if self._release.names[question].sort == "number":
            found = list(_merged(sorted(found, key=lambda each: float(each.answer))))  # type: ignore[arg-type]
        return tuple(found)

    def _start(self, question: str) -> int:
        """The row of the first single answer to a question."""
        names = list(self._tried)
        before = names[: names.index(question)] if question in self._tried else names
        return self._drawn.sheet.rows + 1 + sum(len(self._tried[name]) for name in before)

    def _probability(self, question: str, after: object) -> float:
        """How likely an answer is given all that is known; of a list: that it names the option, or ranks it first."""
        drawn, weight = self._drawn.drawn[question], self._drawn.weight
        if drawn.prior.kind == "one":
            if isinstance(after, float):
                same = self._interval(drawn) == self._place(question, np.array([after]))[0]
            else:
                same = drawn.index == (drawn.prior.values.index(after) if after in drawn.prior.values else -1)
            return float(weight[same & drawn.known].sum())
        named = after[0] if isinstance(after, tuple) else after
        if named not in drawn.prior.values:
            return 0.0
        return float(weight[drawn.held[:, drawn.prior.values.index(named)]].sum())


def _merged(outcomes: Iterable[Outcome]) -> Iterable[Outcome]:
    """Neighbouring numbers with the same first places as one range: the least of them, and up to which it goes."""
    last: Outcome | None = None
    for each in outcomes:
        number = float(each.answer)  # type: ignore[arg-type]
        if last is not None and last.winners == each.winners:
            last = Outcome(last.answer, last.probability + each.probability, last.winners, last.changes, number)
        else:
            if last is not None:
                yield last
            last = Outcome(each.answer, each.probability, each.winners, each.changes, number)
    if last is not None:
        yield last


__all__ = ["NOBODY", "UNCALLED", "Known", "Next", "Outcome", "Worth", "first_places", "next_question"]
