"""Curation from the command line: draft, propose, publish, compare; what is said of it, and with which exit code."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commanding import Steelyard
from tests.curating import NO_WINDOWS, VERSION, as_text, observed, write_cases
from tests.curating import proposal as written

NOTE = ("--version", "2.1.0", "--date", "2026-11-20", "--url", "https://example.org/2.1.0", "--author", "Ann")
Write = Callable[[dict[str, Any]], Path]


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three cases, which no change may turn round."""
    folder = write_cases(tmp_path / "cases")
    monkeypatch.setenv("STEELYARD_CASES", str(folder))
    monkeypatch.setenv("STEELYARD_FLIP_LIMIT", "0")
    return folder


@pytest.fixture
def no_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_CASES", str(tmp_path / "none"))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(document: dict[str, Any]) -> Path:
        path = tmp_path / f"proposal-{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(as_text(document), encoding="utf-8")
        return path

    return to_file


@pytest.fixture
def pack(small_pack_folder: Path, tmp_path: Path) -> Path:
    """A pack of this test's own, which differs from the published one in its summary."""
    folder = tmp_path / "pack"
    shutil.copytree(small_pack_folder, folder)
    settings = folder / "pack.yaml"
    settings.write_text(settings.read_text().replace("A small pack", "Another small pack"))
    return folder


def proposed(steelyard: Steelyard, path: Path) -> str:
    return str(steelyard("knowledge", "propose", path, "--json").json()["id"])


@pytest.mark.usefixtures("cases")
def test_a_release_note_from_draft_to_release(steelyard: Steelyard, tmp_path: Path) -> None:
    draft = steelyard("knowledge", "draft", "pytorch", *NOTE)
    assert (draft.code, draft.err) == (0, "")
    assert draft.out.startswith("# Below `set`")
    path = tmp_path / "note.yaml"
    path.write_text(draft.out, encoding="utf-8")
    ended = steelyard("knowledge", "propose", path)
    assert (ended.code, ended.err) == (0, "")
    assert "PyTorch: version is 2.1.0, was 1.0" in ended.out
    assert "3 projects were decided from both, 3 rankings in all." in ended.out
    assert "0 % of them turn round, ties aside; 0 % are allowed." in ended.out.replace("\N{NO-BREAK SPACE}", " ")
    *_, stored, advice = ended.out.splitlines()
    name = stored.removeprefix("Stored: ")
    assert advice == f"Publish it: steelyard knowledge publish --proposal {name}"
    done = steelyard(*advice.removeprefix("Publish it: steelyard ").split())
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1] == "0 of 3 answers in 3 projects turn round."
    assert steelyard("knowledge", "show", "pytorch", "--json").json()["version"] == "2.1.0"
    listed = steelyard("knowledge", "proposals").out
    assert "PyTorch 2.1.0" in listed
    assert "released" in listed
    before = steelyard("knowledge", "releases", "--json").json()["items"]
    (old,) = (r["id"] for r in before if not r["proposals"])
    assert "PyTorch: version is 2.1.0, was 1.0" in steelyard("knowledge", "diff", old).out


@pytest.mark.usefixtures("cases")
def test_what_turns_too_much_round_is_listed_and_not_published(steelyard: Steelyard, write: Write) -> None:
    ended = steelyard("knowledge", "propose", write(NO_WINDOWS))
    assert "PyTorch has no NVIDIA build for windows" in " ".join(ended.out.split())
    name = ended.out.splitlines()[-2].removeprefix("Stored: ")
    assert ended.out.splitlines()[-1].endswith("--waive REASON")
    before = steelyard("knowledge", "releases", "--json").out
    no = steelyard("knowledge", "publish", "--proposal", name)
    assert (no.code, no.err) == (1, "")
    assert no.out.splitlines()[-1].startswith("Not published: more answers turn round than allowed.")
    as_json = steelyard("knowledge", "publish", "--proposal", name, "--json")
    assert (as_json.code, as_json.json()["release"], as_json.json()["review"]["blocked"]) == (1, None, True)
    assert steelyard("knowledge", "releases", "--json").out == before
    done = steelyard("knowledge", "publish", "--proposal", name, "--waive", "The build is gone.", "--json")
    assert done.json()["release"]["waiver"] == "The build is gone."


