"""The pieces of device code in a stream of bytes, found without loading or unpacking the code itself.

NVIDIA's tools put device code into libraries as "fat binaries": a magic number, a header, and one entry for each piece
of code with its kind (machine code or PTX) and generation, readable even where the code itself is compressed. The
layout is not documented by NVIDIA; it was read from the files themselves: header of 16 bytes (magic, u16 version, u16
header size, u64 size of what follows), entries of (u16 kind, u16 version, u32 header size, u64 size of the code, ...,
u32 generation at byte 28). The letter of targets such as `90a` is not in the headers.
"""

from __future__ import annotations

import os
import struct
from typing import IO, Callable, Iterator

MAGIC = struct.pack("<I", 0xBA55ED50)
HEADER = struct.Struct("<IHHQ")
ENTRY = struct.Struct("<HHIQIIHHI")  # kind, version, header size, code size, ..., generation
KINDS = {1: "ptx", 2: "sm"}
GENERATIONS = range(10, 1000)
HEADER_BYTES = range(ENTRY.size, 65536)

CHUNK = 2**22
MAX_ENTRIES = 2_000_000
FARTHEST = 2**33  # bytes that an entry may claim; no library is larger

Clock = Callable[[], float]


class Over(Exception):
    """What a scan was given is used up; it says what."""


class Budget:
    """The time left and the entries that may still be counted."""

    def __init__(self, clock: Clock | None, ends_at: float) -> None:
        self._clock, self._ends_at, self._entries = clock, ends_at, MAX_ENTRIES

    def check(self) -> None:
        """Raises Over where the time is."""
        if self._clock is not None and self._clock() >= self._ends_at:
            raise Over("the time was over before everything was read")

    def count(self) -> None:
        """One more entry; raises Over where there are too many."""
        self._entries -= 1
        if self._entries < 0:
            raise Over(f"more than {MAX_ENTRIES} pieces of code")


class Source:
    """A library, or a member of an archive that is unpacked as it is read: read forwards, a bounded part at a time.

    Never mapped into memory: a file that somebody cuts short meanwhile would kill this process.
    """

    def __init__(self, source: IO[bytes], budget: Budget, seeks: bool = False) -> None:
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
        """The next bytes, fewer at the end."""
        while len(self._kept) - self._at < size and self._more():
            pass
        return self._kept[self._at : self._at + size]

    def skip(self, size: int) -> bool:
        """Go forward; False where it is known that the source ends before."""
        self._at += size
        while self._at > len(self._kept):
            beyond = self._at - len(self._kept)
            self._kept, self._at = b"", 0
            if self._seeks and beyond <= FARTHEST:
                self._source.seek(beyond, os.SEEK_CUR)
                return True
            if not self._more():
                return False
            self._at = beyond
        return True


def pieces(source: Source, budget: Budget) -> Iterator[tuple[str, int]]:
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
