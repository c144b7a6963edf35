"""Memory on a page: what does not surely fit, and what each way of using the model takes, with its formulas."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from rules.accounts.markdown import escaped, item, paragraph, table

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
        made += [paragraph(_told(way)), _table(way)]
    said = f"Assumed is {found['assumed']}; the shape of the model is {found['shape']}."
    return [block for block in [*made, paragraph(escaped(said))] if block]


def _told(way: Document) -> str:
    of = f" of {_between(way['usable_gib'])} GiB that may be used" if way["usable_gib"] else ""
    each = " on each device" if way["devices"] > 1 else ""
    least = way["least_devices"] or 1
    more = f" At least {least} of these when they share it." if least > 1 else ""
    text = f"{way['text']} takes {_between(way['gib'])} GiB{each}{of}: {FITS[way['answer']]}.{more}"
    return escaped(text)


def _table(way: Document) -> Block:
    cells = [
        [f"{escaped(part['name'])}: {escaped(part['formula'])}", *map(_number, part["gib"])] for part in way["parts"]
    ]
    return table(["Takes", "Low, GiB", "Typical", "High"], cells)


def _between(gib: Sequence[float]) -> str:
    low, high = _number(gib[0]), _number(gib[2])
    return low if low == high else f"{low} to {high}"


def _number(gib: float) -> str:
    return f"{gib:,.0f}" if gib >= 1000 else f"{gib:.3g}"
