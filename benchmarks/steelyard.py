"""The time inside one part of a decision.

It is timed where it runs, inside a decision, because nothing else hands it the same work in the same state.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from time import perf_counter_ns
from typing import Any

DRAWS = 10_000
PARTS = {"counterfactuals": ("rules.variants", "changed"), "draws": ("rules.smaa", "draw")}


class Inside:
    """A run that reports the time which it spent in one function of a module, in `spent_ns`."""

    def __init__(self, run: Callable[[int], object], part: str) -> None:
        self._run, self._part = run, part
        self.spent_ns = 0

    def __call__(self, i: int) -> object:
        self.spent_ns = 0
        with self._watched():
            return self._run(i)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        module, name = PARTS[self._part]
        owner = import_module(module)
        real = getattr(owner, name)

        def timed(*given: Any, **named: Any) -> Any:
            before = perf_counter_ns()
            try:
                return real(*given, **named)
            finally:
                self.spent_ns += perf_counter_ns() - before

        setattr(owner, name, timed)
        try:
            yield
        finally:
            setattr(owner, name, real)
