"""The facts of an alternative that its packages tell, in the terms of the pack: version, day, and cells by capability.

Which Pythons and systems count as told is decided here; what to do about a difference is not.
"""

from collections.abc import Container
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from knowledge_base import schema
from knowledge_base.refresh import telling
from knowledge_base.refresh.builds import runs_on
from knowledge_base.refresh.reading import Reading
from rules.hardware import version_key

BINARIES = {
    "binary.linux_aarch64": ("linux_aarch64",),
    "binary.windows_arm64": ("windows_arm64",),
    "binary.macos_x86_64": ("macos_x86_64",),
    "binary.musl": ("musl_x86_64", "musl_aarch64"),
}
PYTHONS = ("python.min", "python.max")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """What a usable reading says of its alternative.

    `cells` has a value for each capability that it can tell; of those in `at_least` it tells a lower bound.
    """

    reading: Reading
    version: str | None
    day: str | None
    cells: dict[str, object]
    at_least: frozenset[str]


def told(reading: Reading, capabilities: Container[str]) -> Told:
    """The facts of a usable reading, as far as the pack has these capabilities for the alternative."""
    found, newest = reading.found, reading.newest
    if found is None or newest is None:
        raise ValueError("a reading without a newest release tells nothing")
    cells: dict[str, object] = {}
    if "python" in reading.package.tells:
        ends = (found.pythons.oldest, found.pythons.newest)
        cells |= {name: telling.python(end) for name, end in zip(PYTHONS, ends, strict=True) if end}
    if "binaries" in reading.package.tells and not found.builds.is_pure:
        cells |= {name: any(runs_on(found.builds, each) for each in where) for name, where in BINARIES.items()}
    tells_version = "version" in reading.package.tells
    return Told(
        reading,
        str(newest.version) if tells_version else None,
        newest.day.isoformat() if tells_version and newest.day else None,
        {name: value for name, value in cells.items() if name in capabilities},
        frozenset({"python.max"} if found.pythons.is_open else ()),
    )


def same_version(a: str | None, b: str | None) -> bool:
    """Whether two texts are one version, however they are spelled."""
    try:
        return a is not None and b is not None and Version(a) == Version(b)
    except InvalidVersion:
        return a == b


def differing(alternative: schema.Alternative, facts: Told) -> dict[str, object]:
    """The cells whose value on file is another; one that is not on file counts where the alternative is graded."""
    return {name: value for name, value in facts.cells.items() if _differs(alternative, name, value, facts)}


def _differs(alternative: schema.Alternative, name: str, value: object, facts: Told) -> bool:
    cell = alternative.capabilities.get(name)
    if cell is None:
        return alternative.graded
    if name in facts.at_least and isinstance(cell.value, str) and cell.value != UNKNOWN:
        return version_key(cell.value) < version_key(str(value))
    return bool(cell.value != value)
