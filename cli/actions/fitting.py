"""Say whether a model fits a device's memory."""

import re
from collections.abc import Mapping
from typing import Any

from advisor import feasibility as use_case
from cli import files, output
from cli.actions import opening

KNOWN = "catalogue:"
_COUNT = re.compile(r"([0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE]\+?[0-9]{1,3})?) ?([KMBTkmbt]?)", re.ASCII)
_TIMES = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
SHAPE = ("layers", "hidden", "heads", "kv_heads", "head_dim", "vocabulary")


def feasibility(given: Mapping[str, Any], hardware: str | None, architecture: str | None, *, as_json: bool) -> int:
    """Show what a model takes and whether it fits; see `cli.memory.feasibility`."""
    request = {name: value for name, value in given.items() if value is not None}
    request["parameters"] = _count(str(given["parameters"]))
    if architecture is not None:
        request["architecture"] = _shape(architecture)
    source = files.hardware(hardware)
    if source is not None:
        request["hardware"] = source
    if isinstance(source, str) and not source.startswith(KNOWN):
        with opening.house() as house:
            found = use_case.ask(house, request)
    else:
        found = use_case.ask(None, request)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import memory, screen

        with screen.page() as to:
            memory.show_request(to, found)
    return 0


def _count(text: str) -> object:
    """A number as people write one: 7e9, 7B, 350M, 1.5T; what is none is left for the use case to refuse."""
    match = _COUNT.fullmatch(text.strip())
    return float(match[1]) * _TIMES[match[2].upper()] if match else text


def _shape(text: str) -> dict[str, object]:
    """The parts of an architecture by name; what is no whole number is left for the use case to refuse."""
    parts = [part.strip() for part in text.split(",")]
    numbers: list[object] = [int(part) if part.isascii() and part.isdigit() else part for part in parts]
    return dict(zip((*SHAPE, *(f"part {i + 1}" for i in range(len(SHAPE), len(parts)))), numbers, strict=False))
