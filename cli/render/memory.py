"""Memory as a screen: what each way of using a model takes, by which formula, and whether that fits."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding

from cli.render.screen import heading, line, paragraph, rows, section, table
from rules.accounts.memory import unit_of
from rules.feasibility.amounts import GIB, SMALL, said, said_gib

STYLES = {"yes": "green", "no": "red", "uncertain": "yellow", "unknown": "dim"}

LETTERS = (
    "P parameters, N devices, L layers, h width, a heads, H_kv heads of keys and values, d width of a head,"
    " v vocabulary, b sequences, s tokens of one, r rank, T tokens of a step. docs/feasibility.md has the sources."
)

Document = Mapping[str, Any]


def show_request(to: Console, found: Document) -> None:
    """Print what was found of a model and a memory that were named."""
    devices = f"{found['devices']} devices" if found["devices"] > 1 else "1 device"
    memory = _memory(found["memory_bytes"]) if found["memory_bytes"] else "memory not known"
    to.print(line((f"{parameters(found['parameters'])} on {devices}, {memory} each", "bold")))
    paragraph(to, line((f"{found['hardware']}; shape of the model: {found['shape']}", "dim")))
    paragraph(to, line((f"assumed: {found['assumed']}", "dim")))
    show_ways(to, found["ways"])
    for text in found["cautions"]:
        to.print()
        paragraph(to, line((text, "yellow")))
    to.print()
    paragraph(to, line((LETTERS, "dim")))


def show(to: Console, found: Document | None) -> None:
    """Print the memory part of a decision."""
    if found is None:
        return
    section(to, "Memory")
    paragraph(to, line((f"{parameters(found['parameters'])}, for {found['assumed']}", "dim")), indent=2)
    show_ways(to, found["ways"])


def show_ways(to: Console, ways: Sequence[Document]) -> None:
    """Each way with its answer, its items and what else would fit."""
    for way in ways:
        heading(to, f"{way['text']}")
        rows(to, [("", line((way["answer"], STYLES[way["answer"]]), ": ", _needs(way)))])
        size, unit = unit_of(way["gib"])
        grid = table(unit, "to", "takes", "formula")
        for part in way["parts"]:
            low, _, high = (each * GIB / size for each in part["gib"])
            grid.add_row(line(number(low)), line(number(high)), line(part["name"]), line((part["formula"], "dim")))
        to.print(Padding(grid, (0, 0, 0, 2)))
        if way.get("host"):
            rows(to, [("", line(_host(way["host"])))])
        if way.get("kv_room"):
            rows(to, [("", line(_room(way["kv_room"])))])
        for other in way["alternatives"]:
            state = line((other["answer"], STYLES[other["answer"]]))
            rows(to, [("-", line(f"{other['text']}: {said_gib(other['gib'])}, fits: ", state.plain))])


def _needs(way: Document) -> str:
    of = f"; {said_gib(way['usable_gib'])} may be used ({way['usable']})" if way["usable_gib"] else ""
    least = f"; at least {way['least_devices']} of these when they share it" if (way["least_devices"] or 1) > 1 else ""
    each = " on each device" if way["devices"] > 1 else ""
    size, _ = unit_of(way["gib"])
    return f"{said_gib(way['gib'])}{each}, typically {number(way['gib'][1] * GIB / size)}{of}{least}"


def _host(host: Document) -> str:
    has = f"{said_gib(host['usable_gib'])} may be used" if host["usable_gib"] else "how much there is is not known"
    return f"{host['name']}: {said_gib(host['gib'])} ({host['formula']}); {has}"


def _room(room: Document) -> str:
    low, typical, high = (f"{each:,}" for each in room["tokens"])
    tokens = f"{low} to {high} tokens of all requests together, typically {typical}"
    return f"room for keys and values: {said_gib(room['gib'])} of each device, {tokens}"


def _memory(size: int) -> str:
    return f"{size / GIB:.4g} GiB" if size >= SMALL * GIB else said(size)


def number(amount: float) -> str:
    """An amount in its unit with three figures."""
    return f"{amount:,.0f}" if amount >= 1000 else f"{amount:.3g}" if amount >= 0.001 or amount == 0 else "<0.001"


def parameters(count: float) -> str:
    """A number of parameters in words."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if count >= size:
            return f"{count / size:.4g} {word} parameters"
    return f"{count:,.0f} parameters"
