"""What would change an answer, against deciding every changed answer anew: with machines, preferences and waivers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.faults import InvalidInput
from rules.hardware import Profile, answers_from
from rules.release import Release, compile_release
from rules.requirements import parse
from tests.conftest import PROFILE
from tests.rules.builders import (
    PRIORITIES,
    alternative,
    changed,
    decide,
    document,
    gate,
    rule,
    whole_answers,
    whole_documents,
)

QUIET = settings(max_examples=60, deadline=None, database=None)
MACHINES = (None, PROFILE, replace(PROFILE, os="wsl2", cpu_features=(), devices=()))
Singles = dict[tuple[str, object], str | None]


def stated_preferences() -> st.SearchStrategy[object]:
    points = st.dictionaries(st.sampled_from(PRIORITIES), st.sampled_from([1.0, 2.0, 5.0, 40.0]), min_size=1)
    return points.map(lambda weights: {"method": "direct", "weights": weights})


def winner(release: Release, answers: Mapping[str, object], profile: Profile | None, stated: object) -> str | None:
    decision = decide(release, answers, roles=["training"], profile=profile, stated=stated, what_if=False)
    ranking = decision.roles["training"].ranking
    return ranking[0].framework if ranking else None


def _looked_at(release: Release, values: Mapping[str, object]) -> set[str]:
    """The questions that can matter to training, from the conditions themselves."""
    role, runtime = release.roles["training"], release.roles["runtime"]
    looks = [c for r in role.rules for c in (r.when,)] + [c for g in role.gates for c in (g.when, g.requires)]
    asked = {q for c in looks if c for q in c.questions} | {c.affinity for c in role.criteria if c.affinity}
    asked |= {"priorities"} if any(r.rank_of for r in role.rules) else set()
    named = values.get("deploy_targets")
    ways = any(c.derived for c in role.criteria) or any("alt.path." in g.requires.text for g in role.gates)
    if ways:
        asked |= {"deploy_targets"}
    if ways and isinstance(named, tuple) and named != ("none",):
        asked |= {q for g in runtime.gates for c in (g.when, g.requires) if c for q in c.questions}
        asked |= {"serving_language"}
    return {q for q in asked if q in release.questionnaire.questions} - {"considering"}


def _numbers(release: Release, question: str) -> set[float]:
    """A fine grid around every number that a condition names or a fact says."""
    looks = [c for r in release.roles["training"].rules if r.when for c in (r.when,)]
    looks += [c for role in release.roles.values() for g in role.gates for c in (g.when, g.requires) if c]
    bounds = {b for c in looks for n, b in conditions.bounds(c.node) if n == question}
    bounds |= {float(a.facts["alt.rows.max"]) for a in release.alternatives.values() if "alt.rows.max" in a.facts}  # type: ignore[arg-type]
    return {b + step for b in bounds for step in (-0.5, 0.0, 0.5) if b + step > 0}


def candidates(release: Release, question: str, before: object) -> list[object]:
    asked = release.questionnaire.questions[question]
    options = [o.id for o in asked.options] or list(release.roles["training"].members)
    held = list(before) if isinstance(before, tuple) else []
    match asked.kind:
        case "one":
            tried: list[Any] = options
        case "yes/no":
            tried = [True, False]
        case "number":
            tried = sorted(_numbers(release, question))
        case "ranked":
            tried = [(o, *(h for h in held if h != o)) for o in options]
        case _:
            tried = [tuple(h for h in held if h != o) for o in held if len(held) > 1]
            tried += [(*(h for h in held if h not in asked.exclusive), o) for o in options if o not in held]
            tried = [t for t in tried if len(t) == 1 or not set(t) & set(asked.exclusive)]
            tried += [(o,) for o in asked.exclusive]
    return [after for after in dict.fromkeys(tried) if after != before]


@QUIET
@given(whole_documents(), whole_answers(), st.sampled_from(MACHINES), st.none() | stated_preferences())
def test_flips_and_open_questions_are_those_of_deciding_anew(
    source: dict[str, Any], given_answers: dict[str, object], profile: Profile | None, stated: object
) -> None:
    given_answers = {q: a for q, a in given_answers.items() if q != "priorities" or stated is None}
    release = compile_release(source)
    decision = decide(release, given_answers, roles=["training"], profile=profile, stated=stated)
    assert decision.changes is not None
    if not decision.roles["training"].grades:
        assert decision.changes.answers == ()
        return
    offered = {q: tuple(a) if isinstance(a, list) else a for q, a in answers_from(profile).items()} if profile else {}
    values = {**offered, **parse(given_answers, release.questionnaire, stated).values}
    first = winner(release, given_answers, profile, stated)
    expected: Singles = {}
    possible: dict[str, int] = {}
    for question in _looked_at(release, values):
        possible[question] = 0
        before = values.get(question)
        if isinstance(before, tuple):  # a machine may have what the questionnaire does not list
            before = tuple(option for option in before if option in release.names[question].options)
        for after in [*candidates(release, question, before), None]:
            without = None if question == "priorities" else stated
            try:
                now = winner(release, changed(given_answers, question, after), profile, without)
                told = parse(changed(given_answers, question, after), release.questionnaire).values.get(question)
            except InvalidInput:
                continue
            possible[question] += after is not None
            if now != first:
                expected[question, told] = now
    found: Singles = {(f.question, f.after): f.winner for f in decision.changes.answers}
    numbers = {q.id for q in release.questionnaire.questions.values() if q.kind == "number"}
    assert {k: v for k, v in found.items() if k[0] not in numbers or k[1] is None} == {
        k: v for k, v in expected.items() if k[0] not in numbers or k[1] is None
    }
    for flip in decision.changes.answers:
        assert flip.before == values.get(flip.question)
        without = None if flip.question == "priorities" else stated
        assert winner(release, changed(given_answers, flip.question, flip.after), profile, without) == flip.winner
    by_number = {(q, now) for (q, after), now in expected.items() if q in numbers and after is not None}
    assert by_number <= {(q, now) for (q, _), now in found.items()}

    open_questions = {q for q in possible if values.get(q) is None}
    unknown = {u.question: u for u in decision.changes.unknown}
    settled = set(decision.changes.settled["training"])
    tried = {q for q in open_questions if q not in numbers or release.roles["training"].bounds.get(q)}
    assert not unknown.keys() & settled
    assert unknown.keys() | settled == tried
    for question, one in unknown.items():
        flips = [now or "" for (q, _), now in found.items() if q == question]
        assert one.winners == {name: flips.count(name) for name in sorted(set(flips))}
        assert question in numbers or one.answers == possible[question]
        assert one.answers >= len(flips)


# --- Cases -----------------------------------------------------------------------------------------------------------


def _two(*gates: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    members = [alternative("a", rows__max=100, **rest), alternative("b", rows__max=1000, has__kernels=True)]
    return document(members, {"c": {"a": (4.0, 0.1), "b": (0.0, 0.1)}}, [rule("base", {"c": 1})], list(gates))


def test_taking_an_answer_back_lets_the_machine_speak() -> None:
    release = compile_release(_two(gate("gpu", 'alt.has.kernels or not ("nvidia_gpu" in train_hardware)')))
    decision = decide(release, {"train_hardware": ["cpu"]}, roles=["training"], profile=PROFILE)
    assert decision.changes is not None
    found = {(f.question, f.after): f.winner for f in decision.changes.answers}
    assert ("train_hardware", None) not in found, "without the fact nobody is kept out"
    stop = gate("gpu", 'alt.has.kernels or not ("nvidia_gpu" in train_hardware)')
    known = compile_release(_two(stop, has__kernels=False))
    machine = decide(known, {"train_hardware": ["cpu"]}, roles=["training"], profile=PROFILE)
    alone = decide(known, {"train_hardware": ["cpu"]}, roles=["training"])
    assert machine.changes is not None
    assert alone.changes is not None
    assert {(f.question, f.after): f.winner for f in machine.changes.answers}["train_hardware", None] == "b"
    assert not [f for f in alone.changes.answers if f.after is None]


def test_a_number_that_only_facts_bound_is_tried_and_is_an_open_question() -> None:
    release = compile_release(_two(gate("rows", "data_rows <= alt.rows.max")))
    decision = decide(release, {}, roles=["training"])
    assert decision.changes is not None
    assert {(u.question, u.answers) for u in decision.changes.unknown} == {("data_rows", 4)}
    answered = decide(release, {"data_rows": 1000.0}, roles=["training"])
    (excluded,) = answered.roles["training"].excluded
    assert [(r.question, r.after) for r in excluded.relaxation] == [("data_rows", (100.0, None))]
    assert answered.changes is not None
    assert {f.winner for f in answered.changes.answers} == {"a"}


@pytest.mark.parametrize("fact", ["hardware.memory_gb > 64", "hardware.avx == false", 'hardware.nvidia_driver > "900"'])
def test_what_a_machine_has_is_no_answer_to_change(fact: str) -> None:
    release = compile_release(_two(gate("machine", f"alt.has.kernels or {fact}"), has__kernels=False))
    result = decide(release, {}, roles=["training"], profile=PROFILE).roles["training"]
    assert [(e.framework, e.relaxation) for e in result.excluded] == [("a", ())]
    nobody = compile_release(_two(gate("machine", fact)))
    dead_end = decide(nobody, {}, roles=["training"], profile=PROFILE).roles["training"]
    assert dead_end.reliefs is not None
    assert (dead_end.reliefs.sets, dead_end.reliefs.complete) == ((), True)


def test_a_machine_with_what_the_questionnaire_does_not_know() -> None:
    rules = [rule("base", {"c": 1}), rule("two", {"c": 1}, "count(train_hardware) > 2")]
    source = {**_two(gate("os", 'hardware.os != "wsl2" or train_os within ["linux"]')), "rules": rules}
    odd = replace(PROFILE, os="wsl2", devices=(replace(PROFILE.devices[0], kind="intel_gpu"),))
    decision = decide(compile_release(source), {}, roles=["training"], profile=odd)
    assert decision.roles["training"].ranking == ()
    assert decision.changes is not None
    assert {f.after for f in decision.changes.answers if f.question == "train_os"} == {("linux",)}


def test_a_role_without_rules_says_what_would_let_the_excluded_in() -> None:
    source = {**_two(gate("kernels", "alt.has.kernels", "offline"), has__kernels=False), "rules": []}
    result = decide(compile_release(source), {"offline": True}, roles=["training"]).roles["training"]
    (stopped,) = (e for e in result.excluded if e.gate == "kernels")
    assert [(r.question, r.after) for r in stopped.relaxation] == [("offline", (False, None))]


def test_an_answer_that_cannot_be_given_does_not_count() -> None:
    source = _two(gate("kernels", "alt.has.kernels", 'stage == "research"'), has__kernels=False)
    source["rules"].append(rule("stage", {"c": 1}, 'stage == "production"'))
    no = {"id": "x", "when": 'offline and stage == "research"', "text": "No."}
    source["questionnaire"]["contradictions"] = [no]
    free, bound = (decide(compile_release(source), {"offline": off}, roles=["training"]) for off in (False, True))
    assert free.changes is not None
    assert bound.changes is not None
    assert [(u.question, u.answers, u.winners) for u in free.changes.unknown] == [("stage", 2, {"b": 1})]
    assert bound.changes.unknown == ()
    assert bound.changes.settled == {"training": ("stage",)}
    only = _two(gate("kernels", "alt.has.kernels", 'stage == "production"'), has__kernels=False)
    only["questionnaire"]["contradictions"] = [no]
    decision = decide(compile_release(only), {"offline": True}, roles=["training"])
    assert decision.changes is not None
    assert [(u.answers, u.winners) for u in decision.changes.unknown] == [(1, {"b": 1})]


def test_what_people_gave_their_priorities_stays_while_other_answers_change() -> None:
    """Under the centroids of the same ranking the other one would come first, whatever is answered."""
    grades = {"base": {"a": (0.0, 0.1), "b": (0.8, 0.1)}, "speed": {"a": (4.0, 0.1), "b": (0.0, 0.1)}}
    grades["ease"] = {"a": (0.0, 0.1), "b": (4.0, 0.1)}
    rules = [rule("base", {"base": 1}), rule("little", {"base": 0.001}, "offline")]
    rules += [rule(p, {p: 1}, rank_of=p) for p in ("speed", "ease")]
    release = compile_release(document([alternative("a"), alternative("b")], grades, rules))
    stated = {"method": "direct", "weights": {"speed": 52, "ease": 48}}
    decision = decide(release, {}, roles=["training"], stated=stated)
    assert decision.changes is not None
    assert decision.roles["training"].ranking[0].framework == "b"
    assert {f.question for f in decision.changes.answers} == {"priorities"}
    assert decision.changes.settled == {"training": ("offline",)}
