"""Bytes of a text file as chunks of whole lines and as single lines, numbered; decompressed and made UTF-8 on the way.

Nothing is held but a chunk: a line longer than is read is passed over and told of.
"""

import codecs
import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from portfolio.reading.frames import MAX_LINE_BYTES

CHUNK_BYTES = 2**21
MAX_EXPANSION = 200  # how many times its size a compressed file may become; text packs ten- to thirtyfold
FREE_BYTES = 2**26
_MARKS = ((codecs.BOM_UTF8, ""), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its number; `content` is None where it is longer than is read."""

    number: int
    content: bytes | None


class Expands(ValueError):
    """A compressed file becomes much larger than text does."""


class ByteLines:
    """The lines of a file from where it stands; chunks of lines may be looked at before they are taken."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0
        self._ended = False
        self._waiting: list[Line] = []
        self.number = 0  # of the last line taken from the file
        self.taken = 0  # bytes

    def peek(self) -> bytes:
        """The next lines, together about a chunk; empty at the end and where a line is longer than a chunk."""
        self._fill(CHUNK_BYTES)
        if self._ended and len(self._buffer) - self._at <= CHUNK_BYTES:
            return self._buffer[self._at :]
        return self._buffer[self._at : self._buffer.rfind(b"\n", self._at, self._at + CHUNK_BYTES) + 1]

    def pass_over(self, chunk: bytes) -> None:
        """Take a chunk that was looked at."""
        self._at += len(chunk)
        self.taken += len(chunk)
        self.number += chunk.count(b"\n")

    @property
    def waiting(self) -> bool:
        """Whether lines were given back; chunks come after these."""
        return bool(self._waiting)

    def next(self) -> Line | None:
        """The next line, None at the end."""
        if self._waiting:
            return self._waiting.pop()
        content = self._readline()
        if not content:
            return None
        self.number += 1
        if len(content) <= MAX_LINE_BYTES:
            return Line(self.number, content)
        while content and not content.endswith(b"\n"):
            content = self._readline()
        return Line(self.number, None)

    def give_back(self, lines: list[Line]) -> None:
        """Have these lines read again, in this order."""
        self._waiting.extend(reversed(lines))

    def _readline(self) -> bytes:
        self._fill(MAX_LINE_BYTES + 1)
        end = self._buffer.find(b"\n", self._at, self._at + MAX_LINE_BYTES + 1)
        stop = end + 1 if end >= 0 else min(len(self._buffer), self._at + MAX_LINE_BYTES + 1)
        content = self._buffer[self._at : stop]
        self._at = stop
        self.taken += len(content)
        return content

    def _fill(self, size: int) -> None:
        """Have so many bytes in the buffer, or all that is left."""
        while not self._ended and len(self._buffer) - self._at < size:
            more = self._file.read(CHUNK_BYTES)
            self._ended = not more
            self._buffer = self._buffer[self._at :] + more
            self._at = 0


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Some bytes, at most so many; none at the end."""
        ...

    def close(self) -> None:
        """Be done with it."""
        ...


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file: where it is, how it is encoded, whether it is compressed."""

    path: Path
    encoding: str  # utf-8, or what is made into it
    compressed: bool

    def open(self) -> "Readable":
        """Its bytes as UTF-8 without a byte order mark; what is no text is left as it is, to be found by row."""
        raw: Any = self.path.open("rb")
        if self.compressed:
            raw = _Bounded(raw, self.path.stat().st_size)
        try:
            start = raw.read(4)
        except BaseException:
            raw.close()
            raise
        mark = next((mark for mark, _ in _MARKS if start.startswith(mark)), b"")
        again = _Chained(start[len(mark) :], raw)
        return again if self.encoding == "utf-8" else _Recoded(again, self.encoding)


def text_file(path: Path) -> TextFile:
    """What kind of text a file holds, by its first bytes.

    Raises:
        OSError, EOFError: it cannot be read, or what is compressed is broken.
    """
    compressed = path.suffix.lower() == ".gz"
    with gzip.open(path) if compressed else path.open("rb") as file:
        start = file.read(4)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return TextFile(path, encoding or "utf-8", compressed)
    zeros = [index % 2 for index, byte in enumerate(start) if byte == 0]
    if len(start) == 4 and zeros in ([1, 1], [0, 0]):
        return TextFile(path, "utf-16-le" if zeros[0] else "utf-16-be", compressed)
    return TextFile(path, "utf-8", compressed)


class _Chained:
    """Some bytes, then those of a file."""

    def __init__(self, start: bytes, file: Any) -> None:
        self._start, self._file = start, file

    def read(self, size: int) -> bytes:
        start, self._start = self._start, b""
        return start or self._file.read(size)

    def close(self) -> None:
        self._file.close()


class _Recoded:
    """A file in another encoding as UTF-8; half a surrogate pair becomes bytes that are none, which rows tell of."""

    def __init__(self, file: Any, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._ended = False

    def read(self, size: int) -> bytes:
        made = b""
        while not made and not self._ended:
            raw = self._file.read(size)
            self._ended = not raw
            try:
                text = self._decoder.decode(raw, final=self._ended)
            except UnicodeDecodeError:  # half a character at the very end
                text = "\ud800"
            made = text.encode("utf-8", "surrogatepass")
        return made

    def close(self) -> None:
        self._file.close()


class _Bounded(io.RawIOBase):
    """What is decompressed from a file, up to a size that text has."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._gzip = gzip.GzipFile(fileobj=file)
        self._left = size * MAX_EXPANSION + FREE_BYTES

    def read(self, size: int = -1) -> bytes:
        found = self._gzip.read(size)
        self._left -= len(found)
        if self._left < 0:
            raise Expands(f"more than {MAX_EXPANSION} times its size when unpacked")
        return found

    def close(self) -> None:
        self._gzip.close()
        self._file.close()
