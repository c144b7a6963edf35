"""A real service in a process of its own, on loopback, for tests that need one."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from advisor import bootstrap
from advisor.portfolio_worker import Worker
from advisor.settings import Settings

PATIENCE_S = 60


class Service:
    """A running service; `url` is where it listens, `home` where its database is."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, home: Path) -> None:
        self.process = process
        self.home = home
        self.url = url

    def kill(self) -> None:
        """End it as a power cut would: no handler runs."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(home: Path, pack: Path, port: int = 0) -> Iterator[Service]:
    """A service on the SQLite database in `home`, which is made and given the pack where it does not exist.

    `port` is where it listens; 0: where nobody else does.

    Raises:
        OSError: somebody listens there.
    """
    port = _free(port)
    arguments = ["-m", "uvicorn", "api.server:app", "--factory", "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("STEELYARD_")},
        "STEELYARD_HOME": str(home),
        "STEELYARD_PACK": str(pack),
    }
    home.mkdir(parents=True, exist_ok=True)
    with (home / "service.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments], env=environment, stdout=log, stderr=log, cwd=Path(__file__).parent.parent
        )
    service = Service(process, f"http://127.0.0.1:{port}", home)
    try:
        _wait(service, home / "service.log")
        yield service
    finally:
        service.kill()


def work_off(service: Service) -> None:
    """Score every portfolio that the service was handed, here, as a worker beside it would."""
    house = bootstrap.build(Settings(home=service.home))
    try:
        worker = Worker(house)
        while worker.step():
            pass
    finally:
        house.database.close()


def _free(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return int(probe.getsockname()[1])


def _wait(service: Service, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if service.process.poll() is not None:
            break
        try:
            if httpx2.get(f"{service.url}/readyz", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the service did not come up:\n{log.read_text()}")
