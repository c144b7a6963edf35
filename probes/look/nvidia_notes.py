"""The findings, counts and contradictions that follow from what NVIDIA's sources said.

It words what was found; how it was found is other modules' business.
"""

from __future__ import annotations

from typing import Sequence

from probes.look import around, cuda, files, nvidia_libraries, nvml, pci, visible
from probes.look.nvidia_answers import Answer, Gpu, reason_of
from probes.look.nvidia_files import MODULE, Seen, permitted
from probes.look.watch import Watch
from rules.hardware import Device, State


def usable(watch: Watch, answers: Sequence[Answer], answer: Answer, devices: tuple[Device, ...]) -> None:
    """Note the third rung: first the answer that counts, then why the sources before it gave none."""
    count = sum(device.usable == "yes" for device in devices)
    if answer.usable != "yes":
        watch.note("usable", answer.usable, answer.reason, answer.source, raw=answer.raw)
    elif not devices:
        watch.note("usable", "no", "no_device: the driver answers and lists no device", answer.source)
    elif answer.source == nvidia_libraries.SMI:
        watch.note("usable", "unknown", "listed: by the tool alone; no library here could be asked", answer.source)
    elif not answer.has_cuda_library:
        reason = "cuda_library_not_found: libcuda is not there; in a container, add the compute capability"
        watch.note("usable", "no", reason, cuda.SOURCE)
    else:
        state: State = "yes" if count else "no"
        watch.note("usable", state, f"initialised: {count} of {len(devices)} devices usable", answer.source)
    for other in answers:
        if other.source != answer.source and other.usable != "yes":
            watch.note("usable", "unknown", other.reason, other.source, raw=other.raw)
    if answer.code == 12 and _hidden_by_runtime(watch):
        reason = "runtime: NVIDIA_VISIBLE_DEVICES asks the container's runtime for no device"
        watch.note("usable", "unknown", reason, "environment")


def _hidden_by_runtime(watch: Watch) -> bool:
    return watch.machine.env.get("NVIDIA_VISIBLE_DEVICES", "all").strip().lower() in ("", "void", "none")


def differences(watch: Watch, seen: Seen, answer: Answer) -> None:
    """Note where the library knows more or less than the files, and what is peculiar to one device."""
    listed = f"listed: the driver lists {len(answer.gpus)} devices"
    if answer.gpus and seen.present != "yes":
        watch.note("present", "yes", listed, answer.source)
    if answer.gpus and seen.driver != "yes":
        watch.note("driver", "yes", listed, answer.source)
    if seen.wsl and answer.driver_version:
        reason = f"wsl: Windows drives the device with {answer.driver_version}"
        watch.note("driver", "yes", reason, answer.source, raw=_library(answer))
    unlisted = {chip.address for chip in seen.chips or ()} - {gpu.pci for gpu in answer.gpus}
    if unlisted:
        reason = f"not_listed: {len(unlisted)} devices on the bus are not offered by the driver here"
        watch.note("usable", "no", reason, answer.source)
    for number, gpu in enumerate(answer.gpus):
        _device(watch, f"{answer.source}, device {number}", gpu)


def _library(answer: Answer) -> str | None:
    return f"library {answer.library_version}" if answer.library_version else None


def _device(watch: Watch, source: str, gpu: Gpu) -> None:
    """Note what is peculiar to one device; nothing when all is plain."""
    if gpu.code:
        watch.note("usable", *reason_of(gpu.code), source)
        return
    if gpu.partitions is not None:
        count = len(gpu.partitions)
        reason = f"partitioned: {count} MIG partitions; a process uses one of them"
        watch.note("usable", "yes" if count else "no", reason, source)
    if gpu.partitions_code == 4:
        reason = "partitions_hidden: this user may not see all MIG partitions; in a container, ask for them by name"
        watch.note("usable", "unknown", reason, source)
    elif gpu.partitions_code == 3 and source.startswith(nvidia_libraries.SMI):
        watch.note("usable", "unknown", "partitioned: into MIG partitions that the tool does not list", source)
    if gpu.compute_mode == 2:
        watch.note("usable", "no", "compute_prohibited: its compute mode lets no process in", source)
    elif gpu.compute_mode == 3:
        watch.note("usable", "yes", "exclusive: its compute mode lets one process in at a time", source)
    _memory(watch, source, gpu)


