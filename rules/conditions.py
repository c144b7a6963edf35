"""The condition language: parsed, typed against a vocabulary, and evaluated with three truth values.

    expression := disjunction
    disjunction := conjunction ("or" conjunction)*
    conjunction := negation ("and" negation)*
    negation    := "not" negation | comparison
    comparison  := operand [operator operand]
    operator    := "==" "!=" "<" "<=" ">" ">=" "in" "overlaps" "within"
    operand     := name | number | "text" | "[" literal, ... "]" | "true" | "false"
                 | "answered" "(" name ")" | "count" "(" name ")" | "(" expression ")"

Names are questions (`deploy_targets`), facts of the hardware (`hardware.os`) and facts of the alternative
(`alt.run.android`). Every expression is total: a name without a value makes what depends on it unknown (None), by
Kleene's strong logic. Nothing here reaches Python's own evaluator; length, depth and size are bounded.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from operator import eq, ge, gt, le, lt, ne

from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import version_key

MAX_CHARACTERS = 2000
MAX_TOKENS = 400
MAX_DEPTH = 24

Truth = bool | None
Values = Mapping[str, object]
Scalar = str | float | bool


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a name: what sort of value it has, its options and, for ordered options, that they are a scale."""

    sort: str  # one, many, number, yes/no, ranked, version, level, set, flag
    options: tuple[str, ...] = ()
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A reference to a question or a fact."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, a truth value or a list of texts."""

    value: Scalar | tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """`answered(name)` or `count(name)`."""

    function: str
    argument: Name
    at: int


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands joined by an operator."""

    operator: str
    left: "Node"
    right: "Node"
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    """A negation."""

    operand: "Node"
    at: int


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more operands joined by `and` or by `or`."""

    word: str
    operands: tuple["Node", ...]
    at: int


Node = Name | Literal | Call | Compare | Not | Junction

_ORDERINGS: Mapping[str, Callable[..., bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_EQUALITIES: Mapping[str, Callable[..., bool]] = {"==": eq, "!=": ne}
_SET_OPERATORS = ("in", "overlaps", "within")
_WORDS = ("and", "or", "not", "in", "overlaps", "within", "true", "false", "answered", "count")
_TRUTH_SORTS = ("yes/no", "flag")
_SET_SORTS = ("many", "ranked", "set")
_NUMBER_SORTS = ("number", "level")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<text>\"[^\"\n]*\")"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)|(?P<sign>==|!=|<=|>=|<|>|\[|\]|\(|\)|,))"
)


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str
    text: str
    at: int


def _fault(source: str, at: int, value: str, expected: str, near: str | None = None) -> InvalidInput:
    line = source.count("\n", 0, at) + 1
    column = at - (source.rfind("\n", 0, at) + 1) + 1
    return InvalidInput([Fault(f"{line}:{column}", value, expected, near)])


def _tokens(source: str) -> list[_Token]:
    if len(source) > MAX_CHARACTERS:
        raise _fault(source, 0, f"{len(source)} characters", f"a condition of at most {MAX_CHARACTERS}")
    found: list[_Token] = []
    at, end = 0, len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            at += len(source[at:]) - len(source[at:].lstrip())
            raise _fault(source, at, shown(source[at]), 'a name, a number, a "text" or an operator')
        sort = str(match.lastgroup)
        found.append(_Token(sort, match.group(sort), match.start(sort)))
        at = match.end()
        if len(found) > MAX_TOKENS:
            raise _fault(source, at, f"more than {MAX_TOKENS} parts", "a shorter condition")
    return found


