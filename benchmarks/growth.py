"""How the time of a decision grows with alternatives, with criteria and with rules, the two others held."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from statistics import linear_regression, median
from time import perf_counter
from typing import Any

from benchmarks import synthetic
from benchmarks.steelyard import DRAWS
from benchmarks.synthetic import Size
from rules import engine
from rules.release import compile_release
from rules.requirements import parse

HELD = {"alternatives": 20, "criteria": 40, "rules": 100}
GATES, QUESTIONS, INPUTS = 40, 50, 3
STEPS = (10, 30, 100, 300, 1000)
FEW_STEPS = (10, 30, 100)
LIMIT_S = 5.0
SHOWN = 3

Decide = Callable[[int], object]
WORK: Mapping[str, Mapping[str, Any]] = {
    "decide": {"what_if": False},
    "with counterfactuals": {},
    "with 10,000 draws": {"what_if": False, "draws": DRAWS},
}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of work while one measure grows.

    Attributes:
        ms: median milliseconds at each step; None where one decision was expected to take longer than the limit.
        expected_s: what the last step that was measured leads one to expect of the first that was not, in seconds.
        exponent: k of time ~ size^k fitted to all steps; None with fewer than two.
        latest: the same fitted to the last three steps.
    """

    measure: str
    work: str
    ms: tuple[float | None, ...]
    expected_s: float | None
    exponent: float | None
    latest: float | None


@dataclass(frozen=True, slots=True)
class Growth:
    """The lines of a run and the steps they were measured at."""

    steps: tuple[int, ...]
    lines: tuple[Line, ...]


def measure(steps: Sequence[int] = STEPS, budget_s: float = 0.4) -> Growth:
    """Times at all steps; `budget_s` bounds each of them, but every set of answers is decided at least once."""
    lines = []
    for grown in HELD:
        times: dict[str, list[float | None]] = {work: [] for work in WORK}
        for step in steps:
            runs = _decisions(grown, step)
            for work, so_far in times.items():
                wait = expected(steps, so_far)
                late = wait is None or wait > LIMIT_S
                so_far.append(None if late else _median_s(runs[work], budget_s))
        lines += [_line(grown, work, steps, found) for work, found in times.items()]
    return Growth(tuple(steps), tuple(lines))


def size(grown: str, step: int) -> Size:
    """The size of the made-up release in which one measure has grown to a step."""
    return Size(**(HELD | {grown: step}), gates=GATES, asked=QUESTIONS)


def _decisions(grown: str, step: int) -> dict[str, Decide]:
    wanted = size(grown, step)
    release = compile_release(synthetic.document(wanted))
    inputs = [parse(given, release.questionnaire) for given in synthetic.answers(wanted, INPUTS)]
    return {
        work: lambda i, options=WORK[work]: engine.decide(release, inputs[i], **options)  # type: ignore[misc]
        for work in WORK
    }


def _median_s(run: Decide, budget_s: float) -> float:
    """Median seconds of a decision; the first one warms up where there is time for another."""
    until = perf_counter() + budget_s
    times: list[float] = []
    while not times or ((perf_counter() < until or len(times) <= INPUTS) and sum(times) < LIMIT_S):
        before = perf_counter()
        run(len(times) % INPUTS)
        times.append(perf_counter() - before)
    return median(times[1:] or times)


def expected(steps: Sequence[int], so_far: Sequence[float | None]) -> float | None:
    """Seconds to expect of the next step if it grows as the last two did, but between linear and cubic growth.

    0 where nothing is known yet; None where a step was left out already.
    """
    if not so_far:
        return 0.0
    last = so_far[-1]
    if last is None:
        return None
    at = len(so_far)
    before = so_far[-2] if at > 1 else None
    local = log(last / before) / log(steps[at - 1] / steps[at - 2]) if before else 1.0
    return float(last * (steps[at] / steps[at - 1]) ** min(max(local, 1.0), 3.0))


def _line(grown: str, work: str, steps: Sequence[int], found: Sequence[float | None]) -> Line:
    points = [(step, time) for step, time in zip(steps, found, strict=True) if time is not None]
    missed = expected(steps, [time for _, time in points]) if len(points) < len(steps) else None
    ms = tuple(None if time is None else time * 1000 for time in found)
    return Line(grown, work, ms, missed, exponent(points), exponent(points[-SHOWN:]))


def exponent(points: Sequence[tuple[int, float]]) -> float | None:
    """k of the least-squares line log time = k log size + c; None with fewer than two points."""
    if len(points) < 2:
        return None
    slope, _ = linear_regression([log(step) for step, _ in points], [log(time) for _, time in points])
    return float(slope)


def text(growth: Growth) -> str:
    """The lines as a section in Markdown."""
    held = ", ".join(f"{count} {name}" for name, count in HELD.items())
    lines = [
        "### How time grows",
        "",
        f"One measure grows, the others are held ({held}; {GATES} gates, {QUESTIONS} questions). Median milliseconds "
        f"of a decision on a made-up release; k is the exponent of time ~ size^k, fitted to all steps and to the last "
        f"{SHOWN}. A point that would take more than {LIMIT_S:g} s a decision is left out.",
        "",
        "| grows | work | " + " | ".join(f"{step:,}" for step in growth.steps) + f" | k | k of the last {SHOWN} |",
        "| --- | --- |" + " ---: |" * (len(growth.steps) + 2),
    ]
    for line in growth.lines:
        cells = [_ms(ms) if ms is not None else "" for ms in line.ms]
        if line.expected_s is not None:
            cells[line.ms.index(None)] = f"(some {line.expected_s:.0f} s)"
        fitted = ["" if k is None else f"{k:.2f}" for k in (line.exponent, line.latest)]
        lines.append(f"| {line.measure} | {line.work} | " + " | ".join([*cells, *fitted]) + " |")
    return "\n".join(lines)


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
