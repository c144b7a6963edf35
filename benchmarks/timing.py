"""Timing in rounds: everyone gets a slice of every round in turn, so that a noisy moment hits all alike."""

import gc
import os
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter_ns

from benchmarks.cases import Run
from benchmarks.steelyard import Inside

SLICE_CALLS = 200


@dataclass(frozen=True, slots=True)
class Timed:
    """One contender's times in microseconds, and how many times its time the contender `beside` it takes.

    `ratio` is the median over the rounds of (that one's median in the round / this one's median in the round); `low`
    and `high` are the quartiles of the same.
    """

    name: str
    beside: str
    calls: int
    p50_us: float
    p95_us: float
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure: rounds, milliseconds for each contender in a round, garbage collector on or off."""

    rounds: int
    slice_ms: float
    collect: bool


def load() -> float | None:
    """The machine's load over the last minute, where the system tells."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def measure(runs: Mapping[str, Run], inputs: int, plan: Plan, beside: Mapping[str, str] | None = None) -> list[Timed]:
    """Times of all contenders; every set of answers is decided once before the clock starts.

    Each is compared with the contender that `beside` names for it, where that one runs, and else with the first.
    """
    for run in runs.values():
        for each in range(inputs):
            run(each)
    names = list(runs)
    slices: dict[str, list[list[float]]] = {name: [] for name in names}
    was_on = gc.isenabled()
    try:
        (gc.enable if plan.collect else gc.disable)()
        for turn in range(plan.rounds):
            gc.collect()
            at = turn % len(names)
            for name in names[at:] + names[:at]:
                slices[name].append(_slice(runs[name], inputs, turn, plan.slice_ms))
    finally:
        (gc.enable if was_on else gc.disable)()
    others = {name: other for name, other in (beside or {}).items() if other in slices}
    return [_timed(name, others.get(name, names[0]), slices) for name in names]


def _slice(run: Run, inputs: int, start: int, slice_ms: float) -> list[float]:
    """Times of single calls until the slice is used up; every set of answers comes once before any comes again."""
    times: list[float] = []
    until = perf_counter_ns() + slice_ms * 1e6
    turn = start
    while True:
        before = perf_counter_ns()
        run(turn % inputs)
        after = perf_counter_ns()
        times.append((run.spent_ns if isinstance(run, Inside) else after - before) / 1000)
        turn += 1
        if turn - start >= inputs and (after >= until or len(times) >= SLICE_CALLS):
            return times


def _timed(name: str, beside: str, slices: Mapping[str, list[list[float]]]) -> Timed:
    times = sorted(time for times in slices[name] for time in times)
    # A part that a decision did not come to took no time; a nanosecond keeps the ratio finite.
    ratios = [median(a) / max(median(b), 0.001) for a, b in zip(slices[beside], slices[name], strict=True)]
    low, _, high = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else (ratios[0],) * 3
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    return Timed(name, beside, len(times), median(times), p95, median(ratios), low, high)
