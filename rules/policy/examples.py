"""The examples of a policy's rules and gates, run: does each do what it says?"""

from collections.abc import Mapping
from typing import Any

from rules import examples as run
from rules.compiled import Condition, Release
from rules.faults import Fault, InvalidInput, shown
from rules.policy.fields import Faults
from rules.requirements import parse

Entry = Mapping[str, Any]


def rule_faults(when: Condition, examples: Entry, release: Release, at: str) -> Faults:
    """A fault for each list of answers that fires or is silent against what it says."""
    faults: Faults = []
    for kind, expected in (("fires", True), ("silent", False)):
        for index, answers in enumerate(examples.get(kind) or ()):
            where = f"{at}.{kind}[{index}]"
            values = _values(answers, release, where, faults)
            if values is not None and (run.says(when, values, release.names) is True) is not expected:
                what = "answers for which the rule fires" if expected else "answers for which the rule is silent"
                faults.append(Fault(where, shown(answers), what))
    return faults


def gate_faults(gate: Entry, release: Release, at: str) -> Faults:
    """A fault for each case that is stopped or passes against what it says; waivers play no part in it."""
    faults: Faults = []
    for kind, expected in (("stops", True), ("passes", False)):
        for index, case in enumerate((gate.get("examples") or {}).get(kind) or ()):
            where = f"{at}.{kind}[{index}]"
            if case is not None and _stopped(gate, case, release, where, faults) is (not expected):
                what = "a case that the gate stops" if expected else "a case that the gate lets pass"
                faults.append(Fault(where, shown(case["alternative"]), what))
    return faults


def _stopped(gate: Entry, case: Entry, release: Release, at: str, faults: Faults) -> bool | None:
    """Whether the gate stops the alternative in this case; None after noting faults of the answers."""
    values = _values(case["answers"], release, f"{at}.answers", faults)
    if values is None:
        return None
    values |= {f"hardware.{name}": fact for name, fact in case["hardware"].items() if fact is not None}
    alternative = release.alternatives[case["alternative"]]
    return run.stops(gate["when"], gate["requires"], values, alternative, release.names)


def _values(answers: object, release: Release, at: str, faults: Faults) -> dict[str, object] | None:
    """The answers of an example as understood, None after noting their faults."""
    try:
        return dict(parse(answers, release.questionnaire).values)
    except InvalidInput as invalid:
        faults += [Fault(f.path.replace("answers", at, 1), f.value, f.expected, f.nearest) for f in invalid.faults]
        return None
