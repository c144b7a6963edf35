"""The command around `advisor.score`, which has tests of its own."""

import csv
from pathlib import Path

import pytest

from tests.commanding import Steelyard


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    path = tmp_path / "projects.csv"
    path.write_text("id,stage,deploy_targets\n1,research,\n2,reserch,\n3,production,android;server_cpu\n")
    return path


def test_good_rows_are_scored_and_bad_rows_counted(steelyard: Steelyard, projects: Path, tmp_path: Path) -> None:
    ended = steelyard("score", projects, "-o", "out.csv")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == ("3 rows read, 2 scored to out.csv\n1 row could not be scored; see out.errors.csv\n")
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["1", "3"]
    assert "'reserch'" in (tmp_path / "out.errors.csv").read_text()


def test_json_counts(steelyard: Steelyard, projects: Path) -> None:
    ended = steelyard("score", projects, "-o", "out.jsonl", "--errors", "bad.csv", "--json")
    assert ended.json() == {"read": 3, "scored": 2, "failed": 1, "output": "out.jsonl", "errors": "bad.csv"}
    assert ended.err == ""


def test_files_that_exist_are_kept_without_force(steelyard: Steelyard, projects: Path) -> None:
    assert steelyard("score", projects, "-o", "out.csv").code == 0
    ended = steelyard("score", projects, "-o", "out.csv")
    assert (ended.code, ended.out) == (2, "")
    assert "--force" in ended.err
    assert steelyard("score", projects, "-o", "out.csv", "--force").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv", "-o", "out.csv"], "input: 'missing.csv' is not a file that exists"),
        (["projects.csv", "-o", "out.parquet"], "a file that ends in .csv or .jsonl"),
        (["projects.csv"], "Missing option '--output'"),
        (["projects.csv", "-o", "out.csv", "--hardware", "box.yaml"], "hardware: 'box.yaml' is not a file that exists"),
    ],
)
def test_bad_arguments(steelyard: Steelyard, projects: Path, arguments: list[str], said: str) -> None:
    ended = steelyard("score", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_hardware_is_taken_from_a_file(steelyard: Steelyard, projects: Path, tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text("schema: steelyard/hardware-profile/1\nlabel: a box\nhost: {os: linux}\n")
    assert steelyard("score", projects, "-o", "out.jsonl", "--hardware", "box.yaml").code == 0
    assert '"label":"a box"' in (tmp_path / "out.jsonl").read_text()
