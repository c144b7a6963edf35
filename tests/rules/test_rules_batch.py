"""Many projects at once come to what each of them comes to alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import batch, engine, requirements
from rules.conditions.columns import Sheet
from rules.decision import Decision
from rules.hardware import Device, Profile, answers_from, facts
from rules.release import Release, compile_release
from rules.requirements import parse
from tests.conftest import PROFILE
from tests.rules.builders import (
    PRIORITIES,
    alternative,
    document,
    gate,
    question,
    rule,
    whole_answers,
    whole_documents,
)
from tests.rules.test_rules_changes import random_answers

QUIET = settings(max_examples=120, deadline=None, database=None)
ROLES = ("training", "runtime")
MACHINES = (
    None,
    PROFILE,
    replace(PROFILE, os="wsl2", cpu_features=(), memory_limit_bytes=4 * 2**30),
    replace(PROFILE, devices=(Device("amd_gpu", "Other", 16 * 2**30, None, None, None, "yes", "yes", "yes"),)),
    replace(PROFILE, os="macos", arch="aarch64", devices=()),
)


def values_of(asked: requirements.Requirements, profile: Profile | None) -> dict[str, object]:
    """What the engine decides from: the answers, what a machine fills in, and its facts."""
    if profile is None:
        return dict(asked.values)
    filled = {q: tuple(a) if isinstance(a, list) else a for q, a in answers_from(profile).items()}
    return {**filled, **asked.values, **{f"hardware.{name}": fact for name, fact in facts(profile).items()}}


def assert_alike(release: Release, board: batch.Board, row: int, decision: Decision, role: str) -> None:
    compiled, result = release.roles[role], decision.roles[role]
    candidates = (*compiled.members, *compiled.others)
    out = {e.framework for e in result.excluded if e.gate != "no-rule-speaks"}
    assert {c for c, is_open in zip(candidates, board.open[row].tolist(), strict=True) if not is_open} == out
    if compiled.members:
        spoken = {r.rule: r.strength for r in result.rules}
        strength = zip(compiled.rules, board.strength[row].tolist(), strict=True)
        assert {rule.id: said for rule, said in strength if said} == pytest.approx(spoken, abs=1e-15)
    scores = {p.framework: p.score for p in result.ranking}
    found = dict(zip(compiled.members, board.score[row].tolist(), strict=True))
    assert {member: found[member] for member in scores} == pytest.approx(scores, abs=1e-12)
    first = int(board.first()[row])
    assert (compiled.members[first] if first >= 0 else None) == (
        result.ranking[0].framework if result.ranking else None
    )


def assert_boards(
    release: Release, asked: Sequence[tuple[Mapping[str, object], Profile | None]], *, what_if: bool = True
) -> None:
    parsed = [(parse(answers, release.questionnaire), profile) for answers, profile in asked]
    sheet = batch.varied(release, {}, [values_of(*each) for each in parsed])
    decisions = [engine.decide(release, *each, ROLES, what_if=what_if) for each in parsed]
    for role in reversed(ROLES):
        board = batch.board(release, role, sheet)
        for row, decision in enumerate(decisions):
            assert_alike(release, board, row, decision, role)


@QUIET
@given(whole_documents(), st.lists(st.tuples(whole_answers(), st.sampled_from(MACHINES)), min_size=1, max_size=5))
def test_a_board_says_what_decisions_say(source: dict[str, Any], asked: list[tuple[dict[str, object], Any]]) -> None:
    assert_boards(compile_release(source), asked)


def test_a_board_of_the_shipped_release_says_what_its_decisions_say(shipped_release: Release) -> None:
    shuffle = Random(20261121)  # noqa: S311
    asked = [(random_answers(shipped_release, shuffle), shuffle.choice(MACHINES)) for _ in range(300)]
    assert_boards(shipped_release, asked, what_if=False)


# --- Rows ------------------------------------------------------------------------------------------------------------


def test_a_variant_changes_its_own_row_and_what_is_taken_back_is_offered_again(small_release: Release) -> None:
    values: dict[str, object] = {"deploy_targets": ("android",), "train_hardware": ("tpu",), "train_os": ("linux",)}
    offered: dict[str, object] = {"train_hardware": ("cpu", "nvidia_gpu")}
    variants: list[dict[str, object]] = [
        {},
        {"train_hardware": None},
        {"train_os": None},
        {"deploy_targets": ("browser",), "python_version": "3.12"},
    ]
    sheet = batch.varied(small_release, values, variants, offered)
    held = {name: sheet.columns[name] for name in ("deploy_targets", "train_hardware", "train_os")}
    assert held["deploy_targets"].holds("android").tolist() == [True, True, True, False]  # type: ignore[union-attr]
    assert held["deploy_targets"].holds("browser").tolist() == [False, False, False, True]  # type: ignore[union-attr]
    assert held["train_hardware"].holds("nvidia_gpu").tolist() == [False, True, False, False]  # type: ignore[union-attr]
    assert held["train_hardware"].holds("tpu").tolist() == [True, False, True, True]  # type: ignore[union-attr]
    assert held["train_os"].known.tolist() == [True, True, False, True]  # type: ignore[union-attr]


def test_no_rows_no_members_no_rules_and_no_gates_are_no_crash() -> None:
    small = {"c": {"x": (1.0, 0.1)}}
    full = document([alternative("x")], small, [rule("r", {"c": 1})], [gate("g", "alt.run.android >= data_rows")])
    bare = document([alternative("x")], small, [], questions=[question("need", "many", ["train"])], affinity={})
    nobody = document([], {"c": {}}, [rule("r", {"c": 1})])
    listed = document([alternative("y", graded=False)], {"c": {}}, [], [gate("graded", "alt.graded")])
    for source in (full, bare, nobody, listed, {**full, "rules": []}):
        release = compile_release(source)
        for rows in (0, 3):
            for role in release.roles:
                board = batch.board(release, role, batch.varied(release, {}, [{}] * rows))
                compiled = release.roles[role]
                members, others = len(compiled.members), len(compiled.others)
                assert board.score.shape == (rows, members)
                assert board.open.shape == (rows, members + others)
                assert board.strength.shape == (rows, len(compiled.rules))
                speaks = bool(compiled.rules and members)
                assert board.first().tolist() == [0 if speaks else -1] * rows
    assert not batch.board(compile_release(listed), "training", Sheet(2, {})).open.any()


def test_more_candidates_than_a_word_has_bits() -> None:
    names = [f"m{i:03d}" for i in range(150)]
    chance = Random(5)  # noqa: S311
    members = [alternative(n, rows__max=chance.choice([1, 5, 9]), graded=chance.random() < 0.9) for n in names]
    grades = {"c": {n: (chance.randrange(400) / 100, 0.1) for n in names}}
    source = document(members, grades, [rule("base", {"c": 1})], [gate("rows", "data_rows <= alt.rows.max")])
    asked = [({"data_rows": rows}, None) for rows in (0, 1, 4, 7, 20)]
    assert_boards(compile_release(source), asked, what_if=False)


def test_what_is_stated_of_priorities_weighs_where_they_are_ranked_so_and_centroids_elsewhere() -> None:
    grades = {"c": {"x": (1.0, 0.1)}}
    rules = [rule("base", {"c": 1}), *(rule(p, {"c": 1}, rank_of=p, strength=0.5) for p in PRIORITIES)]
    release = compile_release(document([alternative("x")], grades, rules))
    rankings: list[Any] = [("ease", "speed"), ("speed", "ease"), ("ease",), None, ("ease", "speed", "cost")]
    sheet = batch.varied(release, {}, [{"priorities": ranked} for ranked in rankings])
    board = batch.board(release, "training", sheet, {"ease": 0.9, "speed": 0.1})
    by_rule = dict(zip([r.id for r in release.roles["training"].rules], board.strength.T.tolist(), strict=True))
    assert by_rule["ease"] == pytest.approx([0.45, 0.125, 0.5, 0, 11 / 36])
    assert by_rule["speed"] == pytest.approx([0.05, 0.375, 0, 0, 5 / 36])
    assert by_rule["accuracy"] == [0] * 5
    assert by_rule["base"] == [1] * 5


def test_equals_go_by_name_and_the_excluded_never_come_first() -> None:
    names = ("b", "a", "c", "d")
    grades = {"c": {"a": (2.0, 0.1), "b": (2.0, 0.1), "c": (2.0 + 1e-13, 0.1), "d": (4.0, 0.1)}}
    out = gate("out", 'alt.id != "d" and (alt.id != "a" or offline)')
    release = compile_release(document([alternative(n) for n in names], grades, [rule("base", {"c": 1})], [out]))
    sheet = batch.varied(release, {}, [{"offline": True}, {"offline": False}, {}])
    assert batch.board(release, "training", sheet).first().tolist() == [0, 1, 0]


def _threads(release: Release, shuffle: Random) -> Iterator[tuple[Sheet, list[int]]]:
    for _ in range(12):
        values = [parse(random_answers(release, shuffle), release.questionnaire).values for _ in range(4)]
        sheet = batch.varied(release, {}, values)
        yield sheet, batch.board(release, "training", batch.varied(release, {}, values)).first().tolist()


def test_a_plan_serves_several_threads(small_release: Release) -> None:
    from concurrent.futures import ThreadPoolExecutor

    work = list(_threads(small_release, Random(3)))  # noqa: S311
    batch.plan.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        boards = pool.map(lambda each: batch.board(small_release, "training", each[0]).first().tolist(), work)
        assert list(boards) == [expected for _, expected in work]


def test_a_sheet_says_the_same_when_it_is_asked_again(small_release: Release) -> None:
    values = [{"deploy_targets": ("android",)}, {"train_os": ("windows",)}, {}]
    sheet = batch.varied(small_release, {}, values)
    first = batch.board(small_release, "training", sheet)
    batch.board(small_release, "runtime", sheet)
    again = batch.board(small_release, "training", sheet)
    assert np.array_equal(first.open, again.open)
    assert np.array_equal(first.score, again.score)
