"""The parts of a run, answered by a Dask cluster: one that stands, by its address, or one on this machine.

Dask knows who is alive and hands the parts of the dead to others; what a part is, and when it is done, is the business
of `portfolio.parts`. A part goes to the cluster as its number and comes back as what it counted: rows are read and
written by the workers, in the folder of the run. So every worker must reach that folder, and a source that is read
where it lies, under the path that they have here, on storage that renames files atomically. Two workers that answer the
same part write the same bytes, so it does no harm when Dask takes one for dead that is not.

Imported only where a cluster is asked for: `distributed` is an optional extra and takes more than a second to load.
"""

import signal
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from errno import EIO
from functools import lru_cache
from importlib.metadata import version
from logging import CRITICAL
from pathlib import Path
from threading import Lock

from distributed import Client, Future, KilledWorker, LocalCluster, Security, WorkerPlugin, wait
from distributed.comm.addressing import get_address_host_port
from distributed.comm.core import CommClosedError

from portfolio import parts, running
from portfolio.faults import Damaged, Stopped
from portfolio.parts import PartDone, Run
from portfolio.running import Cancelled, Counts, Progress

AHEAD = 2  # parts for each thread of the cluster: one at hand and the next, so that none waits for us
POLL_S = 0.2
CONNECT_S = 15.0
NO_WORKERS_S = 60.0  # then nobody is expected to come any more
SEEN_S = 90.0  # names of new files may be remembered as missing for a minute on network file systems
ALIKE = ("steelyard", "polars", "numpy", "numba")  # what results are made by
MAX_SAID = 500

_Future = Future[object]
_one_at_a_time = Lock()


def run(
    folder: Path,
    address: str | None = None,
    workers: int | None = None,
    progress: Progress = lambda _counts, _rows: None,
    cancelled: Cancelled = lambda: False,
) -> Counts:
    """Answer every part of a prepared run that is not done yet; as `running.run`, but by a cluster.

    Args:
        folder: the run's, which every worker reaches under this path.
        address: of the scheduler of a cluster, such as `tcp://10.0.0.5:8786`; None for a cluster of its own, here.
        workers: how many processes a cluster of its own has; None for one for each processor.
        progress: told what is counted so far, and of how many rows in all, after every part.
        cancelled: asked now and then; True ends it. Workers bring the part at hand to an end.

    Raises:
        Damaged: the folder holds no run; the cluster cannot be reached, has other versions, does not see the folder
            or is lost; or workers die at a part again and again.
        OSError: a worker cannot read or write a file.
        Stopped: `cancelled` said so.
    """
    folder = folder.resolve()
    prepared, counted, left = running.standing(folder)
    progress(counted, prepared.rows)
    if left:
        with _cluster(address, min(len(left), workers or running.cores())) as client:
            for done in _answered(client, prepared, left, cancelled):
                counted += done
                progress(counted, prepared.rows)
    return counted


@contextmanager
def _cluster(address: str | None, workers: int) -> Iterator[Client]:
    if address is None:
        threads = max(1, running.cores() // workers)
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                memory_limit=None,
                dashboard_address=None,
                worker_dashboard_address=None,
                silence_logs=CRITICAL,
                env={"POLARS_MAX_THREADS": str(threads), "DASK_LOGGING__DISTRIBUTED": "critical"},
            ) as here,
            Client(here, set_as_default=False) as client,
        ):
            client.register_plugin(_Deaf())
            yield client
        return
    try:
        _check(address)
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Damaged(f"no Dask scheduler answers at {address}: {error}"[:MAX_SAID]) from None
    with client:
        yield client


def _check(address: str) -> None:
    """Look at an address before there is a client, which would wait long for what cannot be."""
    get_address_host_port(address)
    if address.startswith("tls://") and Security().get_connection_args("client").get("ssl_context") is None:
        raise ValueError("Dask's configuration names no certificates (distributed.comm.tls)")


def _answered(client: Client, prepared: Run, left: deque[int], cancelled: Cancelled) -> Iterator[PartDone]:
    """What each part counted, as they are done; never more parts are out than the cluster can take soon."""
    out: dict[_Future, int] = {}
    alone_since: float | None = None
    try:
        while left or out:
            if cancelled():
                raise Stopped
            threads = sum(client.nthreads().values())
            while left and len(out) < max(1, AHEAD * threads):
                part = left.popleft()
                out[_submitted(client, prepared, part)] = part
            for future in _finished(client, out):
                yield _told(future, prepared, out.pop(future))
            alone_since = None if threads else alone_since or time.monotonic()
            if alone_since is not None and time.monotonic() - alone_since > NO_WORKERS_S:
                raise Damaged(f"the cluster has had no workers for {NO_WORKERS_S:.0f} seconds")
    except (CommClosedError, CancelledError):
        raise Damaged("the cluster is lost: its scheduler does not answer any more") from None
    finally:
        with suppress(CommClosedError, CancelledError):
            client.cancel(list(out), force=True)


def _submitted(client: Client, prepared: Run, part: int) -> _Future:
    return client.submit(_answer, str(prepared.folder), prepared.passport, part, _versions(), pure=False)


def _finished(client: Client, out: Mapping[_Future, int]) -> list[_Future]:
    with client.as_current(), suppress(TimeoutError, CancelledError):  # of those that were cancelled, `_told` tells
        wait(list(out), timeout=POLL_S, return_when="FIRST_COMPLETED")
    return [future for future in out if future.done()]


def _told(future: _Future, prepared: Run, part: int) -> PartDone:
    try:
        done = future.result()
    except (OSError, Damaged, CancelledError):
        raise
    except KilledWorker:
        raise Damaged(f"one worker after the other ended at part {part}") from None
    except Exception as error:  # whatever it is, it must be told as one sentence
        raise Damaged(f"the cluster cannot answer part {part}: {type(error).__name__}: {error}"[:MAX_SAID]) from error
    if not isinstance(done, PartDone):
        raise Damaged(f"part {part} ended with {type(done).__name__}")
    until = time.monotonic() + SEEN_S
    while prepared.done(part) != done:
        if time.monotonic() > until:
            raise Damaged(f"part {part} is done, but not to be seen here: the folder must be shared by all machines")
        time.sleep(POLL_S)
    return done


# --- What a worker does ----------------------------------------------------------------------------------------------


class _Deaf(WorkerPlugin):
    """Ctrl-C goes to all processes of a terminal; the one who started the others answers it."""

    def setup(self, worker: object) -> None:  # noqa: ARG002  as Dask calls it
        """Have the process of a worker on this machine ignore it."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _answer(folder: str, passport: str, part: int, versions: Mapping[str, str]) -> PartDone:
    """Answer one part; runs on a worker, one part at a time in a process: what they share is not made for threads."""
    where = socket.gethostname()
    here = _versions()
    other = [f"{name} {here[name]} instead of {versions[name]}" for name in ALIKE if here[name] != versions[name]]
    if other:
        raise Damaged(f"the worker on {where} has {', '.join(other)}")
    prepared = parts.load(Path(folder))
    if prepared is None or prepared.passport != passport:
        raise Damaged(f"the worker on {where} does not see the run in {folder}: the folder must be shared")
    try:
        with _one_at_a_time:
            return parts.score_part(prepared, part)
    except OSError as error:
        said = error.strerror or str(error)  # Polars tells what the system says in words only
        raise OSError(error.errno or EIO, f"{said} (on {where})", error.filename) from error


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    return {name: version(name) for name in ALIKE}
