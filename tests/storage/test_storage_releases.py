"""Releases are stored once and never changed; decisions and profiles are what they were, byte for byte."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from rules import canonical
from storage import decisions, hardware, releases
from storage.database import Database
from storage.decisions import Recorded
from tests.conftest import NOW

ONE: dict[str, Any] = {"name": "small", "as_of": "2026-11-21", "text": "Grüße ☃", "numbers": [1, 2.5, None, True]}
TWO: dict[str, Any] = {**ONE, "text": "another"}


def publish(database: Database, document: dict[str, Any], days: int = 0) -> tuple[releases.ReleaseInfo, bool]:
    with database.writing() as session:
        return releases.publish(session, document, NOW + timedelta(days=days))


def active(database: Database) -> str | None:
    with database.reading() as session:
        return releases.active_id(session)


def test_a_release_comes_back_as_it_was_stored(database: Database) -> None:
    info, new = publish(database, ONE)
    assert new
    assert info.sha256 == canonical.digest(ONE)
    assert info.id == f"2026-11-21-{info.sha256[:12]}"
    with database.reading() as session:
        assert releases.document(session, info.id) == ONE
        assert canonical.dump(releases.document(session, info.id)) == canonical.dump(ONE)


def test_publishing_the_same_twice_is_publishing_it_once(database: Database) -> None:
    first, _ = publish(database, ONE)
    second, new = publish(database, ONE, days=3)
    assert not new
    assert second == first
    with database.reading() as session:
        assert list(releases.listing(session)) == [first]


def test_the_release_published_last_is_active_and_the_others_stay(database: Database) -> None:
    one, _ = publish(database, ONE)
    two, _ = publish(database, TWO, days=1)
    assert active(database) == two.id
    with database.reading() as session:
        assert [info.id for info in releases.listing(session)] == [two.id, one.id]
        assert releases.document(session, one.id) == ONE
    publish(database, ONE, days=2)
    assert active(database) == one.id


def test_a_publication_that_fails_leaves_the_active_release_alone(database: Database) -> None:
    one, _ = publish(database, ONE)

    def fail() -> None:
        with database.writing() as session:
            releases.publish(session, TWO, NOW)
            raise KeyError("later")

    with pytest.raises(KeyError):
        fail()
    assert active(database) == one.id
    with database.reading() as session:
        assert len(releases.listing(session)) == 1


def test_the_day_of_publication_keeps_its_time_zone(database: Database) -> None:
    publish(database, ONE)
    with database.reading() as session:
        (info,) = releases.listing(session)
    assert info.published_at == NOW


def test_there_can_be_only_one_active_release(database: Database) -> None:
    one, _ = publish(database, ONE)
    with database.engine.connect() as connection, pytest.raises(Exception, match=r"single|CHECK"):
        connection.execute(text("INSERT INTO active_release (slot, release_id) VALUES (2, :id)"), {"id": one.id})


# --- Decisions and profiles ------------------------------------------------------------------------------------------


def recorded(database: Database, name: str = "d-1", **changes: str) -> Recorded:
    release, _ = publish(database, ONE)
    fields = {"id": name, "passport": f"p-{name}", "release_id": release.id, "inputs": "{}", "document": '{"a":"ä☃"}'}
    return Recorded(**{**fields, **changes})


def test_a_decision_comes_back_byte_for_byte_and_only_the_first_counts(database: Database) -> None:
    first = recorded(database)
    with database.writing() as session:
        assert decisions.record(session, first, NOW) == first
    with database.writing() as session:
        assert decisions.record(session, recorded(database, document="{}"), NOW) == first
    with database.reading() as session:
        assert decisions.get(session, "d-1") == first
        assert decisions.find(session, "d-2") is None


def test_the_latest_decision_is_the_one_recorded_last(database: Database) -> None:
    for minutes, name in ((2, "d-b"), (5, "d-a"), (1, "d-c")):
        one = recorded(database, name)
        with database.writing() as session:
            decisions.record(session, one, NOW + timedelta(minutes=minutes))
    with database.reading() as session:
        assert decisions.latest(session).id == "d-a"


def test_a_long_document_is_not_cut(database: Database) -> None:
    long = recorded(database, document='"' + "☃" * 500_000 + '"')
    with database.writing() as session:
        decisions.record(session, long, NOW)
    with database.reading() as session:
        assert decisions.get(session, "d-1").document == long.document


def test_a_profile_is_stored_once(database: Database) -> None:
    for document in ('{"a":1}', '{"a":2}'):
        with database.writing() as session:
            hardware.store(session, "h-1", "label", document, NOW, most=100)
    with database.reading() as session:
        assert hardware.get(session, "h-1") == '{"a":1}'
