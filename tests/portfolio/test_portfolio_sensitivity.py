"""How far a board's conclusions hang on the evidence, and what a new release changes: against deciding one by one."""

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.board import asking, consolidation, drift, sensitivity, terms
from portfolio.board.drift import GATE, GRADE, MEMBER, RULE, Cause
from portfolio.board.linear import linear
from rules.compiled import TOP_GRADE
from rules.release import Release, compile_release
from tests.portfolio.boards import table
from tests.portfolio.test_portfolio_board import LIGHT, RELEASE, grown, portfolio, projects
from tests.rules.builders import decide, gate, whole_answers, whole_documents

QUIET = settings(max_examples=60, deadline=None, database=None)
ANSWERS: list[dict[str, object]] = [
    {"existing_code": ["a"]},
    {"offline": True},
    {"data_rows": 500},
    {"existing_code": ["c"], "offline": True},
    {},
]


def judged(release: Release, answers: list[dict[str, object]]) -> list[asking.Judged]:
    return list(asking.judged(release, "training", portfolio(release, answers, [2])()))


@settings(max_examples=40, deadline=None, database=None)
@given(st.data())
def test_linear_scores_are_the_board_scores(data: st.DataObject) -> None:
    release = compile_release(data.draw(whole_documents()))
    answers = data.draw(st.lists(whole_answers(), min_size=1, max_size=4))
    blocks = list(asking.judged(release, "training", portfolio(release, answers)()))
    seen = linear(release, "training", blocks)
    if blocks:
        score = seen.score(seen.role.grade, seen.criteria())
        assert score == pytest.approx(np.concatenate([b.board.score for b in blocks]), abs=1e-9)
        assert (seen.left == np.concatenate([b.ranked() for b in blocks])).all()


def test_linear_scores_follow_grades_and_weights() -> None:
    """The same as a release with those grades and strengths."""
    seen = linear(LIGHT, "training", judged(LIGHT, ANSWERS))
    source = grown(near=0.05)
    source["grades"]["quality"]["a"]["mean"] = 3.0
    source["rules"][0]["strength"] = 0.5
    moved = compile_release(source)
    score = seen.score(moved.roles["training"].grade, seen.criteria(np.array([0.5, 1.0, 1.0])))
    assert score == pytest.approx(np.concatenate([b.board.score for b in judged(moved, ANSWERS)]), abs=1e-12)


@QUIET
@given(
    st.integers(1, 3),
    st.lists(st.lists(st.sampled_from([None, 0.1, 0.5, 0.75]), min_size=3, max_size=3), min_size=5, max_size=5),
    st.none() | st.lists(st.sampled_from([0.0, 0.5, 1.0, 40.0]), min_size=5, max_size=5),
)
def test_valued_sets_are_the_consolidation_of_their_scores(
    k: int, rows: list[list[float | None]], weight: list[float] | None
) -> None:
    seen = linear(LIGHT, "training", judged(LIGHT, ANSWERS))
    scores = table(rows, weight=weight)
    left = ~np.isnan(scores.score)
    seen = replace(seen, id=scores.id, weight=scores.weights(), left=left)
    found = sensitivity.Sets(seen, k).best(scores.units())
    gathered = terms.gather([scores])
    if not gathered.weight:
        assert found == {}
        return
    for size, each in enumerate(consolidation.best(gathered, k), 1):
        chosen, lead = found[size]
        assert chosen == each.members
        rival = min(
            (
                loss
                for s in combinations("abc", size)
                if s != chosen
                for left, loss in [consolidation.loses(gathered, s)]
                if left == each.unserved
            ),
            default=None,
        )
        assert lead == (float("inf") if rival is None else rival - each.loss)


def study(release: Release, influences: sensitivity.Influences, **rest: Any) -> sensitivity.Sensitivity:
    return sensitivity.sensitivity(release, "training", portfolio(release, ANSWERS), influences, **rest)


def test_certain_grades_and_weights_change_nothing() -> None:
    source = grown()
    source["confidence"]["weight_relative_sd"] = 0.0
    for of in source["grades"].values():
        for cell in of.values():
            cell["sd"] = 0.0
    found = study(compile_release(source), {}, drawn=5, up_to=2)
    assert {k: counted[found.sets[k]] for k, counted in found.in_draws.items()} == {1: 5, 2: 5}
    assert found.tops_in_draws == {found.top: 5}


def test_draws_are_as_often_right_as_the_closed_form_says() -> None:
    """Of one project and k = 1 the best set is the first place, which comes as often as it wins."""
    answers: list[dict[str, object]] = [{"offline": True, "existing_code": ["a"]}]
    found = sensitivity.sensitivity(LIGHT, "training", portfolio(LIGHT, answers), {}, up_to=1, drawn=4000)
    ranking = decide(LIGHT, answers[0], roles=["training"], what_if=False).roles["training"].ranking
    for place in ranking:
        share = found.in_draws[1][place.framework,] / 4000
        assert share == pytest.approx(place.win_probability, abs=0.03)  # four standard errors
    assert {k: v for (k,), v in found.in_draws[1].items()} == found.tops_in_draws


def test_coupled_grades_are_drawn_together() -> None:
    """What moves all grades of a criterion alike moves no first place."""
    source = grown()
    source["confidence"]["weight_relative_sd"] = 0.0
    for name, of in source["grades"].items():
        for cell in of.values():
            cell["sd"] = 1.0
        source["grade_covariance"][name] = [[a, b, 1.0] for a, b in combinations("abc", 2)]
    found = study(compile_release(source), {}, drawn=100, up_to=1)
    assert found.in_draws[1][found.sets[1]] == 100


