"""What to ask next: the open question whose answer is expected to settle the most about who comes first.

How open the answer is, is the entropy of the first place over everything that could still be answered: the open
questions are completed from the stated priors (`rules.completions`) and all completions are decided at once
(`rules.batch`). What a question is worth is the entropy it is expected to take away,

    I(q) = H(first places) - sum over answers a of p(a) H(first places | a),

Lindley's expected information of an experiment (On a measure of the information provided by an experiment, Annals of
Mathematical Statistics 27(4), 986-1005, 1956) with the question as the experiment. The first places of all roles count
together, and whether a role is called for is part of it: a person wants the whole answer, and what moves all roles at
once is still one thing to learn. Who is first now stands for the first of every completion that it is level with, since
no answer is better than another by what the ranking itself calls a tie.

An answer that is all but certain tells next to nothing, but as long as it is not given, the present first places may
be other ones than those it leads to. So an answer that alone leads from there to likelier first places counts too, by
the surprise that it spares, log2 of how much likelier they are, as often as it is given. Where what comes first now is
what is most likely to come first in the end, that is 0.

What chance alone would tell is taken off (`rules.information`), so that questions of many answers do not win by noise.
A question that nothing looks at is worth 0; so is one whose estimate chance explains and of which no single answer
moves any first place.

Lists of options have too many answers to count. They are told apart by the rarest option that they name, and what is
very rare is one together. That is a function of the answer, so it never tells more than the answer does (the
data-processing inequality: Cover and Thomas, Elements of Information Theory, 2nd edition, 2006, 2.8).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from rules import calling, canonical, information
from rules.compiled import Release
from rules.completions import Completions, Drawn, complete
from rules.conditions.columns import Bools
from rules.first_places import NOBODY, UNCALLED, Firsts, Known, Singles, judge, singles
from rules.information import RARE_CODE, RARE_LABEL, pooled
from rules.priors import NOTHING
from rules.sampling import compared_with

ROWS = 512
DECIMALS = 9  # what differs by less is equal, on whatever machine
NOISE = 2.0  # standard deviations of chance that what moves no first place by itself must go beyond

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Winners = Mapping[str, str | None]  # by role called for; None where nobody is left
Between = tuple[float | None, float | None]  # numbers that conditions compare with; None: no bound on that side


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer to a question: its probability, given all that is known, and who would come first at once.

    `between` says of a number from where to where the same holds; both ends are equal for one number alone.
    """

    answer: object
    probability: float
    winners: Winners
    changes: bool
    between: Between | None = None


@dataclass(frozen=True, slots=True)
class Worth:
    """An open question, and the bits of entropy of the first places and of surprise that its answer should spare."""

    question: str
    bits: float


