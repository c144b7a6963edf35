"""Answers about the knowledge: one release throughout, pages of lists by cursor, and ETags.

A cursor names the release it was given for, so that a list read page by page stays one list while a new release is
published; that of a list which grows and shrinks meanwhile names the last item shown.
"""

import base64
import binascii
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from advisor.errors import Fault, InvalidInput, Missing
from api.dependencies import EACH_KEY_ONCE, HouseDep
from rules.faults import shown

DEFAULT_LIMIT = 50
MAX_LIMIT = 500
Place = tuple[datetime, str]  # of an item in a list by age: when it came, and its id
CURSOR_EXPECTED = "a cursor that this list gave as `next`, with the same filters"


class ListQuery(BaseModel):
    """What every list is asked with."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str | None, Field(description="`next` of the page before; none for the first page.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Most items on a page.")] = DEFAULT_LIMIT


ListAsked = Annotated[ListQuery, Query()]


def encode(document: object) -> bytes:
    """A document as JSON, compact and in UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def tag_of(body: bytes) -> str:
    """An entity tag that is made from the bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def unmet(request: Request, tag: str) -> bool:
    """Whether the caller asks to act on another version only (If-Match) than the one with this entity tag."""
    held = request.headers.get("if-match")
    return held is not None and held.strip() != "*" and tag not in [each.strip() for each in held.split(",")]


def matches(request: Request, tag: str) -> bool:
    """Whether the caller holds the version with this entity tag already; any will do (`*`) once there is one."""
    held = request.headers.get("if-none-match", "")
    return held.strip() == "*" or names(request, tag)


def names(request: Request, tag: str) -> bool:
    """Whether the caller names this entity tag as one that it holds."""
    held = request.headers.get("if-none-match", "")
    return tag in [each.strip().removeprefix("W/") for each in held.split(",")]


def settled(request: Request, body: bytes, kind: str = "application/json") -> Response:
    """An answer, or 304 where the caller holds it; its entity tag is made from the bytes."""
    headers = {"ETag": tag_of(body), "Cache-Control": "no-cache", "Vary": "Accept"}
    if matches(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=kind)


def remade(request: Request, inputs: str, build: Callable[[], bytes], kind: str, **headers: str) -> Response:
    """An answer whose entity tag is made from what it is made of: it is built only where nobody holds it.

    Args:
        request: what is asked.
        inputs: all that the answer depends on besides its address.
        build: makes the answer.
        kind: its media type.
        headers: more headers.
    """
    asked = f"{inputs}\n{request.url.path}\n{request.url.query}"
    tag = f'"{hashlib.sha256(asked.encode()).hexdigest()[:32]}"'
    said = {"ETag": tag, "Cache-Control": "no-cache", **headers}
    if names(request, tag):
        return Response(status_code=304, headers=said)
    kept: Kept = request.app.state.kept
    body = kept.get(tag)
    if body is None:
        body = build()
        kept.keep(tag, body)
    if matches(request, tag):
        return Response(status_code=304, headers=said)
    return Response(body, media_type=kind, headers=said)


class Kept:
    """Answers made before, by entity tag, up to a number of bytes; those asked for least recently give way."""

    def __init__(self, most_bytes: int = 33_554_432) -> None:
        self.most_bytes = most_bytes
        self._bytes = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> bytes | None:
        """The answer with this tag, None when it is not kept."""
        with self._lock:
            if tag in self._bodies:
                self._bodies.move_to_end(tag)
            return self._bodies.get(tag)

    def keep(self, tag: str, body: bytes) -> None:
        """Keep an answer."""
        with self._lock:
            self._bytes += len(body) - len(self._bodies.get(tag, b""))
            self._bodies[tag] = body
            while self._bytes > self.most_bytes:
                self._bytes -= len(self._bodies.popitem(last=False)[1])


class Reader:
    """Answers one request about the knowledge; made for each request."""

    def __init__(self, request: Request, house: HouseDep) -> None:
        self.request = request
        self.house = house

    def one(self, build: Callable[[str], object], *, state: str = "") -> Response:
        """What `build` makes of the active release's id, or 304 where the caller holds it.

        Args:
            build: makes the answer.
            state: what it depends on besides the release.
        """
        known = self.house.knowledge().release
        return self._tagged(known.id, known.sha256 + state, lambda: build(known.id))

    def page(
        self,
        asked: ListQuery,
        build: Callable[[str], Sequence[Any]],
        *,
        state: str = "",
        extra: Mapping[str, Callable[[str], Any]] = MappingProxyType({}),
    ) -> Response:
        """A page of the list that `build` makes of a release's id.

        Args:
            asked: cursor and limit.
            build: makes the whole list.
            state: what the list depends on besides the release.
            extra: more fields beside the items, each made like the list.

        Raises:
            InvalidInput: the cursor is not one that this list gave.
        """
        release, start = self._start(asked)
        try:
            known = self.house.knowledge(release).release
        except Missing:
            if release is None:
                raise
            raise self._bad_cursor(asked) from None

        def document() -> dict[str, Any]:
            rows = build(known.id)
            if start > len(rows):
                raise self._bad_cursor(asked)
            end = start + asked.limit
            following = self._closed(known.id, end) if end < len(rows) else None
            more = {name: make(known.id) for name, make in extra.items()}
            return {**more, "items": rows[start:end], "next": following}

        return self._tagged(known.id, known.sha256 + state, document)

    def newest(self, asked: ListQuery, build: Callable[[Place | None, int], Sequence[tuple[Place, Any]]]) -> Response:
        """A page of a list by age, newest first.

        Args:
            asked: cursor and limit.
            build: gives the items that follow a place (None: the first ones), at most so many, each with its place.

        Raises:
            InvalidInput: the cursor is not one that this list gave.
        """
        rows = build(self._place(asked), asked.limit + 1)
        shown_rows = rows[: asked.limit]
        following = None
        if len(rows) > asked.limit:
            at, name = shown_rows[-1][0]
            following = self._closed(at.isoformat(), name)
        return settled(self.request, encode({"items": [item for _, item in shown_rows], "next": following}))

    def _tagged(self, release: str, state: str, build: Callable[[], object]) -> Response:
        named = {"Steelyard-Release": release}
        return remade(self.request, state, lambda: encode(build()), "application/json", **named)

    def _list(self) -> str:
        """A mark of this list with its filters, so that a cursor serves no other."""
        query: Mapping[str, str] = self.request.query_params
        filters = sorted((k, v) for k, v in query.items() if k not in ("cursor", "limit"))
        return hashlib.sha256(repr((self.request.url.path, filters)).encode()).hexdigest()[:12]

    def _closed(self, *place: str | int) -> str:
        return base64.urlsafe_b64encode(encode([*place, self._list()])).decode().rstrip("=")

    def _start(self, asked: ListQuery) -> tuple[str | None, int]:
        if asked.cursor is None:
            return None, 0
        match self._opened(asked):
            case [str(release), int(start)] if start > 0 and release.isascii() and release.isprintable():
                return release, start
        raise self._bad_cursor(asked)

    def _place(self, asked: ListQuery) -> Place | None:
        if asked.cursor is None:
            return None
        match self._opened(asked):
            case [str(at), str(name)] if name.isascii() and name.isprintable():
                with suppress(ValueError):
                    place = datetime.fromisoformat(at), name
                    if place[0].tzinfo:
                        return place
        raise self._bad_cursor(asked)

    def _opened(self, asked: ListQuery) -> list[Any]:
        """What a cursor of this list holds."""
        cursor = asked.cursor or ""
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, binascii.Error, RecursionError):
            raise self._bad_cursor(asked) from None
        match found:
            case [*place, str(mark)] if mark == self._list():
                return place
        raise self._bad_cursor(asked)

    def _bad_cursor(self, asked: ListQuery) -> InvalidInput:
        return InvalidInput([Fault("cursor", shown(asked.cursor), CURSOR_EXPECTED)])


async def _reader(request: Request, house: HouseDep, _once: Annotated[None, EACH_KEY_ONCE]) -> Reader:
    return Reader(request, house)


ReaderDep = Annotated[Reader, Depends(_reader)]
