"""The next question: against exact enumeration, and the laws that it must keep."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import log2
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import asking, engine, requirements
from rules.asking import Known
from rules.compiled import Release
from rules.completions import complete
from rules.conditions import column_parts
from rules.decision import Decision
from tests.rules.builders import (
    QUESTIONS,
    alternative,
    answers,
    changed,
    compiled,
    decide,
    document,
    documents,
    gate,
    question,
    rule,
)

QUIET = settings(max_examples=40, deadline=None, database=None)
SKILLS = {"beginner": 0.2, "intermediate": 0.5, "expert": 0.3}
SURELY = {"weight_relative_sd": 0.0, "tie_below_win_probability": 0.75, "interval_probability": 0.9}
FEW = ("offline", "stage", "team_experience", "data_rows")


def prior(name: str, answered: float = 1.0, **parts: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("options", "chance_of_yes", "numbers", "lengths"))
    return {"id": name, "answered": answered, **empty, "given": [], "argument": "Tests.", "evidence": [], **parts}


def case(when: str, **parts: Any) -> dict[str, Any]:
    return {"when": when, **dict.fromkeys(("answered", "options", "chance_of_yes", "numbers")), **parts}


PRIORS = [
    prior("stage", 0.9, options={"research": 0.7, "production": 0.3}),
    prior("offline", 0.8, chance_of_yes=0.2, given=[case('stage == "production"', chance_of_yes=0.75)]),
    prior("team_experience", 1.0, options=SKILLS, given=[case("offline", answered=0.5)]),
    prior("data_rows", 0.6, numbers=[{"low": 5, "high": 5, "share": 0.5}, {"low": 100, "high": 100, "share": 0.5}]),
]


def small(questions: Any = None, stated: Any = None, settled: float = 0.9, **rest: Any) -> Release:
    """Four questions with stated priors, three members whose first place changes with each of them."""
    members = [alternative("a"), alternative("b", rows__max=50), alternative("c")]
    grades = {
        "x": {"a": (3.0, 0.0), "b": (2.5, 0.0), "c": (1.0, 0.0)},
        "y": {"a": (0.5, 0.0), "b": (2.9, 0.0), "c": (1.0, 0.0)},
        "z": {"a": (1.0, 0.0), "b": (0.5, 0.0), "c": (4.0, 0.0)},
    }
    rules = [
        rule("base", {"x": 2, "y": 1}),
        rule("offline", {"y": 3}, "offline"),
        rule("produce", {"z": 4}, 'stage == "production"'),
        rule("begin", {"x": 3}, 'team_experience == "beginner"'),
    ]
    gates = [gate("rows", "data_rows <= alt.rows.max")]
    asked = [q for q in QUESTIONS if q["id"] in FEW] if questions is None else questions
    surely = {"confidence": SURELY, **rest}
    return compiled(document(members, grades, rules, gates, questions=asked, asking=_asking(stated, settled), **surely))


def _asking(stated: Any, settled: float = 0.9) -> dict[str, Any]:
    return {"settled_at_probability": settled, "priors": PRIORS if stated is None else stated}


def known(release: Release, given: Mapping[str, object], declined: frozenset[str] = frozenset()) -> Known:
    values = requirements.parse(given, release.questionnaire).values
    return Known(values, dict(values), declined)


# --- Exactly ---------------------------------------------------------------------------------------------------------


def completions(given: Mapping[str, object], declined: frozenset[str]) -> Iterator[tuple[dict[str, object], float]]:
    """Every way to answer the four questions, with its probability under PRIORS, straight from their definition."""
    for stage, offline, skill, rows in product(
        ("research", "production", None), (True, False, None), (*SKILLS, None), (5.0, 100.0, None)
    ):
        yes = 0.75 if stage == "production" else 0.2
        told = 0.5 if offline else 1.0
        chance = {None: 0.1, "research": 0.63, "production": 0.27}[stage]
        chance *= 0.2 if offline is None else 0.8 * (yes if offline else 1 - yes)
        chance *= 1 - told if skill is None else told * SKILLS[skill]
        chance *= 0.4 if rows is None else 0.3
        full: dict[str, object] = {"stage": stage, "offline": offline, "team_experience": skill, "data_rows": rows}
        fits = all(full[q] == value for q, value in given.items()) and all(full[q] is None for q in declined)
        if fits and chance:
            yield full, chance


def first(release: Release, told: Mapping[str, object]) -> str | None:
    found = decide(release, {q: v for q, v in told.items() if v is not None}, what_if=False).roles["training"]
    return found.ranking[0].framework if found.ranking else None


def exact(release: Release, given: Mapping[str, object], declined: frozenset[str] = frozenset()) -> dict[str, float]:
    """The worth of every open question, by deciding every completion and every single answer one by one."""
    rows = [(full, first(release, full), chance) for full, chance in completions(given, declined)]
    whole = sum(chance for _, _, chance in rows)
    likely = {name: sum(c for _, w, c in rows if w == name) / whole for name in ("a", "b", "c", None)}
    now = likely[first(release, given)]
    before = entropy([(winner, chance / whole) for _, winner, chance in rows])
    found = {}
    for name in FEW:
        if name not in given and name not in declined:
            after = 0.0
            for answer in {full[name] for full, _, _ in rows}:
                part = [(winner, chance) for full, winner, chance in rows if full[name] == answer]
                mass = sum(chance for _, chance in part)
                after += mass / whole * entropy([(winner, chance / mass) for winner, chance in part])
                then = likely[first(release, {**given, name: answer})]
                if answer is not None and then > now:
                    after -= mass / whole * log2(then / now)
            found[name] = before - after
    return found


def entropy(weighed: list[tuple[object, float]]) -> float:
    total: dict[object, float] = {}
    for each, chance in weighed:
        total[each] = total.get(each, 0.0) + chance
    return -sum(p * log2(p) for p in total.values() if p > 0)


@pytest.mark.parametrize(
    ("told", "declined"),
    [
        ({}, frozenset()),
        ({"stage": "production"}, frozenset()),
        ({"team_experience": "expert"}, frozenset()),  # its parent is open: rows are weighted
        ({"data_rows": 100.0}, frozenset({"stage"})),
        ({"offline": True}, frozenset({"team_experience"})),
    ],
)
def test_many_completions_come_to_what_enumeration_does(told: dict[str, object], declined: frozenset[str]) -> None:
    release = small()
    found = asking.next_question(release, known(release, told, declined), rows=40_000)
    expected = exact(release, told, declined)
    assert {each.question: each.bits for each in found.open} == pytest.approx(expected, abs=0.015)
    assert found.open[0].question == max(expected, key=lambda name: expected[name])
    winners = [
        decide(release, {q: v for q, v in f.items() if v is not None}, what_if=False)
        for f, _ in completions(told, declined)
    ]
    now = first(release, told)
    chances = [chance for _, chance in completions(told, declined)]
    stays = sum(c for w, c in zip(winners, chances, strict=True) if w.roles["training"].ranking[0].framework == now)
    assert found.certainty["training"] == pytest.approx(stays / sum(chances), abs=0.01)


def test_an_answer_of_two_roles_is_as_sure_as_both_are_together() -> None:
    """Each role is moved by a question of its own, so that the whole holds with the product of the two."""
    members = [alternative(n, roles=["training"]) for n in "ab"] + [alternative(n, roles=["runtime"]) for n in "cd"]
    grades = {
        "x": {"a": (3.0, 0.0), "b": (1.0, 0.0), "c": (3.0, 0.0), "d": (1.0, 0.0)},
        "y": {"a": (1.0, 0.0), "b": (3.0, 0.0), "c": (1.0, 0.0), "d": (3.0, 0.0)},
    }
    rules = [
        rule("base", {"x": 1}, roles=["training", "runtime"]),
        rule("one", {"y": 3}, "offline", roles=["training"]),
        rule("other", {"y": 3}, 'stage == "production"', roles=["runtime"]),
    ]
    stated = [prior("offline", chance_of_yes=0.06), prior("stage", options={"research": 0.92, "production": 0.08})]
    asked = [q for q in QUESTIONS if q["id"] in ("offline", "stage")]
    release = compiled(document(members, grades, rules, questions=asked, asking=_asking(stated), confidence=SURELY))
    both = Known({}, {}, frozenset(), ("training", "runtime"))
    found = asking.next_question(release, both, rows=40_000)
    assert dict(found.certainty) == pytest.approx({"training": 0.94, "runtime": 0.92}, abs=0.01)
    assert found.joint == pytest.approx(0.94 * 0.92, abs=0.01)
    assert not found.settled, "either role alone would do"
    alone = asking.next_question(release, Known({}, {}, frozenset(), ("training",)), rows=40_000)
    assert alone.settled
    assert alone.joint == alone.certainty["training"]


def test_projects_that_are_drawn_hold_as_often_as_is_said() -> None:
    """Settled answers of people who answer as the priors say, against the full answers of the same people."""
    release = small(settled=0.8)
    drawn = complete(release, {}, (), "people", 400)
    stated, held = [], []
    for row in range(drawn.sheet.rows):
        found = {q: column_parts.value(drawn.sheet.columns[q], row) for q in FEW}
        truth = {q: value for q, value in found.items() if value is not None}
        asked: list[str] = []
        while True:
            given = {q: truth[q] for q in asked if q in truth}
            said = asking.next_question(release, known(release, given, frozenset(asked) - given.keys()), rows=128)
            if said.settled:
                break
            asked.append(said.open[0].question)
        full = decide(release, truth, what_if=False).roles["training"].ranking[0].framework
        stated.append(said.joint)
        held.append(said.winners["training"] == full)
    assert sum(stated) / len(stated) >= 0.8
    assert sum(held) / len(held) == pytest.approx(sum(stated) / len(stated), abs=0.04)
    assert len(set(held)) == 2, "asking stops before everything is known"


def test_none_of_these_is_an_answer_of_its_own() -> None:
    """Likely as stated, tried like any other, and known to the engine: only tables is not no data at all."""
    asked = [question("data", "many", ["tables", "text"]), question("offline", "yes/no")]
    members, grades = [alternative("a"), alternative("b")], {"x": {"a": (3.0, 0.0), "b": (1.0, 0.0)}}
    grades["y"] = {"a": (1.0, 0.0), "b": (3.0, 0.0)}
    rules = [rule("base", {"x": 2}), rule("other", {"y": 9}, 'not (data overlaps ["tables", "text"])')]
    data = prior("data", 0.8, options={"tables": 0.7, "text": 0.4}, none=0.25)
    stated = [data, prior("offline", chance_of_yes=0.5)]
    release = compiled(document(members, grades, rules, questions=asked, asking=_asking(stated), confidence=SURELY))
    found = asking.next_question(release, known(release, {}), rows=20_000)
    outcomes = {outcome.answer: outcome for outcome in found.outcomes}
    assert outcomes[()].winners["training"] == "b"
    assert outcomes[()].changes
    assert outcomes[()].probability == pytest.approx(0.8 * 0.25, abs=0.01)
    assert found.joint == pytest.approx(1 - 0.8 * 0.25, abs=0.01)
    after = asking.next_question(release, known(release, {"data": []}))
    assert (after.winners["training"], after.settled) == ("b", True)
    assert "data" not in {each.question for each in after.open}


def test_few_completions_are_near_enough_to_choose_by() -> None:
    release = small()
    expected = exact(release, {})
    found = asking.next_question(release, known(release, {}))
    assert {each.question: each.bits for each in found.open} == pytest.approx(expected, abs=0.12)
    assert expected[found.open[0].question] >= max(expected.values()) - 0.05


# --- Laws ------------------------------------------------------------------------------------------------------------


@QUIET
@given(source=documents(gates=True), told=answers(), data=st.data())
def test_worth_is_never_negative_and_nothing_that_is_answered_is_asked(
    source: dict[str, Any], told: dict[str, object], data: st.DataObject
) -> None:
    release = compiled(source)
    left = sorted(set(release.questionnaire.questions) - told.keys())
    declined = frozenset(data.draw(st.lists(st.sampled_from(left), unique=True))) if left else frozenset()
    found = asking.next_question(release, known(release, told, declined), rows=64)
    assert all(each.bits >= 0 for each in found.open)
    assert {each.question for each in found.open} == release.questionnaire.questions.keys() - told.keys() - declined
    assert [e.bits for e in found.open] == sorted((e.bits for e in found.open), reverse=True)
    assert all(0 <= share <= 1 + 1e-9 for share in found.certainty.values())
    # A whole is no surer than its parts, and no less than what they leave of it (Boole, Frechet).
    assert 1 - sum(1 - share for share in found.certainty.values()) - 1e-9 <= found.joint
    assert found.joint <= min(found.certainty.values(), default=1.0) + 1e-9
    assert found.settled == (found.unshakable or not found.open or found.joint >= release.priors.settled_at)
    require_same(found.winners, decide(release, told, what_if=False))


@QUIET
@given(source=documents(gates=True), told=answers(), data=st.data())
def test_what_nothing_can_change_is_changed_by_no_single_answer(
    source: dict[str, Any], told: dict[str, object], data: st.DataObject
) -> None:
    release = compiled(source)
    left = sorted(set(release.questionnaire.questions) - told.keys())
    declined = frozenset(data.draw(st.lists(st.sampled_from(left), unique=True))) if left else frozenset()
    found = asking.next_question(release, known(release, told, declined), rows=64)
    moved = set()
    for flip_role, flip in _flips(release, told):
        needed = flip_role != "runtime" or "runtime" in found.winners
        if flip not in declined and flip not in told and needed:
            moved.add((flip_role, flip))
    if found.unshakable:
        assert found.settled
        assert not moved


def _flips(release: Release, told: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Every open question of which the engine's own counterfactuals flip a first place."""
    decision = decide(release, told)
    if decision.changes is not None:
        yield from ((flip.role, flip.question) for flip in decision.changes.answers if flip.before is None)


