"""Which generations of graphics processors a binary holds code for, read from the file without loading it.

NVIDIA's code is found piece by piece (`pieces`); AMD's libraries name the generation in the names of their files.
Whatever a file holds, a scan ends: it is bounded in bytes, entries and time, and says when it did not see everything.
What a generation means for a device is not known here.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, Tuple

from probes.look.limits import MAX_CODE
from probes.look.pieces import FARTHEST, HEADER, Budget, Clock, Over, Source, pieces
from probes.look.text import clean
from rules.hardware import Code

MAX_FILES = 200_000
MAX_LIBRARY_BYTES = FARTHEST
MAX_WHEEL_BYTES = 2**35  # of all its libraries, unpacked
MAX_RATIO = 200  # libraries shrink to a third or so; what shrinks to nothing is a bomb
FREE_BYTES = 2**26  # a small member may shrink as much as it likes

_WHEEL = ".whl"
_BROKEN = (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError)
_LIBRARY = re.compile(r"\.(?:so(?:\.[0-9]+)*|dll|pyd|dylib)$")
_GFX_FILE = re.compile(r"\.(?:co|dat|hsaco|kpack)$")
_GFX = re.compile(r"gfx(?:9[0-9a-f]{2}|1[0-9][0-9a-f]{2})(?![0-9a-f])")

Counts = Dict[Tuple[str, str, str], int]


@dataclass(frozen=True)
class Scan:
    """What a scan saw: the code by library and generation, how many libraries were read, and what was not.

    `faults` has a short sentence for each thing that was not read; with none, everything was. `left_out` is how many
    kinds of code were found and are not listed because there are too many, those of the libraries with the least.
    """

    code: tuple[Code, ...]
    libraries: int
    faults: tuple[str, ...] = ()
    left_out: int = 0


def scan(path: Path, clock: Clock | None = None, ends_at: float = 0.0) -> Scan:
    """The device code in a library, in a wheel, or in a folder with all below it, wheels too. Raises nothing for any
    content.

    Args:
        path: a library, a folder or a file that ends in `.whl`.
        clock: seconds that only go forward; None: take the time it takes.
        ends_at: when to stop, on that clock.
    """
    if path.name.endswith(_WHEEL) and not path.is_dir():
        return _of(lambda counts, faults, budget: _wheel(path, counts, faults, budget), clock, ends_at)
    if path.is_dir():
        return scan_files(_below(path), path, clock, ends_at)
    return _of(lambda counts, faults, budget: _file(path, path.name, counts, faults, budget, True), clock, ends_at)


def scan_files(paths: Iterable[Path], base: Path, clock: Clock | None = None, ends_at: float = 0.0) -> Scan:
    """The device code in some files; those that are no libraries count by their names only."""

    def read(counts: Counts, faults: list[str], budget: Budget) -> int:
        libraries = 0
        for number, path in enumerate(paths):
            if number >= MAX_FILES:
                faults.append(f"more than {MAX_FILES} files")
                break
            look = _wheel_among_others if path.name.endswith(_WHEEL) else _file
            libraries += look(path, _relative(path, base), counts, faults, budget)
        return libraries

    return _of(read, clock, ends_at)


def is_telling(name: str) -> bool:
    """Whether a file of this name may tell something: a library, or one that is named after a generation."""
    return bool(_LIBRARY.search(name) or _GFX_FILE.search(name))


def _of(read: Callable[[Counts, list[str], Budget], int], clock: Clock | None, ends_at: float) -> Scan:
    counts: Counts = Counter()
    faults: list[str] = []
    libraries = 0
    try:
        libraries = read(counts, faults, Budget(clock, ends_at))
    except Over as over:
        faults.append(str(over))
    except _BROKEN as error:
        faults.append(f"not readable: {type(error).__name__}")
    return Scan(_largest(counts), libraries, tuple(faults), max(0, len(counts) - MAX_CODE))


def _largest(counts: Counts) -> tuple[Code, ...]:
    """The code as entries in a fixed order; where there is too much, of the libraries that hold the most."""
    held: dict[str, int] = Counter()
    for (library, _, _), entries in counts.items():
        held[library] += entries
    ordered = sorted(counts.items(), key=lambda each: (-held[each[0][0]], each[0]))
    return tuple(Code(library, kind, target, entries) for (library, kind, target), entries in ordered[:MAX_CODE])


def _below(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(str(folder)):  # links to folders are not followed
        folders.sort()
        for name in sorted(names):
            if is_telling(name) or name.endswith(_WHEEL):
                yield Path(where) / name


def _relative(path: Path, base: Path) -> str:
    try:
        return path.relative_to(base).as_posix()
    except ValueError:
        return path.name


def _file(path: Path, name: str, counts: Counts, faults: list[str], budget: Budget, is_library: bool = False) -> int:
    """Count one file; 1 when it is a library, by its name or by what is said, that was read."""
    budget.check()
    _named(name, counts)
    if not is_library and not _LIBRARY.search(path.name):
        return 0
    try:
        if not path.is_file():  # a pipe would never end
            return 0
        with path.open("rb", buffering=0) as opened:
            size = os.fstat(opened.fileno()).st_size
            if size > MAX_LIBRARY_BYTES:
                faults.append(f"{_label(name)}: refused, it has {size} bytes")
            if not HEADER.size <= size <= MAX_LIBRARY_BYTES:
                return 0
            _count(Source(opened, budget, seeks=True), _label(name), counts, budget)
            if os.fstat(opened.fileno()).st_size != size:
                faults.append(f"{_label(name)}: changed while it was read")
        return 1
    except (OSError, ValueError) as error:
        faults.append(f"{_label(name)}: not readable ({type(error).__name__})")
        return 0


def _wheel_among_others(path: Path, name: str, counts: Counts, faults: list[str], budget: Budget) -> int:
    """The libraries read of a wheel; one that cannot be read costs only itself."""
    try:
        return _wheel(path, counts, faults, budget) if path.is_file() else 0
    except _BROKEN as error:
        faults.append(f"{_label(name)}: not readable ({type(error).__name__})")
        return 0


def _wheel(path: Path, counts: Counts, faults: list[str], budget: Budget) -> int:
    libraries, unpacked = 0, 0
    with zipfile.ZipFile(str(path)) as archive:
        for number, member in enumerate(archive.infolist()):
            if number >= MAX_FILES:
                faults.append(f"more than {MAX_FILES} files")
                break
            _named(member.filename, counts)
            if not _LIBRARY.search(member.filename):
                continue
            unpacked += member.file_size
            if _is_bomb(member) or unpacked > MAX_WHEEL_BYTES:
                faults.append(f"{_label(member.filename)}: refused, it unpacks to {member.file_size} bytes")
                continue
            libraries += _member(archive, member, counts, faults, budget)
    return libraries


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    shrunk = max(1, member.compress_size)
    too_much = member.file_size > FREE_BYTES and member.file_size / shrunk > MAX_RATIO
    return too_much or member.file_size > MAX_LIBRARY_BYTES


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, counts: Counts, faults: list[str], budget: Budget
) -> int:
    label = _label(member.filename)
    try:
        with archive.open(member) as source:  # gives no more than the size that it states
            _count(Source(source, budget), label, counts, budget)
        return 1
    except Over:
        raise
    except Exception as error:  # unpackers have errors of their own, by how Python was built
        faults.append(f"{label}: not readable ({type(error).__name__})")
        return 0


def _label(name: str) -> str:
    return clean(name.rsplit("/", 1)[-1]) or "library"


def _named(name: str, counts: Counts) -> None:
    """Count a file whose name tells of an AMD generation."""
    if _GFX_FILE.search(name) or "rocm-sdk-device-gfx" in name:
        for target in set(_GFX.findall(name)):
            counts["files", "gfx", target] = counts.get(("files", "gfx", target), 0) + 1


def _count(source: Source, library: str, counts: Counts, budget: Budget) -> None:
    for kind, generation in pieces(source, budget):
        key = (library, kind, str(generation))
        counts[key] = counts.get(key, 0) + 1
