"""Files of projects: good rows are scored as a single request is, bad rows are reported, nothing is half done.

What a cell may say is tested with the readers, what a row comes to with the engine, how parts are answered with runs.
"""

import csv
import errno
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from advisor import score as use_case
from advisor.errors import Conflict, Damaged, InvalidInput
from advisor.house import House
from advisor.portfolio_specs import Wanted
from advisor.score import Done, Files, score_files
from portfolio import files, parts, writing
from portfolio.parts import PartDone, Run
from portfolio.writing import workbook
from tests import killing
from tests.asking import decided

HEADER = "id,name,stage,deploy_targets,team_size,offline,python_version\n"
GOOD = "1,phone,production,server_cpu;android,5,TRUE,3.10\n"
ANSWERS = {"stage": "production", "deploy_targets": ["server_cpu", "android"], "team_size": 5, "offline": True}

Score = Callable[..., Done]


@pytest.fixture
def where(tmp_path: Path) -> Files:
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "in.csv").write_text(HEADER + GOOD + "2,,reserch,android,,,\n3,short\n4,lab,research,,,no,\n")
    return Files([folder / "in.csv"], folder / "out.csv", folder / "errors.csv")


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def left(where: Files) -> list[str]:
    return sorted(path.name for path in where.target.parent.iterdir())


