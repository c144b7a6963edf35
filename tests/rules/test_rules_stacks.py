"""Ways from training to each target: a chain is as good as its weakest step, over runtimes the project can use."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.reach import best_way
from rules.release import Release, compile_release
from rules.stacks import Stack
from tests.rules.builders import QUESTIONS, Answers, alternative, decide, document, gate, question, rule

QUIET = settings(max_examples=40, deadline=None, database=None)
RUNTIMES = ("lite", "onnx", "wide")
ASKED = (
    *QUESTIONS,
    question("weights_in", "many", ["trainer", "gguf", "none"], exclusive=["none"]),
    question("serving_language", "many", ["python", "kotlin"]),
)


def edge(source: str, target: str, level: int) -> dict[str, Any]:
    return {
        "id": f"{source}-{target}",
        "source": source,
        "target": target,
        "by": f"{source}2{target}",
        "level": level,
        "evidence": [f"proof-{source}-{target}"],
    }


def release(
    own: int | None = None,
    runs: dict[str, int | None] | None = None,
    edges: dict[str, int] | None = None,
    better: tuple[str, ...] = RUNTIMES,
    **facts: Any,
) -> Release:
    """One trainer; runtimes ranked as in `better`, with levels of running on Android; conversions with levels."""
    trainer: dict[str, Any] = {} if own is None else {"run__android": own}
    members = [alternative("trainer", **trainer, **facts)]
    for name in RUNTIMES:
        level = (runs or {}).get(name)
        known: dict[str, Any] = {} if level is None else {"run__android": level}
        loads: dict[str, Any] = {"loads": ["gguf"]} if name == "wide" else {}
        members.append(alternative(name, roles=["runtime"], **known, **loads))
    grades = {"c": {name: (4.0 - better.index(name), 0.1) for name in better} | {"trainer": (2.0, 0.1)}}
    capabilities = [
        {"id": "run.android", "kind": "level", "options_of": None, "text": "Runs on Android."},
        {"id": "loads", "kind": "set", "options_of": "weights_in", "text": "Loads."},
        {"id": "training_languages", "kind": "set", "options_of": "serving_language", "text": "Languages."},
    ]
    paths = [edge("trainer", target, level) for target, level in (edges or {}).items()]
    return compile_release(
        document(
            members,
            grades,
            [rule("base", {"c": 1})],
            questions=ASKED,
            capabilities=capabilities,
            paths=paths,
            gates=[gate("no-wide", 'alt.id != "wide"', "offline")],
        )
    )


def stack(where: Release, given_answers: Answers, target: str = "android") -> Stack:
    (found,) = (s for s in decide(where, given_answers).stack if s.target == target)
    return found


def way(found: Stack) -> list[str]:
    return [*(step.source for step in found.path), *(step.target for step in found.path[-1:])]


ANDROID: Answers = {"deploy_targets": ["android"]}


@pytest.mark.parametrize(
    ("own", "runs", "edges", "expected", "level"),
    [
        (3, {}, {}, ["trainer", "android"], 3),
        (1, {"lite": 3}, {"lite": 2}, ["trainer", "lite", "android"], 2),
        (2, {"lite": 3}, {"lite": 1}, ["trainer", "android"], 2),
        (None, {"lite": 1}, {"lite": 3}, ["trainer", "lite", "android"], 1),
        (None, {"lite": 3, "onnx": 3}, {"lite": 1, "onnx": 2}, ["trainer", "onnx", "android"], 2),
        (0, {"lite": 0}, {"lite": 3}, [], 0),
        (None, {"lite": None}, {"lite": 3}, [], 0),
        (None, {"lite": 3}, {}, [], 0),
        (None, {}, {}, [], 0),
    ],
)
def test_the_way_with_the_strongest_weakest_step_is_taken(
    own: int | None, runs: dict[str, int | None], edges: dict[str, int], expected: list[str], level: int
) -> None:
    found = stack(release(own, runs, edges), ANDROID)
    assert way(found) == expected
    assert found.level == level


def test_among_equally_good_ways_the_better_ranked_runtime_is_taken() -> None:
    equal: dict[str, int | None] = {"lite": 3, "onnx": 3}
    for better in (("lite", "onnx", "wide"), ("onnx", "lite", "wide")):
        found = stack(release(None, equal, {"lite": 2, "onnx": 2}, better), ANDROID)
        assert way(found)[1] == better[0]


def test_each_step_names_its_converter_its_level_and_its_evidence() -> None:
    first, last = stack(release(None, {"lite": 3}, {"lite": 2}), ANDROID).path
    assert (first.by, first.level, first.evidence) == ("trainer2lite", 2, ("proof-trainer-lite",))
    assert (last.by, last.level, last.evidence) == ("Lite", 3, ("proof-of-alt.run.android",))


def test_there_is_one_stack_for_each_target_and_none_without_targets() -> None:
    where = release(3)
    found = decide(where, {"deploy_targets": ["browser", "android"]}).stack
    assert [(s.target, s.level) for s in found] == [("android", 3), ("browser", 0)]
    assert decide(where, {}).stack == ()
    assert decide(where, {"deploy_targets": "none"}).stack == ()


def test_no_way_leads_over_a_runtime_that_a_gate_stops() -> None:
    where = release(None, {"wide": 3, "lite": 3}, {"wide": 3, "lite": 1})
    assert way(stack(where, ANDROID)) == ["trainer", "wide", "android"]
    assert way(stack(where, {**ANDROID, "offline": True})) == ["trainer", "lite", "android"]
    only = release(None, {"wide": 3}, {"wide": 3})
    assert stack(only, {**ANDROID, "offline": True}).path == ()


def test_a_training_framework_serves_itself_only_in_a_language_that_it_offers() -> None:
    where = release(3, {"lite": 3}, {"lite": 2}, training_languages=["python"])
    assert way(stack(where, ANDROID)) == ["trainer", "android"]
    assert way(stack(where, {**ANDROID, "serving_language": "python"})) == ["trainer", "android"]
    assert way(stack(where, {**ANDROID, "serving_language": "kotlin"})) == ["trainer", "lite", "android"]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (["gguf"], ["gguf", "wide", "android"]),
        (["trainer"], ["trainer", "lite", "android"]),
        (None, ["lite", "android"]),
        (["none"], ["lite", "android"]),
    ],
)
def test_a_project_that_only_runs_models_starts_from_its_weights(
    weights: list[str] | None, expected: list[str]
) -> None:
    where = release(3, {"lite": 3, "wide": 2}, {"lite": 2})
    given_answers = {**ANDROID, "need": "inference_only", "weights_in": weights}
    decision = decide(where, given_answers)
    assert list(decision.roles) == ["runtime"]
    assert way(decision.stack[0]) == expected


def test_weights_that_a_framework_reads_go_the_ways_of_its_own(shipped_release: Release) -> None:
    asked = {"need": "inference_only", "approach": ["deep_learning"], "deploy_targets": ["android", "server_cpu"]}
    plans = [decide(shipped_release, {**asked, "weights_in": [given]}).stack for given in ("pytorch", "safetensors")]
    assert [way(each)[1:] for each in plans[1]] == [way(each)[1:] for each in plans[0]]
    for of_pytorch, of_safetensors in zip(*plans, strict=True):
        assert of_safetensors.path[0] == replace(of_pytorch.path[0], source="safetensors")
        assert of_safetensors.level >= 2


LEVELS = st.one_of(st.none(), st.integers(0, 3))


@QUIET
@given(
    LEVELS,
    st.dictionaries(st.sampled_from(RUNTIMES), LEVELS),
    st.dictionaries(st.sampled_from(RUNTIMES), st.integers(0, 3)),
)
def test_brute_force_over_all_ways_finds_no_better_one_where_one_is_needed(
    own: int | None, runs: dict[str, int | None], edges: dict[str, int]
) -> None:
    ways = [own or 0] + [min(edges[name], runs.get(name) or 0) for name in edges]
    where = release(own, runs, edges)
    found = stack(where, ANDROID)
    assert found.level == (own if own and own >= 2 else max(ways))  # what runs it itself needs no runtime
    assert bool(found.path) == (max(ways) > 0)


@pytest.mark.parametrize(
    ("ways", "best"),
    [
        ([], (0, ())),
        ([(None, ("a",))], (None, ())),
        ([(0, ("a",))], (0, ("a",))),
        ([(None, ("a",)), (1, ("b",))], (1, ("b",))),
        ([(2, ("b", "a")), (2, ("c", "a")), (1, ("d",))], (2, ("a", "b", "c"))),
        ([(None, ("a",)), (0, ("b",))], (0, ("b",))),
    ],
)
def test_the_best_of_ways_pools_the_evidence_of_equals(ways: list[Any], best: Any) -> None:
    assert best_way(ways) == best


@pytest.mark.parametrize(("own", "lite", "over"), list(product((0, 2), (1, 3), (0, 3))))
def test_the_grade_that_rests_on_a_way_is_seen_over_usable_runtimes(own: int, lite: int, over: int) -> None:
    """What a role's arrays say of `path.android` must be what the stack says, unless no runtime is needed."""
    members = [alternative("trainer", run__android=own), alternative("lite", roles=["runtime"], run__android=lite)]
    grades = {"reach": {"trainer": (2.0, 0.1)}, "size": {"lite": (1.0, 0.1)}}
    source = document(
        members,
        grades,
        [rule("reach", {"reach": 1}, roles=["training"]), rule("size", {"size": 1}, roles=["runtime"])],
        [gate("no-lite", 'alt.id != "lite"', "offline", roles=["runtime"])],
        paths=[edge("trainer", "lite", over)],
        derived={"reach": {"capability": "path.android", "values": [0.0, 1.0, 3.0, 4.0], "sd": 0.25}},
    )
    where = compile_release(source)
    for offline, level in ((False, max(own, min(lite, over))), (True, own)):
        decision = decide(where, {**ANDROID, "offline": offline}, roles=["training"])
        assert decision.roles["training"].ranking[0].score == pytest.approx([0.0, 0.25, 0.75, 1.0][level])
        assert decision.stack[0].level == (own if own >= 2 else level)


