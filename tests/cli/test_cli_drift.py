"""`steelyard drift`: what a later release changes for a file of projects."""

import shutil
from pathlib import Path

import pytest

from advisor import bootstrap, knowledge
from advisor.settings import Settings
from tests.commanding import Steelyard

PROJECTS = "id,stage,deploy_targets\none,research,android\ntwo,production,android\nthree,oops,\n"


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    path = tmp_path / "projects.csv"
    path.write_text(PROJECTS)
    return path


@pytest.fixture
def before(home: Path, small_pack_folder: Path, tmp_path: Path) -> str:
    """The release from before TensorFlow was archived; the later one is active."""
    folder = tmp_path / "later"
    shutil.copytree(small_pack_folder, folder)
    file = folder / "frameworks" / "tensorflow.yaml"
    file.write_text(file.read_text().replace("state: active", "state: archived"), encoding="utf-8")
    house = bootstrap.build(Settings(home=home, pack=small_pack_folder))
    found = house.knowledge().release.id
    knowledge.publish(house, folder)
    house.database.close()
    return found


def test_what_changed_is_told_with_its_cause(steelyard: Steelyard, projects: Path, before: str) -> None:
    ended = steelyard("drift", projects, "--before", before)
    assert ended.code == 0
    said = " ".join(ended.out.split())
    assert "Another framework comes first in 2 of 2 projects (the releases differ in facts)." in said
    assert "Excluded now for 2 projects: TensorFlow is archived." in said
    assert "TensorFlow is archived (facts)" in said
    assert "android: tensorflow" in said
    shown = steelyard("drift", projects, "--before", before, "--json").json()
    assert shown["releases"]["before"] == before != shown["releases"]["after"]
    assert sum(each["projects"] for each in shown["changes"]) == shown["changed"] == 2
    assert shown["stacks"]["changed"] == 2


def test_a_release_is_no_drift_from_itself(steelyard: Steelyard, projects: Path, before: str) -> None:
    shown = steelyard("drift", projects, "--before", before, "--after", before, "--json").json()
    assert (shown["changed"], shown["changes"], shown["exclusions"], shown["stacks"]["ways"]) == (0, [], [], [])
    assert "in 0 of 2 projects." in steelyard("drift", projects, "--before", before, "--after", before).out


def test_what_is_asked_is_checked(steelyard: Steelyard, projects: Path, before: str) -> None:
    ended = steelyard("drift", projects, "--before", f"{before}x")
    assert (ended.code, before in ended.err) == (2, True)
    assert steelyard("drift", projects.with_name("none.csv"), "--before", before).code == 2
