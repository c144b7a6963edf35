"""Makes the ONNX files that runtimes are measured with, from the given weights; it measures nothing."""

from pathlib import Path
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import onnx

    return {"onnx": onnx.__version__}


def prepare(task: str, given: dict[str, Any]) -> None:
    """Write `TASK.onnx` with one sample an input: [1, 28, 28] in, [1, 10] out."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, kept = {"mlp": _mlp, "cnn": _cnn}[task](given["weights"])
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, outputs, **settings) for kind, inputs, outputs, settings in nodes],
        task,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 28, 28])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
        [numpy_helper.from_array(array, name) for name, array in kept.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, Path(given["models"], f"{task}.onnx"))


Node = tuple[str, list[str], list[str], dict[str, Any]]


def _mlp(w: dict[str, Any]) -> tuple[list[Node], dict[str, Any]]:
    nodes: list[Node] = [
        ("Flatten", ["x"], ["flat"], {}),
        ("Gemm", ["flat", "w1", "b1"], ["before"], {}),
        ("Relu", ["before"], ["hidden"], {}),
        ("Gemm", ["hidden", "w2", "b2"], ["y"], {}),
    ]
    return nodes, {name: w[name] for name in ("w1", "b1", "w2", "b2")}


def _cnn(w: dict[str, Any]) -> tuple[list[Node], dict[str, Any]]:
    import numpy as np

    padded = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    halved = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes: list[Node] = [
        ("Reshape", ["x", "shape"], ["x0"], {}),
        ("Conv", ["x0", "k1", "c1"], ["a1"], padded),
        ("Relu", ["a1"], ["r1"], {}),
        ("MaxPool", ["r1"], ["x1"], halved),
        ("Conv", ["x1", "k2", "c2"], ["a2"], padded),
        ("Relu", ["a2"], ["r2"], {}),
        ("MaxPool", ["r2"], ["x2"], halved),
        ("Flatten", ["x2"], ["flat"], {}),
        ("Gemm", ["flat", "w", "b"], ["y"], {}),
    ]
    channels = w["k2"].shape[3]
    side = round((len(w["w"]) / channels) ** 0.5)
    by_channel = w["w"].reshape(side, side, channels, -1).transpose(2, 0, 1, 3).reshape(w["w"].shape)
    kernels = {name: np.ascontiguousarray(w[name].transpose(3, 2, 0, 1)) for name in ("k1", "k2")}
    shape = np.array([1, 1, 28, 28], dtype=np.int64)
    return nodes, {**kernels, "c1": w["c1"], "c2": w["c2"], "w": by_channel, "b": w["b"], "shape": shape}
