"""A session: turns, failures that stay their own row's, interruption, and real runs in this very environment."""

import errno
import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import probes
from probes.measuring import environments, running, session, summary
from probes.measuring.documents import Measurement, Run
from probes.measuring.environments import Environment
from probes.measuring.faults import Busy, NotMade
from probes.measuring.plan import PREPARING, QUICK, Plan, Subject, Task
from tests.measured import MACHINE

TINY = replace(
    QUICK, repeats=2, compared_steps=3, least_steps=5, least_s=0.0, predict_s=0.0, rounds=5, rows=2000, deadline_s=60.0
)
NUMPY = Subject("numpy", None, "NumPy", ("numpy",), "on_numpy.py", 1, ("mlp",))
HERE = probes.parse(MACHINE)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Every environment is this one, but for `missing`, which cannot be made. What was asked for."""
    asked: list[tuple[str, ...]] = []

    def make(folder: Path, requirements: Sequence[str], disk_mb: float) -> Environment:
        asked.append(tuple(requirements))
        if "missing" in requirements:
            raise NotMade("not_installed", "ERROR: No matching distribution found for missing")
        return Environment(sys.executable, tuple(requirements), {"numpy": "2"}, 70.0, 5.0)

    monkeypatch.setattr(environments, "make", make)
    monkeypatch.setattr(running, "forgotten", lambda folder: None)
    return asked


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Further scripts, in a folder beside copies of the real ones."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    for path in running.STAGE.parent.glob("*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(running, "STAGE", folder / "stage.py")

    def add(name: str, text: str) -> None:
        (folder / name).write_text(text)

    return add


def measured(tmp_path: Path, *subjects: Subject, **changed: object) -> Measurement:
    plan = Plan(subjects, replace(TINY, **changed), 1)  # type: ignore[arg-type]
    return session.measure(plan, tmp_path / "home", HERE)


def ran(found: Measurement) -> list[tuple[str, Task, str, int, str]]:
    return [(run.subject, run.task, run.mode, run.repeat, run.outcome) for run in found.runs]


def test_a_real_run_agrees_with_the_reference(tmp_path: Path) -> None:
    found = measured(tmp_path, NUMPY)
    assert ran(found) == [
        ("numpy", "mlp", "train", 0, "done"),
        ("numpy", "mlp", "predict", 0, "done"),
        ("numpy", "mlp", "train", 1, "done"),
        ("numpy", "mlp", "predict", 1, "done"),
    ]
    for cell in summary.cells(found):
        assert cell.parity == "agrees"
        assert cell.off is not None
        assert cell.off < 1e-4
        assert {"import_s", "peak_mb", "prediction_p50_s"} <= set(cell.figures)
    assert all(run.told and len(run.told.losses) == 3 for run in found.runs if run.mode == "train")
    assert set(found.reference.losses) == {"mlp"}


@pytest.mark.skipif(importlib.util.find_spec("sklearn") is None, reason="scikit-learn is not installed here")
def test_scikit_learn_agrees_with_the_reference_and_learns_the_table(tmp_path: Path) -> None:
    subject = Subject("scikit-learn", "scikit-learn", "s", ("scikit-learn",), "on_sklearn.py", 1, ("mlp", "table"))
    other = replace(subject, id="again", trains=("table",), predicts=())
    found = measured(tmp_path, subject, other, repeats=1)
    assert [cell.parity for cell in summary.cells(found)] == ["agrees"] * 4
    table = next(run for run in found.runs if run.task == "table")
    assert table.told
    assert 0.3 < table.told.losses[0] < 0.69  # better than a coin


def test_a_wrong_rate_is_found_out(tmp_path: Path, scripts: Callable[[str, str], None]) -> None:
    text = (running.STAGE.parent / "on_numpy.py").read_text()
    scripts("on_hasty.py", text.replace('np.float32(given["rate"])', 'np.float32(1.01 * given["rate"])'))
    found = measured(tmp_path, replace(NUMPY, script="on_hasty.py", predicts=()), repeats=1, compared_steps=10)
    (cell,) = summary.cells(found)
    assert cell.parity == "differs"
    assert "throughput" not in cell.figures


def test_what_fails_has_a_row_of_its_own_and_the_others_go_on(
    tmp_path: Path, scripts: Callable[[str, str], None]
) -> None:
    scripts("on_crash.py", "def bring(): raise ImportError('libx.so.1: cannot open shared object file')\n")
    scripts("on_hang.py", "import time\ndef bring(): time.sleep(600)\n")
    scripts("on_lies.py", LIES)
    scripts("on_idle.py", LIES.replace("watch(lambda: 1.0)", "None").replace("float('nan')", "0.0"))
    subjects = [
        Subject(name, None, name, (name,), script, 1, ("mlp",), ())
        for name, script in (
            ("missing", "on_numpy.py"),
            ("crash", "on_crash.py"),
            ("hang", "on_hang.py"),
            ("lies", "on_lies.py"),
            ("idle", "on_idle.py"),
            ("numpy", "on_numpy.py"),
        )
    ]
    found = measured(tmp_path, *subjects, repeats=1, deadline_s=15.0)
    states = {each.id: (each.state, each.why) for each in found.subjects}
    assert states["missing"] == ("not_installed", "ERROR: No matching distribution found for missing")
    assert {state for state, _ in states.values()} == {"not_installed", "ready"}
    assert {run.subject: run.outcome for run in found.runs} == {
        "crash": "crashed",
        "hang": "timed_out",
        "lies": "bad_result",
        "idle": "bad_result",
        "numpy": "done",
    }
    whys = {run.subject: run.why or "" for run in found.runs}
    assert whys["crash"] == "ImportError: libx.so.1: cannot open shared object file"
    assert "result.losses" in whys["idle"]


LIES = """
def bring(): return {"lies": "1"}
def build(task, given):
    import numpy
    return lambda watch: watch(lambda: 1.0), lambda one: numpy.array([float('nan')])
