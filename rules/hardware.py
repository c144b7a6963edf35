"""What a hardware profile is, and what the core reads from it.

A profile is a document (see `Profile`): where it came from, the host, the processor, the memory and the devices.
The core never looks at a machine; it is handed a profile, or none, and then knows only what the answers say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Origin = Literal["probe", "pushed", "catalogue", "hand"]
State = Literal["yes", "no", "unknown"]
Rung = Literal["present", "driver", "usable"]
HostSystem = Literal["linux", "windows", "wsl2", "macos", "other"]

PROFILE_SCHEMA = "steelyard/hardware-profile/1"
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a probe looked for: on which rung it stands, why, where that was read and how long it took."""

    probe: str
    rung: Rung
    state: State
    reason: str
    source: str
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class Device:
    """One kind of accelerator as seen on a host; `kind` is an option of the question `train_hardware`.

    Identical devices are separate entries. `memory_bytes` is what the driver reports, None when it does not say.
    """

    kind: str
    name: str | None
    memory_bytes: int | None
    compute_capability: str | None
    driver_version: str | None
    toolkit_version: str | None
    present: State
    driver: State
    usable: State


@dataclass(frozen=True, slots=True)
class Profile:
    """A host's hardware. Sizes in bytes; `usable_cores` counts what affinity and quota leave (may be a fraction)."""

    origin: Origin
    label: str
    captured_at: str
    os: HostSystem
    os_name: str | None
    arch: str | None
    libc: str | None
    libc_version: str | None
    python_version: str | None
    in_container: bool | None
    cpu_vendor: str | None
    cpu_model: str | None
    cpu_features: tuple[str, ...]
    physical_cores: int | None
    logical_cores: int | None
    usable_cores: float | None
    memory_total_bytes: int | None
    memory_limit_bytes: int | None
    memory_available_bytes: int | None
    devices: tuple[Device, ...] = ()
    findings: tuple[Finding, ...] = ()
    schema: str = field(default=PROFILE_SCHEMA)


# Name in conditions (`hardware.<name>`) -> kind of value.
HARDWARE_FACTS: Mapping[str, str] = {
    "os": "one",
    "arch": "one",
    "libc": "one",
    "memory_gb": "number",
    "usable_cores": "number",
    "nvidia_capability": "version",
    "nvidia_driver": "version",
    "accelerators": "many",
    "avx": "yes/no",
}


def facts(profile: Profile | None) -> dict[str, object]:
    """The values that conditions may ask for as `hardware.<name>`; a fact that is not known is left out.

    Accelerators count only when they are usable: a device without a driver is not yet hardware to train on.
    """
    if profile is None:
        return {}
    usable = [d for d in profile.devices if d.usable == "yes"]
    nvidia = [d for d in usable if d.kind == "nvidia_gpu"]
    known: dict[str, object] = {"os": profile.os, "accelerators": tuple(sorted({d.kind for d in usable}))}
    limits = [b for b in (profile.memory_total_bytes, profile.memory_limit_bytes) if b]
    if limits:
        known["memory_gb"] = round(min(limits) / GIB, 3)
    for name in ("arch", "libc", "usable_cores"):
        if getattr(profile, name) is not None:
            known[name] = getattr(profile, name)
    if profile.cpu_features and profile.arch == "x86_64":
        known["avx"] = "avx" in profile.cpu_features
    capabilities = [d.compute_capability for d in nvidia if d.compute_capability]
    if capabilities:
        known["nvidia_capability"] = min(capabilities, key=version_key)
    drivers = [d.driver_version for d in nvidia if d.driver_version]
    if drivers:
        known["nvidia_driver"] = min(drivers, key=version_key)
    return known


def answers_from(profile: Profile) -> dict[str, object]:
    """What a profile answers of the questionnaire: the hardware to train on, its count and memory, the system.

    The least device decides the memory of one accelerator, since work is split evenly over all of them.
    """
    usable = [d for d in profile.devices if d.usable == "yes"]
    answers: dict[str, object] = {"train_hardware": ["cpu", *sorted({d.kind for d in usable})]}
    if profile.os in ("linux", "windows", "wsl2", "macos"):
        answers["train_os"] = [profile.os]
    if usable:
        answers["train_devices"] = len(usable)
        memory = [d.memory_bytes for d in usable if d.memory_bytes]
        if len(memory) == len(usable):
            answers["accelerator_memory_gb"] = round(min(memory) / GIB, 3)
    return answers


def version_key(text: str) -> tuple[int, ...]:
    """A dotted version as a tuple of numbers that orders as versions do; parts that are not numbers end it."""
    parts: list[int] = []
    for part in text.split("."):
        if not (part.isascii() and part.isdigit()):
            break
        parts.append(int(part))
    return tuple(parts)
