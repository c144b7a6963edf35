"""Work on portfolios is held by one worker at a time, comes back when he is gone, and is counted once."""

from datetime import timedelta
from functools import partial

import pytest

from storage import portfolios, releases
from storage.database import Database
from storage.errors import Conflict, Missing
from storage.portfolios import Counted, Portfolio, Task
from tests.conftest import NOW
from tests.threads import at_once

LEASE = timedelta(seconds=30)


@pytest.fixture
def release(database: Database) -> str:
    with database.writing() as session:
        return releases.publish(session, {"name": "small", "as_of": "2026"}, NOW)[0].id


def create(database: Database, release: str, portfolio: str = "pf-1", minutes: float = 0) -> None:
    with database.writing() as session:
        portfolios.create(session, portfolio, "ours", '{"top": 3}', release, NOW + timedelta(minutes=minutes))


def claim(database: Database, worker: str = "w", seconds: float = 0) -> Task | None:
    now = NOW + timedelta(seconds=seconds)
    with database.writing() as session:
        return portfolios.claim(session, worker, now, now + LEASE)


def split(database: Database, parts: int, worker: str = "w") -> None:
    task = claim(database, worker)
    assert task is not None
    assert task.place == 0
    with database.writing() as session:
        assert portfolios.is_split(session, task, worker, "ff", parts, parts * 10)


def read(database: Database, portfolio: str = "pf-1") -> Portfolio:
    with database.reading() as session:
        return portfolios.get(session, portfolio)


def scored(database: Database, task: Task, worker: str = "w") -> bool:
    with database.writing() as session:
        return portfolios.is_scored(session, task, worker, Counted(10, 8, 2))


def test_a_portfolio_from_first_to_last(database: Database, release: str) -> None:
    create(database, release)
    new = read(database)
    assert (new.state, new.parts, new.rows, new.changed, new.finished_at) == ("queued", None, None, 1, None)
    split(database, 2)
    assert (read(database).state, read(database).parts, read(database).rows, read(database).passport) == (
        "running",
        2,
        20,
        "ff",
    )
    first, second = claim(database), claim(database, "other")
    assert (first, second) == (Task("pf-1", 1, 1), Task("pf-1", 2, 1))
    assert claim(database) is None
    assert first
    assert second
    assert scored(database, second, "other")
    assert claim(database) is None, "writing waits for every part"
    assert scored(database, first)
    last = claim(database)
    assert last == Task("pf-1", 3, 1)
    assert last is not None
    with database.writing() as session:
        assert portfolios.is_written(session, last, "w", NOW + LEASE)
    done = read(database)
    assert (done.state, done.parts_done, done.read, done.scored, done.failed) == ("done", 2, 20, 16, 4)
    assert (done.finished_at, done.changed, done.created_at) == (NOW + LEASE, 5, NOW)
    assert claim(database, seconds=1e6) is None


def test_a_portfolio_without_rows_is_written_at_once(database: Database, release: str) -> None:
    create(database, release)
    split(database, 0)
    assert claim(database) == Task("pf-1", 1, 1)
    assert (read(database).parts, read(database).parts_done) == (0, 0)


def test_what_is_not_renewed_is_taken_by_another_and_counted_for_him_only(database: Database, release: str) -> None:
    create(database, release)
    split(database, 1)
    lost = claim(database, "slow")
    assert lost is not None
    with database.writing() as session:
        assert portfolios.renew(session, lost, "slow", NOW + LEASE + timedelta(seconds=20))
    assert claim(database, "quick", 31) is None, "it was renewed"
    taken = claim(database, "quick", 51)
    assert taken == Task("pf-1", 1, 2)
    assert taken is not None
    with database.writing() as session:
        assert not portfolios.renew(session, lost, "slow", NOW + timedelta(hours=1))
    assert not scored(database, lost, "slow")
    assert read(database).parts_done == 0
    assert scored(database, taken, "quick")
    assert not scored(database, taken, "quick"), "once only"
    assert (read(database).parts_done, read(database).read) == (1, 10)


def test_early_parts_go_first_whichever_portfolio_they_are_of(database: Database, release: str) -> None:
    create(database, release, "pf-large")
    split(database, 3)
    assert claim(database) == Task("pf-large", 1, 1)
    create(database, release, "pf-small", minutes=1)
    split(database, 2)
    found = [claim(database) for _ in range(4)]
    assert [(t.portfolio, t.place) for t in found if t] == [
        ("pf-small", 1),
        ("pf-large", 2),
        ("pf-small", 2),
        ("pf-large", 3),
    ]


