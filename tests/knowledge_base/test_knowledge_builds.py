"""Builds in a pack: mistakes are told with their place, capabilities must agree, the shipped ones judge machines."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base import builds, lint, pack, release
from knowledge_base.fingerprint import SHIPPED
from rules import canonical
from rules.builds import Verdict, installable, verdicts
from rules.faults import InvalidInput
from rules.hardware import Device, Profile
from rules.release import compile_release
from tests.applying import applied
from tests.conftest import PROFILE
from tests.knowledge_base.conftest import Plant

FILE = "builds/all.yaml"
GOOD = """- id: pytorch
  builds:
    - id: pytorch-gpu
      requirement: torch==1.0
      version: "1.0"
      date: "2026-01"
      python: {min: "3.10", max: "3.14"}
      systems:
        - {os: linux, arch: x86_64, libc: glibc, libc_min: "2.28"}
      device: nvidia_gpu
      toolkit: "13.0"
      drivers: {linux: "580"}
      library: libtorch_cuda.so
      sm: {"75": 10, "80": 10, "90": 1}
      default: true
      evidence: [facts]
      expires: "2026-12-31"
  absent:
    - {devices: [tpu], evidence: [facts]}
"""


def lint_of(folder: Path) -> list[str]:
    try:
        return [str(fault) for fault in lint.lint(pack.load(folder))]
    except InvalidInput as invalid:
        return [str(fault) for fault in invalid.faults]


def test_builds_go_into_the_release_and_are_compiled(plant: Plant) -> None:
    document = release.build(pack.load(plant({FILE: GOOD})))
    (build,) = compile_release(document).builds
    assert (build.id, build.framework, build.distribution) == ("pytorch-gpu", "pytorch", "torch")
    assert [(c.library, c.kind, c.target, c.entries) for c in build.code][:1] == [("libtorch_cuda.so", "sm", "75", 10)]
    (absence,) = compile_release(document).absences
    assert absence.devices == {"tpu"}


def test_a_pack_without_builds_keeps_its_hash(small_document: dict[str, Any], plant: Plant) -> None:
    assert "builds" not in small_document
    assert compile_release(small_document).builds == ()
    with_builds = release.build(pack.load(plant({FILE: GOOD})))
    without = {name: part for name, part in with_builds.items() if name != "builds"}
    assert canonical.digest(without) == canonical.digest(small_document) == compile_release(small_document).sha256


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("- id: pytorch\n", "- id: pytorhc\n", "'pytorhc' is not the id of an alternative (did you mean 'pytorch'?)"),
        ("evidence: [facts]\n      exp", "evidence: [fact]\n      exp", "'fact' is not the id of a piece of evidence"),
        ("evidence: [facts]}", "evidence: [fact]}", "'fact' is not the id of a piece of evidence"),
        ('date: "2026-01"', 'date: "2027-01"', "a day not after the pack's"),
        ('max: "3.14"', 'max: "3.13"', "python.max = '3.14' of pytorch is not 3.13, as its builds say"),
        ('"75": 10, ', "", "nvidia.capability_min = '7.5' of pytorch is not 8.0"),
        ("default: true", "default: false", "a default among the builds for nvidia_gpu"),
        ("devices: [tpu]", "devices: [nvidia_gpu]", "a kind with builds (nvidia_gpu) is not absent"),
        ("device: nvidia_gpu", "device: cpu", "code and compute capabilities only for nvidia_gpu"),
        ('sm: {"75": 10, "80": 10, "90": 1}', "sm: {}", "the code that was scanned"),
        ("      library: libtorch_cuda.so\n", "", "a library exactly where there is code from it"),
        ('"80": 10', '"8.0": 10', "8.0"),
        ('"80": 10', '"80": 0', "greater than 0"),
        ("libc: glibc, ", "", "a system with a libc exactly where it is linux or wsl2"),
        ("os: linux", "os: linx", "'linux', 'wsl2', 'windows' or 'macos'"),
        ('toolkit: "13.0"', "toolkit: 13.0", "13.0 is not a valid string"),
        ("      requirement: torch==1.0\n", "", "requirement"),
        ("default: true", "defualt: true", "did you mean"),
    ],
)
def test_a_mistake_is_told_with_its_place(plant: Plant, old: str, new: str, says: str) -> None:
    assert GOOD.count(old) == 1
    told = lint_of(plant({FILE: GOOD.replace(old, new)}))
    assert any(says in fault and fault.startswith(FILE + ":") for fault in told), told


def test_the_same_id_twice_is_told(plant: Plant) -> None:
    other = GOOD.replace("- id: pytorch\n", "- id: jax\n", 1)
    told = lint_of(plant({FILE: GOOD + other}))
    assert any("'pytorch-gpu' is not an id not used at builds/all.yaml:" in fault for fault in told), told


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('nvidia.capability_floor: {value: "6.0", evidence: [facts]}', "nvidia.capability_floor = '6.0'"),
        ('nvidia.capability_ceiling: {value: "12.0", evidence: [facts]}', "nvidia.capability_ceiling = '12.0'"),
        ('nvidia.driver_min: {value: "525", evidence: [facts]}', "nvidia.driver_min = '525' of pytorch is not 580"),
        ('nvidia.driver_min: {value: "580.65", evidence: [facts]}', None),
        ("binary.musl: {value: true, evidence: [facts]}", "binary.musl = True of pytorch is not false"),
        ("binary.linux_aarch64: {value: true, evidence: [facts]}", "binary.linux_aarch64 = True"),
        ("binary.windows_arm64: {value: false, evidence: [facts]}", None),
        ('python.min: {value: "3.9", evidence: [facts]}', "python.min = '3.9' of pytorch is not 3.10"),
        ("nvidia.driver_min: {value: unknown, evidence: []}", None),
    ],
)
def test_capabilities_must_agree_with_the_builds(cell: str, says: str | None) -> None:
    """The check itself: the small pack has not all of these capabilities."""
    entry = builds.Builds.model_validate(yaml.safe_load(GOOD)[0])
    shipped = next(a for a in pack.load(SHIPPED).alternatives if a.id == "pytorch")
    alternative = shipped.model_copy(
        update={
            "capabilities": {n: type(shipped.capabilities["python.min"])(**c) for n, c in yaml.safe_load(cell).items()}
        }
    )
    told = [
        f"{name} = {alternative.capabilities[name].value!r} of pytorch is not {needed}"
        for name, needed in builds.disagreements(entry, alternative)
    ]
    assert told == [] if says is None else any(says in each for each in told), told


# --- The shipped builds ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> list[dict[str, Any]]:
    return builds.shipped()


MUSL = "a system (or container image) with glibc 2.28 or newer instead of musl"


def radeon(architecture: str) -> Device:
    return card(kind="amd_gpu", architecture=architecture, compute_capability=None, driver_version=None)


def card(**changed: Any) -> Device:
    return replace(PROFILE.devices[0], **changed)


def judged(shipped: list[dict[str, Any]], machine: Profile) -> dict[str, Verdict]:
    return {each.framework: each for each in verdicts(machine, *installable(shipped))}


def machine(*devices: Device, **changed: Any) -> Profile:
    return replace(PROFILE, devices=devices, python_version="3.12.4", **changed)


def changes(verdict: Verdict) -> list[str]:
    return [option.text for option in verdict.options]


def test_the_shipped_pack_has_them_and_they_agree(shipped: list[dict[str, Any]]) -> None:
    assert {e["id"] for e in shipped} >= {"pytorch", "tensorflow", "jax", "keras", "xgboost", "onnxruntime", "mlx"}
    loaded = pack.load(SHIPPED)
    assert builds.compiled(loaded.builds) == shipped
    assert not [fault for fault in lint.lint(loaded) if fault.path.startswith("builds/")]


def test_every_build_has_evidence_a_day_and_an_end(shipped: list[dict[str, Any]]) -> None:
    for entry in shipped:
        for build in entry["builds"]:
            assert build["evidence"], build["id"]
            assert build["date"] <= "2026-11-21" < build["expires"], build["id"]


@pytest.mark.parametrize(
    ("framework", "devices", "changed", "state", "first"),
    [
        ("pytorch", [card()], {}, "supported", None),
        ("pytorch", [card(compute_capability="6.1")], {}, "fixable", "torch==2.14.0 from PyTorch's cu126 index"),
        ("pytorch", [card(driver_version="550.54")], {}, "fixable", "torch==2.14.0 from PyTorch's cu126 index"),
        (
            "pytorch",
            [card(compute_capability="12.0", driver_version="575")],
            {},
            "fixable",
            "driver 580 or newer (here 575)",
        ),
        ("pytorch", [card(compute_capability="11.0")], {}, "degraded", None),
        ("pytorch", [card(compute_capability="11.0")], {"arch": "aarch64"}, "supported", None),
        ("pytorch", [card(compute_capability="3.7")], {}, "degraded", None),
        ("tensorflow", [card()], {"python_version": "3.14.1"}, "fixable", "Python 3.13 or older (here 3.14)"),
        ("tensorflow", [card()], {"os": "windows", "libc": None}, "fixable", "use WSL2 with glibc 2.27 or newer"),
        ("tensorflow", [card(compute_capability="12.0")], {}, "degraded", None),
        ("tensorflow", [card(compute_capability="9.0")], {}, "degraded", None),
        ("onnxruntime", [card(compute_capability="10.0")], {}, "degraded", None),
        ("onnxruntime", [card(compute_capability="8.0")], {"arch": "aarch64"}, "degraded", None),
        ("jax", [card(compute_capability="6.1")], {}, "fixable", "jax[cuda12]==0.12.0.1"),
        ("xgboost", [card(driver_version="535")], {}, "fixable", "xgboost-cu12==3.4.1"),
        (
            "xgboost",
            [card(driver_version="535")],
            {"os": "windows", "libc": None},
            "fixable",
            "driver 580 or newer (here 535)",
        ),
        (
            "mlx",
            [card()],
            {"libc_version": "2.31"},
            "fixable",
            "glibc 2.35 or newer (here 2.31): a newer system or container image",
        ),
        ("catboost", [card(compute_capability="7.0")], {}, "degraded", None),
        *(
            (name, [card(compute_capability="12.0", driver_version="550.54.14")], {}, "fixable", None)
            for name in ("jax", "keras", "xgboost", "lightgbm", "tinygrad")
        ),
        ("xgboost", [card(compute_capability="6.0")], {}, "fixable", "xgboost==3.2.0"),
        ("xgboost", [card(compute_capability="7.0")], {}, "fixable", "xgboost==3.2.0"),
        ("llama-cpp", [], {"libc_version": "2.17"}, "fixable", None),
        ("llama-cpp", [], {"libc_version": "2.35"}, "supported", None),
        ("llama-cpp", [], {"libc_version": "2.35", "arch": "aarch64"}, "fixable", None),
        ("keras", [card()], {}, "supported", None),
        ("scikit-learn", [card()], {}, "supported", None),
        (
            "scikit-learn",
            [],
            {"libc": "musl"},
            "fixable",
            "a system (or container image) with glibc 2.28 or newer instead of musl",
        ),
        ("coreml", [], {}, "impossible", None),
    ],
)
def test_machines_get_the_verdict_that_is_known_of_them(
    shipped: list[dict[str, Any]],
    framework: str,
    devices: list[Device],
    changed: dict[str, Any],
    state: str,
    first: str | None,
) -> None:
    found = judged(shipped, replace(machine(*devices), **changed))[framework]
    assert found.state == state, found
    if first is not None:
        assert changes(found)[0] == first


@pytest.mark.parametrize(
    ("framework", "architecture", "state"),
    [
        ("jax", "gfx803", "unknown"),
        ("jax", "gfx942", "unknown"),
        ("llama-cpp", "gfx803", "unknown"),
        ("onnxruntime", "gfx803", "unknown"),
        ("vllm", "gfx803", "unknown"),
        ("pytorch", "gfx803", "impossible"),
        ("pytorch", "gfx942", "supported"),
        ("lightgbm", "gfx803", "supported"),
    ],
)
def test_cards_of_amd_get_what_is_known_of_their_generation(
    shipped: list[dict[str, Any]], framework: str, architecture: str, state: str
) -> None:
    found = judged(shipped, machine(radeon(architecture)))[framework]
    own = next(kind for kind in found.kinds if kind.device == "amd_gpu")
    assert own.state == state, own
    assert (framework, architecture) != ("jax", "gfx942") or any("not published" in each for each in own.reasons)


@pytest.mark.parametrize("capability", ["3.7", "6.1", "7.0", "7.5", "8.9", "10.0", "12.0"])
@pytest.mark.parametrize("driver", ["470.1", "535", "580"])
@pytest.mark.parametrize("system", ["linux", "windows", "wsl2"])
def test_what_is_said_to_help_helps(shipped: list[dict[str, Any]], capability: str, driver: str, system: Any) -> None:
    before = replace(machine(card(compute_capability=capability, driver_version=driver)), os=system)
    before = replace(before, python_version="3.10.1")
    if system == "windows":
        before = replace(before, libc=None, libc_version=None)
    for name, verdict in judged(shipped, before).items():
        for kind in verdict.kinds:
            for option in kind.options:
                after = judged(shipped, applied(before, option, kind.device))[name]
                state = next(each.state for each in after.kinds if each.device == kind.device)
                assert state == option.leads_to, (name, kind.device, option.text, state)
