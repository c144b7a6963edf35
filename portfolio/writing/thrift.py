"""Thrift's compact protocol, in which Parquet files say what they hold: read into plain values and written again.

Formula: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. A structure is a dictionary
of (kind, value) by the number of the field, in the order in which they stood; lists are (kind, values). Maps and sets,
which Parquet's footers do not use, are refused.
"""

from typing import Any, BinaryIO

from portfolio.faults import Damaged

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 12
Struct = dict[int, tuple[int, Any]]
_LENGTHS = {BYTE: 1, DOUBLE: 8}
_LONG = 15  # from here on the length of a list has bytes of its own


def read(file: BinaryIO) -> Struct:
    """The structure that begins here.

    Raises:
        Damaged: there is none, or it ends in the middle.
    """
    found: Struct = {}
    field = 0
    while head := _byte(file):
        field = field + (head >> 4) if head >> 4 else _signed(file)
        found[field] = (head & 15, _value(file, head & 15))
    return found


def write(struct: Struct) -> bytes:
    """The bytes of a structure, as `read` takes them; structures in it may be such bytes already."""
    told = bytearray()
    before = 0
    for field, (kind, value) in struct.items():
        step = field - before
        told += bytes([step << 4 | kind]) if 0 < step <= _LONG else bytes([kind]) + _unsigned(_folded(field))
        told += b"" if kind in (TRUE, FALSE) else _written(kind, value)
        before = field
    return bytes(told + b"\0")


def _written(kind: int, value: Any) -> bytes:
    if kind in (I16, I32, I64):
        return _unsigned(_folded(value))
    if kind == BINARY:
        return _unsigned(len(value)) + value  # type: ignore[no-any-return]
    if kind == STRUCT and not isinstance(value, bytes):
        return write(value)
    if kind == LIST:
        inner, values = value
        count = len(values)
        head = bytes([count << 4 | inner]) if count < _LONG else bytes([_LONG << 4 | inner]) + _unsigned(count)
        return head + b"".join([_written(inner, each) for each in values])
    return bytes(value)  # of a fixed length, kept as it is


def _value(file: BinaryIO, kind: int) -> Any:
    if kind in (I16, I32, I64):
        return _signed(file)
    if kind == BINARY:
        return _bytes(file, _varint(file))
    if kind == STRUCT:
        return read(file)
    if kind == LIST:
        head = _byte(file)
        length, inner = head >> 4 if head >> 4 < _LONG else _varint(file), head & 15
        single = BYTE if inner in (TRUE, FALSE) else inner  # in a list each truth value takes a byte
        return inner, [_value(file, single) for _ in range(length)]
    if kind in (TRUE, FALSE):
        return None  # the kind is the value
    if kind in _LENGTHS:
        return _bytes(file, _LENGTHS[kind])
    raise Damaged(f"a footer holds a value of kind {kind}, which Parquet does not use")


def _bytes(file: BinaryIO, count: int) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise Damaged("a footer ends in the middle")
    return found


def _byte(file: BinaryIO) -> int:
    return _bytes(file, 1)[0]


def _varint(file: BinaryIO) -> int:
    value = shift = 0
    while (each := _byte(file)) & 0x80:
        value |= (each & 0x7F) << shift
        shift += 7
    return value | each << shift


def _signed(file: BinaryIO) -> int:
    value = _varint(file)
    return value >> 1 ^ -(value & 1)


def _folded(value: int) -> int:
    """Zigzag: small numbers of either sign take few bytes."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unsigned(value: int) -> bytes:
    told = bytearray()
    while value > 0x7F:
        told.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*told, value])
