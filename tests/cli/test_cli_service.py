import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.commanding import Steelyard

STEELYARD = Path(sys.executable).parent / "steelyard"


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as POSIX does")
def test_serve_answers_until_it_is_stopped(home: Path) -> None:
    with subprocess.Popen(
        [STEELYARD, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert process.stdout
        try:
            address = None
            while address is None and (line := process.stderr.readline()):
                address = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert address, "the service did not say where it listens"
            with urlopen(f"{address.group()}/readyz", timeout=30) as answer:  # noqa: S310  loopback
                assert answer.status == 200
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
            assert process.stdout.read().startswith("Answering from release 2026-")
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
    assert process.returncode == 0


def test_a_port_that_is_taken_is_a_failure_outside(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run([STEELYARD, "serve", "--port", port], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3
    assert "Traceback" not in ended.stderr


def test_serve_says_what_is_wrong_with_the_database_before_it_starts(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    ended = steelyard("serve")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("steelyard: the database cannot be used")


@pytest.mark.parametrize(
    ("host", "warned"), [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("box", True)]
)
def test_serve_warns_of_addresses_that_others_can_reach(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch, host: str, warned: bool
) -> None:
    started: list[dict[str, object]] = []
    monkeypatch.setattr("uvicorn.run", lambda application, **options: started.append({"app": application, **options}))
    ended = steelyard("serve", "--host", host, "--port", "9")
    assert started == [{"app": "api.server:app", "factory": True, "host": host, "port": 9}]
    assert ("asks for no key" in ended.err) is warned
    assert ("the list of all projects" in ended.err) is warned
    monkeypatch.setenv("STEELYARD_LIST_PROJECTS", "false")
    assert "the list of all projects" not in steelyard("serve", "--host", host, "--port", "9").err


def test_upgrade_of_an_empty_and_of_a_present_database(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended = steelyard("db", "upgrade")
    assert ended.code == 0
    assert ended.out.startswith("The database is up to date (schema ")
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path / "fresh"))
    ended = steelyard("db", "upgrade", "--json")
    assert ended.json()["before"] is None
    assert steelyard("db", "upgrade", "--json").json()["before"] == ended.json()["after"]


def test_an_older_database_is_refused_with_the_way_out(steelyard: Steelyard, home: Path) -> None:
    with sqlite3.connect(home / "steelyard.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    ended = steelyard("knowledge", "releases")
    assert (ended.code, ended.out) == (3, "")
    assert "steelyard db upgrade" in ended.err
    assert steelyard("knowledge", "releases", "--json").problem()["type"] == "out-of-date"
