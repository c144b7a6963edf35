"""What stands between one build and a machine: changes that would be needed, what is not known, what is second best.

Each check looks at one fact and says nothing of others, so that all obstacles are told at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rules.builds.coverage import Coverage, coverage, driver_floor
from rules.builds.generations import capabilities, is_served, older, served
from rules.builds.kinds import CPU, Build, System
from rules.hardware import Device, Profile, version_key

ChangeKind = Literal["build", "version", "python", "system", "driver", "other_system", "hardware"]
# From the least to the most that it asks of a person.
CHANGE_KINDS: tuple[ChangeKind, ...] = ("build", "version", "python", "system", "driver", "other_system", "hardware")
NVIDIA, AMD = "nvidia_gpu", "amd_gpu"  # code for these is made for one generation and runs on no other
UNLISTED = "which generations its code is for is not known"
SYSTEM_NAMES = {"linux": "Linux", "windows": "Windows", "wsl2": "WSL2", "macos": "macOS", "other": "another system"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to change: its kind, from what (None: nothing, or not known) to what, and that in words."""

    kind: ChangeKind
    since: str | None
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Fit:
    """How a build fits a machine: it does when nothing must change and nothing is unknown.

    `weak` says why it is second best where it fits; `covered` how its code covers the devices, the least of them.
    """

    build: Build
    system: System
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]
    weak: tuple[str, ...]
    covered: Coverage

    @property
    def is_possible(self) -> bool:
        """Whether no other hardware is needed."""
        return all(change.kind != "hardware" for change in self.changes)


class _Notes:
    """The obstacles of one build, collected; of changes of one kind the last stands, of drivers the newest."""

    def __init__(self) -> None:
        self.changes: dict[tuple[ChangeKind, str], Change] = {}
        self.unknown: list[str] = []
        self.weak: list[str] = []

    def change(self, kind: ChangeKind, since: str | None, to: str, text: str, about: str = "") -> None:
        before = self.changes.get((kind, about))
        if kind == "driver" and before is not None and older(to, before.to):
            return  # one driver serves all devices
        self.changes[kind, about] = Change(kind, since, to, text)


def fits(build: Build, profile: Profile, devices: Sequence[Device]) -> list[Fit]:
    """The build on each of its systems that the machine has or could have; no system that only another machine has."""
    return [_fit(build, system, profile, devices) for system in build.systems if _can_have(profile, system)]


def _can_have(profile: Profile, system: System) -> bool:
    """Whether a person at this machine could be told to use the system.

    Linux runs anywhere, in a machine or container of its own; WSL2 and Windows need Windows, macOS needs a Mac.
    """
    if system.os in ("windows", "wsl2"):
        return profile.os in ("windows", "wsl2")
    return system.os in (profile.os, "linux")


def _fit(build: Build, system: System, profile: Profile, devices: Sequence[Device]) -> Fit:
    notes = _Notes()
    _system(notes, system, profile)
    _architecture(notes, system, profile)
    _python(notes, build, profile)
    _features(notes, build, profile)
    covered = [_device(notes, build, system, device) for device in devices]
    if build.doubt is not None:
        notes.unknown.append(build.doubt)
    level = system.level or build.level
    if level != "official":
        notes.weak.append(f"{level}: its makers do not stand behind it as behind others")
    changes = tuple(notes.changes.values())
    return Fit(build, system, changes, _once(notes.unknown), _once(notes.weak), _least(covered))


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _least(covered: Sequence[Coverage]) -> Coverage:
    order = ("none", "unknown", "translated", "native")
    return min(covered, key=lambda each: order.index(each.state), default=Coverage("native"))


def _system(notes: _Notes, system: System, profile: Profile) -> None:
    if profile.os != system.os:
        # A system that is installed anew comes with a C library that is new enough.
        needed = f" with glibc {system.libc_min} or newer" if system.libc_min else ""
        notes.change("other_system", profile.os, system.os, f"use {SYSTEM_NAMES[system.os]}{needed}")
        return
    if system.libc is not None:
        _libc(notes, system, profile)
    if system.os_min is not None:
        version = os_version(profile)
        if version is None:
            notes.unknown.append("the version of the system is not known")
        elif older(version, system.os_min):
            name = SYSTEM_NAMES[system.os]
            notes.change("system", version, system.os_min, f"{name} {_from(system.os_min, version)}", "os")


def os_version(profile: Profile) -> str | None:
    """The version of the system, which older profiles have in its name only (`macOS 15.1`)."""
    if profile.os_version is not None:
        return profile.os_version
    last = (profile.os_name or "").rpartition(" ")[2]
    return last if profile.os == "macos" and version_key(last) else None


def _libc(notes: _Notes, system: System, profile: Profile) -> None:
    floor = system.libc_min or ""
    if profile.libc is None:
        notes.unknown.append("the C library is not known")
    elif profile.libc != system.libc:
        wanted = f"{system.libc} {floor} or newer" if floor else system.libc
        text = f"a system (or container image) with {wanted} instead of {profile.libc}"
        notes.change("system", profile.libc, f"{system.libc} {floor}".rstrip(), text, "libc")
    elif floor and profile.libc_version is None:
        notes.unknown.append("the version of the C library is not known")
    elif floor and profile.libc_version and older(profile.libc_version, floor):
        text = f"{profile.libc} {_from(floor, profile.libc_version)}: a newer system or container image"
        notes.change("system", profile.libc_version, floor, text, "libc")


