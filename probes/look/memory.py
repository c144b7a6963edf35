"""How much memory this process may really use, in bytes.

The tightest of the machine's memory and every control group above the process. It knows nothing of devices'
own memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes.look import cgroup, files
from probes.look.watch import Watch

_MEMINFO = "/proc/meminfo"


@dataclass(frozen=True)
class Memory:
    """Memory in bytes; `limit_bytes` is None when nothing limits the process below the machine's memory."""

    total_bytes: int | None = None
    limit_bytes: int | None = None
    available_bytes: int | None = None


def look(watch: Watch) -> Memory:
    """Total, tightest limit and what is available under both."""
    if watch.machine.system != "Linux":
        numbers = watch.machine.numbers()
        watch.note("present", "yes", "read: as the system reports it", "system calls")
        return Memory(numbers.memory_total_bytes, None, numbers.memory_available_bytes)
    root = watch.machine.root
    text = files.read(root, _MEMINFO)
    total, available = _meminfo(text, "MemTotal"), _meminfo(text, "MemAvailable")
    if total is None:
        watch.note("present", "unknown", "unreadable: the total is not stated", _MEMINFO)
    else:
        watch.note("present", "yes", "read: total and available memory", _MEMINFO)
    limits = cgroup.memory_limits(root)
    _note_limit(watch, limits, total)
    limit = min((x.limit_bytes for x in limits), default=None)
    if limit is not None and total is not None:
        limit = min(limit, total)
    free = [x for x in (available, limit, *(x.free_bytes for x in limits)) if x is not None]
    return Memory(total, limit, min(free, default=None))


def _note_limit(watch: Watch, limits: tuple[cgroup.MemoryLimit, ...], total: int | None) -> None:
    if not limits:
        watch.note("usable", "yes", "no_limit: no control group limits the memory", "cgroup")
        return
    tightest = min(limits, key=lambda x: x.limit_bytes)
    if total is not None and tightest.limit_bytes >= total:
        watch.note("usable", "yes", "no_limit: the control groups allow more than there is", "cgroup")
        return
    watch.note("usable", "yes", f"limited: tightest of {len(limits)} limits above the process", tightest.file)


def _meminfo(text: str | None, name: str) -> int | None:
    match = re.search(rf"^{name}:\s+([0-9]{{1,15}}) kB$", text or "", re.MULTILINE)
    return int(match[1]) * 1024 if match else None
