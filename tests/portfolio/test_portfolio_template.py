"""A template is a file that can be read as it is, with every question, its answers and an example that is one."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from portfolio import template
from portfolio.mapping import BESIDE, WEIGHT
from rules.faults import InvalidInput
from rules.release import Release
from tests.portfolio.conftest import whole


@pytest.mark.parametrize("form", template.FORMATS)
def test_a_template_is_read_as_a_file_of_one_project(shipped_release: Release, tmp_path: Path, form: str) -> None:
    questionnaire = shipped_release.questionnaire
    target, *_ = template.write(questionnaire, tmp_path / f"projects.{form}")
    found = whole(shipped_release, target)
    assert (found.counts, found.ids) == ((1, 1, 0), ["example"])
    assert found.answers == [template.example(questionnaire)]
    assert len(found.answers[0]) >= 10
    assert found.source.mapping.weight == WEIGHT
    if form != "jsonl":
        assert {column.meant for column in found.source.report.columns} == {*BESIDE, *questionnaire.questions}
        assert {column.how for column in found.source.report.columns} == {"id"}
    assert whole(shipped_release, tmp_path).counts == (1, 1, 0)  # what stands beside it is no file of projects


def test_what_may_be_answered_is_told(shipped_release: Release, tmp_path: Path) -> None:
    questionnaire = shipped_release.questionnaire
    _, beside = template.write(questionnaire, tmp_path / "projects.csv")
    text = beside.read_text()
    for question in questionnaire.questions.values():
        assert question.text in text
        assert all(option.id in text for option in question.options)
    assert "A number in people, from 1 to 1000000." in text
    assert "Any of these, the most important first, with a semicolon" in text


def test_a_workbook_offers_the_answers_where_one_is_allowed(shipped_release: Release, tmp_path: Path) -> None:
    questionnaire = shipped_release.questionnaire
    (target,) = template.write(questionnaire, tmp_path / "projects.xlsx")
    with ZipFile(target) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        hover = package.read("xl/comments1.xml").decode()
    choices = [q for q in questionnaire.questions.values() if q.kind in ("one", "yes/no")]
    assert sheet.count("<dataValidation ") == len(choices)
    assert f"lists!$A$1:$A${len(choices[0].options)}" in sheet
    assert hover.count("<comment ") == 1 + len(questionnaire.questions)
    again = tmp_path / "again.xlsx"
    template.write(questionnaire, again)
    assert again.read_bytes() == target.read_bytes()


def test_endings_are_checked(shipped_release: Release, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="did you mean 'xlsx'"):
        template.write(shipped_release.questionnaire, tmp_path / "projects.xls")
    assert not list(tmp_path.iterdir())
