"""Portfolios that real worker processes work on, and kills that are real: SIGKILL, at any moment."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from advisor import portfolios
from advisor.house import House, PortfolioRoom
from advisor.portfolio_worker import Worker
from portfolio import parts
from storage.database import Database
from tests.conftest import NOW, PROFILE

ROOT = Path(__file__).parent.parent
PATIENCE_S = 120
LEASE_S = 1.0

# A worker as `steelyard work` runs it; it says when it begins, and the moment to kill it is counted from there.
WORK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from advisor.house import House, PortfolioRoom
from advisor.portfolio_worker import Worker
from portfolio import parts, writing
from storage.database import Database
house = House(Database(sys.argv[1]), lambda: datetime.now(UTC), lambda: None,
              portfolios=PortfolioRoom(Path(sys.argv[2]), lease_s=float(sys.argv[3])))
house.knowledge()
print("ready", flush=True)
Worker(house).run(Event())
"""


def projects(rows: int, seed: int) -> str:
    """A CSV file of projects as they come: ties, unknowns, bad rows, several answers in a cell."""
    chosen = random.Random(seed)  # noqa: S311  not for secrets
    lines = ["id,name,stage,need,deploy_targets,train_hardware,team_size,offline,existing_code"]
    for row in range(rows):
        cells = (
            chosen.choice(["production", "research", "prototype", "education", ""]),
            chosen.choice(["train", "train;inference_only", "use_pretrained", ""]),
            chosen.choice(["android", "server_cpu;android", "browser", "server_gpu", ""]),
            chosen.choice(["nvidia_gpu", "cpu", "cpu;nvidia_gpu", ""]),
            chosen.choice(["1", "5", "30", "", "many"]),
            chosen.choice(["yes", "no", ""]),
            chosen.choice(["pytorch", "tensorflow;caffe", "", "", "tensorfow"]),
        )
        lines.append(f"{row},Project {row},{','.join(cells)}")
    return "\n".join(lines) + "\n"


def house_on(url: str, folder: Path) -> House:
    """A house on a database, whose portfolios lie in a folder."""
    return House(Database(url), lambda: NOW, lambda: PROFILE, portfolios=PortfolioRoom(folder, lease_s=LEASE_S))


def taken_in(house: House, content: str, name: str = "projects.csv") -> str:
    """The id of a portfolio that was taken in, in parts of 64 rows."""
    with portfolios.uploading(house, name, None) as upload:
        upload.add(content.encode())
        return portfolios.create(house, upload, {"block_rows": 64})["id"]


def undisturbed(house: House, content: str) -> tuple[bytes, bytes]:
    """(results, errors) of the same portfolio, worked on by one worker from first to last."""
    portfolio = taken_in(house, content)
    worker = Worker(house)
    while worker.step():
        pass
    return outcome(house, portfolio)


def outcome(house: House, portfolio: str) -> tuple[bytes, bytes]:
    """(results, errors) of a portfolio that is done, byte for byte."""
    return (
        portfolios.written(house, portfolio, "results", "parquet").read_bytes(),
        portfolios.written(house, portfolio, "errors", "csv").read_bytes(),
    )


@contextmanager
def working(url: str, folder: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, which has begun; killed at the end."""
    with log.open("a") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, url, str(folder), str(LEASE_S)],
            text=True,
            stdout=subprocess.PIPE,
            stderr=complaints,
            cwd=ROOT,
        )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n", log.read_text()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ended(house: House, portfolio: str, log: Path) -> portfolios.Seen:
    """A portfolio that has ended, waited for."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        seen = portfolios.get(house, portfolio)
        if portfolios.has_ended(seen):
            return seen
        time.sleep(0.05)
    raise AssertionError(f"it did not end: {portfolios.get(house, portfolio)}\n{log.read_text()}")


def left_behind(house: House, portfolio: str) -> list[str]:
    """What killed workers have left in a portfolio's folder, where nothing of theirs should be."""
    folder = portfolios.folder_of(house, portfolio)
    assert parts.load(folder / "run") is not None
    return [path.name for path in folder.rglob("*") if path.name.endswith(".part")]
