"""Whether device code runs on a device of a compute capability.

NVIDIA's rule (CUDA C++ Programming Guide, "Application Compatibility" and the chapters on binary and PTX
compatibility): machine code for X.y runs on devices X.z with z >= y; PTX for X.y is translated by the driver for any
device from X.y on; targets with the letter `a` run on that very generation only, with `f` on later ones of its major.

A library may hold stray pieces for a generation, which is no support of it. A generation counts when it has at least
half as many pieces as the median generation of the same library and kind; libraries that hold less than a tenth of
the largest one's code are passed over. Among the rest the least covered decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from rules.hardware import Code, version_key

State = Literal["native", "translated", "none", "unknown"]

FULL_SHARE = 0.5  # of the median count of a library
MAIN_SHARE = 0.1  # of the code of the largest library
_ORDER: tuple[State, ...] = ("native", "translated", "none")


# The lowest driver of a CUDA family by system: NVIDIA, CUDA Compatibility, tables of minor-version compatibility.
DRIVER_FLOORS = {
    "13": {"linux": "580", "wsl2": "580", "windows": "580"},
    "12": {"linux": "525.60.13", "wsl2": "528.33", "windows": "528.33"},
    "11": {"linux": "450.80.02", "wsl2": "452.39", "windows": "452.39"},
}


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
    held = {library: sum(each.entries for each in pieces) for library, pieces in libraries.items()}
    main = [pieces for library, pieces in libraries.items() if held[library] >= MAIN_SHARE * max(held.values())]
    if not main or not version_key(capability):
        return Coverage("unknown")
    return max((_of_library(pieces, capability) for pieces in main), key=lambda each: _ORDER.index(each.state))


def _of_library(pieces: Sequence[Code], capability: str) -> Coverage:
    for kind, state in (("sm", "native"), ("ptx", "translated")):
        fitting = [target for target in _full(pieces, kind) if _runs(kind, target, capability)]
        if fitting:
            best = max(fitting, key=lambda target: _generation(target)[0])
            return Coverage("native" if state == "native" else "translated", f"{_PREFIX[kind]}_{best}")
    return Coverage("none")


_PREFIX = {"sm": "sm", "ptx": "compute"}


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
    if letter == "f" or kind == "sm":
        return made_for[0] == major and made_for[1] <= minor
    return made_for <= (major, minor)
