"""What a requirement comes to for one project: what it still asks of the alternative once the answers are known.

It is for telling only. What holds is decided by the whole condition, with which this agrees for the same answers.
"""

from collections.abc import Callable, Mapping

from rules.conditions.evaluation import Values, compile_record
from rules.conditions.kinds import Kind
from rules.conditions.residual import ALTERNATIVE, constant, joined, negated
from rules.conditions.syntax import Junction, Node, Not, names

Narrow = Callable[[Values], Node]


def narrowing(node: Node, vocabulary: Mapping[str, Kind]) -> Narrow:
    """A function from the answers to what is left of a requirement; it has the same truth, by Kleene's strong logic.

    What the answers settle is left out: of `("ios" in deploy_targets and alt.run.ios >= 2) or alt.run.android >= 2`
    the first way where iOS is no target, and its first half where it is one. What they leave open stays. Where nothing
    that is asked of the alternative would be left, the whole stands.
    """
    left = _left(node, vocabulary)

    def narrowed(values: Values) -> Node:
        found = left(values)
        return found if _asks(found) else node

    return narrowed


def _asks(node: Node) -> bool:
    return any(name.startswith(ALTERNATIVE) for name in names(node))


def _left(node: Node, vocabulary: Mapping[str, Kind]) -> Narrow:
    if not _asks(node):
        settled = compile_record(node, vocabulary)
        return lambda values: node if (truth := settled(values)) is None else constant(truth)
    match node:
        case Junction(word, operands, at):
            parts = [_left(operand, vocabulary) for operand in operands]
            return lambda values: joined(word, [part(values) for part in parts], at)
        case Not(operand, at):
            inner = _left(operand, vocabulary)
            return lambda values: negated(inner(values), at)
        case _:
            return lambda _: node
