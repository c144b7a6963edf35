"""Known machines as screens: a list of those that fit, and one in full with its sources."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from advisor.words import human, plain
from cli.render.screen import heading, line, paragraph, rows

GIB = 2**30
MIB = 2**20
Row = Mapping[str, Any]


def listing(to: Console, found: Sequence[Row]) -> None:
    """Print the machines by name, class and what they have."""
    if not found:
        paragraph(to, "No known machine fits all of these words.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for title in ("name", "class", "machine", "memory"):
        table.add_column(title, no_wrap=title == "name")
    for row in found:
        table.add_row(line(row["name"]), line(row["class"]), line(row["title"]), line(size(row["memory_bytes"]) or "?"))
    to.print(table)
    count = "1 machine" if len(found) == 1 else f"{len(found)} machines"
    paragraph(to, line((f"{count}. What if: steelyard recommend ANSWERS --hardware {found[0]['hardware']}", "dim")))


def show(to: Console, found: Row) -> None:
    """Print a machine in full."""
    to.print(line((found["title"], "bold"), (f"  known on {found['date']}, read on {found['accessed']}", "dim")))
    rows(to, [(label, text) for label, text in _facts(found) if text], indent=0)
    heading(to, "It answers")
    for question, value in found["fills"].items():
        paragraph(to, f"{question} = {plain(value)}", indent=2)
    heading(to, "Sources")
    for source in found["sources"]:
        told = line(f"{source['publisher']}: {source['title']}", (f" ({source['date']}) {source['url']}", "dim"))
        to.print(Padding(told, (0, 0, 0, 2)))


def _facts(found: Row) -> list[tuple[str, str]]:
    profile = found["profile"]
    host, cpu = profile["host"], profile["cpu"]
    cores = f"{cpu['logical_cores']} cores" if cpu["logical_cores"] else None
    return [
        ("Hardware", found["hardware"]),
        ("Class", found["class"]),
        ("Also called", ", ".join(found["aliases"])),
        ("System", " ".join(part for part in (host["os"], host["arch"]) if part)),
        ("Processor", ", ".join(part for part in (cpu["model"] or cpu["vendor"], cores) if part)),
        ("Memory", size(found["memory_bytes"])),
        *(("Device", _device(device)) for device in found["devices"]),
        ("Note", found["note"] or ""),
    ]


def _device(device: Row) -> str:
    said = {"reported": "as its driver reports", "brochure": "by the brochure", None: ""}[device["memory_as"]]
    memory = f"{size(device['memory_bytes'])} {said}" if device["memory_bytes"] else "memory not known"
    capability = f"compute capability {device['compute_capability']}" if device["compute_capability"] else None
    named = f"{device['count']} x {device['name']} ({human(device['kind'])})"
    return ", ".join(part for part in (named, memory, device["architecture"], capability) if part)


def size(count: int | None) -> str:
    """Bytes in the unit that suits them; empty where they are not known."""
    if not count:
        return ""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB")):
        if count >= unit:
            return f"{count / unit:.4g} {name}"
    return f"{count / 1024:.4g} KiB"
