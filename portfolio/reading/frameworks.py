"""What a project depends on, read as the answer to which frameworks its code uses: a column `packages`.

A package that belongs to no framework is passed over. A list in which none does leaves the question unknown: it tells
what one part of a project asks for by name, not what it gets with that, runs in a container, or takes from a package
that is not on file. "None" would say that moving costs nothing, and only people can say so, in `existing_code` itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from portfolio.mapping import PACKAGES, FileMapping, folded
from portfolio.reading import packages, records
from portfolio.reading.cells import NONE, UNKNOWN, UNKNOWN_MEANING, Meaning
from portfolio.reading.columns import Understood
from portfolio.reading.frames import RECORD
from rules import strict_json
from rules.conditions.sheets import SetColumn, bits
from rules.faults import Fault, InvalidInput, shown
from rules.packages import find, normal
from rules.requirements import EXISTING_CODE, Question, Questionnaire

MAX_PACKAGES = 2_000  # a lock file has some hundreds
MAX_REMEMBERED = 100_000
SHOWN_FRAMEWORKS = 20
SHOWN_OTHERS = SHOWN_ROWS = 10
SHOWN_PACKAGES = 5
SHOWN_CHARACTERS = 80
_LIST = "a list of packages, as texts"

Listed = tuple[str, tuple[str, ...]]  # a package as it is compared, and the alternatives that it stands for


class PackageSpeller:
    """Reads lists of packages: texts of cells, and values that have a type already."""

    def __init__(self, questionnaire: Questionnaire, mapping: FileMapping) -> None:
        self.question: Question = questionnaire.questions[EXISTING_CODE]
        self.plain = False  # a text here is never an id alone
        self._known = questionnaire.packages
        self._order = {name: place for place, name in enumerate(questionnaire.alternatives)}
        self._nothing = UNKNOWN | mapping.unknown | {NONE}
        self._read: dict[str, Listed] = {}

    def text(self, cell: str) -> Meaning:
        """What the text of a cell says."""
        return self.value(cell)

    def value(self, given: object) -> Meaning:
        """What a text, a list of texts or an object by names says."""
        try:
            found = {each for _, meant in self.listed(given) for each in meant}
        except InvalidInput as invalid:
            return Meaning(faults=invalid.faults)
        return Meaning(tuple(sorted(found, key=self._order.__getitem__))) if found else UNKNOWN_MEANING

    def listed(self, given: object) -> list[Listed]:
        """The packages of a list with what they stand for, each once.

        Raises:
            InvalidInput: it is no list of packages, or too long.
        """
        entries = [entry for text in self._texts(given) for entry in packages.entries(text, self._known)]
        if len(entries) > MAX_PACKAGES:
            raise InvalidInput([Fault(PACKAGES, f"{len(entries)} packages", f"at most {MAX_PACKAGES}")])
        return list(dict.fromkeys(map(self._package, entries)))

    def _texts(self, given: object) -> Sequence[str]:
        if isinstance(given, str):
            text = given.strip()
            given = [] if folded(text) in self._nothing else _value(text)
        if given is None:
            return []
        if isinstance(given, dict):  # as package.json has them: versions by names
            wrong = [value for value in given.values() if not isinstance(value, str)]
            if wrong:
                raise InvalidInput([Fault(PACKAGES, shown(wrong[0]), "the version of a package, as text")])
            return list(given)
        if not isinstance(given, list | tuple):
            raise InvalidInput([Fault(PACKAGES, shown(given), _LIST)])
        faults = [
            Fault(f"{PACKAGES}[{place}]", shown(each), "the name of a package")
            for place, each in enumerate(given)
            if not isinstance(each, str)
        ]
        if faults:
            raise InvalidInput(faults)
        return given

    def _package(self, entry: str) -> Listed:
        found = self._read.get(entry)
        if found is None:
            if len(self._read) >= MAX_REMEMBERED:
                self._read.clear()
            name = packages.name(entry, self._known)
            found = self._read[entry] = normal(name), find(name, self._known) or ()
        return found


def _value(text: str) -> object:
    """The list or object that a text is as JSON, else the text alone."""
    if text.startswith(("[", "{")):
        try:
            return strict_json.json_value(text, PACKAGES)
        except InvalidInput:
            if text.startswith("{"):
                raise
    is_list = text.startswith("[") and text.endswith("]") and "\n" not in text  # ['a', 'b'], not [a section] of a file
    return [text[1:-1] if is_list else text]


def united(code: Understood | None, listed: Understood) -> tuple[Understood, Mapping[int, Fault]]:
    """(the answers to `existing_code` with the frameworks of packages put to them; by row, what contradicts).

    Where somebody answered that there are none and the packages name one, one of the two is wrong, and which one is for
    people to say: the row has a fault.
    """
    if code is None:
        return Understood(listed.column, {}, {}), {}
    one, other = _set(code), _set(listed)
    words = tuple(a | b for a, b in zip(one.words, other.words, strict=True))
    denied = one.known & other.known & ~np.logical_or.reduce([word != 0 for word in one.words])
    held = bits(other.words, len(other.options))
    faults = {
        row: Fault(
            PACKAGES,
            shown(", ".join(other.options[place] for place in np.flatnonzero(held[row]))),
            f"a list without frameworks: {EXISTING_CODE} says that there are none",
        )
        for row in np.flatnonzero(denied).tolist()
    }
    return Understood(SetColumn(words, one.known | other.known, one.options), code.faults, code.versions), faults


def _set(said: Understood) -> SetColumn:
    column = said.column
    if not isinstance(column, SetColumn):
        raise TypeError(f"{EXISTING_CODE} has no answers of several frameworks")
    return column


@dataclass(slots=True)
class Tally:
    """What the packages of many rows were taken for, for people to see whether they were understood."""

    questionnaire: Questionnaire
    mapping: FileMapping
    rows: int = 0
    without: int = 0
    _read: int = 0
    _packages: Counter[str] = field(default_factory=Counter)
    _taken: dict[str, Counter[str]] = field(default_factory=dict)
    _frameworks: Counter[str] = field(default_factory=Counter)
    _bare: Counter[str] = field(default_factory=Counter)  # packages of the rows that name no framework
    _bare_rows: list[str] = field(default_factory=list)
    _speller: PackageSpeller | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Count the cells of a raw frame; empty ones, and those that are no lists, count for nothing."""
        columns = self._columns(frame)
        if PACKAGES in columns:
            bare: list[int] = []
            for value, rows, places in _distinct(columns[PACKAGES]):
                if not self._count(value, rows):
                    bare += places
            called = columns.get("id")
            for place in sorted(bare)[: SHOWN_ROWS - len(self._bare_rows)]:
                self._bare_rows.append(_called(None if called is None else called[place], self._read + place + 1))
        self._read += frame.height

    def _count(self, value: object, rows: int) -> bool:
        """Count a cell that so many rows have; False where it is a list that names no framework."""
        if self._speller is None:
            self._speller = PackageSpeller(self.questionnaire, self.mapping)
        try:
            listed = self._speller.listed(value)
        except InvalidInput:
            return True
        if not listed:
            return True
        frameworks = {each for _, meant in listed for each in meant}
        self.rows += rows
        for name, meant in listed:
            self._packages[name] += rows
            for each in meant:
                self._taken.setdefault(each, Counter())[name] += rows
        for each in frameworks:
            self._frameworks[each] += rows
        if not frameworks:
            self.without += rows
            self._bare.update({name: rows for name, _ in listed})
        return bool(frameworks)

    def _columns(self, frame: pl.DataFrame) -> Mapping[str, pl.Series | list[object]]:
        """What projects are called and the packages that they list, where a frame has such."""
        if RECORD not in frame.columns:
            return {name: frame[name] for name in ("id", PACKAGES) if name in frame.columns}
        named = frame[RECORD].str.contains(f'"{PACKAGES}"', literal=True).any()
        if not named and PACKAGES not in self.mapping.columns.values():
            return {}
        return records.read(frame[RECORD].to_list(), self.questionnaire, self.mapping).values

    def document(self) -> dict[str, Any] | None:
        """All of it as JSON, the most frequent first and no more than is worth looking at, with how many there are;
        None without any list.
        """
        if not self.rows:
            return None
        understood = set().union(*self._taken.values())
        others = {name: rows for name, rows in self._packages.items() if name not in understood}
        frameworks = _first(self._frameworks, len(self._frameworks))
        return {
            "rows": self.rows,
            "rows_without": self.without,
            "without": {
                "rows": self._bare_rows,
                "distinct": len(self._bare),
                "packages": [{"package": name, "rows": rows} for name, rows in _first(self._bare, SHOWN_OTHERS)],
            },
            "distinct": len(self._packages),
            "taken": [self._told(name, rows) for name, rows in frameworks[:SHOWN_FRAMEWORKS]],
            "taken_too": [{"framework": name, "rows": rows} for name, rows in frameworks[SHOWN_FRAMEWORKS:]],
            "passed_over": len(others),
            "others": [{"package": name, "rows": rows} for name, rows in _first(others, SHOWN_OTHERS)],
        }

    def _told(self, framework: str, rows: int) -> dict[str, Any]:
        by = self._taken[framework]
        names = [name for name, _ in _first(by, SHOWN_PACKAGES)]
        return {"framework": framework, "rows": rows, "packages": names, "distinct": len(by)}


def _first(counted: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:most]


def _called(given: object, number: int) -> str:
    """What a row is called by its id, by its number without one that can be shown."""
    text = "" if given is None else str(given).strip()
    return text if 0 < len(text) <= SHOWN_CHARACTERS and text.isprintable() else f"row {number}"


def _distinct(values: pl.Series | list[object]) -> Iterable[tuple[object, int, list[int]]]:
    """Each distinct value, how many rows have it, and the places of the first of them."""
    if isinstance(values, pl.Series) and isinstance(values.dtype, pl.String | pl.Categorical | pl.Enum):
        rows = pl.DataFrame({"value": values.cast(pl.String)}).with_row_index("place")
        first = pl.col("place").head(SHOWN_ROWS).alias("first")
        yield from rows.group_by("value", maintain_order=True).agg(pl.len(), first).iter_rows()
        return
    for place, value in enumerate(values.to_list() if isinstance(values, pl.Series) else values):
        yield value, 1, [place]
