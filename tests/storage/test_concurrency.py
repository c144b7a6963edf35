"""Two of everything at once: writers, publishers, first starts; and a writer that is killed."""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import text

from advisor import knowledge, recommend
from advisor.house import House
from storage import decisions, hardware, releases
from storage.database import Database
from storage.decisions import Recorded
from storage.errors import Conflict
from tests.conftest import NOW, PROFILE

T = TypeVar("T")
ROOT = Path(__file__).parents[2]


def at_once(*tasks: Callable[[], T]) -> list[T]:
    """What the tasks return, each run in a thread of its own, all let go at the same moment."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, task) for task in tasks]]


def count(database: Database, table: str) -> int:
    with database.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


@pytest.fixture
def release(database: Database) -> str:
    with database.writing() as session:
        return releases.publish(session, {"name": "small", "as_of": "2026"}, NOW)[0].id


def test_writers_of_different_decisions_lose_nothing(database: Database, release: str) -> None:
    def write(writer: int) -> list[str]:
        names = [f"d-{writer}-{index}" for index in range(10)]
        for name in names:
            with database.writing() as session:
                decisions.record(session, Recorded(name, f"p-{name}", release, "{}", "{}"), NOW)
        return names

    written = [name for names in at_once(*(partial(write, writer) for writer in range(4))) for name in names]
    with database.reading() as session:
        assert all(decisions.get(session, name).id == name for name in written)
    assert count(database, "decisions") == len(written) == 40


def test_of_writers_of_one_decision_one_wins_and_the_others_are_told_or_find_it(
    database: Database, release: str
) -> None:
    def write(writer: int) -> str:
        try:
            with database.writing() as session:
                one = Recorded("d-1", "p-1", release, "{}", f'{{"by":{writer}}}')
                return decisions.record(session, one, NOW).document
        except Conflict:
            return "told"

    for _ in range(3):
        found = set(at_once(*(partial(write, writer) for writer in range(6)))) - {"told"}
        assert len(found) == 1
    assert count(database, "decisions") == 1


def test_two_publishers_at_once_leave_one_of_the_two_active_and_both_stored(database: Database) -> None:
    def publish(name: str) -> str:
        with database.writing() as session:
            return releases.publish(session, {"name": name, "as_of": "2026"}, NOW)[0].id

    for day in range(3):
        published = at_once(partial(publish, f"one-{day}"), partial(publish, f"two-{day}"))
        with database.reading() as session:
            assert releases.active_id(session) in published
    assert count(database, "releases") == 6
    assert count(database, "active_release") == 1


def test_publishers_of_the_same_release_publish_it_once(database: Database) -> None:
    def publish() -> str:
        with database.writing() as session:
            return releases.publish(session, {"name": "same", "as_of": "2026"}, NOW)[0].id

    assert len(set(at_once(*[publish] * 6))) == 1
    assert count(database, "releases") == 1


def test_the_same_profile_pushed_twice_at_once_is_stored_once(database: Database) -> None:
    def push() -> None:
        with database.writing() as session:
            hardware.store(session, "h-1", "label", "{}", NOW, most=1)

    at_once(*[push] * 6)
    assert count(database, "hardware_profiles") == 1


def test_threads_that_migrate_an_empty_database_at_once_all_succeed(empty: Database) -> None:
    at_once(*[empty.require_head] * 4)
    assert count(empty, "alembic_version") == 1


# --- Whole use cases -------------------------------------------------------------------------------------------------


def houses(url: str, number: int) -> list[House]:
    """Several houses, each with connections and memory of its own, as several processes have."""
    return [House(Database(url), lambda: NOW, lambda: PROFILE) for _ in range(number)]


def test_the_same_recommendation_asked_for_at_once_is_one_and_the_same_for_everybody(
    database_url: str, small_pack_folder: Path
) -> None:
    built = houses(database_url, 4)
    built[0].database.require_head()
    knowledge.publish(built[0], small_pack_folder)
    for size in range(1, 4):
        answers = at_once(*(partial(recommend.answer, house, {"team_size": size}) for house in built))
        assert all(answer == answers[0] for answer in answers)
    assert count(built[0].database, "decisions") == 3
    for house in built:
        house.database.close()


START = """
import sys
from pathlib import Path
from advisor import bootstrap, knowledge, recommend
from advisor.settings import Settings
house = bootstrap.build(Settings(database_url=sys.argv[1], pack=Path(sys.argv[2])))
for index in range(5):
    recommend.answer(house, {"team_size": 1 + index, "offline": sys.argv[3] == "0"})
print(house.knowledge().release.id, len(knowledge.listing(house)))
house.database.close()
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )


def outputs(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    found = []
    for process in processes:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        found.append(out)
    return found


def test_processes_that_start_for_the_first_time_at_once_build_one_database(
    database_url: str, small_pack_folder: Path
) -> None:
    processes = [started(START, database_url, str(small_pack_folder), str(index)) for index in range(3)]
    assert len(set(outputs(processes))) == 1
    database = Database(database_url)
    assert count(database, "releases") == 1
    assert count(database, "decisions") == 10
    database.close()


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from storage import decisions
from storage.database import Database
from storage.decisions import Recorded
database = Database(sys.argv[1])
release = sys.argv[2]
with database.writing() as session:
    decisions.record(session, Recorded("d-acknowledged", "p-1", release, "{}", "{}"), datetime.now(UTC))
print("acknowledged", flush=True)
with database.writing() as session:
    decisions.record(session, Recorded("d-midway", "p-2", release, "{}", "{}"), datetime.now(UTC))
    session.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killing_a_writer_loses_nothing_that_was_acknowledged_and_keeps_nothing_half_done(
    database: Database, database_url: str, release: str
) -> None:
    process = started(KILLED, database_url, release)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGKILL, "acknowledged\n"), errors
    with database.reading() as session:
        assert decisions.find(session, "d-acknowledged")
        assert decisions.find(session, "d-midway") is None
    with database.writing() as session:
        decisions.record(session, Recorded("d-after", "p-3", release, "{}", "{}"), NOW)
    assert count(database, "decisions") == 2