# --- Several targets together ----------------------------------------------------------------------------------------

PLACES = ("server_cpu", "android", "browser")
TRAINERS = ("first", "second")
Levels = dict[tuple[str, str], int]


def joint(runs: Levels, edges: Levels, better: tuple[str, ...] = RUNTIMES) -> Release:
    """Two trainers in this order and three runtimes ranked as in `better`; runs and edges by (from, to)."""
    members = []
    for name in (*TRAINERS, *RUNTIMES):
        facts: dict[str, Any] = {f"run__{target}": level for (of, target), level in runs.items() if of == name}
        members.append(alternative(name, roles=["training" if name in TRAINERS else "runtime"], **facts))
    order = {name: 4.0 - place for place, name in enumerate(better)} | {"first": 4.0, "second": 1.0}
    grades = {"c": {name: (mean, 0.1) for name, mean in order.items()}}
    paths = [edge(source, target, level) for (source, target), level in edges.items()]
    return compile_release(document(members, grades, [rule("base", {"c": 1})], paths=paths))


def levels_of(name: str, target: str, runs: Levels, edges: Levels) -> dict[str, int]:
    """The level of the best way from a trainer to a target over each runtime, itself included; the slow second way."""
    found = {name: runs.get((name, target), 0)}
    found |= {r: min(edges.get((name, r), 0), runs.get((r, target), 0)) for r in RUNTIMES}
    return {runtime: level for runtime, level in found.items() if level > 0}


