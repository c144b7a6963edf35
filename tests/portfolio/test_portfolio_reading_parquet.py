"""Parquet: typed columns, any rows of it, and files that are broken or hold what no answer is."""

import os
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from threading import Thread

import polars as pl
import pytest

from portfolio.blocks import RowFault
from portfolio.mapping import FileMapping
from portfolio.reading import open_source, parse
from portfolio.reading.files import ParquetFile
from portfolio.reading.quiet import quiet
from rules.faults import InvalidInput
from rules.release import Release
from tests.portfolio.conftest import whole

FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3, 4, 5],
        "stage": pl.Series(["research", "production", None, "reserch", "research"], dtype=pl.Categorical),
        "team_size": [5.5, 0.0, None, 3.0, float("nan")],
        "offline": [True, None, False, True, False],
        "deploy_targets": [["android", "ios"], [], None, ["none"], ["none", "ios"]],
        "need": ["train; fine_tune", None, "", "train", "train"],
        "python_version": pl.Series(["3.12", "3.11", None, None, None], dtype=pl.Enum(["3.11", "3.12"])),
        "Owner": [date(2026, 1, 1)] * 5,
    }
)
MAPPING = FileMapping(columns={"owner": "-"})


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    path = tmp_path / "lake.parquet"
    FRAME.write_parquet(path, row_group_size=2)
    return path


def test_a_look_at_a_file_reads_no_further(small_release: Release, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of a large file are read ahead of who takes them, all at once."""
    monkeypatch.setattr(ParquetFile, "frames", None)
    sample = open_source([lake], small_release.questionnaire, MAPPING).report.sample
    assert [row.get("stage") for row in sample[:2]] == ["'research'", "'production'"]


def test_typed_columns_are_read(small_release: Release, lake: Path) -> None:
    found = whole(small_release, lake, mapping=MAPPING)
    assert (found.counts, found.source.rows, found.source.sliceable) == ((5, 2, 3), 5, True)
    assert found.answers == [
        {
            "stage": "research",
            "need": ["train", "fine_tune"],
            "deploy_targets": ["android", "ios"],
            "offline": True,
            "team_size": 5.5,
            "python_version": "3.12",
        },
        {"offline": False},
    ]
    assert [(f.row, f.line, f.column, f.value, f.nearest) for f in found.faults] == [
        (2, None, "team_size", "0.0", None),
        (4, None, "stage", "'reserch'", "research"),
        (5, None, "deploy_targets", "'none' together with others", None),
        (5, None, "team_size", "nan", None),
    ]
    types = {column.header: column.type for column in found.source.report.columns}
    assert (types["deploy_targets"], types["team_size"]) == ("List(String)", "Float64")


def test_any_rows_are_those_of_the_whole(small_release: Release, lake: Path) -> None:
    source = open_source([lake], small_release.questionnaire, MAPPING)
    questionnaire, names = small_release.questionnaire, small_release.names
    every = parse(pl.concat(source.frames(3)), 1, questionnaire, names, source.mapping)
    faults: list[RowFault] = []
    for start in (0, 2, 4):
        block = parse(source.slice(start, 2), start + 1, questionnaire, names, source.mapping)
        faults += block.faults
    assert tuple(faults) == every.faults
    assert "Owner" not in source.slice(0, 1).columns


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pl.Series([date(2026, 1, 1)]), "Date is not a column of text, numbers"),
        (pl.Series([b"x"]), "Binary is not"),
        (pl.Series([{"a": 1}]), "Struct"),
        (pl.Series([[["x"]]]), "List(List(String)) is not"),
        (pl.Series([[date(2026, 1, 1)]]), "List(Date) is not"),
    ],
)
def test_types_that_no_answer_has_are_refused(
    small_release: Release, tmp_path: Path, column: pl.Series, said: str
) -> None:
    pl.DataFrame({"id": [1], "stage": column}).write_parquet(tmp_path / "odd.parquet")
    with pytest.raises(InvalidInput) as caught:
        whole(small_release, tmp_path / "odd.parquet")
    (fault,) = caught.value.faults
    assert fault.path == "column 2, stage"
    assert said in str(fault)


def test_a_truncated_or_spoilt_file_is_refused(
    small_release: Release, lake: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = lake.read_bytes()
    chance = Random(3)  # noqa: S311
    refused = 0
    for _ in range(60):
        cut = chance.randrange(len(content))
        spoilt = bytearray(content)
        spoilt[cut] ^= 1 + chance.randrange(255)
        for broken in (content[:cut], bytes(spoilt)):
            lake.write_bytes(broken)
            try:
                whole(small_release, lake, mapping=MAPPING)
            except InvalidInput as invalid:
                refused += bool(invalid.faults)
    assert refused >= 60
    assert capfd.readouterr().err == "", "no stack trace of the reader beside the fault"


def test_what_others_say_meanwhile_is_not_lost(capfd: pytest.CaptureFixture[str]) -> None:
    def panic() -> None:
        with quiet():
            os.write(2, b"said before\n\nthread 'async-executor-0' (7) panicked at a.rs:1:\nstack backtrace:\n")
            raise ValueError

    with quiet():
        os.write(2, b"one\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "one\n"
    with quiet(), suppress(ValueError):
        panic()
    assert capfd.readouterr().err == "said before\n"
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_a_thread_of_a_service_holds_nobody_up(capfd: pytest.CaptureFixture[str]) -> None:
    said = []

    def read() -> None:
        with quiet():
            os.write(2, b"another request\n")
            said.append(capfd.readouterr().err)

    thread = Thread(target=read)
    thread.start()
    thread.join()
    assert said == ["another request\n"]


def test_a_source_without_rows_is_one_empty_block(small_release: Release, tmp_path: Path) -> None:
    FRAME.drop("Owner").head(0).write_parquet(tmp_path / "none.parquet")
    (tmp_path / "none.csv").write_text("id,stage\n")
    (tmp_path / "none.jsonl").write_text("")
    for name in ("none.parquet", "none.csv", "none.jsonl"):
        found = whole(small_release, tmp_path / name)
        assert [block.read for block in found.blocks] == [0]
