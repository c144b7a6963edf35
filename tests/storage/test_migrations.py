"""Migrations build the database, match the tables and can be taken back; other versions are refused."""

import zlib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from alembic import command
from storage import releases
from storage.database import MIGRATIONS, Database
from storage.errors import OutOfDate
from storage.releases import Active, Origin
from storage.tables import HEAD, Base
from tests.conftest import NOW

TABLES = set(Base.metadata.tables) | {"alembic_version"}


def downgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_the_migrations_build_exactly_the_tables_of_the_models(empty: Database) -> None:
    assert tables(empty) == set()
    assert empty.revision() is None
    empty.upgrade()
    assert tables(empty) == TABLES
    assert differences(empty) == []
    assert empty.revision() == HEAD


def test_migrations_can_be_taken_back_and_run_again(empty: Database) -> None:
    empty.upgrade()
    downgrade(empty, "base")
    assert tables(empty) == {"alembic_version"}
    empty.upgrade()
    assert differences(empty) == []


def test_a_database_of_before_curation_keeps_its_releases_and_can_be_published_to(empty: Database) -> None:
    """One of migration 0003, with a release that is active: its row gains what it was made from, empty."""
    empty.upgrade()
    downgrade(empty, "0003")
    later = {"packs", "proposals", "projects", "project_revisions", "portfolios", "portfolio_tasks"}
    assert tables(empty) == TABLES - later
    insert = (
        "INSERT INTO releases (id, sha256, name, as_of, published_at, document, pack_sha256) "
        "VALUES ('r-1', 'aa', 'small', '2026-11-21', '2026-11-21 12:00:00', :document, 'bb')"
    )
    with empty.engine.begin() as connection:
        connection.execute(text(insert), {"document": zlib.compress(b'{"name": "small"}')})
        connection.execute(text("INSERT INTO active_release (slot, release_id) VALUES (1, 'r-1')"))
    with pytest.raises(OutOfDate, match="0003"):
        empty.require_head()
    empty.upgrade()
    assert differences(empty) == []
    with empty.reading() as session:
        assert releases.active(session) == Active("r-1", "small", Origin("bb"))
        (info,) = releases.listing(session)
        assert releases.document(session, "r-1") == {"name": "small"}
    assert (info.proposals, info.hindsight_of, info.waiver) == ((), None, None)
    with empty.writing() as session:
        new, _ = releases.publish(
            session, {"name": "small", "as_of": "2026-11-22"}, NOW, Origin("cc", ("k-1",), "Why.")
        )
    downgrade(empty, "0003")
    empty.upgrade()
    with empty.reading() as session:
        assert releases.active_id(session) == new.id


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    database.upgrade()
    database.require_head()
    assert differences(database) == []


def test_the_head_that_the_code_asks_for_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_database_of_another_version_is_refused_and_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OutOfDate, match="9999"):
        database.require_head()
    assert database.revision() == "9999"


def test_migrations_do_not_run_without_a_connection_that_is_handed_to_them(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with pytest.raises(RuntimeError, match="steelyard db upgrade"):
        command.upgrade(config, "head")
