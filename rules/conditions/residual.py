"""What is left of a condition once the alternative is known: a condition on the project only.

A gate's requirement mentions project and alternative. With the facts of one alternative filled in, most of it is
settled; what remains is the same for many alternatives and is evaluated once for all of them. Ways to targets
(`alt.path.*`) depend on the project too; each becomes a name of its own for each alternative.
"""

from collections.abc import Mapping

from rules.conditions.evaluation import Truth, Values, compile_record
from rules.conditions.kinds import Kind
from rules.conditions.syntax import Call, Compare, Junction, Literal, Name, Node, Not, names

ALTERNATIVE = "alt."
PATH = "alt.path."  # facts on how well a model gets from training to a target
NEVER_KNOWN = Name("alt.unknown", 0)
HOLDS = Literal(True, 0)
FAILS = Literal(False, 0)


def path_name(fact: str, alternative: str) -> str:
    """The name that a way of one alternative has beside those of the others: `alt.path.android@jax`."""
    return f"{fact}@{alternative}"


def residual(node: Node, alternative: str, facts: Values, vocabulary: Mapping[str, Kind]) -> Node:
    """The condition on the project that is left for an alternative with these facts.

    It has the same truth as the whole condition, for every project. What cannot be otherwise is `HOLDS`, `FAILS` or
    `NEVER_KNOWN`, by Kleene's strong logic.
    """

    def left(part: Node) -> Node:
        match part:
            case Junction(word, operands, at):
                return joined(word, [left(each) for each in operands], at)
            case Not(operand, at):
                return negated(left(operand), at)
            case _ if all(_settled(name) for name in names(part)):
                return constant(compile_record(part, vocabulary)(facts))
            case Compare(operator, one, other, at):
                sides = _filled_in(one, alternative, facts), _filled_in(other, alternative, facts)
                return NEVER_KNOWN if NEVER_KNOWN in sides else Compare(operator, *sides, at)
            case _:
                return _filled_in(part, alternative, facts)

    return left(node)


def _filled_in(part: Node, alternative: str, facts: Values) -> Node:
    """An operand with the facts of the alternative in the place of their names."""
    match part:
        case Name(name, at) if name.startswith(PATH):
            return Name(path_name(name, alternative), at)
        case Call(function, Name(name), at) if name.startswith(PATH):
            return Call(function, Name(path_name(name, alternative), at), at)
        case Name(name, at) if name.startswith(ALTERNATIVE):
            return _literal(facts.get(name), at)
        case Call("answered", Name(name), at) if name.startswith(ALTERNATIVE):
            return Literal(facts.get(name) is not None, at)
        case Call(_, Name(name), at) if name.startswith(ALTERNATIVE):
            return _literal(None if (held := facts.get(name)) is None else len(held), at)  # type: ignore[arg-type]
        case _:
            return part


def _settled(name: str) -> bool:
    return name.startswith(ALTERNATIVE) and not name.startswith(PATH)


def _literal(value: object, at: int) -> Node:
    if value is None:
        return NEVER_KNOWN
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Literal(float(value), at)
    return Literal(value, at)  # type: ignore[arg-type]


def constant(truth: Truth) -> Node:
    """A truth as a condition."""
    return NEVER_KNOWN if truth is None else HOLDS if truth else FAILS


def negated(operand: Node, at: int) -> Node:
    """The negation, carried out where it can be."""
    if operand is HOLDS:
        return FAILS
    if operand is FAILS:
        return HOLDS
    return operand if operand is NEVER_KNOWN else Not(operand, at)


def joined(word: str, operands: list[Node], at: int) -> Node:
    """Operands that settle nothing are left out; one that settles the whole is the whole."""
    neutral, deciding = (HOLDS, FAILS) if word == "and" else (FAILS, HOLDS)
    if any(operand is deciding for operand in operands):
        return deciding
    kept = list(dict.fromkeys(operand for operand in operands if operand is not neutral))
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else Junction(word, tuple(kept), at)
