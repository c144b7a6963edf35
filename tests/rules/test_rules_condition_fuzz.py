"""The fuzzer of the condition language, for a moment; `python -m tests.fuzz_conditions` runs it for minutes."""

import random
import sys
from collections import Counter
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import conditions
from rules.faults import Fault, InvalidInput
from tests import fuzz_conditions as fuzz

CALLS_PER_INPUT = 60_000  # twice the most seen; without a bound on hints it would be 140,000


def calls(text: str) -> int:
    """How many calls of Python functions it takes to examine a text: work, whatever the machine."""
    count = [0]

    def profile(frame: FrameType, event: str, arg: object) -> None:
        count[0] += event == "call"

    names, chance = fuzz.corpus()[0], random.Random(1)  # noqa: S311
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        fuzz.examine(text, names, chance)
    finally:
        sys.setprofile(before)
    return count[0]


@pytest.mark.parametrize("sort", fuzz.SORTS, ids=lambda sort: sort.__name__)
def test_nothing_that_is_thrown_at_conditions_gets_through(sort: "fuzz.Sort") -> None:
    """Whatever should hold and does not is raised by `examine`; each sort gets as far as it should."""
    chance, names = random.Random(20261121), fuzz.corpus()[0]  # noqa: S311
    ends = Counter(fuzz.examine(sort(chance), names, chance) for _ in range(150))
    assert ends["refused" if sort in (fuzz.noise, fuzz.tokens, fuzz.huge, fuzz.nested) else "sound"] > 0


@settings(max_examples=100, deadline=None, database=None)
@given(
    st.text(max_size=80) | st.binary(max_size=80).map(lambda data: data.decode("utf-8", "surrogateescape")), st.data()
)
def test_any_text_between_the_parts_of_a_condition(text: str, data: st.DataObject) -> None:
    names, corpus = fuzz.corpus()
    condition = data.draw(st.sampled_from(corpus[:40]))
    at = data.draw(st.integers(0, len(condition)))
    fuzz.examine(condition[:at] + text + condition[at:], names, random.Random(0))  # noqa: S311


@pytest.mark.parametrize(
    "text",
    [
        "trin_os or " * 181,
        " or ".join(f"trin_{i}" for i in range(150)),
        "targets within [" + ", ".join(f'"androd{i}"' for i in range(120)) + "]",
        "deploy_targets within [" + ", ".join(f'"androd{i}"' for i in range(120)) + "]",
        "not " * 24 + "offline and " * 150 + "offline",
        '"' * 2000,
        "9" * 2000,
        "a." * 1000,
        " " * 1999 + "x",
        "(" * 2000,
        "x" * 10**6,
    ],
    ids=lambda text: text[:20],
)
def test_the_work_for_one_text_is_bounded(text: str) -> None:
    assert calls(text) < CALLS_PER_INPUT


@pytest.mark.parametrize("word", ["offline or ", "team_size > 3 and ", '"android" in deploy_targets or '])
def test_the_work_grows_no_faster_than_the_text(word: str) -> None:
    few, many = (calls((word * count) + "offline") for count in (10, 60))
    assert many < 7 * few


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("team_size > ٣", "1:13"),
        ("team_size > 1٣", "1:14"),
        ("team_size > １", "1:13"),
        ("team_size > 1e400", "1:13"),
        ("team_size > 1e-400", "1:13"),
        ("team_size > 0.000e", "1:18"),
        ("offline\u00a0", "1:8"),
        ("offline\u2028or regulated", "1:8"),
        ("offline\x0b", "1:8"),
        ("offline\x00", "1:8"),
        ("\ufeffoffline", "1:1"),
        ("оffline", "1:1"),  # a Cyrillic letter
        ('stage == "pro\x00duction"', "1:10"),
        ('stage == "\ud800"', "1:10"),
        ('stage == "a\nb"', "1:10"),
        ("offline or \ud83d", "1:12"),
        ("𝒳 or offline", "1:1"),
        ('alt.python.max > "3.1O"', "1:18"),
        ('alt.python.max > "3.٣"', "1:18"),
        ('alt.python.max > "' + "9" * 40 + '"', "1:18"),
        ('need within ["train", "tran"]', "1:23"),
    ],
)
def test_odd_characters_and_numbers_are_refused_where_they_stand(text: str, place: str) -> None:
    faults: tuple[Fault, ...] | list[Fault] = ()
    try:
        faults = conditions.check(text, conditions.parse(text), fuzz.corpus()[0])
    except InvalidInput as invalid:
        faults = invalid.faults
    assert [fault.path for fault in faults] == [place]


@pytest.mark.parametrize("character", ["\ud800", "\x00", "\x1f", "\x7f", "\x85", "\u2029"])
def test_a_text_holds_nothing_that_cannot_be_printed_or_encoded(character: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        conditions.parse(f'x == "a{character}b"')
    assert [fault.path for fault in caught.value.faults] == ["1:6"]
    assert conditions.parse('x == "é𝟘 ٣"')


def test_a_number_of_nothing_is_a_number() -> None:
    assert conditions.parse("0.000e99") == conditions.Literal(0.0, 0)
