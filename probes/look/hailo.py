"""Hailo accelerators: ids on the bus, the node of the driver, and whether HailoRT is installed.

Ids (read on 2026-11-21): `hailo-ai/hailort-drivers`, `common/pcie_common.h` of the drivers `hailo` and `hailo1x`.
Library and driver must be of the same version; that is not compared here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Mapping

from probes.look import cards, files, libraries, pci
from probes.look.text import version
from probes.look.watch import Watch
from rules.hardware import Device

KIND = "hailo"
VENDOR = 0x1E60
LIBRARY = "libhailort.so"

MODELS: Mapping[int, cards.Model] = {
    0x2864: cards.Model("Hailo-8", "hailo8"),
    0x45C4: cards.Model("Hailo-10H", "hailo10h"),
    0x43A2: cards.Model("Hailo-15L", "hailo15l"),
    0x26A2: cards.Model("Hailo Mars", "mars"),
}


def _node(watch: Watch, chip: pci.PciDevice, number: int) -> str | None:
    named = cards.class_node(watch, "hailo_chardev", chip)
    return named or cards.nth_node(r"hailo[0-9]{1,3}")(watch, chip, number)


_MAKER = cards.Maker(KIND, "Hailo accelerators", VENDOR, MODELS, ("hailo", "hailo1x"), _node, range(0x100))


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each card."""
    judged = []
    for card in cards.find(watch, _MAKER):
        standing = card.standing
        if standing.usable == "yes" and not libraries.find(watch.machine, LIBRARY):
            why = f"library_not_found: this user may open the node, but {LIBRARY} is not among the system's libraries"
            standing = replace(standing, usable="unknown", usable_why=why, source=libraries.CACHE)
        judged.append(replace(card, standing=standing))
    if judged:
        cards.finish(watch, KIND, judged)
    driver = version(files.read(watch.machine.root, "/sys/module/hailo_pci/version"))
    return tuple(replace(cards.device(card, KIND), driver_version=driver) for card in judged)