@pytest.mark.usefixtures("no_cases")
def test_a_folder_says_which_proposals_are_no_longer_in(steelyard: Steelyard, write: Write, pack: Path) -> None:
    names = [proposed(steelyard, write(VERSION)), proposed(steelyard, write(written(add=observed("seen", 3))))]
    for name in names:
        assert steelyard("knowledge", "publish", "--proposal", name).code == 0
    ended = steelyard("knowledge", "publish", pack)
    assert ended.code == 0
    assert ended.out.startswith("Published: ")
    assert ended.err.startswith("steelyard: the release before had taken up 2 proposals that are no longer in")
    assert all(name in ended.err for name in names)
    assert steelyard("knowledge", "publish", "--proposal", names[0]).err == ""
    as_json = steelyard("knowledge", "publish", pack, "--json")
    assert as_json.json()["dropped"] == names[:1]
    assert "a proposal that is no longer in" in as_json.err
    assert "released" not in steelyard("knowledge", "proposals").out


@pytest.mark.usefixtures("no_cases")
@pytest.mark.parametrize("decided", [0, 1, 2])
def test_counts_read_right(steelyard: Steelyard, pack: Path, answers: Callable[..., Path], decided: int) -> None:
    for number in range(decided):
        steelyard("recommend", answers(f"need: train\nteam_size: {number + 1}\n"), "--role", "training")
    review = steelyard("knowledge", "impact", pack).out
    published = steelyard("knowledge", "publish", pack).out.splitlines()[1]
    assert [
        "No case or recorded decision is there to try it on, so that nothing can be said." in review,
        "1 project was decided from both, 1 ranking in all." in review,
        "2 projects were decided from both, 2 rankings in all." in review,
    ] == [decided == n for n in range(3)]
    assert (
        published
        == (
            "No case or recorded decision is there to try it on.",
            "0 of 1 answer in 1 project turn round.",
            "0 of 2 answers in 2 projects turn round.",
        )[decided]
    )
    health = steelyard("knowledge", "health").out
    assert ("No case or recorded decision is there to measure it on." in health) == (decided == 0)
    assert f"over {decided} project{'' if decided == 1 else 's'}" in health


@pytest.mark.usefixtures("cases")
def test_impact_of_a_folder_a_proposal_and_a_release(steelyard: Steelyard, write: Write, pack: Path) -> None:
    before = steelyard("knowledge", "releases", "--json").json()["active"]
    name = proposed(steelyard, write(NO_WINDOWS))
    folder = steelyard("knowledge", "impact", pack, "--json").json()
    assert (folder["active"], folder["impact"]["flips"]) == (before, [])
    weighed = steelyard("knowledge", "impact", "--proposal", name, "--json").json()
    assert len(weighed["impact"]["flips"]) == 3
    assert weighed["blocked"] is True
    steelyard("knowledge", "publish", "--proposal", name, "--waive", "Gone.")
    since = steelyard("knowledge", "impact", before, "--json").json()
    assert (since["release"], since["impact"]) == (weighed["release"], weighed["impact"])
    own = steelyard("knowledge", "impact", since["release"]).out
    assert "Nothing differs." in own


@pytest.mark.usefixtures("cases")
def test_proposals_are_listed_and_shown_as_they_were_written(steelyard: Steelyard, write: Write) -> None:
    assert "No proposal is stored." in steelyard("knowledge", "proposals").out
    assert steelyard("knowledge", "proposals", "--json").json() == {"items": []}
    text = "# A remark\n" + as_text(VERSION)
    name = steelyard("knowledge", "propose", "-", "--json", stdin=text.encode()).json()["id"]
    assert steelyard("knowledge", "proposals", name).out == text
    assert steelyard("knowledge", "proposals", name, "--json").json() == {"id": name, "proposal": text}
    (item,) = steelyard("knowledge", "proposals", "--json").json()["items"]
    assert (item["id"], item["title"], item["author"], item["released"]) == (name, "PyTorch 2.0", "Ann", False)


