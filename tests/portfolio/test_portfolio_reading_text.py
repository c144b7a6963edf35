"""CSV, TSV and JSON Lines: clean chunks and single lines say the same; whatever cannot be read costs its row only."""

import csv
import gzip
import io
import json
from contextlib import suppress
from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.mapping import FileMapping, with_options
from portfolio.reading import lines, open_source, separated
from portfolio.reading.frames import FAULT, LINE
from rules.faults import InvalidInput
from rules.release import Release
from tests.portfolio.conftest import Read, Write, whole

HEADER = "id,name,stage,deploy_targets,team_size,offline,python_version\n"
GOOD = '1,phone,production,"server_cpu; android",5,yes,3.10\n'
CALM = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def faults_of(read: Read, content: str | bytes, name: str = "in.csv", mapping: FileMapping | None = None) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read(content, name, mapping)
    return [str(fault) for fault in caught.value.faults]


# --- Two readers, one meaning ----------------------------------------------------------------------------------------


def frame_of(content: bytes, width: int, separator: str = ",", *, stroke: bool) -> list[dict[str, object]]:
    rows = separated.SeparatedRows(
        lines.ByteLines(io.BytesIO(content)), separator, width, {place: f"c{place}" for place in range(width)}
    )
    slow = rows._one_by_one(2**30) if not stroke else None
    frames = list(rows.frames()) if stroke else [] if slow is None else [slow]
    whole_frame = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
    made = whole_frame.to_dicts()
    return [{key: value or None for key, value in row.items() if key != FAULT or value} for row in made]


@CALM
@given(st.lists(st.text(alphabet=',;"\n\rab é\t\x00', max_size=12), max_size=8), st.sampled_from([",", ";"]))
def test_a_chunk_is_read_as_its_lines_are(parts: list[str], separator: str) -> None:
    for joined in ("\n".join(parts), "\r\n".join(parts) + "\n"):
        content = joined.encode()
        for width in (2, 3):
            assert frame_of(content, width, separator, stroke=True) == frame_of(content, width, separator, stroke=False)


