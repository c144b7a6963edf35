"""What changed from one profile to another: the answer to "what changed since it worked?".

What most likely matters comes first: a rung that fell, a device that is gone, a driver, a limit. Times, and memory that
happens to be free, are no change. It knows the shape of a profile and not what any framework needs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rules.hardware import GIB, Device, Profile, Software, State, version_key

# In the order of how likely a change breaks what worked.
GROUPS = (
    "host",
    "devices",
    "rungs",
    "driver",
    "overrides",
    "memory",
    "toolkit",
    "software",
    "python",
    "system",
    "processor",
    "disks",
)
# The kernel keeps a little for itself, and not the same with every version; less than this share is no change.
MEMORY_NOISE = 0.02
SHOWN_NAMES = 20

_ORDER: dict[State, int] = {"no": 0, "unknown": 1, "yes": 2}
_RUNGS = ("present", "driver", "usable")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        group: one of `GROUPS`.
        about: what changed, such as `NVIDIA L4 (nvidia_gpu)` or `memory limit`.
        kind: `lost`, `gained` or `changed`.
        before, after: as text; None where there was, or is, nothing, or where it was, or is, not known.
        worse: whether there is now less than before (of what can be more or less), None where neither is known.
        text: the whole in a sentence.
    """

    group: str
    about: str
    kind: str
    before: str | None
    after: str | None
    worse: bool | None
    text: str


