"""A passport covers all of a document but the parts that are made from it or beside it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import passport
from tests.decided import BODY, document

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_a_passport_is_the_hash_of_the_document_without_what_lies_outside() -> None:
    made = document()
    assert passport.recompute(made) == made["passport"] == passport.recompute(BODY)
    assert passport.name(made["passport"]) == made["id"]


@pytest.mark.parametrize("key", sorted(passport.OUTSIDE))
def test_what_lies_outside_changes_nothing(key: str) -> None:
    made = document()
    assert passport.recompute({**made, key: "other"}) == made["passport"]
    assert passport.recompute({k: v for k, v in made.items() if k != key}) == made["passport"]


@pytest.mark.parametrize("key", sorted(BODY))
def test_every_part_of_the_body_counts_by_its_value_and_its_presence(key: str) -> None:
    made = document()
    assert passport.recompute({**made, key: {"other": 1}}) != made["passport"]
    assert passport.recompute({k: v for k, v in made.items() if k != key}) != made["passport"]


@given(part=VALUES, other=VALUES)
def test_writing_and_reading_as_json_keeps_the_passport_and_other_values_change_it(part: Any, other: Any) -> None:
    made = document(part=part)
    read = json.loads(json.dumps(dict(reversed(made.items())), indent=3))
    assert passport.recompute(read) == made["passport"]
    same = json.dumps(part, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (passport.recompute({**made, "part": other}) == made["passport"]) is same


def test_the_parts_outside_count_when_they_stand_deeper() -> None:
    assert document(hardware={"id": "a"})["passport"] != document(hardware={"id": "b"})["passport"]
    assert passport.recompute(document(hardware={"id": "a"})) == document(hardware={"id": "a"})["passport"]


def test_a_number_that_is_not_finite_has_no_passport() -> None:
    with pytest.raises(ValueError, match="JSON"):
        passport.recompute({"draws": float("inf")})
