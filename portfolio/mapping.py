"""How a file that was not written for us is to be read: which column is which question, and what its words mean.

It comes from options such as `Our column=question` and from a YAML file. Nothing in it is a guess: what the names of
columns suggest is the business of `portfolio.reading.header`.

    columns: {Team: team_size, "Go-live on": deploy_targets, Owner: "-", "*": "-"}   # "-" leaves a column out
    values: {deploy_targets: {Handys: [android, ios], "On prem": server_cpu}}
    unknown: [tbd, "?"]                # words that mean: not known
    decimal: ","                       # how numbers are written: 1.234,5
    sheet: Projects                    # of a workbook
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from rules.faults import Fault, InvalidInput, nearest, shown
from rules.requirements import EXISTING_CODE, Questionnaire

LABELS = ("id", "name")
WEIGHT = "weight"  # how much a project counts for the board; no score depends on it
PACKAGES = "packages"  # what a project depends on, from which answers to `existing_code` follow
BESIDE = (*LABELS, WEIGHT)  # what a file tells of a project beside its answers, whatever the questions are
LEFT_OUT = "-"
OTHERS = "*"
MAX_ENTRIES = 10_000
MAX_CHARACTERS = 500
KEYS = ("columns", "values", "unknown", "decimal", "sheet")
DECIMALS = (".", ",")

Words = Mapping[str, tuple[str, ...]]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileMapping:
    """What was said about a file.

    Attributes:
        columns: a column as the file names it -> `id`, `name`, `weight`, `packages`, a question, or `-` to leave it
            out; `*` stands for every column that is not understood.
        values: by question, what a text in a cell stands for; texts are compared without regard to case.
        unknown: words that mean that an answer is not known, folded to one case.
        decimal: `.` or `,` where it is said how numbers are written; then the other one groups digits. None: `.`, and
            nothing but a space, an apostrophe or a low line groups digits.
        sheet: the sheet of a workbook, by name; None: the only one that is visible.
        headers: how the file names each question, filled in when a file is opened; for messages.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    values: Mapping[str, Words] = field(default_factory=lambda: _NOTHING)
    unknown: frozenset[str] = frozenset()
    decimal: str | None = None
    sheet: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def weight(self) -> str | None:
        """How the file names the weights of its projects; None where it has none."""
        return self.headers.get(WEIGHT) or next((c for c, meant in self.columns.items() if meant == WEIGHT), None)

    def document(self) -> dict[str, Any]:
        """All of it as JSON, from which `from_document` makes an equal one."""
        return {
            "columns": dict(self.columns),
            "values": {question: {k: list(v) for k, v in words.items()} for question, words in self.values.items()},
            "unknown": sorted(self.unknown),
            "decimal": self.decimal,
            "sheet": self.sheet,
            "headers": dict(self.headers),
        }


def beside(questionnaire: Questionnaire) -> tuple[str, ...]:
    """What a file may tell of a project beside its answers; packages where there is a question that they answer."""
    asked = questionnaire.questions.get(EXISTING_CODE)
    return (*BESIDE, PACKAGES) if asked is not None and asked.kind == "alternatives" else BESIDE


def from_document(document: Mapping[str, Any]) -> FileMapping:
    """What `FileMapping.document` made; not for documents that people write."""
    return FileMapping(
        document["columns"],
        {question: {k: tuple(v) for k, v in words.items()} for question, words in document["values"].items()},
        frozenset(document["unknown"]),
        document["decimal"],
        document["sheet"],
        document["headers"],
    )


def folded(text: str) -> str:
    """A text as it is compared: one case, one space between words."""
    return " ".join(text.casefold().split())


