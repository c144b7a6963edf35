"""Asks the NVIDIA management library, inside a process of its own, and prints one JSON line.

This file is run, never imported by the package: the library may hang, crash or poison a process that forks
later, so it is loaded here and nowhere else. It knows nothing of profiles; it reports numbers and return
codes as they come. The only argument is the directory in which the binding `pynvml` lies.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from typing import Any

LIBRARY_NOT_FOUND = 12
NOT_READY = 27
UNKNOWN_ERROR = 999
NOT_READY_WAIT_S = 1.0
MAX_DEVICES = 64


def ask(nvml: Any) -> dict[str, object]:
    """Everything the library says, through the binding `nvml`."""
    code = _start(nvml)
    if code:
        return {"code": code}
    count, code = _value(nvml, nvml.nvmlDeviceGetCount)
    if code:
        return {"code": code}
    return {
        "code": 0,
        "driver": _value(nvml, nvml.nvmlSystemGetDriverVersion)[0],
        "cuda": _value(nvml, nvml.nvmlSystemGetCudaDriverVersion_v2)[0],
        "cuda_library": _loads("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"),
        "devices": [_device(nvml, index) for index in range(min(count, MAX_DEVICES))],
    }


def _start(nvml: Any) -> int:
    _, code = _value(nvml, nvml.nvmlInit)
    if code == NOT_READY:  # right after boot; once more is enough
        time.sleep(NOT_READY_WAIT_S)
        _, code = _value(nvml, nvml.nvmlInit)
    return code


def _value(nvml: Any, function: Any, *arguments: Any, **named: Any) -> tuple[Any, int]:
    """What a function returns, and its return code: no failing call ends the questions after it."""
    try:
        value = function(*arguments, **named)
    except nvml.NVMLError as error:
        return None, int(getattr(error, "value", UNKNOWN_ERROR))
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else value), 0


def _device(nvml: Any, index: int) -> dict[str, object]:
    handle, code = _value(nvml, nvml.nvmlDeviceGetHandleByIndex, index)
    if code:
        return {"code": code}
    pci, _ = _value(nvml, nvml.nvmlDeviceGetPciInfo, handle)
    capability, _ = _value(nvml, nvml.nvmlDeviceGetCudaComputeCapability, handle)
    memory, memory_code = _memory(nvml, handle)
    return {
        "code": 0,
        "pci": pci and f"{pci.domain:04x}:{pci.bus:02x}:{pci.device:02x}.0",
        "name": _value(nvml, nvml.nvmlDeviceGetName, handle)[0],
        "capability": capability and f"{capability[0]}.{capability[1]}",
        "memory": memory,
        "memory_code": memory_code,
        "instances": _instances(nvml, handle),
    }


def _memory(nvml: Any, handle: Any) -> tuple[Any, int]:
    memory, code = _value(nvml, nvml.nvmlDeviceGetMemoryInfo, handle, version=nvml.nvmlMemory_v2)
    if code:
        memory, code = _value(nvml, nvml.nvmlDeviceGetMemoryInfo, handle)
    return (None if memory is None else int(memory.total)), code


def _instances(nvml: Any, handle: Any) -> list[dict[str, object]] | None:
    """The slices of a partitioned device; None when it is not partitioned or that is not said."""
    mode, code = _value(nvml, nvml.nvmlDeviceGetMigMode, handle)
    if code or not mode[0]:
        return None
    found: list[dict[str, object]] = []
    most, _ = _value(nvml, nvml.nvmlDeviceGetMaxMigDeviceCount, handle)
    for index in range(min(most or 0, MAX_DEVICES)):
        slice_handle, code = _value(nvml, nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, index)
        if not code:
            name, _ = _value(nvml, nvml.nvmlDeviceGetName, slice_handle)
            found.append({"name": name, "memory": _memory(nvml, slice_handle)[0]})
    return found


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def main(binding_directory: str) -> None:
    """Print the answer and leave at once, without the library's own shutdown, which can hang too."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints by itself must not mix with the answer
    sys.path.append(binding_directory)
    import pynvml  # found only now that its directory is on the path

    os.write(answers, json.dumps(ask(pynvml)).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
