"""Workbooks as spreadsheet programs write them, and as somebody may forge them."""

import io
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import fastexcel
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.mapping import FileMapping
from portfolio.reading import markup, workbooks
from rules.faults import InvalidInput
from rules.release import Release
from tests.portfolio.conftest import Read, Whole, whole

NAMES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CALM = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def package(rows: str, **parts: str) -> bytes:
    """A workbook with this markup for the rows of its only sheet; other parts replace or join the usual ones."""
    usual = {
        "xl/workbook.xml": f'<workbook {NAMES} xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml"),
        "xl/worksheets/sheet1.xml": f"<worksheet {NAMES}><sheetData>{rows}</sheetData></worksheet>",
    }
    held = io.BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as made:
        for name, text in {**usual, **parts}.items():
            made.writestr(name, text)
    return held.getvalue()


def relations(**targets: str) -> str:
    each = (
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), 1)
    )
    return f"<Relationships>{''.join(each)}</Relationships>"


def text_cell(text: str, at: str = "") -> str:
    return f'<c t="inlineStr"{at}><is><t>{text}</t></is></c>'


HEAD = f"<row>{text_cell('id')}{text_cell('team_size')}{text_cell('stage')}</row>"


@pytest.fixture
def written(small_release: Release, tmp_path: Path) -> Whole:
    """A sheet with a title above, spacers, formats, errors and a hidden sheet, as people keep them."""
    path = tmp_path / "board.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, hidden = book.add_worksheet("Projects"), book.add_worksheet("Old")
        hidden.hide()
        hidden.write_row(0, 0, ["id", "stage"])
        hidden.write_row(1, 0, ["old", "research"])
        percent, day = book.add_format({"num_format": "0%"}), book.add_format({"num_format": "dd/mm/yyyy"})
        two = book.add_format({"num_format": "0.00"})
        sheet.merge_range("B2:E2", "Portfolio of the board")
        sheet.merge_range("B4:C4", "ID")
        sheet.write_row("D4", ["Size of the team", "offline", "python_version", "deploy_targets", "name"])
        sheet.write_row("B6", [1.0, "", 5, True, "3.12", "server_cpu\nandroid", "5\u00a0%"])
        sheet.write_row("B7", [2, "", 1e6, False])
        sheet.write("F7", 3.11, two)
        sheet.write("F8", 3.1, two)
        sheet.write("D9", 2.5, percent)
        sheet.write_datetime("D10", datetime(2026, 1, 2), day)
        sheet.write_formula("D11", "=1/0", None, "#DIV/0!")
        sheet.write_formula("D12", "=2+3", None, 5)
        sheet.write("J13", "a note")
        sheet.write("B14", " ")
    return whole(small_release, path)


def test_a_sheet_is_read_as_people_keep_it(written: Whole) -> None:
    assert written.source.report.written == ("XLSX, sheet 'Projects', columns named in row 4",)
    assert written.answers == [
        {"deploy_targets": ["server_cpu", "android"], "offline": True, "team_size": 5.0, "python_version": "3.12"},
        {"offline": False, "team_size": 1e6, "python_version": "3.11"},
        {"team_size": 2.5},
        {"team_size": 5.0},
    ]
    assert written.ids == ["1", "2", "", ""]


def test_faults_of_a_sheet_have_its_rows_as_lines(written: Whole) -> None:
    assert [(f.row, f.line, f.column, f.value, f.nearest) for f in written.faults] == [
        (3, 8, "python_version", "'3.1'", "3.10"),
        (5, 10, "Size of the team", "'2026-01-02'", None),
        (6, 11, "Size of the team", "'#DIV/0!'", None),
        (8, 13, "", "'a note'", None),
    ]


