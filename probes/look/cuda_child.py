"""Asks the CUDA driver library, inside a process of its own, and prints one JSON line.

As `nvml_child`, this text is handed to an interpreter and never imported: initialising this library makes a later fork
unsafe, and it may hang. It makes no context, so that it takes no memory on a device. Argument: the library's file.

Functions, attributes and return codes are those of cuda.h (CUDA driver API, version 13).
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

LIBRARY_NOT_FOUND = -1
FUNCTION_NOT_FOUND = 500
MAX_DEVICES = 64
TEXT_BYTES = 96
# CU_DEVICE_ATTRIBUTE_*
INTEGRATED, COMPUTE_MODE, BUS, SLOT, DOMAIN, MAJOR, MINOR = 18, 20, 33, 34, 50, 75, 76


def call(cuda: Any, names: str, *arguments: Any) -> int:
    """The return code of the first of these functions that the library has."""
    for name in names.split():
        try:
            function = getattr(cuda, name)
        except AttributeError:
            continue
        return int(function(*arguments))
    return FUNCTION_NOT_FOUND


def number(cuda: Any, name: str, *arguments: Any) -> int | None:
    """A whole number that a function writes first, None when it fails."""
    found = ctypes.c_int()
    return None if call(cuda, name, ctypes.byref(found), *arguments) else found.value


def ask(path: str) -> dict[str, Any]:
    """Everything the library says."""
    try:
        cuda = ctypes.CDLL(path)
    except OSError as error:
        return {"code": LIBRARY_NOT_FOUND, "said": str(error).rpartition(": ")[2][:200]}  # without the path
    version = number(cuda, "cuDriverGetVersion")
    code = call(cuda, "cuInit", ctypes.c_uint(0))
    if code:
        return {"code": code, "cuda": version}
    count = number(cuda, "cuDeviceGetCount") or 0
    return {"code": 0, "cuda": version, "devices": [device(cuda, index) for index in range(min(count, MAX_DEVICES))]}


def device(cuda: Any, index: int) -> dict[str, Any]:
    """One device."""
    handle = number(cuda, "cuDeviceGet", ctypes.c_int(index))
    if handle is None:
        return {"code": 101}

    def attribute(which: int) -> int | None:
        return number(cuda, "cuDeviceGetAttribute", ctypes.c_int(which), ctypes.c_int(handle))

    name = ctypes.create_string_buffer(TEXT_BYTES)
    failed = call(cuda, "cuDeviceGetName", name, ctypes.c_int(TEXT_BYTES), ctypes.c_int(handle))
    total = ctypes.c_size_t()
    unsaid = call(cuda, "cuDeviceTotalMem_v2 cuDeviceTotalMem", ctypes.byref(total), ctypes.c_int(handle))
    capability, place = (attribute(MAJOR), attribute(MINOR)), (attribute(DOMAIN), attribute(BUS), attribute(SLOT))
    return {
        "code": 0,
        "name": None if failed else name.value.decode("utf-8", "replace"),
        "capability": None if None in capability else "{}.{}".format(*capability),
        "pci": None if None in place else "{:04x}:{:02x}:{:02x}.0".format(*place),
        "memory": None if unsaid else total.value,
        "integrated": attribute(INTEGRATED),
        "compute_mode": attribute(COMPUTE_MODE),
    }


def main(path: str) -> None:
    """Print the answer and leave at once."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints by itself must not mix with the answer
    os.write(answers, json.dumps(ask(path)).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
