"""The ways to targets that one project can use, against a slow second formula for each project."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import gates, reach, scoring
from rules.release import Release, compile_release
from rules.requirements import parse
from tests.rules.builders import (
    LANGUAGES,
    MORE_QUESTIONS,
    PATH_GRADES,
    TARGETS,
    alternative,
    best_level,
    decide,
    document,
    gate,
    rule,
    whole_answers,
    whole_documents,
)

QUIET = settings(max_examples=100, deadline=None, database=None)
Document = dict[str, Any]


@QUIET
@given(whole_documents(), st.data())
def test_levels_are_those_of_the_best_way_of_each_project(source: Document, data: st.DataObject) -> None:
    release = compile_release(source)
    ways = reach.Ways(release)
    members, runtimes = release.roles["training"].members, release.roles["runtime"].members
    assert ways.targets == TARGETS[:-1]
    row = st.lists(st.booleans(), min_size=len(runtimes), max_size=len(runtimes))
    own = st.lists(st.booleans(), min_size=len(members), max_size=len(members))
    projects = data.draw(st.lists(st.tuples(row, own), min_size=1, max_size=5))
    usable = np.array([p[0] for p in projects], dtype=np.bool_).reshape(len(projects), len(runtimes))
    levels = ways.levels(usable, np.array([p[1] for p in projects], dtype=np.bool_))
    assert levels.shape == (len(projects), len(members), len(ways.targets))
    for at, (can, alone) in enumerate(projects):
        over = [r for r, is_usable in zip(runtimes, can, strict=True) if is_usable]
        for place, member in enumerate(members):
            for column, target in enumerate(ways.targets):
                expected = best_level(source, member, target, over, alone[place])
                found = levels[at, place, column]
                assert (None if np.isnan(found) else found) == expected
                assert ways.best(member, target, over, alone[place])[0] == expected


@QUIET
@given(whole_documents(), whole_answers())
def test_the_view_of_a_project_is_the_release_with_its_own_ways(
    source: Document, given_answers: dict[str, object]
) -> None:
    """Facts, grades and opinions of the view, each straight from its definition; all else is as published."""
    release = compile_release(source)
    values = parse(given_answers, release.questionnaire).values
    wanted = reach.targets(values)
    usable = gates.open_to(release.roles["runtime"], values, release.alternatives)
    view = reach.view(release, wanted, usable, reach.itself(release, values))
    before, after = release.roles["training"], view.roles["training"]
    for row, member in enumerate(before.members):
        facts = dict(release.alternatives[member].facts)
        languages, spoken = facts.get("alt.serving_languages"), values.get("serving_language")
        languages = facts.get("alt.training_languages") if languages is None else languages
        alone = not (isinstance(languages, tuple) and isinstance(spoken, tuple)) or bool(set(languages) & set(spoken))
        grade = dict(zip([c.id for c in before.criteria], before.grade[row].tolist(), strict=True))
        for target in wanted:
            level = best_level(source, member, target, usable, alone)
            changed = level != facts.pop(f"alt.path.{target}", None)
            facts |= {} if level is None else {f"alt.path.{target}": level}
            if changed and level is not None and f"reach.{target}" in grade:
                grade[f"reach.{target}"] = PATH_GRADES[level] / 4
        assert view.alternatives[member].facts == facts
        assert after.grade[row].tolist() == pytest.approx(list(grade.values()), abs=1e-12)
    assert after.opinion == pytest.approx((after.weight @ after.grade.T) / after.total[:, None], abs=1e-12)
    assert view.roles["runtime"] is release.roles["runtime"]
    assert (after.weight is before.weight, after.rules is before.rules, after.gates is before.gates) == (True,) * 3


def _one_way(**rest: Any) -> Document:
    members = [
        alternative("trained", run__server_cpu=3, training_languages=["python"]),
        alternative("good", roles=["runtime"], run__android=3, has__kernels=False),
        alternative("poor", roles=["runtime"], run__android=1, has__kernels=True),
    ]
    paths = [
        {"id": f"p-{r}", "source": "trained", "target": r, "by": "c", "level": 3, "evidence": [f"p-{r}"]}
        for r in ("good", "poor")
    ]
    grades = {"c": dict.fromkeys(("trained", "good", "poor"), (2.0, 0.1))}
    grades["reach"] = {"trained": (4.0, 0.1)}
    rules = [rule("base", {"c": 1, "reach": 1})]
    stops = [gate("kernels", "alt.has.kernels", "offline", roles=["runtime"], **rest)]
    stops.append(gate("android", "alt.path.android >= 2", '"android" in deploy_targets', roles=["training"]))
    derived = {"reach": {"capability": "path.android", "values": list(PATH_GRADES)}}
    source = document(members, grades, rules, stops, paths=paths, derived=derived, questions=MORE_QUESTIONS)
    source["alternatives"][0]["facts"]["alt.path.android"] = 3
    return source


def test_a_way_over_a_runtime_that_a_gate_stops_does_not_count() -> None:
    release = compile_release(_one_way())
    open_to, stopped = (decide(release, {"deploy_targets": "android", "offline": off}) for off in (False, True))
    assert open_to.roles["training"].grades["trained"]["reach"][0] == 1.0
    assert [p.framework for p in open_to.roles["training"].ranking] == ["trained"]
    assert [(e.framework, e.gate) for e in stopped.roles["training"].excluded] == [("trained", "android")]
    assert "1" in stopped.roles["training"].excluded[0].found
    # Without the target nothing is wanted of the runtimes, and what is on file stays.
    assert decide(release, {"offline": True}, roles=["training"]).roles["training"].excluded == ()


def test_a_way_over_a_runtime_that_is_waived_counts() -> None:
    waiver = {"alternative": "good", "owner": "o", "reason": "r", "expires": "2027-01-01", "layer": "house"}
    release = compile_release(_one_way(waivers=[waiver]))
    decision = decide(release, {"deploy_targets": "android", "offline": True})
    assert [p.framework for p in decision.roles["training"].ranking] == ["trained"]


def test_what_is_not_known_of_the_only_way_left_excludes_nobody_and_keeps_the_grade() -> None:
    source = _one_way()
    del source["alternatives"][2]["facts"]["alt.run.android"]
    result = decide(compile_release(source), {"deploy_targets": "android", "offline": True}).roles["training"]
    assert [(p.framework, [u.gate for u in p.unverified]) for p in result.ranking] == [("trained", ["android"])]
    assert result.grades["trained"]["reach"][0] == 1.0


@pytest.mark.parametrize(
    ("ways", "best"),
    [
        ([], (0, ())),
        ([(None, ("a",))], (None, ())),
        ([(0, ("a",)), (None, ("b",))], (0, ("a",))),
        ([(2, ("b", "a")), (1, ("c",)), (2, ("a", "d"))], (2, ("a", "b", "d"))),
    ],
)
def test_the_best_of_several_ways(ways: list[reach.Way], best: reach.Way) -> None:
    assert reach.best_way(ways) == best


@pytest.mark.parametrize(
    ("spoken", "offered", "itself"),
    [
        (None, ["python"], True),
        (["cpp"], None, True),
        (["cpp", "python"], ["python"], True),
        (["cpp"], ["python", "javascript"], False),
    ],
)
def test_a_framework_serves_itself_where_the_application_speaks_its_language(
    spoken: list[str] | None, offered: list[str] | None, itself: bool
) -> None:
    source = _one_way()
    source["alternatives"][0]["facts"].pop("alt.training_languages")
    if offered is not None:
        source["alternatives"][0]["facts"]["alt.training_languages"] = offered
    release = compile_release(source)
    assert set(LANGUAGES) >= set(spoken or ())
    values = parse({"serving_language": spoken}, release.questionnaire).values
    assert reach.itself(release, values) == (itself,)


def test_a_view_is_scored_as_the_release_that_is_like_it(small_release: Release) -> None:
    """The opinions of a view are those of a release in which the paths were so from the beginning."""
    values = parse({"deploy_targets": ["android", "browser"]}, small_release.questionnaire).values
    nobody = reach.view(small_release, reach.targets(values), frozenset(), reach.itself(small_release, values))
    role = nobody.roles["training"]
    strength, _ = scoring.strengths(role, values)
    scored = scoring.score(nobody, role, values, strength)
    mass = np.array(strength)[:, None] * role.weight
    assert scored.score == pytest.approx((role.grade @ mass.sum(axis=0)) / mass.sum(), abs=1e-12)
    assert (role.grade <= small_release.roles["training"].grade + 1e-12).all()