def changes(before: Profile, after: Profile) -> tuple[Change, ...]:
    """Every difference, what most likely matters first: losses before gains, then by group, then by name."""
    same_host = not (before.host_hash and after.host_hash and before.host_hash != after.host_hash)
    found = [
        *_value("host", "machine", before.host_hash, after.host_hash if not same_host else before.host_hash),
        *_device_changes(before, after, same_host),
        *_findings(before, after),
        *_memory(before, after),
        *_values(before, after),
        *_named("overrides", dict(before.overrides), dict(after.overrides), more_is_better=False),
        *_named("software", _builds(before.software), _builds(after.software), more_is_better=True),
        *_named("software", _conflicts(before), _conflicts(after), more_is_better=False),
        *_named("disks", _writable(before), _writable(after), more_is_better=True),
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
        yield _told("devices", named(device), _sketch(device), None, True)
    for device in gained:
        yield _told("devices", named(device), None, _sketch(device), False)
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
            yield _fallen("devices", f"{rung} of {about}", was, now)
    for name in ("name", "compute_capability", "architecture", "partition", "unified_memory"):
        yield from _value("devices", f"{name.replace('_', ' ')} of {about}", getattr(old, name), getattr(new, name))
    yield from _size("devices", f"memory of {about}", old.memory_bytes, new.memory_bytes)


def _versions(before: Profile, after: Profile) -> Iterator[Change]:
    """Drivers and toolkits by kind of device: one line for eight equal cards."""
    kinds = sorted({d.kind for d in before.devices} & {d.kind for d in after.devices})
    for kind in kinds:
        for group, name in (("driver", "driver_version"), ("toolkit", "toolkit_version")):
            old, new = _said(before, kind, name), _said(after, kind, name)
            yield from _value(group, f"{group} of {kind}", old, new, _older)


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
            yield _fallen("rungs", f"{key[1]} of {key[0]}", was, now, why)


def _rungs(profile: Profile) -> dict[tuple[str, str], tuple[State, str]]:
    """(probe, rung) -> the highest state that was found, and why."""
    found: dict[tuple[str, str], tuple[State, str]] = {}
    for each in profile.findings:
        key = (each.probe, each.rung)
        if key not in found or _ORDER[each.state] > _ORDER[found[key][0]]:
            found[key] = (each.state, each.reason)
    return found


def _fallen(group: str, about: str, was: State, now: State, why: str | None = None) -> Change:
    worse = _ORDER[now] < _ORDER[was]
    reason = f": {why}" if why else ""
    text = f"{about} {'fell' if worse else 'rose'} from {was} to {now}{reason}"
    return Change(group, about, "changed", was, now, worse, text)


def _memory(before: Profile, after: Profile) -> Iterator[Change]:
    yield from _limit("memory", "memory limit", before.memory_limit_bytes, after.memory_limit_bytes)
    old, new = before.memory_total_bytes, after.memory_total_bytes
    if old is None or new is None or abs(old - new) > MEMORY_NOISE * max(old, new):
        yield from _size("memory", "memory", old, new)


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
        yield from _value(group, about, getattr(before, name), getattr(after, name))
    for group, about, name in (
        ("system", "version of the system", "os_version"),
        ("system", "kernel", "kernel"),
        ("system", "version of the C library", "libc_version"),
        ("python", "Python", "python_version"),
    ):
        yield from _value(group, about, getattr(before, name), getattr(after, name), _older)
    for about, name in (("usable cores", "usable_cores"), ("cores", "physical_cores"), ("threads", "logical_cores")):
        yield from _value("processor", about, getattr(before, name), getattr(after, name), lambda old, new: new < old)
    yield from _features(set(before.cpu_features), set(after.cpu_features))
    for kind in sorted({c.kind for p in (before, after) for c in p.counts}):
        yield from _count(before, after, kind)


def _features(before: set[str], after: set[str]) -> Iterator[Change]:
    """Features that are gone, and new ones: a line for each lot, since another processor changes dozens."""
    about = "features of the processor"
    if gone := sorted(before - after):
        yield _told("processor", about, _listed(gone), None, True)
    if new := sorted(after - before):
        yield _told("processor", about, None, _listed(new), False)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more


def _count(before: Profile, after: Profile, kind: str) -> Iterator[Change]:
    old, new = (next((c for c in p.counts if c.kind == kind), None) for p in (before, after))
    for name in ("physical", "visible", "permitted"):
        was, now = getattr(old, name, None), getattr(new, name, None)
        if was is not None and now is not None:
            yield from _value("devices", f"number of {kind} that are {name}", was, now, lambda x, y: y < x)


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


# --- How a difference is told ----------------------------------------------------------------------------------------


def _named(
    group: str, before: dict[str, str], after: dict[str, str], *, more_is_better: bool | None = None
) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        worse = (
            None if more_is_better is None or (old is not None and new is not None) else (new is None) == more_is_better
        )
        yield _told(group, name, old, new, worse)


def _value(
    group: str, about: str, old: object, new: object, worse: Callable[[Any, Any], bool | None] | None = None
) -> Iterator[Change]:
    """A value that differs; None is one that is not known."""
    if old != new:
        told = worse(old, new) if worse and old is not None and new is not None else None
        yield _changed(group, about, _shown(old), _shown(new), told)


def _size(group: str, about: str, old: int | None, new: int | None) -> Iterator[Change]:
    """A size in bytes that differs; None is one that is not known."""
    if old != new:
        worse = None if old is None or new is None else new < old
        yield _changed(group, about, _gib(old), _gib(new), worse)


def _limit(group: str, about: str, old: int | None, new: int | None) -> Iterator[Change]:
    """A limit in bytes that differs; None is no limit."""
    if old != new:
        worse = new is not None and (old is None or new < old)
        yield _changed(group, about, _gib(old), _gib(new), worse, "none")


def _changed(
    group: str, about: str, old: str | None, new: str | None, worse: bool | None, nothing: str = "not known"
) -> Change:
    return Change(group, about, "changed", old, new, worse, f"{about}: {old or nothing} -> {new or nothing}")


def _told(group: str, about: str, old: str | None, new: str | None, worse: bool | None) -> Change:
    if old is None:
        return Change(group, about, "gained", None, new, worse, f"{about}: new, {new}")
    if new is None:
        return Change(group, about, "lost", old, None, worse, f"{about}: gone, was {old}")
    return _changed(group, about, old, new, worse)


def _shown(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _gib(count: int | None) -> str | None:
    return None if count is None else f"{count / GIB:.4g} GiB"


def _older(old: str, new: str) -> bool | None:
    before, after = version_key(old), version_key(new)
    return None if before == after else after < before
