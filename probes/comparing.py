"""What changed from one profile to another: the answer to "what changed since it worked?".

What most likely matters comes first: a rung that fell, a device that is gone, a driver, a limit. Times, and memory that
happens to be free, are no change. It knows the shape of a profile and not what any framework needs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from probes.change import GROUPS, ORDER, Change, entries, fallen, limit, older, size, told, value
from rules.hardware import Device, Profile, Software, State, version_key

# The kernel keeps a little for itself, and not the same with every version; less than this share is no change.
MEMORY_NOISE = 0.02
SHOWN_NAMES = 20

_RUNGS = ("present", "driver", "usable")


def changes(before: Profile, after: Profile) -> tuple[Change, ...]:
    """Every difference, what most likely matters first: losses before gains, then by group, then by name."""
    same_host = not (before.host_hash and after.host_hash and before.host_hash != after.host_hash)
    found = [
        *value("host", "machine", before.host_hash, after.host_hash if not same_host else before.host_hash),
        *_device_changes(before, after, same_host),
        *_findings(before, after),
        *_memory(before, after),
        *_values(before, after),
        *entries("overrides", dict(before.overrides), dict(after.overrides), more_is_better=False),
        *entries("software", _builds(before.software), _builds(after.software), more_is_better=True),
        *entries("software", _conflicts(before), _conflicts(after), more_is_better=False),
        *entries("disks", _writable(before), _writable(after), more_is_better=True),
    ]
    return tuple(sorted(found, key=_weight))


def _weight(change: Change) -> tuple[Any, ...]:
    # Falls and losses of the first groups are what breaks things; gains and rises seldom do.
    return (
        change.worse is not True and change.group in ("devices", "rungs"),
        GROUPS.index(change.group),
        change.worse is not True,
        change.about,
        change.text,
    )


# --- Devices ---------------------------------------------------------------------------------------------------------


def _device_changes(before: Profile, after: Profile, same_host: bool) -> Iterator[Change]:
    pairs, lost, gained = match(before.devices, after.devices, same_host)
    for device in lost:
        yield told("devices", named(device), _sketch(device), None, True)
    for device in gained:
        yield told("devices", named(device), None, _sketch(device), False)
    for old, new in pairs:
        yield from _device(old, new)
    yield from _versions(before, after)


def match(
    before: Sequence[Device], after: Sequence[Device], same_host: bool = True
) -> tuple[list[tuple[Device, Device]], list[Device], list[Device]]:
    """(the same devices in both, those that are lost, those that are gained).

    A device is known again by its serial number (hashes mean something on one machine only), else by its place on the
    bus, else by its name, else where only the name is not known any more.
    """
    keys: list[Callable[[Device], object]] = [
        lambda d: (d.kind, d.serial_hash) if d.serial_hash and same_host else None,
        lambda d: (d.kind, d.address, d.partition, d.name) if d.address else None,
        lambda d: (d.kind, d.address, d.partition) if d.address and not d.serial_hash else None,
        lambda d: (d.kind, d.name, d.memory_bytes, d.partition),
        lambda d: (d.kind, d.name, d.partition),
    ]
    pairs: list[tuple[Device, Device]] = []
    left, right = list(before), list(after)
    for key in keys:
        _pair(key, pairs, left, right)
    for old in list(left):  # a driver that is gone takes the name along
        new = next((d for d in right if d.kind == old.kind and None in (d.name, old.name)), None)
        if new is not None:
            pairs.append((old, new))
            left.remove(old)
            right.remove(new)
    return pairs, left, right


def _pair(
    key: Callable[[Device], object], pairs: list[tuple[Device, Device]], left: list[Device], right: list[Device]
) -> None:
    for old in list(left):
        known = key(old)
        new = next((d for d in right if known is not None and key(d) == known), None)
        if new is not None:
            pairs.append((old, new))
            left.remove(old)
            right.remove(new)


def named(device: Device) -> str:
    """What to call a device."""
    where = f" at {device.address}" if device.address else ""
    return f"{device.name or 'unnamed device'} ({device.kind}){where}"


def _sketch(device: Device) -> str:
    return f"present {device.present}, driver {device.driver}, usable {device.usable}"


def _device(old: Device, new: Device) -> Iterator[Change]:
    about = named(old if old.name else new)
    for rung in _RUNGS:
        was, now = getattr(old, rung), getattr(new, rung)
        if was != now:
            yield fallen("devices", f"{rung} of {about}", was, now)
    for name in ("name", "compute_capability", "architecture", "partition", "unified_memory"):
        yield from value("devices", f"{name.replace('_', ' ')} of {about}", getattr(old, name), getattr(new, name))
    yield from size("devices", f"memory of {about}", old.memory_bytes, new.memory_bytes)


def _versions(before: Profile, after: Profile) -> Iterator[Change]:
    """Drivers and toolkits by kind of device: one line for eight equal cards."""
    kinds = sorted({d.kind for d in before.devices} & {d.kind for d in after.devices})
    for kind in kinds:
        for group, name in (("driver", "driver_version"), ("toolkit", "toolkit_version")):
            old, new = _said(before, kind, name), _said(after, kind, name)
            yield from value(group, f"{group} of {kind}", old, new, older)


def _said(profile: Profile, kind: str, name: str) -> str | None:
    versions = {getattr(d, name) for d in profile.devices if d.kind == kind and getattr(d, name)}
    return ", ".join(sorted(versions, key=lambda v: (version_key(v), v))) or None


# --- Everything else -------------------------------------------------------------------------------------------------


def _findings(before: Profile, after: Profile) -> Iterator[Change]:
    """Rungs that a whole probe reached and does no longer, with the reason it gives now."""
    old, new = _rungs(before), _rungs(after)
    for key in sorted(old.keys() & new.keys()):
        (was, _), (now, why) = old[key], new[key]
        if was != now:
            yield fallen("rungs", f"{key[1]} of {key[0]}", was, now, why)


def _rungs(profile: Profile) -> dict[tuple[str, str], tuple[State, str]]:
    """(probe, rung) -> the highest state that was found, and why."""
    found: dict[tuple[str, str], tuple[State, str]] = {}
    for each in profile.findings:
        key = (each.probe, each.rung)
        if key not in found or ORDER[each.state] > ORDER[found[key][0]]:
            found[key] = (each.state, each.reason)
    return found


def _memory(before: Profile, after: Profile) -> Iterator[Change]:
    yield from limit("memory", "memory limit", before.memory_limit_bytes, after.memory_limit_bytes)
    old, new = before.memory_total_bytes, after.memory_total_bytes
    if old is None or new is None or abs(old - new) > MEMORY_NOISE * max(old, new):
        yield from size("memory", "memory", old, new)


def _values(before: Profile, after: Profile) -> Iterator[Change]:
    for group, about, name in (
        ("system", "system", "os"),
        ("system", "system's name", "os_name"),
        ("system", "architecture", "arch"),
        ("system", "C library", "libc"),
        ("system", "container", "in_container"),
        ("system", "hypervisor", "hypervisor"),
        ("system", "emulation", "translated"),
        ("python", "implementation of Python", "python_implementation"),
        ("python", "free threading of Python", "free_threaded"),
        ("processor", "maker of the processor", "cpu_vendor"),
        ("processor", "processor", "cpu_model"),
    ):
        yield from value(group, about, getattr(before, name), getattr(after, name))
    for group, about, name in (
        ("system", "version of the system", "os_version"),
        ("system", "kernel", "kernel"),
        ("system", "version of the C library", "libc_version"),
        ("python", "Python", "python_version"),
    ):
        yield from value(group, about, getattr(before, name), getattr(after, name), older)
    for about, name in (("usable cores", "usable_cores"), ("cores", "physical_cores"), ("threads", "logical_cores")):
        yield from value("processor", about, getattr(before, name), getattr(after, name), lambda old, new: new < old)
    yield from _features(set(before.cpu_features), set(after.cpu_features))
    for kind in sorted({c.kind for p in (before, after) for c in p.counts}):
        yield from _count(before, after, kind)


def _features(before: set[str], after: set[str]) -> Iterator[Change]:
    """Features that are gone, and new ones: a line for each lot, since another processor changes dozens."""
    about = "features of the processor"
    if gone := sorted(before - after):
        yield told("processor", about, _listed(gone), None, True)
    if new := sorted(after - before):
        yield told("processor", about, None, _listed(new), False)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more


def _count(before: Profile, after: Profile, kind: str) -> Iterator[Change]:
    old, new = (next((c for c in p.counts if c.kind == kind), None) for p in (before, after))
    for name in ("physical", "visible", "permitted"):
        was, now = getattr(old, name, None), getattr(new, name, None)
        if was is not None and now is not None:
            yield from value("devices", f"number of {kind} that are {name}", was, now, lambda x, y: y < x)


def _builds(software: Iterable[Software]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in software:
        told = " ".join(part for part in (each.version, each.build, _toolkit(each)) if part)
        found[each.name] = f"{found[each.name]}, {told}" if each.name in found else told
    return found


def _toolkit(software: Software) -> str | None:
    return f"for toolkit {software.toolkit_version}" if software.toolkit_version else None


def _conflicts(profile: Profile) -> dict[str, str]:
    return {f"conflict: {text}": "yes" for text in profile.conflicts}


def _writable(profile: Profile) -> dict[str, str]:
    return {
        f"place to {disk.place}": "writable" if disk.writable else "not writable"
        for disk in profile.disks
        if disk.writable is not None
    }
