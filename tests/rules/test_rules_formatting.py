"""A tree written as text is read as the same tree."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules import conditions
from tests.fuzz_conditions import bare

NAMES = st.sampled_from(["a", "alt.run.x", "_b1"])
NUMBERS = st.floats(min_value=0, allow_nan=False, allow_infinity=False).map(repr)
TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters='"'), max_size=5).map(
    '"{}"'.format
)
LISTS = st.lists(TEXTS, max_size=3).map(lambda texts: f"[{' , '.join(texts)}]")
OPERANDS = st.one_of(NAMES, NUMBERS, TEXTS, LISTS, st.sampled_from(["true", "false", "answered( a )", "count(a)"]))
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "overlaps", "within"])
CONDITIONS = st.recursive(
    OPERANDS,
    lambda inner: st.one_of(
        st.builds("({}) {} ({})".format, inner, OPERATORS, inner),
        st.builds("{} {} {}".format, OPERANDS, OPERATORS, OPERANDS),
        st.builds("not ({})".format, inner),
        st.builds("not {} == {}".format, OPERANDS, OPERANDS),
        st.builds("({}) or\n({}) and\t({})".format, inner, inner, inner),
        st.builds("({}) and ({}) and ({})".format, inner, inner, inner),
    ),
    max_leaves=7,
)


@settings(max_examples=200, deadline=None, database=None)
@given(CONDITIONS)
@example("not not (not a)")
@example("(a == b) == (not a)")
@example("(a and (a and b)) and (a or (b or a))")
@example("a < 1e300 or b > 5e-324 or a == 1e15 or a == 999999999999999 or b != 007.50")
def test_what_is_written_is_read_as_the_same_tree(text: str) -> None:
    node = conditions.parse(text)
    written = conditions.written(node)
    assert bare(conditions.parse(written)) == bare(node)
    assert conditions.written(conditions.parse(written)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (" a   and(b)or((c))", "a and b or c"),
        ("a and ( b or c )", "a and (b or c)"),
        ("a or (b and c)", "a or b and c"),
        ("(a or b) or c", "(a or b) or c"),
        ("not(a==3.0)", "not a == 3"),
        ("not (a or b)", "not (a or b)"),
        ('x in [ "p","q" ]', 'x in ["p", "q"]'),
        ("answered (x)==true", "answered(x) == true"),
        ("size<1e6 and size>0.50", "size < 1000000 and size > 0.5"),
    ],
)
def test_there_is_one_spelling(text: str, written: str) -> None:
    assert conditions.written(conditions.parse(text)) == written
