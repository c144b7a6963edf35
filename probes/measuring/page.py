"""A measurement for people: a section in Markdown with all figures, and the pictures beside it.

Made from the measurement alone, so that page, pictures and document can never disagree. Values are rounded to what
their spread bears: two or three digits.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from probes.measuring import picture
from probes.measuring.documents import Measured, Measurement
from probes.measuring.picture import Bar, Panel
from probes.measuring.plan import NETWORKS, TASK_NAMES, Mode, Task
from probes.measuring.summary import Cell, Figure, cells, doubtful

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
DOUBT = "†"
Words = Callable[[float], str]
Shown = Mapping[tuple[str, Task, Mode], Cell]


def pictures(measurement: Measurement) -> dict[str, str]:
    """The SVG pictures by file name."""
    shown = {(cell.subject, cell.task, cell.mode): cell for cell in cells(measurement)}
    of = {each.id: each for each in measurement.subjects}
    sizes = [
        Bar(s.name, s.install_mb, s.install_mb, s.install_mb, _megabytes(s.install_mb), other=s.framework is None)
        for s in measurement.subjects
        if s.install_mb is not None
    ]
    small = {
        "size": ("Installed size of each framework with what it needs", [Panel("Installed", "MB", _ascending(sizes))]),
        "start": (
            "Time from a new process to its first answer",
            [_panel("Cold start to the first answer", "s", shown, of, "mlp", "predict", "cold_start_s", _seconds)],
        ),
        "training": (
            "Training throughput on the processor",
            [
                *(_panel(f"Training, {TASK_NAMES[task]}", "samples/s", shown, of, task, "train", "throughput", _rate)
                  for task in NETWORKS),
                _panel("Training, boosted trees", "rows × rounds/s", shown, of, "table", "train", "throughput", _rate),
            ],
        ),
        "memory": (
            "Peak memory while training",
            [
                _panel(f"Peak memory, {TASK_NAMES[task]}", "MB", shown, of, task, "train", "peak_mb", _megabytes)
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
        bars.append(_bar(of[cell.subject], scaled, doubt, lambda value: f"{_digits(value)} µs"))
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


# --- The page ----------------------------------------------------------------------------------------------------


def section(measurement: Measurement, drawn: Sequence[str], folder: str = "pictures") -> str:
    """The figures in Markdown: the machine, what was installed, every task, what failed. Pictures are linked."""
    shown = cells(measurement)
    parts = [
        _machine(measurement),
        _pictured(drawn, folder, "size"),
        _pictured(drawn, folder, "start"),
        _installed(measurement, shown),
        _pictured(drawn, folder, "training"),
        *(_task(measurement, shown, task) for task in (*NETWORKS, "table")),
        _pictured(drawn, folder, "memory"),
        _pictured(drawn, folder, "latency"),
        _answers(measurement, shown),
        _failures(measurement, shown),
    ]
    return "\n\n".join(part for part in parts if part)


def inserted(page: str, figures: str) -> str:
    """The page with what stands between its two marks replaced; one without them gets both at its end."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        before, after = (page.rstrip() + "\n\n") if page.strip() else "# Measurements\n\n", "\n"
    return f"{before}{BEGIN}\n{figures}\n{END}{after}"


def _machine(measurement: Measurement) -> str:
    machine, settings = measurement.machine, measurement.settings
    cpu, host, memory = (machine.get(name) or {} for name in ("cpu", "host", "memory"))
    size = memory.get("limit_bytes") or memory.get("total_bytes")
    quick = " **Quick: to see that it works, not to quote.**" if measurement.quick else ""
    said = [
        f"{cpu.get('model') or 'unknown processor'}, {cpu.get('usable_cores') or 0:g} cores usable",
        f"{size / 2**30:.0f} GiB of memory" if isinstance(size, int) else None,
        f"{host.get('os_name') or host.get('os')}, {host.get('arch')}, Python {measurement.python}",
    ]
    return (
        f"Measured {measurement.made_at[:10]} by {measurement.made_by} on: {'; '.join(filter(None, said))}. "
        f"{settings.threads} threads, a new process for each run; the middle of {settings.repeats}, in turns, "
        f"± the median absolute deviation. {DOUBT}: the deviation is above 10 %, or other programs used more than 10 % "
        f"of the cores in half of the runs.{quick}"
    )


def _pictured(drawn: Sequence[str], folder: str, name: str) -> str:
    file = f"measurements-{name}.svg"
    texts = {
        "size": "Installed size of each framework, the table below in bars",
        "start": "Seconds from a new process to its first answer, the table below in bars",
        "training": "Samples a second in training, the tables below in bars",
        "memory": "Peak memory while training, the tables above in bars",
        "latency": "Microseconds to answer one sample, the table below in bars",
    }
    return f"![{texts[name]}]({folder}/{file})" if file in drawn else ""


def _installed(measurement: Measurement, shown: Sequence[Cell]) -> str:
    rows = []
    for each in measurement.subjects:
        if each.install_mb is None:
            continue
        cold = _one(shown, each.id, "mlp", "predict")
        warm = next((c for c in shown if c.subject == each.id and c.mode == "train"), cold)
        versions = {n: v for cell in _told_versions(measurement, each.id) for n, v in cell.items()}
        rows.append(
            [
                each.name,
                ", ".join(f"{name} {number}" for name, number in versions.items()) or "-",
                str(len(each.packages)),
                _megabytes(each.install_mb),
                _cell(warm, "import_s", _seconds) if warm and warm.mode == "train" else "-",
                _cell(cold, "import_s", _seconds),
                _cell(cold, "cold_start_s", _seconds),
                _cell(cold, "imported_mb", _megabytes),
                _cell(cold, "peak_mb", _megabytes),
            ]
        )
    head = ["", "version", "packages", "installed", "import, files in memory", "import, files on disk",
            "new process to first answer", "memory after import", "peak, predicting"]  # fmt: skip
    return "### Installing and starting\n\n" + _table(head, rows)


