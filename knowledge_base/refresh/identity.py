"""Is a package what we take it for? Its addresses beside those expected, and what its summary gives away."""

import re
from collections.abc import Iterable

from knowledge_base.refresh.findings import Findings

_PLACEHOLDER = re.compile(
    r"\b(place ?-?holder|hallucinat\w+|squat\w*|reserv(?:ed|ing|es) (?:the |this |for )|name (?:reservation|reserved)"
    r"|typo-?squat\w*|do not (?:use|install)|empty package|dummy package)\b",
    re.IGNORECASE,
)
_MOVED = re.compile(
    r"(\brenamed\b|\bmoved to\b|^\W*removed\b|^\W*deprecated\b|\bis deprecated\b|\bsuperseded by\b|\breplaced by\b"
    r"|\bplease (?:use|install)\b|\buse [\w\"'`-]+ instead\b(?! of)|\bno longer (?:maintained|developed)\b)",
    re.IGNORECASE,
)
TINY_BYTES = 20_000
FEW_RELEASES = 2


def normal(address: str) -> str:
    """An address without scheme, `www.` and what hangs behind, in lower case: two spellings of one compare equal."""
    plain = re.sub(r"^[a-z+]+://(?:[^/@]*@)?(?:www\.)?", "", address.strip().casefold())
    return re.sub(r"(?:\.git)?/*$", "", plain.split("#")[0].split("?")[0])


def bears(addresses: Iterable[str], expected: Iterable[str]) -> bool:
    """Whether one of the addresses is, or lies below, one of those expected."""
    known = [normal(each) for each in addresses]
    patterns = [re.compile(rf"(?:[^/]*\.)?{re.escape(normal(piece))}(?:/|$)") for piece in expected]
    return any(pattern.match(each) for pattern in patterns for each in known)


def says_placeholder(summary: str | None) -> bool:
    """Whether a summary says that nothing is in it."""
    return bool(summary and _PLACEHOLDER.search(summary))


def says_moved(summary: str | None) -> bool:
    """Whether a summary sends its reader elsewhere."""
    return bool(summary and _MOVED.search(summary))


def is_hollow(found: Findings) -> bool:
    """Whether it looks like a name that is only held: one or two releases, and in the newest no wheel of any size and
    nothing but a tiny archive.
    """
    if not found.releases or len(found.releases) > FEW_RELEASES:
        return False
    sizes = [file.size_bytes for file in found.releases[-1].files]
    return all(size is not None and size < TINY_BYTES for size in sizes)
