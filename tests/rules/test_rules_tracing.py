"""The trace: every number of it is recomputed here, from the trace alone, by other code than the one that made it."""

import json
from collections.abc import Iterator
from fractions import Fraction
from math import isclose
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given, settings

from rules import gates
from rules.accounts.naming import names_of
from rules.accounts.tracing import trace
from rules.compiled import Release
from rules.faults import InvalidInput
from tests.rules.builders import alternative, compiled, decide, document, gate, rule
from tests.rules.recorded import EXAMPLES, TWO_PEOPLE, Recorded, example, record, recorded, shipped, under, waived

QUIET = settings(max_examples=60, deadline=None, database=None)


def near(value: float, exact: Fraction | float) -> bool:
    return abs(value - float(exact)) < 1e-9


def recompute(traced: dict[str, Any]) -> None:
    """A reviewer with pencil and paper: fractions, and nothing but the trace of one role."""
    spoke = {r["rule"]: r for r in traced["rules"] if r["said"] == "spoke"}
    mass = {n: Fraction(r["strength"]) * sum(map(Fraction, r["weights"].values())) for n, r in spoke.items()}
    whole = sum(mass.values(), Fraction(0))
    assert near(traced["W"], whole)
    for name, row in spoke.items():
        assert near(row["mass"], mass[name])
        assert near(row["share"], mass[name] / whole)
        assert near(row["recorded_share"], mass[name] / whole)
    grades = {f: {c: Fraction(cell["grade"]) for c, cell in row.items()} for f, row in traced["grades"].items()}
    opinion = {
        (f, n): sum(Fraction(w) * row[c] for c, w in r["weights"].items()) / sum(map(Fraction, r["weights"].values()))
        for f, row in grades.items()
        for n, r in spoke.items()
    }
    ranked = [each["framework"] for each in traced["frameworks"] if each["outcome"] == "ranked"]
    middle = {n: sum(opinion[f, n] for f in ranked) / len(ranked) for n in spoke} if ranked else {}
    mean = sum((mass[n] / whole * middle[n] for n in middle), Fraction(0))
    if ranked:
        assert near(traced["field_mean"]["mean"], mean)
        assert near(traced["field_mean"]["recorded"], mean)
    for each in traced["frameworks"]:
        name = each["framework"]
        score = sum((mass[n] / whole * opinion[name, n] for n in spoke), Fraction(0))
        assert {row["rule"] for row in each["rules"]} == set(spoke)
        for row in each["rules"]:
            recompute_row(row, spoke[row["rule"]], grades[name])
            assert near(row["opinion"], opinion[name, row["rule"]])
            assert near(row["part"], mass[row["rule"]] / whole * opinion[name, row["rule"]])
            if each["outcome"] == "ranked":
                part = mass[row["rule"]] / whole * (opinion[name, row["rule"]] - middle[row["rule"]])
                assert near(row["mean_opinion"], middle[row["rule"]])
                assert near(row["contribution"], part)
                assert near(row["recorded_contribution"], part)
        if each["outcome"] == "ranked":
            assert near(each["score"], score)
            assert near(each["recorded_score"], score)
            assert near(each["sum_of_contributions"], score - mean)
            assert near(each["field_mean_and_contributions"]["sum"], score)
        else:
            assert near(each["score_if_let_in"], score)
    recompute_confidence(traced, opinion, {n: mass[n] / whole for n in spoke})


def recompute_row(row: dict[str, Any], spoke: dict[str, Any], grades: dict[str, Fraction]) -> None:
    assert {t["criterion"]: t["weight"] for t in row["terms"]} == spoke["weights"]
    for term in row["terms"]:
        assert near(term["grade"], grades[term["criterion"]])
        assert near(term["product"], Fraction(term["weight"]) * grades[term["criterion"]])
    assert near(row["sum_of_products"], sum(Fraction(t["product"]) for t in row["terms"]))
    assert near(row["sum_of_weights"], sum(Fraction(t["weight"]) for t in row["terms"]))


