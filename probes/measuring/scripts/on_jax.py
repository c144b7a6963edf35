"""JAX in its usual mode: a jitted step over a dictionary of arrays, with plain gradient descent."""

from collections.abc import Callable
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import jax
    import jax.numpy  # as every program does

    return {"jax": jax.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for a network."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    model = {"mlp": _mlp, "cnn": _cnn, "transformer": _transformer}[task]
    rate, batch = given["rate"], given["batch"]
    state = {"w": {name: jnp.asarray(array) for name, array in given["weights"].items()}}
    x, y = given["x"], given["y"]

    def loss_of(w: Any, part: Any, labels: Any) -> Any:
        logs = jax.nn.log_softmax(model(w, part))
        return -jnp.take_along_axis(logs, labels[:, None], axis=1).mean()

    @jax.jit
    def step(w: Any, part: Any, labels: Any) -> Any:
        loss, slopes = jax.value_and_grad(loss_of)(w, part, labels)
        return jax.tree.map(lambda value, slope: value - rate * slope, w, slopes), loss

    answer = jax.jit(model)

    def train(watch: Any) -> None:
        batches = [(jnp.asarray(x[at : at + batch]), jnp.asarray(y[at : at + batch])) for at in range(0, len(x), batch)]
        while True:
            for part, labels in batches:
                state["w"], loss = step(state["w"], part, labels)
                if not watch(lambda loss=loss: float(loss)):
                    return

    return train, lambda one: np.asarray(answer(state["w"], one))


def _mlp(w: dict[str, Any], x: Any) -> Any:
    import jax

    return jax.nn.relu(x.reshape(len(x), -1) @ w["w1"] + w["b1"]) @ w["w2"] + w["b2"]


def _cnn(w: dict[str, Any], x: Any) -> Any:
    import jax
    from jax import lax

    x = x[..., None]
    for number in (1, 2):
        x = lax.conv_general_dilated(x, w[f"k{number}"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + w[f"c{number}"])
        x = lax.reduce_window(x, -float("inf"), lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return x.reshape(len(x), -1) @ w["w"] + w["b"]


def _transformer(w: dict[str, Any], x: Any) -> Any:
    import jax

    stream = w["embedding"][x] + w["positions"]
    for block in ("0", "1"):
        own = {name[2:]: each for name, each in w.items() if name.startswith(f"{block}.")}
        normal = _normalised(stream, own["gain1"], own["shift1"])
        three = (normal @ own["wqkv"] + own["bqkv"]).reshape(*x.shape, 3, 4, -1)
        joined = jax.nn.dot_product_attention(three[:, :, 0], three[:, :, 1], three[:, :, 2])
        stream = stream + joined.reshape(stream.shape) @ own["wo"] + own["bo"]
        normal = _normalised(stream, own["gain2"], own["shift2"])
        stream = stream + jax.nn.relu(normal @ own["w1"] + own["b1"]) @ own["w2"] + own["b2"]
    return _normalised(stream, w["gain"], w["shift"]).mean(axis=1) @ w["w"] + w["b"]


def _normalised(x: Any, gain: Any, shift: Any) -> Any:
    import jax

    return jax.nn.standardize(x, axis=-1, epsilon=1e-5) * gain + shift