@CALM
@given(st.lists(st.lists(st.text(alphabet=',;"\n ab é', max_size=6), min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_a_writer_of_csv_wrote_is_read_back(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    found = frame_of(text.getvalue().encode(), 3, stroke=True)
    assert [[row.get(f"c{place}") or "" for place in range(3)] for row in found] == rows


def test_clean_chunks_are_taken_at_a_stroke() -> None:
    assert separated.is_clean(b'a,b\n"x,y",2\r\n"say ""so""",\n,', ",", 2)
    dirty = (
        b"a\n",
        b"a,b,c\n",
        b'"a,b\n',
        b'a"b,c"\n',
        b'"a"b,c\n',
        b"a\rb,c\n",
        b"\xff,a\n",
        b"a,b\n\nc,d\n",
        b'"a\nb",c\n',
    )
    for chunk in dirty:
        assert not separated.is_clean(chunk, ",", 2), chunk


@pytest.mark.parametrize("size", [10, 64, 200])
def test_where_chunks_end_changes_nothing(size: int, monkeypatch: pytest.MonkeyPatch, read: Read) -> None:
    content = HEADER + (GOOD + '2,"a\n\n""b""",research,,,,\n3,"open,,,,,\n4,x\n') * 3 + GOOD.rstrip("\n")
    expected = read(content)
    monkeypatch.setattr(lines, "CHUNK_BYTES", size)
    found = read(content)
    assert (found.counts, found.faults, found.answers) == (expected.counts, expected.faults, expected.answers)
    assert found.counts == (13, 7, 6)


def test_rows_per_block_change_nothing_but_blocks(read: Read) -> None:
    content = HEADER + GOOD * 3 + "bad\n" + GOOD * 4
    one, many = read(content), read(content, rows=3)
    assert [block.read for block in many.blocks] == [3, 3, 2]
    assert (one.answers, one.faults) == (many.answers, many.faults)
    assert [row for block in many.blocks for row in block.row.tolist()] == [1, 2, 3, 5, 6, 7, 8]


# --- Rows ------------------------------------------------------------------------------------------------------------


def test_bad_rows_are_reported_with_row_line_column_and_nearest(read: Read) -> None:
    rows = (
        GOOD,
        '2,"two\nlines",production,server_cpu;androd,"1,000",perhaps,3.7\n',
        "3,short,production\n",
        "4,long,,,,,,,\n",
        "5,last,,none;android,,,\n",
    )
    found = read(HEADER + "".join(rows))
    assert found.counts == (5, 1, 4)
    assert [(f.row, f.line, f.column, f.value, f.nearest) for f in found.faults] == [
        (2, 3, "deploy_targets", "'androd'", "android"),
        (2, 3, "offline", "'perhaps'", None),
        (2, 3, "team_size", "'1,000'", None),
        (2, 3, "python_version", "'3.7'", "3.9"),
        (3, 5, "", "3 cells", None),
        (4, 6, "", "9 cells", None),
        (5, 7, "deploy_targets", "'none' together with others", None),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_the_one_by_which_most_is_understood(read: Read, separator: str) -> None:
    lines_ = [["id", "stage", "deploy_targets"], ["1", "research", "android"]]
    content = "\n".join(separator.join(line) for line in lines_)
    assert read(content).answers == [{"stage": "research", "deploy_targets": ["android"]}]
    if separator == "\t":
        assert read(content, "in.tsv").ids == ["1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_are_found_out(read: Read, encoding: str, packed: bool) -> None:
    content = (HEADER + GOOD.replace("phone", "Bäckerei 🥐")).encode(encoding)
    found = read(gzip.compress(content) if packed else content, "in.csv.gz" if packed else "in.csv")
    assert found.counts == (1, 1, 0)
    assert found.blocks[0].name.to_list() == ["Bäckerei 🥐"]
    (written,) = found.source.report.written
    assert encoding.removesuffix("-sig").replace("utf-16", "utf-16-le", encoding == "utf-16") in written


def test_half_a_surrogate_pair_costs_its_row_only(read: Read) -> None:
    content = (HEADER + GOOD + "2,\ud800,,,,,\n" + GOOD).encode("utf-16", "surrogatepass")
    found = read(content)
    assert found.counts == (3, 2, 1)
    assert found.faults[0].reason == "expected UTF-8 text (in spreadsheet programs: save as CSV UTF-8)"


def test_a_row_that_is_no_text_costs_itself_only(read: Read) -> None:
    found = read((HEADER + GOOD).encode() + b"2,bad \xff,,,,,\n" + GOOD.encode())
    assert found.counts == (3, 2, 1)
    assert read(b'{"stage": "research"}\n{"\xff"\n{}', "in.jsonl").counts == (3, 2, 1)


def test_a_quote_that_is_never_closed_costs_its_line_only(read: Read) -> None:
    found = read(HEADER + '1,"open,,,,,\n' + GOOD * 3)
    assert (found.counts, [(f.row, f.line) for f in found.faults]) == ((4, 3, 1), [(1, 2)])
    assert read(HEADER + GOOD + '2,"a"b,,,,,\n3,"x\n' + GOOD).counts == (4, 2, 2)


def test_a_huge_line_costs_itself_only(read: Read) -> None:
    for size in (2**20 + 10, 2**22):
        huge = "x" * size
        found = read(HEADER + GOOD + f"2,{huge},,,,,\n" + GOOD)
        assert (found.counts, found.faults[0].value) == ((3, 2, 1), "more than 1048576 bytes")
        assert read(f'{{"stage": "research"}}\n{{"{huge}": 1}}\n{{}}', "in.jsonl").counts == (3, 2, 1)
    assert read(HEADER + f"1,{'x' * 200_000},,,,,\n").counts == (1, 0, 1)


def test_line_ends_of_other_systems_and_blank_lines_are_no_rows(read: Read) -> None:
    assert read("stage\r\nresearch\r\n\r\nprototype\r\n\n  \n").counts == (2, 2, 0)
    assert read('{"stage": "research"}\r\n\r\n{}', "in.jsonl").counts == (2, 2, 0)
    assert read("stage\tneed\n\t\nresearch\t\n", "in.tsv").counts == (2, 2, 0)


def test_a_line_that_names_the_sign_is_no_header(read: Read) -> None:
    found = read("sep=;\r\nstage;name\r\nresearch;a, b\r\nprototyp;c\r\n")
    assert (found.counts, found.blocks[0].name.to_list()) == ((2, 1, 1), ["a, b"])
    assert found.faults[0].line == 4
    assert faults_of(read, "sep=;\n") == ["line 1: missing, expected a line that names the columns"]


def test_a_column_without_a_name_may_be_left_out(read: Read, small_release: Release) -> None:
    left = with_options(FileMapping(), ["=-"], small_release.questionnaire)
    assert read("stage,\nresearch,x\n", mapping=left).counts == (1, 1, 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: missing, expected a line that names the columns"),
        ("\n\n", "line 1: missing, expected a line that names the columns"),
        ("stge,id\n", "line 1, column 1: 'stge' is not a question, id, name, weight or packages"),
        ("stage,stage\n", "line 1, column 2: 'stage' is not a column that stands only once"),
        ("id,,stage\n", "line 1, column 2: '' is not a question, id, name, weight or packages"),
        ("id,name\n", "line 1: 'id, name' is not a line with at least one question among its columns"),
        (",".join(["stage"] * 501), "501 columns is not at most 500 columns"),
        (",".join(f"c{i}" for i in range(10_000)), "10000 columns is not at most 500 columns"),
        ('stage,"open\n', "is not a line of CSV"),
        ("stage,id\rresearch,1\r", "is not a line of CSV (lines end with a line feed, and a carriage return alone"),
        (b"stage,\xff\n", "is not UTF-8 text"),
    ],
)
def test_a_bad_first_line_is_refused_before_any_work(read: Read, content: str | bytes, said: str) -> None:
    assert said in faults_of(read, content)[0]


def test_a_wild_first_line_is_not_repeated_without_end(read: Read) -> None:
    faults = faults_of(read, "stage," + ",".join(f"x{i}" for i in range(400)))
    assert len(faults) == 21
    assert "each of 380 more columns is not a column that is understood" in faults[-1]


# --- Mapping ---------------------------------------------------------------------------------------------------------


def test_columns_are_understood_by_what_is_said_and_by_their_labels(read: Read) -> None:
    mapping = FileMapping(columns={"Our stage": "stage", "Owner": "-"})
    found = read(
        "Project ID;ID;our  STAGE;Size of the team;owner\n9;7;research;5;me\n",
        mapping=FileMapping(columns={**mapping.columns, "project id": "-"}),
    )
    assert found.answers == [{"stage": "research", "team_size": 5.0}]
    assert [(c.header, c.meant, c.how) for c in found.source.report.columns] == [
        ("Project ID", "", "left out"),
        ("ID", "id", "guessed"),
        ("our  STAGE", "stage", "mapped"),
        ("Size of the team", "team_size", "guessed"),
        ("owner", "", "left out"),
    ]
    bad = read("Our stage\nreserch\n", mapping=FileMapping(columns={"Our stage": "stage"}))
    assert [fault.column for fault in bad.faults] == ["Our stage"]


def test_columns_that_are_merely_alike_are_asked_back(read: Read) -> None:
    (said,) = faults_of(read, "stge,team_size\nresearch,5\n")
    assert "did you mean 'stage'?" in said
    assert read("stge,team_size\nx,5\n", mapping=FileMapping(columns={"*": "-"})).answers == [{"team_size": 5.0}]


def test_columns_said_of_but_not_there_are_told(read: Read) -> None:
    said = faults_of(read, "stage\nresearch\n", mapping=FileMapping(columns={"stag": "stage"}))
    assert said == ["map: 'stag' is not a column of the file (did you mean 'stage'?)"]


# --- Several files ---------------------------------------------------------------------------------------------------


def test_a_folder_is_its_files_by_name(small_release: Release, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "2.csv").write_text("stage,id\nresearch,2\nreserch,3\n")
    (folder / "1.jsonl").write_text('{"id": 1, "stage": "production"}\n')
    pl.DataFrame({"id": [4], "stage": ["prototype"]}).write_parquet(folder / "c.parquet")
    (folder / "_SUCCESS.csv").write_text("no rows")
    (folder / "notes.txt").write_text("no rows")
    found = whole(small_release, folder)
    assert (found.ids, found.counts) == (["1", "2", "4"], (4, 3, 1))
    assert [(f.row, f.line, f.file, f.column) for f in found.faults] == [(3, 3, "2.csv", "stage")]
    assert not found.source.sliceable
    assert whole(small_release, Path(folder / "*" / "*.csv")).ids == ["2"]


def test_small_files_share_a_block(small_release: Release, tmp_path: Path) -> None:
    for index in range(30):
        (tmp_path / f"{index:02}.csv").write_text(f"id,stage\n{index},research\n")
    found = whole(small_release, tmp_path, rows=8)
    assert [block.read for block in found.blocks] == [8, 8, 8, 6]
    assert found.ids == [str(index) for index in range(30)]


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["inn.csv"], "input: 'inn.csv' is not a file that exists (did you mean 'in.csv'?)"),
        (["in.txt"], "is not a file that ends in .csv"),
        (["empty"], "a folder or pattern with files that are understood"),
        (["inn*.csv"], "input: 'inn*.csv' is not a folder or pattern with files that are understood"),
        (["in.csv", "in.csv"], "a file that is given only once"),
        ([], "a file, a folder or a pattern"),
    ],
)
def test_paths_are_checked_before_any_work(
    small_release: Release, write: Write, monkeypatch: pytest.MonkeyPatch, paths: list[str], said: str
) -> None:
    write("stage\n")
    folder = write("x", "in.txt").parent
    (folder / "empty").mkdir()
    monkeypatch.chdir(folder)
    source = open_source(paths, small_release.questionnaire)
    assert said in str(source.report.faults[0])
    with pytest.raises(InvalidInput):
        list(source.frames())


def test_a_packed_file_that_is_broken_or_unpacks_without_end_is_refused(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress((HEADER + "".join(GOOD.replace("1", str(i), 1) for i in range(9000))).encode())
    assert "packed by gzip" in faults_of(read, packed[: len(packed) // 2], "in.csv.gz")[0]
    assert "packed by gzip" in faults_of(read, "stage\n", "in.csv.gz")[0]
    monkeypatch.setattr(lines, "FREE_BYTES", 1000)
    bomb = gzip.compress((HEADER + GOOD * 200_000).encode())
    assert "times its size" in faults_of(read, bomb, "in.csv.gz")[0]


# --- Hostile ---------------------------------------------------------------------------------------------------------


def hostile_line(chance: Random) -> bytes:
    """A line that somebody may send who means no good."""
    numbers = ["1e999", "nan", "inf", "-1", "９", "0x10", "1_0", "--5", "=1+1", "1" * 400, "1e-400", "+.", "5e"]
    texts = [
        "=cmd|' /C calc'!A0",
        "\x00",
        "'; DROP TABLE",
        "a\rb",
        '"',
        "\u202e",
        "x" * 5000,
        '""',
        "@SUM(1)",
        "[1,",
        "{",
        "[" * 2000,
    ]
    good = GOOD.rstrip("\n").split(",")
    match chance.randrange(8):
        case 0:
            return chance.randbytes(chance.randrange(1, 60)).replace(b"\n", b"")
        case 1:
            return ",".join(["x"] * chance.randrange(0, 600)).encode()
        case 2:
            return b"\xed\xa0\x80," * 7
        case 3:
            return b'1,"' + b"a," * chance.randrange(50)
        case _:
            good[0] = chance.choice(texts + numbers)
            good[chance.randrange(1, 6)] = chance.choice(texts + numbers)
            return ",".join(good).encode()


def test_five_thousand_hostile_rows_are_scored_or_reported(read: Read) -> None:
    chance = Random(7)  # noqa: S311
    rows = [hostile_line(chance) if chance.random() < 0.9 else GOOD.rstrip("\n").encode() for _ in range(5000)]
    found = read(HEADER.encode() + b"\n".join(rows) + b"\n")
    read_rows, scored, failed = found.counts
    assert read_rows == scored + failed
    assert scored >= sum(row == GOOD.rstrip("\n").encode() for row in rows) - 25  # an open quote may take a few in
    assert failed > 3000
    assert {fault.row for fault in found.faults} | {row for b in found.blocks for row in b.row.tolist()} == set(
        range(1, read_rows + 1)
    )
    assert all(len(fault.value) < 200 and "\n" not in fault.value for fault in found.faults)
    assert [f.line for f in found.faults] == sorted(f.line for f in found.faults if f.line)


def test_hostile_lines_of_json_are_scored_or_reported(read: Read) -> None:
    chance = Random(8)  # noqa: S311
    odd = [
        "{",
        "[]",
        "1",
        '"x"',
        "{}",
        '{"stage": {}}',
        '{"team_size": 1e999}',
        "[" * 5000,
        '{"a":1,"a":2}',
        "\\",
        "nul",
        '{"team_size": ' + "9" * 5000 + "}",
    ]
    rows = [chance.choice([*odd, json.dumps({"id": chance.random(), "stage": "research"})]) for _ in range(2000)]
    found = read("\n".join(rows), "in.jsonl")
    assert found.counts[0] == 2000 == found.counts[1] + found.counts[2]
    assert found.counts[1] == rows.count("{}")


@pytest.mark.parametrize("name", ["in.parquet", "in.xlsx", "in.jsonl", "in.csv.gz", "in.csv"])
def test_a_file_that_is_not_what_its_name_says_is_refused_or_read_as_bad_rows(read: Read, name: str) -> None:
    noise = Random(1).randbytes(5000)  # noqa: S311
    for content in (b"", b"PK\x03\x04", b"PAR1" + bytes(100) + b"PAR1", noise):
        scored = 0
        with suppress(InvalidInput):
            scored = read(content, name).counts[1]
        assert scored == 0


def test_lines_are_known_by_number_where_they_are_read_at_a_stroke(read: Read) -> None:
    found = read(HEADER + GOOD * 5 + GOOD.replace("production", "prod"))
    assert [(fault.row, fault.line) for fault in found.faults] == [(6, 7)]
    assert LINE in next(iter(found.source.frames())).columns


def test_lines_go_on_being_counted_after_a_stroke(monkeypatch: pytest.MonkeyPatch, read: Read) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", 120)
    found = read(HEADER + GOOD * 20 + "short\n" + GOOD * 20 + "4,x\n")
    assert [(fault.row, fault.line) for fault in found.faults] == [(21, 22), (42, 43)]
