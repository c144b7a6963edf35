"""Settings and house for one command, closed again when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from advisor import bootstrap
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from advisor.settings import Settings
from rules.faults import shown


def settings() -> Settings:
    """The settings of this process.

    Raises:
        InvalidInput: a variable has a value that it cannot have.
    """
    try:
        return Settings()
    except ValidationError as invalid:
        faults = [
            Fault(
                "STEELYARD_" + "_".join(str(part) for part in error["loc"]).upper(),
                shown(error.get("input")),
                f"a setting that is accepted ({error['msg']})",
            )
            for error in invalid.errors()
        ]
        raise InvalidInput(faults) from None


@contextmanager
def house() -> Iterator[House]:
    """A house on the configured database; an empty one is migrated and given the configured pack.

    Raises:
        InvalidInput: a setting is wrong, or the pack of an empty database has problems.
        StorageError: the database cannot be used or is of another version.
    """
    built = bootstrap.build(settings())
    try:
        yield built
    finally:
        built.database.close()
