"""What a requirement comes to for one project: of several ways to meet it, those that the answers leave in question.

It is for telling only. What holds is decided by the whole condition, with which this agrees for the same answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rules.conditions import Evaluate, Junction, Kind, Node, Values, compile_record, names


@dataclass(frozen=True, slots=True)
class _Choice:
    """One operand of an `or`: whether it concerns a project, and what it then asks of the alternative."""

    whole: Node
    concerns: Evaluate
    own: Node


def narrowing(node: Node, vocabulary: Mapping[str, Kind]) -> Callable[[Values], Node]:
    """A function from the answers to what is left of a requirement.

    Narrowed is only an `or` each of whose operands joins by `and` what the project answers with what the alternative
    has, such as `("ios" in deploy_targets and alt.run.ios >= 2) or ...`. Operands that the answers make false are left
    out, those that they make true keep what they ask of the alternative. Where all are false, the whole stands.
    """
    operands = node.operands if isinstance(node, Junction) and node.word == "or" else ()
    choices = [choice for operand in operands if (choice := _choice(operand, vocabulary))]
    if not choices or len(choices) < len(operands):
        return lambda _: node

    def narrowed(values: Values) -> Node:
        asked = [(choice, choice.concerns(values)) for choice in choices]
        kept = [choice.own if concerns else choice.whole for choice, concerns in asked if concerns is not False]
        return _joined("or", kept, node.at) if kept else node

    return narrowed


def _choice(operand: Node, vocabulary: Mapping[str, Kind]) -> _Choice | None:
    """The two sides of an operand; None where it has not both."""
    if not isinstance(operand, Junction) or operand.word != "and":
        return None
    own = [part for part in operand.operands if any(name.startswith("alt.") for name in names(part))]
    project = [part for part in operand.operands if part not in own]
    if not own or not project:
        return None
    concerns = compile_record(_joined("and", project, operand.at), vocabulary)
    return _Choice(operand, concerns, _joined("and", own, operand.at))


def _joined(word: str, operands: list[Node], at: int) -> Node:
    return operands[0] if len(operands) == 1 else Junction(word, tuple(operands), at)
