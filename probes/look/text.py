"""Text that came from outside, made short, printable and well formed.

It knows nothing of what a text means. Reading a profile back accepts exactly what these functions let
through.
"""

from __future__ import annotations

import re
import unicodedata

from probes.look.limits import MAX_TEXT_CHARACTERS

# Control, format (which includes text direction), surrogate and line-breaking characters.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_VERSION = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,5}[A-Za-z0-9._+-]{0,40}")
_CAPABILITY = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}")
_GENERATION = re.compile(r"[0-9]{2,3}[af]?")
_GFX_GENERATION = re.compile(r"gfx[0-9a-f]{3,4}")


def is_plain(text: str) -> bool:
    """Whether every character may be shown and stored as it is."""
    return not any(unicodedata.category(character) in _REFUSED for character in text)


def is_version(text: str) -> bool:
    """Whether the text is a version such as `580.95.05`, `2.36` or `3.15.0rc1`."""
    return _VERSION.fullmatch(text) is not None


def is_capability(text: str) -> bool:
    """Whether the text is a compute capability such as `9.0`."""
    return _CAPABILITY.fullmatch(text) is not None


def is_generation(text: str, kind: str) -> bool:
    """Whether the text is a generation that code of a kind is for: `90` or `90a`; of the kind `gfx`, `gfx942`."""
    return (_GFX_GENERATION if kind == "gfx" else _GENERATION).fullmatch(text) is not None


def clean(value: object) -> str | None:
    """The value as one plain line of bounded length; None when it is not text or nothing is left of it."""
    if not isinstance(value, str):
        return None
    shortened = value[: 4 * MAX_TEXT_CHARACTERS]
    kept = "".join(" " if unicodedata.category(c) in _REFUSED else c for c in shortened)
    return " ".join(kept.split())[:MAX_TEXT_CHARACTERS].rstrip() or None


def version(value: object) -> str | None:
    """The value when it is a well-formed version, else None."""
    text = clean(value)
    return text if text and is_version(text) else None


def capability(value: object) -> str | None:
    """The value when it is a well-formed compute capability, else None."""
    text = clean(value)
    return text if text and is_capability(text) else None
