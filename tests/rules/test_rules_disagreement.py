"""Disagreement is measured as published, and says who stands where."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from math import sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.disagreement import Spread, View, concordance, disagreement, tau_b
from rules.preferences import Preferences, parse

QUIET = settings(max_examples=150, deadline=None, database=None)
OPTIONS = ("accuracy", "cost", "flexibility", "low_upkeep")

places = st.integers(0, 4)


@st.composite
def panels(draw: st.DrawFn) -> list[list[int]]:
    """Two to five rankings of two to seven things, with ties."""
    count = draw(st.integers(2, 7))
    return draw(st.lists(st.lists(places, min_size=count, max_size=count), min_size=2, max_size=5))


def people(*words: dict[str, Any]) -> Preferences:
    names = ["Ann", "Bo", "Cy", "Di"]
    stakeholders = [{"name": name, **word} for name, word in zip(names, words, strict=False)]
    return parse({"stakeholders": stakeholders}, OPTIONS)


def ranked(*options: str) -> dict[str, Any]:
    return {"method": "ranked", "ranking": options}


# --- Kendall's tau-b -------------------------------------------------------------------------------------------------


def test_tau_b_of_the_example_in_the_documentation_of_scipy() -> None:
    """scipy.stats.kendalltau, first example: 5 pairs with ties in both."""
    assert tau_b([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) == pytest.approx(-0.47140452079103173, abs=1e-15)


def slow_tau_b(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Knight's formula: pairs, less tied ones, less twice the exchanges that sort y after x is sorted."""
    pairs = sorted(zip(first, second, strict=True))
    y = [b for _, b in pairs]
    swaps = 0
    for end in range(len(y) - 1, 0, -1):
        for i in range(end):
            if y[i] > y[i + 1]:
                y[i], y[i + 1] = y[i + 1], y[i]
                swaps += 1

    def tied(values: Sequence[object]) -> int:
        return sum(t * (t - 1) // 2 for t in Counter(values).values())

    total = len(y) * (len(y) - 1) // 2
    ordered = (total - tied(first)) * (total - tied(second))
    numerator = total - tied(first) - tied(second) + tied(pairs) - 2 * swaps
    return numerator / sqrt(ordered) if ordered else None


@QUIET
@given(panels())
def test_tau_b_is_what_counting_exchanges_gives(panel: list[list[int]]) -> None:
    first, second, *_ = panel
    found = tau_b(first, second)
    slow = slow_tau_b(first, second)
    assert found == (None if slow is None else pytest.approx(slow, abs=1e-14))
    if found is not None:
        assert -1 <= found <= 1
        assert tau_b(second, first) == found
        assert tau_b(first, [-place for place in second]) == -found
        assert tau_b(first, first) == 1


@pytest.mark.parametrize(("first", "second"), [([], []), ([1], [2]), ([1, 1], [1, 2]), ([1, 2], [3, 3])])
def test_tau_b_says_nothing_where_nothing_is_ordered(first: list[int], second: list[int]) -> None:
    assert tau_b(first, second) is None


# --- Kendall's W -----------------------------------------------------------------------------------------------------


def test_w_of_the_example_in_the_manual_of_the_nag_library() -> None:
    """NAG Library, g08daf, example: three comparisons of ten objects with ties; W = 0.828."""
    first = [1.0, 4.5, 2.0, 4.5, 3.0, 7.5, 6.0, 9.0, 7.5, 10.0]
    second = [2.5, 1.0, 2.5, 4.5, 4.5, 8.0, 9.0, 6.5, 10.0, 6.5]
    third = [2.0, 1.0, 4.5, 4.5, 4.5, 4.5, 8.0, 8.0, 8.0, 10.0]
    found = concordance([first, second, third])
    assert found is not None
    assert round(found, 3) == 0.828


def textbook_w(panel: Sequence[Sequence[int]]) -> float | None:
    """12 S / (m^2 (n^3 - n) - m sum T) from mean ranks."""
    m, n = len(panel), len(panel[0])
    ranks = [[(2 * sum(o < v for o in row) + row.count(v) + 1) / 2 for v in row] for row in panel]
    sums = [sum(column) for column in zip(*ranks, strict=True)]
    deviations = sum((total - m * (n + 1) / 2) ** 2 for total in sums)
    ties = sum(t**3 - t for row in panel for t in Counter(row).values())
    below = m**2 * (n**3 - n) - m * ties
    return 12 * deviations / below if below else None


@QUIET
@given(panels(), st.randoms(use_true_random=False))
def test_w_is_the_textbook_formula_whatever_the_order(panel: list[list[int]], shuffle: Any) -> None:
    found, slow = concordance(panel), textbook_w(panel)
    assert found == (None if slow is None else pytest.approx(slow, abs=1e-12))
    columns = list(zip(*shuffle.sample(panel, len(panel)), strict=True))
    mixed = [list(row) for row in zip(*shuffle.sample(columns, len(columns)), strict=True)]
    assert concordance(mixed) == found
    assert concordance([[-place for place in row] for row in panel]) == found


@QUIET
@given(panels() | panels().map(lambda panel: [panel[0], [2 * place for place in panel[0]]]))
def test_w_is_one_exactly_where_all_rank_alike(panel: list[list[int]]) -> None:
    found = concordance(panel)
    orders = {tuple(sorted(set(row)).index(v) for v in row) for row in panel}
    if found is None:
        assert orders == {(0,) * len(panel[0])}
    else:
        assert 0 <= found <= 1
        assert (found == 1) == (len(orders) == 1)


def test_w_is_zero_for_two_opposites_and_for_all_orders_at_once() -> None:
    assert concordance([[1, 2, 3], [3, 2, 1]]) == 0
    assert concordance(list(permutations(range(4)))) == 0


@QUIET
@given(st.lists(st.permutations(range(5)), min_size=2, max_size=6))
def test_without_ties_w_follows_from_the_mean_of_spearmans_rho(panel: list[list[int]]) -> None:
    """mean rho = (m W - 1) / (m - 1): Kendall and Gibbons, Rank Correlation Methods."""
    m, n = len(panel), 5
    rhos = [
        1 - 6 * sum((a - b) ** 2 for a, b in zip(panel[i], panel[j], strict=True)) / (n**3 - n)
        for i in range(m)
        for j in range(i)
    ]
    found = concordance(panel)
    assert found is not None
    assert (m * found - 1) / (m - 1) == pytest.approx(sum(rhos) / len(rhos), abs=1e-12)


@pytest.mark.parametrize("panel", [[], [[], []], [[1], [1]], [[2, 2], [5, 5]]])
def test_w_says_nothing_where_nothing_is_ordered(panel: list[list[int]]) -> None:
    assert concordance(panel) is None


# --- Who stands where ------------------------------------------------------------------------------------------------


def test_who_weighs_what_widest_first_and_who_would_get_what() -> None:
    preferences = people(
        {"method": "direct", "weights": {"cost": 1, "accuracy": 1}},
        {"method": "direct", "weights": {"cost": 1, "flexibility": 3}},
        {"method": "direct", "weights": {"cost": 1, "accuracy": 1}},
    )
    found = disagreement(
        preferences,
        ["jax", None, "jax"],
        [["jax", "keras", "pytorch"], ["pytorch", "keras", "jax"], [("jax", "keras"), "pytorch"]],
        ["jax", "keras", "pytorch"],
    )
    assert found is not None
    assert found.spreads == (
        Spread("flexibility", 0.0, ("Ann", "Cy"), 0.75, ("Bo",)),
        Spread("accuracy", 0.0, ("Bo",), 0.5, ("Ann", "Cy")),
        Spread("cost", 0.25, ("Bo",), 0.5, ("Ann", "Cy")),
    )
    assert found.views == (
        View("Ann", "jax", 1.0),
        View("Bo", None, -1.0),
        View("Cy", "jax", pytest.approx(2 / sqrt(6))),  # type: ignore[arg-type]
    )
    assert found.concordance == concordance([[1, 2, 3], [3, 2, 1], [1, 1, 2]])


def test_people_of_one_mind_agree_fully() -> None:
    same = [["jax", "keras"]] * 3
    found = disagreement(people(*[ranked("cost", "accuracy")] * 3), ["jax"] * 3, same, same[0])
    assert found is not None
    assert found.concordance == 1
    assert all(spread.low == spread.high for spread in found.spreads)
    assert {(view.first, view.tau_b) for view in found.views} == {("jax", 1)}


def test_a_single_stakeholder_disagrees_with_nobody() -> None:
    assert disagreement(people(ranked("cost")), ["jax"], [["jax", "keras"]], ["jax", "keras"]) is None
    unnamed = parse(ranked("cost"), OPTIONS)
    assert disagreement(unnamed, ["jax"], [["jax"]], ["jax"]) is None


def test_rankings_are_compared_on_what_all_of_them_rank() -> None:
    found = disagreement(
        people(ranked("cost"), ranked("accuracy")),
        ["mlx", "jax"],
        [["mlx", "jax", "keras"], ["jax", "keras"]],
        ["keras", "caffe", "jax"],
    )
    assert found is not None
    assert found.concordance == 1
    assert [view.tau_b for view in found.views] == [-1, -1]


def test_where_nothing_is_left_to_rank_only_weights_disagree() -> None:
    found = disagreement(people(ranked("cost"), ranked("accuracy")), [None, None], [[], []], [])
    assert found is not None
    assert found.concordance is None
    assert [view.tau_b for view in found.views] == [None, None]
    assert len(found.spreads) == 2


def test_a_ranking_is_needed_for_each_stakeholder() -> None:
    pair = people(ranked("cost"), ranked("accuracy"))
    with pytest.raises(ValueError, match="for each stakeholder"):
        disagreement(pair, ["jax"], [["jax"], ["jax"]], ["jax"])
    with pytest.raises(ValueError, match="for each stakeholder"):
        disagreement(pair, ["jax", "jax"], [["jax"]], ["jax"])
