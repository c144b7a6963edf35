"""Conditions and facts as words for people."""

import pytest

from rules import conditions, sentences
from rules.conditions import Kind

NAMES = {
    "alt.run.android": Kind("level"),
    "alt.python.max": Kind("version"),
    "alt.systems": Kind("set", ("linux", "windows")),
    "alt.ok": Kind("flag"),
    "rows": Kind("number"),
    "alt.rows": Kind("number"),
    "systems": Kind("many", ("linux", "windows")),
}
LABELS = {"alt.run.android": "Runs on Android", "alt.python.max": "Newest Python", "alt.ok": "It is fine"}


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        ("alt.run.android >= 2", {}, "Runs on Android: at least level 2 (official with limits)"),
        ("alt.run.android == 0", {}, "Runs on Android: is level 0 (none)"),
        ("rows <= alt.rows", {"rows": 600.0}, "rows (600) at most alt.rows"),
        ("rows <= alt.rows", {}, "rows at most alt.rows"),
        (
            "systems within alt.systems",
            {"systems": ("linux", "windows")},
            "systems (linux, windows) lies within alt.systems",
        ),
        ("not alt.ok", {}, "not (It is fine)"),
        ("alt.ok or rows > 3 and rows < 9", {}, "It is fine or (rows above 3 and rows below 9)"),
        ('"linux" in systems', {}, "linux is among systems"),
        ("answered(rows)", {}, "rows is answered"),
        ("count(systems) != 2", {}, "the number of systems is not 2"),
        ("alt.ok == false", {}, "It is fine is no"),
        ('systems overlaps ["linux", "windows"]', {}, "systems shares something with linux, windows"),
    ],
)
def test_a_condition_in_words(text: str, values: dict[str, object], words: str) -> None:
    assert sentences.sentence(conditions.parse(text), NAMES, LABELS, values) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (False, "no"),
        (3.0, "3"),
        (0.5, "0.5"),
        (("a", "b"), "a, b"),
        ((), "nothing"),
        ([True, 2.0], "yes, 2"),
        ("text", "text"),
    ],
)
def test_a_value_in_words(value: object, words: str) -> None:
    assert sentences.plain(value) == words


def test_what_was_found_names_every_fact_the_unknown_too() -> None:
    facts = ("alt.run.android", "alt.python.max", "alt.ok", "alt.systems")
    values = {"alt.run.android": 1, "alt.ok": False, "alt.systems": ()}
    assert sentences.found(facts, NAMES, LABELS, values) == (
        "Runs on Android: level 1 (third-party, experimental or frozen); Newest Python: unknown; It is fine: no; "
        "alt.systems: nothing"
    )
