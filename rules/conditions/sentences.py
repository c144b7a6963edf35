"""Conditions as words for people: what a rule looks at, what a gate requires of an alternative, what was found instead.

A sentence says what the condition says, no more: a negation is carried down to the comparisons (Kleene's logic keeps
its truth), and parentheses stand where `and` meets `or`. The words for names come from `rules.conditions.labels`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rules.conditions import Call, Compare, Junction, Kind, Literal, Name, Node, Not, Values, computed

_SEVERAL = 2
LEVELS = ("none", "third-party, experimental or frozen", "official with limits", "first-class")
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_DUAL = {"and": "or", "or": "and"}
_ENCLOSED = re.compile(r"\([^()]*\)|“[^”]*”")
_JOINTS = (",", " and ", " or ", " nor ")
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_WORDS = {"==": "", "!=": "not ", "<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}


def sentence(node: Node, names: Mapping[str, Kind], labels: Mapping[str, str], values: Values) -> str:
    """The condition in words; a question stands with its value where that is known, once."""
    return _Speaker(names, labels, values).say(node, True)


class _Speaker:
    """Says the parts of one condition and remembers which values have been told."""

    def __init__(self, names: Mapping[str, Kind], labels: Mapping[str, str], values: Values) -> None:
        self.names = names
        self.labels = labels
        self.values = values
        self.told: set[str] = set()

    def say(self, node: Node, holds: bool) -> str:
        """The words for a statement, or for its negation."""
        match node:
            case Not(operand):
                return self.say(operand, not holds)
            case Junction(word, operands):
                return self.junction(word, operands, holds)
            case Call("answered", Name(name)):
                return f"{self.name(name)}: {_state(name, holds)}"
            case Compare(operator, left, right):
                return self.comparison(operator, left, right, holds)
            case Literal(value):
                return "always" if value is holds else "never"
            case _:
                return f"{self.operand(node)}: {'yes' if holds else 'no'}"

    def junction(self, word: str, operands: Iterable[Node], holds: bool) -> str:
        said_word = word if holds else _DUAL[word]
        parts, joints = [], False
        for operand in _merged(word, _flat(word, operands)):
            said = self.say(operand, holds)
            grouped = isinstance(_bare(operand), Junction)
            joints |= not grouped and _joins(_ENCLOSED.sub("", said))
            parts.append(f"({said})" if grouped else said)
        return f"{',' if joints else ''} {said_word} ".join(parts)

    def comparison(self, operator: str, left: Node, right: Node, holds: bool) -> str:
        if operator in ("in", "overlaps", "within"):
            return self.membership(operator, left, right, holds)
        if isinstance(left, Literal):
            operator, left, right = _MIRRORED.get(operator, operator), right, left
        operator = operator if holds else _NEGATED[operator]
        if isinstance(left, Name) and isinstance(right, Literal):
            return f"{self.name(left.name)}: {self.against(operator, left.name, right.value)}"
        if isinstance(left, Call) and isinstance(right, Literal) and isinstance(right.value, float):
            return f"{self.operand(left)}: {_counted(operator, right.value)}"
        same = "the same as " if operator in ("==", "!=") else "the "
        return f"{self.operand(left)} is {_WORDS[operator]}{same}{_inner(self.operand(right))}"

    def against(self, operator: str, name: str, value: object) -> str:
        """What a comparison with a plain value says of a name."""
        kind = self.names.get(name)
        if isinstance(value, bool):
            return "yes" if value is (operator == "==") else "no"
        if kind and kind.sort == "level" and isinstance(value, float):
            return f"{_WORDS[operator]}level {self.level(name, value)}"
        if kind and kind.sort == "one" and operator in _MIRRORED and value in kind.options:
            among = _ordered(kind.options, operator, str(value))
            return listed([quoted(self.value(name, option)) for option in among], "or") or "none at all"
        return f"{_WORDS[operator]}{self.value(name, value)}"

    def membership(self, operator: str, left: Node, right: Node, holds: bool) -> str:
        """What `in`, `overlaps` and `within` say; the names of sets are in the plural."""
        if isinstance(left, Literal):
            return f"{self.operand(right)} {self.includes('overlaps', right, left.value, holds)}"
        if isinstance(right, Literal) and operator == "in":
            return f"{self.operand(left)}: {self.one_of(left, right.value, holds)}"
        if isinstance(right, Literal):
            return f"{self.operand(left)} {self.includes(operator, left, right.value, holds)}"
        if operator == "in":
            return f"{self.operand(right)} {'' if holds else 'do not '}include {self.operand(left)}"
        few = {"overlaps": ("something", "nothing"), "within": ("everything", "not everything")}[operator]
        return f"{few[not holds]} in {_inner(self.operand(left))} is also in {_inner(self.operand(right))}"

    def one_of(self, node: Node, value: object, holds: bool) -> str:
        options = self.options(node, value)
        if len(options) < _SEVERAL:
            return f"{'' if holds else 'not '}{options[0] if options else 'none at all'}"
        return listed(options, "or") if holds else f"neither {listed(options, 'nor')}"

    def includes(self, operator: str, node: Node, value: object, holds: bool) -> str:
        options = self.options(node, value)
        if operator == "within":
            return f"include {'nothing but' if holds else 'something other than'} {listed(options, 'and') or 'nothing'}"
        if len(options) < _SEVERAL:
            return f"{'' if holds else 'do not '}include {options[0] if options else 'one of none'}"
        return f"include {listed(options, 'or')}" if holds else f"include neither {listed(options, 'nor')}"

    def options(self, node: Node, value: object) -> list[str]:
        name = node.name if isinstance(node, Name) else ""
        return [quoted(self.value(name, text)) for text in (value if isinstance(value, tuple) else (value,))]

    def operand(self, node: Node) -> str:
        match node:
            case Name(name):
                return self.name(name)
            case Literal(value):
                return plain(value)
            case Call("count", Name(name)):
                return f"number of {self.name(name)}"
            case _:
                return f"({self.say(node, True)})"

    def name(self, name: str) -> str:
        label = self.labels.get(name, name)
        known = None if name.startswith("alt.") or name in self.told else computed.value(name, self.values)
        if known is None:
            return label
        self.told.add(name)
        return f"{label} ({self.value(name, known)})"

    def value(self, name: str, value: object) -> str:
        return worded(name, value, self.labels)

    def level(self, name: str, value: float) -> str:
        return level(value, self.labels.get(f"{name}={value:g}"))


def _state(name: str, known: bool) -> str:
    word = (
        "on file" if name.startswith("alt.") else "known" if name.startswith(("hardware.", "feasible.")) else "answered"
    )
    return word if known else f"not {word}"


def _bare(node: Node) -> Node:
    """What stands under the negations."""
    return _bare(node.operand) if isinstance(node, Not) else node


def _flat(word: str, operands: Iterable[Node]) -> Iterator[Node]:
    """The operands, with those of inner junctions of the same word in their place."""
    for operand in operands:
        if isinstance(operand, Junction) and operand.word == word:
            yield from _flat(word, operand.operands)
        else:
            yield operand


def _merged(word: str, operands: Iterable[Node]) -> Iterable[Node]:
    """The operands; in an `or`, options asked of one name are asked together where the first of them stands."""
    merged: dict[object, Node] = {}
    for operand in operands:
        asked = _asked(operand) if word == "or" else None
        if asked is None:
            merged[id(operand)] = operand
            continue
        name, operator, texts = asked
        before = merged.get((name.name, operator))
        if isinstance(before, Compare) and isinstance(before.right, Literal) and isinstance(before.right.value, tuple):
            texts = tuple(dict.fromkeys((*before.right.value, *texts)))
        merged[name.name, operator] = Compare(operator, name, Literal(texts, operand.at), operand.at)
    return merged.values()


def _asked(node: Node) -> tuple[Name, str, tuple[str, ...]] | None:
    """(name, `in` or `overlaps`, options) of a comparison that asks for one of some options."""
    match node:
        case Compare("in", Literal(str() as text), Name() as name):
            return name, "overlaps", (text,)
        case Compare("overlaps", Name() as name, Literal(tuple() as texts)):
            return name, "overlaps", texts
        case Compare("==", Name() as name, Literal(str() as text)):
            return name, "in", (text,)
        case Compare("in", Name() as name, Literal(tuple() as texts)):
            return name, "in", texts
        case _:
            return None


def _counted(operator: str, number: float) -> str:
    """A comparison of a count, which is whole."""
    if operator in (">", "<") and number.is_integer():
        operator, number = (">=", number + 1) if operator == ">" else ("<=", number - 1)
    return f"{_WORDS[operator]}{plain(number)}"


def _ordered(options: tuple[str, ...], operator: str, value: str) -> tuple[str, ...]:
    """The options of a scale for which the comparison is true."""
    at = options.index(value)
    return {"<": options[:at], "<=": options[: at + 1], ">": options[at + 1 :], ">=": options[at:]}[operator]


def _joins(text: str) -> bool:
    return any(joint in text for joint in _JOINTS)


def _inner(label: str) -> str:
    """A label within a sentence: facts about alternatives have a capital of their own."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def quoted(label: str) -> str:
    """A label that holds a joining word stands in quotes."""
    return f"“{label}”" if _joins(label) else label


