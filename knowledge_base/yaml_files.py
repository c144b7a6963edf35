"""Reading YAML with the line and column of every value, so that a mistake can be shown where it stands.

It knows nothing of what the values mean. Duplicate keys, aliases, custom tags and non-text keys are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from rules.faults import Fault, InvalidInput, shown

Location = tuple[str | int, ...]
MAX_FILE_BYTES = 4 * 2**20

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """The value of one file and where each part of it stands: location in the value -> (line, column) from 1."""

    file: str
    value: object
    places: Mapping[Location, tuple[int, int]]

    def place(self, location: Location) -> str:
        """`file:line:column` of the nearest known place at or above the location."""
        while location and location not in self.places:
            location = location[:-1]
        line, column = self.places.get(location, (1, 1))
        return f"{self.file}:{line}:{column}"


def read(path: Path, name: str) -> Document:
    """The document in a file, called `name` in messages.

    Raises:
        InvalidInput: the file is too large, is not UTF-8 or not YAML of plain values, with line and column.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InvalidInput([Fault(name, f"{path.stat().st_size} bytes", f"at most {MAX_FILE_BYTES}")])
    try:
        return parse(path.read_text(encoding="utf-8"), name)
    except UnicodeDecodeError as error:
        raise InvalidInput([Fault(name, str(error), "UTF-8 text")]) from error


def parse(text: str, name: str) -> Document:
    """The document in a text; see `read` for what it raises."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        places: dict[Location, tuple[int, int]] = {}
        faults: list[Fault] = []
        value = None if node is None else _value(loader, node, (), places, faults, name)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise InvalidInput([Fault(where, str(getattr(error, "problem", error)), "valid YAML")]) from error
    except RecursionError as error:
        raise InvalidInput([Fault(name, "this nesting", "YAML of ordinary depth")]) from error
    finally:
        loader.dispose()
    if faults:
        raise InvalidInput(faults)
    return Document(name, value, places)


def _value(
    loader: yaml.SafeLoader,
    node: yaml.Node,
    at: Location,
    places: dict[Location, tuple[int, int]],
    faults: list[Fault],
    name: str,
) -> object:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if at in places:
        faults.append(Fault(f"{name}:{line}:{column}", shown(at[-1]), "a key that is not used twice"))
    places[at] = (line, column)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, object] = {}
        for key_node, child in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else shown(key_node.tag)
            if key in mapping:
                places.pop((*at, key), None)
                here = f"{name}:{key_node.start_mark.line + 1}:{key_node.start_mark.column + 1}"
                faults.append(Fault(here, shown(key), "a key that is not used twice"))
            mapping[key] = _value(loader, child, (*at, key), places, faults, name)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, child, (*at, i), places, faults, name) for i, child in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value  # a day is text here: "2026-10" and "2026-10-03" mean different precision
    return loader.construct_object(node)
