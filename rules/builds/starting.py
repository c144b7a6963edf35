"""Where a person stands with a framework: with what is installed, else with what the first instruction gives."""

from collections.abc import Sequence
from dataclasses import replace

from rules.builds.coverage import DRIVER_FLOORS
from rules.builds.fitting import NVIDIA, Change, ChangeKind, Fit, as_installed, fits
from rules.builds.kinds import Build, distribution_of
from rules.hardware import Device, Profile, Software


def start(profile: Profile, builds: Sequence[Build], own: Sequence[Build]) -> tuple[list[Build], Build]:
    """(the builds to start from, the build that other ones are compared with).

    What is installed is where one stands; where only builds for other devices are installed, it is nowhere.
    """
    defaults = [build for build in own if build.default] or list(own[:1])
    by_name = {distribution_of(each.name): each for each in profile.software}
    found = [(build, by_name[build.distribution]) for build in own if build.distribution in by_name]
    if found:
        known = [build for build, software in found if _is_same(build, software)]
        if known:
            # Builds for several systems may bear one version and flavour: what is here was made for here.
            standing = as_installed(next((build for build in known if _is_for(build, profile)), known[0]), profile)
            return [standing], standing
        like = next((pair for pair in found if _family(pair[0].flavour) == _family(pair[1].build)), None)
        if like:
            build = _variant(*like, profile)
            return [build], build
    is_installed = any(build.distribution in by_name for build in builds)
    return ([] if is_installed else defaults), defaults[0]


def _is_for(build: Build, profile: Profile) -> bool:
    return any(system.os == profile.os and system.arch == profile.arch for system in build.systems)


def _is_same(build: Build, software: Software) -> bool:
    version = software.version.partition("+")[0]
    return version == build.version and (None in (build.flavour, software.build) or build.flavour == software.build)


def _family(flavour: str | None) -> str | None:
    """`cu` of `cu132`, `rocm` of `rocm7.1`."""
    return None if flavour is None else flavour.rstrip("0123456789.")


def _variant(build: Build, software: Software, profile: Profile) -> Build:
    """What is installed, where it is another version or flavour of a build on file: what was scanned speaks for it."""
    toolkit = software.toolkit_version
    floor = DRIVER_FLOORS.get((toolkit or "").partition(".")[0]) if build.device == NVIDIA else None
    return replace(
        as_installed(build, profile),
        id=f"installed-{build.distribution}",
        requirement=f"{build.distribution}=={software.version}",
        index="installed",
        version=software.version.partition("+")[0],
        flavour=software.build,
        toolkit=toolkit,
        drivers={profile.os: floor} if floor else {},
        code=tuple(each for each in software.code if each.kind in ("sm", "ptx")),
        capability_min=None,
        capability_max=None,
        portable=build.portable,
        architectures=tuple(sorted({each.target for each in software.code if each.kind == "gfx"})),
        default=False,
    )


def chosen(build: Build, standing: Build, profile: Profile, devices: Sequence[Device]) -> list[Fit]:
    """The build on each system, with the choice of it as one of the changes."""
    is_other_version = build.version != standing.version and build.distribution == standing.distribution
    kind: ChangeKind = "version" if is_other_version else "build"
    since = standing.requirement if standing.requirement != build.requirement else None
    choice = Change(kind, since, build.requirement, build.named)
    return [replace(fit, changes=(choice, *fit.changes)) for fit in fits(build, profile, devices)]
