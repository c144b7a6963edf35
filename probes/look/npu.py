"""The neural processors of laptops: Intel's and AMD's, told by ids and driven through the kernel's accelerator class.

No runtime is loaded. An id that only shares the vendor is another device; one of the right class may be a newer
generation, and is unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Sequence

from probes.look import accel, amd_ids, cards, files, intel_ids, libraries, pci
from probes.look.watch import Watch
from rules.hardware import Device

INTEL_KIND = "intel_npu"
AMD_KIND = "amd_npu"

_INTEL_FIRMWARE = ("/lib/firmware/intel/vpu", "/usr/lib/firmware/intel/vpu")
_AMD_FIRMWARE = ("/lib/firmware/amdnpu", "/usr/lib/firmware/amdnpu")


def _node(watch: Watch, chip: pci.PciDevice, number: int) -> str | None:
    del number
    return accel.node(watch.machine.root, chip.address)


_INTEL = cards.Maker(INTEL_KIND, "Intel neural processors", intel_ids.VENDOR, intel_ids.NPUS, ("intel_vpu",), _node)
_AMD = cards.Maker(
    AMD_KIND,
    "AMD neural processors",
    amd_ids.NPU_VENDOR,
    amd_ids.NPU_DEVICES,
    ("amdxdna",),
    _node,
    exact=amd_ids.NPUS,
)


def look_intel(watch: Watch) -> tuple[Device, ...]:
    """One device for each Intel NPU."""
    return _look(watch, _INTEL, _INTEL_FIRMWARE, ("libze_intel_npu.so", "libze_intel_vpu.so"))


def look_amd(watch: Watch) -> tuple[Device, ...]:
    """One device for each AMD NPU."""
    return _look(watch, _AMD, _AMD_FIRMWARE, ("libxrt_driver_xdna.so",))


def _look(watch: Watch, maker: cards.Maker, firmware: Sequence[str], runtimes: Sequence[str]) -> tuple[Device, ...]:
    found = cards.find(watch, maker)
    if not found:
        return ()
    judged = [replace(card, standing=_judge(watch, card.standing, firmware, runtimes)) for card in found]
    cards.finish(watch, maker.kind, judged)
    return tuple(replace(cards.device(card, maker.kind), unified_memory=True) for card in judged)


def _judge(watch: Watch, standing: cards.Standing, firmware: Sequence[str], runtimes: Sequence[str]) -> cards.Standing:
    """Usability with the files that the driver and the runtime need; a missing one is no proof, but no yes either."""
    machine = watch.machine
    if machine.system != "Linux":
        return standing
    if standing.driver == "no" and not any(files.exists(machine.root, path) for path in firmware):
        return replace(standing, driver_why=f"{standing.driver_why}; its firmware is not installed either")
    if standing.usable != "yes" or any(libraries.find(machine, name) for name in runtimes):
        return standing
    why = f"runtime_not_found: this user may open the node, but {runtimes[0]} is not among the system's libraries"
    return replace(standing, usable="unknown", usable_why=why, source=libraries.CACHE)
