"""NVIDIA's sources against each other: Tegra, containers, WSL, second libraries, counts and contradictions."""

import json
from collections.abc import Callable, Mapping, Sequence

import pytest

from probes.look import cpu, memory, nvidia, nvidia_files
from probes.look.child import Outcome
from probes.look.watch import Watch
from rules.hardware import Contradiction, Count

WatchAt = Callable[..., Watch]
PciFiles = Callable[..., dict[str, str | None]]
Tree = dict[str, str | None]
NVML: Tree = {"/usr/lib64/libnvidia-ml.so.1": ""}
CUDA: Tree = {"/usr/lib64/libcuda.so.1": ""}
DRIVER: Tree = {"/sys/module/nvidia/version": "580.95.05\n", "/dev/nvidia0": "", "/dev/nvidia1": ""}
ONE: dict[str, object] = {"code": 0, "name": "NVIDIA H100", "capability": "9.0", "memory": 80 * 2**30}


def sources(nvml: object = None, cuda: object = None) -> tuple[Callable[..., Outcome], list[Sequence[str]]]:
    """Children that answer with these objects; None for one that crashes."""
    asked: list[Sequence[str]] = []

    def run(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
        asked.append(command)
        assert limit_s > 0
        said = nvml if "nvmlInit" in command[4] else cuda
        return Outcome("", "failed") if said is None else Outcome(json.dumps(said), None)

    return run, asked


def nvml(*devices: Mapping[str, object], **more: object) -> dict[str, object]:
    said: dict[str, object] = {"code": 0, "driver": "580.95.05", "library": "13.580.95.05", "cuda": 13000}
    return said | {"cuda_library": True, "devices": list(devices)} | more


def codes(watch: Watch, rung: str = "usable") -> list[str]:
    return [f.reason.partition(":")[0] for f in watch.findings if f.rung == rung]


def at(address: str, **more: object) -> dict[str, object]:
    return ONE | {"pci": address} | more


def test_a_container_that_was_given_no_tools(watch_at: WatchAt) -> None:
    """The compute capability alone: no management library, and the CUDA library answers."""
    run, asked = sources(cuda={"code": 0, "cuda": 13000, "devices": [at("0000:65:00.0", integrated=0)]})
    watch = watch_at(CUDA | DRIVER, run=run)
    (device,) = nvidia.look(watch)
    assert (device.usable, device.compute_capability, device.architecture) == ("yes", "9.0", "hopper")
    assert codes(watch) == ["initialised", "library_not_found"]
    assert watch.contradictions == []  # an absent library contradicts nobody
    assert len(asked) == 1


def test_a_clear_refusal_asks_nobody_else(watch_at: WatchAt) -> None:
    run, asked = sources(nvml={"code": 18}, cuda={"code": 0, "devices": [ONE]})
    watch = watch_at(NVML | CUDA | DRIVER, run=run)
    assert {d.usable for d in nvidia.look(watch)} == {"no"}
    assert len(asked) == 1


def test_a_container_whose_runtime_was_asked_for_nothing(watch_at: WatchAt) -> None:
    for value, expected in (("void", True), ("none", True), ("", True), ("all", False), ("0", False)):
        watch = watch_at(DRIVER, env={"NVIDIA_VISIBLE_DEVICES": value})
        nvidia.look(watch)
        assert ("runtime" in codes(watch)) is expected


TEGRA: Tree = {
    "/proc/device-tree/compatible": "nvidia,p3737-0000+p3701-0000\0nvidia,tegra234\0",
    "/proc/device-tree/model": "NVIDIA Jetson AGX Orin Developer Kit\0",
    "/etc/nv_tegra_release": "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64\n",
    "/sys/module/nvgpu/x": "",
}


def test_a_tegra_system_by_the_cuda_library(watch_at: WatchAt) -> None:
    orin = {"code": 0, "name": "Orin", "capability": "8.7", "memory": 62 * 2**30, "integrated": 1}
    run, _ = sources(cuda={"code": 0, "cuda": 12060, "devices": [orin]})
    watch = watch_at(TEGRA | {"/usr/lib/aarch64-linux-gnu/tegra/libcuda.so.1": ""}, run=run, arch="aarch64")
    (device,) = nvidia.look(watch)
    assert (device.name, device.compute_capability, device.architecture) == ("Orin", "8.7", "ampere")
    assert (device.unified_memory, device.memory_bytes, device.usable) == (True, 62 * 2**30, "yes")
    assert "loaded: the driver of Tegra systems, L4T 36.4.3" in [f.reason for f in watch.findings]


def test_a_tegra_system_that_says_nothing(watch_at: WatchAt) -> None:
    (device,) = nvidia.look(watch_at(TEGRA))
    assert (device.name, device.present, device.driver, device.usable) == (
        "NVIDIA Jetson AGX Orin Developer Kit",
        "yes",
        "yes",
        "unknown",
    )
    assert (device.architecture, device.unified_memory, device.compute_capability) == ("ampere", True, None)


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("# R38 (release), REVISION: 2.1, GCID: 1", "38.2.1"),
        ("# R32 (release), REVISION: 7, x", "32.7"),
        ("", None),
        (None, None),
        ("R36", None),
    ],
)
def test_the_release_of_a_tegra_system(text: str | None, release: str | None) -> None:
    assert nvidia_files.tegra_release(text) == release