def _architecture(notes: _Notes, system: System, profile: Profile) -> None:
    if profile.arch is None:
        notes.unknown.append("the processor's architecture is not known")
    elif profile.arch != system.arch:
        if profile.translated and system.arch == "aarch64":
            notes.change(
                "python", profile.arch, system.arch, "a native Python for Arm in place of a translated one", "a"
            )
        else:
            text = f"a machine with a processor of the architecture {system.arch}"
            notes.change("hardware", profile.arch, system.arch, text, "arch")


def _python(notes: _Notes, build: Build, profile: Profile) -> None:
    if build.python_min is None and build.python_max is None:
        return
    if profile.python_version is None:
        notes.unknown.append("the version of Python is not known")
        return
    own = version_key(profile.python_version)[:2]
    shown = ".".join(str(part) for part in own)
    if build.python_min and own < version_key(build.python_min):
        notes.change("python", shown, build.python_min, f"Python {_from(build.python_min, shown)}")
    elif build.python_max and own > version_key(build.python_max):
        notes.change("python", shown, build.python_max, f"Python {build.python_max} or older (here {shown})")


def _features(notes: _Notes, build: Build, profile: Profile) -> None:
    if not build.features or profile.arch != "x86_64":
        return
    lacking = sorted(set(build.features) - set(profile.cpu_features))
    if not profile.cpu_features:
        notes.unknown.append("the features of the processor are not known")
    elif lacking:
        text = f"a processor with {', '.join(lacking)}"
        notes.change("hardware", None, " ".join(lacking), text, "features")


def _device(notes: _Notes, build: Build, system: System, device: Device) -> Coverage:
    if build.device == CPU:
        return Coverage("native")
    is_driver_new = _driver(notes, build, system, device)
    if build.architectures:
        return _generation(notes, build, device)
    if device.kind == NVIDIA and not build.portable:
        return _capability(notes, build, device, asks_toolkit=not is_driver_new)
    if device.kind == AMD and not build.portable:
        notes.unknown.append(UNLISTED)
        return Coverage("unknown")
    return Coverage("native")


def _driver(notes: _Notes, build: Build, system: System, device: Device) -> bool:
    """Check driver and use of the device; whether a new driver is asked for."""
    made_for = build.drivers.get(system.os)
    # A device that the build does not serve would be replaced, and its driver with it.
    is_kept = build.portable or is_served(build, device.compute_capability or "")
    serving = driver_floor(device.compute_capability) if device.kind == NVIDIA and is_kept else None
    floor = max((each for each in (made_for, serving) if each), key=version_key, default=None)
    wanted = floor or "a driver"
    if device.driver == "no":
        notes.change("driver", None, wanted, f"install a driver{f', {floor} or newer' if floor else ''}")
        return True
    if device.driver == "unknown" or device.usable != "yes":
        notes.unknown.append(
            "whether the device can be used is not known" if device.usable != "no" else "not usable now"
        )
    if floor is None:
        return False
    if device.driver_version is None:
        if made_for is not None:  # a driver that the device runs with knows its generation
            notes.unknown.append("the version of the driver is not known")
    elif older(device.driver_version, floor):
        notes.change("driver", device.driver_version, floor, f"driver {_from(floor, device.driver_version)}")
        return True
    return False


def _generation(notes: _Notes, build: Build, device: Device) -> Coverage:
    if device.architecture is None:
        notes.unknown.append("the generation of the device is not known")
        return Coverage("unknown")
    if device.architecture in build.architectures:
        return Coverage("native", device.architecture)
    listed = ", ".join(build.architectures)
    notes.change("hardware", device.architecture, build.architectures[-1], f"a device of {listed}", "device")
    return Coverage("none")


def _capability(notes: _Notes, build: Build, device: Device, *, asks_toolkit: bool) -> Coverage:
    own = device.compute_capability
    low, high = build.capability_min, build.capability_max
    if own is None:
        notes.unknown.append("the compute capability of the device is not known")
        return Coverage("unknown")
    seen = coverage(build.code, own)
    if not is_served(build, own):
        known = capabilities(build)
        native = (each for each in known if coverage(build.code, each).state == "native")
        text = f"a device of compute capability {served(build, own)} (here {own})"
        notes.change("hardware", own, next(native, known[0]), text, "device")
        return Coverage("none")
    if seen.state == "unknown" and not (low or high):
        notes.unknown.append(UNLISTED)
    if seen.state == "translated":
        notes.weak.append(f"no machine code for {own}: the driver translates {seen.through} when it is first used")
        if asks_toolkit and device.toolkit_version and build.toolkit and older(device.toolkit_version, build.toolkit):
            text = (
                f"a driver for CUDA {build.toolkit}: this one, for {device.toolkit_version}, cannot translate its code"
            )
            notes.change("driver", device.driver_version, f"one for CUDA {build.toolkit}", text)
    return Coverage("native", None) if seen.state == "unknown" and (low or high) else seen


def is_weak_on(fit: Fit, capability: str | None) -> bool:
    """Whether the build is second best on another device of a capability (None: on the devices at hand)."""
    if capability is None:
        return bool(fit.weak)
    is_official = (fit.system.level or fit.build.level) == "official"
    return not is_official or coverage(fit.build.code, capability).state == "translated"


def _from(floor: str, here: str) -> str:
    return f"{floor} or newer (here {here})"


def as_installed(build: Build, profile: Profile) -> Build:
    """The build where it is installed already: its tags fit, since an installer took it for this Python and system."""
    here = [s for s in build.systems if s.os == profile.os and s.arch == profile.arch]
    level = here[0].level if here else None
    system = System(profile.os, profile.arch or "", level=level)
    return replace(build, systems=(system,), python_min=None, python_max=None)
