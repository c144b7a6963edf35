"""A portfolio scored Parquet to Parquet as a whole, beside doing nothing with the same columns and beside zen-engine.

    python -m benchmarks.portfolio [--rows N ...] [--drawn habits|priors] [--workers N] [--markdown FILE]

Every contender runs in a fresh process, so that all it takes to start is in its figures. CPU time is that of all its
processes together, in user and system; memory is the sum of what they hold at one moment, each shared page counted in
parts, looked at twenty times a second. Made-up projects, as `benchmarks.portfolio_rows` draws them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

from benchmarks import portfolio_rows, report, timing

ROOT = Path(__file__).parent.parent
ROWS = (100_000, 1_000_000)
LOOKS_PER_S = 20
ZEN_ROWS = 200
SCORE = [sys.executable, "-c", "from cli.main import main; main()", "score"]
INSIDE = [sys.executable, "-m", "benchmarks.portfolio_inside"]
STAGES = {
    "start": "starting: modules, release, what is compiled",
    "read": "reading Parquet",
    "parse": "understanding answers",
    "score": "scoring all roles, with the ways",
    "frame": "columns of results",
    "keep": "writing the parts",
    "join": "one file of the parts",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a command took: seconds by the clock, seconds of all its processors, and the most memory it held (MiB)."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    said: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: the whole run, the same with nothing in between, its stages and zen-engine (seconds of processors)."""

    rows: int
    distinct: int
    bytes_in: int
    bytes_out: int
    whole: Taken
    alone: Taken
    nothing: Mapping[str, float]
    stages: Mapping[str, float]


