"""Strict checks of a policy document's fields; each gives the clean value, or None after noting a fault.

It knows no release: what may be named is handed in. Nothing recurses into a value, so nesting costs nothing.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any
from unicodedata import category

from rules import conditions
from rules.compiled import Condition
from rules.conditions import Kind
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import version_key
from rules.release import condition as compiled

MAX_TEXT_CHARACTERS = 1200
MAX_ID_CHARACTERS = 80
MAX_UNKNOWN_NAMES_SHOWN = 16

Faults = list[Fault]
Check = Callable[[object, str, Faults], Any]

_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Field:
    """How one field of an object is checked, and what stands where it is left out (only if it is not needed)."""

    check: Check
    needed: bool = True
    default: object = None


def record(value: object, path: str, fields: Mapping[str, Field], faults: Faults) -> dict[str, Any]:
    """The clean fields of an object that may have these names and no others; {} when it is no object."""
    if not isinstance(value, Mapping):
        faults.append(Fault(path, brief(value), "an object"))
        return {}
    unknown = [name for name in value if name not in fields]
    for name in unknown[:MAX_UNKNOWN_NAMES_SHOWN]:
        faults.append(Fault(path, f"the key {shown(name)}", f"one of: {', '.join(fields)}", nearest(name, fields)))
    if len(unknown) > MAX_UNKNOWN_NAMES_SHOWN:
        more = len(unknown) - MAX_UNKNOWN_NAMES_SHOWN
        faults.append(Fault(path, f"an object with {more} more unknown keys", "an object of known keys"))
    found: dict[str, Any] = {}
    for name, field in fields.items():
        if name in value:
            found[name] = field.check(value[name], f"{path}.{name}", faults)
        elif field.needed:
            faults.append(Fault(f"{path}.{name}", "nothing", "a value; this field is needed"))
        else:
            found[name] = field.default
    return found


def whole(shape: Mapping[str, Field]) -> Check:
    """An object of this shape; None when any of it is faulty."""

    def check(value: object, path: str, faults: Faults) -> dict[str, Any] | None:
        before = len(faults)
        found = record(value, path, shape, faults)
        return found if len(faults) == before else None

    return check


def brief(value: object) -> str:
    """The value as short text that is safe to print, whatever its size."""
    if isinstance(value, Mapping):
        return f"an object of {len(value)} keys"
    return f"a list of {len(value)}" if isinstance(value, list) else shown(value)


def anything(value: object, _path: str, _faults: Faults) -> object:
    """The value as it is; it is checked elsewhere."""
    return value


def text(value: object, path: str, faults: Faults) -> str | None:
    """Text of 1 to 1,200 characters, stripped; no control characters but line breaks and tabs, no lone surrogates."""
    if isinstance(value, str) and value.strip() and len(value) <= MAX_TEXT_CHARACTERS and _is_plain(value):
        return value.strip()
    faults.append(Fault(path, brief(value), f"text of 1 to {MAX_TEXT_CHARACTERS} ordinary characters"))
    return None


def _is_plain(value: str) -> bool:
    return all(character in "\n\t" or category(character) not in ("Cc", "Cs") for character in value)


def message(value: object, path: str, faults: Faults) -> str | None:
    """Text whose only placeholder is {name}."""
    found = text(value, path, faults)
    if found and "{" in found.replace("{name}", ""):
        faults.append(Fault(path, shown(found), "a text with no placeholder but {name}"))
    return found


def identifier(value: object, path: str, faults: Faults) -> str | None:
    """An id as the pack's: lower-case letters and digits, joined by single hyphens, dots or underscores."""
    if isinstance(value, str) and len(value) <= MAX_ID_CHARACTERS and _ID.fullmatch(value):
        return value
    expected = f"an id of at most {MAX_ID_CHARACTERS} characters a-z, 0-9, with single - _ . between them"
    faults.append(Fault(path, brief(value), expected))
    return None


