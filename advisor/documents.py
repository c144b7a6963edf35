"""Text that a person or a program wrote, as plain values: JSON or YAML, read strictly, with the place of each value.

Size and nesting are bounded, duplicate keys, YAML aliases and numbers that are none are refused. What the values mean
is the reader's business.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge_base import yaml_files
from knowledge_base.yaml_files import Document, Location
from rules.faults import Fault, InvalidInput
from rules.strict_json import MAX_DEPTH, json_value

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Format", "Written", "as_yaml", "decode", "format_of", "json_value"]

MAX_BYTES = 2**20
Format = Literal["json", "yaml"]

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_PLACE = re.compile(r"(.*), ([0-9]{1,9}):([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Written:
    """A document's value and the name of where it came from; `yaml` holds the places of its parts where known."""

    name: str
    value: object
    yaml: Document | None = None

    def place(self, path: str) -> str:
        """Where the part at a dotted path stands, such as `file.yaml:12:3`; the name alone where that is not known.

        A path may end in a place within a text, such as `rules[0].when, 1:14`.
        """
        if self.yaml is None:
            return self.name
        head, within = _within(path)
        location = _location(head)
        text = self.part(head)
        if within is None or not isinstance(text, str):
            return self.yaml.place(location)
        index = sum(len(each) + 1 for each in text.split("\n")[: within[0] - 1]) + within[1] - 1
        return self.yaml.character(location, index) or self.yaml.place(location)

    def part(self, path: str) -> object:
        """The value at a dotted path; None where nothing stands there."""
        found = self.value
        for step in _location(path):
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found


def _within(path: str) -> tuple[str, tuple[int, int] | None]:
    """(the path of a text, the line and column within it where the path names them)."""
    found = _PLACE.fullmatch(path)
    return (found[1], (int(found[2]), int(found[3]))) if found else (path, None)


def _location(path: str) -> Location:
    return tuple(int(index) if index else key for key, index in _STEP.findall(path))


def format_of(name: str) -> Format | None:
    """The format that a file's ending stands for; None when it says nothing."""
    return {".json": "json", ".yaml": "yaml", ".yml": "yaml"}.get(Path(name).suffix.lower())  # type: ignore[return-value]


def decode(content: bytes, name: str, given: Format | None = None, most_bytes: int = MAX_BYTES) -> Written:
    """The value in a document of at most `most_bytes`.

    Args:
        content: UTF-8 bytes, with or without a byte order mark.
        name: what to call the document in messages.
        given: its format; None: JSON where it starts as a JSON object or list and is one, YAML otherwise.
        most_bytes: the largest that is read.

    Raises:
        InvalidInput: too large, not UTF-8, not of the format, or nested too deeply.
    """
    if len(content) > most_bytes:
        raise InvalidInput([Fault(name, f"more than {most_bytes} bytes", f"a document of at most {most_bytes} bytes")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput([Fault(name, f"byte {error.start + 1}", "UTF-8 text")]) from None
    if given == "json":
        return Written(name, json_value(text, name))
    if given is None and text.lstrip()[:1] in ("{", "["):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return _yaml(text, name)
        return Written(name, json_value(text, name))
    return _yaml(text, name)


def as_yaml(value: object) -> str:
    """A value of plain parts as YAML that `decode` reads back to an equal one; long texts go over several lines."""
    return yaml_files.dump(value)


def _yaml(text: str, name: str) -> Written:
    document = yaml_files.parse(text, name)
    return Written(name, document.value, document)