def listed(items: Sequence[str], word: str) -> str:
    """`a, b and c`."""
    return f" {word} ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def worded(name: str, value: object, labels: Mapping[str, str]) -> str:
    """A value of a question or fact: options by their labels, numbers with their unit."""
    if isinstance(value, tuple | list):
        return ", ".join(worded(name, item, labels) for item in value) or "nothing"
    if isinstance(value, str):
        return labels.get(f"{name}={value}", value)
    unit = labels.get(f"{name} unit")
    if unit and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.12g}{_unit(unit, value)}"
    return plain(value)


def _unit(unit: str, value: float) -> str:
    if unit == "1/s":
        return " per second"
    one = {"people": "person"}.get(unit, unit.removesuffix("s") if len(unit) > 2 else unit)
    return f" {one if value == 1 else unit}"


def plain(value: object) -> str:
    """A value as a person writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return ", ".join(plain(item) for item in value) or "nothing"
    return str(value)


def level(value: float, word: str | None = None) -> str:
    """A support level with its word; some facts have words of their own."""
    return f"{value:g} ({word or LEVELS[int(value)]})" if value in (0, 1, 2, 3) else f"{value:g}"


def found(facts: tuple[str, ...], names: Mapping[str, Kind], labels: Mapping[str, str], values: Values) -> str:
    """What is on file for the facts that a gate looked at."""
    parts = []
    for fact in facts:
        value = values.get(fact)
        if value is None:
            text = "unknown"
        elif names[fact].sort == "level" and isinstance(value, int | float):
            text = f"level {level(value, labels.get(f'{fact}={value:g}'))}"
        else:
            text = worded(fact, value, labels)
        parts.append(f"{labels.get(fact, fact)}: {text}")
    return "; ".join(parts)
