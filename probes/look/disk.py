"""Room for an installation: where packages go, where downloads are cached, and where temporary files are made.

Only sizes leave this module; the places themselves hold names of users.
"""

from __future__ import annotations

from pathlib import Path

from probes.look import files
from probes.look.watch import Watch
from rules.hardware import GIB, Disk

MAX_PARENTS = 40


def look(watch: Watch) -> tuple[Disk, ...]:
    """One entry for each place that is known, in the order of their names."""
    return tuple(_disk(watch, name, path) for name, path in sorted(watch.machine.places.items()))


def _disk(watch: Watch, name: str, path: str) -> Disk:
    machine = watch.machine
    place = _existing(files.under(machine.root, path))
    usage = machine.usage(place) if place else None
    total, free = usage if usage else (None, None)
    writable = machine.accessible(place) if place else None
    if free is None:
        watch.note("present", "unknown", f"unreadable: the file system for {name} files does not tell", "statvfs")
    elif not writable:
        watch.note("usable", "no", f"read_only: this user may not write where {name} files go", "access")
    else:
        watch.note("usable", "yes", f"read: {free / GIB:.1f} GiB are free for {name} files", "statvfs")
    return Disk(name, total, free, writable)


def _existing(place: Path) -> Path | None:
    """The nearest directory above that exists: what is not there yet would be made in it."""
    for candidate in (place, *place.parents)[:MAX_PARENTS]:
        if files.is_there(candidate):
            return candidate
    return None
