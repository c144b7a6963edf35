"""The commands around `advisor.score`, which has tests of its own."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from advisor import bootstrap, portfolios
from advisor.settings import Settings
from tests import killing
from tests.commanding import Steelyard

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, "-c", "from cli.main import main; main()"]


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
    ended = steelyard("score", projects, "-o", "out.parquet", "--errors", "bad.csv", "--json", "--top", "1")
    found = ended.json()
    assert len(found.pop("passport")) == 64
    assert found == {"read": 3, "scored": 2, "failed": 1, "silent": 0, "output": "out.parquet", "errors": "bad.csv"}
    assert ended.err == ""


def test_rows_that_answer_nothing_are_told(steelyard: Steelyard, projects: Path) -> None:
    projects.write_text("id,stage,packages\n1,research,\n2,,numpy\n3,,\n")
    ended = steelyard("score", projects, "-o", "out.csv")
    assert "\n2 of 3 rows answer nothing: what comes first for them is" in ended.out
    assert "2 of 3 rows answer nothing: what comes" in " ".join(steelyard("consolidate", projects).out.split())
    projects.write_text("id,stage\n1,\n")
    ended = steelyard("score", projects, "-o", "out.csv", "--force")
    assert "\n1 of 1 row answers nothing: what comes first for it is" in ended.out


@pytest.mark.parametrize("given", [".", "*.csv"])
def test_results_in_the_folder_that_is_read_are_not_read(steelyard: Steelyard, projects: Path, given: str) -> None:
    first = steelyard("score", given, "-o", "out.csv", "--errors", "bad.csv", "--json").json()
    assert first["read"] == 3
    again = steelyard("score", given, "-o", "out.csv", "--errors", "bad.csv", "--json", "--force").json()
    assert again == first
    ended = steelyard("score", given, "-o", "other.csv")
    assert (ended.code, "bad.csv" in ended.err) == (2, True)


def test_files_that_exist_are_kept_without_force(steelyard: Steelyard, projects: Path) -> None:
    assert steelyard("score", projects, "-o", "out.csv").code == 0
    ended = steelyard("score", projects, "-o", "out.csv")
    assert (ended.code, ended.out) == (2, "")
    assert "--force" in ended.err
    assert steelyard("score", projects, "-o", "out.csv", "--force").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["projects.csv", "-o", ""], "output: missing, expected a file for the results: -o OUT"),
        (["missing.csv", "-o", "out.csv"], "'missing.csv' is not a file that exists"),
        (["projects.csv", "-o", "out.ods"], "a file that ends in one of: .parquet, .csv, .tsv, .jsonl, .xlsx"),
        (["projects.csv"], "output: missing, expected a file for the results: -o OUT"),
        (["-o", "out.csv"], "input: missing, expected a file, a folder or a pattern"),
        (["projects.csv", "-o", "out.csv", "--hardware", "box.yaml"], "hardware: 'box.yaml' is not a file that exists"),
        (["projects.csv", "-o", "out.csv", "--map", "stage"], "'Our column=question'"),
        (["projects.csv", "-o", "out.csv", "--mapping", "map.yaml"], "--mapping: 'map.yaml' is not a file that exists"),
        (["projects.csv", "-o", "out.csv", "--policy", "none"], "policy"),
        (["projects.csv", "-o", "out.csv", "--top", "21"], "--top"),
        (["projects.csv", "-o", "out.csv", "--with", "everything"], "--with"),
        (["projects.csv", "-o", "out.csv", "--on", "dusk"], "did you mean 'dask'?"),
        (["projects.csv", "-o", "out.csv", "--on", "dask="], "dask=ADDRESS with the address of a scheduler"),
        (["projects.csv", "-o", "out.csv", "--on", "dask=a:1", "--workers", "2"], "a cluster that stands has its own"),
        (["--template", "no/t.csv"], "template: 'no/t.csv' is not a file in a folder that exists"),
        (["--template", "t.ods"], "template: 't.ods' is not a file that ends in .csv, .xlsx, .jsonl"),
    ],
)
def test_bad_arguments(steelyard: Steelyard, projects: Path, arguments: list[str], said: str) -> None:
    ended = steelyard("score", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_hardware_and_meaning_are_taken_from_files(steelyard: Steelyard, tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text("schema: steelyard/hardware-profile/1\nlabel: a box\nhost: {os: linux}\n")
    (tmp_path / "map.yaml").write_text("columns: {Phase: stage}\nvalues: {stage: {Live: production}}\n")
    (tmp_path / "ours.tsv").write_text("Phase\tTeam\nLive\t3\n")
    options = ["--hardware", "box.yaml", "--mapping", "map.yaml", "--map", "Team=team_size", "--with", "passport"]
    assert steelyard("score", "ours.tsv", "-o", "out.jsonl", *options).code == 0
    (row,) = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    (tmp_path / "answers.yaml").write_text("{stage: production, team_size: 3}")
    decided = steelyard("recommend", "answers.yaml", "--hardware", "box.yaml", "--json", "--no-store").json()
    assert row["passport"] == decided["passport"]


def test_files_are_looked_at_without_scoring_them(steelyard: Steelyard, projects: Path, tmp_path: Path) -> None:
    ended = steelyard("score", projects, "--check")
    assert (ended.code, ended.err) == (0, "")
    assert "  deploy_targets -> deploy_targets" in ended.out
    assert "1 row cannot be scored\n  row 2, line 3" in ended.out
    projects.write_text("id,stge\n1,research\n")
    ended = steelyard("score", projects, "--check")
    assert ended.code == 2
    assert "did you mean 'stage'?" in ended.out
    assert "  id -> id (by its name; type text)\n  stge -> not understood (type text)\n" in ended.out
    assert steelyard("score", projects, "--check", "--json").json()["faults"][0]["nearest"] == "stage"
    assert sorted(path.name for path in tmp_path.glob("*")) == ["home", "projects.csv"]


def test_packages_of_projects_are_read_as_what_their_code_depends_on(steelyard: Steelyard, tmp_path: Path) -> None:
    (tmp_path / "ours.csv").write_text('repo,Needs\na,"torch>=2,<3; numpy"\nb,numpy; torch\nc,pandas\n')
    (tmp_path / "theirs.csv").write_text("id,existing_code\na,pytorch\nb,pytorch\nc,\n")
    said = ("--map", "repo=id", "--map", "Needs=packages")
    ended = steelyard("score", "ours.csv", "--check", *said)
    assert ended.code == 0
    assert ended.out.endswith(
        "  repo -> id (as was said; type text)\n  Needs -> packages (as was said; type text)\n"
        "3 rows list packages, 3 different ones\n"
        "  pytorch: 2 rows, by torch\n  passed over: numpy (2), pandas (1)\n"
        "1 row of these names no framework on file\n  c\n  their packages: pandas (1)\nEvery row can be scored\n"
    )
    told = steelyard("score", "ours.csv", "--check", "--json", *said).json()["packages"]
    assert (told["rows"], told["distinct"], told["passed_over"]) == (3, 3, 2)
    assert steelyard("score", "ours.csv", "-o", "ours.jsonl", *said).code == 0
    assert steelyard("score", "theirs.csv", "-o", "theirs.jsonl").code == 0
    assert (tmp_path / "ours.jsonl").read_text() == (tmp_path / "theirs.jsonl").read_text()


@pytest.mark.parametrize(
    ("column", "near"),
    [("Repo", "id"), ("repository", "id"), ("key", "id"), ("Title", "name"), ("language", "training_language")],
)
def test_usual_names_of_columns_are_suggested_and_never_taken(
    steelyard: Steelyard, tmp_path: Path, column: str, near: str
) -> None:
    (tmp_path / "ours.csv").write_text(f"{column},stage\na,research\n")
    told = steelyard("score", "ours.csv", "--check", "--json").json()
    assert [(each["path"], each["nearest"]) for each in told["faults"]] == [("line 1, column 1", near)]
    assert told["packages"] is None


def test_a_template_is_filled_in_and_scored(steelyard: Steelyard, tmp_path: Path) -> None:
    ended = steelyard("score", "--template", "ours.csv")
    assert (ended.code, ended.out.splitlines()[0]) == (0, "A template with every question is in ours.csv")
    assert steelyard("score", "--template", "ours.csv").code == 2
    assert steelyard("score", "ours.csv", "-o", "out.csv").out.endswith("scored to out.csv\n")


def test_ctrl_c_and_a_kill_are_gone_on_with(home: Path, tmp_path: Path, steelyard: Steelyard) -> None:
    (tmp_path / "many.csv").write_text(killing.projects(6_000, seed=5))
    arguments = ["score", "many.csv", "--block-rows", "64", "--workers", "2"]
    assert steelyard(*arguments, "-o", "whole.parquet").code == 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    folder = tmp_path / ".out.parquet.run"
    for end in (signal.SIGKILL, signal.SIGINT):
        before = len(list(folder.glob("out-*.json")))
        process = subprocess.Popen(
            [*RUN, *arguments, "-o", "out.parquet", "--resume"], stderr=subprocess.PIPE, env=environment, cwd=tmp_path
        )
        while process.poll() is None and len(list(folder.glob("out-*.json"))) < before + 3:
            time.sleep(0.01)
        process.send_signal(end)
        _, said = process.communicate(timeout=60)
        assert process.returncode in (-signal.SIGKILL, 130), said
        if end == signal.SIGINT:
            assert b"--resume goes on with it" in said
        assert not (tmp_path / "out.parquet").exists()
    assert len(list(folder.glob("out-*.json"))) < 94, "the work was too quick for the kills"
    assert "--resume" in steelyard(*arguments, "-o", "out.parquet").err
    assert steelyard(*arguments, "-o", "out.parquet", "--resume").code == 0
    for kind in ("parquet", "errors.parquet"):
        assert (tmp_path / f"out.{kind}").read_bytes() == (tmp_path / f"whole.{kind}").read_bytes()
    assert not folder.exists()


def test_a_cluster_answers_as_this_machine_does(steelyard: Steelyard, tmp_path: Path) -> None:
    (tmp_path / "many.csv").write_text(killing.projects(1_000, seed=6))
    arguments = ["score", "many.csv", "--block-rows", "200"]
    assert steelyard(*arguments, "-o", "here.parquet").code == 0
    ended = subprocess.run(
        [*RUN, *arguments, "-o", "there.parquet", "--on", "dask", "--workers", "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ended.stdout.count("\n"), ended.stderr) == (2, "")
    for kind in ("parquet", "errors.parquet"):
        assert (tmp_path / f"there.{kind}").read_bytes() == (tmp_path / f"here.{kind}").read_bytes()


def test_a_cluster_needs_the_extra(
    steelyard: Steelyard, projects: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("advisor.score.find_spec", lambda name: None)
    ended = steelyard("score", projects, "-o", "out.csv", "--on", "dask")
    assert (ended.code, ended.out) == (2, "")
    assert "install the extra: steelyard[dask]" in ended.err
    assert not (tmp_path / ".out.csv.run").exists()


def test_a_cluster_that_is_not_there_leaves_work_that_can_be_gone_on_with(
    steelyard: Steelyard, projects: Path, tmp_path: Path
) -> None:
    ended = steelyard("score", projects, "-o", "out.csv", "--on", "dask=nowhere")
    assert (ended.code, ended.out) == (3, "")
    assert "no Dask scheduler answers at nowhere" in ended.err
    assert steelyard("score", projects, "-o", "out.csv", "--resume").code == 0
    assert not (tmp_path / ".out.csv.run").exists()


def test_work_takes_what_waits_and_ends_when_told_to(home: Path, tmp_path: Path) -> None:
    house = bootstrap.build(Settings())
    with portfolios.uploading(house, "a.csv", None) as upload:
        upload.add(killing.projects(100, seed=2).encode())
        portfolio = portfolios.create(house, upload, {})["id"]
    process = subprocess.Popen([*RUN, "work"], env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
    try:
        seen = killing.ended(house, portfolio, Path(os.devnull))
        assert (seen["state"], seen["read"]) == ("done", 100)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said.count(b"\n")) == (0, 1), said
    finally:
        process.kill()
        process.wait()
        house.database.close()
