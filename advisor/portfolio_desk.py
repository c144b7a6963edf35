"""Long answers, worked out one after the other in the background, so that asking often costs nothing twice.

Who asks waits a while; when it takes longer, he is told to come back, and the work goes on. One thread works, whatever
is asked, and what waits for it is bounded.
"""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Waited
from threading import BoundedSemaphore, Lock, Thread
from typing import Any

from advisor.errors import NotYet

MOST_WAITING = 32  # answers
SEATS = 8  # of those who wait for one: others are told to come back at once, for each holds a thread
PATIENCE_S = 20.0

Document = dict[str, Any]
Make = Callable[[], Document]


class Desk:
    """Works out documents by key; one at a time, the first asked first."""

    def __init__(self, patience_s: float = PATIENCE_S, most_waiting: int = MOST_WAITING) -> None:
        self._patience_s = patience_s
        self._most = most_waiting
        self._waiting: OrderedDict[str, tuple[Make, Future[Document]]] = OrderedDict()
        self._working = False
        self._lock = Lock()
        self._seats = BoundedSemaphore(SEATS)

    def answer(self, key: str, make: Make) -> Document:
        """What `make` gives, worked out once for all who ask under the same key meanwhile.

        Args:
            key: tells this answer from all others.
            make: works it out, and keeps it where it will be looked for first.

        Raises:
            NotYet: it is not there yet; ask again.
            Exception: what `make` raises.
        """
        with self._lock:
            if key not in self._waiting:
                if len(self._waiting) >= self._most:
                    raise NotYet
                self._waiting[key] = (make, Future())
            promised = self._waiting[key][1]
            if not self._working:
                self._working = True
                # A daemon: what it is at when the process ends is worked out again by whoever asks then.
                Thread(target=self._work, name="board", daemon=True).start()
        if not self._seats.acquire(blocking=False):
            raise NotYet
        try:
            return promised.result(self._patience_s)
        except Waited:
            if promised.done():  # just now, or the work itself has run out of time
                return promised.result()
            raise NotYet from None
        finally:
            self._seats.release()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._working = False
                    return
                key, (make, promised) = next(iter(self._waiting.items()))
            try:
                found = make()
            except BaseException as error:  # whatever it is, those who wait hear of it
                self._done(key)
                promised.set_exception(error)
            else:
                self._done(key)
                promised.set_result(found)

    def _done(self, key: str) -> None:
        with self._lock:
            del self._waiting[key]
