"""Clouds, hypervisors, translation, the C library, ids, disks, and what macOS and Windows say by calls."""

import ctypes
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.look import around, disk, host, identity, libc, mac, scripts, windows
from probes.look.child import Outcome
from probes.look.machine import here
from probes.look.watch import Watch
from rules.hardware import Disk

WatchAt = Callable[..., Watch]
DMI = "/sys/class/dmi/id"
ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("tree", "name"),
    [
        ({}, None),
        ({f"{DMI}/sys_vendor": "Amazon EC2\n", f"{DMI}/product_name": "p5.48xlarge"}, "aws"),
        ({f"{DMI}/product_name": "Google Compute Engine\n"}, "google cloud"),
        ({f"{DMI}/sys_vendor": "Microsoft Corporation", f"{DMI}/product_name": "Virtual Machine"}, "hyper-v"),
        ({f"{DMI}/sys_vendor": "Microsoft Corporation", f"{DMI}/product_name": "Surface Laptop"}, None),
        (
            {
                f"{DMI}/sys_vendor": "Microsoft Corporation",
                f"{DMI}/product_name": "Virtual Machine",
                f"{DMI}/chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77",
            },
            "azure",
        ),
        ({f"{DMI}/sys_vendor": "QEMU", f"{DMI}/chassis_asset_tag": "OracleCloud.com"}, "oracle cloud"),
        ({f"{DMI}/sys_vendor": "QEMU"}, "qemu"),
        ({f"{DMI}/sys_vendor": "Dell Inc.", f"{DMI}/bios_vendor": "Dell Inc."}, None),
        ({"/sys/hypervisor/type": "xen\n"}, "xen"),
        ({"/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu hypervisor avx\n"}, "unknown hypervisor"),
        ({"/proc/cpuinfo": "processor\t: 0\nmodel name\t: hypervisor\n"}, None),
        ({"/proc/version": "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"}, "gvisor"),
    ],
)
def test_clouds_and_hypervisors(watch_at: WatchAt, tree: dict[str, str], name: str | None) -> None:
    assert around.hypervisor(watch_at(tree).machine) == name
    assert around.hypervisor(watch_at(tree, system="Windows").machine) is None


X86 = "processor\t: 0\nvendor_id\t: AuthenticAMD\n"
ARM = "processor\t: 0\nCPU implementer\t: 0x41\n"


@pytest.mark.parametrize(
    ("arch", "text", "expected"),
    [
        ("x86_64", X86, False),
        ("x86_64", ARM, True),
        ("aarch64", ARM, False),
        ("aarch64", X86, True),
        ("riscv64", X86, True),
        ("riscv64", "processor\t: 0\nisa\t: rv64imafdc\n", None),
        ("x86_64", "vendor_id\t: VirtualApple\n", True),
        ("x86_64", None, None),
    ],
)
def test_translated_linux(watch_at: WatchAt, arch: str, text: str | None, expected: bool | None) -> None:
    tree = {} if text is None else {"/proc/cpuinfo": text}
    assert around.translated(watch_at(tree, arch=arch).machine, None) is expected


def test_translated_elsewhere(watch_at: WatchAt) -> None:
    env = {"PROCESSOR_IDENTIFIER": "ARMv8 (64-bit) Family 8 Model 1, Qualcomm"}
    assert around.translated(watch_at({}, system="Windows", arch="AMD64", env=env).machine, None) is True
    assert around.translated(watch_at({}, system="Windows", arch="ARM64", env=env).machine, None) is False
    assert around.translated(watch_at({}, system="Windows", arch="AMD64").machine, None) is None
    rosetta = Outcome("sysctl.proc_translated: 1\nkern.hv_vmm_present: 1\n", None)
    watch = watch_at({}, system="Darwin", arch="x86_64", run=lambda *_: rosetta)
    found = host.look(watch)
    assert (found.translated, found.hypervisor) == (True, "unknown hypervisor")
    assert watch.findings[-1].reason.startswith("translated")


