"""SMAA-2 draws: against a slow implementation that draws every grade, closed forms, a published example and laws."""

from collections.abc import Sequence
from dataclasses import astuple
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import confidence, scoring, smaa, streams
from rules.compiled import Array, Release, Role
from rules.release import compile_release
from rules.requirements import parse
from rules.scoring import Score
from rules.smaa import Acceptability
from tests.rules.builders import alternative, document, documents, rule

QUIET = settings(max_examples=30, deadline=None, database=None)
DRAWS = 40_000
ERROR = 4.5 * sqrt(2 * 0.25 / DRAWS)  # of a difference of two shares, each of DRAWS draws
STATED = {"weight_relative_sd": 0.4, "interval_probability": 0.9}
SEED = "5f0c"

# Unequal means and widths, a criterion that ties three (one of them the other way), one that ties two, a silent rule.
GRADES = {
    "a": {"u": (3.0, 0.5), "v": (2.8, 0.9), "w": (2.5, 0.6), "x": (1.0, 0.7)},
    "b": {"u": (1.0, 0.8), "v": (1.2, 0.4), "w": (1.4, 0.8), "x": (3.9, 0.3)},
    "c": {"u": (2.0, 0.3), "v": (1.0, 0.0), "w": (2.2, 0.2), "x": (2.0, 1.0)},
}
COVARIANCE = {"a": [["u", "v", 0.3], ["u", "w", -0.12], ["v", "w", 0.1]], "b": [["u", "w", 0.55], ["w", "x", 0.1]]}
RULES = [
    rule("base", {"a": 2, "b": 1}),
    rule("second", {"b": 3, "c": 1}, strength=0.5),
    rule("silent", {"c": 9}, "offline"),
    rule("known", {"known": 1, "a": 0.5}, strength=0.8),
]


def example(**changed: Any) -> dict[str, Any]:
    members = [alternative(name) for name in "uvwx"]
    kin = [{"a": "u", "b": "w", "value": 0.5}]
    source = document(members, GRADES, RULES, affinity={"known": "known_frameworks"}, kin=kin)
    return {**source, "grade_covariance": COVARIANCE, **changed}


ANSWERS = {"known_frameworks": ["w"]}


def scored(release: Release, answers: dict[str, Any] = ANSWERS) -> tuple[Role, Score]:
    role = release.roles["training"]
    values = parse(answers, release.questionnaire).values
    return role, scoring.score(release, role, values, scoring.strengths(role, values)[0])


def drawn(source: dict[str, Any], field: Sequence[int] = (0, 1, 2, 3), **rest: Any) -> Acceptability:
    role, score = scored(compile_release(source), rest.pop("answers", ANSWERS))
    stated = {**STATED, **rest.pop("stated", {})}
    return smaa.draw(role, score, field, stated, rest.pop("count", DRAWS), rest.pop("seed", SEED))


# --- A slow second implementation: every grade of every criterion, every weight ---------------------------------------


def slow(source: dict[str, Any], members: Sequence[str], near: dict[str, float], seed: int) -> dict[str, Array]:
    """Straight from the document: grades with their full covariance, weights of speaking rules, ranks by sorting."""
    generator = np.random.default_rng(seed)
    everyone = sorted(source["grades"]["a"])
    grade = {}
    for criterion, of in source["grades"].items():
        covariance = np.diag([of[m]["sd"] ** 2 for m in everyone])
        for a, b, value in source["grade_covariance"].get(criterion, []):
            i, j = everyone.index(a), everyone.index(b)
            covariance[i, j] = covariance[j, i] = value
        values, vectors = np.linalg.eigh(covariance)
        spread = vectors * np.sqrt(np.maximum(values, 0))
        mean = np.array([of[m]["mean"] for m in everyone])
        grade[criterion] = (mean + generator.standard_normal((DRAWS, len(everyone))) @ spread.T) / 4
    grade["known"] = np.tile([near[m] for m in everyone], (DRAWS, 1))
    speaking = [r for r in source["rules"] if r["when"] is None]
    mass = np.array([r["strength"] * sum(r["weights"].values()) for r in speaking])
    width = sqrt(np.log(1 + STATED["weight_relative_sd"] ** 2))
    share = mass * np.exp(width * generator.standard_normal((DRAWS, len(mass))) - width**2 / 2)
    share /= share.sum(axis=1, keepdims=True)
    opinion = np.stack(
        [sum(w * grade[c] for c, w in r["weights"].items()) / sum(r["weights"].values()) for r in speaking], axis=1
    )[:, :, [everyone.index(m) for m in members]]
    score = np.einsum("nr,nrf->nf", share, opinion)
    rank = np.argsort(np.argsort(-score, axis=1), axis=1)
    size = len(members)
    central = np.array([share[rank[:, f] == 0].mean(axis=0) for f in range(size)])
    under = [np.einsum("r,nrf->nf", central[f], opinion) for f in range(size)]
    return {
        "rank": np.array([[np.mean(rank[:, f] == k) for k in range(size)] for f in range(size)]),
        "wins": np.array([[np.mean(score[:, f] > score[:, g]) for g in range(size)] for f in range(size)]),
        "central": central,
        "confidence": np.array([np.mean(under[f].argmax(axis=1) == f) for f in range(size)]),
        "interval": np.quantile(score, [0.05, 0.95], axis=0).T,
    }


