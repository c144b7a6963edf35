"""Every way to go wrong has its exit code, one message on standard error, and nothing on standard output."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.errors import Conflict, OutOfDate
from cli import files, main
from cli.actions import opening
from tests.commanding import Steelyard

STEELYARD = Path(sys.executable).parent / "steelyard"

BAD = """
name: Bad
answers:
  stge: research
  deploy_targets: [android, androd]
  python_version: 3.10
  latency_ms: -3
  team_size:
  offline: perhaps
"""


def test_every_fault_of_a_file_is_listed_with_its_place(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    path = answers(BAD)
    ended = steelyard("recommend", path)
    assert (ended.code, ended.out) == (2, "")
    lines = ended.err.splitlines()
    assert lines[0] == "steelyard: The input has faults (5 faults)"
    assert set(lines[1:]) == {
        f"  {path}:4:9: answers: 'stge' is not a question (did you mean 'stage'?)",
        f"  {path}:5:29: answers.deploy_targets[1]: 'androd' is not one of: server_cpu, server_gpu, serverless, "
        "cloud_tpu, desktop, android, ios, browser, edge_linux, edge_gpu and 3 more (did you mean 'android'?)",
        f"  {path}:6:19: answers.python_version: 3.1 is not one of: 3.9, 3.10, 3.11, 3.12, 3.13, 3.14, 3.15, in quotes "
        "as in \"3.10\" (did you mean '3.10'?)",
        f"  {path}:7:15: answers.latency_ms: -3 is not a number from 0 to 1000000000 (ms)",
        f"  {path}:9:12: answers.offline: 'perhaps' is not yes or no (true or false)",
    }


def test_under_json_the_faults_are_one_document(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    path = answers(BAD)
    ended = steelyard("recommend", path, "--json")
    assert (ended.code, ended.out) == (2, "")
    problem = ended.problem()
    assert problem["type"] == "invalid-input"
    assert problem["exit_code"] == 2
    assert {
        "path": "answers",
        "value": "'stge'",
        "expected": "a question",
        "nearest": "stage",
        "at": f"{path}:4:9",
    } in problem["faults"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n- b", "['a', 'b'] is not an object of answers"),
        ("", "null is not an object of answers"),
        (
            "answrs: {}\nname: x",
            "'answrs' is not one of the keys name, source, hardware, roles, answers, preferences, policy, draws (did",
        ),
        ("name: x", "answers: missing, expected an object; a document needs its answers"),
        ("answers: {}\nname: [x]", "name: ['x'] is not text of at most 200 characters"),
        ("answers: {}\nsource: 3", "source: 3 is not text, or an object"),
        ("answers: {}\nroles: runtime", "roles: 'runtime' is not a list of roles"),
        ("answers: {}\nroles: [runtim]", "(did you mean 'runtime'?)"),
        ("answers: {}\ndraws: many", "standard input:2:8: draws: 'many' is not a whole number from 0 to 100000"),
        ("answers: {}\ndraws: false", "draws: false is not a whole number"),
        ("answers: {}\npolicy: [p-none]", "standard input:2:10: policy[0]: 'p-none' is not a policy or the id of"),
        ("answers: {}\npolicy: 3", "standard input:2:9: policy: 3 is not a policy or the id of"),
        (
            "answers: {}\npreferences:\n  method: rankd\n  ranking: [memory, debuging]",
            "standard input:4:21: preferences.ranking[1]: 'debuging' is not an option of priorities (did you mean",
        ),
        (
            "answers: {}\npreferences:\n  stakeholders: [{name: A, sy: 3, method: ranked, ranking: [memory]}]",
            "standard input:3:32: preferences.stakeholders[0]: 'sy' is not one of",
        ),
        ("answers: {}\nhardware: locl", "(did you mean 'local'?)"),
        ("answers: {}\nhardware: {host: {os: hurd}}", "hardware.host.os: 'hurd' is not one of"),
        ("answers: [stage]", "answers: ['stage'] is not an object keyed by question ids"),
        ("stage: research\nstage: education", "'stage' is not a key that is not used twice"),
        ("a: &x [1]\nb: *x", "*x is not a value written out, not an alias"),
        ("stage: !!python/object/apply:os.system ['true']", "is not"),
        ("stage: [" + "[" * 40 + "]" * 41, "levels deep"),
        ("stage: 'open", "is not valid YAML"),
        ("? [a]\n: b", "is not a key that is a text"),
    ],
)
def test_a_file_of_the_wrong_form_is_refused(steelyard: Steelyard, text: str, said: str) -> None:
    ended = steelyard("recommend", "-", stdin=text.encode())
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"stage": "research", "stage": "education"}', "the key 'stage', used twice in one object,"),
        ('{"latency_ms": NaN}', "the number NaN is not valid JSON"),
        ('{"latency_ms": 1e999}', "answers.latency_ms: inf is not a number"),
        ('{"stage": ', "a.json:1:11:"),
        ('{"latency_ms": ' + "9" * 5000 + "}", "a number of too many digits"),
        ("[" * 5000 + "]" * 5000, "levels deep"),
        ("[" * 200_000, "a.json"),
    ],
)
def test_json_is_read_strictly(steelyard: Steelyard, answers: Callable[..., Path], text: str, said: str) -> None:
    ended = steelyard("recommend", answers(text, "a.json"))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_bytes_that_are_no_text_and_files_that_are_too_large_are_refused(steelyard: Steelyard) -> None:
    assert "byte 8 is not UTF-8 text" in steelyard("recommend", "-", stdin=b"stage: \xff").err
    assert "more than 1048576 bytes" in steelyard("recommend", "-", stdin=b"#" * (2**20 + 1)).err


def test_a_file_that_is_not_there_is_bad_input(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    path = answers("stage: research", "phone-app.yaml")
    ended = steelyard("recommend", path.with_name("phone-ap.yaml"))
    assert ended.code == 2
    assert f"did you mean '{path}'?" in ended.err
    assert "is not a file, but a folder" in steelyard("recommend", path.parent).err
    assert steelyard("recommend", path, "--hardware", "nowhere/box.yaml").code == 2
    ended = steelyard("recommend", path, "--hardware", "h-1234")
    assert ended.err.splitlines()[1].startswith("  hardware: 'h-1234' is not \"local\"")
    assert "is not a profile document" in steelyard("recommend", path, "--hardware", answers("[1]", "box.json")).err


def test_a_file_that_cannot_be_read_is_a_failure_outside(steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "a.yaml")

    monkeypatch.setattr(files, "project", fail)
    ended = steelyard("recommend", "a.yaml")
    assert (ended.code, ended.err) == (3, "steelyard: a.yaml: Permission denied\n")
    assert steelyard("recommend", "a.yaml", "--json").problem()["exit_code"] == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["recommend"],
        ["recommend", "a", "b"],
        ["recommend", "-", "--role", "cook"],
        ["serve", "--port", "x"],
    ],
)
def test_usage_errors_are_said_in_one_line(steelyard: Steelyard, arguments: list[str]) -> None:
    ended = steelyard(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("steelyard: ")
    assert ended.err.rstrip().endswith("--help")
    problem = steelyard(*arguments, "--json").problem()
    assert (problem["type"], problem["exit_code"]) == ("usage", 2)


def test_a_wrong_setting_is_bad_input(steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_PROBE_DEADLINE_S", "soon")
    ended = steelyard("probe")
    assert ended.code == 2
    assert "STEELYARD_PROBE_DEADLINE_S: 'soon' is not a setting that is accepted" in ended.err


def test_a_database_that_cannot_be_used_is_a_failure_outside(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STEELYARD_DATABASE_URL", f"sqlite:///{tmp_path}/missing/steelyard.db")
    ended = steelyard("knowledge", "releases")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("steelyard: the database cannot be used")
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"this is no database at all" * 1000)
    monkeypatch.setenv("STEELYARD_DATABASE_URL", f"sqlite:///{damaged}")
    assert steelyard("knowledge", "releases", "--json").problem()["type"] == "unavailable"


@pytest.mark.parametrize(
    ("error", "kind"), [(Conflict("another writer"), "conflict"), (OutOfDate("an older schema"), "out-of-date")]
)
def test_other_failures_of_the_database_are_outside_too(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(opening, "house", fail)
    problem = steelyard("knowledge", "releases", "--json").problem()
    assert (problem["type"], problem["exit_code"]) == (kind, 3)


def test_the_unforeseen_is_one_line_unless_debugging(steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("planted\nsecond line")

    monkeypatch.setattr(opening, "house", fail)
    ended = steelyard("knowledge", "releases")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == "steelyard: ZeroDivisionError: planted (set STEELYARD_DEBUG=1 to see where)\n"
    monkeypatch.setenv("STEELYARD_DEBUG", "1")
    assert "Traceback" in steelyard("knowledge", "releases").err


def test_control_characters_of_others_do_not_reach_the_terminal(steelyard: Steelyard) -> None:
    assert "\x1b" not in steelyard("recommend", "a\x1b[2Jb.yaml").err


def test_ctrl_c_ends_quietly(steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "project", interrupted)
    ended = steelyard("recommend", "a.yaml")
    assert (ended.code, ended.out, ended.err) == (main.INTERRUPTED, "", "")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as POSIX does")
def test_ctrl_c_in_a_real_process(home: Path) -> None:
    with subprocess.Popen(
        [STEELYARD, "recommend", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        time.sleep(2)  # it now waits for standard input
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(os.name == "nt", reason="pipes close as POSIX has it")
@pytest.mark.parametrize("arguments", [["recommend", "-"], ["recommend", "-", "--json"]])
def test_a_reader_that_goes_away_is_no_failure_to_talk_about(home: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [STEELYARD, *arguments], input=b"stage: research", stdout=writing, stderr=subprocess.PIPE
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (main.PIPE_CLOSED, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [["recommend", "-"], ["recommend", "-", "--json"]])
def test_a_full_disk_is_a_failure_outside(home: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run([STEELYARD, *arguments], input=b"stage: research", stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == 3
    assert b"No space left on device" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_terminal_that_lacks_characters_gets_others(home: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = subprocess.run(
        [STEELYARD, "recommend", "-"], input=b"stage: research", capture_output=True, env=environment
    )
    assert ended.returncode == 0
    assert ended.stdout.isascii()
    ended = subprocess.run(
        [STEELYARD, "recommend", "-", "--json"], input=b"stage: research", capture_output=True, env=environment
    )
    assert ended.returncode == 0
    ended.stdout.decode("utf-8")
