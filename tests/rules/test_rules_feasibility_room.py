"""The room for keys and values: what fills it just fits, and one token more does not."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from rules.feasibility.fitting import Budget, by_weights, fit
from rules.feasibility.plan import Architecture, Plan
from rules.feasibility.room import room

LLAMA = Architecture(layers=32, hidden=4096, heads=32, kv_heads=8, head_dim=128, vocabulary=128256)
GIB = 2**30


@given(
    parameters=st.floats(1e8, 4e10),
    gib=st.floats(8, 200),
    devices=st.integers(1, 8),
    architecture=st.none() | st.just(LLAMA),
    kept=st.sampled_from(["bf16", "fp8"]),
    pool=st.sampled_from(["own", "unified", "limit"]),
)
def test_the_tokens_of_the_low_end_surely_fit_and_more_than_those_of_the_high_end_do_not(
    parameters: float, gib: float, devices: int, architecture: Architecture | None, kept: str, pool: str
) -> None:
    budget = Budget(gib * GIB, pool)  # type: ignore[arg-type]
    plan = Plan("serve", parameters, "bf16", architecture=architecture, devices=devices, kv_precision=kept)
    found = room(fit(plan, budget))
    assert found is not None
    least, typical, most = (int(each) for each in (found.tokens.low, found.tokens.typical, found.tokens.high))
    assert 0 <= least <= typical <= most

    def answer(tokens: int) -> str:
        return fit(replace(plan, context=tokens), budget).answer

    assume(least > 1)
    assert answer(least - 1) == "yes"
    assert answer(least + 2) != "yes"
    assert answer(most - 1) != "no"
    assert answer(most + 2) == "no"


def test_without_a_memory_or_a_language_model_and_in_training_there_is_no_room_to_speak_of() -> None:
    served, budget = Plan("serve", 7e9, "bf16"), Budget(24.0 * GIB)
    assert room(fit(served, Budget(None))) is None
    assert room(fit(Plan("train", 7e9, "mixed"), budget)) is None
    assert room(by_weights(fit(served, budget), "own")) is None
    full = room(fit(served, Budget(1.0 * GIB)))
    assert full is not None
    assert (full.bytes_each.high, full.tokens.high) == (0, 0)
