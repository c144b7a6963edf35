"""The smallest sets of answers to take back, against every subset decided anew."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from rules import minimal
from rules.faults import InvalidInput
from rules.hardware import Profile
from rules.minimal import Element, Relief, Reliefs
from rules.release import Release, compile_release
from tests.conftest import PROFILE
from tests.rules.builders import alternative, answers, decide, document, gate, question, rule

QUIET = settings(max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much])
WINDOWS = replace(PROFILE, os="windows")
POOL = (
    gate("systems", "train_os within alt.systems"),
    gate("android", "alt.run.android >= 2", '"android" in deploy_targets'),
    gate("not-browser", "alt.has.kernels", 'not ("browser" in deploy_targets)'),
    gate("asked-of", "alt.has.kernels or offline", "not answered(team_size)"),
    gate("one-only", "alt.run.browser >= 2", "count(deploy_targets) == 1"),
    gate("gpu", 'alt.has.kernels or not ("nvidia_gpu" in train_hardware)'),
    gate("rows", "data_rows <= alt.rows.max"),
    gate("skill", 'team_experience >= "intermediate" or alt.run.server_cpu >= 2'),
    gate("never", 'not offline or stage == "research"'),
)
CONTRADICTIONS = (
    {"id": "x", "when": 'offline and not answered(stage) and "android" in deploy_targets', "text": "No."},
    {"id": "y", "when": 'answered(data_rows) and train_os within ["linux"]', "text": "No."},
)


def slow(
    release: Release, given_answers: Mapping[str, object], profile: Profile | None
) -> dict[frozenset[Element], Any]:
    """Every minimal set and whom it lets in: each subset is taken back and the rest decided anew."""
    parsed = {q: [a] if isinstance(a, str | int | float) else list(a) for q, a in given_answers.items()}  # type: ignore[call-overload]
    several = {q for q in given_answers if release.names[q].sort in ("many", "ranked")}
    elements: list[Element] = [(q, str(o)) for q in several for o in parsed[q]]
    elements += [(q, None) for q in parsed if q not in several]
    found: dict[frozenset[Element], Any] = {}
    for size in range(1, len(elements) + 1):
        for subset in combinations(elements, size):
            if any(smaller <= set(subset) for smaller in found):
                continue
            kept = {q: [o for o in parsed[q] if (q, o) not in subset] for q in several}
            left = {q: said for q, said in kept.items() if said or not parsed[q]}  # all taken back: unknown, not none
            rest = {q: a for q, a in given_answers.items() if q not in several and (q, None) not in subset}
            try:
                result = decide(release, rest | left, roles=["training"], profile=profile, what_if=False)
            except InvalidInput:
                continue
            if let := [p.framework for p in result.roles["training"].ranking]:
                found[frozenset(subset)] = sorted(let)
    return found


@st.composite
def dead_ends(draw: st.DrawFn) -> Release:
    facts: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "run__android": st.integers(0, 3),
            "run__browser": st.integers(0, 2),
            "run__server_cpu": st.integers(0, 2),
            "rows__max": st.sampled_from([5, 500]),
            "systems": st.lists(st.sampled_from(["linux", "windows"]), unique=True),
            "has__kernels": st.booleans(),
        }
    )
    names = draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True))
    members = [alternative(name, **draw(facts)) for name in names]
    stops = draw(st.lists(st.sampled_from(POOL), min_size=2, unique_by=lambda g: str(g["id"])))
    no = draw(st.lists(st.sampled_from(CONTRADICTIONS), unique_by=lambda c: c["id"]))
    grades = {"c": dict.fromkeys(names, (1.0, 0.1))}
    return compile_release(document(members, grades, [rule("base", {"c": 1})], stops, contradictions=no))


UNASKED = ("python_version", "priorities")


@QUIET
@given(dead_ends(), answers(without=UNASKED), st.sampled_from([None, None, PROFILE, WINDOWS]))
def test_every_minimal_set_is_found_and_nothing_else(
    release: Release, given_answers: dict[str, object], profile: Profile | None
) -> None:
    try:
        result = decide(release, given_answers, roles=["training"], profile=profile).roles["training"]
    except InvalidInput:
        reject()
    assume(not result.ranking)
    assert result.reliefs is not None
    expected = slow(release, given_answers, profile)
    found = {frozenset(relief.withdraw): sorted(relief.lets_in) for relief in result.reliefs.sets}
    assert result.reliefs.complete
    assert found == expected
    sizes = [len(relief.withdraw) for relief in result.reliefs.sets]
    assert sizes == sorted(sizes)


def reliefs_of(release: Release, given_answers: Mapping[str, object], profile: Profile | None = None) -> Reliefs:
    found = decide(release, given_answers, roles=["training"], profile=profile).roles["training"].reliefs
    assert found is not None
    return found


def test_there_is_none_where_something_is_left_or_nothing_ever_was() -> None:
    grades = {"c": {"a": (1.0, 0.1)}}
    one = document([alternative("a")], grades, [rule("base", {"c": 1})], [gate("off", "not offline")])
    assert decide(compile_release(one), {"offline": False}).roles["training"].reliefs is None
    assert decide(compile_release({**one, "alternatives": []}), {"offline": True}).roles["training"].reliefs is None
    found = reliefs_of(compile_release(one), {"offline": True, "team_size": 4})
    assert found == Reliefs((minimal.Relief((("offline", None),), ("a",)),), 1, True)


def test_a_gate_that_is_on_only_once_an_answer_is_taken_back_is_looked_at_too() -> None:
    """Without `offline` the second gate asks of the team's size; both must go, though one gate alone stops it now."""
    stops = [gate("one", "not offline"), gate("two", "team_size > 50", "not answered(offline)")]
    grades = {"c": {"a": (1.0, 0.1)}}
    release = compile_release(document([alternative("a")], grades, [rule("base", {"c": 1})], stops))
    found = reliefs_of(release, {"offline": True, "team_size": 4, "data_rows": 3})
    assert [set(relief.withdraw) for relief in found.sets] == [{("offline", None), ("team_size", None)}]


