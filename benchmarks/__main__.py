"""`python -m benchmarks`: one decision in process beside pymcdm and zen-engine on tables of the same size."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

SIZES = ("12x10x10x10", "20x80x130x150", "50x100x300x300")


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", action="append", help="alternatives x criteria x rules x gates; may be repeated")
    parser.add_argument("--no-shipped", action="store_true", help="leave the shipped pack out")
    parser.add_argument("--no-made-up", action="store_true", help="leave the made-up releases out")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--slice-ms", type=float, default=20.0, help="time for each contender in a round")
    parser.add_argument("--gc-off", action="store_true", help="switch the garbage collector off while timing")
    parser.add_argument("--profile", action="store_true", help="also profile deciding on the first case, by cProfile")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures into this page")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Runs the benchmark; 0 when it ran and the peers came to the same decisions on made-up releases."""
    options = arguments(given)
    try:
        import pymcdm  # noqa: F401
        import zen  # noqa: F401
    except ImportError as missing:
        print(f"{missing.name} is not installed; the group `bench` of pyproject.toml has it.", file=sys.stderr)
        return 2
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    from benchmarks import cases, profiling, report, synthetic, timing

    try:
        sizes = [synthetic.Size.parse(text) for text in (options.size or SIZES)]
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    chosen: list[cases.Case] = []
    notes: list[str] = []
    if not options.no_shipped:
        found = cases.shipped()
        (notes if isinstance(found, str) else chosen).append(found)  # type: ignore[arg-type]
    if not options.no_made_up:
        chosen += [cases.made_up(size) for size in sizes]
    plan = timing.Plan(max(1, options.rounds), options.slice_ms, not options.gc_off)
    before = timing.load()
    measured, differing = [], False
    for case in chosen:
        peers = cases.Peers(case)
        agreed = peers.agreement()
        differing = differing or (case.made_up and not agreed.full)
        timed = timing.measure(peers.runs(), len(case.inputs), plan)
        measured.append(report.CaseReport(case.name, peers.shape(), len(case.inputs), agreed, timed))
    after = timing.load()
    profiles = [profiling.profile(case) for case in chosen[:1]] if options.profile else []
    done = report.Report(report.machine(), before, after, plan, measured, notes, profiles)
    figures = report.text(done)
    print(figures)
    if options.json:
        options.json.write_text(json.dumps(done.document(), indent=2) + "\n", encoding="utf-8")
    if options.markdown:
        page = options.markdown.read_text(encoding="utf-8") if options.markdown.exists() else ""
        options.markdown.write_text(report.inserted(page, figures), encoding="utf-8")
    if differing:
        print("On a made-up release the peers decide otherwise than Steelyard: one of them is wrong.", file=sys.stderr)
    return int(differing)


if __name__ == "__main__":
    raise SystemExit(main())
