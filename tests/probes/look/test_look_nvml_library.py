"""The real child with the real binding, against a library compiled here that misbehaves on request."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from probes.look.machine import here
from probes.look.survey import survey
from rules.hardware import Profile

COMPILER = shutil.which("cc")
pytestmark = pytest.mark.skipif(
    COMPILER is None or not sys.platform.startswith("linux"), reason="needs a C compiler (cc) on Linux"
)
Probe = Callable[..., Profile]


@pytest.fixture(scope="module")
def libraries(plant: Callable[[dict[str, str]], Path]) -> Path:
    """A root that has the stub library, an empty CUDA library, a loaded driver and a device node."""
    assert COMPILER is not None
    root = plant({"/sys/module/nvidia/version": "580.95.05\n", "/dev/nvidia0": "", "/usr/lib64/empty.c": ""})
    directory = root / "usr/lib64"
    stub = Path(__file__).with_name("nvml_stub.c")
    for source, name in ((stub, "libnvidia-ml.so.1"), (directory / "empty.c", "libcuda.so.1")):
        command = [COMPILER, "-shared", "-fPIC", "-o", str(directory / name), str(source)]
        subprocess.run(command, check=True, timeout=120)
    return root


@pytest.fixture(scope="module")
def probe(libraries: Path) -> Probe:
    def run(deadline_s: float = 60.0, **faults: str) -> Profile:
        env = dict(os.environ) | {f"FAKE_NVML_{name}": value for name, value in faults.items()}
        return survey(replace(here(libraries), env=env), deadline_s)

    return run


def reasons(profile: Profile) -> list[str]:
    found = [f for f in profile.findings if f.probe == "nvidia_gpu" and f.rung == "usable"]
    return [f.reason.partition(":")[0] for f in found]


def test_a_healthy_library(probe: Probe) -> None:
    profile = probe()
    device = profile.devices[0]
    assert (device.name, device.memory_bytes, device.compute_capability) == (
        "NVIDIA Stub",
        80 * 2**30,
        "12.1",
    )
    assert (device.driver_version, device.toolkit_version, device.usable) == ("580.95.05", "13.1", "yes")
    assert len(profile.devices) == 1
    assert reasons(profile) == ["initialised"]


@pytest.mark.parametrize(
    ("code", "usable", "reason"),
    [("18", "no", "version_mismatch"), ("9", "no", "driver_not_loaded"), ("999", "unknown", "driver_error")],
)
def test_a_library_that_refuses(probe: Probe, code: str, usable: str, reason: str) -> None:
    profile = probe(INIT_RC=code)
    assert [d.usable for d in profile.devices] == [usable]
    assert reasons(profile) == [reason]


def test_a_hanging_library_is_killed(probe: Probe) -> None:
    profile = probe(1.5, HANG="1")
    assert [d.usable for d in profile.devices] == ["unknown"]
    assert reasons(profile) == ["timeout"]
    assert {f.probe for f in profile.findings} >= {"host", "cpu", "memory", "tpu"}  # the rest is there


def test_a_crashing_library(probe: Probe) -> None:
    assert reasons(probe(CRASH="1")) == ["crashed"]


def test_a_lost_device(probe: Probe) -> None:
    profile = probe(DEVICE_RC="15")
    assert [d.usable for d in profile.devices] == ["no"]
    assert "gpu_is_lost" in reasons(profile)


def test_memory_that_is_not_supported(probe: Probe) -> None:
    profile = probe(MEMORY_RC="3")
    assert [(d.memory_bytes, d.usable) for d in profile.devices] == [(None, "yes")]
    assert "memory_not_reported" in reasons(profile)


def test_slices(probe: Probe) -> None:
    device = probe(MIG="1").devices[0]
    assert (device.name, device.memory_bytes) == ("NVIDIA Stub MIG 1g.10gb", 10 * 2**30)
    unsaid = probe(MIG="1", MIG_RC="4").devices[0]
    assert (unsaid.name, unsaid.memory_bytes) == ("NVIDIA Stub", 80 * 2**30)


def test_the_parent_never_loads_the_library(probe: Probe) -> None:
    probe()
    mapped = Path("/proc/self/maps").read_text(encoding="utf-8")
    assert "libnvidia-ml" not in mapped
    assert "libcuda.so" not in mapped
    assert "pynvml" not in sys.modules