def parse(document: object, questionnaire: Questionnaire) -> FileMapping:
    """The mapping that a person wrote, as decoded YAML.

    Raises:
        InvalidInput: with every fault.
    """
    if document is None:
        return FileMapping()
    if not isinstance(document, dict):
        raise InvalidInput([Fault("mapping", shown(document), f"an object with some of {', '.join(KEYS)}")])
    faults = [
        Fault("mapping", shown(k), f"one of: {', '.join(KEYS)}", nearest(k, KEYS)) for k in document if k not in KEYS
    ]
    columns = _columns(document.get("columns"), questionnaire, faults)
    values = _values(document.get("values"), questionnaire, faults)
    unknown = _texts(document.get("unknown"), "mapping.unknown", faults)
    decimal, sheet = document.get("decimal"), document.get("sheet")
    if decimal is not None and decimal not in DECIMALS:
        faults.append(Fault("mapping.decimal", shown(decimal), '"." or ","'))
    if sheet is not None and not isinstance(sheet, str):
        faults.append(Fault("mapping.sheet", shown(sheet), "the name of a sheet"))
    if faults:
        raise InvalidInput(faults)
    return FileMapping(columns, values, frozenset(folded(each) for each in unknown), decimal, sheet)


def with_options(mapping: FileMapping, options: Iterable[str], questionnaire: Questionnaire) -> FileMapping:
    """The mapping with columns given as `Our column=question` put over its own.

    Raises:
        InvalidInput: with every fault.
    """
    faults: list[Fault] = []
    pairs: dict[str, object] = {}
    for option in options:
        column, between, meant = option.rpartition("=")
        if not between or not (column.strip() or meant.strip() == LEFT_OUT):  # a column may have no name
            faults.append(Fault("map", shown(option), "written like 'Our column=question' ('=-' leaves a column out)"))
        else:
            pairs[column.strip()] = meant.strip()
    found = _columns(pairs, questionnaire, faults, "map")
    if faults:
        raise InvalidInput(faults)
    return replace(mapping, columns={**mapping.columns, **found})


def _columns(
    given: object, questionnaire: Questionnaire, faults: list[Fault], path: str = "mapping.columns"
) -> dict[str, str]:
    known = (*beside(questionnaire), *questionnaire.questions, LEFT_OUT)
    found: dict[str, str] = {}
    for column, meant in _entries(given, path, faults):
        if meant is None or (column == OTHERS and meant != LEFT_OUT):
            faults.append(Fault(f"{path}.{column}", shown(meant), f"{LEFT_OUT!r}, to leave columns out"))
        elif meant not in known:
            faults.append(
                Fault(
                    f"{path}.{column}",
                    shown(meant),
                    "a question, id, name, weight, packages or '-'",
                    nearest(meant, known),
                )
            )
        else:
            found[column] = str(meant)
    return found


def _values(given: object, questionnaire: Questionnaire, faults: list[Fault]) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for question, words in _entries(given, "mapping.values", faults):
        path = f"mapping.values.{question}"
        if question not in questionnaire.questions:
            near = nearest(question, questionnaire.questions)
            faults.append(Fault("mapping.values", shown(question), "a question", near))
            continue
        meanings: dict[str, tuple[str, ...]] = {}
        for word, meant in _entries(words, path, faults):
            several = meant if isinstance(meant, list) else [meant]
            meanings[folded(word)] = tuple(_texts(several, f"{path}.{word}", faults))
        found[question] = meanings
    return found


def _entries(given: object, path: str, faults: list[Fault]) -> Iterable[tuple[str, object]]:
    """The entries of an object whose keys are texts; YAML reads some of these as numbers or truths."""
    if given is None:
        return []
    if not isinstance(given, dict) or len(given) > MAX_ENTRIES:
        faults.append(Fault(path, shown(given), f"an object of at most {MAX_ENTRIES} entries"))
        return []
    return [(_text(key), value) for key, value in given.items()]


def _texts(given: object, path: str, faults: list[Fault]) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MAX_ENTRIES:
        faults.append(Fault(path, shown(given), f"a list of at most {MAX_ENTRIES} words"))
        return []
    wrong = [each for each in given if not isinstance(each, str | int | float) or len(_text(each)) > MAX_CHARACTERS]
    faults.extend(Fault(path, shown(each), f"a word of at most {MAX_CHARACTERS} characters") for each in wrong)
    return [] if wrong else [_text(each) for each in given]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
