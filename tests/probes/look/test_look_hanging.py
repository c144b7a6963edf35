"""Everything hangs at once: children that ignore signals, files that never answer. The profile still comes in time."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import probes
from probes.look import child
from probes.look.machine import here
from probes.look.survey import DEVICE_PROBES, survey
from probes.look.watch import Watch
from rules.hardware import Device

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs pipes and shells of POSIX")
Plant = Callable[[dict[str, str | None]], Path]

STUBBORN = "#!/bin/sh\ntrap '' TERM INT HUP\nwhile true; do sleep 600; done\n"
DEADLINE_S = 3.0
GRACE_S = 1.0  # for a busy machine


@pytest.fixture
def stuck(plant: Plant) -> Path:
    """A root whose tools never end, and whose description of the processor never answers."""
    root = plant({"/sys/module/nvidia/version": "580.95.05", "/dev/nvidia0": "", "/usr/bin/nvidia-smi": STUBBORN})
    (root / "usr/bin/nvidia-smi").chmod(stat.S_IRWXU)
    (root / "proc").mkdir()
    os.mkfifo(root / "proc/meminfo")
    return root


def hanging(watch: Watch) -> tuple[Device, ...]:
    watch.note("present", "yes", "seen: before it hung", "somewhere")
    outcome = watch.machine.run(("/bin/sh", "-c", STUBBORN), watch.limit_s(60), watch.machine.env)
    assert outcome.trouble is not None
    watch.note("usable", "unknown", child.reason(outcome.trouble, "the stubborn tool"), "tool")
    return ()


def test_all_backends_hanging_at_once(stuck: Path) -> None:
    machine = replace(here(stuck), env={"PATH": "/usr/bin:/bin"})
    many = {f"kind-{n}": hanging for n in range(12)}
    began = time.monotonic()
    profile = survey(machine, DEADLINE_S, {**DEVICE_PROBES, **many})
    assert time.monotonic() - began < DEADLINE_S + GRACE_S
    said = {f.probe: f.reason for f in profile.findings}
    assert all(said[name] == "timeout: the stubborn tool gave no answer in time and was killed" for name in many)
    assert "nvidia-smi" in next(f.reason for f in profile.findings if f.reason.startswith("timeout: nvidia"))
    assert said["memory"] == "abandoned: the probe memory did not come back in time"
    assert {f.probe for f in profile.findings} >= {"host", "disk", "tpu", "apple_silicon"}
    assert profile.memory_total_bytes is None
    assert [d.usable for d in profile.devices] == ["unknown"]
    assert probes.parse(probes.document(profile)) == profile


def test_a_child_that_cannot_be_killed_is_left_and_named(stuck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda group, number: kept.append(group))
    began = time.monotonic()
    profile = survey(replace(here(stuck), env={}), DEADLINE_S, {"other": hanging})
    assert time.monotonic() - began < DEADLINE_S + GRACE_S
    (found,) = (f for f in profile.findings if f.reason.startswith("abandoned: the stubborn tool"))
    assert "cannot be killed, and was left behind" in found.reason
    monkeypatch.undo()
    left = [process for process in child._abandoned if process.pid in kept]
    assert len(left) == 1
    for process in left:
        child.stop(process)
    child._collect()
    assert not set(left) & set(child._abandoned)


def test_a_probe_that_does_not_come_back_keeps_what_it_saw() -> None:
    def lost(watch: Watch) -> tuple[Device, ...]:
        watch.note("present", "yes", "seen: before it hung", "somewhere")
        time.sleep(DEADLINE_S * 2)
        watch.note("usable", "yes", "late: after everybody left", "somewhere")
        return (Device("other", None, None, None, None, None, present="yes", driver="yes", usable="yes"),)

    profile = survey(here(Path("/nowhere")), 0.5, {"other": lost})
    found = [f.reason for f in profile.findings if f.probe == "other"]
    assert found == ["seen: before it hung", "abandoned: the probe other did not come back in time"]
    assert profile.devices == ()


def test_the_first_file_of_all_hanging(plant: Plant) -> None:
    root = plant({"/proc/sys/kernel": None})
    os.mkfifo(root / "proc/sys/kernel/osrelease")
    began = time.monotonic()
    profile = survey(replace(here(root), system="Linux"), 1.0)
    assert time.monotonic() - began < 1.0 + GRACE_S
    assert profile.os == "linux"
    assert [f.reason for f in profile.findings if f.probe == "host"] == [
        "abandoned: the probe host did not come back in time"
    ]


LEAVING = """
import os, sys, time
from pathlib import Path
from dataclasses import replace
from probes.look.machine import here
from probes.look.survey import survey
began = time.monotonic()
survey(replace(here(Path(sys.argv[1])), env={}), 2.0)
try:
    print(os.waitpid(-1, os.WNOHANG), time.monotonic() - began)
except ChildProcessError:
    print("no child is left", time.monotonic() - began)
"""


def test_nothing_keeps_the_interpreter_from_leaving(stuck: Path) -> None:
    """With a thread stuck in a file and a tool that was killed: no zombie, and the process ends by itself."""
    root = Path(probes.__file__).parents[1]
    command = [sys.executable, "-c", LEAVING, str(stuck)]
    began = time.monotonic()
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("no child is left"), done.stdout
    assert time.monotonic() - began < 20.0


ABANDONING = """
import os, sys
os.killpg = lambda group, number: None
from probes.look import child
outcome = child.run(("/bin/sh", "-c", "sleep 60"), 0.2, {"PATH": os.environ["PATH"]})
print(outcome.trouble, child._abandoned[0].pid)
"""


def test_an_abandoned_child_keeps_nobody_from_leaving() -> None:
    """Its pipe stays open for as long as it lives, and somebody listens to it."""
    root = Path(probes.__file__).parents[1]
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", ABANDONING], cwd=root, capture_output=True, text=True, timeout=120)
    trouble, number = done.stdout.split()
    os.killpg(int(number), signal.SIGKILL)
    assert trouble == "abandoned"
    assert time.monotonic() - began < 30.0
