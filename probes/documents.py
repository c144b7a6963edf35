"""A hardware profile as a JSON document: written, and read back strictly.

`parse(document(profile)) == profile` holds for every profile that a probe makes. A document may also be
written by hand: all but `schema` and `host.os` can be left out, a size may be text such as "24 GiB", and
`count` stands for equal devices. It knows the shape of a profile and nothing of where the document came from:
files, requests and formats are the caller's.
"""

from collections.abc import Callable, Collection
from itertools import pairwise
from typing import TypeVar, get_args

from probes import fields
from probes.fields import Faults, Part, listing, part
from probes.look.limits import (
    MAX_CODE,
    MAX_CONFLICTS,
    MAX_DEVICES,
    MAX_FEATURES,
    MAX_FINDINGS,
    MAX_OVERRIDES,
    MAX_SOFTWARE,
)
from probes.look.writing import HOST_NAMES, MORE_HOST_NAMES
from probes.look.writing import document as document
from probes.targets import DEPLOY_CHIPS, DEPLOY_TARGETS
from rules.faults import Fault, InvalidInput
from rules.hardware import (
    PROFILE_SCHEMA,
    RUNNING_KINDS,
    TRAINING_KINDS,
    Code,
    Contradiction,
    Count,
    Device,
    Disk,
    Finding,
    HostSystem,
    Origin,
    Profile,
    Rung,
    Software,
    State,
)

MAX_CORES = 2**20
MAX_ELAPSED_MS = 1e9
MAX_COUNTED = 2**20

T = TypeVar("T")

# What a device may be: what models train on, and what they only run on.
DEVICE_KINDS = (*TRAINING_KINDS, *RUNNING_KINDS)
_ORIGINS: tuple[Origin, ...] = get_args(Origin)
_STATES: tuple[State, ...] = get_args(State)
_RUNGS: tuple[Rung, ...] = get_args(Rung)
_SYSTEMS: tuple[HostSystem, ...] = get_args(HostSystem)
_LADDER: tuple[Rung, ...] = ("present", "driver", "usable")

_PROFILE_NAMES = (
    "schema",
    "origin",
    "label",
    "captured_at",
    "host",
    "cpu",
    "memory",
    "devices",
    "findings",
    "probe_version",
    "elapsed_ms",
    "counts",
    "disks",
    "overrides",
    "software",
    "conflicts",
    "contradictions",
    "targets",
    "chips",
)
_HOST_NAMES = (*HOST_NAMES, *MORE_HOST_NAMES)
_CPU_NAMES = ("vendor", "model", "features", "physical_cores", "logical_cores", "usable_cores")
_MEMORY_NAMES = ("total_bytes", "limit_bytes", "available_bytes")
_DEVICE_NAMES = tuple(Device.__dataclass_fields__)
_FINDING_NAMES = tuple(Finding.__dataclass_fields__)
_COUNT_NAMES = tuple(Count.__dataclass_fields__)
_DISK_NAMES = tuple(Disk.__dataclass_fields__)
_SOFTWARE_NAMES = tuple(Software.__dataclass_fields__)
_CODE_NAMES = tuple(Code.__dataclass_fields__)
_CODE_KINDS = ("sm", "ptx", "gfx")
_PLACES = ("install", "cache", "temporary")

_CORES = fields.whole(1, MAX_CORES)


def parse(document: object) -> Profile:
    """The profile in a decoded JSON document.

    Raises:
        InvalidInput: with every fault: wrong types and ranges, unknown names, long lists, contradictions.
    """
    profile, faults = read(document)
    if faults:
        raise InvalidInput(faults)
    return profile


def read(document: object) -> tuple[Profile, list[Fault]]:
    """What can be read of a decoded JSON document, something harmless in the place of the rest, and every fault."""
    faults: Faults = []
    return _profile(part(document, "", _PROFILE_NAMES, faults)), faults


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
        arch=host.optional("arch", fields.processor),
        libc=host.optional("libc", fields.text),
        libc_version=host.optional("libc_version", fields.version),
        python_version=host.optional("python_version", fields.version),
        in_container=host.optional("in_container", fields.yes_no),
        cpu_vendor=cpu.optional("vendor", fields.text),
        cpu_model=cpu.optional("model", fields.text),
        cpu_features=_texts(cpu, "features", MAX_FEATURES),
        physical_cores=cpu.optional("physical_cores", _CORES),
        logical_cores=cpu.optional("logical_cores", _CORES),
        usable_cores=cpu.optional("usable_cores", fields.decimal(0.001, MAX_CORES)),
        memory_total_bytes=memory.optional("total_bytes", fields.size),
        memory_limit_bytes=memory.optional("limit_bytes", fields.size),
        memory_available_bytes=memory.optional("available_bytes", fields.size),
        devices=_devices(top, origin),
        findings=_findings(top),
        schema=schema,
        os_version=host.optional("os_version", fields.version),
        kernel=host.optional("kernel", fields.text),
        python_implementation=host.optional("python_implementation", fields.text),
        free_threaded=host.optional("free_threaded", fields.yes_no),
        translated=host.optional("translated", fields.yes_no),
        hypervisor=host.optional("hypervisor", fields.text),
        host_hash=host.optional("host_hash", fields.digest),
        probe_version=top.optional("probe_version", fields.version),
        elapsed_ms=top.optional("elapsed_ms", fields.decimal(0, MAX_ELAPSED_MS)),
        counts=_each(top, "counts", MAX_DEVICES, _COUNT_NAMES, _count),
        disks=_each(top, "disks", len(_PLACES), _DISK_NAMES, _disk),
        overrides=_each(top, "overrides", MAX_OVERRIDES, ("name", "value"), _override),
        software=_each(top, "software", MAX_SOFTWARE, _SOFTWARE_NAMES, _software),
        conflicts=_texts(top, "conflicts", MAX_CONFLICTS),
        contradictions=_each(top, "contradictions", MAX_CONFLICTS, ("about", "said"), _contradiction),
        targets=_options(top, "targets", DEPLOY_TARGETS),
        chips=_options(top, "chips", DEPLOY_CHIPS),
    )


