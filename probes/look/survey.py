"""Looking at a whole machine: every probe in turn, and one profile of what they found.

A probe that fails costs its own findings, never the profile. It knows which probes there are, and nothing of
what they do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Mapping, Tuple, TypeVar

from probes.look import apple, cpu, host, memory, nvidia, software, tpu
from probes.look.limits import MAX_DEVICES, MAX_FINDINGS
from probes.look.machine import Machine, here
from probes.look.watch import Watch
from rules.hardware import Device, Finding, Profile

DEFAULT_DEADLINE_S = 10.0
LABEL = "this machine"

# From `typing`: before Python 3.9 the plain names take no parameters.
Devices = Tuple[Device, ...]
Seen = TypeVar("Seen")

# Kind of device -> the probe that looks for it.
DEVICE_PROBES: Mapping[str, Callable[[Watch], Devices]] = {
    nvidia.KIND: nvidia.look,
    tpu.KIND: tpu.look,
    apple.KIND: apple.look,
}


def local(*, root: Path = Path("/"), deadline_s: float = DEFAULT_DEADLINE_S) -> Profile:
    """This machine's profile. Reads files and may start a child; opens no connection.

    Args:
        root: the directory that stands for `/`.
        deadline_s: seconds for all tools together; one that cannot be killed costs one second more.
    """
    return survey(here(root), deadline_s)


def survey(
    machine: Machine, deadline_s: float, probes: Mapping[str, Callable[[Watch], Devices]] = DEVICE_PROBES
) -> Profile:
    """The profile of `machine`, with one probe for each kind of device."""
    ends_at = machine.clock() + deadline_s
    captured_at = machine.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    findings: list[Finding] = []

    def attempt(name: str, probe: Callable[[Watch], Seen], otherwise: Seen) -> Seen:
        return _attempt(Watch(name, machine, ends_at), probe, otherwise, findings)

    around = attempt("host", host.look, host.Host(os=host.kind(machine)))
    processor = attempt("cpu", cpu.look, cpu.Cpu())
    space = attempt("memory", memory.look, memory.Memory())
    nothing: Devices = ()
    devices = [device for name, probe in probes.items() for device in attempt(name, probe, nothing)]
    # Last, with what time is left: code inside libraries is worth reading only where there is a device for it.
    sees_gpu = any(device.kind in ("nvidia_gpu", "amd_gpu") for device in devices)
    empty: software.Found = ((), ())
    installed, conflicts = attempt("software", lambda watch: software.look(watch, sees_gpu), empty)
    return Profile(
        origin="probe",
        label=LABEL,
        captured_at=captured_at,
        os=around.os,
        os_name=around.os_name,
        arch=around.arch,
        libc=around.libc,
        libc_version=around.libc_version,
        python_version=around.python_version,
        in_container=around.in_container,
        cpu_vendor=processor.vendor,
        cpu_model=processor.model,
        cpu_features=processor.features,
        physical_cores=processor.physical_cores,
        logical_cores=processor.logical_cores,
        usable_cores=processor.usable_cores,
        memory_total_bytes=space.total_bytes,
        memory_limit_bytes=space.limit_bytes,
        memory_available_bytes=space.available_bytes,
        devices=tuple(devices[:MAX_DEVICES]),
        findings=tuple(findings[:MAX_FINDINGS]),
        software=installed,
        conflicts=conflicts,
    )


def _attempt(watch: Watch, probe: Callable[[Watch], Seen], otherwise: Seen, findings: list[Finding]) -> Seen:
    try:
        return probe(watch)
    except Exception as error:  # whatever a machine makes a probe do, the profile must still come out
        watch.note("present", "unknown", f"probe_failed: {type(error).__name__}", "probe")
        return otherwise
    finally:
        findings += watch.findings
