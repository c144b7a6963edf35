"""The syntax of conditions: from text to a tree, bounded in length, depth and size. The grammar: `rules.conditions`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from operator import eq, ge, gt, le, lt, ne

from rules.conditions import computed
from rules.faults import Fault, InvalidInput, shown

MAX_CHARACTERS = 2000
MAX_TOKENS = 400
MAX_DEPTH = 24

Scalar = str | float | bool


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

ORDERINGS: Mapping[str, Callable[..., bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
EQUALITIES: Mapping[str, Callable[..., bool]] = {"==": eq, "!=": ne}
_SET_OPERATORS = ("in", "overlaps", "within")
_WORDS = ("and", "or", "not", "in", "overlaps", "within", "true", "false", "answered", "count")
_BLANK = " \t\r\n"
# ASCII only but for what stands in a text: Python's \d and \s would take the digits and blanks of every script.
# A text holds nothing that cannot be printed or encoded: no control characters, no halves of surrogate pairs.
_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<text>\"[^\"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*\")"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)|(?P<sign>==|!=|<=|>=|<|>|\[|\]|\(|\)|,))"
)


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str
    text: str
    at: int


def fault(source: str, at: int, value: str, expected: str, near: str | None = None) -> InvalidInput:
    """A mistake in a condition, with its line and column from 1."""
    line = source.count("\n", 0, at) + 1
    column = at - (source.rfind("\n", 0, at) + 1) + 1
    return InvalidInput([Fault(f"{line}:{column}", value, expected, near)])


def _tokens(source: str) -> list[_Token]:
    if len(source) > MAX_CHARACTERS:
        raise fault(source, 0, f"{len(source)} characters", f"a condition of at most {MAX_CHARACTERS}")
    found: list[_Token] = []
    at, end = 0, len(source.rstrip(_BLANK))
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            at += len(source[at:]) - len(source[at:].lstrip(_BLANK))
            raise fault(source, at, shown(source[at]), 'a name, a number, a "text" or an operator')
        sort = str(match.lastgroup)
        found.append(_Token(sort, match.group(sort), match.start(sort)))
        at = match.end()
        if len(found) > MAX_TOKENS:
            raise fault(source, at, f"more than {MAX_TOKENS} parts", "a shorter condition")
    return found


class _Parser:
    """Recursive descent over the tokens; the depth of nesting is bounded."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = _tokens(source)
        self.next = 0
        self.depth = 0
        self.negations = 0

    def peek(self) -> _Token:
        if self.next < len(self.tokens):
            return self.tokens[self.next]
        return _Token("end", "the end", len(self.source.rstrip(_BLANK)))

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
            raise fault(self.source, token.at, shown(token.text), f"{text!r}")

    def junction(self, word: str, operand: Callable[[], Node]) -> Node:
        at = self.peek().at
        operands = [operand()]
        while self.accept(word):
            operands.append(operand())
        return operands[0] if len(operands) == 1 else Junction(word, tuple(operands), at)

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise fault(self.source, self.peek().at, "this nesting", f"at most {MAX_DEPTH} levels deep")
        node = self.junction("or", lambda: self.junction("and", self.negation))
        self.depth -= 1
        return node

    def negation(self) -> Node:
        negations: list[int] = []
        while token := self.accept("not"):
            negations.append(token.at)
        self.negations += len(negations)
        if self.negations > MAX_DEPTH:  # those around and those within: the tree is no deeper than a few MAX_DEPTH
            raise fault(self.source, negations[-1], "this nesting", f"at most {MAX_DEPTH} levels deep")
        node = self.comparison()
        self.negations -= len(negations)
        for at in reversed(negations):
            node = Not(node, at)
        return node

    def comparison(self) -> Node:
        left = self.operand()
        token = self.accept(*EQUALITIES, *ORDERINGS, *_SET_OPERATORS)
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
            raise fault(self.source, token.at, shown(token.text), "a name, a number, a \"text\" or '('")
        if token.text in ("true", "false"):
            return Literal(token.text == "true", token.at)
        if token.text in ("answered", "count"):
            self.expect("(")
            argument = self.take()
            if argument.sort != "name" or argument.text in _WORDS:
                raise fault(self.source, argument.at, shown(argument.text), "the name of a question")
            self.expect(")")
            return Call(token.text, Name(argument.text, argument.at), token.at)
        return Name(token.text, token.at)

    def number(self, token: _Token) -> Literal:
        value = float(token.text)
        if not isfinite(value) or (value == 0 and re.match(r"[0.]*[1-9]", token.text)):
            raise fault(self.source, token.at, shown(token.text), "a number that floating point can hold")
        return Literal(value, token.at)

    def literals(self, at: int) -> Literal:
        texts: list[str] = []
        while not self.accept("]"):
            if texts:
                self.expect(",")
            token = self.take()
            if token.sort != "text":
                raise fault(self.source, token.at, shown(token.text), 'a "text" in the list')
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
        raise fault(source, token.at, shown(token.text), "an operator or the end")
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
    """Every (name, number) that the condition compares with each other, or that a computed name turns on."""
    found: set[tuple[str, float]] = set()
    for part in walk(node):
        if isinstance(part, Name):
            found.update(computed.bounds(part.name))
        if isinstance(part, Compare):
            for side, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(side, Literal) and isinstance(side.value, float) and isinstance(other, Name):
                    found.add((other.name, side.value))
    return tuple(sorted(found))
