"""Projects in files: the examples beside the program, and one that a person hands over."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from advisor import documents
from rules.faults import Fault, InvalidInput, nearest, shown

SHIPPED = Path(__file__).parent.parent / "examples"
KEYS = ("name", "source", "hardware", "roles", "answers", "preferences", "policy", "draws")
UNKEPT = ("roles", "preferences", "policy", "draws")
NOT_KEPT = "nothing here: a project keeps its name, answers and hardware; `steelyard recommend` takes the whole file"
UNNAMED = "A project from a file"


@cache
def listing() -> tuple[dict[str, Any], ...]:
    """The examples, by id; none where their folder is not there (an installation without it)."""
    return tuple(
        {"id": path.stem, "about": _about(path), **in_file(path.read_bytes(), path.name)}
        for path in sorted(SHIPPED.glob("*.yaml"))
    )


def one(name: str) -> dict[str, Any]:
    """An example: name, answers, hardware.

    Raises:
        InvalidInput: there is none of this id; the fault names the nearest.
    """
    found = {each["id"]: each for each in listing()}
    if name not in found:
        raise InvalidInput([Fault("example", shown(name), "the id of an example", nearest(name, found))])
    return found[name]


def in_file(content: bytes, name: str) -> dict[str, Any]:
    """The project in a file: an answers object, or a document with the key `answers`.

    Raises:
        InvalidInput: it cannot be read as YAML or JSON, is neither of the two, or asks for what no project keeps.
    """
    value = documents.decode(content, name).value
    if not isinstance(value, dict):
        raise InvalidInput([Fault("file", shown(value), "an object of answers, or a document with the key `answers`")])
    if "answers" not in value:
        return {"name": UNNAMED, "answers": value, "hardware": None}
    faults = [Fault(key, shown(key), "a part of a project", nearest(key, KEYS)) for key in value if key not in KEYS]
    if faults := [*faults, *unkept(value)]:
        raise InvalidInput(faults)
    return {"name": value.get("name") or UNNAMED, "answers": value["answers"], "hardware": value.get("hardware")}


def unkept(said: Mapping[str, Any]) -> list[Fault]:
    """What a file asks for that no project keeps."""
    return [Fault(key, shown(said[key]), NOT_KEPT) for key in UNKEPT if said.get(key)]


def _about(path: Path) -> str:
    """The first line of an example, which says what it is about after its name."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.lstrip("# ").partition(": ")[2]
