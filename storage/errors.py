"""What can go wrong in storage.

StorageError
├── Missing       what was asked for is not stored
├── Conflict      another writer was first, or the write breaks a constraint
├── OutOfDate     the database's schema is not the one this version needs
└── Unavailable   the database cannot be reached, is locked, full or damaged
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc


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


class OutOfDate(StorageError):
    """The database's schema is not the one this version needs."""


class Unavailable(StorageError):
    """The database cannot be reached, is locked, full or damaged."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLAlchemy's errors into this module's; the driver's text stays in the cause, not in the message."""
    try:
        yield
    except exc.IntegrityError as error:
        raise Conflict("the database refused the write: it conflicts with what is stored") from error
    except (exc.OperationalError, exc.InterfaceError, exc.DatabaseError, exc.TimeoutError) as error:
        raise Unavailable(f"the database cannot be used: {type(error).__name__}") from error
    except exc.ArgumentError as error:
        raise Unavailable("the database address is not one that SQLAlchemy understands") from error
