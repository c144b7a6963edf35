"""The kernel's class of compute accelerators: which node belongs to which device and which driver made it.

A node in this class says nothing of the maker: neural processors, training cards and others share it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from probes.look import files

PATH = "/sys/class/accel"


@dataclass(frozen=True)
class Accelerator:
    """One entry of the class: its node in /dev (None when it has none), its device's name and that one's driver."""

    name: str
    node: str | None
    device: str | None
    driver: str | None


def inventory(root: Path) -> tuple[Accelerator, ...]:
    """Every entry of the class, in the order of names; empty when the kernel has none."""
    found = (name for name in files.names(root, PATH) or () if re.fullmatch(r"accel[0-9]{1,4}", name))
    return tuple(
        Accelerator(
            name=name,
            node=_node(root, name),
            device=files.link_name(root, f"{PATH}/{name}/device"),
            driver=files.link_name(root, f"{PATH}/{name}/device/driver"),
        )
        for name in found
    )


def node(root: Path, address: str) -> str | None:
    """The node of the device at this address, None when it has none."""
    return next((a.node for a in inventory(root) if (a.device or "").lower() == address and a.node), None)


def _node(root: Path, name: str) -> str | None:
    """`/dev/accel/accelN` in general; old TPU drivers make a flat `/dev/accelN`."""
    places = (f"/dev/accel/{name}", f"/dev/{name}")
    return next((place for place in places if files.is_node(root, place)), None)
