"""docs/portfolios.md does what it says: its files, its commands in their order, its answers."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from fastapi.testclient import TestClient

from advisor.house import House
from advisor.portfolio_worker import Worker
from advisor.settings import Settings
from api.app import create_app
from cli import main
from tests import killing

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "portfolios.md").read_text()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the page shows, and those that it speaks of."""
    made = tmp_path_factory.mktemp("portfolios")
    for name, text in re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL):
        (made / name).write_text(text)
    shutil.copy(ROOT / "examples" / "portfolio.csv", made)
    (made / "all.csv").write_text(killing.projects(500, seed=1))
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def settled(folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in the folder, as a process of their own would; programs are found where Python is."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("STEELYARD_HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DASK_LOGGING__DISTRIBUTED", "critical")


@pytest.fixture
def background() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended when the test is."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in reversed(started):
        process.terminate()
        process.wait()


def port() -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


OUTPUTS = re.findall(r"<!-- output: steelyard (.+?) -->\n```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("line", "shown"), OUTPUTS)
def test_shown_output_is_what_the_command_prints(line: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(shlex.split(line)) == 0
    assert shown in capsys.readouterr().out


@pytest.mark.parametrize("number", range(len(re.findall(r"```sh\n", PAGE))))
def test_every_command_does_what_it_says(folder: Path, background: list[subprocess.Popen[bytes]], number: int) -> None:
    block = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[number]
    for line in block.replace("10.0.0.5", "127.0.0.1").replace("8786", str(port())).splitlines():
        settings = dict(re.findall(r"^(\w+)=(\S+) ", line))
        words = shlex.split(line.removesuffix(" &"))[len(settings) :]
        if line.endswith(" &"):
            background.append(subprocess.Popen([*words, "--no-dashboard"], env={**os.environ, **settings}))
            continue
        assert words[0] == "steelyard"
        assert main.run(words[1:]) == 0, line
        target = re.search(r" -o (\S+)", line)
        if target:
            assert (folder / target[1]).stat().st_size > 0


def test_the_faults_on_the_page_are_those_of_its_file(folder: Path) -> None:
    command = "steelyard score projects.csv --mapping mapping.yaml -o again.csv --errors answers.errors.csv --force"
    assert main.run(command.split()[1:]) == 0
    (shown,) = re.findall(r"<!-- shown: answers.errors.csv -->\n```csv\n(.*?)```", PAGE, re.DOTALL)
    assert (folder / "answers.errors.csv").read_text() == shown
    assert pl.read_csv(folder / "again.csv")["id"].to_list() == ["shop-7", "lab-1", "ops-3"]


def test_every_request_is_answered(house: House, folder: Path, tmp_path: Path) -> None:
    (block,) = re.findall(r"```http\n(.*?)```", PAGE, re.DOTALL)
    portfolio = ""
    with TestClient(create_app(house, Settings(home=tmp_path))) as client:
        for line in block.splitlines():
            words = shlex.split(line)
            address = next(each for each in words if each.startswith("localhost:8000"))
            url = address.removeprefix("localhost:8000").replace("$ID", portfolio)
            sent = next((each for each in words if each.startswith("@")), None)
            if sent:
                kind = words[words.index("-H") + 1].partition(": ")[2]
                answer = client.post(url, content=(folder / sent[1:]).read_bytes(), headers={"Content-Type": kind})
                portfolio = answer.json()["id"]
                while Worker(house).step():
                    pass
            else:
                answer = client.get(url)
            assert answer.status_code in (200, 201, 202), (line, answer.text)
            assert answer.content