def new_id(taken: set[str], expected: str) -> Check:
    """An id that is not taken; it is afterwards."""

    def check(value: object, path: str, faults: Faults) -> str | None:
        found = identifier(value, path, faults)
        if found in taken:
            faults.append(Fault(path, shown(found), expected))
        elif found:
            taken.add(found)
        return found

    return check


def number(low: float, high: float, *, or_zero: bool = False) -> Check:
    """A finite number of the range, whole or not."""

    def check(value: object, path: str, faults: Faults) -> float | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and (low <= value <= high or (or_zero and value == 0)):  # type: ignore[operator]
            return value  # type: ignore[return-value]
        expected = f"a number from {low:g} to {high:g}{', or 0' if or_zero else ''}"
        faults.append(Fault(path, brief(value), expected))
        return None

    return check


def is_day(value: object) -> bool:
    """Whether this is a day of the calendar, written as 2026-11-21."""
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return False
    year, month, day = (int(part) for part in found.groups())
    return year > 0 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def day(value: object, path: str, faults: Faults) -> str | None:
    """A day of the calendar."""
    if is_day(value):
        return str(value)
    faults.append(Fault(path, brief(value), 'a day of the calendar in quotes, such as "2027-03-31"'))
    return None


def choice(options: Collection[str], expected: str) -> Check:
    """One of the options; a fault names the nearest."""

    def check(value: object, path: str, faults: Faults) -> str | None:
        if isinstance(value, str) and value in options:
            return value
        faults.append(Fault(path, brief(value), expected, nearest(value, options)))
        return None

    return check


def items(check: Check, most: int, least: int = 0) -> Check:
    """A list of so many entries, each checked; a longer one is refused unread."""

    def check_all(value: object, path: str, faults: Faults) -> list[Any]:
        if isinstance(value, list) and least <= len(value) <= most:
            return [check(entry, f"{path}[{index}]", faults) for index, entry in enumerate(value)]
        faults.append(Fault(path, brief(value), f"a list of {f'{least} to' if least else 'at most'} {most}"))
        return []

    return check_all


def table(key: Check, value_check: Check, most: int) -> Check:
    """An object of one or more entries whose keys and values are checked."""

    def check(value: object, path: str, faults: Faults) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not 1 <= len(value) <= most:
            faults.append(Fault(path, brief(value), f"an object of 1 to {most} keys"))
            return {}
        keys = {name: key(name, path, faults) for name in value}
        return {name: value_check(value[name], f"{path}.{name}", faults) for name, known in keys.items() if known}

    return check


def condition(names: Mapping[str, Kind]) -> Check:
    """A condition over these names, compiled; faults carry its line and column after the path."""

    def check(value: object, path: str, faults: Faults) -> Condition | None:
        if not isinstance(value, str) or not value.strip() or not _is_plain(value[: conditions.MAX_CHARACTERS]):
            faults.append(Fault(path, brief(value), "a condition, as text"))
            return None
        try:
            return compiled(value, names)
        except InvalidInput as invalid:
            faults += [Fault(f"{path}, {f.path}", f.value, f.expected, f.nearest) for f in invalid.faults]
            return None

    return check


def optional(check: Check) -> Check:
    """What the check says, or null."""
    return lambda value, path, faults: None if value is None else check(value, path, faults)


def fact(kind: Kind) -> Check:
    """A value of a fact of the hardware, as conditions compare it."""

    def check(value: object, path: str, faults: Faults) -> object:
        match kind.sort:
            case "number" if isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value):
                return value
            case "yes/no" if isinstance(value, bool):
                return value
            case "version" if isinstance(value, str) and len(value) <= MAX_ID_CHARACTERS and version_key(value):
                return value
            case "one" if isinstance(value, str) and (value in kind.options or not kind.options):
                return value
            case "many" if isinstance(value, list) and all(isinstance(v, str) and v in kind.options for v in value):
                return tuple(value)
        of = f", of: {', '.join(kind.options)}" if kind.options else ""
        faults.append(Fault(path, brief(value), f"a value of kind {kind.sort!r}{of}"))
        return None

    return check


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:
        return False
