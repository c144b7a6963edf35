"""Packs and proposals are stored once and come back as they were; a release says what it was made from."""

import signal
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from storage import packs, proposals, releases
from storage.database import Database
from storage.errors import Conflict, Missing
from storage.proposals import ProposalInfo
from storage.releases import Active, Origin
from tests.conftest import NOW
from tests.storage.test_concurrency import started
from tests.threads import at_once

ONE: dict[str, Any] = {"name": "small", "as_of": "2026-11-21", "n": 1}
TWO = {**ONE, "n": 2}
NOTHING = Origin()
BACK = {**ONE, "as_of": "2025-01-01", "hindsight": {"of": "x", "day": "2025-01-01"}}


# --- Packs and proposals ---------------------------------------------------------------------------------------------


def test_the_files_of_a_pack_come_back_and_only_the_first_count(database: Database) -> None:
    files = {"pack.yaml": "name: ä☃\n", "rules/all.yaml": "", "long.yaml": "x: 1\n" * 100_000}
    for given in (files, {"pack.yaml": "other"}):
        with database.writing() as session:
            packs.store(session, "a" * 64, given, NOW)
    with database.reading() as session:
        assert packs.get(session, "a" * 64) == files
        assert session.execute(text("SELECT length(files) FROM packs")).scalar_one() < 10_000
        with pytest.raises(Missing) as caught:
            packs.get(session, "b" * 64)
    assert caught.value.what == "pack"


def propose(database: Database, name: str, days: int = 0, document: str = "proposal: {}\n") -> None:
    with database.writing() as session:
        info = ProposalInfo(name, f"About {name} ☃", "Ann", NOW + timedelta(days=days))
        proposals.store(session, info, document)


def test_a_proposal_comes_back_byte_for_byte_and_only_the_first_counts(database: Database) -> None:
    long = "# ä☃\r\n" + "x: 1\n" * 100_000
    propose(database, "k-1", document=long)
    propose(database, "k-1", days=1, document="other")
    with database.reading() as session:
        assert proposals.get(session, "k-1") == long
        assert list(proposals.listing(session)) == [ProposalInfo("k-1", "About k-1 ☃", "Ann", NOW)]
        with pytest.raises(Missing):
            proposals.get(session, "k-2")


def test_the_newest_proposal_is_listed_first(database: Database) -> None:
    for name, days in (("k-b", 1), ("k-d", 3), ("k-c", 1), ("k-a", 2)):
        propose(database, name, days)
    with database.reading() as session:
        found = proposals.listing(session)
    assert [p.id for p in found] == ["k-d", "k-a", "k-b", "k-c"]
    assert [p.received_at - NOW for p in found] == [timedelta(days=days) for days in (3, 2, 1, 1)]


def test_the_same_proposal_at_once_is_stored_once(database: Database) -> None:
    at_once(*[partial(propose, database, "k-1")] * 6)
    with database.reading() as session:
        assert len(proposals.listing(session)) == 1


# --- What a release was made from ------------------------------------------------------------------------------------


def publish(database: Database, document: dict[str, Any], origin: Origin = NOTHING) -> releases.ReleaseInfo:
    with database.writing() as session:
        return releases.publish(session, document, NOW, origin)[0]


def test_a_release_says_what_it_was_made_from(database: Database) -> None:
    with database.reading() as session:
        assert releases.active(session) is None
    origin = Origin("c" * 64, ("k-2", "k-1"), "Said why.")
    info = publish(database, ONE, origin)
    assert (info.proposals, info.waiver, info.hindsight_of) == (("k-2", "k-1"), "Said why.", None)
    with database.reading() as session:
        assert releases.active(session) == Active(info.id, "small", origin)
        assert list(releases.listing(session)) == [info]
    publish(database, TWO)
    with database.reading() as session:
        found = releases.active(session)
        assert found is not None
        assert found.origin == Origin()


def test_the_same_release_made_otherwise_says_so_but_keeps_the_reason_once_given(database: Database) -> None:
    publish(database, ONE, Origin("c" * 64, ("k-1",), "Said why."))
    again = publish(database, ONE, Origin("d" * 64, ()))
    assert (again.proposals, again.waiver) == ((), "Said why.")
    assert publish(database, ONE, Origin("d" * 64, (), "Another.")).waiver == "Another."


def test_of_two_that_publish_over_the_same_release_one_is_told(database: Database) -> None:
    first = publish(database, ONE).id

    def over(number: int) -> str:
        try:
            with database.writing() as session:
                releases.require_active(session, first)
                return releases.publish(session, {**ONE, "n": 10 + number}, NOW)[0].id
        except Conflict:
            return "told"

    ended = at_once(*(partial(over, number) for number in range(4)))
    (winner,) = set(ended) - {"told"}
    with database.reading() as session:
        assert releases.active_id(session) == winner
        assert len(releases.listing(session)) == 2


def test_a_release_that_is_no_longer_active_is_refused(database: Database) -> None:
    with database.writing() as session:
        releases.require_active(session, None)
        with pytest.raises(Conflict):
            releases.require_active(session, "2026-11-21-0")
    one = publish(database, ONE)
    with database.writing() as session:
        releases.require_active(session, one.id)
        with pytest.raises(Conflict, match="another release was published meanwhile"):
            releases.require_active(session, None)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from storage import packs, releases
from storage.database import Database
from storage.releases import Origin
now = datetime.now(UTC)
with Database(sys.argv[1]).writing() as session:
    releases.require_active(session, sys.argv[2])
    packs.store(session, "b" * 64, {"pack.yaml": "name: new"}, now)
    releases.publish(session, {"name": "small", "as_of": "2026-11-22"}, now, Origin("b" * 64, ("k-1",), "Why."))
    session.flush()
    print("written", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killing_a_publisher_leaves_nothing_half_done(database: Database, database_url: str) -> None:
    first = publish(database, ONE, Origin("a" * 64)).id
    process = started(KILLED, database_url, first)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGKILL, "written\n")
    with database.reading() as session:
        assert releases.active_id(session) == first
        assert [r.id for r in releases.listing(session)] == [first]
        with pytest.raises(Missing):
            packs.get(session, "b" * 64)
    assert publish(database, TWO).id != first  # and the next one is not kept waiting


# --- Looking back ----------------------------------------------------------------------------------------------------


def test_a_look_back_is_kept_once_and_never_active(database: Database) -> None:
    of = publish(database, ONE).id

    def keep() -> releases.ReleaseInfo:
        with database.writing() as session:
            return releases.keep_hindsight(session, BACK, of, "2025-01-01", NOW)

    kept = at_once(*[keep] * 4)
    assert len({info.id for info in kept}) == 1
    assert (kept[0].hindsight_of, kept[0].as_of) == (of, "2025-01-01")
    with database.reading() as session:
        assert releases.active_id(session) == of
        assert releases.hindsight(session, of, "2025-01-01") == kept[0].id
        assert releases.hindsight(session, of, "2025-01-02") is None
        assert releases.hindsight(session, "another", "2025-01-01") is None
        assert releases.document(session, kept[0].id) == BACK
        assert len(releases.listing(session)) == 2