@dataclass(frozen=True, slots=True)
class Next:
    """What there is to ask.

    Attributes:
        open: every open question, the one worth most first.
        outcomes: what each answer to the first of them could do.
        winners: who comes first now.
        bits: entropy of what is better than that after a full questionnaire.
        certainty: by role, the probability that who is first now is still first then, or level with the first.
        joint: the probability that this is so in every role at once.
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
    joint: float
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
    tried = singles(release, known)
    asked = _Asked(release, known, drawn, judge(release, known, drawn.sheet, tried), tried)
    open_questions, joint, still = asked.open(), asked.joint(), asked.unshakable()
    return Next(
        open=open_questions,
        outcomes=asked.outcomes(open_questions[0].question) if open_questions else (),
        winners=asked.winners(asked.at),
        bits=asked.entropy(),
        certainty=asked.certainty(),
        joint=joint,
        shares=asked.shares(),
        settled=still or joint >= release.priors.settled_at or not open_questions,
        unshakable=still,
        rows=asked.at,
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


# --- What it says ----------------------------------------------------------------------------------------------------


class _Asked:
    """The first places of completions and of single answers, and what follows from them."""

    def __init__(self, release: Release, known: Known, drawn: Completions, found: Firsts, tried: Singles) -> None:
        self._release, self._known, self._drawn, self._tried = release, known, drawn, tried
        self._first, self._better, self.at = found.first, found.better, found.at
        self._bounds = compared_with(release)
        self._label = _together(labels[: self.at] for labels in self._better.values())

    def winners(self, row: int) -> Winners:
        """Who comes first in one row, by role called for."""
        found = {role: int(labels[row]) for role, labels in self._first.items() if labels[row] != UNCALLED}
        return {role: self._name(role, index) for role, index in found.items()}

    def _name(self, role: str, index: int) -> str | None:
        return self._release.roles[role].members[index] if index != NOBODY else None

    def entropy(self) -> float:
        """Bits of entropy of all first places together."""
        return information.entropy(self._label, self._drawn.weight)

    def certainty(self) -> dict[str, float]:
        """By role that is called for or may yet be: how likely its first place stays first, or level with the first."""
        stays = {role: self._share(found[: self.at] == found[self.at]) for role, found in self._better.items()}
        return {role: share for role, share in stays.items() if (self._first[role][: self.at + 1] != UNCALLED).any()}

    def joint(self) -> float:
        """How likely every first place stays first, or level with the first: what an answer is worth as a whole."""
        stays = [found[: self.at] == found[self.at] for found in self._better.values()]
        return self._share(np.logical_and.reduce(stays))

    def shares(self) -> dict[str, dict[str | None, float]]:
        """By role called for now, how likely each first place is after a full questionnaire."""
        found = {}
        for role, labels in self._first.items():
            if labels[self.at] == UNCALLED:
                continue
            each = {int(i): self._share(labels[: self.at] == i) for i in np.unique(labels[: self.at])}
            told = [(self._name(role, i), share) for i, share in each.items() if i != UNCALLED]
            found[role] = dict(sorted(told, key=lambda pair: (-pair[1], str(pair[0]))))
        return found

    def unshakable(self) -> bool:
        """Whether every completion and every single answer leaves all first places as they are."""
        return all((found == found[self.at]).all() for found in self._first.values())

    def open(self) -> tuple[Worth, ...]:
        """Every open question with its worth, the greatest first; equals in the order of the questionnaire."""
        known, weight, looked_at = self._known, self._drawn.weight, self._looked_at()
        open_to = [
            q for q in self._release.questionnaire.questions if q not in known.values and q not in known.declined
        ]
        drawn = {q: each for q, each in self._drawn.drawn.items() if q in looked_at}
        codes = {q: pooled(self._code(each), weight, RARE_CODE) for q, each in drawn.items()}
        label = pooled(self._label, weight, RARE_LABEL)
        told = information.told(label, codes, weight, _seed(self._release, known))
        spared = self._surprise_spared()
        bits = {q: (self._beyond_chance(q, told[q]) if q in told else 0.0) + spared.get(q, 0.0) for q in open_to}
        worth = [Worth(q, round(found, DECIMALS)) for q, found in bits.items()]
        return tuple(sorted(worth, key=lambda each: -each.bits))

    def _beyond_chance(self, question: str, told: information.Told) -> float:
        """What an answer tells, 0 where that may be chance and no single answer moves a first place by itself."""
        return told.bits if told.bits > NOISE * told.noise or self._moves(question) else 0.0

    def _surprise_spared(self) -> dict[str, float]:
        """By question, bits that its answers spare by leading, each alone, to likelier first places than these."""
        places = _together(self._first.values())
        likely = np.bincount(places[: self.at], weights=self._drawn.weight, minlength=int(places.max()) + 1)
        now = max(self.joint(), float(np.square(self._drawn.weight).sum()))  # no less than one completion
        found = {}
        for question, answers in self._tried.items():
            then = likely[places[self._start(question) :][: len(answers)]]
            better = [(answer, float(p)) for (_, answer), p in zip(answers, then, strict=True) if p > now]
            found[question] = sum(self._probability(question, answer) * log2(p / now) for answer, p in better)
        return found

    def _moves(self, question: str) -> bool:
        """Whether some single answer to a question moves some first place by itself, by more than a tie."""
        start = self._start(question)
        stop = start + len(self._tried.get(question, ()))
        return any((found[start:stop] != found[self.at]).any() for found in self._better.values())

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
        now = self.winners(self.at)
        found: list[Outcome] = []
        for row, (_, after) in enumerate(self._tried.get(question, ()), self._start(question)):
            winners = self.winners(row)
            chance, between = self._probability(question, after), self._between(question, after)
            found.append(Outcome(after, chance, winners, winners != now, between))
        return tuple(_merged(found) if self._release.names[question].sort == "number" else found)

    def _between(self, question: str, after: object) -> Between | None:
        """The numbers that conditions compare with between which an answer lies; itself twice where it is one."""
        if not isinstance(after, float):
            return None
        bounds: tuple[float | None, ...] = (None, *self._bounds.get(question, ()), None)
        place = int(self._place(question, np.array([after]))[0])
        return (bounds[place // 2], bounds[place // 2 + 1]) if place % 2 == 0 else (after, after)

    def _start(self, question: str) -> int:
        """The row of the first single answer to a question."""
        names = list(self._tried)
        before = names[: names.index(question)] if question in self._tried else names
        return self.at + 1 + sum(len(self._tried[name]) for name in before)

    def _probability(self, question: str, after: object) -> float:
        """How likely an answer is given all that is known; of a list: that it names the option, or ranks it first."""
        drawn = self._drawn.drawn[question]
        if drawn.prior.kind == "one":
            if isinstance(after, float):
                same = self._interval(drawn) == self._place(question, np.array([after]))[0]
            else:
                same = drawn.index == (drawn.prior.values.index(after) if after in drawn.prior.values else -1)
            return self._share(same & drawn.known)
        named = (after or (NOTHING,))[0] if isinstance(after, tuple) else after
        if named not in drawn.prior.values:
            return 0.0
        return self._share(drawn.held[:, drawn.prior.values.index(named)])

    def _share(self, rows: Bools) -> float:
        """The weight of some rows, in [0, 1]."""
        return min(1.0, float(self._drawn.weight[rows].sum()))


def _together(by_role: Iterable[Indices]) -> Indices:
    """(N,) the labels of all roles as one, numbered from 0 on."""
    found: Indices = np.zeros(1, dtype=np.intp)
    for labels in by_role:
        each = np.unique(labels, return_inverse=True)[1]
        found = np.unique(found * (int(each.max()) + 1) + each, return_inverse=True)[1]
    return found


def _merged(outcomes: Sequence[Outcome]) -> Iterable[Outcome]:
    """Neighbouring numbers, ascending, with the same first places as one range."""
    last: Outcome | None = None
    for each in outcomes:
        if last is None or last.winners != each.winners:
            if last is not None:
                yield last
            last = each
        elif last.between and each.between:
            between = (last.between[0], each.between[1])
            last = Outcome(last.answer, last.probability + each.probability, last.winners, last.changes, between)
    if last is not None:
        yield last


__all__ = ["Known", "Next", "Outcome", "Worth", "next_question"]
