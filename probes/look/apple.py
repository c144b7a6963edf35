"""The graphics and the neural engine of Apple silicon, as macOS tells of them.

No framework of Apple's is loaded; whether Metal really works is a self-test, not a probe. Memory is shared with the
host: only a limit that was set is stated. The system's own changes between releases and sizes and is not computed.
"""

from __future__ import annotations

import re
from typing import Mapping

from probes.look.mac import sysctl
from probes.look.text import clean
from probes.look.watch import Watch
from rules.hardware import Device, State

KIND = "apple_silicon"
ENGINE_KIND = "apple_neural_engine"

_SOURCE = "sysctl hw.optional.arm64"
_LIMIT = "iogpu.wired_limit_mb"
_NAMES = (
    "hw.optional.arm64",
    "machdep.cpu.brand_string",
    "kern.hv_vmm_present",
    "hw.memsize",
    _LIMIT,
)


def look(watch: Watch) -> tuple[Device, ...]:
    """Graphics and neural engine on macOS on Apple silicon, none elsewhere."""
    if watch.machine.system != "Darwin":
        watch.note("usable", "no", "macos_only: Metal exists on macOS only", "operating system")
        return ()
    said = sysctl(watch, *_NAMES)
    if not said:
        watch.note("present", "unknown", "no_answer: the tool did not answer", _SOURCE)
        return ()
    if said.get("hw.optional.arm64") != "1":
        watch.note("present", "no", "intel: this Mac has an Intel processor", _SOURCE)
        return ()
    watch.note("present", "yes", "arm64: the processor is Apple's", _SOURCE)
    watch.note("driver", "yes", "built_in: macOS has the driver", "operating system")
    usable = _note_usable(watch, said)
    memory = _note_budget(watch, said)
    permitted = None if usable == "unknown" else int(usable == "yes")
    watch.count(KIND, 1, 1, permitted)
    name = _chip(said)
    chip = re.sub(r"^apple ", "", name.lower()) if name else None
    graphics = Device(
        KIND, name, memory, None, None, None, "yes", "yes", usable, architecture=chip, unified_memory=True
    )
    return (graphics, *_engine(watch, name, chip, said.get("kern.hv_vmm_present") == "1"))


def _chip(said: Mapping[str, str]) -> str | None:
    """The chip's name. Translated processes are told of a `VirtualApple`, which names no chip."""
    name = clean(said.get("machdep.cpu.brand_string"))
    return name if name and name.startswith("Apple ") else None


def _note_usable(watch: Watch, said: Mapping[str, str]) -> State:
    native = watch.machine.arch.lower() in ("arm64", "aarch64")
    if not native:
        return watch.note(
            "usable", "no", "translated: this Python is built for Intel; use one for arm64", "interpreter"
        )
    if said.get("kern.hv_vmm_present") == "1":
        reason = "virtual: in a virtual machine Metal may be offered and still fail"
        return watch.note("usable", "unknown", reason, "sysctl kern.hv_vmm_present")
    return watch.note("usable", "yes", "native: macOS on Apple silicon", "operating system")


def _note_budget(watch: Watch, said: Mapping[str, str]) -> int | None:
    """The bytes that graphics may take when a limit was set, else None; 0 leaves it to the system."""
    limit, total = _whole(said.get(_LIMIT)), _whole(said.get("hw.memsize"))
    if limit and total and limit * 2**20 <= total:
        reason = "budget_set: graphics may take this much of the shared memory"
        watch.note("usable", "yes", reason, f"sysctl {_LIMIT}", said.get(_LIMIT))
        return limit * 2**20
    # Metal's own figure was two thirds of 16 GiB, and nearer to four fifths of 32 GiB on newer systems.
    reason = "budget_default: the system decides, between two thirds and four fifths of the shared memory"
    watch.note("usable", "yes", reason, f"sysctl {_LIMIT}", said.get(_LIMIT))
    return None


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else None


def _engine(watch: Watch, name: str | None, chip: str | None, virtual: bool) -> tuple[Device, ...]:
    """The neural engine that every such chip has; no call tells whether a model runs on it. A guest has none."""
    if virtual:
        return ()
    watch.note("usable", "unknown", "not_told: macOS does not say what runs on the neural engine", "operating system")
    watch.count(ENGINE_KIND, 1, 1, None)
    title = f"Neural Engine of {name}" if name else "Neural Engine"
    nothing: tuple[None, None, None, None] = (None, None, None, None)
    return (Device(ENGINE_KIND, title, *nothing, "yes", "yes", "unknown", architecture=chip, unified_memory=True),)
