"""The worker: claims pieces of work on portfolios from the database, does them, and says so while it is at it.

It may be killed at any moment. Files are there whole or not at all, what is counted is counted in one transaction with
giving the work back, and what it held is taken by another worker when its lease is over.
"""

import json
import logging
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from advisor import portfolio_specs, portfolio_tidying, portfolios
from advisor.errors import FULL
from advisor.house import House
from portfolio.faults import Damaged, Stopped
from rules.faults import InvalidInput
from storage import portfolios as stored
from storage.errors import Missing, StorageError
from storage.portfolios import SPLIT, Counted, Task

if TYPE_CHECKING:
    from portfolio.parts import Run

POLL_S = 0.5
TIDY_EVERY_S = 600.0
PATIENCE_S = 5.0  # with a database or a folder that cannot be used
MOST_ATTEMPTS = 10
HEARTBEATS = 4  # in the time of one lease

log = logging.getLogger("steelyard.portfolios")


class Worker:
    """One worker; `name` tells it from all others, those of other machines too."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._room = portfolios.room_of(house)
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"

    def run(self, stop: Event) -> None:
        """Work until told to stop; what is at hand is brought to an end."""
        due = time.monotonic()
        while not stop.is_set():
            try:
                if time.monotonic() >= due:
                    due = time.monotonic() + TIDY_EVERY_S
                    portfolio_tidying.tidy(self._house)
                pause = 0.0 if self.step() else POLL_S
            except (StorageError, OSError) as error:
                log.warning("the database or the folder of portfolios cannot be used: %s", error)
                pause = PATIENCE_S
            if pause:
                stop.wait(pause)

    def step(self) -> bool:
        """Do one piece of work; False where there is none.

        Raises:
            StorageError: the database cannot be used; the work at hand comes back when its lease is over.
        """
        with self._house.database.reading() as session:
            if not stored.is_waiting(session, self._house.now()):
                return False
        with self._house.database.writing() as session:
            now = self._house.now()
            task = stored.claim(session, self.name, now, now + timedelta(seconds=self._room.lease_s))
        if task is None:
            return False
        try:
            self._do(task)
        except Exception as error:  # what stops one portfolio must not stop the worker
            if isinstance(error, StorageError) and not isinstance(error, Missing):
                raise
            self._give_up(task, error)
        return True

    def _do(self, task: Task) -> None:
        if task.attempts > MOST_ATTEMPTS:
            raise _Enough(f"{MOST_ATTEMPTS} workers ended at part {task.place}, one after the other")
        with self._house.database.reading() as session:
            found = stored.get(session, task.portfolio)
        asked = json.loads(found.asked)
        folder = portfolios.folder_of(self._house, task.portfolio)
        with self._holding(task) as is_lost:
            if task.place == SPLIT:
                self._split(task, folder, asked, is_lost)
            elif task.place <= (found.parts or 0):
                self._score(task, folder)
            else:
                self._write(task, folder)

    def _split(self, task: Task, folder: Path, asked: dict[str, Any], is_lost: Callable[[], bool]) -> None:
        from portfolio import mapping, parts, reading, rescoring  # brings Polars and Numba with it: start-up time

        again = portfolio_specs.again(self._house, asked)
        if (folder / "run" / rescoring.INPUT).exists():
            self._is_split(task, rescoring.prepare(folder / "run", again.spec))
            return
        paths = [Path(path) for path in asked["paths"]]
        portfolios.require_there(paths)
        mapped = mapping.from_document(asked["mapping"])
        source = reading.open_source(paths, again.known.release.questionnaire, mapped)
        try:
            run = parts.prepare(source, folder / "run", again.spec, is_lost)
        except Stopped:
            return
        self._is_split(task, run)

    def _is_split(self, task: Task, run: "Run") -> None:
        with self._house.database.writing() as session:
            stored.is_split(session, task, self.name, run.passport, run.parts, run.rows)

    def _score(self, task: Task, folder: Path) -> None:
        from portfolio import parts  # as above

        run = parts.load(folder / "run")
        if run is None:
            raise Damaged("the parts of the portfolio are not there any more")
        if run.document["engine"] != portfolio_specs.engine_version():
            raise Damaged(f"it was begun by version {run.document['engine']}, and this is another one")
        done = parts.score_part(run, task.place - 1)
        with self._house.database.writing() as session:
            stored.is_scored(session, task, self.name, Counted(done.read, done.scored, done.failed))

    def _write(self, task: Task, folder: Path) -> None:
        from portfolio import files, writing  # as above

        files.sweep(folder / "run")  # of workers that were killed
        files.sweep(folder)
        writing.assemble(folder / "run", folder / "results.parquet", "parquet")
        with self._house.database.writing() as session:
            if not stored.is_written(session, task, self.name, self._house.now()):
                return
        if any((folder / "run").glob("in-*.arrow")):  # the projects are asked for again; they need to lie there once
            shutil.rmtree(folder / "source", ignore_errors=True)

    @contextmanager
    def _holding(self, task: Task) -> Iterator[Callable[[], bool]]:
        """Renews the lease of a task while the block lasts; gives a function that says whether it was lost."""
        over, lost = Event(), Event()

        def renew() -> None:
            while not over.wait(self._room.lease_s / HEARTBEATS):
                try:
                    with self._house.database.writing() as session:
                        until = self._house.now() + timedelta(seconds=self._room.lease_s)
                        held = stored.renew(session, task, self.name, until)
                except StorageError as error:  # the lease may still hold when the database is back
                    log.warning("a lease could not be renewed: %s", error)
                    continue
                if not held:
                    lost.set()
                    return

        beating = Thread(target=renew, name="heartbeat", daemon=True)
        beating.start()
        try:
            yield lost.is_set
        finally:
            over.set()
            beating.join()

    def _give_up(self, task: Task, error: Exception) -> None:
        said = sentence(error)
        with self._house.database.writing() as session:
            told = stored.give_up(session, task, self.name, said, self._house.now())
        if told:
            log.error("portfolio %s failed: %s", task.portfolio, said, exc_info=error)


class _Enough(Exception):
    """A piece of work has ended too many workers."""


def sentence(error: Exception) -> str:
    """Why a portfolio failed, for those who asked for it: it names no path."""
    if isinstance(error, OSError):
        if error.errno in FULL:
            return "There is no room left where portfolios are kept. Make room, then go on with it (retry)."
        return f"A file cannot be used: {error.strerror or type(error).__name__}."
    if isinstance(error, InvalidInput):
        more = f", and {len(error.faults) - 1} more faults" if len(error.faults) > 1 else ""
        return f"The file cannot be read: {error.faults[0]}{more}."
    if isinstance(error, Missing):
        return "What it is to be answered from is not stored any more."
    if isinstance(error, Damaged | _Enough):
        return f"It cannot be gone on with: {error}."
    return f"Something unforeseen went wrong ({type(error).__name__}); the log of the worker has the details."
