"""Which answers turn round between two releases: the same flips as deciding anew by hand, counted as a share."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.impact import Flip, Impact, Project, decided, impact
from rules import requirements
from rules.release import Release, compile_release
from tests.knowledge_base.conftest import Kept
from tests.rules.builders import decide

QUIET = settings(max_examples=40, deadline=None, database=None)
Document = dict[str, Any]

PROJECTS: tuple[Project, ...] = (
    Project("nothing said", {}),
    Project("training only", {"need": "train"}, roles=("training",)),
    Project("android", {"deploy_targets": ["android"], "need": ["train"], "stage": "production"}),
    Project("beginners", {"team_experience": "beginner", "need": "train"}),
    Project("windows", {"train_os": "windows", "train_hardware": "nvidia_gpu", "need": "train"}),
    Project("jax on file", {"known_frameworks": ["jax"], "need": "train"}),
    Project("running", {"need": "inference_only", "deploy_targets": "android"}),
    Project("bad answers", {"stage": "prodution"}),
)


def changed(document: Document, grades: dict[tuple[str, str], float]) -> Document:
    copy = deepcopy(document)
    for (criterion, name), mean in grades.items():
        copy["grades"][criterion][name] |= {"mean": mean, "sd": 0.2, "known": True}
    return copy


@pytest.fixture(scope="module")
def before(small_document: Document) -> Release:
    return compile_release(small_document)


GRADES = st.dictionaries(
    st.tuples(st.sampled_from(["ease_of_use", "debugging"]), st.sampled_from(["pytorch", "tensorflow", "jax"])),
    st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0]),
    max_size=4,
)


@QUIET
@given(GRADES, st.lists(st.sampled_from(PROJECTS), max_size=len(PROJECTS), unique_by=lambda p: p.name))
def test_flips_are_those_of_deciding_anew(
    kept: Kept, grades: dict[tuple[str, str], float], projects: list[Project]
) -> None:
    before, after = kept.release, compile_release(changed(kept.document, grades))
    found = impact(before, after, projects)
    expected, clear, count = set(), 0, 0
    for project in projects:
        if project.name == "bad answers":
            continue
        answers: Any = project.answers
        then, now = (decide(r, answers, roles=project.roles).roles for r in (before, after))
        assert then.keys() == now.keys()
        for role in then:
            count += 1
            was, becomes = then[role].ranking[0], now[role].ranking[0]
            if was.framework == becomes.framework:
                continue
            expected.add((project.name, role, was.framework, becomes.framework))
            groups = [{e.framework: e.tie_group for e in r[role].ranking} for r in (then, now)]
            clear += all(g[was.framework] != g[becomes.framework] for g in groups)
    assert {(f.project, f.role, f.before, f.after) for f in found.flips} == expected
    assert found.clear_flips == clear
    assert (found.answers, found.refused) == (count, ())
    assert found.projects == sum(p.name != "bad answers" for p in projects)
    assert found.share == (clear / count if count else 0.0)
    assert 0.0 <= found.share <= 1.0
    assert [f.tied for f in found.flips] == sorted(f.tied for f in found.flips)


@QUIET
@given(GRADES)
def test_what_changes_nothing_turns_nothing_round(kept: Kept, grades: dict[tuple[str, str], float]) -> None:
    before, after = kept.release, compile_release(changed(kept.document, grades))
    there, back = impact(before, after, PROJECTS), impact(after, before, PROJECTS)
    assert impact(after, after, PROJECTS).flips == ()
    turned = {(f.project, f.role, f.before, f.after, f.tied) for f in there.flips}
    assert {(f.project, f.role, f.after, f.before, f.tied) for f in back.flips} == turned


def test_a_leader_that_a_gate_stops_now_is_told_with_the_gates_text(small_document: Document, before: Release) -> None:
    document = deepcopy(small_document)
    pytorch = next(a for a in document["alternatives"] if a["id"] == "pytorch")
    pytorch["facts"]["alt.lifecycle"] = "archived"
    found = impact(before, compile_release(document), [PROJECTS[1]])
    assert found.flips[0].before == "pytorch"
    assert found.flips[0].excluded == "PyTorch is archived"
    for each in document["alternatives"]:
        each["facts"]["alt.lifecycle"] = "archived"
    found = impact(before, compile_release(document), [PROJECTS[1]])
    assert found.flips == (Flip("training only", "training", "pytorch", None, False, "PyTorch is archived"),)
    assert found.share == 1.0


def test_answers_that_are_not_taken_any_more_count_and_those_that_never_were_do_not(
    small_document: Document, before: Release
) -> None:
    document = deepcopy(small_document)
    (stage,) = (q for q in document["questionnaire"]["questions"] if q["id"] == "stage")
    stage["options"] = [o for o in stage["options"] if o["id"] != "production"]
    after = compile_release(document)
    found = impact(before, after, PROJECTS)
    ((name, fault),) = found.refused
    assert name == "android"
    assert "stage" in fault
    assert found.projects == len(PROJECTS) - 2
    assert found.tried == found.answers + 1
    assert found.share == 1 / found.tried
    assert impact(after, before, PROJECTS).refused == ()


def test_nothing_tried_is_nothing_turned_round(before: Release) -> None:
    assert impact(before, before, []) == Impact(0, 0, (), ())
    assert Impact(0, 0, (), ()).share == 0.0


def test_hardware_roles_and_preferences_are_those_of_the_project(before: Release) -> None:
    liked = {"method": "direct", "weights": {"debugging": 1}}
    found = decided(before, Project("p", {"need": "train"}, roles=("training",), preferences=liked))
    asked = requirements.parse({"need": "train"}, before.questionnaire, liked)
    assert isinstance(found, dict)
    assert list(found) == ["training"]
    assert "priority-debugging" in {r.rule for r in found["training"].rules}
    assert asked.preferences is not None
    assert isinstance(decided(before, PROJECTS[-1]), str)
