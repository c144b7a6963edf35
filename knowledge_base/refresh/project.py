"""What an index says of one package, whichever interface it was read from. No judgement is made here."""

from dataclasses import dataclass
from datetime import date
from math import prod
from typing import Literal

from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

MAX_NAME_CHARACTERS = 300
MAX_TAGS = 200  # that one wheel stands for; real ones have some tens

Interface = Literal["json", "simple"]


class Unreadable(Exception):
    """An index answered with something that cannot be understood; the message says what, without any address."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a release. `tags` is empty for a source archive; None stands for what the index does not say.

    `metadata` is where the index offers the core metadata of the file (PEP 658).
    """

    name: str
    version: Version
    tags: frozenset[Tag]
    size_bytes: int | None
    uploaded: date | None
    yanked: bool
    yanked_reason: str | None
    requires_python: str | None
    metadata: str | None = None

    @property
    def is_wheel(self) -> bool:
        """Whether it is a built distribution."""
        return bool(self.tags)


@dataclass(frozen=True, slots=True)
class Information:
    """Core metadata of one release: what the project says of itself."""

    version: str | None
    summary: str | None
    addresses: tuple[str, ...]
    licence_expression: str | None
    licence_text: str | None
    classifiers: tuple[str, ...]
    requires_python: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """A package with all its files. `unread` counts files whose names tell no version, such as old installers."""

    name: str
    interface: Interface
    files: tuple[File, ...]
    unread: int
    information: Information | None
    status: str | None = None
    status_reason: str | None = None


def named(project: str, filename: str) -> tuple[Version, frozenset[Tag]] | None:
    """(version, wheel tags, none for a source archive) from a file's name; None where it is not the project's."""
    stem = filename.removesuffix(".whl")
    if len(filename) > MAX_NAME_CHARACTERS or prod(part.count(".") + 1 for part in stem.split("-")[-3:]) > MAX_TAGS:
        return None
    try:
        if filename.endswith(".whl"):
            name, version, _, tags = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
            tags = frozenset()
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        return None
    return (version, tags) if name == canonicalize_name(project) else None
