"""Where a project can do without a runtime: who runs the model itself, what stands against it, what one would bring."""

from math import erf, sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.accounts import page, telling
from rules.accounts.naming import names_of
from rules.accounts.summary import needed_after
from rules.release import Release, compile_release
from rules.spared import Without
from rules.without import brought_by_runtimes
from tests.rules.builders import CAPABILITIES, QUESTIONS, Answers, alternative, decide, document, gate, question, rule

QUIET = settings(max_examples=60, deadline=None, database=None)
ASKED = (*QUESTIONS, question("serving_language", "many", ["python", "kotlin"]))
MORE = (
    {"id": "serving_languages", "kind": "set", "options_of": "serving_language", "text": "Languages."},
    {"id": "runs_models.trees", "kind": "level", "options_of": None, "text": "Runs trees."},
)
EDGE = {"id": "e", "source": "first", "target": "lite", "by": "first2lite", "level": 3, "evidence": []}
GATES = (
    gate("few-rows", "alt.rows.max >= data_rows", "answered(data_rows)", roles=["runtime"]),
    gate("trees", "alt.runs_models.trees >= 2", "offline", roles=["runtime"]),
)
SERVER: Answers = {"deploy_targets": ["server_cpu"]}
NONE_NEEDED = "First runs the model itself on server_cpu ({}), so that no runtime is needed."


