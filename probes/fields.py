"""Checking the fields of a decoded document, collecting every fault on the way.

A check takes a value and its path and gives the typed value back, or None after noting a fault. It knows no
schema; see `documents` for that. Nothing here recurses, so depth costs nothing.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from probes.look.host import architecture
from probes.look.limits import MAX_TEXT_CHARACTERS
from probes.look.text import is_capability, is_generation, is_plain, is_version
from rules.faults import Fault, nearest, shown

MAX_UNKNOWN_NAMES_SHOWN = 16
MAX_BYTES = 2**60

T = TypeVar("T")
Faults = list[Fault]
Check = Callable[[object, str, Faults], T | None]

_UNITS = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "PB": 10**15,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
    "PiB": 2**50,
}
_SIZE = re.compile(r"([0-9]{1,16}(?:\.[0-9]{1,6})?) ?([kMGTPKi]{0,2}B)")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2}))?"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One object of a document, with its path and the list that collects faults."""

    path: str
    values: Mapping[str, object]
    faults: Faults

    def at(self, name: str) -> str:
        """The path of one of its fields."""
        return f"{self.path}.{name}" if self.path else name

    def optional(self, name: str, check: Check[T]) -> T | None:
        """The checked value; None when it is left out, null or faulty."""
        value = self.values.get(name)
        return None if value is None else check(value, self.at(name), self.faults)

    def default(self, name: str, check: Check[T], otherwise: T) -> T:
        """The checked value, or `otherwise` when it is left out; null is a fault."""
        if name not in self.values:
            return otherwise
        found = check(self.values[name], self.at(name), self.faults)
        return otherwise if found is None else found

    def needed(self, name: str, check: Check[T], otherwise: T) -> T:
        """The checked value; leaving it out is a fault, and then `otherwise` stands in."""
        if name not in self.values:
            self.faults.append(Fault(self.at(name), "nothing", "a value; this field is needed"))
        return self.default(name, check, otherwise)


def part(value: object, path: str, names: Collection[str], faults: Faults) -> Part:
    """An object whose fields may only have these names."""
    if not isinstance(value, Mapping):
        faults.append(Fault(path or "profile", brief(value), "an object"))
        return Part(path, {}, faults)
    found = Part(path, value, faults)
    unknown = [name for name in value if name not in names]
    for name in unknown[:MAX_UNKNOWN_NAMES_SHOWN]:
        is_shown = isinstance(name, str) and 0 < len(name) <= 60 and is_plain(name)
        label = name if is_shown else brief(name)
        faults.append(Fault(found.at(label), brief(name), f"one of the names {', '.join(names)}", nearest(name, names)))
    if len(unknown) > MAX_UNKNOWN_NAMES_SHOWN:
        more = len(unknown) - MAX_UNKNOWN_NAMES_SHOWN
        faults.append(Fault(path or "profile", f"with {more} more unknown names", "an object of known names"))
    return found


def listing(value: object, path: str, most: int, faults: Faults) -> list[tuple[str, object]]:
    """The entries of a list with their paths; no more than `most` are looked at."""
    if not isinstance(value, list | tuple):
        faults.append(Fault(path, brief(value), "a list"))
        return []
    if len(value) > most:
        faults.append(Fault(path, f"a list of {len(value)}", f"a list of at most {most}"))
    return [(f"{path}[{index}]", entry) for index, entry in enumerate(value[:most])]


def brief(value: object) -> str:
    """The value as short text that is safe to print, whatever its size or depth."""
    if isinstance(value, Mapping):
        return f"an object of {len(value)} fields"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return shown(value[:MAX_TEXT_CHARACTERS])
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**100:
        return "a number of more than 100 digits"
    return shown(value)


def text(value: object, path: str, faults: Faults) -> str | None:
    """Text of 1 to 300 characters without control characters."""
    good = isinstance(value, str) and 0 < len(value) <= MAX_TEXT_CHARACTERS and is_plain(value)
    expected = f"text of 1 to {MAX_TEXT_CHARACTERS} characters without control characters"
    return _kept(value if good and isinstance(value, str) else None, value, path, expected, faults)


