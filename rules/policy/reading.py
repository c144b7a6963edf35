"""A policy document read against what lies below it: its sound entries, and a fault for everything else.

It says what may be written and named; what the entries do to a release is `rules.policy`'s business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules import conditions
from rules.compiled import ROLES, Alternative, Condition, Release
from rules.conditions import Kind
from rules.faults import Fault, shown
from rules.policy import fields
from rules.policy.examples import gate_faults, rule_faults
from rules.policy.fields import Check, Faults, Field, choice, items
from rules.release import compile_release

RESERVED = ("shipped", "engine")
MAX_RULES = 200
MAX_GATES = 200
MAX_OVERRIDES = 1000
MAX_WAIVERS = 1000
MAX_EXAMPLES = 20
LEAST_WEIGHT = 0.001  # far from where products of factors would vanish
MOST_WEIGHT = 100
LEAST_FACTOR, MOST_FACTOR = 0.001, 1000

Document = Mapping[str, Any]
Entry = dict[str, Any]

_RULE_KEYS = ("id", "text", "roles", "when", "strength", "weights", "argument", "evidence")
_GATE_KEYS = ("id", "effect", "roles", "when", "requires", "text", "argument", "evidence")


@dataclass(frozen=True, slots=True)
class Policy:
    """The sound entries of a policy, as they go into a release document."""

    name: str
    owner: str
    rules: list[Entry]
    gates: list[Entry]
    weights: list[Entry]
    waivers: list[Entry]


class Below:
    """What lies below a policy, and so what the policy may name."""

    def __init__(self, document: Document) -> None:
        self.release: Release = compile_release(document)
        self.rules: dict[str, Document] = {rule["id"]: rule for rule in document["rules"]}
        self.gates: dict[str, Document] = {gate["id"]: gate for gate in document["gates"]}
        self.evidence = {entry["id"] for entry in document.get("evidence", ())}
        self.criteria: dict[str, set[str]] = {c["id"]: set(c["roles"]) for c in document["criteria"]}
        self.layers = {layer["name"] for layer in document.get("layers", ())}
        self.silenced = {rule for layer in document.get("layers", ()) for rule in layer["silenced"]}
        self.project: dict[str, Kind] = {n: k for n, k in self.release.names.items() if not n.startswith("alt.")}

    def weights(self) -> Check:
        """The check of an object of weights by criterion."""
        criterion = choice(self.criteria, "a criterion of the release")
        return fields.table(criterion, fields.number(LEAST_WEIGHT, MOST_WEIGHT), max(len(self.criteria), 1))

    def foreign(self, weights: Mapping[str, float] | None, roles: Sequence[str | None], at: str) -> Faults:
        """A fault for each criterion that serves none of the roles; no role, or None, is a fault already."""
        if not roles or not all(roles):
            return []
        expected = f"a criterion of a role of the rule: {', '.join(map(str, roles))}"
        return [Fault(at, shown(name), expected) for name in weights or () if not self.criteria[name] & set(roles)]


def read(document: object, below: Below, at: str) -> tuple[Policy, Faults]:
    """(what is sound of a policy, its faults)."""
    faults: Faults = []
    top = fields.record(document, at, _top(below), faults)
    rules = _sound(top.get("rules"), f"{at}.rules", faults, _rule_reader(below))
    gates = _sound(top.get("gates"), f"{at}.gates", faults, _gate_reader(below))
    known = {**_own_gates(top.get("gates")), **below.gates, **{gate["id"]: gate for gate in gates}}
    weights = _sound(top.get("weights"), f"{at}.weights", faults, _override_reader(below))
    waivers = _sound(top.get("waivers"), f"{at}.waivers", faults, _waiver_reader(below, known))
    return Policy(top.get("name") or "", top.get("owner") or "", rules, gates, weights, waivers), faults


def _top(below: Below) -> dict[str, Field]:
    name = fields.new_id({*RESERVED, *below.layers}, "a name that no layer has yet, the engine's included")

    def entries(most: int) -> Field:
        return Field(items(fields.anything, most), needed=False, default=[])

    return {
        "name": Field(name),
        "owner": Field(fields.text),
        "summary": Field(fields.text),
        "rules": entries(MAX_RULES),
        "gates": entries(MAX_GATES),
        "weights": entries(MAX_OVERRIDES),
        "waivers": entries(MAX_WAIVERS),
    }


Reader = Callable[[object, str, Faults], Entry]


def _sound(entries: Sequence[object] | None, at: str, faults: Faults, read: Reader) -> list[Entry]:
    """The entries that are read without a fault."""
    found: list[Entry] = []
    for index, entry in enumerate(entries or ()):
        before = len(faults)
        clean = read(entry, f"{at}[{index}]", faults)
        if len(faults) == before:
            found.append(clean)
    return found


def _own_gates(entries: Sequence[object] | None) -> dict[str, None]:
    """The ids of the policy's own gates, sound or not, so that a waiver of a faulty one is not a fault of its own."""
    ids = [entry.get("id") for entry in entries or () if isinstance(entry, Mapping)]
    return {name: None for name in ids if isinstance(name, str)}


def _common(below: Below) -> dict[str, Field]:
    evidence = choice(below.evidence, "a piece of evidence on file")
    return {
        "roles": Field(items(choice(ROLES, f"one of: {', '.join(ROLES)}"), len(ROLES), least=1)),
        "when": Field(fields.optional(fields.condition(below.project))),
        "argument": Field(fields.text),
        "evidence": Field(items(evidence, 100), needed=False, default=[]),
    }


