"""The arithmetic of memory: published amounts, laws, and the same formulas written a second time, parameter by
parameter.
"""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.faults import InvalidInput
from rules.feasibility import memory, shape
from rules.feasibility.amounts import GIB, Span, said, said_between
from rules.feasibility.plan import FORMATS, OPTIMISERS, REGIMES, Architecture, Plan, check
from tests.rules.remembered import Case, cases

REMEMBERED = cases()
LLAMA = Architecture(layers=32, hidden=4096, heads=32, kv_heads=8, head_dim=128, vocabulary=128256)


@pytest.mark.parametrize("case", REMEMBERED, ids=lambda c: str(c.entry["id"]))
def test_a_published_amount_comes_out(case: Case) -> None:
    assert case.agrees, f"{case.entry['value']} published, {case.said:.6g} here ({case.ours})"


def test_there_are_enough_references_from_enough_sources_each_named_once() -> None:
    names = [case.entry["id"] for case in REMEMBERED]
    assert len(names) == len(set(names)) >= 60
    assert len({case.entry["source"] for case in REMEMBERED}) >= 10
    assert all(case.source["url"].startswith("https://") for case in REMEMBERED)
    measured = [case for case in REMEMBERED if "measured" in case.entry.get("note", "")]
    assert len(measured) >= 15


# --- Laws ------------------------------------------------------------------------------------------------------------

SIZES = st.floats(1e5, 2e12)


@st.composite
def plans(draw: st.DrawFn, purpose: str | None = None) -> Plan:
    """Any sound plan."""
    what = purpose or draw(st.sampled_from(["train", "serve"]))
    maybe = st.none() | st.integers(1, 4096)
    shaped = draw(st.none() | st.just(LLAMA))
    plan = Plan(
        purpose=what,  # type: ignore[arg-type]
        parameters=draw(SIZES),
        precision=draw(st.sampled_from(sorted(REGIMES if what == "train" else FORMATS))),
        tuning=draw(st.sampled_from(["full", "lora", "qlora"])) if what == "train" else "full",
        rank=draw(st.none() | st.integers(1, 256)),
        optimiser=draw(st.sampled_from(sorted(OPTIMISERS))),
        sharding=draw(st.sampled_from(["none", "zero1", "zero2", "zero3"])),
        devices=draw(st.integers(1, 512)),
        architecture=shaped,
        batch=draw(maybe),
        sequence=draw(maybe),
        recomputation=draw(st.sampled_from([None, "none", "selective", "full"])),
        context=draw(maybe),
        requests=draw(maybe),
        kv_precision=draw(st.sampled_from(["bf16", "fp8"])),
        step_tokens=draw(maybe),
        language=draw(st.booleans()),
    )
    return check(plan)


def device(plan: Plan) -> Span:
    return memory.estimate(plan).device


def at_most(one: Span, other: Span) -> bool:
    near = 1 + 1e-9
    return (
        float(one.low) <= float(other.low) * near
        and float(one.typical) <= float(other.typical) * near
        and float(one.high) <= float(other.high) * near
    )


@given(plans())
def test_low_is_at_most_typical_is_at_most_high_of_every_item(plan: Plan) -> None:
    for item in memory.estimate(plan).items:
        low, typical, high = float(item.amount.low), float(item.amount.typical), float(item.amount.high)
        assert 0 <= low <= typical * (1 + 1e-12) <= high * (1 + 2e-12), item
        assert math.isfinite(high)
        assert item.formula
        assert item.source


@given(plans(), st.floats(1, 50))
def test_more_parameters_need_no_less(plan: Plan, times: float) -> None:
    assert at_most(device(plan), device(replace(plan, parameters=plan.parameters * times)))


@given(plans(), st.integers(1, 4096), st.integers(1, 64))
def test_more_sequences_longer_ones_more_context_and_more_requests_need_no_less(
    plan: Plan, amount: int, times: int
) -> None:
    for name in ("batch", "sequence", "context", "requests", "step_tokens"):
        less, more = (replace(plan, **{name: each}) for each in (amount, amount * times))  # type: ignore[arg-type]
        assert at_most(device(less), device(more)), name


