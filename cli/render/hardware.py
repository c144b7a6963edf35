"""A hardware profile as a screen: what the machine has, and what was looked for without success."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from advisor.words import human
from cli.render.screen import heading, line, paragraph, rows

GIB = 2**30
SHOWN_FEATURES = ("sse4_2", "avx", "avx2", "avx512f", "amx_tile", "neon", "asimd", "sve")

Document = Mapping[str, Any]


def show(to: Console, profile: Document) -> None:
    """Print a profile."""
    to.print(line((profile["label"], "bold"), (f"  looked at {profile['captured_at']}", "dim")))
    rows(to, [(label, text) for label, text in _facts(profile) if text], indent=0)
    _devices(to, profile)
    missing = [finding for finding in profile["findings"] if finding["state"] != "yes"]
    if missing:
        heading(to, "Not found, or not known")
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
        for title in ("probe", "rung", "state", "why"):
            table.add_column(title)
        for each in missing:
            why = line(human(each["reason"]), (f" ({each['source']})", "dim"))
            table.add_row(line(human(each["probe"])), line(each["rung"]), line(each["state"]), why)
        to.print(Padding(table, (0, 0, 0, 2)))


def show_changes(to: Console, found: Document) -> None:
    """Print what changed between two profiles, what most likely matters first."""
    before, after = found["before"], found["after"]
    to.print(line((f"From {_of(before)} to {_of(after)}", "bold")))
    if found["same_machine"] is False:
        paragraph(to, line(("These are two machines.", "yellow")))
    if not found["changes"]:
        paragraph(to, "Nothing changed that a framework could notice.")
        return
    style = {True: "red", False: "green", None: ""}
    rows(to, [(line((each["group"], "dim")), line((each["text"], style[each["worse"]]))) for each in found["changes"]])


def _of(profile: Document) -> str:
    taken = f" ({profile['captured_at']})" if profile["captured_at"] else ""
    return f"{profile['label']}{taken}"


def _facts(profile: Document) -> list[tuple[str, str]]:
    host, cpu, memory = profile["host"], profile["cpu"], profile["memory"]
    known = [name for name in SHOWN_FEATURES if name in cpu["features"]]
    container = {True: "in a container", False: "", None: ""}[host["in_container"]]
    return [
        ("System", _listed(host["os_name"] or host["os"], host["arch"], container)),
        ("Python", _listed(host["python_version"], _joined(host["libc"], host["libc_version"]))),
        ("Processor", _listed(cpu["model"] or cpu["vendor"], ", ".join(known))),
        ("Cores", _cores(cpu)),
        ("Memory", _memory(memory)),
    ]


def _listed(*parts: str | None) -> str:
    return "; ".join(part for part in parts if part)


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _cores(cpu: Document) -> str:
    usable = f"{cpu['usable_cores']:g} usable" if cpu["usable_cores"] else None
    logical = f"{cpu['logical_cores']} logical" if cpu["logical_cores"] else None
    physical = f"{cpu['physical_cores']} physical" if cpu["physical_cores"] else None
    return ", ".join(part for part in (usable, logical, physical) if part)


def _memory(memory: Document) -> str:
    named = (("total", "total_bytes"), ("limit", "limit_bytes"), ("available", "available_bytes"))
    return ", ".join(f"{memory[key] / GIB:.1f} GiB {name}" for name, key in named if memory[key] is not None)


def _devices(to: Console, profile: Document) -> None:
    heading(to, "Accelerators")
    if not profile["devices"]:
        paragraph(to, "None was found.", indent=2)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for title in ("kind", "name", "memory", "driver version", "present", "driver", "usable"):
        table.add_column(title)
    for device in profile["devices"]:
        memory = f"{device['memory_bytes'] / GIB:.1f} GiB" if device["memory_bytes"] else "?"
        states = [line((device[rung], _style(device[rung]))) for rung in ("present", "driver", "usable")]
        name, driver = device["name"] or "?", device["driver_version"] or "?"
        table.add_row(line(human(device["kind"])), line(name), line(memory), line(driver), *states)
    to.print(Padding(table, (0, 0, 0, 2)))


def _style(state: str) -> str:
    return {"yes": "green", "no": "red"}.get(state, "yellow")