def test_a_piece_of_evidence_turns_the_best_set_exactly_where_leaving_it_out_does() -> None:
    influences = {
        ("quality", "b"): [("turns", 2.4), ("small", 0.01)],
        ("quality", "c"): [("small", -0.01), ("lifts", -0.5)],
        ("speed", "a"): [("other", 0.5)],
        ("speed", "b"): [("turns", 2.5)],
    }
    found = study(LIGHT, influences, drawn=1, up_to=1)
    assert (found.sets, found.pieces) == ({1: ("b",)}, 4)
    assert 1 <= found.tried < 4
    for name in ("turns", "small", "lifts", "other"):
        source = grown(near=0.05)
        for (criterion, member), pieces in influences.items():
            source["grades"][criterion][member]["mean"] -= sum(levels for each, levels in pieces if each == name)
        gathered = terms.gather(asking.tables(compile_release(source), "training", portfolio(LIGHT, ANSWERS)))
        best = consolidation.best(gathered, 1)[0].members
        assert [p.without for p in found.pivots if p.evidence == name] == ([best] if best != ("b",) else [])
    assert [p.evidence for p in found.pivots] == ["turns"]
    assert TOP_GRADE == 4.0  # influences are told in levels


def test_nobody_calls_for_the_role() -> None:
    answers: list[dict[str, object]] = [{"need": ["inference_only"], "deploy_targets": ["android"]}]
    found = sensitivity.sensitivity(
        LIGHT, "training", portfolio(LIGHT, answers), {("speed", "a"): [("x", 1.0)]}, drawn=2
    )
    assert (found.projects, found.sets, found.top, found.pivots) == (0, {}, None, ())


# --- Drift -----------------------------------------------------------------------------------------------------------


def drifted(after: dict[str, Any], answers: list[dict[str, object]] = ANSWERS) -> drift.Drift:
    return drift.drift(grown(), after, "training", lambda release: portfolio(release, answers, [2])())


def test_the_same_release_twice_is_no_drift() -> None:
    found = drifted(grown())
    assert (found.parts, found.changed, found.exclusions, found.projects) == ((), 0, Counter(), len(ANSWERS))


def test_a_moved_grade_is_named() -> None:
    after = grown()
    after["grades"]["quality"]["c"]["mean"] = 4.0
    after["grades"]["speed"]["c"]["mean"] = 3.5
    found = drifted(after)
    assert found.parts == ("facts",)
    changes = {(was, now, cause): each for (was, now, cause), each in found.changes.items()}
    assert {cause for _, _, cause in changes} == {Cause(("facts",), GRADE, "speed")}
    assert found.changed == sum(
        decide(RELEASE, a, roles=["training"], what_if=False).roles["training"].ranking[0].framework
        != decide(compile_release(after), a, roles=["training"], what_if=False).roles["training"].ranking[0].framework
        for a in ANSWERS
    )


def test_a_weight_and_a_new_gate_are_told_apart() -> None:
    after = grown(near=0.05)
    after["gates"].append(gate("no-b", 'alt.id != "b"', "offline"))
    found = drifted(after)
    assert found.parts == ("rules", "weights")
    told = {
        (was, now): (cause.parts, cause.kind, cause.id, each.examples)
        for (was, now, cause), each in found.changes.items()
    }
    assert told["a", "b"] == (("weights",), RULE, "stay", [("p0", 1)])
    assert told["b", "a"] == (("rules",), GATE, "no-b", [("p1", 2), ("p3", 4)])
    assert found.exclusions == {("b", "excluded", "no-b"): 2}


def test_a_gate_that_is_gone_lets_the_new_first_in() -> None:
    after = grown()
    after["grades"]["quality"]["a"]["mean"] = 4.0
    before = deepcopy(after)
    before["gates"].append(gate("no-a", 'alt.id != "a"'))
    answers: list[dict[str, object]] = [{}]
    found = drift.drift(before, after, "training", lambda release: portfolio(release, answers)())
    ((was, now, cause),) = found.changes
    assert (was, now, cause) == ("b", "a", Cause(("rules",), GATE, "no-a", "a"))
    assert found.exclusions == {("a", "allowed", "no-a"): 1}


def test_a_framework_that_is_gone_is_the_cause() -> None:
    after = grown()
    after["alternatives"] = [a for a in after["alternatives"] if a["id"] != "b"]
    after["kin"] = []
    for of in after["grades"].values():
        of.pop("b")
    answers: list[dict[str, object]] = [{}]
    found = drift.drift(grown(), after, "training", lambda release: portfolio(release, answers)())
    ((was, now, cause),) = found.changes
    assert (was, now, cause.kind, cause.id) == ("b", "a", MEMBER, "b")


@QUIET
@given(projects(), st.sampled_from([0.05, 1.0, 8.0]), st.sampled_from([1.0, 2.0, 4.0]))
def test_drift_counts_what_single_decisions_say(answers: list[dict[str, object]], near: float, mean: float) -> None:
    after = grown(near=near)
    after["grades"]["quality"]["a"]["mean"] = mean
    new = compile_release(after)
    found = drifted(after, answers)
    pairs: Counter[tuple[str, str]] = Counter()
    for each in answers:
        sides = [decide(r, each, roles=["training"], what_if=False).roles["training"].ranking for r in (RELEASE, new)]
        was, now = (ranking[0].framework if ranking else "" for ranking in sides)
        pairs[was, now] += was != now
    told: Counter[tuple[str, str]] = Counter()
    for (was, now, _), change in found.changes.items():
        told[was, now] += change.projects
    assert told == +pairs
