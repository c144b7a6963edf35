"""What all cards have in common: ids on the bus tell them, a driver makes a node, and this user may open it or not.

A bus that cannot be seen makes everything unknown, never "no". It knows no maker; each kind hands in its table of
ids. No node is opened here: opening one may wake or claim a device.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import Callable, Collection, Mapping, Sequence, Tuple, cast

from probes.look import files, pci, plugged, visible
from probes.look.limits import MAX_DEVICES
from probes.look.watch import Watch
from rules.hardware import GIB, Device, State

Bus = Tuple[pci.PciDevice, ...]
# Finds a chip's node in /dev, given how many-th chip of its kind it is.
NodeOf = Callable[[Watch, pci.PciDevice, int], "str | None"]

ACCELERATORS = (0x12,)
_ADDRESS = re.compile(r"[0-9a-f]{4,8}(?::[0-9a-f]{2}){2}\.[0-7]")
_NO_ADVICE = (None, "root", "wheel")
_asking = Lock()  # probes run side by side, and the first asks for all


@dataclass(frozen=True)
class Model:
    """What one id means: the device's name, its maker's name of the generation, and the memory where that is sure."""

    name: str
    architecture: str | None = None
    memory_gib: int | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Maker:
    """How to look for one kind of card.

    Attributes:
        kind: the kind of device, unless a model says otherwise.
        what: a name for people, in the plural.
        models: PCI device id -> model.
        drivers: kernel drivers that serve it.
        classes: base classes of the bus under which an unknown id of this vendor may be a new card.
        exact: models told by device id and revision or subsystem, before `models`.
    """

    kind: str
    what: str
    vendor: int
    models: Mapping[int, Model]
    drivers: Collection[str]
    node: NodeOf
    classes: Collection[int] = ACCELERATORS
    exact: Mapping[tuple[int, int], Model] | None = None


@dataclass(frozen=True)
class Standing:
    """How far one device is: driver and usability, why, where that was read, and whether the node may be opened."""

    driver: State
    driver_why: str
    usable: State
    usable_why: str
    permitted: bool | None = None
    source: str = "/dev"


@dataclass(frozen=True)
class Card:
    """A card that was found, with its model, its node and how far it is."""

    chip: pci.PciDevice
    model: Model
    node: str | None
    standing: Standing


def bus(watch: Watch) -> Bus | None:
    """What is on the PCI bus, asked once for all probes; None when it is hidden."""
    kept = watch.machine.kept
    with _asking:
        if "bus" not in kept:
            system = watch.machine.system
            kept["bus"] = plugged.devices(watch) if system == "Windows" else pci.inventory(watch.machine.root)
    return cast("Bus | None", kept["bus"])


def bus_source(watch: Watch) -> str:
    """Where the bus was read, for findings."""
    return plugged.PNP if watch.machine.system == "Windows" else pci.PATH


def passed_in(watch: Watch) -> bool:
    """Whether Windows passes a graphics device of some vendor in (WSL, Hyper-V), whatever the bus shows."""
    return files.exists(watch.machine.root, "/dev/dxg")


def find(watch: Watch, maker: Maker) -> tuple[Card, ...]:
    """The cards of one maker, with all that is to be noted where there is none."""
    if watch.machine.system == "Darwin":
        watch.note("usable", "no", f"no_driver: there are no {maker.what} for macOS", "operating system")
        return ()
    listed = bus(watch)
    chips = [chip for chip in listed or () if chip.vendor == maker.vendor]
    known = [(chip, model) for chip in chips if (model := _model(maker, chip)) is not None]
    if not known:
        strange = next((chip for chip in chips if chip.class_code >> 16 in maker.classes), None)
        note_absent(watch, maker.what, listed is None, strange)
        return ()
    watch.note("present", "yes", f"on_bus: {len(known)} {maker.what}", bus_source(watch))
    return tuple(_card(watch, maker, chip, model, n) for n, (chip, model) in enumerate(known[:MAX_DEVICES]))


def _model(maker: Maker, chip: pci.PciDevice) -> Model | None:
    exact = maker.exact or {}
    told = (exact.get((chip.device, number)) for number in (chip.revision, chip.subsystem) if number is not None)
    return next((model for model in told if model), None) or maker.models.get(chip.device)


def _card(watch: Watch, maker: Maker, chip: pci.PciDevice, model: Model, number: int) -> Card:
    node = None if watch.machine.system == "Windows" else maker.node(watch, chip, number)
    return Card(chip, model, node, stand(watch, chip, node, maker.drivers))


def note_absent(watch: Watch, what: str, hidden: bool, strange: pci.PciDevice | None = None) -> None:
    """Note that no card was found: hidden, of an unknown id, or really none."""
    source = bus_source(watch)
    if hidden:
        watch.note("present", "unknown", f"bus_hidden: the PCI bus cannot be seen from here, so {what} neither", source)
    elif strange is not None:
        told = f"{strange.vendor:04x}:{strange.device:04x}"
        reason = "unknown_chip: a device of this maker that this release does not know"
        watch.note("present", "unknown", reason, source, told)
    else:
        watch.note("present", "no", f"not_on_bus: no {what}", source)


def stand(watch: Watch, chip: pci.PciDevice, node: str | None, drivers: Collection[str]) -> Standing:
    """How far a chip is, from its bound driver and its node."""
    if watch.machine.system == "Windows":
        return _stand_windows(chip)
    if chip.driver is not None and chip.driver not in drivers:
        why = f"held: bound to {chip.driver}, which is not its own driver"
        return Standing("no", why, "no", "no_driver: nothing drives it here", source=pci.PATH)
    if node is not None:
        return opened(watch, node, chip.driver or "its driver")
    if chip.driver is None:
        why = "not_bound: no kernel driver has taken it"
        return Standing("no", why, "no", "no_driver: nothing drives it", source=pci.PATH)
    missing = "node_missing: it has no node here; in a container, pass its node in"
    return Standing("yes", f"bound: to {chip.driver}", "no", missing, False)


def _stand_windows(chip: pci.PciDevice) -> Standing:
    if chip.driver is None or chip.failed:
        why = "not_working: Windows reports a problem with it" if chip.failed else "not_bound: it has no driver"
        return Standing("no", why, "no", "no_driver: nothing drives it", source=plugged.PNP)
    why = "not_tried: Windows offers it; whether its runtime works was not tried"
    return Standing("yes", f"bound: to {chip.driver}", "unknown", why, source=plugged.PNP)


def opened(watch: Watch, node: str, driver: str) -> Standing:
    """How far a device with a node is: by permission alone, since no library is loaded."""
    bound = f"bound: to {driver}, with a node"
    if watch.machine.accessible(files.under(watch.machine.root, node)):
        return Standing("yes", bound, "yes", "node_access: this user may open the node; no library was loaded", True)
    return Standing("yes", bound, "no", denied(watch, node), False)


def denied(watch: Watch, node: str) -> str:
    """The reason for a node that this user may not open, with the group that may."""
    group = files.group(watch.machine.root, node)
    advice = "" if group in _NO_ADVICE else f"; its group is {group}"
    return f"permission: this user may not open {re.sub('[0-9]+$', 'N', node)}{advice}"


def note_standings(watch: Watch, standings: Sequence[Standing]) -> None:
    """Note driver and usability of all devices, each distinct reason once with how many it holds for."""
    drivers = Counter((s.driver, s.driver_why, s.source) for s in standings)
    usable = Counter((s.usable, s.usable_why, s.source) for s in standings)
    for (state, why, source), count in drivers.items():
        watch.note("driver", state, _of(why, count, len(standings)), source)
    for (state, why, source), count in usable.items():
        watch.note("usable", state, _of(why, count, len(standings)), source)


def _of(why: str, count: int, total: int) -> str:
    return why if total == 1 else f"{why} ({count} of {total})"


def permitted(standings: Sequence[Standing]) -> int | None:
    """How many devices this user may open; None when that was not looked at."""
    known = [s.permitted for s in standings if s.permitted is not None]
    return sum(known) if len(known) == len(standings) else None


def device(card: Card, kind: str) -> Device:
    """The profile's entry for a card, with what its model and standing say."""
    return Device(
        kind=card.model.kind or kind,
        name=card.model.name,
        memory_bytes=card.model.memory_gib * GIB if card.model.memory_gib else None,
        compute_capability=None,
        driver_version=None,
        toolkit_version=None,
        present="yes",
        driver=card.standing.driver,
        usable=card.standing.usable,
        architecture=card.model.architecture,
        address=address(card.chip.address),
    )