@QUIET
@given(source=documents(gates=True), told=answers())
def test_each_answer_does_at_once_what_the_engine_says(source: dict[str, Any], told: dict[str, object]) -> None:
    release = compiled(source)
    found = asking.next_question(release, known(release, told), rows=64)
    now = dict(found.winners)
    for outcome in found.outcomes:
        after = changed(told, found.open[0].question, outcome.answer)
        require_same(outcome.winners, decide(release, after, what_if=False))
        assert outcome.changes == (dict(outcome.winners) != now)


def require_same(winners: asking.Winners, decision: Decision) -> None:
    """Who comes first is whom the engine puts first, no runtime where it says that none is needed. Of those that are
    level, asking looks at the first alone, so what then holds of runtimes is left open.
    """
    first = {role: r.ranking[0].framework if r.ranking else None for role, r in decision.roles.items()}
    without = decision.roles["runtime"].without if "runtime" in first else None
    ours = dict(winners)
    level = any(sum(place.tie_group == 1 for place in r.ranking) > 1 for r in decision.roles.values())
    if level or (without is not None and without.none_needed):
        assert level or "runtime" not in winners
        ours.pop("runtime", None)
        first.pop("runtime", None)
    assert ours == first


def test_a_question_that_nothing_looks_at_is_worth_nothing() -> None:
    """Although it is drawn, and tells of an answer that decides."""
    extra = question("colour", "one", ["red", "blue"])
    colour = prior("colour", options={"red": 0.5, "blue": 0.5})
    stage = {**PRIORS[0], "given": [case('colour == "red"', options={"research": 0.0, "production": 1.0})]}
    release = small([*(q for q in QUESTIONS if q["id"] in FEW), extra], [colour, stage, *PRIORS[1:]])
    found = asking.next_question(release, known(release, {}), rows=2000)
    bits = {each.question: each.bits for each in found.open}
    assert bits["colour"] == 0
    assert bits["stage"] > 0.1


