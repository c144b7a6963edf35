"""Reading a machine's files under a root directory that tests can replace.

Every path is absolute as on the machine (`/proc/cpuinfo`) and is looked up under `root`. What cannot be read
is None: the caller says what that means. Sizes are capped, and nothing is ever written.
"""

from __future__ import annotations

import os
from pathlib import Path

MAX_FILE_BYTES = 4 * 2**20
MAX_NAMES = 4096


def under(root: Path, path: str) -> Path:
    """Where the machine's `path` lies under `root`."""
    return root / path.lstrip("/")


def read_bytes(root: Path, path: str) -> bytes | None:
    """The first `MAX_FILE_BYTES` bytes of a file, or None when it cannot be read."""
    return start(root, path, MAX_FILE_BYTES)


def start(root: Path, path: str, size: int) -> bytes | None:
    """The first `size` bytes of a file, or None when it cannot be read."""
    try:
        with under(root, path).open("rb") as stream:
            return stream.read(size)
    except (OSError, ValueError):
        return None


def read(root: Path, path: str) -> str | None:
    """A file's text without surrounding space, or None when it cannot be read."""
    content = read_bytes(root, path)
    return None if content is None else content.decode("utf-8", errors="replace").strip("\0 \t\r\n")


def number(root: Path, path: str) -> int | None:
    """A file that holds one whole number, decimal or `0x` hexadecimal; None when it does not."""
    text = read(root, path)
    if text is None or len(text) > 40:
        return None
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        return None


def names(root: Path, path: str) -> tuple[str, ...] | None:
    """The names in a directory, sorted and at most `MAX_NAMES`; None when it cannot be listed."""
    try:
        with os.scandir(under(root, path)) as entries:
            return tuple(sorted(entry.name for entry, _ in zip(entries, range(MAX_NAMES))))
    except OSError:
        return None


def exists(root: Path, path: str) -> bool:
    """Whether something is there, whatever it is."""
    return os.path.exists(under(root, path))  # unlike Path.exists, never raises


def is_there(place: Path) -> bool:
    """Whether something is at a place that was looked up before."""
    return os.path.exists(place)


def is_node(root: Path, path: str) -> bool:
    """Whether something other than a directory is there."""
    place = under(root, path)
    return os.path.exists(place) and not os.path.isdir(place)


def real_name(root: Path, path: str) -> str | None:
    """The name of the file that a chain of links ends at, or None when nothing is there."""
    place = under(root, path)
    return os.path.basename(os.path.realpath(place)) if os.path.exists(place) else None


def link_name(root: Path, path: str) -> str | None:
    """The last part of what a symbolic link points to, or None when it is no readable link."""
    try:
        return Path(os.readlink(under(root, path))).name or None
    except OSError:
        return None


def group(root: Path, path: str) -> str | None:
    """The name of the group that owns a file, from the machine's own list of groups; None when it cannot be told."""
    try:
        number = under(root, path).stat().st_gid
    except OSError:
        return None
    for line in (read(root, "/etc/group") or "").splitlines():
        fields = line.split(":")
        if len(fields) > 2 and fields[2] == str(number):
            return fields[0]
    return None
