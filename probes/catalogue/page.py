"""The catalogue as a page of Markdown, `docs/machines.md`; `scripts/refresh-machines` writes it."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from probes.catalogue.reading import CLASSES, Machine, Source

HEAD = """# Known machines

For "what if": `--hardware catalogue:NAME` on the command line, `"hardware": "catalogue:NAME"` over HTTP.
`steelyard catalogue` and `GET /v1/hardware/catalogue` search these {count} machines; `scripts/refresh-machines` writes
this page from `probes/catalogue/machines`.

A machine stands for no particular one: nobody looked at yours. The answer says so (`hardware.source` is `what if`). Its
devices are taken to be usable, and no driver version is known, so what asks for a driver stays open. What is not known
is left out, never guessed.

- A machine to **train** on answers the questions of training that are left open: hardware, number and memory of
  accelerators, operating system.
- A machine to **deploy** on (one with a target) answers those of deployment instead: targets, chips, operating system;
  its memory as the limit while predicting; and, on microcontrollers and serverless functions, its flash or package
  limit as the size limit of model and runtime.

Answers of your own go before all of these.

Sizes are of one device. *Reported* is what a driver says, *brochure* what its maker or a cloud says, which may count in
other gigabytes and knows nothing of what the driver keeps. The day is that of the first source or, where that bears
none, the day of reading it. Sources are listed at the end.
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
    """The page: a table for each class, machines by name, and the sources that their last column counts."""
    cited = list(dict.fromkeys(s for m in sorted(machines, key=_place) for s in m.sources))
    numbers = {source: number for number, source in enumerate(cited, 1)}
    parts = [HEAD.format(count=len(machines))]
    for of_class in CLASSES:
        rows = [_row(machine, numbers) for machine in sorted(machines, key=_place) if machine.kind == of_class]
        head = "| name | machine | also called | memory | accelerators | targets | known on | sources |"
        parts.append("\n".join([f"## {TITLES[of_class]}", "", head, "| --- |" + " --- |" * 7, *rows]) + "\n")
    listed = [f"{number}. {s.publisher}: [{s.title}]({s.url}), {s.date}" for s, number in numbers.items()]
    return "\n".join([*parts, "## Sources\n", *listed]) + "\n"


def _place(machine: Machine) -> tuple[int, str]:
    return CLASSES.index(machine.kind), machine.name


def _row(machine: Machine, numbers: Mapping[Source, int]) -> str:
    sources = ", ".join(f"[{numbers[source]}](#sources)" for source in machine.sources)
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
