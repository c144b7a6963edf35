"""`python -m benchmarks.http`: a real service on loopback, asked by several clients at once.

Three requests take turns: one that is answered with as many bytes and nothing else, a recommendation asked before, and
one never asked before. The first shows what server, client and machine cost by themselves.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import yaml
from fastapi import FastAPI, Response

from api import server
from benchmarks import report, timing

EXAMPLES = Path(__file__).parents[1] / "examples"
MARKS = "<!-- http figures: begin -->", "<!-- http figures: end -->"
ASK, EMPTY = "/v1/recommendations", "/empty"
BYTES = "STEELYARD_BENCHMARK_BYTES"
PATIENCE_S = 60
KINDS = ("as many bytes, nothing done", "a recommendation asked before", "a recommendation never asked before")


@dataclass(frozen=True, slots=True)
class Answered:
    """How one kind of request was answered for a number of clients at once; times in milliseconds."""

    kind: str
    clients: int
    requests: int
    p50_ms: float
    p95_ms: float
    per_second: float


def app() -> FastAPI:
    """The service with one more route, which does nothing."""
    found = server.app()
    body = b"x" * int(os.environ[BYTES])

    async def empty() -> Response:
        return Response(body, media_type="application/json")

    found.add_api_route(EMPTY, empty, methods=["POST"], include_in_schema=False)
    return found


@contextmanager
def serving(size: int) -> Iterator[int]:
    """The port of a service with the shipped knowledge on an empty SQLite database, in a process of its own."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        command = [sys.executable, "-m", "uvicorn", "benchmarks.http:app", "--factory", "--port", str(port)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STEELYARD_")}
        environment |= {"STEELYARD_HOME": home, BYTES: str(size)}
        process = subprocess.Popen(
            command, cwd=EXAMPLES.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return
        except (OSError, HTTPException):
            pass
        time.sleep(0.1)
    raise SystemExit("the service did not come up")


def examples() -> list[dict[str, Any]]:
    """The answers of the examples."""
    read = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.yaml"))]
    return [each.get("answers", each) for each in read]


def post(port: int, path: str, bodies: Sequence[bytes]) -> list[float]:
    """Seconds for each of several requests over one connection, one after another."""
    taken = []
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)) as connection:
        for body in bodies:
            start = time.perf_counter()
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            taken.append(time.perf_counter() - start)
            assert answer.status in (200, 201), answer.status
    return taken


def measure(clients: int, rounds: int, each: int, numbers: Iterator[int], port: int) -> list[Answered]:
    """All kinds of requests in turn, `each` by every client and round."""
    known = [json.dumps({"answers": answers}).encode() for answers in examples()]
    post(port, ASK, known)
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    spent = dict.fromkeys(KINDS, 0.0)
    with ProcessPoolExecutor(clients) as pool:
        list(pool.map(partial(post, port, EMPTY), [known] * clients))
        for _ in range(rounds):
            for kind in KINDS:
                sent = [_bodies(kind, known, each, numbers) for _ in range(clients)]
                start = time.perf_counter()
                for times in pool.map(partial(post, port, EMPTY if kind == KINDS[0] else ASK), sent):
                    taken[kind] += times
                spent[kind] += time.perf_counter() - start
    return [_answered(kind, clients, taken[kind], spent[kind]) for kind in KINDS]


def _bodies(kind: str, known: Sequence[bytes], each: int, numbers: Iterator[int]) -> list[bytes]:
    """The requests of one client: the examples in turn; such as were never asked before by another number of rows."""
    if kind != KINDS[2]:
        return [known[i % len(known)] for i in range(each)]
    given = examples()
    rows = [(given[i % len(given)], next(numbers)) for i in range(each)]
    return [json.dumps({"answers": {**answers, "data_rows": number}}).encode() for answers, number in rows]


def _answered(kind: str, clients: int, taken: Sequence[float], spent: float) -> Answered:
    p95 = quantiles(taken, n=20)[-1]
    return Answered(kind, clients, len(taken), 1e3 * median(taken), 1e3 * p95, len(taken) / spent)


def text(found: Sequence[Answered], size: int, before: float | None, after: float | None) -> str:
    """The figures as Markdown."""
    kind = report.machine()
    lines = [
        f"Machine: {kind['system']}, {kind['cores']} cores, {kind['python']}. Load (one minute) {before} before and "
        f"{after} after the run. One worker process, SQLite; the clients run on the same cores. Answers of about "
        f"{size:,} bytes.",
        "",
        "| | clients | p50 in ms | p95 in ms | answers a second | times *nothing done* | requests |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    floor = {each.clients: each.p50_ms for each in found if each.kind == KINDS[0]}
    for each in found:
        ratio = "1" if each.kind == KINDS[0] else f"{each.p50_ms / floor[each.clients]:,.1f}"
        lines.append(
            f"| {each.kind} | {each.clients} | {each.p50_ms:.2f} | {each.p95_ms:.2f} | {each.per_second:,.0f} "
            f"| {ratio} | {each.requests:,} |"
        )
    return "\n".join(lines)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.http", description=__doc__)
    parser.add_argument("--clients", type=int, action="append", help="clients at once; may be repeated: 1 and 4")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=40, help="by each client, kind and round: 40")
    parser.add_argument("--quick", action="store_true", help="little of all of it: to see that it works")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures into this page")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Runs the benchmark."""
    options = arguments(given)
    rounds, each = (1, 8) if options.quick else (options.rounds, options.requests)
    before, numbers = timing.load(), count(1_000_000)
    size = _size()
    with serving(size) as port:
        found = [row for n in options.clients or (1, 4) for row in measure(n, rounds, each, numbers, port)]
    figures = text(found, size, before, timing.load())
    print(figures)
    if options.markdown:
        page = options.markdown.read_text(encoding="utf-8") if options.markdown.exists() else ""
        options.markdown.write_text(report.inserted(page, figures, MARKS), encoding="utf-8")
    return 0


def _size() -> int:
    """The mean size of the answers to the examples, from a service that is stopped again."""
    sizes = []
    with serving(0) as port, closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)) as connection:
        for answers in examples():
            body = json.dumps({"answers": answers}).encode()
            connection.request("POST", ASK, body, {"Content-Type": "application/json"})
            sizes.append(len(connection.getresponse().read()))
    return round(sum(sizes) / len(sizes))


if __name__ == "__main__":
    raise SystemExit(main())
