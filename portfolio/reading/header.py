"""Which column of a file is which question: what was said, what is plain, and what is asked back.

A column is understood by its id, or because the mapping says so. It is guessed, and the report says so, where its name
is the label or the text of one question but for case, spaces and signs. What is merely like a name is never taken: it
is a fault that names what it may mean.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from portfolio.mapping import LEFT_OUT, OTHERS, PACKAGES, FileMapping, beside, folded
from rules.faults import Fault, nearest, shown
from rules.requirements import MAX_ANSWERS, Questionnaire

SHOWN_FAULTS = 20
NAMED = (
    "a question, id, name, weight or packages (the mapping, or --map 'COLUMN=question', says which is meant, "
    "'COLUMN=-' leaves it out)"
)
AND_MORE = "a column that is understood and stands only once"
MAX_COLUMNS = 10_000
LISTS_OF_PACKAGES = ("dependencies", "requirements")  # other names of lists of packages: guessed, and told so
NEAR = {  # what a column may mean whose name has other letters: told where it is not understood, never taken
    "repo": "id",
    "repository": "id",
    "key": "id",
    "project": "name",
    "title": "name",
    "language": "training_language",
}
How = Literal["id", "mapped", "guessed", "left out", "not understood"]
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the file, what it was taken for (empty: nothing) and why, and its type where it has one."""

    header: str
    meant: str
    how: How
    type: str = "text"


def understood(
    headers: Sequence[str],
    questionnaire: Questionnaire,
    mapping: FileMapping,
    where: str = "line 1, column {}",
    whole: str = "line 1",
    types: Sequence[str] = (),
) -> tuple[list[Column], list[Fault]]:
    """What the columns of a file are, and what is wrong with them.

    Args:
        headers: the names of the columns, without space around them.
        questionnaire: the questions.
        mapping: what was said about the file.
        where: how faults name a column, with a place for its number.
        whole: how faults name the header.
        types: what the file says of each column's type, where it does.
    """
    most = MAX_COLUMNS if OTHERS in mapping.columns else MAX_ANSWERS
    if len(headers) > most:
        return [], [Fault(whole, f"{len(headers)} columns", f"at most {most} columns")]
    spelt = _spellings(questionnaire)
    told = {folded(column): meant for column, meant in mapping.columns.items()}
    columns = [
        Column(header, *_meaning(header, questionnaire, spelt, told), types[place] if types else "text")
        for place, header in enumerate(headers)
    ]
    faults = _faults(columns, questionnaire, where, whole)
    if not faults and not any(
        column.meant == PACKAGES or column.meant in questionnaire.questions for column in columns
    ):
        listed = shown(", ".join(headers))
        faults.append(Fault(whole, listed, "a line with at least one question among its columns"))
    return columns, faults


def not_there(columns: Iterable[Column], mapping: FileMapping) -> list[Fault]:
    """What was said of columns that no file has."""
    headers = {folded(column.header): column.header for column in columns}
    return [
        Fault("map", shown(said), "a column of the file", nearest(said, headers.values()))
        for said in mapping.columns
        if said != OTHERS and folded(said) not in headers
    ]


def may_mean(header: str, questionnaire: Questionnaire) -> str | None:
    """What a column that is not understood may mean: what such columns often are, or else the nearest name."""
    known = (*beside(questionnaire), *questionnaire.questions)
    often = NEAR.get(_spelling(header))
    return often if often in known else nearest(header, known)


def _meaning(
    header: str, questionnaire: Questionnaire, spelt: Mapping[str, str], told: Mapping[str, str]
) -> tuple[str, How]:
    name = folded(header)
    if name in told:
        return ("", "left out") if told[name] == LEFT_OUT else (told[name], "mapped")
    if header in beside(questionnaire) or header in questionnaire.questions:
        return header, "id"
    if found := spelt.get(_spelling(header)):
        return found, "guessed"
    return "", "left out" if OTHERS in told else "not understood"


def _faults(columns: Sequence[Column], questionnaire: Questionnaire, where: str, whole: str) -> list[Fault]:
    wrong: list[tuple[str, Column, str]] = []
    taken: set[str] = set()
    for place, column in enumerate(columns, 1):
        if column.how == "not understood":
            expected = NAMED
            wrong.append((where.format(place), column, expected))
        elif column.meant and column.meant in taken:
            wrong.append((where.format(place), column, "a column that stands only once"))
        taken.add(column.meant)
    faults = [
        Fault(place, shown(c.header), expected, None if c.meant else may_mean(c.header, questionnaire))
        for place, c, expected in wrong[:SHOWN_FAULTS]
    ]
    if len(wrong) > SHOWN_FAULTS:
        faults.append(Fault(whole, f"each of {len(wrong) - SHOWN_FAULTS} more columns", AND_MORE))
    return faults


def _spellings(questionnaire: Questionnaire) -> dict[str, str]:
    """The names of questions without case and signs; without those that name two."""
    meant: dict[str, set[str]] = {label: {label} for label in beside(questionnaire)}
    if PACKAGES in meant:
        meant |= {written: {PACKAGES} for written in LISTS_OF_PACKAGES}
    for question in questionnaire.questions.values():
        for written in (question.id, question.label or question.id, question.text):
            meant.setdefault(_spelling(written), set()).add(question.id)
    return {written: min(of) for written, of in meant.items() if len(of) == 1 and written}


def _spelling(name: str) -> str:
    return _SIGNS.sub(" ", name.casefold()).strip()
