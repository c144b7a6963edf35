"""ONNX Runtime on the processor, with its default optimisations."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import onnxruntime

    return {"onnxruntime": onnxruntime.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[None, Callable[[Any], Any]]:
    """(nothing, predict) for a prepared network."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = given["threads"]
    path = str(Path(given["models"], f"{task}.onnx"))
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return None, lambda one: session.run(None, {"x": one})[0]
