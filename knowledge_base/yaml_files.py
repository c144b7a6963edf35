"""Reading YAML with the line and column of every value, so that a mistake can be shown where it stands.

It knows nothing of what the values mean. Duplicate keys, aliases, custom tags and non-text keys are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.yaml_offsets import offsets
from rules.faults import Fault, InvalidInput, shown

Location = tuple[str | int, ...]
MAX_FILE_BYTES = 4 * 2**20
MAX_DEPTH = 32

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = "tag:yaml.org,2002:str"
_TEXTS = (_TEXT, "tag:yaml.org,2002:timestamp")  # "2026-10" and "2026-10-03" mean different precision
_PLAIN = (*_TEXTS, *(f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "int", "float", "bool", "null")))


@dataclass(frozen=True, slots=True)
class Document:
    """The value of one file and where each part of it stands.

    `places` and `keys` give (line, column) from 1 for a location in the value and for its key; `texts` gives where the
    source of a text begins and ends in `source`.
    """

    file: str
    value: object
    places: Mapping[Location, tuple[int, int]]
    keys: Mapping[Location, tuple[int, int]]
    texts: Mapping[Location, tuple[int, int]]
    source: str

    def place(self, location: Location) -> str:
        """`file:line:column` of the nearest known place at or above the location."""
        while location and location not in self.places:
            location = location[:-1]
        line, column = self.places.get(location, (1, 1))
        return f"{self.file}:{line}:{column}"

    def key(self, location: Location) -> str:
        """`file:line:column` of the key that a location is under; of the nearest known place where it has none."""
        if location not in self.keys:
            return self.place(location)
        line, column = self.keys[location]
        return f"{self.file}:{line}:{column}"

    def character(self, location: Location, index: int) -> str | None:
        """`file:line:column` of a character of a text (its index from 0, or one past the last); None if not exact."""
        value = self.text(location)
        if value is None or location not in self.texts:
            return None
        start, end = self.texts[location]
        found = offsets(self.source[start:end], value)
        if found is None or not 0 <= index <= len(found) or not found:
            return None
        at = start + (found[index] if index < len(found) else found[-1] + 1)
        line = self.source.count("\n", 0, at) + 1
        return f"{self.file}:{line}:{at - self.source.rfind(chr(10), 0, at)}"

    def text(self, location: Location) -> str | None:
        """The text at a location; None where something else stands."""
        value: Any = self.value
        for part in location:
            value = value[part]
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Parts(Document):
    """Plain parts that came in no file: a place is the path to it, such as `set[0].to`."""

    @classmethod
    def of(cls, value: object) -> "Parts":
        """These parts as a document."""
        return cls("", value, {}, {}, {}, "")

    def place(self, location: Location) -> str:
        """The path of a location, up to the first step that leads nowhere; `body` for the whole."""
        text, part = "", self.value
        for step in location:
            if not isinstance(part, dict | list):
                break
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
            if isinstance(part, dict):
                part = part.get(step)
            else:
                part = part[step] if isinstance(step, int) and 0 <= step < len(part) else None
        return text or "body"

    def key(self, location: Location) -> str:
        """The path of the key that a location is under."""
        return self.place(location)


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
    reading = _Reading(loader, name)
    try:
        _check_shape(text, name)
        node = loader.get_single_node()
        value = None if node is None else reading.value(node, ())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise InvalidInput([Fault(where, str(getattr(error, "problem", error)), "valid YAML")]) from error
    finally:
        loader.dispose()
    if reading.faults:
        raise InvalidInput(reading.faults)
    return Document(name, value, reading.places, reading.keys, reading.texts, text)


def dump(value: object) -> str:
    """A plain value as YAML that `parse` reads back to an equal one, in the order of its keys."""
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)


class _Reading:
    """Values from nodes, with their places. Faults are noted and reading goes on."""

    def __init__(self, loader: yaml.SafeLoader, name: str) -> None:
        self.loader = loader
        self.name = name
        self.places: dict[Location, tuple[int, int]] = {}
        self.keys: dict[Location, tuple[int, int]] = {}
        self.texts: dict[Location, tuple[int, int]] = {}
        self.faults: list[Fault] = []

    def value(self, node: yaml.Node, at: Location) -> object:
        """The value of a node that stands at a location; None where it is not plain."""
        self.places[at] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if node.tag not in _PLAIN:
            self._note(node, f"the tag {shown(node.tag)}", "a plain value without a tag")
        elif isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        elif isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*at, index)) for index, child in enumerate(node.value)]
        elif node.tag in _TEXTS:
            self.texts[at] = (node.start_mark.index, node.end_mark.index)
            return node.value
        else:
            return self._scalar(node)
        return None

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for key_node, child in node.value:
            key = key_node.value
            if key_node.tag != _TEXT or not isinstance(key, str):
                self._note(key_node, shown(key if isinstance(key, str) else key_node.tag), "a key that is a text")
            elif key in mapping:
                self._note(key_node, shown(key), "a key that is not used twice")
            else:
                self.keys[*at, key] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
                mapping[key] = self.value(child, (*at, key))
        return mapping

    def _scalar(self, node: yaml.Node) -> object:
        try:
            value = self.loader.construct_object(node)
            if not isinstance(value, float) or isfinite(value):
                return value
        except ValueError:
            pass
        self._note(node, shown(node.value), "a number of ordinary size")
        return None

    def _note(self, node: yaml.Node, value: str, expected: str) -> None:
        self.faults.append(Fault(_place(self.name, node), value, expected))


def _check_shape(text: str, name: str) -> None:
    """Refuse aliases and deep nesting before any node is made: one multiplies, the other overflows a C stack."""
    depth = 0
    aliases: list[Fault] = []
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise InvalidInput([Fault(_place(name, event), "this nesting", f"at most {MAX_DEPTH} levels deep")])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases.append(Fault(_place(name, event), f"*{event.anchor}", "a value written out, not an alias"))
    if aliases:
        raise InvalidInput(aliases)


def _place(name: str, part: yaml.Node | yaml.Event) -> str:
    mark = part.start_mark
    return f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
