"""Asking NVIDIA's CUDA driver library, in a child: where the management library does not answer, or does not know.

It alone says whether a device shares the host's memory, and it is there in containers that were given no tools.
"""

from __future__ import annotations

from typing import Mapping

from probes.look import nvidia_asking, nvidia_libraries, scripts
from probes.look.limits import MAX_DEVICES
from probes.look.nvidia_answers import Answer, cuda_version_of, decoded, gpus_of
from probes.look.text import clean
from probes.look.watch import Watch
from rules.hardware import State

CHILD_LIMIT_S = 6.0
SHARE = 0.6
SOURCE = nvidia_libraries.CUDA
TOOL = "the process that asks libcuda"

# CUresult of cuda.h -> what it says of usability, and the reason shown.
REASONS: Mapping[int, tuple[State, str]] = {
    -1: ("unknown", "cuda_library_not_loaded: the CUDA library is there and cannot be loaded"),
    34: ("no", "stub_library: a toolkit's stand-in is loaded in the place of the CUDA library"),
    35: ("no", "insufficient_driver: the driver is older than the CUDA library"),
    46: ("no", "device_unavailable: another process holds the device, or it may not compute"),
    100: ("no", "no_device: the CUDA library finds no device"),
    101: ("no", "invalid_device: the CUDA library cannot open the device"),
    304: ("no", "operating_system: a system call failed; often a device node that this user may not open"),
    500: ("unknown", "function_not_found: the CUDA library is too old for this query"),
    802: ("no", "system_not_ready: the fabric manager is not running yet"),
    803: ("no", "version_mismatch: kernel module and CUDA library differ in version; reboot or reload the module"),
    804: ("no", "compat_not_supported: forward compatibility does not work on this device"),
    999: ("unknown", "driver_error: the CUDA library failed without saying why"),
}


def ask(watch: Watch) -> Answer | None:
    """Ask within the time left; None where there is no CUDA library."""
    found = nvidia_libraries.path(watch.machine, nvidia_libraries.CUDA)
    if found is None:
        return None
    command = scripts.command("cuda_child", found)
    return nvidia_asking.ask(watch, SOURCE, command, watch.limit_s(CHILD_LIMIT_S, SHARE), checked, TOOL)


def checked(text: str) -> Answer:
    """The child's line as an answer."""
    said = decoded(text)
    if said is None:
        return Answer(SOURCE, "unknown", "bad_answer: the asking process wrote something else than an answer")
    cuda, code = cuda_version_of(said.get("cuda")), said["code"]
    if code:
        usable, reason = REASONS.get(code, ("unknown", f"cuda_error_{code}: the CUDA library failed with code {code}"))
        return Answer(SOURCE, usable, reason, code=code, cuda_version=cuda, raw=clean(said.get("said")))
    gpus = gpus_of(said, MAX_DEVICES)
    reason = "initialised: the CUDA library answers"
    return Answer(SOURCE, "yes", reason, code=0, cuda_version=cuda, has_cuda_library=True, gpus=gpus)
