"""What a build is: frozen types, and how they come out of a release document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from rules.hardware import Code

Level = Literal["official", "experimental", "community"]
CPU = "cpu"


@dataclass(frozen=True, slots=True)
class System:
    """A system that a build was made for. `level` is set where it is less than the build's own.

    `os` and `arch` are in the words of a profile (`wsl2` and `linux` apart); `libc_min` is the lowest glibc that the
    tag of the wheel asks for, `os_min` the lowest macOS.
    """

    os: str
    arch: str
    libc: str | None = None
    libc_min: str | None = None
    os_min: str | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """One installable build of a framework, for one kind of device.

    Attributes:
        id: unique over all frameworks; `framework` the alternative that it is a build of.
        requirement: as an installer takes it (`torch==2.15.0`); `index` where from: `default` or in words.
        distribution: the installed distribution that shows that this build is there, by its normalised name.
        flavour: what that distribution says of its own build (`cu132`, `cpu`), None where it has one flavour only.
        python_min, python_max: the lowest and highest Python with a binary; None where it sets no bound.
        device: `cpu` or a kind of device of a profile.
        toolkit: the version of the device's toolkit that it was built with.
        drivers: the lowest driver by the system of a profile.
        code: the device code that a scan of the binary found; empty where it was not scanned.
        capability_min, capability_max: what the makers state, or what is known to work, beside the code.
        portable: its kernels are compiled for whatever card is there (OpenCL, DirectX, WebGPU).
        architectures: the generations (AMD's gfx names, `v5e`, `trainium2`) that it serves; empty: not said.
        features: processor features that it cannot run without.
        level: how far its makers stand behind it.
        doubt: why it may not be to be had at all, None where nothing speaks against it.
        default: whether one gets it by following the makers' first instruction for this kind of device.
    """

    id: str
    framework: str
    requirement: str
    index: str
    version: str
    date: str
    distribution: str
    flavour: str | None
    python_min: str | None
    python_max: str | None
    systems: tuple[System, ...]
    device: str
    toolkit: str | None
    drivers: Mapping[str, str]
    code: tuple[Code, ...]
    capability_min: str | None
    capability_max: str | None
    portable: bool
    architectures: tuple[str, ...]
    features: tuple[str, ...]
    level: Level
    default: bool
    evidence: tuple[str, ...]
    expires: str
    note: str | None = None
    doubt: str | None = None

    @property
    def named(self) -> str:
        """The requirement, with where it is taken from where that is not the package index."""
        return self.requirement if self.index in ("default", "installed") else f"{self.requirement} from {self.index}"


@dataclass(frozen=True, slots=True)
class Absence:
    """Kinds of device for which a framework has no build, as its evidence says."""

    framework: str
    devices: frozenset[str]
    evidence: tuple[str, ...]


def installable(document: Sequence[Mapping[str, Any]]) -> tuple[tuple[Build, ...], tuple[Absence, ...]]:
    """The builds, and the kinds that have none, in the part `builds` of a release document."""
    builds = tuple(_build(entry["id"], build) for entry in document for build in entry["builds"])
    absences = tuple(
        Absence(entry["id"], frozenset(absent["devices"]), tuple(absent["evidence"]))
        for entry in document
        for absent in entry["absent"]
    )
    return builds, absences


def _build(framework: str, entry: Mapping[str, Any]) -> Build:
    kept = {name: entry[name] for name in _PLAIN}
    return Build(
        **kept,
        framework=framework,
        distribution=entry["distribution"] or distribution_of(entry["requirement"]),
        python_min=entry["python"]["min"],
        python_max=entry["python"]["max"],
        systems=tuple(System(**system) for system in entry["systems"]),
        drivers=MappingProxyType(dict(entry["drivers"])),
        code=tuple(
            Code(entry["library"] or "", kind, target, entries)
            for kind in ("sm", "ptx")
            for target, entries in entry[kind].items()
        ),
        architectures=tuple(entry["architectures"]),
        features=tuple(entry["features"]),
        evidence=tuple(entry["evidence"]),
        doubt=entry.get("doubt"),
    )


_PLAIN = (
    "id",
    "requirement",
    "index",
    "version",
    "date",
    "flavour",
    "device",
    "toolkit",
    "capability_min",
    "capability_max",
    "portable",
    "level",
    "default",
    "expires",
    "note",
)


def distribution_of(requirement: str) -> str:
    """The normalised name of the distribution that a requirement asks for: `torch` of `torch==2.15.0`."""
    name = requirement
    for mark in " [=<>!~;@":
        name = name.partition(mark)[0]
    return name.strip().lower().replace("_", "-").replace(".", "-")
