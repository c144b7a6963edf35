"""The errors that a use case may raise, and what they carry, by the names that edges use.

Damaged          an interrupted run cannot be gone on with
InvalidInput     an input has faults, each a `Fault`
Busy             another measurement is going on
IndexUnreachable the package index gives no usable answer at all
NoRoom           the disk is full, or what may be used of it
NotReady         the service has not looked at its machine yet
NotYet           what was asked for is still being worked out
NotTaken         another service did not take a profile
StorageError
├── Missing      what was asked for is not stored
├── Conflict     another writer was first
│   ├── Superseded  what a change was written for is not the newest any more
│   └── Full        as many are stored as may be
├── OutOfDate    the database's schema is not the one this version needs
└── Unavailable  the database cannot be used
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from knowledge_base.faults import IndexUnreachable
from portfolio.faults import Damaged
from probes.measuring.faults import Busy
from rules.faults import Fault, InvalidInput
from storage.errors import Conflict, Full, Missing, OutOfDate, StorageError, Superseded, Unavailable

__all__ = [
    "Busy",
    "Conflict",
    "Damaged",
    "Fault",
    "Full",
    "IndexUnreachable",
    "InvalidInput",
    "Missing",
    "NoRoom",
    "NotReady",
    "NotTaken",
    "NotYet",
    "OutOfDate",
    "StorageError",
    "Superseded",
    "Unavailable",
]


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NotReady(Exception):
    """The machine has not been looked at yet."""

    def __init__(self) -> None:
        super().__init__("this server is still looking at its hardware; try again in some seconds")


class NotYet(Exception):
    """What was asked for takes longer than a caller should wait; it is being worked out, and kept."""

    def __init__(self) -> None:
        super().__init__("this is still being worked out and will be kept; ask again in some seconds")


class NoRoom(Exception):
    """There is no room left on a disk; nothing is left half written."""

    def __init__(self) -> None:
        super().__init__("there is no room left on the disk of the service; nothing was kept")


@contextmanager
def room_needed() -> Iterator[None]:
    """Tell a full disk from whatever else may be wrong with files.

    Raises:
        NoRoom: in the place of the `OSError` that says so.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom from error
        raise


class NotTaken(Exception):
    """A service did not take a profile; `about_key`: because it does not accept the key."""

    def __init__(self, told: str, about_key: bool) -> None:
        super().__init__(told)
        self.about_key = about_key