def recompute_confidence(traced: dict[str, Any], opinion: Any, share: dict[str, Fraction]) -> None:
    stated = traced["confidence"]
    z = NormalDist().inv_cdf(0.5 + stated["interval_probability"] / 2)
    assert near(stated["z"], z)
    heaviness: dict[str, Fraction] = {}
    for row in traced["rules"]:
        for c, w in row.get("weights", {}).items():
            heaviness[c] = heaviness.get(c, Fraction(0)) + share[row["rule"]] * Fraction(w) / Fraction(
                row["sum_of_weights"]
            )
    assert traced["criteria"].keys() == heaviness.keys()
    for criterion, exact in heaviness.items():
        assert near(traced["criteria"][criterion], exact)
    scores = {each["framework"]: each["score"] for each in traced["frameworks"] if each["outcome"] == "ranked"}
    assert stated["frameworks"].keys() == scores.keys()
    for name, row in stated["frameworks"].items():
        grades = {c: float(k) ** 2 * traced["grades"][name][c]["sd"] ** 2 for c, k in heaviness.items()}
        leans = {n: (stated["t"] * float(w) * (float(opinion[name, n]) - scores[name])) ** 2 for n, w in share.items()}
        assert all(near(row["of_grades"][c], v) for c, v in grades.items())
        assert all(near(row["of_weights"][n], v) for n, v in leans.items())
        assert near(row["variance"], sum(grades.values()) + sum(leans.values()))
        reach = z * row["variance"] ** 0.5
        assert near(row["interval"][0], max(0.0, scores[name] - reach))
        assert near(row["interval"][1], min(1.0, scores[name] + reach))


@QUIET
@given(recorded())
def test_a_reviewer_recomputes_every_number_from_the_trace_alone(made: Recorded) -> None:
    traced = trace(*made)
    for each in traced["roles"].values():
        if each["grades"]:
            recompute(each)
    assert traced["largest_residual"] < 1e-9


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_recomputes_and_its_trace_is_json(path: Any) -> None:
    traced = json.loads(json.dumps(trace(example(path), shipped()), allow_nan=False))
    for each in traced["roles"].values():
        recompute(each)
    assert traced["largest_residual"] < 1e-9


def test_a_recorded_value_that_does_not_add_up_shows() -> None:
    for change in (("score",), ("reasons", 0, "contribution"), ("reasons", 1, "opinion")):
        decision = json.loads(json.dumps(example(EXAMPLES[0])))
        at = decision["roles"]["training"]["ranking"][0]
        for step in change[:-1]:
            at = at[step]
        at[change[-1]] += 0.001
        assert 0.0009 < trace(decision, shipped())["largest_residual"] < 0.0011
    decision["roles"]["training"]["rules"][0]["share"] += 0.01
    assert trace(decision, shipped())["largest_residual"] > 0.009


# --- Rules -----------------------------------------------------------------------------------------------------------


@QUIET
@given(recorded())
def test_every_rule_is_told_and_what_it_said_is_true_of_the_answers(made: Recorded) -> None:
    decision, names = made
    traced = trace(decision, names)
    values = {q: tuple(v) if isinstance(v, list) else v for q, v in decision["answers"].items()}
    if decision["preferences"]:
        values["priorities"] = tuple(decision["preferences"]["weights"])
    for role, each in traced["roles"].items():
        compiled_role = names.release.roles[role]
        assert sorted(r["rule"] for r in each["rules"]) == sorted(r.id for r in compiled_role.rules)
        told = {r["rule"]: r for r in each["rules"]}
        for one in compiled_role.rules:
            holds = one.when is None or one.when.evaluate(values)
            row = told[one.id]
            if row["said"] == "spoke":
                assert holds is True
            elif row["said"] == "silent":
                assert holds is None
                assert row["waits_for"]
                assert all(values.get(q) is None for q in row["waits_for"])
            else:
                assert row["said"] == "did not apply"
                unnamed = one.rank_of is not None and one.rank_of not in values.get("priorities", ())
                assert holds is False or unnamed or not compiled_role.members
                assert ("nothing to weigh" in row["why"]) == (not compiled_role.members)
                assert row["rule"] in decision["roles"][role]["quiet_rules"] or not decision["roles"][role]["rules"]
            assert row["when"] == (one.when.text if one.when else None)
            if one.when:
                assert row["answers"] == {q: decision["answers"].get(q) for q in one.when.questions}


