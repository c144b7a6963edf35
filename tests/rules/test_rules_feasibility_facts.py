"""Facts of memory: one project and columns of them say the same, and the same as the arithmetic that is told."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import vocabulary
from rules.conditions import Kind, compile_record, computed, parse
from rules.conditions.columns import FALSE, TRUE, Conditions, Sheet, column
from rules.feasibility import facts, project
from rules.feasibility.fitting import fit
from rules.feasibility.plan import Plan, modest

OPTIONS: dict[str, tuple[str, ...]] = {
    "approach": ("classical_ml", "bayesian", "automl", "deep_learning", "llm", "scientific", "undecided"),
    "need": ("train", "train_from_scratch", "fine_tune", "adapter_tuning", "preference_tuning", "use_pretrained",
             "inference_only", "none"),
    "precision": ("fp32", "mixed", "fp8", "int8", "low_bit_weights", "full_integer", "complex_or_float64"),
    "train_hardware": ("cpu", "nvidia_gpu", "amd_gpu", "apple_silicon", "tpu", "none"),
}  # fmt: skip
NUMBERS = {
    "model_parameters": [0.0, 1.0, 1e5, 1e8, 1e9, 7e9, 7e10, 4e11, 1e15],
    "accelerator_memory_gb": [0.0, 4.0, 8.0, 16.0, 24.0, 80.0, 141.0, 1e6],
    "train_devices": [0.0, 1.0, 2.0, 8.0, 512.0],
    "memory_mb": [0.0, 0.25, 500.0, 8000.0, 80000.0],
    "hardware.memory_gb": [0.5, 16.0, 512.0],
}
KINDS: dict[str, Kind] = vocabulary.project_names(
    {name: Kind("many", options) for name, options in OPTIONS.items()}
    | {name: Kind("number") for name in NUMBERS if "." not in name}
)


@st.composite
def projects(draw: st.DrawFn) -> dict[str, Any]:
    """Answers of a project, many of them unknown."""
    found: dict[str, Any] = {}
    for name, options in OPTIONS.items():
        chosen = draw(st.lists(st.sampled_from(options), max_size=3, unique=True))
        if chosen:
            found[name] = tuple(chosen)
    for name, numbers in NUMBERS.items():
        number = draw(st.none() | st.sampled_from(numbers))
        if number is not None:
            found[name] = number
    if draw(st.booleans()):
        found["hardware.unified_memory"] = True
    return found


def sheet(rows: list[dict[str, Any]]) -> Sheet:
    names = sorted({name for row in rows for name in row})
    return Sheet(len(rows), {name: column(KINDS[name], [row.get(name) for row in rows]) for name in names})


@settings(max_examples=150, deadline=None)
@given(st.lists(projects(), min_size=1, max_size=6))
def test_columns_say_what_each_project_says_alone(rows: list[dict[str, Any]]) -> None:
    conditions, made = Conditions(KINDS), sheet(rows)
    for name, sort in facts.FACTS.items():
        text = name if sort == "yes/no" else f"{name} <= 4"
        truths = conditions.compile(parse(text))(made)
        known = conditions.compile(parse(f"answered({name})"))(made)
        for index, row in enumerate(rows):
            alone = compile_record(parse(text), KINDS)(row)
            assert {FALSE: False, TRUE: True}.get(int(truths[index])) is alone, (name, row)
            assert (int(known[index]) == TRUE) is (facts.of(name, row) is not None)


@settings(max_examples=300, deadline=None)
@given(projects())
def test_a_fact_is_the_answer_of_the_arithmetic_that_is_told(values: dict[str, Any]) -> None:
    parameters = values.get("model_parameters")
    approach = values.get("approach", ())
    network = not approach or any(a not in facts.NO_NETWORKS for a in approach)
    if not parameters or not network:
        assert all(facts.of(name, values) is None for name in facts.FACTS)
        assert project.told(values) is None
        return
    language = "llm" in approach
    precision = "fp32" if values.get("precision") == ("fp32",) else "mixed"
    word = {"yes": True, "no": False}
    budget = project.training_budget(values)
    for tuning in ("full", "lora", "qlora"):
        plan = modest(Plan("train", parameters, precision, tuning=tuning, language=language))
        assert facts.of(f"feasible.{tuning}", values) is word.get(fit(plan, budget).answer), tuning
    whole = fit(modest(Plan("train", parameters, precision, language=language)), budget)
    least = facts.of("feasible.devices_full", values)
    assert least == (None if whole.devices is None else float(whole.devices))
    form = project.serving_format(values)
    room, there = project.serving_budget(values), values.get("train_devices")
    over = 1 if room.pool == "limit" else int(there or 0)
    if over:
        served = fit(modest(Plan("serve", parameters, form, devices=over, language=language)), room)
        assert facts.of("feasible.serve", values) is word.get(served.answer)
    else:
        assert facts.of("feasible.serve", values) is None


@settings(max_examples=200, deadline=None)
@given(projects())
def test_what_is_told_of_a_project_agrees_with_its_facts_and_cautions(values: dict[str, Any]) -> None:
    told = project.told(values)
    if told is None:
        return
    for way in told.ways:
        assert way.usable_gib is not None
        assert way.answer != "unknown"
        total = [sum(part.gib[bound] for part in way.parts) for bound in range(3)]
        assert total == pytest.approx(way.gib, rel=1e-3, abs=1e-3)
    answers = {way.way: way.answer for way in told.ways}
    beside = {"lora", "qlora"} if "full" in answers else {"qlora"} if "lora" in answers else set()
    alone = {answer for way, answer in answers.items() if way not in beside}
    assert len(told.cautions) <= len(answers.keys() - beside)
    assert not told.cautions if alone <= {"yes"} else told.cautions or "no" not in alone
    assert all(caution.endswith(".") for caution in told.cautions)


@given(projects())
def test_without_a_size_or_a_memory_nothing_is_known(values: dict[str, Any]) -> None:
    for missing in ("model_parameters", "memory"):
        kept = {
            name: value
            for name, value in values.items()
            if name != missing and not (missing == "memory" and "memory" in name)
        }
        assert all(facts.of(name, kept) is None for name in facts.FACTS)
        assert project.told(kept) is None


def test_eight_cards_of_80_gib_train_seven_billion_parameters_only_together() -> None:
    values = {"model_parameters": 7e9, "accelerator_memory_gb": 80.0, "train_devices": 8.0, "approach": ("llm",)}
    known = {name: facts.of(name, values) for name in facts.FACTS}
    assert known == {
        "feasible.full": False, "feasible.full_sharded": True, "feasible.lora": True, "feasible.qlora": True,
        "feasible.devices_full": 2.0, "feasible.serve": None, "feasible.serve_low_bit": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("need", "ways"),
    [
        (None, ["full"]),
        (("train_from_scratch",), ["full"]),
        (("fine_tune",), ["full", "lora", "qlora"]),
        (("adapter_tuning",), ["lora", "qlora"]),
        (("inference_only",), ["serve"]),
        (("fine_tune", "inference_only"), ["full", "lora", "qlora"]),  # what it is trained on is not what it runs on
    ],
)
def test_told_are_the_ways_that_the_needs_ask_for(need: tuple[str, ...] | None, ways: list[str]) -> None:
    told = project.told({"model_parameters": 7e9, "accelerator_memory_gb": 24.0, "need": need})
    assert told is not None
    assert [way.way for way in told.ways] == ways


def test_a_project_that_shards_is_told_of_its_sharded_run() -> None:
    values = {"model_parameters": 7e9, "accelerator_memory_gb": 80.0, "train_devices": 8.0, "need": ("train",)}
    whole, cut = (project.told(values | {"distribution": way}) for way in (("data_parallel",), ("parameter_sharding",)))
    assert whole is not None
    assert cut is not None
    assert (whole.ways[0].answer, cut.ways[0].answer) == ("no", "yes")
    assert whole.ways[0].alternatives[0].text == "ZeRO-1 over 8"
    assert not [other.text for other in whole.ways[0].alternatives if other.text.startswith(("ZeRO-2", "ZeRO-3"))]
    assert not cut.cautions


def test_a_limit_on_memory_while_predicting_is_told_beside_training() -> None:
    told = project.told({"model_parameters": 7e9, "accelerator_memory_gb": 24.0, "memory_mb": 8000.0})
    assert told is not None
    assert [way.way for way in told.ways] == ["full", "serve"]
    assert told.ways[1].usable_gib == (7.4506, 7.4506, 7.4506)
    assert len(told.cautions) == 2


def test_of_serving_what_is_no_language_model_only_the_weights_are_told() -> None:
    small = {"model_parameters": 2e4, "memory_mb": 0.262144}
    told, large = project.told(small), project.told(small | {"model_parameters": 2e6})
    assert told is not None
    assert large is not None
    assert [part.name for part in told.ways[0].parts] == ["weights"]
    assert (told.ways[0].answer, told.cautions) == ("uncertain", ())
    assert told.ways[0].gib == pytest.approx((3.725e-05, 3.725e-05, 7.451e-05))
    assert (large.ways[0].answer, large.ways[0].least_devices) == ("no", None)
    (caution,) = large.cautions
    assert "does not fit: its weights alone take 3.81 to 7.63 MiB" in caution
    named = project.told(small | {"approach": ("llm",)})
    assert named is not None
    assert len(named.ways[0].parts) == 4


def test_adapters_are_cautioned_of_only_where_the_whole_is_not_asked_for() -> None:
    both = project.told({"model_parameters": 7e10, "accelerator_memory_gb": 24.0, "need": ("fine_tune",)})
    alone = project.told({"model_parameters": 7e10, "accelerator_memory_gb": 24.0, "need": ("adapter_tuning",)})
    assert both is not None
    assert alone is not None
    assert [text.split(" does")[0] for text in both.cautions] == ["Training the whole model"]
    assert [text.split(" does")[0] for text in alone.cautions] == ["Training adapters over 16-bit weights (LoRA)"]


def test_what_does_not_fit_one_accelerator_may_fit_several_and_how_many_there_are_must_be_known() -> None:
    values = {
        "model_parameters": 7e10,
        "accelerator_memory_gb": 80.0,
        "need": ("inference_only",),
        "approach": ("llm",),
    }
    found = {n: facts.of("feasible.serve", values | {"train_devices": n}) for n in (None, 1.0, 2.0, 4.0)}
    assert found == {None: None, 1.0: False, 2.0: True, 4.0: True}


def test_memory_that_is_given_as_none_is_not_known_rather_than_too_little() -> None:
    values = {"model_parameters": 7e9, "accelerator_memory_gb": 0.0, "memory_mb": 0.0, "need": ("inference_only",)}
    assert all(facts.of(name, values) is None for name in facts.FACTS)


def test_an_accelerator_that_shares_its_memory_has_less_of_it() -> None:
    own = {"model_parameters": 3e9, "accelerator_memory_gb": 64.0, "train_hardware": ("cpu", "nvidia_gpu")}
    shared = own | {"hardware.unified_memory": True}
    assert facts.of("feasible.full", own) is True
    assert facts.of("feasible.full", shared) is None
    assert facts.of("feasible.full", own | {"train_hardware": ("cpu", "apple_silicon")}) is None


def test_a_condition_on_memory_looks_at_what_the_memory_follows_from() -> None:
    looked_at = list(computed.looked_at(["need", "feasible.full", "train_devices"]))
    assert looked_at[:3] == ["need", "model_parameters", "accelerator_memory_gb"]
    assert len(looked_at) == len(set(looked_at))
    assert not computed.is_computed("need")
    assert dict(computed.bounds("feasible.full")).keys() == {
        "model_parameters",
        "accelerator_memory_gb",
        "train_devices",
    }


def test_a_column_that_is_given_is_not_computed() -> None:
    made = Sheet(2, {"feasible.full": column(Kind("yes/no"), [True, None])})
    truths = Conditions(KINDS).compile(parse("feasible.full"))(made)
    assert np.array_equal(truths, [TRUE, 1])