@given(plans("train"), st.integers(2, 512), st.integers(1, 8))
def test_sharding_never_needs_more_of_each_device(plan: Plan, devices: int, times: int) -> None:
    plan = replace(plan, tuning="full", per_layer=plan.parameters / 3, devices=devices)
    stages = [device(replace(plan, sharding=stage)) for stage in ("none", "zero1", "zero2")]
    assert at_most(stages[1], stages[0])
    assert at_most(stages[2], stages[1])
    for stage in ("none", "zero1", "zero2", "zero3"):
        over = replace(plan, sharding=stage)
        assert at_most(device(replace(over, devices=devices * times)), device(over)), stage


@given(plans("train"), st.integers(3, 512))
def test_sharding_the_parameters_too_needs_no_more_where_layers_are_small(plan: Plan, devices: int) -> None:
    plan = replace(plan, tuning="full", precision="mixed", per_layer=plan.parameters / 10, devices=devices)
    assert at_most(device(replace(plan, sharding="zero3")), device(replace(plan, sharding="zero2")))


@given(plans("serve"), st.integers(2, 64), st.integers(1, 8))
def test_tensor_parallel_serving_never_needs_more_of_each_device(plan: Plan, devices: int, times: int) -> None:
    assert at_most(device(replace(plan, devices=devices * times)), device(replace(plan, devices=devices)))


@given(plans("train"))
def test_offload_and_fewer_moments_need_no_more_of_the_device(plan: Plan) -> None:
    plan = replace(plan, tuning="full", sharding="zero3")
    kept, moved, gone = (device(replace(plan, offload=each)) for each in ("none", "optimiser", "all"))
    assert at_most(moved, kept)
    assert at_most(gone, moved)
    fewer = [device(replace(plan, optimiser=each)) for each in ("sgd", "momentum", "adam")]
    assert at_most(fewer[0], fewer[1])
    assert at_most(fewer[1], fewer[2])


@given(plans("train"))
def test_recomputing_more_needs_no_more(plan: Plan) -> None:
    plan = replace(plan, architecture=LLAMA)  # two layers at least: what is computed again is one of them
    full, selective, none = (device(replace(plan, recomputation=each)) for each in ("full", "selective", "none"))
    assert at_most(full, selective)
    assert at_most(selective, none)


@given(SIZES)
def test_a_shape_that_is_not_known_has_the_known_one_within(parameters: float) -> None:
    """A transformer of this size with an aspect between the ends lies inside every interval that its shape gives."""
    hidden = (parameters * 100 / 12) ** (1 / 3)
    found = shape.estimated(parameters)
    assert float(found.hidden.low) <= hidden <= float(found.hidden.high)
    assert float(found.depth.low) <= hidden * hidden / 100 <= float(found.depth.high)


@pytest.mark.parametrize(
    ("parameters", "layers", "hidden", "kv"),
    [
        (6.74e9, 32, 4096, 32 * 128),
        (8.03e9, 32, 4096, 8 * 128),
        (70.6e9, 80, 8192, 8 * 128),
        (405.9e9, 126, 16384, 1024),
    ],
)
def test_real_models_lie_within_the_estimated_shape(parameters: float, layers: int, hidden: int, kv: int) -> None:
    """Llama 2 7B, Llama 3.1 8B, 70B and 405B, by their published configurations."""
    found = shape.estimated(parameters)
    assert float(found.hidden.low) <= hidden <= float(found.hidden.high)
    assert float(found.depth.low) <= layers * hidden <= float(found.depth.high)
    assert float(found.cached.low) <= layers * kv <= float(found.cached.high)


# --- A slow second formula -------------------------------------------------------------------------------------------


