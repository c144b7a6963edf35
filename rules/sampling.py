"""Projects as they might come: answers drawn at random, many at once, as columns and one by one.

What the answers are for is the caller's business: looking for rules that never matter, choosing the next question,
fitting a tree. The draws say how often something happens among plausible projects, not among real ones.

Every question has a raw stream of its own, named by the seed and the question. So the same
seed gives the same projects everywhere, a longer sample begins with the shorter one, and a new question leaves the
answers to the others as they are (but for projects that only then contradict themselves, which are left out).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import log

import numpy as np
from numpy.typing import NDArray

from rules.compiled import Release
from rules.conditions import Kind, bounds, column_parts
from rules.conditions.columns import (
    SETS,
    TRUE,
    UNKNOWN,
    Bools,
    Column,
    Conditions,
    NumberColumn,
    SetColumn,
    Sheet,
    TextColumn,
    TruthColumn,
)
from rules.requirements import Question, within
from rules.streams import LEVELS, Draws, draws, stream

BLOCK = 4096
MAX_BLOCKS = 200
STEPS = 1024  # different sizes that a number is drawn from
UNCOMPARED = (1.0, 1000.0)  # where a number lies that no condition looks at


@dataclass(frozen=True, slots=True)
class Habits:
    """How people are taken to answer.

    Attributes:
        answered: shares of the questions that projects answer; every share is as likely. The worked examples answer
            0.23 to 0.34 of theirs; the spread about that reaches the hurried and the thorough.
        several: probability of 1, 2, 3 ... options, as they are counted in the examples.
        ranked: probability of ranking 1, 2, 3 ... priorities; the examples rank 2 to 4.
        beyond: by what factor numbers go below the least and above the greatest that a condition compares with.
        at_bound: probability that a number is one that a condition compares with, since both like round numbers.
    """

    answered: tuple[float, ...] = (0.15, 0.3, 0.45)
    several: tuple[float, ...] = (0.58, 0.26, 0.09, 0.05, 0.02)
    ranked: tuple[float, ...] = (0.1, 0.2, 0.4, 0.2, 0.1)
    beyond: float = 10.0
    at_bound: float = 0.2


PLAUSIBLE = Habits()


@dataclass(frozen=True, slots=True)
class Sample:
    """Drawn projects: a sheet of them, and any of them as a person would answer. `questions` are those that were asked;
    whoever works with the sheet may add columns to it.
    """

    sheet: Sheet
    questions: tuple[str, ...]

    def answers(self, row: int) -> dict[str, object]:
        """The answers of one project, as JSON; what is unknown is left out."""
        found = {name: column_parts.value(self.sheet.columns[name], row) for name in self.questions}
        return {name: value for name, value in found.items() if value is not None}


def draw(release: Release, count: int, seed: str, habits: Habits = PLAUSIBLE) -> Sample:
    """Some projects that do not contradict themselves.

    Raises:
        ValueError: nearly everything that is drawn contradicts itself.
    """
    blocks = list(islice(_enough(_blocks(release, seed, habits), count), MAX_BLOCKS))
    if sum(block.rows for block in blocks) < count:
        raise ValueError("the questionnaire's contradictions leave next to nothing to draw")
    joined = {name: column_parts.join([block.columns[name] for block in blocks]) for name in blocks[0].columns}
    first = np.arange(count)
    return Sample(Sheet(count, {name: column.take(first) for name, column in joined.items()}), tuple(joined))


def _enough(blocks: Iterator[Sheet], count: int) -> Iterator[Sheet]:
    got = 0
    for block in blocks:
        yield block
        got += block.rows
        if got >= count:
            return


def _blocks(release: Release, seed: str, habits: Habits) -> Iterator[Sheet]:
    """Sheets of projects without contradictions, `BLOCK` drawn for each."""
    asked = release.questionnaire.questions
    streams = {name: stream(f"{seed}:{name}") for name in ("", *asked)}  # the nameless one: how much is answered
    sizes = _sizes(release, habits)
    conditions = Conditions(release.names)
    contradictions = [conditions.compile(c.node) for c in release.questionnaire.contradictions]
    thresholds = (np.array(habits.answered) * LEVELS).astype(np.intp)
    while True:
        share = thresholds[draws(streams[""], 1, BLOCK)[0] % len(thresholds)]
        sheet = Sheet(
            BLOCK,
            {
                name: _column(question, release.names[name], streams[name], share, sizes.get(name, ((), ())), habits)
                for name, question in asked.items()
            },
        )
        sound = np.ones(BLOCK, dtype=np.bool_)
        for holds in contradictions:
            sound &= holds(sheet) != TRUE
        kept = np.flatnonzero(sound)
        yield Sheet(len(kept), {name: column.take(kept) for name, column in sheet.columns.items()})


# --- One question ----------------------------------------------------------------------------------------------------

_Sizes = tuple[Sequence[float], Sequence[float]]  # (numbers that conditions compare with, sizes to draw from)


def _column(
    question: Question, kind: Kind, raw: np.random.Philox, share: Draws, sizes: _Sizes, habits: Habits
) -> Column:
    """The drawn answers to one question, each of them known where a draw falls below the project's share."""
    known = draws(raw, 1, len(share))[0] < share
    if kind.sort == "number":
        return NumberColumn(np.where(known, _numbers(raw, len(share), sizes, habits), np.nan))
    if kind.sort == "yes/no":
        said = (draws(raw, 1, len(share))[0] % 2 * TRUE).astype(np.int8)
        return TruthColumn(np.where(known, said, np.int8(UNKNOWN)))
    if kind.sort == "ranked":
        return _ranked(kind, raw, known, habits)
    if kind.sort in SETS:
        return _several(question, kind, raw, known, habits)
    code = draws(raw, 1, len(share))[0] * len(kind.options) // LEVELS
    return TextColumn(np.where(known, code, -1).astype(np.int32), kind.options)


