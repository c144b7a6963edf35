"""Keras in its usual mode: stock layers, `compile` and `fit`, on the back end that KERAS_BACKEND names.

One sample is answered by calling the model; `predict` is meant for many at once.
"""

import os
from collections.abc import Callable
from typing import Any


def bring() -> dict[str, str]:
    """Import it, and with it the back end; their versions."""
    from importlib import import_module

    import keras

    backend = os.environ["KERAS_BACKEND"]
    if keras.backend.backend() != backend:
        raise RuntimeError(f"Keras runs on {keras.backend.backend()}")
    return {"keras": keras.__version__, backend: import_module(backend).__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for a network."""
    import keras

    _limit_threads(given["threads"])
    model = {"mlp": _mlp, "cnn": _cnn, "transformer": _transformer}[task](keras, given["weights"])

    class Told(keras.callbacks.Callback):
        """Hands each step to the watch. Keras reports the mean of an epoch's losses so far; the step's is the rest."""

        def __init__(self, watch: Any) -> None:
            super().__init__()
            self.watch, self.mean_before = watch, 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            def read() -> float:
                mean = float(logs["loss"])
                before = self.mean_before if batch else 0.0
                self.mean_before = mean
                return mean * (batch + 1) - before * batch

            if not self.watch(read):
                self.model.stop_training = True

    def train(watch: Any) -> None:
        model.compile(
            optimizer=keras.optimizers.SGD(given["rate"]),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        model.fit(
            given["x"],
            given["y"],
            batch_size=given["batch"],
            epochs=10**6,
            shuffle=False,
            verbose=0,
            callbacks=[Told(watch)],
        )

    return train, lambda one: keras.ops.convert_to_numpy(model(one, training=False))


def _limit_threads(threads: int) -> None:
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    elif os.environ["KERAS_BACKEND"] == "torch":
        import torch

        torch.set_num_threads(threads)


def _mlp(keras: Any, w: dict[str, Any]) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(w["w1"].shape[1], activation="relu"),
            layers.Dense(w["w2"].shape[1]),
        ]
    )
    model.set_weights([w[name] for name in ("w1", "b1", "w2", "b2")])
    return model


def _cnn(keras: Any, w: dict[str, Any]) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(w["k1"].shape[3], 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(w["k2"].shape[3], 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(w["w"].shape[1]),
        ]
    )
    model.set_weights([w[name] for name in ("k1", "c1", "k2", "c2", "w", "b")])
    return model


def _transformer(keras: Any, w: dict[str, Any]) -> Any:
    layers = keras.layers
    vocabulary, width = w["embedding"].shape
    ids = keras.Input(w["positions"].shape[:1], dtype="int32")
    stream = layers.Embedding(vocabulary, width, name="embedding")(ids)
    stream = _Positions(keras, w["positions"].shape)(stream)
    for block in ("0", "1"):
        normal = layers.LayerNormalization(epsilon=1e-5, name=f"norm{block}1")(stream)
        attention = layers.MultiHeadAttention(4, width // 4, name=f"attention{block}")
        stream = layers.Add()([stream, attention(normal, normal)])
        normal = layers.LayerNormalization(epsilon=1e-5, name=f"norm{block}2")(stream)
        inner = layers.Dense(w["0.w1"].shape[1], activation="relu", name=f"dense{block}1")(normal)
        stream = layers.Add()([stream, layers.Dense(width, name=f"dense{block}2")(inner)])
    normal = layers.LayerNormalization(epsilon=1e-5, name="norm")(stream)
    logits = layers.Dense(w["w"].shape[1], name="head")(layers.GlobalAveragePooling1D()(normal))
    model = keras.Model(ids, logits)
    _fill(model, w)
    return model


def _Positions(keras: Any, shape: tuple[int, int]) -> Any:  # noqa: N802  it stands for a layer's class
    """A layer that adds a learnt vector to each position."""

    class Positions(keras.layers.Layer):
        def build(self, _: Any) -> None:
            self.positions = self.add_weight(shape=shape, name="positions")

        def call(self, stream: Any) -> Any:
            return stream + self.positions

    return Positions(name="positions")


def _fill(model: Any, w: dict[str, Any]) -> None:
    def put(layer: str, *arrays: Any) -> None:
        model.get_layer(layer).set_weights(arrays)

    put("embedding", w["embedding"])
    put("positions", w["positions"])
    put("norm", w["gain"], w["shift"])
    put("head", w["w"], w["b"])
    for block in ("0", "1"):
        width = len(w[f"{block}.wo"])
        three = []
        for number in range(3):
            own = slice(number * width, (number + 1) * width)
            three += [w[f"{block}.wqkv"][:, own].reshape(width, 4, -1), w[f"{block}.bqkv"][own].reshape(4, -1)]
        put(f"attention{block}", *three, w[f"{block}.wo"].reshape(4, -1, width), w[f"{block}.bo"])
        for part in ("1", "2"):
            put(f"norm{block}{part}", w[f"{block}.gain{part}"], w[f"{block}.shift{part}"])
            put(f"dense{block}{part}", w[f"{block}.w{part}"], w[f"{block}.b{part}"])
