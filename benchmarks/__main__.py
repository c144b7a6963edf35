"""`python -m benchmarks`: decisions in process beside other libraries, how their time grows, how robust they are."""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.cases import Case
    from benchmarks.growth import Growth
    from benchmarks.robustness import Panel

SIZES = ("12x10x10x10", "20x80x130x150", "50x100x300x300")
PEERS = {"pymcdm": "pymcdm", "skcriteria": "scikit-criteria", "zen": "zen-engine"}
RANDOM_SETS, FEW_RANDOM_SETS = 300, 30


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", action="append", help="alternatives x criteria x rules x gates; may be repeated")
    parser.add_argument("--no-shipped", action="store_true", help="leave the shipped pack out")
    parser.add_argument("--no-made-up", action="store_true", help="leave the made-up releases out")
    parser.add_argument("--no-growth", action="store_true", help="leave out how time grows with size")
    parser.add_argument("--no-robustness", action="store_true", help="leave out other methods and rank reversal")
    parser.add_argument("--quick", action="store_true", help="all of it with little of each: to see that it works")
    parser.add_argument("--rounds", type=int, help="8, or 3 when quick")
    parser.add_argument("--slice-ms", type=float, help="time for each contender in a round: 20, or 5 when quick")
    parser.add_argument("--gc-off", action="store_true", help="switch the garbage collector off while timing")
    parser.add_argument("--profile", action="store_true", help="also profile deciding on the first case, by cProfile")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures into this page")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Runs the benchmark; 0 when it ran and the peers came to the same decisions on made-up releases."""
    options = arguments(given)
    if missing := [package for module, package in PEERS.items() if find_spec(module) is None]:
        print(f"Not installed: {', '.join(missing)}; the group `bench` of pyproject.toml has it.", file=sys.stderr)
        return 2
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    from benchmarks import cases, profiling, report, synthetic, timing

    try:
        sizes = [synthetic.Size.parse(text) for text in (options.size or (SIZES[:1] if options.quick else SIZES))]
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
    rounds, slice_ms = (3, 5.0) if options.quick else (8, 20.0)
    plan = timing.Plan(max(1, options.rounds or rounds), options.slice_ms or slice_ms, not options.gc_off)
    before = timing.load()
    measured, differing = [], False
    for case in chosen:
        peers = cases.Peers(case)
        agreed = peers.agreement()
        differing = differing or (case.made_up and not agreed.full)
        timed = timing.measure(peers.runs(), len(case.inputs), plan, cases.BESIDE)
        measured.append(report.CaseReport(case.name, peers.shape(), len(case.inputs), agreed, timed))
    grown, panel = _growth(options), _panel(options, chosen)
    after = timing.load()
    profiles = [profiling.profile(case) for case in chosen[:1]] if options.profile else []
    done = report.Report(report.machine(), before, after, plan, measured, notes, grown, panel, profiles)
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


def _growth(options: argparse.Namespace) -> "Growth | None":
    from benchmarks import growth

    if options.no_growth:
        return None
    return growth.measure(growth.FEW_STEPS, 0.05) if options.quick else growth.measure()


def _panel(options: argparse.Namespace, chosen: "Sequence[Case]") -> "Panel | None":
    """The panel over the shipped pack, or over the first made-up release where that was left out."""
    from benchmarks import robustness

    if options.no_robustness or not chosen:
        return None
    return robustness.panel(chosen[0], FEW_RANDOM_SETS if options.quick else RANDOM_SETS)


if __name__ == "__main__":
    raise SystemExit(main())
