"""Many projects at once come, field by field, to what each of them comes to alone."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import cases, pack, release
from portfolio import scoring
from rules import policy, sampling
from rules.conditions.columns import Sheet
from rules.hardware import Profile
from rules.release import Release, compile_release
from rules.requirements import parse
from tests.portfolio.projects import assert_alike, sheet_of
from tests.rules.builders import (
    PRIORITIES,
    alternative,
    document,
    documents,
    gate,
    rule,
    whole_answers,
    whole_documents,
)
from tests.rules.builders import answers as some_answers
from tests.rules.test_rules_batch import MACHINES
from tests.rules.test_rules_changes import random_answers

GOLDEN = Path(__file__).parents[1] / "golden"
QUIET = settings(max_examples=80, deadline=None, database=None)
EVERYTHING = scoring.Options(top=4, scores=True)


def assert_scored(
    release: Release,
    answers: Sequence[dict[str, Any]],
    profile: Profile | None = None,
    options: scoring.Options = EVERYTHING,
) -> scoring.Scored:
    asked = [parse(each, release.questionnaire) for each in answers]
    ready = scoring.ready(release, scoring.given_by(release, profile), options)
    sheet = sheet_of(release, asked)
    found = scoring.score(ready, sheet, compiled=False)
    assert_alike(release, found, asked, profile)
    assert_same(found, scoring.score(ready, sheet, compiled=True))
    return found


FIELDS = ("called", "order", "score", "confidence", "margin", "tied", "reasons", "gate", "board")


def assert_same(one: scoring.Scored, other: scoring.Scored) -> None:
    """The two engines say the same to the last bit."""
    for role, found in one.roles.items():
        called = found.called
        for name in FIELDS:
            by_one, by_other = getattr(found, name), getattr(other.roles[role], name)
            assert (by_one is None) == (by_other is None)
            assert by_one is None or np.array_equal(
                by_one[called], by_other[called], equal_nan=by_one.dtype.kind == "f"
            )
    ways = [[each.stack.texts[c] if c >= 0 else "" for c in each.stack.code] for each in (one, other)]
    assert ways[0] == ways[1]


def test_both_engines_over_many_rows(shipped_release: Release) -> None:
    sheet = sampling.draw(shipped_release, 3000, "engines").sheet
    for profile in MACHINES[:2]:
        ready = scoring.ready(shipped_release, scoring.given_by(shipped_release, profile), EVERYTHING)
        assert_same(scoring.score(ready, sheet, compiled=False), scoring.score(ready, sheet))


@QUIET
@given(whole_documents(), st.lists(whole_answers(), min_size=1, max_size=4), st.sampled_from(MACHINES))
def test_made_up_releases(source: dict[str, Any], answers: list[dict[str, Any]], profile: Profile | None) -> None:
    assert_scored(compile_release(source), answers, profile)


@QUIET
@given(documents(gates=True), st.lists(some_answers(), min_size=1, max_size=4))
def test_made_up_roles_with_ties(source: dict[str, Any], answers: list[dict[str, Any]]) -> None:
    assert_scored(compile_release(source), answers, options=scoring.Options(top=1))


def test_the_shipped_cases(shipped_release: Release) -> None:
    every = cases.load(GOLDEN)
    found = assert_scored(shipped_release, [case.answers for case in every])
    assert found.rows == len(every) >= 60


@pytest.mark.parametrize("machine", range(len(MACHINES)))
def test_the_shipped_release(shipped_release: Release, machine: int) -> None:
    shuffle = Random(f"portfolio {machine}")  # noqa: S311
    thorough = [random_answers(shipped_release, shuffle) for _ in range(15)]
    drawn = sampling.draw(shipped_release, 15, f"portfolio {machine}")
    assert_scored(shipped_release, [*thorough, *map(drawn.answers, range(15))], MACHINES[machine])


def test_a_house_policy(small_pack_folder: Path) -> None:
    below = release.build(pack.load(small_pack_folder))
    names = [each["id"] for each in below["alternatives"] if each["graded"] and "training" in each["roles"]]
    barred = {
        "id": "house-open",
        "effect": "exclude",
        "roles": ["training", "runtime"],
        "when": None,
        "requires": f'alt.id != "{names[0]}"',
        "text": "{name} is barred",
        "argument": "For tests.",
        "examples": {"stops": [{"alternative": names[0]}], "passes": [{"alternative": names[1]}]},
    }
    factors = [{"rule": each["id"], "factor": 3.7, "argument": "For tests."} for each in below["rules"][::3]]
    excluding = next(each["id"] for each in below["gates"] if each["effect"] == "exclude")
    waived = [
        {"gate": excluding, "alternative": name, "owner": "A", "reason": "B.", "expires": "2027-01-01"}
        for name in names
    ]
    ours = {"name": "acme", "owner": "Board", "summary": "For tests.", "gates": [barred], "waivers": waived}
    layered = compile_release(policy.apply(below, [ours | {"weights": factors}], "2026-11-21"))
    drawn = sampling.draw(layered, 60, "house")
    found = assert_scored(layered, [drawn.answers(row) for row in range(60)]).roles["training"]
    role = layered.roles["training"]
    assert {role.gates[g].id for g in found.gate[:, role.members.index(names[0])]} >= {"house-open"}


# --- The edges -------------------------------------------------------------------------------------------------------


def test_no_rows_no_members_and_no_rule_that_speaks() -> None:
    small = {"c": {"x": (1.0, 0.1), "y": (1.0, 0.1)}}
    members = [alternative("x"), alternative("y"), alternative("z", graded=False)]
    barred = gate("barred", 'alt.id != "x"')
    silent = document(members, small, [rule("r", {"c": 1}, "offline")], [barred])
    for source in (silent, document([], {"c": {}}, [rule("r", {"c": 1})]), document(members, small, [])):
        assert_scored(compile_release(source), [{}, {"offline": True}, {"offline": False}])
        assert scoring.score(scoring.ready(compile_release(source), {}), Sheet(0, {})).rows == 0
    nothing = assert_scored(compile_release(silent), [{}]).roles["training"]
    assert nothing.gate.tolist() == [[0, 1, -1]]  # the second is stopped by nothing, but no rule speaks for it
    assert np.isnan(nothing.confidence).all()


def test_equals_go_by_name_and_stay_tied() -> None:
    grades = {"c": {"a": (2.0, 0.1), "b": (2.0, 0.1), "d": (2.0 + 1e-13, 0.1), "e": (1.99, 0.1), "f": (0.0, 0.1)}}
    compiled = compile_release(document([alternative(n) for n in "bafed"], grades, [rule("base", {"c": 1})]))
    found = assert_scored(compiled, [{}]).roles["training"]
    assert found.order.tolist() == [[0, 1, 2, 3]]
    assert found.confidence.tolist() == [0.5]
    assert found.tied.tolist() == [[False, True, True, True, False]]


def test_reasons_are_what_helps_and_where_nothing_helps_what_hurts() -> None:
    grades = {"c": {"x": (1.0, 0.1), "y": (4.0, 0.1)}, "d": {"x": (4.0, 0.1), "y": (1.0, 0.1)}}
    rules = [rule("c", {"c": 1}), rule("d", {"d": 3}), rule("b", {"d": 3}), *(rule(p, {"d": 1}) for p in PRIORITIES)]
    compiled = compile_release(document([alternative("x"), alternative("y")], grades, rules))
    role = compiled.roles["training"]
    found = assert_scored(compiled, [{}]).roles["training"]
    assert [role.rules[r].id for r in found.reasons[0]] == ["b", "d", "accuracy"]
    alone = compile_release(document([alternative("x")], {"c": {"x": (1.0, 0.1)}}, [rule("c", {"c": 1})]))
    assert assert_scored(alone, [{}]).roles["training"].reasons.tolist() == [[0, -1, -1]]


def test_what_is_given_fills_only_what_a_row_leaves_open(small_release: Release) -> None:
    given = {"train_hardware": ("cpu", "nvidia_gpu", "strange"), "python_version": "3.12", "data_rows": 5.0}
    told: list[dict[str, Any]] = [{}, {"train_hardware": ["tpu"]}, {"python_version": "3.10", "data_rows": 1000000.0}]
    ready = scoring.ready(small_release, given)
    own = sheet_of(small_release, [parse(each, small_release.questionnaire) for each in told])
    filled = scoring.score(ready, own)
    whole = [parse({**_without_strange(given), **each}, small_release.questionnaire) for each in told]
    by_hand = scoring.score(scoring.ready(small_release, {}), sheet_of(small_release, whole))
    for role, found in filled.roles.items():
        assert np.array_equal(found.order, by_hand.roles[role].order)
        assert np.array_equal(found.gate, by_hand.roles[role].gate)
    assert "hardware.os" not in own.columns


def _without_strange(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "train_hardware": [option for option in given["train_hardware"] if option != "strange"]}


def test_rows_come_to_the_same_in_any_company(shipped_release: Release) -> None:
    sheet = sampling.draw(shipped_release, 300, "company").sheet
    ready = scoring.ready(shipped_release, {}, EVERYTHING)
    whole = scoring.score(ready, sheet)
    some = np.array([299, 7, 8, 120])
    part = scoring.score(ready, Sheet(len(some), {name: column.take(some) for name, column in sheet.columns.items()}))
    for role, found in part.roles.items():
        for name in FIELDS:
            assert np.array_equal(getattr(found, name), getattr(whole.roles[role], name)[some], equal_nan=True), name


def test_a_ranking_without_places_is_refused(small_release: Release) -> None:
    with pytest.raises(ValueError, match="at least one place"):
        scoring.ready(small_release, {}, scoring.Options(top=0))