@pytest.mark.parametrize("field", [(0, 1, 2, 3), (0, 2, 3), (1, 3)])
def test_draws_agree_with_drawing_every_grade_and_weight(field: tuple[int, ...]) -> None:
    found = drawn(example(), field)
    near = {"u": 0.5, "v": 0.0, "w": 1.0, "x": 0.0}
    expected = slow(example(), ["uvwx"[f] for f in field], near, seed=1)
    np.fill_diagonal(expected["wins"], 0.5)
    assert found.draws == DRAWS
    assert np.abs(found.rank - expected["rank"]).max() <= ERROR
    assert np.abs(found.wins - expected["wins"]).max() <= ERROR
    assert np.abs(found.confidence - expected["confidence"]).max() <= 2 * ERROR  # central weights are drawn, too
    assert np.abs(found.central[:, [0, 1, 3]] - expected["central"]).max() <= ERROR
    assert np.all(found.central[:, 2] == 0)
    assert np.abs(found.interval - expected["interval"]).max() <= 0.005


def test_the_ties_between_grades_change_the_answer() -> None:
    """Else the test above would pass without them."""
    without = drawn(example(grade_covariance={}))
    assert np.abs(without.wins - drawn(example()).wins).max() >= 3 * ERROR


# --- Closed forms ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("covariance", [{}, COVARIANCE, {"a": [["u", "v", 0.44]]}, {"a": [["u", "v", -0.44]]}])
def test_with_certain_weights_a_pairs_probability_is_the_normal_integral(covariance: dict[str, Any]) -> None:
    source = example(grade_covariance=covariance)
    role, score = scored(compile_release(source))
    exact = confidence.beats(score.score, confidence.covariance(score, role, 0.0))
    found = drawn(source, stated={"weight_relative_sd": 0.0})
    assert np.abs(found.wins - exact).max() <= ERROR
    assert np.allclose(found.central, score.share, atol=1e-12)
    assert np.allclose(found.confidence, found.rank[:, 0], atol=ERROR)
    sd = np.sqrt(np.diag(confidence.covariance(score, role, 0.0)))
    middle = found.interval.mean(axis=1)
    assert np.abs(middle - score.score).max() <= 0.002
    assert found.interval[:, 1] - middle == pytest.approx(1.6449 * sd, abs=0.002)


def test_with_nearly_certain_weights_the_closed_form_of_pairs_holds_to_first_order() -> None:
    role, score = scored(compile_release(example()))
    exact = confidence.beats(score.score, confidence.covariance(score, role, 0.1))
    assert np.abs(drawn(example(), stated={"weight_relative_sd": 0.1}).wins - exact).max() <= ERROR


# --- A published example ---------------------------------------------------------------------------------------------

