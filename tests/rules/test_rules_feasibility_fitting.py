"""Whether a plan fits: three answers and unknown, the least number of devices, and what else would fit, in order."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.feasibility.amounts import GIB, Span
from rules.feasibility.changing import changes, spread
from rules.feasibility.fitting import Budget, caution, fit, least_devices, verdict
from rules.feasibility.memory import estimate
from rules.feasibility.plan import Plan, check, modest
from tests.rules.test_rules_feasibility_memory import plans

SEVEN = modest(Plan("train", 7e9, "mixed"))
ORDER = {"no": 0, "uncertain": 1, "yes": 2}
MEMORY = st.floats(0.1, 3000).map(lambda gib: gib * GIB)


@pytest.mark.parametrize(
    ("needs", "answer"),
    [((1.0, 2.0, 3.0), "yes"), ((1.0, 2.0, 5.0), "uncertain"), ((4.0, 4.5, 5.0), "uncertain"), ((4.1, 4.5, 5.0), "no")],
)
def test_the_answer_is_sure_only_outside_the_interval(needs: tuple[float, float, float], answer: str) -> None:
    assert verdict(Span(*needs), Span(3.0, 3.5, 4.0)) == answer
    assert verdict(Span(*needs), None) == "unknown"


@given(plans(), MEMORY, st.floats(1, 20))
def test_more_memory_never_makes_it_fit_less(plan: Plan, memory: float, times: float) -> None:
    less, more = fit(plan, Budget(memory)), fit(plan, Budget(memory * times))
    assert ORDER[less.answer] <= ORDER[more.answer]
    if less.devices is not None:
        assert more.devices is not None
        assert more.devices <= less.devices


@given(plans())
def test_memory_that_is_not_known_is_never_none(plan: Plan) -> None:
    for budget in (Budget(None), Budget(0.0), Budget(-1.0)):
        found = fit(plan, budget)
        assert (found.answer, found.usable, found.devices, found.alternatives) == ("unknown", None, None, ())
        assert caution(found, "It") is None


@given(plans(), MEMORY)
def test_every_alternative_is_sound_fits_better_and_says_so(plan: Plan, memory: float) -> None:
    found = fit(plan, Budget(memory))
    for other in found.alternatives:
        check(other.plan)
        if other.answer == found.answer:
            assert found.usable is not None
            assert other.needs.typical <= found.usable.typical < found.needs.typical
        else:
            assert ORDER[other.answer] > ORDER[found.answer]
        assert other.needs == estimate(other.plan).device
        assert other.plan != plan
    assert found.answer in ("no", "uncertain") or not found.alternatives
    assert len({other.text for other in found.alternatives}) == len(found.alternatives)


@given(plans(), MEMORY)
def test_the_least_number_of_devices_is_the_least(plan: Plan, memory: float) -> None:
    """Against counting up, as far as one counts."""
    usable = Budget(memory).usable(plan.purpose)
    assert usable is not None
    found = least_devices(plan, usable)
    assume(found is None or found <= 40)
    fitting = [n for n in range(1, 41) if float(estimate(spread(plan, n)).device.typical) <= float(usable.typical)]
    assert (fitting[0] if fitting else None) == found


@given(plans(), MEMORY)
def test_a_caution_is_given_exactly_where_it_does_not_surely_fit(plan: Plan, memory: float) -> None:
    found = fit(plan, Budget(memory))
    said = caution(found, "It")
    assert (said is None) == (found.answer == "yes")
    for other in found.alternatives:
        assert said is not None
        assert other.text in said


def test_seven_billion_parameters_on_a_card_of_24_gib() -> None:
    found = fit(SEVEN, Budget(24.0 * GIB))
    assert (found.answer, found.devices) == ("no", 6)
    sure = [other.text for other in found.alternatives if other.answer == "yes"]
    assert sure == ["LoRA", "QLoRA"]  # how much host memory there is, nobody said
    said = caution(found, "Training the whole model")
    assert said == (
        "Training the whole model does not fit: it needs 105 to 133 GiB, about 119 GiB, and 24 GiB may be used. Fits"
        " with LoRA or QLoRA; perhaps with optimiser in host memory (156 GiB of it), 6 of these (ZeRO-3) or"
        " optimiser and parameters in host memory (176 GiB of it)."
    )


@pytest.mark.parametrize(("host", "answer"), [(16.0, "no"), (200.0, "uncertain"), (256.0, "yes"), (None, "uncertain")])
def test_what_is_moved_to_main_memory_must_fit_there(host: float | None, answer: str) -> None:
    """7 billion parameters take 18 * 1.5 bytes each there, 176 GiB, of which three quarters of 256 GiB are enough."""
    budget = Budget(24.0 * GIB, "own", host and host * GIB)
    moved = replace(SEVEN, sharding="zero3", offload="all")
    found = fit(moved, budget)
    assert found.answer == answer
    told = [o.answer for o in fit(SEVEN, budget).alternatives if o.text.startswith("optimiser and parameters in host")]
    assert told == [answer] * (answer != "no")
    if answer != "yes":
        assert "of main memory it needs 176 GiB" in str(caution(found, "It"))
    assert ("it is not known" in str(caution(found, "It"))) == (host is None)


def test_where_the_device_has_the_memory_of_the_host_nothing_is_gained_by_moving() -> None:
    for pool in ("host", "unified"):
        budget = Budget(64.0 * GIB, pool)
        assert not [o for o in fit(SEVEN, budget).alternatives if o.plan.offload != "none"]
        moved = replace(SEVEN, sharding="zero3", offload="all")
        assert fit(moved, budget).answer == "no"
        assert fit(moved, Budget(1000.0 * GIB, pool)).answer == "yes"


def test_two_devices_or_qlora_where_that_is_the_way_out() -> None:
    found = fit(modest(Plan("train", 13e9, "mixed", tuning="lora")), Budget(24.0 * GIB))
    assert [other.text for other in found.alternatives] == ["2 of these (ZeRO-3)", "QLoRA"]


def test_what_there_is_comes_before_what_must_be_bought_and_that_before_another_way_of_tuning() -> None:
    plan = Plan("train", 7e9, "mixed", devices=4)
    texts = [text for text, _ in changes(plan, 9)]
    assert texts == [
        "full recomputation", "ZeRO-1 over 4", "ZeRO-2 over 4", "ZeRO-3 over 4", "8-bit Adam",
        "optimiser in host memory", "9 of these (ZeRO-3)", "LoRA", "QLoRA", "optimiser and parameters in host memory",
    ]  # fmt: skip
    assert [text for text, _ in changes(modest(Plan("serve", 7e9, "fp32")), 3)] == [
        "16-bit weights", "8-bit weights", "weights of about 4 bits", "3 of these (tensor parallel)",
    ]  # fmt: skip
    assert not list(changes(modest(Plan("serve", 7e9, "q2_k")), 1))
    busy = Plan("serve", 7e9, "q2_k", requests=4, context=5000)
    assert [text for text, _ in changes(busy, 1)] == [
        "in steps of 512 tokens", "2 requests at a time in steps of 512 tokens",
        "1 request at a time in steps of 512 tokens",
        "a context of 2,500 tokens, one request at a time in steps of 512 tokens",
        "a context of 2,048 tokens, one request at a time in steps of 512 tokens",
    ]  # fmt: skip
    assert not list(changes(replace(busy, requests=1, context=512, step_tokens=100), 1))


def test_a_shorter_context_is_offered_where_it_surely_fits_and_no_further_step() -> None:
    found = fit(Plan("serve", 8e9, "q4_k_m"), Budget(8.0 * GIB))
    assert found.answer == "uncertain"
    assert [other.text for other in found.alternatives] == ["a context of 2,048 tokens in steps of 512 tokens"]
    many = fit(replace(found.plan, requests=16, context=2048, step_tokens=512), Budget(10.0 * GIB))
    counts = [other.plan.requests for other in many.alternatives if other.answer == "yes"]
    assert counts[:1] == [
        max(n for n in (8, 4, 2, 1) if fit(replace(many.plan, requests=n), Budget(10.0 * GIB)).answer == "yes")
    ]


def test_devices_that_likely_fit_are_offered_where_these_likely_do_not() -> None:
    found = fit(Plan("serve", 671e9, "fp8", devices=8), Budget(80.0 * GIB))
    assert (found.answer, found.devices) == ("uncertain", 10)
    assert [other.text for other in found.alternatives] == ["weights of about 4 bits", "10 of these (tensor parallel)"]
    assert str(caution(found, "It")).endswith("May fit with weights of about 4 bits or 10 of these (tensor parallel).")
    enough = fit(replace(found.plan, devices=10), Budget(80.0 * GIB))
    assert enough.answer == "uncertain"
    assert all(other.answer == "yes" for other in enough.alternatives)


def test_what_may_fit_is_not_told_to_fit_in_no_way() -> None:
    found = fit(modest(Plan("serve", 2e9, "q2_k")), Budget(1.0 * GIB))
    assert found.answer == "uncertain"
    assert not found.alternatives or found.devices
    for gib in (0.7, 0.8, 0.9, 1.0, 1.2):
        one = fit(modest(Plan("serve", 2e9, "q2_k")), Budget(gib * GIB))
        if one.answer == "uncertain":
            assert "No way that is known" not in str(caution(one, "It"))


def test_a_model_that_nothing_helps_is_told_so() -> None:
    found = fit(Plan("serve", 1e12, "q2_k"), Budget(1.0 * GIB))
    assert (found.answer, found.devices) == ("no", None)
    assert caution(found, "Serving") is not None
    assert str(caution(found, "Serving")).endswith("No way that is known here would fit.")


def test_a_pool_that_is_shared_leaves_the_system_its_part() -> None:
    usable = Budget(16.0 * GIB, "unified").usable("serve")
    assert usable is not None
    assert float(usable.low) == pytest.approx(10.67 * GIB, rel=0.001)  # what macOS gives its GPU of 16 GiB: an M4
    assert float(usable.low) < 11.84 * GIB < float(usable.high)  # and an M3
    assert usable.low < Budget(16.0 * GIB).usable("train").low  # type: ignore[union-attr]


def test_the_published_fits_and_misfits_come_out() -> None:
    """Llama 3.3 70B in 8 bits does not fit an H100 and fits two; 65 B parameters are tuned by QLoRA on 48 GB."""
    h100, eight = Budget(79.18 * GIB), modest(Plan("serve", 70.55e9, "fp8"))
    assert fit(eight, h100).answer == "uncertain"
    assert fit(replace(eight, devices=2), h100).answer == "yes"
    assert fit(modest(Plan("train", 65.2e9, "mixed")), Budget(48e9)).answer == "no"
    assert fit(modest(Plan("train", 65.2e9, "mixed", tuning="qlora", rank=64)), Budget(48e9)).answer != "no"
    assert fit(modest(Plan("train", 1.5e9, "mixed")), Budget(16e9)).answer == "no"  # GPT-2: 24 GB of states
