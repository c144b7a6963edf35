"""One worker: what it does with what goes wrong, and what it takes away when its time is over."""

import resource
import shutil
import time
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import update

from advisor import portfolio_drafts, portfolio_specs, portfolio_tidying, portfolio_worker, portfolios
from advisor.errors import Full, Missing, NoRoom
from advisor.house import House
from advisor.portfolio_worker import Worker
from portfolio import files, parts, writing
from storage import portfolios as stored
from storage.tables import PortfolioTaskRow
from tests import killing
from tests.conftest import NOW

ROWS = 200


@pytest.fixture
def waiting(house: House) -> str:
    """A portfolio of four parts."""
    return killing.taken_in(house, killing.projects(ROWS, seed=9))


def worked(house: House) -> None:
    worker = Worker(house)
    while worker.step():
        pass


def at(house: House, days: float) -> House:
    """The same house, so many days later."""
    return replace(house, now=lambda: NOW + timedelta(days=days))


def limited(real: Any, most_bytes: int) -> Any:
    """A writer of files whom the system lets write so many bytes, as a quota does."""

    def write(*arguments: Any) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
        try:
            real(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return write


def test_a_full_disk_fails_the_portfolio_with_a_sentence_and_a_retry_goes_on(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(house)
    assert worker.step()
    assert worker.step()
    real = files.write
    monkeypatch.setattr(files, "write", limited(real, 100))
    assert worker.step()
    assert not worker.step()
    seen = portfolios.get(house, waiting)
    assert (seen["state"], seen["parts_done"]) == ("failed", 1)
    assert seen["said"] == "There is no room left where portfolios are kept. Make room, then go on with it (retry)."
    assert killing.left_behind(house, waiting) == []
    monkeypatch.setattr(files, "write", real)
    assert portfolios.retry(house, waiting)["state"] == "running"
    worked(house)
    assert portfolios.get(house, waiting)["read"] == ROWS
    assert killing.outcome(house, waiting) == killing.undisturbed(house, killing.projects(ROWS, seed=9))


def test_a_full_disk_refuses_results_in_another_format_and_leaves_nothing(house: House, waiting: str) -> None:
    worked(house)
    write = limited(lambda: portfolios.written(house, waiting, "results", "csv"), 100)
    with pytest.raises(NoRoom):
        write()
    folder = portfolios.folder_of(house, waiting)
    assert sorted(path.name for path in folder.iterdir()) == ["results.parquet", "run"]
    assert portfolios.written(house, waiting, "results", "csv").read_text().startswith("row,id,name")


def test_what_is_done_keeps_its_rows_once(house: House, waiting: str) -> None:
    folder = portfolios.folder_of(house, waiting)
    assert (folder / "source" / "projects.csv").exists()
    worked(house)
    assert not (folder / "source").exists()
    assert len(list((folder / "run").glob("in-*"))) == portfolios.get(house, waiting)["parts"]


def test_a_task_that_ends_every_worker_ends_the_portfolio(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolio_worker, "MOST_ATTEMPTS", 3)
    for attempt in range(3):  # claimed by workers that are killed at once
        later = NOW + timedelta(minutes=attempt)
        with house.database.writing() as session:
            assert stored.claim(session, f"w{attempt}", later, later + timedelta(seconds=30))
    assert Worker(at(house, 1)).step()
    seen = portfolios.get(house, waiting)
    assert (seen["state"], seen["said"]) == (
        "failed",
        "It cannot be gone on with: 3 workers ended at part 0, one after the other.",
    )


def test_another_version_does_not_go_on_with_what_this_one_began(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(house)
    assert worker.step()
    monkeypatch.setattr(portfolio_specs, "engine_version", lambda: "9.9")
    assert worker.step()
    said = portfolios.get(house, waiting)["said"]
    assert said is not None
    assert "begun by version" in said


def test_what_nobody_foresaw_is_told_without_its_words(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/path")

    worker = Worker(house)
    assert worker.step()
    monkeypatch.setattr(parts, "score_part", broken)
    assert worker.step()
    said = portfolios.get(house, waiting)["said"]
    assert said == "Something unforeseen went wrong (RuntimeError); the log of the worker has the details."


def test_a_portfolio_that_is_taken_away_in_the_middle_of_its_work_disturbs_nobody(house: House, waiting: str) -> None:
    worker = Worker(house)
    assert worker.step()
    other = killing.taken_in(house, killing.projects(70, seed=1))
    real = parts.score_part

    def taken_away(run: parts.Run, part: int) -> parts.PartDone:
        if waiting in str(run.folder):
            portfolios.remove(house, waiting)
        return real(run, part)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "score_part", taken_away)
        worked(house)
    assert portfolios.get(house, other)["state"] == "done"
    assert not portfolios.folder_of(house, waiting).exists()
    with pytest.raises(Missing):
        portfolios.get(house, waiting)


def test_what_ended_long_ago_goes_and_what_has_not_stays(house: House, waiting: str) -> None:
    worked(house)
    open_still = killing.taken_in(house, killing.projects(70, seed=1))
    assert Worker(house).step()
    folder = portfolios.folder_of(house, waiting)
    kept_until = portfolios.get(house, waiting)["kept_until"]
    assert kept_until == (NOW + timedelta(days=30)).isoformat()
    assert portfolio_tidying.tidy(at(house, 30)) == []
    assert folder.exists()
    assert portfolio_tidying.tidy(at(house, 30.01)) == [waiting]
    assert not folder.exists()
    assert portfolios.get(house, open_still)["state"] == "running"


def test_what_nobody_ever_works_on_goes_when_a_file_needs_its_place(house: House, waiting: str) -> None:
    stopped, held = (killing.taken_in(house, killing.projects(70, seed=seed)) for seed in (1, 2))
    portfolios.cancel(house, stopped)
    portfolios.retry(at(house, 29), stopped)  # somebody wants it
    with house.database.writing() as session:
        session.execute(update(PortfolioTaskRow).values(lease_until=NOW).where(PortfolioTaskRow.portfolio_id == held))
    assert portfolios.get(house, waiting)["kept_until"] == (NOW + timedelta(days=30)).isoformat()
    assert portfolios.get(house, stopped)["kept_until"] is None
    full = replace(house, portfolios=replace(portfolios.room_of(house), most=3))
    with pytest.raises(Full):
        portfolios.require_room(at(full, 29.99))
    with house.database.writing() as session:
        later = NOW + timedelta(days=31)
        session.execute(update(PortfolioTaskRow).values(lease_until=later).where(PortfolioTaskRow.portfolio_id == held))
    portfolios.require_room(at(full, 30.01))
    with pytest.raises(Missing):
        portfolios.get(house, waiting)
    assert {portfolios.get(house, each)["state"] for each in (stopped, held)} == {"queued"}
    assert not portfolios.folder_of(house, waiting).exists()


def test_folders_that_nothing_speaks_of_go_after_a_day(house: House, waiting: str) -> None:
    base = portfolios.room_of(house).folder
    (base / ".incoming-1").mkdir()
    (base / f"pf-{'0' * 32}").mkdir()
    (base / "mine").mkdir()
    away = (time.time() - NOW.timestamp()) / 86_400  # folders carry the time of the machine
    assert portfolio_tidying.tidy(at(house, away)) == []
    gone = portfolio_tidying.tidy(at(house, away + 1.01))
    assert sorted(gone) == [".incoming-1", f"pf-{'0' * 32}"]
    assert sorted(path.name for path in base.iterdir()) == sorted(["mine", waiting])
    shutil.rmtree(base)
    assert portfolio_tidying.tidy(house) == []


def test_folders_that_another_worker_takes_away_meanwhile_disturb_nobody(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = portfolios.room_of(house).folder
    (base / ".incoming-1").mkdir()
    (base / ".incoming-2").mkdir()
    real = Path.is_dir

    def taken(path: Path, **given: Any) -> bool:
        found = real(path, **given)
        if path.name == ".incoming-1":
            shutil.rmtree(path, ignore_errors=True)
        return found

    monkeypatch.setattr(Path, "is_dir", taken)
    away = (time.time() - NOW.timestamp()) / 86_400
    assert ".incoming-2" in portfolio_tidying.tidy(at(house, away + 1.01))


def test_a_busy_worker_tidies_too_and_goes_on_where_it_cannot(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, calls = Event(), iter(range(5))

    def tidy(_: House) -> None:
        if next(calls) == 3:
            stop.set()
        raise PermissionError

    monkeypatch.setattr(portfolio_worker, "TIDY_EVERY_S", 0.01)
    monkeypatch.setattr(portfolio_worker, "PATIENCE_S", 0.0)
    monkeypatch.setattr(portfolio_tidying, "tidy", tidy)
    worker, steps = Worker(house), count()
    monkeypatch.setattr(worker, "step", lambda: next(steps) < 10_000_000)
    worker.run(stop)
    assert next(steps) > 0


def test_what_is_taken_away_while_its_results_are_written_is_missing(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(house)
    real = writing.assemble

    def meanwhile(*given: Any) -> None:
        portfolios.remove(house, waiting)
        real(*given)

    monkeypatch.setattr(writing, "assemble", meanwhile)
    with pytest.raises(Missing):
        portfolios.written(house, waiting, "results", "csv")


def test_a_file_that_is_taken_in_twice_at_once_makes_one_portfolio(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with portfolios.uploading(house, "a.csv", None) as upload:
        upload.add(killing.projects(5, seed=1).encode())
        draft = portfolio_drafts.hold(house, upload)
    real = portfolio_specs.specified

    def meanwhile(*given: Any) -> portfolio_specs.Specified:
        monkeypatch.setattr(portfolios, "specified", real)
        portfolio_drafts.take_in(house, draft, {})
        return real(*given)

    monkeypatch.setattr(portfolios, "specified", meanwhile)
    with pytest.raises(Missing):
        portfolio_drafts.take_in(house, draft, {})
    assert len(portfolios.listing(house)) == 1


def test_a_file_of_the_service_that_went_before_its_turn_is_told_without_its_path(house: House, tmp_path: Path) -> None:
    room = replace(portfolios.room_of(house), files=tmp_path / "named")
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / "a.csv").write_text(killing.projects(5, seed=1), encoding="utf-8")
    naming = replace(house, portfolios=room)
    made = portfolios.create_from(naming, {"file": "a.csv"}, {})["id"]
    (tmp_path / "named" / "a.csv").unlink()
    worked(naming)
    seen = portfolios.get(naming, made)
    assert (seen["state"], seen["said"]) == ("failed", "A file cannot be used: No such file or directory.")


def test_a_sentence_names_no_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "missing").read_text()
    assert portfolio_worker.sentence(caught.value) == "A file cannot be used: No such file or directory."
