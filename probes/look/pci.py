"""The devices on the PCI bus, read from files that need no driver and no rights.

A bus that cannot be seen (many containers, some sandboxes) is None, which is not the same as a bus without
devices. It knows ids, not what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from probes.look import files

PATH = "/sys/bus/pci/devices"


@dataclass(frozen=True)
class PciDevice:
    """One function on the bus.

    `class_code` has 24 bits; `driver` is the bound kernel driver, if any; `name` is what the system calls the device,
    `failed` whether it reports a problem with it (Windows tells both, Linux neither).
    """

    address: str
    vendor: int
    device: int
    subsystem: int | None
    class_code: int
    driver: str | None
    revision: int | None = None
    name: str | None = None
    failed: bool = False

    @property
    def is_display(self) -> bool:
        """Whether it is a display controller, which is what graphics processors register as."""
        return self.class_code >> 16 == 0x03


def inventory(root: Path) -> tuple[PciDevice, ...] | None:
    """Every device on the bus in the order of addresses; None when the bus is hidden or shows nothing."""
    found = [device for name in files.names(root, PATH) or () if (device := _device(root, name)) is not None]
    return tuple(found) or None


def _device(root: Path, address: str) -> PciDevice | None:
    base = f"{PATH}/{address}"
    vendor, device = files.number(root, f"{base}/vendor"), files.number(root, f"{base}/device")
    if vendor is None or device is None:
        return None
    return PciDevice(
        address=address.lower(),
        vendor=vendor,
        device=device,
        subsystem=files.number(root, f"{base}/subsystem_device"),
        class_code=files.number(root, f"{base}/class") or 0,
        driver=files.link_name(root, f"{base}/driver"),
        revision=files.number(root, f"{base}/revision"),
    )
