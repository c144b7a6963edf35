"""`steelyard record` and `steelyard replay FILE`: a record is written, checked, and told when it does not hold."""

from pathlib import Path

import pytest

from tests.commanding import Steelyard


@pytest.fixture
def decision(steelyard: Steelyard, tmp_path: Path) -> str:
    answers = tmp_path / "project.yaml"
    answers.write_text("answers: {stage: production, need: [train], deploy_targets: [android]}\n")
    identity: str = steelyard("recommend", str(answers), "--json").json()["id"]
    return identity


@pytest.mark.parametrize("ending", ["md", "html", "pdf"])
def test_a_record_is_written_and_holds(steelyard: Steelyard, decision: str, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"record.{ending}"
    ended = steelyard("record", decision, "-o", str(path))
    assert (ended.code, ended.out) == (0, "")
    assert str(path) in ended.err
    assert path.read_bytes()[:4] == {"md": b"---\n", "html": b"<!do", "pdf": b"%PDF"}[ending]
    found = steelyard("replay", str(path), "--json").json()
    assert (found["id"], found["holds"], found["altered"]) == (decision, True, False)


@pytest.mark.parametrize("ending", ["md", "html", "pdf"])
def test_an_appendix_is_added_where_it_is_asked_for(
    steelyard: Steelyard, decision: str, tmp_path: Path, ending: str
) -> None:
    short, whole = tmp_path / f"short.{ending}", tmp_path / f"whole.{ending}"
    steelyard("record", decision, "-o", str(short))
    steelyard("record", decision, "--appendix", "-o", str(whole))
    assert whole.stat().st_size > short.stat().st_size
    for path in (short, whole):
        assert steelyard("replay", str(path), "--json").json()["altered"] is False


def test_a_record_is_named_after_the_project_of_its_file(steelyard: Steelyard, tmp_path: Path) -> None:
    answers = tmp_path / "project.yaml"
    answers.write_text("name: >\n  Bread\n  counter\nanswers: {stage: production, need: [train], team_size: null}\n")
    made = steelyard("recommend", str(answers), "--json").json()
    assert (made["name"], made["not_known"]) == ("Bread counter", ["team_size"])
    text = steelyard("record", made["id"]).out
    assert "# Which ML framework for Bread counter\n" in text
    assert "**Asked, and not known**" in text


def test_the_last_one_goes_to_standard_output_or_a_folder(steelyard: Steelyard, decision: str, tmp_path: Path) -> None:
    printed = steelyard("record").out
    assert decision in printed
    folder = tmp_path / "decisions"
    folder.mkdir()
    assert steelyard("record", "-o", str(folder)).code == 0
    (written,) = folder.iterdir()
    assert written.suffix == ".md"
    assert written.read_text() == printed
    assert steelyard("record", decision, "--format", "html").out.startswith("<!doctype html>")


def test_an_altered_record_does_not_hold(steelyard: Steelyard, decision: str, tmp_path: Path) -> None:
    path = tmp_path / "record.md"
    steelyard("record", decision, "-o", str(path))
    path.write_text(path.read_text().replace("### Consequences", "### Effects"))
    ended = steelyard("replay", str(path))
    assert ended.code == 1
    assert "The record was altered after it was written" in " ".join(ended.out.split())
    assert "### Consequences" in ended.out


def test_what_is_no_record_is_bad_input(steelyard: Steelyard, tmp_path: Path) -> None:
    path = tmp_path / "other.md"
    path.write_text("# Another text\n")
    assert steelyard("replay", str(path)).code == 2
    assert (
        steelyard("replay", str(tmp_path / "none.md"), "--json").problem()["faults"][0]["expected"].endswith("exists")
    )
    assert steelyard("record", "d-none").code == 2
    assert steelyard("record", "--format", "docx").code == 2