def test_what_a_machine_offers_again_is_not_taken_back() -> None:
    stops = [gate("one", 'not ("tpu" in train_hardware)'), gate("two", 'not ("nvidia_gpu" in train_hardware)')]
    grades = {"c": {"a": (1.0, 0.1)}}
    release = compile_release(document([alternative("a")], grades, [rule("base", {"c": 1})], stops))
    both = {"train_hardware": ["tpu", "cpu"]}
    assert [set(r.withdraw) for r in reliefs_of(release, both).sets] == [{("train_hardware", "tpu")}]
    assert [set(r.withdraw) for r in reliefs_of(release, both, PROFILE).sets] == [{("train_hardware", "tpu")}]
    assert reliefs_of(release, {"train_hardware": ["tpu"]}, PROFILE).sets == ()
    assert len(reliefs_of(release, {"train_hardware": ["tpu"]}).sets) == 1


def _wide(count: int, needed: int) -> tuple[Release, dict[str, object]]:
    """An alternative that all but `needed` of some targets keep out."""
    targets = [f"t{i:02d}" for i in range(count)]
    questions = [question("need", "many", ["train"]), question("aims", "many", targets)]
    grades = {"c": {"a": (1.0, 0.1)}}
    stop = gate("few", f"count(aims) <= {count - needed}")
    source = document([alternative("a")], grades, [rule("base", {"c": 1})], [stop], questions=questions)
    return compile_release(source), {"aims": targets}


def test_what_was_not_searched_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    release, given_answers = _wide(8, 3)
    found = reliefs_of(release, given_answers)
    assert len(found.sets) == minimal.MAX_SHOWN
    assert found.searched_size == 8
    assert not found.complete, "there are 56 sets"
    monkeypatch.setattr(minimal, "MAX_SUBSETS", 8 + 28)
    assert reliefs_of(release, given_answers) == Reliefs((), 2, False)
    monkeypatch.setattr(minimal, "MAX_SUBSETS", 8 + 28 - 1)
    assert reliefs_of(release, given_answers) == Reliefs((), 1, False)


def test_few_sets_that_are_all_found_are_complete() -> None:
    release, given_answers = _wide(6, 1)
    found = reliefs_of(release, given_answers)
    assert (len(found.sets), found.complete) == (6, True)


def test_what_cannot_be_answered_together_is_no_way_out() -> None:
    no = {"id": "x", "when": "offline and not answered(stage)", "text": "No."}
    stops = [gate("one", 'stage != "research"')]
    source = document([alternative("a")], {"c": {"a": (1.0, 0.1)}}, [rule("base", {"c": 1})], stops)
    given_answers = {"offline": True, "stage": "research"}
    assert [set(r.withdraw) for r in reliefs_of(compile_release(source), given_answers).sets] == [{("stage", None)}]
    source["questionnaire"]["contradictions"] = [no]
    both = Relief((("offline", None), ("stage", None)), ("a",))
    assert reliefs_of(compile_release(source), given_answers) == Reliefs((both,), 2, True)
