"""Evidence becomes grades: against a slow second formula, published numbers and the laws of the model."""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.fusion import (
    CONTESTED_RESIDUAL,
    Observation,
    Posterior,
    age_factor,
    fuse,
    months_between,
    shared,
)

QUIET = settings(max_examples=40, deadline=None, database=None)
COUNT = 4


def absolute(level: float, precision: float = 4.0, upper: int = 0, source: str = "s") -> Observation:
    return Observation("e", source, upper, None, level, precision)


def above(upper: int, lower: int, by: float, precision: float = 4.0, source: str = "c") -> Observation:
    return Observation("e", source, upper, lower, by, precision)


@st.composite
def evidence(draw: st.DrawFn, most: int = 8) -> list[Observation]:
    """Absolute and comparative observations, several of them from the same source on the same thing."""
    found = []
    for index in range(draw(st.integers(0, most))):
        upper = draw(st.integers(0, COUNT - 1))
        lower = draw(st.sampled_from([None, *(other for other in range(COUNT) if other != upper)]))
        level = draw(st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5, 4.0]))
        precision = draw(st.sampled_from([0.05, 0.7, 3.2, 16.0]))
        found.append(Observation(f"e{index}", draw(st.sampled_from("abc")), upper, lower, level, precision))
    return found


# --- A slow second formula: one observation after the other ----------------------------------------------------------


def slow(observations: Sequence[Observation], mean: float, sd: float) -> tuple[list[float], list[list[float]]]:
    """Kalman updates in plain Python; observations of the same thing by the same source share one weight."""
    means = [mean] * COUNT
    covariance = [[sd**2 if i == j else 0.0 for j in range(COUNT)] for i in range(COUNT)]
    for o in observations:
        same = sum((p.source, p.upper, p.lower) == (o.source, o.upper, o.lower) for p in observations)
        noise = same / o.precision
        row = [0.0] * COUNT
        row[o.upper] = 1.0
        if o.lower is not None:
            row[o.lower] = -1.0
        projected = [sum(covariance[i][j] * row[j] for j in range(COUNT)) for i in range(COUNT)]
        innovation = sum(row[i] * projected[i] for i in range(COUNT)) + noise
        surprise = o.level - sum(row[i] * means[i] for i in range(COUNT))
        means = [means[i] + projected[i] / innovation * surprise for i in range(COUNT)]
        covariance = [
            [covariance[i][j] - projected[i] * projected[j] / innovation for j in range(COUNT)] for i in range(COUNT)
        ]
    return means, covariance


@QUIET
@given(evidence(), st.sampled_from([0.0, 1.5, 2.0]), st.sampled_from([0.3, 1.0, 2.5]))
def test_one_solve_agrees_with_one_update_after_the_other(
    observations: list[Observation], mean: float, sd: float
) -> None:
    found = fuse(COUNT, observations, mean, sd)
    means, covariance = slow(observations, mean, sd)
    assert np.allclose(found.mean, means, atol=1e-9)
    assert np.allclose(found.covariance, covariance, atol=1e-9)


@QUIET
@given(evidence(), st.randoms(use_true_random=False))
def test_the_order_of_evidence_does_not_matter(observations: list[Observation], shuffle: object) -> None:
    mixed = shuffle.sample(observations, len(observations))  # type: ignore[attr-defined]
    assert np.allclose(fuse(COUNT, mixed, 1.5, 1.0).mean, fuse(COUNT, observations, 1.5, 1.0).mean, atol=1e-10)


# --- Published and computed by hand ----------------------------------------------------------------------------------


def test_one_normal_observation_is_the_conjugate_update() -> None:
    """Gelman et al., Bayesian Data Analysis, 3rd edition, eq. 2.10: precisions add, means are weighted by them."""
    found = fuse(1, [absolute(3.0, precision=1 / 0.5**2)], 1.0, 2.0)
    precision = 1 / 2.0**2 + 1 / 0.5**2
    assert found.mean[0] == pytest.approx((1.0 / 2.0**2 + 3.0 / 0.5**2) / precision)
    assert found.covariance[0, 0] == pytest.approx(1 / precision)


def test_several_normal_observations_are_the_conjugate_update_of_their_mean() -> None:
    """The same, eq. 2.11 and 2.12, for n observations of one variance."""
    levels, variance = [1.0, 2.0, 4.0, 3.5], 0.8
    observations = [absolute(level, 1 / variance, source=f"s{i}") for i, level in enumerate(levels)]
    found = fuse(1, observations, 1.5, 1.2)
    n, mean = len(levels), sum(levels) / len(levels)
    precision = 1 / 1.2**2 + n / variance
    assert found.mean[0] == pytest.approx((1.5 / 1.2**2 + n * mean / variance) / precision)
    assert found.covariance[0, 0] == pytest.approx(1 / precision)


