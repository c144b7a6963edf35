"""AMD graphics processors: bus, compute driver and display driver, joined by PCI address.

The target (`gfx942`) is what the kernel's compute driver says, else what a table of ids says for sure, never guessed
from a name. No library of ROCm is loaded: frameworks bring their own, so access to the nodes is what the machine can
offer. Opening `/dev/kfd` would set up a process in the driver; its permissions are asked for instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

from probes.look import amd_ids, cards, files, kfd, libraries, pci, plugged
from probes.look.limits import MAX_DEVICES
from probes.look.text import clean, version
from probes.look.watch import Watch
from rules.hardware import GIB, Device

KIND = "amd_gpu"

_WHAT = "AMD graphics processors"
_OVERRIDE = "HSA_OVERRIDE_GFX_VERSION"
_ROCM_VERSION = "/opt/rocm/.info/version"
_NAMES = "/usr/share/libdrm/amdgpu.ids"


@dataclass(frozen=True)
class Gpu:
    """One processor as bus (`chip`) and compute driver (`node`) show it; at least one of them does."""

    chip: pci.PciDevice | None
    node: kfd.KfdNode | None
    shares_card: bool = False


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each processor, or for each partition of one, in the order of addresses."""
    if watch.machine.system == "Darwin":
        watch.note("usable", "no", "no_driver: ROCm is not made for macOS", "operating system")
        return ()
    if cards.passed_in(watch):
        watch.note("present", "unknown", "passed_in: Windows passes in a device of some vendor", "/dev/dxg")
        return ()
    listed = cards.bus(watch)
    nodes = kfd.inventory(watch.machine.root)
    chips = [c for c in listed or () if c.vendor == amd_ids.GPU_VENDOR and c.class_code >> 16 in (0x03, 0x12)]
    gpus = _join(chips, nodes or ())[:MAX_DEVICES]
    if not gpus:
        cards.note_absent(watch, _WHAT, listed is None)
        return ()
    source = cards.bus_source(watch) if chips else kfd.PATH
    watch.note("present", "yes", f"seen: {len(gpus)} {_WHAT}", source)
    standings = [_stand(watch, gpu, nodes is not None) for gpu in gpus]
    devices = tuple(_device(watch, gpu, standing) for gpu, standing in zip(gpus, standings))
    cards.note_standings(watch, standings)
    _note_setup(watch, devices)
    cards.count(watch, KIND, standings)
    return devices


def _join(chips: Sequence[pci.PciDevice], nodes: Sequence[kfd.KfdNode]) -> list[Gpu]:
    """Processors of both sources, each once; a partitioned card has one chip and several nodes."""
    by_address = {chip.address: chip for chip in chips}
    places = [node.address for node in nodes]
    found = [Gpu(by_address.get(n.address or ""), n, places.count(n.address) > 1) for n in nodes]
    known = {node.address for node in nodes}
    found += [Gpu(chip, None) for chip in chips if chip.address not in known]
    return sorted(found, key=_place)


def _place(gpu: Gpu) -> str:
    return gpu.chip.address if gpu.chip else (gpu.node.address if gpu.node else None) or ""


def _stand(watch: Watch, gpu: Gpu, has_topology: bool) -> cards.Standing:
    if watch.machine.system == "Windows" and gpu.chip is not None:
        return cards.stand(watch, gpu.chip, None, ())
    if gpu.node is None:
        return _without_compute(watch, gpu, has_topology)
    needed = [kfd.NODE, *([gpu.node.render] if gpu.node.render else [])]
    driver = "bound: to amdgpu, with its compute part"
    for node in needed:
        if not files.is_node(watch.machine.root, node):
            why = f"node_missing: {re.sub('[0-9]+$', 'N', node)} is not here; in a container, pass it in"
            return cards.Standing("yes", driver, "no", why, False)
        if not watch.machine.accessible(files.under(watch.machine.root, node)):
            return cards.Standing("yes", driver, "no", cards.denied(watch, node), False)
    why = "node_access: this user may open the compute and render nodes; no library was loaded"
    return cards.Standing("yes", driver, "yes", why, True)


def _without_compute(watch: Watch, gpu: Gpu, has_topology: bool) -> cards.Standing:
    """A chip that the compute driver does not list: no driver, the wrong one, or one that shows no topology."""
    chip = gpu.chip
    if chip is None or chip.driver != "amdgpu":
        driver = chip.driver if chip else None
        why = f"held: bound to {driver}, not to amdgpu" if driver else "not_bound: amdgpu has not taken it"
        return cards.Standing("no", why, "no", "no_driver: nothing drives it for computing", source=pci.PATH)
    if has_topology:
        why = "not_listed: the driver does not offer it for computing"
        return cards.Standing("yes", "bound: to amdgpu", "no", why, source=kfd.PATH)
    exists = files.exists(watch.machine.root, kfd.NODE)
    why = "topology_hidden: what the compute driver offers is not shown here"
    if exists:
        return cards.Standing("yes", "bound: to amdgpu", "unknown", why, source=kfd.PATH)
    why = "node_missing: /dev/kfd is not here; in a container, pass it in"
    return cards.Standing("yes", "bound: to amdgpu", "no", why, False, kfd.NODE)


