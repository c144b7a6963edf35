"""What is told of a requirement agrees with the whole, and keeps only what the answers leave in question."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.conditions import Kind
from rules.conditions.relevant import narrowing
from tests.rules import typed_conditions as typed

NAMES = {
    "places": Kind("many", ("ios", "android", "server")),
    "offline": Kind("yes/no"),
    **{f"alt.{place}": Kind("level") for place in ("ios", "android", "server")},
}
EACH = " or ".join(f'("{place}" in places and alt.{place} >= 2)' for place in ("ios", "android", "server"))
OWN, NOT = "alt.ios >= 2 or alt.android >= 2", "not (alt.ios >= 2)"
BOTH = '(offline and "ios" in places and alt.ios >= 1) or ("server" in places and alt.server >= 2 and alt.ios >= 1)'


@pytest.mark.parametrize(
    ("text", "values", "left"),
    [
        (EACH, {"places": ("ios",)}, "alt.ios >= 2"),
        (EACH, {"places": ("server", "ios")}, "alt.ios >= 2 or alt.server >= 2"),
        (EACH, {"places": ()}, EACH),
        (EACH, {}, EACH),
        (BOTH, {"places": ("server",)}, "alt.server >= 2 and alt.ios >= 1"),
        (BOTH, {"places": ("ios",), "offline": True}, "alt.ios >= 1"),
        (BOTH, {"places": ("ios",)}, "offline and alt.ios >= 1"),
        ('("ios" in places and alt.ios >= 2) or offline', {"places": ()}, None),
        ('("ios" in places and alt.ios >= 2) or alt.android >= 2', {"places": ("ios",)}, OWN),
        ('("ios" in places and alt.ios >= 2) or alt.android >= 2', {"places": ()}, "alt.android >= 2"),
        ('not ("ios" in places and alt.ios >= 2) and not offline', {"places": ("ios",), "offline": False}, NOT),
        ('"ios" in places and alt.ios >= 2', {"places": ("ios",)}, "alt.ios >= 2"),
        ("alt.ios >= 2 or (answered(offline) and offline and alt.server >= 2)", {}, "alt.ios >= 2"),
        ("alt.ios >= 2 or alt.android >= 2", {"places": ("ios",)}, None),
    ],
)
def test_only_what_the_answers_leave_in_question_is_told(
    text: str, values: dict[str, object], left: str | None
) -> None:
    found = narrowing(conditions.parse(text), NAMES)(values)
    assert conditions.written(found) == conditions.written(conditions.parse(left or text))


@settings(max_examples=150, deadline=None, database=None)
@given(typed.texts(), st.integers(0))
def test_what_is_left_means_the_same(text: str, seed: int) -> None:
    node, chance = conditions.parse(text), Random(seed)  # noqa: S311
    narrowed = narrowing(node, typed.VOCABULARY)
    whole = conditions.compile_record(node, typed.VOCABULARY)
    for _ in range(8):
        record = typed.record(chance)
        left = narrowed({name: value for name, value in record.items() if not name.startswith("alt.")})
        assert conditions.compile_record(left, typed.VOCABULARY)(record) is whole(record)
