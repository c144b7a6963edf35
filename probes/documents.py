"""A hardware profile as a JSON document: written, and read back strictly.

`parse(document(profile)) == profile` holds for every profile that a probe makes. A document may also be
written by hand: all but `schema` and `host.os` can be left out, a size may be text such as "24 GiB", and
`count` stands for equal devices. It knows the shape of a profile and nothing of where the document came from:
files, requests and formats are the caller's.
"""

from dataclasses import asdict
from itertools import pairwise
from typing import get_args

from probes import fields
from probes.fields import Faults, Part, listing, part
from probes.limits import MAX_DEVICES, MAX_FEATURES, MAX_FINDINGS
from rules.faults import Fault, InvalidInput
from rules.hardware import PROFILE_SCHEMA, Device, Finding, HostSystem, Origin, Profile, Rung, State

MAX_CORES = 2**20
MAX_ELAPSED_MS = 1e9

# Options of the question `train_hardware` that are devices beside the processor.
DEVICE_KINDS = (
    "nvidia_gpu",
    "amd_gpu",
    "intel_gpu",
    "apple_silicon",
    "tpu",
    "trainium",
    "gaudi",
    "ascend",
    "browser_gpu",
)
_ORIGINS: tuple[Origin, ...] = get_args(Origin)
_STATES: tuple[State, ...] = get_args(State)
_RUNGS: tuple[Rung, ...] = get_args(Rung)
_SYSTEMS: tuple[HostSystem, ...] = get_args(HostSystem)
_LADDER: tuple[Rung, ...] = ("present", "driver", "usable")

_PROFILE_NAMES = ("schema", "origin", "label", "captured_at", "host", "cpu", "memory", "devices", "findings")
_HOST_NAMES = ("os", "os_name", "arch", "libc", "libc_version", "python_version", "in_container")
_CPU_NAMES = ("vendor", "model", "features", "physical_cores", "logical_cores", "usable_cores")
_MEMORY_NAMES = ("total_bytes", "limit_bytes", "available_bytes")
_DEVICE_NAMES = tuple(Device.__dataclass_fields__)
_FINDING_NAMES = tuple(Finding.__dataclass_fields__)

_CORES = fields.whole(1, MAX_CORES)


def document(profile: Profile) -> dict[str, object]:
    """The profile as a JSON document; sizes in bytes, times in milliseconds. It names no host or user."""
    return {
        "schema": profile.schema,
        "origin": profile.origin,
        "label": profile.label,
        "captured_at": profile.captured_at,
        "host": {name: getattr(profile, name) for name in _HOST_NAMES},
        "cpu": {
            "vendor": profile.cpu_vendor,
            "model": profile.cpu_model,
            "features": list(profile.cpu_features),
            "physical_cores": profile.physical_cores,
            "logical_cores": profile.logical_cores,
            "usable_cores": profile.usable_cores,
        },
        "memory": {name: getattr(profile, f"memory_{name}") for name in _MEMORY_NAMES},
        "devices": [asdict(device) for device in profile.devices],
        "findings": [asdict(finding) for finding in profile.findings],
    }


def parse(document: object) -> Profile:
    """The profile in a decoded JSON document.

    Raises:
        InvalidInput: with every fault: wrong types and ranges, unknown names, long lists, contradictions.
    """
    faults: Faults = []
    profile = _profile(part(document, "", _PROFILE_NAMES, faults))
    if faults:
        raise InvalidInput(faults)
    return profile


