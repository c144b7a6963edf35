"""The robustness panel counts what it says it counts, on small fields worked out by hand."""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt

import numpy as np
import pytest

pytest.importorskip("pymcdm", reason="the group `bench` is not installed")
pytest.importorskip("skcriteria", reason="the group `bench` is not installed")
pytest.importorskip("zen", reason="the group `bench` is not installed")

from benchmarks import neighbours, robustness, sampling
from benchmarks.cases import made_up
from benchmarks.robustness import CHANGES, DOMINATED, METHODS, OURS, Field
from benchmarks.synthetic import Size
from rules.release import Release, compile_release
from rules.requirements import Requirements


def field(grades: Sequence[Sequence[float]], weights: Sequence[float], level: int = 1) -> Field:
    grade, weight = np.array(grades, dtype=float), np.array(weights, dtype=float)
    names = tuple("abcdef"[: len(grade)])
    return Field(Requirements({}, {}), "training", names, level, grade, weight, grade @ weight)


# The order of `a` and `b` by TOPSIS depends on whether `c` is there; the weighted sums are 2.5, 2.4 and 1.8.
TURNS = field([[1.0, 0.5, 0.25], [0.75, 1.0, 0.0], [0.0, 0.75, 0.75]], [0.4, 0.3, 0.3])


@pytest.mark.parametrize(("one", "other"), [([3, 2, 1, 1], [1, 2, 2, 4]), ([1, 1, 2, 5, 0], [0.5, 0.25, 2, 2, 0])])
def test_tau_b_is_that_of_counted_pairs(one: list[float], other: list[float]) -> None:
    """(concordant - discordant) / sqrt((pairs - pairs level in one) (pairs - pairs level in the other))."""
    pairs = list(combinations(range(len(one)), 2))
    turns = [(one[i] - one[j]) * (other[i] - other[j]) for i, j in pairs]
    level = [sum(values[i] == values[j] for i, j in pairs) for values in (one, other)]
    whole = sqrt((len(pairs) - level[0]) * (len(pairs) - level[1]))
    expected = (sum(turn > 0 for turn in turns) - sum(turn < 0 for turn in turns)) / whole
    assert robustness.tau_b(np.array(one, dtype=float), np.array(other, dtype=float)) == pytest.approx(expected)


def test_tau_b_without_any_difference_is_zero() -> None:
    assert robustness.tau_b(np.ones(3), np.arange(3.0)) == 0.0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_likes_a_dominating_alternative_most(method: str) -> None:
    liked = robustness.preferences(method, np.array([[0.1, 0.2], [0.9, 0.8], [0.5, 0.1]]), np.array([0.5, 0.5]))
    assert liked is not None
    assert int(liked.argmax()) == 1


def test_what_divides_zero_by_zero_is_undefined() -> None:
    level = np.array([[0.5, 0.25], [0.25, 0.5]])  # VIKOR's largest regrets are the same
    assert robustness.preferences("VIKOR", level, np.array([0.5, 0.5])) is None
    assert robustness.agreement("x", "VIKOR", [field(level.tolist(), [0.5, 0.5])]).undefined == 1


def test_agreement_counts_first_places_and_those_tied_with_ours() -> None:
    clear = field([[0.9, 0.8], [0.5, 0.7], [0.1, 0.2]], [0.5, 0.5])
    # Ours has `a` first by 0.56 to 0.55; PROMETHEE II counts criteria, of which `b` is better on two.
    apart = [[1.0, 0.5, 0.3], [0.5, 0.6, 0.55], [0.0, 0.0, 0.0]]
    fields = [clear, field(apart, [0.3, 0.3, 0.4], level=1), field(apart, [0.3, 0.3, 0.4], level=2)]
    found = robustness.agreement("x", "PROMETHEE II", fields)
    assert (found.fields, found.undefined, found.same_first, found.level_first) == (3, 0, 1, 1)
    assert found.tau == pytest.approx(1 / 3)


def test_a_method_that_turns_round_is_counted() -> None:
    assert list(robustness._trials(CHANGES[0], "TOPSIS", TURNS)).count((True, True)) == 1
    clear = field([[0.9, 0.8], [0.5, 0.7], [0.1, 0.2]], [0.5, 0.5])
    assert list(robustness._trials(CHANGES[0], "TOPSIS", clear)) == [(False, False)] * 2
    assert list(robustness._trials(CHANGES[1], "TOPSIS", clear)) == [(False, False)]


def test_opening_or_closing_a_tie_is_not_turning_round() -> None:
    (found,) = robustness._compared(np.array([2.0, 1.0, 1.0]), np.array([2.0, 2.0, 1.0]))
    assert found == (False, False)
    (found,) = robustness._compared(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0]))
    assert found == (True, False)
    (found,) = robustness._compared(np.array([3.0, 2.0, 1.0]), np.array([1.5, 2.0, 1.0]))
    assert found == (True, True)


def test_one_more_alternative_is_as_good_as_it_says() -> None:
    case = made_up(Size.parse("4x5x10x6"))
    before = case.release.roles["training"]
    after = compile_release(neighbours.with_another(case.document, before.members[1], DOMINATED)).roles["training"]
    new = after.members.index(f"{before.members[1]}-again")
    assert len(after.members) == len(before.members) + 1
    assert after.grade[new] == pytest.approx(DOMINATED * before.grade[1])


def test_steelyard_never_turns_round_and_every_change_is_tried() -> None:
    case = made_up(Size.parse("7x8x20x6"))
    panel = robustness.panel(case, 12)
    assert {row.method for row in panel.reversals} == {OURS, *METHODS}
    for row in panel.reversals:
        assert row.trials >= row.reordered >= row.new_first
        assert row.trials > 10
        assert row.method != OURS or row.reordered == 0
    assert robustness.text(panel).count("Steelyard 0 of ") == 1


def test_an_own_reversal_would_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the changed release's grades upside down the others do turn round, and the panel says so."""
    case = made_up(Size.parse("7x8x20x6"))
    fields = [f for given in case.inputs for f in robustness.fields(case.release, given)]
    upside_down = {
        criterion: {name: {**cell, "mean": 4.0 - cell["mean"]} for name, cell in of.items()}
        for criterion, of in case.document["grades"].items()
    }
    (ours, *_) = robustness.reversals(CHANGES[0], {**case.document, "grades": upside_down}, fields)
    assert ours.trials == sum(len(f.names) - 1 for f in fields)
    assert ours.reordered == ours.trials > 0


def test_random_answers_are_the_same_every_time_and_differ_from_each_other(shipped_release: Release) -> None:
    found = sampling.answers(shipped_release, 40)
    assert found == sampling.answers(shipped_release, 40)
    assert len({str(sorted(given.values.items())) for given in found}) == 40
    answered = {question for given in found for question in given.values}
    assert answered == set(shipped_release.questionnaire.questions)
