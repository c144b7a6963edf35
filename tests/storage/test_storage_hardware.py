"""Hardware profiles: listed newest first from any place on, renewed when they come again, bounded in number."""

from datetime import timedelta

import pytest

from storage import hardware
from storage.database import Database
from storage.errors import Missing
from tests.conftest import NOW


def store(database: Database, profile: str, minutes: int, most: int = 100) -> None:
    with database.writing() as session:
        hardware.store(session, profile, "rig", "{}", NOW + timedelta(minutes=minutes), most)


def listed(database: Database, after: tuple[int, str] | None = None, limit: int | None = None) -> list[str]:
    place = (NOW + timedelta(minutes=after[0]), after[1]) if after else None
    with database.reading() as session:
        return [each.id for each in hardware.listing(session, place, limit)]


def test_a_list_goes_on_from_any_place_whether_or_not_something_stands_there(database: Database) -> None:
    for profile, minutes in (("h-b", 1), ("h-d", 3), ("h-c", 1), ("h-a", 2), ("h-e", 1)):
        store(database, profile, minutes)
    assert listed(database) == ["h-d", "h-a", "h-e", "h-c", "h-b"]
    assert listed(database, (2, "h-a")) == ["h-e", "h-c", "h-b"]
    assert listed(database, (1, "h-e"), 1) == ["h-c"]
    assert listed(database, (1, "h-d")) == ["h-c", "h-b"]
    assert listed(database, (1, "h-b")) == []


def test_the_oldest_give_way_and_what_comes_again_is_the_newest(database: Database) -> None:
    for minutes, profile in enumerate(("h-a", "h-b", "h-c", "h-a", "h-d")):
        store(database, profile, minutes, most=3)
    assert listed(database) == ["h-d", "h-a", "h-c"]
    store(database, "h-0", 4, most=3)  # just as new as the newest, and the least by its id
    assert listed(database) == ["h-d", "h-0", "h-a"]
    store(database, "h-e", 5, most=1)
    assert listed(database) == ["h-e"]


def test_what_is_removed_is_gone_and_cannot_be_removed_again(database: Database) -> None:
    store(database, "h-a", 0)
    store(database, "h-b", 0)
    with database.writing() as session:
        hardware.forget(session, "h-a")
    assert listed(database) == ["h-b"]
    with database.reading() as session, pytest.raises(Missing):
        hardware.get(session, "h-a")
    with pytest.raises(Missing), database.writing() as session:
        hardware.forget(session, "h-a")
