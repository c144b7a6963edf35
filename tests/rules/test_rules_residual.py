"""What is left of a condition for one alternative says of every project what the whole condition says."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.conditions import Kind, Node
from rules.conditions.columns import FALSE, TRUE, UNKNOWN, Conditions, Sheet, column
from rules.conditions.residual import FAILS, HOLDS, NEVER_KNOWN, path_name, residual
from tests.rules import typed_conditions as typed

QUIET = settings(max_examples=200, deadline=None, database=None)
Record = Mapping[str, Any]


def apart(record: Record) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """(the project, the facts of the alternative, its ways by the names they have beside those of others)."""
    facts = {n: v for n, v in record.items() if n.startswith("alt.") and n not in typed.PATHS}
    ways = {n: v for n, v in record.items() if n in typed.PATHS}
    return {n: v for n, v in record.items() if not n.startswith("alt.")}, facts, ways


def assert_same(node: Node, seed: int, projects: int) -> None:
    chance = Random(seed)  # noqa: S311
    whole = conditions.compile_record(node, typed.VOCABULARY)
    _, facts, _ = apart(typed.record(chance))
    left = residual(node, "x", facts, typed.VOCABULARY)
    evaluate = conditions.compile_record(left, typed.VOCABULARY)
    assert all(not n.startswith("alt.") or n.endswith("@x") or n == "alt.unknown" for n in conditions.names(left))
    asked = [apart(typed.record(chance)) for _ in range(projects)]
    seen = [project | {path_name(name, "x"): level for name, level in ways.items()} for project, _, ways in asked]
    expected = [whole(project | facts | ways) for project, _, ways in asked]
    assert [evaluate(each) for each in seen] == expected, facts
    kinds = {**typed.VOCABULARY, **{path_name(name, "x"): Kind("level") for name in typed.PATHS}}
    known = {name for each in seen for name in each}
    sheet = Sheet(projects, {name: column(kinds[name], [each.get(name) for each in seen]) for name in known})
    found = Conditions(typed.VOCABULARY).compile(left)(sheet).tolist()
    assert [{FALSE: False, UNKNOWN: None, TRUE: True}[truth] for truth in found] == expected, facts


def test_what_is_left_of_every_comparison_means_the_same() -> None:
    for seed, node in enumerate(typed.comparisons().values()):
        assert_same(node, seed, 12)


@QUIET
@given(typed.texts(), st.integers(0, 2**32))
def test_what_is_left_of_a_deep_condition_means_the_same(text: str, seed: int) -> None:
    assert_same(conditions.parse(text), seed, 10)


@QUIET
@given(typed.texts(), st.integers(0, 2**32))
def test_a_condition_on_the_alternative_alone_is_one_of_three_constants(text: str, seed: int) -> None:
    node = conditions.parse(text)
    names = conditions.names(node)
    _, facts, _ = apart(typed.record(Random(seed)))  # noqa: S311
    left = residual(node, "x", facts, typed.VOCABULARY)
    if not any(n in typed.PATHS or not n.startswith("alt.") for n in names):
        truth = conditions.compile_record(node, typed.VOCABULARY)(facts)
        assert left is {True: HOLDS, False: FAILS, None: NEVER_KNOWN}[truth]


@pytest.mark.parametrize(
    ("text", "facts", "left"),
    [
        ("alt.level >= 2 or offline", {"alt.level": 3}, HOLDS),
        ("alt.level >= 2 and offline", {"alt.level": 1}, FAILS),
        ("alt.level >= 2 and not offline", {"alt.level": 1}, FAILS),
        ("not (alt.level >= 2 or rows > 1)", {"alt.level": 2}, FAILS),
        ("rows <= alt.rows", {}, NEVER_KNOWN),
        ("not (rows <= alt.rows)", {}, NEVER_KNOWN),
        ("count(alt.set) > rows", {}, NEVER_KNOWN),
        ("alt.ok and rows <= alt.rows", {"alt.ok": True}, NEVER_KNOWN),
        ("alt.ok and rows <= alt.rows", {"alt.ok": False}, FAILS),
        ("alt.ok or alt.level > 1", {"alt.level": 1}, NEVER_KNOWN),
        ("answered(alt.set)", {}, FAILS),
        ("answered(alt.set) or offline", {"alt.set": ()}, HOLDS),
        ("(offline or true) and not false", {}, HOLDS),
        ("rows <= alt.rows or (alt.rows > 5 and rows <= alt.rows)", {}, NEVER_KNOWN),
    ],
)
def test_what_no_project_can_change_is_found(text: str, facts: Record, left: Node) -> None:
    """Brute force agrees: whatever is known of the project, the truth is that one."""
    node = conditions.parse(text)
    assert residual(node, "x", facts, typed.VOCABULARY) is left
    truth = {HOLDS: True, FAILS: False, NEVER_KNOWN: None}[left]
    whole = conditions.compile_record(node, typed.VOCABULARY)
    projects: list[Record] = [{}, *({"rows": r, "offline": o} for r in (0, 3, 9) for o in (True, False))]
    assert {whole({**project, **facts}) for project in projects} == {truth}


def test_operands_that_settle_nothing_are_left_out_and_equal_rests_are_equal() -> None:
    node = conditions.parse("(alt.ok or rows <= alt.rows) and (offline or not alt.ok) and alt.level >= 1")
    facts = {"alt.ok": False, "alt.rows": 7, "alt.level": 2}
    left = residual(node, "x", facts, typed.VOCABULARY)
    assert conditions.written(left) == "rows <= 7"
    assert left == residual(node, "y", {**facts, "alt.level": 3, "alt.rows": 7.0}, typed.VOCABULARY)
    way = conditions.parse("alt.path.one >= 2")
    assert residual(way, "x", {}, typed.VOCABULARY) != residual(way, "y", {}, typed.VOCABULARY)
