"""Starting the child that asks the NVIDIA management library, and checking what it answers.

The library's file is looked for first, without loading it: where it is absent no child is started. It knows
nothing of the bus or of profiles. An answer is checked as any input is, since a broken driver can say
anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from probes.look import files
from probes.look.limits import MAX_DEVICES
from probes.look.machine import Machine
from probes.look.text import capability, clean, version
from probes.look.watch import Watch
from rules.hardware import State

CHILD_LIMIT_S = 10.0
LIBRARY = "libnvidia-ml.so.1"
MAX_MEMORY_BYTES = 2**60

# Return code -> what it says of usability, and the reason shown.
REASONS: Mapping[int, tuple[State, str]] = {
    3: ("unknown", "not_supported: the driver does not support this query"),
    4: ("no", "no_permission: this user may not open the device nodes"),
    9: ("no", "driver_not_loaded: the kernel module is not loaded"),
    10: ("unknown", "driver_timeout: the driver did not answer the library in time"),
    12: (
        "unknown",
        "library_not_found: the driver's library is not there; in a container, add the utility capability",
    ),
    13: ("unknown", "function_not_found: the driver's library is too old for this query"),
    15: ("no", "gpu_is_lost: the device fell off the bus; reboot"),
    16: ("no", "reset_required: the device must be reset"),
    18: ("no", "version_mismatch: kernel module and library differ in version; reboot or reload the module"),
    25: ("unknown", "argument_version_mismatch: the library does not know this version of a query"),
    27: ("unknown", "not_ready: the driver is not ready yet; try again"),
    28: ("no", "gpu_not_found: the driver finds no device"),
    999: ("unknown", "driver_error: the driver failed without saying why"),
}
_TROUBLES: Mapping[str, str] = {
    "not_started": "not_started: the asking process could not be started",
    "timeout": "timeout: no answer in time; the asking process was killed",
    "abandoned": "abandoned: no answer in time, and the asking process cannot be killed",
    "too_long": "bad_answer: the answer was too long",
    "failed": "crashed: the asking process ended before it answered",
}
_DIRECTORIES = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu/nvidia",
    "/usr/lib64",
    "/usr/lib",
    "/lib64",
    "/lib",
    "/usr/lib/wsl/lib",
    "/usr/local/nvidia/lib64",
    "/usr/local/nvidia/lib",
    "/run/opengl-driver/lib",
)


@dataclass(frozen=True)
class Gpu:
    """One device as the library lists it. `slices` is None unless it is partitioned (MIG)."""

    code: int
    pci: str | None = None
    name: str | None = None
    memory_bytes: int | None = None
    memory_code: int = 0
    capability: str | None = None
    slices: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the library said. `usable` is "yes" when it could be asked; else `reason` says why not."""

    usable: State
    reason: str
    code: int | None = None
    driver_version: str | None = None
    cuda_version: str | None = None
    has_cuda_library: bool = False
    gpus: tuple[Gpu, ...] = ()


def ask(watch: Watch) -> Answer:
    """Ask in a child, within the time left; every way this can fail is an answer, never an exception."""
    machine = watch.machine
    found = library_directory(machine)
    if found is None:
        return failed(12)
    binding = find_spec("pynvml")
    if binding is None or binding.origin is None or not sys.executable:
        return Answer("unknown", "binding_missing: the Python binding nvidia-ml-py is not installed")
    env = dict(machine.env)
    if found:
        env["LD_LIBRARY_PATH"] = ":".join(filter(None, (env.get("LD_LIBRARY_PATH"), found)))
    # -I and -S: no site code, no user paths; the child needs the standard library and the binding only.
    script = str(Path(__file__).with_name("nvml_child.py"))
    command = (sys.executable, "-I", "-S", script, str(Path(binding.origin).parent))
    limit_s = watch.limit_s(CHILD_LIMIT_S)
    if limit_s <= 0:
        return Answer("unknown", "no_time: the time for all probes was up")
    outcome = machine.run(command, limit_s, env)
    return checked(outcome.output) if outcome.trouble is None else Answer("unknown", _TROUBLES[outcome.trouble])


def library_directory(machine: Machine) -> str | None:
    """The library's directory: to be added to the search path, "" when that is needless, None when absent."""
    if machine.system == "Windows":
        places = (
            machine.env.get("WINDIR", "C:/Windows") + "/System32/nvml.dll",
            machine.env.get("ProgramFiles", "C:/Program Files") + "/NVIDIA Corporation/NVSMI/nvml.dll",
        )
        return "" if any(files.exists(machine.root, place) for place in places) else None
    if machine.system != "Linux":
        return None
    if LIBRARY.encode() + b"\0" in (files.read_bytes(machine.root, "/etc/ld.so.cache") or b""):
        return ""
    stated = [part for part in machine.env.get("LD_LIBRARY_PATH", "").split(":") if part.startswith("/")]
    for directory in (*stated, *_DIRECTORIES):
        if files.exists(machine.root, f"{directory}/{LIBRARY}"):
            return str(files.under(machine.root, directory))
    return None


def failed(code: int) -> Answer:
    """The answer for a return code other than 0."""
    usable, reason = reason_of(code)
    return Answer(usable, reason, code=code)


def reason_of(code: int) -> tuple[State, str]:
    """What a return code says of usability, and the reason shown for it."""
    return REASONS.get(code, ("unknown", f"nvml_error_{code}: the library failed with code {code}"))


def checked(text: str) -> Answer:
    """The child's line as an answer; what is malformed in it is left out, or makes the whole a bad answer."""
    bad = Answer("unknown", "bad_answer: the asking process wrote something else than an answer")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return bad
    if not isinstance(said, dict) or _whole(said.get("code")) is None:
        return bad
    if said["code"]:
        return failed(said["code"])
    listed = said.get("devices")
    cuda = _whole(said.get("cuda"))
    return Answer(
        usable="yes",
        reason="initialised: the driver's library answers",
        code=0,
        driver_version=version(said.get("driver")),
        cuda_version=f"{cuda // 1000}.{cuda % 1000 // 10}" if cuda and cuda < 1_000_000 else None,
        has_cuda_library=said.get("cuda_library") is True,
        gpus=tuple(_gpu(entry) for entry in listed[:MAX_DEVICES]) if isinstance(listed, list) else (),
    )


def _gpu(entry: object) -> Gpu:
    if not isinstance(entry, dict) or (code := _whole(entry.get("code"))) is None:
        return Gpu(code=999)
    name, memory = clean(entry.get("name")), _whole(entry.get("memory"))
    slices = entry.get("instances")
    if isinstance(slices, list):
        # A process uses one slice, so the largest decides what fits, not the whole device.
        sizes = [(_whole(s.get("memory")) or 0, clean(s.get("name"))) for s in slices if isinstance(s, dict)]
        memory, slice_name = max(sizes, key=lambda s: s[0], default=(None, None))
        name = slice_name or name
    return Gpu(
        code=code,
        pci=clean(entry.get("pci")),
        name=name,
        memory_bytes=memory if memory and memory <= MAX_MEMORY_BYTES else None,
        memory_code=_whole(entry.get("memory_code")) or 0,
        capability=capability(entry.get("capability")),
        slices=len(slices) if isinstance(slices, list) else None,
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
