"""Conditions as words for people: what a gate requires of an alternative, and what was found instead."""

from collections.abc import Mapping

from rules.conditions import Call, Compare, Junction, Kind, Literal, Name, Node, Not, Values

LEVELS = ("none", "third-party, experimental or frozen", "official with limits", "first-class")
_WORDS = {
    "==": "is",
    "!=": "is not",
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
    "in": "is among",
    "overlaps": "shares something with",
    "within": "lies within",
}


def sentence(node: Node, names: Mapping[str, Kind], labels: Mapping[str, str], values: Values) -> str:
    """The condition in words; a question stands with its value where that is known."""

    def say(part: Node) -> str:
        match part:
            case Name(name):
                return _name(name, labels, values)
            case Literal(value):
                return plain(value)
            case Call(function, Name(name)):
                return f"{name} is answered" if function == "answered" else f"the number of {name}"
            case Not(operand):
                return f"not ({say(operand)})"
            case Junction(word, operands):
                inner = (f"({say(o)})" if isinstance(o, Junction) else say(o) for o in operands)
                return f" {word} ".join(inner)
            case Compare(operator, left, right):
                return comparison(operator, left, right)

    def comparison(operator: str, left: Node, right: Node) -> str:
        kind = names.get(left.name) if isinstance(left, Name) else None
        if kind and kind.sort == "level" and isinstance(right, Literal) and isinstance(right.value, float):
            return f"{say(left)}: {_WORDS[operator]} level {level(right.value)}"
        return f"{say(left)} {_WORDS[operator]} {say(right)}"

    return say(node)


def _name(name: str, labels: Mapping[str, str], values: Values) -> str:
    if name in labels:
        return labels[name]
    known = values.get(name)
    return f"{name} ({plain(known)})" if known is not None else name


def plain(value: object) -> str:
    """A value as a person writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return ", ".join(plain(item) for item in value) or "nothing"
    return str(value)


def level(value: float) -> str:
    """A support level with its word."""
    return f"{value:g} ({LEVELS[int(value)]})" if value in (0, 1, 2, 3) else f"{value:g}"


def found(facts: tuple[str, ...], names: Mapping[str, Kind], labels: Mapping[str, str], values: Values) -> str:
    """What is on file for the facts that a gate looked at."""
    parts = []
    for fact in facts:
        value = values.get(fact)
        if value is None:
            text = "unknown"
        elif names[fact].sort == "level" and isinstance(value, int | float):
            text = f"level {level(value)}"
        else:
            text = plain(value)
        parts.append(f"{labels.get(fact, fact)}: {text}")
    return "; ".join(parts)
