"""The stage's clock over training steps, on a made-up time; and what it makes of predictions."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest

from probes.measuring.scripts import stage

JOB: dict[str, Any] = {
    "compared_steps": 3,
    "group": 2,
    "warms": True,
    "least_steps": 4,
    "least_s": 1.0,
    "most_s": 1000.0,
    "predict_s": 0.01,
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


def trained(job: dict[str, Any], steps_s: Sequence[float], clock: Callable[[float], None]) -> tuple[stage.Watch, int]:
    """The watch after steps of these lengths (the last one for ever), and how many it asked for."""
    watch = stage.Watch(job)
    times: Iterator[float] = chain(steps_s, repeat(steps_s[-1]))
    reads: list[int] = []

    def read(number: int) -> float:
        reads.append(number)
        return float(number)

    for number in range(1, 10_000):
        clock(next(times))
        if not watch(partial(read, number)):
            watch.reads = reads  # type: ignore[attr-defined]
            return watch, number
    raise AssertionError("it never had enough")


def test_first_steps_are_compared_then_groups_warm_up_then_they_count(clock: Callable[[float], None]) -> None:
    # 3 compared steps, groups of 8, 2, 2 (alike: warm), then groups of 2 until 4 steps and 1 s are there: two groups.
    watch, steps = trained(JOB, [5, 1, 1, 4, 4, 1, 1, 1], clock)
    assert (watch.losses, watch.first_s) == ([1, 2, 3], 5)
    assert (watch.warm, watch.groups_s) == (3, [8, 2, 2, 2, 2])
    assert steps == 3 + 2 * 5


def test_a_loss_is_read_once_in_a_group(clock: Callable[[float], None]) -> None:
    watch, _ = trained(JOB, [1], clock)
    assert watch.reads == [1, 2, 3, 5, 7, 9, 11]  # type: ignore[attr-defined]


def test_both_steps_and_seconds_must_be_enough(clock: Callable[[float], None]) -> None:
    by_time, _ = trained({**JOB, "least_s": 9.5, "least_steps": 1}, [1], clock)
    assert len(by_time.groups_s) - (by_time.warm or 0) == 5
    by_steps, _ = trained({**JOB, "least_s": 0.0, "least_steps": 7}, [1], clock)
    assert len(by_steps.groups_s) - (by_steps.warm or 0) == 4


def test_what_never_settles_is_warm_after_eight_groups(clock: Callable[[float], None]) -> None:
    watch, _ = trained(JOB, [1.3**n for n in range(40)], clock)
    assert watch.warm == stage.MOST_WARM_GROUPS


def test_a_slow_one_is_ended(clock: Callable[[float], None]) -> None:
    watch, steps = trained({**JOB, "most_s": 50.0, "least_steps": 10_000}, [1], clock)
    assert steps == 51
    assert len(watch.groups_s) == 24


def test_one_that_takes_all_its_time_to_warm_up_still_gets_a_steady_group(clock: Callable[[float], None]) -> None:
    watch, _ = trained({**JOB, "most_s": 20.0}, [1.3**n for n in range(40)], clock)
    assert (watch.warm, len(watch.groups_s)) == (stage.MOST_WARM_GROUPS, stage.MOST_WARM_GROUPS + 1)


def test_fits_need_no_warming_up(clock: Callable[[float], None]) -> None:
    job = {**JOB, "compared_steps": 1, "group": 1, "warms": False, "least_steps": 2}
    watch, steps = trained(job, [9, 2, 3], clock)
    assert (watch.first_s, watch.losses, watch.warm, watch.groups_s, steps) == (9, [1], 0, [2, 3], 3)


def test_answers_are_timed_in_their_order_of_length(clock: Callable[[float], None]) -> None:
    lengths = iter([7.0, *[0.0] * 3, *(float(n) for n in range(20)), *[0.0] * 100])

    def predict(one: Any) -> Any:
        clock(next(lengths))
        return one * 2

    found = stage.predictions(JOB, predict, {"x": np.arange(200, dtype=np.float32).reshape(100, 2)})
    assert (found["first_prediction_s"], found["predictions"]) == (7.0, 20)
    assert (found["prediction_p50_s"], found["prediction_p95_s"]) == (10.0, 19.0)
    assert found["outputs"][1] == [4.0, 6.0]
    assert len(found["outputs"]) == stage.KEPT_OUTPUTS


def test_memory_is_this_programs_own() -> None:
    now, most = stage.resident_mb("VmRSS"), stage.resident_mb("VmHWM")
    assert 5 < now <= most * 1.001
