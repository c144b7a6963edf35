"""A profile as plain text for a person, at most 80 columns wide.

It knows the shape of a profile document, and nothing of colours or screens.
"""

from __future__ import annotations

import textwrap
from typing import Any, Iterator, Mapping, Sequence

from probes.look.redaction import MARKS

WIDTH = 80
GIB = 2**30

_LABEL_WIDTH = 12

Document = Mapping[str, Any]


def text(profile: Document) -> str:
    """The report of a profile document, ending in a line break."""
    lines = [f"{profile['label']}, looked at {profile['captured_at']}", ""]
    for label, value in _facts(profile):
        lines += _row(label, value)
    lines += ["", "Accelerators", *_devices(profile["devices"])]
    absent = _absent(profile["findings"])
    if absent:
        lines += ["", "Looked for and not there", *_wrapped(", ".join(absent))]
    open_ = [each for each in profile["findings"] if each["state"] != "yes" and each["probe"] not in absent]
    if open_:
        lines += ["", "Not usable, or not known"]
        lines += [part for finding in open_ for part in _finding(finding)]
    for title, told in _more(profile):
        lines += ["", title, *(part for entry in told for part in _wrapped(entry))]
    lines += ["", *_wrapped(_left_out(profile), indent="")]
    return "\n".join(lines) + "\n"


def _facts(profile: Document) -> Iterator[tuple[str, str]]:
    host, cpu, memory = profile["host"], profile["cpu"], profile["memory"]
    container = "in a container" if host.get("in_container") else None
    libc = " ".join(part for part in (host.get("libc"), host.get("libc_version")) if part)
    yield "System", _listed(host.get("os_name") or host["os"], host.get("arch"), host.get("kernel"), container)
    yield "Python", _listed(host.get("python_implementation"), host.get("python_version"), libc)
    yield "Processor", _listed(cpu.get("model") or cpu.get("vendor"))
    cores = (("usable", "usable_cores"), ("logical", "logical_cores"), ("physical", "physical_cores"))
    yield "Cores", _listed(*(f"{cpu[key]:g} {name}" for name, key in cores if cpu.get(key)))
    sizes = (("total", "total_bytes"), ("limit", "limit_bytes"), ("available", "available_bytes"))
    yield "Memory", _listed(*(f"{gib(memory[key])} {name}" for name, key in sizes if memory.get(key) is not None))
    for disk in profile.get("disks", ()):
        free = f"{gib(disk['free_bytes'])} free" if disk.get("free_bytes") is not None else None
        writable = {True: None, False: "not writable", None: None}[disk.get("writable")]
        yield "Room", f"{disk['place']}: {_listed(free, writable)}"


def _absent(findings: Sequence[Document]) -> list[str]:
    """The kinds of device that every source says are not there."""
    said = [each for each in findings if each["rung"] == "present"]
    there = {each["probe"] for each in said if each["state"] != "no"}
    return sorted({each["probe"] for each in said} - there)


def gib(count: int) -> str:
    """Bytes in GiB."""
    return f"{count / GIB:.1f} GiB"


def _listed(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part) or "not known"


def _row(label: str, value: str) -> list[str]:
    return textwrap.wrap(
        value, WIDTH, initial_indent=label.ljust(_LABEL_WIDTH) + "  ", subsequent_indent=" " * (_LABEL_WIDTH + 2)
    )


def _devices(devices: list[Document]) -> list[str]:
    if not devices:
        return ["  None was found."]
    lines: list[str] = []
    for device in devices:
        memory = gib(device["memory_bytes"]) if device.get("memory_bytes") else None
        capability = f"capability {device['compute_capability']}" if device.get("compute_capability") else None
        driver = f"driver version {device['driver_version']}" if device.get("driver_version") else None
        rungs = ", ".join(f"{rung} {device[rung]}" for rung in ("present", "driver", "usable"))
        named = device.get("name") or "name not known"
        lines += _wrapped(f"{named} ({device['kind']}): {_listed(memory, capability, driver, rungs)}")
    return lines


def _finding(finding: Document) -> list[str]:
    code, _, sentence = finding["reason"].partition(": ")
    reason = sentence or code.replace("_", " ")
    return _wrapped(f"{finding['probe']}, {finding['rung']}: {finding['state']}, {reason} ({finding['source']})")


def _more(profile: Document) -> Iterator[tuple[str, list[str]]]:
    contradictions = [
        f"{each['about']}: " + "; ".join(f"{said['source']} says {said['value']}" for said in each["said"])
        for each in profile.get("contradictions", ())
    ]
    software = [
        " ".join(part for part in (each["name"], each["version"], each.get("build")) if part)
        for each in profile.get("software", ())
    ]
    overrides = [f"{each['name']}={each['value']}" for each in profile.get("overrides", ())]
    for title, told in (
        ("Sources that do not agree", contradictions),
        ("Environment variables that hide devices or force an answer", overrides),
        ("Installed", software),
        ("Installed side by side, and in each other's way", list(profile.get("conflicts", ()))),
    ):
        if told:
            yield title, told


def _left_out(profile: Document) -> str:
    """What was taken out, so that a reader knows what was not sent."""
    found = sorted({meaning for mark, meaning in MARKS.items() if any(mark in each for each in _texts(profile))})
    taken = f" Taken out of this one: {', '.join(found)}." if found else ""
    hashes = (
        "serial numbers are salted hashes" if "serial_hash" in str(profile["devices"]) else "no serial number is told"
    )
    return f"Redacted: names of hosts and users and home folders are never told; {hashes}.{taken}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _wrapped(told: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(told, WIDTH, initial_indent=indent, subsequent_indent=indent + "  " if indent else "")
