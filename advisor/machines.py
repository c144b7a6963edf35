"""The catalogue of known machines, for "what if": the list of those that fit, and one of them in full."""

from functools import cache
from itertools import groupby
from typing import Any

from probes import catalogue
from probes.catalogue import CLASSES, Machine, NoMachine
from rules import canonical, hardware
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import RUNNING_KINDS, TRAINING_KINDS, Profile

PREFIX = "catalogue:"
__all__ = ["CLASSES", "KINDS", "LONGEST_NAME", "PREFIX", "called", "listing", "one", "profile", "state"]

LONGEST_NAME = catalogue.LONGEST_NAME
KINDS = tuple(dict.fromkeys((*TRAINING_KINDS, *RUNNING_KINDS)))


def listing(words: str = "", kind: str | None = None, of_class: str | None = None) -> list[dict[str, Any]]:
    """The machines that all the words fit, the best fit first, in short.

    Args:
        words: looked for at the beginnings of the words of names, aliases, titles, processors and devices.
        kind: only those with a device of this kind.
        of_class: only those of this class.

    Raises:
        InvalidInput: no such kind or class.
    """
    faults = [
        Fault(name, shown(given), f"one of {', '.join(known)}", nearest(given, known))
        for name, given, known in (("kind", kind, KINDS), ("class", of_class, CLASSES))
        if given is not None and given not in known
    ]
    if faults:
        raise InvalidInput(faults)
    found = catalogue.search(words, [kind] if kind else [], [of_class] if of_class else [])
    return [_brief(machine) for machine in found]


def one(name: str) -> dict[str, Any]:
    """A machine in full: its sources, the questions that it answers and its profile.

    Raises:
        InvalidInput: there is none of this name or alias; the fault names the nearest.
    """
    machine = _get(name, "machine")
    sources = [{"publisher": s.publisher, "title": s.title, "url": s.url, "date": s.date} for s in machine.sources]
    return {
        **_brief(machine),
        "note": machine.note,
        "accessed": machine.accessed,
        "sources": sources,
        "fills": hardware.answers_from(machine.profile),
        "profile": machine.document(),
    }


def profile(source: str) -> Profile:
    """The profile behind `catalogue:NAME`.

    Raises:
        InvalidInput: there is no such machine; the fault names the nearest.
    """
    return _get(source.removeprefix(PREFIX), "hardware", PREFIX).profile


def called(seen: Profile) -> str | None:
    """The `catalogue:NAME` of a profile, None where the catalogue does not hold it as it is."""
    return next((PREFIX + machine.name for machine in catalogue.machines() if machine.profile == seen), None)


def state() -> str:
    """A digest of everything that the catalogue holds, which changes when it does."""
    return _digest()


def _get(name: str, path: str, prefix: str = "") -> Machine:
    try:
        return catalogue.get(name)
    except NoMachine as missing:
        near = prefix + missing.nearest if missing.nearest else None
        expected = "the name of a machine in the catalogue (`steelyard catalogue`)"
        raise InvalidInput([Fault(path, shown(prefix + name), expected, near)]) from None


def _brief(machine: Machine) -> dict[str, Any]:
    seen = machine.profile
    return {
        "name": machine.name,
        "hardware": PREFIX + machine.name,
        "title": machine.title,
        "class": machine.kind,
        "aliases": list(machine.aliases),
        "targets": list(seen.targets),
        "memory_bytes": seen.memory_total_bytes,
        "devices": _devices(machine),
        "date": machine.date,
    }


def _devices(machine: Machine) -> list[dict[str, Any]]:
    """The devices, equal ones counted."""
    pairs = zip(machine.profile.devices, machine.memory_as, strict=True)
    return [
        {
            "kind": device.kind,
            "name": device.name,
            "count": len(list(same)),
            "memory_bytes": device.memory_bytes,
            "memory_as": memory_as,
            "compute_capability": device.compute_capability,
            "architecture": device.architecture,
        }
        for (device, memory_as), same in groupby(pairs)
    ]


@cache
def _digest() -> str:
    return canonical.digest([one(machine.name) for machine in catalogue.machines()])