def _memory(watch: Watch, source: str, gpu: Gpu) -> None:
    if gpu.integrated:
        watch.note("usable", "yes", "unified_memory: shared with the host; one pool for both", source)
    elif gpu.memory_bytes is None and gpu.partitions is None:
        reason = "memory_not_reported: shared with the host, or not said by this driver"
        watch.note("usable", "yes", reason, source, raw=f"return code {gpu.memory_code}")
    elif gpu.addressing == 2:
        watch.note("usable", "yes", "coherent: reaches the host's memory beside its own (ATS)", source)


def library(watch: Watch, seen: Seen) -> None:
    """Note a second CUDA library that is newer than the driver, which forward compatibility uses."""
    found = nvidia_libraries.forward_compatible(watch.machine, seen.version)
    if found:
        reason = f"forward_compatible: a CUDA library of driver {found[0]} is in force where it comes first"
        watch.note("driver", "yes", reason, found[1])


def contradictions(watch: Watch, seen: Seen, answers: Sequence[Answer]) -> None:
    """Note sources that do not agree."""
    if seen.unloaded and seen.nodes and not seen.wsl:
        watch.contradict("driver", {"/dev/nvidia*": f"{len(seen.nodes)} device nodes", "/sys/module": "not loaded"})
    if seen.version:  # in WSL there is no module, and the library's version differs from that of Windows' driver
        versions: dict[str, str | None] = {MODULE: seen.version}
        versions.update({answer.source: answer.driver_version for answer in answers})
        versions[f"file of {nvml.SOURCE}"] = nvidia_libraries.file_version(watch.machine)
        watch.contradict("driver version", versions)
    first = answers[0]
    if first.usable == "yes":
        _count(watch, seen, first)
    elif first.code not in (None, 12) and any(answer.usable == "yes" for answer in answers):
        # A library that is absent or silent has not said anything; one that failed has.
        watch.contradict("usability", {answer.source: answer.reason.partition(":")[0] for answer in answers})
    for number, gpu in enumerate(first.working):
        said_of = {a.source: _capability(a, gpu) for a in answers if a.usable == "yes"}
        watch.contradict(f"compute capability of device {number}", said_of)


def _capability(answer: Answer, gpu: Gpu) -> str | None:
    return next((g.capability for g in answer.working if g is gpu or (g.pci and g.pci == gpu.pci)), None)


def _count(watch: Watch, seen: Seen, answer: Answer) -> None:
    """Bus against library, where nothing explains a difference: no container that was given some, no other driver."""
    ours = [chip for chip in seen.chips or () if chip.driver in (None, "nvidia")]
    explained = around.in_container(watch.machine) or "NVIDIA_VISIBLE_DEVICES" in watch.machine.env
    if ours and not explained:
        said = {pci.PATH: f"{len(ours)} devices", answer.source: f"{len(answer.gpus)} devices"}
        watch.contradict("number of devices", dict(said))


def counts(watch: Watch, kind: str, seen: Seen, answer: Answer) -> None:
    """Note how many devices there are, are visible to CUDA, and may be opened."""
    env = watch.machine.env
    listed = len(answer.gpus) if answer.usable == "yes" else None
    # A source that shows fewer than another hides some: containers cut the bus, the list of the kernel, or the nodes.
    physical = max(len(seen.chips or ()), len(seen.names), listed or 0, len(seen.nodes)) or None
    allowed = permitted(watch, seen)
    if allowed is None and seen.wsl and listed is not None:
        allowed = listed if watch.machine.accessible(files.under(watch.machine.root, "/dev/dxg")) else 0
    partitions = sum(len(gpu.partitions or ()) for gpu in answer.working)
    serials = [gpu.serial for gpu in answer.working if gpu.serial]
    seen_by_cuda = visible.cuda(env, len(answer.working), partitions, serials) if listed is not None else None
    if physical is None and listed is None:
        return
    watch.count(kind, physical, seen_by_cuda, allowed)
    if seen_by_cuda is not None and "CUDA_VISIBLE_DEVICES" in env:
        most = min(partitions, 1) if partitions else len(answer.working)
        if seen_by_cuda < most:
            reason = f"hidden: CUDA_VISIBLE_DEVICES leaves {seen_by_cuda} of {most} devices visible"
            watch.note("usable", "yes" if seen_by_cuda else "no", reason, "environment")
    if allowed is not None and seen.nodes and allowed < len(seen.nodes):
        reason = f"node_access: this user may open {allowed} of {len(seen.nodes)} device nodes"
        watch.note("usable", "yes" if allowed else "no", reason, "/dev/nvidia*")
