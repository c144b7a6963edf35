"""The perceptron in plain NumPy, 32 bits: what frameworks are paid for, and a measurement that installs nothing."""

from collections.abc import Callable
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import numpy as np

    return {"numpy": np.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for `mlp`."""
    import numpy as np

    if task != "mlp":
        raise ValueError(task)
    w1, b1, w2, b2 = (given["weights"][name].copy() for name in ("w1", "b1", "w2", "b2"))
    batch, rate = given["batch"], np.float32(given["rate"])
    x, y = given["x"].reshape(len(given["x"]), -1), given["y"]
    rows = np.arange(batch)

    def step(part: Any, labels: Any) -> Any:
        hidden = np.maximum(part @ w1 + b1, 0)
        logits = hidden @ w2 + b2
        share = np.exp(logits - logits.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        loss = -np.log(share[rows, labels]).mean()
        share[rows, labels] -= 1
        share /= batch
        inner = (share @ w2.T) * (hidden > 0)
        w2[...] -= rate * (hidden.T @ share)
        b2[...] -= rate * share.sum(axis=0)
        w1[...] -= rate * (part.T @ inner)
        b1[...] -= rate * inner.sum(axis=0)
        return loss

    def train(watch: Any) -> None:
        while True:
            for at in range(0, len(x), batch):
                loss = step(x[at : at + batch], y[at : at + batch])
                if not watch(lambda loss=loss: loss):
                    return

    def predict(one: Any) -> Any:
        return np.maximum(one.reshape(len(one), -1) @ w1 + b1, 0) @ w2 + b2

    return train, predict
