"""Win and rank probabilities against closed formulas and simulation; ties and intervals."""

from math import erf, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import confidence, scoring
from rules.release import Array, compile_release
from rules.requirements import parse
from tests.rules.builders import alternative, decide, document, documents, rule

QUIET = settings(max_examples=40, deadline=None, database=None)
DRAWS = 200_000


def phi(x: float) -> float:
    return 0.5 * (1 + erf(x / sqrt(2)))


def simulated_ranks(score: Array, sigma: Array, seed: int) -> Array:
    """(F, F) share of draws in which the row's member takes the column's rank."""
    root = np.linalg.cholesky(sigma + 1e-15 * np.eye(len(score)))
    drawn = score + np.random.default_rng(seed).standard_normal((DRAWS, len(score))) @ root.T
    ranks = np.argsort(np.argsort(-drawn, axis=1), axis=1)
    return np.array([[np.mean(ranks[:, f] == k) for k in range(len(score))] for f in range(len(score))])


@st.composite
def fields(draw: st.DrawFn) -> tuple[Array, Array]:
    """Scores of a field with unequal spreads and some correlation, ties among them."""
    count = draw(st.integers(1, 7))
    score = np.array(draw(st.lists(st.sampled_from([0.3, 0.4, 0.41, 0.5, 0.55, 0.8]), min_size=count, max_size=count)))
    spread = st.sampled_from([0.02, 0.03, 0.05, 0.08])
    own = np.array(draw(st.lists(spread, min_size=count, max_size=count)))
    shared = np.array(draw(st.lists(st.sampled_from([-0.02, 0.0, 0.01]), min_size=count, max_size=count)))
    return score, np.diag(own**2) + np.outer(shared, shared)


# --- Pairs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "variances", "covariance"),
    [(0.1, (0.01, 0.04), 0.0), (0.0, (0.01, 0.04), 0.0), (-0.3, (0.02, 0.02), 0.01), (0.05, (0.01, 0.01), -0.009)],
)
def test_a_pairs_probability_is_the_normal_integral_of_its_difference(
    gap: float, variances: tuple[float, float], covariance: float
) -> None:
    sigma = np.array([[variances[0], covariance], [covariance, variances[1]]])
    win = confidence.beats(np.array([0.5 + gap, 0.5]), sigma)
    assert win[0, 1] == pytest.approx(phi(gap / sqrt(sum(variances) - 2 * covariance)), abs=1e-12)


def test_a_pairs_probability_agrees_with_simulation() -> None:
    score, sigma = np.array([0.52, 0.5]), np.array([[0.004, 0.001], [0.001, 0.002]])
    assert confidence.beats(score, sigma)[0, 1] == pytest.approx(simulated_ranks(score, sigma, 1)[0, 0], abs=0.005)


@QUIET
@given(fields())
def test_either_one_wins_or_the_other(field: tuple[Array, Array]) -> None:
    win = confidence.beats(*field)
    assert np.allclose(win + win.T, 1, atol=1e-12)
    assert np.all((win >= 0) & (win <= 1))
    assert np.all(np.diag(win) == 0.5)


def test_without_spread_the_better_surely_wins_and_equals_share() -> None:
    win = confidence.beats(np.array([0.5, 0.4, 0.5]), np.zeros((3, 3)))
    assert win.tolist() == [[0.5, 1.0, 0.5], [0.0, 0.5, 0.0], [0.5, 1.0, 0.5]]


def test_what_moves_both_alike_does_not_blur_who_is_better() -> None:
    win = confidence.beats(np.array([0.5, 0.49]), np.full((2, 2), 0.04))
    assert win[0, 1] == 1.0


# --- Ranks -----------------------------------------------------------------------------------------------------------


@QUIET
@given(fields())
def test_everybody_takes_some_rank_and_nearly_one_takes_each(field: tuple[Array, Array]) -> None:
    chances = confidence.rank_probabilities(*field)
    assert np.all((chances >= 0) & (chances <= 1))
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-12)
    assert np.allclose(chances.sum(axis=0), 1, atol=0.1)


