"""What is measured: which frameworks, with which packages, on which tasks, and how long. It runs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from probes.measuring import data
from rules.faults import Fault, InvalidInput, nearest, shown

Task = Literal["mlp", "cnn", "transformer", "table"]
Mode = Literal["train", "predict"]

NETWORKS: tuple[Task, ...] = ("mlp", "cnn", "transformer")
DATA_OF: Mapping[Task, str] = {"mlp": "images", "cnn": "images", "transformer": "tokens", "table": "table"}
TASK_NAMES: Mapping[Task, str] = {
    "mlp": "perceptron 784-256-10",
    "cnn": "convolutional network, 16 and 32 channels",
    "transformer": "transformer, two blocks 64 wide",
    "table": "boosted trees, 28 columns",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A framework in one way of using it. `framework` is the alternative's id, None for what is none.

    `models` names the kind of file it needs made beforehand; `disk_mb` is about what it takes, for the plan alone.
    """

    id: str
    framework: str | None
    name: str
    requirements: tuple[str, ...]
    script: str
    disk_mb: int
    trains: tuple[Task, ...] = ()
    predicts: tuple[Task, ...] = ("mlp",)
    models: Literal["onnx", "tflite"] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)  # environment variables


SUBJECTS: tuple[Subject, ...] = (
    Subject("numpy", None, "NumPy, written by hand", ("numpy",), "on_numpy.py", 80, ("mlp",)),
    Subject("pytorch", "pytorch", "PyTorch", ("torch", "numpy"), "on_torch.py", 900, NETWORKS),
    Subject("tensorflow", "tensorflow", "TensorFlow", ("tensorflow-cpu",), "on_tensorflow.py", 1500, NETWORKS),
    Subject(
        "keras-tensorflow",
        "keras",
        "Keras on TensorFlow",
        ("tensorflow-cpu",),
        "on_keras.py",
        1500,
        NETWORKS,
        settings={"KERAS_BACKEND": "tensorflow"},
    ),
    Subject(
        "keras-jax",
        "keras",
        "Keras on JAX",
        ("keras", "jax"),
        "on_keras.py",
        650,
        NETWORKS,
        settings={"KERAS_BACKEND": "jax"},
    ),
    Subject(
        "keras-torch",
        "keras",
        "Keras on PyTorch",
        ("keras", "torch"),
        "on_keras.py",
        950,
        NETWORKS,
        settings={"KERAS_BACKEND": "torch"},
    ),
    Subject("jax", "jax", "JAX", ("jax",), "on_jax.py", 600, NETWORKS),
    Subject("scikit-learn", "scikit-learn", "scikit-learn", ("scikit-learn",), "on_sklearn.py", 230, ("mlp", "table")),
    Subject("xgboost", "xgboost", "XGBoost", ("xgboost-cpu",), "on_xgboost.py", 200, ("table",), ()),
    Subject("lightgbm", "lightgbm", "LightGBM", ("lightgbm",), "on_lightgbm.py", 200, ("table",), ()),
    Subject("catboost", "catboost", "CatBoost", ("catboost",), "on_catboost.py", 750, ("table",), ()),
    Subject(
        "onnxruntime",
        "onnxruntime",
        "ONNX Runtime",
        ("onnxruntime",),
        "on_onnxruntime.py",
        130,
        predicts=("mlp", "cnn"),
        models="onnx",
    ),
    Subject(
        "litert", "litert", "LiteRT", ("ai-edge-litert",), "on_litert.py", 130, predicts=("mlp", "cnn"), models="tflite"
    ),
    Subject(
        "openvino", "openvino", "OpenVINO", ("openvino",), "on_openvino.py", 240, predicts=("mlp", "cnn"), models="onnx"
    ),
)


@dataclass(frozen=True, slots=True)
class Preparing:
    """What makes the files of a kind: packages and a script with `prepare`."""

    requirements: tuple[str, ...]
    script: str
    disk_mb: int


PREPARING: Mapping[str, Preparing] = {
    "onnx": Preparing(("onnx",), "on_onnx.py", 110),
    "tflite": Preparing(("tensorflow-cpu",), "on_tensorflow.py", 1500),
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how often, the same for all: steps are compared, warmed up, then timed in groups."""

    repeats: int = 5
    compared_steps: int = 20
    group: int = 5  # steps timed together
    least_steps: int = 20
    least_s: float = 2.0
    most_s: float = 60.0
    least_fits: int = 2  # of trees, beside the first
    predict_s: float = 0.5
    rounds: int = 50
    leaves: int = 31
    table_rate: float = 0.1
    rows: int = data.TABLE_ROWS
    deadline_s: float = 180.0


QUICK = Effort(repeats=2, least_steps=5, least_s=0.2, most_s=15.0, least_fits=1, predict_s=0.1, rounds=10, rows=20_000)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured, and how."""

    subjects: tuple[Subject, ...]
    effort: Effort
    threads: int

    def environments(self) -> dict[tuple[str, ...], int]:
        """The environments that are needed, by their packages, with about the megabytes that each takes."""
        needed = {each.requirements: each.disk_mb for each in self.subjects}
        made = {each.models for each in self.subjects if each.models}
        return needed | {PREPARING[kind].requirements: PREPARING[kind].disk_mb for kind in sorted(made)}

    def cells(self) -> list[tuple[Subject, Task, Mode]]:
        """Every pair of subject and task, in the order that each round of repeats goes through."""
        train: list[tuple[Subject, Task, Mode]] = [(s, task, "train") for s in self.subjects for task in s.trains]
        return train + [(s, task, "predict") for s in self.subjects for task in s.predicts]


def plan(
    chosen: Sequence[str], effort: Effort, threads: int, pins: Sequence[str] = (), known: Sequence[Subject] = SUBJECTS
) -> Plan:
    """The plan for frameworks (or single subjects) named by id; all where none is named.

    Args:
        chosen: ids of subjects, or of frameworks, which stand for all of their subjects.
        effort: how long and how often.
        threads: for each process.
        pins: requirements that take the place of those for the same package, such as `torch==2.13.0`.
        known: what there is.

    Raises:
        InvalidInput: an unknown id, or a pin that is no requirement or of a package that nothing chosen needs.
    """
    ids = dict.fromkeys([*(each.id for each in known), *(each.framework for each in known if each.framework)])
    faults = [
        Fault("FRAMEWORK", shown(each), f"one of {', '.join(ids)}", nearest(each, ids))
        for each in chosen
        if each not in ids
    ]
    subjects = [each for each in known if not chosen or each.id in chosen or each.framework in chosen]
    pinned, bad = _pinned(pins, [package for each in subjects for package in each.requirements])
    if faults or bad:
        raise InvalidInput([*faults, *bad])
    return Plan(
        tuple(replace(s, requirements=tuple(pinned.get(r, r) for r in s.requirements)) for s in subjects),
        effort,
        threads,
    )


def _pinned(pins: Sequence[str], packages: Sequence[str]) -> tuple[dict[str, str], list[Fault]]:
    """(requirement by package, what is wrong with the pins)."""
    found: dict[str, str] = {}
    faults = []
    for pin in pins:
        try:
            name = canonicalize_name(Requirement(pin).name)
        except InvalidRequirement:
            faults.append(Fault("--pin", shown(pin), "a requirement such as torch==2.13.0"))
            continue
        if name not in packages:
            near = nearest(name, packages)
            faults.append(Fault("--pin", shown(pin), "about a package that is installed for what is measured", near))
        found[name] = str(Requirement(pin))
    return found, faults
