"""OpenVINO on the processor, compiled for short answers, in 32 bits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import openvino

    return {"openvino": openvino.__version__.partition("-")[0]}


def build(task: str, given: dict[str, Any]) -> tuple[None, Callable[[Any], Any]]:
    """(nothing, predict) for a prepared network."""
    import openvino

    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": given["threads"],
        "INFERENCE_PRECISION_HINT": "f32",
    }
    model = openvino.Core().compile_model(Path(given["models"], f"{task}.onnx"), "CPU", settings)
    return None, lambda one: model(one)[0]
