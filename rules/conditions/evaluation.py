"""What conditions say of given values, in three truth values: True, False and None for unknown."""

from collections.abc import Callable, Mapping

from rules.conditions import computed
from rules.conditions.kinds import Kind
from rules.conditions.syntax import EQUALITIES, ORDERINGS, Call, Compare, Junction, Literal, Name, Node, Not
from rules.hardware import version_key

Truth = bool | None
Values = Mapping[str, object]
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
        case Name(name) if computed.is_computed(name):
            return lambda values: computed.value(name, values)
        case Name(name):
            return lambda values: values.get(name)
        case Literal(value):
            return lambda _: value
        case Call("answered", Name(name)) if computed.is_computed(name):
            return lambda values: computed.value(name, values) is not None
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
    compare = operation(operator, [k for k in (_scale(left, vocabulary), _scale(right, vocabulary)) if k])
    if isinstance(left, Name) and isinstance(right, Literal) and not computed.is_computed(left.name):
        name, value = left.name, right.value
        return lambda values: None if (known := values.get(name)) is None else compare(known, value)
    read_left, read_right = _reader(left), _reader(right)

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
            return lambda v: None if (known := v.get(name)) is None else bool(known) and several.issuperset(known)  # type: ignore[arg-type]
        case _:
            return None


def operation(operator: str, kinds: list[Kind]) -> Callable[..., bool]:
    """What an operator does with two known values, of which the named ones are of these kinds.

    `within` says that something is named and nothing else than that: "only tables" is not true of no data at all.
    """
    if operator == "in":
        return lambda item, group: item in group
    if operator == "overlaps":
        return lambda a, b: any(item in b for item in a)
    if operator == "within":
        return lambda a, b: bool(a) and all(item in b for item in a)
    compare = {**EQUALITIES, **ORDERINGS}[operator]
    if any(kind.sort == "version" for kind in kinds):
        return lambda a, b: compare(version_key(a), version_key(b))
    scale = next((kind.options for kind in kinds if kind.sort == "one"), ())
    if scale and operator in ORDERINGS:
        order = {option: index for index, option in enumerate(scale)}
        return lambda a, b: compare(order[a], order[b])
    return compare
