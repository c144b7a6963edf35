"""Conditions over columns say of every row what the record evaluator says of it alone."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.conditions import Kind, Node, columns
from rules.conditions.columns import FALSE, TRUE, UNKNOWN, Conditions, NumberColumn, SetColumn, Sheet, TextColumn
from tests.rules import typed_conditions as typed

QUIET = settings(max_examples=150, deadline=None, database=None)
Record = Mapping[str, Any]
BYTE = {False: FALSE, None: UNKNOWN, True: TRUE}


def sheet_of(rows: Sequence[Record]) -> Sheet:
    """The columns of some records; a name that no record knows has no column."""
    known = [name for name in typed.VOCABULARY if any(name in row for row in rows)]
    made = {n: columns.column(typed.VOCABULARY[n], [row.get(n) for row in rows]) for n in known}
    return Sheet(len(rows), made)


def records(count: int, seed: int) -> list[Record]:
    chance = Random(seed)  # noqa: S311
    return [{}, *(typed.record(chance) for _ in range(count - 1))]


def one_by_one(node: Node, rows: Sequence[Record]) -> list[int]:
    evaluate = conditions.compile_record(node, typed.VOCABULARY)
    return [BYTE[evaluate(row)] for row in rows]


def test_the_vocabulary_compares_every_kind_with_every_operator_that_fits() -> None:
    found = typed.comparisons()
    assert len(found) > 1500
    for text in (
        *("stage == phase", "skill >= alt.skill", "stage in targets", "ranked within alt.set", "rows < count(ranked)"),
        *("python < alt.python", "hardware.driver >= alt.python", '"a" in ["a", "c"]', "alt.more within targets"),
        *("alt.ok != offline", "answered(rows) == offline", "alt.level <= rows", "1 < 2.5", "true", "stage in [] "),
    ):
        assert text.strip() in found, text


def test_every_sound_comparison_means_the_same_row_by_row() -> None:
    rows = records(80, 1)
    sheet, compiled = sheet_of(rows), Conditions(typed.VOCABULARY)
    for text, node in typed.comparisons().items():
        truths = compiled.compile(node)(sheet)
        assert truths.dtype == np.int8
        assert truths.tolist() == one_by_one(node, rows), text


@settings(QUIET, max_examples=200)
@given(typed.texts(), st.integers(0, 2**32), st.integers(0, 12))
def test_deep_conditions_mean_the_same_row_by_row(text: str, seed: int, count: int) -> None:
    node = typed.sound(text)
    assert node is not None, text
    rows = records(count, seed)[:count]
    assert Conditions(typed.VOCABULARY).compile(node)(sheet_of(rows)).tolist() == one_by_one(node, rows)


@QUIET
@given(st.lists(typed.texts(), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_what_is_remembered_of_one_condition_leaves_the_others_right(texts: list[str], chance: Random) -> None:
    """Parts that conditions share are evaluated once, whichever condition comes first, and again for another sheet."""
    compiled = Conditions(typed.VOCABULARY)
    nodes = [conditions.parse(text) for text in texts]
    made = [compiled.compile(node) for node in nodes]
    for count in (5, 9):
        rows = [typed.record(chance) for _ in range(count)]
        sheet = sheet_of(rows)
        for index in chance.choices(range(len(nodes)), k=2 * len(nodes)):
            assert made[index](sheet).tolist() == one_by_one(nodes[index], rows), texts[index]


def test_equal_parts_are_one_part_wherever_they_stand() -> None:
    compiled = Conditions(typed.VOCABULARY)
    first, second = (conditions.parse(t) for t in ("rows > 1 and offline", "(offline and   rows > 1)"))
    assert compiled.compile(first) is compiled.compile(second)
    assert compiled.compile(conditions.parse("rows >= 1 and offline")) is not compiled.compile(first)
    assert compiled.compile(conditions.parse("rows > 1 or offline")) is not compiled.compile(first)


def test_texts_that_differ_from_sheet_to_sheet_are_compared_anew() -> None:
    """More sheets than tables are remembered."""
    evaluate = Conditions(typed.VOCABULARY).compile(conditions.parse('hardware.driver >= "20"'))
    for start in range(columns.MAX_TABLES + 5):
        rows = [{"hardware.driver": f"{start + step}.1"} for step in range(3)]
        expected = [TRUE if start + step >= 20 else FALSE for step in range(3)]
        assert evaluate(sheet_of(rows)).tolist() == expected


def test_a_value_that_is_no_option_is_compared_as_it_is() -> None:
    """A machine may have what the questionnaire does not know."""
    kinds = {"held": Kind("many", ("cpu", "gpu")), "os": Kind("one", ("linux",)), "wide": Kind("set", typed.MANY)}
    rows: list[dict[str, Any]] = [
        {"held": ("cpu", "npu"), "os": "plan9", "wide": ("t69", "cpu")},
        {"held": ("cpu",), "os": "linux", "wide": ("cpu",)},
    ]
    sheet = Sheet(2, {name: columns.column(kind, [row[name] for row in rows]) for name, kind in kinds.items()})
    for text in ('"cpu" in held', 'held within ["cpu"]', "count(held) > 1", 'os == "linux"', "held within wide"):
        evaluate = conditions.compile_record(conditions.parse(text), kinds)
        found = Conditions(kinds).compile(conditions.parse(text))(sheet).tolist()
        assert found == [BYTE[evaluate(row)] for row in rows], text


# --- Columns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 128, 129, 200])
def test_bits_come_out_of_words_as_they_went_in(count: int) -> None:
    chance = Random(count)  # noqa: S311
    held = [chance.random() < 0.5 for _ in range(count)]
    words = columns.mask(held)
    assert all(word.dtype == np.uint64 for word in words)
    rows = [np.array([word, np.uint64(0)]) for word in words] or [np.zeros(2, dtype=np.uint64)]
    assert columns.bits(rows, count).tolist() == [held, [False] * count]


def test_taking_rows_of_a_column_takes_all_that_belongs_to_them() -> None:
    rows, index = records(30, 3), np.array([4, 4, 0, 29], dtype=np.intp)
    for name, kind in typed.VOCABULARY.items():
        taken = columns.column(kind, [row.get(name) for row in rows]).take(index)
        again = columns.column(kind, [row.get(name) for row in rows])
        for option in kind.options if isinstance(again, SetColumn) else ():
            assert taken.holds(option).tolist() == again.holds(option)[index].tolist()  # type: ignore[union-attr]
        if isinstance(taken, TextColumn) and isinstance(again, TextColumn):
            assert taken.texts == again.texts
            assert taken.code.tolist() == again.code[index].tolist()
        if isinstance(taken, NumberColumn) and isinstance(again, NumberColumn):
            assert np.array_equal(taken.value, again.value[index], equal_nan=True)
        if isinstance(taken, SetColumn) and isinstance(again, SetColumn):
            assert taken.known.tolist() == again.known[index].tolist()
            assert (taken.place is None) == (kind.sort != "ranked")


def test_a_ranked_column_knows_the_place_of_every_option() -> None:
    made = columns.column(Kind("ranked", ("a", "b", "c")), [("c", "a"), None, (), ("b", "c", "a")])
    assert isinstance(made, SetColumn)
    assert made.place is not None
    assert made.place.tolist() == [[1, -1, 0], [-1, -1, -1], [-1, -1, -1], [2, 0, 1]]
    assert made.known.tolist() == [True, False, True, True]
    assert not made.holds("d").any()


@pytest.mark.parametrize("text", ["rows", "stage", "count(letters)"])
def test_what_is_no_statement_is_not_compiled(text: str) -> None:
    if text == "count(letters)":
        with pytest.raises(TypeError, match="not a statement"):
            Conditions(typed.VOCABULARY).compile(conditions.parse(text))
    else:  # a name of another kind is never true: check() refuses it, and nothing is compared
        assert Conditions(typed.VOCABULARY).compile(conditions.parse(text))(sheet_of(records(3, 1))).tolist() == [1] * 3
