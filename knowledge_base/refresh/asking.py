"""Reading one package through whatever interface the index has: JSON first, else the simple one with metadata files.

It decides what to ask and understands the answers; how an address is reached is an `Index`'s business.
"""

from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urljoin

from packaging.version import Version

from knowledge_base.refresh import core_metadata, json_interface, simple_interface
from knowledge_base.refresh.project import File, Information, Project, Unreadable

MAX_PAGE_BYTES = 32 * 2**20
MAX_METADATA_BYTES = 2**20
JSON = "application/json"
ANYTHING = "*/*"


class IndexFailure(Exception):
    """The index gave no usable answer; the message says why, without any address."""


class NotReached(IndexFailure):
    """No connection came about, or none that lasted."""


class NotAnswered(IndexFailure):
    """It answered, but not with what was asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A page. `kind` is its content type without parameters, `base` the address that its links are relative to."""

    kind: str
    body: bytes
    base: str


class Index(Protocol):
    """A package index: its simple interface's address ends with a slash and bears no credentials."""

    @property
    def address(self) -> str:
        """Where the simple interface is."""

    def get(self, address: str, accept: str, most_bytes: int) -> Answer | None:
        """The page at an address; None where there is none (404 or 410).

        Raises:
            IndexFailure: the index gave no usable answer.
        """


class Reader:
    """Reads packages one after another, and remembers which interface this index has."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._has_json: bool | None = None if index.address.endswith("/simple/") else False

    def read(self, name: str) -> Project | None:
        """What the index says of a package; None where it does not have it.

        Raises:
            IndexFailure: the index gave no usable answer, or one that cannot be understood.
        """
        try:
            return self._by_json(name) or self._by_simple(name)
        except Unreadable as error:
            raise NotAnswered(str(error)) from error

    def _by_json(self, name: str) -> Project | None:
        if self._has_json is False:
            return None
        address = urljoin(self._index.address, f"../pypi/{name}/json")
        try:
            answer = self._index.get(address, JSON, MAX_PAGE_BYTES)
        except NotAnswered:
            if self._has_json:
                raise
            self._has_json = False  # an index without this interface need not say so with 404
            return None
        if answer is None or (answer.kind != JSON and not self._has_json):
            return None
        found = json_interface.project(name, answer.body)
        self._has_json = True
        return found

    def _by_simple(self, name: str) -> Project | None:
        answer = self._index.get(urljoin(self._index.address, f"{name}/"), simple_interface.ACCEPT, MAX_PAGE_BYTES)
        if answer is None:
            return None
        if self._has_json is None:
            self._has_json = False  # the package is there, and the other interface did not know it
        found = simple_interface.project(name, answer.kind, answer.body, answer.base)
        return replace(found, information=self._metadata(found))

    def _metadata(self, project: Project) -> Information | None:
        """What the newest release says of itself, where the index offers that without the file around it."""
        offered = [file for file in project.files if file.metadata and not file.yanked]
        chosen = max(offered, key=_newest_stable, default=None)
        if chosen is None or chosen.metadata is None:
            return None
        try:
            answer = self._index.get(chosen.metadata, ANYTHING, MAX_METADATA_BYTES)
            return core_metadata.information(answer.body) if answer else None
        except (IndexFailure, Unreadable):
            return None  # the page itself was read: that is worth telling without its metadata


def _newest_stable(file: File) -> tuple[bool, Version, str]:
    return not file.version.is_prerelease, file.version, file.name
