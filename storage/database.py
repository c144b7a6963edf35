"""One database: how it is reached, how a transaction begins and ends, how its schema is brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.errors import BAD_ADDRESS, OutOfDate, Unavailable, translated
from storage.tables import HEAD, Base

MIGRATIONS = Path(__file__).parent.parent / "alembic"
BUSY_TIMEOUT_MS = 10_000
MIGRATION_LOCK = 5_318_008_417  # any number that only Steelyard takes as PostgreSQL advisory lock

_PRAGMAS = (
    "journal_mode=WAL",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "foreign_keys=ON",
    "synchronous=FULL",  # an acknowledged write survives a power cut, not only a killed process
    "cache_size=-20000",
)


class Database:
    """A lazily connected database; nothing is opened until the first transaction."""

    def __init__(self, url: str) -> None:
        try:
            with translated():
                self.engine: Engine = create_engine(url)
        except ModuleNotFoundError as error:
            raise Unavailable(f"the driver {error.name!r} of this kind of database is not installed") from error
        except ValueError as error:  # a port that is no number, say
            raise Unavailable(BAD_ADDRESS) from error
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose changes, if any, are dropped."""
        with translated(), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises."""
        with translated():
            engine = self.engine.execution_options(steelyard_writes=True)
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session

    def revision(self) -> str | None:
        """The schema revision, None for an empty database."""
        with translated(), self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def require_head(self) -> None:
        """Make sure that the schema is the one this version needs; an empty database is built.

        Raises:
            OutOfDate: the schema is older or newer; `steelyard db upgrade` brings an older one up to date.
            Unavailable: the database cannot be used.
        """
        revision = self.revision()
        if revision is None:
            self.upgrade()
        elif revision != HEAD:
            raise OutOfDate(f"the database schema is {revision!r}, this version needs {HEAD!r}: steelyard db upgrade")

    def upgrade(self) -> None:
        """Bring the schema to this version's; safe when several processes try at once.

        Raises:
            OutOfDate: the database was made by a newer version.
            Unavailable: the database cannot be used.
        """
        # Imported here for start-up time: rarely needed and slow to load.
        from alembic.config import Config
        from alembic.util import CommandError

        from alembic import command

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with translated(), self.engine.execution_options(steelyard_writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise OutOfDate(f"the database schema is not one this version knows; it needs {HEAD!r}") from error

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


R = TypeVar("R", bound=Base)


def stored_once(session: Session, row: R, key: object) -> tuple[R, bool]:
    """(what stands under the key, whether it is this row); of two writers at once the first one's row stands."""
    standing = session.get(type(row), key)
    if standing is not None:
        return standing, False
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        standing = session.get(type(row), key)
        if standing is None:
            raise
        return standing, False
    return row, True


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, not where the driver guesses
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read lock later would fail instead of waiting its turn.
    writes = connection.get_execution_options().get("steelyard_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