# The benefit-risk model of second-generation antidepressants in JSMAA (Tervonen, JSMAA: open source software for SMAA
# computations), github.com/tommite/jsmaa at commit d00ae1412d45c1804a4edf254f10f6e2532389fa: measurements in
# models/smaa2-benefitrisk.jsmaa, results in lib/src/test/java/fi/smaa/jsmaa/simulator/SMAA2SimulationTest.java, test
# testCorrectResultsWithBRModel, there with a tolerance of 0.02 (confidence factors 0.03) from 10,000 draws. Weights are
# uniform on the simplex. Partial values are linear over the hull of the 95% intervals (mean +- 1.96 sd) of a criterion.
FLUOXETINE, PAROXETINE, SERTRALINE, VENLAFAXINE = range(4)
LOG_EFFICACY = [(0.0, 0.0), (0.086, 0.056), (0.095, 0.044), (0.113, 0.048)]  # more is better
REACTIONS = [  # diarrhea, dizziness, headache, insomnia, nausea: less is better
    [(11.7, 2.5), (9.2, 1.86), (15.4, 2.65), (5.5, 2.32)],
    [(7.2, 1.45), (10.6, 1.58), (7.5, 1.48), (15.7, 4.44)],
    [(16.6, 3.27), (21.2, 5.15), (20.2, 3.78), (12.8, 2.45)],
    [(13.7, 1.89), (14.3, 2.93), (15.0, 3.21), (11.2, 3.98)],
    [(18.6, 1.79), (18.3, 3.7), (19.5, 2.6), (31.0, 1.68)],
]
PUBLISHED_RANK = [
    [0.20, 0.28, 0.30, 0.22],
    [0.25, 0.29, 0.27, 0.19],
    [0.17, 0.25, 0.29, 0.30],
    [0.39, 0.18, 0.15, 0.29],
]
PUBLISHED_CENTRAL = [
    [0.08, 0.14, 0.23, 0.18, 0.16, 0.22],
    [0.18, 0.17, 0.15, 0.13, 0.15, 0.22],
    [0.21, 0.10, 0.22, 0.13, 0.15, 0.20],
    [0.18, 0.21, 0.12, 0.21, 0.19, 0.09],
]
PUBLISHED_CONFIDENCE = [0.48, 0.44, 0.34, 0.74]


def _values(generator: np.random.Generator) -> Array:
    """(N, alternatives, criteria) partial values."""
    columns = []
    for criterion in (LOG_EFFICACY, *REACTIONS):
        mean, sd = np.array(criterion).T
        measured = mean + sd * generator.standard_normal((DRAWS, 4))
        low, high = (mean - 1.96 * sd).min(), (mean + 1.96 * sd).max()
        if criterion is LOG_EFFICACY:
            measured, low, high = np.exp(measured), np.exp(low), np.exp(high)
        worth = (measured - low) / (high - low)
        columns.append(worth if criterion is LOG_EFFICACY else 1 - worth)
    return np.stack(columns, axis=2)


def test_the_published_benefit_risk_model() -> None:
    generator = np.random.default_rng(7)
    values, weights = _values(generator), generator.dirichlet(np.ones(6), DRAWS)
    score = np.einsum("nfc,nc->fn", values, weights)
    half = DRAWS // 2
    blocks = [(score[:, :half], weights[:half].T), (score[:, half:], weights[half:].T)]
    found = smaa.accept(blocks, lambda weight: [(values @ weight).T], 0.9)
    assert np.abs(found.rank - PUBLISHED_RANK).max() <= 0.02
    assert np.abs(found.central - PUBLISHED_CENTRAL).max() <= 0.02
    assert np.abs(found.confidence - PUBLISHED_CONFIDENCE).max() <= 0.03
    assert found.wins[VENLAFAXINE, SERTRALINE] == pytest.approx(np.mean(score[3] > score[2]), abs=1e-12)


# --- By hand ---------------------------------------------------------------------------------------------------------


def test_drawn_scores_are_counted_and_equals_share() -> None:
    """Five draws of three: an order, its reverse, a tie for first, a tie for second, all equal."""
    score = np.array([[3, 1, 2, 5, 4], [2, 2, 2, 4, 4 + 1e-14], [1, 3, 1, 4, 4]], dtype=np.float64)
    share = np.array([[0.1, 0.2, 0.3, 0.4, 0.5], [0.9, 0.8, 0.7, 0.6, 0.5]])
    blocks = [(score[:, :1], share[:, :1]), (score[:, 1:], share[:, 1:])]
    found = smaa.accept(blocks, lambda _: [score[:, :2], score[:, 2:]], 0.5)
    third = 1 / 3
    ranks = [
        [2.5 + third, 0.5 + third, 1 + third],
        [0.5 + third, 3 + third, 0.5 + third],
        [1 + third, 0.5 + third, 2.5 + third],
    ]
    wins = [[2.5, 3.0, 3.5], [2.0, 2.5, 3.0], [1.5, 2.0, 2.5]]
    led = np.array([[1, 0, 0.5, 1, third], [0, 0, 0.5, 0, third], [0, 1, 0, 0, third]])
    assert found.draws == 5
    assert found.rank * 5 == pytest.approx(np.array(ranks))
    assert found.wins * 5 == pytest.approx(np.array(wins))
    assert found.central == pytest.approx(led @ share.T / led.sum(axis=1, keepdims=True))
    assert found.confidence == pytest.approx(led.sum(axis=1) / 5)
    assert found.interval.tolist() == [[2.0, 4.0], [2.0, 4.0], [1.0, 4.0]]


