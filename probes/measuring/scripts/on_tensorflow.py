"""TensorFlow with a loop of its own: variables, a gradient tape and an update inside one `tf.function`.

It also makes the .tflite files that LiteRT is measured with.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import tensorflow as tf

    return {"tensorflow": tf.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for a network."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(given["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(given["threads"])
    model = {"mlp": _mlp, "cnn": _cnn, "transformer": _transformer}[task]
    w = {name: tf.Variable(array) for name, array in given["weights"].items()}
    x, y, batch = given["x"], given["y"], given["batch"]

    @tf.function
    def step(part: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(w, part))
            loss = tf.reduce_mean(each)
        for value, slope in zip(w.values(), tape.gradient(loss, list(w.values())), strict=True):
            value.assign_sub(given["rate"] * tf.convert_to_tensor(slope))
        return loss

    answer = tf.function(lambda one: model(w, one))

    def train(watch: Any) -> None:
        batches = [(tf.constant(x[at : at + batch]), tf.constant(y[at : at + batch])) for at in range(0, len(x), batch)]
        while True:
            for part, labels in batches:
                loss = step(part, labels)
                if not watch(loss.numpy):
                    return

    return train, lambda one: answer(tf.constant(one)).numpy()


def prepare(task: str, given: dict[str, Any]) -> None:
    """Write `TASK.tflite` with the first weights and one sample an input."""
    import tensorflow as tf

    model = {"mlp": _mlp, "cnn": _cnn}[task]
    holder = tf.Module()
    holder.w = {name: tf.Variable(array) for name, array in given["weights"].items()}
    shape = (1, *given["x"].shape[1:])
    traced = tf.function(lambda one: model(holder.w, one)).get_concrete_function(tf.TensorSpec(shape, tf.float32))
    content = tf.lite.TFLiteConverter.from_concrete_functions([traced], holder).convert()
    Path(given["models"], f"{task}.tflite").write_bytes(content)


def _mlp(w: dict[str, Any], x: Any) -> Any:
    import tensorflow as tf

    flat = tf.reshape(x, (x.shape[0], -1))
    return tf.nn.relu(flat @ w["w1"] + w["b1"]) @ w["w2"] + w["b2"]


def _cnn(w: dict[str, Any], x: Any) -> Any:
    import tensorflow as tf

    x = x[..., None]
    for number in (1, 2):
        x = tf.nn.relu(tf.nn.conv2d(x, w[f"k{number}"], 1, "SAME") + w[f"c{number}"])
        x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return tf.reshape(x, (x.shape[0], -1)) @ w["w"] + w["b"]


def _transformer(w: dict[str, Any], x: Any) -> Any:
    import tensorflow as tf

    stream = tf.gather(w["embedding"], x) + w["positions"]
    for block in ("0", "1"):
        own = {name[2:]: each for name, each in w.items() if name.startswith(f"{block}.")}
        normal = _normalised(stream, own["gain1"], own["shift1"])
        three = tf.reshape(_times(normal, own["wqkv"]) + own["bqkv"], (*x.shape, 3, 4, -1))
        q, k, v = tf.unstack(tf.transpose(three, (2, 0, 3, 1, 4)))
        share = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / q.shape[-1] ** 0.5)
        joined = tf.reshape(tf.transpose(share @ v, (0, 2, 1, 3)), stream.shape)
        stream += _times(joined, own["wo"]) + own["bo"]
        normal = _normalised(stream, own["gain2"], own["shift2"])
        stream += _times(tf.nn.relu(_times(normal, own["w1"]) + own["b1"]), own["w2"]) + own["b2"]
    return tf.reduce_mean(_normalised(stream, w["gain"], w["shift"]), axis=1) @ w["w"] + w["b"]


def _times(x: Any, matrix: Any) -> Any:
    """A matrix over the last axis, by one product of two matrices."""
    import tensorflow as tf

    return tf.reshape(tf.reshape(x, (-1, x.shape[-1])) @ matrix, (*x.shape[:-1], matrix.shape[-1]))


def _normalised(x: Any, gain: Any, shift: Any) -> Any:
    import tensorflow as tf

    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-5) * gain + shift
