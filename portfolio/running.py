"""The parts of a run, answered on this machine by threads of this process and by processes beside it.

The first two hands are threads: this process has loaded all already, and computes without the interpreter's lock most
of the time. Each other hand is a process of its own. Every hand is given one part at a time through a pipe. A process
that is killed costs its part only: the part is given to another hand, and a new process takes its place. When the
caller is killed, the pipes close and the processes end with the part at hand; what is done stays done, and `run` goes
on from there.
"""

import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Thread

from portfolio import parts
from portfolio.children import answer_parts as answer
from portfolio.children import answer_until_closed as answer_here
from portfolio.faults import Damaged, Stopped
from portfolio.parts import PartDone, Run
from portfolio.reading.quiet import ANSWERING

WORTH_ROWS = 2**17  # take about as long as a process takes to start
MOST_DEATHS = 5  # of processes at one part, before it is taken for the part's fault
THREADS = 2  # more would wait for the interpreter's lock
POLL_S = 0.2
LAST_WAIT_S = 10.0
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were read, scored and refused, read = scored + failed; how many of the scored answer nothing, None
    where parts of before these were counted are among them.
    """

    read: int = 0
    scored: int = 0
    failed: int = 0
    silent: int | None = 0

    def __add__(self, done: "PartDone | Counts") -> "Counts":
        silent = None if self.silent is None or done.silent is None else self.silent + done.silent
        return Counts(self.read + done.read, self.scored + done.scored, self.failed + done.failed, silent)


Progress = Callable[[Counts, int], None]


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def standing(folder: Path) -> tuple[Run, Counts, deque[int]]:
    """(a prepared run, what its parts that are done have counted, the parts that are left).

    Raises:
        Damaged: the folder holds no run, or not what it was prepared for.
    """
    prepared = parts.load(folder)
    if prepared is None:
        raise Damaged("the folder holds no prepared run")
    counted = Counts()
    left: deque[int] = deque()
    for part in range(prepared.parts):
        done = prepared.done(part)
        if done is None:
            left.append(part)
        else:
            counted += done
    return prepared, counted, left


def run(
    folder: Path,
    workers: int | None = None,
    progress: Progress = lambda _counts, _rows: None,
    cancelled: Cancelled = lambda: False,
) -> Counts:
    """Answer every part of a prepared run that is not done yet.

    Args:
        folder: the run's.
        workers: how many parts at once, None for one for each processor, or fewer where there is too little to do for
            so many. Never more than there are parts.
        progress: told what is counted so far, and of how many rows in all, after every part.
        cancelled: asked now and then; True ends it.

    Raises:
        Damaged: the folder holds no run, or not what it was prepared for; or processes die at a part again and again.
        OSError: a file cannot be read or written.
        Stopped: `cancelled` said so.
    """
    prepared, counted, left = standing(folder)
    progress(counted, prepared.rows)
    wanted = min(len(left), workers or _worth(prepared, len(left)))
    for done in _here(prepared, left) if wanted <= 1 else _Crew(prepared, left, wanted).answered(cancelled):
        if cancelled():
            raise Stopped
        counted += done
        progress(counted, prepared.rows)
    return counted


def _worth(prepared: Run, left: int) -> int:
    """How many hands so many parts are worth the start of, at most one for each processor."""
    processes = left * int(prepared.document["block_rows"]) // WORTH_ROWS
    return cores() if _is_slow(prepared) else min(cores(), max(THREADS, processes))


def _is_slow(prepared: Run) -> bool:
    return bool(prepared.document["options"]["passport"])  # a project takes a hundred times as long with it


def _here(prepared: Run, left: deque[int]) -> Iterator[PartDone]:
    return (parts.score_part(prepared, part) for part in left)


@dataclass(slots=True)
class _Hand:
    """A process or a thread, this side of its pipe, and the part that it is at."""

    worker: SpawnProcess | Thread
    pipe: "Connection[object, object]"
    part: int


def _is_thread(hand: _Hand) -> bool:
    return isinstance(hand.worker, Thread)


class _Crew:
    """Some hands that answer the parts that are left."""

    def __init__(self, prepared: Run, left: deque[int], most: int) -> None:
        self._run = prepared
        self._left = left
        self._most = most
        self._threads = max(1, cores() // most)
        self._slow = _is_slow(prepared)  # who ends the run must not wait for the thread that long
        self._hands: list[_Hand] = []
        self._deaths: Counter[int] = Counter()

    def answered(self, cancelled: Cancelled) -> Iterator[PartDone]:
        """What each part counted, as they are done."""
        try:
            while self._left or self._hands:
                while self._left and len(self._hands) < self._most:
                    self._hands.append(self._hired())
                if cancelled():
                    raise Stopped
                for pipe in wait([hand.pipe for hand in self._hands], timeout=POLL_S):
                    hand = next(each for each in self._hands if each.pipe is pipe)
                    done = self._heard(hand)
                    if done is not None:
                        yield done
        finally:
            self._dismiss()

    def _hired(self) -> _Hand:
        context = multiprocessing.get_context("spawn")  # a fork would copy threads that hold locks
        ours, theirs = context.Pipe()
        may_be_thread = not self._slow and sum(map(_is_thread, self._hands)) < THREADS
        part = self._next(harmless=True) if may_be_thread else None
        worker: SpawnProcess | Thread
        if part is not None:
            worker = Thread(target=answer_here, args=(self._run.folder, theirs), name=ANSWERING, daemon=True)
            worker.start()
        else:
            part = self._left.popleft()
            worker = context.Process(target=answer, args=(str(self._run.folder), theirs, self._threads), daemon=True)
            worker.start()
            theirs.close()  # so that the pipe closes when the process ends
        ours.send(part)
        return _Hand(worker, ours, part)

    def _next(self, *, harmless: bool) -> int | None:
        """The next part, taken; `harmless`: one that has ended no process, for a thread of this one."""
        part = next((each for each in self._left if not (harmless and self._deaths[each])), None)
        if part is not None:
            self._left.remove(part)
        return part

    def _heard(self, hand: _Hand) -> PartDone | None:
        """What a process said, which is then handed its next part; None where it has died."""
        try:
            told = hand.pipe.recv()
        except (EOFError, OSError):
            self._bury(hand)
            return None
        if isinstance(told, BaseException):
            raise told
        if not isinstance(told, PartDone):
            raise Damaged(f"part {hand.part} ended with {type(told).__name__}")
        part = self._next(harmless=_is_thread(hand))
        if part is None:
            self._hands.remove(hand)
            hand.pipe.close()
            hand.worker.join(LAST_WAIT_S)
            return told
        hand.part = part
        try:
            hand.pipe.send(part)
        except OSError:
            self._bury(hand)
        return told

    def _bury(self, hand: _Hand) -> None:
        """Take leave of a process that died; its part is put first, for another one."""
        self._hands.remove(hand)
        hand.pipe.close()
        hand.worker.join()
        self._deaths[hand.part] += 1
        if self._deaths[hand.part] >= MOST_DEATHS:
            last = hand.worker.exitcode if isinstance(hand.worker, SpawnProcess) else None
            raise Damaged(f"{MOST_DEATHS} processes ended at part {hand.part} (the last with {last})")
        self._left.appendleft(hand.part)

    def _dismiss(self) -> None:
        for hand in self._hands:
            hand.pipe.close()
            if isinstance(hand.worker, SpawnProcess):
                hand.worker.terminate()
        for hand in self._hands:
            hand.worker.join(LAST_WAIT_S)
