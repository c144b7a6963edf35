"""Which C library programs here use, and its version: what decides whether a built wheel can be loaded.

The program that runs this Python comes first, since its loader is the one that loads a wheel; then programs that every
system has. A loader is named inside the program (the ELF interpreter), and asked, in a child, for its version only.
"""

from __future__ import annotations

import re
import struct

from probes.look import files
from probes.look.text import clean, version
from probes.look.watch import Watch

LOADER_LIMIT_S = 2.0

_PROGRAMS = ("/bin/sh", "/usr/bin/env", "/bin/dash", "/bin/ls")
_PT_INTERP = 3
_MAX_HEADERS = 64


def look(watch: Watch) -> tuple[str | None, str | None]:
    """The C library (`glibc` or `musl`) and its version; None for what is not known, or not Linux."""
    machine = watch.machine
    if machine.system != "Linux":
        return None, None
    loader = _loader(watch)
    if loader and "musl" in loader:
        return "musl", _version_of_musl(watch, loader)
    name, _, number = (machine.libc or "").partition(" ")
    if name:
        return clean(name), version(number)
    if loader and re.search(r"/ld(?:-linux[\w-]*|64)\.so\.[0-9]+$", loader):
        return "glibc", _version_of_glibc(watch, loader)
    named = [n for n in files.names(machine.root, "/lib") or () if re.fullmatch(r"ld-musl-[\w-]+\.so\.1", n)]
    return ("musl", _version_of_musl(watch, f"/lib/{named[0]}")) if named else (None, None)


def _loader(watch: Watch) -> str | None:
    root = watch.machine.root
    programs = [watch.machine.interpreter] if watch.machine.interpreter else []
    for program in (*programs, *_PROGRAMS):
        found = interpreter_of(files.start(root, program, 4096) or b"")
        if found:
            return found
    return None


def interpreter_of(program: bytes) -> str | None:
    """The loader that an ELF program asks for, from the program's first bytes; None when it names none there."""
    if len(program) < 64 or program[:4] != b"\x7fELF" or program[4] not in (1, 2) or program[5] not in (1, 2):
        return None
    wide, order = program[4] == 2, "<" if program[5] == 1 else ">"
    (at,) = struct.unpack_from(order + ("Q" if wide else "I"), program, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", program, 54 if wide else 42)
    for header in range(at, at + size * min(count, _MAX_HEADERS), max(1, size)):
        if header + 56 > len(program):
            return None
        if struct.unpack_from(order + "I", program, header)[0] != _PT_INTERP:
            continue
        offset_at, size_at = (header + 8, header + 32) if wide else (header + 4, header + 16)
        (offset,) = struct.unpack_from(order + ("Q" if wide else "I"), program, offset_at)
        (length,) = struct.unpack_from(order + ("Q" if wide else "I"), program, size_at)
        path = program[offset : offset + min(length, 256)].rstrip(b"\0")
        return path.decode("utf-8", "replace") if path.startswith(b"/") else None
    return None


def _version_of_musl(watch: Watch, loader: str) -> str | None:
    match = re.search(r"^Version (\S+)", _said(watch, loader, ""), re.MULTILINE)
    return version(match[1]) if match else None


def _version_of_glibc(watch: Watch, loader: str) -> str | None:
    match = re.search(r"\bversion ([0-9]+\.[0-9]+)", _said(watch, loader, " --version"))
    return version(match[1]) if match else None


def _said(watch: Watch, loader: str, option: str) -> str:
    if not re.fullmatch(r"/[\w./+-]+", loader):
        return ""
    # musl's loader prints its banner on standard error, hence the shell.
    command = ("/bin/sh", "-c", f"{loader}{option} 2>&1 || true")
    return watch.machine.run(command, watch.limit_s(LOADER_LIMIT_S), watch.machine.env).output
