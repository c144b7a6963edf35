"""A command that a message names works from where the person stands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli import program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for the program")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of our name in a folder of its own, which says with which home it was called, and how."""
    path = tmp_path / "a checkout" / ".venv" / "bin" / "steelyard"
    path.parent.mkdir(parents=True)
    path.write_text('#!/bin/sh\necho "$STEELYARD_HOME: $*"\n')
    path.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(path), "recommend"])
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("STEELYARD_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return path


def ran(command: str) -> str:
    """What a shell here makes of it."""
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("folder", [".", "a checkout", "a checkout/.venv/bin", "/"])
def test_a_program_that_is_not_on_the_path_is_called_by_its_own(
    own: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert ran(program.called("db upgrade")) == ": db upgrade"
    monkeypatch.setenv("STEELYARD_HOME", "/some where")
    told = program.called("db upgrade")
    monkeypatch.delenv("STEELYARD_HOME")
    assert ran(told) == "/some where: db upgrade"


def test_the_path_is_as_short_as_it_is_typed(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("a checkout")
    assert program.called("db upgrade") == ".venv/bin/steelyard db upgrade"


def test_where_the_name_leads_here_it_is_enough(own: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    link = tmp_path / "steelyard"
    link.symlink_to(own)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program.called("db upgrade") == "steelyard db upgrade"
    link.unlink()
    link.symlink_to("/bin/true")  # another's program of the same name
    assert program.called("db upgrade") != "steelyard db upgrade"
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert program.called("db upgrade") == "steelyard db upgrade"
