"""Asks the NVIDIA management library, inside a process of its own, and prints one JSON line.

This text is handed to an interpreter, never imported by the package: the library may hang, crash or poison a process
that forks later, so it is loaded here and nowhere else. It knows nothing of profiles; it reports numbers and return
codes as they come. Arguments: the library's file, then the CUDA library's.

Functions, structures and return codes are those of nvml.h, as NVIDIA's binding (nvidia-ml-py 13.615.71) declares them.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from typing import Any

LIBRARY_NOT_FOUND = 12
FUNCTION_NOT_FOUND = 13
GONE = (15, 16)  # lost, or to be reset: often told only when something is asked of the device
NOT_READY = 27
NOT_READY_WAIT_S = 1.0
MAX_DEVICES = 64
MEMORY_V2 = 0x02000028
ADDRESSING_V1 = 0x01000008
TEXT_BYTES = 96

Number = ctypes.c_uint
Long = ctypes.c_ulonglong


class Pci(ctypes.Structure):
    """nvmlPciInfo_t; its older versions differ in what follows `subsystem` only."""

    _fields_ = [
        ("legacy", ctypes.c_char * 16),
        ("domain", Number),
        ("bus", Number),
        ("device", Number),
        ("id", Number),
        ("subsystem", Number),
        ("name", ctypes.c_char * 32),
    ]


class Memory(ctypes.Structure):
    """nvmlMemory_t, in bytes."""

    _fields_ = [("total", Long), ("free", Long), ("used", Long)]


class Memory2(ctypes.Structure):
    """nvmlMemory_v2_t: with the version first, and what the driver keeps for itself."""

    _fields_ = [("version", Number), ("total", Long), ("reserved", Long), ("free", Long), ("used", Long)]


class Addressing(ctypes.Structure):
    """nvmlDeviceAddressingMode_v1_t: 0 none, 1 HMM, 2 ATS."""

    _fields_ = [("version", Number), ("value", Number)]


class Attributes(ctypes.Structure):
    """nvmlDeviceAttributes_t: eight counts, then the memory of a partition in MiB."""

    _fields_ = [("counts", Number * 8), ("memory_mib", Long)]


class Library:
    """The loaded library; every question gives a value (None when it failed) and a return code."""

    def __init__(self, path: str) -> None:
        """Load the file; OSError when that fails."""
        self.loaded = ctypes.CDLL(path)

    def call(self, names: str, *arguments: Any) -> int:
        """The return code of the first of these functions that the library has."""
        for name in names.split():
            try:
                function = getattr(self.loaded, name)
            except AttributeError:
                continue
            return int(function(*arguments))
        return FUNCTION_NOT_FOUND

    def text(self, names: str, *handle: Any) -> Any:
        """A text of at most 95 bytes."""
        found = ctypes.create_string_buffer(TEXT_BYTES)
        code = self.call(names, *handle, found, Number(TEXT_BYTES))
        return (None if code else found.value.decode("utf-8", "replace")), code

    def numbers(self, count: int, names: str, *arguments: Any) -> Any:
        """Some whole numbers, in a list."""
        found = [ctypes.c_uint() for _ in range(count)]
        code = self.call(names, *arguments, *[ctypes.byref(number) for number in found])
        return (None if code else [number.value for number in found]), code

    def number(self, names: str, *arguments: Any) -> Any:
        """One whole number."""
        found, code = self.numbers(1, names, *arguments)
        return (found and found[0]), code

    def handle(self, name: str, *arguments: Any) -> Any:
        """A handle of a device."""
        found = ctypes.c_void_p()
        code = self.call(name, *arguments, ctypes.byref(found))
        return (None if code else found), code

    def filled(self, structure: Any, names: str, handle: Any) -> Any:
        """A structure that the library fills."""
        code = self.call(names, handle, ctypes.byref(structure))
        return (None if code else structure), code


def ask(path: str, cuda_path: str) -> dict[str, Any]:
    """Everything the library says."""
    try:
        nvml = Library(path)
    except OSError as error:
        return {"code": LIBRARY_NOT_FOUND, "said": str(error).rpartition(": ")[2][:200]}  # without the path
    code = start(nvml)
    if code:
        return {"code": code, "library": nvml.text("nvmlSystemGetNVMLVersion")[0]}
    count, code = nvml.number("nvmlDeviceGetCount_v2 nvmlDeviceGetCount")
    if code:
        return {"code": code}
    return {
        "code": 0,
        "driver": nvml.text("nvmlSystemGetDriverVersion")[0],
        "library": nvml.text("nvmlSystemGetNVMLVersion")[0],
        "cuda": nvml.number("nvmlSystemGetCudaDriverVersion_v2 nvmlSystemGetCudaDriverVersion")[0],
        "count": count,
        "cuda_library": loads(cuda_path),
        "devices": [device(nvml, index) for index in range(min(count, MAX_DEVICES))],
    }


def start(nvml: Library) -> int:
    """Initialise; right after boot the driver may not be ready, and once more is enough."""
    for wait_s in (NOT_READY_WAIT_S, 0):
        code = nvml.call("nvmlInitWithFlags", Number(0))
        if code == FUNCTION_NOT_FOUND:
            code = nvml.call("nvmlInit_v2 nvmlInit")
        if code != NOT_READY:
            break
        time.sleep(wait_s)
    return code


def device(nvml: Library, index: int) -> dict[str, Any]:
    """One device. No failing question ends the questions after it."""
    handle, code = nvml.handle("nvmlDeviceGetHandleByIndex_v2", Number(index))
    if code:
        return {"code": code}
    pci, _ = nvml.filled(Pci(), "nvmlDeviceGetPciInfo_v3 nvmlDeviceGetPciInfo_v2 nvmlDeviceGetPciInfo", handle)
    capability, _ = nvml.numbers(2, "nvmlDeviceGetCudaComputeCapability", handle)
    addressing, _ = nvml.filled(Addressing(ADDRESSING_V1, 0), "nvmlDeviceGetAddressingMode", handle)
    total, memory_code = memory(nvml, handle)
    partitions, partition_code = instances(nvml, handle)
    return {
        "code": memory_code if memory_code in GONE else 0,
        "pci": pci and f"{pci.domain:04x}:{pci.bus:02x}:{pci.device:02x}.0",
        "name": nvml.text("nvmlDeviceGetName", handle)[0],
        "uuid": nvml.text("nvmlDeviceGetUUID", handle)[0],
        "capability": capability and "{}.{}".format(*capability),
        "architecture": nvml.number("nvmlDeviceGetArchitecture", handle)[0],
        "memory": total,
        "memory_code": memory_code,
        "addressing": addressing and addressing.value,
        "compute_mode": nvml.number("nvmlDeviceGetComputeMode", handle)[0],
        "instances": partitions,
        "instances_code": partition_code,
    }


def memory(nvml: Library, handle: Any) -> Any:
    """Bytes in all: the second version of the question, then the first, which old libraries know alone."""
    found, code = nvml.filled(Memory2(MEMORY_V2), "nvmlDeviceGetMemoryInfo_v2", handle)
    if code:
        found, code = nvml.filled(Memory(), "nvmlDeviceGetMemoryInfo", handle)
    return (found and found.total), code


def instances(nvml: Library, handle: Any) -> Any:
    """The partitions of a device and the code that kept one hidden; None when it has no partitions or does not say."""
    mode, code = nvml.numbers(2, "nvmlDeviceGetMigMode", handle)
    if code or not mode[0]:
        return None, code
    most, code = nvml.number("nvmlDeviceGetMaxMigDeviceCount", handle)
    found = []
    for index in range(min(most or 0, MAX_DEVICES)):
        part, refused = nvml.handle("nvmlDeviceGetMigDeviceHandleByIndex", handle, Number(index))
        if refused:
            code = code or (0 if refused == 6 else refused)  # 6: no partition has this number
            continue
        total, _ = memory(nvml, part)
        if not total:
            attributes, _ = nvml.filled(Attributes(), "nvmlDeviceGetAttributes_v2 nvmlDeviceGetAttributes", part)
            total = attributes and attributes.memory_mib * 2**20
        name, uuid = nvml.text("nvmlDeviceGetName", part)[0], nvml.text("nvmlDeviceGetUUID", part)[0]
        found.append({"name": name, "uuid": uuid, "memory": total})
    return found, code


def loads(path: str) -> bool:
    """Whether a library can be loaded; it is not asked anything."""
    try:
        ctypes.CDLL(path)
    except OSError:
        return False
    return True


def main(path: str, cuda_path: str) -> None:
    """Print the answer and leave at once, without the library's own shutdown, which can hang too."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints by itself must not mix with the answer
    os.write(answers, json.dumps(ask(path, cuda_path)).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:3])
