"""What can go wrong in storage.

StorageError
├── Missing       what was asked for is not stored
├── Conflict      another writer was first, or the write breaks a constraint
│   ├── Superseded   what a change was written for is not the newest any more
│   └── Full         as many are stored as may be
├── OutOfDate     the database's schema is not the one this version needs
└── Unavailable   the database cannot be reached, is locked, full or damaged
"""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

BAD_ADDRESS = "the database address is not one that SQLAlchemy understands"


class StorageError(Exception):
    """Base of all storage errors."""


class Missing(StorageError):
    """What was asked for is not stored."""

    def __init__(self, what: str, name: str) -> None:
        self.what = what
        self.name = name
        super().__init__(f"no {what} {name!r} is stored")


class Conflict(StorageError):
    """Another writer was first, or the write breaks a constraint."""


class Superseded(Conflict):
    """What a change was written for, the revision `seen`, is not the newest one, `newest`."""

    def __init__(self, seen: int, newest: int) -> None:
        self.seen = seen
        self.newest = newest
        super().__init__(f"revision {newest} is the newest, and the change was written for revision {seen}")


class Full(Conflict):
    """As many projects, or portfolios, are stored as may be; none gives way by itself."""

    def __init__(self, what: str, most: int) -> None:
        self.most = most
        super().__init__(
            f"{most} {what}{' is' if most == 1 else 's are'} stored, and no more are kept: take one away, or raise "
            f"STEELYARD_MAX_{what.upper()}S"
        )


class OutOfDate(StorageError):
    """The database's schema is not the one this version needs."""


class Unavailable(StorageError):
    """The database cannot be reached, is locked, full or damaged."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLAlchemy's errors into this module's, with what SQLite says of the reason."""
    try:
        yield
    except exc.IntegrityError as error:
        raise Conflict("the database refused the write: it conflicts with what is stored") from error
    except exc.DBAPIError as error:
        raise Unavailable(f"the database cannot be used: {_reason(error)}") from error
    except exc.TimeoutError as error:
        raise Unavailable("the database cannot be used: no connection came free in time") from error
    except zlib.error as error:
        raise Unavailable("the database cannot be used: what it holds is damaged") from error
    except exc.ArgumentError as error:
        raise Unavailable(BAD_ADDRESS) from error


def _reason(error: exc.DBAPIError) -> str:
    # What SQLite says names no secrets; what a server's driver says may name users and hosts, and stays in the cause.
    return str(error.orig) if isinstance(error.orig, sqlite3.Error) else type(error).__name__
