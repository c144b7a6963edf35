"""Measurements made up for tests: what a run told, runs, and a whole document around them."""

from collections.abc import Sequence
from typing import Any

from probes.measuring import documents
from probes.measuring.documents import Measurement
from probes.measuring.plan import Mode, Task

MACHINE = {
    "schema": "steelyard/hardware-profile/1",
    "origin": "probe",
    "label": "this machine",
    "captured_at": "2026-11-21T10:00:00Z",
    "host": {"os": "linux", "os_name": "Made-up Linux", "arch": "x86_64", "python_version": "3.11.7"},
    "cpu": {"model": "Made-up CPU", "usable_cores": 2.0},
    "memory": {"total_bytes": 2**33},
}
SETTINGS: dict[str, Any] = {
    "seed": 1,
    "data_sha256": "0" * 64,
    "batch": 128,
    "rates": {"mlp": 0.1, "table": 0.1},
    "threads": 2,
    "repeats": 3,
    "compared_steps": 2,
    "group": 5,
    "least_steps": 5,
    "least_s": 2.0,
    "least_fits": 1,
    "most_s": 60.0,
    "predict_s": 0.5,
    "rounds": 50,
    "leaves": 31,
    "rows": 1000,
    "deadline_s": 180.0,
    "loss_tolerance": 1e-3,
    "output_tolerance": 1e-3,
    "table_tolerance": 0.05,
}
LOSSES = [2.5, 2.0]
OUTPUTS = [[1.0, -1.0], [0.0, 3.0]]


def told(**changed: Any) -> dict[str, Any]:
    """What a process told: 640 samples in 0.5 s after one slow group, correct losses and outputs."""
    return {
        "started_s": 0.02,
        "import_s": 1.0,
        "build_s": 0.1,
        "first_step_s": 0.3,
        "losses": LOSSES,
        "warm_groups": 1,
        "groups_s": [4.0, 0.5, 0.5],
        "first_prediction_s": 0.01,
        "prediction_p50_s": 50e-6,
        "prediction_p95_s": 80e-6,
        "predictions": 1000,
        "outputs": OUTPUTS,
        "memory_mb": {"bare": 10.0, "imported": 110.0, "data": 20.0, "peak": 230.0},
        "versions": {"thing": "1.0"},
        **changed,
    }


def run(
    subject: str,
    repeat: int = 0,
    *,
    task: Task = "mlp",
    mode: Mode = "train",
    outcome: str = "done",
    why: str | None = None,
    others: float | None = 0.0,
    **changed: Any,
) -> dict[str, Any]:
    """A run, done unless said otherwise."""
    return {
        "subject": subject,
        "task": task,
        "mode": mode,
        "repeat": repeat,
        "outcome": outcome,
        "why": why,
        "load_1min": 0.5,
        "others": others,
        "told": told(**changed) if outcome == "done" else None,
    }


def subject(name: str, framework: str | None, install_mb: float | None = 500.0, **changed: Any) -> dict[str, Any]:
    """A subject whose environment is ready, unless there is no size."""
    return {
        "id": name,
        "framework": framework,
        "name": name.title(),
        "requirements": [name],
        "settings": {},
        "state": "ready" if install_mb is not None else "not_installed",
        "why": None if install_mb is not None else "no such package",
        "packages": {name: "1.0"},
        "install_mb": install_mb,
        "install_s": None if install_mb is None else 12.0,
        **changed,
    }


def document(subjects: Sequence[dict[str, Any]], runs: Sequence[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    """A whole document."""
    return {
        "schema": "steelyard/measurement/1",
        "made_at": "2026-11-21T12:34:56Z",
        "made_by": "steelyard 0.1.0",
        "python": "3.11.7",
        "quick": False,
        "machine": MACHINE,
        "settings": SETTINGS,
        "reference": {"losses": {"mlp": LOSSES, "cnn": LOSSES}, "outputs": {"mlp": OUTPUTS}},
        "subjects": list(subjects),
        "runs": list(runs),
        **changed,
    }


def measurement(subjects: Sequence[dict[str, Any]], runs: Sequence[dict[str, Any]], **changed: Any) -> Measurement:
    """The same, read."""
    return documents.parse(document(subjects, runs, **changed))
