"""What people say matters becomes weights, or every fault of it is listed."""

import itertools
import random
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from math import fsum, inf, nan, prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import canonical
from rules.faults import Fault, InvalidInput, shown
from rules.preferences import METHODS, Preferences, combine, of_ranking, parse, rank_order_centroid

QUIET = settings(max_examples=80, deadline=None, database=None)
OPTIONS = ("accuracy", "cost", "ease_of_use", "flexibility", "low_upkeep", "training_speed")

numbers = st.floats(1e-4, 1e6) | st.integers(1, 10**6) | st.sampled_from([1, 2, 2.0])
weights = st.dictionaries(st.sampled_from(OPTIONS), numbers, min_size=1)


@st.composite
def words(draw: st.DrawFn) -> dict[str, Any]:
    """What one person says, by any method."""
    method = draw(st.sampled_from(METHODS))
    if method == "ranked":
        ranking = draw(st.lists(st.sampled_from(OPTIONS), min_size=1, unique=True))
        return {"method": method, "ranking": ranking}
    if method == "direct":
        return {"method": method, "weights": draw(weights)}
    swings = draw(st.dictionaries(st.sampled_from(OPTIONS), st.floats(0.001, 100) | st.just(40), min_size=1))
    return {"method": method, "weights": {**swings, draw(st.sampled_from(sorted(swings))): 100}}


@st.composite
def groups(draw: st.DrawFn, least: int = 1) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(["Ann", "Bo", "Cy", "Di", "Él"]), min_size=least, unique=True))
    says = st.none() | st.floats(0.01, 100) | st.just(2)
    people = [{"name": name, **draw(words())} for name in names]
    for person in people:
        say = draw(says)
        person |= {} if say is None else {"say": say}
    return {"stakeholders": people}


def alone(method: str, **said: object) -> Preferences:
    return parse({"method": method, **said}, OPTIONS)


def faults_of(document: object) -> list[Fault]:
    with pytest.raises(InvalidInput) as invalid:
        parse(document, OPTIONS)
    return list(invalid.value.faults)


def places_of(document: object) -> list[str]:
    return [fault.path for fault in faults_of(document)]


# --- Methods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "published"),
    [
        # Logical Decisions for Windows, manual, "Assessing weights using the SMARTER method": two members.
        (2, [0.75, 0.25]),
        # "Chang, 2004", as quoted in lecture notes on the rank order centroid method: four objectives.
        (4, [0.52, 0.27, 0.15, 0.06]),
    ],
)
def test_ranks_become_the_published_centroid_weights(count: int, published: list[float]) -> None:
    found = alone("ranked", ranking=OPTIONS[:count][::-1]).weights
    assert [round(weight, 2) for weight in found.values()] == published
    assert tuple(found) == OPTIONS[:count][::-1]


@pytest.mark.parametrize("count", range(1, 7))
def test_centroid_weights_are_the_mean_of_the_corners_of_all_weights_that_agree(count: int) -> None:
    """The corners of w_1 >= w_2 >= ... >= 0 with sum 1 share 1 equally among the first k."""
    corners = [[Fraction(1, k) if i < k else Fraction(0) for i in range(count)] for k in range(1, count + 1)]
    slow = [float(sum(column) / count) for column in zip(*corners, strict=True)]
    assert list(of_ranking(OPTIONS[:count]).values()) == pytest.approx(slow, abs=1e-15)


@pytest.mark.parametrize("count", range(7))
def test_a_ranking_alone_weighs_to_the_bit_what_it_weighs_as_an_answer(count: int) -> None:
    assert list(of_ranking(OPTIONS[:count]).values()) == rank_order_centroid(count)
    if count:
        assert list(alone("ranked", ranking=OPTIONS[:count]).weights.values()) == rank_order_centroid(count)


@pytest.mark.parametrize(
    ("points", "published"),
    [
        # P. Goodwin and G. Wright, Decision Analysis for Management Judgment, figure 13.4: market share, risk, profit.
        ([100, 50, 30], [0.556, 0.278, 0.167]),
        # The same, weights of the office location in chapter 3: customers, visibility, image, size, comfort, parking.
        ([100, 80, 70, 30, 20, 10], [0.32, 0.26, 0.23, 0.10, 0.06, 0.03]),
    ],
)
def test_swings_become_the_published_weights(points: list[float], published: list[float]) -> None:
    found = alone("swing", weights=dict(zip(OPTIONS, points, strict=False))).weights
    assert [round(weight, 3 if len(points) == 3 else 2) for weight in found.values()] == published


