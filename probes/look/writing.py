"""A hardware profile as a JSON document. `probes.documents.parse` reads it back; it knows nothing of where it goes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rules.hardware import Device, Profile

HOST_NAMES = ("os", "os_name", "arch", "libc", "libc_version", "python_version", "in_container")
# Written only where they hold something, so that a profile without them keeps its bytes.
MORE_HOST_NAMES = (
    "os_version",
    "kernel",
    "python_implementation",
    "free_threaded",
    "translated",
    "hypervisor",
    "host_hash",
)
MORE_DEVICE_NAMES = ("architecture", "unified_memory", "partition", "address", "serial_hash")
MORE_NAMES = ("probe_version", "elapsed_ms")


def document(profile: Profile) -> dict[str, Any]:
    """The profile as a JSON document; sizes in bytes, times in milliseconds. It names no host or user."""
    made: dict[str, Any] = {
        "schema": profile.schema,
        "origin": profile.origin,
        "label": profile.label,
        "captured_at": profile.captured_at,
        "host": {name: getattr(profile, name) for name in HOST_NAMES},
        "cpu": {
            "vendor": profile.cpu_vendor,
            "model": profile.cpu_model,
            "features": list(profile.cpu_features),
            "physical_cores": profile.physical_cores,
            "logical_cores": profile.logical_cores,
            "usable_cores": profile.usable_cores,
        },
        "memory": {
            "total_bytes": profile.memory_total_bytes,
            "limit_bytes": profile.memory_limit_bytes,
            "available_bytes": profile.memory_available_bytes,
        },
        "devices": [_device(device) for device in profile.devices],
        "findings": [_without({"raw"}, asdict(finding)) for finding in profile.findings],
    }
    made["host"].update(_known(profile, MORE_HOST_NAMES))
    made.update(_known(profile, MORE_NAMES))
    made.update(_lists(profile))
    return made


def _device(device: Device) -> dict[str, Any]:
    return _without(set(MORE_DEVICE_NAMES), asdict(device))


def _without(optional: set[str], values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None or name not in optional}


def _known(profile: Profile, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in names if getattr(profile, name) is not None}


def _lists(profile: Profile) -> dict[str, Any]:
    made = {
        "counts": [asdict(count) for count in profile.counts],
        "disks": [asdict(disk) for disk in profile.disks],
        "overrides": [{"name": name, "value": value} for name, value in profile.overrides],
        "software": [dict(asdict(each), code=[asdict(code) for code in each.code]) for each in profile.software],
        "conflicts": list(profile.conflicts),
        "contradictions": [
            {"about": each.about, "said": [{"source": source, "value": value} for source, value in each.said]}
            for each in profile.contradictions
        ],
        "targets": list(profile.targets),
        "chips": list(profile.chips),
    }
    return {name: value for name, value in made.items() if value}
