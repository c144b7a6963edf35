"""Intel Gaudi: ids on the bus, the accelerator class of the kernel, and what `hl-smi` says in a child.

Ids (read on 2026-11-21): the kernel driver habanalabs and Habana's own `hl-thunk` headers, both with the secured
variants. Its framework bridge is never imported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Mapping

from probes.look import accel, cards, files, pci, tools
from probes.look.text import clean, version
from probes.look.watch import Watch
from rules.hardware import Device

KIND = "gaudi"
VENDOR = 0x1DA3

_FIRST = cards.Model("Intel Gaudi", "gaudi")
_SECOND = cards.Model("Intel Gaudi 2", "gaudi2")
_THIRD = cards.Model("Intel Gaudi 3", "gaudi3")
MODELS: Mapping[int, cards.Model] = {
    0x0001: cards.Model("Habana Goya", "goya", kind="other"),
    0x0020: cards.Model("Habana Greco", "greco", kind="other"),
    0x0030: cards.Model("Habana Greco", "greco", kind="other"),
    0x1000: _FIRST,
    0x1001: _FIRST,
    0x1010: _FIRST,
    0x1011: _FIRST,
    0x1020: _SECOND,
    0x1021: _SECOND,
    0x1060: _THIRD,
    0x1062: _THIRD,
    0x1063: _THIRD,
}
_FIELDS = ("bus_id", "name", "memory.total", "driver_version")


@dataclass(frozen=True)
class Listed:
    """One device as `hl-smi` lists it."""

    name: str | None
    memory_bytes: int | None
    driver_version: str | None


def _node(watch: Watch, chip: pci.PciDevice, number: int) -> str | None:
    """In the accelerator class; drivers before it made `/dev/hl0`."""
    found = accel.node(watch.machine.root, chip.address)
    return found or cards.nth_node(r"hl[0-9]{1,3}")(watch, chip, number)


_MAKER = cards.Maker(KIND, "Gaudi processors", VENDOR, MODELS, ("habanalabs",), _node)


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each card."""
    found = cards.find(watch, _MAKER)
    if not found:
        return ()
    said = tools.ask(watch, "hl-smi", ("-Q", ",".join(_FIELDS), "-f", "csv,noheader,nounits"))
    listed = parse(said.output or "")
    trouble = said.trouble if said.output is None or listed else "bad_answer: hl-smi wrote something else than a list"
    judged = [replace(card, standing=_judge(card, listed, trouble)) for card in found]
    cards.finish(watch, KIND, judged)
    driver = version(files.read(watch.machine.root, "/sys/module/habanalabs/version"))
    return tuple(_device(card, listed.get(card.chip.address), driver) for card in judged)


def parse(text: str) -> Mapping[str, Listed]:
    """The tool's table by PCI address; rows that are no rows of devices are left out."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != len(_FIELDS) or not re.fullmatch(r"[0-9a-f]{4}(:[0-9a-f]{2}){2}\.[0-7]", cells[0].lower()):
            continue
        size = re.fullmatch(r"([0-9]{1,8})(?: MiB)?", cells[2])
        memory = int(size[1]) * 2**20 if size and int(size[1]) else None
        found[cells[0].lower()] = Listed(clean(cells[1]), memory, version(cells[3]))
    return found


def _judge(card: cards.Card, listed: Mapping[str, Listed], trouble: str) -> cards.Standing:
    standing = card.standing
    if standing.usable != "yes":
        return standing
    if card.chip.address in listed:
        return replace(standing, usable_why="listed: hl-smi lists it", source="hl-smi")
    if listed:
        return replace(standing, usable="no", usable_why="not_listed: hl-smi does not list it", source="hl-smi")
    why = f"{trouble}; this user may open the node"
    return replace(standing, usable="unknown", usable_why=why, source="hl-smi")


def _device(card: cards.Card, told: Listed | None, driver: str | None) -> Device:
    device = cards.device(card, KIND)
    if told is None:
        return replace(device, driver_version=driver)
    name = f"{device.name} ({told.name})" if told.name else device.name
    return replace(device, name=name, memory_bytes=told.memory_bytes, driver_version=told.driver_version or driver)