RUNS = st.dictionaries(st.tuples(st.sampled_from((*TRAINERS, *RUNTIMES)), st.sampled_from(PLACES)), st.integers(0, 3))
EDGES = st.dictionaries(st.tuples(st.sampled_from(TRAINERS), st.sampled_from(RUNTIMES)), st.integers(0, 3))


@settings(QUIET, max_examples=150)
@given(RUNS, EDGES, st.permutations(RUNTIMES), st.lists(st.sampled_from(PLACES), min_size=1, unique=True))
def test_the_ways_are_the_best_ones_over_the_fewest_runtimes(
    runs: Levels, edges: Levels, better: list[str], wanted: list[str]
) -> None:
    decision = decide(joint(runs, edges, tuple(better)), {"deploy_targets": wanted})
    found = {s.target: s for s in decision.stack}
    assert set(found) == set(wanted)
    ways = {name: {target: levels_of(name, target, runs, edges) for target in wanted} for name in TRAINERS}
    serving = [name for name in TRAINERS if all(ways[name].values())]
    trainer = serving[0] if serving else "first"
    open_to = {target: ways[trainer][target] for target in wanted if ways[trainer][target]}
    alone = {target for target in wanted if trainer == "first" and runs.get((trainer, target), 0) >= 2}
    for target, one in found.items():
        if target not in alone or [s.source for s in one.path] != [trainer]:
            assert one.level == max(ways[trainer][target].values(), default=0)  # none gets worse for another's sake
        assert [s.source for s in one.path][:1] == ([trainer] if target in open_to else [])
        assert one.note is None or (trainer == "second") == ("serves every target" in one.note)
    best = {t: [r for r, level in each.items() if level == max(each.values())] for t, each in open_to.items()}
    sets = {frozenset(choice) for choice in product(*(each for target, each in best.items() if target not in alone))}
    fewest = min(len(each) for each in sets)
    place = {name: index for index, name in enumerate((*better, trainer))}
    chosen = {one.path[-1].source for target, one in found.items() if one.path and target not in alone}
    assert len(chosen) == fewest
    for target in alone:  # by itself, but over a runtime that another target needs and that does best here too
        at_hand = chosen & set(best[target])
        assert found[target].path[-1].source in (at_hand or {trainer})
    assert sorted(place[r] for r in chosen) == min(sorted(place[r] for r in s) for s in sets if len(s) == fewest)


