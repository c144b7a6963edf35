"""Which ranked runtimes a way on file leads to, and what decides between those that are level."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.arriving import NO_WAY
from rules.release import Release, compile_release
from tests.rules.builders import alternative, decide, document, rule

QUIET = settings(max_examples=60, deadline=None, database=None)
RUNTIMES = ("lite", "onnx", "wide")
TRAINERS = ("first", "second")
Levels = dict[tuple[str, str], int]
ANDROID = {"deploy_targets": ["android"]}


def edge(source: str, target: str, level: int) -> dict[str, Any]:
    by = f"{source}2{target}"
    return {"id": by, "source": source, "target": target, "by": by, "level": level, "evidence": []}


def release(edges: Levels, trainers: float = 1.0, runtimes: float = 4.0, both: str = "") -> Release:
    """Two trainers and three runtimes by their grades: `trainers` and `runtimes` are those of the second ones.

    `both` is a trainer that is a runtime too.
    """
    members = [alternative(n, roles=["training", *(["runtime"] if n == both else [])]) for n in TRAINERS]
    members += [alternative(n, roles=["runtime"], run__android=3) for n in RUNTIMES]
    order = {"first": 4.0, "second": trainers, "lite": 4.0, "onnx": runtimes, "wide": 0.0}
    grades = {"c": {name: (mean, 0.1) for name, mean in order.items()}}
    paths = [edge(source, target, level) for (source, target), level in edges.items()]
    return compile_release(document(members, grades, [rule("base", {"c": 1})], paths=paths))


def cautioned(where: Release) -> dict[str, tuple[str, str]]:
    ranking = decide(where, ANDROID).roles["runtime"].ranking
    return {p.framework: (c.text, c.found) for p in ranking for c in p.cautions if c.gate == NO_WAY}


def test_a_runtime_that_no_way_leads_to_is_cautioned_with_those_that_one_does() -> None:
    found = cautioned(release({("first", "onnx"): 1, ("second", "wide"): 3, ("first", "lite"): 0}))
    said = "Ways on file lead to Onnx"
    assert found == {
        "lite": ("No way on file leads from First to Lite", said),
        "wide": ("No way on file leads from First to Wide", said),
    }


def test_a_way_from_one_that_is_level_counts() -> None:
    found = cautioned(release({("first", "onnx"): 1, ("second", "wide"): 3}, trainers=4.0))
    said = "Ways on file lead to Onnx and Wide"
    assert found == {"lite": ("No way on file leads from First or Second to Lite", said)}


def test_nothing_leads_anywhere_and_what_trains_is_its_own_runtime() -> None:
    found = cautioned(release({}, both="first"))
    assert {each for _, each in found.values()} == {"Ways on file lead to First"}
    assert "first" not in found
    assert {each for _, each in cautioned(release({})).values()} == {"No way on file leads to any runtime"}


def test_a_project_that_trains_nothing_is_not_cautioned() -> None:
    result = decide(release({}), {**ANDROID, "need": "inference_only"}).roles["runtime"]
    assert not any(place.cautions for place in result.ranking)
    assert result.decides is None


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ({("first", "onnx"): 2}, "to Onnx it leads by first2onnx (official with limits) and to Lite none leads"),
        (
            {("first", "onnx"): 3, ("first", "lite"): 1},
            "to Onnx it leads by first2onnx (first-class) and to Lite it leads by first2lite"
            " (third-party, experimental or frozen)",
        ),
        ({("first", "onnx"): 3, ("first", "lite"): 3}, None),
        ({("second", "onnx"): 3, ("first", "wide"): 3}, None),
    ],
)
def test_among_level_runtimes_the_way_decides(edges: Levels, said: str | None) -> None:
    decides = decide(release(edges), ANDROID).roles["runtime"].decides
    assert decides == (said and f"The way on file from First decides between them: {said}.")


@pytest.mark.parametrize("levels", [(1, 3), (3, 1)])
def test_of_two_converters_the_better_one_counts(levels: tuple[int, int]) -> None:
    where = release({("first", "lite"): 1})
    paths = [replace(where.edges[0], target="onnx", by=f"by{level}", level=level) for level in levels]
    decides = decide(replace(where, edges=(*where.edges, *paths)), ANDROID).roles["runtime"].decides
    assert decides is not None
    assert "to Onnx it leads by by3 (first-class)" in decides


def test_ways_from_the_high_level_library_that_leads_count_too(shipped_release: Release) -> None:
    answers = {"need": ["fine_tune"], "approach": ["deep_learning"], "deploy_targets": ["server_gpu"]}
    roles = decide(shipped_release, answers, what_if=False).roles
    starts = [p.framework for role in ("training", "high_level") for p in roles[role].ranking if p.tie_group == 1]
    found = {p.framework: c.text for p in roles["runtime"].ranking for c in p.cautions if c.gate == NO_WAY}
    reached = {edge.target for edge in shipped_release.edges if edge.source in starts and edge.level}
    assert set(found) == {p.framework for p in roles["runtime"].ranking} - reached - set(starts)
    assert found, "another example is needed"
    assert all(shipped_release.alternatives[start].name in text for start in starts for text in found.values())


def test_ways_decide_nothing_where_one_runtime_leads() -> None:
    assert decide(release({("first", "onnx"): 2}, runtimes=1.0), ANDROID).roles["runtime"].decides is None


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        (
            {("second", "lite"): 2},
            "from Second it leads by second2lite (official with limits) and from First none leads",
        ),
        ({("second", "lite"): 3, ("first", "lite"): 3}, None),
        ({("second", "onnx"): 3}, None),
    ],
)
def test_among_level_trainers_the_way_to_the_only_first_runtime_decides(edges: Levels, said: str | None) -> None:
    decides = decide(release(edges, trainers=4.0, runtimes=1.0), ANDROID).roles["training"].decides
    assert decides == (said and f"The way on file to Lite, the first runtime, decides between them: {said}.")


@pytest.mark.parametrize(("trainers", "runtimes"), [(1.0, 1.0), (4.0, 4.0)])
def test_ways_say_nothing_where_one_trainer_leads_or_no_runtime_does(trainers: float, runtimes: float) -> None:
    result = decide(release({("second", "lite"): 3}, trainers, runtimes), ANDROID).roles["training"]
    assert result.decides is None


@QUIET
@given(
    st.dictionaries(st.tuples(st.sampled_from(TRAINERS), st.sampled_from(RUNTIMES)), st.integers(0, 3)),
    st.sampled_from([1.0, 4.0]),
)
def test_exactly_those_without_a_way_are_cautioned_and_nothing_moves(edges: Levels, trainers: float) -> None:
    where = release(edges, trainers)
    leading = TRAINERS if trainers == 4.0 else TRAINERS[:1]
    reached = {target for (source, target), level in edges.items() if level and source in leading}
    assert set(cautioned(where)) == set(RUNTIMES) - reached
    ranking = decide(where, ANDROID).roles["runtime"].ranking
    bare = decide(release({}, trainers), ANDROID).roles["runtime"].ranking
    assert [(p.framework, p.score, p.tie_group) for p in ranking] == [(p.framework, p.score, p.tie_group) for p in bare]
