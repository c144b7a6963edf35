"""Google TPUs, told by their ids on the PCI bus.

The vendor alone proves nothing: Google's virtual network card and disk share it. The cloud's metadata service
is never asked (off the cloud that can block for minutes), and no TPU library is loaded (it would take the
chip).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from probes.look import files, pci
from probes.look.limits import MAX_DEVICES
from probes.look.watch import Watch
from rules.hardware import GIB, Device, State

KIND = "tpu"
VENDOR = 0x1AE0

_IOMMU = "/sys/kernel/iommu_groups"
_ACCELERATOR_TYPE = re.compile(r"v?[0-9]{1,2}[a-z]{0,8}-[0-9]{1,6}")


@dataclass(frozen=True)
class Chip:
    """A generation: its name and the memory of one chip in GiB, None when that is not published for sure."""

    name: str
    memory_gib: int | None


_CHIPS: Mapping[int, Chip] = {
    0x0027: Chip("TPU v2 or v3", None),
    0x0056: Chip("TPU (id 0x0056)", None),
    0x005E: Chip("TPU v4", 32),
    0x0062: Chip("TPU v5p", 95),
    0x0063: Chip("TPU v5e", 16),
    0x006F: Chip("TPU v6e", 32),
    0x0076: Chip("TPU7x", 192),
    0x007C: Chip("TPU 8t", None),
    0x0083: Chip("TPU 8i", None),
}
# The first two generations share a device id.
_BY_SUBSYSTEM: Mapping[int, Chip] = {0x004E: Chip("TPU v2", 16), 0x004F: Chip("TPU v3", 32)}


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each chip on the bus."""
    if watch.machine.system != "Linux":
        watch.note("usable", "no", "linux_only: TPUs are offered to Linux only", "operating system")
        return ()
    bus = pci.inventory(watch.machine.root)
    google = [device for device in bus or () if device.vendor == VENDOR]
    chips = [device for device in google if device.device in _CHIPS]
    if not chips:
        _note_absent(watch, bus is None, google)
        return ()
    watch.note("present", "yes", f"on_bus: {len(chips)} TPU chips", pci.PATH)
    devices = tuple(_device(watch, chip) for chip in chips[:MAX_DEVICES])
    bound = sum(device.driver == "yes" for device in devices)
    watch.note("driver", "yes" if bound else "no", f"bound: {bound} of {len(devices)} chips have a node", "/dev")
    count = sum(device.usable == "yes" for device in devices)
    # The TPU library comes with each framework, so access to the node is what the machine itself can offer.
    reason = f"node_access: this user may open {count} of {len(devices)} nodes; no library was loaded"
    watch.note("usable", "yes" if count else "no", reason, "/dev")
    return devices


def _note_absent(watch: Watch, hidden: bool, google: list[pci.PciDevice]) -> None:
    if hidden:
        stated = watch.machine.env.get("TPU_ACCELERATOR_TYPE", "")
        kind = f" of type {stated}" if _ACCELERATOR_TYPE.fullmatch(stated) else ""
        hint = f"; the environment names a TPU{kind}" if stated else ""
        nodes = "; accelerator nodes exist, of an unknown vendor" if _nodes(watch) else ""
        reason = f"bus_hidden: the PCI bus cannot be seen from here{hint}{nodes}"
        watch.note("present", "unknown", reason, pci.PATH)
        watch.note("usable", "unknown", "bus_hidden: nodes cannot be told apart without the bus", "/dev")
        return
    # Storage and network devices (classes 01 and 02) are surely not chips; others may be new ones.
    strange = [device for device in google if device.class_code >> 16 not in (0x01, 0x02)]
    if strange:
        reason = f"unknown_chip: a Google device {strange[0].device:#06x} that this release does not know"
        watch.note("present", "unknown", reason, pci.PATH)
        watch.note("usable", "unknown", "unknown_chip: not a generation that this release knows", pci.PATH)
        return
    other = "; Google's network card or disk has the same vendor" if google else ""
    watch.note("present", "no", f"not_on_bus: no TPU chip{other}", pci.PATH)
    watch.note("usable", "no", "no_device: nothing to use", pci.PATH)


def _device(watch: Watch, chip: pci.PciDevice) -> Device:
    known = _CHIPS[chip.device]
    if chip.device == 0x0027:
        known = _BY_SUBSYSTEM.get(chip.subsystem or 0, known)
    node = _node(watch, chip)
    driver: State = "yes" if node else "no"
    usable: State = "yes" if node and watch.machine.accessible(files.under(watch.machine.root, node)) else "no"
    return Device(
        kind=KIND,
        name=known.name,
        memory_bytes=known.memory_gib * GIB if known.memory_gib else None,
        compute_capability=None,
        driver_version=None,
        toolkit_version=None,
        present="yes",
        driver=driver,
        usable=usable,
    )


def _node(watch: Watch, chip: pci.PciDevice) -> str | None:
    """A chip's node: `/dev/accelN` up to v4, `/dev/vfio/N` after, matched through the kernel's links."""
    root = watch.machine.root
    group = files.link_name(root, f"{pci.PATH}/{chip.address}/iommu_group") or _group(watch, chip)
    if group and group.isdecimal() and files.is_node(root, f"/dev/vfio/{group}"):
        return f"/dev/vfio/{group}"
    for name in files.names(root, "/sys/class/accel") or ():
        if files.link_name(root, f"/sys/class/accel/{name}/device") != chip.address:
            continue
        for node in (f"/dev/{name}", f"/dev/accel/{name}"):
            if files.is_node(root, node):
                return node
    return None


def _group(watch: Watch, chip: pci.PciDevice) -> str | None:
    root = watch.machine.root
    groups = files.names(root, _IOMMU) or ()
    return next((g for g in groups if files.exists(root, f"{_IOMMU}/{g}/devices/{chip.address}")), None)


def _nodes(watch: Watch) -> bool:
    """Whether accelerator nodes of any vendor exist; `/dev/accel` itself is a directory on some machines."""
    root = watch.machine.root
    flat = [n for n in files.names(root, "/dev") or () if re.fullmatch(r"accel[0-9]+", n)]
    groups = [n for n in files.names(root, "/dev/vfio") or () if n.isdecimal()]
    return any(files.is_node(root, f"/dev/{name}") for name in flat) or bool(groups)
