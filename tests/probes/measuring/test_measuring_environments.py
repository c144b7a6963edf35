"""Environments: a stand-in for `venv` and pip that fails in every way, and one real installation without a network."""

import json
import os
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from probes.measuring import environments
from probes.measuring.environments import make, ready
from probes.measuring.faults import NotMade

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stand-ins are shell scripts")
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
# Makes an "environment" with itself as its interpreter; what pip does depends on the last requirement.
STAND_IN = f"""#!/bin/sh
for last; do :; done
case "$2" in
venv) mkdir -p "$3/bin" "$3/lib/{VERSION}/site-packages"; cp "$0" "$3/bin/python"
      head -c 1000 /dev/zero > "$3/lib/{VERSION}/site-packages/pip.py";;
pip) place=$(dirname "$0")/../lib/{VERSION}/site-packages
     case "$3 $last" in
     "list"*) echo '[{{"name": "pip", "version": "23"}}, {{"name": "thing", "version": "1.5"}}]';;
     "install missing") echo "Looking in indexes: https://ann:pw@index/simple" >&2
        echo "ERROR: No matching distribution found for missing" >&2; echo "notice" >&2; exit 1;;
     "install full") echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" >&2
        exit 1;;
     "install hanging") sleep 600;;
     *) head -c 2500000 /dev/zero > "$place/thing.py"; env > "$place/../environment";;
     esac;;
compileall) exit 1;;
esac
"""


@pytest.fixture
def python(tmp_path: Path) -> str:
    path = tmp_path / "stand-in"
    path.write_text(STAND_IN)
    path.chmod(0o755)
    return str(path)


def refused(folder: Path, *requirements: str, disk_mb: float = 1.0, python: str) -> NotMade:
    with pytest.raises(NotMade) as caught:
        make(folder, requirements, disk_mb, python)
    assert not any(folder.iterdir()), "nothing half made is left"
    return caught.value


def test_an_environment_is_made_once_and_found_again(tmp_path: Path, python: str) -> None:
    folder = tmp_path / "environments"
    made = make(folder, ("thing", "other"), 1.0, python)
    assert made.packages == {"thing": "1.5"}
    assert made.install_mb == 2.5
    assert Path(made.python).exists()
    assert ready(folder, ("thing", "other")) == made
    assert ready(folder, ("thing",)) is None


def test_the_environments_pip_gets_no_settings_of_our_python(
    tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PIP_TIMEOUT", "7")
    place = Path(make(tmp_path, ("thing",), 1.0, python).python).parent.parent
    seen = (place / "lib" / VERSION / "environment").read_text()
    assert "PYTHONDONTWRITEBYTECODE" not in seen
    assert "PIP_TIMEOUT=7" in seen


def test_what_pip_says_is_told_without_addresses(tmp_path: Path, python: str) -> None:
    found = refused(tmp_path / "e", "thing", "missing", python=python)
    assert (found.state, found.why) == ("not_installed", "ERROR: No matching distribution found for missing")


def test_a_full_disk_while_installing(tmp_path: Path, python: str) -> None:
    assert "No space left on device" in refused(tmp_path / "e", "full", python=python).why


def test_too_little_room_is_seen_before(tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_400_000_000))
    found = refused(tmp_path / "e", "thing", disk_mb=1000.0, python=python)
    assert (found.state, found.why) == ("no_room", "about 1000 MB are needed, 1400 MB are free")
    assert make(tmp_path / "e", ("thing",), 900.0, python).install_mb == 2.5


def test_a_pip_that_hangs_is_ended(tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "INSTALL_LIMIT_S", 1.0)
    assert refused(tmp_path / "e", "hanging", python=python).why == "not done after 1 s"


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    assert (
        refused(tmp_path / "e", "thing", python=str(tmp_path / "nothing")).why == "nothing: No such file or directory"
    )


def test_a_folder_that_cannot_be_made(tmp_path: Path, python: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotMade, match="Not a directory"):
        make(tmp_path / "file" / "e", ("thing",), 1.0, python)


@pytest.mark.parametrize("stamp", ["", "[]", "{", '{"python": "/nowhere"}', "null"])
def test_a_stamp_that_is_not_whole_counts_for_nothing(tmp_path: Path, python: str, stamp: str) -> None:
    made = make(tmp_path, ("thing",), 1.0, python)
    place = Path(made.python).parent.parent
    (place / environments.STAMP).write_text(stamp)
    (place / "half").write_text("")
    assert ready(tmp_path, ("thing",)) is None
    again = make(tmp_path, ("thing",), 1.0, python)
    assert replace(again, install_s=made.install_s) == made
    assert not (place / "half").exists()


def test_an_environment_whose_interpreter_went_away_counts_for_nothing(tmp_path: Path, python: str) -> None:
    made = make(tmp_path, ("thing",), 1.0, python)
    Path(made.python).unlink()
    assert ready(tmp_path, ("thing",)) is None


def test_a_real_package_is_installed_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "measured_thing-1.5-py3-none-any.whl", "w") as wheel:
        wheel.writestr("measured_thing.py", "VALUE = 7\n" + "#" * 50_000)
        for name, text in (
            ("METADATA", "Metadata-Version: 2.1\nName: measured-thing\nVersion: 1.5\n"),
            ("WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ("RECORD", ""),
        ):
            wheel.writestr(f"measured_thing-1.5.dist-info/{name}", text)
    for name, value in (("NO_INDEX", "1"), ("FIND_LINKS", str(wheels)), ("CONFIG_FILE", os.devnull)):
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    made = make(tmp_path / "e", ("measured-thing",), 20.0)
    assert {name.replace("_", "-"): version for name, version in made.packages.items()} == {"measured-thing": "1.5"}
    assert 0.05 <= made.install_mb < 0.2
    assert (
        json.loads((Path(made.python).parent.parent / environments.STAMP).read_text())["install_mb"] == made.install_mb
    )
    with pytest.raises(NotMade, match="No matching distribution found for measured-other"):
        make(tmp_path / "e", ("measured-other",), 20.0)
