"""Conditions over bits: what they say of 64 projects in one operation, with the meaning of `rules.conditions.columns`.

A truth is two planes, the rows in which it is true and those in which it is false; in the others it is unknown.
Kleene's strong logic is then: `and` is true where both are true and false where either is false, `or` the other way
round, `not` exchanges the two. Which texts compare how is the record evaluator's own word; comparisons that are rare
among conditions are left to the columns and packed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from threading import RLock
from typing import Any

import numpy as np

from portfolio import bits
from rules.compiled import Release
from rules.conditions import Call, Compare, Junction, Kind, Literal, Name, Node, Not, computed
from rules.conditions.columns import (
    FALSE,
    SETS,
    TRUE,
    Column,
    Conditions,
    NumberColumn,
    Numbers,
    SetColumn,
    Sheet,
    TextColumn,
    TruthColumn,
    Words,
    key,
)
from rules.conditions.evaluation import operation
from rules.conditions.residual import PATH

COMPARE: Mapping[str, Callable[..., Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
RELEASES_KEPT = 8

Truth = tuple[Words, Words]  # where it is true, where it is false
Step = Callable[["Planes"], Truth]


class Program:
    """Conditions made ready for bits; equal parts, whatever condition they stand in, are one part."""

    def __init__(self, names: Mapping[str, Kind]) -> None:
        self.columns = Conditions(names)
        self._names = names
        self.steps: list[Step] = []
        self._parts: dict[object, int] = {}
        self._lock = RLock()  # threads share a release

    def compile(self, node: Node) -> int:
        """The number of a condition, by which `Planes.truth` knows it."""
        own = key(node)
        with self._lock:
            if own not in self._parts:
                step = self._made(node)
                self.steps.append(step)
                self._parts[own] = len(self.steps) - 1
            return self._parts[own]

    def _made(self, node: Node) -> Step:
        match node:
            case Junction(word, operands):
                join, parts = (_both if word == "and" else _either), [self.compile(each) for each in operands]
                return lambda planes: reduce(join, map(planes.truth, parts))
            case Not(operand):
                inner = self.compile(operand)
                return lambda planes: planes.truth(inner)[::-1]
            case Call("answered", Name(name)) if not computed.is_computed(name):
                return partial(_answered, name=name)
            case Compare(operator, Name(name), Literal(value)) if name.startswith(PATH):
                return partial(_level, node=node, name=name, compare=operation(operator, []), bound=value)
            case Compare(operator, Call("count", Name(name)), Literal(value)) if operator in COMPARE:
                return partial(_numbers, name=name, operator=operator, bound=value, counted=True)
            case Compare(operator, Literal(), Name(name)) | Compare(operator, Name(name), Literal()):
                return self._compared(node, operator, name)
            case _:
                return partial(_by_columns, node=node)

    def _compared(self, node: Compare, operator: str, name: str) -> Step:
        kind = self._names.get(name)
        literal = node.left if isinstance(node.left, Literal) else node.right
        value: Any = literal.value  # type: ignore[union-attr]
        named_first = isinstance(node.left, Name)
        if kind is None or computed.is_computed(name):
            return partial(_by_columns, node=node)
        if kind.sort in SETS and operator in ("in", "overlaps"):
            wanted = (value,) if operator == "in" else value
            return partial(_overlaps, name=name, wanted=wanted)
        if kind.sort in SETS and operator == "within" and named_first:
            return partial(_within, name=name, allowed=frozenset(value))
        if kind.sort == "number" and operator in COMPARE:
            told = operator if named_first else MIRRORED[operator]
            return partial(_numbers, name=name, operator=told, bound=value)
        if kind.sort in ("yes/no", "flag") and operator in ("==", "!="):
            return partial(_flags, name=name, equals=(operator == "==") == value)
        if kind.sort in ("one", "version"):
            compare = operation(operator, [kind])
            holds = (lambda text: compare(text, value)) if named_first else (lambda text: compare(value, text))
            return partial(_texts, name=name, holds=holds)
        return partial(_by_columns, node=node)


@lru_cache(maxsize=RELEASES_KEPT)
def program(release: Release) -> Program:
    """The program of a release; conditions are added as they are met."""
    return Program(release.names)


@dataclass(slots=True)
class Options:
    """A column of sets or texts: a plane for each option, where it is known, and which plane is whose."""

    planes: Words
    known: Words
    place: Mapping[str, int]

    def any_of(self, wanted: Iterable[str]) -> Words:
        """The rows that hold one of some options."""
        held = [self.planes[self.place[option]] for option in wanted if option in self.place]
        return reduce(np.bitwise_or, held) if held else np.zeros_like(self.known)


class Planes:
    """A sheet as bits; columns and conditions are turned into planes as they are asked for, each once.

    `levels` holds by the name of a way (`alt.path.<target>` of a member) the planes of its levels 0 to 3.
    """

    def __init__(self, program: Program, sheet: Sheet) -> None:
        self.program, self.sheet = program, sheet
        self.width = bits.words_for(sheet.rows)
        self.everywhere = bits.packed(np.ones(sheet.rows, dtype=np.bool_))
        self.levels: dict[str, Words] = {}
        self._columns: dict[str, Options] = {}
        self._numbers: dict[str, tuple[Numbers | None, Words]] = {}
        self._statements: dict[str, tuple[Words, Words, Words]] = {}
        self._truths: dict[int, Truth] = {}

    def truth(self, number: int) -> Truth:
        """A condition of the program in every row."""
        found = self._truths.get(number)
        if found is None:
            found = self._truths[number] = self.program.steps[number](self)
        return found

    def nowhere(self) -> Words:
        """No row."""
        return np.zeros(self.width, dtype=np.uint64)

    def overlaps(self, name: str, wanted: Collection[str]) -> Words:
        """The rows that hold one of some options."""
        return self.held(name).any_of(wanted)

    def options(self, name: str) -> tuple[str, ...]:
        """The options of a question with several answers."""
        column = self.sheet.columns.get(name)
        return column.options if isinstance(column, SetColumn) else ()

    def held(self, name: str) -> Options:
        """A column of sets or texts, as bits; what has no column is known nowhere."""
        if name not in self._columns:
            self._columns[name] = self._options(self.sheet.columns.get(name))
        return self._columns[name]

    def _options(self, column: Column | None) -> Options:
        match column:
            case SetColumn(words, known, options):
                planes = np.zeros((bits.ROWS * len(words), self.width), dtype=np.uint64)
                bits.of_sets(stacked(words), known, planes)
                return Options(planes, bits.packed(known), {option: i for i, option in enumerate(options)})
            case TextColumn(code, texts):
                planes = np.zeros((len(texts), self.width), dtype=np.uint64)
                bits.of_codes(code, planes)
                return Options(planes, bits.packed(code >= 0), {text: i for i, text in enumerate(texts)})
            case _:
                return Options(np.zeros((0, self.width), dtype=np.uint64), self.nowhere(), {})

    def known(self, name: str) -> Words:
        """The rows that answer."""
        column = self.sheet.columns.get(name)
        if isinstance(column, NumberColumn):
            return self.numbers(name, counted=False)[1]
        return self.truths(name)[2] if isinstance(column, TruthColumn) else self.held(name).known

    def positive(self, name: str) -> Words:
        """The rows that answer a number of more than 0."""
        return _numbers(self, name, ">", 0.0)[0]

    def truths(self, name: str) -> tuple[Words, Words, Words]:
        """Where a statement is true, where it is false, where it is known."""
        if name not in self._statements:
            column = self.sheet.columns.get(name)
            if isinstance(column, TruthColumn):
                true, false = bits.packed(column.value == TRUE), bits.packed(column.value == FALSE)
            else:
                true = false = self.nowhere()
            self._statements[name] = true, false, true | false
        return self._statements[name]

    def numbers(self, name: str, *, counted: bool) -> tuple[Numbers | None, Words]:
        """(a column of numbers, or of how many options each row holds, None without one; where it is known)."""
        own = f"count({name})" if counted else name
        if own not in self._numbers:
            column = self.sheet.columns.get(name)
            value = None
            if counted and isinstance(column, SetColumn):
                count = sum(np.bitwise_count(word).astype(np.float64) for word in column.words)
                value = np.where(column.known, count, np.nan)
            elif isinstance(column, NumberColumn):
                value = column.value
            self._numbers[own] = value, self.nowhere() if value is None else bits.packed(~np.isnan(value))
        return self._numbers[own]


def stacked(words: Sequence[Words]) -> Words:
    """(words, N) the words of a column; not copied where there is one only."""
    return words[0][None] if len(words) == 1 else np.stack(words)


# --- Parts of conditions ---------------------------------------------------------------------------------------------


def _both(one: Truth, other: Truth) -> Truth:
    return one[0] & other[0], one[1] | other[1]


def _either(one: Truth, other: Truth) -> Truth:
    return one[0] | other[0], one[1] & other[1]


def _known(true: Words, known: Words) -> Truth:
    return true, known & ~true


def _overlaps(planes: Planes, name: str, wanted: Iterable[str]) -> Truth:
    column = planes.held(name)
    return _known(column.any_of(wanted), column.known)


def _within(planes: Planes, name: str, allowed: frozenset[str]) -> Truth:
    column = planes.held(name)
    outside = column.any_of(option for option in column.place if option not in allowed)
    named = column.any_of(option for option in column.place if option in allowed)
    return _known(column.known & named & ~outside, column.known)


def _texts(planes: Planes, name: str, holds: Callable[[str], bool]) -> Truth:
    column = planes.held(name)
    return _known(column.any_of(text for text in column.place if holds(text)), column.known)


def _numbers(planes: Planes, name: str, operator: str, bound: object, *, counted: bool = False) -> Truth:
    value, known = planes.numbers(name, counted=counted)
    if value is None:
        return planes.nowhere(), planes.nowhere()
    return _known(known & bits.packed(COMPARE[operator](value, bound)), known)


def _level(planes: Planes, node: Node, name: str, compare: Callable[..., bool], bound: object) -> Truth:
    levels = planes.levels.get(name)
    if levels is None and name in planes.sheet.columns:
        return _by_columns(planes, node)
    true, false = planes.nowhere(), planes.nowhere()
    for level, plane in enumerate(() if levels is None else levels):
        chosen = true if compare(float(level), bound) else false
        chosen |= plane
    return true, false


def _answered(planes: Planes, name: str) -> Truth:
    known = planes.known(name)
    return known, planes.everywhere & ~known


def _flags(planes: Planes, name: str, *, equals: bool) -> Truth:
    true, false, _ = planes.truths(name)
    return (true, false) if equals else (false, true)


def _by_columns(planes: Planes, node: Node) -> Truth:
    """As the columns say it."""
    found = planes.program.columns.compile(node)(planes.sheet)
    return bits.packed(found == TRUE), bits.packed(found == FALSE)