def test_a_sheet_is_chosen_only_where_there_is_no_choice(small_release: Release, tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes").write("A1", "Read me")
        for name in ("North", "South"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["id", "stage"])
            sheet.write_row(1, 0, [name, "research"])
    with pytest.raises(InvalidInput, match="'North', 'South'"):
        whole(small_release, path)
    assert whole(small_release, path, mapping=FileMapping(sheet="South")).ids == ["South"]
    with pytest.raises(InvalidInput, match="did you mean 'South'"):
        whole(small_release, path, mapping=FileMapping(sheet="Sout"))


@CALM
@given(
    rows=st.lists(
        st.lists(
            st.none() | st.booleans() | st.integers(-(10**9), 10**9)
            | st.floats(-1e6, 1e6).map(lambda x: round(x, 4) + 0.0)
            | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6).filter(str.strip),
            min_size=2, max_size=4,
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_cells_are_those_that_another_reader_finds(rows: list[list[object]], tmp_path: Path) -> None:
    path = tmp_path / "any.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "start")  # the other reader leaves out what is blank before the first cell
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
    other = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_polars().rows()
    with workbooks.opened(path) as book:
        ours = dict(book.rows(book.sheets[0]))
    width = len(other[0])
    assert [
        tuple(ours.get(number + 1, {}).get(place) for place in range(width)) for number in range(len(other))
    ] == other


def test_markup_of_other_writers_is_understood(read: Read) -> None:
    shared = (
        f'<sst {NAMES}><si><r><t>rese</t></r><r><t>arch</t></r><rPh sb="0" eb="1"><t>spoken</t></rPh></si>'
        "<si><t>a_x000A_b</t></si></sst>"
    )
    rows = (
        HEAD
        + f'<row r="5">{text_cell("a", chr(32) + "r=" + chr(34) + "A5" + chr(34))}<c r="C5" t="s"><v>0</v></c></row>'
        + '<row><c t="s"><v>1</v></c><c><f>2+2</f><v>4</v></c><c t="str"><v>production</v></c></row>'
        + '<row><c t="s"><v>99</v></c><c t="b"><v>1</v></c></row>'
        + f'<row><c t="s"><v/></c>{text_cell("7").replace("</is>", "</is><v>8</v>")}</row>'
    )
    found = read(package(rows, **{"xl/sharedStrings.xml": shared}), "in.xlsx")
    assert found.answers == [{"stage": "research"}, {"stage": "production", "team_size": 4.0}, {"team_size": 7.0}]
    assert found.ids == ["a", "a\nb", ""]
    assert [(fault.line, fault.value) for fault in found.faults] == [(7, "'true'")]


def test_a_formula_that_was_never_calculated_is_not_taken_for_an_empty_cell(read: Read) -> None:
    """As programs write them that cannot calculate; a formula whose result is an empty text is an empty cell."""
    rows = HEAD + "".join(
        f"<row>{text_cell(name)}{cell}</row>"
        for name, cell in {
            "bare": "<c><f>2+2</f></c>",
            "empty": "<c><f>2+2</f><v></v></c>",
            "shared": '<c><f t="shared" si="0"/></c>',
            "no text": '<c t="str"><f>""</f><v></v></c>',
            "done": "<c><f>2+2</f><v>4</v></c>",
            "plain": "<c/>",
        }.items()
    )
    found = read(package(rows), "in.xlsx")
    assert found.answers == [{}, {"team_size": 4.0}, {}]
    assert [(fault.line, fault.column, fault.value) for fault in found.faults] == [
        (2, "team_size", "'=2+2 (not calculated)'"),
        (3, "team_size", "'=2+2 (not calculated)'"),
        (4, "team_size", "'= (not calculated)'"),
    ]


def test_which_of_several_sheets_is_said_in_the_mapping(small_release: Release, tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("This year", "Last year"):
            book.add_worksheet(name).write_row("A1", ["id", "stage"])
    with pytest.raises(InvalidInput, match=r"`sheet:` in the mapping.*'This year', 'Last year'"):
        whole(small_release, path)
    assert whole(small_release, path, mapping=FileMapping(sheet="Last year")).counts == (0, 0, 0)


def test_parts_are_found_where_the_package_says_and_however_their_names_are_written(read: Read) -> None:
    usual = package("")
    with ZipFile(io.BytesIO(usual)) as made:
        book = made.read("xl/workbook.xml").decode()
    held = io.BytesIO()
    with ZipFile(held, "w") as made:
        made.writestr("_rels\\.rels", relations(officeDocument="/Book.xml"))
        made.writestr("book.xml", book)
        made.writestr("_rels\\Book.xml.rels", relations(worksheet="One.xml", sharedStrings="texts.xml"))
        made.writestr("TEXTS.xml", f"<sst {NAMES}><si><t>production</t></si></sst>")
        rows = f'{HEAD}<row>{text_cell("a")}<c r="C2" t="s"><v>0</v></c></row>'
        made.writestr("one.xml", f"<worksheet {NAMES}><sheetData>{rows}</sheetData></worksheet>")
    assert read(held.getvalue(), "in.xlsx").answers == [{"stage": "production"}]


def faults_of(read: Read, content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(content, "in.xlsx")
    return str(caught.value)


def test_forged_workbooks_are_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    entity = '<!DOCTYPE a [<!ENTITY b "bbbb">]>'
    part = {"xl/worksheets/sheet1.xml": f"{entity}<worksheet><sheetData>{HEAD}</sheetData></worksheet>"}
    assert "a document type" in faults_of(read, package("", **part))
    assert "row '9999999'" in faults_of(read, package(HEAD + '<row r="9999999"><c><v>1</v></c></row>'))
    far = f"<row>{text_cell('x', chr(32) + 'r=' + chr(34) + 'ZZZ1' + chr(34))}</row>"
    assert "at most 16384 columns" in faults_of(read, package(HEAD + far))
    assert "whole and not locked" in faults_of(read, package(HEAD + "<row><c>"))
    good = package(HEAD)
    assert "whole and not locked" in faults_of(read, good[: len(good) // 2])
    assert "a visible sheet with a question" in faults_of(read, package(HEAD, **{"xl/workbook.xml": "<workbook/>"}))
    held = io.BytesIO()
    with ZipFile(held, "w") as made:
        made.writestr("x", "y")
    assert "a package without" in faults_of(read, held.getvalue())
    with monkeypatch.context() as patched:
        patched.setattr(markup, "MAX_TAG_BYTES", 200_000)
        read(package(HEAD + f"<row>{text_cell('x' * 400_000)}</row>"), "in.xlsx")
        assert "a tag of more than" in faults_of(read, package(HEAD + f'<row r="{"1" * 400_000}"></row>'))
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 10_000)
    assert "bytes when unpacked" in faults_of(read, package(HEAD + " " * 20_000))


def test_a_part_is_one_sheet_however_often_it_is_named(read: Read) -> None:
    sheets = "".join(f'<sheet name="S{place}" r:id="rId1"/>' for place in range(50))
    book = f'<workbook {NAMES} xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>'
    rows = f"{HEAD}<row>{text_cell('a')}<c><v>5</v></c></row>"
    assert read(package(rows, **{"xl/workbook.xml": book}), "in.xlsx").ids == ["a"]


def test_cells_larger_than_any_are_faults_of_their_rows(read: Read) -> None:
    rows = (
        HEAD
        + f"<row>{text_cell('x' * 40_000)}<c><v>5</v></c></row><row>{text_cell('b')}<c><v>{'9' * 400}</v></c></row>"
    )
    rows += f"<row>{text_cell('c')}<c><v>5</v></c></row>"
    found = read(package(rows), "in.xlsx")
    assert (found.counts, found.ids) == ((3, 1, 2), ["c"])
    assert [(fault.row, fault.column) for fault in found.faults] == [(1, "id"), (2, "team_size")]


def test_a_row_larger_than_any_is_a_fault(read: Read) -> None:
    many = [f"c{place}" for place in range(40)]
    head = "".join(map(text_cell, [*many, "id", "stage"]))
    huge = "".join(map(text_cell, ["x" * 30_000 for _ in many]))
    rows = f"<row>{head}</row><row>{huge}{text_cell('a')}</row><row>{'<c/>' * 40}{text_cell('b')}</row>"
    found = read(package(rows), "in.xlsx", FileMapping(columns={"*": "-"}))
    assert (found.counts, found.ids, [fault.column for fault in found.faults]) == ((2, 1, 1), ["b"], ["id"])
