"""Pushing, packing and comparing on the command line."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import probes
from advisor import machine
from probes import travelling
from rules.hardware import Device
from tests.commanding import Steelyard
from tests.conftest import PROFILE
from tests.receiving import answering, receiving

BEFORE = probes.document(replace(PROFILE, kernel="6.1.0"))
NOW = probes.document(
    replace(
        PROFILE,
        kernel="6.12.0",
        devices=(Device("nvidia_gpu", "Test GPU", 24 * 2**30, "8.9", "550.1", "13.0", "yes", "yes", "no"),),
    )
)
CHANGES = [
    "usable of Test GPU (nvidia_gpu) fell from yes to no",
    "driver of nvidia_gpu: 580.95.05 -> 550.1",
    "kernel: 6.1.0 -> 6.12.0",
]


@pytest.fixture(autouse=True)
def _this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEELYARD_KEY", raising=False)
    monkeypatch.setattr(machine, "look", lambda _: NOW)


def write(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "before.json"
    path.write_text(json.dumps(document))
    return path


def test_a_push_sends_what_json_prints_and_says_where_it_is_kept(steelyard: Steelyard) -> None:
    with receiving(answering(201, {"id": "h-77"})) as service:
        ended = steelyard("probe", "--json", "--push", service.url, "--key", "k3y", "--label", "rig")
    assert ended.code == 0
    assert json.loads(service.seen[0].body) == ended.json() == {**NOW, "label": "rig"}
    assert service.seen[0].headers["authorization"] == "Bearer k3y"
    assert ended.err == "steelyard: the service keeps the profile as h-77\n"


def test_the_key_may_come_from_the_environment_and_is_never_shown(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_KEY", "s3cret-from-outside")
    with receiving(answering(401, {"detail": "No."})) as service:
        ended = steelyard("probe", "--push", service.url)
    assert service.seen[0].headers["authorization"] == "Bearer s3cret-from-outside"
    assert ended.code == 2
    assert "does not accept the key" in ended.err
    assert "s3cret" not in ended.out + ended.err
    assert "s3cret" not in steelyard("probe", "--help").out


@pytest.mark.parametrize(("status", "code"), [(403, 2), (413, 3), (422, 3), (307, 3), (500, 3)])
def test_a_refusal_is_told_by_the_exit_code(steelyard: Steelyard, status: int, code: int) -> None:
    with receiving(answering(status, {"detail": "Because."}, Location="https://example.org")) as service:
        ended = steelyard("probe", "--json", "--push", service.url)
    assert ended.code == code
    assert ended.problem()["type"] == "not-taken"


@pytest.mark.parametrize(
    ("url", "key", "about"),
    [("http://example.org", "k3y", "push"), ("https://u:p4ss@example.org", "k", "push"), ("https://x", "a b", "key")],
)
def test_a_bad_address_or_key_is_bad_input(steelyard: Steelyard, url: str, key: str, about: str) -> None:
    ended = steelyard("probe", "--json", "--push", url, "--key", key)
    assert ended.code == 2
    assert ended.out == ""
    assert [fault["path"] for fault in ended.problem()["faults"]] == [about]
    assert "p4ss" not in ended.err
    assert key == "k" or key not in ended.err


def test_a_label_is_checked(steelyard: Steelyard) -> None:
    assert steelyard("probe", "--label", "a\x1bb").code == 2
    assert steelyard("probe", "--label", "").code == 2


@pytest.mark.parametrize("ask", [("probe", "--compare", "{file}"), ("hardware", "diff", "{file}")])
def test_what_changed_since_it_worked(steelyard: Steelyard, tmp_path: Path, ask: tuple[str, ...]) -> None:
    words = [word.format(file=write(tmp_path, BEFORE)) for word in ask]
    ended = steelyard(*words)
    assert ended.code == 0
    shown = " ".join(ended.out.split())
    places = [shown.index(text) for text in CHANGES]
    assert places == sorted(places)
    found = steelyard(*words, "--json").json()
    assert [each["text"] for each in found["changes"]] == CHANGES


def test_nothing_changed(steelyard: Steelyard, tmp_path: Path) -> None:
    assert "Nothing changed" in steelyard("probe", "--compare", write(tmp_path, NOW)).out
    assert steelyard("hardware", "diff", "local", "local", "--json").json()["changes"] == []


def test_two_machines_are_said_to_be_two(steelyard: Steelyard, tmp_path: Path) -> None:
    one, other = (
        {**BEFORE, "host": {**BEFORE["host"], "host_hash": digit * 16}, "label": f"rig {digit}"} for digit in "ab"
    )
    (tmp_path / "other.json").write_text(json.dumps(other))
    out = steelyard("hardware", "diff", write(tmp_path, one), tmp_path / "other.json").out
    assert "From rig a" in out
    assert "two machines" in out


def test_a_stored_profile_is_compared_and_listed_by_its_id(
    steelyard: Steelyard, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from advisor import bootstrap, profiles
    from advisor.settings import Settings

    house = bootstrap.build(Settings())
    name = profiles.store(house, {**BEFORE, "captured_at": ""})
    house.database.close()
    assert [each["text"] for each in steelyard("probe", "--compare", name, "--json").json()["changes"]] == CHANGES
    monkeypatch.setenv("COLUMNS", "200")
    shown = " ".join(steelyard("hardware", "list").out.split())
    assert all(text in shown for text in (name, "test machine", "pushed", "?", "Test GPU"))
    (listed,) = steelyard("hardware", "list", "--json").json()["profiles"]
    assert {key: listed[key] for key in ("id", "origin", "captured_at", "devices")} == {
        "id": name,
        "origin": "pushed",
        "captured_at": "",
        "devices": ["Test GPU"],
    }
    assert steelyard("hardware", "forget", name).code == 0
    assert name not in steelyard("hardware", "list").out
    assert [steelyard("hardware", "forget", each).code for each in (name, "local")] == [2, 2]


def test_equal_devices_of_a_stored_profile_are_counted(steelyard: Steelyard, home: Path) -> None:
    from advisor import bootstrap, profiles
    from advisor.settings import Settings

    house = bootstrap.build(Settings())
    device = {"kind": "tpu", "name": None, "count": 2}
    profiles.store(house, {**BEFORE, "captured_at": "2026-11-20T10:00:00Z", "devices": [device, *BEFORE["devices"]]})
    (listed,) = profiles.summaries(house)
    house.database.close()
    assert listed["devices"] == ["2 x tpu", "Test GPU"]
    assert "2026-11-20" in steelyard("hardware", "list").out


def test_no_profiles_are_none(steelyard: Steelyard) -> None:
    assert steelyard("hardware", "list").out == "No profile is stored.\n"


@pytest.mark.parametrize("content", ["[1]", "{", '{"schema": "x"}', "\x00"])
def test_a_file_that_is_no_profile_is_bad_input(steelyard: Steelyard, tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)
    assert steelyard("hardware", "diff", path).code == 2


def test_an_unknown_id_is_bad_input(steelyard: Steelyard, home: Path) -> None:
    assert steelyard("hardware", "diff", "h-000000000000000000000000").code == 2


def test_the_probe_is_written_as_one_file_that_runs(steelyard: Steelyard, tmp_path: Path) -> None:
    path = tmp_path / "probe.py"
    assert steelyard("probe", "--standalone", path).code == 0
    assert path.read_text(encoding="utf-8") == travelling.source()
    done = subprocess.run([sys.executable, path, "--json", "--root", tmp_path], capture_output=True, check=True)
    assert probes.parse(json.loads(done.stdout)).origin == "probe"
    assert steelyard("probe", "--standalone", "-").out == travelling.source()
    assert steelyard("probe", "--standalone", tmp_path / "no" / "folder.py").code == 3


def test_what_was_pushed_can_be_asked_about(steelyard: Steelyard, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("stage: research\n")
    made = steelyard("recommend", answers, "--hardware", write(tmp_path, BEFORE), "--json").json()
    assert (made["hardware"]["source"], made["hardware"]["label"]) == ("your profile", "test machine")
    assert "test machine (your profile)" in steelyard("recommend", answers, "--hardware", tmp_path / "before.json").out


def test_a_named_machine_is_shown_with_what_runs_there(steelyard: Steelyard, tmp_path: Path) -> None:
    out = " ".join(steelyard("probe", "--hardware", write(tmp_path, BEFORE)).out.split())
    assert "usable" in out
    assert "What runs here" in out
    found = steelyard("probe", "--hardware", write(tmp_path, BEFORE), "--json").json()
    assert found["profile"] == BEFORE
    assert {each["framework"]: each["state"] for each in found["verdicts"]}["jax"] == "supported"
    assert steelyard("probe", "--hardware", "local", "--json").json()["profile"] == NOW


def test_a_known_machine_is_judged_and_compared_without_a_database(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    found = steelyard("probe", "--hardware", "catalogue:g5.xlarge", "--json").json()
    assert (found["hardware"], found["profile"]["origin"]) == ("catalogue:g5.xlarge", "catalogue")
    assert found["profile"]["devices"][0]["kind"] == "nvidia_gpu"
    assert found["verdicts"]
    changes = steelyard("hardware", "diff", "catalogue:g5.xlarge", "--json").json()
    assert changes["after"]["label"] == "test machine"
    out = steelyard("probe", "--hardware", "catalogue:g5.xlarge").out
    assert "known of on 20" in out
    assert "looked at" not in out
    other = steelyard("probe", "--compare", "local", "--hardware", "catalogue:g5.xlarge", "--json").json()
    assert other["before"]["label"] == "test machine"
    ended = steelyard("probe", "--hardware", "catalogue:g5.xlarg", "--json")
    assert ended.code == 2
    assert "catalogue:aws-g5-xlarge" in ended.err


def test_what_is_assumed_of_a_machine_is_said(steelyard: Steelyard, tmp_path: Path) -> None:
    ended = steelyard("probe", "--hardware", "catalogue:g5.xlarge")
    assert "Assumed, where the machine does not say: a Python that each build" in " ".join(ended.out.split())
    assert "Assumed" not in steelyard("probe", "--hardware", "local").out
    found = steelyard("probe", "--hardware", "catalogue:g5.xlarge", "--json").json()
    assert found["not_judged"] is None
    assert "NVIDIA's driver 580 or newer" in found["assumed"]
    assert steelyard("probe", "--hardware", write(tmp_path, BEFORE), "--json").json()["assumed"] == []


def test_a_phone_gets_one_line_and_no_verdict(steelyard: Steelyard) -> None:
    out = " ".join(steelyard("probe", "--hardware", "catalogue:iphone-15").out.split())
    assert "No framework is installed on such a machine" in out
    assert "impossible" not in out
    found = steelyard("probe", "--hardware", "catalogue:iphone-15", "--json").json()
    assert (found["verdicts"], found["assumed"]) == ([], [])


def test_a_named_machine_is_neither_sent_nor_renamed(steelyard: Steelyard) -> None:
    ended = steelyard("probe", "--hardware", "local", "--push", "https://example.org", "--label", "rig")
    assert ended.code == 2
    assert "push" in ended.err
    assert "label" in ended.err