def test_the_posterior_agrees_with_numerical_integration() -> None:
    grid = np.linspace(-15, 15, 200_001)
    log_density = -((grid - 1.5) ** 2) / 2 - 3.0 * (3.0 - grid) ** 2 / 2 - 0.4 * (0.5 - grid) ** 2 / 2
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    mean = float((grid * density).sum())
    found = fuse(1, [absolute(3.0, 3.0, source="a"), absolute(0.5, 0.4, source="b")], 1.5, 1.0)
    assert found.mean[0] == pytest.approx(mean, abs=1e-8)
    assert found.covariance[0, 0] == pytest.approx(float(((grid - mean) ** 2 * density).sum()), abs=1e-8)


def test_a_comparison_moves_both_apart_and_leaves_them_correlated() -> None:
    """By hand: prior 1 each, one difference of 1 with variance 1/4; gain = 1 / (1 + 1 + 1/4)."""
    found = fuse(2, [above(0, 1, 1.0)], 2.0, 1.0)
    gain = 1 / 2.25
    assert found.mean == pytest.approx([2.0 + gain, 2.0 - gain])
    assert found.covariance == pytest.approx(np.array([[1 - gain, gain], [gain, 1 - gain]]))


def test_after_a_comparison_news_of_one_moves_the_other() -> None:
    before = fuse(2, [above(0, 1, 1.0)], 2.0, 1.0)
    after = fuse(2, [above(0, 1, 1.0), absolute(4.0, upper=1)], 2.0, 1.0)
    assert after.mean[1] > before.mean[1]
    assert after.mean[0] > before.mean[0]


@QUIET
@given(evidence())
def test_a_comparison_couples_positively_and_nothing_else_couples(observations: list[Observation]) -> None:
    """The posterior's precision has no positive value off the diagonal, so its inverse has no negative one."""
    covariance = fuse(COUNT, observations, 1.5, 1.0).covariance
    assert covariance.min() >= -1e-12
    for o in observations:
        if o.lower is not None:
            assert covariance[o.upper, o.lower] > 1e-8
    if all(o.lower is None for o in observations):
        assert np.abs(covariance - np.diag(np.diag(covariance))).max() <= 1e-12


# --- Laws ------------------------------------------------------------------------------------------------------------


@QUIET
@given(evidence(), st.sampled_from([0.0, 1.5, 2.0]))
def test_influences_add_up_to_what_the_evidence_moved(observations: list[Observation], mean: float) -> None:
    found = fuse(COUNT, observations, mean, 1.0)
    assert found.influence.shape == (COUNT, len(observations))
    assert np.allclose(found.influence.sum(axis=1), found.mean - mean, atol=1e-10)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_without_observations_the_posterior_is_the_prior(count: int) -> None:
    found = fuse(count, [], 1.5, 0.7)
    assert found.mean.tolist() == [1.5] * count
    assert np.allclose(found.covariance, 0.49 * np.eye(count))
    assert found.influence.shape == (count, 0)
    assert found.residual.shape == (0,)


@QUIET
@given(evidence(), evidence(most=3))
def test_more_evidence_never_makes_anything_less_certain(first: list[Observation], more: list[Observation]) -> None:
    new = [replace(o, source=f"new-{i}") for i, o in enumerate(more)]
    before, after = fuse(COUNT, first, 1.5, 1.0), fuse(COUNT, [*first, *new], 1.5, 1.0)
    assert np.all(np.diag(after.covariance) <= np.diag(before.covariance) + 1e-12)
    assert np.linalg.eigvalsh(after.covariance).min() > 0


@QUIET
@given(evidence())
def test_what_nobody_looked_at_stays_at_the_prior(observations: list[Observation]) -> None:
    looked_at = {o.upper for o in observations} | {o.lower for o in observations}
    found = fuse(COUNT, observations, 1.5, 1.0)
    for index in set(range(COUNT)) - looked_at:
        assert found.mean[index] == pytest.approx(1.5)
        assert found.covariance[index, index] == pytest.approx(1.0)


@QUIET
@given(st.floats(0.1, 50), st.floats(1.01, 20), st.floats(0, 4))
def test_stronger_evidence_pulls_harder(precision: float, factor: float, level: float) -> None:
    weak, strong = (fuse(1, [absolute(level, p)], 2.0, 1.0).mean[0] for p in (precision, precision * factor))
    assert abs(strong - level) <= abs(weak - level) + 1e-12