def _rule_reader(below: Below) -> Reader:
    cases = items(fields.anything, MAX_EXAMPLES, least=1)
    examples = {"fires": Field(cases), "silent": Field(cases)}
    shape = _common(below) | {
        "id": Field(fields.new_id({*below.rules, *below.silenced}, "an id that no rule has yet")),
        "text": Field(fields.text),
        "strength": Field(fields.number(LEAST_WEIGHT, 1), needed=False, default=1.0),
        "weights": Field(below.weights()),
        "examples": Field(fields.optional(lambda v, p, f: fields.record(v, p, examples, f)), needed=False),
    }

    def read(value: object, at: str, faults: Faults) -> Entry:
        rule = fields.record(value, at, shape, faults)
        faults += below.foreign(rule.get("weights"), rule.get("roles") or (), f"{at}.weights")
        if isinstance(value, Mapping) and (value.get("when") is None) != (value.get("examples") is None):
            is_base = value.get("when") is None
            expected = "left out: a rule without a condition always speaks" if is_base else "one that can be checked"
            faults.append(Fault(f"{at}.examples", "given" if is_base else "a condition without examples", expected))
        if rule.get("when") and rule.get("examples"):
            faults += rule_faults(rule["when"], rule["examples"], below.release, f"{at}.examples")
        return _document(rule, _RULE_KEYS) | {"rank_of": None}

    return read


def _gate_reader(below: Below) -> Reader:
    release = below.release
    hardware = {
        name.removeprefix("hardware."): Field(fields.fact(kind), needed=False)
        for name, kind in below.project.items()
        if name.startswith("hardware.")
    }
    case = {
        "alternative": Field(choice(release.alternatives, "an alternative on file")),
        "answers": Field(fields.anything, needed=False, default={}),
        "hardware": Field(lambda v, p, f: fields.record(v, p, hardware, f), needed=False, default={}),
    }
    cases = items(fields.whole(case), MAX_EXAMPLES, least=1)
    examples = {"stops": Field(cases), "passes": Field(cases)}
    shape = _common(below) | {
        "id": Field(fields.new_id({*below.gates}, "an id that no gate has yet")),
        "effect": Field(choice(("exclude", "caution"), "exclude or caution")),
        "requires": Field(fields.condition(release.names)),
        "text": Field(fields.message),
        "examples": Field(lambda v, p, f: fields.record(v, p, examples, f)),
    }

    def read(value: object, at: str, faults: Faults) -> Entry:
        gate = fields.record(value, at, shape, faults)
        is_when_read = isinstance(value, Mapping) and (value.get("when") is None) == (gate.get("when") is None)
        if is_when_read and gate.get("requires"):
            faults += gate_faults(gate, release, f"{at}.examples")
        return _document(gate, _GATE_KEYS) | {"waivers": []}

    return read


def _document(entry: Entry, keys: Sequence[str]) -> Entry:
    """The entry as it stands in a release document, conditions as texts again; a faulty one lacks what is faulty."""
    found = {key: entry[key] for key in keys if key in entry}
    return {key: value.text if isinstance(value, Condition) else value for key, value in found.items()}


def _override_reader(below: Below) -> Reader:
    seen: set[str] = set()
    shape = {
        "rule": Field(choice(below.rules, "a rule of a lower layer that is not silenced there")),
        "factor": Field(fields.number(LEAST_FACTOR, MOST_FACTOR, or_zero=True), needed=False),
        "weights": Field(below.weights(), needed=False),
        "argument": Field(fields.text),
    }

    def read(value: object, at: str, faults: Faults) -> Entry:
        override = fields.record(value, at, shape, faults)
        if isinstance(value, Mapping) and ("factor" in value) == ("weights" in value):
            faults.append(Fault(at, "an override", "one with either a factor or weights"))
        if rule := override.get("rule"):
            if rule in seen:
                faults.append(Fault(f"{at}.rule", shown(rule), "a rule that this policy overrides once"))
            seen.add(rule)
            faults += below.foreign(override.get("weights"), below.rules[rule]["roles"], f"{at}.weights")
        return override

    return read


def _waiver_reader(below: Below, gates: Mapping[str, Document | None]) -> Reader:
    seen: set[tuple[str, str]] = set()
    alternatives = below.release.alternatives
    shape = {
        "gate": Field(choice(gates, "a gate of this policy or of a lower layer")),
        "alternative": Field(choice(alternatives, "an alternative on file")),
        "owner": Field(fields.text),
        "reason": Field(fields.text),
        "expires": Field(fields.day),
    }

    def read(value: object, at: str, faults: Faults) -> Entry:
        waiver = fields.record(value, at, shape, faults)
        gate, name = waiver.get("gate"), waiver.get("alternative")
        if gate and name:
            if (gate, name) in seen:
                faults.append(Fault(at, f"{name} at {gate}", "waived once in one policy"))
            seen.add((gate, name))
            if entry := gates[gate]:
                faults += _waivable(entry, alternatives[name], at)
        return waiver

    return read


def _waivable(gate: Document, alternative: Alternative, at: str) -> Faults:
    faults: Faults = []
    if gate["effect"] != "exclude":
        faults.append(Fault(f"{at}.gate", shown(gate["id"]), "a gate that excludes; a caution stops nobody"))
    if not alternative.graded and "alt.graded" in conditions.names(conditions.parse(gate["requires"])):
        expected = "an alternative with grades: without them it cannot be ranked"
        faults.append(Fault(f"{at}.alternative", shown(alternative.id), expected))
    if not set(gate["roles"]) & set(alternative.roles):
        expected = f"an alternative with a role that the gate guards: {', '.join(gate['roles'])}"
        faults.append(Fault(f"{at}.alternative", shown(alternative.id), expected))
    return faults
