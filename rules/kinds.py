"""The types of conditions: what sort of value each name has, and which comparisons fit together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rules.faults import Fault, nearest, shown
from rules.hardware import version_key
from rules.syntax import EQUALITIES, Call, Compare, Junction, Literal, Name, Node, Not, fault

_TRUTH_SORTS = ("yes/no", "flag")
_SET_SORTS = ("many", "ranked", "set")
_NUMBER_SORTS = ("number", "level")


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

    def report(self, at: int, value: str, expected: str, near: str | None = None) -> None:
        self.faults.extend(fault(self.source, at, value, expected, near).faults)

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
                    _check_pair(operator, (left, right), (kinds[0], kinds[1]), at, self.report)
            case _:
                kind = self.value(node)
                if kind and kind.sort not in _TRUTH_SORTS:
                    self.report(node.at, f"a value of kind {kind.sort!r}", "a statement that is true or false")

    def value(self, node: Node) -> Kind | None:
        match node:
            case Name(name, at):
                if name not in self.vocabulary:
                    self.report(at, shown(name), "a known question or fact", nearest(name, self.vocabulary))
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
                return None


def _check_pair(
    operator: str, sides: tuple[Node, Node], kinds: tuple[Kind, Kind], at: int, report: Callable[..., None]
) -> None:
    left, right = kinds
    if not _fits(operator, left, right):
        report(at, f"{left.sort} {operator} {right.sort}", "a comparison of values that fit together")
        return
    for literal, other in ((sides[0], right), (sides[1], left)):
        if isinstance(literal, Literal) and other.options and isinstance(literal.value, str | tuple):
            texts = (literal.value,) if isinstance(literal.value, str) else literal.value
            for text in texts:
                if text not in other.options:
                    report(literal.at, shown(text), "an option of the other side", nearest(text, other.options))
        elif isinstance(literal, Literal) and other.sort == "version" and not version_key(str(literal.value)):
            report(literal.at, shown(literal.value), 'a version such as "3.12"')


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