def _options(of: Part, name: str, options: Collection[str]) -> tuple[str, ...]:
    """Some of the options, each once, in the order given."""
    entries = listing(of.values.get(name, []), of.at(name), len(options), of.faults)
    checked = (fields.one_of(options)(value, path, of.faults) for path, value in entries)
    return tuple(dict.fromkeys(option for option in checked if option is not None))


def _texts(of: Part, name: str, most: int) -> tuple[str, ...]:
    entries = listing(of.values.get(name, []), of.at(name), most, of.faults)
    checked = (fields.text(value, path, of.faults) for path, value in entries)
    return tuple(text for text in checked if text is not None)


def _each(of: Part, name: str, most: int, names: Collection[str], read: Callable[[Part], T]) -> tuple[T, ...]:
    """A list of objects, each read by `read`."""
    entries = listing(of.values.get(name, []), of.at(name), most, of.faults)
    return tuple(read(part(value, path, names, of.faults)) for path, value in entries)


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
        architecture=entry.optional("architecture", fields.text),
        unified_memory=entry.optional("unified_memory", fields.yes_no),
        partition=entry.optional("partition", fields.text),
        address=entry.optional("address", fields.text),
        serial_hash=entry.optional("serial_hash", fields.digest),
    )
    _check_ladder(device, entry)
    return device


def _check_ladder(device: Device, entry: Part) -> None:
    """A device that is usable has a driver, and one with a driver is present."""
    for lower, upper in pairwise(_LADDER):
        reached = getattr(device, upper) == "yes" == entry.values.get(upper, "yes")  # not where it is a fault itself
        if getattr(device, lower) == "no" and reached:
            entry.faults.append(Fault(entry.at(upper), "'yes'", f"possible while {lower} is 'no'"))


def _findings(top: Part) -> tuple[Finding, ...]:
    return _each(top, "findings", MAX_FINDINGS, _FINDING_NAMES, _finding)


def _finding(entry: Part) -> Finding:
    return Finding(
        probe=entry.needed("probe", fields.text, ""),
        rung=entry.needed("rung", fields.one_of(_RUNGS), "present"),
        state=entry.needed("state", fields.one_of(_STATES), "unknown"),
        reason=entry.needed("reason", fields.text, ""),
        source=entry.needed("source", fields.text, ""),
        elapsed_ms=entry.needed("elapsed_ms", fields.decimal(0, MAX_ELAPSED_MS), 0.0),
        raw=entry.optional("raw", fields.text),
    )


def _count(entry: Part) -> Count:
    number = fields.whole(0, MAX_COUNTED)
    return Count(
        kind=entry.needed("kind", fields.one_of(DEVICE_KINDS), DEVICE_KINDS[0]),
        physical=entry.optional("physical", number),
        visible=entry.optional("visible", number),
        permitted=entry.optional("permitted", number),
    )


def _disk(entry: Part) -> Disk:
    return Disk(
        place=entry.needed("place", fields.one_of(_PLACES), _PLACES[0]),
        total_bytes=entry.optional("total_bytes", fields.size),
        free_bytes=entry.optional("free_bytes", fields.size),
        writable=entry.optional("writable", fields.yes_no),
    )


def _override(entry: Part) -> tuple[str, str]:
    return entry.needed("name", fields.text, ""), entry.needed("value", fields.text, "")


def _software(entry: Part) -> Software:
    return Software(
        name=entry.needed("name", fields.text, ""),
        version=entry.needed("version", fields.text, ""),
        build=entry.optional("build", fields.text),
        toolkit_version=entry.optional("toolkit_version", fields.version),
        code=_each(entry, "code", MAX_CODE, _CODE_NAMES, _code),
    )


def _code(entry: Part) -> Code:
    kind = entry.needed("kind", fields.one_of(_CODE_KINDS), _CODE_KINDS[0])
    return Code(
        library=entry.needed("library", fields.text, ""),
        kind=kind,
        target=entry.needed("target", fields.generation(kind), ""),
        entries=entry.needed("entries", fields.whole(0, 2**31), 0),
    )


def _contradiction(entry: Part) -> Contradiction:
    said = _each(entry, "said", MAX_CONFLICTS, ("source", "value"), _said)
    return Contradiction(about=entry.needed("about", fields.text, ""), said=said)


def _said(entry: Part) -> tuple[str, str]:
    return entry.needed("source", fields.text, ""), entry.needed("value", fields.text, "")
