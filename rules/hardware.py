"""What a hardware profile is, and what the core reads from it.

A profile is a document (see `Profile`): where it came from, the host, the processor, the memory, the devices and the
frameworks that are installed. The core never looks at a machine; it is handed a profile, or none, and then knows only
what the answers say. This file travels with the probe, hence the older Python (3.8) it is written for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Origin = Literal["probe", "pushed", "catalogue", "hand"]
State = Literal["yes", "no", "unknown"]
Rung = Literal["present", "driver", "usable"]
HostSystem = Literal["linux", "windows", "wsl2", "macos", "other"]

PROFILE_SCHEMA = "steelyard/hardware-profile/1"
GIB = 2**30


@dataclass(frozen=True)
class Finding:
    """One thing a probe looked for: on which rung it stands, why, where that was read and how long it took.

    `raw` is what the source really said, shortened, where that explains more than the reason.
    """

    probe: str
    rung: Rung
    state: State
    reason: str
    source: str
    elapsed_ms: float
    raw: str | None = None


@dataclass(frozen=True)
class Device:
    """One accelerator as seen on a host; identical devices are separate entries.

    Attributes:
        kind: an option of the questions `train_hardware` or `deploy_hardware`, `amd_npu` or `other`.
        memory_bytes: what the driver reports, None when it does not say; of a partition when it is one.
        compute_capability: NVIDIA's, as the driver says it; never guessed from a name.
        architecture: the maker's name of the generation (`gfx942`, `xe2`, `v5e`, `trainium2`).
        unified_memory: whether memory is shared with the host.
        partition: which slice of a device this is (`1g.10gb`), None for a whole one.
        address: on its bus (`0000:65:00.0`), None when it has none or hides it.
        serial_hash: salted hash of its serial number or UUID: the same on one machine, meaningless elsewhere.
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
    architecture: str | None = None
    unified_memory: bool | None = None
    partition: str | None = None
    address: str | None = None
    serial_hash: str | None = None


@dataclass(frozen=True)
class Count:
    """How many devices of a kind there are, are left visible by the environment, and may be opened by this user."""

    kind: str
    physical: int | None
    visible: int | None
    permitted: int | None


@dataclass(frozen=True)
class Disk:
    """Room at a place that an installation needs: `install`, `cache` or `temporary`."""

    place: str
    total_bytes: int | None
    free_bytes: int | None
    writable: bool | None


@dataclass(frozen=True)
class Code:
    """What one library of an installed distribution holds for one generation of graphics processors.

    `kind` is `sm` (machine code), `ptx` (translated by the driver when it is first used) or `gfx` (AMD). `target` is
    the generation as the tools write it (`90`, `90a`, `gfx942`), `entries` how many pieces of code there are for it.
    """

    library: str
    kind: str
    target: str
    entries: int


