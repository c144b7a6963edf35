"""Transactions, and database errors that are told in the storage's own words."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from storage import decisions, hardware, releases
from storage.database import Database
from storage.decisions import Recorded
from storage.errors import Conflict, Missing, StorageError, Unavailable, translated
from tests.conftest import NOW

PROFILES = "SELECT count(*) FROM hardware_profiles"


def count(database: Database, query: str = PROFILES) -> int:
    with database.reading() as session:
        return int(session.execute(text(query)).scalar_one())


def test_what_was_written_is_there_and_what_failed_is_not(database: Database) -> None:
    with database.writing() as session:
        hardware.store(session, "h-1", "one", "{}", NOW, most=100)

    def fail_midway() -> None:
        with database.writing() as session:
            hardware.store(session, "h-2", "two", "{}", NOW, most=100)
            session.flush()
            raise KeyError("midway")

    with pytest.raises(KeyError):
        fail_midway()
    assert count(database) == 1


def test_a_reading_session_keeps_no_changes(database: Database) -> None:
    with database.reading() as session:
        hardware.store(session, "h-1", "one", "{}", NOW, most=100)
        session.flush()
    assert count(database) == 0


def test_making_a_database_opens_nothing(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'never.db'}").close()
    assert list(tmp_path.glob("never*")) == []


def test_sqlite_is_set_up_to_survive_a_power_cut_and_to_check_references(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        ]
    database.close()
    assert found == ["wal", 1, 2]


# --- Errors ----------------------------------------------------------------------------------------------------------


def test_a_write_that_breaks_a_reference_is_a_conflict(database: Database) -> None:
    orphan = Recorded("d-1", "p", "no-such-release", "{}", "{}")

    def write() -> None:
        with database.writing() as session:
            decisions.record(session, orphan, NOW)

    with pytest.raises(Conflict) as caught:
        write()
    assert "no-such-release" not in str(caught.value)
    assert count(database, "SELECT count(*) FROM decisions") == 0


def test_what_is_not_stored_is_missing_by_name(database: Database) -> None:
    with database.reading() as session:
        for look, what, name in (
            (lambda: decisions.get(session, "d-x"), "recommendation", "d-x"),
            (lambda: decisions.latest(session), "recommendation", "latest"),
            (lambda: releases.document(session, "r-x"), "release", "r-x"),
            (lambda: hardware.get(session, "h-x"), "hardware profile", "h-x"),
        ):
            with pytest.raises(Missing) as caught:
                look()
            assert (caught.value.what, caught.value.name) == (what, name)
        assert decisions.find(session, "d-x") is None
        assert releases.active_id(session) is None
        assert releases.listing(session) == []


def opened(url: str) -> None:
    database = Database(url)
    try:
        database.require_head()
    finally:
        database.close()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all/steelyard.db",
        "sqlite:///{tmp}",
        "sqlite:///{tmp}/damaged.db",
        "not an address",
        "",
        "nosuchdatabase://host/name",
        "mysql://user:secret@localhost/name",
        "postgresql+psycopg://user:secret@/name?host={tmp}",
    ],
)
def test_a_database_that_cannot_be_used_is_unavailable_and_no_secret_is_told(tmp_path: Path, url: str) -> None:
    (tmp_path / "damaged.db").write_bytes(b"this is no database, only text that is long enough to look like one " * 99)
    with pytest.raises(Unavailable) as caught:
        opened(url.format(tmp=tmp_path))
    assert "secret" not in str(caught.value)


def test_a_read_only_database_is_unavailable_for_writing(tmp_path: Path) -> None:
    opened(f"sqlite:///{tmp_path / 'x.db'}")
    database = Database(f"sqlite:///file:{tmp_path / 'x.db'}?mode=ro&uri=true")

    def write() -> None:
        with database.writing() as session:
            hardware.store(session, "h-1", "one", "{}", NOW, most=100)

    with pytest.raises(Unavailable):
        write()
    database.close()


def test_a_locked_database_is_unavailable_after_its_patience(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    database = Database(f"sqlite:///{path}")
    event.listen(database.engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=50"))
    database.require_head()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def write() -> None:
        with database.writing() as session:
            hardware.store(session, "h-1", "one", "{}", NOW, most=100)

    try:
        with pytest.raises(Unavailable):
            write()
        assert count(database) == 0  # readers are not locked out
    finally:
        other.close()
    write()
    assert count(database) == 1
    database.close()


def test_the_cause_keeps_what_the_driver_said() -> None:
    with pytest.raises(StorageError) as caught, translated():
        raise OperationalError("SELECT 1", {}, Exception("password authentication failed for user admin"))
    assert isinstance(caught.value.__cause__, OperationalError)
    assert "admin" not in str(caught.value)


def test_an_error_of_our_own_passes_through() -> None:
    with pytest.raises(Missing), translated():
        raise Missing("release", "x")
