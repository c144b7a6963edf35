"""From runs to figures: whether a cell computed what it should, and the middle and spread of what it took.

Pure arithmetic on a measurement; nothing is read or written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from probes.measuring.documents import Measurement, Reference, Run, Settings, Told
from probes.measuring.plan import Mode, Task

LOSS_TOLERANCE = 1e-3  # of the reference's loss, or of 0.1 where that is less
OUTPUT_TOLERANCE = 1e-3  # of a logit
TABLE_TOLERANCE = 0.05  # of the middle held-out loss of all that learn the table
LEAST_LOSS = 0.1
UNSTEADY = 0.1  # spread against the middle, or share of the cores that others used

Parity = Literal["agrees", "differs", "not_compared"]


@dataclass(frozen=True, slots=True)
class Figure:
    """The middle of several runs, the median absolute deviation from it, the least and the most."""

    median: float
    mad: float
    least: float
    most: float
    count: int

    @property
    def unsteady(self) -> bool:
        """Whether the deviation is more than a tenth of the middle."""
        return self.mad > UNSTEADY * abs(self.median)


@dataclass(frozen=True, slots=True)
class Cell:
    """A subject on a task. `off` is the largest relative deviation from what it should compute, over all runs.

    Figures are by name; a cell that computes something else has none of speed.
    """

    subject: str
    task: Task
    mode: Mode
    done: int
    failed: int
    why: str | None  # of the first run that failed
    parity: Parity
    off: float | None
    disturbed: bool  # others used more than a tenth of the cores in half of the runs
    figures: Mapping[str, Figure]


TIMES = (
    "started_s", "import_s", "build_s", "first_step_s", "throughput", "cold_start_s", "first_prediction_s",
    "prediction_p50_s", "prediction_p95_s",
)  # fmt: skip
SPEED = ("first_step_s", "throughput", "prediction_p50_s", "prediction_p95_s", "first_prediction_s", "cold_start_s")


def doubtful(cell: Cell, name: str) -> bool:
    """Whether a figure is not to be relied on: too wide a spread, or a time while others used the cores."""
    return cell.figures[name].unsteady or (cell.disturbed and name in TIMES)


def figure(values: Sequence[float]) -> Figure:
    """The middle and spread of at least one value.

    Raises:
        statistics.StatisticsError: there is none.
    """
    middle = median(values)
    return Figure(middle, median(abs(value - middle) for value in values), min(values), max(values), len(values))


def cells(measurement: Measurement) -> list[Cell]:
    """Every cell that has a run, in the order of the runs."""
    grouped: dict[tuple[str, Task, Mode], list[Run]] = {}
    for run in measurement.runs:
        grouped.setdefault((run.subject, run.task, run.mode), []).append(run)
    usual = _usual_table_loss(measurement.runs)
    return [
        _cell(subject, task, mode, runs, measurement.settings, measurement.reference, usual)
        for (subject, task, mode), runs in grouped.items()
    ]


def _cell(
    subject: str,
    task: Task,
    mode: Mode,
    runs: Sequence[Run],
    settings: Settings,
    reference: Reference,
    usual: float | None,
) -> Cell:
    told = [run.told for run in runs if run.told]
    offs = [deviation(each, task, mode, reference, usual) for each in told]
    compared = [off for off in offs if off is not None]
    off = max(compared) if compared else None
    limit = settings.table_tolerance if task == "table" else settings.loss_tolerance
    limit = settings.output_tolerance if mode == "predict" else limit
    whole = bool(told) and len(compared) == len(told)
    parity: Parity = "not_compared" if not whole or off is None else "agrees" if off <= limit else "differs"
    figures = {name: figure(values) for name, values in _values(told, task, mode, settings) if values}
    busy = [run.others for run in runs if run.others is not None]
    return Cell(
        subject,
        task,
        mode,
        len(told),
        len(runs) - len(told),
        next((run.why for run in runs if run.why), None),
        parity,
        off,
        bool(busy) and median(busy) > UNSTEADY,
        figures if parity == "agrees" else {name: each for name, each in figures.items() if name not in SPEED},
    )


def deviation(told: Told, task: Task, mode: Mode, reference: Reference, usual: float | None) -> float | None:
    """How far a run is from what it should compute, relative; None where there is nothing to compare, inf where it
    gave less than was asked for.

    Networks in training: the largest difference of a step's loss, against that loss or 0.1. Predicting: the largest
    difference of a logit, up to a number that is the same for a sample, since a softmax takes it away. Tables: the
    held-out loss against the usual one.
    """
    if task == "table":
        return None if usual is None or not told.losses else abs(told.losses[0] - usual) / usual
    if mode == "train":
        expected = reference.losses.get(task)
        if expected is None:
            return None
        if len(told.losses) != len(expected):
            return float("inf")
        pairs = zip(told.losses, expected, strict=True)
        return max((abs(seen - right) / max(right, LEAST_LOSS) for seen, right in pairs), default=None)
    rows = reference.outputs.get(task)
    if rows is None:
        return None
    if [len(row) for row in rows] != [len(row) for row in told.outputs]:
        return float("inf")
    return max((_row_off(seen, right) for seen, right in zip(told.outputs, rows, strict=True)), default=None)


def _row_off(seen: Sequence[float], right: Sequence[float]) -> float:
    shift = sum(seen) / len(seen) - sum(right) / len(right)
    return max(abs(a - shift - b) for a, b in zip(seen, right, strict=True))


def _usual_table_loss(runs: Iterable[Run]) -> float | None:
    """The middle over subjects of their held-out loss, if at least two learn the table."""
    by_subject: dict[str, list[float]] = {}
    for run in runs:
        if run.task == "table" and run.told and run.told.losses:
            by_subject.setdefault(run.subject, []).append(run.told.losses[0])
    middles = [median(losses) for losses in by_subject.values()]
    return median(middles) if len(middles) > 1 and median(middles) > 0 else None


def _values(told: Sequence[Told], task: Task, mode: Mode, settings: Settings) -> Iterable[tuple[str, list[float]]]:
    """Every figure's name with its value in each run."""
    plain: dict[str, Callable[[Told], float | None]] = {
        "started_s": lambda t: t.started_s,
        "import_s": lambda t: t.import_s,
        "build_s": lambda t: t.build_s,
        "first_step_s": lambda t: t.first_step_s,
        "throughput": lambda t: throughput(t, task, settings) if mode == "train" else None,
        "cold_start_s": lambda t: cold_start_s(t) if mode == "predict" else None,
        "first_prediction_s": lambda t: t.first_prediction_s,
        "prediction_p50_s": lambda t: t.prediction_p50_s,
        "prediction_p95_s": lambda t: t.prediction_p95_s,
        "imported_mb": lambda t: max(0.0, t.memory_mb.imported - t.memory_mb.bare),
        "peak_mb": lambda t: max(0.0, t.memory_mb.peak - t.memory_mb.bare - t.memory_mb.data),
    }
    for name, value in plain.items():
        yield name, [found for each in told if (found := value(each)) is not None]


def throughput(told: Told, task: Task, settings: Settings) -> float | None:
    """Samples a second (of a table: rows times rounds), from the middle time of a group after the warm-up."""
    steady = told.groups_s[told.warm_groups :]
    if not steady or not median(steady):
        return None
    handled = settings.rows * settings.rounds if task == "table" else settings.group * settings.batch
    return handled / median(steady)


def cold_start_s(told: Told) -> float:
    """Seconds from the start of a process to its first answer."""
    return told.started_s + told.import_s + told.build_s + told.first_prediction_s
