"""What a library writes to standard error by itself: held back while a block lasts, dropped where it tells of a panic.

A reader written in Rust tells of what it did not foresee twice: as an exception, and with a stack trace on standard
error that nothing in Python keeps it from. Whatever else was written meanwhile comes out when the block ends.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from threading import Lock, current_thread, main_thread
from typing import BinaryIO

ERR = 2
PANIC = b"\nthread '"
ANSWERING = "answering"  # the name of threads that answer parts for a command


class _Held:
    """Standard error of this process while some block holds it back; blocks in several threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._blocks = 0
        self._panicked = False
        self._real = -1
        self._aside: BinaryIO | None = None

    def begin(self) -> None:
        with self._lock:
            self._blocks += 1
            if self._blocks > 1:
                return
            self._panicked, self._aside = False, None
            try:
                self._real = os.dup(ERR)
            except OSError:  # it is closed: there is nothing to hold back
                return
            try:
                self._aside = TemporaryFile()  # noqa: SIM115 (closed by `end`)
                os.dup2(self._aside.fileno(), ERR)
            except OSError:  # no room: it is written as it comes
                os.close(self._real)
                self._aside = None

    def end(self, panicked: bool) -> None:
        with self._lock:
            self._blocks -= 1
            self._panicked |= panicked
            if self._blocks or self._aside is None:
                return
            os.dup2(self._real, ERR)
            os.close(self._real)
            with self._aside as aside:
                aside.seek(0)
                held = aside.read()
            with suppress(OSError):  # nobody reads it
                os.write(ERR, held.partition(PANIC)[0] if self._panicked else held)


_HELD = _Held()


@contextmanager
def quiet() -> Iterator[None]:
    """Hold standard error back; where the block raises, what is written there of a panic is dropped."""
    if current_thread() is not main_thread() and current_thread().name != ANSWERING:
        yield
        return
    _HELD.begin()
    panicked = True
    try:
        yield
        panicked = False
    finally:
        _HELD.end(panicked)
