"""What the gates of the shipped pack say of a machine and what its verdicts say, which must never contradict."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from probes import catalogue
from probes.look.machine import Machine
from probes.look.survey import survey
from rules.builds import assuming
from rules.decision import Decision, Excluded, MachineVerdict
from rules.engine import decide
from rules.hardware import Profile
from rules.release import Release
from rules.requirements import parse
from tests import recorded_machines as machines

MachineAt = Callable[..., Machine]
# Gates on hardware, with the place of the kind of device in their ids; what is on no device is on the whole machine.
HARDWARE = ("train-", "gpu-", "no-build-for-", "machine-", "driver-")
ADMITS = ("experimental", "processor")
KINDS = ("nvidia_gpu", "amd_gpu", "intel_gpu", "apple_silicon", "tpu", "trainium", "gaudi", "ascend", "browser_gpu")
PROJECTS: tuple[dict[str, Any], ...] = (
    {"need": "train"},
    {"need": "train", "approach": "undecided"},
    {"need": "train", "approach": "deep_learning"},
    {"need": "train", "modality": "tabular"},
)


@pytest.mark.parametrize("name", machines.names())
def test_a_recorded_machine_is_judged_alike(machine_at: MachineAt, shipped_release: Release, name: str) -> None:
    recorded = machines.load(name)
    built: list[Machine] = []
    built.append(machine_at(machines.tree(recorded), **machines.seams(recorded, lambda: built[0].root)))
    agree(shipped_release, survey(built[0], 10.0))


def test_machines_of_the_catalogue_are_judged_alike(shipped_release: Release) -> None:
    for machine in catalogue.search("", [], []):
        if not machine.profile.targets:
            agree(shipped_release, machine.profile, PROJECTS[:1])


@pytest.mark.parametrize("name", ["desktop-gtx-1070-windows", "mac-m1-16gb", "aws-p3dn-24xlarge", "gcp-tpu-v2-8"])
def test_a_machine_of_the_catalogue_is_judged_alike_for_every_project(shipped_release: Release, name: str) -> None:
    agree(shipped_release, catalogue.get(name).profile)


def test_work_that_nothing_says_is_networks_may_leave_an_accelerator_unused(shipped_release: Release) -> None:
    profile = catalogue.get("aws-p5-48xlarge").profile
    for answers, is_in in ((PROJECTS[0], True), (PROJECTS[1], True), (PROJECTS[2], False)):
        result = made(shipped_release, profile, answers).roles["training"]
        cautions = {p.framework: {c.gate for c in p.cautions} for p in result.ranking}
        assert ("scikit-learn" in cautions) is is_in
        assert ("train-nvidia_gpu-linux-unused" in cautions.get("scikit-learn", ())) is is_in


def made(release: Release, profile: Profile, answers: dict[str, Any]) -> Decision:
    return decide(release, parse(answers, release.questionnaire), profile, ("training",), what_if=False)


def agree(release: Release, profile: Profile, projects: tuple[dict[str, Any], ...] = PROJECTS) -> None:
    for answers in projects:
        decision = made(release, profile, answers)
        verdicts = {verdict.framework: verdict for verdict in decision.hardware.verdicts}
        builds = {b.framework for b in release.builds if "training" in release.alternatives[b.framework].roles}
        assert verdicts.keys() >= (set() if assuming.not_judged(profile) else builds)
        out = {e.framework for e in decision.roles["training"].excluded if e.gate == "machine-cannot-run"}
        assert out == {name for name, verdict in verdicts.items() if verdict.state == "impossible"}
        for verdict, entry in contradicting(verdicts, decision):
            raise AssertionError(f"{profile.label}, {answers}: {verdict}, and yet {entry.gate}: {entry.text}")


def contradicting(verdicts: dict[str, MachineVerdict], decision: Decision) -> Iterator[tuple[MachineVerdict, Excluded]]:
    """What is excluded for hardware on which its verdict says that it is supported, without saying why that is less."""
    for entry in decision.roles["training"].excluded:
        verdict = verdicts.get(entry.framework)
        if verdict is None or verdict.state != "supported" or not entry.gate.startswith(HARDWARE):
            continue
        kind = next((kind for kind in KINDS if kind in entry.gate), "nvidia_gpu" if "gpu-" in entry.gate else None)
        if kind in (None, verdict.on) and not any(word in entry.text for word in ADMITS):
            yield verdict, entry
