"""A real NVIDIA device: every source says the same of it, and nothing of it is loaded here."""

import os
from collections import Counter
from pathlib import Path

import pytest

import probes
from probes.look import cuda, nvidia_files, nvml, smi
from probes.look.machine import here
from probes.look.watch import Watch

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not os.path.exists("/dev/nvidiactl"), reason="needs an NVIDIA GPU with its driver"),
]


@pytest.fixture
def watch() -> Watch:
    machine = here(Path("/"))
    return Watch("nvidia_gpu", machine, machine.clock() + 60)


def test_the_libraries_and_the_tool_agree(watch: Watch) -> None:
    first, second, third = nvml.ask(watch), cuda.ask(watch), smi.ask(watch)
    assert first.usable == "yes", first.reason
    by_address = {gpu.pci: gpu for gpu in first.gpus}
    for other in (second, third):
        if other is None or other.usable != "yes":
            continue
        for gpu in other.working:
            mine = by_address[gpu.pci]
            if mine.partitions is None:
                assert gpu.capability == mine.capability
                assert mine.memory_bytes is None or abs((gpu.memory_bytes or 0) / mine.memory_bytes - 1) < 0.05
    if third is not None and third.usable == "yes":
        assert third.driver_version == first.driver_version


def test_files_agree_with_the_library(watch: Watch) -> None:
    seen, answer = nvidia_files.see(watch), nvml.ask(watch)
    if seen.version:
        assert seen.version == answer.driver_version
    if seen.chips:
        assert {gpu.pci for gpu in answer.gpus} <= {chip.address for chip in seen.chips}


def test_a_usable_device_in_the_profile() -> None:
    profile = probes.local()
    devices = [d for d in profile.devices if d.kind == "nvidia_gpu"]
    assert any(d.usable == "yes" for d in devices)
    assert all(d.compute_capability and d.architecture and d.memory_bytes for d in devices if d.usable == "yes")
    assert Counter(c.kind for c in profile.counts)["nvidia_gpu"] == 1
    assert probes.parse(probes.document(profile)) == profile
    assert "libcuda" not in Path("/proc/self/maps").read_text(encoding="utf-8")
