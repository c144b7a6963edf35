"""What Windows says of itself through its own calls: counts, memory, processor features, the machine's id.

kernel32 is the system's library, present in every process; no vendor's library is loaded here. It is imported on
Windows only, since `ctypes` is not needed elsewhere. Constants are those of winnt.h.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from typing import Any

from probes.look.numbers import Numbers

_CORES = 0  # RelationProcessorCore
_ALL_GROUPS = 0xFFFF
_FEATURES = {
    6: "sse",
    10: "sse2",
    13: "sse3",
    19: "neon",
    36: "ssse3",
    37: "sse4_1",
    38: "sse4_2",
    39: "avx",
    40: "avx2",
    41: "avx512f",
    43: "asimddp",
    46: "sve",
}
# From here on (Windows 10, version 2004) the system answers for AVX; before, its "no" means nothing.
_ANSWERS_FOR_AVX = 19041


class MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX, in bytes."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("available", ctypes.c_uint64),
        ("rest", ctypes.c_uint64 * 5),
    )


def numbers() -> Numbers:
    """Cores, memory and features; None and nothing where a call fails."""
    kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]
    return ask(kernel, sys.getwindowsversion().build)  # type: ignore[attr-defined, unused-ignore]


def ask(kernel: Any, build: int) -> Numbers:
    """The numbers as `kernel` (kernel32, or a stand-in) tells them."""
    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    told = bool(kernel.GlobalMemoryStatusEx(ctypes.byref(status)))
    features = [name for code, name in _FEATURES.items() if kernel.IsProcessorFeaturePresent(code)]
    return Numbers(
        physical_cores=physical_cores(kernel),
        logical_cores=kernel.GetActiveProcessorCount(_ALL_GROUPS) or None,
        memory_total_bytes=status.total if told else None,
        memory_available_bytes=status.available if told else None,
        features=tuple(features) if build >= _ANSWERS_FOR_AVX else (),
    )


def physical_cores(kernel: Any) -> int | None:
    """How many cores GetLogicalProcessorInformationEx lists: each record begins with its kind and its size."""
    size = ctypes.c_uint32(0)
    kernel.GetLogicalProcessorInformationEx(_CORES, None, ctypes.byref(size))
    if not 0 < size.value <= 2**20:
        return None
    buffer = ctypes.create_string_buffer(size.value)
    if not kernel.GetLogicalProcessorInformationEx(_CORES, buffer, ctypes.byref(size)):
        return None
    return count_records(buffer.raw[: size.value]) or None


def count_records(content: bytes) -> int:
    """The number of records for cores in what the call wrote; ends at the first that is malformed."""
    found = at = 0
    while at + 8 <= len(content):
        kind, length = struct.unpack_from("<II", content, at)
        if length < 8:
            break
        found += kind == _CORES
        at += length
    return found


def machine_id() -> str | None:
    """The id that Windows gave this installation."""
    import winreg

    place = "SOFTWARE\\Microsoft\\Cryptography"
    registry: Any = winreg  # the module is empty for type checkers on other systems
    try:
        with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, place) as key:
            return str(registry.QueryValueEx(key, "MachineGuid")[0])
    except OSError:
        return None
