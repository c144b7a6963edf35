"""One alternative against another: gaps add up, and no smaller change of weights levels the two."""

import random
from collections.abc import Sequence
from itertools import combinations, product
from math import fsum, isclose, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules import confidence, scoring
from rules.accounts.against import against, least_joint_change
from rules.faults import InvalidInput
from tests.rules.builders import alternative, answers, document, documents, gate, rule
from tests.rules.recorded import EXAMPLES, Recorded, example, record, recorded, shipped

QUIET = settings(max_examples=60, deadline=None, database=None)


def pairs(result: dict[str, Any]) -> list[tuple[str, str]]:
    return list(combinations(sorted(result["grades"]), 2))


# --- The gap ---------------------------------------------------------------------------------------------------------


@QUIET
@given(recorded())
def test_the_parts_sum_to_the_gap_of_the_recorded_scores_by_rule_and_by_criterion(made: Recorded) -> None:
    decision, _ = made
    for role, result in decision["roles"].items():
        score = {p["framework"]: p["score"] for p in result["ranking"]}
        for a, b in pairs(result):
            found = against(decision, a, b, role)["comparison"]
            assert abs(fsum(r["gap"] for r in found["rules"]) - found["gap"]) < 1e-9
            for row in found["rules"]:
                assert abs(fsum(c["gap"] for c in row["criteria"]) - row["gap"]) < 1e-9
            if a in score and b in score:
                assert abs(found["gap"] - (score[a] - score[b])) < 1e-9
                assert abs(found["recorded_gap"] - (score[a] - score[b])) < 1e-9
            else:
                assert found["recorded_gap"] is None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_pair_of_every_example_adds_up_and_has_its_largest_part_first(path: Any) -> None:
    decision = example(path)
    for role, result in decision["roles"].items():
        reasons = {p["framework"]: {r["rule"]: r["contribution"] for r in p["reasons"]} for p in result["ranking"]}
        for a, b in combinations([p["framework"] for p in result["ranking"]], 2):
            rows = against(decision, a, b, role)["comparison"]["rules"]
            assert {r["rule"] for r in rows} == set(reasons[a])
            for row in rows:
                assert abs(row["gap"] - (reasons[a][row["rule"]] - reasons[b][row["rule"]])) < 1e-9
                shown = [abs(c["gap"]) for c in row["criteria"]]
                assert shown == sorted(shown, reverse=True)
            shown = [abs(r["gap"]) for r in rows]
            assert shown == sorted(shown, reverse=True)


def two(grades: dict[str, tuple[float, float]], *rules: dict[str, Any], **rest: Any) -> Recorded:
    """A decision between `a` and `b`, graded in levels on each criterion."""
    cells = {c: {"a": (x, 0.2), "b": (y, 0.4)} for c, (x, y) in grades.items()}
    return record(document([alternative("a"), alternative("b")], cells, rules, **rest), {})


def test_a_gap_is_split_as_by_hand() -> None:
    decision, _ = two({"c1": (4, 2), "c2": (1, 3)}, rule("base", {"c1": 3, "c2": 1}), rule("more", {"c2": 4}))
    found = against(decision, "a", "b", "training")["comparison"]
    # W = 8; base: 3/8 x 0.5 - 1/8 x 0.5; more: -4/8 x 0.5
    assert [(r["rule"], r["gap"], r["share"]) for r in found["rules"]] == [("more", -0.25, 0.5), ("base", 0.125, 0.5)]
    assert [(c["criterion"], c["gap"]) for c in found["rules"][1]["criteria"]] == [("c1", 0.1875), ("c2", -0.0625)]
    assert found["gap"] == -0.125
    back = against(decision, "b", "a", "training")["comparison"]
    assert back["gap"] == 0.125
    # more at half its weight: share 2/6; or base at twice its weight: share 2/3. Both move by a sixth; "base" is first.
    assert found["level_by_one"] == back["level_by_one"]
    assert (found["level_by_one"]["rule"], found["level_by_one"]["factor"]) == ("base", 2.0)
    assert isclose(found["level_by_one"]["share_after"], 2 / 3, abs_tol=1e-9)


