"""Accelerators that are seen and named, without a verdict: no framework of the knowledge base is judged on them.

Vendors (read on 2026-11-21): the PCI id list (pci.ids, 2023-04-11) for Furiosa, Enflame, Moore Threads, Hygon and
Alibaba; gpustack's table of vendors for Cambricon, Iluvatar and MetaX; the makers' kernel drivers for Tenstorrent and
Rebellions. Mobilint is told by the names of its nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from probes.look import accel, cards, pci, soc, usb
from probes.look.limits import MAX_DEVICES
from probes.look.watch import Watch
from rules.hardware import Device

KIND = "other"

# Vendors that other probes judge; what they do not know of these, they say themselves.
JUDGED = frozenset((0x10DE, 0x1002, 0x1022, 0x8086, 0x1AE0, 0x1AC1, 0x1D0F, 0x1DA3, 0x19E5, 0x1E60))
_CLASSES = (0x03, 0x0B, 0x12)


@dataclass(frozen=True)
class Vendor:
    """A maker: its name, its nodes in /dev, the names of single ids, and the classes that its accelerators have.

    `classes` is empty for a maker that makes nothing else.
    """

    name: str
    nodes: str = ""
    directory: str = "/dev"
    ids: Mapping[int, str] | None = None
    classes: tuple[int, ...] = ()


VENDORS: Mapping[int, Vendor] = {
    0x1E52: Vendor(
        "Tenstorrent",
        r"[0-9]{1,3}",
        "/dev/tenstorrent",
        {0xFACA: "Tenstorrent Grayskull", 0x401E: "Tenstorrent Wormhole", 0xB140: "Tenstorrent Blackhole"},
    ),
    0x1ED2: Vendor("FuriosaAI", ids={0x0000: "FuriosaAI Warboy"}),
    0x1EFF: Vendor("Rebellions", r"rbln[0-9]{1,3}"),
    0x9999: Vendor("MetaX", classes=_CLASSES),
    0x1ED5: Vendor("Moore Threads", classes=_CLASSES),
    0x1E3E: Vendor("Iluvatar", classes=_CLASSES),
    0xCABC: Vendor("Cambricon", r"cambricon_dev[0-9]{1,3}"),
    0x1E36: Vendor("Enflame"),
    0x1D94: Vendor("Hygon", classes=_CLASSES),
    0x1DED: Vendor("T-Head (Alibaba)", classes=_CLASSES),
    0x17CB: Vendor("Qualcomm Cloud AI", classes=(0x12,)),
}
# Nodes of makers whose ids are not known for sure.
NODES: Mapping[str, str] = {r"aries[0-9]{1,3}": "Mobilint Aries", r"regulus-npu[0-9]{1,3}": "Mobilint Regulus"}
USB: Mapping[tuple[int, int], str] = {(0x03E7, 0x2485): "Intel Movidius Myriad X"}


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each accelerator that no other probe judges."""
    if watch.machine.system == "Darwin":
        watch.note("present", "no", "none_known: no such accelerator is made for macOS", "operating system")
        return ()
    listed = cards.bus(watch)
    seen = [(chip, name) for chip in listed or () if (name := _name(chip)) is not None]
    found = [_card(watch, chip, name, n) for n, (chip, name) in enumerate(seen)]
    found += _by_node(watch) + _by_usb(watch) + _by_class(watch)
    if not found:
        cards.note_absent(watch, "other accelerators", listed is None)
        return ()
    watch.note("present", "yes", f"seen: {len(found)} accelerators without a verdict", cards.bus_source(watch))
    for device in found[:MAX_DEVICES]:
        reason = f"not_judged: {device.name}; this release judges no framework on it"
        watch.note("usable", "unknown", reason, cards.bus_source(watch))
    return tuple(found[:MAX_DEVICES])


def _name(chip: pci.PciDevice) -> str | None:
    """What an accelerator is called, None for what is none or is judged elsewhere."""
    vendor = VENDORS.get(chip.vendor)
    kind = chip.class_code >> 16
    if vendor is not None and (not vendor.classes or kind in vendor.classes):
        return (vendor.ids or {}).get(chip.device) or f"{vendor.name} (id {chip.device:#06x})"
    if kind == 0x12 and chip.vendor not in JUDGED and "hexagon" not in (chip.name or "").lower():
        return chip.name or f"Accelerator (vendor {chip.vendor:#06x}, id {chip.device:#06x})"
    return None


def _card(watch: Watch, chip: pci.PciDevice, name: str, number: int) -> Device:
    vendor = VENDORS.get(chip.vendor)
    pattern, directory = (vendor.nodes, vendor.directory) if vendor else ("", "/dev")
    node = cards.nth_node(pattern, directory)(watch, chip, number) if pattern else None
    standing = cards.stand(watch, chip, node, (chip.driver,) if chip.driver else ())
    # Handed to a virtual machine, it is driven there and not here.
    held = chip.driver == "vfio-pci"
    judged = cards.Standing("no" if held else standing.driver, "", "no" if held else "unknown", "")
    if judged.driver == "no":
        judged = cards.Standing("no", "", "no", "")
    return cards.device(cards.Card(chip, cards.Model(name), node, judged), KIND)


def _by_node(watch: Watch) -> list[Device]:
    found = [(node, name) for pattern, name in NODES.items() for node in cards.numbered(watch, pattern)]
    return [_bare(name) for _, name in found]


def _by_usb(watch: Watch) -> list[Device]:
    listed = usb.inventory(watch.machine.root) or ()
    return [_bare(USB[stick.vendor, stick.product]) for stick in listed if (stick.vendor, stick.product) in USB]


def _by_class(watch: Watch) -> list[Device]:
    """Entries of the kernel's accelerator class that are not on the bus and whose driver no other probe knows."""
    known = {driver for part in soc.PARTS.values() for driver in part.drivers}
    listed = cards.bus(watch)
    places = {chip.address for chip in listed or ()}
    strange = [
        entry
        for entry in accel.inventory(watch.machine.root)
        if listed is not None and entry.driver and entry.driver not in known and (entry.device or "") not in places
    ]
    return [_bare(f"Accelerator of the driver {entry.driver}") for entry in strange]


def _bare(name: str) -> Device:
    return Device(KIND, name, None, None, None, None, present="yes", driver="unknown", usable="unknown")