def test_an_answer_that_decides_everything_settles_it() -> None:
    release = small()
    everything = {"stage": "research", "offline": False, "team_experience": "beginner", "data_rows": 5.0}
    found = asking.next_question(release, known(release, everything))
    assert (found.open, found.outcomes, found.settled, found.bits) == ((), (), True, 0.0)
    assert dict(found.certainty) == {"training": 1.0}


def test_dont_know_is_not_asked_again_and_is_unknown_to_the_engine() -> None:
    release = small()
    declined = frozenset({"stage", "team_experience"})
    found = asking.next_question(release, known(release, {}, declined))
    assert {e.question for e in found.open} == {"offline", "data_rows"}
    everything = asking.next_question(release, known(release, {}, frozenset(FEW)))
    assert everything.settled
    assert (everything.open, everything.singles) == ((), 0)
    assert everything.winners["training"] == decide(release, {}, what_if=False).roles["training"].ranking[0].framework


def test_the_order_of_questions_and_options_changes_nothing() -> None:
    release = small()
    shuffled = [dict(q) for q in QUESTIONS if q["id"] in FEW]
    shuffled.sort(key=lambda q: str(q["text"])[::-1])
    for each in shuffled:
        if each["id"] == "stage":
            each["options"] = each["options"][::-1]
    other = small(shuffled)
    one, two = (asking.next_question(r, Known({}, {}, frozenset())) for r in (release, _same_name(other, release)))
    assert {e.question: e.bits for e in one.open} == pytest.approx({e.question: e.bits for e in two.open}, abs=1e-9)
    assert one.open[0].question == two.open[0].question
    assert one.certainty == pytest.approx(dict(two.certainty))


