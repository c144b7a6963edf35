"""zen-engine as a peer: a release's rules and gates as its decision tables, for the same answers and alternatives.

One table holds a role's rules (one row each: the rule's condition), one its gates (one row each: the gate concerns the
project and the alternative does not meet it). Both are compiled once. A decision is one batch: the rules once, the
gates once for each alternative. zen-engine knows true and false but not "unknown", so each comparison first asks
whether its operands are there; this gives the same answers as the three truth values do.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import zen

from rules.conditions import Call, Compare, Junction, Kind, Literal, Name, Node, Not
from rules.hardware import version_key
from rules.release import Gate, Release, Role, Rule

_OPPOSITE = {"and": "or", "or": "and"}
_ORDERINGS = ("<", "<=", ">", ">=")
Request = dict[str, Any]


class Translator:
    """Conditions as expressions of zen-engine. Names lose their dots; ordered values stand beside as numbers."""

    def __init__(self, names: Mapping[str, Kind]) -> None:
        self.names = names
        self.scales = {n: k for n, k in names.items() if k.sort == "version" or (k.sort == "one" and k.ordered)}

    def says(self, node: Node, wanted: bool) -> str:
        """An expression that is true exactly when the condition is known to be as wanted."""
        match node:
            case Junction(word, operands):
                joined = word if wanted else _OPPOSITE[word]
                return "(" + f" {joined} ".join(self.says(each, wanted) for each in operands) + ")"
            case Not(operand):
                return self.says(operand, not wanted)
            case Compare(operator, left, right):
                there = [f"{_key(n)} != null" for side in (left, right) if (n := _named(side))]
                plain = self._compare(operator, left, right)
                return "(" + " and ".join([*there, plain if wanted else f"not ({plain})"]) + ")"
            case Call("answered", Name(name)):
                return f"({_key(name)} {'!=' if wanted else '=='} null)"
            case Name(name):
                return f"({_key(name)} != null and {_key(name)} == {_literal(wanted)})"
            case _:
                return _literal(isinstance(node, Literal) and bool(node.value) is wanted)

    def _compare(self, operator: str, left: Node, right: Node) -> str:
        scale = next(
            (self.scales[n.name] for n in (left, right) if isinstance(n, Name) and n.name in self.scales), None
        )
        if scale and (scale.sort == "version" or operator in _ORDERINGS):
            return f"{_ranked(left, scale)} {operator} {_ranked(right, scale)}"
        a, b = _operand(left), _operand(right)
        if operator == "overlaps":
            return f"some({a}, # in {b})"
        return f"all({a}, # in {b})" if operator == "within" else f"{a} {operator} {b}"

    def context(self, values: Mapping[str, object]) -> Request:
        """Values by name as zen-engine is given them."""
        found: Request = {}
        for name, value in values.items():
            found[_key(name)] = list(value) if isinstance(value, tuple) else value
            if name in self.scales:
                found[f"{_key(name)}__rank"] = _rank(value, self.scales[name])
        return found


def _key(name: str) -> str:
    return name.replace(".", "_")


def _named(node: Node) -> str | None:
    if isinstance(node, Call):
        return node.argument.name
    return node.name if isinstance(node, Name) else None


def _literal(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def _operand(node: Node) -> str:
    match node:
        case Call(_, Name(name)):
            return f"len({_key(name)})"
        case Name(name):
            return _key(name)
        case Literal(value):
            return _literal(value)
        case _:
            raise TypeError(f"{type(node).__name__} is not an operand")


def _rank(value: object, scale: Kind) -> float:
    if scale.sort == "version":
        return sum(part * 1000.0**-place for place, part in enumerate(version_key(str(value))))
    return float(scale.options.index(str(value)))


def _ranked(node: Node, scale: Kind) -> str:
    return _literal(_rank(node.value, scale)) if isinstance(node, Literal) else f"{_operand(node)}__rank"


def _table(conditions: Sequence[str]) -> Request:
    """A decision whose one table collects the numbers of all rows that hold."""
    at = {"x": 0, "y": 0}
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": "when", "name": "when"}],
        "outputs": [{"id": "row", "name": "row", "field": "row"}],
        "rules": [{"_id": str(i), "when": text, "row": str(i)} for i, text in enumerate(conditions)],
        "passThrough": False,
        "inputField": None,
        "outputPath": None,
        "executionMode": "single",
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": at},
        {"id": "table", "type": "decisionTableNode", "name": "table", "position": at, "content": table},
        {"id": "out", "type": "outputNode", "name": "out", "position": at},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


@dataclass(frozen=True, slots=True)
class Said:
    """What one role's tables say: the rules that speak and the (alternative, gate) pairs that do not pass."""

    spoken: tuple[int, ...]
    stopped: frozenset[tuple[str, str]]


class ZenPeer:
    """The tables of a release's roles, compiled once."""

    def __init__(self, release: Release, roles: Sequence[str]) -> None:
        self.release = release
        self.translator = Translator(release.names)
        content: Request = {}
        for role in (release.roles[name] for name in roles):
            content[f"{role.name} rules"] = _table([self._speaks(rule) for rule in role.rules])
            content[f"{role.name} gates"] = _table([self._stops(gate) for gate in role.gates])
        self.engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})

    def _speaks(self, rule: Rule) -> str:
        parts = [self.translator.says(rule.when.node, True)] if rule.when else []
        if rule.rank_of:
            parts.append(f"(priorities != null and {_literal(rule.rank_of)} in priorities)")
        return " and ".join(parts) or "true"

    def _stops(self, gate: Gate) -> str:
        parts = [self.translator.says(gate.when.node, True)] if gate.when else []
        return " and ".join([*parts, self.translator.says(gate.requires.node, False)])

    def requests(self, roles: Sequence[str], values: Mapping[str, object], seen: Release) -> list[Request]:
        """One decision's batch: for each role its rules once and its gates once for each alternative.

        `seen` is the release as the project sees it: paths to its targets are handed over ready.
        """
        project = self.translator.context(values)
        facts = seen.alternatives
        batch = []
        for role in (self.release.roles[name] for name in roles):
            batch.append({"key": f"{role.name} rules", "context": project})
            batch += [
                {"key": f"{role.name} gates", "context": project | self.translator.context(facts[name].facts)}
                for name in candidates(role)
            ]
        return batch

    def evaluate(self, batch: list[Request]) -> list[Any]:
        """The raw answers of a batch."""
        found: list[Any] = self.engine.evaluate_batch(batch)  # type: ignore[arg-type]
        return found

    def read(self, roles: Sequence[str], answers: list[Any]) -> list[Said]:
        """What the raw answers of a batch say of each role.

        Raises:
            RuntimeError: zen-engine could not evaluate a table.
        """
        if failed := [a for a in answers if not a["success"]]:
            raise RuntimeError(f"zen-engine: {failed[0].get('error')}")
        rows = iter([[hit["row"] for hit in answer["data"]["result"]] for answer in answers])
        said = []
        for role in (self.release.roles[name] for name in roles):
            spoken = tuple(next(rows))
            stopped = frozenset((name, role.gates[i].id) for name in candidates(role) for i in next(rows))
            said.append(Said(spoken, stopped))
        return said


def candidates(role: Role) -> tuple[str, ...]:
    """Everything that a role's gates look at."""
    return (*role.members, *role.others)
