"""A measurement for people: a section in Markdown with all figures and links to the pictures.

Made from the measurement alone, so that page, pictures and document can never disagree.
"""

from collections.abc import Sequence

from probes.measuring.documents import Measurement
from probes.measuring.plan import NETWORKS, TASK_NAMES, Mode, Task
from probes.measuring.summary import Cell, Figure, cells, doubtful
from probes.measuring.words import DOUBT, Words, digits, megabytes, rate, seconds

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


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
                megabytes(each.install_mb),
                _cell(warm, "import_s", seconds) if warm and warm.mode == "train" else "-",
                _cell(cold, "import_s", seconds),
                _cell(cold, "cold_start_s", seconds),
                _cell(cold, "imported_mb", megabytes),
                _cell(cold, "peak_mb", megabytes),
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
            _cell(cell, "throughput", rate),
            _cell(cell, "first_step_s", seconds),
            _cell(cell, "peak_mb", megabytes),
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
            _cell(cell, "first_prediction_s", seconds),
            _cell(cell, "peak_mb", megabytes),
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
    return f"{digits(middle.median * 1e6)} / {digits(high.median * 1e6)} µs{doubt}"


def _spread(each: Figure) -> str:
    return f"{100 * each.mad / abs(each.median):.0f} %" if each.median else "0 %"
