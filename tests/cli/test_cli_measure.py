"""`steelyard measure`: nothing without consent, the files asked for, and everything that stops it."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor import measuring as use_case
from knowledge_base import proposal as proposals
from probes.measuring import session
from probes.measuring.documents import Measurement
from probes.measuring.faults import Busy
from probes.measuring.plan import Plan
from tests.commanding import Steelyard
from tests.measured import measurement, run, subject

FOUND = measurement([subject("pytorch", "pytorch")], [run("pytorch", repeat) for repeat in range(3)])
Asked = list[tuple[tuple[str, ...], int, bool]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Measuring takes no time and finds `FOUND`; which subjects, how often, afresh or not."""
    seen: Asked = []

    def measure(plan: Plan, folder: Path, machine: object, *, fresh: bool, tell: Callable[..., None]) -> Measurement:
        seen.append((tuple(each.id for each in plan.subjects), plan.effort.repeats, fresh))
        tell(0, 2, "environment with torch")
        return FOUND

    monkeypatch.setattr(session, "measure", measure)
    return seen


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "m.json"
    path.write_text(use_case.dump(FOUND))
    return path


def test_without_consent_the_plan_is_shown_and_nothing_is_done(steelyard: Steelyard, asked: Asked, home: Path) -> None:
    ended = steelyard("measure", "lightgbm", "onnxruntime")
    assert (ended.code, asked) == (1, [])
    lines = ended.out.splitlines()
    assert lines[0] == "To be measured: LightGBM, ONNX Runtime."
    assert "  lightgbm: about 200 MB on disk" in lines
    assert "  onnx: about 110 MB on disk" in lines
    assert lines[-1] == "Nothing was done. Agree with --yes."
    assert not (home / "measuring").exists()


@pytest.mark.parametrize(
    ("said", "agreed"), [("yes\n", True), ("YES \n", True), ("y\n", False), ("\n", False), ("", False)]
)
def test_a_person_agrees_with_the_whole_word(
    steelyard: Steelyard, asked: Asked, monkeypatch: pytest.MonkeyPatch, said: str, agreed: bool
) -> None:
    from cli.actions import measuring as actions

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(actions, "sys", type("Sys", (), {"stdin": Terminal(said), "stderr": Terminal()}))
    ended = steelyard("measure", "pytorch")
    assert (len(asked) == 1, ended.code) == (agreed, 0 if agreed else 1)
    assert ("Nothing was done." in ended.out) != agreed


def test_json_without_consent_is_the_plan(steelyard: Steelyard, asked: Asked) -> None:
    ended = steelyard("measure", "jax", "--json", "--quick")
    assert (ended.code, ended.err, asked) == (1, "", [])
    assert ended.json()["plan"]["subjects"] == ["jax"]
    assert ended.json()["measurement"] is None


def test_with_consent_it_measures_and_shows_the_figures(steelyard: Steelyard, asked: Asked) -> None:
    ended = steelyard("measure", "pytorch", "--yes", "--repeats", 4, "--fresh")
    assert (ended.code, asked) == (0, [(("pytorch",), 4, True)])
    assert ended.err == "steelyard: 1 of 2: environment with torch\n"
    assert "| Pytorch | 1,280 ± 0 % |" in ended.out


def test_files_are_written_where_asked(steelyard: Steelyard, asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    ended = steelyard("measure", "--yes", "-o", "m.json", "--folder", "docs", "--propose", "p.yaml", "--json")
    assert ended.code == 0
    assert ended.json()["cells"][0]["parity"] == "agrees"
    assert use_case.load(tmp_path / "m.json") == use_case.load(tmp_path / "docs" / "measurements.json") == FOUND
    assert (tmp_path / "docs" / "pictures" / "measurements-training.svg").exists()
    assert proposals.load(tmp_path / "p.yaml").proposal.title == "Measured on 2026-11-21"


def test_a_proposal_of_it_is_taken_by_the_knowledge(steelyard: Steelyard, saved: Path) -> None:
    assert steelyard("measure", "--from", saved, "--propose", "p.yaml").code == 0
    ended = steelyard("knowledge", "propose", "p.yaml")
    assert (ended.code, ended.err) == (0, "")


def test_a_saved_one_is_shown_again_without_measuring(steelyard: Steelyard, asked: Asked, saved: Path) -> None:
    ended = steelyard("measure", "--from", saved, "--json")
    assert (ended.code, asked) == (0, [])
    assert ended.json()["measurement"] == json.loads(saved.read_text())


def test_nothing_measured_at_all_is_a_no(steelyard: Steelyard, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = measurement([subject("jax", "jax", None)], [])
    monkeypatch.setattr(session, "measure", lambda *_, **__: nothing)
    ended = steelyard("measure", "jax", "--yes")
    assert ended.code == 1
    assert "- Jax: not installed: no such package" in ended.out


def test_two_at_once(steelyard: Steelyard, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> Measurement:
        raise Busy("another measurement is going on")

    monkeypatch.setattr(session, "measure", busy)
    ended = steelyard("measure", "--yes", "--json")
    assert (ended.code, ended.problem()["type"]) == (3, "busy")


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("pytorhc", "--yes"), "FRAMEWORK"),
        (("--yes", "--repeats", "0"), "--repeats"),
        (("--yes", "--pin", "nothing==1"), "--pin"),
        (("--yes", "-o", "m.json"), "--output"),
        (("--yes", "--propose", "nowhere/p.yaml"), "--propose"),
        (("--yes", "--folder", "nowhere"), "--folder"),
        (("--from", "nothing.json"), "--from"),
        (("--from", "m.json", "jax"), "--from"),
        (("--from", "m.json", "--quick"), "--from"),
        (("--from", "bad.json"), "--from"),
    ],
)
def test_bad_input_is_told_before_anything_is_done(
    steelyard: Steelyard, asked: Asked, saved: Path, tmp_path: Path, arguments: tuple[str, ...], path: str
) -> None:
    (tmp_path / "bad.json").write_text("{")
    ended = steelyard("measure", *arguments, "--json")
    assert (ended.code, asked, ended.out) == (2, [], "")
    assert [fault["path"] for fault in ended.problem()["faults"]] == [path]


def test_help_brings_nothing_heavy_in() -> None:
    import subprocess

    code = "import sys; import cli.commands; print(sorted(m for m in sys.modules if m.startswith('probes')))"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert told.stdout == "[]\n"
