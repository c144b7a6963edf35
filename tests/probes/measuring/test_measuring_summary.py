"""Figures against a second formula, and the rule that a cell which computes something else shows no speed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.measuring import summary
from probes.measuring.documents import Reference, Told
from probes.measuring.summary import Cell, cells, deviation, doubtful, figure
from tests.measured import LOSSES, OUTPUTS, measurement, run, subject, told

REFERENCE = Reference(losses={"mlp": LOSSES}, outputs={"mlp": OUTPUTS})


def one(*runs: dict[str, object]) -> Cell:
    (found,) = cells(measurement([subject("a", "pytorch")], runs))
    return found


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=9))
def test_middle_and_spread_by_a_second_formula(values: list[float]) -> None:
    found = figure(values)
    ordered = sorted(values)
    assert found.median == pytest.approx((ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2)
    assert found.mad == pytest.approx(float(np.median(np.abs(np.array(values) - np.median(values)))), abs=1e-9)
    assert (found.least, found.most, found.count) == (min(values), max(values), len(values))


def test_a_tenth_of_the_middle_is_too_much_spread() -> None:
    assert not figure([9.0, 10.0, 11.0]).unsteady
    assert figure([8.9, 10.0, 11.1]).unsteady


def test_throughput_is_that_of_the_middle_steady_group() -> None:
    # The first group is warm-up; 5 steps of 128 samples in 0.5 s.
    assert one(run("a", groups_s=[4.0, 0.4, 0.5, 9.0])).figures["throughput"].median == 5 * 128 / 0.5
    table = run("a", task="table", groups_s=[2.0, 1.0, 3.0], warm_groups=0, losses=[0.5])
    other = run("b", task="table", losses=[0.5])
    found = cells(measurement([subject("a", None), subject("b", None)], [table, other]))
    assert found[0].figures["throughput"].median == 1000 * 50 / 2.0


def test_a_cold_start_is_from_the_process_to_the_first_answer() -> None:
    cold = one(run("a", mode="predict")).figures["cold_start_s"]
    assert cold.median == pytest.approx(0.02 + 1.0 + 0.1 + 0.01)
    assert "cold_start_s" not in one(run("a")).figures


def test_memory_is_without_interpreter_and_data() -> None:
    figures = one(run("a")).figures
    assert (figures["imported_mb"].median, figures["peak_mb"].median) == (100.0, 200.0)


@pytest.mark.parametrize(
    ("losses", "off"),
    [
        (LOSSES, 0.0),
        ([2.5 + 0.0025, 2.0], 0.001),
        ([2.5, 2.0 - 0.02], 0.01),
        ([2.5], float("inf")),
    ],
)
def test_losses_are_held_to_the_reference_step_by_step(losses: list[float], off: float) -> None:
    assert deviation(Told(**told(losses=losses)), "mlp", "train", REFERENCE, None) == pytest.approx(off)


def test_a_small_loss_is_compared_with_a_tenth() -> None:
    tiny = Reference(losses={"mlp": [0.001]}, outputs={})
    assert deviation(Told(**told(losses=[0.002])), "mlp", "train", tiny, None) == pytest.approx(0.01)


def test_outputs_may_differ_by_a_shift_of_a_sample_only() -> None:
    shifted = [[value + 5.0 for value in OUTPUTS[0]], OUTPUTS[1]]
    assert deviation(Told(**told(outputs=shifted)), "mlp", "predict", REFERENCE, None) == pytest.approx(0, abs=1e-12)
    turned = [OUTPUTS[0], [3.0, 0.0]]
    assert deviation(Told(**told(outputs=turned)), "mlp", "predict", REFERENCE, None) == pytest.approx(3.0)
    assert deviation(Told(**told(outputs=OUTPUTS[:1])), "mlp", "predict", REFERENCE, None) == float("inf")


def test_one_wrong_run_takes_the_speed_of_a_cell_away_but_not_its_memory() -> None:
    found = one(run("a", 0), run("a", 1, losses=[2.5, 2.1]), run("a", 2))
    assert found.parity == "differs"
    assert found.off == pytest.approx(0.05)
    assert not set(found.figures) & set(summary.SPEED)
    assert {"import_s", "peak_mb"} <= set(found.figures)


def test_what_cannot_be_compared_shows_no_speed_either() -> None:
    found = one(run("a", task="transformer"))
    assert (found.parity, found.off) == ("not_compared", None)
    assert "throughput" not in found.figures


def test_tables_are_held_to_each_other() -> None:
    subjects = [subject(name, None) for name in "abc"]
    losses = {"a": 0.50, "b": 0.52, "c": 0.60}
    found = cells(measurement(subjects, [run(name, task="table", losses=[loss]) for name, loss in losses.items()]))
    assert [cell.parity for cell in found] == ["agrees", "agrees", "differs"]
    silent = cells(
        measurement(subjects, [*(run(name, 0, task="table") for name in "ab"), run("a", 1, task="table", losses=[])])
    )
    assert [cell.parity for cell in silent] == ["not_compared", "agrees"]
    alone = cells(measurement(subjects, [run("a", task="table")]))
    assert [cell.parity for cell in alone] == ["not_compared"]


def test_failures_are_counted_with_the_first_reason() -> None:
    found = one(run("a", 0), run("a", 1, outcome="crashed", why="x"), run("a", 2, outcome="timed_out", why="y"))
    assert (found.done, found.failed, found.why) == (1, 2, "x")
    nothing = one(run("a", outcome="crashed", why="x"))
    assert (nothing.done, nothing.figures, nothing.parity) == (0, {}, "not_compared")


def test_a_disturbed_time_is_doubtful_a_disturbed_memory_is_not() -> None:
    busy = one(*(run("a", repeat, others=share) for repeat, share in enumerate((0.0, 0.2, 0.3))))
    assert busy.disturbed
    assert (doubtful(busy, "import_s"), doubtful(busy, "peak_mb")) == (True, False)
    assert not one(*(run("a", repeat, others=share) for repeat, share in enumerate((0.0, 0.05, 0.3)))).disturbed
    assert not one(run("a", others=None)).disturbed
