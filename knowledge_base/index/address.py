"""Addresses of a package index: which are accepted, and how credentials in one are kept apart from it.

An address is HTTPS. Plain HTTP is for this very machine only, which is where a local mirror or a test server stands.
"""

import base64
import ipaddress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

EXPECTED = "the https address of a package index's simple interface"


class BadAddress(ValueError):
    """Not an address that may be asked; the message says why and holds no credentials."""


@dataclass(frozen=True, slots=True)
class Address:
    """`base` ends with a slash and bears no credentials; `authorization` is the header made from them."""

    base: str
    authorization: str | None = field(default=None, repr=False)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return is_local(urlsplit(self.base))

    def may_follow(self, url: str) -> bool:
        """Whether the index may send us to a URL: to HTTPS, and on this machine to what is on it."""
        try:
            whole = urlsplit(url)
            _ = whole.port
        except ValueError:
            return False
        if whole.scheme == "https":
            return bool(whole.hostname)
        return whole.scheme == "http" and self.is_local and is_local(whole)

    def authorization_for(self, url: str) -> str | None:
        """The header for a URL: the credentials go to the index itself and to nobody else."""
        return self.authorization if origin(url) == origin(self.base) else None


def parse(given: str) -> Address:
    """The address in a text such as `https://user:secret@index.example/simple`.

    Raises:
        BadAddress: it may not be asked.
    """
    try:
        whole = urlsplit(given.strip())
        port = whole.port
    except ValueError:
        raise BadAddress("an address that cannot be read") from None
    if not whole.hostname:
        raise BadAddress("an address without a host")
    if whole.scheme != "https" and not (whole.scheme == "http" and is_local(whole)):
        raise BadAddress(f"an address of the scheme {whole.scheme[:20]!r}")
    host = f"[{whole.hostname}]" if ":" in whole.hostname else whole.hostname
    base = f"{whole.scheme}://{host}{f':{port}' if port else ''}{whole.path.rstrip('/')}/"
    return Address(base, _authorization(whole))


def _authorization(whole: SplitResult) -> str | None:
    if whole.username is None:
        return None
    pair = f"{unquote(whole.username)}:{unquote(whole.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def is_local(whole: SplitResult) -> bool:
    """Whether a host is this machine by its very name: no name is looked up."""
    host = whole.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of a URL."""
    whole = urlsplit(url)
    return whole.scheme, whole.hostname, whole.port or {"https": 443, "http": 80}.get(whole.scheme)


def bare(url: str) -> str:
    """A URL without what may be secret in it: credentials, query and fragment."""
    whole = urlsplit(url)
    return whole._replace(netloc=whole.netloc.rpartition("@")[2], query="", fragment="").geturl()
