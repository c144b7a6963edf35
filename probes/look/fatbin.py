"""Which generations of graphics processors a binary holds code for, read from the file without loading it.

NVIDIA's tools put device code into libraries as "fat binaries": a magic number, a header, and one entry for each piece
of code with its kind (machine code or PTX) and generation, readable even where the code itself is compressed. AMD's
libraries name the generation in the names of their files. Whatever a file holds, a scan ends: it is bounded in bytes,
entries and time, and says when it did not see everything. What a generation means for a device is not known here.

The layout is not documented by NVIDIA; it was read from the files themselves: header of 16
bytes (magic, u16 version, u16 header size, u64 size of what follows), entries of (u16 kind, u16 version, u32 header
size, u64 size of the code, ..., u32 generation at byte 28). The letter of targets such as `90a` is not in the headers.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Callable, Dict, Iterable, Iterator, Tuple

from probes.look.limits import MAX_CODE
from probes.look.text import clean
from rules.hardware import Code

MAGIC = struct.pack("<I", 0xBA55ED50)
HEADER = struct.Struct("<IHHQ")
ENTRY = struct.Struct("<HHIQIIHHI")  # kind, version, header size, code size, ..., generation
KINDS = {1: "ptx", 2: "sm"}
GENERATIONS = range(10, 1000)
HEADER_BYTES = range(ENTRY.size, 65536)

CHUNK = 2**22
MAX_ENTRIES = 2_000_000
MAX_FILES = 200_000
MAX_LIBRARY_BYTES = 2**33
MAX_WHEEL_BYTES = 2**35  # of all its libraries, unpacked
MAX_RATIO = 200  # libraries shrink to a third or so; what shrinks to nothing is a bomb
FREE_BYTES = 2**26  # a small member may shrink as much as it likes

_WHEEL = ".whl"
_BROKEN = (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError)
_LIBRARY = re.compile(r"\.(?:so(?:\.[0-9]+)*|dll|pyd|dylib)$")
_GFX_FILE = re.compile(r"\.(?:co|dat|hsaco|kpack)$")
_GFX = re.compile(r"gfx(?:9[0-9a-f]{2}|1[0-9][0-9a-f]{2})(?![0-9a-f])")

Clock = Callable[[], float]
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


class Over(Exception):
    """What a scan was given is used up; it says what."""


class _Budget:
    """The time left and the entries that may still be counted."""

    def __init__(self, clock: Clock | None, ends_at: float) -> None:
        self._clock, self._ends_at, self._entries = clock, ends_at, MAX_ENTRIES

    def check(self) -> None:
        if self._clock is not None and self._clock() >= self._ends_at:
            raise Over("the time was over before everything was read")

    def count(self) -> None:
        self._entries -= 1
        if self._entries < 0:
            raise Over(f"more than {MAX_ENTRIES} pieces of code")


class _Source:
    """A library, or a member of an archive that is unpacked as it is read: read forwards, a bounded part at a time.

    Never mapped into memory: a file that somebody cuts short meanwhile would kill this process.
    """

    def __init__(self, source: IO[bytes], budget: _Budget, seeks: bool = False) -> None:
        self._source, self._budget, self._seeks = source, budget, seeks
        self._kept, self._at = b"", 0

    def _more(self) -> bool:
        self._budget.check()
        read = self._source.read(CHUNK)
        self._kept, self._at = self._kept[self._at :] + read, 0
        return bool(read)

    def to_magic(self) -> bool:
        """Go to the next magic number; False at the end."""
        self._budget.check()
        while True:
            found = self._kept.find(MAGIC, self._at)
            if found >= 0:
                self._at = found
                return True
            self._at = max(self._at, len(self._kept) - len(MAGIC) + 1)
            if not self._more():
                return False

    def peek(self, size: int) -> bytes:
        while len(self._kept) - self._at < size and self._more():
            pass
        return self._kept[self._at : self._at + size]

    def skip(self, size: int) -> bool:
        """Go forward; False where it is known that the source ends before."""
        self._at += size
        while self._at > len(self._kept):
            beyond = self._at - len(self._kept)
            self._kept, self._at = b"", 0
            if self._seeks and beyond <= MAX_LIBRARY_BYTES:
                self._source.seek(beyond, os.SEEK_CUR)
                return True
            if not self._more():
                return False
            self._at = beyond
        return True


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

    def read(counts: Counts, faults: list[str], budget: _Budget) -> int:
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


def _of(read: Callable[[Counts, list[str], _Budget], int], clock: Clock | None, ends_at: float) -> Scan:
    counts: Counts = Counter()
    faults: list[str] = []
    libraries = 0
    try:
        libraries = read(counts, faults, _Budget(clock, ends_at))
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


def _file(path: Path, name: str, counts: Counts, faults: list[str], budget: _Budget, is_library: bool = False) -> int:
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
            _count(_Source(opened, budget, seeks=True), _label(name), counts, budget)
            if os.fstat(opened.fileno()).st_size != size:
                faults.append(f"{_label(name)}: changed while it was read")
        return 1
    except (OSError, ValueError) as error:
        faults.append(f"{_label(name)}: not readable ({type(error).__name__})")
        return 0


def _wheel_among_others(path: Path, name: str, counts: Counts, faults: list[str], budget: _Budget) -> int:
    """The libraries read of a wheel; one that cannot be read costs only itself."""
    try:
        return _wheel(path, counts, faults, budget) if path.is_file() else 0
    except _BROKEN as error:
        faults.append(f"{_label(name)}: not readable ({type(error).__name__})")
        return 0


def _wheel(path: Path, counts: Counts, faults: list[str], budget: _Budget) -> int:
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
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, counts: Counts, faults: list[str], budget: _Budget
) -> int:
    label = _label(member.filename)
    try:
        with archive.open(member) as source:  # gives no more than the size that it states
            _count(_Source(source, budget), label, counts, budget)
        return 1
    except Over:
        raise
    except Exception as error:  # what unpackers make of garbage is their own
        faults.append(f"{label}: not readable ({type(error).__name__})")
        return 0


def _label(name: str) -> str:
    return clean(name.rsplit("/", 1)[-1]) or "library"


def _named(name: str, counts: Counts) -> None:
    """Count a file whose name tells of an AMD generation."""
    if _GFX_FILE.search(name) or "rocm-sdk-device-gfx" in name:
        for target in set(_GFX.findall(name)):
            counts["files", "gfx", target] = counts.get(("files", "gfx", target), 0) + 1


def _count(source: _Source, library: str, counts: Counts, budget: _Budget) -> None:
    for kind, generation in _pieces(source, budget):
        key = (library, kind, str(generation))
        counts[key] = counts.get(key, 0) + 1


def _pieces(source: _Source, budget: _Budget) -> Iterator[tuple[str, int]]:
    """(kind, generation) of every piece of code in a source."""
    while source.to_magic():
        head = source.peek(HEADER.size)
        if len(head) < HEADER.size:
            return
        _, version, header_bytes, left = HEADER.unpack(head)
        if version != 1 or header_bytes != HEADER.size:
            source.skip(len(MAGIC))
            continue
        source.skip(HEADER.size)
        while left >= ENTRY.size:
            piece = source.peek(ENTRY.size)
            if len(piece) < ENTRY.size:
                return
            kind, _, entry_bytes, code_bytes, _, _, _, _, generation = ENTRY.unpack(piece)
            step = entry_bytes + code_bytes
            if kind not in KINDS or entry_bytes not in HEADER_BYTES or generation not in GENERATIONS or step > left:
                break
            budget.count()
            yield KINDS[kind], generation
            left -= step
            if not source.skip(step):
                return
