"""What Windows lists of its devices, asked in children: the PCI bus by Plug and Play, video memory by the registry.

It knows ids, not what they mean. `AdapterRAM` is not used: it has 32 bits.
"""

from __future__ import annotations

import json
import re

from probes.look.pci import PciDevice
from probes.look.text import clean, version
from probes.look.watch import Watch

PNP = "Plug and Play"
PNP_LIMIT_S = 10.0
REGISTRY_LIMIT_S = 3.0

_QUERY = (
    "Get-CimInstance Win32_PnPEntity -Filter \"PNPDeviceID LIKE 'PCI%' OR PNPClass='ComputeAccelerator'\""
    " | Select-Object PNPDeviceID,Name,Service,PNPClass,ConfigManagerErrorCode | ConvertTo-Json -Compress"
)
_VIDEO = r"HKLM\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
_PCI = re.compile(
    r"PCI\\VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})(?:&SUBSYS_([0-9A-F]{4})[0-9A-F]{4})?(?:&REV_([0-9A-F]{2}))?"
)
# Windows' class of a device -> the bus's class code that the same device has.
_CLASSES = {"Display": 0x030000, "ComputeAccelerator": 0x120000, "Net": 0x020000, "SCSIAdapter": 0x010000}


def devices(watch: Watch) -> tuple[PciDevice, ...] | None:
    """The devices that are plugged in now; None when the tool does not answer."""
    command = ("powershell.exe", "-NoProfile", "-NonInteractive", "-Command", _QUERY)
    outcome = watch.machine.run(command, watch.limit_s(PNP_LIMIT_S), watch.machine.env)
    try:
        said = json.loads(outcome.output)
    except (ValueError, RecursionError):
        return None
    # One device is written without a list around it.
    found = (_device(entry) for entry in (said if isinstance(said, list) else [said]))
    return tuple(device for device in found if device is not None) or None


def _device(entry: object) -> PciDevice | None:
    if not isinstance(entry, dict):
        return None
    place = clean(entry.get("PNPDeviceID")) or ""
    ids = _PCI.match(place.upper())
    code = _CLASSES.get(str(entry.get("PNPClass")), 0)
    if ids is None and code != 0x120000:
        return None
    return PciDevice(
        address=place.rpartition("\\")[2].lower(),
        vendor=int(ids[1], 16) if ids else 0,
        device=int(ids[2], 16) if ids else 0,
        subsystem=int(ids[3], 16) if ids and ids[3] else None,
        class_code=code,
        driver=clean(entry.get("Service")),
        revision=int(ids[4], 16) if ids and ids[4] else None,
        name=clean(entry.get("Name")),
        failed=entry.get("ConfigManagerErrorCode") not in (0, None),
    )


def video_memory(watch: Watch, chip: PciDevice) -> tuple[int | None, str | None]:
    """Memory in bytes and driver version of a display device, as its driver wrote them into the registry."""
    command = ("reg.exe", "query", _VIDEO, "/s")
    output = watch.machine.run(command, watch.limit_s(REGISTRY_LIMIT_S), watch.machine.env).output
    for section in re.split(r"\r?\n(?=HKEY_)", output):
        ids = _PCI.search(section.upper())
        if ids is None or (int(ids[1], 16), int(ids[2], 16)) != (chip.vendor, chip.device):
            continue
        size = re.search(r"HardwareInformation\.qwMemorySize\s+REG_QWORD\s+0x([0-9a-fA-F]{1,13})\b", section)
        driver = re.search(r"^\s+DriverVersion\s+REG_SZ\s+(\S+)", section, re.MULTILINE)
        return (int(size[1], 16) or None) if size else None, version(driver[1]) if driver else None
    return None, None