def source(
    own: dict[str, Any], second: dict[str, Any] | None = None, runtime: dict[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    """A trainer, another where `second` says what it runs (level with it), and a runtime with a way from the first.

    `shared` is graded of all, `speed` of the runtime alone: the trainers' role does not have it.
    """
    lite = {"run__server_cpu": 3, "run__android": 3, "runs_models__trees": 3, "rows__max": 1000, **(runtime or {})}
    members = [alternative("first", **own), alternative("lite", roles=["runtime"], **lite)]
    members += [] if second is None else [alternative("second", **second)]
    shared = {"first": (2.0, 0.5), "lite": (3.0, 0.5), "second": (2.0, 0.5)}
    grades = {
        "shared": {m["id"]: shared[m["id"]] for m in members},
        "speed": {"lite": (3.0, 0.2)},
    }
    rules = [
        rule("base", {"shared": 1}),
        rule("fast", {"speed": 1}, 'stage == "production"', roles=["runtime"], text="It must be fast"),
        rule("plain", {"shared": 2}, "team_size < 5", roles=["runtime"]),
    ]
    made = document(members, grades, rules, GATES, questions=ASKED, capabilities=(*CAPABILITIES, *MORE), **rest)
    made["paths"] = [EDGE]
    made["criteria"][1]["roles"] = ["runtime"]
    return made


def without(where: Release, answers: Answers) -> Without | None:
    return decide(where, answers).roles["runtime"].without


def test_what_runs_the_model_itself_is_named_with_target_level_and_evidence() -> None:
    decision = decide(compile_release(source({"run__server_cpu": 3})), SERVER)
    found = decision.roles["runtime"].without
    assert found is not None
    (one,) = found.itself
    assert (one.framework, one.role, one.target, one.level) == ("first", "training", "server_cpu", 3)
    assert one.evidence == ("proof-of-alt.run.server_cpu",)
    assert (found.needed_on, found.unverified, found.asked_by, found.option) == ((), (), (), "lite")
    assert found.text == NONE_NEEDED.format("first-class")
    assert "reaches" not in found.brings  # Lite is no better supported there
    assert [step.source for step in decision.stack[0].path] == ["first"]
    told = decision.document()["roles"]["runtime"]["without"]
    assert told["itself"][0]["framework"] == "first"
    assert told["text"] == found.text


@pytest.mark.parametrize("own", [None, 0, 1])
def test_third_party_support_or_none_does_without_nothing(own: int | None) -> None:
    where = compile_release(source({} if own is None else {"run__server_cpu": own}))
    assert without(where, SERVER) is None


def test_official_support_with_limits_does_and_the_better_way_is_told() -> None:
    where = compile_release(source({"run__server_cpu": 2}))
    decision = decide(where, SERVER)
    found = decision.roles["runtime"].without
    assert found is not None
    assert found.text == NONE_NEEDED.format("official with limits")
    assert "reaches server_cpu better (first-class)" in found.brings
    (stack,) = decision.stack
    better = "Lite, the runtime ranked first, would run it with better support (first-class)."
    assert (stack.level, stack.note) == (2, f"First runs the model itself; {better}")


def test_the_limits_on_file_are_told_beside_official_support_with_limits() -> None:
    for level, said in ((2, "official with limits: from a pickle, under Python"), (3, "first-class")):
        made = source({"run__server_cpu": level})
        made["alternatives"][0]["capabilities"] = {"run.server_cpu": {"note": "From a pickle, under Python."}}
        found = without(compile_release(made), SERVER)
        assert found is not None
        assert found.text == NONE_NEEDED.format(said)
    made = source({"run__server_cpu": 2}, {"run__server_cpu": 3})
    made["alternatives"][0]["capabilities"] = {"run.server_cpu": {"note": "From a pickle."}}
    found = without(compile_release(made), SERVER)
    assert found is not None
    assert found.text.startswith("First and Second run the model themselves on server_cpu (official with limits: ")
    assert "(official with limits: First from a pickle)" in found.text


def test_a_target_that_it_does_not_run_on_needs_a_runtime_that_then_serves_the_other_too() -> None:
    where = compile_release(source({"run__server_cpu": 3}))
    decision = decide(where, {"deploy_targets": ["server_cpu", "android"]})
    found = decision.roles["runtime"].without
    assert found is not None
    assert found.needed_on == ("android",)
    assert found.text == "First runs the model itself on server_cpu (first-class); a runtime is needed on android."
    assert [s.path[-1].source for s in decision.stack] == ["lite", "lite"]
    assert [s.note for s in decision.stack] == ["First runs the model itself there too (first-class).", None]


def test_no_target_no_word() -> None:
    where = compile_release(source({"run__server_cpu": 3}))
    assert "runtime" not in decide(where, {}).roles
    assert decide(where, {}, roles=["training", "runtime"]).roles["runtime"].without is None


def test_all_that_are_level_run_it_or_none_is_named() -> None:
    able = compile_release(source({"run__server_cpu": 3}, {"run__server_cpu": 2}))
    found = without(able, SERVER)
    assert found is not None
    assert found.text.startswith("First and Second run the model themselves on server_cpu (official with limits), so")
    assert without(compile_release(source({"run__server_cpu": 3}, {"run__server_cpu": 1})), SERVER) is None


def test_a_limit_of_the_runtimes_stands_against_it_and_an_unknown_fact_is_named() -> None:
    asked = {**SERVER, "data_rows": 100}
    fails = compile_release(source({"run__server_cpu": 3, "rows__max": 50}))
    assert without(fails, asked) is None
    assert without(fails, SERVER) is not None
    unknown = without(compile_release(source({"run__server_cpu": 3})), asked)
    assert unknown is not None
    assert unknown.unverified == ("alt.rows.max",)
    assert unknown.text.endswith("; not on file for First, so not checked: most rows; a runtime may not be needed.")
    passes = without(compile_release(source({"run__server_cpu": 3, "rows__max": 100})), asked)
    assert passes is not None
    assert passes.unverified == ()


def test_what_may_be_asked_for_keeps_the_way_over_the_runtime() -> None:
    """Where a fact is missing or a rule asks for a runtime, the stack is what it would be without all this."""
    where = compile_release(source({"run__server_cpu": 2}))
    for more in ({"data_rows": 100}, {"stage": "production"}):
        (stack,) = decide(where, {**SERVER, **more}).stack
        assert ([s.source for s in stack.path], stack.note) == (["first", "lite"], None)


def test_which_models_something_takes_is_not_asked_of_what_trained_them() -> None:
    found = without(compile_release(source({"run__server_cpu": 3})), {**SERVER, "offline": True})
    assert found is not None
    assert found.unverified == ()


def test_a_language_that_it_does_not_offer_stands_against_it() -> None:
    where = compile_release(source({"run__server_cpu": 3, "serving_languages": ["python"]}))
    assert without(where, {**SERVER, "serving_language": "kotlin"}) is None
    asked, open_to = (without(where, {**SERVER, **more}) for more in ({"serving_language": "python"}, {}))
    assert asked is not None
    assert open_to is not None
    assert asked.text == NONE_NEEDED.format("first-class")
    assert open_to.text.endswith("no runtime is needed as long as it is called from python.")


def test_a_change_tells_whether_a_runtime_becomes_needed() -> None:
    where = compile_release(source({"run__server_cpu": 3, "serving_languages": ["python"]}))
    spared, needed = (
        decide(where, {**SERVER, "serving_language": each}).document()["roles"]["runtime"]
        for each in ("python", "kotlin")
    )
    assert needed_after(spared, needed) == "A runtime is needed now; before, none was."
    assert needed_after(needed, spared) == NONE_NEEDED.format("first-class")
    assert needed_after(spared, spared) == needed_after(needed, needed) == ""


def test_a_rule_on_what_only_runtimes_are_graded_on_asks_for_one() -> None:
    where = compile_release(source({"run__server_cpu": 3}))
    found = without(where, {**SERVER, "stage": "production", "team_size": 2})
    assert found is not None
    assert found.asked_by == ("fast",)  # and not the base rule, nor the one on what all are graded on
    assert found.not_compared == ("speed",)
    assert found.text.endswith("(first-class); “It must be fast” speaks for a runtime.")
    plain = without(where, {**SERVER, "stage": "research", "team_size": 2})
    assert plain is not None
    assert (plain.asked_by, plain.not_compared) == ((), ())


def test_what_leads_among_the_runtimes_too_is_one() -> None:
    both = source({"run__server_cpu": 3})
    both["alternatives"][0]["roles"] = ["training", "runtime"]
    both["grades"]["shared"]["first"] = {"mean": 3.0, "sd": 0.5, "influences": []}
    assert without(compile_release(both), SERVER) is None
    both["grades"]["shared"]["first"] = {"mean": 0.0, "sd": 0.1, "influences": []}
    assert without(compile_release(both), SERVER) is not None


GRADE, SPREAD = st.integers(0, 40).map(lambda n: n / 10), st.integers(1, 12).map(lambda n: n / 10)


@QUIET
@given(GRADE, SPREAD, GRADE, SPREAD)
def test_better_is_what_is_so_with_the_probability_below_which_two_are_a_tie(
    own: float, own_sd: float, other: float, other_sd: float
) -> None:
    made = source({"run__server_cpu": 3})
    made["grades"]["shared"] |= {
        "first": {"mean": own, "sd": own_sd, "influences": []},
        "lite": {"mean": other, "sd": other_sd, "influences": []},
    }
    found = without(compile_release(made), SERVER)
    assert found is not None
    probability = (1 + erf((other - own) / sqrt(2 * (own_sd**2 + other_sd**2)))) / 2
    assert found.better_on == (("shared",) if probability > 0.75 else ())
    assert ("is graded better than First on shared" in found.brings) == (probability > 0.75)


def test_accounts_lead_with_who_runs_it_and_forget_no_older_decision() -> None:
    made = source({"run__server_cpu": 3})
    where = compile_release(made)
    names = names_of(where, made)
    told = decide(where, SERVER).document()
    leads = "First runs the model itself on server_cpu (first-class), so that no runtime is needed; of the runtimes, "
    assert page.title(told, names) == "Train and run with First"
    assert telling.line(told, names)["runtime"].startswith(f"As the runtime, {leads}Lite is the only candidate left")
    assert "- **A runtime would bring**: Lite, the best ranked" in page.page(told, names)["markdown"]
    for key in ("without", "decides"):
        del told["roles"]["runtime"][key]
    assert page.title(told, names) == "Train with First and run with Lite"
    assert telling.line(told, names)["runtime"].startswith("As the runtime, Lite is the only candidate left")


# --- The shipped knowledge -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "asks"),
    [
        ({}, True),
        ({"novelty": ["custom_layers"]}, True),
        ({"novelty": ["new_architectures"]}, False),
        ({"novelty": ["new_architectures"], "stage": "production"}, True),
        ({"stage": "research"}, False),
    ],
)
def test_a_place_asks_for_a_runtime_where_the_model_may_be_operated(
    shipped_release: Release, more: Answers, asks: bool
) -> None:
    """Models that nobody has published are researched until a stage is named; taking many kinds brings nothing."""
    answers = {"need": ["train"], "approach": ["deep_learning"], "deploy_targets": ["server_gpu"], **more}
    found = without(shipped_release, {**answers, "priorities": ["flexibility"]})
    assert found is not None
    assert found.asked_by == (("gpu-server-speed",) if asks else ())
    assert "model_coverage" not in found.not_compared


def test_where_something_runs_is_nothing_that_only_runtimes_bring(shipped_release: Release) -> None:
    brought = brought_by_runtimes(shipped_release.roles["runtime"], shipped_release.roles["training"])
    assert brought
    assert not [criterion for criterion in brought if criterion.startswith("runs.")]


# --- Servers, in the shipped knowledge -------------------------------------------------------------------------------

OWN_ENGINES = ["vllm", "sglang", "tensorrt-llm", "llama-cpp", "ollama"]
SERVED: Answers = {"need": ["fine_tune"], "task": ["text_generation"], "deploy_targets": ["server_gpu"]}


def test_beside_a_server_with_its_own_engine_no_runtime_is_needed(shipped_release: Release) -> None:
    decision = decide(shipped_release, {**SERVED, "approach": ["deep_learning"], "requests_per_second": 5})
    first = decision.roles["serving"].ranking[0].framework
    own_code = shipped_release.alternatives[first].facts["alt.serves_models.own_code"]
    assert isinstance(own_code, int), "another example is needed"
    assert own_code < 2, "another example is needed"
    found = decision.roles["runtime"].without
    assert found is not None
    assert {(each.framework, each.role, each.target) for each in found.itself} == {(first, "serving", "server_gpu")}
    assert (found.needed_on, found.asked_by) == ((), ())
    (stack,) = decision.stack
    assert [step.source for step in stack.path] == [first]


def test_what_serves_language_models_only_leaves_the_others_to_another_server(shipped_release: Release) -> None:
    decision = decide(shipped_release, {**SERVED, "approach": ["llm", "deep_learning"]})
    (stack,) = decision.stack
    assert stack.note is not None
    assert stack.note.endswith("runs the language models itself; the others need another server.")
    assert stack.path[-1].source in {place.framework for place in decision.roles["runtime"].ranking}
    found = decision.roles["runtime"].without
    assert found is None or {each.role for each in found.itself} == {"training"}


def test_a_server_that_runs_a_teams_code_takes_a_runtime(shipped_release: Release) -> None:
    answers = {"approach": ["deep_learning"], "modality": ["image"], "deploy_targets": ["server_gpu"]}
    decision = decide(shipped_release, {**answers, "requests_per_second": 500})
    found = decision.roles["runtime"].without
    assert found is None or {each.role for each in found.itself} == {"training"}
    assert decision.stack[0].note is not None
    assert "answers the requests there" in decision.stack[0].note


def test_a_layer_over_anothers_engine_is_not_said_to_run_the_model_itself(shipped_release: Release) -> None:
    answers = {"need": ["inference_only"], "approach": ["llm"], "deploy_targets": ["server_gpu"]}
    for rejected, by in (([], "itself"), (OWN_ENGINES, "by an engine or code inside it")):
        decision = decide(shipped_release, {**answers, "tried_and_rejected": rejected})
        first = decision.roles["serving"].ranking[0]
        cautions = {caution.gate for caution in first.cautions}
        assert ("serves-by-anothers-engine" in cautions) == bool(rejected)
        (stack,) = decision.stack
        name = shipped_release.alternatives[first.framework].name
        assert stack.note == f"{name}, the server ranked first, runs the model {by}."
