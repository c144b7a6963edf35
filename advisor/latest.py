"""The newest profile of this machine, for a service: looked for in the background, never while a request waits."""

import time
from collections.abc import Callable
from threading import Lock, Thread

from advisor.errors import NotReady
from rules.hardware import Profile

FRESH_S = 600.0


class Latest:
    """What was seen last. A look that is older than `fresh_s` is still given out, and starts the next one.

    Args:
        look: looks at the machine; may take long.
        clock: seconds that only go forward.
        fresh_s: how old a look may get, in seconds, before the next one.
        start: runs a function without waiting for it.
    """

    def __init__(
        self,
        look: Callable[[], Profile],
        clock: Callable[[], float] = time.monotonic,
        fresh_s: float = FRESH_S,
        start: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._look = look
        self._clock = clock
        self._fresh_s = fresh_s
        self._start = start or _in_background
        self._lock = Lock()
        self._seen: Profile | None = None
        self._seen_at = 0.0
        self._looking = False

    def __call__(self) -> Profile:
        """The profile of the last look.

        Raises:
            NotReady: there was none yet.
        """
        with self._lock:
            seen, old = self._seen, self._clock() - self._seen_at > self._fresh_s
        if seen is None or old:
            self.begin()
        if seen is None:
            raise NotReady
        return seen

    def begin(self) -> None:
        """Look, without waiting for it; nothing where a look is under way."""
        with self._lock:
            if self._looking:
                return
            self._looking = True
        try:
            self._start(self._once)
        except BaseException:  # whatever kept it from starting is raised; the next caller tries again
            with self._lock:
                self._looking = False
            raise

    def _once(self) -> None:
        try:
            seen = self._look()
            with self._lock:
                self._seen, self._seen_at = seen, self._clock()
        finally:
            with self._lock:
                self._looking = False


def _in_background(act: Callable[[], None]) -> None:
    Thread(target=act, name="look", daemon=True).start()
