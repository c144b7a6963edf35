"""The types of conditions: what sort of value each name has, and which comparisons fit together."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from rules.conditions.syntax import EQUALITIES, Call, Compare, Junction, Literal, Name, Node, Not, fault
from rules.faults import Fault, nearest, shown

_QUOTED = re.compile('"([^"]*)"')
_TRUTH_SORTS = ("yes/no", "flag")
_SET_SORTS = ("many", "ranked", "set")
_NUMBER_SORTS = ("number", "level")
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,7}")
MAX_HINTS = 12


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a name: what sort of value it has, its options and, for ordered options, that they are a scale."""

    sort: str  # one, many, number, yes/no, ranked, version, level, set, flag
    options: tuple[str, ...] = ()
    ordered: bool = False


def check(source: str, node: Node, vocabulary: Mapping[str, Kind]) -> list[Fault]:
    """Every type fault of a parsed condition, with line and column; an empty list means that it is sound."""
    checker = _Checker(source, vocabulary)
    checker.statement(node)
    return checker.faults


class _Checker:
    """Walks a tree as a statement (true or false) down to its operands (values) and collects faults."""

    def __init__(self, source: str, vocabulary: Mapping[str, Kind]) -> None:
        self.source = source
        self.vocabulary = vocabulary
        self.faults: list[Fault] = []
        self.hints: dict[tuple[str, frozenset[str]], str | None] = {}

    def report(self, at: int, value: str, expected: str, near: str | None = None) -> None:
        self.faults.extend(fault(self.source, at, value, expected, near).faults)

    def near(self, name: str, valid: Iterable[str]) -> str | None:
        """The nearest valid name, for the first few strange names: finding it is the dearest thing done here."""
        key = (name, frozenset(valid))
        if key not in self.hints and len(self.hints) < MAX_HINTS:
            self.hints[key] = nearest(name, valid)
        return self.hints.get(key)

    def statement(self, node: Node) -> None:
        match node:
            case Junction(_, operands):
                for each in operands:
                    self.statement(each)
            case Not(inner):
                self.statement(inner)
            case Compare(operator, left, right, at):
                kinds = self.value(left), self.value(right)
                if kinds[0] and kinds[1]:
                    self.pair(operator, (left, right), (kinds[0], kinds[1]), at)
            case _:
                kind = self.value(node)
                if kind and kind.sort not in _TRUTH_SORTS:
                    self.report(node.at, f"a value of kind {kind.sort!r}", "a statement that is true or false")

    def value(self, node: Node) -> Kind | None:
        match node:
            case Name(name, at):
                if name not in self.vocabulary:
                    self.report(at, shown(name), "a known question or fact", self.near(name, self.vocabulary))
                return self.vocabulary.get(name)
            case Literal(value):
                return Kind({str: "text", float: "number", bool: "flag", tuple: "texts"}[type(value)])
            case Call(function, argument):
                inner = self.value(argument)
                if function == "count" and inner and inner.sort not in _SET_SORTS:
                    self.report(argument.at, shown(argument.name), "a question with several answers, for count()")
                return Kind("flag" if function == "answered" else "number")
            case _:
                self.report(node.at, "a statement", "a name or a plain value on each side of a comparison")
                self.statement(node)
                return None

    def pair(self, operator: str, sides: tuple[Node, Node], kinds: tuple[Kind, Kind], at: int) -> None:
        left, right = kinds
        if not _fits(operator, left, right):
            self.report(at, f"{left.sort} {operator} {right.sort}", "a comparison of values that fit together")
            return
        for literal, other in ((sides[0], right), (sides[1], left)):
            if not isinstance(literal, Literal) or not isinstance(literal.value, str | tuple):
                continue
            for text, place in self.texts(literal):
                if other.options and text not in other.options:
                    self.report(place, shown(text), "an option of the other side", self.near(text, other.options))
                elif other.sort == "version" and not _VERSION.fullmatch(text):
                    self.report(place, shown(text), 'a version such as "3.12"')

    def texts(self, literal: Literal) -> Iterable[tuple[str, int]]:
        """The texts of a literal, each with its own place in the source."""
        count = len(literal.value) if isinstance(literal.value, tuple) else 1
        return [(found[1], found.start()) for found in islice(_QUOTED.finditer(self.source, literal.at), count)]


def _fits(operator: str, left: Kind, right: Kind) -> bool:
    sorts = {left.sort, right.sort}
    if operator == "in":
        return left.sort in ("text", "one") and right.sort in (*_SET_SORTS, "texts")
    if operator in ("overlaps", "within"):
        return left.sort in _SET_SORTS and right.sort in (*_SET_SORTS, "texts")
    if sorts <= set(_NUMBER_SORTS) or sorts <= {"version", "text"}:
        return sorts != {"text"}
    if operator in EQUALITIES:
        return (sorts <= {"one", "text"} and sorts != {"text"}) or sorts <= set(_TRUTH_SORTS)
    scales = {kind for kind in (left, right) if kind.sort == "one"}  # two different scales have no common order
    return sorts <= {"one", "text"} and len(scales) == 1 and all(scale.ordered for scale in scales)