def test_why_a_rule_did_not_apply() -> None:
    rules = [
        rule("base", {"c": 1}),
        rule("off", {"c": 1}, strength=0.0),
        rule("ease", {"c": 1}, rank_of="ease"),
        rule("speed", {"c": 1}, rank_of="speed"),
        rule("away", {"c": 1}, "offline"),
        rule("few", {"c": 1}, "data_rows < 10"),
    ]
    source = document([alternative("a")], {"c": {"a": (3, 0.1)}}, rules)
    decision, names = record(source, {"offline": False, "priorities": ["cost", "speed"]})
    told = {r["rule"]: r for r in trace(decision, names)["roles"]["training"]["rules"]}
    assert told["off"]["why"] == "its strength is 0"
    assert told["ease"]["why"] == "ease is not among the priorities"
    assert told["away"]["why"] == "its condition is not true of the answers"
    assert told["few"]["said"] == "silent"
    assert told["few"]["waits_for"] == ["data_rows"]
    assert told["speed"]["priority"] == {
        "option": "speed",
        "name": "speed",
        "full_strength": 1.0,
        "weight": 0.25,
        "given_by": [{"name": "", "say": 1.0, "method": "ranked", "weight": 0.25}],
        "residual": 0.0,
    }


def test_where_no_rule_spoke_each_waits_or_does_not_apply() -> None:
    rules = [rule("few", {"c": 1}, "data_rows < 10"), rule("away", {"c": 1}, "offline")]
    source = document([alternative("a")], {"c": {"a": (3, 0.1)}}, rules)
    decision, names = record(source, {"offline": False})
    few, away = trace(decision, names)["roles"]["training"]["rules"]
    assert (few["rule"], few["said"], few["waits_for"]) == ("few", "silent", ["data_rows"])
    assert (away["rule"], away["said"], away["why"]) == (
        "away",
        "did not apply",
        "its condition is not true of the answers",
    )


def test_the_strength_of_a_priority_comes_from_what_each_stated() -> None:
    rules = [
        rule("base", {"c": 1}),
        rule("cost", {"c": 2}, rank_of="cost", strength=0.5),
        rule("s", {"c": 1}, rank_of="speed"),
    ]
    source = document([alternative("a")], {"c": {"a": (3, 0.1)}}, rules)
    decision, names = record(source, {}, stated=TWO_PEOPLE)
    traced = trace(decision, names)
    told = {r["rule"]: r for r in traced["roles"]["training"]["rules"]}
    cost = told["cost"]["priority"]
    # Ann ranks cost second of two: 1/4, with say 2; Bo gives it 1 point of 4, with say 1.
    assert cost["weight"] == pytest.approx((2 * 0.25 + 0.25) / 3)
    assert told["cost"]["strength"] == pytest.approx(0.5 * cost["weight"])
    assert [(p["name"], p["say"], p["method"], p["weight"]) for p in told["s"]["priority"]["given_by"]] == [
        ("Ann", 2.0, "ranked", 0.0),
        ("Bo", 1.0, "direct", 0.75),
    ]
    assert traced["preferences"]["stated"] == TWO_PEOPLE
    decision["preferences"]["weights"]["cost"] += 0.1
    assert trace(decision, names)["largest_residual"] > 0.04


# --- Gates -----------------------------------------------------------------------------------------------------------


@QUIET
@given(recorded())
def test_verdicts_on_every_gate_and_alternative_are_those_of_the_gates(made: Recorded) -> None:
    decision, names = made
    values = {q: tuple(v) if isinstance(v, list) else v for q, v in decision["answers"].items()}
    for role, each in trace(decision, names)["roles"].items():
        compiled_role = names.release.roles[role]
        ranked = {p["framework"] for p in decision["roles"][role]["ranking"]}
        assert [g["gate"] for g in each["gates"]] == [g.id for g in compiled_role.gates]
        concerned = {True: "yes", False: "no", None: "waits for an answer"}
        for row, one in zip(each["gates"], compiled_role.gates, strict=True):
            assert row["requires"] == one.requires.text
            assert row["applies"] == concerned[gates.applies(one, values)]
            all_of_them = {*compiled_role.members, *compiled_role.others}
            assert set(row["alternatives"]) == (all_of_them if row["applies"] != "no" else set())
            assert all(values.get(q) is None for q in row["waits_for"])
            for name, told in row["alternatives"].items():
                met = gates.meets(one, values, names.release.alternatives[name])
                passed = met if row["applies"] == "yes" else met or None
                if told["verdict"] == "excluded":
                    assert (passed, one.excludes, row["applies"]) == (False, True, "yes")
                elif told["verdict"] == "caution":
                    assert (passed, one.excludes, row["applies"]) == (False, False, "yes")
                elif told["verdict"] == "unverified":
                    assert passed is None
                    assert told["unknown"]
                elif told["verdict"] == "passed":
                    assert (passed, name in ranked, row["applies"]) == (True, True, "yes")
                elif told["verdict"] == "not asked":
                    assert row["waits_for"]
                else:
                    assert told["verdict"] == "not stopped"
                    assert passed is not False or not one.excludes
                    assert row["waits_for"] or name not in ranked
                assert told["found"] or not one.requires.facts