INDEPENDENT = [
    ([0.5], [0.1]),
    ([0.55, 0.5], [0.05, 0.05]),
    ([0.55, 0.5], [0.02, 0.08]),
    ([0.5, 0.5], [0.03, 0.06]),
    ([0.6, 0.55, 0.5], [0.05, 0.02, 0.08]),
    ([0.5, 0.5, 0.5], [0.04, 0.04, 0.04]),
    ([0.5, 0.5, 0.45, 0.45], [0.03, 0.06, 0.03, 0.06]),
    ([0.7, 0.5, 0.5, 0.48, 0.3], [0.03, 0.08, 0.04, 0.05, 0.1]),
    (
        [0.62, 0.6, 0.57, 0.55, 0.5, 0.5, 0.44, 0.4, 0.33, 0.3],
        [0.05, 0.08, 0.03, 0.1, 0.04, 0.04, 0.06, 0.09, 0.03, 0.05],
    ),
]


@pytest.mark.parametrize(("score", "sd"), INDEPENDENT)
def test_rank_probabilities_agree_with_simulated_independent_scores(score: list[float], sd: list[float]) -> None:
    scores, sigma = np.array(score), np.diag(np.array(sd) ** 2)
    difference = confidence.rank_probabilities(scores, sigma) - simulated_ranks(scores, sigma, 2)
    assert np.abs(difference).max() <= 0.02


@QUIET
@given(fields().filter(lambda field: len(field[0]) == 2))
def test_of_two_the_chance_of_the_first_rank_is_the_chance_to_beat_the_other(field: tuple[Array, Array]) -> None:
    chances, win = confidence.rank_probabilities(*field), confidence.beats(*field)
    assert chances[:, 0] == pytest.approx([win[0, 1], win[1, 0]], abs=0.005)


def test_what_all_scores_share_does_not_change_their_ranks() -> None:
    score, own = np.array([0.55, 0.5, 0.47]), np.diag([0.002, 0.004, 0.001])
    alone, shared = confidence.rank_probabilities(score, own), confidence.rank_probabilities(score, own + 0.09)
    assert np.allclose(alone, shared, atol=1e-9)


def test_equals_share_every_rank_equally() -> None:
    chances = confidence.rank_probabilities(np.full(4, 0.5), np.diag(np.full(4, 0.002)))
    assert np.allclose(chances, 0.25, atol=0.005)


def test_without_spread_everybody_takes_the_rank_of_its_score() -> None:
    chances = confidence.rank_probabilities(np.array([0.4, 0.6, 0.5]), np.zeros((3, 3)))
    assert chances.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


# --- The covariance --------------------------------------------------------------------------------------------------


def _sample(source: dict[str, Any], seed: int) -> tuple[Array, Array]:
    """Scores under drawn grades and drawn rule strengths, through the public formula, and the covariance stated."""
    release = compile_release(source)
    role = release.roles["training"]
    values = parse({}, release.questionnaire).values
    strengths, _ = scoring.strengths(role, values)
    scored = scoring.score(release, role, values, strengths)
    generator = np.random.default_rng(seed)
    count = 20_000
    factors = 1 + 0.05 * generator.standard_normal((count, len(strengths)))
    mass = factors * np.array(strengths) * role.total
    grade = role.grade + role.grade_sd * generator.standard_normal((count, *role.grade.shape))
    opinion = np.einsum("rc,nfc->nrf", role.weight / role.total[:, None], grade)
    drawn = np.einsum("nr,nrf->nf", mass / mass.sum(axis=1, keepdims=True), opinion)
    return np.cov(drawn.T), confidence.covariance(scored, role, 0.05)


def test_the_covariance_is_that_of_drawn_grades_and_weights() -> None:
    """The delta method is exact to first order: small spreads must agree with simulation."""
    members = [alternative(name) for name in "xyz"]
    grades = {
        "a": {"x": (4.0, 0.1), "y": (1.0, 0.2), "z": (2.0, 0.02)},
        "b": {"x": (0.5, 0.05), "y": (3.0, 0.1), "z": (2.5, 0.3)},
        "c": {"x": (2.0, 0.3), "y": (2.0, 0.1), "z": (0.0, 0.1)},
    }
    rules = [rule("one", {"a": 2, "b": 1}), rule("two", {"b": 1, "c": 3}, strength=0.5), rule("three", {"c": 1})]
    simulated, stated = _sample(document(members, grades, rules), 3)
    assert np.abs(simulated - stated).max() <= 0.05 * np.abs(stated).max()
    certain = {c: {m: (mean, 0.0) for m, (mean, _) in of.items()} for c, of in grades.items()}
    simulated, stated = _sample(document(members, certain, rules), 4)
    assert np.abs(simulated - stated).max() <= 0.05 * np.abs(stated).max()


