"""A column of packages as answers to `existing_code`: the same in every format, united with what is answered there."""

import csv
import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.mapping import FileMapping, parse
from portfolio.reading import Tally, frameworks
from portfolio.reading.cells import Meaning
from portfolio.reading.frameworks import MAX_PACKAGES, PackageSpeller
from rules.release import Release
from tests.portfolio.conftest import Read, Whole, whole

CALM = settings(max_examples=40, deadline=None)
NOTHING = FileMapping()
PACKAGES = (
    *("torch>=2,<3", "torch[cuda]==2.1", "jaxlib ~= 0.4", "TFLite_Runtime", "PyTorch", "caffe", "numpy", "left-pad@1"),
    'tensorflow ; python_version > "3.8"',
)


def said(release: Release, value: object, mapping: FileMapping = NOTHING) -> Meaning:
    return PackageSpeller(release.questionnaire, mapping).value(value)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("torch; torchvision; numpy>=1.20", ("pytorch",)),
        ("PyTorch, jax-metal==1", ("jax", "pytorch")),
        ('["torch", "tensorflow"]', ("pytorch", "tensorflow")),
        ("['torch[cuda]', 'tensorflow']", ("pytorch", "tensorflow")),
        ('{"torch": "^2"}', ("pytorch",)),
        ({"torch": "^2"}, ("pytorch",)),
        (["torch>=2,<3 ; extra == 'a'", "numpy"], ("pytorch",)),
        ("[dev]\ntorch = '*'", ("pytorch",)),
        *((text, None) for text in ("numpy", "caffe", "", "none", "?", "N/A", "[]", "{}", " ;")),
        *((value, None) for value in ([], None, ["a"])),
        ({}, None),
    ],
)
def test_frameworks_are_those_of_the_packages(small_release: Release, value: object, meant: object) -> None:
    found = said(small_release, value)
    assert (found.answer, found.faults, found.versions) == (meant, (), ())


def test_a_word_for_unknown_is_no_package(small_release: Release) -> None:
    mapping = parse({"unknown": ["Torch"]}, small_release.questionnaire)
    assert said(small_release, "torch", mapping).answer is None
    assert said(small_release, "torch; numpy", mapping).answer == ("pytorch",)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (3, "packages: 3 is not a list of packages, as texts"),
        (True, "packages: true is not a list"),
        (["torch", 3], "packages[1]: 3 is not the name of a package"),
        (["torch", None], "packages[1]: null is not the name"),
        ("[1]", "packages[0]: 1 is not the name"),
        ({"torch": 2}, "packages: 2 is not the version of a package, as text"),
        ('{"torch": "2"', "packages:1:14"),
        ("torch;" * (MAX_PACKAGES + 1), "packages: 2001 packages is not at most 2000"),
        (["a"] * (MAX_PACKAGES + 1), "packages: 2001 packages is not at most 2000"),
    ],
)
def test_what_is_no_list_of_packages_is_refused(small_release: Release, value: object, fault: str) -> None:
    (found,) = said(small_release, value).faults
    assert str(found).startswith(fault)


def test_a_lock_file_is_no_too_long_list(small_release: Release) -> None:
    names = [f"package-{place}" for place in range(MAX_PACKAGES - 1)]
    assert said(small_release, "\n".join([*names, "torch"])).answer == ("pytorch",)


# --- In files --------------------------------------------------------------------------------------------------------


def files(folder: Path, cells: list[list[str] | None]) -> list[Path]:
    """The same lists in every format, as texts and as lists."""
    texts = [None if cell is None else "\n".join(cell) for cell in cells]
    made = []
    for ending, sign in (("csv", ","), ("tsv", "\t")):
        held = StringIO()
        csv.writer(held, delimiter=sign).writerows([["id", "packages"], *([f"p{i}", t] for i, t in enumerate(texts))])
        made.append(folder / f"a.{ending}")
        made[-1].write_text(held.getvalue(), newline="")
    quoted = [None if cell is None else json.dumps(cell) for cell in cells]
    for name, values in (("texts", texts), ("lists", cells), ("quoted", quoted)):
        made.append(folder / f"{name}.jsonl")
        lines = [json.dumps({"id": f"p{i}", "packages": value}) for i, value in enumerate(values)]
        made[-1].write_text("\n".join(lines) + "\n")
        dtype = pl.List(pl.String) if values is cells else pl.String
        ids = [f"p{i}" for i in range(len(cells))]
        made.append(folder / f"{name}.parquet")
        pl.DataFrame({"id": ids, "packages": pl.Series(values, dtype=dtype)}).write_parquet(made[-1])
    made.append(folder / "a.xlsx")
    with xlsxwriter.Workbook(made[-1]) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate([["id", "packages"], *([f"p{i}", text or ""] for i, text in enumerate(texts))]):
            for place, text in enumerate(line):
                sheet.write_string(row, place, text)
    return made


