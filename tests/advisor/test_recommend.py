"""Recommending: stored as told, refused with everything that is wrong, asked why not, and decided again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import probes
from advisor import knowledge, questioning, recommend
from advisor.errors import InvalidInput, Missing
from advisor.house import House
from rules.decision import ENGINE
from rules.faults import Fault
from tests.asking import decided
from tests.conftest import NOW, PROFILE

ANSWERS: dict[str, object] = {
    "train_hardware": "nvidia_gpu",
    "train_os": "windows",
    "deploy_targets": ["android"],
    "considering": ["tensorflow@2.21", "mxnet"],
}
DOCUMENT = probes.document(replace(PROFILE, label="pushed machine"))


def stored(house: House) -> int:
    with house.database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM decisions")).scalar_one())


def faults_of(house: House, answers: object, **rest: Any) -> list[Fault]:
    with pytest.raises(InvalidInput) as caught:
        decided(house, answers, **rest)
    return list(caught.value.faults)


# --- Storing ---------------------------------------------------------------------------------------------------------


def test_a_recommendation_is_stored_byte_for_byte_as_it_was_given(house: House) -> None:
    given = recommend.answer(house, ANSWERS)
    assert stored(house) == 1
    assert recommend.find(house, given.id) == given.text
    assert recommend.latest(house) == json.loads(given.text) == decided(house, ANSWERS)
    assert stored(house) == 1


def test_the_same_answers_later_are_the_same_recommendation_with_its_first_day(house: House) -> None:
    first = recommend.answer(house, ANSWERS)
    later = House(house.database, lambda: NOW + timedelta(days=3), house.probe)
    assert recommend.answer(later, ANSWERS) == first
    assert decided(later, {})["created_at"] == "2026-11-24T12:00:00+00:00"


def test_a_recommendation_that_is_not_to_be_stored_is_not(house: House) -> None:
    given = recommend.answer(house, ANSWERS, store=False)
    assert stored(house) == 0
    assert recommend.answer(house, ANSWERS).text == given.text
    with pytest.raises(Missing):
        recommend.find(house, "d-of-nobody")


def test_an_answer_that_says_more_is_another_recommendation(house: House) -> None:
    first, second = decided(house, {}), decided(house, {"offline": False})
    assert first["id"] != second["id"]
    assert stored(house) == 2


def test_nothing_is_the_latest_before_anything_is_stored(house: House) -> None:
    with pytest.raises(Missing, match="recommendation"):
        recommend.latest(house)


# --- What is refused -------------------------------------------------------------------------------------------------


def test_faults_of_answers_hardware_roles_and_release_are_told_together_and_nothing_is_stored(house: House) -> None:
    faults = faults_of(
        house,
        {"stge": "x", "train_os": ["linus"]},
        hardware_from={**DOCUMENT, "host": {"os": "linx"}},
        roles=["training", "trainin"],
        release="2026-11-21-000000000000",
    )
    assert {fault.path.split(".")[0].split("[")[0] for fault in faults} == {"answers", "hardware", "roles", "release"}
    assert {fault.nearest for fault in faults} >= {"stage", "linux", "training"}
    assert stored(house) == 0


@pytest.mark.parametrize(
    ("answers", "rest", "path"),
    [
        ([], {}, "answers"),
        (None, {}, "answers"),
        ({}, {"hardware_from": "locl"}, "hardware"),
        ({}, {"hardware_from": "h-000000000000000000000000"}, "hardware"),
        ({}, {"hardware_from": "../../etc/passwd"}, "hardware"),
        ({}, {"hardware_from": ""}, "hardware"),
        ({}, {"hardware_from": {}}, "hardware.schema"),
        ({}, {"roles": ["companion"]}, "roles"),
        ({}, {"release": "nothing"}, "release"),
        ({"considering": ["pytorch@\ud800"]}, {}, "answers.considering[0]"),
    ],
)
def test_a_faulty_part_is_named_and_nothing_is_stored(
    house: House, answers: object, rest: Mapping[str, Any], path: str
) -> None:
    assert path in [fault.path for fault in faults_of(house, answers, **rest)]
    assert stored(house) == 0


def test_checking_finds_the_same_faults_and_neither_probes_nor_stores(house: House) -> None:
    def never() -> Any:
        raise AssertionError("probed")

    blind = House(house.database, house.now, never)
    assert recommend.check(blind, ANSWERS, hardware_from="local") == []
    bad = {"stge": 1}
    assert recommend.check(blind, bad) == faults_of(house, bad)
    assert stored(house) == 0


# --- Hardware --------------------------------------------------------------------------------------------------------


def test_hardware_comes_from_the_answers_this_machine_a_document_or_a_stored_profile(house: House) -> None:
    said = decided(house, {})["hardware"]
    local = decided(house, {}, hardware_from="local")["hardware"]
    document = decided(house, {}, hardware_from=DOCUMENT)["hardware"]
    name = recommend.store_profile(house, DOCUMENT)
    by_id = decided(house, {}, hardware_from=name)["hardware"]
    assert (said["basis"], said["filled"]) == ("answers", {})
    assert (local["basis"], local["label"]) == ("profile", "test machine")
    assert local["filled"]["train_hardware"] == ["cpu", "nvidia_gpu"]
    assert by_id == document
    assert document["label"] == "pushed machine"


def test_a_profile_is_stored_once_under_the_hash_of_its_content(house: House) -> None:
    name = recommend.store_profile(house, DOCUMENT)
    assert recommend.store_profile(house, dict(reversed(DOCUMENT.items()))) == name
    assert recommend.store_profile(house, {**DOCUMENT, "label": "other"}) != name
    with pytest.raises(InvalidInput):
        recommend.store_profile(house, {**DOCUMENT, "surplus": 1})


def test_a_disagreement_between_answers_and_profile_is_told(house: House) -> None:
    told = decided(house, {"train_hardware": "tpu"}, hardware_from="local")["hardware"]["disagreements"]
    assert len(told) == 1
    assert "tpu" in told[0]


# --- Why not ---------------------------------------------------------------------------------------------------------


def test_why_not_an_excluded_alternative_names_its_gates(house: House) -> None:
    document = decided(house, ANSWERS)
    why = questioning.why_not(house, document["id"], "tensorflow")
    standing = why["roles"]["training"]
    assert standing["outcome"] == "excluded"
    assert [gate["gate"] for gate in standing["gates"]] == ["train-nvidia-windows"]
    assert standing["gates"][0] == next(
        e for e in document["roles"]["training"]["excluded"] if e["framework"] == "tensorflow"
    )


def test_why_not_a_ranked_alternative_says_behind_whom_and_by_what(house: House) -> None:
    document = decided(house, {"team_experience": "beginner", "priorities": ["debugging"]})
    ranking = document["roles"]["training"]["ranking"]
    for place in ranking:
        standing = questioning.why_not(house, document["id"], place["framework"])["roles"]["training"]
        assert (standing["outcome"], standing["rank"], standing["first"]) == (
            "ranked",
            place["rank"],
            ranking[0]["framework"],
        )
        assert standing["behind_by"] == pytest.approx(ranking[0]["score"] - place["score"], abs=1e-11)
        assert sum(row["behind_by"] for row in standing["where"]) == pytest.approx(standing["behind_by"], abs=1e-9)
        behind = [row["behind_by"] for row in standing["where"]]
        assert behind == sorted(behind, reverse=True)
    first = questioning.why_not(house, document["id"], ranking[0]["framework"])["roles"]["training"]
    assert first["behind_by"] == 0


def test_why_not_one_that_is_no_candidate_says_what_it_is(house: House) -> None:
    document = decided(house, {})
    why = questioning.why_not(house, document["id"], "litert")
    assert why["roles"] == {}
    assert why["about"] == "LiteRT, for tests."
    caffe = questioning.why_not(house, document["id"], "caffe")
    assert (caffe["successor"], caffe["roles"]["training"]["outcome"]) == ("pytorch", "excluded")


def test_why_not_nobody_gives_the_nearest_name(house: House) -> None:
    document = decided(house, {})
    with pytest.raises(InvalidInput) as caught:
        questioning.why_not(house, document["id"], "pytroch")
    assert caught.value.faults[0].nearest == "pytorch"


def test_why_not_looks_in_the_release_that_was_answered_from(
    house: House, small_pack_folder: Path, tmp_path: Path
) -> None:
    document = decided(house, {})
    _publish_another(house, small_pack_folder, tmp_path)
    assert questioning.why_not(house, document["id"], "caffe")["roles"]["training"]["outcome"] == "excluded"


# --- Deciding again --------------------------------------------------------------------------------------------------


def _publish_another(house: House, folder: Path, tmp_path: Path) -> str:
    """Publish a pack in which ease counts for nothing much, so that answers differ."""
    other = tmp_path / "other"
    for path in folder.rglob("*.yaml"):
        (other / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        written = path.read_text(encoding="utf-8").replace(
            "{ease_of_use: 2, debugging: 1,", "{ease_of_use: 2, debugging: 9,"
        )
        (other / path.relative_to(folder)).write_text(written, encoding="utf-8")
    return knowledge.publish(house, other)[0].id


@pytest.mark.parametrize(
    "rest",
    [
        {},
        {"hardware_from": "local"},
        {"hardware_from": DOCUMENT},
        {"roles": ["runtime"]},
        {"roles": ["runtime", "training"], "hardware_from": "local"},
    ],
)
def test_a_replay_gives_the_same(house: House, rest: dict[str, Any]) -> None:
    name = decided(house, ANSWERS, **rest)["id"]
    again = recommend.replay(house, name)
    assert again["same"] is True
    assert again["differences"] == []
    assert again["passport"] == again["replayed_passport"]
    assert stored(house) == 1


def test_a_replay_answers_from_the_release_of_then(house: House, small_pack_folder: Path, tmp_path: Path) -> None:
    before = decided(house, {"offline": True})
    other = _publish_another(house, small_pack_folder, tmp_path)
    after = decided(house, {"offline": True})
    assert after["release"]["id"] == other != before["release"]["id"]
    assert after["id"] != before["id"]
    assert recommend.replay(house, before["id"])["same"] is True
    assert decided(house, {"offline": True}, release=before["release"]["id"]) == before


def test_a_replay_names_the_places_that_differ(house: House) -> None:
    name = decided(house, {"offline": True})["id"]
    with house.database.writing() as session:
        now, then = f'"engine":"{ENGINE}"', '"engine":"0"'
        session.execute(
            text("UPDATE decisions SET document = replace(document, :now, :then)"), {"now": now, "then": then}
        )
    again = recommend.replay(house, name)
    assert again["same"] is False
    assert again["differences"] == ["engine"]


def test_a_replay_of_nothing_is_missing(house: House) -> None:
    with pytest.raises(Missing):
        recommend.replay(house, "d-none")


# --- Considered ------------------------------------------------------------------------------------------------------


def test_what_was_considered_is_answered_one_by_one(house: House) -> None:
    found = {c["framework"]: c for c in decided(house, ANSWERS)["considered"]}
    assert {name: (c["version"], c["outcome"]) for name, c in found.items()} == {
        "mxnet": (None, "excluded"),
        "tensorflow": ("2.21", "excluded"),
    }
    assert "not 2.21" in found["tensorflow"]["text"]
