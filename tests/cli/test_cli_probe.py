import json
import os
import subprocess
import sys
from typing import Any

import pytest

import probes
from advisor import machine
from cli import main
from probes.look.machine import OWN, given
from rules.hardware import Finding, Profile
from tests.commanding import Steelyard
from tests.conftest import PROFILE


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    finding = Finding("tpu", "present", "no", "not_on_bus: no TPU chip", "/sys/bus/pci/devices", 1.5)
    unusable = Finding(
        "apple_silicon", "usable", "no", "translated: this Python is built for Intel", "interpreter", 1.5
    )
    fields = {name: getattr(PROFILE, name) for name in PROFILE.__dataclass_fields__}
    document: dict[str, Any] = probes.document(Profile(**{**fields, "findings": (finding, unusable)}))
    monkeypatch.setattr(machine, "look", lambda _: document)
    return document


def test_the_screen_shows_machine_devices_and_what_was_not_found(steelyard: Steelyard, seen: dict[str, Any]) -> None:
    out = " ".join(steelyard("probe").out.split())
    for said in (
        "test machine looked at 2026-11-21T11:59:00Z",
        "System Debian GNU/Linux 12; x86_64",
        "Python 3.12.1; glibc 2.36",
        "Processor Test CPU; avx, avx2",
        "Cores 8 usable, 8 logical, 4 physical",
        "Memory 32.0 GiB total, 20.0 GiB available",
        "nvidia gpu Test GPU 24.0 GiB 580.95.05 yes yes yes",
        "Looked for and not there tpu",
        "apple silicon usable no translated: this Python is built for Intel (interpreter)",
    ):
        assert said in out, said


def test_what_a_machine_calls_its_parts_cannot_steer_the_terminal(steelyard: Steelyard, seen: dict[str, Any]) -> None:
    seen["cpu"]["model"] = "Evil\x1b[2J CPU"
    assert "\x1b" not in steelyard("probe").out


def test_json_is_the_profile_that_recommend_takes(steelyard: Steelyard, seen: dict[str, Any]) -> None:
    ended = steelyard("probe", "--json")
    assert ended.err == ""
    assert probes.parse(ended.json()).devices == PROFILE.devices


def test_this_machine_can_be_looked_at_without_a_database(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    assert steelyard("probe", "--json").json()["label"] == "this machine"
    assert "Accelerators" in steelyard("probe").out


@pytest.mark.parametrize(("given", "seen"), [(None, {}), ("1", {"OPENBLAS_NUM_THREADS": "1"})])
def test_a_probe_sees_no_variable_that_the_program_sets_itself(given: str | None, seen: dict[str, str]) -> None:
    env = {k: v for k, v in os.environ.items() if k not in (main.THREADS, main.OWN_SETTING)}
    env |= {main.THREADS: given} if given else {}
    command = [sys.executable, "-c", "from cli.main import main; main()", "probe", "--json"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=120)
    found = {each["name"]: each["value"] for each in json.loads(done.stdout).get("overrides", ())}
    assert {name: value for name, value in found.items() if "BLAS" in name} == seen


def test_only_the_value_that_the_program_set_is_its_own() -> None:
    assert main.OWN_SETTING == OWN
    assert given({OWN: "A=1", "A": "1", "B": "1"}) == {"B": "1"}
    assert given({OWN: "A=1", "A": "4"}) == {"A": "4"}
    assert given({"A": "1"}) == {"A": "1"}
