import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commanding import Steelyard

STEELYARD = Path(sys.executable).parent / "steelyard"
PROJECT = """
name: A [bold]phone[/bold] app
source: {title: Its handbook, date: "2026-03"}
answers:
  train_hardware: [nvidia_gpu]
  train_os: [windows]
  deploy_targets: [android]
  python_version: "3.14"
  team_experience: beginner
  considering: [jax, caffe]
"""


@pytest.fixture
def project(answers: Callable[[str], Path]) -> Path:
    return answers(PROJECT)


def test_the_screen_says_what_a_person_wants_to_know(steelyard: Steelyard, project: Path) -> None:
    ended = steelyard("recommend", project)
    assert ended.code == 0
    assert ended.err == ""
    for said in (
        "A [bold]phone[/bold] app",
        "Answers from: Its handbook, 2026-03",
        "6 answers; hardware: what the answers say",
        "Train with PyTorch",
        "It is the only candidate left; the others are excluded below.",
        "A beginner team needs what is easy",
        "of the score",
        "x has no NVIDIA build for windows",
        "TensorFlow",
        "no longer developed",
        "Run with LiteRT",
        "One changed answer would bring back",
        "answer train_os with linux or wsl2 instead of windows",
        "What you are considering",
        "--> LiteRT --> Android",
        "What would change it",
        "Evidence for the reasons above",
        "steelyard why-not FRAMEWORK",
        "steelyard replay d-",
    ):
        assert said in " ".join(ended.out.split()), said


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_lines_fit_the_terminal_and_have_no_blanks_at_their_ends(
    steelyard: Steelyard, project: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = steelyard("recommend", project).out.splitlines()
    assert max(len(line) for line in lines) <= min(width, 120)
    assert [line for line in lines if line != line.rstrip()] == []


def test_plain_text_where_nobody_sees_colours(steelyard: Steelyard, project: Path) -> None:
    assert "\x1b" not in steelyard("recommend", project).out


def test_colours_only_where_they_are_wanted(
    steelyard: Steelyard, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;32m" in steelyard("recommend", project).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;32m" not in steelyard("recommend", project).out


def test_a_name_cannot_steer_the_terminal(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    path = answers(json.dumps({"name": "evil \x1b[2J\x07 name", "answers": {"stage": "research"}}), "a.json")
    ended = steelyard("recommend", path)
    assert ended.code == 2
    assert "name: " in ended.err
    assert "evil" in ended.err
    assert not {"\x1b", "\x07"} & {*ended.out, *ended.err}


def test_a_tie_is_called_a_tie(steelyard: Steelyard) -> None:
    out = steelyard("recommend", "-", stdin=b"deploy_targets: server_cpu\nneed: inference_only").out
    assert "Tied: ONNX Runtime and LiteRT cannot be told apart on what is known." in out
    assert "tie 1" in out


def test_a_win_names_margin_and_what_speaks_against_it(steelyard: Steelyard) -> None:
    out = steelyard("recommend", "-", stdin=b"deploy_targets: android\nneed: train\npriorities: [debugging]").out
    assert "points ahead of" in out
    assert "and first with a probability of" in out
    assert "Where TensorFlow is ahead of PyTorch" in out
    assert "The model runs in Android apps" in out


def test_json_is_the_decision_and_nothing_else(steelyard: Steelyard, project: Path) -> None:
    ended = steelyard("recommend", project, "--json")
    assert ended.err == ""
    document = ended.json()
    assert document["answers"]["deploy_targets"] == ["android"]
    assert list(document["roles"]) == ["training", "runtime"]
    assert ended.out.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "stage: research\n"),
        ("a.yml", "answers: {stage: research}\nhardware: null\nroles: null\n"),
        ("a.json", '{"stage": "research"}'),
        ("a.json", '\ufeff{"answers": {"stage": "research"}, "name": null, "source": "a letter"}'),
        ("a", '{"stage": "research"}'),
        ("a", "{stage: research}"),
    ],
)
def test_every_form_of_answers_is_understood(
    steelyard: Steelyard, answers: Callable[..., Path], name: str, text: str
) -> None:
    assert steelyard("recommend", answers(text, name), "--json").json()["answers"] == {"stage": "research"}


@pytest.mark.parametrize("text", [b"stage: research", b'{"stage": "research"}', b"\xef\xbb\xbfstage: research"])
def test_a_dash_reads_standard_input(steelyard: Steelyard, text: bytes) -> None:
    assert steelyard("recommend", "-", "--json", stdin=text).json()["answers"] == {"stage": "research"}


