"""NVIDIA's generations, by what a driver says of a device and, last, by its id on the bus.

It knows names only. A capability is never made up here: from an id on the bus follows a generation at best, and from a
marketing name nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

# nvmlDeviceGetArchitecture (NVML_DEVICE_ARCH_* in nvml.h, read in nvidia-ml-py 13.615.71).
_BY_LIBRARY: Mapping[int, str] = {
    2: "kepler",
    3: "maxwell",
    4: "pascal",
    5: "volta",
    6: "turing",
    7: "ampere",
    8: "ada",
    9: "hopper",
    10: "blackwell",
    13: "rubin",
}
# Compute capability -> generation: NVIDIA's list of CUDA GPUs; 10.7 from the release notes of TensorRT 11.3.0.
_BY_CAPABILITY: Mapping[str, str] = {
    **dict.fromkeys(("3.0", "3.2", "3.5", "3.7"), "kepler"),
    **dict.fromkeys(("5.0", "5.2", "5.3"), "maxwell"),
    **dict.fromkeys(("6.0", "6.1", "6.2"), "pascal"),
    **dict.fromkeys(("7.0", "7.2"), "volta"),
    "7.5": "turing",
    **dict.fromkeys(("8.0", "8.6", "8.7"), "ampere"),
    "8.9": "ada",
    "9.0": "hopper",
    **dict.fromkeys(("10.0", "10.3", "11.0", "12.0", "12.1"), "blackwell"),
    "10.7": "rubin",
}
# High byte of a display device's id -> generation, where the PCI ID database (pci.ids of 2026-08-22) has only one;
# 0x1d holds GP108 below 0x80 and GV100 from there on.
_BY_FAMILY: Mapping[int, str] = {
    **dict.fromkeys((0x14, 0x16), "maxwell"),
    **dict.fromkeys((0x15, 0x1B, 0x1C), "pascal"),
    **dict.fromkeys((0x1E, 0x1F, 0x21), "turing"),
    **dict.fromkeys((0x20, 0x22, 0x24, 0x25), "ampere"),
    **dict.fromkeys((0x26, 0x27, 0x28), "ada"),
    0x23: "hopper",
    **dict.fromkeys((0x29, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F, 0x31, 0x32, 0x33), "blackwell"),
    0x30: "rubin",
}
# Device-tree names of Tegra chips -> generation of their graphics (NVIDIA's list of CUDA GPUs, by module).
_BY_TEGRA: Mapping[str, str] = {
    "tegra210": "maxwell",
    "tegra186": "pascal",
    "tegra194": "volta",
    "tegra234": "ampere",
    "tegra264": "blackwell",
}


def of_library(code: int | None) -> str | None:
    """The generation for the management library's code."""
    return _BY_LIBRARY.get(code) if code is not None else None


def of_capability(capability: str | None) -> str | None:
    """The generation for a compute capability, None for one that this release does not know."""
    return _BY_CAPABILITY.get(capability) if capability else None


def of_bus(device_id: int | None) -> str | None:
    """The generation for a display device's id on the bus."""
    if device_id is None:
        return None
    if device_id >> 8 == 0x1D:
        return "volta" if device_id & 0xFF >= 0x80 else "pascal"
    return _BY_FAMILY.get(device_id >> 8)


def of_tegra(compatible: str) -> str | None:
    """The generation of a Tegra system's own graphics, by the `compatible` names of its device tree."""
    return next((name for chip, name in _BY_TEGRA.items() if chip in compatible), None)
