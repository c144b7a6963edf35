"""Faults say what is wrong in few words, whatever the value."""

import pytest

from rules.faults import Fault, InvalidInput, nearest, shown


@pytest.mark.parametrize(
    ("name", "valid", "found"),
    [
        ("pytroch", ["pytorch", "jax"], "pytorch"),
        ("PyTorch", ["pytorch"], "pytorch"),
        ("scikit_learn", ["scikit-learn"], "scikit-learn"),
        ("train-os", ["train_os"], "train_os"),
        ("zebra", ["pytorch"], None),
        ("", ["pytorch"], None),
        ("x" * 100_000, ["pytorch"], None),
        (3, ["pytorch"], None),
        (None, [], None),
    ],
)
def test_the_nearest_name_is_close_or_none(name: object, valid: list[str], found: str | None) -> None:
    assert nearest(name, valid) == found


@pytest.mark.parametrize(
    "value",
    ["x" * 10_000, list(range(10_000)), [10**5000], "\ud800", b"\xff", "\x1b[31m"],
    ids=["long text", "long list", "huge number", "lone surrogate", "bytes", "escape sequence"],
)
def test_a_shown_value_is_short_and_safe_to_print(value: object) -> None:
    text = shown(value)
    assert len(text) <= 120
    assert text.encode("utf-8").isascii() or "…" in text
    assert "\x1b" not in text


def test_words_of_json_are_shown_as_json_has_them_and_what_is_missing_as_missing() -> None:
    told = [shown(value) for value in (None, True, False, 1, 0, "None")]
    assert told == ["null", "true", "false", "1", "0", "'None'"]
    assert str(Fault("a", "nothing", "a number")) == "a: missing, expected a number"
    assert str(Fault("a", shown("nothing"), "a number")) == "a: 'nothing' is not a number"


def test_all_faults_of_an_input_are_in_its_message() -> None:
    faults = [Fault("a", "1", "2", "b"), Fault("c", "3", "4")]
    assert str(InvalidInput(faults)) == "a: 1 is not 2 (did you mean 'b'?); c: 3 is not 4"