"""


def test_a_runtime_without_its_files_says_who_could_not_make_them(tmp_path: Path) -> None:
    runtime = Subject("litert", "litert", "LiteRT", ("ai-edge-litert",), "on_litert.py", 1, models="tflite")
    maker = PREPARING["tflite"]
    plan = Plan((runtime, NUMPY), replace(TINY, repeats=1), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PREPARING, "tflite", replace(maker, requirements=("missing",)))
        found = session.measure(plan, tmp_path / "home", HERE)
    assert found.subjects[0].state == "not_prepared"
    assert found.subjects[0].why == (
        "no tflite files without missing: ERROR: No matching distribution found for missing"
    )
    assert {run.subject for run in found.runs} == {"numpy"}


def test_a_file_that_cannot_be_made_is_told(tmp_path: Path, scripts: Callable[[str, str], None]) -> None:
    scripts("on_onnx.py", "def bring(): return {}\ndef prepare(task, given): raise ValueError('no ' + task)\n")
    runtime = Subject("openvino", "openvino", "OpenVINO", ("openvino",), "on_openvino.py", 1, models="onnx")
    found = measured(tmp_path, runtime, repeats=1)
    assert (found.subjects[0].state, found.runs) == ("not_prepared", [])
    assert found.subjects[0].why == "the onnx file of mlp could not be made: ValueError: no mlp"


def test_environments_that_are_shared_are_made_once(tmp_path: Path, installed: list[tuple[str, ...]]) -> None:
    measured(tmp_path, NUMPY, replace(NUMPY, id="again"), repeats=1)
    assert installed == [("numpy",)]


# --- Interruption ----------------------------------------------------------------------------------------------------


def test_an_interrupted_session_is_taken_up_where_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = session._run
    done: list[Run] = []

    def until_third(*given: object) -> Run:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(real(*given))  # type: ignore[arg-type]
        return done[-1]

    with monkeypatch.context() as patch:
        patch.setattr(session, "_run", until_third)
        with pytest.raises(KeyboardInterrupt):
            measured(tmp_path, NUMPY)
    (journal,) = (tmp_path / "home" / "sessions").iterdir()
    with journal.open("a") as file:
        file.write('{"subject": "numpy", "torn')  # as a power cut leaves it
    found = measured(tmp_path, NUMPY)
    assert found.runs[:3] == done
    assert len(found.runs) == 4
    assert not journal.exists(), "a finished session is not taken up again"


def test_another_effort_or_another_version_is_another_session(tmp_path: Path) -> None:
    journal = tmp_path / "home" / "sessions"
    found = measured(tmp_path, NUMPY, repeats=1)
    names = {
        session._named(settings, subjects)
        for settings in (found.settings, found.settings.model_copy(update={"least_s": 9.0}))
        for subjects in (found.subjects, [found.subjects[0].model_copy(update={"packages": {"numpy": "3"}})])
    }
    assert len(names) == 4
    assert list(journal.iterdir()) == []


@pytest.mark.parametrize("torn", [b"", b"\xff\xfe", b'{"subject"', b'"whole"\n', b"{}\n"])
def test_a_journal_is_read_up_to_what_is_not_whole(tmp_path: Path, torn: bytes) -> None:
    found = measured(tmp_path, NUMPY, repeats=1)
    journal = tmp_path / "journal"
    lines = [run.model_dump_json().encode() + b"\n" for run in found.runs]
    journal.write_bytes(b"".join(lines) + torn)
    assert session._read_journal(journal) == found.runs
    assert journal.read_bytes() == b"".join(lines)


def test_a_last_line_without_its_end_is_done_again(tmp_path: Path) -> None:
    run = measured(tmp_path, NUMPY, repeats=1).runs[0]
    journal = tmp_path / "journal"
    journal.write_text(run.model_dump_json())
    assert session._read_journal(journal) == []
    assert journal.read_bytes() == b""


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    folder = tmp_path / "home"
    folder.mkdir()
    with session._alone(folder / "lock"), pytest.raises(Busy, match="another measurement"):
        measured(tmp_path, NUMPY)
    assert measured(tmp_path, NUMPY, repeats=1).runs


def test_a_folder_that_cannot_be_locked_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (
        pytest.raises(OSError, match=r"cannot be locked.*No locks available") as told,
        session._alone(tmp_path / "lock"),
    ):
        pass
    assert told.value.filename == str(tmp_path / "lock")


def test_a_kept_reference_that_is_damaged_is_made_anew(tmp_path: Path) -> None:
    first = session.provide(tmp_path, TINY, {"mlp"})
    (kept,) = first.folder.glob("reference-*.json")
    kept.write_text(json.dumps({"losses": {"mlp": ["x"]}, "outputs": {}}))
    assert session.provide(tmp_path, TINY, {"mlp"}) == first


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    session.measure(Plan((NUMPY,), TINY, 1), tmp_path, HERE, tell=lambda *each: told.append(each))
    assert [done for done, _, _ in told] == [0, 1, 2, 3, 4]
    assert {total for _, total, _ in told} == {5}
    assert told[0][2] == "environment with numpy"
