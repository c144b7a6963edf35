"""AWS Trainium and Inferentia: ids on the bus, nodes of the kernel driver, and what `neuron-ls` says in a child.

Ids (read on 2026-11-21): the Neuron kernel driver's `neuron_device.h`, up to Trainium 2; Trainium 3 from an analysis of
a newer driver. Memory where the tool does not say: sizes that recorded answers of the tool show for that generation.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Mapping, Sequence

from probes.look import cards, files, tools
from probes.look.text import version
from probes.look.watch import Watch
from rules.hardware import Device

TRAINIUM = "trainium"
INFERENTIA = "inferentia"
VENDOR = 0x1D0F

_FIRST = cards.Model("AWS Inferentia", "inferentia1", None, INFERENTIA)
MODELS: Mapping[int, cards.Model] = {
    0x7064: _FIRST,
    0x7065: _FIRST,
    0x7066: _FIRST,
    0x7067: _FIRST,
    0x7164: cards.Model("AWS Trainium", "trainium1", 32, TRAINIUM),
    0x7264: cards.Model("AWS Inferentia2", "inferentia2", 32, INFERENTIA),
    0x7364: cards.Model("AWS Trainium2", "trainium2", 96, TRAINIUM),
    0x7564: cards.Model("AWS Trainium3", "trainium3", None, TRAINIUM),
    0x7565: cards.Model("AWS Trainium3", "trainium3", None, TRAINIUM),
}
_NODE = r"neuron[0-9]{1,3}"
_MAKER = cards.Maker(
    TRAINIUM, "AWS Neuron devices", VENDOR, MODELS, ("neuron", "neuron-driver"), cards.nth_node(_NODE), (0x08, 0x12)
)
_MODULE = "/sys/module/neuron/version"
_TOOLS = "/opt/aws/neuron/bin"


@dataclass(frozen=True)
class Listed:
    """One device as `neuron-ls` lists it. `per_logical` is how many cores make one that programs see."""

    address: str
    cores: int | None
    memory_bytes: int | None
    per_logical: int | None


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each chip, Trainium and Inferentia alike."""
    found = cards.find(watch, _MAKER)
    if not found:
        return ()
    listed, trouble = _ask(watch)
    judged = [replace(card, standing=_judge(card, listed, trouble)) for card in found]
    cards.note_standings(watch, [card.standing for card in judged])
    cores = _note_cores(watch, listed)
    for kind in sorted({str(card.model.kind) for card in judged}):
        _count(watch, kind, [card for card in judged if card.model.kind == kind], cores)
    driver = version(files.read(watch.machine.root, _MODULE))
    return tuple(_device(card, listed, driver) for card in judged)


def _ask(watch: Watch) -> tuple[Mapping[str, Listed], str]:
    """What the tool says, by address; empty with a reason when it says nothing."""
    said = tools.ask(watch, "neuron-ls", ("--json-output",), _TOOLS)
    if said.output is None:
        return {}, said.trouble
    listed = parse(said.output)
    return listed, said.trouble if listed else "bad_answer: neuron-ls wrote something else than a list of devices"


def parse(text: str) -> Mapping[str, Listed]:
    """The tool's list by PCI address; what is malformed in it is left out."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    entries = [entry for entry in said if isinstance(entry, dict)] if isinstance(said, list) else []
    found = {}
    for entry in entries:
        place = re.fullmatch(r"(?:([0-9a-f]{4}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])", str(entry.get("bdf")).lower())
        if place:
            address = f"{place[1] or '0000'}:{place[2]}"
            sizes = [_whole(entry.get(name)) for name in ("nc_count", "memory_size", "logical_neuroncore_config")]
            found[address] = Listed(address, *sizes)
    return found


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**50 else None


def _judge(card: cards.Card, listed: Mapping[str, Listed], trouble: str) -> cards.Standing:
    """The tool opens the driver: its list makes sure, and a device that is missing from it is not usable."""
    standing = card.standing
    if standing.usable != "yes":
        return standing
    if not listed:
        why = f"{trouble}; this user may open the node"
        # Containers rarely have the tool, and frameworks bring the runtime.
        return replace(standing, usable_why=why) if trouble.startswith("tool_not") else _unknown(standing, why)
    if card.chip.address not in listed:
        return replace(standing, usable="no", usable_why="not_listed: neuron-ls does not list it", source="neuron-ls")
    return replace(standing, usable_why="listed: neuron-ls lists it", source="neuron-ls")


def _unknown(standing: cards.Standing, why: str) -> cards.Standing:
    return replace(standing, usable="unknown", usable_why=why, source="neuron-ls")


def _note_cores(watch: Watch, listed: Mapping[str, Listed]) -> int | None:
    """Note how many cores programs see; the number of one device, None when it is not known."""
    first = next(iter(listed.values()), None)
    if first is None or first.cores is None:
        return None
    stated = watch.machine.env.get("NEURON_LOGICAL_NC_CONFIG", "")
    per_logical = int(stated) if stated in ("1", "2") else first.per_logical or 1
    source = "environment" if stated in ("1", "2") else "neuron-ls"
    logical = max(1, first.cores // per_logical)
    reason = f"cores: {first.cores} cores a device, {per_logical} of them make one that programs see, so {logical}"
    watch.note("usable", "yes", reason, source)
    return logical


def _count(watch: Watch, kind: str, found: Sequence[cards.Card], cores: int | None) -> None:
    """Count devices. The environment chooses cores, so devices are counted through them."""
    stated = watch.machine.env.get("NEURON_RT_VISIBLE_CORES")
    seen: int | None = len(found)
    if stated is not None:
        chosen = _cores(stated)
        seen = len({core // cores for core in chosen if core // cores < len(found)}) if chosen and cores else None
    watch.count(kind, len(found), seen, cards.permitted([card.standing for card in found]))


def _cores(text: str) -> list[int]:
    """The cores of a list such as `0,2-5`; empty when it is no such list."""
    chosen: list[int] = []
    for part in text.split(","):
        pair = re.fullmatch(r"\s*([0-9]{1,4})(?:-([0-9]{1,4}))?\s*", part)
        if pair is None:
            return []
        chosen += range(int(pair[1]), int(pair[2] or pair[1]) + 1)
    return chosen


def _device(card: cards.Card, listed: Mapping[str, Listed], driver: str | None) -> Device:
    device = cards.device(card, TRAINIUM)
    told = listed.get(card.chip.address)
    memory = told.memory_bytes if told and told.memory_bytes else device.memory_bytes
    return replace(device, memory_bytes=memory, driver_version=driver)
