import json
import sqlite3
from pathlib import Path

import pytest

from tests.commanding import Steelyard

PHONE = b"{train_hardware: nvidia_gpu, train_os: windows, deploy_targets: android, stage: production}"


@pytest.fixture
def decision(steelyard: Steelyard) -> str:
    identity: str = steelyard("recommend", "-", "--json", stdin=PHONE).json()["id"]
    return identity


def test_why_not_names_the_gate_with_both_values_and_the_way_back(steelyard: Steelyard, decision: str) -> None:
    out = " ".join(steelyard("why-not", "tensorflow").out.split())
    assert f"TensorFlow tensorflow, in {decision}" in out
    assert "Training: excluded" in out
    assert "x TensorFlow has no NVIDIA build for windows" in out
    assert "needed: " in out
    assert "found: " in out
    assert "What would let it back in: answer train_hardware with" in out
    assert "or answer train_os with linux, wsl2 or macos instead of windows; or leave train_os open." in out


def test_why_not_names_who_is_ahead_and_where(steelyard: Steelyard) -> None:
    steelyard("recommend", "-", "--json", stdin=b"{deploy_targets: android, need: train, team_experience: beginner}")
    out = steelyard("why-not", "jax").out
    assert "Training: 3rd with" in out
    assert "Where JAX loses to" in out


def test_why_not_of_the_first_says_that_it_is_first(steelyard: Steelyard, decision: str) -> None:
    assert "Training: it comes 1st with" in steelyard("why-not", "pytorch").out


def test_why_not_of_what_is_no_candidate_or_has_a_successor(steelyard: Steelyard, decision: str) -> None:
    out = steelyard("why-not", "caffe").out
    assert "Caffe is archived" in out
    assert "No single changed answer would let it back in." in out


def test_why_not_asks_the_named_decision_or_the_last(steelyard: Steelyard, decision: str) -> None:
    other = steelyard("recommend", "-", "--json", stdin=b"stage: research").json()["id"]
    assert steelyard("why-not", "jax", "--decision", decision, "--json").json()["decision"] == decision
    assert steelyard("why-not", "jax", "--decision", other, "--json").json()["decision"] == other
    assert steelyard("why-not", "jax", "--json").json()["decision"] in (decision, other)  # recorded in one second


def test_why_not_of_an_unknown_name_offers_the_nearest(steelyard: Steelyard, decision: str) -> None:
    ended = steelyard("why-not", "tensorflo")
    assert (ended.code, ended.out) == (2, "")
    assert "did you mean 'tensorflow'?" in ended.err


@pytest.mark.parametrize("command", [["why-not", "jax", "--decision", "d-none"], ["replay", "d-none"]])
def test_an_unknown_decision_is_bad_input(steelyard: Steelyard, command: list[str]) -> None:
    ended = steelyard(*command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "steelyard: no recommendation 'd-none' is stored\n"
    assert steelyard(*command, "--json").problem()["type"] == "not-found"


def test_replay_is_the_same(steelyard: Steelyard, decision: str) -> None:
    ended = steelyard("replay", decision)
    assert ended.code == 0
    assert "The same, byte for byte" in ended.out
    assert steelyard("replay", decision, "--json").json()["same"] is True


def test_replay_of_a_changed_record_fails_and_says_where(steelyard: Steelyard, decision: str, home: Path) -> None:
    with sqlite3.connect(home / "steelyard.db") as database:
        text = database.execute("SELECT document FROM decisions WHERE id = ?", [decision]).fetchone()[0]
        document = json.loads(text)
        document["roles"]["training"]["ranking"][0]["score"] = 0.5
        database.execute("UPDATE decisions SET document = ? WHERE id = ?", [json.dumps(document), decision])
    database.close()
    ended = steelyard("replay", decision)
    assert ended.code == 1
    assert "Not the same" in ended.out
    assert "roles.training.ranking[0].score" in ended.out
    as_json = steelyard("replay", decision, "--json")
    assert (as_json.code, as_json.json()["same"]) == (1, False)
    assert as_json.err == ""