def _told_versions(measurement: Measurement, subject: str) -> list[dict[str, str]]:
    return [run.told.versions for run in measurement.runs if run.subject == subject and run.told][:1]


def _task(measurement: Measurement, shown: Sequence[Cell], task: Task) -> str:
    found = [cell for cell in shown if cell.task == task and cell.mode == "train" and cell.done]
    found.sort(key=lambda cell: -cell.figures["throughput"].median if "throughput" in cell.figures else 0.0)
    names = {each.id: each.name for each in measurement.subjects}
    is_table = task == "table"
    rows = [
        [
            names[cell.subject],
            _cell(cell, "throughput", _rate),
            _cell(cell, "first_step_s", _seconds),
            _cell(cell, "peak_mb", _megabytes),
            _micro(cell),
            _agreement(cell),
        ]
        for cell in found
    ]
    head = [
        "",
        "rows × rounds/s" if is_table else "samples/s",
        "first fit" if is_table else "first step",
        "peak memory",
        "one answer, middle / 95th",
        "held-out loss off by" if is_table else "losses off by at most",
    ]
    settings = measurement.settings
    title = f"{TASK_NAMES[task]}" + (f", {settings.rows:,} rows, {settings.rounds} rounds" if is_table else "")
    return f"### Training: {title}\n\n{_table(head, rows)}" if rows else ""


def _answers(measurement: Measurement, shown: Sequence[Cell]) -> str:
    names = {each.id: each.name for each in measurement.subjects}
    found = [cell for cell in shown if cell.mode == "predict" and cell.done]
    found.sort(key=lambda c: (c.task, c.figures["prediction_p50_s"].median if "prediction_p50_s" in c.figures else 9e9))
    rows = [
        [
            names[cell.subject],
            TASK_NAMES[cell.task].partition(",")[0],
            _micro(cell),
            _cell(cell, "first_prediction_s", _seconds),
            _cell(cell, "peak_mb", _megabytes),
            _agreement(cell),
        ]
        for cell in found
    ]
    head = ["", "network", "one answer, middle / 95th", "the first", "peak memory", "outputs off by at most"]
    return "### Answering one sample, without training before\n\n" + _table(head, rows) if rows else ""


def _failures(measurement: Measurement, shown: Sequence[Cell]) -> str:
    names = {each.id: each.name for each in measurement.subjects}
    lines = [f"- {each.name}: {each.state.replace('_', ' ')}: {each.why}" for each in measurement.subjects if each.why]
    lines += [
        f"- {names[cell.subject]}, {cell.task}, {cell.mode}: {cell.failed} of {cell.failed + cell.done} runs failed: "
        f"{cell.why}"
        for cell in shown
        if cell.failed
    ]
    lines += [
        f"- {names[cell.subject]}, {cell.task}, {cell.mode}: computes something else (off by {cell.off:.2g}); its "
        "times are not shown"
        for cell in shown
        if cell.parity == "differs"
    ]
    return "### What failed\n\n" + "\n".join(map(_plain, lines)) if lines else ""


def _one(shown: Sequence[Cell], subject: str, task: Task, mode: Mode) -> Cell | None:
    return next((c for c in shown if (c.subject, c.task, c.mode) == (subject, task, mode)), None)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *(["--:"] * (len(head) - 1))]
    return "\n".join(f"| {' | '.join(map(_plain, row))} |" for row in (head, rule, *rows))


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: no cell ends in it and no tag begins in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def _agreement(cell: Cell) -> str:
    words = {"agrees": "", "differs": " (differs)", "not_compared": ""}
    return "not compared" if cell.off is None else f"{cell.off:.1g}{words[cell.parity]}"


def _cell(cell: Cell | None, name: str, words: Words) -> str:
    if cell is None or name not in cell.figures:
        return "-"
    each = cell.figures[name]
    doubt = f" {DOUBT}" if doubtful(cell, name) else ""
    spread = f" ± {_spread(each)}" if each.count > 1 else ""
    return f"{words(each.median)}{spread}{doubt}"


def _micro(cell: Cell) -> str:
    """The middle and 95th time of an answer in microseconds."""
    if "prediction_p50_s" not in cell.figures:
        return "-"
    middle, high = cell.figures["prediction_p50_s"], cell.figures["prediction_p95_s"]
    doubt = f" {DOUBT}" if doubtful(cell, "prediction_p50_s") else ""
    return f"{_digits(middle.median * 1e6)} / {_digits(high.median * 1e6)} µs{doubt}"


def _spread(each: Figure) -> str:
    return f"{100 * each.mad / abs(each.median):.0f} %" if each.median else "0 %"


def _digits(value: float) -> str:
    """Three digits, with commas for thousands."""
    if value >= 1000:
        return f"{round(value, 2 - len(str(int(value))) + 1):,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _seconds(value: float) -> str:
    return f"{_digits(value * 1000)} ms" if value < 1 else f"{_digits(value)} s"


def _megabytes(value: float) -> str:
    return f"{_digits(value)} MB" if value >= 10 else f"{value:.1f} MB"


def _rate(value: float) -> str:
    return f"{_digits(value / 1e6)} M" if value >= 1e6 else _digits(value)
