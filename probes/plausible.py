"""What no machine can say of itself: the faults of a profile that contradicts itself or the calendar.

Only what is impossible is a fault. A strange machine, a clock that was never set, a limit above the memory that is
there and a quota of half a core are all real, and none of them is refused. It knows no other machine than this one.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from rules.faults import Fault
from rules.hardware import Device, Profile, Rung

# A machine's clock may be wrong, and in another zone; no profile is from further ahead.
CLOCK_TOLERANCE = timedelta(days=1)
# Thirty times the memory of the largest machine with one memory on sale in 2026, and of the largest accelerator.
MAX_HOST_BYTES = 2**50
MAX_DEVICE_BYTES = 2**44

_RUNGS: tuple[Rung, ...] = ("present", "driver", "usable")


def implausible(profile: Profile, now: datetime | None, malformed: Sequence[Fault] = ()) -> list[Fault]:
    """Every impossible statement of a profile.

    Args:
        profile: what could be read of it.
        now: when it is received, with its zone; None: not known.
        malformed: what could not be read. Lists with such faults are not held against one another.
    """
    unread = {re.split(r"[.\[]", fault.path, maxsplit=1)[0] for fault in malformed}
    return [
        *(_time(profile, now) if now else ()),
        *_sizes(profile, unread),
        *_cores(profile),
        *_counts(profile, unread),
        *_devices(profile, unread),
    ]


def _time(profile: Profile, now: datetime) -> Iterator[Fault]:
    if profile.captured_at:
        said = datetime.fromisoformat(profile.captured_at)
        said = said if said.tzinfo else said.replace(tzinfo=UTC)
        if said > now + CLOCK_TOLERANCE:
            expected = f"no later than a day after {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            yield Fault("captured_at", repr(profile.captured_at), expected)


def _sizes(profile: Profile, unread: Collection[str]) -> Iterator[Fault]:
    total, available = profile.memory_total_bytes, profile.memory_available_bytes
    if total is not None and not 0 < total <= MAX_HOST_BYTES:
        yield Fault("memory.total_bytes", str(total), f"above 0, up to {MAX_HOST_BYTES}")
    yield from _at_most("memory.available_bytes", available, total, "memory.total_bytes")
    for index, device in enumerate(profile.devices):
        if device.memory_bytes is not None and not 0 < device.memory_bytes <= MAX_DEVICE_BYTES:
            expected = f"above 0, up to {MAX_DEVICE_BYTES}"
            yield Fault(f"devices[{index}].memory_bytes", str(device.memory_bytes), expected)
    for index, disk in enumerate(profile.disks):
        yield from _at_most(f"disks[{index}].free_bytes", disk.free_bytes, disk.total_bytes, "total_bytes")
    if "disks" not in unread:
        yield from _twice("disks", "place", [disk.place for disk in profile.disks])


def _cores(profile: Profile) -> Iterator[Fault]:
    # Physical ones may well be more than the logical ones: containers hide processors from one count and not the other.
    logical = profile.logical_cores
    yield from _at_most("cpu.usable_cores", profile.usable_cores, logical, "cpu.logical_cores")


def _counts(profile: Profile, unread: Collection[str]) -> Iterator[Fault]:
    """Counts that do not add up; partitions are counted one by one, so that they may be more than the devices."""
    split = {device.kind for device in profile.devices if device.partition is not None}
    for index, count in enumerate(() if {"counts", "devices"} & set(unread) else profile.counts):
        if count.kind in split:
            continue
        yield from _at_most(f"counts[{index}].visible", count.visible, count.physical, "physical")
        yield from _at_most(f"counts[{index}].permitted", count.permitted, count.physical, "physical")
    if "counts" not in unread:
        yield from _twice("counts", "kind", [count.kind for count in profile.counts])


def _devices(profile: Profile, unread: Collection[str]) -> Iterator[Fault]:
    if "devices" in unread:
        return
    for index, device in enumerate(() if "findings" in unread else profile.devices):
        yield from _against_findings(profile, index, device)
    whole = [device for device in profile.devices if device.partition is None and device.address is not None]
    yield from _twice("devices", "address", [f"{device.kind} at {device.address}" for device in whole])


def _against_findings(profile: Profile, index: int, device: Device) -> Iterator[Fault]:
    """A rung that the device has reached while all that its own probe found there is that none has."""
    for rung in _RUNGS:
        found = {each.state for each in profile.findings if each.probe == device.kind and each.rung == rung}
        if getattr(device, rung) == "yes" and found == {"no"}:
            expected = f"what the findings of {device.kind} say of it, which is 'no'"
            yield Fault(f"devices[{index}].{rung}", "'yes'", expected)


def _at_most(path: str, value: float | None, most: float | None, named: str) -> Iterator[Fault]:
    if value is not None and most is not None and value > most:
        yield Fault(path, f"{value:g}" if isinstance(value, float) else str(value), f"at most {named}, which is {most}")


def _twice(path: str, name: str, values: Sequence[str]) -> Iterator[Fault]:
    for value, times in Counter(values).items():
        if times > 1:
            yield Fault(path, f"{times} entries with the same {name}, {value}", f"one entry for each {name}")