def test_what_evidence_ties_together_moves_scores_together() -> None:
    """Against drawn grades of one criterion with their full covariance, a little noise in the rest."""
    grades = {
        "a": {"x": (3.0, 0.5), "y": (1.0, 0.4), "z": (2.0, 0.6)},
        "b": {"x": (0.5, 0.05), "y": (3.0, 0.1), "z": (2.5, 0.3)},
    }
    ties = [["x", "y", 0.15], ["y", "z", -0.1]]
    members = [alternative(name) for name in "xyz"]
    rules = [rule("one", {"a": 2, "b": 1}), rule("two", {"b": 3}, strength=0.5)]
    release = compile_release(document(members, grades, rules, grade_covariance={"a": ties, "other": ties}))
    role = release.roles["training"]
    scored = scoring.score(release, role, {}, scoring.strengths(role, {})[0])
    of_a = np.array([[0.25, 0.15, 0.0], [0.15, 0.16, -0.1], [0.0, -0.1, 0.36]]) / 16
    of_b = np.diag([0.05**2, 0.1**2, 0.3**2]) / 16
    share_a, share_b = 2 / 4.5, 2.5 / 4.5
    assert np.allclose(confidence.covariance(scored, role, 0.0), share_a**2 * of_a + share_b**2 * of_b, atol=1e-15)
    generator = np.random.default_rng(5)
    drawn = share_a * generator.standard_normal((DRAWS, 3)) @ np.linalg.cholesky(of_a).T
    drawn += share_b * generator.standard_normal((DRAWS, 3)) @ np.sqrt(of_b)
    stated = confidence.covariance(scored, role, 0.0)
    assert np.abs(np.cov(drawn.T) - stated).max() <= 0.02 * np.abs(stated).max()


@QUIET
@given(documents())
def test_the_covariance_is_symmetric_and_no_variance_is_negative(source: dict[str, Any]) -> None:
    release = compile_release(source)
    role = release.roles["training"]
    strengths, _ = scoring.strengths(role, {})
    sigma = confidence.covariance(scoring.score(release, role, {}, strengths), role, 0.3)
    assert np.allclose(sigma, sigma.T, atol=1e-15)
    assert np.linalg.eigvalsh(sigma).min() >= -1e-12


# --- Intervals and ties ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("probability", "reach"), [(0.5, 0.6745), (0.9, 1.6449), (0.95, 1.9600), (0.99, 2.5758)])
def test_an_interval_holds_the_score_with_the_stated_probability(probability: float, reach: float) -> None:
    low, high = confidence.interval(0.5, 0.01, probability)
    assert (low, high) == pytest.approx((0.5 - 0.1 * reach, 0.5 + 0.1 * reach), abs=1e-4)
    drawn = 0.5 + 0.1 * np.random.default_rng(4).standard_normal(DRAWS)
    assert np.mean((drawn >= low) & (drawn <= high)) == pytest.approx(probability, abs=0.005)


def test_an_interval_stays_within_the_scale_and_is_a_point_without_spread() -> None:
    assert confidence.interval(0.02, 0.01, 0.9)[0] == 0.0
    assert confidence.interval(0.99, 0.01, 0.9)[1] == 1.0
    assert confidence.interval(0.4, 0.0, 0.9) == (0.4, 0.4)


