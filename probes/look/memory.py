"""How much memory this process may really use, in bytes.

The tightest of the machine's memory and every control group above the process. It knows nothing of devices'
own memory, except that it is not the host's: on coherent systems (GH200, GB200) the kernel counts it in, as nodes
without processors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes.look import cgroup, files, mac, pci
from probes.look.watch import Watch
from rules.hardware import GIB

_MEMINFO = "/proc/meminfo"
_NODES = "/sys/devices/system/node"
_GPUS = "/proc/driver/nvidia/gpus"
_NVIDIA = 0x10DE
_COHERENT = (0x23, 0x29, 0x31)  # families of ids of GH200, GB200 and GB300 (PCI ID database)


@dataclass(frozen=True)
class Memory:
    """Memory in bytes; `limit_bytes` is None when nothing limits the process below the machine's memory."""

    total_bytes: int | None = None
    limit_bytes: int | None = None
    available_bytes: int | None = None


def look(watch: Watch) -> Memory:
    """Total, tightest limit and what is available under both."""
    if watch.machine.system != "Linux":
        return _by_calls(watch)
    root = watch.machine.root
    text = files.read(root, _MEMINFO)
    total, available = _size(text, "MemTotal"), _size(text, "MemAvailable")
    if total is None:
        watch.note("present", "unknown", "unreadable: the total is not stated", _MEMINFO)
    else:
        watch.note("present", "yes", "read: total and available memory", _MEMINFO)
        total, available = _without_devices(watch, total, available)
    limits = cgroup.memory_limits(root)
    _note_limit(watch, limits, total)
    limit = min((x.limit_bytes for x in limits), default=None)
    if limit is not None and total is not None:
        limit = min(limit, total)
    free = [x for x in (available, limit, *(x.free_bytes for x in limits)) if x is not None]
    return Memory(total, limit, min(free, default=None))


def _by_calls(watch: Watch) -> Memory:
    if watch.machine.system == "Darwin":
        total = mac.number(mac.sysctl(watch, "hw.memsize"), "hw.memsize")
        found = Memory(total, None, mac.available_bytes(watch))
    else:
        numbers = watch.machine.numbers()
        found = Memory(numbers.memory_total_bytes, None, numbers.memory_available_bytes)
    if found.total_bytes is None:
        watch.note("present", "unknown", "no_answer: the system does not say", "system calls")
    else:
        watch.note("present", "yes", "read: as the system reports it", "system calls")
    return found


def _without_devices(watch: Watch, total: int, available: int | None) -> tuple[int, int | None]:
    """Total and available memory without the nodes that are a device's own."""
    root = watch.machine.root
    own = free = 0
    nodes = _device_nodes(watch)
    for node in nodes:
        text = files.read(root, f"{_NODES}/{node}/meminfo")
        number = re.escape(node[len("node") :])
        own += _size(text, f"Node {number} MemTotal") or 0
        free += _size(text, f"Node {number} MemFree") or 0
    if not own or own >= total:
        return total, available
    reason = f"device_memory: {own / GIB:.1f} GiB that the kernel counts are memory of graphics processors"
    watch.note("present", "yes", reason, _NODES, raw=" ".join(nodes))
    return total - own, None if available is None else max(0, available - free)


def _device_nodes(watch: Watch) -> list[str]:
    """Nodes without processors that are NVIDIA devices' memory: by the driver's word or, on Grace, by the bus."""
    root = watch.machine.root
    bare = [n for n in files.names(root, _NODES) or () if re.fullmatch(r"node[0-9]+", n) and _is_bare(watch, n)]
    if not bare:
        return []
    status = (files.read(root, f"{_GPUS}/{gpu}/numa_status") or "" for gpu in files.names(root, _GPUS) or ())
    said = {f"node{match[1]}" for text in status for match in re.finditer(r"^Node:\s*([0-9]+)", text, re.MULTILINE)}
    if said:
        return [node for node in bare if node in said]
    # Memory expanders (CXL) are nodes without processors too, so elsewhere none is taken for a device's.
    if watch.machine.arch.lower() not in ("aarch64", "arm64"):
        return []
    shown = (d for d in pci.inventory(root) or () if d.vendor == _NVIDIA and d.is_display)
    return bare if any(d.device >> 8 in _COHERENT for d in shown) else []


def _is_bare(watch: Watch, node: str) -> bool:
    return files.read(watch.machine.root, f"{_NODES}/{node}/cpulist") == ""


def _note_limit(watch: Watch, limits: tuple[cgroup.MemoryLimit, ...], total: int | None) -> None:
    if not limits:
        watch.note("usable", "yes", "no_limit: no control group limits the memory", "cgroup")
        return
    tightest = min(limits, key=lambda x: x.limit_bytes)
    if total is not None and tightest.limit_bytes >= total:
        watch.note("usable", "yes", "no_limit: the control groups allow more than there is", "cgroup")
        return
    reason = f"limited: tightest of {len(limits)} limits above the process"
    watch.note("usable", "yes", reason, tightest.file, raw=str(tightest.limit_bytes))


def _size(text: str | None, name: str) -> int | None:
    match = re.search(rf"^{name}:\s+([0-9]{{1,15}}) kB$", text or "", re.MULTILINE)
    return int(match[1]) * 1024 if match else None
