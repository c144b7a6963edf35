"""One way to write a document as bytes, so that equal documents have equal hashes on every machine."""

import hashlib
import json


def dump(document: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, no NaN.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def digest(document: object) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal."""
    return hashlib.sha256(dump(document)).hexdigest()