@CALM
@given(st.lists(st.none() | st.lists(st.sampled_from(PACKAGES), max_size=5), min_size=1, max_size=6))
def test_every_format_says_the_same(small_release: Release, cells: list[list[str] | None]) -> None:
    expected = []
    for cell in cells:
        answer = said(small_release, cell).answer
        expected.append({"existing_code": list(answer)} if isinstance(answer, tuple) else {})
    with TemporaryDirectory() as folder:
        for path in files(Path(folder), cells):
            found = whole(small_release, path)
            assert (found.answers, found.faults) == (expected, []), path.name


@pytest.mark.parametrize(
    ("code", "listed", "both"),
    [
        ("jax", "torch", ["jax", "pytorch"]),
        ("jax; pytorch", "torch", ["jax", "pytorch"]),
        ("", "torch", ["pytorch"]),
        ("jax", "numpy", ["jax"]),
        ("none", "numpy", []),
        ("none", "", []),
        ("", "numpy", None),
    ],
)
def test_answers_and_packages_are_united(read: Read, code: str, listed: str, both: object) -> None:
    header, cells = "existing_code,packages", f'"{code}","{listed}"'
    swapped = "packages,existing_code", f'"{listed}","{code}"'
    for line, row in ((header, cells), swapped):
        found = read(f"id,{line}\na,{row}\n")
        assert (found.answers, found.faults) == ([{} if both is None else {"existing_code": both}], [])


def test_none_beside_a_framework_is_a_contradiction(read: Read) -> None:
    found = read("id,existing_code,Needs\na,none,torch; jaxlib\nb,none,numpy\nc,jax,torch\n", mapping=_needs())
    (fault,) = found.faults
    assert (fault.row, fault.line, fault.column, fault.value) == (1, 2, "Needs", "'jax, pytorch'")
    assert fault.reason == "expected a list without frameworks: existing_code says that there are none"
    assert found.ids == ["b", "c"]


def _needs() -> FileMapping:
    return FileMapping(columns={"Needs": "packages"})


def test_faults_of_lists_are_told_with_their_rows(read: Read) -> None:
    found = read('{"id": "a", "packages": [1]}\n{"id": "b", "packages": ["torch"]}\n', "a.jsonl")
    assert [(f.row, f.column, f.value, f.reason) for f in found.faults] == [
        (1, "packages", "1", "expected the name of a package")
    ]
    assert found.answers == [{"existing_code": ["pytorch"]}]


def test_typed_columns_without_texts_are_refused_row_by_row(small_release: Release, tmp_path: Path) -> None:
    pl.DataFrame({"id": ["a", "b"], "packages": [1, None]}).write_parquet(tmp_path / "a.parquet")
    found = whole(small_release, tmp_path / "a.parquet")
    assert ([f.row for f in found.faults], found.ids) == ([1], ["b"])


def test_records_have_packages_beside_answers_or_around_them(read: Read) -> None:
    around = '{"id": "a", "packages": ["torch"], "answers": {"existing_code": ["jax"]}}\n'
    among = '{"id": "a", "packages": ["torch"], "existing_code": ["jax"]}\n'
    for text in (around, among):
        found = read(text, "a.jsonl")
        assert found.answers == [{"existing_code": ["jax", "pytorch"]}]
        assert "packages" in [column.meant for column in found.source.report.columns]
    inside = read('{"answers": {"packages": ["torch"]}}\n', "b.jsonl")
    assert [fault.value for fault in inside.faults] == ["'packages'"]


@pytest.mark.parametrize("header", ["dependencies", "Requirements", "PACKAGES"])
def test_usual_names_of_such_columns_are_guessed_and_told(read: Read, header: str) -> None:
    found = read(f"id,{header}\na,torch\n")
    assert found.answers == [{"existing_code": ["pytorch"]}]
    assert [(c.meant, c.how) for c in found.source.report.columns][1] == ("packages", "guessed")


