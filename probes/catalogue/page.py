"""The catalogue as a page of Markdown, `docs/machines.md`; `scripts/refresh-machines` writes it."""

from collections.abc import Sequence
from itertools import groupby

from probes.catalogue.reading import CLASSES, Machine

HEAD = """# Known machines

For "what if": `--hardware catalogue:NAME` on the command line, `"hardware": "catalogue:NAME"` over HTTP. `steelyard catalogue` and
`GET /v1/hardware/catalogue` search these {count} machines; `scripts/refresh-machines` writes this page from
`probes/catalogue/machines`.

A machine stands for no particular one: nobody looked at yours. The answer says so (`hardware.source` is `what if`). Its devices
are taken to be usable, and no driver version is known, so gates that ask for a driver stay open questions. What is not known is
left out, never guessed.

- A machine to **train** on answers the questions of training that are left open: hardware, number and memory of accelerators,
  operating system.
- A machine to **deploy** on (those with a target) answers those of deployment instead: targets, chips, operating system; its
  memory as the limit while predicting; and, on microcontrollers and serverless functions, its flash or package limit as the
  size limit of model and runtime. Answers of your own go before all of these.

Sizes are of one device. *Reported* is what a driver says, *brochure* what its maker or a cloud says, which may count in other
gigabytes and knows nothing of what the driver keeps. The day is that of the first source, or that of reading it where it bears none.
"""
TITLES = {
    "cloud": "Cloud instances",
    "notebook": "Hosted notebooks",
    "serverless": "Serverless functions",
    "server": "Servers",
    "workstation": "Workstations and desktops",
    "laptop": "Laptops and Macs",
    "board": "Boards and edge modules",
    "phone": "Phones and tablets",
    "microcontroller": "Microcontrollers",
    "browser": "Browsers",
}
UNITS = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def page(machines: Sequence[Machine]) -> str:
    """The page: a table for each class, machines by name."""
    parts = [HEAD.format(count=len(machines))]
    for of_class in CLASSES:
        rows = [_row(machine) for machine in sorted(machines, key=lambda m: m.name) if machine.kind == of_class]
        head = "| name | machine | also called | memory | accelerators | targets | known on | sources |"
        parts.append("\n".join([f"## {TITLES[of_class]}", "", head, "| --- |" + " --- |" * 7, *rows]) + "\n")
    return "\n".join(parts)


def _row(machine: Machine) -> str:
    sources = ", ".join(f"[{source.publisher}]({source.url})" for source in machine.sources)
    note = f" ({machine.note})" if machine.note else ""
    cells = (
        f"`{machine.name}`",
        machine.title + note,
        ", ".join(machine.aliases),
        _size(machine.profile.memory_total_bytes),
        _devices(machine),
        ", ".join(target.replace("_", " ") for target in machine.profile.targets),
        machine.date,
        sources,
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _devices(machine: Machine) -> str:
    told = []
    for (device, memory_as), same in groupby(zip(machine.profile.devices, machine.memory_as, strict=True)):
        size = f", {_size(device.memory_bytes)} {memory_as}" if device.memory_bytes else ""
        told.append(f"{len(list(same))} x {device.name or device.kind}{size}")
    return "; ".join(told)


def _size(count: int | None) -> str:
    """Bytes in the largest unit of which there is at least one; empty where they are not known."""
    if not count:
        return ""
    unit, name = next(((unit, name) for unit, name in UNITS if count >= unit), (1, "B"))
    return f"{count / unit:.4g} {name}"
