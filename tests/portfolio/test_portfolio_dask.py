"""A run on a real cluster: a scheduler and workers in processes of their own, which are really killed."""

import json
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import Client

from knowledge_base import pack, release
from portfolio import dask_run, parts, running, scoring
from portfolio.faults import Damaged, Stopped
from portfolio.parts import PartDone, Run, Spec
from portfolio.reading import open_source
from rules.release import Release
from tests import killing
from tests.conftest import PROFILE

ROOT = Path(__file__).parents[2]
ROWS, BLOCK = 2_000, 64
PATIENCE_S = 60
ALONE = {**os.environ, "PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": "1", "DASK_LOGGING__DISTRIBUTED": "critical"}
SCHEDULER = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
WORKER = ["worker", "--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--memory-limit", "0"]
DEADLY = """
import os, signal
from portfolio import parts
parts.score_part = lambda run, part: os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def node(folder: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of a cluster, killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments], cwd=folder, env={**ALONE, **environment}, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def scheduler(folder: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """(the address of a scheduler, its process)."""
    said = folder / "scheduler.json"
    with node(folder, *SCHEDULER, "--scheduler-file", str(said), **environment) as process:
        until = time.monotonic() + PATIENCE_S
        while not (said.exists() and said.read_text().strip()):
            assert time.monotonic() < until, "no scheduler"
            time.sleep(0.05)
        yield json.loads(said.read_text())["address"], process


def joined(address: str, workers: int) -> None:
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster of one worker."""
    folder = tmp_path_factory.mktemp("cluster")
    with scheduler(folder) as (address, _), node(folder, *WORKER, address):
        joined(address, 1)
        yield address


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "projects.csv"
    path.write_text(killing.projects(ROWS, seed=3))
    return path


@pytest.fixture
def prepared(source: Path, tmp_path: Path, small_pack_folder: Path, small_release: Release) -> Callable[..., Run]:
    """The same projects as a run, in a folder of its own."""
    given = scoring.given_by(small_release, PROFILE)
    document = release.build(pack.load(small_pack_folder))
    spec = Spec(document, given, {"top": 3, "scores": False, "passport": False}, "1.0", block_rows=BLOCK)

    def make(name: str, top: int = 3) -> Run:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        asked = replace(spec, options={**spec.options, "top": top})
        return parts.prepare(open_source([source], small_release.questionnaire), folder, asked)

    return make


_whole: dict[str, bytes] = {}


@pytest.fixture
def whole(prepared: Callable[..., Run]) -> dict[str, bytes]:
    """What a run holds that was answered here, by one process from first to last."""
    if not _whole:
        run = prepared("here")
        running.run(run.folder, 1)
        _whole.update(content(run))
    return _whole


def content(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.folder.iterdir() if not path.name.endswith(".part")}


def test_a_node_that_is_killed_for_good_changes_nothing(
    prepared: Callable[..., Run], whole: dict[str, bytes], cluster: str, tmp_path: Path
) -> None:
    there = prepared("there")
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201  shown where the test fails
    moment = random.Random(seed).randrange(3, 20) * BLOCK  # noqa: S311  not for secrets
    told: list[tuple[int, int]] = []
    with node(tmp_path, *WORKER, cluster, "--name", "doomed") as doomed:
        joined(cluster, 2)

        def tell(counted: running.Counts, rows: int) -> None:
            told.append((counted.read, rows))
            if counted.read >= moment and doomed.poll() is None:
                doomed.kill()

        counts = dask_run.run(there.folder, cluster, progress=tell)
        assert doomed.poll() == -9, "it was killed while parts were left"
    assert (counts.read, counts.scored + counts.failed) == (ROWS, ROWS)
    assert [read for read, _ in told] == sorted(read for read, _ in told)
    assert (told[0], told[-1], len(told)) == ((0, ROWS), (ROWS, ROWS), there.parts + 1)
    assert content(there) == whole


def test_what_is_stopped_on_a_cluster_is_gone_on_with_here(
    prepared: Callable[..., Run], whole: dict[str, bytes], cluster: str
) -> None:
    there = prepared("there")
    read: list[int] = []
    with pytest.raises(Stopped):
        dask_run.run(there.folder, cluster, None, lambda counted, _: read.append(counted.read), lambda: len(read) > 5)
    done = sum(there.done(part) is not None for part in range(there.parts))
    assert 5 <= done < there.parts, "parts that were not begun are not begun any more"
    assert running.run(there.folder, 1).read == ROWS
    assert content(there) == whole