def processor(value: object, path: str, faults: Faults) -> str | None:
    """A processor architecture under the one name that facts use."""
    found = text(value, path, faults)
    return None if found is None else architecture(found)


def version(value: object, path: str, faults: Faults) -> str | None:
    """A version in quotes: unquoted, 3.10 would be the number 3.1."""
    good = value if isinstance(value, str) and is_version(value) else None
    return _kept(good, value, path, 'a version in quotes, such as "3.12" or "580.95.05"', faults)


def digest(value: object, path: str, faults: Faults) -> str | None:
    """A salted hash: 16 hexadecimal digits."""
    good = value if isinstance(value, str) and _DIGEST.fullmatch(value) else None
    return _kept(good, value, path, "a hash of 16 hexadecimal digits", faults)


def capability(value: object, path: str, faults: Faults) -> str | None:
    """A compute capability in quotes."""
    good = value if isinstance(value, str) and is_capability(value) else None
    return _kept(good, value, path, 'a compute capability in quotes, such as "9.0"', faults)


def generation(kind: str) -> Check[str]:
    """A check for the generation that device code of a kind is for."""

    def check(value: object, path: str, faults: Faults) -> str | None:
        good = value if isinstance(value, str) and is_generation(value, kind) else None
        example = "gfx942" if kind == "gfx" else "90a"
        return _kept(good, value, path, f'a generation in quotes, such as "{example}"', faults)

    return check


def moment(value: object, path: str, faults: Faults) -> str | None:
    """A date, a time with its zone, or the empty text."""
    good = value if isinstance(value, str) and (not value or _is_moment(value)) else None
    return _kept(good, value, path, 'a date or time in quotes, such as "2026-11-21" or "2026-11-21T09:30:00Z"', faults)


def _is_moment(value: str) -> bool:
    if not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def yes_no(value: object, path: str, faults: Faults) -> bool | None:
    """True or false."""
    return _kept(value if isinstance(value, bool) else None, value, path, "true or false", faults)


def size(value: object, path: str, faults: Faults) -> int | None:
    """Bytes as a whole number, or text with a unit such as `24 GiB`; up to 1024 PiB."""
    found = value if isinstance(value, int) and not isinstance(value, bool) else None
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match and match[2] in _UNITS:
        found = round(float(match[1]) * _UNITS[match[2]])
    good = found if found is not None and 0 <= found <= MAX_BYTES else None
    return _kept(
        good,
        value,
        path,
        'a number of bytes, or a size such as "24 GiB" (B, kB to PB, KiB to PiB), up to 1024 PiB',
        faults,
    )


def whole(least: int, most: int) -> Check[int]:
    """A check for whole numbers in a range."""

    def check(value: object, path: str, faults: Faults) -> int | None:
        good = value if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else None
        return _kept(good, value, path, f"a whole number from {least} to {most}", faults)

    return check


def decimal(least: float, most: float) -> Check[float]:
    """A check for finite numbers in a range."""

    def check(value: object, path: str, faults: Faults) -> float | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # The range is compared before converting: a huge whole number has no float.
        good = float(value) if is_number and isinstance(value, int | float) and least <= value <= most else None
        finite = good if good is not None and math.isfinite(good) else None
        return _kept(finite, value, path, f"a number from {least:g} to {most:g}", faults)

    return check


def one_of(options: Collection[T]) -> Check[T]:
    """A check for one of some names."""
    names = [str(option) for option in options]

    def check(value: object, path: str, faults: Faults) -> T | None:
        for option in options:
            if isinstance(value, str) and value == option:
                return option
        faults.append(Fault(path, brief(value), f"one of {', '.join(names)}", nearest(value, names)))
        return None

    return check


def _kept(good: T | None, value: object, path: str, expected: str, faults: Faults) -> T | None:
    if good is None:
        faults.append(Fault(path, brief(value), expected))
    return good
