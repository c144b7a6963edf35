"""Asking a package index over HTTP, politely: one request at a time, by ETag, backing off when told to.

Answers are bounded in size and time, redirects in number and in where they lead. No page is understood here.
"""

import socket
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from urllib.error import URLError
from urllib.parse import urljoin
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from knowledge_base.index.address import Address
from knowledge_base.index.cache import Cache, Kept
from knowledge_base.refresh.asking import Answer, NotAnswered, NotReached

CHUNK_BYTES = 64 * 1024
MAX_REDIRECTS = 5
_GONE = (404, 410)
_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (429, 500, 502, 503, 504)
_LASTING = (ssl.SSLError, socket.gaierror, ConnectionRefusedError)  # no better a second later


@dataclass(frozen=True, slots=True)
class Manners:
    """How patient to be. A wait that the index asks for is kept, unless it is longer than `longest_wait_s`."""

    user_agent: str
    timeout_s: float = 60.0
    tries: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and waiting for it."""

    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class _Later(Exception):
    """Worth another try: `why` in words, `wait_s` if the index said how long to wait."""

    def __init__(self, failure: NotAnswered | NotReached, wait_s: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.wait_s = wait_s


class HttpIndex:
    """A package index over HTTP; see `knowledge_base.refresh.asking.Index`."""

    def __init__(
        self, address: Address, cache: Cache, manners: Manners, clock: Clock, certificates: str | None = None
    ) -> None:
        """Raises OSError when the file of certificate authorities cannot be used."""
        self._address = address
        self._cache = cache
        self._manners = manners
        self._clock = clock
        self._opener = _opener(address, certificates)

    @property
    def address(self) -> str:
        """Where the simple interface is, without credentials."""
        return self._address.base

    def get(self, address: str, accept: str, most_bytes: int) -> Answer | None:
        """The page at an address; None where there is none. See `Index.get` for what it raises."""
        wait = self._manners.first_wait_s
        for left in range(self._manners.tries - 1, -1, -1):
            try:
                return self._followed(address, accept, most_bytes)
            except _Later as later:
                pause = wait if later.wait_s is None else later.wait_s
                if pause > self._manners.longest_wait_s:
                    raise NotAnswered(f"{later.failure}, and asks to wait for {pause:.0f} seconds") from later
                if not left:
                    raise later.failure from later
                self._clock.sleep(pause)
                wait *= 2
        raise AssertionError("unreachable: the last try returns or raises")

    def _followed(self, address: str, accept: str, most_bytes: int) -> Answer | None:
        """The page at an address or wherever it leads to."""
        url = address
        for _ in range(MAX_REDIRECTS + 1):
            if not self._address.may_follow(url):
                raise NotAnswered("it leads to an address that may not be asked: only https is")
            found = self._once(url, accept, most_bytes)
            if not isinstance(found, str):
                return found
            url = found
        raise NotAnswered(f"it redirects more than {MAX_REDIRECTS} times")

    def _once(self, url: str, accept: str, most_bytes: int) -> Answer | str | None:
        """One request: the page, None for none, or the URL that it redirects to."""
        kept = self._cache.get(url, accept, most_bytes)
        deadline = self._clock.monotonic() + self._manners.timeout_s
        try:
            with self._opener.open(self._request(url, accept, kept), timeout=self._manners.timeout_s) as response:
                return self._understood(response, url, accept, kept, most_bytes, deadline)
        except (OSError, HTTPException, ValueError) as error:
            cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
            failure = NotReached(_reason(cause, self._manners.timeout_s))
            raise (failure if isinstance(cause, _LASTING) else _Later(failure)) from error

    def _request(self, url: str, accept: str, kept: Kept | None) -> Request:
        request = Request(url, method="GET")  # noqa: S310  `may_follow` saw to the scheme
        headers = {
            "User-Agent": self._manners.user_agent,
            "Accept": accept,
            "Accept-Encoding": "gzip",
            "Authorization": self._address.authorization_for(url),
            "If-None-Match": kept.etag if kept else None,
            "If-Modified-Since": kept.modified if kept and not kept.etag else None,
        }
        for name, value in headers.items():
            if value:
                request.add_unredirected_header(name, value)
        return request

    def _understood(
        self, response: HTTPResponse, url: str, accept: str, kept: Kept | None, most_bytes: int, deadline: float
    ) -> Answer | str | None:
        status = response.status
        if status == 304 and kept:
            return Answer(kept.kind, kept.body, kept.base)
        if status in _REDIRECTS and response.headers.get("Location"):
            return _joined(url, str(response.headers["Location"]))
        if status in _GONE:
            return None
        if status in _LATER:
            raise _Later(NotAnswered(f"it answers with status {status}"), self._asked_to_wait(response))
        if status in (401, 403):
            raise NotAnswered(f"it refuses access (status {status})")
        if status != 200:
            raise NotAnswered(f"it answers with status {status}")
        body = self._body(response, most_bytes, deadline)
        kind = response.headers.get_content_type()
        fresh = Kept(response.headers.get("ETag"), response.headers.get("Last-Modified"), kind, url, body)
        self._cache.put(url, accept, fresh)
        return Answer(kind, body, url)

    def _asked_to_wait(self, response: HTTPResponse) -> float | None:
        """The seconds in `Retry-After`: a number, or a date."""
        given = (response.headers.get("Retry-After") or "").strip()
        if given.isascii() and given.isdigit():
            return float(given[:9])
        try:
            when = parsedate_to_datetime(given)
        except (ValueError, OverflowError):
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - self._clock.now()).total_seconds())

    def _body(self, response: HTTPResponse, most_bytes: int, deadline: float) -> bytes:
        """The whole body, unpacked."""
        too_large = NotAnswered(f"its answer is larger than {most_bytes:,} bytes")
        if (response.length or 0) > most_bytes:
            raise too_large
        announced = response.length
        unpack = zlib.decompressobj(wbits=31) if response.headers.get("Content-Encoding") == "gzip" else None
        parts: list[bytes] = []
        received = size = 0
        while chunk := response.read1(CHUNK_BYTES):
            if self._clock.monotonic() > deadline:
                raise _Later(NotReached(f"it takes longer than {self._manners.timeout_s:g} seconds to answer"))
            received += len(chunk)
            part = _unpacked(unpack, chunk, most_bytes - size + 1) if unpack else chunk
            size += len(part)
            parts.append(part)
            if size > most_bytes:
                raise too_large
        if (announced is not None and received != announced) or (unpack and not unpack.eof):
            raise _Later(NotReached("the connection broke off"))
        return b"".join(parts)


def _unpacked(unpack: "zlib._Decompress", chunk: bytes, most_bytes: int) -> bytes:
    try:
        return unpack.decompress(chunk, most_bytes)
    except zlib.error:
        raise NotAnswered("its answer cannot be unpacked") from None


def _joined(url: str, place: str) -> str:
    """Where a redirect leads; nowhere if that cannot be read."""
    try:
        return urljoin(url, place)
    except ValueError:
        return ""


def _opener(address: Address, certificates: str | None) -> OpenerDirector:
    """An opener that knows HTTP and HTTPS and nothing else: no files, no redirects of its own."""
    opener = OpenerDirector()
    opener.add_handler(ProxyHandler({}) if address.is_local else ProxyHandler())
    opener.add_handler(HTTPHandler())
    opener.add_handler(HTTPSHandler(context=ssl.create_default_context(cafile=certificates)))
    return opener


def _reason(cause: Exception, timeout_s: float) -> str:
    """Why no answer came, in words without an address."""
    match cause:
        case TimeoutError():
            return f"it does not answer within {timeout_s:g} seconds"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({cause.verify_message})"
        case ssl.SSLError():
            return "no secure connection to it comes about"
        case socket.gaierror():
            return "its name cannot be resolved"
        case ConnectionRefusedError():
            return "it refuses the connection"
        case _:
            return f"the connection broke off ({type(cause).__name__})"