def faults_of(house: House, where: Files, wanted: Wanted | None = None, **options: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        score_files(house, where, wanted or {}, workers=1, **options)
    return str(caught.value)


def test_a_row_gets_the_answer_that_a_request_gets(house: House, where: Files) -> None:
    done = score_files(house, where, {"more": ["passport"]}, workers=1)
    assert (done.read, done.scored, done.failed) == (4, 2, 2)
    row = rows(where.target)[0]
    decision = decided(house, {**ANSWERS, "python_version": "3.10"}, store=False)
    training = decision["roles"]["training"]
    first, second = training["ranking"][:2]
    assert (row["row"], row["id"], row["name"], row["passport"]) == ("1", "1", "phone", decision["passport"])
    assert (row["training_1"], float(row["training_1_score"])) == (first["framework"], round(first["score"], 6))
    assert (row["training_2"], float(row["training_2_score"])) == (second["framework"], round(second["score"], 6))
    assert float(row["training_margin"]) == round(training["margin"], 6)
    assert row["training_reason_1"] in {r["text"] for r in first["reasons"]}
    first_gates = {e["framework"]: e["text"] for e in reversed(training["excluded"])}
    assert set(row["training_excluded"].removesuffix(".").split(". ")) == set(first_gates.values())
    assert row["runtime_1"] == "litert"
    assert row["stack"].endswith("--> litert")


def test_bad_rows_are_reported_with_row_line_column_and_nearest(house: House, where: Files) -> None:
    score_files(house, where, {}, workers=1)
    found = [(f["row"], f["line"], f["column"], f["value"], f["nearest"]) for f in rows(where.errors)]
    assert found == [("2", "3", "stage", "'reserch'", "research"), ("3", "4", "", "2 cells", "")]
    assert left(where) == ["errors.csv", "in.csv", "out.csv"], "the folder that the work was done in is gone"


@pytest.mark.parametrize(
    ("form", "errors"), [("parquet", "csv"), ("tsv", "jsonl"), ("jsonl", "parquet"), ("xlsx", "csv")]
)
def test_every_format_holds_the_same_rows(house: House, where: Files, form: str, errors: str) -> None:
    there = Files(where.sources, where.target.with_suffix(f".{form}"), where.errors.with_suffix(f".{errors}"))
    score_files(house, there, {}, workers=1)
    read: dict[str, Callable[[Path], pl.DataFrame]] = {
        "parquet": pl.read_parquet,
        "jsonl": pl.read_ndjson,
        "xlsx": pl.read_excel,
        "csv": pl.read_csv,
        "tsv": lambda path: pl.read_csv(path, separator="\t"),
    }
    found = read[form](there.target)
    assert found["row"].to_list() == [1, 4]
    assert found["runtime_1"].to_list() == ["litert", None]
    assert read[errors](there.errors)["row"].to_list() == [2, 3]


def test_a_file_without_rows_has_results_without_rows(house: House, where: Files) -> None:
    where.sources[0].write_text(HEADER)
    done = score_files(house, where, {}, workers=2)
    assert (done.read, done.scored, done.failed) == (0, 0, 0)
    assert where.target.read_text().startswith("row,id,name,training_1,")
    assert rows(where.target) == rows(where.errors) == []


def test_several_files_are_one_portfolio(house: House, where: Files) -> None:
    second = where.sources[0].with_name("more.jsonl")
    second.write_text('{"stage": "research"}\n{"stage": "reserch"}\n')
    done = score_files(house, Files([*where.sources, second], where.target, where.errors), {}, workers=1)
    assert (done.read, done.scored, done.failed) == (6, 3, 3)
    assert [row["row"] for row in rows(where.target)] == ["1", "4", "5"]
    assert [(f["row"], f["file"]) for f in rows(where.errors)] == [
        ("2", "in.csv"),
        ("3", "in.csv"),
        ("6", "more.jsonl"),
    ]


def test_hardware_policy_and_mapping_hold_for_every_row(house: House, where: Files) -> None:
    where.sources[0].write_text("Phase;Who\nGo-live;5\nresearch;tbd\n")
    wanted: Wanted = {
        "hardware_from": "local",
        "mapping": {"values": {"stage": {"Go-live": "production"}}, "unknown": ["tbd"]},
        "columns": ["Phase=stage", "Who=team_size"],
    }
    assert score_files(house, where, wanted, workers=1).scored == 2
    decision = decided(house, {"stage": "production", "team_size": 5}, store=False, hardware_from="local")
    found = rows(where.target)[0]
    assert float(found["training_1_score"]) == round(decision["roles"]["training"]["ranking"][0]["score"], 6)


def test_what_is_not_understood_is_refused_before_any_work_with_every_fault(house: House, where: Files) -> None:
    where.sources[0].write_text("stge,team_size\nresearch,2\n")
    assert "did you mean 'stage'?" in faults_of(house, where)
    told = faults_of(house, where, {"top": 0, "more": ["scors"], "hardware_from": "locl", "columns": ["x"]})
    for part in ("top: 0", "did you mean 'scores'?", "did you mean 'local'?", "map: 'x'"):
        assert part in told
    assert left(where) == ["in.csv"]


def test_paths_are_checked_before_any_work(house: House, where: Files) -> None:
    folder, (source,) = where.target.parent, where.sources

    def told(source: Path = source, out: str = "out.csv", errors: str = "errors.csv", force: bool = False) -> str:
        return faults_of(house, Files([source], folder / out, folder / errors), force=force)

    assert "output: " in told(out="out.ods")
    assert "errors: " in told(errors="errors")
    assert "did you mean 'in.csv'?" in told(folder / "inn.csv")
    assert "in a folder that exists" in told(out="no/out.csv")
    assert "other files for output and errors" in told(errors="out.csv")
    assert "other files for output and errors" in told(out="in.csv", force=True)
    assert left(where) == ["in.csv"]


@pytest.mark.parametrize("rows", [11, 500])
def test_a_workbook_that_would_be_too_long_is_refused_as_soon_as_that_is_known(
    house: House, where: Files, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 10)
    book = Files(where.sources, where.target.with_suffix(".xlsx"), where.errors)
    where.sources[0].write_text(HEADER + GOOD * rows)
    told: list[tuple[str, int]] = []
    said = faults_of(house, book, {"block_rows": 64}, progress=lambda stage, done, _: told.append((stage, done)))
    assert f"{min(rows, 64)} rows" in said
    assert told == [], "refused at the first part that is too much"
    lake = where.sources[0].with_suffix(".parquet")
    pl.DataFrame({"stage": ["research"] * rows}).write_parquet(lake)
    assert f"{rows} rows" in faults_of(house, Files([lake], book.target, where.errors))
    assert left(where) == ["in.csv", "in.parquet"]
    where.sources[0].write_text(HEADER + GOOD * 10)
    assert score_files(house, book, {}, workers=1).scored == 10


def test_targets_with_long_names_that_begin_alike_have_folders_of_their_own(house: House, where: Files) -> None:
    assert where.run.name == ".out.csv.run"
    for letter in ("a", "ü", "\N{CJK UNIFIED IDEOGRAPH-6F22}"):  # of one, two and three bytes
        stem = letter * (230 // len(letter.encode()))
        several = [Files(where.sources, where.target.with_name(f"{stem}{n}.csv"), where.errors) for n in range(2)]
        assert len({each.run for each in several}) == 2
        assert score_files(house, several[0], {}, workers=1, force=True).read == 4
        several[0].target.unlink()
    assert left(where) == ["errors.csv", "in.csv"]


def test_files_that_exist_are_replaced_only_by_force(house: House, where: Files) -> None:
    where.target.write_text("mine")
    where.errors.write_text("mine too")
    assert faults_of(house, where).count("--force") == 2
    assert (where.target.read_text(), where.errors.read_text()) == ("mine", "mine too")
    score_files(house, where, {}, workers=1, force=True)
    assert where.target.read_text().startswith("row,id,name")


# --- Interrupted -----------------------------------------------------------------------------------------------------


def interrupted(house: House, where: Files, wanted: Wanted, after: int) -> None:
    """Score until so many rows are done; then Ctrl-C."""

    def stop(stage: str, done: int, _of: int | None) -> None:
        if stage == use_case.SCORING and done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_files(house, where, wanted, workers=1, progress=stop)


@pytest.fixture
def long(where: Files) -> Files:
    where.sources[0].write_text(killing.projects(500, seed=11))
    return where


def test_what_was_interrupted_is_gone_on_with_to_the_same_bytes(
    house: House, long: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: Wanted = {"block_rows": 64}
    whole = score_files(house, long, wanted, workers=1)
    expected = long.target.read_bytes(), long.errors.read_bytes()
    long.target.unlink()
    long.errors.unlink()
    interrupted(house, long, wanted, 200)
    assert left(long) == [".out.csv.run", "in.csv"]
    assert "--resume goes on with it" in faults_of(house, long, wanted)
    scored: list[int] = []
    real = parts.score_part

    def noted(run: Run, part: int) -> PartDone:
        scored.append(part)
        return real(run, part)

    monkeypatch.setattr(parts, "score_part", noted)
    assert score_files(house, long, wanted, resume=True, workers=1) == whole
    assert scored == [4, 5, 6, 7], "what was done is not done again"
    assert (long.target.read_bytes(), long.errors.read_bytes()) == expected
    assert left(long) == ["errors.csv", "in.csv", "out.csv"]


def test_a_disk_that_fills_up_while_results_are_put_together_is_gone_on_with(
    house: House, where: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(writing, "assemble", full)
        with pytest.raises(OSError, match="No space left"):
            score_files(house, where, {}, workers=1)
    assert left(where) == [".out.csv.run", "errors.csv", "in.csv"]
    other = Files(where.sources, where.target, where.errors.with_name("other.csv"))
    other.errors.write_text("somebody's own")
    assert "other.csv' is not the name of a new file" in faults_of(house, other, resume=True)
    assert "--resume goes on with it" in faults_of(house, where)
    assert score_files(house, where, {}, resume=True, workers=1).failed == 2
    assert left(where) == ["errors.csv", "in.csv", "other.csv", "out.csv"]


class Killed(BaseException):
    """Stands for a process that ends at once."""


def test_who_is_killed_while_the_folder_is_taken_away_goes_on_all_the_same(
    house: House, where: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = score_files(house, where, {}, workers=1)
    expected = where.target.read_bytes(), where.errors.read_bytes()
    real = os.unlink
    for most in range(7):  # all but the note that all is written, and the lock
        taken: list[str] = []

        def unlink(path: Any, *, dir_fd: int | None = None, of: int = most, gone: list[str] = taken) -> None:
            if Path(path).suffix != ".part" and where.errors.exists() and where.target.exists():
                if len(gone) == of:
                    raise Killed
                gone.append(str(path))
            real(path, dir_fd=dir_fd)

        where.target.unlink()
        where.errors.unlink()
        with monkeypatch.context() as patched:
            patched.setattr(os, "unlink", unlink)
            with pytest.raises(Killed):
                score_files(house, where, {}, workers=1)
        assert "another options" in faults_of(house, where, {"top": 2}, resume=True)
        assert score_files(house, where, {}, resume=True, workers=1) == whole
        assert (where.target.read_bytes(), where.errors.read_bytes()) == expected
        assert left(where) == ["errors.csv", "in.csv", "out.csv"]


def test_what_a_killed_process_has_left_beside_the_output_goes(
    house: House, where: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [".out.csv.part", ".out.csv.0123456789.part", ".other.csv.0123456789ab.part"]
    for name in others:
        where.target.with_name(name).write_text("somebody's own")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda *_, **__: None)  # a process that ends at once takes nothing away
        with suppress(Killed), files.replacing(where.target):
            raise Killed
    assert len(left(where)) == len(others) + 2
    assert score_files(house, where, {}, workers=1).read == 4
    assert left(where) == sorted([*others, "errors.csv", "in.csv", "out.csv"])


def test_only_the_same_work_is_gone_on_with(house: House, long: Files) -> None:
    interrupted(house, long, {"block_rows": 64}, 200)
    assert "another options" in faults_of(house, long, {"block_rows": 64, "top": 2}, resume=True)
    assert "another given" in faults_of(house, long, {"block_rows": 64, "hardware_from": "local"}, resume=True)
    assert "another block_rows" in faults_of(house, long, {"block_rows": 128}, resume=True)
    with long.sources[0].open("a") as file:
        file.write("500,,research,,,,,,\n")
    assert "another sources" in faults_of(house, long, {"block_rows": 64}, resume=True)
    assert score_files(house, long, {"block_rows": 64}, force=True, workers=1).read == 501


def test_a_file_that_was_moved_meanwhile_is_the_same_file(house: House, long: Files) -> None:
    folder = long.target.parent
    path = folder / "a.parquet"
    pl.read_csv(long.sources[0]).select("id", "stage", "offline").write_parquet(path)
    sliced = Files([path], long.target, long.errors)
    interrupted(house, sliced, {"block_rows": 64}, 100)
    (folder / "moved").mkdir()
    moved = Files([path.rename(folder / "moved" / "a.parquet")], long.target, long.errors)
    assert score_files(house, moved, {"block_rows": 64}, resume=True, workers=2).read == 500


def test_there_is_nothing_to_go_on_with_at_first(house: House, where: Files) -> None:
    assert score_files(house, where, {}, resume=True, workers=1).read == 4


def test_two_at_once_do_not_mix(house: House, long: Files) -> None:
    def second(stage: str, _done: int, _of: int | None) -> None:
        if stage == use_case.SCORING:
            with pytest.raises(Conflict, match="another process"):
                score_files(house, long, {}, force=True, workers=1)

    assert score_files(house, long, {}, workers=1, progress=second).read == 500


def test_a_damaged_folder_is_said_and_begun_anew_by_force(house: House, long: Files) -> None:
    interrupted(house, long, {"block_rows": 64}, 200)
    (long.run / "run.json").write_text("{")
    with pytest.raises(Damaged, match=r"run\.json cannot be read"):
        score_files(house, long, {"block_rows": 64}, resume=True, workers=1)
    assert score_files(house, long, {"block_rows": 64}, force=True, workers=1).read == 500


def test_a_check_scores_nothing_and_says_how_files_are_understood(house: House, where: Files) -> None:
    found = use_case.check(house, where.sources, {})
    assert [(c["column"], c["question"]) for c in found["columns"]][:3] == [
        ("id", "id"),
        ("name", "name"),
        ("stage",) * 2,
    ]
    assert (found["faults"], found["rows"], found["bad_rows"]) == ([], 4, 2)
    assert [(f["row"], f["line"], f["nearest"]) for f in found["bad"]] == [(2, 3, "research"), (3, 4, None)]
    where.sources[0].write_text("stage\n" + "reserch\n" * 9)
    many = use_case.check(house, where.sources, {})
    assert (many["bad_rows"], [f["row"] for f in many["bad"]]) == (9, [1, 2, 3, 4, 5])
    where.sources[0].write_text("stge\nresearch\n")
    other = use_case.check(house, where.sources, {})
    (fault,) = other["faults"]
    assert (fault["value"], fault["nearest"], other["bad_rows"], other["bad"]) == ("'stge'", "stage", None, [])
    assert left(where) == ["in.csv"]
    json.dumps(found, allow_nan=False)
