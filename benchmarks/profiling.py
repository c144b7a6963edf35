"""Where one decision's time goes, by cProfile. It slows small functions more than large ones: shares, not times."""

import cProfile
import pstats
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.cases import Case
from rules import engine

SECONDS = 2.0
TOP = 20
LEAST = 0.005
ENGINE = Path(engine.__file__)


@dataclass(frozen=True, slots=True)
class Share:
    """One function's share of the profiled time, with what it calls (`total`) and alone (`own`), in [0, 1]."""

    function: str
    total: float
    own: float
    calls: float


@dataclass(frozen=True, slots=True)
class Profiled:
    """A profile: what the engine calls directly, and the functions that take most time themselves; calls a decision."""

    case: str
    decisions: int
    parts: tuple[Share, ...]
    functions: tuple[Share, ...]


def profile(case: Case, seconds: float = SECONDS) -> Profiled:
    """The profile of deciding on a case's answers in turn."""
    for given in case.inputs:
        engine.decide(case.release, given)
    profiler = cProfile.Profile()
    count, until = 0, perf_counter() + seconds
    while count == 0 or perf_counter() < until:
        for given in case.inputs:
            profiler.enable()
            engine.decide(case.release, given)
            profiler.disable()
            count += 1
    found: dict[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    whole = sum(entry[2] for entry in found.values())
    parts, functions = [], []
    for place, (_, calls, own, total, callers) in found.items():
        functions.append(Share(_name(place), total / whole, own / whole, calls / count))
        inside = [entry for caller, entry in callers.items() if Path(caller[0]) == ENGINE]
        if inside and Path(place[0]) != ENGINE and Path(place[0]).parent == ENGINE.parent:
            spent, alone = sum(entry[3] for entry in inside), sum(entry[2] for entry in inside)
            parts.append(Share(_name(place), spent / whole, alone / whole, sum(e[1] for e in inside) / count))
    parts = [share for share in parts if share.total >= LEAST]
    parts.sort(key=lambda share: -share.total)
    functions.sort(key=lambda share: -share.own)
    return Profiled(case.name, count, tuple(parts), tuple(functions[:TOP]))


def _name(place: tuple[str, int, str]) -> str:
    file, line, name = place
    if not line:
        return name.replace("<built-in method ", "<built-in ")
    here = Path(file)
    module = here.stem if here.stem != "__init__" else here.parent.name
    return f"{module}.{name}" if not name.startswith("<") else f"{module}.{name} line {line}"


def table(shares: tuple[Share, ...]) -> str:
    """Shares as a table in Markdown."""
    lines = ["| function | with what it calls | alone | calls a decision |", "| --- | ---: | ---: | ---: |"]
    for s in shares:
        name = s.function.replace("|", "")
        lines.append(f"| `{name}` | {s.total:.1%} | {s.own:.1%} | {s.calls:,.1f} |")
    return "\n".join(lines)