def _same_name(release: Release, other: Release) -> Release:
    """The release under another's hash, so that both draw from the same stream."""
    from dataclasses import replace

    return replace(release, sha256=other.sha256)


def test_the_same_is_asked_of_the_same_project() -> None:
    release = small()
    one, two = (asking.next_question(release, known(release, {"stage": "research"})) for _ in range(2))
    assert one == two
    assert one.rows > 0


def test_no_question_is_worth_more_than_is_open() -> None:
    release = small()
    found = asking.next_question(release, known(release, {}), rows=4000)
    assert 0 < found.open[0].bits <= found.bits
    assert sum(found.shares["training"].values()) == pytest.approx(1)


def test_roles_that_are_asked_for_are_the_ones_that_count() -> None:
    release = small()
    only = Known({}, {}, frozenset(), ("runtime",))
    found = asking.next_question(release, only)
    assert dict(found.winners) == {"runtime": None}
    assert found.unshakable
    assert found.settled


def test_a_release_of_before_there_were_priors_is_asked_as_well(small_release: Release) -> None:
    found = asking.next_question(small_release, known(small_release, {}))
    assert found.open[0].bits > 0
    assert not found.settled


def test_an_interview_ends_where_the_full_questionnaire_does(shipped_release: Release) -> None:
    told = {"need": ["train"], "approach": ["classical_ml"], "modality": ["tabular"], "stage": "production"}
    truth = requirements.parse(told, shipped_release.questionnaire).values
    asked: list[str] = []
    while True:
        given = {q: truth[q] for q in asked if q in truth}
        declined = frozenset(asked) - given.keys()
        found = asking.next_question(shipped_release, Known(given, dict(given), declined))
        if found.settled:
            break
        assert found.open[0].question not in asked
        asked.append(found.open[0].question)
    assert 3 <= len(asked) <= 30
    full = engine.decide(shipped_release, requirements.parse(told, shipped_release.questionnaire), what_if=False)
    assert dict(found.winners) == {role: r.ranking[0].framework for role, r in full.roles.items()}
