"""Exponents of growth and what to expect of the next step. No test looks at a time."""

import pytest

pytest.importorskip("pymcdm", reason="the group `bench` is not installed")
pytest.importorskip("skcriteria", reason="the group `bench` is not installed")
pytest.importorskip("zen", reason="the group `bench` is not installed")

from benchmarks import growth

STEPS = (10, 30, 100, 300)


@pytest.mark.parametrize("k", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_found(k: float) -> None:
    assert growth.exponent([(step, 0.002 * step**k) for step in STEPS]) == pytest.approx(k)
    assert growth.exponent([(10, 1.0)]) is None


@pytest.mark.parametrize(
    ("so_far", "next_s"),
    [
        ([], 0.0),
        ([1.0], 3.0),  # in proportion: 10 -> 30
        ([1.0, 9.0], 100.0),  # squared: 30 -> 100
        ([1.0, 0.5], 0.5 * 100 / 30),  # less than proportional before: in proportion
        ([1.0, 9.0, None], None),
    ],
)
def test_what_to_expect_of_the_next_step(so_far: list[float | None], next_s: float | None) -> None:
    found = growth.expected(STEPS, so_far)
    assert found is next_s if next_s is None else found == pytest.approx(next_s)


def test_a_step_that_would_take_too_long_is_left_out_with_what_was_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "WORK", {"decide": {"what_if": False}})
    took = {10: 0.1, 30: 0.9, 100: 1.0}
    monkeypatch.setattr(growth, "_decisions", lambda _, step: {"decide": step})
    monkeypatch.setattr(growth, "_median_s", lambda step, _: took[step])
    found = growth.measure((10, 30, 100))
    for line in found.lines:
        assert line.ms == (100.0, 900.0, None)
        assert line.expected_s == pytest.approx(10.0)
        assert line.exponent == pytest.approx(2.0)
    assert "| rules | decide | 100 | 900 | (some 10 s) | 2.00 | 2.00 |" in growth.text(found)
