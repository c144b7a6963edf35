"""Workers killed at random moments, on both databases: no row is lost, none comes twice, the bytes are the same.

`python -m benchmarks.kills` does the same for longer, and kills the service as well.
"""

import random
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from advisor import knowledge, portfolios
from advisor.house import House
from storage.database import Database
from tests import killing

ROWS, PARTS, KILLS = 1500, 24, 3


@pytest.fixture
def standing(database: Database, database_url: str, tmp_path: Path, small_pack_folder: Path) -> Iterator[House]:
    house = killing.house_on(database_url, tmp_path / "portfolios")
    knowledge.publish(house, small_pack_folder)
    yield house
    house.database.close()


def test_what_killed_workers_began_is_finished_to_the_same_bytes(
    standing: House, database_url: str, tmp_path: Path
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201  shown where the test fails
    chosen = random.Random(seed)  # noqa: S311  not for secrets
    content = killing.projects(ROWS, seed)
    expected = killing.undisturbed(standing, content)
    portfolio = killing.taken_in(standing, content)
    log = tmp_path / "workers.log"
    folder = tmp_path / "portfolios"
    killed_at_work = 0
    for _ in range(KILLS):
        with killing.working(database_url, folder, log):
            time.sleep(chosen.uniform(0, 0.25))
        killed_at_work += not portfolios.has_ended(portfolios.get(standing, portfolio))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(killing.working(database_url, folder, log))
        seen = killing.ended(standing, portfolio, log)
    assert killed_at_work >= 1, "the work was too quick for the kills"
    assert (seen["state"], seen["said"]) == ("done", None), log.read_text()
    assert (seen["rows"], seen["read"], seen["parts_done"]) == (ROWS, ROWS, PARTS)
    assert seen["scored"] + seen["failed"] == ROWS
    assert killing.outcome(standing, portfolio) == expected
    assert killing.left_behind(standing, portfolio) == []


def test_a_worker_that_stalls_past_its_lease_changes_nothing_when_it_wakes(
    standing: House, database_url: str, tmp_path: Path
) -> None:
    """It is stopped, not killed; another does its part; then it goes on with what it thinks is its own."""
    content = killing.projects(ROWS, 7)
    expected = killing.undisturbed(standing, content)
    portfolio = killing.taken_in(standing, content)
    log = tmp_path / "workers.log"
    with killing.working(database_url, tmp_path / "portfolios", log) as slow:
        time.sleep(0.15)
        slow.send_signal(signal.SIGSTOP)
        with killing.working(database_url, tmp_path / "portfolios", log):
            time.sleep(killing.LEASE_S)
            slow.send_signal(signal.SIGCONT)
            seen = killing.ended(standing, portfolio, log)
    assert (seen["state"], seen["read"], seen["parts_done"]) == ("done", ROWS, PARTS), log.read_text()
    assert killing.outcome(standing, portfolio) == expected
