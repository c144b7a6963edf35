"""The examples of a pack's rules and gates, run: does each do what it says, in both evaluators?"""

from typing import Any

from knowledge_base import schema
from knowledge_base.lint import expand
from knowledge_base.pack import Pack
from rules import examples
from rules import release as core
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import HARDWARE_FACTS
from rules.requirements import parse


def run_examples(pack: Pack, release: core.Release) -> list[Fault]:
    """What the examples of rules and gates say, against what the compiled release does."""
    faults: list[Fault] = []
    for rule in pack.rules:
        compiled = next((r for role in release.roles.values() for r in role.rules if r.id == rule.id), None)
        if compiled is None or compiled.when is None or rule.examples is None:
            continue
        for field, expected in (("fires", True), ("silent", False)):
            for index, each in enumerate(getattr(rule.examples, field)):
                at = pack.spots["rules", rule.id].at("examples", field, index)
                faults += _rule_example(at, release, rule.id, compiled.when, each, expected)
    by_id = {g.id: g for role in release.roles.values() for g in role.gates}
    for gate in pack.gates:
        family = [by_id[g.id] for g in expand(gate) if g.id in by_id]
        for field, stops in (("stops", True), ("passes", False)):
            for index, case in enumerate(getattr(gate.examples, field)):
                at = pack.spots["gates", gate.id].at("examples", field, index)
                faults += _gate_example(at, release, gate.id, family, case, stops)
    return faults


def _rule_example(
    at: str, release: core.Release, rule: str, when: core.Condition, case: dict[str, Any], expected: bool
) -> list[Fault]:
    try:
        values = parse(case, release.questionnaire).values
    except InvalidInput as invalid:
        return [Fault(at, f"{rule}, example: {f.path} {f.value}", f.expected, f.nearest) for f in invalid.faults]
    if (examples.says(when, values, release.names) is True) is expected:
        return []
    return [Fault(at, f"{rule}: {shown(case)}", "a case that fires" if expected else "a case that stays silent")]


def _gate_example(
    at: str, release: core.Release, gate: str, family: list[core.Gate], case: schema.GateCase, stops: bool
) -> list[Fault]:
    if case.alternative not in release.alternatives:
        return [Fault(at, shown(case.alternative), "an alternative", nearest(case.alternative, release.alternatives))]
    wrong = [name for name in case.hardware if name not in HARDWARE_FACTS]
    if wrong:
        return [Fault(at, shown(wrong[0]), "a fact of the hardware", nearest(wrong[0], HARDWARE_FACTS))]
    try:
        values: dict[str, object] = dict(parse(case.answers, release.questionnaire).values)
    except InvalidInput as invalid:
        return [Fault(at, f"{gate}, example: {f.path} {f.value}", f.expected, f.nearest) for f in invalid.faults]
    values |= {f"hardware.{name}": value for name, value in case.hardware.items()}
    alternative = release.alternatives[case.alternative]
    stopped = any(examples.stops(g.when, g.requires, values, alternative, release.names) for g in family)
    if stopped is stops:
        return []
    return [Fault(at, f"{gate}: {case.model_dump()}", "a case it stops" if stops else "a case it lets pass")]
