"""The score: against a slow second formula, recomputed by hand from the document, and the laws it must keep."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules import conditions, scoring
from rules.preferences import rank_order_centroid
from rules.release import Release, compile_release
from rules.requirements import parse
from tests.rules.builders import PRIORITIES, alternative, answers, decide, document, documents, rule

QUIET = settings(max_examples=40, deadline=None, database=None)
Document = dict[str, Any]
Answers = dict[str, object]


@st.composite
def cases(draw: st.DrawFn, *, gates: bool = False) -> tuple[Document, Answers]:
    source = draw(documents(gates=gates))
    given_answers = draw(answers())
    known = draw(st.lists(st.sampled_from([a["id"] for a in source["alternatives"]]), unique=True))
    return source, {**given_answers, "known_frameworks": known}


def training(source: Mapping[str, Any], given_answers: Mapping[str, object]) -> dict[str, Any]:
    decision = decide(compile_release(source), given_answers, roles=["training"])
    found: dict[str, Any] = decision.document()["roles"]["training"]
    return found


def order(source: Mapping[str, Any], given_answers: Mapping[str, object]) -> list[str]:
    return [place["framework"] for place in training(source, given_answers)["ranking"]]


# --- A slow second formula -------------------------------------------------------------------------------------------

CENTROID = {1: [1.0], 2: [0.75, 0.25], 3: [11 / 18, 5 / 18, 2 / 18], 4: [25 / 48, 13 / 48, 7 / 48, 3 / 48]}


def _slow_strength(entry: Mapping[str, Any], values: Mapping[str, object], release: Release) -> float:
    if entry["when"]:
        holds = conditions.compile_record(conditions.parse(entry["when"]), release.names)
        if holds(values) is not True:
            return 0.0
    if entry["rank_of"] is None:
        return float(entry["strength"])
    ranked: Sequence[str] = values.get("priorities", ())  # type: ignore[assignment]
    for place, name in enumerate(ranked):
        if name == entry["rank_of"]:
            return float(entry["strength"]) * CENTROID[len(ranked)][place]
    return 0.0


def slow_scores(source: Mapping[str, Any], given_answers: Mapping[str, object]) -> dict[str, float]:
    """Loops over rules and criteria, as the formula is written down."""
    release = compile_release(source)
    values = parse(given_answers, release.questionnaire).values
    known: Sequence[str] = values.get("known_frameworks", ())  # type: ignore[assignment]
    kin = {frozenset((k["a"], k["b"])): float(k["value"]) for k in source["kin"]}
    scores: dict[str, float] = {}
    for member in (a["id"] for a in source["alternatives"]):
        upper = lower = 0.0
        for entry in source["rules"]:
            spoken = _slow_strength(entry, values, release)
            scale = 1.0
            if entry["rank_of"]:
                scale = source["priorities_weight"] / sum(entry["weights"].values())
            for criterion, stated in entry["weights"].items():
                weight = stated * scale
                if criterion in source["grades"]:
                    grade = source["grades"][criterion][member]["mean"] / 4
                else:
                    near = [1.0 if k == member else kin.get(frozenset((k, member)), 0.0) for k in known]
                    grade = max(near, default=0.0)
                upper += spoken * weight * grade
                lower += spoken * weight
        scores[member] = upper / lower
    return scores


@settings(QUIET, max_examples=80)
@given(cases())
def test_the_score_agrees_with_loops_over_rules_and_criteria(case: tuple[Document, Answers]) -> None:
    found = {place["framework"]: place["score"] for place in training(*case)["ranking"]}
    assert found == pytest.approx(slow_scores(*case), abs=1e-11)
    assert all(0 <= score <= 1 for score in found.values())


@QUIET
@given(cases())
def test_better_scores_come_first_and_equals_in_the_order_of_their_names(case: tuple[Document, Answers]) -> None:
    slow = slow_scores(*case)
    expected = sorted(slow, key=lambda member: (-round(slow[member], 9), member))
    ranking = training(*case)["ranking"]
    assert [place["framework"] for place in ranking] == expected
    assert [place["rank"] for place in ranking] == list(range(1, len(expected) + 1))


# --- Recomputed from the document ------------------------------------------------------------------------------------


@QUIET
@given(cases(gates=True))
def test_contributions_and_the_mean_of_the_field_add_up_to_the_score(case: tuple[Document, Answers]) -> None:
    result = training(*case)
    for place in result["ranking"]:
        total = result["field_mean"] + sum(reason["contribution"] for reason in place["reasons"])
        assert total == pytest.approx(place["score"], abs=1e-9)
    if result["ranking"]:
        scores = [place["score"] for place in result["ranking"]]
        assert result["field_mean"] == pytest.approx(sum(scores) / len(scores), abs=1e-9)
        margin = scores[0] - scores[1] if len(scores) > 1 else None
        assert result["margin"] == (margin if margin is None else pytest.approx(margin, abs=1e-9))


@QUIET
@given(cases(gates=True))
def test_the_document_holds_all_that_is_needed_to_score_by_hand(case: tuple[Document, Answers]) -> None:
    result = training(*case)
    spoken = {r["rule"]: r for r in result["rules"]}
    mass = {name: r["strength"] * sum(r["weights"].values()) for name, r in spoken.items()}
    assert sum(r["share"] for r in spoken.values()) == pytest.approx(1, abs=1e-9)
    for name, r in spoken.items():
        assert r["share"] == pytest.approx(mass[name] / sum(mass.values()), abs=1e-9)
    for place in result["ranking"]:
        grades = result["grades"][place["framework"]]
        by_hand = 0.0
        for reason in place["reasons"]:
            weights = spoken[reason["rule"]]["weights"]
            opinion = sum(weight * grades[c][0] for c, weight in weights.items()) / sum(weights.values())
            assert reason["opinion"] == pytest.approx(opinion, abs=1e-9)
            assert reason["share"] == spoken[reason["rule"]]["share"]
            by_hand += reason["share"] * opinion
        assert place["score"] == pytest.approx(by_hand, abs=1e-9)
        assert {reason["rule"] for reason in place["reasons"]} == spoken.keys()


@QUIET
@given(cases())
def test_reasons_come_with_the_largest_contribution_first(case: tuple[Document, Answers]) -> None:
    for place in training(*case)["ranking"]:
        sizes = [abs(reason["contribution"]) for reason in place["reasons"]]
        assert sizes == sorted(sizes, reverse=True)


# --- Priorities ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "published"),
    [
        (1, [1.0]),
        (2, [0.75, 0.25]),
        (3, [0.6111, 0.2778, 0.1111]),
        (4, [0.5208, 0.2708, 0.1458, 0.0625]),
        (5, [0.4567, 0.2567, 0.1567, 0.0900, 0.0400]),
    ],
)
def test_rank_order_centroid_weights_are_those_published(count: int, published: list[float]) -> None:
    """Barron and Barrett, Management Science 42(11), 1996."""
    assert rank_order_centroid(count) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize("count", range(1, 40))
def test_rank_order_centroid_weights_fall_and_sum_to_one(count: int) -> None:
    weights = rank_order_centroid(count)
    assert sum(weights) == pytest.approx(1, abs=1e-12)
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == pytest.approx(1 / count**2)


def test_a_priority_counts_by_its_place_and_not_when_it_is_not_named() -> None:
    members = [alternative("fast"), alternative("easy")]
    grades = {"base": {"fast": (2.0, 0.1), "easy": (2.0, 0.1)}, "speed": {"fast": (4.0, 0.1), "easy": (0.0, 0.1)}}
    rules = [rule("base", {"base": 1}), rule("speed", {"speed": 1}, rank_of="speed", strength=0.5)]
    source = document(members, grades, rules)
    strengths = {
        tuple(ranked): {r["rule"]: r["strength"] for r in training(source, {"priorities": ranked})["rules"]}
        for ranked in (["speed"], ["cost", "speed"], ["cost", "ease", "speed"], ["cost"])
    }
    assert [found.get("speed") for found in strengths.values()] == [0.5, 0.125, pytest.approx(0.5 / 9), None]
    assert set(PRIORITIES) >= {"cost", "ease", "speed"}


# --- Laws ------------------------------------------------------------------------------------------------------------


@QUIET
@given(cases(), st.data())
def test_raising_a_grade_never_lowers_that_members_rank(case: tuple[Document, Answers], data: st.DataObject) -> None:
    source, given_answers = case
    criterion = data.draw(st.sampled_from(sorted(source["grades"])))
    member = data.draw(st.sampled_from(sorted(source["grades"][criterion])))
    cell = source["grades"][criterion][member]
    raised = {**cell, "mean": data.draw(st.floats(cell["mean"], 4.0))}
    of_criterion = {**source["grades"][criterion], member: raised}
    better = {**source, "grades": {**source["grades"], criterion: of_criterion}}
    assert order(better, given_answers).index(member) <= order(source, given_answers).index(member)


def without(source: Document, member: str) -> Document:
    return {
        **source,
        "alternatives": [a for a in source["alternatives"] if a["id"] != member],
        "grades": {c: {m: g for m, g in of.items() if m != member} for c, of in source["grades"].items()},
    }


@QUIET
@given(cases(), st.data())
def test_taking_an_alternative_away_never_reorders_the_others(
    case: tuple[Document, Answers], data: st.DataObject
) -> None:
    """No rank reversal. Read the other way round: adding one never reorders those that were there."""
    source, given_answers = case
    gone = data.draw(st.sampled_from([a["id"] for a in source["alternatives"]]))
    known: list[str] = given_answers.pop("known_frameworks")  # type: ignore[assignment]
    given_answers["known_frameworks"] = [name for name in known if name != gone]
    assume(len(source["alternatives"]) > 1)
    remaining = [member for member in order(source, given_answers) if member != gone]
    assert order(without(source, gone), given_answers) == remaining


@QUIET
@given(cases(gates=True), st.randoms(use_true_random=False))
def test_the_order_of_rules_criteria_alternatives_and_gates_changes_nothing(
    case: tuple[Document, Answers], shuffle: Any
) -> None:
    source, given_answers = case
    mixed = dict(source)
    for part in ("rules", "criteria", "alternatives", "gates", "kin"):
        mixed[part] = shuffle.sample(source[part], len(source[part]))
    mixed["grades"] = dict(shuffle.sample(sorted(source["grades"].items()), len(source["grades"])))
    before, after = training(source, given_answers), training(mixed, given_answers)
    assert [p["framework"] for p in after["ranking"]] == [p["framework"] for p in before["ranking"]]
    for one, other in zip(before["ranking"], after["ranking"], strict=True):
        assert other["score"] == pytest.approx(one["score"], abs=1e-11)
        assert other["win_probability"] == pytest.approx(one["win_probability"], abs=2e-6)
        assert {r["rule"]: r["contribution"] for r in other["reasons"]} == pytest.approx(
            {r["rule"]: r["contribution"] for r in one["reasons"]}, abs=1e-11
        )


@QUIET
@given(cases(), st.sampled_from([0.001, 0.1, 3.0, 7.0, 1000.0]))
def test_scaling_all_weights_changes_nothing(case: tuple[Document, Answers], factor: float) -> None:
    source, given_answers = case
    rules = [{**r, "weights": {c: w * factor for c, w in r["weights"].items()}} for r in source["rules"]]
    scaled = {**source, "rules": rules, "priorities_weight": source["priorities_weight"] * factor}
    before, after = training(source, given_answers), training(scaled, given_answers)
    for one, other in zip(before["ranking"], after["ranking"], strict=True):
        assert (other["framework"], other["score"]) == (one["framework"], pytest.approx(one["score"], abs=1e-11))
        assert other["interval"] == pytest.approx(one["interval"], abs=2e-6)


@QUIET
@given(cases())
def test_a_rule_that_does_not_speak_might_as_well_not_be_there(case: tuple[Document, Answers]) -> None:
    source, given_answers = case
    spoken = {r["rule"] for r in training(source, given_answers)["rules"]}
    only = {**source, "rules": [r for r in source["rules"] if r["id"] in spoken]}
    assert order(only, given_answers) == order(source, given_answers)


# --- Edges -----------------------------------------------------------------------------------------------------------


def test_two_rules_with_the_same_words_count_twice() -> None:
    grades = {"a": {"x": (4.0, 0.1)}, "b": {"x": (0.0, 0.1)}}
    once = document([alternative("x")], grades, [rule("one", {"a": 1}), rule("two", {"b": 1})])
    twice = document(
        [alternative("x")], grades, [rule("one", {"a": 1}), rule("two", {"b": 1}), rule("three", {"b": 1})]
    )
    assert training(once, {})["ranking"][0]["score"] == pytest.approx(1 / 2)
    assert training(twice, {})["ranking"][0]["score"] == pytest.approx(1 / 3)


def test_a_score_without_any_rule_is_refused_by_the_formula() -> None:
    release = compile_release(document([alternative("x")], {"a": {"x": (1.0, 0.1)}}, [rule("r", {"a": 1}, "offline")]))
    with pytest.raises(ValueError, match="nothing to weigh"):
        scoring.score(release, release.roles["training"], {}, [0.0])


@pytest.mark.parametrize("rules", [[], [rule("r", {"a": 1}, "offline")]])
def test_a_role_in_which_no_rule_speaks_has_an_empty_ranking_not_a_crash(rules: list[Mapping[str, Any]]) -> None:
    source = document([alternative("x")], {"a": {"x": (1.0, 0.1)}}, rules)
    assert training(source, {})["ranking"] == []


def test_the_role_that_answers_do_not_call_for_is_not_ranked(small_release: Release) -> None:
    assert list(decide(small_release, {}).roles) == ["training"]
    assert list(decide(small_release, {"deploy_targets": "android"}).roles) == ["training", "runtime"]
    assert list(decide(small_release, {"need": "inference_only"}).roles) == ["runtime"]
    assert list(decide(small_release, {"deploy_targets": "none"}).roles) == ["training"]
    assert list(decide(small_release, {}, roles=["runtime"]).roles) == ["runtime"]


def test_priorities_weigh_the_same_whatever_the_sum_of_their_weights() -> None:
    members = [alternative("fast"), alternative("easy")]
    grades = {"base": {"fast": (2.0, 0.1), "easy": (2.0, 0.1)}, "speed": {"fast": (4.0, 0.1), "easy": (0.0, 0.1)}}
    for weight in (0.5, 40.0):
        rules = [rule("base", {"base": 1}), rule("speed", {"speed": weight}, rank_of="speed")]
        spoken = training(document(members, grades, rules), {"priorities": ["speed"]})["rules"]
        assert {r["rule"]: r["share"] for r in spoken} == pytest.approx({"base": 1 / 3.5, "speed": 2.5 / 3.5})


def test_the_smallest_difference_of_scores_decides_and_the_name_only_between_equals() -> None:
    grades = {"c": {"a": (2.0, 0.1), "b": (2.0001, 0.1), "c": (2.0, 0.1)}}
    source = document([alternative(name) for name in "cba"], grades, [rule("base", {"c": 1})])
    assert order(source, {}) == ["b", "a", "c"]