def counted(regime: str, optimiser: str, stage: int, devices: int, gradient: int, parameters: int) -> float:
    """Bytes of the states on the first device, by walking over every parameter and asking who keeps what of it."""
    wide = {"fp32": 4, "mixed": 2, "bf16": 2}[regime]
    moment = {"fp32": 4, "mixed": 4, "bf16": 2}[regime]
    master = {"fp32": 0, "mixed": 4, "bf16": 0}[regime]
    moments = {"adam": [moment] * 2, "adam_8bit": [1, 1], "momentum": [moment], "sgd": []}[optimiser]
    found = 0.0
    for index in range(parameters):
        mine = index % devices == 0
        found += wide if stage < 3 or mine else 0
        found += gradient if stage < 2 or mine else 0
        found += (master + sum(moments)) if stage < 1 or mine else 0
    return found


@given(
    st.sampled_from(sorted(REGIMES)),
    st.sampled_from(sorted(OPTIMISERS)),
    st.integers(0, 3),
    st.integers(2, 6),
    st.integers(1, 40),
)
def test_states_are_what_walking_over_the_parameters_finds(
    regime: str, optimiser: str, stage: int, devices: int, each: int
) -> None:
    parameters = each * devices
    sharding = "none" if stage == 0 else f"zero{stage}"
    plan = Plan("train", float(parameters), regime, optimiser=optimiser, sharding=sharding, devices=devices)
    items = memory.states(plan, float(parameters), REGIMES[regime], float(devices))
    low = sum(float(item.amount.low) for item in items)
    least = REGIMES[regime].gradient[0]
    assert low == pytest.approx(counted(regime, optimiser, stage, devices, int(least), parameters))


def test_keys_and_values_are_what_walking_over_layers_and_heads_finds() -> None:
    kept = 0
    for _layer in range(LLAMA.layers):
        for _head in range(LLAMA.kv_heads):
            for _number in range(LLAMA.head_dim):
                kept += 2 * 2  # a key and a value of 16 bits
    shaped = shape.known(LLAMA, 8e9, None)
    assert float(memory.kv_per_token(shaped).typical) == kept == 128 * 1024


def test_what_is_sure_of_a_model_that_is_no_transformer_is_its_weights() -> None:
    plan = Plan("serve", 1e6, "fp32", language=False)
    assert float(device(plan).low) == 4e6
    assert float(device(replace(plan, language=True)).low) > 4e6


# --- What is refused, and words --------------------------------------------------------------------------------------


def test_every_fault_of_a_plan_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        check(Plan("train", 0.5, "fp33", tuning="lorra", devices=0, offload="all", per_layer=2.0))
    told = {fault.path: fault for fault in refused.value.faults}
    assert told.keys() == {"precision", "tuning", "devices", "parameters", "offload", "per_layer"}
    assert told["precision"].nearest == "fp32"
    assert told["tuning"].nearest == "lora"


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1.0, 0.0])
def test_a_size_that_is_none_is_refused(wrong: float) -> None:
    with pytest.raises(InvalidInput):
        check(Plan("serve", wrong, "bf16"))


def test_formats_of_training_and_of_serving_are_not_mixed_up() -> None:
    with pytest.raises(InvalidInput):
        check(Plan("train", 1e9, "q4_k_m"))
    with pytest.raises(InvalidInput):
        check(Plan("serve", 1e9, "mixed"))


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "0 B"), (512, "512 B"), (2048, "2 KiB"), (14.96 * GIB, "15 GiB"), (1.5 * GIB, "1.5 GiB"),
     (1023.9 * GIB, "1 TiB"), (5000 * 1024 * GIB, "5,000 TiB")],
)  # fmt: skip
def test_bytes_are_said_with_three_figures(amount: float, words: str) -> None:
    assert said(amount) == words


def test_an_interval_is_said_with_one_unit_where_there_is_one() -> None:
    assert said_between(Span(GIB, 1.5 * GIB, 2 * GIB)) == "1 to 2 GiB"
    assert said_between(Span(GIB / 2, GIB, 2 * GIB)) == "512 MiB to 2 GiB"
    assert said_between(Span(GIB, GIB, GIB)) == "1 GiB"
