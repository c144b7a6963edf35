"""Ids of AMD's graphics processors and neural processors.

Sources, read on 2026-11-21: the PCI id list (pci.ids, 2023-04-11) and the device tables of ROCm's own tools for the
Instinct cards; LLVM's "User Guide for AMDGPU Backend" for which targets are part of a processor; the kernel's
`drivers/accel/amdxdna/amdxdna_pci_drv.c` for the neural processors.
"""

from __future__ import annotations

from typing import Mapping

from probes.look.cards import Model

GPU_VENDOR = 0x1002
NPU_VENDOR = 0x1022

# Only cards whose id names one target for sure; for all others the kernel is asked.
GPUS: Mapping[int, Model] = {
    0x66A0: Model("AMD Instinct MI50 or MI60", "gfx906"),
    0x66A1: Model("AMD Radeon Pro VII or Instinct MI50", "gfx906"),
    0x66AF: Model("AMD Radeon VII", "gfx906"),
    0x6860: Model("AMD Instinct MI25", "gfx900"),
    0x738C: Model("AMD Instinct MI100", "gfx908"),
    0x738E: Model("AMD Instinct MI100", "gfx908"),
    0x7408: Model("AMD Instinct MI250X", "gfx90a"),
    0x740C: Model("AMD Instinct MI250X or MI250", "gfx90a"),
    0x740F: Model("AMD Instinct MI210", "gfx90a"),
    0x74A0: Model("AMD Instinct MI300A", "gfx942"),
    0x74A1: Model("AMD Instinct MI300X", "gfx942"),
    0x74A2: Model("AMD Instinct MI308X", "gfx942"),
    0x74A5: Model("AMD Instinct MI325X", "gfx942"),
    0x75A0: Model("AMD Instinct MI350X", "gfx950"),
    0x75A3: Model("AMD Instinct MI355X", "gfx950"),
}

# Targets that are part of a processor and share its memory.
INTEGRATED = frozenset(
    f"gfx{name}" for name in ("902", "909", "90c", "1033", "1035", "1036", "1103", "1150", "1151", "1152", "1153")
)
INTEGRATED_IDS = frozenset((0x74A0,))

# (device, revision) -> model: the driver keys its devices by both.
NPUS: Mapping[tuple[int, int], Model] = {
    (0x1502, 0x00): Model("AMD NPU of Phoenix or Hawk Point", "xdna"),
    (0x17F0, 0x00): Model("AMD NPU of the Strix family, first revision", "xdna2"),
    (0x17F0, 0x10): Model("AMD NPU of the Strix family", "xdna2"),
    (0x17F0, 0x11): Model("AMD NPU of the Strix family", "xdna2"),
    (0x17F0, 0x20): Model("AMD NPU of the Strix family", "xdna2"),
}
NPU_DEVICES: Mapping[int, Model] = {0x1502: Model("AMD NPU", "xdna"), 0x17F0: Model("AMD NPU", "xdna2")}