def _profile(top: Part) -> Profile:
    schema = top.needed("schema", fields.one_of((PROFILE_SCHEMA,)), PROFILE_SCHEMA)
    origin: Origin = top.default("origin", fields.one_of(_ORIGINS), "hand")
    host = part(top.values.get("host", {}), "host", _HOST_NAMES, top.faults)
    cpu = part(top.values.get("cpu", {}), "cpu", _CPU_NAMES, top.faults)
    memory = part(top.values.get("memory", {}), "memory", _MEMORY_NAMES, top.faults)
    return Profile(
        origin=origin,
        label=top.default("label", fields.text, "by hand"),
        captured_at=top.default("captured_at", fields.moment, ""),
        os=host.needed("os", fields.one_of(_SYSTEMS), "other"),
        os_name=host.optional("os_name", fields.text),
        arch=host.optional("arch", fields.text),
        libc=host.optional("libc", fields.text),
        libc_version=host.optional("libc_version", fields.version),
        python_version=host.optional("python_version", fields.version),
        in_container=host.optional("in_container", fields.yes_no),
        cpu_vendor=cpu.optional("vendor", fields.text),
        cpu_model=cpu.optional("model", fields.text),
        cpu_features=_features(cpu),
        physical_cores=cpu.optional("physical_cores", _CORES),
        logical_cores=cpu.optional("logical_cores", _CORES),
        usable_cores=cpu.optional("usable_cores", fields.decimal(0.001, MAX_CORES)),
        memory_total_bytes=memory.optional("total_bytes", fields.size),
        memory_limit_bytes=memory.optional("limit_bytes", fields.size),
        memory_available_bytes=memory.optional("available_bytes", fields.size),
        devices=_devices(top, origin),
        findings=_findings(top),
        schema=schema,
    )


def _features(cpu: Part) -> tuple[str, ...]:
    entries = listing(cpu.values.get("features", []), cpu.at("features"), MAX_FEATURES, cpu.faults)
    checked = (fields.text(value, path, cpu.faults) for path, value in entries)
    return tuple(feature for feature in checked if feature is not None)


def _devices(top: Part, origin: Origin) -> tuple[Device, ...]:
    """The devices. One that a person lists is meant to be used; one that a program lists must say so."""
    unsaid: State = "yes" if origin in ("hand", "catalogue") else "unknown"
    found: list[Device] = []
    for path, value in listing(top.values.get("devices", []), "devices", MAX_DEVICES, top.faults):
        entry = part(value, path, (*_DEVICE_NAMES, "count"), top.faults)
        found += [_device(entry, unsaid)] * entry.default("count", fields.whole(1, MAX_DEVICES), 1)
    if len(found) > MAX_DEVICES:
        top.faults.append(Fault("devices", f"{len(found)} devices in all", f"at most {MAX_DEVICES} devices"))
    return tuple(found)


def _device(entry: Part, unsaid: State) -> Device:
    state = fields.one_of(_STATES)
    device = Device(
        kind=entry.needed("kind", fields.one_of(DEVICE_KINDS), DEVICE_KINDS[0]),
        name=entry.optional("name", fields.text),
        memory_bytes=entry.optional("memory_bytes", fields.size),
        compute_capability=entry.optional("compute_capability", fields.capability),
        driver_version=entry.optional("driver_version", fields.version),
        toolkit_version=entry.optional("toolkit_version", fields.version),
        present=entry.default("present", state, unsaid),
        driver=entry.default("driver", state, unsaid),
        usable=entry.default("usable", state, unsaid),
    )
    _check_ladder(device, entry)
    return device


def _check_ladder(device: Device, entry: Part) -> None:
    """A device that is usable has a driver, and one with a driver is present."""
    for lower, upper in pairwise(_LADDER):
        if getattr(device, lower) == "no" and getattr(device, upper) == "yes":
            entry.faults.append(Fault(entry.at(upper), "'yes'", f"possible while {lower} is 'no'"))


def _findings(top: Part) -> tuple[Finding, ...]:
    entries = listing(top.values.get("findings", []), "findings", MAX_FINDINGS, top.faults)
    return tuple(_finding(part(value, path, _FINDING_NAMES, top.faults)) for path, value in entries)


def _finding(entry: Part) -> Finding:
    return Finding(
        probe=entry.needed("probe", fields.text, ""),
        rung=entry.needed("rung", fields.one_of(_RUNGS), "present"),
        state=entry.needed("state", fields.one_of(_STATES), "unknown"),
        reason=entry.needed("reason", fields.text, ""),
        source=entry.needed("source", fields.text, ""),
        elapsed_ms=entry.needed("elapsed_ms", fields.decimal(0, MAX_ELAPSED_MS), 0.0),
    )
