"""The real children, against libraries compiled here that misbehave on request."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from probes.look import cuda, nvml
from probes.look.machine import here
from probes.look.survey import survey
from rules.hardware import Count, Device, Profile

COMPILER = shutil.which("cc")
pytestmark = pytest.mark.skipif(
    COMPILER is None or not sys.platform.startswith("linux"), reason="needs a C compiler (cc) on Linux"
)
Probe = Callable[..., Profile]
ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def libraries(plant: Callable[[dict[str, str]], Path]) -> Path:
    """A root that has the stub libraries, a loaded driver and a device node."""
    assert COMPILER is not None
    tree = {"/sys/module/nvidia/version": "580.95.05\n", "/dev/nvidia0": "", "/etc/machine-id": ID}
    root = plant(tree | {"/usr/lib64/here": ""})
    for source, name in (("nvml_stub.c", "libnvidia-ml.so.1"), ("cuda_stub.c", "libcuda.so.1")):
        target, stub = root / "usr/lib64" / name, Path(__file__).with_name(source)
        subprocess.run([COMPILER, "-shared", "-fPIC", "-o", str(target), str(stub)], check=True, timeout=120)
    return root


@pytest.fixture(scope="module")
def probe(libraries: Path) -> Probe:
    def run(deadline_s: float = 60.0, **variables: str) -> Profile:
        given = {name if name.isupper() and "_VISIBLE_" in name else f"FAKE_{name}": v for name, v in variables.items()}
        hidden = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES")
        env = {name: value for name, value in os.environ.items() if name not in hidden} | given
        return survey(replace(here(libraries), env=env), deadline_s)

    return run


def reasons(profile: Profile) -> list[str]:
    found = [f for f in profile.findings if f.probe == "nvidia_gpu" and f.rung == "usable"]
    return [f.reason.partition(":")[0] for f in found]


def only(profile: Profile) -> Device:
    (device,) = profile.devices
    return device


def test_a_healthy_library(probe: Probe) -> None:
    profile = probe()
    device = only(profile)
    assert (device.name, device.memory_bytes, device.compute_capability) == ("NVIDIA Stub", 80 * 2**30, "12.1")
    assert (device.driver_version, device.toolkit_version, device.usable) == ("580.95.05", "13.1", "yes")
    assert (device.architecture, device.unified_memory, device.address) == ("blackwell", False, "0000:65:00.0")
    assert reasons(profile) == ["initialised"]
    assert profile.counts == (Count("nvidia_gpu", 1, 1, 1),)
    assert profile.contradictions == ()


def test_serials_leave_as_salted_hashes(probe: Probe) -> None:
    one = only(probe()).serial_hash
    assert one is not None
    assert len(one) == 16
    assert one == only(probe()).serial_hash
    assert len({device.serial_hash for device in probe(NVML_MIG="3").devices} - {None, one}) == 3


def test_the_second_version_of_the_memory_question_comes_first(probe: Probe) -> None:
    assert only(probe(NVML_MEMORY_V2="1")).memory_bytes == 81 * 2**30


@pytest.mark.parametrize(
    ("code", "usable", "reason"),
    [
        ("4", "no", "no_permission"),
        ("9", "no", "driver_not_loaded"),
        ("15", "no", "gpu_is_lost"),
        ("16", "no", "reset_required"),
        ("18", "no", "version_mismatch"),
        ("28", "no", "gpu_not_found"),
        ("3", "unknown", "not_supported"),
        ("10", "unknown", "driver_timeout"),
        ("999", "unknown", "driver_error"),
        ("77", "unknown", "nvml_error_77"),
    ],
)
def test_a_library_that_refuses(probe: Probe, code: str, usable: str, reason: str) -> None:
    profile = probe(NVML_INIT_RC=code, CUDA_INIT_RC="999")
    assert only(profile).usable == usable
    # A clear refusal is believed; after silence the next source is asked.
    assert reasons(profile) == ([reason] if usable == "no" else [reason, "driver_error"])


def test_a_driver_that_is_not_ready_is_asked_once_more(probe: Probe) -> None:
    assert reasons(probe(NVML_NOT_READY_ONCE="1", CUDA_INIT_RC="999")) == ["initialised"]
    assert reasons(probe(NVML_INIT_RC="27", CUDA_INIT_RC="999"))[0] == "not_ready"


def test_the_cuda_library_answers_for_one_that_fails(probe: Probe) -> None:
    profile = probe(NVML_INIT_RC="999")
    device = only(profile)
    assert (device.usable, device.name, device.compute_capability) == ("yes", "CUDA Stub", "12.1")
    assert (device.memory_bytes, device.unified_memory, device.toolkit_version) == (119 * 2**30, False, "13.0")
    assert device.driver_version == "580.95.05"  # the kernel module's
    assert reasons(profile) == ["initialised", "driver_error"]
    assert [c.about for c in profile.contradictions] == ["usability"]


@pytest.mark.parametrize(
    ("code", "usable", "reason"),
    [
        ("100", "no", "no_device"),
        ("802", "no", "system_not_ready"),
        ("803", "no", "version_mismatch"),
        ("304", "no", "operating_system"),
        ("34", "no", "stub_library"),
        ("998", "unknown", "driver_error"),
    ],
)
def test_codes_of_the_cuda_library(probe: Probe, code: str, usable: str, reason: str) -> None:
    profile = probe(NVML_CRASH="1", CUDA_INIT_RC=code)
    assert only(profile).usable == usable
    expected = [reason, "crashed"] if usable == "no" else ["crashed", "cuda_error_998"]
    assert reasons(profile) == expected


def test_hanging_libraries_are_killed_within_the_time(probe: Probe) -> None:
    began = time.monotonic()
    profile = probe(3.0, NVML_HANG="1", CUDA_HANG="1")
    assert time.monotonic() - began < 3.0 + 1.0  # one second of grace for a busy machine
    assert only(profile).usable == "unknown"
    assert reasons(profile) == ["timeout", "timeout"]
    said = {f.source: f.reason for f in profile.findings if f.rung == "usable" and f.probe == "nvidia_gpu"}
    assert nvml.TOOL in said["libnvidia-ml.so.1"]
    assert cuda.TOOL in said["libcuda.so.1"]
    assert {f.probe for f in profile.findings} >= {"host", "cpu", "memory", "tpu"}  # the rest is there


def test_a_lost_device(probe: Probe) -> None:
    profile = probe(NVML_DEVICE_RC="15")
    assert only(profile).usable == "no"
    assert "gpu_is_lost" in reasons(profile)
    profile = probe(NVML_MEMORY_RC="15")  # listed, and lost as soon as something is asked of it
    assert (only(profile).usable, only(profile).address) == ("no", "0000:65:00.0")
    assert "gpu_is_lost" in reasons(profile)


def test_a_library_that_cannot_be_loaded(plant: Callable[[dict[str, str]], Path]) -> None:
    root = plant({"/dev/nvidia0": "", "/home/ann/libcuda.so.1": "not a library"})
    profile = survey(replace(here(root), env={"LD_LIBRARY_PATH": "/home/ann"}), 60.0)
    assert only(profile).usable == "unknown"
    found = next(f for f in profile.findings if f.reason.startswith("cuda_library_not_loaded"))
    assert found.raw == "file too short"
    assert "home/" not in str(profile.findings)


def test_unified_memory_is_asked_of_the_cuda_library(probe: Probe) -> None:
    """As GB10 answers: the management library knows no memory, the CUDA library says that it is shared."""
    profile = probe(NVML_MEMORY_RC="3", NVML_ADDRESSING="2", CUDA_INTEGRATED="1")
    device = only(profile)
    assert (device.unified_memory, device.memory_bytes, device.usable) == (True, 119 * 2**30, "yes")
    assert "unified_memory" in reasons(profile)
    profile = probe(NVML_MEMORY_RC="3", NVML_ADDRESSING="2", CUDA_INIT_RC="999")
    device = only(profile)
    assert (device.unified_memory, device.memory_bytes, device.usable) == (True, None, "yes")
    assert reasons(profile) == ["initialised", "driver_error", "memory_not_reported"]
    device = only(probe(NVML_MEMORY_RC="3", CUDA_INIT_RC="999"))
    assert (device.unified_memory, device.memory_bytes) == (None, None)


def test_a_coherent_device_with_memory_of_its_own(probe: Probe) -> None:
    """As GH200 answers: it reaches the host's memory, and has its own."""
    profile = probe(NVML_ADDRESSING="2", NVML_CAPABILITY="90", NVML_ARCHITECTURE="9", CUDA_MAJOR="9")
    device = only(profile)
    assert (device.unified_memory, device.memory_bytes, device.architecture) == (False, 80 * 2**30, "hopper")
    assert reasons(profile) == ["initialised", "coherent"]
    assert [c.about for c in profile.contradictions] == ["compute capability of device 0"]  # 9.0 against 9.1


