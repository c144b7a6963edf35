"""What a machine can do with each framework, and what a wheel really contains.

A profile alone is judged by the builds that ship with the program, so that it needs no database; a machine that a house
is asked about by those of the active release.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import probes
from advisor.house import House
from probes.look import fatbin, wheels
from probes.look.text import is_capability
from rules import builds as core
from rules import canonical
from rules.builds import Absence, Build, KindVerdict, Option, Verdict
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import Profile


def of_profile(document: object) -> dict[str, Any]:
    """What `judged` says of the machine of a profile document, by the builds that ship with the program.

    Raises:
        InvalidInput: with every fault of the profile.
    """
    from knowledge_base import builds as shipped  # here for start-up time

    return judged(probes.parse(document), *core.installable(shipped.shipped()))


def state(profile: Profile) -> str:
    """What changes as soon as a profile does."""
    return canonical.digest(probes.document(profile))


def of_machine(house: House, name: str, profile: Profile) -> dict[str, Any]:
    """A verdict for each framework on the machine of a name, by the builds of the active release.

    Raises:
        Missing: nothing has been published yet.
    """
    known = house.knowledge().release
    return {
        "hardware": name,
        "label": profile.label,
        "release": known.id,
        **judged(profile, known.builds, known.absences),
    }


def judged(profile: Profile, builds: Sequence[Build], absences: Sequence[Absence]) -> dict[str, Any]:
    """A verdict for each framework, and what was assumed where the profile says nothing; or why there is no verdict."""
    found = core.judge(profile, builds, absences)
    return {
        "assumed": list(found.assumed),
        "not_judged": found.not_judged,
        "verdicts": [document(verdict) for verdict in found.verdicts],
    }


def document(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain parts."""
    return {
        "framework": verdict.framework,
        "state": verdict.state,
        "on": verdict.on,
        "reasons": list(verdict.reasons),
        "options": [_option(option) for option in verdict.options],
        "kinds": [_kind(kind) for kind in verdict.kinds],
    }


def _kind(kind: KindVerdict) -> dict[str, Any]:
    return {
        "device": kind.device,
        "devices": list(kind.devices),
        "state": kind.state,
        "build": _build(kind.build) if kind.build else None,
        "rungs": dict(kind.rungs),
        "reasons": list(kind.reasons),
        "options": [_option(option) for option in kind.options],
        "apart": [{**_kind(each), "apart": []} for each in kind.apart],
    }


def _build(build: Build) -> dict[str, Any]:
    named = ("id", "requirement", "index", "version", "date", "level", "expires", "note")
    return {name: getattr(build, name) for name in named} | {"evidence": list(build.evidence)}


def _option(option: Option) -> dict[str, Any]:
    return {
        "requirement": option.build.requirement,
        "index": option.build.index,
        "changes": [asdict(change) for change in option.changes],
        "leads_to": option.leads_to,
    }


def contents(path: Path, capability: str | None = None) -> dict[str, Any]:
    """What a library, a folder or a wheel holds for which generation, and whether that covers a capability.

    Raises:
        InvalidInput: there is nothing at the path, or the capability is none.
    """
    faults = []
    if not path.exists():
        faults.append(Fault("path", shown(str(path)), "a library, a folder or a wheel"))
    if capability is not None and not is_capability(capability):
        faults.append(Fault("capability", shown(capability), "a compute capability such as 8.9"))
    if faults:
        raise InvalidInput(faults)
    seen = fatbin.scan(path)
    covered = core.coverage(seen.code, capability) if capability else None
    if covered and covered.state == "none" and seen.faults:
        covered = core.Coverage("unknown")  # what was not read may hold the code
    return {
        "file": path.name or str(path),
        "libraries": seen.libraries,
        "faults": list(seen.faults),
        "tags": list(wheels.tags(path)),
        "code": [asdict(each) for each in seen.code],
        "left_out": seen.left_out,
        "capability": capability,
        "coverage": asdict(covered) if covered else None,
    }


def by_name(verdicts: Sequence[Mapping[str, Any]], framework: str) -> Mapping[str, Any]:
    """The verdict of one framework.

    Raises:
        InvalidInput: there is none, with the nearest that there is.
    """
    found = {each["framework"]: each for each in verdicts}
    if framework not in found:
        fault = Fault("framework", shown(framework), "a framework with builds on file", nearest(framework, found))
        raise InvalidInput([fault])
    return found[framework]