def test_an_excluded_one_is_compared_as_if_no_gate_stopped_it_and_shows_its_gates() -> None:
    facts = [alternative("a", has__kernels=False), alternative("b", has__kernels=True)]
    source = document(
        facts, {"c": {"a": (4, 0.1), "b": (2, 0.1)}}, [rule("base", {"c": 1})], [gate("g", "alt.has.kernels")]
    )
    decision, _ = record(source, {})
    found = against(decision, "a", "b", "training")
    assert found["a"] == {
        "framework": "a",
        "outcome": "excluded",
        "gates": [{"gate": "g", "layer": "shipped", "text": "A fails g"}],
    }
    assert found["b"]["outcome"] == "ranked"
    assert found["b"]["rank"] == 1
    assert (found["comparison"]["gap"], found["comparison"]["recorded_gap"]) == (0.5, None)


def test_one_without_grades_is_not_compared() -> None:
    members = [alternative("a"), alternative("b", graded=False)]
    source = document(members, {"c": {"a": (4, 0.1)}}, [rule("base", {"c": 1})], [gate("graded", "alt.graded")])
    decision, _ = record(source, {})
    assert against(decision, "a", "b", "training")["comparison"] is None


def test_every_fault_is_named_with_the_nearest() -> None:
    decision, _ = two({"c": (4, 2)}, rule("base", {"c": 1}))
    with pytest.raises(InvalidInput) as wrong:
        against(decision, "x", "x", "training")
    assert [f.path for f in wrong.value.faults] == ["a", "b", "b"]
    with pytest.raises(InvalidInput) as wrong:
        against(decision, "a", "b", "trainin")
    assert [(f.path, f.nearest) for f in wrong.value.faults] == [("role", "training")]


# --- One weight ------------------------------------------------------------------------------------------------------


@QUIET
@given(recorded())
def test_no_other_single_weight_levels_two_with_a_smaller_change_of_share(made: Recorded) -> None:
    decision, _ = made
    for role, result in decision["roles"].items():
        for a, b in pairs(result):
            found = against(decision, a, b, role)["comparison"]
            least = found["level_by_one"]
            for row in found["rules"]:
                after = _level_alone(row, found["gap"])
                if after is None or abs(found["gap"]) < 1e-9:
                    continue
                assert least is not None
                assert abs(least["share_after"] - least["share"]) <= abs(after - row["share"]) + 1e-9
            if least:
                part = next(r["gap"] for r in found["rules"] if r["rule"] == least["rule"])
                assert least["factor"] >= 0
                assert abs(found["gap"] + (least["factor"] - 1) * part) < 1e-9 * max(1, least["factor"])


def _level_alone(row: dict[str, Any], gap: float) -> float | None:
    """The share at which one rule alone levels two, found by bisection over the share instead of the formula."""
    if row["share"] >= 1 - 1e-12 or abs(row["gap"]) < 1e-6:
        return None
    own, others = row["gap"] / row["share"], (gap - row["gap"]) / (1 - row["share"])

    def left(share: float) -> float:
        return float(share * own + (1 - share) * others)

    low, high = 0.0, 1.0 - 1e-9
    if left(low) * left(high) > 0:
        return None
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if left(low) * left(middle) > 0 else (low, middle)
    return low


# --- All weights together --------------------------------------------------------------------------------------------

PARTS = st.lists(
    st.one_of(st.sampled_from([0.0, 0.5, -0.5, 0.01]), st.integers(-1000, 1000).map(lambda n: n / 1000)),
    min_size=1,
    max_size=6,
)


@QUIET
@given(PARTS)
def test_the_joint_change_levels_within_its_bounds(parts: list[float]) -> None:
    moves = least_joint_change(parts)
    if moves is None:
        assert all(p > 0 for p in parts) or all(p < 0 for p in parts)
        return
    assert min(moves) >= -1
    assert abs(fsum((1 + x) * part for x, part in zip(moves, parts, strict=True))) < 1e-9


