"""Markdown: what is text stays text, however it is broken into lines."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.accounts.markdown import WIDTH, code, escaped, item, paragraph, table

MARKS = ["-", "+", "*", "#", "1.", "2)", "=", "==", "a_b", "<b>", "[x](y)", "word", "`c`", "|"]
WORDS = st.lists(st.sampled_from(MARKS))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b *c* `d`", r"a\_b \*c\* \`d\`"),
        ("[x](y) <b> a|b # ~", r"[x\](y) \<b\> a\|b \# \~".replace("[x", r"\[x")),
        ("&amp; $x$ \\", r"\&amp; \$x\$ \\"),
        ("two\n\nlines\tand a tab", "two lines and a tab"),
    ],
)
def test_marks_are_made_plain_and_space_is_folded(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_code_that_cannot_be_code_is_text() -> None:
    assert code("d-1_2") == "`d-1_2`"
    assert code("a`b") == r"a\`b"


@given(WORDS)
def test_no_line_but_the_first_begins_a_block(words: list[str]) -> None:
    text = escaped(" ".join(words * 6))
    for lines in (paragraph(text), item(text)):
        for at, line in enumerate(lines):
            bare = line[2:] if lines and lines[0].startswith("- ") else line
            assert not re.match(r"([-+*=]|#|>|\d+[.)])(\s|$)", bare), (at, line)
            assert len(line) <= WIDTH + 1  # the stroke that makes a mark plain may stand out


@given(st.text())
def test_every_special_sign_has_its_stroke(text: str) -> None:
    left = re.sub(r"\\[\\`*_{}\[\]<>#|~&$]", "", escaped(text))
    assert not set(left) & set("\\`*_{}[]<>#|~&$")
    assert "\n" not in left


def test_items_hang_and_tables_align_numbers() -> None:
    lines = item("word " * 40)
    assert lines[0].startswith("- word")
    assert all(line.startswith("  word") for line in lines[1:])
    assert table(["a", "b"], [["x", "1"]]) == ["| a | b |", "| --- | --: |", "| x | 1 |"]
