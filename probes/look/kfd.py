"""AMD's compute driver as the kernel shows it: one node of a topology for every processor, its target and its memory.

It knows the files, not the bus and not which targets a framework is built for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

from probes.look import files

PATH = "/sys/class/kfd/kfd/topology/nodes"
NODE = "/dev/kfd"
MAX_MEMORY_BYTES = 2**60
AMD = 4098

# Heaps on the device itself; heap 0 is the host's memory.
_LOCAL_HEAPS = ("1", "2")


@dataclass(frozen=True)
class KfdNode:
    """One graphics processor (or one partition of it).

    `target` is such as `gfx942`, `address` its place on the PCI bus, `render` its render node, `memory_bytes` the sum
    of its own heaps, `with_cores` whether processor cores share the node.
    """

    target: str | None
    address: str | None
    render: str | None
    memory_bytes: int | None
    with_cores: bool


def inventory(root: Path) -> tuple[KfdNode, ...] | None:
    """The graphics processors of the topology in the order of nodes; None when there is no topology."""
    names = files.names(root, PATH)
    if names is None:
        return None
    numbers = sorted((name for name in names if re.fullmatch(r"[0-9]{1,4}", name)), key=int)
    found = (_node(root, f"{PATH}/{number}") for number in numbers)
    return tuple(node for node in found if node is not None)


def _node(root: Path, base: str) -> KfdNode | None:
    said = _properties(root, f"{base}/properties")
    if not said.get("simd_count") or said.get("vendor_id", AMD) != AMD:
        return None
    minor = said.get("drm_render_minor", 0)
    return KfdNode(
        target=target(said.get("gfx_target_version", 0)),
        address=_address(said),
        render=f"/dev/dri/renderD{minor}" if minor >= 128 else None,
        memory_bytes=_memory(root, f"{base}/mem_banks"),
        with_cores=bool(said.get("cpu_cores_count")),
    )


def _properties(root: Path, path: str) -> Mapping[str, int]:
    """The `name number` lines of a file; others are left out."""
    lines = (files.read(root, path) or "").splitlines()[:500]
    pairs = (re.fullmatch(r"(\w+) ([0-9]{1,20})", line.strip()) for line in lines)
    return {pair[1]: int(pair[2]) for pair in pairs if pair}


def target(number: int) -> str | None:
    """The target of a `gfx_target_version`: major, minor and stepping, the last two as hexadecimal digits.

    `90010` is `gfx90a` and `110501` is `gfx1151`. None for what is no such number.
    """
    major, minor, step = number // 10000, number // 100 % 100, number % 100
    if not 6 <= major <= 99 or minor > 15 or step > 15:
        return None
    return f"gfx{major}{minor:x}{step:x}"


def _address(said: Mapping[str, int]) -> str | None:
    """The place on the bus, from the domain and a location that packs bus, device and function."""
    location = said.get("location_id", 0)
    if not 0 < location < 0x10000:
        return None
    bus, slot, function = location >> 8, location >> 3 & 0x1F, location & 7
    return f"{said.get('domain', 0):04x}:{bus:02x}:{slot:02x}.{function}"


def _memory(root: Path, base: str) -> int | None:
    total = 0
    for bank in files.names(root, base) or ():
        text = files.read(root, f"{base}/{bank}/properties") or ""
        heap = re.search(r"^heap_type ([0-9]+)$", text, re.MULTILINE)
        size = re.search(r"^size_in_bytes ([0-9]{1,18})$", text, re.MULTILINE)
        if heap and size and heap[1] in _LOCAL_HEAPS:
            total += int(size[1])
    return total if 0 < total <= MAX_MEMORY_BYTES else None
