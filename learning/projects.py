"""Plausible projects, many at once: each of a kind of `learning.kinds`, with a few answers beside that any might give.

Every draw has a raw stream of its own (`rules.streams`), so that the same seed gives the same projects everywhere. What
a questionnaire does not know of the tables is left out.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from learning.kinds import COMMON, KINDS, Table
from rules import sampling
from rules.compiled import Release
from rules.conditions import columns
from rules.conditions.columns import TRUE, Column, Conditions, Sheet
from rules.requirements import MANY, Question
from rules.sampling import Habits, Sample
from rules.streams import LEVELS, draws, stream

BESIDE = Habits(answered=(0.0, 0.04, 0.1))  # a few of the forty questions that the tables leave out
TRIES = 2  # drawn for each that is wanted: some contradict themselves

Index = NDArray[np.intp]


def sample(release: Release, count: int, seed: str) -> Sample:
    """Some projects that do not contradict themselves.

    Raises:
        ValueError: too many of those that are drawn contradict themselves.
    """
    drawn = sampling.draw(release, TRIES * count, seed, BESIDE)
    rows = drawn.sheet.rows
    kind = draws(stream(f"{seed}:kind"), 1, rows)[0] * len(KINDS) // LEVELS
    made: dict[str, Column] = dict(drawn.sheet.columns)
    for question in release.questionnaire.questions.values():
        tables = [_table(release, question, {**COMMON, **each}) for each in KINDS.values()]
        if any(tables):
            made[question.id] = _column(
                release, question, tables, kind, draws(stream(f"{seed}={question.id}"), 1, rows)[0]
            )
    kept = _sound(release, Sheet(rows, made))[:count]
    if len(kept) < count:
        raise ValueError("most projects of these kinds contradict themselves in this questionnaire")
    return Sample(Sheet(count, {name: column.take(kept) for name, column in made.items()}), drawn.questions)


def _sound(release: Release, sheet: Sheet) -> Index:
    conditions = Conditions(release.names)
    wrong = np.zeros(sheet.rows, dtype=np.bool_)
    for contradiction in release.questionnaire.contradictions:
        wrong |= conditions.compile(contradiction.node)(sheet) == TRUE
    return np.flatnonzero(~wrong)


_Table = Sequence[tuple[object, float]]  # (answer as conditions see it, weight)


def _table(release: Release, question: Question, of: Table) -> _Table:
    """What a kind answers to a question; empty where it says nothing of it."""
    known = release.names[question.id].options
    parts = [part.rsplit(" ", 1) for part in of.get(question.id, "").split(", ") if part]
    read = [(_answer(said, question, known), float(weight)) for said, weight in parts]
    return [pair for pair in read if pair[0] != ()]


def _answer(said: str, question: Question, known: Sequence[str]) -> object:
    """An answer of a table; None for none, () for one that the questionnaire does not have."""
    if said == "-":
        return None
    if question.kind == "number":
        return float(said)
    if question.kind == "yes/no":
        return said == "yes"
    held = tuple(option for option in said.split("+") if option in known)
    return held if question.kind in MANY else (held[0] if held else ())


def _column(release: Release, question: Question, tables: Sequence[_Table], kind: Index, draw: Index) -> Column:
    """One row for each project: the answer of its kind where the draw falls."""
    values: list[object] = [None, *(answer for table in tables for answer, _ in table)]
    start = np.cumsum([1, *(len(table) for table in tables)])
    index = np.zeros(len(kind), dtype=np.intp)
    for place, table in enumerate(tables):
        if table:
            edges = np.cumsum([weight for _, weight in table])
            ours = kind == place
            index[ours] = start[place] + np.searchsorted(edges[:-1], draw[ours] * edges[-1] / LEVELS, side="right")
    return columns.column(release.names[question.id], values).take(index)