@pytest.mark.parametrize("precision", [0.0, -1.0, float("nan"), float("inf")])
def test_evidence_without_a_weight_is_refused(precision: float) -> None:
    with pytest.raises(ValueError, match="positive, finite"):
        fuse(1, [absolute(1.0, precision)], 1.5, 1.0)


# --- The same source twice -------------------------------------------------------------------------------------------


def test_the_same_source_on_the_same_thing_counts_once() -> None:
    once = fuse(2, [absolute(4.0)], 1.5, 1.0)
    twice = fuse(2, [absolute(4.0)] * 5, 1.5, 1.0)
    assert np.allclose(once.mean, twice.mean)
    assert np.allclose(once.covariance, twice.covariance)


def test_other_sources_things_and_directions_are_not_shared() -> None:
    observations = [
        absolute(1.0, source="a"),
        absolute(2.0, source="a"),
        absolute(2.0, source="b"),
        absolute(2.0, source="a", upper=1),
        above(0, 1, 1.0, source="a"),
        above(1, 0, 1.0, source="a"),
        above(0, 1, 2.0, source="a"),
    ]
    assert shared(observations) == [0.5, 0.5, 1.0, 1.0, 0.5, 1.0, 0.5]
    assert shared([]) == []


# --- Disagreement ----------------------------------------------------------------------------------------------------


def test_sources_that_disagree_are_contested_and_those_that_agree_are_not() -> None:
    def worst(*levels: float) -> float:
        observations = [absolute(level, 8.0, source=f"s{i}") for i, level in enumerate(levels)]
        found: Posterior = fuse(1, observations, 2.0, 1.0)
        return float(np.abs(found.residual).max())

    assert worst(3.0, 3.0, 2.5) < CONTESTED_RESIDUAL
    assert worst(4.0, 4.0, 0.0) > CONTESTED_RESIDUAL


def test_evidence_that_stands_alone_disagrees_with_nobody_however_far_from_the_prior() -> None:
    alone = [absolute(4.0, 50.0), above(1, 2, 4.0, 50.0), absolute(0.0, 50.0, upper=3)]
    assert np.abs(fuse(COUNT, alone, 0.5, 0.1).residual).max() < 0.1


def test_a_comparison_that_contradicts_two_grades_is_contested() -> None:
    agreeing = [absolute(3.0, 9.0), absolute(1.0, 9.0, upper=1), above(0, 1, 2.0, 9.0)]
    assert np.abs(fuse(2, agreeing, 1.5, 1.0).residual).max() < 0.1
    contradicting = [absolute(3.0, 9.0), absolute(1.0, 9.0, upper=1), above(1, 0, 2.0, 9.0)]
    assert np.abs(fuse(2, contradicting, 1.5, 1.0).residual).min() > CONTESTED_RESIDUAL


def test_residuals_are_standard_normal_when_the_model_is_true() -> None:
    generator = np.random.default_rng(7)
    found: list[float] = []
    for _ in range(200):
        truth = 2.0 + generator.standard_normal(COUNT)
        observations = []
        for index in range(3 * COUNT):
            upper, lower = index % COUNT, int((index + generator.integers(1, COUNT)) % COUNT)
            precision = float(generator.choice([1.0, 4.0, 9.0]))
            both = index >= 2 * COUNT
            level = truth[upper] - (truth[lower] if both else 0) + generator.standard_normal() / sqrt(precision)
            observations.append(Observation("e", f"s{index}", upper, lower if both else None, float(level), precision))
        found += fuse(COUNT, observations, 2.0, 1.0).residual.tolist()
    assert np.mean(found) == pytest.approx(0, abs=0.06)
    assert np.std(found) == pytest.approx(1, abs=0.06)


# --- Age -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        ("2026-01-01", "2026-01-01", 0.0),
        ("2025-11-21", "2026-11-21", 12.0),
        ("2026-10-21", "2026-11-21", 1.02),
        ("2026", "2026-07-01", 0.0),
        ("2025", "2026", 12.0),
        ("2026-10", "2026-11-15", 1.02),
        ("2026-11-21", "2020-01-01", 0.0),
        ("2016-02-29", "2026-02-28", 120.0),
    ],
)
def test_months_are_counted_from_the_middle_of_what_is_not_said(earlier: str, later: str, months: float) -> None:
    assert months_between(earlier, later) == pytest.approx(months, abs=0.05)


def test_evidence_halves_with_every_half_life() -> None:
    assert [age_factor(age, 24) for age in (0, 24, 48, 72)] == [1.0, 0.5, 0.25, 0.125]
    assert age_factor(6, 24) == pytest.approx(2**-0.25)
    assert age_factor(10_000, 1) >= 0.0
