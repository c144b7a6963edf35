"""Conditions over columns: what they say of many projects at once, with the meaning that `evaluation` gives them.

Truth is one byte a row: 0 false, 1 unknown, 2 true. Kleene's strong logic is then arithmetic: `and` is the minimum,
`or` the maximum, `not` is 2 - x. Equal parts of different conditions are evaluated once for a sheet. What a comparison
of texts means is not said twice: options and versions are compared by the record evaluator's own operations, once for
each distinct text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from rules.conditions import computed
from rules.conditions.evaluation import operation
from rules.conditions.kinds import Kind
from rules.conditions.sheets import (
    FALSE,
    SETS,
    TRUE,
    UNKNOWN,
    WORD_BITS,
    Bools,
    Codes,
    Column,
    Evaluate,
    NumberColumn,
    Numbers,
    SetColumn,
    Sheet,
    TextColumn,
    TruthColumn,
    Truths,
    Words,
    bits,
    column,
    is_known,
    mask,
)
from rules.conditions.syntax import Call, Compare, Junction, Literal, Name, Node, Not
from rules.feasibility import facts

__all__ = [
    "FALSE",
    "SETS",
    "TRUE",
    "UNKNOWN",
    "WORD_BITS",
    "Bools",
    "Codes",
    "Column",
    "Conditions",
    "Evaluate",
    "NumberColumn",
    "Numbers",
    "SetColumn",
    "Sheet",
    "TextColumn",
    "TruthColumn",
    "Truths",
    "Words",
    "bits",
    "column",
    "is_known",
    "key",
    "mask",
]

MAX_TABLES = 16  # texts without options (a driver's version) differ from sheet to sheet: not all are remembered

_Key = tuple[object, ...]


class Conditions:
    """Conditions compiled for columns; equal parts, whatever condition they stand in, are one part."""

    def __init__(self, vocabulary: Mapping[str, Kind]) -> None:
        self._vocabulary = vocabulary
        self._parts: dict[_Key, Evaluate] = {}

    def compile(self, node: Node) -> Evaluate:
        """The truth of a condition in every row of a sheet. The condition must have passed `kinds.check`."""
        own = key(node)
        if own not in self._parts:
            self._parts[own] = _once(self._made(node))
        return self._parts[own]

    def _made(self, node: Node) -> Evaluate:
        match node:
            case Junction(word, operands):
                parts = [self.compile(each) for each in operands]
                join = np.minimum if word == "and" else np.maximum
                return lambda sheet: reduce(join, (part(sheet) for part in parts))
            case Not(operand):
                inner = self.compile(operand)
                return lambda sheet: TRUE - inner(sheet)
            case Compare(operator, Literal(one), Literal(other)):
                always = TRUE * operation(operator, [])(one, other)
                return lambda sheet: sheet.all(always)
            case Compare(operator, left, right):
                return _comparison(operator, left, right, self._vocabulary)
            case Literal(value):
                return lambda sheet: sheet.all(TRUE if value else FALSE)
            case Call("answered", Name(name)):
                return lambda sheet: np.where(_known(sheet, name), np.int8(TRUE), np.int8(FALSE))
            case Name(name):
                return lambda sheet: _statement(sheet, name)
            case _:
                raise TypeError(f"{type(node).__name__} is not a statement; check() refuses it")


def _once(evaluate: Evaluate) -> Evaluate:
    def remembered(sheet: Sheet) -> Truths:
        found = sheet.made.get(evaluate)
        if found is None:
            found = sheet.made[evaluate] = evaluate(sheet)
        return found

    return remembered


def key(node: Node) -> _Key:
    """What a condition says, without where it stands in its text; operands of `and` and `or` in any order."""
    match node:
        case Name(name):
            return ("name", name)
        case Literal(value):
            return ("literal", type(value).__name__, value)
        case Call(function, Name(name)):
            return ("call", function, name)
        case Compare(operator, left, right):
            return ("compare", operator, key(left), key(right))
        case Not(operand):
            return ("not", key(operand))
        case Junction(word, operands):
            return (word, frozenset(key(each) for each in operands))
        case _:
            raise TypeError(type(node).__name__)


def _of(sheet: Sheet, name: str) -> Column | None:
    """The column of a name, made where the name is computed from others; None where it is unknown in every row."""
    if name not in sheet.columns and computed.is_computed(name):
        sheet.columns[name] = _computed(sheet, name)
    return sheet.columns.get(name)


def _computed(sheet: Sheet, name: str) -> Column:
    """What follows from other names, looked at only in the rows where it can be known."""
    size = sheet.columns.get("model_parameters")
    at = np.flatnonzero(~np.isnan(size.value)) if isinstance(size, NumberColumn) else np.zeros(0, dtype=np.intp)
    asked = (other for other in facts.FOLLOWS_FROM[name] if other in sheet.columns)
    known = Sheet(len(at), {other: sheet.columns[other].take(at) for other in asked})
    found = facts.column(name, _Rows(known))
    if facts.FACTS[name] == "yes/no":
        truth = sheet.all(UNKNOWN)
        truth[at] = found
        return TruthColumn(truth)
    number = np.full(sheet.rows, np.nan)
    number[at] = found
    return NumberColumn(number)


@dataclass(frozen=True, slots=True)
class _Rows:
    """A sheet as computed names look at it."""

    sheet: Sheet

    def number(self, name: str) -> Numbers:
        found = self.sheet.columns.get(name)
        return found.value if isinstance(found, NumberColumn) else np.full(self.sheet.rows, np.nan)

    def overlaps(self, name: str, options: Sequence[str]) -> Bools:
        found = self.sheet.columns.get(name)
        if not isinstance(found, SetColumn):
            return np.zeros(self.sheet.rows, dtype=np.bool_)
        held: Bools = np.logical_or.reduce([found.holds(option) for option in options])
        return held

    def holds(self, name: str) -> Bools:
        held: Bools = _statement(self.sheet, name) == TRUE
        return held

    def within(self, name: str, options: Sequence[str]) -> Bools:
        found = self.sheet.columns.get(name)
        if not isinstance(found, SetColumn):
            return np.zeros(self.sheet.rows, dtype=np.bool_)
        inside: Bools = _sets("within", found, tuple(options)) == TRUE
        return inside


def _statement(sheet: Sheet, name: str) -> Truths:
    found = _of(sheet, name)
    return found.value if isinstance(found, TruthColumn) else sheet.all(UNKNOWN)


def _known(sheet: Sheet, name: str) -> Bools:
    found = _of(sheet, name)
    return np.zeros(sheet.rows, dtype=np.bool_) if found is None else is_known(found)


# --- Comparisons -----------------------------------------------------------------------------------------------------

_Side = Column | str | float | bool | tuple[str, ...] | None
_NUMERIC: Mapping[str, Callable[..., Bools]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def _comparison(operator: str, left: Node, right: Node, vocabulary: Mapping[str, Kind]) -> Evaluate:
    kinds = [vocabulary[n.name] for n in (left, right) if isinstance(n, Name) and n.name in vocabulary]
    compare = operation(operator, kinds)
    tables: dict[tuple[object, ...], Truths] = {}

    def evaluate(sheet: Sheet) -> Truths:
        a, b = _side(sheet, left), _side(sheet, right)
        if a is None or b is None:
            return sheet.all(UNKNOWN)
        if isinstance(a, TextColumn) or isinstance(b, TextColumn):
            return _texts(compare, a, b, tables) if not isinstance(b, SetColumn) else _member(a, b)
        if isinstance(a, SetColumn) or isinstance(b, SetColumn):
            return _sets(operator, a, b)
        if isinstance(a, TruthColumn) or isinstance(b, TruthColumn):
            return _flags(operator, a, b)
        return _numbers(operator, a, b)

    return evaluate


def _side(sheet: Sheet, node: Node) -> _Side:
    match node:
        case Literal(value):
            return value
        case Name(name):
            return _of(sheet, name)
        case Call("answered", Name(name)):
            return TruthColumn(np.where(_known(sheet, name), np.int8(TRUE), np.int8(FALSE)))
        case Call(_, Name(name)):
            found = sheet.columns.get(name)
            return NumberColumn(_count(found)) if isinstance(found, SetColumn) else None
        case _:
            raise TypeError(f"{type(node).__name__} is not an operand; check() refuses it")


def _count(held: SetColumn) -> Numbers:
    total = sum(np.bitwise_count(word).astype(np.float64) for word in held.words)
    counted: Numbers = np.where(held.known, total, np.nan)
    return counted


def _truths(holds: Bools, known: Bools) -> Truths:
    found: Truths = holds.astype(np.int8) * np.int8(TRUE)
    found[~known] = UNKNOWN
    return found


def _numbers(operator: str, a: _Side, b: _Side) -> Truths:
    one, other = _number(a), _number(b)
    holds = _NUMERIC[operator](one, other)
    if all(side.complete for side in (a, b) if isinstance(side, NumberColumn)):
        return holds.view(np.int8) * np.int8(TRUE)
    return _truths(holds, ~(np.isnan(one) | np.isnan(other)))


def _number(side: _Side) -> Numbers | np.float64:
    return side.value if isinstance(side, NumberColumn) else np.float64(side)  # type: ignore[arg-type]


def _flags(operator: str, a: _Side, b: _Side) -> Truths:
    left = a.value if isinstance(a, TruthColumn) else np.int8(TRUE if a else FALSE)
    right = b.value if isinstance(b, TruthColumn) else np.int8(TRUE if b else FALSE)
    return _truths(_NUMERIC[operator](left, right), (left != UNKNOWN) & (right != UNKNOWN))


def _texts(compare: Callable[..., bool], a: _Side, b: _Side, tables: dict[tuple[object, ...], Truths]) -> Truths:
    """Texts against a text, a list of texts or other texts: each distinct pair is compared once."""
    left = a.texts if isinstance(a, TextColumn) else (a,)
    right = b.texts if isinstance(b, TextColumn) else (b,)
    key = (left, right)
    if key not in tables:
        table = np.full((len(left) + 1, len(right) + 1), UNKNOWN, dtype=np.int8)
        for row, one in enumerate(left):
            table[row, : len(right)] = [TRUE * compare(one, other) for other in right]
        if len(tables) < MAX_TABLES:
            tables[key] = table
    else:
        table = tables[key]
    found: Truths = table[
        a.code if isinstance(a, TextColumn) else 0, b.code if isinstance(b, TextColumn) else 0
    ]  # code -1, unknown, reads the last row or column
    return found


def _member(a: _Side, b: SetColumn) -> Truths:
    """`a in b` where both are columns."""
    texts: TextColumn = a  # type: ignore[assignment]
    held = np.zeros(len(b.known), dtype=np.bool_)
    for code, text in enumerate(texts.texts):
        held |= (texts.code == code) & b.holds(text)
    return _truths(held, b.known & (texts.code >= 0))


def _sets(operator: str, a: _Side, b: _Side) -> Truths:
    if operator == "in":  # a literal text in a set
        return _truths(b.holds(str(a)), b.known)  # type: ignore[union-attr]
    options = a.options if isinstance(a, SetColumn) else b.options  # type: ignore[union-attr]
    left, right = _words(a, options), _words(b, options)
    known = reduce(np.logical_and, [side.known for side in (a, b) if isinstance(side, SetColumn)])
    if operator == "overlaps":
        return _truths(reduce(np.logical_or, [(x & y) != 0 for x, y in zip(left, right, strict=True)]), known)
    outside = [(x & ~y) != 0 for x, y in zip(left, right, strict=True)]
    strange = _strange(a, options)
    named = reduce(np.logical_or, [x != 0 for x in left]) | _strange(a, options)
    return _truths(named & ~reduce(np.logical_or, outside) & ~strange, known)


def _words(side: _Side, options: tuple[str, ...]) -> tuple[Words | np.uint64, ...]:
    """The bits of a side over some options; what is not among them is left out."""
    count = max(1, -(-len(options) // WORD_BITS))
    if isinstance(side, SetColumn):
        if side.options == options:
            return side.words
        words = [np.zeros(len(side.known), dtype=np.uint64) for _ in range(count)]
        for index, option in enumerate(options):
            words[index // WORD_BITS] |= side.holds(option).astype(np.uint64) << np.uint64(index % WORD_BITS)
        return tuple(words)
    masks = [0] * count
    for text in side if isinstance(side, tuple) else ():
        if text in options:
            index = options.index(text)
            masks[index // WORD_BITS] |= 1 << index % WORD_BITS
    return tuple(np.uint64(mask) for mask in masks)


def _strange(side: _Side, options: tuple[str, ...]) -> Bools | np.bool_:
    """Whether a side holds something that is not among the options, and so lies within no set of them."""
    if isinstance(side, tuple):
        return np.bool_(any(text not in options for text in side))
    return np.bool_(False)
