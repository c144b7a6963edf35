"""The graphics of Apple silicon, as macOS tells of it.

No framework of Apple's is loaded; whether Metal really works is a self-test, not a probe. Memory is shared
with the host and therefore not stated for the device.
"""

from __future__ import annotations

from probes.look.cpu import sysctl
from probes.look.text import clean
from probes.look.watch import Watch
from rules.hardware import Device, State

KIND = "apple_silicon"

_SOURCE = "sysctl hw.optional.arm64"


def look(watch: Watch) -> tuple[Device, ...]:
    """One device on macOS on Apple silicon, none elsewhere."""
    if watch.machine.system != "Darwin":
        watch.note("usable", "no", "macos_only: Metal exists on macOS only", "operating system")
        return ()
    said = sysctl(watch, "hw.optional.arm64", "machdep.cpu.brand_string", "kern.hv_vmm_present")
    if not said:
        watch.note("present", "unknown", "no_answer: the tool did not answer", _SOURCE)
        return ()
    if said.get("hw.optional.arm64") != "1":
        watch.note("present", "no", "intel: this Mac has an Intel processor", _SOURCE)
        return ()
    watch.note("present", "yes", "arm64: the processor is Apple's", _SOURCE)
    watch.note("driver", "yes", "built_in: macOS has the driver", "operating system")
    name = clean(said.get("machdep.cpu.brand_string"))
    usable = _note_usable(watch, said.get("kern.hv_vmm_present") == "1")
    return (Device(KIND, name, None, None, None, None, present="yes", driver="yes", usable=usable),)


def _note_usable(watch: Watch, virtual: bool) -> State:
    if watch.machine.arch.lower() not in ("arm64", "aarch64"):
        return watch.note(
            "usable", "no", "translated: this Python is built for Intel; use one for arm64", "interpreter"
        )
    if virtual:
        reason = "virtual: in a virtual machine Metal may be offered and still fail"
        return watch.note("usable", "unknown", reason, "sysctl kern.hv_vmm_present")
    return watch.note("usable", "yes", "native: macOS on Apple silicon", "operating system")
