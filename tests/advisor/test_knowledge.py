"""What is known, looked up: frameworks with their evidence, claims by filter, releases, packs linted and published."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor import bootstrap, knowledge
from advisor.errors import InvalidInput, Missing, OutOfDate
from advisor.house import RELEASES_IN_MEMORY, House
from advisor.settings import Settings
from storage import releases
from storage.database import Database
from tests.conftest import NOW, PROFILE


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.fixture
def variant(small_pack_folder: Path, tmp_path: Path) -> Callable[[str, str], Path]:
    """The small pack with one text replaced by another in its settings."""

    def build(old: str, new: str) -> Path:
        folder = tmp_path / f"variant-{len(list(tmp_path.iterdir()))}"
        for path in small_pack_folder.rglob("*.yaml"):
            (folder / path.relative_to(small_pack_folder)).parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            if path.name == "pack.yaml":
                assert old in text
                text = text.replace(old, new)
            (folder / path.relative_to(small_pack_folder)).write_text(text, encoding="utf-8")
        return folder

    return build


@pytest.fixture
def dissenting(small_pack_folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """The small pack with two more claims on PyTorch's debugging, one of them as told."""

    def build(**told: Any) -> Path:
        folder = tmp_path / "dissenting"
        shutil.copytree(small_pack_folder, folder)
        with (folder / "evidence" / "all.yaml").open("a", encoding="utf-8") as file:
            file.write(DISSENT.format(**{"source": "blog", "verdict": "holds", "contradicts": "", **told}))
        return folder

    return build


# --- Frameworks ------------------------------------------------------------------------------------------------------


def test_every_alternative_is_listed_the_ungraded_and_retired_too(house: House) -> None:
    found = {row["id"]: row for row in knowledge.frameworks(house)}
    assert found.keys() == {"caffe", "jax", "litert", "mxnet", "onnxruntime", "pytorch", "tensorflow"}
    assert found["caffe"]["lifecycle"]["state"] == "archived"
    assert found["caffe"]["lifecycle"]["successor"] == "pytorch"
    assert found["mxnet"]["graded"] is False


def test_a_framework_in_full_leads_from_each_grade_to_its_evidence_and_source(house: House) -> None:
    found = knowledge.framework(house, "pytorch")
    evidence = {row["id"]: row for row in found["evidence"]}
    for grade in found["grades"].values():
        for item, _ in grade["influences"]:
            assert evidence[item]["source"]["publisher"] == "Tests"
    for cell in found["capabilities"].values():
        assert set(cell["evidence"]) <= evidence.keys()
    assert found["capabilities"]["path.android"] == {"value": 2, "evidence": ["facts"]}
    assert ids(found["paths"]) == ["pytorch-litert", "pytorch-onnxruntime"]
    assert found["grades"]["debugging"]["name"] == "Debugging"


def test_a_framework_that_is_not_on_file_gives_the_nearest(house: House) -> None:
    with pytest.raises(InvalidInput) as caught:
        knowledge.framework(house, "tensorflw")
    assert caught.value.faults[0].nearest == "tensorflow"


# --- Claims ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["blog-small", "dead-proof", "facts", "pytorch-debug", "runtime-size", "survey-ease"]),
        ({"about": "caffe"}, ["dead-proof"]),
        ({"about": "tensorflow"}, ["blog-small", "facts", "survey-ease"]),
        ({"verdict": "outdated"}, ["blog-small"]),
        ({"verdict": "wrong"}, []),
        ({"source_kind": "survey"}, ["survey-ease"]),
        ({"source_kind": "article", "about": "tensorflow"}, ["blog-small"]),
        ({"source_kind": "article", "about": "jax"}, []),
        ({"contested": True}, []),
        ({"contested": False, "about": "litert"}, ["runtime-size"]),
        ({"about": "nobody"}, []),
    ],
)
def test_claims_are_filtered_by_every_condition_at_once(
    house: House, filters: dict[str, Any], expected: list[str]
) -> None:
    found = knowledge.pieces(house, **filters)
    assert ids(found) == expected
    assert all(row["source"]["id"] and row["contested"] is False for row in found)


