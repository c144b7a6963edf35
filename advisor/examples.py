"""Projects in files: the examples beside the program, and one that a person hands over."""

from functools import cache
from pathlib import Path
from typing import Any

from advisor import documents, project_file
from advisor.project_file import Project
from rules.faults import Fault, InvalidInput, nearest, shown

SHIPPED = Path(__file__).parent.parent / "examples"
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
    """What a project that a person hands over as a file begins with; its form is `advisor.project_file`'s.

    Raises:
        InvalidInput: it cannot be read as YAML or JSON, holds no project, or asks for what no project keeps.
    """
    given = project_file.read(documents.decode(content, name))
    if faults := unkept(given):
        raise InvalidInput(faults)
    return {"name": given.name or UNNAMED, "answers": given.answers, "hardware": given.hardware}


def unkept(given: Project) -> list[Fault]:
    """What a file asks for that no project keeps."""
    said = {key: getattr(given, key) for key in UNKEPT}
    return [Fault(key, shown(value), NOT_KEPT) for key, value in said.items() if value]


def _about(path: Path) -> str:
    """The first line of an example, which says what it is about after its name."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.lstrip("# ").partition(": ")[2]