@pytest.mark.parametrize(
    ("order", "wins", "groups"),
    [
        ([], {}, []),
        ([0], {}, [1]),
        ([0, 1], {(0, 1): 0.9}, [1, 2]),
        ([0, 1], {(0, 1): 0.75}, [1, 2]),
        ([0, 1], {(0, 1): 0.7499}, [1, 1]),
        ([1, 0], {(1, 0): 0.6}, [1, 1]),
        ([0, 1, 2], {(0, 1): 0.6, (0, 2): 0.9, (1, 2): 0.6}, [1, 1, 2]),
        ([0, 1, 2], {(0, 1): 0.9, (0, 2): 0.95, (1, 2): 0.6}, [1, 2, 2]),
        ([2, 0, 1], {(2, 0): 0.6, (2, 1): 0.8, (0, 1): 0.8}, [1, 1, 2]),
        ([0, 1, 2], {(0, 1): 0.8, (0, 2): 0.8, (1, 2): 0.8}, [1, 2, 3]),
    ],
)
def test_whatever_the_leader_does_not_surely_beat_is_tied_with_it(
    order: list[int], wins: dict[tuple[int, int], float], groups: list[int]
) -> None:
    win = np.full((3, 3), 0.5)
    for (winner, loser), chance in wins.items():
        win[winner, loser], win[loser, winner] = chance, 1 - chance
    assert confidence.tie_groups(order, win, 0.75) == groups


def _verdicts(means: dict[str, float], sd: float) -> list[tuple[str, str, int]]:
    members = [alternative(name) for name in means]
    source = document(members, {"c": {m: (mean, sd) for m, mean in means.items()}}, [rule("base", {"c": 1})])
    result = decide(compile_release(source), {}, roles=["training"]).roles["training"]
    return [(place.framework, place.verdict, place.tie_group) for place in result.ranking]


def test_verdicts_follow_the_ties() -> None:
    assert _verdicts({"a": 1.0, "b": 3.0}, 0.1) == [("b", "first", 1), ("a", "behind", 2)]
    assert _verdicts({"a": 2.9, "b": 3.0}, 0.5) == [("b", "tied for first", 1), ("a", "tied for first", 1)]
    assert _verdicts({"a": 3.0, "b": 3.0, "c": 0.0}, 0.1) == [
        ("a", "tied for first", 1),
        ("b", "tied for first", 1),
        ("c", "behind", 2),
    ]
    assert _verdicts({"only": 0.0}, 0.5) == [("only", "first", 1)]


def test_the_only_one_left_wins_surely() -> None:
    source = document([alternative("a")], {"c": {"a": (1.0, 0.5)}}, [rule("base", {"c": 1})])
    (place,) = decide(compile_release(source), {}, roles=["training"]).roles["training"].ranking
    assert (place.win_probability, place.rank_probabilities) == (1.0, (1.0,))


def test_in_a_large_field_the_rough_way_is_near_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    score, sd = random.uniform(0.3, 0.8, 60), random.uniform(0.02, 0.1, 60)
    score[7] = score[8]
    sigma = np.diag(sd**2)
    exact = confidence.rank_probabilities(score, sigma)
    monkeypatch.setattr(confidence, "LARGE_FIELD", 1)
    rough = confidence.rank_probabilities(score, sigma)
    assert not np.array_equal(rough, exact)
    assert np.abs(rough.cumsum(axis=1) - exact.cumsum(axis=1)).max() < 0.03
    assert rough.sum(axis=1) == pytest.approx(1)


def test_in_a_large_field_without_spread_everybody_takes_the_rank_of_its_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confidence, "LARGE_FIELD", 1)
    found = confidence.rank_probabilities(np.array([0.2, 0.9, 0.5]), np.zeros((3, 3)))
    assert found == pytest.approx(np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]), abs=1e-12)


@pytest.mark.parametrize("count", [3, 5, 8])
def test_correlated_scores_take_the_ranks_that_they_take_when_drawn(count: int) -> None:
    random = np.random.default_rng(count)
    score, mixed = random.uniform(0.45, 0.55, count), random.normal(size=(count, count)) * 0.03
    sigma = mixed @ mixed.T / np.sqrt(count) + np.diag(random.uniform(0.0005, 0.002, count))
    drawn = random.multivariate_normal(score, sigma, 200_000)
    ranks = (-drawn).argsort(axis=1).argsort(axis=1)
    simulated = np.array([np.bincount(ranks[:, f], minlength=count) for f in range(count)]) / len(drawn)
    assert np.abs(confidence.rank_probabilities(score, sigma) - simulated).max() < 0.015
