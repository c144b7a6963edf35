"""What `benchmarks.portfolio` runs in processes of their own; each prints one line of JSON and ends."""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

os.environ["POLARS_MAX_THREADS"] = "1"  # before Polars is imported: the time of one core is asked for


def draw(rows: str, drawn: str, target: str) -> dict[str, Any]:
    """Write a portfolio; how many of its projects are like none before them."""
    from benchmarks import portfolio_rows

    return {"distinct": portfolio_rows.write(_shipped(), int(rows), Path(target), drawn)}


def stages(source: str, folder: str) -> dict[str, Any]:
    """Seconds of one core in each stage of a run without the command around it."""
    began = process_time()
    from knowledge_base import pack, release
    from portfolio import parts, reading, results, running, scoring, writing
    from portfolio.mapping import FileMapping
    from rules.release import compile_release

    building = process_time()
    document = release.build(pack.load())
    built = process_time() - building  # a house has built its release before
    spent: Counter[str] = Counter()
    known = compile_release(document)
    opened = reading.open_source([Path(source)], known.questionnaire, FileMapping())
    where = Path(folder) / "stages"
    where.mkdir()
    options = {"top": scoring.TOP, "scores": False, "passport": False}
    run = parts.prepare(opened, where, parts.Spec(document, {}, options, "benchmark", compiled=known))
    parts.score_part(run, 0)  # what is read and compiled once
    start = process_time() - began - built
    (where / "out-00000.json").unlink()
    again = process_time()
    parts.score_part(run, 0)
    start -= process_time() - again  # the work on the part itself is no part of the start
    (where / "out-00000.json").unlink()
    for owner, name, stage in (
        (reading.Source, "slice", "read"),
        (parts, "parse", "parse"),
        (scoring, "score", "score"),
        (results, "frame", "frame"),
    ):
        setattr(owner, name, _timed(getattr(owner, name), stage, spent))
    began = process_time()
    running.run(where, 1)
    parts_s = process_time() - began
    began = process_time()
    writing.assemble(where, Path(folder) / "stages.parquet", "parquet")
    spent["join"] = process_time() - began  # type: ignore[assignment]
    shutil.rmtree(where)
    return {**spent, "start": start, "keep": parts_s - sum(spent[s] for s in ("read", "parse", "score", "frame"))}


def _timed(function: Callable[..., Any], stage: str, spent: Counter[str]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        began = process_time()
        try:
            return function(*given, **named)
        finally:
            spent[stage] += process_time() - began  # type: ignore[assignment]

    return timed


def nothing(source: str, results: str, target: str) -> dict[str, Any]:
    """Seconds of one core to read all columns of some projects, and to write all columns of their results."""
    import polars as pl

    from portfolio.blocks import BLOCK_ROWS

    began = process_time()
    rows = pl.scan_parquet(source).select(pl.len()).collect().item()
    for start in range(0, rows, BLOCK_ROWS):
        pl.scan_parquet(source).slice(start, BLOCK_ROWS).collect()
    read = process_time() - began
    write = 0.0
    for start in range(0, rows, BLOCK_ROWS):
        frame = pl.scan_parquet(results).slice(start, BLOCK_ROWS).collect()
        began = process_time()
        frame.write_parquet(target, compression="snappy")
        write += process_time() - began
    return {"read": read, "write": write}


def zen(rows: str) -> dict[str, Any]:
    """Microseconds of a project's rules and gates by zen-engine's `evaluate_batch`, its requests made beforehand."""
    from benchmarks.zen_peer import ZenPeer
    from rules import calling, engine, sampling
    from rules.requirements import parse

    release = _shipped()
    drawn = sampling.draw(release, int(rows), "portfolio 0")
    peer = ZenPeer(release, list(release.roles))
    batches = []
    for row in range(drawn.sheet.rows):
        values = parse(drawn.answers(row), release.questionnaire).values
        _, view = engine.seen_by(release, values)
        called = calling.roles_called_for(values, release)
        batches.append(peer.requests(list(called), values, view))
    peer.evaluate(batches[0])
    began = process_time()
    for batch in batches:
        peer.evaluate(batch)
    return {"us": 1e6 * (process_time() - began) / len(batches)}


def _shipped() -> Any:
    from knowledge_base import pack, release
    from rules.release import compile_release

    return compile_release(release.build(pack.load()))


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {"draw": draw, "stages": stages, "nothing": nothing, "zen": zen}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