def test_a_generation_without_a_driver_and_never_a_capability(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(pci("0000:01:00.0", "0x10de", "0x2684", "0x030000") | {"/sys/module": None})
    (device,) = nvidia.look(watch)
    assert (device.architecture, device.compute_capability, device.usable) == ("ada", None, "no")
    assert watch.findings[0].raw == "10de:2684"
    assert watch.counts == [Count("nvidia_gpu", 1, None, None)]


def test_a_model_name_teaches_nothing(watch_at: WatchAt) -> None:
    lying = {"code": 0, "name": "NVIDIA GeForce RTX 5090", "memory": 32 * 2**30}
    (device,) = nvidia.look(watch_at(NVML | DRIVER, run=sources(nvml(lying))[0]))
    assert (device.compute_capability, device.architecture) == (None, None)


def test_wsl_has_two_drivers(watch_at: WatchAt) -> None:
    tree: Tree = {
        "/proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2\n",
        "/dev/dxg": "",
        "/sys/module": None,
        "/usr/lib/wsl/lib/libnvidia-ml.so.580.95.05": "",
        "/usr/lib/wsl/lib/libnvidia-ml.so.1": "-> libnvidia-ml.so.580.95.05",
    }
    run, _ = sources(nvml(at("0000:01:00.0"), driver="581.57"))
    watch = watch_at(tree, run=run)
    (device,) = nvidia.look(watch)
    assert device.driver_version == "581.57"
    found = next(f for f in watch.findings if f.reason == "wsl: Windows drives the device with 581.57")
    assert found.raw == "library 580.95.05"
    assert watch.contradictions == []
    assert watch.counts == [Count("nvidia_gpu", 1, 1, 1)]
    watch = watch_at(tree, run=run, accessible=lambda path: path.name != "dxg")
    nvidia.look(watch)
    assert watch.counts == [Count("nvidia_gpu", 1, 1, 0)]


def test_nodes_without_a_module_contradict(watch_at: WatchAt) -> None:
    watch = watch_at({"/dev/nvidia0": "", "/sys/module/ext4/x": ""})
    nvidia.look(watch)
    assert watch.contradictions == [
        Contradiction("driver", (("/dev/nvidia*", "1 device nodes"), ("/sys/module", "not loaded")))
    ]


def test_a_library_s_file_that_is_newer_than_the_module(watch_at: WatchAt) -> None:
    """After an upgrade without a reboot: told from the name of the file, even where the library was not asked."""
    newer: Tree = {"/usr/lib64/libnvidia-ml.so.595.10": "", "/usr/lib64/libnvidia-ml.so.1": "-> libnvidia-ml.so.595.10"}
    watch = watch_at(newer | DRIVER, run=sources({"code": 18})[0])
    nvidia.look(watch)
    (found,) = watch.contradictions
    assert (found.about, dict(found.said)["file of libnvidia-ml.so.1"]) == ("driver version", "595.10")


def test_bus_and_library_count_differently(watch_at: WatchAt, pci: PciFiles) -> None:
    both = pci("0000:65:00.0", "0x10de", "0x2330", "0x030200", driver="nvidia")
    both |= pci("0000:66:00.0", "0x10de", "0x2330", "0x030200", driver="nvidia")
    outside: Tree = {"/proc/1/cgroup": "0::/init.scope\n"}
    run, _ = sources(nvml(at("0000:65:00.0")))
    watch = watch_at(NVML | DRIVER | both | outside, run=run)
    nvidia.look(watch)
    assert [c.about for c in watch.contradictions] == ["number of devices"]
    # A container that was given one of them, or a variable that says so, explains the difference.
    for more, env in (({"/.dockerenv": ""}, {}), ({}, {"NVIDIA_VISIBLE_DEVICES": "0"})):
        watch = watch_at(NVML | DRIVER | both | outside | more, run=run, env=env)
        nvidia.look(watch)
        assert watch.contradictions == []
    passed_on = both | {"/sys/bus/pci/devices/0000:66:00.0/driver": "-> ../../../bus/pci/drivers/vfio-pci"}
    watch = watch_at(NVML | DRIVER | passed_on | outside, run=run)
    nvidia.look(watch)
    assert watch.contradictions == []


def test_two_libraries_that_disagree_on_a_capability(watch_at: WatchAt) -> None:
    first = at("0000:65:00.0", memory=None, memory_code=3)
    run, _ = sources(nvml(first), {"code": 0, "devices": [at("0000:65:00.0", capability="9.1")]})
    watch = watch_at(NVML | CUDA | DRIVER, run=run)
    (device,) = nvidia.look(watch)
    assert device.compute_capability == "9.0"
    assert [c.about for c in watch.contradictions] == ["compute capability of device 0"]


def test_answers_are_joined_by_address_not_by_order(watch_at: WatchAt) -> None:
    bare = [at("0000:65:00.0", memory=None), at("0000:66:00.0", memory=None)]
    more = [at("0000:66:00.0", memory=2**35), at("0000:65:00.0", memory=2**34)]
    run, _ = sources(nvml(*bare), {"code": 0, "devices": more})
    devices = nvidia.look(watch_at(NVML | CUDA | DRIVER, run=run))
    assert [d.memory_bytes for d in devices] == [2**34, 2**35]


@pytest.mark.parametrize(
    ("kernel", "second", "noted"), [("535.129.03", "580.95.05", True), ("580.95.05", "570.10", False)]
)
def test_forward_compatibility(watch_at: WatchAt, kernel: str, second: str, noted: bool) -> None:
    compat = f"/usr/local/cuda-13.0/compat/libcuda.so.{second}"
    tree: Tree = {compat: "", "/usr/local/cuda-13.0/compat/libcuda.so.1": f"-> libcuda.so.{second}"}
    watch = watch_at(tree | {"/sys/module/nvidia/version": kernel, "/dev/nvidia0": ""})
    nvidia.look(watch)
    assert ("forward_compatible" in codes(watch, "driver")) is noted
    at_home = {f"/home/ann/libcuda.so.{second}": "", "/home/ann/libcuda.so.1": f"-> libcuda.so.{second}"}
    env = {"LD_LIBRARY_PATH": "/home/ann"}
    watch = watch_at(at_home | {"/sys/module/nvidia/version": kernel, "/dev/nvidia0": ""}, env=env)
    nvidia.look(watch)
    found = [f.source for f in watch.findings if f.reason.startswith("forward_compatible")]
    assert found == (["LD_LIBRARY_PATH"] if noted else [])


def test_nodes_that_this_user_may_not_open(watch_at: WatchAt) -> None:
    run, _ = sources(nvml({"code": 4}, at("0000:66:00.0")))
    watch = watch_at(NVML | DRIVER, run=run, accessible=lambda path: path.name != "nvidia0")
    devices = nvidia.look(watch)
    assert [d.usable for d in devices] == ["yes"]
    assert watch.counts == [Count("nvidia_gpu", 2, 1, 1)]
    assert {"no_permission", "node_access"} <= set(codes(watch))


@pytest.mark.parametrize("listed", [0, 1, 2])
def test_serials_stay_here(watch_at: WatchAt, listed: int) -> None:
    devices = [at(f"0000:6{n}:00.0", uuid=f"GPU-secret{n}") for n in range(listed)]
    watch = watch_at(NVML | DRIVER | {"/etc/machine-id": "0123456789abcdef" * 2}, run=sources(nvml(*devices))[0])
    found = nvidia.look(watch)
    assert "secret" not in f"{found}{watch.findings}{watch.contradictions}"
    assert len({d.serial_hash for d in found if d.serial_hash}) == listed
    unknown = nvidia.look(watch_at(NVML | DRIVER, run=sources(nvml(*devices))[0]))
    assert all(d.serial_hash is None for d in unknown)


def grace(status: str | None, arch: str = "aarch64") -> Tree:
    tree: Tree = {
        "/proc/meminfo": f"MemTotal: {576 * 2**20} kB\nMemAvailable: {560 * 2**20} kB\n",
        "/sys/devices/system/node/node0/cpulist": "0-71\n",
        "/sys/devices/system/node/node0/meminfo": f"Node 0 MemTotal: {480 * 2**20} kB\n",
        "/sys/devices/system/node/node1/cpulist": "\n",
        "/sys/devices/system/node/node1/meminfo": f"Node 1 MemTotal: {96 << 20} kB\nNode 1 MemFree: {95 << 20} kB\n",
        "/proc/driver/nvidia/gpus/0009:01:00.0/information": "Model: NVIDIA GH200\n",
    }
    return tree | ({} if status is None else {"/proc/driver/nvidia/gpus/0009:01:00.0/numa_status": status})


def test_a_device_s_memory_is_not_the_host_s(watch_at: WatchAt, pci: PciFiles) -> None:
    online = "Node:      1\nStatus:    online\n"
    gh200 = pci("0009:01:00.0", "0x10de", "0x2342", "0x030200")
    for tree in (grace(online), grace(None) | gh200):
        watch = watch_at(tree, arch="aarch64")
        assert memory.look(watch) == memory.Memory(480 * 2**30, None, 465 * 2**30)
        assert watch.findings[1].raw == "node1"
    # Without the driver's word a node without processors may be a memory expander.
    ada = pci("0009:01:00.0", "0x10de", "0x2684", "0x030200")
    unsaid = [(grace(None), "aarch64"), (grace(None) | ada, "aarch64"), (grace(None) | gh200, "x86_64")]
    for tree, arch in (*unsaid, (grace("Node: 7\n"), "aarch64")):
        assert memory.look(watch_at(tree, arch=arch)).total_bytes == 576 * 2**30


def test_amx_is_listed_and_not_vouched_for(watch_at: WatchAt) -> None:
    watch = watch_at({"/proc/cpuinfo": "processor: 0\nflags: avx amx_tile\n"})
    assert "amx_tile" in cpu.look(watch).features
    assert [f.state for f in watch.findings if f.reason.startswith("amx_not_verified")] == ["unknown"]
    watch = watch_at({"/proc/cpuinfo": "processor: 0\nflags: avx\n"})
    cpu.look(watch)
    assert not any(f.reason.startswith("amx") for f in watch.findings)
