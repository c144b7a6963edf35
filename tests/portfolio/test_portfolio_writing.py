"""The parts of a run as one file: every row once and in order, the same bytes, no formulas, whole or not at all."""

import csv
import gc
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

import fastexcel
import polars as pl
import pytest

from portfolio import files
from portfolio.writing import FORMATS, assemble, assemble_errors, assembling, workbook
from rules.faults import InvalidInput
from tests.portfolio.test_portfolio_joining import footer

NAMES = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "plain", 'say "so", twice\nor more', "Bäckerei 🥐", None, ""]
Write = Callable[[pl.LazyFrame, BinaryIO], None]
FRAMEWORKS = pl.Enum(["pytorch", "jax"])
STOPPED = pl.List(pl.Enum(["caffe (gate-1)", "caffe (gate-6)"]))


def part(first: int, names: list[str | None]) -> pl.DataFrame:
    rows = len(names)
    return pl.DataFrame(
        {
            "row": pl.Series([first + i for i in range(rows)], dtype=pl.Int64),
            "name": pl.Series(names, dtype=pl.String),
            "training_1": pl.Series([["pytorch", "jax", None][i % 3] for i in range(rows)], dtype=FRAMEWORKS),
            "training_1_score": pl.Series([0.8213 - i / 10 for i in range(rows)], dtype=pl.Float64),
            "training_excluded": pl.Series([[f"caffe (gate-{first})"] for _ in names], dtype=STOPPED),
            "training_scores": pl.Series([[0.5, float("nan")]] * rows, dtype=pl.Array(pl.Float32, 2)),
        }
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of three parts, the second of which has no good row."""
    folder = tmp_path / "run"
    folder.mkdir()
    for index, names in enumerate((NAMES[:5], [], NAMES[5:])):
        part(1 if index == 0 else 6, names).write_parquet(folder / f"out-{index:05d}.parquet")
        bad = pl.DataFrame({"row": [index], "line": [None], "reason": ["=cmd"]}, schema_overrides={"line": pl.Int64})
        bad.head(index).write_parquet(folder / f"bad-{index:05d}.parquet")
    files.write_json(folder / "run.json", {"parts": 3, "block_rows": 64})
    gates = [{"id": f"gate-{first}", "roles": ["training"], "text": f"{{name}} fails; {first}"} for first in (1, 6)]
    caffe = {"id": "caffe", "name": "Caffe", "roles": ["training"]}
    files.write_json(folder / "release.json", {"gates": gates, "alternatives": [caffe]})
    return folder


def put(run: Path, form: str) -> Path:
    target = run.parent / f"out.{form}"
    assemble(run, target, form)
    return target


@pytest.mark.parametrize(("block_rows", "groups"), [(2**14 - 1, [12]), (2**14, [5, 7])])
def test_parquet_holds_every_part_in_order_with_its_types(run: Path, block_rows: int, groups: list[int]) -> None:
    """Parts of that many rows are copied as row groups of their own; smaller ones are written anew, together."""
    files.write_json(run / "run.json", {"parts": 3, "block_rows": block_rows})
    target = put(run, "parquet")
    _, told = footer(target.read_bytes())[4]
    assert [group[3][1] for group in told[1]] == groups
    found = pl.read_parquet(target)
    assert found["row"].to_list() == list(range(1, 13))
    assert found["name"].to_list() == NAMES
    assert found.schema["training_1"] == FRAMEWORKS
    assert found["training_excluded"].to_list() == [["caffe (gate-1)"]] * 5 + [["caffe (gate-6)"]] * 7


@pytest.mark.parametrize(("form", "separator"), [("csv", ","), ("tsv", "\t")])
def test_cells_do_not_become_formulas(run: Path, form: str, separator: str) -> None:
    text = put(run, form).read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))
    marked = ["'" + name for name in NAMES[:7] if name] + [name or "" for name in NAMES[7:]]
    assert [row["name"] for row in rows] == marked
    assert [row["row"] for row in rows] == [str(number) for number in range(1, 13)]
    assert (rows[3]["training_1_score"], rows[2]["training_1"]) == ("0.5213", "")
    assert [rows[0]["training_excluded"], rows[5]["training_excluded"]] == ["Caffe fails; 1.", "Caffe fails; 6."]
    assert float(rows[9]["training_1_score"]) == pytest.approx(0.4213)
    assert json.loads(rows[0]["training_scores"]) == [0.5, None]


def test_json_lines_hold_values(run: Path) -> None:
    rows = [json.loads(line) for line in put(run, "jsonl").read_text().splitlines()]
    assert [row["name"] for row in rows] == NAMES
    assert rows[2]["training_1"] is None
    assert rows[0]["training_scores"] == [0.5, None]


def test_a_workbook_holds_text_as_text(run: Path) -> None:
    target = put(run, "xlsx")
    with ZipFile(target) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    found = fastexcel.read_excel(target).load_sheet(0, dtypes="string").to_polars()
    assert [name or "" for name in found["name"]] == [name or "" for name in NAMES]
    assert found["row"].to_list() == [str(number) for number in range(1, 13)]
    assert found["training_1_score"][0] == "0.8213"


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_parts_make_the_same_bytes(run: Path, form: str) -> None:
    first = put(run, form).read_bytes()
    assert put(run, form).read_bytes() == first
    assert not list(run.parent.glob(".*"))


def test_errors_are_put_together_in_the_same_way(run: Path) -> None:
    assemble_errors(run, run.parent / "bad.csv", ".CSV")
    assert (run.parent / "bad.csv").read_text() == "row,line,reason\n1,,'=cmd\n2,,'=cmd\n"


def test_a_part_that_is_missing_leaves_what_was_there(run: Path) -> None:
    target = put(run, "csv")
    before = target.read_bytes()
    (run / "out-00001.parquet").unlink()
    with pytest.raises(FileNotFoundError, match="out-00001"):
        put(run, "csv")
    assert target.read_bytes() == before


def test_a_full_disk_leaves_what_was_there(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = put(run, "csv")
    before = target.read_bytes()
    for form in ("parquet", "csv", "jsonl", "xlsx"):
        write = FORMATS[form]

        def on_full_disk(frame: pl.LazyFrame, _: BinaryIO, write: Write = write) -> None:
            with Path("/dev/full").open("wb", buffering=0) as full:
                write(frame, full)

        monkeypatch.setattr(assembling, "FORMATS", {"csv": on_full_disk})
        with pytest.raises(OSError, match="No space left") as caught:
            put(run, "csv")
        assert caught.type is OSError
        del caught
        gc.collect()  # what could not be ended says nothing when it goes
    assert target.read_bytes() == before
    assert not list(run.parent.glob(".*"))


def test_formats_and_sizes_are_bounded(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="did you mean 'parquet'"):
        put(run, "parqet")
    monkeypatch.setattr(workbook, "MAX_ROWS", 11)
    with pytest.raises(InvalidInput, match="12 rows is not at most 11 in a workbook"):
        put(run, "xlsx")
    assert len(workbook.shortened("x" * 40_000)) == workbook.MAX_CELL_CHARACTERS
