"""Rows that are JSON objects: answers, with `id`, `name` and the like beside or around them (`{"id", "answers"}`)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from portfolio.mapping import LEFT_OUT, OTHERS, PACKAGES, WEIGHT, FileMapping, beside
from rules import strict_json
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.requirements import MAX_ANSWERS, Questionnaire


@dataclass(slots=True)
class Records:
    """Records turned into columns of values, with the faults of rows; a fault's path is the key, as it is written."""

    questionnaire: Questionnaire
    mapping: FileMapping
    rows: int
    values: dict[str, list[object]] = field(default_factory=dict)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    _meant: dict[str, str] = field(default_factory=dict)
    _beside: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._beside = beside(self.questionnaire)

    def add(self, row: int, text: str) -> None:
        """Put the record of one row in its columns."""
        try:
            value = strict_json.json_value(text, "")
        except InvalidInput as invalid:
            self._report(row, *(Fault("", f.value, f.expected, f.nearest) for f in invalid.faults))
            return
        if not isinstance(value, dict):
            self._report(row, Fault("", shown(value), "an object"))
            return
        answers = value
        if "answers" in value:
            self._around(row, value)
            answers = value["answers"]
            if not isinstance(answers, dict):
                self._report(row, Fault("answers", shown(answers), "an object keyed by question ids"))
                return
        if len(answers) > MAX_ANSWERS:
            self._report(row, Fault("", f"{len(answers)} answers", f"an object of at most {MAX_ANSWERS}"))
            return
        self._put(row, answers, labels="answers" not in value)

    def _around(self, row: int, value: Mapping[str, object]) -> None:
        around = (*self._beside, "answers")
        for key, given in value.items():
            if key in self._beside:
                self._column(key)[row] = given
            elif key not in around:
                expected = f"one of the keys {', '.join(around)}"
                self._report(row, Fault("", shown(key), expected, nearest(key, around)))

    def _put(self, row: int, answers: Mapping[str, object], *, labels: bool) -> None:
        for key, given in answers.items():
            meant = self._meaning(key)
            if meant == LEFT_OUT:
                continue
            if not meant or (meant in self._beside and not labels):
                known = self.questionnaire.questions
                self._report(row, Fault("", shown(key), "a question", nearest(key, known)))
                continue
            column = self._column(meant)
            if column[row] is not None:
                self._report(row, Fault("", shown(key), f"the only key that gives {meant}"))
            column[row] = given

    def _meaning(self, key: str) -> str:
        """The question or label that a key stands for, `-` where it is left out, empty where it is none."""
        if key not in self._meant and len(self._meant) < MAX_ANSWERS:
            told = self.mapping.columns
            itself = key if key in self._beside or key in self.questionnaire.questions else told.get(OTHERS, "")
            self._meant[key] = told.get(key, itself)
        return self._meant.get(key, "")

    def _column(self, name: str) -> list[object]:
        if name not in self.values:
            self.values[name] = [None] * self.rows
        return self.values[name]

    def _report(self, row: int, *faults: Fault) -> None:
        self.faults.setdefault(row, []).extend(faults)


def read(texts: Sequence[str | None], questionnaire: Questionnaire, mapping: FileMapping) -> Records:
    """The records of some rows as columns; a row without a text is left empty."""
    found = Records(questionnaire, mapping, len(texts))
    for row, text in enumerate(texts):
        if text is not None:
            found.add(row, text)
    return found


def keys(text: str) -> list[str]:
    """The keys of a record that name answers, weight or packages, for a look at a file; none if it cannot be read."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    around = value if isinstance(value, dict) else {}
    inner = around.get("answers", around)
    outside = [key for key in (WEIGHT, PACKAGES) if inner is not around and key in around]
    return [*outside, *inner] if isinstance(inner, dict) else []
