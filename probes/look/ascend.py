"""Huawei Ascend: processing accelerators of Huawei's on the bus, and the nodes of its driver.

The vendor alone proves nothing (it makes network cards too), so the class on the bus decides. Which chip an id means is
published in no source that was found, so no generation is told. No library of CANN is loaded.
"""

from __future__ import annotations

import re
from dataclasses import replace

from probes.look import cards, files, pci
from probes.look.text import version
from probes.look.watch import Watch
from rules.hardware import Device

KIND = "ascend"
VENDOR = 0x19E5

_WHAT = "Huawei Ascend processors"
_NODES = cards.nth_node(r"davinci[0-9]{1,3}")
_DRIVER = "/usr/local/Ascend/driver/version.info"
_TOOLKITS = (
    "/usr/local/Ascend/ascend-toolkit/latest/version.cfg",
    "/usr/local/Ascend/ascend-toolkit/latest/runtime/version.info",
)


def look(watch: Watch) -> tuple[Device, ...]:
    """One device for each accelerator of Huawei's, or for each node where the bus is hidden."""
    if watch.machine.system != "Linux":
        watch.note("usable", "no", "linux_only: CANN is made for Linux only", "operating system")
        return ()
    listed = cards.bus(watch)
    chips = [c for c in listed or () if c.vendor == VENDOR and c.class_code >> 16 == 0x12]
    nodes = cards.numbered(watch, r"davinci[0-9]{1,3}")
    if not chips and not nodes:
        cards.note_absent(watch, _WHAT, listed is None)
        return ()
    count = len(chips) or len(nodes)
    watch.note("present", "yes", f"seen: {count} {_WHAT}", pci.PATH if chips else "/dev/davinci*")
    standings = [cards.stand(watch, c, _NODES(watch, c, n), ("devdrv_device_driver",)) for n, c in enumerate(chips)]
    standings = standings or [cards.opened(watch, node, "its driver") for node in nodes]
    cards.note_standings(watch, standings)
    cards.count(watch, KIND, standings)
    hollow = pci.PciDevice("", VENDOR, 0, None, 0, None)
    driver, toolkit = _version(watch, _DRIVER), next((v for t in _TOOLKITS if (v := _version(watch, t))), None)
    model = cards.Model("Huawei Ascend")
    found = [cards.Card(chip, model, None, s) for chip, s in zip(chips or [hollow] * count, standings)]
    named = [cards.device(card, KIND) for card in found]
    return tuple(replace(device, driver_version=driver, toolkit_version=toolkit) for device in named)


def _version(watch: Watch, path: str) -> str | None:
    """The version of a file with lines such as `Version=24.1.rc3` or `runtime_running_version=[7.6.0.1:8.0.0]`."""
    text = files.read(watch.machine.root, path) or ""
    match = re.search(r"^(?:Version|version|toolkit_installed_version)=\[?([0-9][\w.]{0,30})", text, re.MULTILINE)
    return version(match[1]) if match else None