def test_a_cluster_that_is_lost_leaves_what_is_done(
    prepared: Callable[..., Run], whole: dict[str, bytes], tmp_path: Path
) -> None:
    there = prepared("there")
    with scheduler(tmp_path) as (address, process), node(tmp_path, *WORKER, address):
        joined(address, 1)

        def kill(counted: running.Counts, _: int) -> None:
            if counted.read > 5 * BLOCK:
                process.kill()

        with pytest.raises(Damaged, match="its scheduler does not answer any more"):
            dask_run.run(there.folder, address, progress=kill)
    assert 5 <= sum(there.done(part) is not None for part in range(there.parts)) < there.parts
    assert running.run(there.folder, 1).read == ROWS
    assert content(there) == whole


def test_a_part_that_ends_every_worker_ends_the_run_with_a_reason(
    prepared: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepared("run")
    (tmp_path / "deadly.py").write_text(DEADLY)
    with (
        scheduler(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as (address, _),
        node(tmp_path, *WORKER, address, "--preload", "deadly.py"),
    ):
        joined(address, 1)
        with pytest.raises(Damaged, match=r"one worker after the other ended at part \d"):
            dask_run.run(run.folder, address)
        monkeypatch.setattr(dask_run, "NO_WORKERS_S", 0.5)
        with pytest.raises(Damaged, match="has had no workers for 0 seconds"):
            dask_run.run(run.folder, address)


def test_what_a_worker_cannot_read_is_told_with_where(prepared: Callable[..., Run], cluster: str) -> None:
    run = prepared("run")
    (run.folder / "in-00002.arrow").unlink()
    with pytest.raises(OSError, match=r"No such file .*in-00002.arrow .*\(on .+\)"):
        dask_run.run(run.folder, cluster)


def test_a_part_that_is_not_to_be_seen_here_is_not_taken_for_done(
    prepared: Callable[..., Run], cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines, each with a folder of its own under the same path."""
    run = prepared("run")
    monkeypatch.setattr(dask_run, "SEEN_S", 0.1)
    with Client(cluster, set_as_default=False) as client:
        elsewhere = client.submit(PartDone, 0, 64, 60, 4, "a", "b")
        with pytest.raises(Damaged, match="part 0 is done, but not to be seen here"):
            dask_run._told(elsewhere, run, 0)


def test_a_worker_that_has_something_else_says_so(prepared: Callable[..., Run], tmp_path: Path) -> None:
    run, versions = prepared("run"), dask_run._versions()
    with pytest.raises(Damaged, match=f"polars {versions['polars']} instead of 1.0"):
        dask_run._answer(str(run.folder), run.passport, 0, {**versions, "polars": "1.0"})
    for folder, passport in ((tmp_path / "missing", run.passport), (run.folder, "another")):
        with pytest.raises(Damaged, match="does not see the run in"):
            dask_run._answer(str(folder), passport, 0, versions)
    assert run.done(0) is None
    assert dask_run._answer(str(run.folder), run.passport, 0, versions) == run.done(0)


def test_a_worker_that_comes_back_to_another_run_writes_nothing(prepared: Callable[..., Run]) -> None:
    before = prepared("run")
    parts.score_part(before, 0)
    (before.folder / "out-00000.json").unlink()
    after = prepared("run", top=2)
    assert after.passport != before.passport
    standing = content(after)
    with pytest.raises(Damaged, match=r"is not \w+ any more"):
        parts.score_part(before, 0)
    assert content(after) == standing


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("somewhere", "missing port number"),
        ("smoke://signals:1", "unknown address scheme"),
        ("tls://127.0.0.1:1", "names no certificates"),
        ("127.0.0.1:1", "no Dask scheduler answers at 127.0.0.1:1"),
    ],
)
def test_addresses_that_no_scheduler_is_at(
    prepared: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setattr(dask_run, "CONNECT_S", 0.5)
    with pytest.raises(Damaged, match=said):
        dask_run.run(prepared("run").folder, address)