@QUIET
@given(PARTS)
def test_no_choice_of_weights_taken_out_does_better(parts: list[float]) -> None:
    """Brute force: every set of rules held at -1, the others by the unconstrained formula; the best that is allowed."""
    assume(abs(fsum(parts)) > 1e-9)
    best = None
    for held in product([False, True], repeat=len(parts)):
        left = fsum(p for p, out in zip(parts, held, strict=True) if not out)
        squares = fsum(p * p for p, out in zip(parts, held, strict=True) if not out)
        if squares == 0 and abs(left) > 1e-12:
            continue
        step = left / squares if squares else 0.0
        moves = [-1.0 if out else -step * p for p, out in zip(parts, held, strict=True)]
        if min(moves) >= -1 - 1e-12 and max(moves) > -1 + 1e-12:  # some weight must be left
            distance = fsum(x * x for x in moves)
            best = distance if best is None else min(best, distance)
    found = least_joint_change(parts)
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        assert isclose(fsum(x * x for x in found), best, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize(
    "parts", [[1.0, 0.5, -0.1], [0.3, 0.2, 0.1, -0.05, 0.0], [-0.4, -0.3, 0.05, 0.02], [0.2, -0.1]]
)
def test_no_random_change_that_levels_is_smaller(parts: Sequence[float]) -> None:
    draw = random.Random(7)  # noqa: S311
    found = least_joint_change(parts)
    assert found is not None
    least = sqrt(fsum(x * x for x in found))
    tried = 0
    for _ in range(20000):
        moves = [max(-1.0, x + draw.gauss(0, 0.3)) for x in found]
        last = draw.randrange(len(parts))
        if parts[last] == 0:
            continue
        others = fsum((1 + x) * p for i, (x, p) in enumerate(zip(moves, parts, strict=True)) if i != last)
        moves[last] = -others / parts[last] - 1
        if moves[last] >= -1:
            tried += 1
            assert sqrt(fsum(x * x for x in moves)) >= least - 1e-12
    assert tried > 1000


def test_the_bound_binds_where_the_free_solution_would_take_more_than_all_of_a_weight() -> None:
    moves = least_joint_change([1.0, 0.5, -0.1])
    free = 1.4 / 1.26
    assert free > 1  # so that -1 holds for the first rule
    assert moves is not None
    assert moves[0] == -1.0
    assert isclose(moves[1], -(0.4 / 0.26) * 0.5)
    assert isclose(moves[2], (0.4 / 0.26) * 0.1)


def test_where_one_is_ahead_everywhere_only_taking_all_of_it_out_levels() -> None:
    assert least_joint_change([0.2, 0.1]) is None
    assert least_joint_change([-0.2, -0.1]) is None
    assert least_joint_change([0.2, 0.0, 0.1]) == [-1.0, 0.0, -1.0]
    assert least_joint_change([0.2, -0.2]) == [0.0, 0.0]
    decision, _ = two({"c1": (4, 2), "c2": (3, 1)}, rule("base", {"c1": 1}), rule("more", {"c2": 1}))
    found = against(decision, "a", "b", "training")["comparison"]
    assert found["level_by_one"] is None
    assert found["level_together"] is None


@QUIET
@given(documents(), answers())
def test_scores_made_anew_with_the_changed_weights_are_level(source: dict[str, Any], given_: dict[str, object]) -> None:
    decision, _ = record(source, given_)
    for role, result in decision["roles"].items():
        for a, b in pairs(result):
            changed = against(decision, a, b, role)["comparison"]["level_together"]
            if changed is None:
                continue
            factor = {c["rule"]: c["factor"] for c in changed["changes"]}
            scores = {name: _score(result, name, factor) for name in (a, b)}
            assert abs(scores[a] - scores[b]) < 1e-9
            assert isclose(changed["distance"], sqrt(fsum((f - 1) ** 2 for f in factor.values())), abs_tol=1e-9)
            shares = {r["rule"]: r["share"] * factor.get(r["rule"], 1.0) for r in result["rules"]}
            for row in changed["changes"]:
                assert isclose(row["share_after"], shares[row["rule"]] / fsum(shares.values()), abs_tol=1e-9)


def _score(result: dict[str, Any], name: str, factor: dict[str, float]) -> float:
    mass = [
        (factor.get(r["rule"], 1.0) * r["strength"] * weight, result["grades"][name][c][0])
        for r in result["rules"]
        for c, weight in r["weights"].items()
    ]
    return fsum(m * v for m, v in mass) / fsum(m for m, _ in mass)


# --- How sure --------------------------------------------------------------------------------------------------------


@QUIET
@given(documents(), answers())
def test_the_probability_is_that_of_the_arrays(source: dict[str, Any], given_: dict[str, object]) -> None:
    decision, names = record(source, given_)
    release = names.release
    role = release.roles["training"]
    result = decision["roles"].get("training")
    assume(result is not None and len(role.members) > 1)
    assert result is not None
    strength = {r["rule"]: r["strength"] for r in result["rules"]}
    values = {q: tuple(v) if isinstance(v, list) else v for q, v in decision["answers"].items()}
    scored = scoring.score(release, role, values, [strength.get(r.id, 0.0) for r in role.rules])
    sigma = confidence.covariance(scored, role, release.confidence["weight_relative_sd"])
    wins = confidence.beats(scored.score, sigma)
    for (i, a), (j, b) in combinations(enumerate(role.members), 2):
        found = against(decision, a, b, "training", release)["comparison"]
        if abs(found["gap"]) > 1e-9 or sigma[i, i] + sigma[j, j] > 1e-9:
            assert abs(found["probability"] - wins[i, j]) < 2e-6


def test_grades_that_evidence_ties_count_as_tied() -> None:
    tied: dict[str, Any] = {"grade_covariance": {"c": [["a", "b", 0.06]]}}
    for rest, own in (({}, 0.05 * 0.05 + 0.1 * 0.1), (tied, 0.05 * 0.05 + 0.1 * 0.1 - 2 * 0.06 / 16)):
        decision, names = two({"c": (3, 2.8)}, rule("base", {"c": 1}), **rest)
        found = against(decision, "a", "b", "training", names.release)["comparison"]
        gap = 0.05
        expected = confidence.beats(np.array([gap, 0.0]), np.diag([own, 0.0]))[0, 1]
        assert abs(found["probability"] - expected) < 1e-6


def test_where_the_decision_drew_the_probability_is_the_share_of_draws() -> None:
    cells = {"c": {"a": (3, 0.9), "b": (2.9, 0.7), "x": (1, 0.1)}}
    facts = [alternative(name, has__kernels=name != "x") for name in "abx"]
    source = document(facts, cells, [rule("base", {"c": 1})], [gate("g", "alt.has.kernels")])
    decision, names = record(source, {}, roles=("training",), draws=501)
    wins = decision["roles"]["training"]["acceptability"]
    for release in (None, names.release):
        assert against(decision, "a", "b", "training", release)["comparison"]["probability"] == wins["a"]["wins"]["b"]
        assert against(decision, "b", "a", "training", release)["comparison"]["probability"] == wins["b"]["wins"]["a"]
    assert 501 * wins["a"]["wins"]["b"] == pytest.approx(round(501 * wins["a"]["wins"]["b"]), abs=1e-3)
    assert against(decision, "a", "x", "training")["comparison"]["probability"] is None
    assert against(decision, "a", "x", "training", names.release)["comparison"]["probability"] > 0.9


def test_without_a_release_only_a_ranking_of_two_says_how_sure() -> None:
    sizes = set()
    for decision in map(example, EXAMPLES):
        for role, result in decision["roles"].items():
            if len(result["ranking"]) < 2:
                continue
            first, second = result["ranking"][:2]
            pair = first["framework"], second["framework"]
            found = against(decision, *pair, role)["comparison"]["probability"]
            assert found == (first["win_probability"] if len(result["ranking"]) == 2 else None)
            assert 0.5 <= against(decision, *pair, role, shipped().release)["comparison"]["probability"] <= 1
            sizes.add(min(3, len(result["ranking"])))
    assert sizes == {2, 3}
