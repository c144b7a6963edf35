"""The system a process runs in: its kind and name, C library, Python, and what is around it.

It reads no host name, user name or serial number, so that a profile can be passed on; the machine's own id leaves as a
salted hash only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes.look import around, files, identity, libc, mac
from probes.look.machine import Machine
from probes.look.text import clean, version
from probes.look.watch import Watch
from rules.hardware import HostSystem

_ARCHITECTURES = {"amd64": "x86_64", "x64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}


@dataclass(frozen=True)
class Host:
    """The system around a process, in the names of `Profile`; None where it is not known."""

    os: HostSystem = "other"
    os_name: str | None = None
    arch: str | None = None
    libc: str | None = None
    libc_version: str | None = None
    python_version: str | None = None
    in_container: bool | None = None
    os_version: str | None = None
    kernel: str | None = None
    python_implementation: str | None = None
    free_threaded: bool | None = None
    translated: bool | None = None
    hypervisor: str | None = None
    host_hash: str | None = None


def look(watch: Watch) -> Host:
    """What the system says of itself."""
    machine = watch.machine
    system = kind(machine)
    library, library_version = libc.look(watch)
    said = mac.sysctl(watch, "sysctl.proc_translated", "kern.hv_vmm_present") if machine.system == "Darwin" else {}
    found = Host(
        os=system,
        os_name=_os_name(machine),
        arch=architecture(clean(machine.arch) or "") or None,
        libc=library,
        libc_version=library_version,
        python_version=version(machine.python_version),
        in_container=around.in_container(machine),
        os_version=_os_version(machine),
        kernel=_kernel(machine),
        python_implementation=clean(machine.python_implementation),
        free_threaded=machine.free_threaded,
        translated=around.translated(machine, mac.said_yes(said, "sysctl.proc_translated")),
        hypervisor="unknown hypervisor" if said.get("kern.hv_vmm_present") == "1" else around.hypervisor(machine),
        host_hash=identity.host_hash(watch),
    )
    source = "/etc/os-release" if machine.system == "Linux" else "system calls"
    watch.note("present", "yes", f"read: {system}", source)
    if found.translated:
        watch.note("usable", "yes", "translated: this Python is built for another processor", "processor")
    return found


def kind(machine: Machine) -> HostSystem:
    """Which of the systems that frameworks are built for this is; WSL2 is told from its kernel's name."""
    if machine.system == "Linux":
        release = (files.read(machine.root, "/proc/sys/kernel/osrelease") or "").lower()
        # The first WSL, which has no kernel of its own, calls itself `-Microsoft` alone.
        microsoft = "microsoft-standard" in release or "wsl2" in release
        return "wsl2" if microsoft or "WSL_INTEROP" in machine.env else "linux"
    return named(machine)


def named(machine: Machine) -> HostSystem:
    """The system by its name alone, no file read."""
    systems: dict[str, HostSystem] = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
    return systems.get(machine.system, "other")


def architecture(name: str) -> str:
    """One name for one processor architecture: macOS and Windows call theirs `arm64`, `AMD64` or `x64`."""
    return _ARCHITECTURES.get(name.lower(), name)


def _os_name(machine: Machine) -> str | None:
    if machine.system == "Linux":
        return _released(machine, "PRETTY_NAME")
    shown = {"Darwin": "macOS"}.get(machine.system, machine.system)
    return clean(f"{shown} {machine.release}")


def _os_version(machine: Machine) -> str | None:
    if machine.system == "Linux":
        return version(_released(machine, "VERSION_ID"))
    return version(machine.build if machine.system == "Windows" else machine.release)


def _released(machine: Machine, name: str) -> str | None:
    """A value of the os-release file."""
    text = files.read(machine.root, "/etc/os-release") or files.read(machine.root, "/usr/lib/os-release")
    match = re.search(rf"^{name}=(.+)$", text or "", re.MULTILINE)
    return clean(match[1].strip().strip("\"'")) if match else None


def _kernel(machine: Machine) -> str | None:
    if machine.system == "Linux":
        return clean(files.read(machine.root, "/proc/sys/kernel/osrelease")) or clean(machine.build)
    return clean(machine.build)
