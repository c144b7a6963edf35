"""The limits that control groups put on this process: memory, processor quota, processor set.

A limit anywhere above a process binds it, so every level from the process's own group to the top of what is
mounted is read and the tightest wins. Both versions are read, also side by side. Only files are read; group
names, which can carry the ids of containers and users, are never handed out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from probes.look import files

# Version 1 writes "no limit" as the largest multiple of the page size; no machine comes near this.
UNLIMITED_BYTES = 2**62

_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Level:
    """One group on the way up: its version and its directory as an absolute path of the machine."""

    version: int
    path: str


@dataclass(frozen=True)
class MemoryLimit:
    """A memory limit of one group in bytes, how much of it is free, and the file that set it."""

    limit_bytes: int
    free_bytes: int | None
    file: str


@dataclass(frozen=True)
class _Mount:
    version: int
    controllers: frozenset[str]
    top: str
    place: str


def memory_limits(root: Path) -> tuple[MemoryLimit, ...]:
    """Every memory limit above this process, unlimited ones left out, in no order."""
    return tuple(limit for level in levels(root, "memory") for limit in _memory_limits(root, level))


def quota_cores(root: Path) -> float | None:
    """The tightest processor quota as a number of cores (may be a fraction); None when there is none."""
    quotas = [quota for level in levels(root, "cpu") if (quota := _quota_cores(root, level)) is not None]
    return min(quotas, default=None)


def cpuset_cores(root: Path) -> int | None:
    """How many processors the smallest set above this process has; None when no set is stated."""
    wanted = {2: ("cpuset.cpus.effective",), 1: ("cpuset.effective_cpus", "cpuset.cpus")}
    sizes = [
        size
        for level in levels(root, "cpuset")
        for name in wanted[level.version]
        if (size := set_size(files.read(root, f"{level.path}/{name}")))
    ]
    return min(sizes, default=None)


def levels(root: Path, controller: str) -> tuple[Level, ...]:
    """The groups that bind this process for a controller, nearest first, up to what is mounted."""
    mounts = [m for m in _mounts(root) if m.version == 2 or controller in m.controllers]
    found: list[Level] = []
    for version, path in _memberships(root, controller):
        mount = _best_mount([m for m in mounts if m.version == version], path)
        if mount is not None:
            found += [Level(version, place) for place in _upwards(mount, path)]
    return tuple(found)


def set_size(text: str | None) -> int:
    """How many processors a list such as `0-3,8` names; 0 when it names none or is malformed."""
    total = 0
    for part in (text or "").split(","):
        match = re.fullmatch(r"\s*([0-9]{1,6})(?:-([0-9]{1,6}))?\s*", part)
        if match is None:
            return 0
        first, last = int(match[1]), int(match[2] or match[1])
        total += max(0, last - first + 1)
    return total


def _memory_limits(root: Path, level: Level) -> Iterator[MemoryLimit]:
    wanted = ("memory.max", "memory.high") if level.version == 2 else ("memory.limit_in_bytes",)
    for name in wanted:
        limit = files.number(root, f"{level.path}/{name}")  # version 2 writes "max", which is no number
        if limit is not None and 0 < limit < UNLIMITED_BYTES:
            used = _used_bytes(root, level)
            yield MemoryLimit(limit, None if used is None else max(0, limit - used), name)


def _used_bytes(root: Path, level: Level) -> int | None:
    """What a group uses, without file pages that the kernel can drop at once."""
    name = "memory.current" if level.version == 2 else "memory.usage_in_bytes"
    used = files.number(root, f"{level.path}/{name}")
    if used is None:
        return None
    key = "inactive_file" if level.version == 2 else "total_inactive_file"
    for line in (files.read(root, f"{level.path}/memory.stat") or "").splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == key and words[1].isdecimal():
            return max(0, used - int(words[1]))
    return used


def _quota_cores(root: Path, level: Level) -> float | None:
    if level.version == 2:
        quota_text, _, period_text = (files.read(root, f"{level.path}/cpu.max") or "").partition(" ")
    else:
        quota_text = files.read(root, f"{level.path}/cpu.cfs_quota_us") or ""
        period_text = files.read(root, f"{level.path}/cpu.cfs_period_us") or ""
    pattern = r"[1-9][0-9]{0,15}"  # "max" and -1 are no quota
    if not re.fullmatch(pattern, quota_text) or not re.fullmatch(pattern, period_text):
        return None
    return int(quota_text) / int(period_text)


def _memberships(root: Path, controller: str) -> Iterator[tuple[int, str]]:
    """The groups this process is in: (version, path) for the controller."""
    for line in (files.read(root, "/proc/self/cgroup") or "").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            yield 2, path
        elif controller in controllers.split(","):
            yield 1, path


def _mounts(root: Path) -> tuple[_Mount, ...]:
    found = []
    for line in (files.read(root, "/proc/self/mountinfo") or "").splitlines():
        before, _, after = line.partition(" - ")
        left, right = before.split(), after.split()
        if len(left) < 5 or len(right) < 3 or right[0] not in ("cgroup", "cgroup2"):
            continue
        version = 2 if right[0] == "cgroup2" else 1
        found.append(_Mount(version, frozenset(right[2].split(",")), _unescaped(left[3]), _unescaped(left[4])))
    return tuple(found)


def _unescaped(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)


def _best_mount(mounts: list[_Mount], path: str) -> _Mount | None:
    """The mount that shows the most levels above the path; one that does not show it is the last resort."""
    showing = [m for m in mounts if _is_below(path, m.top)]
    return min(showing or mounts, key=lambda m: len(m.top), default=None)


def _is_below(path: str, top: str) -> bool:
    below = PurePosixPath(path)
    return PurePosixPath(top) in (below, *below.parents)  # Python 3.8 has no `is_relative_to`


def _upwards(mount: _Mount, path: str) -> Iterator[str]:
    """The directories from the group up to the mount. A container's mount may begin at its own group."""
    inside = PurePosixPath()
    if _is_below(path, mount.top) and ".." not in PurePosixPath(path).parts:
        inside = PurePosixPath(path).relative_to(mount.top)
    place = PurePosixPath(mount.place)
    for part in (inside, *inside.parents) if inside.parts else (inside,):
        yield str(place / part)