DISSENT = """
- {{id: dissent, source: {source}, locator: page 9, as_of: "2026-01", about: [pytorch], note: Says the opposite.,
   verdict: {verdict}, verdict_note: For tests., contradicts: [{contradicts}],
   grades: [{{criterion: debugging, alternative: pytorch, level: {level}}}]}}
- {{id: echo, source: survey, locator: page 3, as_of: "2026-01", about: [pytorch], note: Agrees., verdict: holds,
   grades: [{{criterion: debugging, alternative: pytorch, level: 4}}]}}
"""


@pytest.mark.parametrize(
    ("dissent", "contested"),
    [
        ({"level": 0}, ["dissent"]),
        ({"level": 4}, []),
        ({"level": 0, "verdict": "wrong"}, []),
        ({"level": 4, "verdict": "contested"}, ["dissent"]),
        ({"level": 4, "contradicts": "survey-ease"}, ["dissent", "survey-ease"]),
        ({"level": 4, "contradicts": "survey-ease", "verdict": "contested"}, ["dissent", "survey-ease"]),
        ({"level": 4, "contradicts": "survey-ease", "verdict": "outdated"}, []),
        ({"level": 4, "contradicts": "survey-ease", "verdict": "wrong"}, []),
        ({"level": 4, "contradicts": "survey-ease", "verdict": "unverifiable"}, []),
        ({"level": 4, "contradicts": "blog-small"}, []),
    ],
)
def test_contested_claims_are_those_that_disagree(
    house: House, dissenting: Callable[..., Path], dissent: dict[str, Any], contested: list[str]
) -> None:
    knowledge.publish(house, dissenting(**dissent))
    assert ids(knowledge.pieces(house, contested=True)) == contested
    every = ids(knowledge.pieces(house))
    assert ids(knowledge.pieces(house, contested=False)) == [e for e in every if e not in contested]


def test_what_agrees_is_not_contested_though_it_carries_a_disputed_grade(
    house: House, dissenting: Callable[..., Path]
) -> None:
    knowledge.publish(house, dissenting(level=0))
    grade = knowledge.framework(house, "pytorch")["grades"]["debugging"]
    assert (grade["contested"], grade["disputed"]) == (True, ["dissent"])
    assert {e for e, _ in grade["influences"]} == {"dissent", "echo", "pytorch-debug"}
    quiet = knowledge.framework(house, "pytorch")["grades"]["ease_of_use"]
    assert (quiet["contested"], quiet["disputed"]) == (False, [])


def test_evidence_is_found_by_its_ids(house: House) -> None:
    found = knowledge.evidence(house, ["facts", "nothing", "survey-ease"])
    assert found.keys() == {"facts", "survey-ease"}
    assert found["survey-ease"]["source"]["kind"] == "survey"


def test_questions_and_sections_are_those_of_the_release(house: House) -> None:
    asked = knowledge.questionnaire(house)
    assert {question["group"] for question in asked["questions"]} <= {group["id"] for group in asked["groups"]}
    assert ids(knowledge.section(house, "rules")) == ["android", "base", "known", "priority-debugging", "small-team"]
    assert "train-nvidia-windows" in ids(knowledge.section(house, "gates"))
    assert ids(knowledge.section(house, "sources")) == ["blog", "docs", "survey"]


# --- Publishing ------------------------------------------------------------------------------------------------------


def test_publishing_the_same_pack_twice_is_publishing_it_once(house: House, small_pack_folder: Path) -> None:
    before = knowledge.listing(house)
    info, new = knowledge.publish(house, small_pack_folder)
    assert (new, [info], knowledge.listing(house)) == (False, before, before)