def elf(interpreter: bytes, wide: bool = True, order: str = "<") -> bytes:
    """A program with one header for notes and one for its loader."""
    head = bytearray(64 if wide else 52)
    head[:6] = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2])
    size, at = (56, 64) if wide else (32, 52)
    struct.pack_into(order + ("Q" if wide else "I"), head, 32 if wide else 28, at)
    struct.pack_into(order + "HH", head, 54 if wide else 42, size, 2)
    place = at + 2 * size
    if wide:
        wanted = struct.pack(order + "IIQQQQQQ", 3, 4, place, 0, 0, len(interpreter), 0, 1)
    else:
        wanted = struct.pack(order + "IIIIIIII", 3, place, 0, 0, len(interpreter), 0, 4, 1)
    return bytes(head) + struct.pack(order + "I", 4) + bytes(size - 4) + wanted + interpreter + bytes(64)


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_program_names_its_loader(wide: bool, order: str) -> None:
    assert libc.interpreter_of(elf(b"/lib/ld-musl-x86_64.so.1\0", wide, order)) == "/lib/ld-musl-x86_64.so.1"


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 255))
def test_a_malformed_program_names_none_and_does_no_harm(noise: bytes, at: int, value: int) -> None:
    program = bytearray(elf(b"/lib/ld.so\0"))
    program[at % len(program)] = value
    for text in (noise, b"\x7fELF\x02\x01" + noise, bytes(program), bytes(program[:at])):
        found = libc.interpreter_of(text)
        assert found is None or found.startswith("/")


