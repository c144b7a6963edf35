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
from rules.compiled import Release
from rules.faults import InvalidInput
from rules.tracing import trace
from tests.rules.builders import alternative, compiled, decide, document, gate, rule
from tests.rules.recorded import EXAMPLES, Recorded, example, record, recorded, shipped

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
            elif row["said"] == "did not apply":
                assert holds is False or one.rank_of not in values.get("priorities", ())
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
        "full_strength": 1.0,
        "place": 2,
        "of": 2,
        "centroid_weight": 0.25,
    }


def test_where_no_rule_spoke_the_silent_ones_are_not_called_inapplicable() -> None:
    source = document([alternative("a")], {"c": {"a": (3, 0.1)}}, [rule("few", {"c": 1}, "data_rows < 10")])
    decision, names = record(source, {})
    assert [r["said"] for r in trace(decision, names)["roles"]["training"]["rules"]] == ["not recorded"]


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
        for row, one in zip(each["gates"], compiled_role.gates, strict=True):
            assert row["requires"] == one.requires.text
            assert set(row["alternatives"]) == {*compiled_role.members, *compiled_role.others}
            for name, told in row["alternatives"].items():
                passed = gates.verdict(one, values, names.release.alternatives[name])
                if told["verdict"] == "excluded":
                    assert (passed, one.excludes, row["applies"]) == (False, True, "yes")
                elif told["verdict"] == "caution":
                    assert (passed, one.excludes, row["applies"]) == (False, False, "yes")
                elif told["verdict"] == "unverified":
                    assert passed is None
                    assert told["unknown"]
                elif one.excludes or name in ranked:
                    assert passed is not False
                assert told["found"] or not one.requires.facts


def test_a_gate_tells_its_condition_the_answers_and_what_was_found() -> None:
    facts = [alternative("a", run__android=1), alternative("b", run__android=3), alternative("c")]
    grades = {"c": {"a": (3, 0.1), "b": (2, 0.1), "c": (1, 0.1)}}
    guard = gate("phones", "alt.run.android >= 2", '"android" in deploy_targets', evidence=["e1"])
    silent = gate("soon", "alt.run.android >= 3", "offline")
    decision, names = record(
        document(facts, grades, [rule("base", {"c": 1})], [guard, silent]), {"deploy_targets": ["android"]}
    )
    phones, soon = trace(decision, names)["roles"]["training"]["gates"]
    assert phones["when"] == '"android" in deploy_targets'
    assert phones["answers"] == {"deploy_targets": ["android"]}
    assert phones["applies"] == "yes"
    assert {n: (v["verdict"], v["found"]) for n, v in phones["alternatives"].items()} == {
        "a": ("excluded", "Runs on Android: level 1 (third-party, experimental or frozen)"),
        "b": ("not stopped", "Runs on Android: level 3 (first-class)"),
        "c": ("unverified", "Runs on Android: unknown"),
    }
    assert phones["alternatives"]["c"]["unknown"] == ["alt.run.android"]
    assert soon["applies"] == "not recorded"


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
