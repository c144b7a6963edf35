"""Steelyard as a contender: a decision with and without what it can leave out, and the time inside one of its parts.

A part is timed where it runs, inside a decision, because nothing else hands it the same work in the same state.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from time import perf_counter_ns
from typing import Any

from rules import engine
from rules.decision import Decision
from rules.release import Release
from rules.requirements import Requirements

DRAWS = 10_000
PARTS = {"counterfactuals": ("rules.variants", "changed"), "draws": ("rules.smaa", "draw")}


def takes(option: str) -> bool:
    """Whether `decide` of this version has the option."""
    return option in inspect.signature(engine.decide).parameters


def decide(release: Release, given: Requirements, **options: Any) -> Decision:
    """A decision with those of the options that this version has."""
    return engine.decide(release, given, **{name: value for name, value in options.items() if takes(name)})


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


def can_watch(run: Callable[[int], object], part: str) -> bool:
    """Whether a decision calls the part at all, so that there is something to time."""
    module, name = PARTS[part]
    try:
        if not hasattr(import_module(module), name):
            return False
    except ModuleNotFoundError:
        return False
    inside = Inside(run, part)
    inside(0)
    return inside.spent_ns > 0