@dataclass(frozen=True)
class Software:
    """A distribution that is installed, read without importing it.

    `build` is its flavour (`cpu`, `cu132`, `rocm7.1`), `toolkit_version` of the toolkit that it was built with.
    """

    name: str
    version: str
    build: str | None = None
    toolkit_version: str | None = None
    code: tuple[Code, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """Sources that do not agree: what it is about, and each source with what it said."""

    about: str
    said: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Profile:
    """A host's hardware. Sizes in bytes; `usable_cores` counts what affinity and quota leave (may be a fraction).

    `overrides` are the environment variables that hide devices or force an answer, with their values. `host_hash` is a
    salted hash of the machine's own id. `translated`: the interpreter runs on an emulated processor.
    `targets` is set on a machine that models are deployed to: it then answers the questions of deployment in the place
    of those of training. `chips` are what they run on there. Both are in the words of the questionnaire.
    """

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
    os_version: str | None = None
    kernel: str | None = None
    python_implementation: str | None = None
    free_threaded: bool | None = None
    translated: bool | None = None
    hypervisor: str | None = None
    host_hash: str | None = None
    probe_version: str | None = None
    elapsed_ms: float | None = None
    counts: tuple[Count, ...] = ()
    disks: tuple[Disk, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()
    software: tuple[Software, ...] = ()
    conflicts: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    targets: tuple[str, ...] = ()
    chips: tuple[str, ...] = ()


# Kinds that a model trains on beside the processor, in the words of the question `train_hardware`.
TRAINING_KINDS = (
    "nvidia_gpu",
    "amd_gpu",
    "intel_gpu",
    "apple_silicon",
    "tpu",
    "trainium",
    "gaudi",
    "ascend",
    "browser_gpu",
)
# Kinds that a model only runs on, in the words of `deploy_hardware`; the last two are seen without a verdict.
RUNNING_KINDS = (
    "inferentia",
    "intel_npu",
    "qualcomm_npu",
    "rockchip_npu",
    "hailo",
    "ethos_u",
    "nvidia_dla",
    "coral_edge_tpu",
    "apple_neural_engine",
    "amd_npu",
    "other",
)

# Whose machine a profile is about, by its origin.
SOURCES: Mapping[str, str] = {
    "probe": "this server",
    "pushed": "your profile",
    "hand": "your profile",
    "catalogue": "what if",
}
# What runs on a target whatever the host says of itself.
_TARGET_SYSTEMS = {"android": "android", "ios": "ios", "microcontroller": "rtos_or_bare_metal"}
_HOST_SYSTEMS = {"linux": "linux", "windows": "windows", "wsl2": "linux", "macos": "macos"}

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
    "unified_memory": "yes/no",
    # What the machine answers to the questions of these names: which systems and devices a condition speaks of.
    "train_hardware": "many",
    "train_os": "many",
    "deploy_targets": "many",
    "deploy_hardware": "many",
    "deploy_os": "many",
    # Alternatives by the verdict of `rules.builds` on this machine: see `VERDICT_FACTS`.
    "cannot_run": "many",
    "needs_change": "many",
    "second_best": "many",
}
VERDICT_FACTS: Mapping[str, str] = {"impossible": "cannot_run", "fixable": "needs_change", "degraded": "second_best"}
OFFERED = ("train_hardware", "train_os", "deploy_targets", "deploy_hardware", "deploy_os")


def facts(profile: Profile | None) -> dict[str, object]:
    """The values that conditions may ask for as `hardware.<name>`; a fact that is not known is left out.

    Accelerators count only when they are usable: a device without a driver is not yet hardware to train on. Of a
    machine to deploy on only what it answers is known. Facts about alternatives are `rules.machine`'s.
    """
    if profile is None:
        return {}
    answers = answers_from(profile)
    known: dict[str, object] = {name: tuple(answers[name]) for name in OFFERED if name in answers}  # type: ignore[arg-type]
    if profile.targets:
        return known
    usable = _trains(profile)
    nvidia = [d for d in usable if d.kind == "nvidia_gpu"]
    known.update(os=profile.os, accelerators=tuple(sorted({d.kind for d in usable})))
    limits = [b for b in (profile.memory_total_bytes, profile.memory_limit_bytes) if b]
    if limits:
        known["memory_gb"] = round(min(limits) / GIB, 3)
    for name in ("arch", "libc", "usable_cores"):
        if getattr(profile, name) is not None:
            known[name] = getattr(profile, name)
    if profile.cpu_features and profile.arch == "x86_64":
        known["avx"] = "avx" in profile.cpu_features
    if any(d.unified_memory for d in usable):
        known["unified_memory"] = True
    capabilities = [d.compute_capability for d in nvidia if d.compute_capability]
    if capabilities:
        known["nvidia_capability"] = min(capabilities, key=version_key)
    drivers = [d.driver_version for d in nvidia if d.driver_version]
    if drivers:
        known["nvidia_driver"] = min(drivers, key=version_key)
    return known


def answers_from(profile: Profile) -> dict[str, object]:
    """What a profile answers of the questionnaire: the hardware to train on, its count and memory, the system.

    The least device decides the memory of one accelerator, since work is split evenly over all of them; all partitions
    together count as one device. A machine with targets answers what `_deployment` says instead.
    """
    if profile.targets:
        return _deployment(profile)
    usable = _trains(profile)
    answers: dict[str, object] = {"train_hardware": ["cpu", *sorted({d.kind for d in usable})]}
    if profile.os in ("linux", "windows", "wsl2", "macos"):
        answers["train_os"] = [profile.os]
    if usable:
        # Of the partitions of devices a process uses one (NVIDIA's MIG user guide), so they do not add up.
        whole = sum(d.partition is None for d in usable)
        answers["train_devices"] = whole + (whole < len(usable))
        memory = [d.memory_bytes for d in usable if d.memory_bytes]
        if len(memory) == len(usable):
            answers["accelerator_memory_gb"] = round(min(memory) / GIB, 3)
    return answers


def _deployment(profile: Profile) -> dict[str, object]:
    """What a machine to deploy on answers: targets, chips, systems, and its memory and room, in MB, as limits.

    What one application may take of a phone's memory is set by its system and maker (Android Open Source Project,
    "Memory Limiter"; Apple, `os_proc_available_memory`), so there only a limit that the profile states is an answer.
    """
    systems = {_TARGET_SYSTEMS.get(target) or _HOST_SYSTEMS.get(profile.os) for target in profile.targets}
    known = sorted(system for system in systems if system)
    room = [disk.total_bytes for disk in profile.disks if disk.place == "install" and disk.total_bytes]
    answers: dict[str, object] = {"deploy_targets": list(profile.targets)}
    answers.update({"deploy_hardware": list(profile.chips)} if profile.chips else {})
    answers.update({"deploy_os": known} if known else {})
    is_shared = not {"android", "ios"}.isdisjoint(profile.targets)
    memory = profile.memory_limit_bytes if is_shared else profile.memory_total_bytes
    answers.update({"memory_mb": round(memory / 1e6, 3)} if memory else {})
    answers.update({"artifact_mb": round(min(room) / 1e6, 3)} if room else {})
    return answers


def _trains(profile: Profile) -> list[Device]:
    return [d for d in profile.devices if d.usable == "yes" and d.kind in TRAINING_KINDS]


def version_key(text: str) -> tuple[int, ...]:
    """A dotted version as a tuple of numbers that orders as versions do; parts that are not numbers end it."""
    parts: list[int] = []
    for part in text.split("."):
        if not (part.isascii() and part.isdigit()):
            break
        parts.append(int(part))
    return tuple(parts)
