"""What people say matters and what draws say, through the whole engine."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import canonical, engine
from rules.decision import Decision, RoleResult
from rules.faults import InvalidInput
from rules.release import Release, compile_release
from tests.rules.builders import PRIORITIES, alternative, decide, document, documents, rule

QUIET = settings(max_examples=50, deadline=None, database=None)
SAY = st.sampled_from([0.5, 1.0, 3.0])
POINTS = st.dictionaries(st.sampled_from(PRIORITIES), st.sampled_from([1.0, 2.0, 5.0, 40.0]), min_size=1)


def training(source: Mapping[str, Any], stated: object, **rest: Any) -> RoleResult:
    release = compile_release(source)
    return decide(release, {"offline": True}, roles=["training"], stated=stated, **rest).roles["training"]


@QUIET
@given(documents(), st.lists(st.tuples(SAY, POINTS), min_size=1, max_size=3))
def test_preferences_are_strengths_scaled_by_hand(source: dict[str, Any], said: list[tuple[float, Any]]) -> None:
    """Each priority's rules speak with the say-weighted mean of what everybody gives it."""
    people = [{"name": f"p{i}", "say": say, "method": "direct", "weights": p} for i, (say, p) in enumerate(said)]
    result = training(source, {"stakeholders": people})
    whole = sum(say for say, _ in said)
    mean = {o: sum(say * p.get(o, 0) / sum(p.values()) for say, p in said) / whole for o in PRIORITIES}
    by_hand = []
    for entry in source["rules"]:
        scale = source["priorities_weight"] / sum(entry["weights"].values()) if entry["rank_of"] else 1.0
        weights = {c: w * scale for c, w in entry["weights"].items()}
        strength = entry["strength"] * (mean[entry["rank_of"]] if entry["rank_of"] else 1.0)
        if strength:
            by_hand.append({**entry, "rank_of": None, "weights": weights, "strength": strength})
    expected = training({**source, "rules": by_hand}, None)
    assert {p.framework: p.score for p in result.ranking} == pytest.approx(
        {p.framework: p.score for p in expected.ranking}, abs=1e-12
    )
    assert {r.rule: r.strength for r in result.rules} == pytest.approx({r.rule: r.strength for r in expected.rules})
    assert (result.disagreement is not None) == (len(people) > 1)


def test_stakeholders_who_would_each_come_out_elsewhere_disagree() -> None:
    members = [alternative("fast"), alternative("easy")]
    grades = {"base": {"fast": (2.0, 0.1), "easy": (2.0, 0.1)}, "speed": {"fast": (4.0, 0.1), "easy": (0.0, 0.1)}}
    grades["ease"] = {"fast": (0.0, 0.1), "easy": (4.0, 0.1)}
    rules = [rule("base", {"base": 1}), *(rule(p, {p: 1}, rank_of=p) for p in ("speed", "ease"))]
    source = document(members, grades, rules)
    people = [
        {"name": "Ada", "say": 2, "method": "ranked", "ranking": ["speed", "ease"]},
        {"name": "Ben", "say": 1, "method": "ranked", "ranking": ["ease"]},
    ]
    result = training(source, {"stakeholders": people})
    assert [(p.framework, round(p.score, 12)) for p in result.ranking] == [("easy", 0.5), ("fast", 0.5)]
    assert result.disagreement is not None
    told = str(result.disagreement)
    assert all(name in told for name in ("Ada", "Ben", "fast", "easy"))
    assert training(source, {"method": "ranked", "ranking": ["speed"]}).disagreement is None
    assert training(source, {"stakeholders": people[:1]}).disagreement is None
    assert training(source, None).disagreement is None


def test_a_stated_ranking_is_the_answer_to_priorities(small_release: Release) -> None:
    stated = {"method": "ranked", "ranking": ["cost", "debugging"]}
    one = decide(small_release, {}, stated=stated).document()
    other = decide(small_release, {"priorities": ["cost", "debugging"]}).document()
    assert one["roles"]["training"]["ranking"] == other["roles"]["training"]["ranking"]
    assert one["changes"]["answers"] == other["changes"]["answers"]
    assert one["passport"] != other["passport"]


