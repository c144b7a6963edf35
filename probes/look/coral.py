"""Google's Coral accelerators: on USB, where the ids change once firmware is loaded, and on PCIe.

Ids (read on 2026-11-21): `1a6e:089a` before the first use and `18d1:9302` after it (google-coral/edgetpu issue 536),
PCI `1ac1:089a` (pci.ids). The library is not loaded: it would load the firmware and so change what is seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Mapping

from probes.look import cards, libraries, pci, usb
from probes.look.watch import Watch
from rules.hardware import Device

KIND = "coral_edge_tpu"
LIBRARY = "libedgetpu.so"

# USB ids -> whether firmware has been loaded.
USB_IDS: Mapping[tuple[int, int], bool] = {(0x1A6E, 0x089A): False, (0x18D1, 0x9302): True}


def _node(watch: Watch, chip: pci.PciDevice, number: int) -> str | None:
    del number
    return cards.class_node(watch, "apex", chip)


CARD = cards.Maker(
    KIND, "Coral cards", 0x1AC1, {0x089A: cards.Model("Coral Edge TPU (PCIe)", "edge_tpu")}, ("apex",), _node
)


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each accelerator, USB first."""
    if watch.machine.system != "Linux":
        watch.note("present", "unknown", "not_read: USB devices are read on Linux only", "operating system")
        return ()
    sticks = _sticks(watch)
    found = [replace(card, standing=_with_library(watch, card.standing)) for card in cards.find(watch, CARD)]
    standings = [standing for _, standing in sticks] + [card.standing for card in found]
    if standings:
        cards.note_standings(watch, standings)
        watch.count(KIND, len(standings), len(standings), cards.permitted(standings))
    return (*(device for device, _ in sticks), *(cards.device(card, KIND) for card in found))


def _sticks(watch: Watch) -> list[tuple[Device, cards.Standing]]:
    listed = usb.inventory(watch.machine.root)
    found = [stick for stick in listed or () if (stick.vendor, stick.product) in USB_IDS]
    for stick in found:
        loaded = USB_IDS[stick.vendor, stick.product]
        before = "not_initialised: its firmware is loaded at first use, and its ids change then"
        watch.note("present", "yes", "ready: its firmware is loaded" if loaded else before, usb.PATH, stick.ids)
    if listed is None:
        watch.note("present", "unknown", "bus_hidden: the USB cannot be seen from here", usb.PATH)
    elif not found:
        watch.note("present", "no", "not_on_bus: no Coral accelerator on USB", usb.PATH)
    return [_stick(watch, stick) for stick in found]


def _stick(watch: Watch, stick: usb.UsbDevice) -> tuple[Device, cards.Standing]:
    standing = cards.Standing(
        "yes", "built_in: the library speaks to it over USB", "no", "node_missing: its USB node is not here", False
    )
    if stick.node is not None:
        open_to = cards.opened(watch, stick.node, "the USB driver")
        standing = _with_library(watch, replace(open_to, driver_why=standing.driver_why))
    loaded = USB_IDS[stick.vendor, stick.product]
    name = "Coral USB Accelerator" if loaded else "Coral USB Accelerator (before its first use)"
    return replace(cards.built_in(KIND, name, standing), architecture="edge_tpu"), standing


def _with_library(watch: Watch, standing: cards.Standing) -> cards.Standing:
    if standing.usable != "yes" or libraries.find(watch.machine, LIBRARY):
        return standing
    why = f"library_not_found: this user may open the node, but {LIBRARY} is not among the system's libraries"
    return replace(standing, usable="unknown", usable_why=why, source=libraries.CACHE)
