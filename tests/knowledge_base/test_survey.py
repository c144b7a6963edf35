"""Advice on rules that are sound and yet do little: each kind found where it is planted, and counted as by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import contests, pack, survey
from knowledge_base import release as building
from knowledge_base.survey import Advice
from rules import batch, sampling
from rules.release import Release, compile_release
from tests.knowledge_base.conftest import Plant
from tests.rules.builders import alternative, compiled, document, gate, rule

RULES, GATES = "rules/all.yaml", "gates/all.yaml"


def a_rule(name: str, when: str, weights: str, fires: str) -> str:
    return (
        f"- {{id: {name}, text: A rule, roles: [training], weights: {weights}, argument: Tests., evidence: [],"
        f" when: '{when}', examples: {{fires: [{fires}], silent: [{{}}]}}}}\n"
    )


def advice(folder: Path, projects: int = 4000) -> list[Advice]:
    loaded = pack.load(folder)
    made = building.build(loaded)
    return survey.advice(loaded, made, compile_release(made), projects)


def told(found: list[Advice], name: str) -> dict[str, Advice]:
    return {each.kind: each for each in found if each.id == name}


PLANTED = (
    a_rule("rare", "team_size == 12345 and offline and regulated and artifact_mb == 3.5", "{debugging: 1}",
           "{team_size: 12345, offline: true, regulated: true, artifact_mb: 3.5}")
    + a_rule("twice", 'team_experience == "beginner"', "{ease_of_use: 8, footprint: 3}",
             "{team_experience: beginner}")
    + a_rule("light", "offline", "{debugging: 0.001}", "{offline: true}")
    + a_rule("other-time", 'team_experience == "expert"', "{ease_of_use: 4, footprint: 1}", "{team_experience: expert}")
)  # fmt: skip
COVERED = (
    "- {id: covering, effect: exclude, roles: [training], text: A gate, argument: Tests.,\n"
    "   when: regulated, requires: 'alt.python.max >= \"3.14\"',\n"
    "   examples: {stops: [{alternative: tensorflow, answers: {regulated: true}}], passes: [{alternative: pytorch}]}}\n"
    "- {id: covered, effect: exclude, roles: [training], text: A gate, argument: Tests.,\n"
    "   when: regulated, requires: 'alt.id != \"tensorflow\"',\n"
    "   examples: {stops: [{alternative: tensorflow, answers: {regulated: true}}], passes: [{alternative: jax}]}}\n"
    "- {id: apart, effect: exclude, roles: [training], text: A gate, argument: Tests.,\n"
    "   when: offline, requires: 'alt.id != \"tensorflow\"',\n"
    "   examples: {stops: [{alternative: tensorflow, answers: {offline: true}}], passes: [{alternative: jax}]}}\n"
    "- {id: nothing-passes, effect: caution, roles: [training], text: A gate, argument: Tests.,\n"
    "   when: offline, requires: 'alt.run.server_cpu > 2 and alt.lifecycle == \"maintenance\"',\n"
    "   examples: {stops: [{alternative: jax, answers: {offline: true}}], passes: [{alternative: jax}]}}\n"
)


UNCHANGING = {"light", "footprint", "small-team"}  # the last is counted twice: without it there is still the other


@pytest.fixture
def planted(plant: Plant) -> list[Advice]:
    return advice(plant({RULES: PLANTED, GATES: COVERED}))


def test_what_does_little_is_told_with_its_place(planted: list[Advice]) -> None:
    assert "fires in none of 4000" in told(planted, "rare")["silent"].text
    assert set(told(planted, "light")) == {"changes-no-winner"}
    assert "changes the first place in none" in told(planted, "light")["changes-no-winner"].text
    assert "nothing is known of any member" in told(planted, "footprint")["separates-nothing"].text
    assert "'archived' in 100%" in told(planted, "caffe")["never-first"].text
    assert "train-nvidia-linux" in told(planted, "train-nvidia-{os}")["stops-nothing-on-file"].text
    assert "'covering'" in told(planted, "covered")["covered-on-file"].text
    assert {each.id for each in planted if each.kind == "covered-on-file"} == {"covered"}
    assert {each.id for each in planted if each.kind == "changes-no-winner"} == UNCHANGING
    assert set(told(planted, "nothing-passes")) == {"stops-all-on-file"}
    for each in planted:
        file, line, column = each.path.split(":")
        assert file.endswith(".yaml")
        assert int(line) * int(column) > 0


def test_rules_that_say_the_same_together_are_told_with_a_project(planted: list[Advice]) -> None:
    twice = told(planted, "twice")["counted-twice"]
    assert "'small-team'" in twice.text
    assert "100%" in twice.text
    assert twice.answers == {"team_experience": "beginner"}
    assert not told(planted, "other-time").get("counted-twice")  # the same weights, never at once


def test_the_same_pack_gives_the_same_advice(plant: Plant) -> None:
    folder = plant({RULES: PLANTED, GATES: COVERED})
    assert advice(folder, 2000) == advice(folder, 2000)


# --- Who would come first, by hand -----------------------------------------------------------------------------------

GRADES: Mapping[str, Any] = {
    "x": {"a": (4.0, 0.5), "b": (1.0, 0.5), "c": (2.0, 0.5), "d": (2.0, 0.1)},
    "y": {"a": (0.0, 1.0), "b": (4.0, 1.0), "c": (3.0, 0.1), "d": (2.5, 0.1)},
    "z": {"a": (2.0, 1.0), "b": (1.5, 1.0), "c": (2.0, 0.1), "d": (1.0, 0.1)},
}
SAID = [
    rule("base", {"x": 1, "y": 1, "z": 0.5}),
    rule("rows", {"y": 2, "z": 1}, "data_rows > 10"),
    rule("known", {"near": 3}, "answered(known_frameworks)"),
    rule("offline", {"x": 3}, "offline", strength=0.5),
    rule("speed", {"x": 1, "y": 3}, rank_of="speed"),
    rule("phone", {"reach": 2, "x": 0.25}, '"android" in deploy_targets'),
]


def a_release(rules: list[dict[str, Any]], grades: Mapping[str, Any] = GRADES) -> Release:
    levels = {"a": 0, "b": 1, "c": 3, "d": 2}
    members = [
        alternative(m, run__android=level, rows__max=40 * level, path__android=level) for m, level in levels.items()
    ]
    gates = [gate("android", "alt.path.android >= 1", '"android" in deploy_targets', roles=["training"]),
             gate("rows", "data_rows <= alt.rows.max", "not offline")]  # fmt: skip
    reach = {m: ([0.0, 1.0, 3.0, 4.0][level], 0.2) for m, level in levels.items()}
    return compiled(
        document(
            members, {**grades, "reach": reach}, rules, gates,
            affinity={"near": "known_frameworks"},
            derived={"reach": {"capability": "path.android", "values": [0, 1, 3, 4]}},
            kin=[{"a": "a", "b": "d", "value": 0.5}],
        )
    )  # fmt: skip


def firsts(release: Release) -> list[str | None]:
    """Who comes first with the rules of a release, in projects drawn for all rules."""
    sheet = sampling.draw(a_release(SAID), 3000, "s").sheet
    first = batch.board(release, "training", sheet).first().tolist()
    return [release.roles["training"].members[index] if index >= 0 else None for index in first]


def differing(one: Release, other: Release) -> int:
    return sum(a != b for a, b in zip(firsts(one), firsts(other), strict=True))


def a_contest(release: Release) -> contests.Contest:
    return contests.hold(release, release.roles["training"], sampling.draw(a_release(SAID), 3000, "s").sheet)


@pytest.mark.parametrize("left_out", range(len(SAID)))
def test_without_a_rule_is_as_if_it_were_not_in_the_pack(left_out: int) -> None:
    release = a_release(SAID)
    expected = differing(release, a_release([each for index, each in enumerate(SAID) if index != left_out]))
    assert expected
    assert a_contest(release).without_rule(left_out) == expected


@pytest.mark.parametrize("criterion", ["x", "y", "z", "near", "reach"])
def test_without_a_criterion_is_as_if_nothing_weighed_it(criterion: str) -> None:
    release = a_release([each for each in SAID if each["rank_of"] is None])  # a priority's weights are shares of a sum
    rules = [{**each, "weights": {c: w for c, w in each["weights"].items() if c != criterion}} for each in SAID]
    left = [each for each in rules if each["weights"] and each["rank_of"] is None]
    expected = differing(release, a_release(left))
    column = [c.id for c in release.roles["training"].criteria].index(criterion)
    assert expected
    assert a_contest(release).without_criterion(column) == expected


def test_a_place_that_is_never_reached_is_explained() -> None:
    release = a_release([rule("base", {"x": 1, "y": 1}), rule("offline", {"x": 2}, "offline")])
    role = release.roles["training"]
    contest = contests.hold(release, role, sampling.draw(release, 500, "s").sheet)
    board = contest.board
    for index in range(len(role.members)):
        ranks, gaps = [], []
        for row in range(500):
            left = [i for i in range(len(role.members)) if board.open[row, i]]
            if index in left:
                scores = [board.score[row, i] for i in left]
                ranks.append(1 + sum(score > board.score[row, index] for score in scores))
                gaps.append(max(scores) - board.score[row, index])
        rank, gap = contest.best_place(index)
        assert rank == min(ranks)
        assert gap == pytest.approx(min(gaps))