def test_a_bad_pack_is_refused_with_every_fault_and_the_active_release_stays(
    house: House, variant: Callable[[str, str], Path]
) -> None:
    before = house.knowledge().release.id
    folder = variant("prior_sd: 1.0", "prior_sd: 9.0")
    (folder / "surplus.yaml").write_text("[]\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        knowledge.publish(house, folder)
    assert sorted(fault.path.split(":")[0] for fault in caught.value.faults) == ["pack.yaml", "surplus.yaml"]
    assert [str(fault) for fault in knowledge.lint(folder)] == [str(fault) for fault in caught.value.faults]
    assert house.knowledge().release.id == before
    assert len(knowledge.listing(house)) == 1


def test_a_new_release_is_answered_from_at_once_and_the_old_one_by_name(
    house: House, variant: Callable[[str, str], Path]
) -> None:
    old = house.knowledge().release.id
    info, new = knowledge.publish(house, variant("weight_relative_sd: 0.3", "weight_relative_sd: 0.2"))
    assert new
    assert house.knowledge().release.id == info.id != old
    assert house.knowledge(old).release.id == old
    assert house.knowledge(old).release.confidence["weight_relative_sd"] == 0.3
    assert [row.id for row in knowledge.listing(house)] == sorted([info.id, old])


def test_only_a_few_releases_are_kept_in_memory_and_all_can_be_asked_for(
    house: House, variant: Callable[[str, str], Path]
) -> None:
    published = [house.knowledge().release.id]
    for tenth in range(RELEASES_IN_MEMORY + 1):
        folder = variant("weight_relative_sd: 0.3", f"weight_relative_sd: 0.{tenth}1")
        published.append(knowledge.publish(house, folder)[0].id)
    assert [house.knowledge(name).release.id for name in published] == published
    assert house.knowledge().release.id == published[-1]


def test_a_release_is_compiled_once(house: House) -> None:
    assert house.knowledge() is house.knowledge()
    assert house.knowledge(house.knowledge().release.id) is house.knowledge()


def test_the_small_pack_is_clean_to_the_linter(small_pack_folder: Path) -> None:
    assert knowledge.lint(small_pack_folder) == []


# --- Starting --------------------------------------------------------------------------------------------------------


def settings(tmp_path: Path, folder: Path | None, **rest: Any) -> Settings:
    return Settings(home=tmp_path / "home", pack=folder, **rest)


def test_a_first_start_builds_the_database_and_publishes_the_pack(tmp_path: Path, small_pack_folder: Path) -> None:
    built = bootstrap.build(settings(tmp_path, small_pack_folder))
    assert (tmp_path / "home" / "steelyard.db").is_file()
    assert [row.name for row in knowledge.listing(built)] == ["small"]
    built.database.close()


def test_a_second_start_publishes_nothing(
    tmp_path: Path, small_pack_folder: Path, variant: Callable[[str, str], Path]
) -> None:
    bootstrap.build(settings(tmp_path, small_pack_folder)).database.close()
    other = variant("weight_relative_sd: 0.3", "weight_relative_sd: 0.2")
    built = bootstrap.build(settings(tmp_path, other))
    assert len(knowledge.listing(built)) == 1
    built.database.close()


def test_a_first_start_with_a_bad_pack_is_refused_and_can_be_tried_again(
    tmp_path: Path, small_pack_folder: Path, variant: Callable[[str, str], Path]
) -> None:
    with pytest.raises(InvalidInput):
        bootstrap.build(settings(tmp_path, variant("prior_sd: 1.0", "prior_sd: 9.0")))
    built = bootstrap.build(settings(tmp_path, small_pack_folder))
    assert len(knowledge.listing(built)) == 1
    built.database.close()


def test_a_database_of_another_version_is_not_touched(tmp_path: Path, small_pack_folder: Path) -> None:
    built = bootstrap.build(settings(tmp_path, small_pack_folder))
    with built.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    built.database.close()
    with pytest.raises(OutOfDate):
        bootstrap.build(settings(tmp_path, small_pack_folder))


def test_a_house_without_a_release_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    database.require_head()
    with pytest.raises(Missing, match="release"):
        House(database, lambda: NOW, lambda: PROFILE).knowledge()
    with database.reading() as session:
        assert releases.active_id(session) is None
    database.close()
