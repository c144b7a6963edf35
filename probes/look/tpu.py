"""Google TPUs, told by their ids on the PCI bus.

The vendor alone proves nothing: Google's virtual network card and disk share it. The cloud's metadata service
is never asked (off the cloud that can block for minutes), and no TPU library is loaded (it would take the
chip).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from probes.look import accel, cards, files, libraries, pci, visible
from probes.look.limits import MAX_DEVICES
from probes.look.watch import Watch
from rules.hardware import GIB, Device, State

KIND = "tpu"
VENDOR = 0x1AE0

_IOMMU = "/sys/kernel/iommu_groups"
_ACCELERATOR_TYPE = re.compile(r"v?[0-9]{1,2}[a-z]{0,8}-[0-9]{1,6}")


# Ids and memory of one chip, read on 2026-11-21: JAX's `hardware_utils.py` and tpu-info 0.14.2; no memory where that is
# not published for sure.
CHIPS: Mapping[int, cards.Model] = {
    0x0027: cards.Model("TPU v2 or v3"),
    0x0056: cards.Model("TPU (id 0x0056)"),
    0x005E: cards.Model("TPU v4", "v4", 32),
    0x0062: cards.Model("TPU v5p", "v5p", 95),
    0x0063: cards.Model("TPU v5e", "v5e", 16),
    0x006F: cards.Model("TPU v6e", "v6e", 32),
    0x0076: cards.Model("TPU7x", "7x", 192),
    0x007C: cards.Model("TPU 8t", "8t"),
    0x0083: cards.Model("TPU 8i", "8i"),
}
# The first two generations share a device id.
_BY_SUBSYSTEM: Mapping[int, cards.Model] = {
    0x004E: cards.Model("TPU v2", "v2", 16),
    0x004F: cards.Model("TPU v3", "v3", 32),
}
_LIBRARY = "libtpu.so"


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each chip on the bus."""
    if watch.machine.system != "Linux":
        watch.note("usable", "no", "linux_only: TPUs are offered to Linux only", "operating system")
        return ()
    bus = cards.bus(watch)
    google = [device for device in bus or () if device.vendor == VENDOR]
    chips = [device for device in google if device.device in CHIPS]
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
    watch.count(KIND, len(devices), visible.by_number(KIND, watch.machine.env, len(devices)), count)
    _note_setup(watch)
    return devices


def _note_setup(watch: Watch) -> None:
    """Note what the environment says of the slice, and where the library lies; it is read as a name, never loaded."""
    stated = watch.machine.env.get("TPU_ACCELERATOR_TYPE", "")
    if _ACCELERATOR_TYPE.fullmatch(stated):
        watch.note("present", "yes", "stated: the environment names the slice", "TPU_ACCELERATOR_TYPE", stated)
    path = watch.machine.env.get("TPU_LIBRARY_PATH", "")
    found = path if path.startswith("/") and files.is_node(watch.machine.root, path) else None
    found = found or libraries.find(watch.machine, _LIBRARY)
    if found:
        watch.note("usable", "yes", "library_found: libtpu is among the system's libraries", found)


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
    known = CHIPS[chip.device]
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
        architecture=known.architecture,
        address=cards.address(chip.address),
    )


def _node(watch: Watch, chip: pci.PciDevice) -> str | None:
    """A chip's node: `/dev/accelN` up to v4, `/dev/vfio/N` after, matched through the kernel's links."""
    root = watch.machine.root
    group = files.link_name(root, f"{pci.PATH}/{chip.address}/iommu_group") or _group(watch, chip)
    if group and group.isdecimal() and files.is_node(root, f"/dev/vfio/{group}"):
        return f"/dev/vfio/{group}"
    return accel.node(root, chip.address)


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
