"""Processor, system and Apple silicon, from recorded files and answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from probes.look import apple, cpu, host, memory
from probes.look.child import Outcome
from probes.look.machine import Numbers
from probes.look.watch import Watch

WatchAt = Callable[..., Watch]


def x86(cores: int, threads: int = 1, flags: str = "fpu sse4_2 avx avx2") -> str:
    blocks = []
    for n in range(cores * threads):
        lines = f"processor\t: {n}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R)\nphysical id\t: 0\n"
        blocks.append(f"{lines}core id\t\t: {n // threads}\nflags\t\t: {flags}\n")
    return "\n".join(blocks)


ARM = "processor\t: 0\nFeatures\t: fp asimd sve2 bf16\nCPU implementer\t: 0x41\nCPU part\t: 0xd4f\n\n"


def test_an_x86_processor(watch_at: WatchAt) -> None:
    found = cpu.look(watch_at({"/proc/cpuinfo": x86(4, threads=2)}))
    features = ("avx", "avx2", "fpu", "sse4_2")
    assert found == cpu.Cpu("GenuineIntel", "Intel(R) Xeon(R)", features, 4, 8, 8.0)


def test_an_arm_processor(watch_at: WatchAt) -> None:
    tree = {"/proc/cpuinfo": ARM + ARM.replace(": 0\n", ": 1\n", 1) + "Model\t: A board\n"}
    for n in range(2):
        tree[f"/sys/devices/system/cpu/cpu{n}/topology/thread_siblings_list"] = f"{n}\n"
    found = cpu.look(watch_at(tree, arch="aarch64"))
    assert found == cpu.Cpu("ARM", "Neoverse V2", ("asimd", "bf16", "fp", "sve2"), 2, 2, 2.0)


def test_only_features_that_all_cores_have(watch_at: WatchAt) -> None:
    mixed = x86(1, flags="fpu avx") + "\n" + x86(1, flags="fpu avx avx512f").replace("processor\t: 0", "processor\t: 1")
    assert cpu.look(watch_at({"/proc/cpuinfo": mixed})).features == ("avx", "fpu")


@pytest.mark.parametrize("text", ["", "garbage", "processor", "\0" * 50, "processor: 0\n" * 3])
def test_a_malformed_description_is_no_crash(watch_at: WatchAt, text: str) -> None:
    found = cpu.look(watch_at({"/proc/cpuinfo": text}))
    assert found.vendor is None
    assert found.features == ()


CGROUP = {
    "/proc/self/cgroup": "0::/a\n",
    "/proc/self/mountinfo": "30 24 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
}


@pytest.mark.parametrize(
    ("affinity", "cpuset", "quota", "usable", "by"),
    [
        (None, "", "max 100000", 16.0, "unbounded"),
        (3, "", "max 100000", 3.0, "bounded: by the affinity"),
        (12, "0-7", "max 100000", 8.0, "bounded: by the processor set"),
        (12, "0-7", "250000 100000", 2.5, "bounded: by the quota"),
        (12, "0-7", "10 100000", 0.001, "bounded: by the quota"),
    ],
)
def test_usable_cores(watch_at: WatchAt, affinity: int | None, cpuset: str, quota: str, usable: float, by: str) -> None:
    files = {"/proc/cpuinfo": x86(16), "/cg/a/cpuset.cpus.effective": cpuset, "/cg/cpu.max": quota}
    watch = watch_at(CGROUP | files, affinity_cores=affinity)
    assert cpu.look(watch).usable_cores == usable
    assert watch.findings[-1].reason.startswith(by)


def test_nothing_known(watch_at: WatchAt) -> None:
    watch = watch_at({})
    assert cpu.look(watch) == cpu.Cpu()
    assert memory.look(watch) == memory.Memory()
    assert [f.state for f in watch.findings] == ["unknown", "unknown", "unknown", "yes"]


VM_STAT = """Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              100000.
Pages active:                            900000.
Pages inactive:                          300000.
"""


def sysctl(answers: Mapping[str, str]) -> Callable[..., Outcome]:
    def run(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
        if command[0].endswith("vm_stat"):
            return Outcome(VM_STAT, None)
        if command[0].endswith("ioreg"):
            return Outcome('  "IOPlatformUUID" = "01234567-89AB-CDEF-0123-456789ABCDEF"\n', None)
        lines = [f"{name}: {value}" for name, value in answers.items() if name.startswith(tuple(command[1:]))]
        return Outcome("\n".join(lines), "failed" if len(lines) < len(command) - 1 else None)

    return run


M4 = {
    "machdep.cpu.brand_string": "Apple M4 Max",
    "hw.optional.arm64": "1",
    "hw.optional.neon": "1",
    "hw.optional.arm.FEAT_BF16": "1",
    "hw.optional.arm.FEAT_SME": "0",
    "kern.hv_vmm_present": "0",
    "sysctl.proc_translated": "0",
    "hw.physicalcpu": "12",
    "hw.logicalcpu": "16",
    "hw.memsize": "68719476736",
}
INTEL_MAC = {
    "machdep.cpu.brand_string": "Intel(R) Core(TM) i7",
    "machdep.cpu.vendor": "GenuineIntel",
    "machdep.cpu.features": "FPU SSE4.2 AVX1.0",
    "machdep.cpu.leaf7_features": "AVX2",
}
MAC: dict[str, Any] = {
    "system": "Darwin",
    "release": "26.1",
    "arch": "arm64",
    "libc": None,
    "build": "25.1.0",
}


def test_apple_silicon(watch_at: WatchAt) -> None:
    watch = watch_at({}, **MAC, run=sysctl(M4))
    assert cpu.look(watch) == cpu.Cpu("Apple", "Apple M4 Max", ("FEAT_BF16", "arm64", "neon"), 12, 16, 16.0)
    assert memory.look(watch) == memory.Memory(64 * 2**30, None, 400000 * 16384)
    found = host.look(watch)
    assert (found.os, found.os_name, found.arch, found.libc) == ("macos", "macOS 26.1", "aarch64", None)
    assert (found.os_version, found.kernel, found.translated, found.hypervisor) == ("26.1", "25.1.0", False, None)
    assert found.host_hash is not None
    device = apple.look(watch)[0]
    assert (device.kind, device.name, device.usable) == ("apple_silicon", "Apple M4 Max", "yes")


@pytest.mark.parametrize(
    ("answers", "arch", "usable"),
    [
        (M4 | {"kern.hv_vmm_present": "1"}, "arm64", ["unknown"]),
        (M4, "x86_64", ["no"]),
        (INTEL_MAC, "x86_64", []),
        ({}, "arm64", []),
    ],
)
def test_where_apple_silicon_is_not_usable(
    watch_at: WatchAt, answers: Mapping[str, str], arch: str, usable: list[str]
) -> None:
    watch = watch_at({}, **(MAC | {"arch": arch}), run=sysctl(answers))
    assert [d.usable for d in apple.look(watch) if d.kind == apple.KIND] == usable


def test_an_intel_mac_spells_features_as_linux_does(watch_at: WatchAt) -> None:
    found = cpu.look(watch_at({}, **(MAC | {"arch": "x86_64"}), run=sysctl(INTEL_MAC)))
    assert (found.vendor, found.features) == ("GenuineIntel", ("avx", "avx2", "fpu", "sse4_2"))


def test_windows(watch_at: WatchAt) -> None:
    env = {"PROCESSOR_IDENTIFIER": "Intel64 Family 6 Model 151 Stepping 2, GenuineIntel"}
    numbers = Numbers(8, 16, 32 * 2**30, 8 * 2**30, features=("sse2", "avx"))
    seams: dict[str, Any] = {"build": "10.0.26100", "machine_id": lambda: "0f1e", "numbers": lambda: numbers}
    watch = watch_at({}, system="Windows", release="11", arch="AMD64", libc=None, env=env, **seams)
    found = host.look(watch)
    assert (found.os, found.os_name, found.arch, found.in_container) == (
        "windows",
        "Windows 11",
        "x86_64",
        None,
    )
    assert (found.os_version, found.translated, len(found.host_hash or "")) == ("10.0.26100", False, 16)
    processor = cpu.look(watch)
    assert (processor.vendor, processor.physical_cores, processor.usable_cores) == ("GenuineIntel", 8, 16.0)
    assert processor.features == ("avx", "sse2")
    assert memory.look(watch) == memory.Memory(32 * 2**30, None, 8 * 2**30)


@pytest.mark.parametrize(
    ("release", "env", "system"),
    [
        ("6.6.87.2-microsoft-standard-WSL2", {}, "wsl2"),
        ("4.4.0-19041-Microsoft", {}, "linux"),
        ("6.12.0-custom", {"WSL_INTEROP": "/run/WSL/8_interop"}, "wsl2"),
        ("6.8.0-1021-azure", {}, "linux"),
    ],
)
def test_wsl(watch_at: WatchAt, release: str, env: dict[str, str], system: str) -> None:
    assert host.kind(watch_at({"/proc/sys/kernel/osrelease": release}, env=env).machine) == system


PLAIN = {"/proc/1/cgroup": "0::/init.scope\n", "/proc/self/mountinfo": "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"}


@pytest.mark.parametrize(
    ("tree", "env", "inside"),
    [
        (PLAIN, {}, False),
        ({}, {}, None),
        (PLAIN | {"/.dockerenv": ""}, {}, True),
        (PLAIN | {"/run/.containerenv": ""}, {}, True),
        (PLAIN, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, True),
        (PLAIN | {"/proc/1/cgroup": "4:memory:/docker/abc\n"}, {}, True),
        (PLAIN | {"/proc/self/mountinfo": "1 0 0:50 / / rw,relatime - overlay overlay rw\n"}, {}, True),
    ],
)
def test_containers(watch_at: WatchAt, tree: dict[str, str], env: dict[str, str], inside: bool | None) -> None:
    assert host.look(watch_at(tree, env=env)).in_container is inside


def test_the_system_s_name(watch_at: WatchAt) -> None:
    text = 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
    found = host.look(watch_at({"/etc/os-release": text}))
    assert (found.os_name, found.libc, found.libc_version) == (
        "Debian GNU/Linux 12 (bookworm)",
        "glibc",
        "2.39",
    )
    assert host.look(watch_at({"/usr/lib/os-release": "PRETTY_NAME=Alpine\n"})).os_name == "Alpine"


def test_musl_is_asked_for_its_version(watch_at: WatchAt) -> None:
    banner = Outcome("musl libc (x86_64)\nVersion 1.2.4_git20230717\nDynamic Program Loader\n", None)
    tree = {"/lib/ld-musl-x86_64.so.1": ""}
    found = host.look(watch_at(tree, libc=None, run=lambda *_: banner))
    assert (found.libc, found.libc_version) == ("musl", "1.2.4_git20230717")
    found = host.look(watch_at(tree, libc=None))
    assert (found.libc, found.libc_version) == ("musl", None)
