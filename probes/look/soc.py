"""Neural processors that are part of a system on a chip: Rockchip's, Arm's Ethos-U, and NVIDIA's DLA.

No bus lists them: the device tree names the chip, and a kernel driver shows whether it is served. That a chip has one
is presence only; a runtime for it is looked for as a file and never loaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Mapping

from probes.look import accel, cards, files, libraries
from probes.look.text import clean
from probes.look.watch import Watch
from rules.hardware import Device, State

ROCKCHIP = "rockchip_npu"
ETHOS = "ethos_u"
DLA = "nvidia_dla"

TREE = "/proc/device-tree"
_DRIVERS = "/sys/bus/platform/drivers"


@dataclass(frozen=True)
class Part:
    """One kind of part: the chips that have it, its kernel drivers, nodes (patterns in /dev) and runtime.

    `chips` maps a word of the device tree's `compatible` to a name of the part.
    """

    kind: str
    what: str
    chips: Mapping[str, str]
    drivers: tuple[str, ...]
    nodes: str
    runtime: str


# Chips: Rockchip's NPU as in RKNN-Toolkit2's list of platforms; Ethos-U as in NXP's i.MX 93; DLA as in NVIDIA's Jetson
# guide: Xavier has it, of Orin only some modules, which their nodes tell. Read on 2026-11-21.
PARTS = {
    ROCKCHIP: Part(
        ROCKCHIP,
        "Rockchip NPU",
        {
            f"rockchip,{chip}": f"NPU of Rockchip {chip.upper()}"
            for chip in ("rk3562", "rk3566", "rk3568", "rk3576", "rk3588", "rk3588s", "rv1103", "rv1106", "rv1126b")
        },
        ("RKNPU", "rknpu", "rocket"),
        r"rknpu",
        "librknnrt.so",
    ),
    ETHOS: Part(
        ETHOS,
        "Arm Ethos-U",
        {"fsl,imx93": "Arm Ethos-U65 of i.MX 93"},
        ("ethosu",),
        r"ethosu[0-9]{1,2}",
        "libethosu.so",
    ),
    DLA: Part(
        DLA,
        "NVIDIA DLA",
        {"nvidia,tegra194": "DLA of Jetson Xavier"},
        ("nvdla",),
        r"nvhost-(?:ctrl-)?nvdla[0-9]",
        "libnvdla_compiler.so",
    ),
}


def look_rockchip(watch: Watch) -> tuple[Device, ...]:
    """Rockchip's NPU."""
    return _look(watch, PARTS[ROCKCHIP])


def look_ethos(watch: Watch) -> tuple[Device, ...]:
    """Arm's Ethos-U beside an application processor; one in a microcontroller cannot be seen from here."""
    return _look(watch, PARTS[ETHOS])


def look_dla(watch: Watch) -> tuple[Device, ...]:
    """NVIDIA's deep learning accelerator in Jetson."""
    return _look(watch, PARTS[DLA])


def words(watch: Watch) -> tuple[str, ...] | None:
    """What the device tree calls this board and its chip; None when there is no device tree to be read."""
    text = files.read(watch.machine.root, f"{TREE}/compatible")
    return None if text is None else tuple(word for word in text.split("\0") if word)


def _look(watch: Watch, part: Part) -> tuple[Device, ...]:
    if watch.machine.system != "Linux":
        watch.note("present", "no", f"linux_only: no {part.what} on this system", "operating system")
        return ()
    board = words(watch)
    name = next((part.chips[word] for word in board or () if word in part.chips), None)
    nodes = _nodes(watch, part)
    driver = _driver(watch, part)
    if name is None and not nodes and driver != "yes":
        _note_absent(watch, part, board)
        return ()
    source = f"{TREE}/compatible" if name else "/dev"
    watch.note("present", "yes", f"on_chip: {name or part.what}", source, clean(" ".join(board or ())))
    standing = _stand(watch, part, nodes, driver)
    cards.note_standings(watch, [standing])
    watch.count(part.kind, 1, 1, cards.permitted([standing]))
    return (replace(cards.built_in(part.kind, name or part.what, standing), unified_memory=True),)


def _note_absent(watch: Watch, part: Part, board: tuple[str, ...] | None) -> None:
    # A machine whose buses are shown and that has no device tree describes itself by ACPI, as PCs do.
    if board is None and files.names(watch.machine.root, "/sys/bus") is None:
        watch.note("present", "unknown", "tree_hidden: the device tree cannot be seen from here", TREE)
    else:
        watch.note("present", "no", f"not_on_chip: no {part.what} in this chip", TREE)


def _nodes(watch: Watch, part: Part) -> tuple[str, ...]:
    own = cards.numbered(watch, part.nodes)
    shared = (a.node for a in accel.inventory(watch.machine.root) if a.driver in part.drivers)
    return (*own, *(node for node in shared if node))


def _driver(watch: Watch, part: Part) -> State:
    """Whether a driver of the part serves a device: its directory holds a link to each."""
    root = watch.machine.root
    if files.names(root, _DRIVERS) is None:
        return "unknown"
    for driver in part.drivers:
        listed = files.names(root, f"{_DRIVERS}/{driver}") or ()
        if any(re.search(r"[0-9a-f]{4,}\.|\.(?:npu|nvdla|ethosu|rknn)", name) for name in listed):
            return "yes"
    return "no"


def _stand(watch: Watch, part: Part, nodes: tuple[str, ...], driver: State) -> cards.Standing:
    if nodes:
        standing = cards.opened(watch, nodes[0], "its driver")
        if standing.usable == "yes":
            return _with_runtime(watch, part, standing)
        return standing
    if driver == "yes":
        # Rockchip's own driver is asked through a render node that it shares with the display.
        return _with_runtime(
            watch, part, cards.Standing("yes", "bound: the driver serves it", "yes", "", source=_DRIVERS)
        )
    if driver == "no":
        why = f"not_bound: none of its drivers ({', '.join(part.drivers)}) serves it"
        return cards.Standing("no", why, "no", "no_driver: nothing drives it", source=_DRIVERS)
    why = "drivers_hidden: the kernel's drivers are not shown here"
    return cards.Standing("unknown", why, "unknown", why, source=_DRIVERS)


def _with_runtime(watch: Watch, part: Part, standing: cards.Standing) -> cards.Standing:
    """A runtime that is found may work; whether it does was not tried, so the answer is not yes."""
    found = libraries.find(watch.machine, part.runtime)
    why = "not_tried: its runtime is installed; whether it works was not tried"
    if found is None:
        why = f"runtime_not_found: {part.runtime} is not among the system's libraries"
    return cards.Standing(
        standing.driver, standing.driver_why, "unknown", why, standing.permitted, found or libraries.CACHE
    )