def test_one_runtime_for_all_goes_before_the_better_ranked_one_for_some() -> None:
    runs = {("lite", "android"): 3, ("wide", "android"): 3, ("wide", "browser"): 3}
    edges = {("first", "lite"): 3, ("first", "wide"): 3}
    both = decide(joint(runs, edges), {"deploy_targets": ["android", "browser"]}).stack
    assert [way(s) for s in both] == [["first", "wide", "android"], ["first", "wide", "browser"]]
    assert both[0].note == "Lite, the runtime ranked first, would do as well; Wide serves other targets too."
    (alone,) = decide(joint(runs, edges), {"deploy_targets": ["android"]}).stack
    assert (way(alone), alone.note) == (["first", "lite", "android"], None)


def test_a_second_trainer_is_taken_only_where_it_alone_serves_every_target() -> None:
    runs = {("lite", "android"): 3, ("second", "browser"): 1}
    edges = {("first", "lite"): 3, ("second", "lite"): 1}
    targets = {"deploy_targets": ["android", "browser"]}
    found = decide(joint(runs, edges), targets).stack
    assert [way(s) for s in found] == [["second", "lite", "android"], ["second", "browser"]]
    why = "First, ranked first for training, has no way on file to browser; Second serves every target."
    assert {s.note for s in found} == {why}
    neither = decide(joint({("lite", "android"): 3}, edges), targets).stack
    assert [way(s) for s in neither] == [["first", "lite", "android"], []]


def test_past_the_first_runtime_those_are_named_that_reach_it_better() -> None:
    runs = {("lite", "android"): 3, ("onnx", "android"): 2}
    edges = {("first", "lite"): 1, ("first", "onnx"): 3, ("second", "lite"): 3}
    found = stack(joint(runs, edges, better=("lite", "onnx", "wide")), ANDROID)
    assert way(found) == ["first", "onnx", "android"]
    weaker = "Lite, the runtime ranked first, is reached from First with weaker support"
    weaker += " (third-party, experimental or frozen)."
    assert found.note == f"{weaker} From Second it is reached better (first-class)."
    alike = {**edges, ("second", "lite"): 1}
    assert stack(joint(runs, alike, better=("lite", "onnx", "wide")), ANDROID).note == weaker
