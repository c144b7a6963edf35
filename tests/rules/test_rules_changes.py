"""Every change that is said to flip the answer really flips it, and on the small pack no other does."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.decision import Changes, Decision
from rules.faults import InvalidInput
from rules.release import Release, compile_release
from rules.requirements import parse
from tests.conftest import PROFILE
from tests.rules.builders import Answers, alternative, answers, changed, decide, document, documents, rule

QUIET = settings(max_examples=40, deadline=None, database=None)


def changes_of(decision: Decision) -> Changes:
    assert decision.changes is not None
    return decision.changes


def winner(release: Release, role: str, given_answers: Answers) -> str | None:
    ranking = decide(release, given_answers, roles=[role]).roles[role].ranking
    return ranking[0].framework if ranking else None


def assert_flips(release: Release, given_answers: Answers, decision: Decision, sample: Random | None = None) -> int:
    flips = list(changes_of(decision).answers)
    if sample is not None:
        flips = sample.sample(flips, min(len(flips), 12))
    values = parse(given_answers, release.questionnaire).values
    for flip in flips:
        ranking = decision.roles[flip.role].ranking
        assert flip.before == values.get(flip.question)
        assert flip.winner != (ranking[0].framework if ranking else None)
        assert winner(release, flip.role, changed(given_answers, flip.question, flip.after)) == flip.winner, flip
    return len(flips)


# --- Answers ---------------------------------------------------------------------------------------------------------


@settings(QUIET, max_examples=60)
@given(documents(gates=True), answers(), st.data())
def test_every_answer_flip_really_flips(
    source: dict[str, Any], given_answers: dict[str, object], data: st.DataObject
) -> None:
    release = compile_release(source)
    members = [a["id"] for a in source["alternatives"]]
    known = {"known_frameworks": data.draw(st.lists(st.sampled_from(members), unique=True))}
    decision = decide(release, given_answers | known, roles=["training"])
    assert_flips(release, given_answers | known, decision)


def _numbers(release: Release, question: str) -> set[float]:
    """A fine grid around every number that a condition of the pack names."""
    role = release.roles["training"]
    looked_at = [c for r in role.rules for c in (r.when,)] + [c for g in role.gates for c in (g.when, g.requires)]
    bounds = {b for c in looked_at if c for n, b in conditions.bounds(c.node) if n == question}
    grid = {b + step for b in bounds for step in (-1.0, -0.5, 0.0, 0.5, 1.0)} | {b * 10 for b in bounds}
    return {n for n in grid if n >= 0}


def _candidates(release: Release, values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Every single edit of one answer: each option, each option more or less, each option first, unknown."""
    for question in release.questionnaire.questions.values():
        before = values.get(question.id)
        options = [o.id for o in question.options]
        if question.kind == "alternatives":
            options = list(release.roles["training"].members)
        held = list(before) if isinstance(before, tuple) else []
        tried: list[object] = [None]
        match question.kind:
            case "one":
                tried += options
            case "yes/no":
                tried += [True, False]
            case "number":
                tried += sorted(_numbers(release, question.id))
            case "ranked":
                tried += [(o, *(h for h in held if h != o)) for o in options]
            case _:
                tried += [tuple(h for h in held if h != o) for o in held if len(held) > 1]
                tried += [tuple(h for h in [*held, o] if h not in question.exclusive) for o in options if o not in held]
                tried += [(o,) for o in question.exclusive]
        yield from ((question.id, after) for after in tried if after != before and after != ())


@pytest.mark.parametrize(
    "given_answers",
    [
        {},
        {"train_os": "windows", "train_hardware": "nvidia_gpu"},
        {"deploy_targets": ["android"]},
        {"deploy_targets": ["android", "server_cpu"], "priorities": ["debugging", "cost"], "known_frameworks": ["jax"]},
        {"known_frameworks": ["tensorflow", "caffe"], "team_experience": "beginner"},
        {"python_version": "3.14", "priorities": ["cost"], "deploy_targets": "none"},
    ],
)
def test_on_the_small_pack_brute_force_finds_the_same_flips(small_release: Release, given_answers: Answers) -> None:
    values = parse(given_answers, small_release.questionnaire).values
    decision = decide(small_release, given_answers, roles=["training"])
    here = decision.roles["training"].ranking[0].framework
    found = {(flip.question, flip.after): flip.winner for flip in changes_of(decision).answers}
    expected: dict[tuple[str, object], str | None] = {}
    for question, after in _candidates(small_release, values):
        if question in ("considering", "tried_and_rejected"):
            continue
        try:
            now = winner(small_release, "training", changed(given_answers, question, after))
        except InvalidInput:
            continue
        if now != here:
            canonical = parse(changed(given_answers, question, after), small_release.questionnaire).values.get(question)
            expected[question, canonical] = now
    assert found == expected


def test_flips_of_the_shipped_pack_flip(shipped_release: Release) -> None:
    shuffle = Random(20261121)  # noqa: S311
    tried = 0
    for _ in range(8):
        given_answers = random_answers(shipped_release, shuffle)
        decision = decide(shipped_release, given_answers)
        tried += assert_flips(shipped_release, given_answers, decision, shuffle)
    assert tried > 20


def test_relaxations_of_the_shipped_pack_let_back_in(shipped_release: Release) -> None:
    shuffle = Random(11)  # noqa: S311
    tried = 0
    for _ in range(12):
        given_answers = random_answers(shipped_release, shuffle)
        for role, result in decide(shipped_release, given_answers).roles.items():
            offers = [(e.framework, r.question, a) for e in result.excluded for r in e.relaxation for a in r.after]
            for framework, question, after in shuffle.sample(offers, min(len(offers), 12)):
                again = decide(shipped_release, changed(given_answers, question, after), roles=[role]).roles[role]
                assert framework not in {e.framework for e in again.excluded}, (given_answers, question, after)
                tried += 1
    assert tried > 20


