"""What names a decision by its content: the hash of its document, and the id made from that hash.

It knows which parts of a document lie outside the hash, not what the others mean.
"""

from collections.abc import Mapping

from rules import canonical

OUTSIDE = frozenset({"id", "created_at", "passport", "signature"})
ID_DIGITS = 24


def recompute(document: Mapping[str, object]) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of a decision document without the parts in `OUTSIDE`.

    Raises:
        ValueError: a number in the document is not finite.
    """
    return canonical.digest({key: value for key, value in document.items() if key not in OUTSIDE})


def name(passport: str) -> str:
    """The id of the decision with this passport."""
    return f"d-{passport[:ID_DIGITS]}"
