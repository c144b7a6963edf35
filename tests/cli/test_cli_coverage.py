"""`steelyard coverage`, and the table of verdicts that `steelyard probe` ends with."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import probes
from advisor import machine, verdicts
from rules.faults import InvalidInput
from tests.commanding import Steelyard
from tests.conftest import PROFILE
from tests.probes.fat_binaries import MACHINE, PTX, fat


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "x-1.0-py3-none-manylinux_2_28_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/libx.so", fat([(MACHINE, 75, 9)] * 3 + [(MACHINE, 80, 9)] * 4 + [(PTX, 80, 9)] * 4))
        archive.writestr("x-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-manylinux_2_28_x86_64\n")
    return path


def test_a_wheel_tells_what_it_holds(steelyard: Steelyard, wheel: Path) -> None:
    ended = steelyard("coverage", wheel)
    out = " ".join(ended.out.split())
    assert ended.code == 0
    assert "Tags py3-none-manylinux_2_28_x86_64" in out
    assert "libx.so 75 (3), 80 (4) 80 (4)" in out
    assert "in brackets how many pieces of code" in " ".join(steelyard("coverage", wheel).out.split())


@pytest.mark.parametrize(
    ("capability", "said"),
    [
        ("8.9", "A device of compute capability 8.9 is covered, by sm_80."),
        ("9.0", "9.0 has no machine code here; the driver translates compute_80 when it is first used."),
        ("7.0", "Nothing here runs on a device of compute capability 7.0."),
    ],
)
def test_a_capability_is_answered(steelyard: Steelyard, wheel: Path, capability: str, said: str) -> None:
    assert said in " ".join(steelyard("coverage", wheel, "--capability", capability).out.split())


def test_json_has_it_all(steelyard: Steelyard, wheel: Path) -> None:
    found = steelyard("coverage", wheel, "--capability", "8.9", "--json").json()
    assert found["coverage"] == {"state": "native", "through": "sm_80"}
    assert found["code"][0] == {"library": "libx.so", "kind": "ptx", "target": "80", "entries": 4}
    assert (found["libraries"], found["faults"], found["tags"]) == (1, [], ["py3-none-manylinux_2_28_x86_64"])


def test_a_folder_without_code_says_so(steelyard: Steelyard, tmp_path: Path) -> None:
    ended = steelyard("coverage", tmp_path, "--capability", "8.9")
    out = " ".join(ended.out.split())
    assert "No code for graphics processors was found." in out
    assert "Whether a device of compute capability 8.9 is covered cannot be told." in out


def test_every_fault_is_told_at_once(steelyard: Steelyard, tmp_path: Path) -> None:
    ended = steelyard("coverage", tmp_path / "none.whl", "--capability", "nine")
    assert ended.code == 2
    assert "path" in ended.err
    assert "capability" in ended.err


def test_the_probe_ends_with_what_runs_here(steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    document: dict[str, Any] = probes.document(PROFILE)
    document["devices"][0]["driver_version"] = "575.1"
    document["conflicts"] = ["onnxruntime and onnxruntime-gpu are both installed"]
    monkeypatch.setattr(machine, "look", lambda _: document)
    monkeypatch.setenv("COLUMNS", "200")
    out = " ".join(steelyard("probe").out.split())
    assert "What runs here" in out
    assert "onnxruntime fixable nvidia gpu" in out
    assert "driver 580 or newer (here 575.1)" in out
    assert "conflict onnxruntime and onnxruntime-gpu are both installed" in out
    assert "onnxruntime-gpu==1.31.1 does" in out  # what would help stands beside it
    assert "onnxruntime-gpu==1.31.1 needs" not in out
    assert out.index("catboost supported") < out.index("onnxruntime fixable") < out.index("coreml impossible")


def test_the_table_tells_the_index_and_the_note_of_a_build(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = replace(PROFILE.devices[0], compute_capability="8.6", driver_version="580.95")
    windows = replace(
        PROFILE, os="windows", libc=None, libc_version=None, python_version="3.12.4", devices=(card,), software=()
    )
    document = probes.document(windows)
    monkeypatch.setattr(machine, "look", lambda _: document)
    monkeypatch.setenv("COLUMNS", "200")
    out = " ".join(steelyard("probe").out.split())
    assert "torch==2.15.0 from PyTorch's cu132 index" in out
    assert "Targets as the release team" in out


def test_a_verdict_is_found_by_its_name() -> None:
    found = verdicts.of_profile(probes.document(PROFILE))["verdicts"]
    assert verdicts.by_name(found, "jax")["state"] == "supported"
    with pytest.raises(InvalidInput) as caught:
        verdicts.by_name(found, "jaxx")
    assert caught.value.faults[0].nearest == "jax"


def test_a_folder_with_a_wheel_below_it_is_read(steelyard: Steelyard, wheel: Path) -> None:
    (wheel.parent / "below").mkdir()
    wheel.rename(wheel.parent / "below" / wheel.name)
    ended = steelyard("coverage", wheel.parent, "--capability", "8.9", "--json")
    assert ended.code == 0
    assert ended.json()["coverage"] == {"state": "native", "through": "sm_80"}
    assert ended.json()["libraries"] == 1


def test_a_broken_wheel_leaves_it_unknown(steelyard: Steelyard, tmp_path: Path) -> None:
    broken = tmp_path / "broken-1.0-py3-none-any.whl"
    broken.write_bytes(b"no archive")
    for path in (broken, tmp_path):
        ended = steelyard("coverage", path, "--capability", "8.9")
        out = " ".join(ended.out.split())
        assert ended.code == 2
        assert "BadZipFile" in out
        assert "is not known: not everything could be read" in out
        assert "8.9 is covered cannot be told" in out
    assert "broken-1.0-py3-none-any.whl: not readable" in out


def test_a_broken_wheel_beside_a_good_one_costs_only_itself(steelyard: Steelyard, wheel: Path) -> None:
    (wheel.parent / "a-1.0-py3-none-any.whl").write_bytes(b"no archive")
    ended = steelyard("coverage", wheel.parent, "--capability", "7.0", "--json")
    assert (ended.code, ended.json()["libraries"], len(ended.json()["faults"])) == (2, 1, 1)
    assert ended.json()["coverage"] == {"state": "unknown", "through": None}
    covered = steelyard("coverage", wheel.parent, "--capability", "8.0", "--json")
    assert covered.json()["coverage"]["state"] == "native"
