"""Drawn projects: plausible, sound, the same everywhere, and the same as columns and one by one."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from rules import batch, engine, requirements, sampling
from rules.compiled import Release
from rules.sampling import Habits
from tests.rules.builders import QUESTIONS, alternative, compiled, document, gate, question, rule


def release(**rest: Any) -> Release:
    members = [alternative("a", rows__max=50), alternative("b", run__android=1), alternative("c", run__android=3)]
    grades = {"x": {"a": (4.0, 0.5), "b": (1.0, 0.5), "c": (2.0, 0.5)}, "y": {"b": (4.0, 1.0), "c": (3.0, 0.1)}}
    rules = [
        rule("base", {"x": 1, "y": 1}),
        rule("rows", {"y": 2}, "data_rows > 10"),
        rule("known", {"near": 3}, "answered(known_frameworks)"),
        rule("speed", {"x": 1, "y": 3}, rank_of="speed"),
    ]
    gates = [
        gate("android", "alt.run.android >= 2", '"android" in deploy_targets'),
        gate("rows", "data_rows <= alt.rows.max"),
    ]
    return compiled(document(members, grades, rules, gates, affinity={"near": "known_frameworks"}, **rest))


ODD = [{"id": "odd", "text": "Odd.", "when": 'offline and "browser" in deploy_targets'}]


def everything(drawn: sampling.Sample) -> list[dict[str, object]]:
    return [drawn.answers(row) for row in range(drawn.sheet.rows)]


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    assert everything(sampling.draw(release(), 200, "s")) == everything(sampling.draw(release(), 200, "s"))
    assert everything(sampling.draw(release(), 200, "s")) != everything(sampling.draw(release(), 200, "t"))


def test_a_project_is_what_it_always_was() -> None:
    assert sampling.draw(release(), 6, "fixed").answers(5) == {
        "deploy_targets": ["android"],
        "team_size": 3.35,
        "offline": True,
        "team_experience": "expert",
        "considering": ["b"],
        "priorities": ["speed", "ease", "cost"],
    }


@pytest.mark.parametrize("count", [1, 100, sampling.BLOCK - 1, sampling.BLOCK + 1])
def test_a_longer_sample_begins_with_the_shorter_one(count: int) -> None:
    longer = sampling.draw(release(contradictions=ODD), sampling.BLOCK + 500, "s")
    shorter = sampling.draw(release(contradictions=ODD), count, "s")
    assert shorter.sheet.rows == count
    assert [longer.answers(row) for row in range(0, count, 97)] == [shorter.answers(row) for row in range(0, count, 97)]


def test_a_new_question_leaves_the_others_as_they_are() -> None:
    more = release(questions=[question("new", "many", ["p", "q"]), *QUESTIONS])
    for before, after in zip(
        everything(sampling.draw(release(), 100, "s")), everything(sampling.draw(more, 100, "s")), strict=True
    ):
        after.pop("new", None)
        assert before == after


def test_every_project_can_be_answered_so_and_means_what_its_row_says() -> None:
    made = release(contradictions=ODD)
    drawn = sampling.draw(made, 600, "s")
    for answers in everything(drawn):
        understood = requirements.parse(answers, made.questionnaire)
        assert {q: list(v) if isinstance(v, tuple) else v for q, v in understood.values.items()} == answers
        assert not (answers.get("offline") and "browser" in answers.get("deploy_targets", []))  # type: ignore[operator]


def test_without_the_contradiction_such_projects_are_drawn() -> None:
    drawn = everything(sampling.draw(release(), 600, "s"))
    assert any(a.get("offline") and "browser" in a.get("deploy_targets", []) for a in drawn)  # type: ignore[operator]


def test_nothing_but_contradictions_is_refused() -> None:
    always = [{"id": "always", "text": "Always.", "when": "answered(offline) or not answered(offline)"}]
    with pytest.raises(ValueError, match="contradictions"):
        sampling.draw(release(contradictions=always), 1, "s")


def test_how_people_answer_is_as_stated() -> None:
    habits = Habits(answered=(0.2, 0.6), several=(0.5, 0.3, 0.2), ranked=(0.25, 0.75), at_bound=0.4)
    drawn = sampling.draw(release(), 8000, "s", habits)
    found = everything(drawn)
    assert np.mean([len(a) for a in found]) == pytest.approx(0.4 * len(QUESTIONS), abs=0.1)
    assert np.std([len(a) for a in found]) > 2.5  # some projects answer much, others little
    systems = Counter(len(a["train_os"]) for a in found if "train_os" in a)  # type: ignore[arg-type]
    assert systems[2] / systems.total() == pytest.approx(0.3, abs=0.03)
    assert systems[3] / systems.total() == pytest.approx(0.2, abs=0.03)
    ranked = Counter(len(a["priorities"]) for a in found if "priorities" in a)  # type: ignore[arg-type]
    assert ranked[1] / ranked.total() == pytest.approx(0.25, abs=0.03)
    assert set(ranked) == {1, 2}
    rows = [a["data_rows"] for a in found if "data_rows" in a]
    assert sum(each in (10.0, 50.0) for each in rows) / len(rows) == pytest.approx(0.4, abs=0.03)
    assert (min(rows), max(rows)) == pytest.approx((1.0, 500.0), rel=0.1)  # type: ignore[type-var]


def test_options_are_as_likely_as_one_another_and_exclusive_ones_alone() -> None:
    found = everything(sampling.draw(release(), 8000, "s"))
    hardware: list[tuple[str, ...]] = [tuple(a["train_hardware"]) for a in found if "train_hardware" in a]  # type: ignore[arg-type]
    assert ("none",) in hardware
    assert all(len(each) == 1 for each in hardware if "none" in each)
    named = Counter(option for each in hardware for option in each if len(each) == 2)
    assert max(named.values()) / min(named.values()) < 1.2
    first = Counter(a["priorities"][0] for a in found if "priorities" in a)  # type: ignore[index]
    assert max(first.values()) / min(first.values()) < 1.2


def test_an_option_that_stands_alone_may_come_first_in_its_question() -> None:
    odd = question("odd", "many", ["alone", "p", "q", "r"], exclusive=["alone"])
    found = everything(sampling.draw(release(questions=[odd, *QUESTIONS]), 2000, "s"))
    chosen: Counter[tuple[str, ...]] = Counter(tuple(a["odd"]) for a in found if "odd" in a)  # type: ignore[arg-type]
    assert {options for options in chosen if "alone" in options} == {("alone",)}
    assert {("p",), ("q", "r"), ("p", "q", "r")} <= set(chosen)


def test_columns_and_decisions_agree_row_by_row(shipped_release: Release) -> None:
    for made in (release(contradictions=ODD), shipped_release):
        drawn = sampling.draw(made, 60, "rows")
        boards = {role: batch.board(made, role, drawn.sheet) for role in ("training", "runtime")}
        for row, answers in enumerate(everything(drawn)):
            decided = engine.decide(
                made, requirements.parse(answers, made.questionnaire), None, list(boards), what_if=False
            )
            for role, board in boards.items():
                members = made.roles[role].members
                left = {m for m, is_in in zip(members, board.open[row].tolist(), strict=False) if is_in}
                assert {place.framework for place in decided.roles[role].ranking} == left
                for place in decided.roles[role].ranking:
                    assert board.score[row, members.index(place.framework)] == pytest.approx(place.score, abs=1e-12)