def test_without_spread_everybody_takes_the_rank_of_its_score() -> None:
    certain = {c: {m: (mean, 0.0) for m, (mean, _) in of.items()} for c, of in GRADES.items()}
    members = [alternative(name) for name in "uvwx"]
    source = document(members, certain, [rule("base", {"a": 2, "b": 1})])
    found = drawn(source, answers={}, count=100)
    _, score = scored(compile_release(source), {})
    place = np.argsort(np.argsort(-score.score))
    assert found.rank.tolist() == [[float(k == p) for k in range(4)] for p in place]
    leader = int(place.argmin())
    assert found.confidence[leader] == 1.0
    assert np.isnan(np.delete(found.confidence, leader)).all()
    assert np.isnan(np.delete(found.central, leader, axis=0)).all()
    assert found.interval == pytest.approx(np.stack((score.score, score.score), axis=1), abs=1e-12)


def test_exact_equals_share_ranks_wins_and_leads() -> None:
    members = [alternative(name) for name in "uvw"]
    rules = [rule("base", {"a": 2, "b": 1}), rule("more", {"b": 3})]
    grades = {"a": {"u": (0.7, 0.0), "v": (0.7, 0.0), "w": (0.1, 0.0)}, "b": dict.fromkeys("uvw", (1.3, 0.0))}
    found = drawn(document(members, grades, rules), (0, 1, 2), answers={}, count=1000)
    assert found.rank == pytest.approx(np.array([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]]))
    assert found.wins[0].tolist() == [0.5, 0.5, 1.0]
    assert found.confidence[:2].tolist() == [0.5, 0.5]
    assert np.array_equal(found.central[0], found.central[1])


def test_a_field_of_one_needs_no_draws() -> None:
    role, score = scored(compile_release(example()))
    found = drawn(example(), (2,))
    assert (found.draws, found.rank.tolist(), found.wins.tolist()) == (0, [[1.0]], [[0.5]])
    assert found.central.tolist() == [score.share.tolist()]
    assert found.confidence.tolist() == [1.0]
    variance = confidence.covariance(score, role, 0.4)[2, 2]
    assert tuple(found.interval[0]) == confidence.interval(score.score[2], variance, 0.9)


def test_an_empty_field_has_empty_arrays() -> None:
    found = drawn(example(), ())
    assert [array.shape for array in astuple(found)[1:]] == [(0, 0), (0, 0), (0, 4), (0,), (0, 2)]


# --- Laws ------------------------------------------------------------------------------------------------------------


@st.composite
def coupled(draw: st.DrawFn) -> dict[str, Any]:
    """A document in which evidence ties some grades, whether or not their widths allow it."""
    source = draw(documents())
    members = sorted(a["id"] for a in source["alternatives"])
    pairs = [(a, b) for i, a in enumerate(members) for b in members[i + 1 :]]
    ties = {}
    for criterion, of in source["grades"].items():
        chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=4)) if pairs else []
        share = draw(st.sampled_from([-0.9, 0.3, 0.8]))
        found = [[a, b, round(share * of[a]["sd"] * of[b]["sd"], 6)] for a, b in sorted(chosen)]
        ties[criterion] = [entry for entry in found if entry[2]]
    return {**source, "grade_covariance": {c: pairs for c, pairs in ties.items() if pairs}}


@QUIET
@given(coupled(), st.integers(1, 3000))
def test_shares_add_up(source: dict[str, Any], count: int) -> None:
    size = len(source["alternatives"])
    found = drawn(source, range(size), answers={}, count=count)
    assert np.allclose(found.rank.sum(axis=0), 1)
    assert np.allclose(found.rank.sum(axis=1), 1)
    assert np.allclose(found.wins + found.wins.T, 1)
    assert np.all(np.diag(found.wins) == 0.5)
    leads = found.rank[:, 0] > 0
    assert np.allclose(found.central[leads].sum(axis=1), 1)
    assert np.isnan(found.central[~leads]).all()
    assert np.isnan(found.confidence[~leads]).all()
    assert np.all((found.confidence[leads] >= 0) & (found.confidence[leads] <= 1))
    assert np.all((found.interval >= 0) & (found.interval[:, :1] <= found.interval[:, 1:]) & (found.interval <= 1))