def test_roles_come_from_the_command_line_before_the_file(steelyard: Steelyard) -> None:
    text = b"answers: {stage: research}\nroles: [runtime]"
    assert list(steelyard("recommend", "-", "--json", stdin=text).json()["roles"]) == ["runtime"]
    ended = steelyard("recommend", "-", "--json", "--role", "training", stdin=text)
    assert list(ended.json()["roles"]) == ["training"]


PROFILE = {
    "schema": "steelyard/hardware-profile/1",
    "label": "a box",
    "host": {"os": "windows"},
    "devices": [{"kind": "nvidia_gpu", "memory_bytes": "24 GiB", "count": 2}],
}


def test_hardware_comes_from_a_file(steelyard: Steelyard, answers: Callable[..., Path]) -> None:
    path = answers(json.dumps(PROFILE), "box.json")
    seen = steelyard("recommend", "-", "--json", "--hardware", path, stdin=b"stage: research").json()["hardware"]
    assert seen["label"] == "a box"
    assert seen["filled"]["train_devices"] == 2
    out = steelyard("recommend", "-", "--hardware", path, stdin=b"{train_os: linux, stage: research}").out
    assert "hardware: a box" in out
    assert "Taken from the hardware: train_hardware = cpu, nvidia_gpu" in out
    assert "The answers name linux for train_os; the profile does not show it." in out.replace("\n", " ")


def test_hardware_comes_from_the_document_unless_the_command_line_names_another(
    steelyard: Steelyard, answers: Callable[..., Path]
) -> None:
    text = json.dumps({"answers": {"stage": "research"}, "hardware": PROFILE}).encode()
    assert steelyard("recommend", "-", "--json", stdin=text).json()["hardware"]["label"] == "a box"
    other = answers(json.dumps({**PROFILE, "label": "another"}), "other.yaml")
    ended = steelyard("recommend", "-", "--json", "--hardware", other, stdin=text)
    assert ended.json()["hardware"]["label"] == "another"


def test_this_machine_is_looked_at_when_asked(steelyard: Steelyard) -> None:
    seen = steelyard("recommend", "-", "--json", "--hardware", "local", stdin=b"stage: research").json()["hardware"]
    assert seen["label"] == "this machine"
    assert "cpu" in seen["filled"]["train_hardware"]


def test_no_store_leaves_nothing_to_ask(steelyard: Steelyard) -> None:
    ended = steelyard("recommend", "-", "--no-store", stdin=b"stage: research")
    assert "(not recorded)" in ended.out
    assert "steelyard replay" not in ended.out
    assert steelyard("why-not", "jax").code == 2


@pytest.mark.parametrize(("framework", "code"), [("pytorch", 0), ("jax", 1), ("caffe", 1), ("jaxx", 2)])
def test_expect_fails_where_another_comes_first(steelyard: Steelyard, framework: str, code: int) -> None:
    ended = steelyard("recommend", "-", "--json", "--expect", framework, stdin=b"team_experience: beginner")
    assert ended.code == code
    if code == 1:
        assert ended.problem()["type"] == "refused"
        assert ended.json()["roles"]["training"]["ranking"][0]["framework"] == "pytorch"
    if code == 2:
        assert ended.out == ""
        assert ended.problem()["faults"][0]["nearest"] == "jax"


def test_expect_takes_a_tie(steelyard: Steelyard) -> None:
    text = b"deploy_targets: server_cpu\nneed: inference_only"
    assert steelyard("recommend", "-", "--expect", "litert", stdin=text).code == 0


def test_nobody_left_is_an_answer(steelyard: Steelyard) -> None:
    ended = steelyard("recommend", "-", "--role", "serving", stdin=b"stage: research")
    assert ended.code == 0
    assert "Nothing is left" in ended.out
    ended = steelyard("recommend", "-", "--role", "serving", "--expect", "jax", stdin=b"stage: research")
    assert ended.code == 1
    assert ended.err == "steelyard: jax does not come first in any role: nothing does\n"


def test_two_processes_give_the_same_bytes(home: Path, project: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "random"}

    def run(*arguments: str) -> dict[str, Any]:
        ended = subprocess.run([STEELYARD, "recommend", project, *arguments], capture_output=True, env=environment)
        assert ended.returncode == 0, ended.stderr
        return {"bytes": ended.stdout}

    assert run("--json") == run("--json")
    assert run() == run()


