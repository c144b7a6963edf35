"""NVIDIA: each source alone and joined, with a stub in place of the child."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

import probes
from probes.look import cuda, nvidia, nvidia_libraries
from probes.look.child import Outcome
from probes.look.survey import survey
from probes.look.watch import Watch
from rules.hardware import Count, Device, Finding

WatchAt = Callable[..., Watch]
PciFiles = Callable[..., dict[str, str | None]]
LIBRARY = {"/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1": ""}
DRIVER = {"/sys/module/nvidia/version": "580.95.05\n", "/dev/nvidia0": "", "/dev/nvidiactl": ""}
H100: dict[str, object] = {
    "code": 0,
    "pci": "0000:65:00.0",
    "name": "NVIDIA H100",
    "capability": "9.0",
    "memory": 85520809984,
    "memory_code": 0,
    "instances": None,
}


def answering(*devices: Mapping[str, object], **more: object) -> Callable[..., Outcome]:
    said: dict[str, object] = {"code": 0, "driver": "580.95.05", "cuda": 13000, "cuda_library": True}
    text = json.dumps(said | {"devices": devices} | more)
    return lambda command, limit_s, env: Outcome(text, None)


def refusing(code: int) -> Callable[..., Outcome]:
    return lambda command, limit_s, env: Outcome(json.dumps({"code": code}), None)


def rungs(watch: Watch) -> dict[str, str]:
    return {finding.rung: finding.state for finding in reversed(watch.findings)}


def reasons(watch: Watch, rung: str) -> list[str]:
    return [f.reason.partition(":")[0] for f in watch.findings if f.rung == rung]


def gpu(pci: PciFiles, address: str = "0000:65:00.0", **more: str) -> dict[str, str | None]:
    return pci(address, "0x10de", "0x2330", "0x030200", **({"driver": "nvidia"} | more))


def test_a_healthy_device_joins_all_sources(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(LIBRARY | DRIVER | gpu(pci), run=answering(H100))
    expected = Device(
        "nvidia_gpu",
        "NVIDIA H100",
        85520809984,
        "9.0",
        "580.95.05",
        "13.0",
        present="yes",
        driver="yes",
        usable="yes",
        architecture="hopper",
        unified_memory=False,
        address="0000:65:00.0",
    )
    assert nvidia.look(watch) == (expected,)
    assert rungs(watch) == {"present": "yes", "driver": "yes", "usable": "yes"}
    assert [f.source for f in watch.findings] == [
        "/sys/bus/pci/devices",
        "/sys/module/nvidia/version",
        "libnvidia-ml.so.1",
    ]


def test_no_device_and_no_library_starts_no_child(watch_at: WatchAt, pci: PciFiles) -> None:
    started: list[Sequence[str]] = []

    def run(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
        started.append(command)
        return Outcome("", None)

    disk = pci("0000:00:01.0", "0x1af4", "0x1042", "0x010000")
    watch = watch_at(LIBRARY | disk | {"/sys/module": None}, run=run)
    assert nvidia.look(watch) == ()
    assert rungs(watch) == {"present": "no", "driver": "no", "usable": "no"}
    watch = watch_at(DRIVER | gpu(pci), run=run)
    nvidia.look(watch)
    assert reasons(watch, "usable") == ["library_not_found"]
    assert started == []


def test_an_nvidia_bridge_is_no_graphics_device(watch_at: WatchAt, pci: PciFiles) -> None:
    bridge = pci("0000:00:01.0", "0x10de", "0x229e", "0x060400")
    watch = watch_at(bridge | {"/sys/module": None})
    assert nvidia.look(watch) == ()
    assert rungs(watch)["present"] == "no"


def test_a_hidden_bus_is_unknown_never_no(watch_at: WatchAt) -> None:
    for tree in ({}, {"/sys/bus/pci/devices": None}):
        watch = watch_at(tree)
        assert nvidia.look(watch) == ()
        assert rungs(watch) == {"present": "unknown", "driver": "unknown", "usable": "unknown"}


def test_a_container_without_the_library(watch_at: WatchAt) -> None:
    """Device nodes are there, the library is not: present and driven, but nobody can say whether usable."""
    watch = watch_at(DRIVER | {"/dev/nvidia1": ""})
    devices = nvidia.look(watch)
    assert [(d.present, d.driver, d.usable) for d in devices] == [("yes", "yes", "unknown")] * 2
    assert {d.driver_version for d in devices} == {"580.95.05"}
    assert reasons(watch, "usable") == ["library_not_found"]


def test_a_container_given_one_of_two_devices(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = LIBRARY | DRIVER | gpu(pci) | gpu(pci, "0000:03:00.0")
    watch = watch_at(tree, run=answering(H100))
    assert [(d.driver, d.usable) for d in nvidia.look(watch)] == [("yes", "no"), ("yes", "yes")]
    assert reasons(watch, "usable") == ["initialised", "not_listed"]


def test_a_device_bound_to_another_driver(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = LIBRARY | DRIVER | gpu(pci) | gpu(pci, "0000:03:00.0", driver="vfio-pci")
    first = nvidia.look(watch_at(tree, run=answering(H100)))[0]
    assert (first.present, first.driver, first.usable, first.name) == ("yes", "no", "no", None)


def test_names_come_from_the_kernel_when_the_library_is_silent(watch_at: WatchAt, pci: PciFiles) -> None:
    info = {"/proc/driver/nvidia/gpus/0000:65:00.0/information": "Model: \t NVIDIA H100\nGPU UUID: GPU-1\n"}
    assert nvidia.look(watch_at(DRIVER | gpu(pci) | info))[0].name == "NVIDIA H100"


@pytest.mark.parametrize(
    ("code", "usable", "reason"),
    [
        (18, "no", "version_mismatch"),
        (9, "no", "driver_not_loaded"),
        (4, "no", "no_permission"),
        (10, "unknown", "driver_timeout"),
        (27, "unknown", "not_ready"),
        (999, "unknown", "driver_error"),
        (15, "no", "gpu_is_lost"),
        (77, "unknown", "nvml_error_77"),
    ],
)
def test_return_codes_become_reasons(watch_at: WatchAt, pci: PciFiles, code: int, usable: str, reason: str) -> None:
    watch = watch_at(LIBRARY | DRIVER | gpu(pci), run=refusing(code))
    assert [d.usable for d in nvidia.look(watch)] == [usable]
    assert (rungs(watch)["usable"], reasons(watch, "usable")) == (usable, [reason])


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome("", "timeout"), "timeout"), (Outcome("", "abandoned"), "abandoned")]
    + [(Outcome("", "failed"), "crashed"), (Outcome("", "not_started"), "not_started")]
    + [(Outcome(text, None), "bad_answer") for text in ("", "null", "[]", "{}", '{"code": true}', "[" * 100_000)],
)
def test_a_failing_child_is_unknown(watch_at: WatchAt, pci: PciFiles, outcome: Outcome, reason: str) -> None:
    watch = watch_at(LIBRARY | DRIVER | gpu(pci), run=lambda *_: outcome)
    assert [d.usable for d in nvidia.look(watch)] == ["unknown"]
    assert reasons(watch, "usable") == [reason]


def test_without_a_kernel_driver_nothing_is_usable(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at({"/sys/module": None} | pci("0000:65:00.0", "0x10de", "0x2330", "0x030200"))
    assert [(d.present, d.driver, d.usable) for d in nvidia.look(watch)] == [("yes", "no", "no")]
    assert rungs(watch) == {"present": "yes", "driver": "no", "usable": "no"}


def test_a_tegra_system(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = {"/proc/device-tree/compatible": "nvidia,p3737\0nvidia,tegra234\0", "/sys/module/nvgpu/x": ""}
    bridge = pci("0000:00:00.0", "0x10de", "0x229e", "0x060400")
    orin = H100 | {"pci": None, "name": "Orin (nvgpu)", "capability": None, "memory": None, "memory_code": 3}
    watch = watch_at(LIBRARY | tree | bridge, run=answering(orin))
    device = nvidia.look(watch)[0]
    assert (device.name, device.present, device.driver, device.usable) == (
        "Orin (nvgpu)",
        "yes",
        "yes",
        "yes",
    )


def test_no_time_left_starts_no_child(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(LIBRARY | DRIVER | gpu(pci), run=answering(H100))
    watch.ends_at = 0.0
    nvidia.look(watch)
    assert reasons(watch, "usable") == ["no_time"]


def test_without_an_interpreter_no_source_is_asked_and_that_is_said(
    watch_at: WatchAt, pci: PciFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    watch = watch_at(LIBRARY | DRIVER | gpu(pci), run=answering(H100))
    nvidia.look(watch)
    assert reasons(watch, "usable") == ["no_interpreter"]
    found = watch_at({"/usr/lib64/libcuda.so.1": ""})
    told = cuda.ask(found)
    assert told is not None
    assert told.reason.startswith("no_interpreter: ")


def test_unified_memory_is_not_zero(watch_at: WatchAt) -> None:
    gb10 = H100 | {"name": "NVIDIA GB10", "capability": "12.1", "memory": None, "memory_code": 3}
    watch = watch_at(LIBRARY | DRIVER, run=answering(gb10))
    device = nvidia.look(watch)[0]
    assert (device.memory_bytes, device.compute_capability, device.usable) == (None, "12.1", "yes")
    assert "memory_not_reported" in reasons(watch, "usable")
    watch = watch_at(LIBRARY | DRIVER, run=answering(gb10 | {"memory": 0, "memory_code": 0}))
    assert nvidia.look(watch)[0].memory_bytes is None


def test_partitions_are_devices_of_their_own(watch_at: WatchAt) -> None:
    small, large = (
        {"name": "H100 MIG 1g.10gb", "memory": 10 * 2**30},
        {"name": "H100 MIG 2g.20gb", "memory": 20 * 2**30},
    )
    watch = watch_at(LIBRARY | DRIVER, run=answering(H100 | {"instances": [small, large, small]}))
    devices = nvidia.look(watch)
    assert [(d.name, d.partition, d.memory_bytes, d.usable) for d in devices] == [
        ("H100", "1g.10gb", 10 * 2**30, "yes"),
        ("H100", "2g.20gb", 20 * 2**30, "yes"),
        ("H100", "1g.10gb", 10 * 2**30, "yes"),
    ]
    assert {(d.compute_capability, d.architecture, d.address) for d in devices} == {("9.0", "hopper", "0000:65:00.0")}
    assert watch.counts == [Count("nvidia_gpu", 1, 1, 1)]  # CUDA enumerates one partition
    watch = watch_at(LIBRARY | DRIVER, run=answering(H100 | {"instances": []}))
    device = nvidia.look(watch)[0]
    assert (device.name, device.memory_bytes, device.usable) == ("NVIDIA H100", None, "no")


def test_one_lost_device_does_not_hide_the_other(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = LIBRARY | DRIVER | gpu(pci) | gpu(pci, "0000:03:00.0")
    watch = watch_at(tree, run=answering({"code": 15}, H100))
    assert [d.usable for d in nvidia.look(watch)] == ["no", "yes"]
    assert "gpu_is_lost" in reasons(watch, "usable")


def test_without_the_cuda_library_nothing_is_usable(watch_at: WatchAt) -> None:
    watch = watch_at(LIBRARY | DRIVER, run=answering(H100, cuda_library=False))
    assert nvidia.look(watch)[0].usable == "no"
    assert reasons(watch, "usable") == ["cuda_library_not_found"]


WSL: dict[str, str | None] = {
    "/proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2\n",
    "/dev/dxg": "",
    "/sys/module": None,
    "/sys/bus/pci/devices/4cf7:00:00.0/vendor": "0x1414",
    "/sys/bus/pci/devices/4cf7:00:00.0/device": "0x008e",
    "/sys/bus/pci/devices/4cf7:00:00.0/class": "0x030200",
}


def test_wsl_with_a_device(watch_at: WatchAt) -> None:
    seen_env: list[Mapping[str, str]] = []
    answer = answering(H100 | {"pci": "0000:01:00.0", "name": "NVIDIA GeForce RTX 4090"})

    def run(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
        seen_env.append(env)
        return answer(command, limit_s, env)

    watch = watch_at(WSL | {"/usr/lib/wsl/lib/libnvidia-ml.so.1": ""}, run=run)
    device = nvidia.look(watch)[0]
    assert (device.present, device.driver, device.usable) == ("yes", "yes", "yes")
    assert seen_env[0]["LD_LIBRARY_PATH"].endswith("/usr/lib/wsl/lib")
    assert "listed" in reasons(watch, "driver")


def test_wsl_without_a_device(watch_at: WatchAt) -> None:
    watch = watch_at(WSL)
    assert nvidia.look(watch) == ()
    assert rungs(watch) == {"present": "unknown", "driver": "unknown", "usable": "unknown"}
    without = {path: text for path, text in WSL.items() if path != "/dev/dxg"}
    watch = watch_at(without)
    assert nvidia.look(watch) == ()
    assert rungs(watch) == {"present": "no", "driver": "no", "usable": "no"}


def test_windows_asks_the_library_where_windows_keeps_it(watch_at: WatchAt) -> None:
    tree = {"/Windows/System32/nvml.dll": ""}
    watch = watch_at(tree, system="Windows", env={"WINDIR": "/Windows"}, run=answering(H100))
    assert [d.usable for d in nvidia.look(watch)] == ["yes"]
    assert nvidia.look(watch_at({}, system="Windows")) == ()
    assert nvidia.look(watch_at({}, system="Darwin")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\nGCC version:  12.2.0\n",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  535.129.03  Release Build  (x)\n",
    ],
)
def test_the_version_in_the_kernel_s_own_words(watch_at: WatchAt, text: str) -> None:
    watch = watch_at({"/proc/driver/nvidia/version": text, "/dev/nvidia0": ""})
    assert nvidia.look(watch)[0].driver_version == "535.129.03"


@pytest.mark.parametrize(
    ("tree", "env", "found"),
    [
        ({}, {}, None),
        ({"/etc/ld.so.cache": "x\0libnvidia-ml.so.1\0/usr/lib/libnvidia-ml.so.1\0"}, {}, ""),
        ({"/opt/gpu/libnvidia-ml.so.1": ""}, {"LD_LIBRARY_PATH": "relative::/opt/gpu"}, "/opt/gpu"),
        ({"/usr/local/nvidia/lib64/libnvidia-ml.so.1": ""}, {}, "/usr/local/nvidia/lib64"),
    ],
)
def test_the_library_is_found_without_loading_it(
    watch_at: WatchAt, tree: dict[str, str], env: dict[str, str], found: str | None
) -> None:
    machine = watch_at(tree, env=env).machine
    assert nvidia_libraries.directory(machine) == found
    expected = {None: None, "": "libnvidia-ml.so.1"}.get(found, f"{machine.root}{found}/libnvidia-ml.so.1")
    assert nvidia_libraries.path(machine) == expected


def test_a_lying_library_cannot_make_a_bad_profile(watch_at: WatchAt) -> None:
    lies: list[dict[str, Any]] = [
        {
            "code": 0,
            "pci": 7,
            "name": "a\x00b\u202e" + "n" * 900,
            "memory": -1,
            "capability": "nine",
            "instances": 3,
        },
        {"code": 0, "pci": "p" * 900, "name": ["x"], "memory": 2**80, "capability": None, "instances": ["x"]},
        {"code": "x"},
    ]
    run = answering(*lies, driver="'; drop", cuda="many")
    devices = nvidia.look(watch_at(LIBRARY | DRIVER, run=run))
    assert all(d.memory_bytes is None and d.compute_capability is None for d in devices)
    assert all(d.driver_version == "580.95.05" and d.toolkit_version is None for d in devices)
    profile = survey(watch_at(LIBRARY | DRIVER, run=run).machine, 10.0)
    assert probes.parse(probes.document(profile)) == profile
    many = answering(*[H100 | {"pci": f"0000:{n:02x}:00.0"} for n in range(200)])
    watch = watch_at(LIBRARY | DRIVER, run=many)
    assert len(nvidia.look(watch)) == 64
    assert all(isinstance(finding, Finding) for finding in watch.findings)
