"""Projects keep every revision, let one of two writers win, and are listed whole whatever comes in meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import pytest
from sqlalchemy import text

from storage import decisions, projects, releases
from storage.database import Database
from storage.decisions import Recorded
from storage.errors import Conflict, Missing, Superseded
from storage.projects import Head, Revision
from tests.conftest import NOW
from tests.threads import at_once

KEEP = 50


def create(database: Database, project: str = "p-1", name: str = "one", days: float = 0) -> None:
    with database.writing() as session:
        projects.create(session, project, name, '{"v": 1}', NOW + timedelta(days=days), 1_000)


def revise(database: Database, seen: int, name: str, project: str = "p-1", keep: int = KEEP) -> None:
    with database.writing() as session:
        content = f'{{"v": {seen + 1}}}'
        projects.revise(session, project, seen, name, content, NOW + timedelta(minutes=seen), keep)


def read(database: Database, project: str = "p-1", revision: int | None = None) -> projects.Stored:
    with database.reading() as session:
        return projects.get(session, project, revision)


def rows(database: Database, table: str) -> int:
    with database.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def test_a_project_comes_back_at_its_newest_revision_and_at_every_older_one(database: Database) -> None:
    create(database, name="Fotosuche ☃")
    revise(database, 1, "two")
    revise(database, 2, "three")
    found = read(database)
    assert found.head == Head("p-1", NOW, 3, None, None)
    assert found.at == Revision(3, NOW + timedelta(minutes=2), "three", '{"v": 3}')
    assert read(database, revision=1).at == Revision(1, NOW, "Fotosuche ☃", '{"v": 1}')
    assert read(database, revision=1).head == found.head
    with database.reading() as session:
        assert [each.revision for each in projects.revisions(session, "p-1", 10)] == [3, 2, 1]
        assert [each.name for each in projects.revisions(session, "p-1", 1, before=3)] == ["two"]


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(database: Database) -> None:
    create(database)
    assert read(database).head.created_at.tzinfo is UTC
    assert read(database).at.saved_at == NOW


def test_what_is_not_stored_is_missing_by_name(database: Database) -> None:
    create(database)
    with database.writing() as session:
        for act in (
            lambda: projects.get(session, "p-x"),
            lambda: projects.revisions(session, "p-x", 9),
            lambda: projects.revise(session, "p-x", 1, "n", "{}", NOW, KEEP),
            lambda: projects.remove(session, "p-x"),
            lambda: projects.remove(session, "p-x", 1),
        ):
            with pytest.raises(Missing) as caught:
                act()
            assert (caught.value.what, caught.value.name) == ("project", "p-x")
        with pytest.raises(Missing) as caught:
            projects.get(session, "p-1", 2)
        assert (caught.value.what, caught.value.name) == ("revision", "2")


@pytest.mark.parametrize("seen", [1, 3, 2**31 - 1])
def test_a_change_that_was_written_for_another_revision_writes_nothing(database: Database, seen: int) -> None:
    create(database)
    revise(database, 1, "two")
    with pytest.raises(Superseded) as caught:
        revise(database, seen, "lost")
    assert (caught.value.seen, caught.value.newest) == (seen, 2)
    assert isinstance(caught.value, Conflict)
    assert read(database).at.name == "two"
    assert rows(database, "project_revisions") == 2


def test_only_the_newest_revisions_are_kept_and_numbers_go_on(database: Database) -> None:
    create(database)
    create(database, "p-2")
    for seen in range(1, 6):
        revise(database, seen, f"r{seen + 1}", keep=3)
    with database.reading() as session:
        assert [each.revision for each in projects.revisions(session, "p-1", 10)] == [6, 5, 4]
        assert projects.get(session, "p-2").at.revision == 1
    with pytest.raises(Missing):
        read(database, revision=3)


def test_a_project_goes_with_all_its_revisions_and_no_other_does(database: Database) -> None:
    for project in ("p-1", "p-2"):
        create(database, project)
        revise(database, 1, "two", project)
    with pytest.raises(Superseded), database.writing() as session:
        projects.remove(session, "p-1", 1)
    assert rows(database, "project_revisions") == 4
    with database.writing() as session:
        projects.remove(session, "p-1", 2)
    assert read(database, "p-2").head.newest == 2
    assert (rows(database, "projects"), rows(database, "project_revisions")) == (1, 2)
    with database.writing() as session:
        projects.remove(session, "p-2")
    assert rows(database, "project_revisions") == 0


# --- The decision of a project ---------------------------------------------------------------------------------------


@pytest.fixture
def decided(database: Database) -> Database:
    """A database with the decisions d-1 to d-3, and a project of three revisions."""
    with database.writing() as session:
        release = releases.publish(session, {"name": "small", "as_of": "2026"}, NOW)[0].id
        for number in (1, 2, 3):
            decisions.record(session, Recorded(f"d-{number}", f"pass-{number}", release, "{}", "{}"), NOW)
    create(database)
    revise(database, 1, "two")
    revise(database, 2, "three")
    return database


def test_the_decision_of_the_newest_revision_is_remembered_and_an_older_one_does_not_replace_it(
    decided: Database,
) -> None:
    for revision, decision, stands in ((1, "d-1", "d-1"), (3, "d-3", "d-3"), (2, "d-2", "d-3"), (3, "d-2", "d-2")):
        with decided.writing() as session:
            projects.remember(session, "p-1", revision, decision)
        assert read(decided).head.decision == stands
    assert read(decided).head == Head("p-1", NOW, 3, "d-2", 3)


def test_a_decision_that_is_not_recorded_is_refused_and_one_for_a_project_that_is_gone_changes_nothing(
    decided: Database,
) -> None:
    with pytest.raises(Conflict), decided.writing() as session:
        projects.remember(session, "p-1", 3, "d-nowhere")
    with decided.writing() as session:
        projects.remember(session, "p-gone", 1, "d-1")
    assert read(decided).head.decision is None
    with decided.writing() as session:
        projects.remember(session, "p-1", 3, "d-1")
        projects.remove(session, "p-1")
    assert rows(decided, "decisions") == 3


# --- Lists -----------------------------------------------------------------------------------------------------------


def pages(database: Database, limit: int) -> Iterator[list[str]]:
    after: tuple[datetime, str] | None = None
    while True:
        with database.reading() as session:
            found = projects.listing(session, limit, after)
        if not found:
            return
        yield [each.head.id for each in found]
        after = found[-1].head.created_at, found[-1].head.id


def test_the_last_created_is_listed_first_at_its_newest_revision(database: Database) -> None:
    for project, days in (("p-b", 1), ("p-d", 3), ("p-c", 1), ("p-a", 2.5)):
        create(database, project, project, days)
    revise(database, 1, "changed", "p-b")
    with database.reading() as session:
        found = projects.listing(session, 9)
    assert [(each.head.id, each.at.name) for each in found] == [
        ("p-d", "p-d"),
        ("p-a", "p-a"),
        ("p-c", "p-c"),
        ("p-b", "changed"),
    ]
    assert [each.at.revision for each in found] == [1, 1, 1, 2]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_are_the_whole_while_projects_come_change_and_go(database: Database, limit: int) -> None:
    before = [f"p-{number:02}" for number in range(13)]
    for number, project in enumerate(before):
        create(database, project, days=number // 4)  # four at a time share their moment
    fresh = count(100)
    seen: list[str] = []
    for page in pages(database, limit):
        seen += page
        create(database, f"p-{next(fresh)}", days=99)  # newer than all: before the first page
        head = read(database, page[-1]).head
        revise(database, head.newest, "changed", page[-1])
        with database.writing() as session:
            projects.remove(session, page[0])  # also the one that a page ended at
    assert sorted(seen) == before
    assert len(set(seen)) == len(seen)


def test_an_empty_list(database: Database) -> None:
    assert list(pages(database, 5)) == []


# --- At once ---------------------------------------------------------------------------------------------------------


def test_of_writers_at_once_one_wins_and_the_others_are_told_what_is_newest(database: Database) -> None:
    create(database)

    def write(writer: int, seen: int) -> str:
        try:
            revise(database, seen, f"by {writer}")
        except Superseded as told:
            return f"told {told.seen} {told.newest}"
        return f"by {writer}"

    for seen in range(1, 6):
        found = at_once(*(partial(write, writer, seen) for writer in range(5)))
        (winner,) = set(found) - {f"told {seen} {seen + 1}"}
        assert found.count(winner) == 1
        assert read(database).at.name == winner
    assert rows(database, "project_revisions") == 6


def test_a_writer_and_one_who_takes_the_project_away_leave_nothing_half_done(database: Database) -> None:
    def write() -> str:
        try:
            revise(database, 1, "two")
        except Missing:
            return "missing"
        return "written"

    def remove() -> str:
        with database.writing() as session:
            projects.remove(session, "p-1")
        return "removed"

    for _ in range(8):
        create(database)
        assert at_once(write, remove)[1] == "removed"
        assert (rows(database, "projects"), rows(database, "project_revisions")) == (0, 0)
