"""What files alone say of NVIDIA devices: bus, kernel module, device nodes, device tree, and Windows' node in WSL.

Nothing is loaded and no process is started. It notes the first two rungs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes.look import files, host, nvidia_names, pci
from probes.look.text import clean
from probes.look.watch import Watch
from rules.hardware import Rung, State

VENDOR = 0x10DE
MODULE = "/sys/module/nvidia/version"

_TREE = "/proc/device-tree"
_L4T = "/etc/nv_tegra_release"
_MODULES = "/sys/module"
_GPUS = "/proc/driver/nvidia/gpus"
_VERSION_FILES = (MODULE, "/proc/driver/nvidia/version")
_VERSION = re.compile(r"(?<![\w.])([0-9]{3,4}\.[0-9]{1,4}(?:\.[0-9]{1,4})?)(?![\w.])")


@dataclass(frozen=True)
class Seen:
    """What files alone say.

    Attributes:
        chips: display devices on the bus; None for a hidden bus.
        names: address -> model, as the kernel driver lists its devices.
        nodes: the device nodes, such as `nvidia0`.
        version: of the kernel module.
        wsl: whether Windows drives the device.
        tegra: the chip's generation on a Tegra system, "" for one that this release does not know, None elsewhere.
        model: what a Tegra board is called.
        unloaded: whether the kernel lists its modules and NVIDIA's is not among them.
    """

    chips: tuple[pci.PciDevice, ...] | None
    names: dict[str, str | None]
    nodes: tuple[str, ...]
    version: str | None
    present: State
    driver: State
    wsl: bool = False
    tegra: str | None = None
    model: str | None = None
    unloaded: bool = False


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
    tree = files.read(root, f"{_TREE}/compatible") or ""
    wsl = host.kind(watch.machine) == "wsl2"
    present = _present(watch, chips, bool(nodes or names), tree, wsl)
    modules = files.names(root, _MODULES)
    version, source = _version(watch)
    driver = _driver(watch, version, source, bool(nodes), modules, wsl)
    return Seen(
        chips=chips,
        names=names,
        nodes=nodes,
        version=version,
        present=present,
        driver=driver,
        wsl=wsl,
        tegra=(nvidia_names.of_tegra(tree) or "") if "tegra" in tree else None,
        model=clean(files.read(root, f"{_TREE}/model")) if "tegra" in tree else None,
        unloaded=modules is not None and not {"nvidia", "nvgpu"} & set(modules) and version is None,
    )


def _present(watch: Watch, chips: tuple[pci.PciDevice, ...] | None, has_nodes: bool, tree: str, wsl: bool) -> State:
    if chips:
        raw = " ".join(f"{chip.vendor:04x}:{chip.device:04x}" for chip in chips)
        return watch.note("present", "yes", f"on_bus: {len(chips)} NVIDIA display devices", pci.PATH, raw=raw)
    if has_nodes:
        return watch.note("present", "yes", "nodes: the kernel driver offers devices", "/dev/nvidia*")
    if "tegra" in tree:
        raw = tree.replace("\0", " ")
        return watch.note("present", "yes", "on_chip: a Tegra system with its own graphics", f"{_TREE}/compatible", raw)
    if wsl:
        return _note_wsl(watch, "present")
    if chips is None:
        return watch.note("present", "unknown", "bus_hidden: the PCI bus cannot be seen from here", pci.PATH)
    return watch.note("present", "no", "not_on_bus: no NVIDIA display device", pci.PATH)


def _driver(
    watch: Watch, version: str | None, source: str, has_nodes: bool, modules: tuple[str, ...] | None, wsl: bool
) -> State:
    root = watch.machine.root
    if version is not None:
        raw = (files.read(root, _VERSION_FILES[1]) or "").partition("\n")[0]  # says whether the open module is loaded
        return watch.note("driver", "yes", f"loaded: {version}", source, raw=raw)
    if modules is not None and "nvgpu" in modules:
        release = tegra_release(files.read(root, _L4T))
        reason = f"loaded: the driver of Tegra systems{f', L4T {release}' if release else ''}"
        return watch.note("driver", "yes", reason, _L4T if release else _MODULES, raw=files.read(root, _L4T))
    if has_nodes or files.exists(root, "/dev/nvidiactl"):
        return watch.note("driver", "yes", "nodes: the device nodes are there", "/dev/nvidia*")
    if wsl:
        return _note_wsl(watch, "driver")
    if modules is None:
        return watch.note("driver", "unknown", "modules_hidden: the kernel's modules are not shown", _MODULES)
    return watch.note("driver", "no", "not_loaded: the kernel module nvidia is not loaded", _MODULES)


def tegra_release(text: str | None) -> str | None:
    """The version in NVIDIA's release file: `# R36 (release), REVISION: 4.3, ...` is 36.4.3."""
    match = re.match(r"# R([0-9]{1,3}) \(release\), REVISION: ([0-9]{1,3}(?:\.[0-9]{1,3})?)", text or "")
    return f"{match[1]}.{match[2]}" if match else None


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


def permitted(watch: Watch, seen: Seen) -> int | None:
    """How many of the device nodes this user may open; None where there are none to tell by."""
    machine = watch.machine
    if seen.nodes:
        return sum(machine.accessible(files.under(machine.root, f"/dev/{node}")) for node in seen.nodes)
    return None
