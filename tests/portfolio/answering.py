"""Records of answers, good and bad, over a whole questionnaire, and what `rules.requirements.parse` says of them."""

import math
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from portfolio.blocks import Block, requirements
from rules.faults import InvalidInput
from rules.requirements import MANY, Question, Questionnaire, parse

ODD: tuple[object, ...] = (
    "",
    "perhaps",
    "pytorch@",
    "pytorch@2.1",
    0,
    1,
    -0.0,
    3.1,
    1e300,
    10**400,
    math.inf,
    True,
    False,
    None,
    {"a": 1},
    [None],
    [1, True, 1.0],
    ["none", "none"],
    [["train"]],
    "\udcff",
    "x" * 300,
)


def options(question: Question, questionnaire: Questionnaire) -> list[str]:
    """The options of a question that has some."""
    if question.kind == "alternatives":
        return list(questionnaire.alternatives)
    return [option.id for option in question.options]


def given(question: Question, questionnaire: Questionnaire) -> st.SearchStrategy[object]:
    """Values that may be given to a question, most of them good."""
    odd = st.sampled_from(ODD)
    match question.kind:
        case "number":
            high = 1e18 if question.maximum is None else question.maximum
            inside = st.floats(question.minimum or 0, high) | st.integers(int(question.minimum or 0), int(high))
            return st.one_of(inside, inside, inside, st.floats(), odd)
        case "yes/no":
            return st.booleans() | st.sampled_from(["yes", "no"]) | odd
        case "one":
            good = st.sampled_from(options(question, questionnaire))
            return st.one_of(good, good, good, odd)
        case _:
            one = st.sampled_from(options(question, questionnaire))
            if question.with_version:
                one = one | one.map(lambda name: f"{name}@2.1") | one.map(lambda name: f"{name}@1")
            good_lists = st.lists(one, max_size=4) | st.lists(one, max_size=3, unique=True)
            return st.one_of(good_lists, good_lists, one, st.lists(one | odd, max_size=66), odd)


def records(questionnaire: Questionnaire) -> st.SearchStrategy[dict[str, object]]:
    """Some answers each; now and then to what nobody asks."""

    @st.composite
    def record(draw: st.DrawFn) -> dict[str, object]:
        asked = draw(
            st.lists(st.sampled_from(list(questionnaire.questions.values())), max_size=6, unique_by=lambda q: q.id)
        )
        answers = {question.id: draw(given(question, questionnaire)) for question in asked}
        if draw(st.integers(0, 9)) == 0:
            answers["stge"] = "research"
        return answers

    return record()


def one_by_one(record: object, questionnaire: Questionnaire) -> tuple[Any, list[tuple[object, ...]]]:
    """(values and versions, faults as a row's) of one record."""
    try:
        found = parse(record, questionnaire)
    except InvalidInput as invalid:
        return None, [_fault(f.path, f.value, f.expected, f.nearest) for f in invalid.faults]
    return (dict(found.values), dict(found.versions)), []


def _fault(path: str, value: str, expected: str, near: str | None) -> tuple[object, ...]:
    column = path.removeprefix("answers").removeprefix(".").partition("[")[0]
    return column, value, f"expected {expected}", near


def in_block(block: Block, questionnaire: Questionnaire, rows: int) -> list[tuple[Any, list[tuple[object, ...]]]]:
    """The same of every row of a block."""
    told: list[tuple[Any, list[tuple[object, ...]]]] = [(None, []) for _ in range(rows)]
    for number, found in zip(block.row.tolist(), requirements(block, questionnaire), strict=True):
        told[number - 1] = ((dict(found.values), dict(found.versions)), [])
    for fault in block.faults:
        told[fault.row - 1][1].append((fault.column, fault.value, fault.reason, fault.nearest))
    return told


def several(question: Question) -> bool:
    """Whether a question takes several answers."""
    return question.kind in MANY


Answers = Mapping[str, object]
