"""A condition's tree written back as text, in one spelling for each tree. Words for people: `sentences`.

`parse(written(node))` is `node` again but for positions. One spelling means that two conditions are the same exactly
when they are written the same. The text is spaced out, so it may be longer than the one that was parsed.
"""

from rules.conditions.syntax import Call, Compare, Junction, Literal, Name, Node, Not, Scalar

_WHOLE_BELOW = 1e15
_OR = frozenset({"or"})
_JUNCTIONS = _OR | {"and"}
_STATEMENTS = _JUNCTIONS | {"Not", "Compare"}


def written(node: Node) -> str:
    """The condition as text, with parentheses only where they are needed."""
    match node:
        case Name(name):
            return name
        case Literal(value):
            return f"[{', '.join(map(_scalar, value))}]" if isinstance(value, tuple) else _scalar(value)
        case Call(function, argument):
            return f"{function}({argument.name})"
        case Compare(operator, left, right):
            return f"{_grouped(left, _STATEMENTS)} {operator} {_grouped(right, _STATEMENTS)}"
        case Not(operand):
            return f"not {_grouped(operand, _JUNCTIONS)}"
        case Junction(word, operands):
            return f" {word} ".join(_grouped(each, _JUNCTIONS if word == "and" else _OR) for each in operands)


def _sort(node: Node) -> str:
    return node.word if isinstance(node, Junction) else type(node).__name__


def _grouped(node: Node, sorts: frozenset[str]) -> str:
    return f"({written(node)})" if _sort(node) in sorts else written(node)


def _scalar(value: Scalar) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if value < _WHOLE_BELOW and value.is_integer() else repr(value)
