"""The published amounts of memory in tests/data/memory-references.yaml, each with what our formulas say of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rules.feasibility import memory, room, shape
from rules.feasibility.amounts import Span, exactly
from rules.feasibility.plan import FORMATS, Architecture, Plan, check

PATH = Path(__file__).parent.parent / "data" / "memory-references.yaml"
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "GB": 10**9}
BEGIN, END = "<!-- references -->", "<!-- end of references -->"
BESIDE_STATES = ("activations", "output", "fragments and buffers", "context of the device", "host memory")


@dataclass(frozen=True)
class Case:
    """A published value in its unit, and ours in the same unit."""

    entry: dict[str, Any]
    source: dict[str, Any]
    ours: Span

    @property
    def said(self) -> float:
        """Ours at the bound that the source speaks of; of an interval the nearest end, or the value itself inside."""
        if self.entry["bound"] == "within":
            return min(max(float(self.entry["value"]), float(self.ours.low)), float(self.ours.high))
        return float(getattr(self.ours, self.entry["bound"]))

    @property
    def agrees(self) -> bool:
        """Whether ours is as near as the case says that it must be."""
        value, ours = float(self.entry["value"]), self.said
        if self.entry.get("at_most"):
            return ours <= value
        if self.entry.get("at_least"):
            return ours >= value
        return abs(ours - value) <= float(self.entry["tolerance"]) * abs(value)


def cases() -> list[Case]:
    """Every case of the file."""
    document = yaml.safe_load(PATH.read_text())
    models, sources = document["models"], document["sources"]
    return [Case(e, sources[e["source"]], _ours(e, models) / UNITS[e["unit"]]) for e in document["cases"]]


def _ours(entry: dict[str, Any], models: dict[str, Any]) -> Span:
    if entry["compute"] == "room":
        has, may_use, *beside = (float(each) for each in entry["room"])
        names = ("weights", "activations", "beside the model")
        taken = [memory.Item(n, "", exactly(each), "") for n, each in zip(names, beside, strict=True)]
        cache = memory.Item(memory.KEYS_AND_VALUES, "", exactly(1.0), "")  # not held against itself
        return room.left(exactly(has * may_use), memory.Estimate((*taken, cache), "")) * UNITS[entry["unit"]]
    given = dict(entry["plan"])
    model = models.get(given.pop("model", ""), {})
    given = {"parameters": model.get("parameters"), **given}
    built = Architecture(*model["architecture"]) if model else None
    if entry["compute"] == "saved":
        low, _, high = FORMATS["nf4"].bits
        return exactly(float(given["parameters"]) * (high - low) / 8)
    if entry["compute"] == "adapters":
        assert built is not None
        return shape.known(built, float(given["parameters"]), None).adapted * (float(given["rank"]) * 2.0)
    plan = check(Plan(purpose=entry["compute"], architecture=built, **given))
    found = memory.estimate(plan)
    if entry["items"] == "device":
        return found.device
    if entry["items"] == "host":
        return found.host
    if entry["items"] == "states":
        return _sum([i for i in found.items if i.name not in BESIDE_STATES])
    return _sum([i for i in found.items if i.name in entry["items"]])


def _sum(items: list[memory.Item]) -> Span:
    found = exactly(0.0)
    for item in items:
        found = found + item.amount
    return found


# --- The table of docs/feasibility.md --------------------------------------------------------------------------------


def table() -> str:
    """Every case as a row: what, the published amount, ours, how far apart they may be, and the source."""
    opened = yaml.safe_load(PATH.read_text())["opened"]
    found, known = cases(), yaml.safe_load(PATH.read_text())["sources"]
    lines = [f"{len(found)} amounts from {len(known)} sources, read on {opened}.", ""]
    lines += ["| amount | published | here | may differ by | source |", "| --- | --: | --: | --: | --- |"]
    lines += [_row(case) for case in found]
    return "\n".join(lines)


def _row(case: Case) -> str:
    entry, unit = case.entry, case.entry["unit"]
    note = f" ({entry['note']})" if entry.get("note") else ""
    published = f"{entry['value']:,.6g} {unit}"
    most = "more" if entry.get("at_least") else "less" if entry.get("at_most") else f"{entry['tolerance']:.2%}"
    if entry["bound"] == "within":
        ours = f"{float(case.ours.low):,.4g} to {float(case.ours.high):,.4g} {unit}"
        most = f"inside, {most}" if entry["tolerance"] else "inside"
    else:
        ours = f"{case.said:,.5g} {unit}"
        other = float(case.ours.high if entry["bound"] == "low" else case.ours.low)
        if entry["bound"] != "typical" and abs(other - case.said) > 1e-9 * abs(case.said):
            ours += f" ({entry['bound']} end)"
    return f"| {entry['case']}{note} | {published} | {ours} | {most} | [{case.source['title']}]({case.source['url']}) |"


def written(page: str) -> str:
    """A page with the table anew between its marks."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}"