@QUIET
@given(groups() | words())
def test_weights_are_positive_and_sum_to_one_heaviest_first(document: dict[str, Any]) -> None:
    found = parse(document, OPTIONS)
    for shares in [found.weights, *(s.weights for s in found.stakeholders)]:
        assert fsum(shares.values()) == pytest.approx(1.0, abs=1e-12)
        assert min(shares.values()) > 0
    assert found.ranking == tuple(found.weights)
    ordered = list(found.weights.values())
    assert all(one >= other * (1 - 1e-11) for one, other in itertools.pairwise(ordered))


@QUIET
@given(weights, st.sampled_from([0.001, 0.3, 7, 1000.0]))
def test_direct_weights_have_no_scale(said: dict[str, float], factor: float) -> None:
    scaled = alone("direct", weights={option: number * factor for option, number in said.items()})
    assert dict(scaled.weights) == pytest.approx(dict(alone("direct", weights=said).weights), rel=1e-12)


@QUIET
@given(weights)
def test_swings_weigh_as_direct_numbers_in_the_same_proportions(said: dict[str, float]) -> None:
    top = max(said.values())
    swings = {option: 100 if number == top else 100 * number / top for option, number in said.items()}
    found = alone("swing", weights=swings).weights
    assert dict(found) == pytest.approx(dict(alone("direct", weights=said).weights), rel=1e-12)


def test_equal_weights_go_by_id_also_when_sums_differ_by_rounding() -> None:
    assert alone("direct", weights={"cost": 2, "accuracy": 2, "low_upkeep": 3}).ranking == (
        "low_upkeep",
        "accuracy",
        "cost",
    )
    tenths = [{"accuracy": 1, "cost": 9}, {"accuracy": 7, "cost": 3}, {"accuracy": 7, "cost": 3}]
    people = [{"name": f"P{i}", "method": "direct", "weights": said} for i, said in enumerate(tenths)]
    halves = parse({"stakeholders": people}, OPTIONS)
    assert halves.weights["accuracy"] < 0.5 <= halves.weights["cost"]  # by rounding alone
    assert halves.ranking == ("accuracy", "cost")
    tiny = alone("direct", weights={"accuracy": 1e-9, "cost": 2e-9, "low_upkeep": 1e9})
    assert tiny.ranking == ("low_upkeep", "cost", "accuracy")


# --- Several people --------------------------------------------------------------------------------------------------

PAIR = {
    "stakeholders": [
        {"name": "Research", "say": 1, "method": "direct", "weights": {"flexibility": 3, "accuracy": 1}},
        {"name": "Operations", "say": 2, "method": "ranked", "ranking": ["low_upkeep", "accuracy"]},
    ]
}


def test_the_aggregate_is_the_mean_by_say() -> None:
    found = parse(PAIR, OPTIONS)
    assert [s.name for s in found.stakeholders] == ["Operations", "Research"]
    assert dict(found.weights) == pytest.approx({"low_upkeep": 0.5, "flexibility": 0.25, "accuracy": 0.25})
    assert found.ranking == ("low_upkeep", "accuracy", "flexibility")


@QUIET
@given(groups(), st.randoms(use_true_random=False))
def test_the_order_of_people_and_of_weights_changes_nothing(document: dict[str, Any], shuffle: random.Random) -> None:
    people = [dict(shuffle.sample(sorted(person.items()), len(person))) for person in document["stakeholders"]]
    for person in people:
        if "weights" in person:
            person["weights"] = dict(shuffle.sample(sorted(person["weights"].items()), len(person["weights"])))
    shuffle.shuffle(people)
    one, other = parse(document, OPTIONS), parse({"stakeholders": people}, OPTIONS)
    assert one == other
    assert one.ranking == other.ranking
    assert canonical.dump(one.document()) == canonical.dump(other.document())


@QUIET
@given(groups(), st.sampled_from([0.5, 3.0, 10.0]))
def test_say_has_no_scale(document: dict[str, Any], factor: float) -> None:
    louder = [{**person, "say": person.get("say", 1) * factor} for person in document["stakeholders"]]
    found = parse({"stakeholders": louder}, OPTIONS).weights
    assert dict(found) == pytest.approx(dict(parse(document, OPTIONS).weights), rel=1e-12)


@QUIET
@given(words(), st.floats(0.01, 100), st.integers(1, 5))
def test_people_of_one_mind_weigh_as_one_of_them(word: dict[str, Any], say: float, count: int) -> None:
    people = [{"name": f"P{i}", "say": say, **word} for i in range(count)]
    together, single = parse({"stakeholders": people}, OPTIONS), parse(word, OPTIONS)
    assert dict(together.weights) == pytest.approx(dict(single.weights), rel=1e-12)
    assert together.ranking == single.ranking
    if count == 1:
        assert together.weights == single.weights


