"""The figures of a run: for reading, as JSON and as a section of the documentation."""

import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from benchmarks import growth, profiling, robustness
from benchmarks.cases import Agreement
from benchmarks.growth import Growth
from benchmarks.profiling import Profiled
from benchmarks.robustness import Panel
from benchmarks.timing import Plan, Timed

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
LIBRARIES = ("numpy", "pymcdm", "scikit-criteria", "zen-engine")


@dataclass(frozen=True, slots=True)
class CaseReport:
    """The figures of one case."""

    case: str
    shape: str
    inputs: int
    agreement: Agreement
    timed: list[Timed]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: the machine's class, its load before and after, the plan, the cases and what was left out.

    `growth` and `panel` are None where the run was told to leave them out.
    """

    machine: dict[str, str]
    load_before: float | None
    load_after: float | None
    plan: Plan
    cases: list[CaseReport]
    notes: list[str]
    growth: Growth | None
    panel: Panel | None
    profiles: list[Profiled]

    def document(self) -> dict[str, Any]:
        """The run as JSON."""
        return asdict(self)


def machine() -> dict[str, str]:
    """What kind of machine this is; nothing that names it."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    own = {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(usable),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    return own | {name: version(name) for name in LIBRARIES}


def text(report: Report) -> str:
    """The run as Markdown that also reads well in a terminal."""
    parts = [_conditions(report), *(_case(case) for case in report.cases)]
    if report.growth:
        parts.append(growth.text(report.growth))
    if report.panel:
        parts.append(robustness.text(report.panel))
    return "\n\n".join([*parts, *_profiles(report)])


def _conditions(report: Report) -> str:
    kind = report.machine
    libraries = ", ".join(f"{name} {kind[name]}" for name in LIBRARIES)
    collector = (
        "on, as in the service; a full collection before each round"
        if report.plan.collect
        else "off while timing; a full collection before each round"
    )
    lines = [
        f"Machine: {kind['system']}, {kind['cores']} cores, {kind['python']}; {libraries}. "
        f"Load (one minute) {report.load_before} before and {report.load_after} after the run.",
        f"{report.plan.rounds} rounds; in each, every contender in turn for {report.plan.slice_ms:g} ms, and never "
        f"less than one decision on each set of answers. Garbage collector {collector}.",
    ]
    return "\n".join(lines + report.notes)


def _case(case: CaseReport) -> str:
    lines = [
        f"### {case.case[0].upper()}{case.case[1:]}",
        "",
        f"{case.inputs} sets of answers; {case.shape}.",
        _agreement(case.agreement),
        "",
        f"| | p50 in µs | p95 in µs | *{case.timed[0].name}* takes | quartiles | calls |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for t in case.timed:
        itself = t.name == t.beside
        ratio = "1" if itself else f"{_ratio(t.ratio)} x its time"
        if t.beside != case.timed[0].name:
            ratio = f"*{t.beside}*: {ratio}"
        spread = "" if itself else f"{_ratio(t.low)} to {_ratio(t.high)}"
        lines.append(f"| {t.name} | {_micros(t.p50_us)} | {_micros(t.p95_us)} | {ratio} | {spread} | {t.calls:,} |")
    return "\n".join(lines)


def _agreement(found: Agreement) -> str:
    if found.full:
        return "The two peers together come to the same rules, exclusions and order on every set of answers."
    return (
        f"Of {found.inputs} sets of answers, the two peers together come to the same rules on {found.rules}, the same "
        f"exclusions on {found.exclusions} and the same order on {found.order}."
    )


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _micros(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _profiles(report: Report) -> list[str]:
    return [
        "\n".join(
            [
                f"### Where the time goes: {found.case}",
                "",
                f"cProfile over {found.decisions} decisions. What the engine calls:",
                "",
                profiling.table(found.parts),
                "",
                "The functions that take most time themselves:",
                "",
                profiling.table(found.functions),
            ]
        )
        for found in report.profiles
    ]


def inserted(page: str, figures: str, marks: tuple[str, str] = (BEGIN, END)) -> str:
    """The page with what stands between its two marks replaced; a page without them becomes the figures alone."""
    begin, end = marks
    if begin not in page or end not in page:
        return f"{begin}\n\n{figures}\n\n{end}\n"
    head, _, rest = page.partition(begin)
    return f"{head}{begin}\n\n{figures}\n\n{end}{rest.partition(end)[2]}"
