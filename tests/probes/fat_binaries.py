"""Files as NVIDIA's tools lay them out, small enough to be made for a test."""

import struct

PTX, MACHINE = 1, 2
Pieces = list[tuple[int, int, int]]  # (kind, generation, bytes of code)


def piece(kind: int, generation: int, size: int, header: int = 64) -> bytes:
    head = struct.pack("<HHIQ", kind, 0x0101, header, size) + struct.pack("<IIHHI", 0, 0, 0, 0, generation)
    return head.ljust(header, b"\0") + b"\xaa" * size


def fat(entries: Pieces) -> bytes:
    body = b"".join(piece(*each) for each in entries)
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(body)) + body