# --- Draws -----------------------------------------------------------------------------------------------------------

ASKED: dict[str, object] = {"train_os": "linux", "deploy_targets": ["server_cpu"], "priorities": ["cost"]}


def drawn(release: Release, given_answers: Mapping[str, object] = ASKED, **rest: Any) -> Decision:
    return decide(release, given_answers, **{"draws": 2000, **rest})


def test_the_same_draws_twice_are_the_same_bytes(small_release: Release) -> None:
    assert canonical.dump(drawn(small_release).document()) == canonical.dump(drawn(small_release).document())


def test_other_inputs_are_other_seeds(small_release: Release) -> None:
    from tests.conftest import PROFILE

    one: list[Decision] = [
        drawn(small_release),
        drawn(small_release, {**ASKED, "train_os": "windows"}),
        drawn(small_release, {**ASKED, "priorities": ["debugging"]}),
        drawn(small_release, {"train_os": "linux", "deploy_targets": ["server_cpu"]}),
        drawn(
            small_release,
            {"train_os": "linux", "deploy_targets": ["server_cpu"]},
            stated={"method": "direct", "weights": {"cost": 1}},
        ),
        drawn(small_release, profile=PROFILE),
        drawn(compile_release({**document([], {"c": {}}, [])}), {}),
    ]
    seeds = {decision.draws.seed for decision in one if decision.draws}
    assert len(seeds) == len(one)


def test_what_is_said_of_a_ranking_comes_from_the_draws(small_release: Release) -> None:
    decision = drawn(small_release)
    for name, result in decision.roles.items():
        closed = decide(small_release, ASKED).roles[name]
        assert [(p.framework, p.score) for p in result.ranking] == [(p.framework, p.score) for p in closed.ranking]
        assert result.acceptability is not None
        leader = result.ranking[0]
        for place in result.ranking:
            assert sum(place.rank_probabilities) == pytest.approx(1, abs=1e-9)
            assert place.win_probability == place.rank_probabilities[0]
            shares = [p * 2000 * 60 for p in place.rank_probabilities]  # ties share what they tie for
            assert shares == pytest.approx([round(s) for s in shares], abs=1e-6), "counts of draws"
            low, high = place.interval
            assert 0 <= low <= place.score <= high <= 1
            wins = result.acceptability[leader.framework].wins[place.framework]
            if place is not leader and wins < small_release.confidence["tie_below_win_probability"]:
                assert place.tie_group == leader.tie_group
            if place.tie_group == leader.tie_group and place is not leader:
                assert wins < small_release.confidence["tie_below_win_probability"]


def test_without_draws_nothing_is_drawn(small_release: Release) -> None:
    plain, none = decide(small_release, ASKED), drawn(small_release, draws=0)
    assert canonical.dump(plain.document()) == canonical.dump(none.document())
    assert none.draws is None
    assert all(result.acceptability is None for result in none.roles.values())


def test_what_if_is_only_an_addition(small_release: Release) -> None:
    full, short = decide(small_release, ASKED).document(), decide(small_release, ASKED, what_if=False).document()
    assert short["changes"] is None
    for role, result in full["roles"].items():
        assert short["roles"][role]["ranking"] == result["ranking"]
        assert [e["gate"] for e in short["roles"][role]["excluded"]] == [e["gate"] for e in result["excluded"]]
        assert all(e["relaxation"] == [] for e in short["roles"][role]["excluded"])


@pytest.mark.parametrize("draws", [-1, engine.MAX_DRAWS + 1])
def test_too_many_draws_and_strange_roles_are_refused_together(small_release: Release, draws: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        decide(small_release, {}, roles=["trainin"], draws=draws)
    assert [(fault.path, fault.nearest) for fault in refused.value.faults] == [("roles", "training"), ("draws", None)]