@QUIET
@given(groups(least=2), st.lists(st.floats(-1, 1), min_size=len(OPTIONS), max_size=len(OPTIONS)))
def test_what_all_put_first_the_aggregate_puts_first(document: dict[str, Any], gains: list[float]) -> None:
    """`gains` are one alternative's grades less another's; their weighted sum decides between the two."""
    found = parse(document, OPTIONS)
    lead = [_weighted(s.weights, gains) for s in found.stakeholders]
    assert min(lead) - 1e-12 <= _weighted(found.weights, gains) <= max(lead) + 1e-12


def _weighted(shares: Mapping[str, float], gains: list[float]) -> float:
    return fsum(shares.get(option, 0.0) * gain for option, gain in zip(OPTIONS, gains, strict=True))


def test_a_geometric_mean_would_put_first_what_all_put_second() -> None:
    """The example in the decision page."""
    said = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]]
    people = [
        {"name": f"P{i}", "method": "direct", "weights": dict(zip(OPTIONS, row, strict=False))}
        for i, row in enumerate(said)
    ]
    gains = [0.1, 0.1, -0.85, 0, 0, 0]
    found = parse({"stakeholders": people}, OPTIONS)
    assert all(_weighted(s.weights, gains) > 0 for s in found.stakeholders)
    assert _weighted(found.weights, gains) > 0
    roots = [prod(column) ** 0.5 for column in zip(*said, strict=True)]
    assert sum(root / sum(roots) * gain for root, gain in zip(roots, gains, strict=False)) < 0


def test_nobody_has_no_preferences() -> None:
    with pytest.raises(ValueError, match="a stakeholder"):
        combine([])


@QUIET
@given(groups() | words())
def test_a_document_reads_back_to_an_equal_value(document: dict[str, Any]) -> None:
    found = parse(document, OPTIONS)
    again = parse(found.document(), OPTIONS)
    assert again == found
    assert again.ranking == found.ranking
    assert again.document() == found.document()


def test_the_document_keeps_what_was_said() -> None:
    assert alone("swing", weights={"cost": 40, "accuracy": 100}).document() == {
        "method": "swing",
        "weights": {"accuracy": 100.0, "cost": 40.0},
    }
    assert parse({"stakeholders": [{"name": "Ann", "method": "ranked", "ranking": ["cost"]}]}, OPTIONS).document() == {
        "stakeholders": [{"name": "Ann", "say": 1.0, "method": "ranked", "ranking": ["cost"]}]
    }


# --- Faults ----------------------------------------------------------------------------------------------------------


def test_every_fault_is_listed_at_once_with_the_nearest_name() -> None:
    document = {
        "stakeholders": [
            {"name": "ann", "say": 0, "method": "rankd", "ranking": ["acuracy", "cost", "cost"], "sya": 1},
            {"name": "Ann", "say": -1, "method": "swing", "weights": {"cost": 40, "low_upkep": 99}},
            {"name": " Bo", "method": "direct", "weights": {"cost": 0, "accuracy": -1, "low_upkeep": nan}},
            {"method": "ranked", "weights": {"cost": 1}},
            {"name": "Cy", "method": "swing", "weights": {"cost": 100.5, "accuracy": True}},
            ["Di"],
        ],
        "method": "ranked",
    }
    root = "preferences.stakeholders"
    found = {(fault.path, fault.value): fault.nearest for fault in faults_of(document)}
    assert found == {
        ("preferences", "'method'"): None,
        (f"{root}[0].method", "'rankd'"): "ranked",
        (f"{root}[0]", "'sya'"): "say",
        (f"{root}[0].say", "0"): None,
        (f"{root}[0].ranking[0]", "'acuracy'"): "accuracy",
        (f"{root}[0].ranking[2]", "'cost'"): None,
        (f"{root}[1].name", "'Ann'"): None,
        (f"{root}[1].say", "-1"): None,
        (f"{root}[1].weights", "'low_upkep'"): "low_upkeep",
        (f"{root}[1].weights", "a largest swing of 99"): None,
        (f"{root}[2].name", "' Bo'"): None,
        (f"{root}[2].weights.cost", "0"): None,
        (f"{root}[2].weights.accuracy", "-1"): None,
        (f"{root}[2].weights.low_upkeep", "nan"): None,
        (f"{root}[3].name", "null"): None,
        (f"{root}[3]", "'weights'"): None,
        (f"{root}[3].ranking", "null"): None,
        (f"{root}[4].weights.cost", "100.5"): None,
        (f"{root}[4].weights.accuracy", "true"): None,
        (f"{root}[5]", "['Di']"): None,
    }


