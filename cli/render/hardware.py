"""A hardware profile as a screen: what the machine has, and what was looked for without success."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from advisor.words import human
from cli.render.screen import heading, line, paragraph, rows, table

GIB = 2**30
SHOWN_FEATURES = ("sse4_2", "avx", "avx2", "avx512f", "amx_tile", "neon", "asimd", "sve")

Document = Mapping[str, Any]


def show(to: Console, profile: Document) -> None:
    """Print a profile."""
    seen = {"catalogue": "known of on", "hand": "written on"}.get(profile["origin"], "looked at")
    when = f"  {seen} {profile['captured_at']}" if profile["captured_at"] else ""
    to.print(line((profile["label"], "bold"), (when, "dim")))
    rows(to, [(label, text) for label, text in _facts(profile) if text], indent=0)
    _devices(to, profile)
    _more(to, profile)
    _not_found(to, profile["findings"])


def _more(to: Console, profile: Document) -> None:
    """What a profile holds only where there is something to tell."""
    parts = {
        "Installed": [_joined(s["name"], s["version"], s["build"]) for s in profile.get("software", ())],
        "Sources that do not agree": [
            f"{c['about']}: " + "; ".join(f"{said['source']} says {said['value']}" for said in c["said"])
            for c in profile.get("contradictions", ())
        ],
        "Set in the environment": [f"{o['name']}={o['value']}" for o in profile.get("overrides", ())],
        "Room": [_room(disk) for disk in profile.get("disks", ())],
    }
    for title, told in parts.items():
        if told:
            heading(to, title)
            for each in told:
                paragraph(to, each, indent=2)


def _room(disk: Document) -> str:
    free = f"{disk['free_bytes'] / GIB:.1f} GiB free" if disk["free_bytes"] is not None else "free space not known"
    return _listed(f"{human(disk['place'])}: {free}", None if disk["writable"] is not False else "not writable")


def _not_found(to: Console, findings: Sequence[Document]) -> None:
    """What is simply not there in one line; what was hidden, failed or is not usable with its reason."""
    absent = {f["probe"] for f in findings if f["rung"] == "present" and f["state"] == "no"}
    absent -= {f["probe"] for f in findings if f["rung"] == "present" and f["state"] != "no"}
    if absent:
        heading(to, "Looked for and not there")
        paragraph(to, ", ".join(sorted(human(name) for name in absent)), indent=2)
    open_ = [f for f in findings if f["state"] != "yes" and f["probe"] not in absent]
    if open_:
        heading(to, "Not usable, or not known")
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
        for title in ("probe", "rung", "state", "why"):
            table.add_column(title)
        for each in open_:
            why = line(human(each["reason"]), (f" ({each['source']})", "dim"))
            table.add_row(line(human(each["probe"])), line(each["rung"]), line(each["state"]), why)
        to.print(Padding(table, (0, 0, 0, 2)))


def listing(to: Console, found: Sequence[Document]) -> None:
    """Print stored profiles, a line for each."""
    listed = table("id", "machine", "origin", "looked at", "received", "devices")
    for column in (0, 3, 4):
        listed.columns[column].no_wrap = True
    for each in found:
        days = (each["captured_at"][:10] or "?", each["received_at"][:10])
        listed.add_row(*map(line, (each["id"], each["label"], each["origin"], *days, ", ".join(each["devices"]))))
    to.print(listed)


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