def test_two_columns_of_packages_are_refused(read: Read) -> None:
    with pytest.raises(ValueError, match="stands only once"):
        read("packages,dependencies\ntorch,jax\n")


def test_packages_may_be_said_of_a_column_in_a_mapping(read: Read, small_release: Release) -> None:
    mapping = parse({"columns": {"What it needs": "packages"}}, small_release.questionnaire)
    assert read("id,What it needs\na,torch\n", mapping=mapping).answers == [{"existing_code": ["pytorch"]}]


# --- What they were taken for ----------------------------------------------------------------------------------------


def tally(found: Whole, release: Release) -> Tally:
    made = Tally(release.questionnaire, found.source.mapping)
    for frame in found.source.frames(2):
        made.add(frame)
    return made


ROWS = ("torch; numpy>=1; pandas", "torch; jaxlib", "PyTorch; Numpy", "numpy", "caffe", "")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_it_is_told_what_packages_were_taken_for(read: Read, small_release: Release, tmp_path: Path, form: str) -> None:
    lists = [row.split("; ") if row else [] for row in ROWS]
    ids = ["a", "b", "c", "d", "", "f"]
    if form == "csv":
        found = read("id,packages\n" + "".join(f'{id_},"{row}"\n' for id_, row in zip(ids, ROWS, strict=True)))
    elif form == "jsonl":
        rows = [{"id": id_, "packages": each} for id_, each in zip([*ids, "g"], [*lists, [1]], strict=True)]
        found = read("".join(json.dumps(row) + "\n" for row in rows), "a.jsonl")
    else:
        pl.DataFrame({"id": ids, "packages": lists}).write_parquet(tmp_path / "a.parquet")
        found = whole(small_release, tmp_path / "a.parquet")
    assert tally(found, small_release).document() == {
        "rows": 5,
        "rows_without": 2,
        "without": {
            "rows": ["d", "row 5"],
            "distinct": 2,
            "packages": [{"package": "caffe", "rows": 1}, {"package": "numpy", "rows": 1}],
        },
        "distinct": 6,
        "taken": [
            {"framework": "pytorch", "rows": 3, "packages": ["torch", "pytorch"], "distinct": 2},
            {"framework": "jax", "rows": 1, "packages": ["jaxlib"], "distinct": 1},
        ],
        "taken_too": [],
        "passed_over": 3,
        "others": [
            {"package": "numpy", "rows": 3},
            {"package": "caffe", "rows": 1},
            {"package": "pandas", "rows": 1},
        ],
    }


@given(
    st.lists(st.sets(st.sampled_from(("torch", "jaxlib", "tensorflow", "a", "b", "c")), min_size=1), min_size=1),
    st.integers(1, 4),
    st.integers(1, 3),
)
@CALM
def test_what_is_not_shown_is_counted(small_release: Release, lists: list[set[str]], shown: int, at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("FRAMEWORKS", "OTHERS", "ROWS", "PACKAGES"):
            patch.setattr(frameworks, f"SHOWN_{name}", shown)
        made = Tally(small_release.questionnaire, FileMapping())
        written = pl.DataFrame({"packages": ["; ".join(sorted(each)) for each in lists]})
        for frame in written.iter_slices(at_once):
            made.add(frame)
        told = made.document()
    assert told is not None
    bare = [row for row, each in enumerate(lists, 1) if each <= {"a", "b", "c"}]
    assert told["without"]["rows"] == [f"row {row}" for row in bare[:shown]]
    assert told["rows_without"] == len(bare)
    assert told["without"]["distinct"] == len(set().union(*(lists[row - 1] for row in bare)))
    assert told["passed_over"] == len({"a", "b", "c"} & set().union(*lists))
    named = {each["framework"]: each["rows"] for each in (*told["taken"], *told["taken_too"])}
    assert len(told["taken"]) == min(shown, len(named))
    assert sum(named.values()) == sum(len(each - {"a", "b", "c"}) for each in lists)


def test_nothing_is_told_without_lists(read: Read, small_release: Release) -> None:
    assert tally(read("id,stage\na,research\n"), small_release).document() is None
    assert tally(read('{"id": "a", "stage": "research"}\n', "a.jsonl"), small_release).document() is None
