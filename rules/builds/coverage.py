"""Whether device code runs on a device of a compute capability.

NVIDIA's rule (CUDA C++ Programming Guide, "Application Compatibility" and the chapters on binary and PTX
compatibility): machine code for X.y runs on devices X.z with z >= y, between boards and others not at all; PTX for X.y
is translated by the driver for any device from X.y on; targets with the letter `a` run on that very generation only,
with `f` on later ones of its major.

A library may hold stray pieces for a generation, which is no support of it. A generation counts when it has at least
half as many pieces as the median generation of the same library. Of several libraries the one with the most code
decides: others are helpers, or serve one generation only and are passed over on the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from rules.hardware import Code, version_key

State = Literal["native", "translated", "none", "unknown"]

FULL_SHARE = 0.5  # of the median count of a library
_WAYS: tuple[tuple[str, State, str], ...] = (("sm", "native", "sm"), ("ptx", "translated", "compute"))


# The lowest driver of a CUDA family: NVIDIA, CUDA Compatibility, "Minor Version Compatibility", table 1.
DRIVER_FLOORS = {"13": "580", "12": "525", "11": "450"}
# The first driver that knows a generation, from a compute capability on, ascending. NVIDIA, "CUDA Toolkit, Driver, and
# Architecture Matrix": Blackwell (10.0 and 12.0) came with CUDA 12.8; CUDA Toolkit release notes, table of driver
# versions: CUDA 12.8 came with driver 570.26 on Linux and 570.65 on Windows. Older generations are not on file.
GENERATION_FLOORS = (("10.0", "570"),)
# Capabilities of boards (Jetson). CUDA C++ Programming Guide, "Binary Compatibility": it is "supported only for the
# desktop. It is not supported for Tegra", nor "between desktop and Tegra".
BOARDS = frozenset({"5.3", "6.2", "7.2", "8.7", "11.0"})


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether code runs on a device: as machine code, translated from PTX by the driver, not at all, or not known.

    `through` is the target that does it (`sm_86`, `compute_90`), None where none does.
    """

    state: State
    through: str | None = None


def coverage(code: Iterable[Code], capability: str) -> Coverage:
    """How the NVIDIA code of a build (other kinds are passed over) covers a capability such as `8.9`."""
    libraries: dict[str, list[Code]] = {}
    for each in code:
        if each.kind in ("sm", "ptx") and each.entries > 0:
            libraries.setdefault(each.library, []).append(each)
    if not libraries or not version_key(capability):
        return Coverage("unknown")
    largest = max(sorted(libraries), key=lambda library: sum(each.entries for each in libraries[library]))
    return _of_library(libraries[largest], capability)


def driver_floor(capability: str | None) -> str | None:
    """The lowest driver that knows a device of a compute capability, whatever build it runs; None: none on file."""
    own = version_key(capability or "")
    return next((driver for since, driver in reversed(GENERATION_FLOORS) if own >= version_key(since)), None)


def _of_library(pieces: Sequence[Code], capability: str) -> Coverage:
    for kind, state, prefix in _WAYS:
        fitting = [target for target in _full(pieces, kind) if _runs(kind, target, capability)]
        if fitting:
            return Coverage(state, f"{prefix}_{max(fitting, key=lambda target: _generation(target)[0])}")
    return Coverage("none")


def _full(pieces: Sequence[Code], kind: str) -> list[str]:
    """The targets of a kind with enough pieces; those of PTX are set against all code of the library."""
    entries = {each.target: each.entries for each in pieces if each.kind == kind}
    compared = [each.entries for each in pieces if each.kind == "sm" or kind == "ptx"]
    return [target for target, count in entries.items() if count >= FULL_SHARE * median(compared)]


def _generation(target: str) -> tuple[tuple[int, int], str]:
    """((major, minor), letter) of a target such as `90a`, whose last digit is the minor."""
    digits = target.rstrip("af")  # `120a` is major 12, minor 0
    return (int(digits[:-1]), int(digits[-1])), target[len(digits) :]


def _runs(kind: str, target: str, capability: str) -> bool:
    major, minor = (*version_key(capability), 0)[:2]
    made_for, letter = _generation(target)
    if letter == "a":
        return made_for == (major, minor)
    if kind == "sm" and BOARDS & {f"{major}.{minor}", f"{made_for[0]}.{made_for[1]}"}:
        return made_for == (major, minor)
    if letter == "f" or kind == "sm":
        return made_for[0] == major and made_for[1] <= minor
    return made_for <= (major, minor)