class _Parser:
    """Recursive descent over the tokens; the depth of nesting is bounded."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = _tokens(source)
        self.next = 0
        self.depth = 0

    def peek(self) -> _Token:
        if self.next < len(self.tokens):
            return self.tokens[self.next]
        return _Token("end", "the end", len(self.source.rstrip()))

    def take(self) -> _Token:
        token = self.peek()
        self.next += 1
        return token

    def accept(self, *texts: str) -> _Token | None:
        token = self.peek()
        return self.take() if token.sort in ("sign", "name") and token.text in texts else None

    def expect(self, text: str) -> None:
        if not self.accept(text):
            token = self.peek()
            raise _fault(self.source, token.at, shown(token.text), f"{text!r}")

    def junction(self, word: str, operand: Callable[[], Node]) -> Node:
        at = self.peek().at
        operands = [operand()]
        while self.accept(word):
            operands.append(operand())
        return operands[0] if len(operands) == 1 else Junction(word, tuple(operands), at)

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _fault(self.source, self.peek().at, "this nesting", f"at most {MAX_DEPTH} levels deep")
        node = self.junction("or", lambda: self.junction("and", self.negation))
        self.depth -= 1
        return node

    def negation(self) -> Node:
        negations: list[int] = []
        while token := self.accept("not"):
            negations.append(token.at)
        if len(negations) > MAX_DEPTH:
            raise _fault(self.source, negations[-1], "this nesting", f"at most {MAX_DEPTH} levels deep")
        node = self.comparison()
        for at in reversed(negations):
            node = Not(node, at)
        return node

    def comparison(self) -> Node:
        left = self.operand()
        token = self.accept(*_EQUALITIES, *_ORDERINGS, *_SET_OPERATORS)
        return Compare(token.text, left, self.operand(), token.at) if token else left

    def operand(self) -> Node:
        token = self.take()
        if token.sort == "number":
            return self.number(token)
        if token.sort == "text":
            return Literal(token.text[1:-1], token.at)
        if token.text == "[":
            return self.literals(token.at)
        if token.text == "(":
            node = self.expression()
            self.expect(")")
            return node
        if token.sort != "name" or token.text in ("and", "or", "in", "overlaps", "within", "not"):
            raise _fault(self.source, token.at, shown(token.text), "a name, a number, a \"text\" or '('")
        if token.text in ("true", "false"):
            return Literal(token.text == "true", token.at)
        if token.text in ("answered", "count"):
            self.expect("(")
            argument = self.take()
            if argument.sort != "name" or argument.text in _WORDS:
                raise _fault(self.source, argument.at, shown(argument.text), "the name of a question")
            self.expect(")")
            return Call(token.text, Name(argument.text, argument.at), token.at)
        return Name(token.text, token.at)

    def number(self, token: _Token) -> Literal:
        value = float(token.text)
        if not isfinite(value):
            raise _fault(self.source, token.at, shown(token.text), "a finite number")
        return Literal(value, token.at)

    def literals(self, at: int) -> Literal:
        texts: list[str] = []
        while not self.accept("]"):
            if texts:
                self.expect(",")
            token = self.take()
            if token.sort != "text":
                raise _fault(self.source, token.at, shown(token.text), 'a "text" in the list')
            texts.append(token.text[1:-1])
        return Literal(tuple(texts), at)


def parse(source: str) -> Node:
    """The syntax tree of a condition.

    Raises:
        InvalidInput: with the line and column (from 1) of the first mistake.
    """
    parser = _Parser(source)
    node = parser.expression()
    token = parser.peek()
    if token.sort != "end":
        raise _fault(source, token.at, shown(token.text), "an operator or the end")
    return node


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in order."""
    match node:
        case Compare(_, left, right):
            return (left, right)
        case Not(operand):
            return (operand,)
        case Junction(_, operands):
            return operands
        case Call(_, argument):
            return (argument,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, depth first."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Node) -> frozenset[str]:
    """Every name that the condition mentions."""
    return frozenset(n.name for n in walk(node) if isinstance(n, Name))


def bounds(node: Node) -> tuple[tuple[str, float], ...]:
    """Every (name, number) that the condition compares with each other."""
    found = set()
    for part in walk(node):
        if isinstance(part, Compare):
            for side, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(side, Literal) and isinstance(side.value, float) and isinstance(other, Name):
                    found.add((other.name, side.value))
    return tuple(sorted(found))


# --- Types -----------------------------------------------------------------------------------------------------------


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
        self.faults.extend(_fault(self.source, at, value, expected, near).faults)

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
    if operator in _EQUALITIES:
        return (sorts <= {"one", "text"} and sorts != {"text"}) or sorts <= set(_TRUTH_SORTS)
    scales = {kind for kind in (left, right) if kind.sort == "one"}  # two different scales have no common order
    return sorts <= {"one", "text"} and len(scales) == 1 and all(scale.ordered for scale in scales)


# --- One record ------------------------------------------------------------------------------------------------------

Evaluate = Callable[[Values], Truth]
_Read = Callable[[Values], object]


def compile_record(node: Node, vocabulary: Mapping[str, Kind]) -> Evaluate:
    """A function from values (by name) to True, False or None. The condition must have passed `check`."""
    match node:
        case Junction(word, operands):
            return _junction(word == "and", [compile_record(each, vocabulary) for each in operands])
        case Not(operand):
            inner = compile_record(operand, vocabulary)
            return lambda values: None if (known := inner(values)) is None else not known
        case Compare(operator, left, right):
            return _comparison(operator, left, right, vocabulary)
        case _:
            read = _reader(node)
            return lambda values: None if (found := read(values)) is None else bool(found)


def _junction(conjunction: bool, parts: list[Evaluate]) -> Evaluate:
    def evaluate(values: Values) -> Truth:
        unknown = False
        for part in parts:
            known = part(values)
            if known is None:
                unknown = True
            elif known is not conjunction:
                return known
        return None if unknown else conjunction

    return evaluate


def _reader(node: Node) -> _Read:
    match node:
        case Name(name):
            return lambda values: values.get(name)
        case Literal(value):
            return lambda _: value
        case Call("answered", Name(name)):
            return lambda values: values.get(name) is not None
        case Call(_, Name(name)):
            return lambda values: None if (found := values.get(name)) is None else len(found)  # type: ignore[arg-type]
        case _:
            raise TypeError(f"{type(node).__name__} is not an operand; check() refuses it")


def _scale(node: Node, vocabulary: Mapping[str, Kind]) -> Kind | None:
    return vocabulary.get(node.name) if isinstance(node, Name) else None


def _comparison(operator: str, left: Node, right: Node, vocabulary: Mapping[str, Kind]) -> Evaluate:
    against = _against_literal(operator, left, right)
    if against is not None:
        return against
    read_left, read_right = _reader(left), _reader(right)
    compare = _operation(operator, [k for k in (_scale(left, vocabulary), _scale(right, vocabulary)) if k])

    def evaluate(values: Values) -> Truth:
        a, b = read_left(values), read_right(values)
        return None if a is None or b is None else compare(a, b)

    return evaluate


def _against_literal(operator: str, left: Node, right: Node) -> Evaluate | None:
    """The commonest comparisons of a name with a literal, without a detour; None for all others. Same meaning."""
    match operator, left, right:
        case "in", Literal(value), Name(name):
            return lambda v: None if (known := v.get(name)) is None else value in known  # type: ignore[operator]
        case "overlaps", Name(name), Literal(tuple() as texts):
            several = frozenset(texts)
            return lambda v: None if (known := v.get(name)) is None else not several.isdisjoint(known)  # type: ignore[arg-type]
        case "within", Name(name), Literal(tuple() as texts):
            several = frozenset(texts)
            return lambda v: None if (known := v.get(name)) is None else several.issuperset(known)  # type: ignore[arg-type]
        case _:
            return None


def _operation(operator: str, kinds: list[Kind]) -> Callable[..., bool]:
    if operator == "in":
        return lambda item, group: item in group
    if operator == "overlaps":
        return lambda a, b: any(item in b for item in a)
    if operator == "within":
        return lambda a, b: all(item in b for item in a)
    compare = {**_EQUALITIES, **_ORDERINGS}[operator]
    if any(kind.sort == "version" for kind in kinds):
        return lambda a, b: compare(version_key(a), version_key(b))
    scale = next((kind.options for kind in kinds if kind.sort == "one"), ())
    if scale and operator in _ORDERINGS:
        order = {option: index for index, option in enumerate(scale)}
        return lambda a, b: compare(order[a], order[b])
    return compare
