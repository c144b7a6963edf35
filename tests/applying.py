"""What a machine is after the changes of a way to something better were made: verdicts are then given on that.

This is how the claim of a change is checked: it must really lead to what it says.
"""

from dataclasses import replace
from typing import Literal

from rules.builds.coverage import driver_floor
from rules.builds.fitting import Change
from rules.builds.kinds import Build, System, distribution_of
from rules.builds.verdicts import Option
from rules.hardware import Device, Profile, Software, version_key


def applied(profile: Profile, option: Option, kind: str) -> Profile:
    """The machine after the changes of a way were made, with its build installed: what verdicts are then given on."""
    for change in option.changes:
        profile = _after(profile, change, option, kind)
    name = option.build.distribution
    kept = tuple(each for each in profile.software if distribution_of(each.name) != name)
    entry = Software(name, option.build.version, option.build.flavour, option.build.toolkit, option.build.code)
    return replace(profile, software=(*kept, entry))


def _after(profile: Profile, change: Change, option: Option, kind: str) -> Profile:
    system = option.system
    match change.kind:
        case "python":
            if change.to == system.arch:
                return replace(profile, arch=system.arch, translated=False)
            return replace(profile, python_version=change.to)
        case "system" if system.os == "macos":
            return replace(profile, os_version=change.to)
        case "system":
            return replace(profile, libc=system.libc, libc_version=system.libc_min or profile.libc_version)
        case "other_system":
            moved = replace(profile, os=_system_of(system), libc=system.libc, libc_version=system.libc_min)
            return replace(moved, software=())
        case "driver":
            new = tuple(_with_driver(d, change, option.build) if d.kind == kind else d for d in profile.devices)
            return replace(profile, devices=new)
        case "hardware":
            return _other_hardware(profile, change, option, kind)
        case _:
            return profile


def _system_of(system: System) -> Literal["linux", "windows", "wsl2", "macos", "other"]:
    match system.os:
        case "linux" | "windows" | "wsl2" | "macos":
            return system.os
        case _:
            return "other"


def _with_driver(device: Device, change: Change, build: Build) -> Device:
    if version_key(change.to):
        old = device.driver_version
        newest = max(old or change.to, change.to, key=version_key)
        return replace(device, driver="yes", usable="yes", driver_version=newest, toolkit_version=None)
    made_for = build.toolkit if change.since else None
    return replace(device, driver="yes", usable="yes", toolkit_version=made_for)


def _other_hardware(profile: Profile, change: Change, option: Option, kind: str) -> Profile:
    if change.to == option.system.arch:
        return replace(profile, arch=change.to)
    if change.to == " ".join(sorted(set(option.build.features) - set(profile.cpu_features))):
        return replace(profile, cpu_features=(*profile.cpu_features, *option.build.features))
    by_name = bool(option.build.architectures)
    new = tuple(_of_generation(d, change.to, by_name) if d.kind == kind else d for d in profile.devices)
    return replace(profile, devices=new)


def _of_generation(device: Device, generation: str, by_name: bool) -> Device:
    if by_name:
        return replace(device, architecture=generation, toolkit_version=None)
    # Another device comes with a driver that knows it.
    drivers = [each for each in (device.driver_version, driver_floor(generation)) if each]
    newest = max(drivers, key=version_key) if device.driver_version else None
    return replace(device, compute_capability=generation, driver_version=newest, toolkit_version=None)
