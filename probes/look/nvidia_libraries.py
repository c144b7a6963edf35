"""Where NVIDIA's libraries and tool lie, found without loading them.

The loader's cache and the usual directories are read; a child then loads what was found. It knows nothing of devices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from probes.look import files
from probes.look.machine import Machine
from rules.hardware import version_key

NVML = "libnvidia-ml.so.1"
CUDA = "libcuda.so.1"
SMI = "nvidia-smi"

_DIRECTORIES = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu/nvidia",
    "/usr/lib/aarch64-linux-gnu/tegra",
    "/usr/lib64",
    "/usr/lib",
    "/lib64",
    "/lib",
    "/usr/lib/wsl/lib",
    "/usr/local/nvidia/lib64",
    "/usr/local/nvidia/lib",
    "/run/opengl-driver/lib",
)
_TOOL_DIRECTORIES = ("/usr/bin", "/usr/lib/wsl/lib", "/usr/local/nvidia/bin", "/opt/bin", "/run/current-system/sw/bin")


def directory(machine: Machine, library: str = NVML) -> str | None:
    """A library's directory on the machine: "" when the loader knows it by name, None when it is absent."""
    if library.encode() + b"\0" in (files.read_bytes(machine.root, "/etc/ld.so.cache") or b""):
        return ""
    return next((place for place in _searched(machine) if files.exists(machine.root, f"{place}/{library}")), None)


def path(machine: Machine, library: str = NVML) -> str | None:
    """What a child is to load: a name when the loader knows it, else a file; None when the library is absent."""
    if machine.system == "Windows":
        name = {NVML: "nvml.dll", CUDA: "nvcuda.dll"}[library]
        places = [machine.env.get("WINDIR", "C:/Windows") + f"/System32/{name}"]
        if library == NVML:
            places.append(machine.env.get("ProgramFiles", "C:/Program Files") + f"/NVIDIA Corporation/NVSMI/{name}")
        return next((place for place in places if files.exists(machine.root, place)), None)
    if machine.system != "Linux":
        return None
    found = directory(machine, library)
    if found is None:
        return None
    return f"{files.under(machine.root, found)}/{library}" if found else library


def tool(machine: Machine) -> str | None:
    """The command-line tool: at its usual places, then on the search path; None when it is absent."""
    if machine.system == "Windows":
        places = [
            machine.env.get("WINDIR", "C:/Windows") + f"/System32/{SMI}.exe",
            machine.env.get("ProgramFiles", "C:/Program Files") + f"/NVIDIA Corporation/NVSMI/{SMI}.exe",
        ]
        return next((place for place in places if files.exists(machine.root, place)), None)
    stated = [part for part in machine.env.get("PATH", "").split(":") if part.startswith("/")]
    for place in (*_TOOL_DIRECTORIES, *stated):
        if files.is_node(machine.root, f"{place}/{SMI}"):
            return str(files.under(machine.root, f"{place}/{SMI}"))
    return None


def environment(machine: Machine) -> dict[str, str]:
    """The environment for a child: libraries that lie aside can find each other, and nothing is hidden from it."""
    env = {name: value for name, value in machine.env.items() if name != "CUDA_VISIBLE_DEVICES"}
    env["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
    places = [directory(machine, library) for library in (NVML, CUDA)] if machine.system == "Linux" else []
    more = [str(files.under(machine.root, place)) for place in dict.fromkeys(places) if place]
    if more:
        env["LD_LIBRARY_PATH"] = ":".join(filter(None, (env.get("LD_LIBRARY_PATH"), *more)))
    return env


def file_version(machine: Machine, library: str = NVML) -> str | None:
    """The version in the name of the library's file (`libnvidia-ml.so.580.95.05`), where it is found."""
    for place in _searched(machine):
        found = _version_at(machine, place, library)
        if found:
            return found
    return None


def forward_compatible(machine: Machine, kernel: str | None) -> tuple[str, str] | None:
    """A second CUDA library, newer than the kernel's module (CUDA compatibility guide): its version and place."""
    toolkits = [n for n in files.names(machine.root, "/usr/local") or () if n.startswith("cuda")]
    stated = [part for part in machine.env.get("LD_LIBRARY_PATH", "").split(":") if part.startswith("/")]
    for place in (*stated, *(f"/usr/local/{name}/compat" for name in toolkits)):
        found = _version_at(machine, place, CUDA)
        if found and kernel and version_key(found) > version_key(kernel):
            return found, place if place.startswith("/usr/") else "LD_LIBRARY_PATH"  # which may lie in a user's home
    return None


def _searched(machine: Machine) -> Iterator[str]:
    yield from (part for part in machine.env.get("LD_LIBRARY_PATH", "").split(":") if part.startswith("/"))
    yield from _DIRECTORIES


def _version_at(machine: Machine, place: str, library: str) -> str | None:
    name = files.real_name(machine.root, f"{place}/{library}") or ""
    match = re.search(r"\.so\.([0-9]{3,4}\.[0-9.]{1,16})$", name)
    return match[1] if match else None
