"""Completions: they follow the stated priors, given what is answered, and contradict nothing."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from rules import requirements
from rules.compiled import Release
from rules.completions import Completions, complete
from rules.conditions import column_parts
from rules.priors import grid
from tests.rules.builders import PRIORITIES, alternative, compiled, document, question, rule
from tests.rules.test_rules_asking import PRIORS, case, prior, small

MANY = 60_000
TOOLS = ("hammer", "saw", "file", "none")
CONDITIONS = [f'"{tool}" in tools' for tool in TOOLS] + ["size > 10", 'priorities overlaps ["ease"]', '"nut" in parts']


def tooled(*stated: dict[str, Any], **rest: Any) -> Release:
    asked = [
        question("tools", "many", TOOLS, exclusive=["none"]),
        question("size", "number", minimum=0, maximum=1000),
        question("offline", "yes/no"),
        question("priorities", "ranked", PRIORITIES),
        question("parts", "many", ["bolt", "nut"]),
    ]
    rules = [rule("base", {"x": 1}), *(rule(f"r{i}", {"x": 1}, when) for i, when in enumerate(CONDITIONS))]
    rules += [rule("off", {"x": 1}, "offline"), *(rule(p, {"x": 1}, rank_of=p) for p in PRIORITIES)]
    asking = {"settled_at_probability": 0.9, "priors": list(stated)}
    return compiled(
        document([alternative("a")], {"x": {"a": (1.0, 0.1)}}, rules, questions=asked, asking=asking, **rest)
    )


def values(found: Completions, name: str) -> list[object]:
    read = [column_parts.value(found.sheet.columns[name], row) for row in range(found.sheet.rows)]
    return [tuple(each) if isinstance(each, list) else each for each in read]


def shares(found: Completions, name: str) -> dict[object, float]:
    total: Counter[object] = Counter()
    for each, weight in zip(values(found, name), found.weight.tolist(), strict=True):
        total[each] += weight
    return dict(total)


def test_lists_are_named_option_by_option_given_that_one_is() -> None:
    chance = {"hammer": 0.3, "saw": 0.1, "file": 0.05, "none": 0.2}
    found = shares(complete(tooled(prior("tools", 0.75, options=chance)), {}, (), "s", MANY), "tools")
    some = 1 - 0.7 * 0.9 * 0.95
    for held in (("hammer",), ("saw",), ("file",), ("hammer", "saw"), ("saw", "file"), ("hammer", "saw", "file")):
        p = np.prod([chance[t] if t in held else 1 - chance[t] for t in TOOLS[:3]])
        assert found.get(held, 0.0) == pytest.approx(0.75 * 0.8 * p / some, abs=0.006), held
    assert found["none",] == pytest.approx(0.75 * 0.2, abs=0.006)
    assert found[None] == pytest.approx(0.25, abs=0.006)
    assert sum(found.values()) == pytest.approx(1)


def test_none_of_these_is_as_likely_as_stated_and_a_set_without_members() -> None:
    stated = prior("parts", 0.8, options={"bolt": 0.5, "nut": 0.2}, none=0.3)
    told = shares(complete(tooled(stated), {}, (), "s", MANY), "parts")
    assert told[()] == pytest.approx(0.8 * 0.3, abs=0.006)
    assert told["bolt",] == pytest.approx(0.8 * 0.7 * 0.5 * 0.8 / (1 - 0.5 * 0.8), abs=0.006)
    assert told[None] == pytest.approx(0.2, abs=0.006)


def test_that_it_is_none_of_these_tells_of_what_it_is_likelier_with() -> None:
    """Bayes again: in one case none of these is nine times as likely as in the other."""
    cases = [case("offline", none=0.9)]
    parts = prior("parts", options={"bolt": 0.5, "nut": 0.2}, none=0.1, given=cases)
    release = tooled(prior("offline", chance_of_yes=0.5), parts)
    given_none = shares(complete(release, {"parts": ()}, (), "s", MANY), "offline")
    assert given_none[True] == pytest.approx(0.9, abs=0.01)
    given_one = shares(complete(release, {"parts": ("nut",)}, (), "s", MANY), "offline")
    assert given_one[True] == pytest.approx(0.1, abs=0.01)


def test_a_release_that_states_nothing_of_none_of_these_takes_it_all_the_same() -> None:
    stated = prior("parts", options={"bolt": 0.5, "nut": 0.2}, given=[case("offline", options={"nut": 0.9})])
    found = complete(tooled(prior("offline", chance_of_yes=0.3), stated), {"parts": ()}, (), "s", MANY)
    assert shares(found, "offline")[True] == pytest.approx(0.3, abs=0.01)


def test_rankings_draw_one_after_another_by_their_weights() -> None:
    weights = dict(zip(PRIORITIES, (0.5, 0.3, 0.15, 0.05), strict=True))
    stated = prior("priorities", 0.9, options=weights, lengths=[0.25, 0.75])
    found = shares(complete(tooled(stated), {}, (), "s", MANY), "priorities")
    assert found["accuracy",] == pytest.approx(0.9 * 0.25 * 0.5, abs=0.006)
    assert found["speed", "ease"] == pytest.approx(0.9 * 0.75 * 0.15 * 0.3 / 0.85, abs=0.006)
    assert max(len(each) for each in found if isinstance(each, tuple)) == 2


def test_numbers_are_round_and_even_within_a_range() -> None:
    stated = prior("size", 1.0, numbers=[{"low": 1, "high": 100, "share": 0.7}, {"low": 0, "high": 0, "share": 0.3}])
    found = shares(complete(tooled(stated), {}, (), "s", MANY), "size")
    assert set(found) == {0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0}
    assert found[0.0] == pytest.approx(0.3, abs=0.006)
    assert found[20.0] == pytest.approx(0.1, abs=0.006)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1, 10, (1, 2, 5, 10)),
        (3, 3, (3,)),
        (0.05, 0.4, (0.05, 0.1, 0.2, 0.4)),
        (24, 48, (24, 48)),
        (96, 288, (96, 100, 200, 288)),
    ],
)
def test_the_grid_is_of_round_numbers(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert grid(low, high) == pytest.approx(expected)


def test_an_answer_makes_what_goes_with_it_likelier() -> None:
    """Bayes: P(production | offline) = .3 .75 / (.3 .75 + .7 .2) where the stage is open but told of."""
    release = small()
    found = shares(complete(release, {"offline": True}, (), "s", MANY), "stage")
    told = {"research": 0.63 * 0.2, "production": 0.27 * 0.75, None: 0.1 * 0.2}
    for stage, joint in told.items():
        assert found[stage] == pytest.approx(joint / sum(told.values()), abs=0.01)


def test_dont_know_tells_something_too_where_it_is_likelier_in_one_case() -> None:
    stated = [PRIORS[0], prior("offline", 0.9, chance_of_yes=0.5, given=[case('stage == "production"', answered=0.1)])]
    found = shares(complete(small(stated=stated), {}, {"offline"}, "s", MANY), "stage")
    told = {"research": 0.63 * 0.1, "production": 0.27 * 0.9, None: 0.1 * 0.1}
    assert found["production"] == pytest.approx(told["production"] / sum(told.values()), abs=0.01)


def test_what_was_thought_impossible_still_weighs_something() -> None:
    stated = [
        PRIORS[0],
        prior("offline", 1.0, chance_of_yes=0.5, given=[case('stage == "production"', chance_of_yes=0.0)]),
    ]
    found = complete(small(stated=stated), {"stage": "production", "offline": True}, (), "s", 50)
    assert found.weight.tolist() == pytest.approx([1 / 50] * 50)


def test_nothing_that_is_drawn_contradicts_itself() -> None:
    odd = [{"id": "odd", "text": "Odd.", "when": 'offline and "saw" in tools'}]
    stated = [prior("tools", 1.0, options={"saw": 0.6, "hammer": 0.5}), prior("offline", 1.0, chance_of_yes=0.5)]
    release = tooled(*stated, contradictions=odd)
    found = complete(release, {}, (), "s", 4000)
    assert found.sheet.rows < 4000
    for tools, offline in zip(values(found, "tools"), values(found, "offline"), strict=True):
        assert isinstance(tools, tuple)
        assert not (offline and "saw" in tools)
    always = complete(release, {"offline": True, "tools": ("saw",)}, (), "s", 10)
    assert always.sheet.rows == 10  # the answers contradict one another: what is open is drawn all the same


def test_what_is_answered_and_what_is_declined_is_not_drawn(shipped_release: Release) -> None:
    told = {"need": ["fine_tune"], "deploy_targets": ["android"], "data_rows": 1000}
    given = requirements.parse(told, shipped_release.questionnaire).values
    found = complete(shipped_release, given, {"stage"}, "s", 300)
    assert not {"need", "deploy_targets", "data_rows", "stage", "considering"} & found.drawn.keys()
    assert set(values(found, "deploy_targets")) == {("android",)}
    assert "stage" not in found.sheet.columns
    assert found.weight.sum() == pytest.approx(1)


def test_every_completion_is_a_sound_set_of_answers(shipped_release: Release) -> None:
    found = complete(shipped_release, {}, (), "s", 200)
    for row in range(found.sheet.rows):
        answers = {q: column_parts.value(found.sheet.columns[q], row) for q in found.drawn}
        requirements.parse({q: a for q, a in answers.items() if a is not None}, shipped_release.questionnaire)


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    one, two, other = (complete(small(), {}, (), seed, 200) for seed in ("s", "s", "t"))
    assert [values(one, q) for q in one.drawn] == [values(two, q) for q in two.drawn]
    assert [values(one, q) for q in one.drawn] != [values(other, q) for q in other.drawn]


def test_where_few_rows_would_count_as_many_as_wanted_do() -> None:
    """Bayes again, where what is answered was unlikely: the rows count alike, and say what weighed ones do."""
    rare = [case("data_rows > 50", chance_of_yes=0.9)]
    stated = [PRIORS[0], PRIORS[3], prior("offline", 1.0, chance_of_yes=0.01, given=rare)]
    found = complete(small(stated=stated), {"offline": True}, (), "s", MANY)
    assert found.weight.tolist() == [1 / MANY] * MANY
    told = {5.0: 0.3 * 0.01, 100.0: 0.3 * 0.9, None: 0.4 * 0.01}
    for rows, share in shares(found, "data_rows").items():
        assert share == pytest.approx(told[rows] / sum(told.values()), abs=0.005)  # type: ignore[index]
    assert shares(found, "stage")["production"] == pytest.approx(0.9 * 0.3, abs=0.01)
