"""The whole profile: failing probes cost only themselves, and looking leaves no trace in this process."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import probes
from probes.look.machine import Machine
from probes.look.survey import DEVICE_PROBES, survey
from probes.look.watch import Watch
from rules.hardware import Count, Device, facts

MachineAt = Callable[..., Machine]


def test_a_probe_that_raises_becomes_a_finding(machine_at: MachineAt) -> None:
    def broken(watch: Watch) -> tuple[Device, ...]:
        watch.note("present", "yes", "seen: before it broke", "somewhere")
        raise RuntimeError("/home/someone/secret")

    profile = survey(machine_at({}), 10.0, {"tpu": broken})
    found = [(f.rung, f.state, f.reason) for f in profile.findings if f.probe == "tpu"]
    assert found == [
        ("present", "yes", "seen: before it broke"),
        ("present", "unknown", "probe_failed: RuntimeError"),
    ]
    assert profile.devices == ()


def test_a_failing_seam_leaves_the_rest(machine_at: MachineAt) -> None:
    def refuse() -> None:
        raise OSError("no")

    profile = survey(machine_at({}, system="Windows", numbers=refuse), 10.0)
    assert profile.os == "windows"
    assert [f.probe for f in profile.findings if f.reason.startswith("probe_failed")] == ["cpu", "memory"]


def test_an_empty_machine_knows_nothing_and_says_so(machine_at: MachineAt) -> None:
    profile = survey(machine_at({}), 10.0)
    assert (profile.origin, profile.label, profile.captured_at) == (
        "probe",
        "this machine",
        "2026-11-21T09:30:00Z",
    )
    assert {f.state for f in profile.findings if f.probe in DEVICE_PROBES and f.rung == "present"} == {"unknown"}
    assert probes.parse(probes.document(profile)) == profile
    assert facts(profile)["accelerators"] == ()


def test_more_devices_than_a_profile_holds(machine_at: MachineAt) -> None:
    one = Device("tpu", None, None, None, None, None, present="yes", driver="yes", usable="yes")
    profile = survey(machine_at({}), 10.0, {"tpu": lambda watch: (one,) * 200})
    assert probes.parse(probes.document(profile)) == profile


def test_this_machine_round_trips() -> None:
    profile = probes.local()
    written = json.loads(json.dumps(probes.document(profile)))
    assert probes.parse(written) == profile
    assert all(finding.elapsed_ms >= 0 for finding in profile.findings)
    assert not any(f.reason.startswith("probe_failed") for f in profile.findings)


def test_another_root_is_looked_at(tmp_path: Path) -> None:
    profile = probes.local(root=tmp_path)
    assert profile.memory_total_bytes is None


QUIET = """
import sys
import importlib, collections
import rules.hardware, rules.faults, dataclasses, typing, platform, subprocess, datetime, importlib.util, json
import difflib, unicodedata, threading, signal
seen = []
def hook(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "ctypes.dlopen")):
        seen.append(event)
    if event == "open" and not str(arguments[0]).endswith((".py", ".pyc")):
        seen.append(f"open {arguments[0]}")
sys.addaudithook(hook)
import probes
assert not seen, seen
probes.local()
assert not [e for e in seen if not e.startswith("open ")], seen
banned = {"ctypes", "torch", "jax", "tensorflow", "socket"} & set(sys.modules)
assert not banned, banned
"""


def test_importing_opens_nothing_and_looking_starts_nothing_here(tmp_path: Path) -> None:
    """On a machine with an NVIDIA driver a child may be started; everywhere else not even that."""
    script = QUIET.replace("probes.local()", f"import pathlib; probes.local(root=pathlib.Path({str(tmp_path)!r}))")
    root = Path(probes.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_what_a_probe_counts_itself_is_not_counted_again(machine_at: MachineAt) -> None:
    def one(kind: str) -> Device:
        return Device(kind, None, None, None, None, None, present="yes", driver="yes", usable="yes")

    def counting(watch: Watch) -> tuple[Device, ...]:
        watch.count("nvidia_gpu", 8, 1, 2)
        return (one("nvidia_gpu"),)

    looks = {"nvidia_gpu": counting, "amd_gpu": lambda watch: (one("amd_gpu"), one("amd_gpu"))}
    profile = survey(machine_at({}, env={"ROCR_VISIBLE_DEVICES": "1"}), 10.0, looks)
    assert profile.counts == (Count("nvidia_gpu", 8, 1, 2), Count("amd_gpu", 2, 1, None))
    assert profile.overrides == (("ROCR_VISIBLE_DEVICES", "1"),)


class Scarce(threading.Thread):
    """A thread that begins only while there are `left`; `then` is what there are once the first has refused."""

    left, then = 0, 0

    def start(self) -> None:
        if Scarce.left <= 0:
            Scarce.left = Scarce.then
            raise RuntimeError("can't start new thread")
        Scarce.left -= 1
        super().start()


@pytest.mark.parametrize(("left", "then", "fails"), [(0, 0, 9), (7, 0, 2), (7, 1, 0)])
def test_a_probe_without_a_thread_has_a_second_try_and_is_then_a_finding(
    machine_at: MachineAt, monkeypatch: pytest.MonkeyPatch, left: int, then: int, fails: int
) -> None:
    monkeypatch.setattr("probes.look.survey.Thread", Scarce)
    monkeypatch.setattr(Scarce, "left", left)
    monkeypatch.setattr(Scarce, "then", then)
    profile = survey(machine_at({}), 10.0, {"tpu": lambda watch: ()})
    missed = [finding for finding in profile.findings if finding.reason.startswith("not_started")]
    assert len(missed) == fails
    assert {(finding.rung, finding.state) for finding in missed} <= {("present", "unknown")}
    assert probes.parse(probes.document(profile)) == profile


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the address space")
@pytest.mark.parametrize("kib", [150_000, 500_000])
def test_little_address_space_costs_findings_not_the_profile(kib: int) -> None:
    script = "import json, probes; print(json.dumps(probes.document(probes.local())))"
    root = Path(probes.__file__).parents[1]
    limited = f'ulimit -v {kib}; exec "$0" -c "$1"'
    command = ["bash", "-c", limited, sys.executable, script]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert probes.parse(json.loads(done.stdout)).os == "linux"
