"""Finding a shared library's file without loading it, as the system's loader would.

It says where a library lies, never whether it works.
"""

from __future__ import annotations

import re

from probes.look import files
from probes.look.machine import Machine

CACHE = "/etc/ld.so.cache"
_DIRECTORIES = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/lib64",
    "/lib",
    "/usr/local/lib",
    "/run/opengl-driver/lib",
)


def find(machine: Machine, name: str, *directories: str) -> str | None:
    """The path of the library, or None. `name` may lack its version: `libze_loader.so` finds `libze_loader.so.1`.

    Looked for in the directories that the environment names, in `directories`, in the loader's cache, and where
    libraries usually lie.
    """
    pattern = re.compile(re.escape(name) + r"[0-9.]*")
    stated = [part for part in machine.env.get("LD_LIBRARY_PATH", "").split(":") if part.startswith("/")]
    listed = (_in_directory(machine, part, pattern) for part in (*stated, *directories))
    first = next((path for path in listed if path), None)
    if first is not None:
        return first
    cached = _in_cache(machine, name)
    usual = (_in_directory(machine, part, pattern) for part in _DIRECTORIES)
    return cached or next((path for path in usual if path), None)


def _in_directory(machine: Machine, directory: str, pattern: re.Pattern[str]) -> str | None:
    names = files.names(machine.root, directory) or ()
    return next((f"{directory}/{name}" for name in names if pattern.fullmatch(name)), None)


def _in_cache(machine: Machine, name: str) -> str | None:
    """The path in the loader's cache, which holds names and paths as texts that end in a zero byte."""
    content = files.read_bytes(machine.root, CACHE) or b""
    match = re.search(rb"(/[^\0\n]{1,400}/" + re.escape(name.encode()) + rb"[0-9.]{0,20})\0", content)
    return match[1].decode("utf-8", errors="replace") if match else None