def libc_of(watch_at: WatchAt, banner: str, loader: bytes, **seams: Any) -> tuple[tuple[str | None, ...], list[str]]:
    asked: list[str] = []

    def run(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
        asked.append(command[-1])
        return Outcome(banner, None)

    watch = watch_at({"/bin/ls": "", "/opt": None}, run=run, **seams)
    (watch.machine.root / "bin/sh").write_bytes(elf(loader + b"\0"))
    return libc.look(watch), asked


def test_the_loader_decides_the_c_library(watch_at: WatchAt) -> None:
    musl = "musl libc (x86_64)\nVersion 1.2.5\nDynamic Program Loader\n"
    found, asked = libc_of(watch_at, musl, b"/lib/ld-musl-x86_64.so.1", libc=None)
    assert (found, asked) == (("musl", "1.2.5"), ["/lib/ld-musl-x86_64.so.1 2>&1 || true"])
    glibc = "ld.so (Debian GLIBC 2.36-9) stable release version 2.36.\n"
    found, asked = libc_of(watch_at, glibc, b"/lib64/ld-linux-x86-64.so.2", libc=None)
    assert (found, asked) == (("glibc", "2.36"), ["/lib64/ld-linux-x86-64.so.2 --version 2>&1 || true"])
    assert libc_of(watch_at, glibc, b"/lib64/ld-linux-x86-64.so.2", libc="glibc 2.39") == (("glibc", "2.39"), [])
    assert libc_of(watch_at, musl, b"/lib/x; rm -rf musl", libc=None) == (("musl", None), [])
    assert libc_of(watch_at, musl, b"/lib/ld-musl-x86_64.so.1", libc=None, system="Darwin") == ((None, None), [])


def test_the_program_that_runs_python_comes_first(watch_at: WatchAt) -> None:
    watch = watch_at(
        {"/bin/ls": ""}, libc=None, interpreter="/opt/python3", run=lambda *_: Outcome("Version 1.2.5", None)
    )
    (watch.machine.root / "bin/sh").write_bytes(elf(b"/lib64/ld-linux-x86-64.so.2\0"))
    (watch.machine.root / "opt").mkdir()
    (watch.machine.root / "opt/python3").write_bytes(elf(b"/lib/ld-musl-x86_64.so.1\0"))
    assert libc.look(watch) == ("musl", "1.2.5")


def test_ids_are_salted(watch_at: WatchAt) -> None:
    one = identity.host_hash(watch_at({"/etc/machine-id": ID + "\n"}))
    assert one is not None
    assert ID[:16] != one
    assert identity.host_hash(watch_at({"/var/lib/dbus/machine-id": ID})) == one
    assert identity.host_hash(watch_at({"/etc/machine-id": ID.replace("0", "1")})) != one
    assert identity.host_hash(watch_at({"/etc/machine-id": "uninitialized\n"})) is None
    assert identity.host_hash(watch_at({})) is None
    assert identity.salted(ID, "GPU-1") != identity.salted(ID[::-1], "GPU-1")
    assert identity.salted(None, "GPU-1") is None
    assert identity.host_hash(watch_at({"/etc/machine-id": ID}, system="Plan 9")) is None


def test_disks(watch_at: WatchAt) -> None:
    seen: list[Path] = []

    def usage(place: Path) -> tuple[int, int] | None:
        seen.append(place)
        return None if place.name == "site" else (1000, 400)

    places = {"temporary": "/scratch", "cache": "/home/ann/.cache/deep", "install": "/usr/site"}
    tree = {"/scratch": None, "/home/ann": None, "/usr/site": None}
    watch = watch_at(tree, places=places, usage=usage, accessible=lambda path: path.name != "scratch")
    assert disk.look(watch) == (
        Disk("cache", 1000, 400, True),
        Disk("install", None, None, True),
        Disk("temporary", 1000, 400, False),
    )
    assert [place.name for place in seen] == ["ann", "site", "scratch"]  # the nearest directory that exists
    assert [f.state for f in watch.findings] == ["yes", "unknown", "no"]
    assert not any("ann" in f"{f.reason}{f.source}{f.raw}" for f in watch.findings)


def test_this_machine_s_own_disks() -> None:
    found = disk.look(Watch("disk", here(Path("/")), 1e18))
    assert [one.place for one in found] == ["cache", "install", "temporary"]
    assert all(one.total_bytes and 0 <= (one.free_bytes or 0) <= one.total_bytes for one in found)


def test_mac_settings() -> None:
    said = {"hw.memsize": "68719476736", "hw.physicalcpu": "0", "hw.x": "many", "on": "1", "off": "0"}
    assert [mac.number(said, name) for name in ("hw.memsize", "hw.physicalcpu", "hw.x", "no")] == [
        2**36,
        None,
        None,
        None,
    ]
    assert [mac.said_yes(said, name) for name in ("on", "off", "hw.x", "no")] == [True, False, None, None]


@pytest.mark.parametrize("text", ["", "page size of 0x bytes", "Pages free: 1.\nPages inactive: 2.\n"])
def test_a_malformed_vm_stat(watch_at: WatchAt, text: str) -> None:
    assert mac.available_bytes(watch_at({}, run=lambda *_: Outcome(text, None))) is None


class Kernel32:
    """What kernel32 does for the calls that are made, on a machine with three cores of two threads."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.records = b"".join(struct.pack("<II", 0, 48) + bytes(40) for _ in range(3))

    def GlobalMemoryStatusEx(self, place: Any) -> int:  # noqa: N802
        status = ctypes.cast(place, ctypes.POINTER(windows.MemoryStatus)).contents
        assert status.length == 64
        status.total, status.available = 32 * 2**30, 8 * 2**30
        return 0 if self.fails else 1

    def GetActiveProcessorCount(self, group: int) -> int:  # noqa: N802
        return 0 if self.fails else 6

    def IsProcessorFeaturePresent(self, code: int) -> int:  # noqa: N802
        return int(code in (10, 39, 40))

    def GetLogicalProcessorInformationEx(self, kind: int, buffer: Any, size: Any) -> int:  # noqa: N802
        wanted = ctypes.cast(size, ctypes.POINTER(ctypes.c_uint32)).contents
        if self.fails:
            return 0
        if buffer is None:
            wanted.value = len(self.records)
            return 0
        ctypes.memmove(buffer, self.records, len(self.records))
        return 1


def test_windows_calls() -> None:
    found = windows.ask(Kernel32(), 22631)
    assert (found.physical_cores, found.logical_cores) == (3, 6)
    assert (found.memory_total_bytes, found.memory_available_bytes) == (32 * 2**30, 8 * 2**30)
    assert found.features == ("sse2", "avx", "avx2")
    assert windows.ask(Kernel32(), 17763).features == ()  # a system that does not answer for AVX
    found = windows.ask(Kernel32(fails=True), 22631)
    assert (found.physical_cores, found.logical_cores, found.memory_total_bytes) == (None, None, None)


@given(st.binary(max_size=200))
def test_records_of_cores_are_counted_safely(content: bytes) -> None:
    assert 0 <= windows.count_records(content) <= len(content) // 8


def test_scripts_are_found_without_importing_them() -> None:
    for name in ("nvml_child", "cuda_child"):
        text = scripts.source(name)
        assert text is not None
        assert len(text) < 20_000  # a command line on Windows holds 32 767 characters
        assert f"probes.look.{name}" not in sys.modules
    command = scripts.command("nvml_child", "a", "b")
    assert command is not None
    assert command[:4] == (sys.executable, "-I", "-S", "-c")
    assert command[-2:] == ("a", "b")
    assert scripts.command("not_a_module") is None
    assert scripts.source("") is None