@QUIET
@given(coupled())
def test_the_same_seed_gives_the_same_bytes(source: dict[str, Any]) -> None:
    size = len(source["alternatives"])
    one, other = (drawn(source, range(size), answers={}, count=500) for _ in range(2))
    assert [np.asarray(x).tobytes() for x in astuple(one)] == [np.asarray(x).tobytes() for x in astuple(other)]


def test_another_seed_or_count_is_another_sample() -> None:
    base = drawn(example(), count=1000)
    assert not np.array_equal(base.rank, drawn(example(), count=1000, seed="5f0d").rank)
    assert not np.array_equal(base.rank, drawn(example(), count=999).rank)


@QUIET
@given(coupled(), st.data())
def test_raising_a_grade_does_not_lower_acceptability(source: dict[str, Any], data: st.DataObject) -> None:
    criterion = data.draw(st.sampled_from(sorted(source["grades"])))
    of = source["grades"][criterion]
    member = data.draw(st.sampled_from(sorted(of)))
    raised = {**of[member], "mean": of[member]["mean"] + data.draw(st.sampled_from([0.001, 0.5, 3.0]))}
    better = {**source, "grades": {**source["grades"], criterion: {**of, member: raised}}}
    size, row = len(of), sorted(of).index(member)
    before, after = (drawn(each, range(size), answers={}, count=800) for each in (source, better))
    assert np.all(after.rank[row].cumsum() >= before.rank[row].cumsum() - 1e-12)
    assert np.all(after.wins[row] >= before.wins[row] - 1e-12)


def test_the_order_of_members_and_rules_does_not_matter() -> None:
    base = drawn(example())
    order = [2, 0, 3, 1]
    mixed = drawn(example(), order)
    assert np.abs(mixed.rank - base.rank[order]).max() <= ERROR
    assert np.abs(mixed.wins - base.wins[np.ix_(order, order)]).max() <= ERROR
    turned = drawn(example(rules=RULES[::-1]))
    assert np.abs(turned.rank - base.rank).max() <= ERROR
    assert np.abs(turned.central[:, ::-1] - base.central).max() <= ERROR


def test_scaling_all_weights_changes_nothing() -> None:
    doubled = [{**r, "weights": {c: 2 * w for c, w in r["weights"].items()}} for r in RULES]
    assert np.allclose(drawn(example(rules=doubled)).rank, drawn(example()).rank, atol=1e-12)


# --- Numbers that look random ----------------------------------------------------------------------------------------


PINNED = [
    [128.0, 333.0, 384.0, 155.0],
    [43.0, 92.0, 215.0, 650.0],
    [478.0, 334.0, 133.0, 55.0],
    [351.0, 241.0, 268.0, 140.0],
]


def test_the_raw_stream_is_philox_as_defined() -> None:
    """Known answer of Random123 (kat_vectors, philox4x64 10, counter and key 0); NumPy counts up before it draws."""
    last = np.full(4, 2**64 - 1, dtype=np.uint64)
    raw = np.random.Philox(key=np.zeros(2, dtype=np.uint64), counter=last).random_raw(4)
    assert [f"{word:016x}" for word in raw.tolist()] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


def test_the_draws_are_the_same_on_every_machine() -> None:
    """Pinned: a change here changes recorded answers."""
    found = drawn(example(), count=1000)
    assert (found.rank * 1000).round(6).tolist() == PINNED


def test_quantiles_have_the_moments_of_their_distributions() -> None:
    normals, factors = streams.normals(streams.LEVELS), smaa._factors(0.4)
    assert np.all(np.diff(normals) > 0)
    assert np.array_equal(normals, -normals[::-1])
    assert normals.var() == pytest.approx(1.0, abs=1e-4)
    assert np.mean(normals**4) == pytest.approx(3.0, abs=3e-3)
    assert factors.mean() == pytest.approx(1.0, abs=1e-4)
    assert factors.std() == pytest.approx(0.4, abs=1e-3)