@pytest.mark.parametrize(
    ("document", "places"),
    [
        (None, ["preferences"]),
        ([], ["preferences"]),
        ("swing", ["preferences"]),
        ({}, ["preferences.method"]),
        ({"method": ["swing"], "weights": {"cost": 1}}, ["preferences.method"]),
        ({"method": "ranked"}, ["preferences.ranking"]),
        ({"method": "ranked", "ranking": []}, ["preferences.ranking"]),
        ({"method": "ranked", "ranking": "cost"}, ["preferences.ranking"]),
        ({"method": "ranked", "ranking": ["cost", ["accuracy"]]}, ["preferences.ranking[1]"]),
        ({"method": "ranked", "ranking": ["cost"] * 65}, ["preferences.ranking"]),
        ({"method": "ranked", "ranking": ["cost"], "weights": {"cost": 1}}, ["preferences"]),
        ({"method": "direct", "weights": {}}, ["preferences.weights"]),
        ({"method": "direct", "weights": [1]}, ["preferences.weights"]),
        ({"method": "direct", "weights": {"cost": 1}, "name": "Ann", "say": 2}, ["preferences"] * 2),
        ({"method": "swing", "weights": {"cost": 99.99}}, ["preferences.weights"]),
        ({"stakeholders": []}, ["preferences.stakeholders"]),
        ({"stakeholders": {"Ann": {}}}, ["preferences.stakeholders"]),
        ({"stakeholders": None}, ["preferences.stakeholders"]),
    ],
)
def test_a_document_of_the_wrong_form_is_refused_where_it_is_wrong(document: object, places: list[str]) -> None:
    assert places_of(document) == places


def test_a_misspelt_stakeholders_finds_its_name() -> None:
    assert "stakeholders" in [fault.nearest for fault in faults_of({"stakeholder": []})]


@pytest.mark.parametrize(
    "number",
    [0, -0.0, -1, 1e-10, 1e10, nan, inf, -inf, 10**5000, True, "1", None, [1], 1j],
    ids=lambda n: shown(n)[:20],
)
def test_only_positive_numbers_in_range_are_numbers(number: object) -> None:
    assert places_of({"method": "direct", "weights": {"cost": number, "accuracy": 1}}) == ["preferences.weights.cost"]
    person = {"name": "Ann", "say": number, "method": "ranked", "ranking": ["cost"]}
    assert places_of({"stakeholders": [person]}) == ["preferences.stakeholders[0].say"]


@pytest.mark.parametrize("name", ["", " ", "a ", "a\nb", "\x1b[31m", "\u202eabc", "\ud800", "x" * 81, 1, None, True])
def test_a_name_is_one_printable_line(name: object) -> None:
    person = {"name": name, "method": "ranked", "ranking": ["cost"]}
    assert places_of({"stakeholders": [person]}) == ["preferences.stakeholders[0].name"]


def test_what_fits_exactly_is_taken() -> None:
    people = [{"name": f"{i:080}", "method": "ranked", "ranking": ["cost"], "say": 1e9} for i in range(32)]
    assert dict(parse({"stakeholders": people}, OPTIONS).weights) == pytest.approx({"cost": 1.0})
    assert places_of({"stakeholders": [*people, people[0]]}) == ["preferences.stakeholders"]


def nested(depth: int) -> object:
    found: object = "cost"
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "document",
    [
        nested(100_000),
        {"method": nested(100_000)},
        {"method": "direct", "weights": {"cost": nested(100_000)}},
        {"method": "ranked", "ranking": [nested(100_000)]},
        {"method": "ranked", "ranking": ["cost"], **{str(i): i for i in range(100_000)}},
        {"method": "direct", "weights": {str(i): i for i in range(100_000)}},
        {"method": "direct", "weights": {"x" * 10**6: 1, 7: 1, None: 1, ("cost",): 1, True: "y"}},
        {"stakeholders": [{"name": str(i)} for i in range(100_000)]},
        {"stakeholders": [dict.fromkeys(range(64), "x" * 1000)] * 32},
    ],
    ids=["deep", "deep method", "deep weight", "deep rank", "keys", "weights", "odd keys", "people", "all wrong"],
)
def test_hostile_documents_are_refused_in_few_short_words(document: object) -> None:
    found = faults_of(document)
    assert 0 < len(found) <= 32 * 70
    assert all(len(str(fault)) < 600 for fault in found)


@QUIET
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats()
        | st.integers()
        | st.text(max_size=3)
        | st.sampled_from(OPTIONS + METHODS),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["method", "ranking", "weights", "stakeholders", "name", "say", *OPTIONS])
                | st.integers(),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_document_is_understood_or_refused(document: object) -> None:
    with suppress(InvalidInput):
        assert parse(document, OPTIONS).weights
