"""The peers that are written or wrapped here compute what they say: acceptabilities, weighted sums, closeness."""

from math import erf, sqrt

import numpy as np
import pytest

pytest.importorskip("pymcdm", reason="the group `bench` is not installed")
pytest.importorskip("skcriteria", reason="the group `bench` is not installed")
pytest.importorskip("zen", reason="the group `bench` is not installed")

from benchmarks import pymcdm_peer, skcriteria_peer, smaa_peer
from benchmarks.cases import made_up
from benchmarks.smaa_peer import Uncertain
from benchmarks.synthetic import Size
from rules import engine

DRAWS = 20_000
ERROR = 5 * 0.5 / sqrt(DRAWS)  # five standard errors of a share


def phi(x: float) -> float:
    return 0.5 * (1 + erf(x / sqrt(2)))


def test_two_alternatives_on_one_criterion_win_as_often_as_the_normal_distribution_says() -> None:
    table = Uncertain(np.array([[0.5], [0.6]]), np.array([[0.1], [0.2]]), np.array([[2.0]]), 0.3)
    expected = phi(-0.1 / sqrt(0.05))
    for draw in (smaa_peer.of_rules, smaa_peer.of_any):
        found = draw(table, DRAWS, 7)
        assert found == pytest.approx(np.array([[expected, 1 - expected], [1 - expected, expected]]), abs=ERROR)


def test_with_certain_grades_only_the_weights_decide() -> None:
    """Three alternatives on two criteria; with any weights the first leads when the first weighs over 3/4."""
    mean = np.array([[1.0, 0.0], [0.75, 0.75], [0.0, 0.1]])
    table = Uncertain(mean, np.zeros((3, 2)), np.array([[1.0, 0.0], [0.0, 1.0]]), 0.5)
    found = smaa_peer.of_any(table, DRAWS, 3)
    assert found[0, 0] == pytest.approx(1 / 4, abs=ERROR)
    assert found[1, 0] == pytest.approx(3 / 4, abs=ERROR)
    assert found[2] == pytest.approx([0, 1 / 11, 10 / 11], abs=ERROR)
    # Two lognormal weights of median ratio 1: log(k1 / k2) is normal with variance 2 log(1 + t^2).
    own = smaa_peer.of_rules(table, DRAWS, 3)
    assert own[0, 0] == pytest.approx(1 - phi(np.log(3) / sqrt(2 * np.log1p(0.5**2))), abs=ERROR)


def test_rows_and_columns_of_acceptabilities_sum_to_one() -> None:
    draw = np.random.default_rng(1)
    table = Uncertain(draw.random((5, 7)), draw.random((5, 7)), draw.random((3, 7)), 0.3)
    for found in (smaa_peer.of_rules(table, 500, 1), smaa_peer.of_any(table, 500, 1)):
        assert found.sum(axis=0) == pytest.approx(np.ones(5))
        assert found.sum(axis=1) == pytest.approx(np.ones(5))


def test_plain_smaa_is_handed_the_alternatives_that_are_ranked_and_the_criteria_that_count() -> None:
    case = made_up(Size.parse("12x30x20x40"))
    release, given = case.release, case.inputs[0]
    role, result = release.roles["training"], engine.decide(release, given).roles["training"]
    assert 1 < len(result.ranking) < len(role.members)
    table = smaa_peer.uncertain(role, result, 0.3)
    assert len(table.mean) == len(result.ranking)
    weight = table.weight.sum(axis=0)
    assert table.mean @ weight / weight.sum() == pytest.approx([place.score for place in result.ranking])


def test_scikit_criteria_and_pymcdm_agree_on_the_weighted_sum_and_on_closeness() -> None:
    draw = np.random.default_rng(5)
    table = pymcdm_peer.telling(draw.random((6, 4)), np.array([0.4, 0.3, 0.2, 0.1]))
    for method, key in (("weighted sum", "score"), ("TOPSIS", "similarity")):
        result = skcriteria_peer.rank(method, skcriteria_peer.matrix(table))
        assert result.e_[key] == pytest.approx(pymcdm_peer.rank(method, table))  # type: ignore[attr-defined]


def test_criteria_on_which_all_are_level_are_left_out_and_the_weights_sum_to_one() -> None:
    table = pymcdm_peer.telling(np.array([[0.1, 0.5, 0.2], [0.3, 0.5, 0.1]]), np.array([0.2, 0.6, 0.2]))
    assert table.matrix.tolist() == [[0.1, 0.2], [0.3, 0.1]]
    assert table.weights == pytest.approx([0.5, 0.5])