def test_a_capability_that_only_the_cuda_library_knows(probe: Probe) -> None:
    device = only(probe(NVML_CAPABILITY_RC="3"))
    assert (device.compute_capability, device.memory_bytes) == ("12.1", 80 * 2**30)
    device = only(probe(NVML_CAPABILITY_RC="3", NVML_ARCHITECTURE="8", CUDA_INIT_RC="999"))
    assert (device.compute_capability, device.architecture) == (None, "ada")


def test_partitions(probe: Probe) -> None:
    profile = probe(NVML_MIG="2")
    assert [(d.name, d.partition, d.memory_bytes, d.usable) for d in profile.devices] == [
        ("NVIDIA Stub", "1g.10gb", 10 * 2**30, "yes"),
        ("NVIDIA Stub", "1g.20gb", 20 * 2**30, "yes"),
    ]
    assert profile.counts == (Count("nvidia_gpu", 1, 1, 1),)
    assert "partitioned" in reasons(profile)
    unsaid = probe(NVML_MIG="1", NVML_MIG_RC="4")
    assert (only(unsaid).partition, only(unsaid).memory_bytes) == (None, 80 * 2**30)
    assert "partitions_hidden" in reasons(unsaid)
    refused = probe(NVML_MIG="2", NVML_SLICE_RC="4")
    assert [d.partition for d in refused.devices] == ["1g.10gb"]
    assert "partitions_hidden" in reasons(refused)
    by_attributes = probe(NVML_MIG="1", NVML_SLICE_MEMORY_RC="3")
    assert only(by_attributes).memory_bytes == 9728 * 2**20