def test_a_gate_tells_its_condition_the_answers_and_what_was_found() -> None:
    facts = [alternative("a", run__android=1), alternative("b", run__android=3), alternative("c")]
    grades = {"c": {"a": (3, 0.1), "b": (2, 0.1), "c": (1, 0.1)}}
    guard = gate("phones", "alt.run.android >= 2", '"android" in deploy_targets', evidence=["e1"])
    silent = gate("soon", "alt.run.android >= 3", "offline")
    quiet = gate("never", "alt.run.android >= 3", "data_rows > 100")
    rows = gate("rows", "data_rows <= alt.rows.max or team_size > 3")
    decision, names = record(
        document(
            [*facts, alternative("d", graded=False)], grades, [rule("base", {"c": 1})], [guard, silent, quiet, rows]
        ),
        {"deploy_targets": ["android"], "data_rows": 10},
    )
    phones, soon, never, waiting = trace(decision, names)["roles"]["training"]["gates"]
    assert phones["when"] == '"android" in deploy_targets'
    assert phones["answers"] == {"deploy_targets": ["android"]}
    assert phones["applies"] == "yes"
    assert phones["alternatives"].pop("d")["verdict"] == "not stopped"
    assert {n: (v["verdict"], v["found"]) for n, v in phones["alternatives"].items()} == {
        "a": ("excluded", "Runs on Android: level 1 (third-party, experimental or frozen)"),
        "b": ("passed", "Runs on Android: level 3 (first-class)"),
        "c": ("unverified", "Runs on Android: unknown"),
    }
    assert phones["alternatives"]["c"]["unknown"] == ["alt.run.android"]
    assert (soon["applies"], soon["waits_for"]) == ("waits for an answer", ["offline"])
    assert {v["verdict"] for v in soon["alternatives"].values()} == {"not asked"}
    assert (never["applies"], never["waits_for"], never["alternatives"]) == ("no", [], {})
    assert (waiting["applies"], waiting["waits_for"]) == ("yes", ["team_size"])
    assert {v["verdict"] for v in waiting["alternatives"].values()} == {"not stopped"}


def test_a_waived_gate_is_told_with_its_waiver_and_the_policy_must_be_that_of_the_decision() -> None:
    source, policy = waived()
    decision, names = record(under(source, policy), {})
    traced = trace(decision, names)
    (row,) = traced["roles"]["training"]["gates"]
    assert row["alternatives"]["a"]["verdict"] == "waived"
    assert row["alternatives"]["a"]["waiver"]["expires"] == "2027-03-31"
    assert row["alternatives"]["b"]["verdict"] == "excluded"
    assert traced["policy"]["layers"][0]["name"] == "acme"
    assert {r["layer"] for r in traced["roles"]["training"]["rules"]} == {"shipped+acme"}
    plain = names_of(compiled(source), source)
    with pytest.raises(InvalidInput) as wrong:
        trace(decision, plain)
    assert [f.path for f in wrong.value.faults] == ["policy"]


