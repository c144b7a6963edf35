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


@pytest.mark.parametrize("command", [["why-not", "jax", "--decision", "d-none"], ["replay", "d-none"]])
def test_an_unknown_decision_is_bad_input(steelyard: Steelyard, command: list[str]) -> None:
    ended = steelyard(*command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "steelyard: no recommendation 'd-none' is stored\n"
    assert steelyard(*command, "--json").problem()["type"] == "not-found"


def test_replay_is_the_same(steelyard: Steelyard, decision: str) -> None:
    ended = steelyard("replay", decision)
    assert ended.code == 0
    assert "the same, byte for byte" in " ".join(ended.out.split())
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
    assert "comes out otherwise" in ended.out
    assert "roles.training.ranking[0].score" in ended.out
    as_json = steelyard("replay", decision, "--json")
    assert (as_json.code, as_json.json()["same"]) == (1, False)
    assert as_json.err == ""
