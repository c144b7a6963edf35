"""What a library writes to standard error by itself: held back while a block lasts, dropped where it tells of a panic.

A reader written in Rust tells of what it did not foresee twice: as an exception, and with a stack trace on standard
error that nothing in Python keeps it from. Whatever else was written meanwhile comes out when the block ends.

Standard error belongs to the whole process, so this is done in the main thread alone: there a command, or a process
that answers parts, reads for itself. In a service, whose other threads log and start processes, the trace goes to the
log beside the fault. Nothing milder would do: of 1,500 Parquet files with one to four bytes changed, 12 made Polars 2.1
panic, 11 of them within their pages, which no look at headers shows; and a child for each file would take half a second
to start, more than most files take to read.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from threading import current_thread, main_thread
from typing import BinaryIO

ERR = 2
PANIC = b"\nthread '"


@contextmanager
def quiet() -> Iterator[None]:
    """Hold standard error back; where the block raises, what is written there of a panic is dropped."""
    aside = _aside() if current_thread() is main_thread() else None
    panicked = True
    try:
        yield
        panicked = False
    finally:
        if aside is not None:
            _back(*aside, panicked=panicked)


def _aside() -> tuple[int, BinaryIO] | None:
    """(where standard error led, where it leads now); None where it is closed or there is no room."""
    try:
        real = os.dup(ERR)
    except OSError:
        return None
    try:
        held = TemporaryFile()  # noqa: SIM115  closed by `_back`
        os.dup2(held.fileno(), ERR)
    except OSError:
        os.close(real)
        return None
    return real, held


def _back(real: int, held: BinaryIO, *, panicked: bool) -> None:
    os.dup2(real, ERR)
    os.close(real)
    with held:
        held.seek(0)
        said = held.read()
    with suppress(OSError):  # nobody reads it
        os.write(ERR, said.partition(PANIC)[0] if panicked else said)
