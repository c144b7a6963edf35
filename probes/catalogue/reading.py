"""The files of the catalogue, read strictly: every fault of every file is listed.

A file holds `sources`, by a short name of its own, and `machines`:

    name: aws-g5-xlarge         # lower case, words joined by hyphens; unlike every other name and alias
    title: "AWS g5.xlarge: 1 x NVIDIA A10G"
    class: cloud                # one of CLASSES
    aliases: [g5.xlarge]        # what else it is called
    os, arch, cpu, memory       # as in a profile; `memory` is the size of the whole machine
    devices: [{kind, name, memory, memory_as, compute_capability, architecture, unified_memory, count}]
    targets, chips              # on a machine to deploy on: see `rules.hardware.Profile`
    flash: "4096 KiB"           # on such a machine: how much room program and model have
    note: "..."                 # what the numbers leave out
    date, accessed: "YYYY-MM-DD"
    sources: [karpenter, ollama]

What is not known is left out. `memory_as` says whose number a device's memory is: `reported` by a driver, or from a
`brochure`, which may count in other gigabytes and knows nothing of what the driver keeps. `date` is the day that the
first source bears or, where it bears none, the day on which it was opened, as `accessed` always is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from probes import documents, fields
from probes.fields import Faults, Part, listing, part
from rules.faults import Fault, InvalidInput, nearest
from rules.hardware import PROFILE_SCHEMA, Profile

Class = Literal[
    "cloud", "notebook", "serverless", "server", "workstation", "laptop", "board", "phone", "microcontroller", "browser"
]
CLASSES: tuple[Class, ...] = get_args(Class)
MEMORY_AS = ("reported", "brochure")
FOLDER = Path(__file__).parent / "machines"
MOST = 2000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the quick one where it is built; both are the safe one
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME = 60
_FILE = ("sources", "machines")
_SOURCE = ("publisher", "title", "url", "date")
_PROFILE = ("os", "arch", "cpu", "memory", "devices", "targets", "chips", "flash")
_MACHINE = ("name", "title", "class", "aliases", "note", "date", "accessed", "sources", *_PROFILE)
_AS_WRITTEN = {
    "host.": "",
    "memory.total_bytes": "memory",
    "disks[0].total_bytes": "flash",
    "].memory_bytes": "].memory",
}
_CPU = ("vendor", "model", "physical_cores", "logical_cores")
_DEVICE = ("kind", "name", "memory", "compute_capability", "architecture", "unified_memory", "count")


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was opened; `date` as in the module's docstring."""

    publisher: str
    title: str
    url: str
    date: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A known machine. `profile` is what it has; `memory_as` says of each of its devices whose number the memory is."""

    name: str
    title: str
    kind: Class
    aliases: tuple[str, ...]
    note: str | None
    date: str
    accessed: str
    sources: tuple[Source, ...]
    memory_as: tuple[str | None, ...]
    profile: Profile

    def document(self) -> dict[str, object]:
        """Its profile as a document that `probes.parse` reads."""
        return documents.document(self.profile)


def load(folder: Path = FOLDER) -> tuple[Machine, ...]:
    """Every machine of the files in a folder, in the order of files and entries.

    Raises:
        InvalidInput: with every fault of every file, two machines of one name included.
        OSError: a file cannot be read.
    """
    faults: Faults = []
    found: list[Machine] = []
    for path in sorted(folder.glob("*.yaml")):
        found += _file(path.stem, path.read_text("utf-8"), faults)
    _check_names(found, faults)
    if faults:
        raise InvalidInput(faults)
    return tuple(found)


def _file(stem: str, text: str, faults: Faults) -> list[Machine]:
    try:
        decoded = _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        faults.append(Fault(stem, fields.brief(str(error)), "YAML"))
        return []
    top = part(decoded, stem, _FILE, faults)
    given = top.values.get("sources", {})
    sources: dict[str, Source] = {}
    for name, value in (given if isinstance(given, Mapping) else {}).items():
        sources[str(name)] = _source(part(value, f"{stem}.sources.{name}", _SOURCE, faults))
    entries = listing(top.values.get("machines", []), f"{stem}.machines", MOST, faults)
    made = [_machine(part(value, path, _MACHINE, faults), sources) for path, value in entries]
    return [machine for machine in made if machine is not None]


def _source(entry: Part) -> Source:
    return Source(
        publisher=entry.needed("publisher", fields.text, ""),
        title=entry.needed("title", fields.text, ""),
        url=entry.needed("url", _address, ""),
        date=entry.needed("date", _day, ""),
    )


def _machine(entry: Part, sources: Mapping[str, Source]) -> Machine | None:
    before = len(entry.faults)
    titled: str = entry.needed("title", fields.text, "")
    day: str = entry.needed("date", _day, "")
    accessed: str = entry.needed("accessed", _day, "")
    if day > accessed:
        entry.faults.append(Fault(entry.at("date"), fields.brief(day), f"not after it was read, {accessed}"))
    kind: Class = entry.needed("class", fields.one_of(CLASSES), CLASSES[0])
    name = entry.needed("name", _name, "")
    cited = _cited(entry, sources)
    profile = _profile(entry, titled, day)
    if profile is None or len(entry.faults) > before:
        return None
    return Machine(
        name=name,
        title=titled,
        kind=kind,
        aliases=_texts(entry, "aliases"),
        note=entry.optional("note", fields.text),
        date=day,
        accessed=accessed,
        sources=cited,
        memory_as=_memory_as(entry),
        profile=profile,
    )


def _profile(entry: Part, title: str, day: str) -> Profile | None:
    """The profile that the entry's hardware makes, its faults named as the entry names them."""
    raw = entry.values
    cpu = part(raw.get("cpu", {}), entry.at("cpu"), _CPU, entry.faults)
    devices = [_device(part(d, p, (*_DEVICE, "memory_as"), entry.faults)) for p, d in _devices(entry)]
    told: dict[str, Any] = {
        "schema": PROFILE_SCHEMA,
        "origin": "catalogue",
        "label": title or "?",
        "captured_at": day,
        "host": {name: raw[name] for name in ("os", "arch") if name in raw},
        "cpu": {name: value for name, value in cpu.values.items() if name in _CPU},
        "memory": {"total_bytes": raw["memory"]} if "memory" in raw else {},
        "devices": devices,
    }
    told |= {name: raw[name] for name in ("targets", "chips") if name in raw}
    if "flash" in raw and "targets" not in raw:
        entry.faults.append(Fault(entry.at("flash"), fields.brief(raw["flash"]), "on a machine with targets only"))
    if "flash" in raw:
        told["disks"] = [{"place": "install", "total_bytes": raw["flash"]}]
    try:
        return documents.parse(told)
    except InvalidInput as invalid:
        entry.faults.extend(Fault(entry.at(_written(f.path)), f.value, f.expected, f.nearest) for f in invalid.faults)
        return None


