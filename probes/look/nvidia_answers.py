"""What NVIDIA's sources answer, in one form: the management library, the CUDA library, and the command-line tool.

An answer is checked as any input is, since a broken driver can say anything. It knows nothing of the bus or of
profiles.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, Mapping

from probes.look.text import capability, clean, version
from rules.hardware import State

MAX_MEMORY_BYTES = 2**60

# Return code of the management library -> what it says of usability, and the reason shown.
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


@dataclass(frozen=True)
class Partition:
    """One slice of a device (MIG): its name with the profile (`1g.10gb`), memory and UUID."""

    name: str | None
    memory_bytes: int | None
    serial: str | None


@dataclass(frozen=True)
class Gpu:
    """One device as a source lists it. `serial` is its UUID, which must not leave this process.

    `addressing`: 1 when the device reaches host memory through the kernel (HMM), 2 when through the bus (ATS).
    `compute_mode`: 2 when no process may compute on it, 3 when one may. `partitions` is None for a whole device.
    """

    code: int
    pci: str | None = None
    name: str | None = None
    serial: str | None = field(default=None, repr=False)
    memory_bytes: int | None = None
    memory_code: int = 0
    capability: str | None = None
    architecture: int | None = None
    addressing: int | None = None
    integrated: bool | None = None
    compute_mode: int | None = None
    partitions: tuple[Partition, ...] | None = None
    partitions_code: int = 0


@dataclass(frozen=True)
class Answer:
    """What a source said. `usable` is "yes" when it could be asked; else `reason` says why not."""

    source: str
    usable: State
    reason: str
    code: int | None = None
    driver_version: str | None = None
    library_version: str | None = None
    cuda_version: str | None = None
    has_cuda_library: bool = False
    gpus: tuple[Gpu, ...] = ()
    raw: str | None = None

    @property
    def working(self) -> tuple[Gpu, ...]:
        """The devices that the source could ask."""
        return tuple(gpu for gpu in self.gpus if gpu.code == 0)


def failed(source: str, code: int, raw: str | None = None) -> Answer:
    """The answer for a return code of the management library other than 0."""
    usable, reason = reason_of(code)
    return Answer(source, usable, reason, code=code, raw=raw)


def reason_of(code: int) -> tuple[State, str]:
    """What a return code of the management library says of usability, and the reason shown for it."""
    return REASONS.get(code, ("unknown", f"nvml_error_{code}: the library failed with code {code}"))


def decoded(text: str) -> dict[str, Any] | None:
    """The child's line as an object with a whole number `code`; None when it is anything else."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("code"), int) or isinstance(said["code"], bool):
        return None
    return said


def gpus_of(said: Mapping[str, Any], most: int) -> tuple[Gpu, ...]:
    """The devices that a child listed, what is malformed left out."""
    listed = said.get("devices")
    return tuple(_gpu(entry) for entry in listed[:most]) if isinstance(listed, list) else ()


def _gpu(entry: object) -> Gpu:
    if not isinstance(entry, dict) or (code := whole(entry.get("code"))) is None:
        return Gpu(code=999)
    parts = entry.get("instances")
    integrated = whole(entry.get("integrated"))
    return Gpu(
        code=code,
        pci=address(entry.get("pci")),
        name=clean(entry.get("name")),
        serial=clean(entry.get("uuid")),
        memory_bytes=size(entry.get("memory")),
        memory_code=whole(entry.get("memory_code")) or 0,
        capability=capability(entry.get("capability")),
        architecture=whole(entry.get("architecture")),
        addressing=whole(entry.get("addressing")),
        integrated=None if integrated is None else integrated == 1,
        compute_mode=whole(entry.get("compute_mode")),
        partitions=tuple(_partition(part) for part in parts if isinstance(part, dict))
        if isinstance(parts, list)
        else None,
        partitions_code=whole(entry.get("instances_code")) or 0,
    )


def _partition(entry: Mapping[str, Any]) -> Partition:
    return Partition(clean(entry.get("name")), size(entry.get("memory")), clean(entry.get("uuid")))


def cuda_version_of(number: object) -> str | None:
    """A CUDA version written as 1000 * major + 10 * minor."""
    found = whole(number)
    return f"{found // 1000}.{found % 1000 // 10}" if found and found < 1_000_000 else None


def library_version_of(text: object) -> str | None:
    """The driver's version in the management library's own (`13.580.95.05`, where 13 is the interface's)."""
    return version(str(text).partition(".")[2]) if isinstance(text, str) else None


def address(value: object) -> str | None:
    """An address on the bus, in the form of the kernel's files: four digits of domain, small letters."""
    text = (clean(value) or "").lower()
    return text[-12:] if len(text) == 16 and text.startswith("0000") else text or None


def size(value: object) -> int | None:
    """A positive number of bytes that a device can have; 0 is said where memory is shared, and means nothing."""
    found = whole(value)
    return found if found and found <= MAX_MEMORY_BYTES else None


def whole(value: object) -> int | None:
    """A whole number that is not negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def completed(answer: Answer, other: Answer) -> Answer:
    """The answer with what another source knows more of the same devices: capability, memory, whether it is shared."""
    by_address = {gpu.pci: gpu for gpu in other.working if gpu.pci}
    alone = other.working[0] if len(other.working) == len(answer.working) == 1 else None

    def fill(gpu: Gpu) -> Gpu:
        more = by_address.get(gpu.pci or "") or (alone if gpu.code == 0 else None)
        if more is None:
            return gpu
        return replace(
            gpu,
            capability=gpu.capability or more.capability,
            memory_bytes=gpu.memory_bytes or (more.memory_bytes if gpu.partitions is None else None),
            integrated=more.integrated if gpu.integrated is None else gpu.integrated,
        )

    cuda = answer.cuda_version or other.cuda_version
    return replace(answer, gpus=tuple(fill(gpu) for gpu in answer.gpus), cuda_version=cuda)
