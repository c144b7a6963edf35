"""The devices on the USB, read from files that need no rights.

A bus that cannot be seen is None, which is not the same as a bus without devices. Serial numbers are not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from probes.look import files
from probes.look.text import clean

PATH = "/sys/bus/usb/devices"
_ID = re.compile(r"[0-9a-fA-F]{4}")


@dataclass(frozen=True)
class UsbDevice:
    """One device: its place on the bus (`1-2`), ids, what it calls itself, and its node in /dev."""

    place: str
    vendor: int
    product: int
    name: str | None
    node: str | None

    @property
    def ids(self) -> str:
        """Vendor and product as the tools write them: `18d1:9302`."""
        return f"{self.vendor:04x}:{self.product:04x}"


def inventory(root: Path) -> tuple[UsbDevice, ...] | None:
    """Every device on the bus in the order of places; None when the bus is hidden."""
    names = files.names(root, PATH)
    if names is None:
        return None
    found = (_device(root, name) for name in names)
    return tuple(device for device in found if device is not None)


def _device(root: Path, place: str) -> UsbDevice | None:
    base = f"{PATH}/{place}"
    vendor, product = _id(root, f"{base}/idVendor"), _id(root, f"{base}/idProduct")
    if vendor is None or product is None:
        return None
    bus, number = files.number(root, f"{base}/busnum"), files.number(root, f"{base}/devnum")
    node = None if bus is None or number is None else f"/dev/bus/usb/{bus:03d}/{number:03d}"
    return UsbDevice(
        place=place,
        vendor=vendor,
        product=product,
        name=clean(files.read(root, f"{base}/product")),
        node=node if node and files.is_node(root, node) else None,
    )


def _id(root: Path, path: str) -> int | None:
    text = files.read(root, path) or ""
    return int(text, 16) if _ID.fullmatch(text) else None
