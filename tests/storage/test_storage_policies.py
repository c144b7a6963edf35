"""Policies are stored once, as they were written, and listed with the newest first."""

from datetime import timedelta

import pytest

from storage import policies
from storage.database import Database
from storage.errors import Missing
from storage.policies import PolicyInfo
from tests.conftest import NOW


def store(database: Database, policy: str, document: str = "{}", days: int = 0, name: str = "acme") -> None:
    with database.writing() as session:
        policies.store(session, policy, name, document, NOW + timedelta(days=days))


def test_a_policy_comes_back_byte_for_byte_and_only_the_first_counts(database: Database) -> None:
    long = '{"summary":"' + "ä☃" * 200_000 + '"}'
    store(database, "p-1", long)
    store(database, "p-1", '{"summary":"another"}', days=1)
    with database.reading() as session:
        assert policies.get(session, "p-1") == long
        assert list(policies.listing(session)) == [PolicyInfo("p-1", "acme", NOW)]


def test_the_newest_policy_is_listed_first_and_versions_of_one_name_stand_side_by_side(database: Database) -> None:
    for policy, days, name in (("p-b", 1, "acme"), ("p-d", 3, "acme"), ("p-c", 1, "lab"), ("p-a", 2, "lab")):
        store(database, policy, days=days, name=name)
    with database.reading() as session:
        found = policies.listing(session)
    assert [(each.id, each.name) for each in found] == [
        ("p-d", "acme"),
        ("p-a", "lab"),
        ("p-c", "lab"),
        ("p-b", "acme"),
    ]
    assert [each.received_at - NOW for each in found] == [timedelta(days=days) for days in (3, 2, 1, 1)]
    with database.reading() as session:
        for at, last in enumerate(found):
            assert list(policies.listing(session, (last.received_at, last.id), 2)) == list(found[at + 1 : at + 3])


def test_a_policy_that_is_not_stored_is_missing_by_name(database: Database) -> None:
    with database.reading() as session:
        assert list(policies.listing(session)) == []
        with pytest.raises(Missing) as caught:
            policies.get(session, "p-x")
    assert (caught.value.what, caught.value.name) == ("policy", "p-x")
