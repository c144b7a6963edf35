"""A file to fill in, made from the questionnaire: a column for each question, what may be answered, one example.

In a workbook the header tells on hover what may be answered, and cells with one answer have a list to choose from. Text
files have no place for that: what may be answered stands in a text beside them.
"""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from portfolio import files
from portfolio.mapping import BESIDE, PACKAGES, WEIGHT
from portfolio.writing import workbook
from rules import requirements
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.requirements import EXISTING_CODE, MANY, Question, Questionnaire

FORMATS = ("csv", "xlsx", "jsonl")
EXAMPLE_ANSWERS = 16
EXAMPLE_NUMBER = 1000.0
CHOICE_ROWS = 10_000
WEIGHS = "How much the project counts for the board: a number of at least 0, 1 where it is empty. Scores do not change."
BY_PACKAGES = f"A column {PACKAGES} of your own, with what each project depends on (torch; numpy), answers it too."
HOVER = {"x_scale": 3, "y_scale": 2, "author": "", "font_size": 9}
_LISTS = "lists"


def write(questionnaire: Questionnaire, target: Path) -> list[Path]:
    """Write a template, in the format that its ending says; the files written.

    Raises:
        InvalidInput: the ending is none of `FORMATS`.
        OSError: a file cannot be written.
    """
    form = target.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        expected = f"a file that ends in {', '.join(f'.{each}' for each in FORMATS)}"
        raise InvalidInput([Fault("template", shown(target.name), expected, nearest(form, FORMATS))])
    if form == "xlsx":
        aside = TemporaryDirectory(prefix="steelyard-")
        with files.replacing(target) as file, aside as folder, workbook.new(file, folder) as book:
            _fill(book, questionnaire)
        return [target]
    beside = target.with_suffix(".answers.txt")
    files.write(target, (_csv(questionnaire) if form == "csv" else _json(questionnaire)).encode())
    files.write(beside, answers_text(questionnaire).encode())
    return [target, beside]


def answers_text(questionnaire: Questionnaire) -> str:
    """What may be answered to each question, as text."""
    told = (
        f"{q.id}\n    {q.text}\n    {allowed(q, questionnaire)}{_also(q)}\n" for q in questionnaire.questions.values()
    )
    return "\n".join(["An empty cell means: not known.\n", f"{WEIGHT}\n    {WEIGHS}\n", *told])


def allowed(question: Question, questionnaire: Questionnaire) -> str:
    """What may be answered to a question, in one sentence."""
    match question.kind:
        case "number":
            bounds = ((word, bound) for word, bound in (("from", question.minimum), ("to", question.maximum)))
            told = " ".join(f"{word} {bound:.15g}" for word, bound in bounds if bound is not None)
            return f"A number in {question.unit}, {told}." if question.unit else f"A number {told}."
        case "yes/no":
            return "yes or no."
        case kind:
            ids = ", ".join(_options(question, questionnaire))
            if kind not in MANY:
                return f"One of: {ids}."
            how = "the most important first, " if kind == "ranked" else ""
            version = " An id may have a version: pytorch@2.9." if question.with_version else ""
            return f"Any of these, {how}with a semicolon between them: {ids}.{version}"


def _also(question: Question) -> str:
    """What else answers a question. It has no column here: who fills in a file names frameworks, not packages."""
    return f" {BY_PACKAGES}" if question.id == EXISTING_CODE and question.kind == "alternatives" else ""


def example(questionnaire: Questionnaire) -> dict[str, object]:
    """Answers to the first questions that can be true together."""
    given: dict[str, object] = {}
    for question in list(questionnaire.questions.values())[:EXAMPLE_ANSWERS]:
        trial = {**given, question.id: _answer(question, questionnaire)}
        try:
            requirements.parse(trial, questionnaire)
        except InvalidInput:
            continue
        given = trial
    return given


def _answer(question: Question, questionnaire: Questionnaire) -> object:
    match question.kind:
        case "number":
            return requirements.within(question, EXAMPLE_NUMBER)
        case "yes/no":
            return True
        case kind:
            options = [option for option in _options(question, questionnaire) if option not in question.exclusive]
            return options[:1] if kind in MANY else options[0]


def _options(question: Question, questionnaire: Questionnaire) -> list[str]:
    if question.kind == "alternatives":
        return list(questionnaire.alternatives)
    return [option.id for option in question.options]


def _cell(answer: object) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, list):
        return "; ".join(map(str, answer))
    return f"{answer:.15g}" if isinstance(answer, float) else str(answer)


def _row(questionnaire: Questionnaire) -> list[str]:
    answers: Mapping[str, object] = example(questionnaire)
    cells = [_cell(answers[name]) if name in answers else "" for name in questionnaire.questions]
    return ["example", "An example: replace it", "1", *cells]


def _csv(questionnaire: Questionnaire) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[*BESIDE, *questionnaire.questions], _row(questionnaire)])
    return text.getvalue()


def _json(questionnaire: Questionnaire) -> str:
    record = {"id": "example", "name": "An example: replace it", "weight": 1, "answers": example(questionnaire)}
    return json.dumps(record, ensure_ascii=False) + "\n"


# --- Workbooks -------------------------------------------------------------------------------------------------------


def _fill(book: xlsxwriter.Workbook, questionnaire: Questionnaire) -> None:
    sheet = book.add_worksheet("projects")
    lists = book.add_worksheet(_LISTS)
    lists.hide()
    sheet.freeze_panes(1, 2)
    bold = book.add_format({"bold": True})
    chosen = [q for q in questionnaire.questions.values() if q.kind == "one"]
    for place, name in enumerate((*BESIDE, *questionnaire.questions)):
        sheet.set_column(place, place, max(12, len(name) + 2))
        sheet.write_string(0, place, name, bold)
        question = questionnaire.questions.get(name)
        if name == WEIGHT:
            sheet.write_comment(0, place, WEIGHS, HOVER)
        elif question is not None:
            sheet.write_comment(
                0, place, f"{question.text}\n{allowed(question, questionnaire)}{_also(question)}", HOVER
            )
            rule = _choice(question, chosen)
            if rule is not None:
                sheet.data_validation(1, place, CHOICE_ROWS, place, rule)
    for place, cell in enumerate(_row(questionnaire)):
        if cell:
            sheet.write_string(1, place, cell)
    longest = max((len(question.options) for question in chosen), default=0)
    for row in range(longest):  # row by row: what is above is written already
        for place, question in enumerate(chosen):
            if row < len(question.options):
                lists.write_string(row, place, question.options[row].id)


def _choice(question: Question, chosen: list[Question]) -> dict[str, Any] | None:
    """What a cell takes; None where that cannot be said in a workbook, as for several answers."""
    wrong = {"error_title": question.id[:32], "error_message": "Not an answer to this question."}
    match question.kind:
        case "yes/no":
            return {"validate": "list", "source": ["yes", "no"], **wrong}
        case "one":
            letter = xlsxwriter.utility.xl_col_to_name(chosen.index(question))
            return {"validate": "list", "source": f"={_LISTS}!${letter}$1:${letter}${len(question.options)}", **wrong}
        case _:
            return None
