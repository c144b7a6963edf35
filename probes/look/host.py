"""The system a process runs in: its kind and name, C library, Python, and whether it is a container.

It reads no host name, user name or serial number, so that a profile can be passed on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes.look import files
from probes.look.machine import Machine
from probes.look.text import clean, version
from probes.look.watch import Watch
from rules.hardware import HostSystem

LOADER_LIMIT_S = 2.0

_ARCHITECTURES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}
_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
_CONTAINER_VARIABLES = ("container", "KUBERNETES_SERVICE_HOST")
_CONTAINER_GROUPS = re.compile(r"/(?:docker|kubepods|containerd|lxc|libpod|buildkit)\b")


@dataclass(frozen=True)
class Host:
    """The system around a process; None where it is not known."""

    os: HostSystem = "other"
    os_name: str | None = None
    arch: str | None = None
    libc: str | None = None
    libc_version: str | None = None
    python_version: str | None = None
    in_container: bool | None = None


def look(watch: Watch) -> Host:
    """What the system says of itself."""
    machine = watch.machine
    system = kind(machine)
    libc, libc_version = _libc(watch)
    found = Host(
        os=system,
        os_name=_os_name(machine),
        arch=_arch(machine),
        libc=libc,
        libc_version=libc_version,
        python_version=version(machine.python_version),
        in_container=in_container(machine),
    )
    watch.note(
        "present",
        "yes",
        f"read: {system}",
        "/etc/os-release" if machine.system == "Linux" else "system calls",
    )
    return found


def kind(machine: Machine) -> HostSystem:
    """Which of the systems that frameworks are built for this is; WSL2 is told from its kernel's name."""
    if machine.system == "Linux":
        release = (files.read(machine.root, "/proc/sys/kernel/osrelease") or "").lower()
        # The first WSL, which has no kernel of its own, calls itself `-Microsoft` alone.
        microsoft = "microsoft-standard" in release or "wsl2" in release
        return "wsl2" if microsoft or "WSL_INTEROP" in machine.env else "linux"
    named: dict[str, HostSystem] = {"Darwin": "macos", "Windows": "windows"}
    return named.get(machine.system, "other")


def in_container(machine: Machine) -> bool | None:
    """Whether a container is around this process; None when the files that would tell are hidden."""
    if machine.system != "Linux":
        return False if machine.system == "Darwin" else None
    if any(files.exists(machine.root, path) for path in _CONTAINER_FILES):
        return True
    if any(machine.env.get(name) for name in _CONTAINER_VARIABLES):
        return True
    groups = files.read(machine.root, "/proc/1/cgroup") or files.read(machine.root, "/proc/self/cgroup")
    mounts = files.read(machine.root, "/proc/self/mountinfo")
    if _CONTAINER_GROUPS.search(groups or "") or re.search(
        r"^\S+ \S+ \S+ \S+ / .* - overlay ", mounts or "", re.MULTILINE
    ):
        return True
    return None if groups is None and mounts is None else False


def _arch(machine: Machine) -> str | None:
    name = clean(machine.arch.lower())
    return _ARCHITECTURES.get(name, name) if name else None


def _os_name(machine: Machine) -> str | None:
    if machine.system == "Linux":
        text = files.read(machine.root, "/etc/os-release") or files.read(machine.root, "/usr/lib/os-release")
        match = re.search(r"^PRETTY_NAME=(.+)$", text or "", re.MULTILINE)
        return clean(match[1].strip().strip("\"'")) if match else None
    shown = {"Darwin": "macOS"}.get(machine.system, machine.system)
    return clean(f"{shown} {machine.release}")


def _libc(watch: Watch) -> tuple[str | None, str | None]:
    """The C library and its version; on musl the loader is asked, in a child, for its version."""
    machine = watch.machine
    name, _, number = (machine.libc or "").partition(" ")
    if name:
        return clean(name), version(number)
    if machine.system != "Linux":
        return None, None
    loaders = [n for n in files.names(machine.root, "/lib") or () if re.fullmatch(r"ld-musl-[\w-]+\.so\.1", n)]
    if not loaders:
        return None, None
    # The loader prints its banner on standard error, hence the shell.
    command = ("/bin/sh", "-c", f"/lib/{loaders[0]} 2>&1 || true")
    banner = machine.run(command, watch.limit_s(LOADER_LIMIT_S), machine.env).output
    match = re.search(r"^Version (\S+)", banner, re.MULTILINE)
    return "musl", version(match[1]) if match else None
