"""A measurement as a JSON document, `steelyard/measurement/1`: written, and read back strictly.

It holds what was seen (every run with its times and losses), what it was held to, and on which machine. Medians are not
in it: `summary` makes them anew, so that no document can say one thing and mean another.
"""

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

import probes
from probes.measuring.plan import Mode, Task
from probes.measuring.running import MAX_WHY, Outcome
from rules.faults import Fault, InvalidInput, shown

SCHEMA = "steelyard/measurement/1"
MAX_DOCUMENT_BYTES = 32 * 2**20
SHOWN_FAULTS = 50

Name = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Line = Annotated[str, StringConstraints(max_length=MAX_WHY, pattern=r"^[^\x00-\x1f\x7f]*$")]
Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Megabytes = Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Losses = Annotated[list[Number], Field(max_length=1000)]
Outputs = Annotated[list[Annotated[list[Number], Field(max_length=100)]], Field(max_length=100)]
Versions = Annotated[dict[Name, Name], Field(max_length=500)]


Model = TypeVar("Model", bound=BaseModel)


class Part(BaseModel):
    """Base of all parts: frozen, strict about types and unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Memory(Part):
    """Megabytes (10^6) resident: at the interpreter's start, after the import, at the most; and of the data given."""

    bare: Megabytes
    imported: Megabytes
    data: Megabytes
    peak: Megabytes


class Told(Part):
    """What one process saw; see `scripts/stage.py`. `groups_s` are of equally many steps, the first for warm-up."""

    started_s: Seconds
    import_s: Seconds
    build_s: Seconds
    first_step_s: Seconds | None
    losses: Losses
    warm_groups: Count
    groups_s: Annotated[list[Seconds], Field(max_length=100_000)]
    first_prediction_s: Seconds
    prediction_p50_s: Seconds
    prediction_p95_s: Seconds
    predictions: Count
    outputs: Outputs
    memory_mb: Memory
    versions: Versions

    @model_validator(mode="after")
    def _warm_groups_are_groups(self) -> "Told":
        if self.warm_groups > len(self.groups_s):
            raise ValueError("more warm groups than groups")
        if self.prediction_p95_s < self.prediction_p50_s:
            raise ValueError("the 95th of a hundred is below the middle")
        return self


class Run(Part):
    """One process: of what, how it ended, how busy the machine was."""

    subject: Name
    task: Task
    mode: Mode
    repeat: Count
    outcome: Outcome
    why: Line | None
    load_1min: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
    others: Share | None
    told: Told | None

    @model_validator(mode="after")
    def _done_means_told(self) -> "Run":
        if (self.outcome == "done") != (self.told is not None):
            raise ValueError("a run tells something exactly when it is done")
        return self


class Measured(Part):
    """A subject: its packages, and whether its environment could be made."""

    id: Name
    framework: Name | None
    name: Name
    requirements: Annotated[list[Name], Field(max_length=20)]
    settings: Versions
    state: Literal["ready", "not_installed", "no_room", "not_prepared"]
    why: Line | None
    packages: Versions
    install_mb: Megabytes | None
    install_s: Seconds | None


class Settings(Part):
    """What was the same for all."""

    seed: Count
    data_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    batch: Count
    rates: dict[Name, Number]
    threads: Annotated[int, Field(ge=1, le=4096)]
    repeats: Annotated[int, Field(ge=1, le=100)]
    compared_steps: Count
    group: Annotated[int, Field(ge=1, le=1000)]
    least_steps: Count
    least_s: Seconds
    least_fits: Count
    most_s: Seconds
    predict_s: Seconds
    rounds: Count
    leaves: Count
    rows: Count
    deadline_s: Seconds
    loss_tolerance: Share
    output_tolerance: Share
    table_tolerance: Share


class Reference(Part):
    """What the NumPy reference gives: losses of the compared steps and outputs for the first samples, by task."""

    losses: dict[Task, Losses]
    outputs: dict[Task, Outputs]


class Measurement(Part):
    """The whole document."""

    schema_: Literal["steelyard/measurement/1"] = Field(alias="schema")
    made_at: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    made_by: Name
    python: Name
    quick: bool
    machine: dict[str, Any]
    settings: Settings
    reference: Reference
    subjects: Annotated[list[Measured], Field(max_length=200)]
    runs: Annotated[list[Run], Field(max_length=20_000)]


def document(measurement: Measurement) -> dict[str, Any]:
    """The measurement as plain parts."""
    return measurement.model_dump(by_alias=True, mode="json")


def dump(measurement: Measurement) -> str:
    """The measurement as JSON, one run a line."""
    plain = document(measurement)
    runs = ",\n".join("  " + json.dumps(run, ensure_ascii=False) for run in plain.pop("runs"))
    return f'{json.dumps(plain, ensure_ascii=False, indent=1)[:-2]},\n "runs": [\n{runs}\n ]\n}}\n'


def parse(value: object) -> Measurement:
    """The measurement in a document that `json` has read.

    Raises:
        InvalidInput: with every fault (at most 50).
    """
    found = checked(Measurement, value, "measurement")
    faults = [
        Fault(f"measurement.runs[{index}].subject", shown(run.subject), "one of the subjects")
        for index, run in enumerate(found.runs)
        if run.subject not in {each.id for each in found.subjects}
    ]
    keys = [(run.subject, run.task, run.mode, run.repeat) for run in found.runs]
    if len(set(keys)) < len(keys):
        faults.append(Fault("measurement.runs", "a run twice", "each repeat of a subject and task once"))
    try:
        probes.parse(found.machine)
    except InvalidInput as invalid:
        faults += [Fault(f"measurement.machine.{f.path}", f.value, f.expected, f.nearest) for f in invalid.faults]
    if faults:
        raise InvalidInput(faults[:SHOWN_FAULTS])
    return found


def checked(model: type[Model], value: object, path: str) -> Model:
    """A part read strictly.

    Raises:
        InvalidInput: with every fault (at most 50).
    """
    try:
        return model.model_validate(value)
    except ValidationError as invalid:
        raise InvalidInput(
            [
                Fault(".".join([path, *map(str, each["loc"])]), shown(each["input"]), each["msg"])
                for each in invalid.errors(include_url=False)[:SHOWN_FAULTS]
            ]
        ) from None
