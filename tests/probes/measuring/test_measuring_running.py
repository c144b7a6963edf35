"""One process: whatever it does, its row says so, in bounded time and on one line without paths."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from probes.measuring import running
from probes.measuring.running import Ended, stage, told

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stand-ins are shell scripts")


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[[str], str]:
    """An interpreter that does this instead; `$4` is the result file."""

    def make(body: str) -> str:
        path = tmp_path / "bin" / "python"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return make


def run(python: str, limit_s: float = 20.0, **settings: str) -> Ended:
    return stage(python, {"task": "mlp"}, limit_s, 3, settings)


def test_a_result_is_read_whatever_else_is_said(stand_in: Callable[[str], str]) -> None:
    ended = run(stand_in("""echo '{"not": "this"}'; echo noise >&2; echo '{"a": 1}' > "$4" """))
    assert (ended.outcome, ended.result, ended.why) == ("done", {"a": 1}, None)


def test_a_job_holds_when_it_was_started(stand_in: Callable[[str], str]) -> None:
    ended = run(stand_in('cat "$3" > "$4"'))
    assert ended.result["task"] == "mlp"
    assert ended.result["spawned"] > 0


def test_a_crash_tells_its_last_error_without_paths_and_addresses(stand_in: Callable[[str], str]) -> None:
    body = 'echo "Traceback" >&2; echo "OSError: no /secret/place/file at https://ann:pw@host/x" >&2; echo tail; exit 3'
    ended = run(stand_in(body))
    assert (ended.outcome, ended.why) == ("crashed", "OSError: no … at …")


def test_a_silent_crash_and_a_signal(stand_in: Callable[[str], str]) -> None:
    assert run(stand_in("exit 1")).why == "it said nothing"
    assert run(stand_in("kill -SEGV $$")).why == "ended by signal SIGSEGV"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("exit 0", "it ended without a result"),
        ('printf "{" > "$4"', "no JSON"),
        ('printf "\\377" > "$4"', "no JSON"),
        ('head -c 100000 /dev/zero | tr "\\0" "[" > "$4"', "no JSON"),
        (f'head -c {running.MAX_RESULT_BYTES + 1} /dev/zero > "$4"', "more than 8 MiB"),
    ],
)
def test_what_is_no_result(stand_in: Callable[[str], str], body: str, why: str) -> None:
    ended = run(stand_in(body))
    assert (ended.outcome, ended.result, ended.why) == ("bad_result", None, why)


def test_a_hanging_one_and_all_it_started_are_killed(stand_in: Callable[[str], str], tmp_path: Path) -> None:
    left = tmp_path / "left"
    ended = run(stand_in(f"trap '' TERM; sleep 600 & echo $! > {left}; wait"), 1.0)
    assert (ended.outcome, ended.why) == ("timed_out", "not done after 1 s")
    assert _gone(int(left.read_text()))


def test_what_a_process_leaves_running_is_killed_too(stand_in: Callable[[str], str], tmp_path: Path) -> None:
    left = tmp_path / "left"
    assert run(stand_in(f'sleep 600 & echo $! > {left}; echo 1 > "$4"')).outcome == "done"
    assert _gone(int(left.read_text()))


def _gone(process: int) -> bool:
    """Whether a killed process is dead, once the kernel has come round to it."""
    for _ in range(200):
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X"):
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_an_interpreter_that_is_not_there() -> None:
    ended = run("/nowhere/python")
    assert (ended.outcome, ended.why) == ("not_started", "No such file or directory")


def test_the_environment_holds_threads_and_settings_and_no_secrets(
    stand_in: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cr3t")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    dump = 'import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], "w"))'
    python = stand_in(f"exec {sys.executable} -I -c '{dump}' \"$4\"")
    seen = run(python, KERAS_BACKEND="jax").result
    assert {seen[name] for name in running.THREAD_VARIABLES} == {"3"}
    assert seen["KERAS_BACKEND"] == "jax"
    assert not {"SECRET_TOKEN", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"} & set(seen)
    assert seen["HOME"] == seen["XDG_CACHE_HOME"] != os.environ.get("HOME")
    assert not Path(seen["HOME"]).exists()


@pytest.mark.parametrize(
    ("complaint", "line"),
    [
        ("", "it said nothing"),
        ("ERROR: No matching thing\nnotice: a new pip", "ERROR: No matching thing"),
        ("Traceback:\n  ...\nModuleNotFoundError: No module named 'x'", "ModuleNotFoundError: No module named 'x'"),
        ("numpy.exceptions.AxisError: axis 3\x1b[0m", "numpy.exceptions.AxisError: axis 3 [0m"),
        ("some words", "some words"),
    ],
)  # fmt: skip
def test_the_line_that_says_most(complaint: str, line: str) -> None:
    assert told(complaint) == line


def test_a_line_is_short_and_hides_what_it_is_told_to() -> None:
    assert len(told("x" * 10_000)) == running.MAX_WHY
    assert told("cannot open base dir/sub file", ["base dir", "base dir/sub"]) == "cannot open … file"


def test_the_share_of_others_is_what_is_busy_and_not_ours() -> None:
    assert running._others((10.0, 100.0), (16.0, 110.0), 4.0) == 0.2
    assert running._others((10.0, 100.0), (16.0, 110.0), 9.0) == 0.0
    assert running._others((10.0, 100.0), (10.0, 100.0), 0.0) is None
    assert running._others(None, (16.0, 110.0), 4.0) is None
    assert running._others((10.0, 100.0), (16.0, 110.0), None) is None


def test_forgetting_changes_no_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("kept")
    (tmp_path / "loop").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    running.forgotten(tmp_path)
    assert (tmp_path / "a").read_text() == "kept"


def test_results_are_json_of_the_stage(tmp_path: Path) -> None:
    """The stage itself, run by this interpreter, with a script that has nothing to do."""
    script = tmp_path / "script.py"
    script.write_text("def bring(): raise RuntimeError('not today')\n")
    ended = stage(sys.executable, {"script": str(script), "task": "mlp", "mode": "train"}, 60.0, 1, {})
    assert (ended.outcome, ended.why) == ("crashed", "RuntimeError: not today")
    assert json.dumps(ended.result) == "null"
