"""Installable builds of an alternative: `builds/*.yaml`, and whether they agree with its capabilities.

What a build is, and what follows from it on a machine, is `rules.builds`' business; here is its shape in the pack.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from knowledge_base import yaml_files
from knowledge_base.checking import checked
from knowledge_base.fingerprint import SHIPPED
from knowledge_base.schema import Alternative, Cell, Day, Entry, Id, Text
from rules.builds import Build as Compiled
from rules.builds import installable
from rules.builds.generations import capabilities
from rules.builds.kinds import distribution_of
from rules.faults import Fault, InvalidInput
from rules.hardware import version_key

Dotted = Annotated[str, StringConstraints(pattern=r"^[0-9]+(?:\.[0-9]+)*$", max_length=30)]
Release = Annotated[str, StringConstraints(pattern=r"^[0-9][0-9A-Za-z.+-]*$", max_length=40)]
Capability = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}\.[0-9]$")]
Target = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,3}[af]?$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
Level = Literal["official", "experimental", "community"]
Os = Literal["linux", "wsl2", "windows", "macos"]
Kind = Literal[
    "cpu",
    "nvidia_gpu",
    "amd_gpu",
    "intel_gpu",
    "apple_silicon",
    "tpu",
    "trainium",
    "inferentia",
    "gaudi",
    "ascend",
    "intel_npu",
    "amd_npu",
    "qualcomm_npu",
    "coral_edge_tpu",
]


class System(Entry):
    """A system that a build was made for; see `rules.builds.System`."""

    os: Os
    arch: Literal["x86_64", "aarch64"]
    libc: Literal["glibc", "musl"] | None = None
    libc_min: Dotted | None = None
    os_min: Dotted | None = None
    level: Level | None = None

    @model_validator(mode="after")
    def _its_bounds_are_its_own(self) -> "System":
        if (self.libc is None) != (self.os not in ("linux", "wsl2")):
            raise ValueError("a system with a libc exactly where it is linux or wsl2")
        if self.libc_min and self.libc is None:
            raise ValueError("a libc_min only beside a libc")
        return self


class Pythons(Entry):
    """The lowest and highest Python with a binary; null where there is no bound."""

    min: Dotted | None
    max: Dotted | None


class Build(Entry):
    """One installable build, for one kind of device; see `rules.builds.Build`.

    `sm` and `ptx` are what a scan found in the library that holds the most code: pieces by target. Where makers only
    state a range, it is in `capability_min` and `capability_max`.
    """

    id: Id
    requirement: Text
    index: Text = "default"
    version: Release
    date: Day
    distribution: Id | None = None
    flavour: Name | None = None
    python: Pythons
    systems: Annotated[list[System], Field(min_length=1)]
    device: Kind
    toolkit: Dotted | None = None
    drivers: dict[Os, Dotted] = Field(default={})
    library: Text | None = None
    sm: dict[Target, Annotated[int, Field(gt=0)]] = Field(default={})
    ptx: dict[Target, Annotated[int, Field(gt=0)]] = Field(default={})
    capability_min: Capability | None = None
    capability_max: Capability | None = None
    portable: bool = False
    architectures: list[Name] = Field(default=[])
    features: list[Name] = Field(default=[])
    level: Level = "official"
    default: bool = False
    evidence: Annotated[list[Id], Field(min_length=1)]
    expires: Day
    note: Text | None = None
    doubt: Text | None = None

    @model_validator(mode="after")
    def _its_parts_belong_together(self) -> "Build":
        is_nvidia = self.device == "nvidia_gpu"
        if (self.sm or self.ptx or self.capability_min or self.capability_max) and not is_nvidia:
            raise ValueError("code and compute capabilities only for nvidia_gpu")
        if is_nvidia and not (self.sm or self.ptx or self.capability_min or self.portable or self.note):
            raise ValueError("for nvidia_gpu the code that was scanned, a stated capability_min, or a note of why not")
        if len({(s.os, s.arch, s.libc) for s in self.systems}) < len(self.systems):
            raise ValueError("each system once")
        if bool(self.sm or self.ptx) != bool(self.library):
            raise ValueError("a library exactly where there is code from it")
        return self


class Absent(Entry):
    """Kinds of device that an alternative has no build for, as evidence says."""

    devices: Annotated[list[Kind], Field(min_length=1)]
    evidence: Annotated[list[Id], Field(min_length=1)]


class Through(Entry):
    """A library that has no device code of its own and runs on what other alternatives' builds run on."""

    requirement: Text
    frameworks: Annotated[list[Id], Field(min_length=1)]
    python_min: Dotted | None = None
    devices: Annotated[list[Kind], Field(min_length=1)]
    evidence: Annotated[list[Id], Field(min_length=1)]


class Builds(Entry):
    """The builds of one alternative, whose id this is."""

    id: Id
    through: Through | None = None
    builds: list[Build]
    absent: list[Absent] = Field(default=[])

    @model_validator(mode="after")
    def _a_kind_is_there_or_not(self) -> "Builds":
        both = {b.device for b in self.builds} & {d for a in self.absent for d in a.devices}
        if both:
            raise ValueError(f"a kind with builds ({', '.join(sorted(both))}) is not absent")
        for kind in sorted({b.device for b in self.builds}):
            if not any(b.default for b in self.builds if b.device == kind):
                raise ValueError(f"a default among the builds for {kind}")
        return self