def built_in(kind: str, name: str, standing: Standing) -> Device:
    """The profile's entry for a device that is there and of which no more is known than how far it is."""
    return Device(kind, name, None, None, None, None, "yes", standing.driver, standing.usable)


def address(place: str) -> str | None:
    """A place on the bus in the form that profiles use (`0000:65:00.0`); None for one of another form."""
    return place if _ADDRESS.fullmatch(place) else None


def finish(watch: Watch, kind: str, cards: Sequence[Card]) -> None:
    """Note how far the cards are, and count them."""
    standings = [card.standing for card in cards]
    note_standings(watch, standings)
    count(watch, kind, standings)


def count(watch: Watch, kind: str, standings: Sequence[Standing]) -> None:
    """Count devices: all, those that the environment leaves visible where it can choose, those this user may open."""
    physical = len(standings)
    seen = visible.by_number(kind, watch.machine.env, physical) if kind in visible.SELECTORS else physical
    watch.count(kind, physical, seen, permitted(standings))


def class_node(watch: Watch, kind: str, chip: pci.PciDevice) -> str | None:
    """The node of a chip through a class of the kernel, such as `/sys/class/apex/apex_0/device`."""
    root = watch.machine.root
    for name in files.names(root, f"/sys/class/{kind}") or ():
        place = files.link_name(root, f"/sys/class/{kind}/{name}/device") or ""
        if place.lower() == chip.address and files.is_node(root, f"/dev/{name}"):
            return f"/dev/{name}"
    return None


def numbered(watch: Watch, pattern: str, directory: str = "/dev") -> tuple[str, ...]:
    """The nodes of a directory whose names match, in the order of their numbers."""
    root = watch.machine.root
    names = [name for name in files.names(root, directory) or () if re.fullmatch(pattern, name)]
    ordered = sorted(names, key=lambda name: (len(name), name))
    return tuple(f"{directory}/{name}" for name in ordered if files.is_node(root, f"{directory}/{name}"))


def nth_node(pattern: str, directory: str = "/dev") -> NodeOf:
    """Nodes that do not say which chip is theirs: as many chips have one as there are nodes."""

    def node(watch: Watch, chip: pci.PciDevice, number: int) -> str | None:
        del chip
        nodes = numbered(watch, pattern, directory)
        return nodes[number] if number < len(nodes) else None

    return node
