"""Sending a profile to a service: one request, to the address that was named and to no other.

It goes encrypted, or to this machine itself; redirects are not followed, since the key would go along; the answer is
bounded in time and size and believed no further than its form. It knows nothing of what a profile says.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import ip_address
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from probes.look.limits import MAX_DOCUMENT_BYTES
from probes.look.text import clean

PLACE = "/v1/hardware"
TIME_LIMIT_S = 30.0
MAX_ANSWER_BYTES = 64 * 1024
MAX_SHOWN_FAULTS = 20
EXPECTED = "an address such as https://steelyard.example.org"

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_KEY = re.compile(r"[\x21-\x7e]{1,512}")


class Unsuitable(ValueError):
    """What was given cannot be used; it says what was expected. `about`: `push`, the address, or `key`."""

    def __init__(self, expected: str, about: str = "push") -> None:
        super().__init__(expected)
        self.about = about


class Refused(Exception):
    """The profile was not taken. `about_key`: it was the key that was not accepted."""

    def __init__(self, told: str, about_key: bool = False) -> None:
        super().__init__(told)
        self.about_key = about_key


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: it then comes back as an answer that is no success."""


@dataclass(frozen=True)
class Target:
    """Where a profile goes, and what opens the door there; `local`: it does not leave this machine."""

    url: str
    key: str | None = field(repr=False)
    local: bool


def target(url: str, key: str | None, *, insecure: bool = False) -> Target:
    """The address of a service, or of its profiles, checked.

    Raises:
        Unsuitable: it is not encrypted, holds credentials or is no address; the key holds characters that no key has.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Unsuitable(EXPECTED) from None
    if parts.scheme not in ("https", "http") or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise Unsuitable(EXPECTED)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise Unsuitable("an address without credentials, query and fragment; a key goes with --key")
    local = _is_loopback(host)
    if parts.scheme == "http" and not local and not insecure:
        raise Unsuitable("an https address; over http all can be read on the way, and only --insecure allows it")
    if key is not None and not _KEY.fullmatch(key):
        raise Unsuitable("a key of up to 512 visible ASCII characters", "key")
    return Target(_place(parts), key, local)


def push(content: bytes, to: Target, time_limit_s: float = TIME_LIMIT_S) -> str:
    """Send a profile; the id under which the service keeps it.

    Raises:
        Refused: it is too large, or the service cannot be reached, does not answer in time or does not take it.
    """
    if len(content) > MAX_DOCUMENT_BYTES:
        raise Refused(f"the profile is larger than {MAX_DOCUMENT_BYTES} bytes; no service takes that")
    heard: list[str | Refused] = []

    def ask() -> None:
        try:
            heard.append(_ask(content, to, time_limit_s))
        except Refused as refused:
            heard.append(refused)

    # A thread, because a server that sends a byte now and then outlives every limit on a single read.
    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(time_limit_s)
    if not heard:
        raise Refused(f"no answer within {time_limit_s:g} seconds")
    if isinstance(heard[0], Refused):
        raise heard[0]
    return heard[0]


def _place(parts: SplitResult) -> str:
    path = parts.path.rstrip("/")
    path = path if path.endswith(PLACE) else path + PLACE
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ask(content: bytes, to: Target, time_limit_s: float) -> str:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "steelyard-probe"}
    if to.key is not None:
        headers["Authorization"] = f"Bearer {to.key}"
    asked = urllib.request.Request(to.url, content, headers, method="POST")  # noqa: S310 (the scheme was checked)
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if to.local:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(asked, timeout=time_limit_s) as answer:
            return _id(answer.read(MAX_ANSWER_BYTES + 1))
    except urllib.error.HTTPError as error:
        raise _refusal(error) from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise Refused(f"the service cannot be reached ({clean(str(reason)) or type(error).__name__})") from None


def _id(body: bytes) -> str:
    said = _decoded(body)
    name = said.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise Refused("what answered is no such service: it gave no id")
    return name


def _refusal(error: urllib.error.HTTPError) -> Refused:
    with error:
        if 300 <= error.code < 400:
            return Refused("the service sends on to another address, which is not followed; give the address it names")
        try:
            said = _decoded(error.read(MAX_ANSWER_BYTES + 1))
        except (OSError, HTTPException):
            said = {}
    told = clean(said.get("detail")) or "it does not say why"
    faults = said.get("faults")
    listed = (
        [_fault(each) for each in faults[:MAX_SHOWN_FAULTS] if isinstance(each, dict)]
        if isinstance(faults, list)
        else []
    )
    if error.code in (401, 403):
        return Refused(f"the service does not accept the key ({error.code}): {told}", about_key=True)
    return Refused("\n  ".join([f"the service refused the profile ({error.code}): {told}", *listed]))


def _fault(each: Any) -> str:
    return ": ".join(text for text in (clean(each.get("path")), clean(each.get("expected"))) if text)


def _decoded(body: bytes) -> Any:
    """The object in an answer; an empty one where it holds none."""
    if len(body) > MAX_ANSWER_BYTES:
        return {}
    try:
        said = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