def test_workers_at_once_claim_every_part_once_and_none_is_counted_twice(database: Database, release: str) -> None:
    create(database, release)
    split(database, 24)

    def work(worker: str) -> list[int]:
        places = []
        while (task := claim(database, worker)) is not None:
            if task.place <= 24:
                assert scored(database, task, worker)
            places.append(task.place)
        return places

    places = [place for each in at_once(*(partial(work, f"w{n}") for n in range(4))) for place in each]
    if 25 not in places:  # all may have looked while the last part was being counted
        last = claim(database)
        assert last is not None
        places.append(last.place)
    assert sorted(places) == list(range(1, 26))
    assert (read(database).parts_done, read(database).read, read(database).failed) == (24, 240, 48)


def test_several_who_hold_the_same_task_in_turn_count_it_once(database: Database, release: str) -> None:
    create(database, release)
    split(database, 1)
    held = [(claim(database, f"w{n}", 31 * n), f"w{n}") for n in range(5)]
    assert [task.attempts for task, _ in held if task] == [1, 2, 3, 4, 5]
    done = at_once(*(partial(scored, database, task, worker) for task, worker in held if task))
    assert done == [False, False, False, False, True]
    assert read(database).parts_done == 1


def test_what_is_cancelled_is_worked_on_no_more_and_can_be_gone_on_with(database: Database, release: str) -> None:
    create(database, release)
    split(database, 2)
    first, second = claim(database), claim(database)
    assert first
    assert second
    assert scored(database, first)
    with database.writing() as session:
        portfolios.cancel(session, "pf-1", NOW + LEASE)
    assert (read(database).state, read(database).finished_at) == ("cancelled", NOW + LEASE)
    assert claim(database, seconds=1000) is None
    assert not scored(database, second)
    with database.writing() as session:
        assert not portfolios.renew(session, second, "w", NOW + timedelta(hours=1))
    with pytest.raises(Conflict, match="ended already"), database.writing() as session:
        portfolios.cancel(session, "pf-1", NOW)
    with database.writing() as session:
        portfolios.retry(session, "pf-1")
    assert (read(database).state, read(database).finished_at, read(database).parts_done) == ("running", None, 1)
    again = claim(database)
    assert again == Task("pf-1", 2, 1)
    assert again
    assert scored(database, again)
    with pytest.raises(Conflict, match="neither failed"), database.writing() as session:
        portfolios.retry(session, "pf-1")


def test_what_fails_says_why_and_is_queued_again_by_a_retry(database: Database, release: str) -> None:
    create(database, release)
    task = claim(database)
    assert task is not None
    with database.writing() as session:
        assert not portfolios.give_up(session, task, "somebody else", "no", NOW)
        assert portfolios.give_up(session, task, "w", "no room is left on the disk", NOW)
    assert (read(database).state, read(database).said) == ("failed", "no room is left on the disk")
    with database.writing() as session:
        portfolios.retry(session, "pf-1")
    assert (read(database).state, read(database).said) == ("queued", None)
    split(database, 1)


def test_what_is_taken_away_leaves_no_work_and_a_late_worker_is_told(database: Database, release: str) -> None:
    create(database, release)
    task = claim(database)
    assert task is not None
    with database.writing() as session:
        portfolios.remove(session, "pf-1")
    with database.writing() as session:
        assert not portfolios.is_split(session, task, "w", "ff", 3, 30)
        assert not portfolios.give_up(session, task, "w", "why", NOW)
    with database.reading() as session:
        assert not portfolios.exists(session, "pf-1")
        assert not portfolios.is_waiting(session, NOW + timedelta(days=1))
    for act in (portfolios.get, portfolios.remove, portfolios.retry):
        with pytest.raises(Missing, match="pf-1"), database.writing() as session:
            act(session, "pf-1")


def test_the_list_by_pages_and_those_that_ended_long_ago(database: Database, release: str) -> None:
    for number in range(5):
        create(database, release, f"pf-{number}", minutes=number // 2)
    with database.reading() as session:
        whole = portfolios.listing(session, 10)
        page = portfolios.listing(session, 2)
        rest = portfolios.listing(session, 10, (page[-1].created_at, page[-1].id))
    assert [p.id for p in whole] == ["pf-4", "pf-3", "pf-2", "pf-1", "pf-0"]
    assert [*page, *rest] == list(whole)
    with database.writing() as session:
        portfolios.cancel(session, "pf-2", NOW)
    with database.reading() as session:
        assert portfolios.over_before(session, NOW, NOW) == []
        over = portfolios.over_before(session, NOW + timedelta(seconds=1), NOW)
    assert sorted(over) == ["pf-0", "pf-1", "pf-2"]  # two that nobody has begun with, and the one that ended