@pytest.mark.usefixtures("cases")
def test_cases_are_reported_beside_rules_of_thumb(steelyard: Steelyard, tmp_path: Path) -> None:
    out = steelyard("knowledge", "cases").out
    for said in ("case-0", "Rules of thumb on the same cases", "always PyTorch", "Calibration", "Brier score"):
        assert said in out
    found = steelyard("knowledge", "cases", "--json").json()
    assert (found["top1"]["hits"], found["top1"]["count"]) == (2, 3)
    assert found["top1"]["low"] < found["top1"]["share"] < found["top1"]["high"]
    assert sum(b["found"]["count"] for b in found["calibration"]) == 3
    (tmp_path / "empty").mkdir()
    assert "No cases are there" in steelyard("knowledge", "cases", tmp_path / "empty").out


@pytest.mark.usefixtures("cases")
def test_health_is_a_work_queue(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    steelyard("recommend", answers("need: train\n"), "--role", "training")
    found = steelyard("knowledge", "health", "--json").json()
    assert found["projects"] == 4
    out = steelyard("knowledge", "health", "--most", "1").out
    assert "Worth finding out next, over 4 projects" in out
    first = found["queue"][0]
    assert f"{first['alternative']}, {first['about']}" in out
    assert f"{first['worth']:.3f}" in out
    assert len(found["queue"]) > 1
    assert len(re.findall(r"^ *\d+\.\d{3} ", out, re.MULTILINE)) == 1


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["draft", "pytorhc", *NOTE], "did you mean 'pytorch'?"),
        (
            ["draft", "pytorch", *NOTE, "--date", "yesterday"],
            "add.sources.0.date: 'yesterday' is not text of the pattern",
        ),
        (["publish", "--proposal", "k-1"], "the id of a stored proposal"),
        (["publish", "nowhere"], "FOLDER: 'nowhere' is not a folder that exists"),
        (["publish", ".", "--proposal", "k-1"], "given without a FOLDER"),
        (["impact", "--proposal", "k-1"], "the id of a stored proposal"),
        (["proposals", "k-1"], "the id of a stored proposal"),
        (["cases", "nowhere"], "a folder that exists"),
        (["propose", "nowhere.yaml"], "nowhere.yaml"),
        (["health", "--most", "0"], "--most"),
        (["diff", "2026-01-01-0"], "2026-01-01-0"),
        (["impact", "2026-01-01-0"], "2026-01-01-0"),
    ],
)
def test_what_cannot_be_done_is_said(steelyard: Steelyard, arguments: list[str], said: str) -> None:
    ended = steelyard("knowledge", *arguments)
    assert ended.code in (2, 3)
    assert ended.out == ""
    assert said in ended.err


@pytest.mark.usefixtures("cases")
def test_faults_of_a_proposal_are_told_by_line_and_nothing_is_stored(steelyard: Steelyard, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(as_text(VERSION).replace("pytorch", "pytorhc"), encoding="utf-8")
    ended = steelyard("knowledge", "propose", path)
    assert (ended.code, ended.out) == (2, "")
    assert "bad.yaml:8:7: 'pytorhc'" in ended.err
    assert "did you mean 'pytorch'?" in ended.err
    problem = steelyard("knowledge", "propose", path, "--json").problem()
    assert problem["faults"][0]["nearest"] == "pytorch"
    assert steelyard("knowledge", "proposals", "--json").json() == {"items": []}


@pytest.mark.usefixtures("cases")
def test_every_json_is_one_document(steelyard: Steelyard, write: Write) -> None:
    name = proposed(steelyard, write(VERSION))
    for arguments in (["proposals", name], ["impact", "--proposal", name], ["publish", "--proposal", name], ["health"]):
        json.loads(steelyard("knowledge", *arguments, "--json").out)


def test_an_answer_from_before_the_first_release_says_that_it_looks_back(steelyard: Steelyard, tmp_path: Path) -> None:
    project = tmp_path / "project.yaml"
    project.write_text("need: train\n")
    told = steelyard("recommend", str(project), "--as-of", "2026-06-01")
    assert told.code == 0
    assert "a look back: from what 2026-11-21-" in told.err
    assert "was known on 2026-06-01" in told.err
    assert "look back" not in steelyard("recommend", str(project)).err
