"""Looking at a whole machine: every probe at once, and one profile of what they found.

Each probe has a thread of its own, so that one that hangs (in a child, or in a file that the kernel does not hand over)
takes no time from the others. A probe that fails costs its own findings, one that does not come back is left behind and
named. It knows which probes there are, and nothing of what they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Callable, Generic, Mapping, Sequence, Tuple, TypeVar

from probes.look import (
    amd,
    apple,
    ascend,
    boards,
    coral,
    cpu,
    disk,
    forced,
    gaudi,
    hailo,
    host,
    identity,
    intel,
    memory,
    neuron,
    npu,
    nvidia,
    others,
    overrides,
    qualcomm,
    soc,
    software,
    tpu,
    visible,
)
from probes.look.child import LAST_WAIT_S
from probes.look.limits import MAX_CONFLICTS, MAX_DEVICES, MAX_FINDINGS
from probes.look.machine import Machine, here
from probes.look.redaction import redacted, scrubber
from probes.look.watch import Watch
from rules.hardware import Contradiction, Count, Device, Disk, Finding, Profile

PROBE_VERSION = "1.0"
DEFAULT_DEADLINE_S = 10.0
LABEL = "this machine"
# Kept back from what children may take: to kill one, and to notice that it cannot be killed.
RESERVE_S = LAST_WAIT_S + 0.5
LEAST_SHARE = 1 / 2  # of a short time, children keep this much

# From `typing`: before Python 3.9 the plain names take no parameters.
Devices = Tuple[Device, ...]
Seen = TypeVar("Seen")

# Kind of device -> the probe that looks for it.
DEVICE_PROBES: Mapping[str, Callable[[Watch], Devices]] = {
    nvidia.KIND: nvidia.look,
    tpu.KIND: tpu.look,
    apple.KIND: apple.look,
    amd.KIND: amd.look,
    intel.KIND: intel.look,
    neuron.TRAINIUM: neuron.look,
    gaudi.KIND: gaudi.look,
    ascend.KIND: ascend.look,
    npu.INTEL_KIND: npu.look_intel,
    npu.AMD_KIND: npu.look_amd,
    coral.KIND: coral.look,
    hailo.KIND: hailo.look,
    qualcomm.KIND: qualcomm.look,
    soc.ROCKCHIP: soc.look_rockchip,
    soc.ETHOS: soc.look_ethos,
    soc.DLA: soc.look_dla,
    others.KIND: others.look,
}


@dataclass
class _Attempt(Generic[Seen]):
    """One probe at work: what it gives is `found`, at first what stands for nothing."""

    watch: Watch
    probe: Callable[[Watch], Seen]
    found: Seen
    thread: Thread | None = None

    def start(self) -> _Attempt[Seen]:
        """Begin, where there is room for a thread; as a daemon it keeps no interpreter from leaving."""
        thread = Thread(target=self._run, name=f"probe {self.watch.probe}", daemon=True)
        try:
            thread.start()
            self.thread = thread
        except (RuntimeError, MemoryError):  # a limit on memory or on processes; there may be room later
            self.thread = None
        return self

    def _run(self) -> None:
        try:
            self.found = self.probe(self.watch)
        except Exception as error:  # whatever a machine makes a probe do, the profile must still come out
            self.watch.note("present", "unknown", f"probe_failed: {type(error).__name__}", "probe")

    def end(self, ends_at: float) -> Seen:
        """What it found, waiting no longer than until `ends_at`; a probe that is not back by then is left behind.

        One that could not begin has a second try, now that others have ended. It never runs without a thread of its
        own, in which it might hang.
        """
        if self.thread is None and self.start().thread is None:
            self.watch.note("present", "unknown", "not_started: no thread could be started for the probe", "probe")
        if self.thread is not None:
            self.thread.join(max(0.0, ends_at - self.watch.machine.clock()))
            if self.thread.is_alive():
                # A notebook of its own: the old one may still be written in.
                self.watch = _left_behind(self.watch)
        return self.found


def _left_behind(watch: Watch) -> Watch:
    noted = Watch(watch.probe, watch.machine, watch.ends_at, findings=list(watch.findings))
    noted.note("usable", "unknown", f"abandoned: the probe {watch.probe} did not come back in time", "probe")
    return noted


def local(*, root: Path = Path("/"), deadline_s: float = DEFAULT_DEADLINE_S) -> Profile:
    """This machine's profile, redacted. Reads files and may start children; opens no connection.

    Args:
        root: the directory that stands for `/`.
        deadline_s: seconds for everything together, killing what hangs included.
    """
    machine = here(root)
    scrub = scrubber(machine)  # before the look, so that it reads meanwhile
    return redacted(survey(machine, deadline_s), scrub)


def survey(
    machine: Machine, deadline_s: float, probes: Mapping[str, Callable[[Watch], Devices]] = DEVICE_PROBES
) -> Profile:
    """The profile of `machine`, with one probe for each kind of device."""
    began_at = machine.clock()
    captured_at = machine.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    ends_at = began_at + deadline_s
    children_end_at = began_at + max(deadline_s - RESERVE_S, deadline_s * LEAST_SHARE)

    def attempt(name: str, probe: Callable[[Watch], Seen], otherwise: Seen) -> _Attempt[Seen]:
        return _Attempt(Watch(name, machine, children_end_at), probe, otherwise).start()

    nothing: Devices = ()
    no_disk: tuple[Disk, ...] = ()
    no_id: str | None = None
    of_host = attempt("host", host.look, host.Host(os=host.named(machine)))
    of_id = attempt("identity", identity.machine_id, no_id)
    of_cpu = attempt("cpu", cpu.look, cpu.Cpu())
    of_memory = attempt("memory", memory.look, memory.Memory())
    of_disks = attempt("disk", disk.look, no_disk)
    of_software = attempt("software", software.look, software.Installed())
    of_boards = attempt(boards.PROBE, boards.look, None)
    of_devices = {name: attempt(name, probe, nothing) for name, probe in probes.items()}

    around, processor, space = of_host.end(ends_at), of_cpu.end(ends_at), of_memory.end(ends_at)
    disks, machine_id = of_disks.end(ends_at), of_id.end(ends_at)
    installed = of_software.end(ends_at)
    by_kind = {name: one.end(ends_at) for name, one in of_devices.items()}
    devices = tuple(device for found in by_kind.values() for device in found)[:MAX_DEVICES]
    watches = [of_host.watch, of_id.watch, of_cpu.watch, of_memory.watch, of_disks.watch]
    watches += [one.watch for one in of_devices.values()]
    of_boards.end(ends_at)
    watches.append(of_boards.watch)
    # With what time is left: code inside libraries is worth reading only where there is a device for it.
    of_code = attempt("software", lambda watch: software.scan(watch, installed, devices), installed.software)
    with_code = of_code.end(ends_at)
    watches += [of_software.watch, of_code.watch]
    forcing = overrides.look(machine.env, machine_id)
    return Profile(
        origin="probe",
        label=LABEL,
        captured_at=captured_at,
        **vars(around),  # named as the profile names them
        **_processor(processor),
        **_memory(space),
        devices=devices,
        findings=_findings(watches),
        probe_version=PROBE_VERSION,
        elapsed_ms=round(max(0.0, machine.clock() - began_at) * 1000, 3),
        counts=_counts(machine, watches, by_kind),
        disks=disks,
        overrides=forcing,
        software=with_code,
        conflicts=installed.conflicts,
        contradictions=_contradictions(watches, forced.look(forcing, devices)),
    )


def _processor(seen: cpu.Cpu) -> dict[str, Any]:
    named = {f"cpu_{name}": getattr(seen, name) for name in ("vendor", "model", "features")}
    return dict(named, **{name: getattr(seen, name) for name in ("physical_cores", "logical_cores", "usable_cores")})


def _memory(seen: memory.Memory) -> dict[str, Any]:
    return {f"memory_{name}": value for name, value in vars(seen).items()}


def _findings(watches: Sequence[Watch]) -> tuple[Finding, ...]:
    return tuple(finding for watch in watches for finding in watch.findings)[:MAX_FINDINGS]


def _contradictions(watches: Sequence[Watch], more: Sequence[Contradiction]) -> tuple[Contradiction, ...]:
    return (*(said for watch in watches for said in watch.contradictions), *more)[:MAX_CONFLICTS]


def _counts(machine: Machine, watches: Sequence[Watch], by_kind: Mapping[str, Devices]) -> tuple[Count, ...]:
    """What probes counted themselves; for other kinds the devices that were found, by what numbers leave visible."""
    counted = [count for watch in watches for count in watch.counts]
    known = {count.kind for count in counted}
    found: dict[str, int] = {}
    for device in (device for devices in by_kind.values() for device in devices):
        if device.kind not in known and device.present == "yes":
            found[device.kind] = found.get(device.kind, 0) + 1
    for kind, number in found.items():
        counted.append(Count(kind, number, visible.by_number(kind, machine.env, number), None))
    return tuple(counted)[:MAX_DEVICES]
