"""NVIDIA graphics processors: what bus, kernel and the driver's libraries each say, joined by PCI address.

Files come first; the libraries are asked, in children, only where a device may be, each only when the one before
failed: the management library, the CUDA library, the command-line tool. The parent never loads a vendor library. A
capability is what a driver says, never guessed from a name or an id.
"""

from __future__ import annotations

from dataclasses import replace

from probes.look import cuda, identity, nvidia_names, nvidia_notes, nvml, pci, smi
from probes.look.limits import MAX_DEVICES
from probes.look.nvidia_answers import Answer, Gpu, Partition, completed, reason_of
from probes.look.nvidia_files import VENDOR as VENDOR
from probes.look.nvidia_files import Seen, see
from probes.look.watch import Watch
from rules.hardware import Device, State

KIND = "nvidia_gpu"

_ATS = 2
_PROHIBITED = 2
_NOT_SUPPORTED = 3


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each processor or partition seen by anyone, in the order of addresses."""
    if watch.machine.system == "Darwin":
        watch.note("usable", "no", "no_driver: NVIDIA makes no driver for macOS", "operating system")
        return ()
    seen = see(watch)
    if seen.present == "no" and seen.driver != "yes":
        watch.note("usable", "no", "no_device: nothing to use", pci.PATH)
        return ()
    answers = ask(watch)
    answer = best(answers)
    if answer.usable == "unknown" and seen.driver == "no":
        # Whatever kept the sources from answering, nothing drives a device.
        answer = replace(answer, usable="no")
    devices = join(seen, answer, identity.machine_id(watch) if answer.gpus else None)
    nvidia_notes.usable(watch, answers, answer, devices)
    if answer.usable == "yes":
        nvidia_notes.differences(watch, seen, answer)
    nvidia_notes.library(watch, seen)
    nvidia_notes.contradictions(watch, seen, answers)
    nvidia_notes.counts(watch, KIND, seen, answer)
    return devices


def ask(watch: Watch) -> tuple[Answer, ...]:
    """The answers, in the order they were asked for. A clear refusal is believed; only silence asks the next source."""
    first = nvml.ask(watch)
    if first.usable == "no":
        return (first,)
    if first.usable == "yes":
        more = cuda.ask(watch) if any(_is_incomplete(gpu) for gpu in first.working) else None
        return (first,) if more is None else (first, more)
    second = cuda.ask(watch)
    if second is not None and second.usable != "unknown":
        return first, second
    third = smi.ask(watch)
    return tuple(answer for answer in (first, second, third) if answer is not None)


def _is_incomplete(gpu: Gpu) -> bool:
    return gpu.partitions is None and (gpu.memory_bytes is None or gpu.capability is None or gpu.addressing == _ATS)


def best(answers: tuple[Answer, ...]) -> Answer:
    """The first answer that settles the matter, with what the others know more; else the first of all."""
    chosen = next((answer for answer in answers if answer.usable != "unknown"), answers[0])
    for other in answers:
        if other is not chosen and chosen.usable == other.usable == "yes":
            chosen = completed(chosen, other)
    return chosen


def join(seen: Seen, answer: Answer, machine_id: str | None = None) -> tuple[Device, ...]:
    """The devices of all sources, each once. One that the library does not list is there, but not usable."""
    chips = {chip.address: chip for chip in seen.chips or ()}
    listed = {gpu.pci: gpu for gpu in answer.gpus if gpu.pci}
    addresses = sorted({*chips, *seen.names, *listed})
    whole = [_device(seen, answer, chips.get(a), listed.get(a), a) for a in addresses]
    # Without an address, a device that works is one more; a lost one is among those seen on the bus.
    rest = [gpu for gpu in answer.gpus if not gpu.pci and (gpu.code == 0 or not addresses)]
    gpus: list[Gpu | None] = [*(listed.get(a) for a in addresses), *rest]
    whole += [_device(seen, answer, None, gpu, None) for gpu in rest]
    if not whole:
        nameless = _device(seen, answer, None, None, None)
        return tuple([nameless] * min(MAX_DEVICES, len(seen.nodes) or (seen.tegra is not None)))
    found = [part for device, gpu in zip(whole, gpus) for part in _partitioned(device, gpu, machine_id)]
    return tuple(found[:MAX_DEVICES])


def _device(seen: Seen, answer: Answer, chip: pci.PciDevice | None, gpu: Gpu | None, address: str | None) -> Device:
    driver: State = "yes" if gpu is not None else seen.driver
    if gpu is None and chip is not None and chip.driver is not None:
        driver = "yes" if chip.driver == "nvidia" else "no"
    name = seen.names.get(address) if address else seen.model
    return Device(
        kind=KIND,
        name=(gpu.name if gpu else None) or name,
        memory_bytes=gpu.memory_bytes if gpu else None,
        compute_capability=gpu.capability if gpu else None,
        driver_version=answer.driver_version or (seen.version if driver == "yes" else None),
        toolkit_version=answer.cuda_version,
        present="yes",
        driver=driver,
        usable="no" if driver == "no" else _usable(answer, gpu),
        architecture=_architecture(seen, chip, gpu),
        unified_memory=_unified(seen, gpu),
        address=address,
    )


def _usable(answer: Answer, gpu: Gpu | None) -> State:
    if answer.usable != "yes":
        return answer.usable
    if gpu is None:
        return "no"
    if gpu.code:
        return reason_of(gpu.code)[0]
    if answer.source == smi.SOURCE:
        return "unknown"  # that the tool lists a device does not say that a process here can compute on it
    allowed = answer.has_cuda_library and gpu.partitions != () and gpu.compute_mode != _PROHIBITED
    return "yes" if allowed else "no"


def _architecture(seen: Seen, chip: pci.PciDevice | None, gpu: Gpu | None) -> str | None:
    """The generation: from the library, the capability, the Tegra chip; last from the id on the bus."""
    said = gpu and (nvidia_names.of_library(gpu.architecture) or nvidia_names.of_capability(gpu.capability))
    return said or seen.tegra or nvidia_names.of_bus(chip.device if chip else None) or None


def _unified(seen: Seen, gpu: Gpu | None) -> bool | None:
    """Whether the device's memory is the host's own.

    A coherent device with memory of its own (GH200) reaches the host's memory too; that is not one pool.
    """
    if seen.tegra is not None:
        return True
    if gpu is None or gpu.code:
        return None
    if gpu.integrated is not None:
        return gpu.integrated
    if gpu.memory_bytes is None:
        return True if gpu.addressing == _ATS and gpu.memory_code == _NOT_SUPPORTED else None
    return False


def _partitioned(device: Device, gpu: Gpu | None, machine_id: str | None) -> list[Device]:
    """The device itself, or one entry for each of its partitions."""
    if gpu is None:
        return [device]
    if gpu.partitions:
        return [_part(device, part, machine_id) for part in gpu.partitions]
    serial_hash = identity.salted(machine_id, gpu.serial) if gpu.serial else None
    # Partitioned, and without a partition: nothing of its memory can be used.
    memory = None if gpu.partitions == () else device.memory_bytes
    return [replace(device, memory_bytes=memory, serial_hash=serial_hash)]


def _part(device: Device, part: Partition, machine_id: str | None) -> Device:
    name, _, profile = (part.name or "").rpartition(" MIG ")
    return replace(
        device,
        name=name or device.name,
        memory_bytes=part.memory_bytes,
        partition=profile or part.name or "MIG",
        serial_hash=identity.salted(machine_id, part.serial) if part.serial else None,
    )