def test_a_partitioned_device_without_partitions(probe: Probe) -> None:
    profile = probe(NVML_MIG="1", NVML_SLICES="0")
    assert (only(profile).partition, only(profile).memory_bytes, only(profile).usable) == (None, None, "no")
    assert profile.counts == (Count("nvidia_gpu", 1, 1, 1),)


def test_compute_modes(probe: Probe) -> None:
    prohibited = probe(NVML_MODE="2")
    assert only(prohibited).usable == "no"
    assert "compute_prohibited" in reasons(prohibited)
    assert only(probe(NVML_MODE="3")).usable == "yes"


def test_what_the_environment_hides_is_counted_and_not_lost(probe: Probe) -> None:
    profile = probe(NVML_COUNT="2", CUDA_VISIBLE_DEVICES="1")
    assert [d.usable for d in profile.devices] == ["yes", "yes"]
    assert profile.counts == (Count("nvidia_gpu", 2, 1, 1),)
    assert ("CUDA_VISIBLE_DEVICES", "1") in profile.overrides
    assert "hidden" in reasons(profile)
    hidden = probe(NVML_INIT_RC="999", CUDA_VISIBLE_DEVICES="")
    assert only(hidden).usable == "yes"  # asked with nothing hidden
    assert hidden.counts == (Count("nvidia_gpu", 1, 0, 1),)


def test_versions_that_differ_contradict_each_other(probe: Probe) -> None:
    (found,) = probe(NVML_DRIVER="575.57.08").contradictions
    assert found.about == "driver version"
    assert dict(found.said) == {"/sys/module/nvidia/version": "580.95.05", "libnvidia-ml.so.1": "575.57.08"}


def test_the_parent_never_loads_a_library(probe: Probe) -> None:
    probe(NVML_MEMORY_RC="3")
    mapped = Path("/proc/self/maps").read_text(encoding="utf-8")
    assert "libnvidia-ml" not in mapped
    assert "libcuda.so" not in mapped
    assert "probes.look.nvml_child" not in sys.modules