def main(given: Sequence[str] | None = None) -> int:
    """Measures, prints and, where asked, writes the figures into a page; 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="how many projects, one size after another")
    parser.add_argument("--drawn", choices=portfolio_rows.DRAWN, default="habits", help="how they are made up")
    parser.add_argument("--workers", type=int, default=2, help="processes of the whole run")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures into this page")
    asked = parser.parse_args(given)
    before = timing.load()
    with tempfile.TemporaryDirectory(prefix="steelyard-portfolio-") as folder:
        measured = [measure(Path(folder), rows, asked.drawn, asked.workers) for rows in asked.rows]
        zen = float(_told([*INSIDE, "zen", str(ZEN_ROWS)])["us"])
    text = figures(measured, zen, asked.workers, asked.drawn, (before, timing.load()))
    print(text)
    if asked.markdown:
        page = asked.markdown.read_text("utf-8") if asked.markdown.exists() else ""
        asked.markdown.write_text(report.inserted(page, text), "utf-8")
    return 0


# --- Measuring -------------------------------------------------------------------------------------------------------


def measure(folder: Path, rows: int, drawn: str, workers: int) -> Measured:
    """One size, in a folder where the release is published before anything is timed."""
    source, target = folder / "projects.parquet", folder / "results.parquet"
    distinct = int(_told([*INSIDE, "draw", str(rows), drawn, str(source)])["distinct"])
    (folder / "warm.csv").write_text("id,stage\n" + "a,production\n" * 2000)
    home = {"STEELYARD_HOME": str(folder / "home")}
    taken([*SCORE, str(folder / "warm.csv"), "-o", str(folder / "warm.parquet"), "--force"], home)
    whole = taken([*SCORE, str(source), "-o", str(target), "--workers", str(workers), "--force"], home)
    alone = taken([*SCORE, str(source), "-o", str(target), "--workers", "1", "--force"], home)
    stages = _told([*INSIDE, "stages", str(source), str(folder)])
    nothing = _told([*INSIDE, "nothing", str(source), str(target), str(folder / "nothing.parquet")])
    sizes = source.stat().st_size, target.stat().st_size
    return Measured(rows, distinct, *sizes, whole, alone, nothing, stages)


def taken(command: Sequence[str], settings: Mapping[str, str] | None = None) -> Taken:
    """What a command takes from its start to its end.

    Raises:
        RuntimeError: it failed.
    """
    before, began = os.times(), perf_counter()
    own = {**os.environ, "PYTHONPATH": str(ROOT), **(settings or {})}
    process = subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ended, peak = Event(), [0.0]
    watcher = Thread(target=_watch, args=(process.pid, ended, peak), daemon=True)
    watcher.start()
    said, wrong = process.communicate()
    wall, after = perf_counter() - began, os.times()
    ended.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[-6:])} ended with {process.returncode}: {wrong[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(wall, cpu, peak[0], said)


def _told(command: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(taken(command).said.splitlines()[-1])
    return found


def _watch(process: int, ended: Event, peak: list[float]) -> None:
    """Note the most that a process and all that it started hold at one moment, in MiB."""
    while not ended.wait(1 / LOOKS_PER_S):
        peak[0] = max(peak[0], sum(map(_held_kib, _family(process))) / 1024)


def _family(process: int) -> Iterator[int]:
    yield process
    for tasks in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = tasks.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _held_kib(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


# --- Telling ---------------------------------------------------------------------------------------------------------


def figures(
    measured: Sequence[Measured], zen_us: float, workers: int, drawn: str, load: tuple[float | None, float | None]
) -> str:
    """What was measured, as Markdown."""
    kind = report.machine()
    last = measured[-1]
    own_us = 1e6 * last.whole.cpu_s / last.rows
    return "\n\n".join(
        [
            f"Machine: {kind['system']}, {kind['cores']} cores, {kind['python']}. Load (one minute) {load[0]} before "
            f"and {load[1]} after the run. Projects drawn by {drawn}; a name and an id, and the top 3, confidence, "
            f"margin, ties, reasons and exclusions of all roles, with the ways to all targets, for each.",
            _whole(measured, workers),
            _stages(measured),
            f"zen-engine's `evaluate_batch`, with the rules and gates of the same release as decision tables "
            f"(`benchmarks.zen_peer`; which rules and gates speak, nothing scored, nothing explained, no files): "
            f"{zen_us:,.0f} µs a project of {ZEN_ROWS}, {zen_us / own_us:,.0f} times the CPU time of the whole run "
            f"of {last.rows:,}.",
        ]
    )


def _whole(measured: Sequence[Measured], workers: int) -> str:
    lines = [
        "| projects | at once | rows/s | s | CPU s | CPU ns a row | peak MiB | reading and writing alone, ns a row "
        "| CPU beside that | in MB | out MB |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in measured:
        least = each.nothing["read"] + each.nothing["write"]
        for processes, run in ((workers, each.whole), (1, each.alone)):
            lines.append(
                f"| {each.rows:,} | {processes} | {each.rows / run.wall_s:,.0f} | {run.wall_s:.1f} | {run.cpu_s:.1f} "
                f"| {_ns(run.cpu_s, each)} | {run.peak_mib:,.0f} | {_ns(least, each)} | {run.cpu_s / least:.1f} x "
                f"| {each.bytes_in / 1e6:.0f} | {each.bytes_out / 1e6:.0f} |"
            )
    alike = [f"{each.distinct:,} of {each.rows:,}" for each in measured]
    return "\n".join([*lines, "", f"Like none before them: {'; '.join(alike)}."])


def _stages(measured: Sequence[Measured]) -> str:
    head = " | ".join(f"{each.rows:,}" for each in measured)
    lines = [f"| CPU ns a row in one process, one thread | {head} |", "| --- |" + " ---: |" * len(measured)]
    for stage, text in STAGES.items():
        lines.append(f"| {text} | " + " | ".join(_ns(each.stages[stage], each) for each in measured) + " |")
    for part, text in {"read": "reading and doing nothing", "write": "writing and doing nothing"}.items():
        lines.append(f"| *{text}* | " + " | ".join(_ns(each.nothing[part], each) for each in measured) + " |")
    return "\n".join(lines)


def _ns(seconds: float, each: Measured) -> str:
    return f"{1e9 * seconds / each.rows:,.0f}"


if __name__ == "__main__":
    raise SystemExit(main())
