from typing import Any

import pytest

from cli.render import phrases


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("windows", ["linux", "wsl2"], "answer q with linux or wsl2 instead of windows"),
        (None, ["linux"], "answer q with linux"),
        (None, [True], "answer q with yes"),
        (3.0, [1.5], "answer q with 1.5 instead of 3"),
        (["a"], [["b"], ["c"]], "answer q with b or c instead of a"),
        (["a", "b"], [["a"]], "answer q without b"),
        (["a", "b", "c"], [["a"]], "answer q without b and c"),
        (["a"], [["a", "b"], ["a", "c"]], "add b or c to q"),
        (["b"], [["a", "b"]], "add a to q"),
        (["a"], [None], "leave q open"),
        (["a"], [["b"], None], "answer q with b instead of a; or leave q open"),
        (["a"], [["b"], ["a", "c"]], "answer q with b instead of a; or add c to q"),
        ("x", ["1", "2", "3", "4", "5", "6"], "answer q with 1, 2, 3, 4 or 2 more instead of x"),
    ],
)
def test_a_change_in_words(before: Any, after: list[Any], said: str) -> None:
    assert phrases.change("q", before, after) == said


def test_a_change_of_a_ranking_is_a_new_first() -> None:
    assert phrases.change("q", ["a", "b"], [["b", "a"], ["c", "a", "b"]], is_ranked=True) == "put b or c first in q"


@pytest.mark.parametrize(("items", "said"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists(items: list[str], said: str) -> None:
    assert phrases.both(items) == said


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0%"), (0.001, "under 1%"), (0.5, "50%"), (0.999, "over 99%"), (1.0, "100%")]
)
def test_percentages_cannot_break_in_two(share: float, said: str) -> None:
    assert phrases.percent(share) == said