def _written(path: str) -> str:
    """A path in a profile as the catalogue writes it."""
    for there, here in _AS_WRITTEN.items():
        path = path.replace(there, here)
    return path


def _device(entry: Part) -> dict[str, object]:
    """The device as a profile has it; whose number its memory is must be said wherever one is given."""
    if ("memory" in entry.values) != ("memory_as" in entry.values):
        entry.faults.append(Fault(entry.path, "one of memory and memory_as", "both of them, or neither"))
    entry.optional("memory_as", fields.one_of(MEMORY_AS))
    kept = {name: entry.values[name] for name in _DEVICE if name in entry.values and name != "memory"}
    return kept | ({"memory_bytes": entry.values["memory"]} if "memory" in entry.values else {})


def _devices(entry: Part) -> list[tuple[str, object]]:
    return listing(entry.values.get("devices", []), entry.at("devices"), MOST, entry.faults)


def _memory_as(entry: Part) -> tuple[str | None, ...]:
    listed = [device for _, device in _devices(entry) if isinstance(device, Mapping)]
    return tuple(device.get("memory_as") for device in listed for _ in range(device.get("count", 1)))


def _cited(entry: Part, sources: Mapping[str, Source]) -> tuple[Source, ...]:
    cited = _texts(entry, "sources")
    if not cited:
        entry.faults.append(Fault(entry.at("sources"), "nothing", "the names of one or more sources of the file"))
    for name in cited:
        if name not in sources:
            expected = "the name of a source of the file"
            entry.faults.append(Fault(entry.at("sources"), fields.brief(name), expected, nearest(name, list(sources))))
    return tuple(sources[name] for name in cited if name in sources)


def _texts(entry: Part, name: str) -> tuple[str, ...]:
    listed = listing(entry.values.get(name, []), entry.at(name), MOST, entry.faults)
    checked = (fields.text(value, path, entry.faults) for path, value in listed)
    return tuple(text for text in checked if text is not None)


def _name(value: object, path: str, faults: Faults) -> str | None:
    if isinstance(value, str) and len(value) <= _LONGEST_NAME and _NAME.fullmatch(value):
        return value
    expected = f"words of lower case and digits joined by hyphens, at most {_LONGEST_NAME} characters"
    faults.append(Fault(path, fields.brief(value), expected))
    return None


def _address(value: object, path: str, faults: Faults) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"https://[^\s]{4,300}", value):
        return value
    faults.append(Fault(path, fields.brief(value), "an address that starts with https://"))
    return None


def _day(value: object, path: str, faults: Faults) -> str | None:
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    faults.append(Fault(path, fields.brief(value), 'a day in quotes, such as "2026-11-21"'))
    return None


def _check_names(found: list[Machine], faults: Faults) -> None:
    """No name or alias may lead to two machines by its name."""
    names = [machine.name for machine in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(Fault(name, f"{names.count(name)} machines of this name", "one"))
    for machine in found:
        for alias in machine.aliases:
            if alias in names and alias != machine.name:
                faults.append(Fault(f"{machine.name}.aliases", fields.brief(alias), "not the name of another machine"))
