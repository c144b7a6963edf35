"""Memory on a page: what does not surely fit, and what each way of using the model takes, with its formulas."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from rules.accounts.markdown import escaped, item, paragraph, table
from rules.feasibility.amounts import GIB, MIB, SMALL, said_gib

Document = Mapping[str, Any]
Block = list[str]
FITS = {"yes": "it fits", "no": "it does not fit", "uncertain": "it may fit", "unknown": "the memory is not known"}


def blocks(found: Document | None) -> list[Block]:
    """The section on memory, nothing where the size of the model or the memory is not known."""
    if found is None:
        return []
    minded = [item(escaped(text)) for text in found["cautions"]]
    made: list[Block] = [["## Memory"], list(chain.from_iterable(minded))]
    for way in found["ways"]:
        made += [paragraph(escaped(told(way))), _table(way)]
    return [block for block in [*made, paragraph(escaped(assumed(found)))] if block]


def assumed(found: Document) -> str:
    """What the amounts rest on, in a sentence."""
    return f"Assumed is {found['assumed']}; the shape of the model is {found['shape']}."


def told(way: Document) -> str:
    """What one way of using the model takes and whether that is there, in sentences."""
    of = f" of {said_gib(way['usable_gib'])} that may be used" if way["usable_gib"] else ""
    each = " on each device" if way["devices"] > 1 else ""
    least = way["least_devices"] or 1
    more = f" At least {least} of these when they share it." if least > 1 else ""
    return f"{way['text']} takes {said_gib(way['gib'])}{each}{of}: {FITS[way['answer']]}.{more}"


def _table(way: Document) -> Block:
    size, unit = unit_of(way["gib"])
    cells = [
        [f"{escaped(part['name'])}: {escaped(part['formula'])}", *(_number(each * GIB / size) for each in part["gib"])]
        for part in way["parts"]
    ]
    return table(["Takes", f"Low, {unit}", "Typical", "High"], cells)


def unit_of(gib: Sequence[float]) -> tuple[int, str]:
    """The unit in bytes, and its name, that an amount and what it consists of are told in."""
    if gib[2] >= SMALL:
        return GIB, "GiB"
    return (MIB, "MiB") if gib[2] >= 2**-10 else (2**10, "KiB")


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 1000 else f"{amount:.3g}"
