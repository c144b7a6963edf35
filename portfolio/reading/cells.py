"""Cells as people fill them in, made into the values of a record; what these mean is `rules.requirements`' business.

One text, one meaning. In this order: what the mapping says; words for unknown; an option by its id; then what is
written unlike an id: its label or its id in other letters, several with one sign between them, a JSON list, numbers
with units (`numbers`). What could be read in two ways is refused with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from portfolio.mapping import FileMapping, folded
from portfolio.reading.numbers import number
from rules import requirements, strict_json
from rules.faults import Fault, InvalidInput, shown
from rules.requirements import MANY, Answer, Question, Questionnaire

SEPARATORS = (";", "|", ",", "\n")
NONE = "none"  # in a cell: none of these, also where no option says so
UNKNOWN = frozenset({"", "?", "unknown", "n/a"})
_TRUTHS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one value says: an answer (None: unknown), the versions it asks for, or faults."""

    answer: Answer | None = None
    versions: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()


UNKNOWN_MEANING = Meaning()


class Spells(Protocol):
    """Reads the values of a column as answers to a question; `plain` where ids and plain numbers mean themselves."""

    question: Question
    plain: bool

    def text(self, cell: str) -> Meaning:
        """What the text of a cell says."""
        ...

    def value(self, given: object) -> Meaning:
        """What a value that has a type already says."""
        ...


class Speller:
    """Reads the values of one question: texts of cells, and values that have a type already."""

    def __init__(self, question: Question, questionnaire: Questionnaire, mapping: FileMapping) -> None:
        self.question = question
        self.questionnaire = questionnaire
        self.words = mapping.values.get(question.id, {})
        self.unknown = UNKNOWN | mapping.unknown
        self.decimal = mapping.decimal
        self.options = (
            dict(questionnaire.alternatives)
            if question.kind == "alternatives"
            else {option.id: option.label for option in question.options}
        )
        self.spelt = _spellings(self.options)
        # whether an id or a plain number always means itself
        numbers_differ = question.kind == "number" and mapping.decimal is not None
        self.plain = not self.words and not mapping.unknown and not numbers_differ

    def value(self, given: object) -> Meaning:
        """What a value of a record says, exactly as `rules.requirements.parse` takes it but for mapped words."""
        if self.words:
            given = self._mapped(given)
        if given is None:
            return UNKNOWN_MEANING
        versions: dict[str, str] = {}
        try:
            answer = requirements.answer(given, self.question, self.questionnaire, versions)
        except InvalidInput as invalid:
            return Meaning(faults=invalid.faults)
        return Meaning(answer, tuple(versions.items()))

    def text(self, cell: str) -> Meaning:
        """What the text of a cell says."""
        text = cell.strip()
        word = folded(text)
        if word not in self.words and text not in self.options and (word in self.unknown or not word.strip(";|, ")):
            return UNKNOWN_MEANING
        try:
            return self.value(self._typed(text, word))
        except InvalidInput as invalid:
            return Meaning(faults=invalid.faults)

    def _mapped(self, given: object) -> object:
        several = given if isinstance(given, list | tuple) else [given]
        if not any(isinstance(each, str | int | float) and folded(str(each)) in self.words for each in several):
            return given
        many = self.question.kind in MANY
        found: list[object] = []
        for each in several:
            meant = self.words.get(folded(str(each)))
            found += [each] if meant is None else [self._spelling(word) for word in meant]
        return found if many or len(found) > 1 else next(iter(found), None)

    def _spelling(self, word: str) -> object:
        """A word of the mapping, which is written as a cell is."""
        if self.question.kind == "number":
            return number(word.strip(), self.question, self.decimal)
        return _TRUTHS.get(word.casefold(), word) if self.question.kind == "yes/no" else self._id(word)

    def _typed(self, text: str, word: str) -> object:
        if word in self.words:
            return text
        match self.question.kind:
            case "number":
                return number(text, self.question, self.decimal)
            case "yes/no":
                return _TRUTHS.get(word, text)
            case kind if kind in MANY:
                return self._several(text)
            case _:
                return self._id(text)

    def _several(self, text: str) -> list[object]:
        if text in self.options or folded(text) in self.spelt:
            return [self._id(text)]
        if text.startswith("["):
            return self._json_list(text)
        between = [sign for sign in SEPARATORS if sign in text]
        if len(between) > 1:
            signs = " and ".join(repr(sign) for sign in between)
            raise InvalidInput(
                [Fault(self.question.id, shown(text), f"answers with one sign between them, not {signs}")]
            )
        if folded(text) == NONE and requirements.can_be_none(self.question):
            return []
        parts = text.split(between[0]) if between else [text]
        return [self._word(part) for each in parts if (part := each.strip())]

    def _word(self, part: str) -> object:
        return part if folded(part) in self.words else self._id(part)

    def _json_list(self, text: str) -> list[object]:
        found = strict_json.json_value(text, self.question.id)
        return found if isinstance(found, list) else [found]

    def _id(self, text: str) -> str:
        """The option that a text names: itself where it is one or none, so that faults show what was written."""
        if text in self.options:
            return text
        name, sign, version = text.partition("@")
        known = self.spelt.get(folded(name))
        return f"{known}{sign}{version}" if known else text


def _spellings(options: Mapping[str, str]) -> Mapping[str, str]:
    """Ids and labels in any case, with a space, low line or hyphen between words; without those that name two."""
    meant: dict[str, set[str]] = {}
    for option, label in options.items():
        for written in (option, option.replace("_", " "), option.replace("_", "-"), option.replace("-", " "), label):
            meant.setdefault(folded(written), set()).add(option)
    return {written: min(of) for written, of in meant.items() if len(of) == 1}
