"""Ids of Intel's graphics and neural processors.

Sources, read on 2026-11-21: the kernel's `include/drm/intel/pciids.h` (families) and `drivers/accel/ivpu/ivpu_drv.h`
(neural processors); the PCI id list (pci.ids, 2023-04-11) and Intel's compute runtime for names of single cards;
PyTorch's "Getting Started on Intel GPU" for the families that its XPU builds are made for. Graphics older than
Xe-LP are not listed: they are all other display devices of Intel's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from probes.look.cards import Model

VENDOR = 0x8086


@dataclass(frozen=True)
class Family:
    """One generation: its name, Intel's name of the architecture, and whether it has memory of its own."""

    name: str
    architecture: str
    discrete: bool
    ids: tuple[int, ...]


# The families that XPU builds are made for.
FAMILIES = (
    Family("Intel Arc (Alchemist)", "xe_hpg", True, (*range(0x5690, 0x5698), *range(0x56A0, 0x56A7))),
    Family("Intel Arc Pro (Alchemist)", "xe_hpg", True, (*range(0x56B0, 0x56B4), *range(0x56BA, 0x56C0))),
    Family("Intel Data Center GPU Flex", "xe_hpg", True, (0x56C0, 0x56C1, 0x56C2)),
    Family(
        "Intel Data Center GPU Max",
        "xe_hpc",
        True,
        (0x0B69, 0x0B6E, *range(0x0BD4, 0x0BDC), 0x0BE0, 0x0BE1, 0x0BE5),
    ),
    Family("Intel Arc graphics (Meteor Lake)", "xe_lpg", False, (0x7D40, 0x7D45, 0x7D55, 0x7D60, 0x7DD5)),
    Family("Intel Arc graphics (Arrow Lake)", "xe_lpg", False, (0x7D41, 0x7D51, 0x7D67, 0x7DD1, 0xB640)),
    Family("Intel Arc graphics (Lunar Lake)", "xe2", False, (0x6420, 0x64A0, 0x64B0)),
    Family(
        "Intel Arc (Battlemage)",
        "xe2",
        True,
        (0xE202, 0xE209, 0xE20B, 0xE20C, 0xE20D, *range(0xE210, 0xE213), 0xE216, *range(0xE220, 0xE224)),
    ),
    Family(
        "Intel Arc graphics (Panther Lake)",
        "xe3",
        False,
        (*range(0xB080, 0xB088), 0xB08F, 0xB090, 0xB0A0, 0xB0B0),
    ),
)

# Families that are seen, but that no XPU build is made for.
OLDER = (
    Family("Intel Iris Xe MAX", "xe_lp", True, tuple(range(0x4905, 0x490A))),
    Family(
        "Intel Iris Xe or UHD graphics",
        "xe_lp",
        False,
        (
            0x9A60,
            0x9A68,
            0x9A70,
            0x9A40,
            0x9A49,
            0x9A59,
            0x9A78,
            0x9AC0,
            0x9AC9,
            0x9AD9,
            0x9AF8,
            0x4C80,
            0x4C8A,
            0x4C8B,
            0x4C8C,
            0x4C90,
            0x4C9A,
            0x4680,
            0x4682,
            0x4688,
            0x468A,
            0x468B,
            0x4690,
            0x4692,
            0x4693,
            0x46A0,
            0x46A1,
            0x46A2,
            0x46A3,
            0x46A6,
            0x46A8,
            0x46AA,
            0x462A,
            0x4626,
            0x4628,
            0x46B0,
            0x46B1,
            0x46B2,
            0x46B3,
            0x46C0,
            0x46C1,
            0x46C2,
            0x46C3,
            0xA780,
            0xA781,
            0xA782,
            0xA783,
            0xA788,
            0xA789,
            0xA78A,
            0xA78B,
            0xA721,
            0xA7A1,
            0xA7A9,
            0xA7AC,
            0xA7AD,
            0xA720,
            0xA7A0,
            0xA7A8,
            0xA7AA,
            0xA7AB,
            *range(0x46D0, 0x46D5),
        ),
    ),
)

NAMES: Mapping[int, str] = {
    0x5690: "Intel Arc A770M",
    0x5691: "Intel Arc A730M",
    0x5692: "Intel Arc A550M",
    0x5693: "Intel Arc A370M",
    0x5694: "Intel Arc A350M",
    0x56A0: "Intel Arc A770",
    0x56A1: "Intel Arc A750",
    0x56A2: "Intel Arc A580",
    0x56A5: "Intel Arc A380",
    0x56A6: "Intel Arc A310",
    0x56C0: "Intel Data Center GPU Flex 170",
    0x56C1: "Intel Data Center GPU Flex 140",
    0x0BDA: "Intel Data Center GPU Max 1100",
    0xE20B: "Intel Arc B580",
    0xE20C: "Intel Arc B570",
}

NPUS: Mapping[int, Model] = {
    0x7D1D: Model("Intel NPU of Meteor Lake", "37xx"),
    0xAD1D: Model("Intel NPU of Arrow Lake", "37xx"),
    0x643E: Model("Intel NPU of Lunar Lake", "40xx"),
    0xB03E: Model("Intel NPU of Panther Lake", "50xx"),
    0xFD3E: Model("Intel NPU of Wildcat Lake", "50xx"),
}


def family(device: int) -> Family | None:
    """The generation of a graphics device, None for one that this release does not know."""
    return next((known for known in (*FAMILIES, *OLDER) if device in known.ids), None)
