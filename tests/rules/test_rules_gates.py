"""Gates come before grades: what cannot work is out whatever its merits, and what is unknown keeps nobody out."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.conditions import Truth
from rules.decision import RoleResult
from rules.release import Release, compile_release
from rules.requirements import parse
from tests.conftest import PROFILE
from tests.rules.builders import (
    GATES,
    QUESTIONS,
    alternative,
    answers,
    changed,
    decide,
    document,
    documents,
    gate,
    rule,
)

QUIET = settings(max_examples=40, deadline=None, database=None)
BASE = (rule("base", {"c": 1}),)


def release(
    *gates: Mapping[str, Any],
    contradictions: tuple[Mapping[str, str], ...] = (),
    questions: Sequence[Mapping[str, Any]] = QUESTIONS,
    **facts: Any,
) -> Release:
    """The best member is `best`, with the given facts; `other` has every fact and the worst grade."""
    good: dict[str, Any] = {"run__android": 3, "rows__max": 1000, "python__max": "3.99", "has__kernels": True}
    members = [alternative("best", **facts), alternative("other", systems=["linux", "windows", "macos"], **good)]
    grades = {"c": {"best": (4.0, 0.1), "other": (0.0, 0.1)}}
    return compile_release(
        document(members, grades, BASE, gates, contradictions=list(contradictions), questions=questions)
    )


def training(where: Release, given_answers: Mapping[str, object]) -> RoleResult:
    return decide(where, given_answers, roles=["training"]).roles["training"]


# --- Before grades ---------------------------------------------------------------------------------------------------


def test_an_excluded_alternative_is_never_ranked_however_good_it_is() -> None:
    result = training(release(gate("never", "alt.run.android >= 2"), run__android=1), {})
    assert [place.framework for place in result.ranking] == ["other"]
    assert [(e.framework, e.gate) for e in result.excluded] == [("best", "never")]


def test_a_caution_is_told_and_excludes_nobody() -> None:
    result = training(release(gate("careful", "alt.run.android >= 2", effect="caution"), run__android=1), {})
    assert [(place.framework, [c.gate for c in place.cautions]) for place in result.ranking] == [
        ("best", ["careful"]),
        ("other", []),
    ]
    assert result.ranking[0].cautions[0].text == "Best fails careful"
    assert "level 1" in result.ranking[0].cautions[0].found
    assert result.excluded == ()


def test_when_everybody_is_excluded_the_answer_is_an_empty_ranking_with_reasons() -> None:
    result = training(release(gate("never", "data_rows < 0")), {"data_rows": 5})
    assert result.ranking == ()
    assert result.margin is None
    assert {e.framework for e in result.excluded} == {"best", "other"}


def test_every_gate_that_stops_an_alternative_is_listed() -> None:
    two = (gate("one", "alt.run.android >= 2"), gate("two", "alt.has.kernels"), gate("three", "alt.run.android >= 1"))
    result = training(release(*two, run__android=1, has__kernels=False), {})
    assert [(e.framework, e.gate) for e in result.excluded] == [("best", "one"), ("best", "two")]


# --- Unknowns --------------------------------------------------------------------------------------------------------


def test_an_unknown_fact_does_not_exclude_it_is_listed_as_unverified() -> None:
    result = training(release(gate("rows", "alt.rows.max >= 10"), gate("kernels", "alt.has.kernels")), {})
    assert result.excluded == ()
    assert [(u.gate, u.facts) for u in result.ranking[0].unverified] == [
        ("rows", ("alt.rows.max",)),
        ("kernels", ("alt.has.kernels",)),
    ]
    assert result.ranking[1].unverified == ()


def test_only_the_facts_that_are_unknown_are_listed_as_unverified() -> None:
    either = gate("either", "alt.has.kernels or alt.rows.max > 10")
    result = training(release(either, has__kernels=False), {})
    assert [(u.gate, u.facts) for u in result.ranking[0].unverified] == [("either", ("alt.rows.max",))]


def test_an_unknown_fact_that_makes_no_difference_is_not_unverified() -> None:
    either = gate("either", "alt.has.kernels or alt.rows.max > 10")
    assert training(release(either, has__kernels=True), {}).ranking[0].unverified == ()


@pytest.mark.parametrize(
    "silent",
    [
        gate("when", "alt.run.android >= 2", "offline"),
        gate("requires", "python_version <= alt.python.max"),
        gate("either", "not offline or alt.run.android >= 2"),
    ],
    ids=lambda g: str(g["id"]),
)
def test_an_unknown_answer_keeps_a_gate_silent(silent: Mapping[str, Any]) -> None:
    """Nothing is wrong with the facts: they are on file, and nothing about the alternative is unverified."""
    result = training(release(silent, run__android=1, python__max="3.9"), {})
    assert result.excluded == ()
    assert [place.unverified for place in result.ranking] == [(), ()]


def test_a_silent_gate_that_would_stop_the_first_is_told_with_its_question() -> None:
    decision = decide(release(gate("when", "alt.run.android >= 2", "offline"), run__android=1), {}, roles=["training"])
    assert [(s.kind, s.id, s.questions, s.could_change) for s in decision.silent] == [
        ("gate", "when", ("offline",), True)
    ]
    answered = decide(release(gate("when", "alt.run.android >= 2", "offline"), run__android=1), {"offline": False})
    assert answered.silent == ()


def _expected(
    source: Mapping[str, Any], where: Release, given_answers: Mapping[str, object]
) -> dict[str, dict[str, Truth]]:
    """member -> gate -> True passes, False stopped, None unverified; straight from the definitions."""
    values = dict(parse(given_answers, where.questionnaire).values)
    found: dict[str, dict[str, Truth]] = {}
    for entry in source["alternatives"]:
        facts = {name: tuple(v) if isinstance(v, list) else v for name, v in entry["facts"].items()}
        found[entry["id"]] = {}
        for one in source["gates"]:
            said = [
                conditions.compile_record(conditions.parse(text), where.names)({**values, **facts}) if text else True
                for text in (one["when"], one["requires"])
            ]
            waits = {n for n in conditions.names(conditions.parse(one["requires"])) if n[:4] != "alt."} - values.keys()
            passes: Truth = True
            if said[0] is True and said[1] is not True:
                passes = False if said[1] is False else True if waits else None
            found[entry["id"]][one["id"]] = passes
    return found


@settings(QUIET, max_examples=80)
@given(documents(gates=True), answers())
def test_gates_say_what_their_definitions_say(source: dict[str, Any], given_answers: dict[str, object]) -> None:
    where = compile_release(source)
    result = training(where, given_answers)
    hard = {g["id"] for g in source["gates"] if g["effect"] == "exclude"}
    expected = _expected(source, where, given_answers)
    out = {(m, g) for m, said in expected.items() for g, passes in said.items() if passes is False and g in hard}
    assert {(e.framework, e.gate) for e in result.excluded} == out
    assert {place.framework for place in result.ranking} == expected.keys() - {m for m, _ in out}
    for place in result.ranking:
        said = expected[place.framework]
        assert {u.gate for u in place.unverified} == {g for g, passes in said.items() if passes is None}
        assert {c.gate for c in place.cautions} == {g for g, passes in said.items() if passes is False}


# --- What would let it back in ---------------------------------------------------------------------------------------


@settings(QUIET, max_examples=80)
@given(documents(gates=True), answers())
def test_each_relaxation_really_lets_the_alternative_back_in(
    source: dict[str, Any], given_answers: dict[str, object]
) -> None:
    where = compile_release(source)
    result = training(where, given_answers)
    for excluded in result.excluded:
        for change in excluded.relaxation:
            assert change.before == parse(given_answers, where.questionnaire).values[change.question]
            assert change.after
            for after in change.after:
                again = training(where, changed(given_answers, change.question, after))
                assert excluded.framework in {place.framework for place in again.ranking}, change


def test_each_relaxation_of_the_shipped_questions_lets_it_back_in(small_release: Release) -> None:
    given_answers = {
        "train_hardware": ["cpu", "nvidia_gpu"],
        "train_os": "windows",
        "deploy_targets": ["android", "browser"],
    }
    decision = decide(small_release, given_answers)
    tried = 0
    for role, result in decision.roles.items():
        for excluded in result.excluded:
            for change in excluded.relaxation:
                for after in change.after:
                    again = decide(small_release, changed(given_answers, change.question, after), roles=[role])
                    assert excluded.framework in {place.framework for place in again.roles[role].ranking}
                    tried += 1
    assert tried >= 6


@pytest.mark.parametrize(
    ("one", "facts", "given_answers", "question", "lifts"),
    [
        (
            GATES[0],
            {"run__android": 0},
            {"deploy_targets": ["android", "browser"]},
            "deploy_targets",
            (("browser",), None),
        ),
        (GATES[1], {"rows__max": 5}, {"data_rows": 6}, "data_rows", (5.0, None)),
        (GATES[2], {"python__max": "3.10"}, {"python_version": "3.12"}, "python_version", ("3.10", "3.9", None)),
        (GATES[3], {"systems": ["linux"]}, {"train_os": ["linux", "macos"]}, "train_os", (("linux",), None)),
        (GATES[4], {"has__kernels": False}, {"offline": True, "team_experience": "expert"}, "offline", (False, None)),
        (GATES[5], {"has__kernels": False}, {"team_size": 2}, "team_size", (5.0, None)),
    ],
)
def test_the_nearest_change_of_each_kind_of_answer_is_found(
    one: Mapping[str, Any],
    facts: Mapping[str, Any],
    given_answers: Mapping[str, object],
    question: str,
    lifts: tuple[object, ...],
) -> None:
    (excluded,) = (e for e in training(release(one, **facts), given_answers).excluded if e.framework == "best")
    by_question = {change.question: change.after for change in excluded.relaxation}
    assert by_question[question] == lifts


def test_what_no_answer_can_mend_has_no_relaxation() -> None:
    dead = (gate("dead", "alt.run.android >= 2"), gate("python", "python_version <= alt.python.max"))
    result = training(release(*dead, run__android=0, python__max="3.9"), {"python_version": "3.12"})
    assert [e.relaxation for e in result.excluded] == [(), ()]
    assert result.near_misses == ()


def test_a_fact_of_the_project_is_no_relaxation_but_what_depends_on_it_is_told() -> None:
    """The gate asks for fewer rows or for no network: the one is a choice, the other is what the data are."""
    either = gate("rows", "data_rows <= alt.rows.max or offline == false")
    as_given = [{**q, "given": q["id"] == "data_rows"} for q in QUESTIONS]
    asked = {"data_rows": 6, "offline": True}
    chosen = decide(release(either, rows__max=5), asked)
    given_rows = decide(release(either, questions=as_given, rows__max=5), asked)
    for decision, lifting in ((chosen, {"data_rows", "offline"}), (given_rows, {"offline"})):
        result = decision.roles["training"]
        (excluded,) = result.excluded
        assert {change.question for change in excluded.relaxation} == lifting
        assert {c.question for miss in result.near_misses for c in miss.relaxation} == lifting
    assert chosen.changes
    assert given_rows.changes
    assert given_rows.changes.answers == chosen.changes.answers
    assert "data_rows" in {flip.question for flip in given_rows.changes.answers}


def test_no_relaxation_of_the_shipped_questions_names_a_fact_of_the_project(shipped_release: Release) -> None:
    as_found = {q.id for q in shipped_release.questionnaire.questions.values() if q.given}
    assert {"modality", "task"} <= as_found
    decision = decide(shipped_release, {"modality": "tabular", "task": "clustering", "train_os": "windows"})
    named = {c.question for r in decision.roles.values() for e in r.excluded for c in e.relaxation}
    assert "train_os" in named
    assert not named & as_found


def test_the_retired_have_no_relaxation(small_release: Release) -> None:
    result = training(small_release, {"train_os": "linux", "train_hardware": "nvidia_gpu"})
    retired = [e for e in result.excluded if e.framework in ("caffe", "mxnet")]
    assert {(e.framework, e.gate) for e in retired} == {
        ("caffe", "archived"),
        ("mxnet", "archived"),
        ("mxnet", "not-graded"),
    }
    assert all(e.relaxation == () for e in retired)


def test_a_relaxation_does_not_propose_answers_that_contradict_each_other() -> None:
    contradiction = {"id": "x", "when": 'not offline and team_experience == "expert"', "text": "No."}
    where = release(GATES[4], contradictions=(contradiction,), has__kernels=False)
    (excluded,) = training(where, {"offline": True, "team_experience": "expert"}).excluded
    assert excluded.relaxation, "there is something to check"
    for change in excluded.relaxation:
        for after in change.after:
            parse(changed({"offline": True, "team_experience": "expert"}, change.question, after), where.questionnaire)


def test_taking_back_what_a_profile_filled_in_is_no_relaxation() -> None:
    """The profile would fill it in again."""
    linux = gate("linux", 'train_os within ["windows"]')
    result = decide(release(linux), {}, roles=["training"], profile=PROFILE).roles["training"]
    lifts = {change.question: change.after for change in result.excluded[0].relaxation}
    assert ("windows",) in lifts["train_os"]
    assert None not in lifts["train_os"]


# --- In words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "facts", "given_answers", "required", "found"),
    [
        (
            GATES[0],
            {"run__android": 1},
            {"deploy_targets": "android"},
            ["at least", "2 (official"],
            ["level 1 (third-party"],
        ),
        (GATES[1], {"rows__max": 5}, {"data_rows": 600}, ["600", "at most"], ["5"]),
        (GATES[2], {"python__max": "3.10"}, {"python_version": "3.12"}, ["3.12", "at most"], ["3.10"]),
        (GATES[3], {"systems": ["linux"]}, {"train_os": ["linux", "macos"]}, ["linux, macos", "is also in"], ["linux"]),
        (GATES[3], {"systems": []}, {"train_os": ["linux"]}, ["linux"], ["nothing"]),
        (GATES[5], {"has__kernels": False}, {"team_size": 2}, ["Has kernels: yes"], ["Has kernels: no"]),
    ],
)
def test_an_exclusion_says_what_was_required_and_what_was_found(
    one: Mapping[str, Any],
    facts: Mapping[str, Any],
    given_answers: Mapping[str, object],
    required: list[str],
    found: list[str],
) -> None:
    (excluded,) = (e for e in training(release(one, **facts), given_answers).excluded if e.framework == "best")
    assert all(part in excluded.required for part in required), excluded.required
    assert all(part in excluded.found for part in found), excluded.found
    assert excluded.text == f"Best fails {one['id']}"
    assert set(excluded.evidence) == {f"proof-of-alt.{name.replace('__', '.')}" for name in facts}


def test_what_is_not_graded_is_excluded_with_its_reason_when_a_gate_says_so() -> None:
    members = [alternative("known"), alternative("listed", graded=False)]
    source = document(members, {"c": {"known": (1.0, 0.1)}}, BASE, [gate("graded", "alt.graded")])
    result = training(compile_release(source), {})
    assert [(e.framework, e.gate) for e in result.excluded] == [("listed", "graded")]


@QUIET
@given(documents(gates=True), answers(), st.randoms(use_true_random=False))
def test_the_order_of_gates_does_not_matter(
    source: dict[str, Any], given_answers: dict[str, object], shuffle: Any
) -> None:
    mixed = {**source, "gates": shuffle.sample(source["gates"], len(source["gates"]))}
    first, second = (training(compile_release(s), given_answers) for s in (source, mixed))
    assert {e.framework: e.relaxation for e in first.excluded} == {e.framework: e.relaxation for e in second.excluded}
    assert [place.framework for place in first.ranking] == [place.framework for place in second.ranking]


# --- Waivers ---------------------------------------------------------------------------------------------------------

LEAVE = {"alternative": "best", "owner": "platform@house", "reason": "We keep a fork.", "expires": "2027-06-30"}


@pytest.mark.parametrize("given_answers", [{"offline": True}, {"offline": False}, {}])
def test_a_waived_alternative_is_ranked_with_a_caution_that_says_who_why_and_until_when(
    given_answers: dict[str, object],
) -> None:
    stop = gate("kernels", "alt.has.kernels", "offline", waivers=[{**LEAVE, "layer": "house"}])
    waived = training(release(stop, has__kernels=False), given_answers)
    free = training(release(has__kernels=False), given_answers)
    assert [(p.framework, p.score, p.win_probability) for p in waived.ranking] == [
        (p.framework, p.score, p.win_probability) for p in free.ranking
    ]
    assert (waived.excluded, waived.near_misses, waived.reliefs) == ((), (), None)
    assert waived.ranking[1].cautions == ()
    if not given_answers.get("offline"):
        assert waived.ranking[0].cautions == ()
        return
    (caution,) = waived.ranking[0].cautions
    assert (caution.gate, caution.layer, caution.text) == ("kernels", "shipped", "Best fails kernels")
    assert "no" in caution.found
    assert caution.waiver is not None
    told = {name: getattr(caution.waiver, name) for name in ("alternative", "owner", "reason", "expires")}
    assert told == LEAVE
    assert (caution.waiver.gate, caution.waiver.layer) == ("kernels", "house")


def test_a_waiver_is_for_one_alternative_and_one_gate() -> None:
    stops = [
        gate(name, "alt.run.android >= 4", waivers=w) for name, w in (("one", [{**LEAVE, "layer": "h"}]), ("two", []))
    ]
    only, both = (training(release(*which, run__android=0), {}) for which in (stops[:1], stops))
    assert [p.framework for p in only.ranking] == ["best"]
    assert [(e.framework, e.gate) for e in only.excluded] == [("other", "one")]
    assert {(e.framework, e.gate) for e in both.excluded} == {("other", "one"), ("other", "two"), ("best", "two")}


@settings(QUIET, max_examples=60)
@given(documents(gates=True), answers(), st.data())
def test_a_waiver_changes_nothing_but_what_it_waives(
    source: dict[str, Any], given_answers: dict[str, object], data: st.DataObject
) -> None:
    members = [a["id"] for a in source["alternatives"]]
    name, stop = data.draw(st.sampled_from(members)), data.draw(st.sampled_from(GATES))["id"]
    entry = {**LEAVE, "alternative": name, "layer": "house"}
    waived = {**source, "gates": [{**g, "waivers": [entry]} if g["id"] == stop else g for g in source["gates"]]}
    before, after = (training(compile_release(s), given_answers) for s in (source, waived))
    lifted = {(e.framework, e.gate) for e in before.excluded} & {(name, stop)}
    assert {(e.framework, e.gate) for e in after.excluded} == {(e.framework, e.gate) for e in before.excluded} - lifted
    scores = [{p.framework: p.score for p in result.ranking} for result in (before, after)]
    assert {k: v for k, v in scores[1].items() if k != name} == {k: v for k, v in scores[0].items() if k != name}
    assert after.rules == before.rules
    assert after.grades == before.grades
    for one in before.ranking:
        other = next(p for p in after.ranking if p.framework == one.framework)
        assert other.unverified == one.unverified
        assert [c.gate for c in other.cautions] == [c.gate for c in one.cautions]
