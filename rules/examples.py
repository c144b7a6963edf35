"""Cases that a rule or gate carries, run in both evaluators: on the record, and on columns with the facts filled in.

Both must say the same; a case on which they differ is a fault of the engine, told like one of the case.
"""

from collections.abc import Mapping

from rules.compiled import Alternative, Condition
from rules.conditions import Kind, Node, Truth, Values, computed, names
from rules.conditions.columns import FALSE, TRUE, Conditions, Sheet, column
from rules.conditions.residual import ALTERNATIVE, path_name, residual
from rules.faults import Fault, InvalidInput, shown


def says(condition: Condition, values: Values, kinds: Mapping[str, Kind]) -> Truth:
    """What a condition on the project says of a case.

    Raises:
        InvalidInput: the evaluators disagree.
    """
    return _agreed(condition.text, condition.evaluate(values), _by_columns(condition.node, values, kinds))


def stops(
    when: Condition | None, requires: Condition, values: Values, alternative: Alternative, kinds: Mapping[str, Kind]
) -> bool:
    """Whether a gate stops an alternative in a case; waivers play no part in it.

    Raises:
        InvalidInput: the evaluators disagree.
    """
    if when is not None and says(when, values, kinds) is not True:
        return False
    facts = alternative.facts
    left = residual(requires.node, alternative.id, facts, kinds)
    ways = {path_name(fact, alternative.id): value for fact, value in facts.items()}
    known = {name: value for name, value in values.items() if not name.startswith(ALTERNATIVE)}
    on_record = requires.evaluate({**known, **facts})
    return _agreed(requires.text, on_record, _by_columns(left, {**known, **ways}, kinds)) is False


def _by_columns(node: Node, values: Values, kinds: Mapping[str, Kind]) -> Truth:
    known = {name: values[name] for name in computed.looked_at(names(node)) if values.get(name) is not None}
    sheet = Sheet(1, {name: column(kinds[name.partition("@")[0]], [value]) for name, value in known.items()})
    found = int(Conditions(kinds).compile(node)(sheet)[0])
    return {FALSE: False, TRUE: True}.get(found)


def _agreed(text: str, record: Truth, columns: Truth) -> Truth:
    if record is not columns:
        said = f"{shown(text)}: {record} on the record, {columns} on columns"
        raise InvalidInput([Fault("condition", said, "one meaning in both evaluators")])
    return record
