"""Workers as processes of their own, beside a service or on their own; see `advisor.portfolio_worker`.

A worker ends when it is told to, and when the process that started it has ended, however that came about: it holds one
end of a pipe of which the other end closes then. One that dies is replaced.
"""

import logging
import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Event, Thread

from advisor import bootstrap, discretion
from advisor.portfolio_worker import Worker
from advisor.settings import Settings
from rules.faults import InvalidInput
from storage.errors import StorageError

WATCH_S = 1.0
LAST_WAIT_S = 30.0

log = logging.getLogger("steelyard.portfolios")


def work(settings: Settings, stop: Event) -> None:
    """Work in this process until told to stop.

    Raises:
        StorageError, InvalidInput: as `bootstrap.build` does.
    """
    discretion.install()
    house = bootstrap.build(settings)
    try:
        Worker(house).run(stop)
    finally:
        house.database.close()


@contextmanager
def attended(settings: Settings, number: int) -> Iterator[None]:
    """So many workers beside this process while the block lasts; at its end they finish the part that they are at."""
    if not number:
        yield
        return
    over = Event()
    watching = Thread(target=_watch, args=(settings, number, over), name="workers", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def _watch(settings: Settings, number: int, over: Event) -> None:
    started: list[tuple[SpawnProcess, Connection[object, object]]] = []
    while not over.is_set():
        for process, pipe in [each for each in started if not each[0].is_alive()]:
            log.warning("a worker ended (%s); another one takes its place", process.exitcode)
            started.remove((process, pipe))
            pipe.close()
        while len(started) < number:
            started.append(_started(settings))
        over.wait(WATCH_S)
    for _, pipe in started:
        pipe.close()
    for process, _ in started:
        process.join(LAST_WAIT_S)
        if process.is_alive():  # what it is at will come back when its lease is over
            process.kill()
            process.join()


def _started(settings: Settings) -> "tuple[SpawnProcess, Connection[object, object]]":
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(settings, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _child(settings: Settings, pipe: "Connection[object, object]") -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # these go to all; the one who started this one answers them
    stop = Event()

    def listen() -> None:
        try:
            pipe.recv()  # nothing is ever sent: this ends when the other side has ended
        except (EOFError, OSError):
            stop.set()

    Thread(target=listen, name="parent", daemon=True).start()
    try:
        work(settings, stop)
    except (StorageError, InvalidInput) as error:
        log.error("a worker cannot begin: %s", error)
        stop.wait(WATCH_S)
        raise SystemExit(1) from None
