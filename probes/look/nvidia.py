"""NVIDIA graphics processors: what bus, kernel and the driver's library each say, joined by PCI address.

Files come first; the library is asked, in a child, only where a device may be. The parent never loads a
vendor library. A capability is what the driver says, never guessed from a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from probes.look import files, host, nvml, pci
from probes.look.limits import MAX_DEVICES
from probes.look.text import clean
from probes.look.watch import Watch
from rules.hardware import Device, Rung, State

KIND = "nvidia_gpu"
VENDOR = 0x10DE

_TREE = "/proc/device-tree/compatible"
_MODULES = "/sys/module"
_GPUS = "/proc/driver/nvidia/gpus"
_VERSION_FILES = ("/sys/module/nvidia/version", "/proc/driver/nvidia/version")
_VERSION = re.compile(r"(?<![\w.])([0-9]{3,4}\.[0-9]{1,4}(?:\.[0-9]{1,4})?)(?![\w.])")


@dataclass(frozen=True)
class Seen:
    """What files alone say. `names`: what the kernel driver lists; `chips`: None for a hidden bus."""

    chips: tuple[pci.PciDevice, ...] | None
    names: dict[str, str | None]
    nodes: tuple[str, ...]
    version: str | None
    present: State
    driver: State


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each processor seen by anyone, in the order of addresses."""
    if watch.machine.system == "Darwin":
        watch.note("usable", "no", "no_driver: NVIDIA makes no driver for macOS", "operating system")
        return ()
    seen = see(watch)
    if seen.present == "no" and seen.driver != "yes":
        watch.note("usable", "no", "no_device: nothing to use", pci.PATH)
        return ()
    answer = nvml.ask(watch)
    if answer.usable == "unknown" and seen.driver == "no":
        # Whatever kept the library from answering, nothing drives a device.
        answer = replace(answer, usable="no")
    devices = join(seen, answer)
    _note_usable(watch, answer, devices)
    if answer.usable == "yes":
        _note_differences(watch, seen, answer)
    return devices


def see(watch: Watch) -> Seen:
    """Look at bus, kernel module and device nodes, and note the first two rungs."""
    root = watch.machine.root
    if watch.machine.system != "Linux":
        watch.note("present", "unknown", "not_read: the bus is not read on this system", "operating system")
        return Seen(None, {}, (), None, "unknown", "unknown")
    bus = pci.inventory(root)
    chips = None if bus is None else tuple(d for d in bus if d.vendor == VENDOR and d.is_display)
    nodes = tuple(n for n in files.names(root, "/dev") or () if re.fullmatch(r"nvidia[0-9]+", n))
    names = {gpu.lower(): _model(watch, gpu) for gpu in files.names(root, _GPUS) or ()}
    present = _present(watch, chips, bool(nodes or names))
    version, source = _version(watch)
    driver = _driver(watch, version, source, bool(nodes))
    return Seen(chips, names, nodes, version, present, driver)


def _present(watch: Watch, chips: tuple[pci.PciDevice, ...] | None, has_nodes: bool) -> State:
    root = watch.machine.root
    if chips:
        return watch.note("present", "yes", f"on_bus: {len(chips)} NVIDIA display devices", pci.PATH)
    if has_nodes:
        return watch.note("present", "yes", "nodes: the kernel driver offers devices", "/dev/nvidia*")
    if "tegra" in (files.read(root, _TREE) or ""):
        return watch.note("present", "yes", "on_chip: a Tegra system with its own graphics", _TREE)
    if host.kind(watch.machine) == "wsl2":
        return _note_wsl(watch, "present")
    if chips is None:
        return watch.note("present", "unknown", "bus_hidden: the PCI bus cannot be seen from here", pci.PATH)
    return watch.note("present", "no", "not_on_bus: no NVIDIA display device", pci.PATH)


def _driver(watch: Watch, version: str | None, source: str, has_nodes: bool) -> State:
    root = watch.machine.root
    if version is not None:
        return watch.note("driver", "yes", f"loaded: {version}", source)
    if has_nodes or files.exists(root, "/dev/nvidiactl"):
        return watch.note("driver", "yes", "nodes: the device nodes are there", "/dev/nvidia*")
    if host.kind(watch.machine) == "wsl2":
        return _note_wsl(watch, "driver")
    modules = files.names(root, _MODULES)
    if modules is None:
        return watch.note("driver", "unknown", "modules_hidden: the kernel's modules are not shown", _MODULES)
    if "nvgpu" in modules:
        return watch.note("driver", "yes", "loaded: the driver of Tegra systems", _MODULES)
    return watch.note("driver", "no", "not_loaded: the kernel module nvidia is not loaded", _MODULES)


def _note_wsl(watch: Watch, rung: Rung) -> State:
    """In WSL bus and kernel say nothing: Windows drives the device and passes in one node for any vendor."""
    if files.exists(watch.machine.root, "/dev/dxg"):
        return watch.note(rung, "unknown", "wsl: Windows passes in a device of some vendor", "/dev/dxg")
    return watch.note(rung, "no", "wsl: Windows passes in no graphics device", "/dev/dxg")