def _device(watch: Watch, gpu: Gpu, standing: cards.Standing) -> Device:
    chip = gpu.chip
    model = amd_ids.GPUS.get(chip.device) if chip else None
    told = gpu.node.target if gpu.node else None
    target = told or (model.architecture if model else None)
    unified = _unified(gpu, target)
    if told and model and model.architecture:
        watch.contradict("target of an AMD processor", {kfd.PATH: told, "table of ids": model.architecture})
    memory, driver = _memory(watch, gpu, unified)
    return Device(
        kind=KIND,
        name=_name(watch, chip) or (model.name if model else None),
        memory_bytes=memory,
        compute_capability=None,
        driver_version=driver or version(files.read(watch.machine.root, "/sys/module/amdgpu/version")),
        toolkit_version=_rocm(watch),
        present="yes",
        driver=standing.driver,
        usable=standing.usable,
        architecture=target,
        unified_memory=unified,
        partition=_partition(watch, gpu),
        address=cards.address(_place(gpu)),
    )


def _unified(gpu: Gpu, target: str | None) -> bool | None:
    """Whether it is part of a processor; None when neither target, id nor topology tells."""
    if target in amd_ids.INTEGRATED or (gpu.chip and gpu.chip.device in amd_ids.INTEGRATED_IDS):
        return True
    if gpu.node is None:
        return False if target else None
    return gpu.node.with_cores


def _memory(watch: Watch, gpu: Gpu, unified: bool | None) -> tuple[int | None, str | None]:
    """Memory in bytes and driver version. Shared memory is the larger of what is set aside and what may be mapped."""
    if gpu.chip is None:
        return (gpu.node.memory_bytes if gpu.node else None), None
    if watch.machine.system == "Windows":
        return plugged.video_memory(watch, gpu.chip)
    base = f"{pci.PATH}/{gpu.chip.address}"
    aside = _size(watch, f"{base}/mem_info_vram_total")
    mapped = _size(watch, f"{base}/mem_info_gtt_total")
    if not unified:
        of_node = gpu.node.memory_bytes if gpu.node else None
        return (of_node if gpu.shares_card else aside or of_node), None
    if aside and mapped:
        raw = f"set aside {aside / GIB:.1f} GiB, mappable {mapped / GIB:.1f} GiB"
        watch.note("usable", "yes", "shared_memory: its memory is part of the host's", f"{base}/mem_info_*", raw)
    return max((size for size in (aside, mapped) if size), default=None), None


def _size(watch: Watch, path: str) -> int | None:
    size = files.number(watch.machine.root, path)
    return size if size and 0 < size <= kfd.MAX_MEMORY_BYTES else None


def _partition(watch: Watch, gpu: Gpu) -> str | None:
    """How the card is divided, None for a whole one."""
    if gpu.chip is None or not gpu.shares_card:
        return None
    mode = clean(files.read(watch.machine.root, f"{pci.PATH}/{gpu.chip.address}/current_compute_partition"))
    return mode.lower() if mode and re.fullmatch(r"[A-Z]{2,4}", mode) else "partition"


def _name(watch: Watch, chip: pci.PciDevice | None) -> str | None:
    """What the system calls it: Windows, the card itself, or the display library's list of names."""
    if chip is None:
        return None
    said = chip.name or clean(files.read(watch.machine.root, f"{pci.PATH}/{chip.address}/product_name"))
    if said or chip.revision is None:
        return said
    listed = files.read(watch.machine.root, _NAMES) or ""
    match = re.search(rf"^{chip.device:04X},\s*{chip.revision:02X},\s*(.+)$", listed, re.MULTILINE | re.IGNORECASE)
    return clean(match[1]) if match else None


def _rocm(watch: Watch) -> str | None:
    """The version of ROCm that is installed beside the frameworks, None when there is none."""
    text = clean(files.read(watch.machine.root, _ROCM_VERSION)) or ""
    match = re.match(r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,3}", text)
    return match[0] if match else None


def _note_setup(watch: Watch, devices: Sequence[Device]) -> None:
    """Note an override of the target that is in force, and whether ROCm's own libraries are installed."""
    forced = clean(watch.machine.env.get(_OVERRIDE))
    if forced:
        told = ", ".join(sorted({device.architecture or "unknown" for device in devices}))
        reason = f"override: {_OVERRIDE} makes ROCm take the device ({told}) for another"
        watch.note("usable", "unknown", reason, "environment", forced)
    if watch.machine.system == "Linux":
        found = libraries.find(watch.machine, "libhsa-runtime64.so", "/opt/rocm/lib")
        reason = "rocm_found: ROCm is installed" if found else "rocm_not_found: only builds that bring ROCm can run"
        watch.note("usable", "yes" if found else "unknown", reason, found or libraries.CACHE)
