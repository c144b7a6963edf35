"""The pictures of a measurement: which figures stand in which, as bars in the order of their values."""

from collections.abc import Iterable, Mapping

from probes.measuring import picture
from probes.measuring.documents import Measured, Measurement
from probes.measuring.picture import Bar, Panel
from probes.measuring.plan import NETWORKS, TASK_NAMES, Mode, Task
from probes.measuring.summary import Cell, Figure, cells, doubtful
from probes.measuring.words import DOUBT, Words, digits, megabytes, rate, seconds

Shown = Mapping[tuple[str, Task, Mode], Cell]


def pictures(measurement: Measurement) -> dict[str, str]:
    """The SVG pictures by file name."""
    shown = {(cell.subject, cell.task, cell.mode): cell for cell in cells(measurement)}
    of = {each.id: each for each in measurement.subjects}
    sizes = [
        Bar(s.name, s.install_mb, s.install_mb, s.install_mb, megabytes(s.install_mb), other=s.framework is None)
        for s in measurement.subjects
        if s.install_mb is not None
    ]
    small = {
        "size": ("Installed size of each framework with what it needs", [Panel("Installed", "MB", _ascending(sizes))]),
        "start": (
            "Time from a new process to its first answer",
            [_panel("Cold start to the first answer", "s", shown, of, "mlp", "predict", "cold_start_s", seconds)],
        ),
        "training": (
            "Training throughput on the processor",
            [
                *(_panel(f"Training, {TASK_NAMES[task]}", "samples/s", shown, of, task, "train", "throughput", rate)
                  for task in NETWORKS),
                _panel("Training, boosted trees", "rows × rounds/s", shown, of, "table", "train", "throughput", rate),
            ],
        ),
        "memory": (
            "Peak memory while training",
            [
                _panel(f"Peak memory, {TASK_NAMES[task]}", "MB", shown, of, task, "train", "peak_mb", megabytes)
                for task in (*NETWORKS, "table")
            ],
        ),
        "latency": (
            "Time to answer one sample",
            [_latency(task, shown, of) for task in ("mlp", "cnn", "transformer", "table")],
        ),
    }  # fmt: skip
    return {
        f"measurements-{name}.svg": picture.draw(title, [panel for panel in panels if panel.bars])
        for name, (title, panels) in small.items()
        if any(panel.bars for panel in panels)
    }


def _panel(
    title: str,
    unit: str,
    shown: Shown,
    of: Mapping[str, Measured],
    task: Task,
    mode: Mode,
    name: str,
    words: Words,
) -> Panel:
    found = [
        _bar(of[cell.subject], cell.figures[name], doubtful(cell, name), words)
        for cell in shown.values()
        if cell.task == task and cell.mode == mode and name in cell.figures
    ]
    return Panel(title, unit, _ascending(found) if name != "throughput" else _ascending(found)[::-1])


def _latency(task: Task, shown: Shown, of: Mapping[str, Measured]) -> Panel:
    """One sample's answer, from the runs that only predict where there are such, else after training."""
    best = {cell.subject: cell for mode in ("train", "predict") for cell in shown.values()
            if cell.task == task and cell.mode == mode and "prediction_p50_s" in cell.figures}  # fmt: skip
    bars = []
    for cell in best.values():
        each = cell.figures["prediction_p50_s"]
        scaled = Figure(each.median * 1e6, each.mad * 1e6, each.least * 1e6, each.most * 1e6, each.count)
        doubt = doubtful(cell, "prediction_p50_s")
        bars.append(_bar(of[cell.subject], scaled, doubt, lambda value: f"{digits(value)} µs"))
    return Panel(f"One answer, {TASK_NAMES[task]}", "µs (logarithmic)", _ascending(bars), logarithmic=True)


def _bar(subject: Measured, each: Figure, doubt: bool, words: Words) -> Bar:
    return Bar(
        subject.name,
        each.median,
        each.least,
        each.most,
        words(each.median) + (f" {DOUBT}" if doubt else ""),
        doubt=doubt,
        other=subject.framework is None,
    )


def _ascending(bars: Iterable[Bar]) -> list[Bar]:
    return sorted(bars, key=lambda bar: bar.value)
