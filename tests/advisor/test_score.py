"""A file of projects: good rows are scored as a single request is, bad rows are reported, nothing is half done."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor import score_output
from advisor.errors import InvalidInput
from advisor.house import House
from advisor.score import Counts, score_file
from tests.asking import decided

HEADER = "id,name,stage,deploy_targets,team_size,offline,python_version\n"
GOOD = "1,phone,production,server_cpu;android,5,TRUE,3.10\n"


class Scored:
    """What a run left behind."""

    def __init__(self, counts: Counts, folder: Path, ending: str) -> None:
        self.counts = counts
        self.output = folder / f"out{ending}"
        self.errors = folder / "errors.csv"

    def rows(self) -> list[dict[str, Any]]:
        text = self.output.read_text(encoding="utf-8")
        if self.output.suffix == ".csv":
            return list(csv.DictReader(text.splitlines(keepends=True)))
        return [json.loads(line) for line in text.splitlines()]

    def faults(self) -> list[dict[str, str]]:
        return list(csv.DictReader(self.errors.read_text(encoding="utf-8").splitlines(keepends=True)))


Score = Callable[..., Scored]


@pytest.fixture
def score(house: House, tmp_path: Path) -> Score:
    def run(content: str | bytes, name: str = "in.csv", to: str = ".csv", **options: Any) -> Scored:
        source = tmp_path / name
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        counts = score_file(house, source, tmp_path / f"out{to}", tmp_path / "errors.csv", force=True, **options)
        assert counts.read == counts.scored + counts.failed
        assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part"))
        return Scored(counts, tmp_path, to)

    return run


def faults_of(score: Score, content: str | bytes, name: str = "in.csv") -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        score(content, name)
    return [str(fault) for fault in caught.value.faults]


def test_a_row_gets_the_answer_that_a_request_gets(score: Score, house: House) -> None:
    answers = {"stage": "production", "deploy_targets": ["server_cpu", "android"], "team_size": 5, "offline": True}
    expected = decided(house, {**answers, "python_version": "3.10"}, store=False)
    del expected["created_at"], expected["signature"]  # these come with recording
    row = score(HEADER + GOOD, to=".jsonl").rows()[0]
    assert row["decision"] == expected
    assert (row["row"], row["id"], row["name"], row["passport"]) == (1, "1", "phone", expected["passport"])
    line = json.dumps({"id": 1, "name": "phone", "answers": {**answers, "python_version": "3.10"}})
    assert score(line, "in.jsonl", to=".jsonl").rows() == [row]


def test_the_table_holds_what_the_decision_says(score: Score) -> None:
    decision = score(HEADER + GOOD, to=".jsonl").rows()[0]["decision"]
    row = score(HEADER + GOOD).rows()[0]
    assert tuple(row) == score_output.COLUMNS
    training = decision["roles"]["training"]
    first, second = training["ranking"][:2]
    assert row["training_first"] == first["framework"]
    assert float(row["training_score"]) == first["score"]
    assert float(row["training_win_probability"]) == first["win_probability"]
    assert row["training_runner_up"] == second["framework"]
    assert float(row["training_margin"]) == training["margin"]
    assert int(row["training_excluded_count"]) == 2
    assert row["training_reasons"].split("; ")[0] in {r["text"] for r in first["reasons"]}
    assert row["runtime_first"] == "litert"
    assert (row["runtime_runner_up"], row["runtime_margin"], row["runtime_tied_with"]) == ("", "", "")
    assert row["stack"].count(" | ") == 1
    assert row["stack"].endswith("--> litert --> android")


def test_an_empty_cell_is_unknown_and_several_are_separated_by_semicolons(score: Score) -> None:
    row = score(HEADER + ",,,server_cpu ; android;,,no,\n", to=".jsonl").rows()[0]
    assert row["decision"]["answers"] == {"deploy_targets": ["server_cpu", "android"], "offline": False}
    assert (row["id"], row["name"]) == ("", "")


def test_bad_rows_are_reported_with_row_line_column_and_nearest(score: Score) -> None:
    rows = (
        GOOD,
        '2,"two\nlines",production,server_cpu;androd,"1,000",perhaps,3.7\n',
        "3,short,production\n",
        "4,long,,,,,,,\n",
        "5,last,,none;android,,,\n",
    )
    scored = score(HEADER + "".join(rows))
    assert scored.counts == Counts(5, 1, 4)
    found = [(f["row"], f["line"], f["column"], f["value"], f["nearest"]) for f in scored.faults()]
    assert found == [
        ("2", "3", "team_size", "'1,000'", ""),
        ("2", "3", "deploy_targets", "'androd'", "android"),
        ("2", "3", "offline", "'perhaps'", ""),
        ("2", "3", "python_version", "'3.7'", "3.9"),
        ("3", "5", "", "3 cells", ""),
        ("4", "6", "", "9 cells", ""),
        ("5", "7", "deploy_targets", "'none' together with others", ""),
    ]
    assert scored.faults()[0]["reason"] == "expected a number written like 1234.5 (people)"


@pytest.mark.parametrize("cell", ["1e5", "1.234,5", "1 000", "0x10", "inf", "nan", "１２", "5.", "--5", "5 people"])
def test_numbers_have_one_form(score: Score, cell: str) -> None:
    scored = score(f'team_size,stage\n"{cell}",research\n')
    assert [f["column"] for f in scored.faults()] == ["team_size"]


@pytest.mark.parametrize("cell", ["5", "5.0", "  5 "])
def test_plain_numbers_are_taken(score: Score, cell: str) -> None:
    assert score(f"team_size,stage\n{cell},research\n", to=".jsonl").rows()[0]["decision"]["answers"]["team_size"] == 5


def test_cells_do_not_become_formulas(score: Score) -> None:
    names = ["=1+1", "+1", "-1", "@x", "\tx", "plain"]
    lines = [json.dumps({"name": name, "id": name, "answers": {}}) for name in names]
    rows = score("\n".join(lines), "in.jsonl").rows()
    assert [row["name"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "plain"]
    assert [row["id"] for row in rows] == [row["name"] for row in rows]
    scored = score("team_size\n-5\n=2\n")
    assert [f["value"] for f in scored.faults()] == ["'-5.0", "'=2'"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(score: Score) -> None:
    assert score(b"\xef\xbb\xbf" + (HEADER + GOOD).encode()).counts.scored == 1
    assert score(b'\xef\xbb\xbf{"stage": "research"}\n', "in.jsonl").counts.scored == 1


def test_line_ends_of_other_systems_and_blank_lines_are_no_rows(score: Score) -> None:
    assert score("stage\r\nresearch\r\n\r\nprototype\r\n\n  \n").counts == Counts(2, 2, 0)
    assert score('{"stage": "research"}\r\n\r\n{}', "in.jsonl").counts == Counts(2, 2, 0)


def test_a_row_that_is_no_text_costs_itself_only(score: Score) -> None:
    scored = score((HEADER + GOOD).encode() + b"2,bad \xff,,,,,\n" + GOOD.encode())
    assert scored.counts == Counts(3, 2, 1)
    assert scored.faults()[0]["reason"] == "expected UTF-8 text"
    assert score(b'{"stage": "research"}\n{"\xff"\n{}', "in.jsonl").counts == Counts(3, 2, 1)


def test_a_quote_that_is_never_closed_costs_its_line_only(score: Score) -> None:
    scored = score(HEADER + '1,"open,,,,,\n' + GOOD * 3)
    assert scored.counts == Counts(4, 3, 1)
    assert [(f["row"], f["line"]) for f in scored.faults()] == [("1", "2")]
    scored = score(HEADER + GOOD + '2,"a"b,,,,,\n3,"x\n' + GOOD)
    assert scored.counts == Counts(4, 2, 2)


def test_a_huge_line_costs_itself_only(score: Score) -> None:
    huge = "x" * (2**20 + 10)
    scored = score(HEADER + GOOD + f"2,{huge},,,,,\n" + GOOD)
    assert scored.counts == Counts(3, 2, 1)
    assert scored.faults()[0]["value"] == "more than 1048576 bytes"
    assert score(f'{{"stage": "research"}}\n{{"{huge}": 1}}\n{{}}', "in.jsonl").counts == Counts(3, 2, 1)
    assert "more than 1048576 bytes" in faults_of(score, huge)[0]


def test_a_cell_longer_than_the_reader_takes_is_a_bad_row(score: Score) -> None:
    scored = score(HEADER + f"1,{'x' * 200_000},,,,,\n")
    assert scored.counts == Counts(1, 0, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: missing, expected a line that names the columns"),
        ("\n\n", "line 1: missing, expected a line that names the columns"),
        ("stge,id\n", "line 1, column 1: 'stge' is not a question, id or name"),
        ("stage,stage\n", "line 1, column 2: 'stage' is not a column that stands only once"),
        ("id,,stage\n", "line 1, column 2: '' is not a question, id or name"),
        ("id,name\n", "line 1: 'id, name' is not a line with at least one question among its columns"),
        ("id;stage\n", "columns are separated by commas"),
        (",".join(["stage"] * 501), "501 columns is not at most 500 columns"),
        ('stage,"open\n', "is not a line of CSV"),
        (b"stage,\xff\n", "is not UTF-8 text"),
    ],
)
def test_a_bad_first_line_is_refused_before_any_work(
    score: Score, tmp_path: Path, content: str | bytes, said: str
) -> None:
    assert said in faults_of(score, content)[0]
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "errors.csv").exists()


def test_a_wild_first_line_is_not_repeated_without_end(score: Score) -> None:
    faults = faults_of(score, ",".join(f"x{i}" for i in range(400)))
    assert len(faults) == 21
    assert "380 more columns" in faults[-1]


def test_a_file_without_rows_has_no_answers(score: Score) -> None:
    scored = score(HEADER)
    assert scored.counts == Counts(0, 0, 0)
    assert scored.output.read_text() == ",".join(score_output.COLUMNS) + "\n"
    assert score("", "in.jsonl").counts == Counts(0, 0, 0)


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("[1]", "", "[1]"),
        ("null", "", "null"),
        ("{", "", "''"),
        ('{"answers": 3}', "answers", "3"),
        ('{"answers": {}, "nam": "x"}', "", "'nam'"),
        ('{"answers": {}, "name": [1]}', "name", "[1]"),
        ('{"answers": {}, "id": true}', "id", "true"),
        ('{"answers": {}, "name": "\\ud800"}', "name", "'\\ud800'"),
        ('{"answers": {}, "name": "' + "x" * 301 + '"}', "name", None),
        ('{"answers": {}, "answers": {}}', "", "the key 'answers', used twice in one object,"),
        ('{"stge": 1}', "", "'stge'"),
        ('{"team_size": NaN}', "", "the number NaN"),
        ('{"team_size": 1e999}', "team_size", "inf"),
        ('{"team_size": "5"}', "team_size", "'5'"),
        ("[" * 3000 + "]" * 3000, "", "this nesting"),
        ('{"considering": ["jaxx@1"]}', "considering", "'jaxx'"),
    ],
)
def test_a_line_of_json_is_read_strictly(score: Score, line: str, column: str, value: str | None) -> None:
    scored = score(f'{{"stage": "research"}}\n{line}\n{{"stage": "research"}}', "in.jsonl")
    assert scored.counts == Counts(3, 2, 1)
    fault = scored.faults()[0]
    assert (fault["row"], fault["line"], fault["column"]) == ("2", "2", column)
    assert value is None or fault["value"] == value


def test_errors_can_be_json_lines(score: Score, house: House, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("stage\nresearh\n")
    score_file(house, source, tmp_path / "out.jsonl", tmp_path / "errors.jsonl")
    assert json.loads((tmp_path / "errors.jsonl").read_text()) == {
        "row": 1,
        "line": 2,
        "column": "stage",
        "value": "'researh'",
        "reason": "expected one of: education, research, prototype, production",
        "nearest": "research",
    }


def test_hardware_counts_for_every_row(score: Score, house: House) -> None:
    rows = score("stage\nresearch\nprototype\n", to=".jsonl", hardware_from="local").rows()
    assert {row["decision"]["hardware"]["label"] for row in rows} == {house.probe().label}
    with pytest.raises(InvalidInput):
        score("stage\nresearch\n", hardware_from="h-none")


def test_progress_is_told_in_bytes(score: Score) -> None:
    told: list[tuple[int, int]] = []
    content = "stage\n" + "research\n" * 250
    score(content, progress=lambda done, total: told.append((done, total)))
    assert len(told) == 2
    assert all(0 < done <= total == len(content) for done, total in told)


def paths_faults(house: House, *paths: Path, force: bool = False) -> str:
    with pytest.raises(InvalidInput) as caught:
        score_file(house, *paths, force=force)
    return str(caught.value)


def test_paths_are_checked_before_any_work(house: House, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("stage\nresearch\n")
    out, errors = tmp_path / "out.csv", tmp_path / "errors.csv"
    assert "a file that ends in .csv or .jsonl" in paths_faults(house, source, tmp_path / "out.xlsx", errors)
    assert "a file that ends in .csv or .jsonl" in paths_faults(house, source, out, tmp_path / "errors")
    assert "did you mean 'in.csv'?" in paths_faults(house, tmp_path / "inn.csv", out, errors)
    assert "a file, but a folder" in paths_faults(house, tmp_path, out, errors)
    assert "in a folder that exists" in paths_faults(house, source, tmp_path / "no" / "out.csv", errors)
    assert "three different files" in paths_faults(house, source, out, out)
    assert "three different files" in paths_faults(house, source, source, errors, force=True)
    assert list(tmp_path.glob("*.csv")) == [source]


def test_files_that_exist_are_replaced_only_by_force(house: House, tmp_path: Path) -> None:
    source, out, errors = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "errors.csv"
    source.write_text("stage\nresearch\n")
    out.write_text("mine")
    errors.write_text("mine too")
    said = paths_faults(house, source, out, errors)
    assert said.count("--force") == 2
    assert (out.read_text(), errors.read_text()) == ("mine", "mine too")
    score_file(house, source, out, errors, force=True)
    assert out.read_text().startswith("row,id,name")


def test_nothing_is_left_under_the_final_name_when_a_run_fails(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out, errors = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "errors.csv"
    source.write_text("stage\n" + "research\n" * 300)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_file(house, source, out, errors, progress=stop)
    assert os.listdir(tmp_path) == ["in.csv"] or set(os.listdir(tmp_path)) <= {"in.csv", "test.db"} | {
        f"test.db-{part}" for part in ("wal", "shm")
    }


def test_the_same_file_gives_the_same_bytes(score: Score) -> None:
    content = HEADER + GOOD + "2,,research,,,,\n" + "3,short\n"
    first = score(content)
    kept = (first.output.read_bytes(), first.errors.read_bytes())
    again = score(content)
    assert (again.output.read_bytes(), again.errors.read_bytes()) == kept


_GOOD_ROWS = ["1,a,research,android,5,yes,3.12", '2,"a ""b""",,,,,', "3,,production,server_cpu;ios,1.5,no,"]
_BAD_ROWS = [
    "4,short",
    "5,a,reserch,,,,",
    "6,a,,androd,x,,3.1",
    "7,a,,,1e9,maybe,",
    "8,a,,none;ios,,,",
    "9,a,,,,,,,,",
    "10,\udcff,,,,,",
    '11,"a"b,,,,,',
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.sampled_from([*_GOOD_ROWS, *_BAD_ROWS]), max_size=12))
def test_counts_add_up_and_every_failed_row_is_reported(score: Score, rows: list[str]) -> None:
    text = HEADER + "".join(f"{row}\n" for row in rows)
    scored = score(text.encode("utf-8", "surrogateescape"))
    bad = {str(number) for number, row in enumerate(rows, 1) if row in _BAD_ROWS}
    assert scored.counts == Counts(len(rows), len(rows) - len(bad), len(bad))
    assert {fault["row"] for fault in scored.faults()} == bad
    assert {row["row"] for row in scored.rows()} == {str(n) for n in range(1, len(rows) + 1)} - bad


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(alphabet='a,;"\n\r\x00é1', max_size=120).map(str.encode))
def test_no_content_at_all_breaks_the_reading(score: Score, content: bytes) -> None:
    for name, head in (("in.csv", HEADER.encode()), ("in.jsonl", b"")):
        scored = score(head + content, name)
        assert {fault["row"] for fault in scored.faults()} | {row["row"] for row in scored.rows()} == {
            str(number) for number in range(1, scored.counts.read + 1)
        }
