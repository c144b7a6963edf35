"""LiteRT on the processor, with its default delegate (XNNPACK)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    from importlib.metadata import version

    import ai_edge_litert.interpreter  # noqa: F401  what a program imports

    return {"ai-edge-litert": version("ai-edge-litert")}


def build(task: str, given: dict[str, Any]) -> tuple[None, Callable[[Any], Any]]:
    """(nothing, predict) for a prepared network."""
    from ai_edge_litert.interpreter import Interpreter

    session = Interpreter(model_path=str(Path(given["models"], f"{task}.tflite")), num_threads=given["threads"])
    session.allocate_tensors()
    (into,), (out,) = session.get_input_details(), session.get_output_details()

    def predict(one: Any) -> Any:
        session.set_tensor(into["index"], one)
        session.invoke()
        return session.get_tensor(out["index"])

    return None, predict