PEOPLE = b"""
answers: {deploy_targets: android, need: train}
draws: 300
preferences:
  stakeholders:
    - {name: Ann, say: 2, method: ranked, ranking: [memory, debugging]}
    - {name: Bo, method: direct, weights: {debugging: 3, ease_of_use: 5}}
"""


def test_draws_and_people_have_their_say_on_the_screen(steelyard: Steelyard) -> None:
    document = steelyard("recommend", "-", "--json", stdin=PEOPLE).json()
    out = " ".join(steelyard("recommend", "-", stdin=PEOPLE).out.split())
    assert "300 draws of grades and weights" in out
    assert "What matters: memory 50%, debugging 29%, ease of use 21%; said by Ann (ranked) and Bo (direct)" in out
    first, second = document["roles"]["training"]["ranking"][:2]
    drawn = document["roles"]["training"]["acceptability"]
    wins = drawn[first["framework"]]["wins"][second["framework"]]
    assert f"outscores {second['framework'].title()}"[:10] in out
    assert f"in {round(100 * wins)}% of them." in out
    assert f"{round(100 * drawn[first['framework']]['confidence_factor'])}%" in out
    assert "Where people disagree" in out
    assert "Widest apart on memory (Bo 0%, Ann 75%) and ease of use (Ann 0%, Bo 62%)." in out
    assert "(Kendall's W: 1 for the same order)" in out


def test_one_person_is_named_by_the_method(steelyard: Steelyard) -> None:
    text = b"answers: {need: train}\npreferences: {method: swing, weights: {memory: 100, debugging: 25}}"
    out = steelyard("recommend", "-", stdin=text).out
    assert "What matters: memory 80%, debugging 20%; swing" in out
    assert "Where people disagree" not in out
    assert "What the draws say" not in out


@pytest.mark.parametrize(("option", "count"), [([], 300), (["--draws", "50"], 50), (["--draws", "0"], None)])
def test_draws_come_from_the_command_line_before_the_file(
    steelyard: Steelyard, option: list[str], count: int | None
) -> None:
    found = steelyard("recommend", "-", "--json", *option, stdin=PEOPLE).json()["draws"]
    assert (found and found["count"]) == count


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--draws", "-1"], "draws: -1 is not a whole number from 0 to 100000"),
        (["--as-of", "2026-13-01"], "as_of: '2026-13-01' is not a day as YYYY-MM-DD"),
        (["--as-of", "1999-01-01"], "as_of: '1999-01-01' is not a day that can be looked back to"),
        (["--release", "none"], "release: 'none' is not the id of a stored release"),
    ],
)
def test_wrong_options_are_faults(steelyard: Steelyard, options: list[str], said: str) -> None:
    ended = steelyard("recommend", "-", *options, stdin=b"stage: research")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_release_and_a_day_name_the_knowledge(steelyard: Steelyard) -> None:
    release = steelyard("knowledge", "releases", "--json").json()["items"][0]
    for options in (["--release", release["id"]], ["--as-of", release["as_of"]]):
        found = steelyard("recommend", "-", "--json", *options, stdin=b"stage: research").json()
        assert found["release"]["id"] == release["id"]


def test_open_questions_say_how_many_answers_change_the_first(steelyard: Steelyard) -> None:
    text = b"{deploy_targets: android, need: train}"
    document = steelyard("recommend", "-", "--json", stdin=text).json()
    out = " ".join(steelyard("recommend", "-", stdin=text).out.split())
    told = [u for u in document["changes"]["unknown"] if u["role"] == "training" and any(u["winners"])]
    share = {u["question"]: sum(u["winners"].values()) / u["answers"] for u in told}
    assert len(set(share.values())) > 1
    expected = sorted(told, key=lambda u: (-share[u["question"]], u["question"]))[:5]
    training = out.partition("Open questions (training)")[2].partition("(runtime)")[0]
    assert re.findall(r"\[(\w+), (\d+) of (\d+) answers\]", training) == [
        (u["question"], str(sum(u["winners"].values())), str(u["answers"])) for u in expected
    ]
    assert ("can change it too" in training) == (len(told) > len(expected))
    settled = document["changes"]["settled"]["training"]
    assert f"{len(settled)} other open questions could not change it alone" in training