def test_the_draws_reliefs_and_views_of_a_decision_are_in_its_trace() -> None:
    facts = [alternative("a", has__kernels=False), alternative("b", has__kernels=True)]
    source = document(
        facts,
        {"c": {"a": (3, 0.5), "b": (2.9, 0.5)}},
        [rule("base", {"c": 1})],
        [gate("g", "alt.has.kernels", "offline")],
    )
    decision, names = record(source, {"offline": False}, stated=TWO_PEOPLE, draws=100)
    traced = trace(decision, names)
    assert traced["draws"]["count"] == 100
    assert traced["roles"]["training"]["acceptability"]["a"]["wins"]["b"] > 0.4
    assert {v["name"] for v in traced["roles"]["training"]["disagreement"]["views"]} == {"Ann", "Bo"}
    assert traced["roles"]["training"]["confidence"]["tie_below_win_probability"] == 0.75
    source["alternatives"][1]["facts"]["alt.has.kernels"] = False
    decision, names = record(source, {"offline": True})
    (only,) = trace(decision, names)["roles"]["training"]["reliefs"]["sets"]
    assert only == {"withdraw": [{"question": "offline", "option": None}], "lets_in": ["a", "b"]}


# --- Grades and evidence ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_grade_is_its_prior_and_what_its_evidence_adds(path: Any) -> None:
    traced = trace(example(path), shipped())
    seen = 0
    for cell in cells(traced):
        if cell["from"] == "evidence":
            total = cell["prior"] + sum(i["levels"] for i in cell["influences"])
            assert isclose(total, cell["level"], abs_tol=1e-9)
            assert isclose(cell["grade"], cell["level"] / 4, abs_tol=1e-9)
            assert isclose(cell["sd"], cell["level_sd"] / 4, abs_tol=1e-9)
            for piece in cell["influences"]:
                cited = traced["evidence"][piece["evidence"]]
                assert cited["as_of"]
                assert cited["verdict"]
                assert cited["source"]["title"]
                assert cited["source"]["publisher"]
            seen += len(cell["influences"])
        elif cell["from"] == "nearness":
            assert cell["grade"] == max(cell["nearness"].values(), default=0.0)
    assert seen > 100
    for each in traced["roles"].values():
        for row in each["rules"]:
            assert set(row["evidence"]) <= traced["evidence"].keys()


def cells(traced: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in traced["roles"].values():
        for row in each["grades"].values():
            yield from row.values()


def test_a_grade_from_the_ways_open_to_the_project_says_so() -> None:
    found = [cell for path in EXAMPLES for cell in cells(trace(example(path), shipped()))]
    narrowed = [cell for cell in found if cell["from"].startswith("the ways")]
    assert narrowed
    assert all(isclose(cell["level"], cell["grade"] * 4) for cell in narrowed)
    assert all(cell["support"] != cell["support_in_release"] for cell in narrowed)


def test_gates_on_ways_find_what_is_open_to_the_project() -> None:
    """Whoever passes has at least the level that the gate needs, and grade and gate speak of the same ways."""
    narrower = 0
    for path in EXAMPLES:
        for row in trace(example(path), shipped())["roles"].get("training", {"gates": ()})["gates"]:
            if row["applies"] == "yes" and row["gate"].startswith("reach-"):
                fact, least = row["requires"].split(" >= ")
                for name, each in row["alternatives"].items():
                    level = each["found"].partition(": level ")[2][:1]
                    stopped = bool(level) and level < least
                    assert stopped == (each["verdict"] in ("excluded", "caution", "waived"))
                    narrower += bool(level) and int(level) != shipped().release.alternatives[name].facts.get(fact)
    assert narrower


def test_covariances_of_ranked_grades_are_shown() -> None:
    members = [alternative(name) for name in "abc"]
    grades = {"c": {"a": (3, 0.4), "b": (2, 0.4), "c": (1, 0.4)}}
    tied = {"c": [["a", "b", 0.08], ["b", "c", 0.04]]}
    decision, names = record(document(members, grades, [rule("base", {"c": 1})], grade_covariance=tied), {})
    found = trace(decision, names)["roles"]["training"]["confidence"]["covariances"]
    assert found == {"c": [["a", "b", pytest.approx(0.005)], ["b", "c", pytest.approx(0.0025)]]}


def test_a_decision_from_another_release_is_refused(shipped_release: Release) -> None:
    source = document([alternative("a")], {"c": {"a": (3, 0.1)}}, [rule("base", {"c": 1})])
    decision = decide(compiled(source), {}).document()
    with pytest.raises(InvalidInput) as wrong:
        trace(decision, shipped())
    assert decision["release"]["id"] in str(wrong.value)
    assert shipped_release.id == shipped().release.id