def shipped() -> list[dict[str, Any]]:
    """The builds that ship with the program, as `compiled` gives them, without reading the rest of the pack.

    Raises:
        InvalidInput: a file is not what it should be.
    """
    faults: list[Fault] = []
    entries: list[Builds] = []
    for path in sorted((SHIPPED / "builds").glob("*.yaml")):
        document = yaml_files.read(path, path.name)
        values = document.value if isinstance(document.value, list) else []
        found = (checked(document, value, (index,), Builds, faults) for index, value in enumerate(values))
        entries += [entry for entry in found if entry is not None]
    if faults:
        raise InvalidInput(faults)
    return compiled(entries)


def compiled(entries: Iterable[Builds]) -> list[dict[str, Any]]:
    """The part `builds` of a release document, with what a library has through others written out."""
    own = {entry.id: entry for entry in sorted(entries, key=lambda entry: entry.id)}
    return [{"id": e.id, "builds": [*_own(e), *_through(e, own)], "absent": _dumped(e.absent)} for e in own.values()]


def _own(entry: Builds) -> list[dict[str, Any]]:
    return _dumped(entry.builds)


def _dumped(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [entry.model_dump() for entry in entries]


def _through(entry: Builds, others: Mapping[str, Builds]) -> list[dict[str, Any]]:
    through = entry.through
    if through is None:
        return []
    below = [b for name in through.frameworks if name in others for b in others[name].builds]
    return [_over(build, entry.id, through) for build in below if build.device in through.devices]


def _over(build: Build, name: str, through: Through) -> dict[str, Any]:
    """The build of another alternative, as one of the library on top."""
    made = build.model_dump()
    floors = [each for each in (through.python_min, build.python.min) if each]
    made["id"] = f"{name}-over-{build.id}"
    made["distribution"] = build.distribution or distribution_of(build.requirement)
    made["requirement"] = f"{through.requirement} with {build.requirement}"
    made["python"]["min"] = max(floors, key=version_key, default=None)
    made["evidence"] = [*through.evidence, *build.evidence]
    return made


def disagreements(entry: Builds, alternative: Alternative) -> Iterator[tuple[str, str]]:
    """(capability, what it would have to be) for each capability of the alternative that its builds deny.

    Unknown cells and kinds without builds are not judged.
    """
    if entry.through is not None:  # they are judged where they are on file
        return
    builds, _ = installable(compiled([entry]))
    cells = {name: cell for name, cell in alternative.capabilities.items() if cell.value != "unknown"}
    yield from _nvidia([b for b in builds if b.device == "nvidia_gpu"], cells)
    yield from _pythons([b for b in builds if b.default], cells)
    yield from _binaries(builds, cells)


def _nvidia(builds: list[Compiled], cells: dict[str, Cell]) -> Iterator[tuple[str, str]]:
    builds = [build for build in builds if build.code or build.capability_min]
    if not any(build.default for build in builds):
        return
    usual = [build for build in builds if build.default]
    stated = {
        "nvidia.capability_min": min((_lowest(build) for build in usual), key=version_key),
        "nvidia.capability_floor": min((_lowest(build) for build in builds), key=version_key),
    }
    for name, computed in stated.items():
        if name in cells and version_key(cells[name].value) != version_key(computed):
            yield name, computed
    ceiling = cells.get("nvidia.capability_ceiling")
    highest = [build.capability_max for build in builds]
    if (ceiling is None and all(highest)) or (ceiling is not None and ceiling.value not in highest):
        yield "nvidia.capability_ceiling", str(max((h for h in highest if h), default="none"))
    drivers = {build.drivers["linux"] for build in usual if "linux" in build.drivers}
    driver = cells.get("nvidia.driver_min")
    if driver and drivers and not any(_same_driver(driver.value, each) for each in drivers):
        yield "nvidia.driver_min", " or ".join(sorted(drivers))


def _lowest(build: Compiled) -> str:
    return capabilities(build)[0]


def _same_driver(stated: str, floor: str) -> bool:
    """Whether two floors are one: `525` and `525.60.13` name the same branch."""
    a, b = version_key(stated), version_key(floor)
    return a[: len(b)] == b[: len(a)]


def _pythons(builds: list[Compiled], cells: dict[str, Cell]) -> Iterator[tuple[str, str]]:
    for name, bounds in (
        ("python.min", {b.python_min for b in builds}),
        ("python.max", {b.python_max for b in builds}),
    ):
        cell = cells.get(name)
        if cell and None not in bounds and bounds and cell.value not in bounds:
            yield name, " or ".join(sorted(str(each) for each in bounds))


_BINARIES = {
    "binary.linux_aarch64": ("linux", "aarch64", "glibc"),
    "binary.windows_arm64": ("windows", "aarch64", None),
    "binary.macos_x86_64": ("macos", "x86_64", None),
    "binary.musl": ("linux", None, "musl"),
}


def _binaries(builds: Iterable[Compiled], cells: dict[str, Cell]) -> Iterator[tuple[str, str]]:
    systems = [system for build in builds for system in build.systems]
    for name, (os, arch, libc) in _BINARIES.items():
        cell = cells.get(name)
        has = any(s.os == os and s.arch == (arch or s.arch) and s.libc == libc for s in systems)
        if cell and cell.value != has:
            yield name, str(has).lower()
