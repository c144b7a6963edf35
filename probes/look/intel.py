"""Intel graphics: a table of ids tells the family, the bound driver and the render node how far it is.

Being Intel's does not make a display device one that XPU builds run on: older integrated graphics are seen and are not
usable. No library is loaded; whether the compute runtime is installed is told from its file.
"""

from __future__ import annotations

import re
from dataclasses import replace

from probes.look import cards, files, intel_ids, libraries, pci, plugged
from probes.look.limits import MAX_DEVICES
from probes.look.text import version
from probes.look.watch import Watch
from rules.hardware import Device

KIND = "intel_gpu"
MAX_MEMORY_BYTES = 2**44

_WHAT = "Intel graphics processors"
# They choose by back end and by part of a device, so what is left visible does not follow from a number.
_SELECTORS = ("ZE_AFFINITY_MASK", "ONEAPI_DEVICE_SELECTOR", "SYCL_DEVICE_FILTER")
_LOADER, _RUNTIME = "libze_loader.so", "libze_intel_gpu.so"


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each display device of Intel's, in the order of addresses."""
    if watch.machine.system == "Darwin":
        watch.note("usable", "no", "no_driver: XPU builds are not made for macOS", "operating system")
        return ()
    if cards.passed_in(watch):
        watch.note("present", "unknown", "passed_in: Windows passes in a device of some vendor", "/dev/dxg")
        return ()
    listed = cards.bus(watch)
    chips = [c for c in listed or () if c.vendor == intel_ids.VENDOR and c.is_display][:MAX_DEVICES]
    if not chips:
        cards.note_absent(watch, _WHAT, listed is None)
        return ()
    watch.note("present", "yes", f"on_bus: {len(chips)} {_WHAT}", cards.bus_source(watch))
    standings = [_stand(watch, chip) for chip in chips]
    cards.note_standings(watch, standings)
    chosen = any(name in watch.machine.env for name in _SELECTORS)
    watch.count(KIND, len(chips), None if chosen else len(chips), cards.permitted(standings))
    return tuple(_device(watch, chip, standing) for chip, standing in zip(chips, standings))


def _capable(chip: pci.PciDevice) -> bool | None:
    """Whether XPU builds are made for the chip's family; None for a family that is not known."""
    family = intel_ids.family(chip.device)
    return None if family is None else family in intel_ids.FAMILIES


def _stand(watch: Watch, chip: pci.PciDevice) -> cards.Standing:
    root = watch.machine.root
    found = (n for n in files.names(root, f"{pci.PATH}/{chip.address}/drm") or () if re.fullmatch(r"renderD[0-9]+", n))
    render = next((f"/dev/dri/{name}" for name in found if files.is_node(root, f"/dev/dri/{name}")), None)
    standing = cards.stand(watch, chip, render, ("i915", "xe"))
    if standing.usable == "no":
        return standing
    capable = _capable(chip)
    if capable is False:
        why = "not_for_xpu: XPU builds are not made for this family of graphics"
        return replace(standing, usable="no", usable_why=why)
    if capable is None:
        why = "unknown_chip: a graphics processor that this release does not know, or one too old for XPU builds"
        return replace(standing, usable="unknown", usable_why=why)
    if watch.machine.system == "Linux" and standing.usable == "yes":
        return _with_runtime(watch, standing)
    return standing


def _with_runtime(watch: Watch, standing: cards.Standing) -> cards.Standing:
    """What the compute runtime's files add: a wheel brings the loader, but not the driver's part of it."""
    if libraries.find(watch.machine, _RUNTIME):
        return standing
    loader = "the loader is there" if libraries.find(watch.machine, _LOADER) else "nor is its loader"
    why = f"runtime_not_found: the Level Zero driver is not among the system's libraries, {loader}"
    return replace(standing, usable="unknown", usable_why=why, source=libraries.CACHE)


def _device(watch: Watch, chip: pci.PciDevice, standing: cards.Standing) -> Device:
    family = intel_ids.family(chip.device)
    known = cards.Model(family.name if family else "Intel graphics", family.architecture if family else None)
    device = cards.device(cards.Card(chip, known, None, standing), KIND)
    memory, driver = None, None
    if watch.machine.system == "Windows":
        memory, driver = plugged.video_memory(watch, chip)
    elif family and family.discrete:
        memory = _own_memory(watch, chip)
    return replace(
        device,
        name=intel_ids.NAMES.get(chip.device) or chip.name or known.name,
        memory_bytes=None if family and not family.discrete else memory,
        driver_version=driver or version(files.read(watch.machine.root, f"/sys/module/{chip.driver}/version")),
        unified_memory=not family.discrete if family else None,
    )


def _own_memory(watch: Watch, chip: pci.PciDevice) -> int | None:
    """Memory of all tiles as the driver xe tells it; i915 tells it in builds of Intel's own only."""
    root, base = watch.machine.root, f"{pci.PATH}/{chip.address}"
    tiles = [name for name in files.names(root, base) or () if re.fullmatch(r"tile[0-9]{1,2}", name)]
    paths = [f"{base}/{tile}/physical_vram_size_bytes" for tile in tiles]
    shown = [name for name in files.names(root, f"{base}/drm") or () if re.fullmatch(r"card[0-9]{1,4}", name)]
    paths += [] if tiles else [f"{base}/drm/{card}/lmem_total_bytes" for card in shown]
    total = sum(size for path in paths if (size := files.number(root, path)) and size > 0)
    return total if 0 < total <= MAX_MEMORY_BYTES else None