def _numbers(raw: np.random.Philox, count: int, sizes: _Sizes, habits: Habits) -> NDArray[np.float64]:
    compared, spread = np.array(sizes[0]), np.array(sizes[1])
    at, where = draws(raw, 2, count)
    drawn: NDArray[np.float64] = spread[where * len(spread) // LEVELS]
    if len(compared):
        drawn = np.where(at < habits.at_bound * LEVELS, compared[where * len(compared) // LEVELS], drawn)
    return drawn


def _several(question: Question, kind: Kind, raw: np.random.Philox, known: Bools, habits: Habits) -> SetColumn:
    """Some of the options, none of them twice, by Floyd's method; exclusive ones alone.

    Bentley and Floyd, Programming pearls: a sample of brilliance, Communications of the ACM 30(9), 754-757, 1987.
    """
    rows = np.arange(len(known))
    ordered = [*(o for o in kind.options if o not in question.exclusive), *question.exclusive]  # exclusive ones last
    together = len(kind.options) - len(question.exclusive)
    lengths, *picks = draws(raw, 1 + len(habits.several), len(known))
    length = np.minimum(_length(lengths, habits.several), max(together, 1))
    open_to = np.where(length == 1, len(ordered), together)
    held = np.zeros((len(known), len(ordered)), dtype=np.bool_)
    for step, each in enumerate(picks):
        last = open_to - length + step
        picked = each * (last + 1) // LEVELS
        drawing = (step < length) & known
        picked = np.where(held[rows, np.minimum(picked, len(ordered) - 1)], last, picked)[drawing]
        held[rows[drawing], picked] = True
    return column_parts.held(held[:, [ordered.index(o) for o in kind.options]], known, kind.options)


def _ranked(kind: Kind, raw: np.random.Philox, known: Bools, habits: Habits) -> SetColumn:
    """The first few of all options in random order."""
    keys = draws(raw, 1 + len(kind.options), len(known))
    length = np.where(known, np.minimum(_length(keys[0], habits.ranked), len(kind.options)), 0)
    place = keys[1:].T.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable").astype(np.int16)
    place[place >= length[:, None]] = -1
    return column_parts.held(place >= 0, known, kind.options, place)


def _length(raw: Draws, probability: Sequence[float]) -> Draws:
    """1, 2, 3 ... with these probabilities."""
    edges = np.round(np.cumsum(probability)[:-1] * LEVELS)
    return np.searchsorted(edges, raw, side="right").astype(np.intp) + 1


# --- Numbers ---------------------------------------------------------------------------------------------------------


def _sizes(release: Release, habits: Habits) -> dict[str, _Sizes]:
    """The numbers that each question of that kind is answered with."""
    compared = compared_with(release)
    return {
        name: _around(question, compared.get(name, ()), habits)
        for name, question in release.questionnaire.questions.items()
        if question.kind == "number"
    }


def _around(question: Question, compared: Sequence[float], habits: Habits) -> _Sizes:
    """(the bounds that can be answered, evenly spaced logarithmic sizes from below the least to above the greatest)."""
    stated = [bound for bound in compared if within(question, bound) == bound]
    positive = [bound for bound in stated if bound > 0]
    low, high = (min(positive) / habits.beyond, max(positive) * habits.beyond) if positive else UNCOMPARED
    step = log(high / low) / (STEPS - 1)
    return stated, [within(question, float(f"{low * np.exp(step * i):.3g}")) for i in range(STEPS)]


@lru_cache(maxsize=8)
def compared_with(release: Release) -> Mapping[str, Sequence[float]]:
    """The numbers that anything compares a question with, the facts of alternatives included, ascending."""
    nodes = [c.node for c in release.questionnaire.contradictions]
    for role in release.roles.values():
        nodes += [rule.when.node for rule in role.rules if rule.when]
        nodes += [gate.when.node for gate in role.gates if gate.when]
        nodes += [part.node for gate in role.gates for part in gate.parts]
    found: dict[str, set[float]] = {}
    for name, bound in (pair for node in nodes for pair in bounds(node)):
        found.setdefault(name, set()).add(bound)
    return {name: sorted(each) for name, each in found.items()}
