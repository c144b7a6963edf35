"""What a board is told: who comes first, who is hurt, who should move, what is at risk."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import isnan, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.board import asking, hurt, movers, risk, summary
from portfolio.board.asking import Portfolio, Projects
from portfolio.board.movers import HAS_TO, MOVES, NOT_CLEAR, NOT_JUDGED, RULED_OUT, STAYS, STRANDED, UNKNOWN
from portfolio.board.sampling import sample
from portfolio.board.table import NONE, UNITS, WEIGHT_UNITS, Groups, Table
from rules import confidence, requirements, scoring
from rules.conditions.columns import Sheet, column
from rules.faults import InvalidInput
from rules.release import Release, compile_release
from tests.portfolio.boards import portfolios, table
from tests.rules import builders
from tests.rules.builders import alternative, decide, document, gate, question, rule

QUIET = settings(max_examples=100, deadline=None, database=None)
QUESTIONS = (
    *builders.QUESTIONS,
    question("existing_code", "alternatives"),
    question("may_migrate", "one", ["no", "if_worth_it", "planned"]),
    question("support_horizon_years", "number", minimum=0, maximum=50),
    question("licence_policy", "one", ["any", "osi_approved", "permissive_only"]),
)
Answers = Mapping[str, object]


def portfolio(release: Release, projects: Sequence[Answers], cuts: Sequence[int] = ()) -> Portfolio:
    """A portfolio of projects p0, p1 ..., cut into blocks."""
    values = [requirements.parse(each, release.questionnaire).values for each in projects]
    edges = sorted({0, *(c for c in cuts if c < len(values)), len(values)})

    def blocks() -> Iterator[Projects]:
        for a, b in pairwise(edges):
            named = [name for name in release.names if any(name in record for record in values[a:b])]
            made = {name: column(release.names[name], [each.get(name) for each in values[a:b]]) for name in named}
            yield Projects([f"p{i}" for i in range(a, b)], range(a + 1, b + 1), Sheet(b - a, made))

    return blocks


def grown(**changed: Any) -> dict[str, Any]:
    """Three frameworks and a predecessor; b is better where it counts, but a is what there is."""
    facts: dict[str, dict[str, Any]] = {
        "a": {"lifecycle": "deprecated", "years_left": 2.0, "governance": ["single_vendor"], "rows__max": 100},
        "b": {"years_left": 100.0, "governance": ["community"], "licence__osi_approved": True},
        "c": {"licence__osi_approved": True, "licence__permissive": False},
    }
    facts["a"]["several_maintainers"], facts["b"]["several_maintainers"] = False, True
    members = [alternative(name, **facts[name]) for name in "abc"]
    members.append(alternative("z", graded=False, lifecycle="archived", licence__permissive=False))
    grades = {"quality": {"a": (1.0, 0.3), "b": (3.5, 0.3), "c": (2.0, 0.3)}}
    grades["speed"] = {"a": (3.0, 0.2), "b": (3.0, 0.2), "c": (1.0, 0.2)}
    rules = [
        rule("base", {"quality": 1.0, "speed": 1.0}),
        rule("stay", {"near": changed.pop("near", 3.0)}, "count(existing_code) > 0"),
        rule("fast", {"speed": 20.0}, "offline"),
    ]
    gates = [gate("rows", "data_rows <= alt.rows.max"), gate("alive", 'alt.lifecycle > "archived"')]
    kin = [{"a": "b", "b": "c", "value": 0.5}]
    return document(members, grades, rules, gates, affinity={"near": "existing_code"}, kin=kin, questions=QUESTIONS)


RELEASE = compile_release(grown())
LIGHT = compile_release(grown(near=0.05))


@st.composite
def projects(draw: st.DrawFn) -> list[dict[str, object]]:
    code = st.lists(st.sampled_from("abcz"), min_size=0, max_size=2, unique=True)
    answers = st.fixed_dictionaries(
        {},
        optional={
            "existing_code": code,
            "may_migrate": st.sampled_from(["no", "planned"]),
            "offline": st.booleans(),
            "data_rows": st.sampled_from([10, 500]),
            "support_horizon_years": st.sampled_from([1, 2, 5]),
            "licence_policy": st.sampled_from(["any", "osi_approved", "permissive_only"]),
            "stage": st.sampled_from(["research", "production"]),
        },
    )
    return draw(st.lists(answers, min_size=1, max_size=8))


# --- Tables and the summary ------------------------------------------------------------------------------------------


@QUIET
@given(projects(), st.lists(st.integers(1, 7), max_size=2))
def test_tables_are_what_each_project_is_told(given_: list[dict[str, object]], cuts: list[int]) -> None:
    tables = list(asking.tables(RELEASE, "training", portfolio(RELEASE, given_, cuts)))
    assert [name for each in tables for name in each.id] == [f"p{i}" for i in range(len(given_))]
    rows = [(each, row) for each in tables for row in range(len(each.id))]
    for (found, row), answers in zip(rows, given_, strict=True):
        ranking = decide(RELEASE, answers, roles=["training"], what_if=False).roles["training"].ranking
        told = dict(zip(found.members, found.score[row].tolist(), strict=True))
        scores = {place.framework: place.score for place in ranking}
        assert {m: s for m, s in told.items() if not isnan(s)} == pytest.approx(scores, abs=1e-6)
        assert found.sure is not None
        if len(ranking) > 1:
            role = RELEASE.roles["training"]
            one, two = (role.members.index(place.framework) for place in ranking[:2])
            judged = next(asking.judged(RELEASE, "training", portfolio(RELEASE, [answers])()))
            wins = asking.beats(RELEASE, "training", judged, np.array([0]), np.array([one]), np.array([two]))[0]
            assert found.sure[row] == pytest.approx(max(0.5, wins[0]))
        else:
            assert found.sure[row] == 1 if ranking else isnan(found.sure[row])


def test_what_is_present_is_the_best_of_what_the_code_depends_on() -> None:
    answers: list[Answers] = [
        {"existing_code": ["a", "c"]},
        {"existing_code": ["a"], "data_rows": 500},
        {"existing_code": ["z"]},
        {},
    ]
    answers.append({"existing_code": ["a", "c"], "data_rows": 500})
    found = next(asking.tables(RELEASE, "training", portfolio(RELEASE, answers)))
    assert found.present.tolist() == [0, 0, NONE, NONE, 2]


@QUIET
@given(portfolios())
def test_summary_counts_who_comes_first(tables: list[Table]) -> None:
    found = summary.summary(tables, 0.75)
    firsts: Counter[str] = Counter()
    margins: dict[str, float] = {}
    for each in tables:
        for row in each.units().tolist():
            ranked = sorted((-s, m) for s, m in zip(row, each.members, strict=True) if s >= 0)
            firsts[ranked[0][1] if ranked else ""] += 1
            if len(ranked) > 1:
                margins[ranked[0][1]] = margins.get(ranked[0][1], 0) + ranked[1][0] - ranked[0][0]
    assert found.unranked == firsts.pop("", 0)
    assert {m: e.projects for m, e in found.by_framework.items()} == dict(firsts)
    assert {m: e.margin for m, e in found.by_framework.items() if e.seconds} == margins
    assert found.projects == sum(len(each.id) for each in tables)


def test_summary_tells_clear_firsts_groups_and_who_stays() -> None:
    each = table([[0.9, 0.5], [0.5, 0.6], [0.7, None], [None, None]], present=[0, 0, 0, NONE])
    groups = {"stage": Groups(("research", "production"), np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool))}
    full = replace(each, sure=np.array([0.9, 0.6, np.nan, np.nan]), groups=groups)
    found = summary.summary([full], 0.75)
    a, b = found.by_framework["a"], found.by_framework["b"]
    assert (a.projects, a.clear, a.stays, a.seconds, a.margin) == (2, 2, 2, 1, 400_000)
    assert (b.projects, b.clear, b.stays, b.weight) == (1, 0, 0, WEIGHT_UNITS)
    assert found.by_group == {"stage": {"research": {"a": 1, "b": 1}, "production": {"a": 1, "": 1}}}
    assert found.allowed == {"a": 3, "b": 2}
    with pytest.raises(InvalidInput):
        summary.summary([], 0.75)


def test_what_comes_first_is_told_by_the_exact_scores() -> None:
    alike = replace(table([[0.5, 0.5]]), first=np.array([1]))  # b is ahead by less than a score in a table can say
    assert summary.summary([alike], 0.75).by_framework.keys() == {"b"}
    (found,) = hurt.hurt([alike], [["a", "b"]])
    assert (list(found.by_best), dict(found.gets), found.whole.lost) == (["b"], {"b": 1}, 0)


# --- Who is hurt -----------------------------------------------------------------------------------------------------


@QUIET
@given(portfolios(), st.data())
def test_who_is_hurt_project_by_project(tables: list[Table], data: st.DataObject) -> None:
    members = tables[0].members
    chosen = data.draw(st.lists(st.sampled_from(members), min_size=1, unique=True))
    (found,) = hurt.hurt(tables, [chosen])
    losses: list[tuple[int, int]] = []
    unserved = hit = 0
    gets: Counter[str] = Counter()
    for each in tables:
        for scores, weight in zip(each.units().tolist(), each.weights().tolist(), strict=True):
            if max(scores) < 0:
                continue
            ours = [(-s, m) for s, m in zip(scores, members, strict=True) if m in chosen and s >= 0]
            loss = max(scores) + (min(ours)[0] if ours else 0)
            losses.append((loss, weight))
            unserved += not ours
            hit += bool(ours) and loss > 0
            if ours:
                gets[min(ours)[1]] += 1
    assert (found.whole.projects, found.whole.unserved, found.whole.hurt) == (len(losses), unserved, hit)
    assert found.whole.lost == sum(a * b for a, b in losses) == sum(p.lost for p in found.by_best.values())
    assert found.gets == gets
    worst = sorted((loss / UNITS for loss, weight in losses if loss and weight), reverse=True)[: hurt.LISTED]
    assert [case.loss for case in found.worst.listed()] == worst
    whole = sum(weight for _, weight in losses)
    for share, value in found.spread.quantiles().items():
        below = sum(w for loss, w in losses if loss <= round(value * UNITS))
        assert below >= float(share) * whole * (1 - 1e-9)
        assert value == 0 or sum(w for loss, w in losses if loss < round(value * UNITS)) < float(share) * whole


def test_what_is_as_good_and_already_there_is_kept() -> None:
    tables = [table([[0.5, 0.5], [0.5, 0.4], [0.3, 0.6]], present=[1, 1, 0])]
    (found,) = hurt.hurt(tables, [["a", "b"]])
    assert (found.dependent, found.moves, found.gets) == (3, 2, {"b": 2, "a": 1})


# --- Movers ----------------------------------------------------------------------------------------------------------


def test_gain_less_cost_is_the_lead_and_each_is_what_its_rules_say() -> None:
    found = movers.movers(LIGHT, "training", portfolio(LIGHT, [{"existing_code": ["a"]}]))
    (mover,) = found.listed.listed()
    assert (mover.row, mover.present, mover.target) == (1, "a", "b")
    # base: weights 2 of 2.05 in all, b 3.25 of 4 and a 2 of 4; stay: weight 0.05, a is near itself and b is not
    assert mover.gain == pytest.approx(2 / 2.05 * (3.25 - 2.0) / 4)
    assert mover.cost == pytest.approx(0.05 / 2.05)
    assert mover.net == pytest.approx(mover.gain - mover.cost)
    result = decide(LIGHT, {"existing_code": ["a"]}, roles=["training"], what_if=False).roles["training"]
    scores = {place.framework: place.score for place in result.ranking}
    assert mover.net == pytest.approx(scores["b"] - scores["a"])
    low, high = mover.interval
    sd = mover.net / NormalDist().inv_cdf(mover.probability)
    assert (low, high) == pytest.approx((mover.net - 1.6448536 * sd, mover.net + 1.6448536 * sd), abs=1e-6)


def test_probability_of_a_move_is_that_of_the_closed_form() -> None:
    answers = {"existing_code": ["a"]}
    found = movers.movers(LIGHT, "training", portfolio(LIGHT, [answers])).listed.listed()[0]
    role = LIGHT.roles["training"]
    values = requirements.parse(answers, LIGHT.questionnaire).values
    scored = scoring.score(LIGHT, role, values, scoring.strengths(role, values)[0])
    sigma = confidence.covariance(scored, role, LIGHT.confidence["weight_relative_sd"])
    assert found.probability == pytest.approx(confidence.beats(scored.score, sigma)[1, 0], abs=1e-12)
    spread = sqrt(sigma[0, 0] + sigma[1, 1] - 2 * sigma[0, 1])
    assert found.probability == pytest.approx(NormalDist().cdf(float(scored.score[1] - scored.score[0]) / spread))


@pytest.mark.parametrize(
    ("answers", "release", "verdict"),
    [
        ({}, RELEASE, UNKNOWN),
        ({"existing_code": []}, RELEASE, UNKNOWN),
        ({"existing_code": ["b"]}, RELEASE, STAYS),
        ({"existing_code": ["a"]}, RELEASE, STAYS),  # what is there weighs more
        ({"existing_code": ["a"]}, LIGHT, MOVES),
        ({"existing_code": ["a"], "may_migrate": "no"}, LIGHT, RULED_OUT),
        ({"existing_code": ["a"], "offline": True}, LIGHT, NOT_CLEAR),  # speed is alike
        ({"existing_code": ["a"], "data_rows": 500}, RELEASE, HAS_TO),
        ({"existing_code": ["z"]}, RELEASE, HAS_TO),
        ({"existing_code": ["z", "b"]}, RELEASE, STAYS),
    ],
)
def test_verdicts(answers: Answers, release: Release, verdict: str) -> None:
    found = movers.movers(release, "training", portfolio(release, [answers]))
    assert found.verdicts == {verdict: 1}
    assert sum(flow.projects for flow in found.flows.values()) == (verdict in (MOVES, HAS_TO))


def test_who_has_to_move_is_told_the_gate() -> None:
    answers: list[Answers] = [{"existing_code": ["a"], "data_rows": 500}, {"existing_code": ["z"]}]
    found = movers.movers(RELEASE, "training", portfolio(RELEASE, answers))
    assert [(m.id, m.row, m.present, m.gate, m.target) for m in found.forced] == [
        ("p0", 1, "a", "rows", "b"),
        ("p1", 2, "z", "alive", "b"),
    ]
    assert found.listed.listed() == []


def test_what_is_kept_and_has_no_grades_is_not_judged() -> None:
    source = grown()
    for each in source["alternatives"]:
        if each["id"] == "z":
            each["facts"]["alt.lifecycle"] = "active"
    release = compile_release(source)
    found = movers.movers(release, "training", portfolio(release, [{"existing_code": ["z"]}]))
    assert (found.verdicts, found.flows, found.forced) == ({NOT_JUDGED: 1}, {}, [])


def test_those_that_have_to_move_do_not_crowd_out_those_that_should() -> None:
    answers: list[Answers] = [*[{"existing_code": ["z"]}] * 25, {"existing_code": ["a"]}]
    found = movers.movers(LIGHT, "training", portfolio(LIGHT, answers, [9]))
    assert ([m.row for m in found.listed.listed()], [m.row for m in found.forced]) == ([26], [*range(1, 21)])
    assert found.verdicts == {HAS_TO: 25, MOVES: 1}


def test_nobody_is_left_for_the_stranded() -> None:
    source = grown()
    source["gates"].append(gate("none", 'alt.lifecycle == "archived"', "offline"))
    release = compile_release(source)
    found = movers.movers(release, "training", portfolio(release, [{"existing_code": ["a"], "offline": True}]))
    assert (found.verdicts, found.flows) == ({STRANDED: 1}, {})


@QUIET
@given(projects(), st.lists(st.integers(1, 7), max_size=2))
def test_movers_do_not_depend_on_blocks_and_count_everybody(given_: list[dict[str, object]], cuts: list[int]) -> None:
    whole = movers.movers(LIGHT, "training", portfolio(LIGHT, given_))
    parts = movers.movers(LIGHT, "training", portfolio(LIGHT, given_, cuts))
    assert whole.verdicts == parts.verdicts
    assert sum(whole.verdicts.values()) == len(given_)
    assert {m.id: m.target for m in whole.listed.listed()} == {m.id: m.target for m in parts.listed.listed()}
    assert whole.forced == parts.forced


@QUIET
@given(projects())
def test_the_gate_told_is_the_first_that_the_decision_tells(given_: list[dict[str, object]]) -> None:
    judged = next(asking.judged(RELEASE, "training", portfolio(RELEASE, given_)()))
    for name in "abcz":
        found = asking.stopped_by(RELEASE, "training", judged.sheet, name)
        for row, answers in enumerate(given_):
            excluded = decide(RELEASE, answers, roles=["training"], what_if=False).roles["training"].excluded
            gates = [e.gate for e in excluded if e.framework == name]
            told = RELEASE.roles["training"].gates[found[row]].id if found[row] != NONE else None
            assert told == (gates[0] if gates else None)


def test_the_first_gate_in_order_is_told_and_waived_ones_are_passed_over() -> None:
    source = grown()
    waiver = {"alternative": "a", "owner": "o", "reason": "r", "expires": "2027-01-01", "layer": "house"}
    source["gates"] = [
        gate("waived", 'alt.id != "a"', waivers=[waiver]),
        gate("second", 'alt.id != "a"', "offline"),
        *source["gates"],
    ]
    release = compile_release(source)
    answers: list[Answers] = [{"data_rows": 500, "offline": True}, {"data_rows": 500}, {}]
    judged = next(asking.judged(release, "training", portfolio(release, answers)()))
    found = asking.stopped_by(release, "training", judged.sheet, "a").tolist()
    gates = [each.id for each in release.roles["training"].gates]
    assert [gates[index] if index != NONE else None for index in found] == ["second", "rows", None]


def test_rules_of_moving_look_at_moving_or_weigh_nearness_to_what_is_there() -> None:
    source = grown()
    source["rules"] += [
        rule("team", {"speed": 1.0}, "count(known_frameworks) > 1"),
        rule("nearness", {"near": 1.0, "speed": 1.0}),
        rule("plain", {"speed": 1.0}, "team_size > 3"),
        rule("kind", {"speed": 1.0}, 'existing_code overlaps ["a"]'),
    ]
    role = compile_release(source).roles["training"]
    told = dict(zip([each.id for each in role.rules], movers.speaks_of_moving(role).tolist(), strict=True))
    plain = {"base": False, "fast": False, "plain": False, "kind": False}
    assert told == {"stay": True, "team": True, "nearness": True} | plain


# --- Risk ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "answers", "told"),
    [
        (risk.RETIRED, "a", {}, risk.RISK),
        (risk.RETIRED, "b", {}, risk.SAFE),
        (risk.ENDS, "a", {}, risk.UNKNOWN),
        (risk.ENDS, "a", {"support_horizon_years": 1}, risk.SAFE),
        (risk.ENDS, "a", {"support_horizon_years": 2}, risk.RISK),
        (risk.ENDS, "b", {}, risk.SAFE),
        (risk.ENDS, "c", {"support_horizon_years": 2}, risk.UNKNOWN),
        (risk.ONE_VENDOR, "a", {}, risk.RISK),
        (risk.ONE_VENDOR, "b", {}, risk.SAFE),
        (risk.ONE_VENDOR, "c", {}, risk.UNKNOWN),
        (risk.ONE_PERSON, "a", {}, risk.RISK),
        (risk.ONE_PERSON, "b", {}, risk.SAFE),
        (risk.ONE_PERSON, "c", {}, risk.UNKNOWN),
        (risk.LICENCE, "b", {}, risk.UNKNOWN),
        (risk.LICENCE, "a", {"licence_policy": "any"}, risk.SAFE),
        (risk.LICENCE, "a", {"licence_policy": "osi_approved"}, risk.UNKNOWN),
        (risk.LICENCE, "b", {"licence_policy": "osi_approved"}, risk.SAFE),
        (risk.LICENCE, "b", {"licence_policy": "permissive_only"}, risk.UNKNOWN),
        (risk.LICENCE, "c", {"licence_policy": "permissive_only"}, risk.RISK),
        (risk.LICENCE, "z", {"licence_policy": "permissive_only"}, risk.RISK),
    ],
)
def test_risks_come_from_facts_and_answers(kind: str, name: str, answers: Answers, told: int) -> None:
    sheet = next(portfolio(RELEASE, [answers])()).sheet
    assert risk.state(RELEASE.alternatives[name], kind, sheet).tolist() == [told]


def test_risks_are_counted_for_what_is_there_and_for_what_comes_first() -> None:
    answers: list[Answers] = [{"existing_code": ["a"], "support_horizon_years": 5}, {"existing_code": ["z"]}, {}]
    found = risk.risk(LIGHT, "training", portfolio(LIGHT, answers))
    assert found.projects == {risk.PRESENT: 2, risk.FIRST: 3}
    assert found.exposed == {risk.PRESENT: 2, risk.FIRST: 0}
    assert found.weight == {risk.PRESENT: 2000, risk.FIRST: 0}
    ends = found.exposures[risk.PRESENT, "a", risk.ENDS]
    assert (ends.projects, ends.at_risk, ends.unknown, ends.examples) == (1, 1, 0, [("p0", 1)])
    assert (ends.weight, found.exposures[risk.PRESENT, "a", risk.LICENCE].weight) == (1000, 0)
    retired = found.exposures[risk.PRESENT, "z", risk.RETIRED]
    assert (retired.at_risk, retired.examples) == (1, [("p1", 2)])
    assert found.exposures[risk.FIRST, "b", risk.LICENCE].unknown == 3


def test_risks_tell_of_how_many_they_look_at_one_framework_of_several_and_who_states_a_policy() -> None:
    answers: list[Answers] = [
        {"existing_code": ["a", "b"]},
        {"existing_code": ["a", "z"], "licence_policy": "any"},
        {"existing_code": ["z"]},
        {"existing_code": ["b"], "licence_policy": "osi_approved"},
        {"existing_code": []},
    ]
    found = risk.risk(LIGHT, "training", portfolio(LIGHT, answers))
    assert (found.several, found.policies) == (2, 2)
    of_code = [
        each.projects for (side, _, kind), each in found.exposures.items() if (side, kind) == ("present", "ends")
    ]
    assert sum(of_code) == found.projects[risk.PRESENT] == 4


def test_a_project_on_several_predecessors_counts_once() -> None:
    source = grown()
    source["alternatives"].append(alternative("y", graded=False, lifecycle="archived"))
    release = compile_release(source)
    found = risk.risk(release, "training", portfolio(release, [{"existing_code": ["y", "z"]}]))
    assert (found.projects[risk.PRESENT], found.exposed[risk.PRESENT]) == (1, 1)
    assert {name for side, name, _ in found.exposures if side == risk.PRESENT} == {"y", "z"}


# --- Samples ---------------------------------------------------------------------------------------------------------


def test_a_sample_is_the_same_whatever_the_blocks_and_holds_its_answers() -> None:
    answers: list[Answers] = [{"data_rows": i} if i % 3 else {} for i in range(60)]
    whole = sample(RELEASE, "training", portfolio(RELEASE, answers)(), 25)
    parts = sample(RELEASE, "training", portfolio(RELEASE, answers, [7, 8, 40])(), 25)
    assert list(whole.id) == list(parts.id)
    assert len(set(whole.id)) == 25
    numbers = parts.sheet.columns["data_rows"].value  # type: ignore[union-attr]
    for name, number in zip(parts.id, numbers.tolist(), strict=True):
        row = int(name[1:])
        assert number == row if row % 3 else isnan(number)
    assert len(sample(RELEASE, "training", portfolio(RELEASE, answers)(), 100).id) == 60
