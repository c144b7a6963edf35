"""Parquet files put together by copying: what they hold is not read, only their footers are written anew.

The file that comes of it has the row groups of all of them in order, each of them as it was encoded before; only where
they begin has changed. Fields by number: https://github.com/apache/parquet-format, `parquet.thrift`.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from portfolio.faults import Damaged
from portfolio.writing import thrift
from portfolio.writing.thrift import Struct

MAGIC = b"PAR1"
_TAIL = 8  # the length of the footer, and the mark again
_AT_ONCE = 2**20
_MOST_ORDINALS = 2**15  # so many can be named; they may be left out

_ROWS, _GROUPS = 3, 4  # of a file
_COLUMNS, _GROUP_ROWS, _GROUP_OFFSET, _ORDINAL = 1, 3, 5, 7  # of a row group
_CHUNK_OFFSET, _ABOUT, _INDEXES, _INDEX_OFFSETS = 2, 3, (4, 5, 6, 7), (4, 6)  # of a column of a row group
_OFFSETS = (9, 10, 11, 14)  # of what is about it: data, index and dictionary pages, Bloom filter


def join(paths: Sequence[Path], file: BinaryIO) -> None:
    """Write the rows of some Parquet files of the same columns as one file.

    Args:
        paths: the files, at least one.
        file: where to; nothing has been written to it.

    Raises:
        Damaged: a file is no Parquet file, or its columns are not those of the first.
        OSError: a file cannot be read or written.
    """
    file.write(MAGIC)
    at, rows = len(MAGIC), 0
    groups: list[bytes] = []  # told already: as values they would take twenty times the room
    first: Struct = {}
    for path in paths:
        with path.open("rb") as part:
            footer, end = _footer(part, path.name)
            first = first or footer
            if _apart(footer) != _apart(first):
                raise Damaged(f"{path.name} has other columns than the parts before it")
            held = [group for group in footer[_GROUPS][1][1] if group[_GROUP_ROWS][1]]
            end = min([end, *_indexes(held)])
            groups += [thrift.write(_moved(each, at - len(MAGIC), len(groups) + n)) for n, each in enumerate(held)]
            rows += footer[_ROWS][1]
            part.seek(len(MAGIC))
            _copy(part, file, end - len(MAGIC))
            at += end - len(MAGIC)
    told = thrift.write({**first, _ROWS: (thrift.I64, rows), _GROUPS: (thrift.LIST, (thrift.STRUCT, groups))})
    file.write(told + len(told).to_bytes(4, "little") + MAGIC)


def _footer(part: BinaryIO, name: str) -> tuple[Struct, int]:
    """(the footer of a file, where it begins)."""
    size = part.seek(0, 2)
    part.seek(max(0, size - _TAIL))
    tail = part.read(_TAIL)
    length = int.from_bytes(tail[:4], "little")
    begins = size - _TAIL - length
    if tail[4:] != MAGIC or begins < len(MAGIC):
        raise Damaged(f"{name} is no Parquet file")
    part.seek(begins)
    return thrift.read(BytesIO(part.read(length))), begins


def _apart(footer: Struct) -> Struct:
    """What a footer says besides its rows."""
    return {field: value for field, value in footer.items() if field not in (_ROWS, _GROUPS)}


def _indexes(groups: Sequence[Struct]) -> Iterator[int]:
    """Where the indexes of pages begin, which stand behind all pages."""
    for group in groups:
        for chunk in group[_COLUMNS][1][1]:
            yield from (chunk[field][1] for field in _INDEX_OFFSETS if field in chunk)


def _moved(group: Struct, by: int, ordinal: int) -> Struct:
    """A row group so many bytes further on; indexes of pages are left out, as they tell places themselves."""
    for chunk in group[_COLUMNS][1][1]:
        for field in _INDEXES:
            chunk.pop(field, None)
        _shift(chunk, _CHUNK_OFFSET, by)
        for field in _OFFSETS:
            _shift(chunk[_ABOUT][1], field, by)
    _shift(group, _GROUP_OFFSET, by)
    if group.pop(_ORDINAL, None) and ordinal < _MOST_ORDINALS:
        group[_ORDINAL] = (thrift.I16, ordinal)
    return group


def _shift(struct: Struct, field: int, by: int) -> None:
    kind, place = struct.get(field, (0, 0))
    if place:  # 0 stands for a place that is not told
        struct[field] = (kind, place + by)


def _copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count:
        piece = source.read(min(count, _AT_ONCE))
        if not piece:
            raise Damaged("a part became shorter while it was copied")
        target.write(piece)
        count -= len(piece)
