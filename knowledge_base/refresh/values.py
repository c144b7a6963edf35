"""Plain values out of documents that nobody vouches for: a value of another type than expected counts as not given."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime

from knowledge_base.refresh.project import Unreadable

MAX_TEXT_CHARACTERS = 500


def document(body: bytes) -> Mapping[str, object]:
    """The JSON object in a body.

    Raises:
        Unreadable: the body is not UTF-8, not JSON, nested too deeply, or no object.
    """
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unreadable("the answer is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("the answer is JSON, but no object")
    return value


def table(value: object) -> Mapping[str, object]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[object]:
    """A JSON array, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    """A text on one line, cut to a showable length; None where there is none."""
    if not isinstance(value, str):
        return None
    plain = " ".join("".join(c if c.isprintable() else " " for c in value[: 8 * MAX_TEXT_CHARACTERS]).split())
    return plain[:MAX_TEXT_CHARACTERS] or None


def first_line(value: object) -> str | None:
    """The first line of a text that has words on it: of a licence pasted in whole, mostly its name."""
    return text(value.strip().partition("\n")[0]) if isinstance(value, str) else None


def size(value: object) -> int | None:
    """A number of bytes."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def day(value: object) -> date | None:
    """The day, in UTC, of a time such as `2026-10-07T14:03:11.000000Z`."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found.astimezone(UTC) if found.tzinfo else found).date()
    except (ValueError, OverflowError):
        return None


def yanked(value: object) -> tuple[bool, str | None]:
    """(whether a file is yanked, the reason): the interfaces say true, false or a reason."""
    return (True, text(value)) if isinstance(value, str) else (value is True, None)
