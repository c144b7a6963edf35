"""The command line, run in this process as `main` runs it, on a copy of a house that was built once."""

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor import bootstrap
from advisor.settings import Settings
from cli import main
from tests.commanding import Ended, Steelyard


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory, small_pack_folder: Path) -> Path:
    home = tmp_path_factory.mktemp("home")
    bootstrap.build(Settings(home=home, pack=small_pack_folder)).database.close()
    return home


@pytest.fixture
def home(tmp_path: Path, built_home: Path, small_pack_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of this test: a home of its own with the small pack published."""
    folder = tmp_path / "home"
    shutil.copytree(built_home, folder)
    monkeypatch.setenv("STEELYARD_HOME", str(folder))
    monkeypatch.setenv("STEELYARD_PACK", str(small_pack_folder))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def steelyard(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Steelyard:
    def run(*arguments: object, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = main.run([str(argument) for argument in arguments])
        caught = capsys.readouterr()
        return Ended(code, caught.out, caught.err)

    return run


@pytest.fixture
def answers(tmp_path: Path) -> Callable[[str], Path]:
    """A file of answers with this text."""

    def write(text: str, name: str = "answers.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