def random_answers(release: Release, shuffle: Random) -> dict[str, Any]:
    """Answers to about a third of the questions, none of which contradict each other."""
    while True:
        given_answers: dict[str, Any] = {}
        for question in release.questionnaire.questions.values():
            options = [o.id for o in question.options] or list(release.alternatives)
            if shuffle.random() > 1 / 3:
                continue
            match question.kind:
                case "number":
                    given_answers[question.id] = min(
                        shuffle.choice([1, 3, 10, 100, 5000, 10**6]), question.maximum or 0
                    )
                case "yes/no":
                    given_answers[question.id] = shuffle.random() < 0.5
                case "one":
                    given_answers[question.id] = shuffle.choice(options)
                case _:
                    free = [o for o in options if o not in question.exclusive]
                    given_answers[question.id] = shuffle.sample(free, min(len(free), shuffle.randint(0, 3)))
        try:
            parse(given_answers, release.questionnaire)
        except InvalidInput:
            continue
        return given_answers


def test_a_flip_is_an_answer_that_can_be_given() -> None:
    """Options that stand alone stay alone, numbers stay in their range, contradictions are not proposed."""
    members = [alternative("a"), alternative("b")]
    grades = {"base": {"a": (2.0, 0.1), "b": (1.9, 0.1)}, "b": {"a": (0.0, 0.1), "b": (4.0, 0.1)}}
    rules = [
        rule("base", {"base": 1}),
        rule("none", {"b": 5}, '"none" in deploy_targets'),
        rule("many", {"b": 5}, "team_size > 60"),
        rule("alone", {"b": 5}, "team_size < 1.5"),
        rule("offline", {"b": 5}, "offline"),
        rule("between", {"b": 5}, "data_rows > 100 and data_rows < 200"),
    ]
    contradiction = {"id": "x", "when": 'offline and stage == "research"', "text": "No."}
    release = compile_release(document(members, grades, rules, contradictions=[contradiction]))
    given_answers = {"deploy_targets": ["android"], "team_size": 5, "stage": "research"}
    decision = decide(release, given_answers, roles=["training"])
    assert_flips(release, given_answers, decision)
    found = {(flip.question, flip.after) for flip in changes_of(decision).answers}
    assert ("deploy_targets", ("none",)) in found
    assert {after for question, after in found if question == "team_size"} >= {1.0, 100.0}
    assert {after for question, after in found if question == "data_rows"} == {150.0}
    assert "offline" not in {question for question, _ in found}


def test_taking_back_what_a_profile_filled_in_is_no_flip(small_release: Release) -> None:
    decision = decide(small_release, {}, roles=["training"], profile=PROFILE)
    assert "train_os" in decision.hardware.filled
    assert not [f for f in changes_of(decision).answers if f.question in decision.hardware.filled and f.after is None]


def test_a_silent_rule_could_change_the_first_place_where_an_answer_to_its_question_flips_it(
    small_release: Release,
) -> None:
    decision = decide(small_release, {}, roles=["training"])
    silent = {s.id: s for s in decision.silent}
    assert silent["known"].questions == ("known_frameworks",)
    assert silent["known"].could_change == any(f.question == "known_frameworks" for f in changes_of(decision).answers)
    assert silent["android"].could_change == any(f.question == "deploy_targets" for f in changes_of(decision).answers)
    assert silent.keys() == {"known", "android", "small-team"}


# --- Weights ---------------------------------------------------------------------------------------------------------


@settings(QUIET, max_examples=60)
@given(documents(), answers())
def test_scaling_the_rule_by_the_factor_levels_first_and_second(
    source: dict[str, Any], given_answers: dict[str, object]
) -> None:
    decision = decide(compile_release(source), given_answers, roles=["training"])
    ranking = decision.roles["training"].ranking
    for flip in changes_of(decision).weights:
        assert flip.winner == ranking[1].framework
        if not 1e-6 < flip.factor < 1e6:
            continue  # the loops below would only measure rounding
        rules = [{**r, "strength": r["strength"] * flip.factor} if r["id"] == flip.rule else r for r in source["rules"]]
        again = decide(compile_release({**source, "rules": rules}), given_answers, roles=["training"])
        scores = {place.framework: place.score for place in again.roles["training"].ranking}
        assert scores[ranking[0].framework] == pytest.approx(scores[ranking[1].framework], abs=1e-9)
        shares = {r.rule: r.share for r in again.roles["training"].rules}
        assert shares[flip.rule] == pytest.approx(flip.share_after, abs=1e-9)


def test_the_smallest_change_of_share_comes_first_and_no_rule_is_missed() -> None:
    members = [alternative("a"), alternative("b")]
    grades = {
        "x": {"a": (4.0, 0.1), "b": (0.0, 0.1)},
        "y": {"a": (0.0, 0.1), "b": (3.0, 0.1)},
        "z": {"a": (2.0, 0.1), "b": (2.0, 0.1)},
    }
    rules = [rule("for-a", {"x": 3}), rule("for-b", {"y": 2}), rule("neither", {"z": 1})]
    decision = decide(compile_release(document(members, grades, rules)), {}, roles=["training"])
    flips = {flip.rule: flip for flip in changes_of(decision).weights}
    assert flips.keys() == {"for-a", "for-b"}
    assert flips["for-a"].factor == pytest.approx(2 * 3 / (3 * 4))
    assert flips["for-b"].factor == pytest.approx(3 * 4 / (2 * 3))
    moves = [abs(flip.share_after - flip.share) for flip in changes_of(decision).weights]
    assert moves == sorted(moves)