def _version(watch: Watch) -> tuple[str | None, str]:
    for path in _VERSION_FILES:
        match = _VERSION.search((files.read(watch.machine.root, path) or "").partition("\n")[0])
        if match:
            return match[1], path
    return None, _VERSION_FILES[0]


def _model(watch: Watch, gpu: str) -> str | None:
    text = files.read(watch.machine.root, f"{_GPUS}/{gpu}/information") or ""
    match = re.search(r"^Model:\s*(.+)$", text, re.MULTILINE)
    return clean(match[1]) if match else None


def join(seen: Seen, answer: nvml.Answer) -> tuple[Device, ...]:
    """The devices of all sources, each once. One that the library does not list is there, but not usable."""
    chips = {chip.address: chip for chip in seen.chips or ()}
    listed = {gpu.pci.lower(): gpu for gpu in answer.gpus if gpu.pci}
    addresses = sorted({*chips, *seen.names, *listed})
    found = [_device(seen, answer, chips.get(a), listed.get(a), seen.names.get(a)) for a in addresses]
    # Without an address, a device that works is one more; a lost one is among those seen on the bus.
    rest = [gpu for gpu in answer.gpus if not gpu.pci and (gpu.code == 0 or not addresses)]
    found += [_device(seen, answer, None, gpu, None) for gpu in rest]
    if not found:
        found = [_device(seen, answer, None, None, None) for _ in seen.nodes]
    return tuple(found[:MAX_DEVICES])


def _device(
    seen: Seen, answer: nvml.Answer, chip: pci.PciDevice | None, gpu: nvml.Gpu | None, name: str | None
) -> Device:
    usable = _usable(answer, gpu)
    driver: State = "yes" if gpu is not None else seen.driver
    if gpu is None and chip is not None and chip.driver is not None:
        driver = "yes" if chip.driver == "nvidia" else "no"
    return Device(
        kind=KIND,
        name=(gpu.name if gpu else None) or name,
        memory_bytes=gpu.memory_bytes if gpu else None,
        compute_capability=gpu.capability if gpu else None,
        driver_version=answer.driver_version or (seen.version if driver == "yes" else None),
        toolkit_version=answer.cuda_version,
        present="yes",
        driver=driver,
        usable="no" if driver == "no" else usable,
    )


def _usable(answer: nvml.Answer, gpu: nvml.Gpu | None) -> State:
    if answer.usable != "yes":
        return answer.usable
    if gpu is None:
        return "no"
    if gpu.code:
        return nvml.reason_of(gpu.code)[0]
    return "yes" if answer.has_cuda_library and gpu.slices != 0 else "no"


def _note_usable(watch: Watch, answer: nvml.Answer, devices: tuple[Device, ...]) -> None:
    count = sum(device.usable == "yes" for device in devices)
    state: State = "yes" if count else "no"
    source = nvml.LIBRARY
    if answer.usable != "yes":
        watch.note("usable", answer.usable, answer.reason, source)
    elif not devices:
        watch.note("usable", "no", "no_device: the driver answers and lists no device", source)
    elif not answer.has_cuda_library:
        reason = "cuda_library_not_found: libcuda is not there; in a container, add the compute capability"
        watch.note("usable", "no", reason, "libcuda.so.1")
    else:
        watch.note("usable", state, f"initialised: {count} of {len(devices)} devices usable", source)


def _note_differences(watch: Watch, seen: Seen, answer: nvml.Answer) -> None:
    """Note where the library knows more or less than the files, and what is peculiar to one device."""
    source = nvml.LIBRARY
    listed = f"listed: the driver lists {len(answer.gpus)} devices"
    if answer.gpus and seen.present != "yes":
        watch.note("present", "yes", listed, source)
    if answer.gpus and seen.driver != "yes":
        watch.note("driver", "yes", listed, source)
    unlisted = {chip.address for chip in seen.chips or ()} - {gpu.pci for gpu in answer.gpus}
    if unlisted:
        reason = f"not_listed: {len(unlisted)} devices on the bus are not offered by the driver here"
        watch.note("usable", "no", reason, source)
    for number, gpu in enumerate(answer.gpus):
        _note_gpu(watch, number, gpu)


def _note_gpu(watch: Watch, number: int, gpu: nvml.Gpu) -> None:
    """Note what is peculiar to one device; nothing when all is plain."""
    source = f"{nvml.LIBRARY}, device {number}"
    if gpu.code:
        watch.note("usable", *nvml.reason_of(gpu.code), source)
        return
    if gpu.slices is not None:
        state: State = "yes" if gpu.slices else "no"
        reason = f"partitioned: {gpu.slices} MIG slices; memory is that of the largest"
        watch.note("usable", state, reason, source)
    if gpu.memory_bytes is None:
        reason = "memory_not_reported: shared with the host, or not said by this driver"
        watch.note("usable", "yes", reason, source)
