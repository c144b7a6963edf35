"""What the three networks must compute: forward, backward and plain gradient descent in NumPy's 64-bit floats.

It is the standard that every framework's losses and outputs are held to, so it is written to be read, not to be fast.
It is itself held to finite differences by its tests. Weights are those of `data`; x and y are one batch.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from probes.measuring.data import BATCH, BLOCKS, HEADS, Floats
from probes.measuring.plan import Task

RATES: Mapping[Task, float] = {"mlp": 0.1, "cnn": 0.05, "transformer": 0.02}  # of plain gradient descent
NORM_FLOOR = 1e-5  # added to the variance in layer normalisation

Weights = dict[str, Floats]
Backward = Callable[[Floats], Weights]
Model = Callable[[Weights, NDArray[np.generic]], tuple[Floats, Backward]]


def losses(
    model: Model,
    weights: Mapping[str, NDArray[np.generic]],
    x: NDArray[np.generic],
    y: NDArray[np.generic],
    steps: int,
    rate: float,
) -> list[float]:
    """The mean cross-entropy of each of `steps` batches, taken before that batch's step of gradient descent."""
    now = _doubled(weights)
    found = []
    batches = len(x) // BATCH
    for step in range(steps):
        chosen = slice(step % batches * BATCH, (step % batches + 1) * BATCH)
        loss, gradients = gradient(model, now, x[chosen], y[chosen])
        found.append(loss)
        now = {name: value - rate * gradients[name] for name, value in now.items()}
    return found


def gradient(model: Model, weights: Weights, x: NDArray[np.generic], y: NDArray[np.generic]) -> tuple[float, Weights]:
    """(mean cross-entropy of softmax of the logits, its gradient for each weight)."""
    logits, back = model(weights, x)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    share = raised / raised.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = float(-np.log(share[rows, y]).mean())
    share[rows, y] -= 1
    return loss, back(share / len(y))


def outputs(model: Model, weights: Mapping[str, NDArray[np.generic]], x: NDArray[np.generic]) -> Floats:
    """The logits [samples, 10] with the first weights."""
    return model(_doubled(weights), x)[0]


def _doubled(weights: Mapping[str, NDArray[np.generic]]) -> Weights:
    return {name: value.astype(np.float64) for name, value in weights.items()}


def mlp(w: Weights, x: NDArray[np.generic]) -> tuple[Floats, Backward]:
    """784 inputs, 256 rectified units, 10 logits."""
    flat = x.reshape(len(x), -1).astype(np.float64)
    before = flat @ w["w1"] + w["b1"]
    hidden = np.maximum(before, 0)

    def back(d: Floats) -> Weights:
        inner = (d @ w["w2"].T) * (before > 0)
        return {"w1": flat.T @ inner, "b1": inner.sum(axis=0), "w2": hidden.T @ d, "b2": d.sum(axis=0)}

    return hidden @ w["w2"] + w["b2"], back


def cnn(w: Weights, x: NDArray[np.generic]) -> tuple[Floats, Backward]:
    """Two times (3x3 convolution with padding, rectified, largest of 2x2), then 10 logits."""
    pixels = x[..., None].astype(np.float64)
    first, back_first = _convolved(pixels, w["k1"], w["c1"])
    second, back_second = _convolved(first, w["k2"], w["c2"])
    flat = second.reshape(len(x), -1)

    def back(d: Floats) -> Weights:
        into_second, k2, c2 = back_second((d @ w["w"].T).reshape(second.shape))
        _, k1, c1 = back_first(into_second)
        return {"k1": k1, "c1": c1, "k2": k2, "c2": c2, "w": flat.T @ d, "b": d.sum(axis=0)}

    return flat @ w["w"] + w["b"], back


def _convolved(
    x: Floats, kernel: Floats, bias: Floats
) -> tuple[Floats, Callable[[Floats], tuple[Floats, Floats, Floats]]]:
    """Convolution, rectifier and pooling of [n, h, w, c]; back gives the gradients for x, kernel and bias."""
    n, height, width, _ = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = [(i, j, padded[:, i : i + height, j : j + width]) for i in range(3) for j in range(3)]
    before = bias + sum(part @ kernel[i, j] for i, j, part in windows)
    fours = np.maximum(before, 0).reshape(n, height // 2, 2, width // 2, 2, -1).swapaxes(2, 3)
    fours = fours.reshape(n, height // 2, width // 2, 4, -1)
    largest = fours.argmax(axis=3)[:, :, :, None]

    def back(d: Floats) -> tuple[Floats, Floats, Floats]:
        spread = np.zeros_like(fours)
        np.put_along_axis(spread, largest, d[:, :, :, None], axis=3)
        spread = spread.reshape(n, height // 2, width // 2, 2, 2, -1).swapaxes(2, 3).reshape(before.shape)
        spread = spread * (before > 0)
        into, into_kernel = np.zeros_like(padded), np.zeros_like(kernel)
        for i, j, part in windows:
            into_kernel[i, j] = np.tensordot(part, spread, axes=([0, 1, 2], [0, 1, 2]))
            into[:, i : i + height, j : j + width] += spread @ kernel[i, j].T
        return into[:, 1:-1, 1:-1], into_kernel, spread.sum(axis=(0, 1, 2))

    return np.take_along_axis(fours, largest, axis=3)[:, :, :, 0], back


def transformer(w: Weights, x: NDArray[np.generic]) -> tuple[Floats, Backward]:
    """Embedding and positions, two pre-norm blocks (Xiong et al. 2020, arXiv:2002.04745), mean, 10 logits."""
    stream = w["embedding"][x] + w["positions"]
    backs = []
    for number in range(BLOCKS):
        own = {name.removeprefix(f"{number}."): each for name, each in w.items() if name.startswith(f"{number}.")}
        stream, attention_back = _attended(stream, own)
        stream, inner_back = _passed_on(stream, own)
        backs.append((number, attention_back, inner_back))
    normal, norm_back = _normalised(stream, w["gain"], w["shift"])
    middle = normal.mean(axis=1)

    def back(d: Floats) -> Weights:
        found: Weights = {"w": middle.T @ d, "b": d.sum(axis=0)}
        each = np.repeat((d @ w["w"].T)[:, None] / x.shape[1], x.shape[1], axis=1)
        at, found["gain"], found["shift"] = norm_back(each)
        for number, attention_back, inner_back in reversed(backs):
            for step in (inner_back, attention_back):
                at, parts = step(at)
                found |= {f"{number}.{name}": value for name, value in parts.items()}
        found["positions"] = at.sum(axis=0)
        found["embedding"] = np.zeros_like(w["embedding"])
        np.add.at(found["embedding"], x.astype(np.intp), at)
        return found

    return middle @ w["w"] + w["b"], back


Step = tuple[Floats, Callable[[Floats], tuple[Floats, Weights]]]


def _attended(stream: Floats, w: Weights) -> Step:
    """The stream plus softmax(q k^T / sqrt(width of a head)) v of its normalised self, four heads."""
    n, length, width = stream.shape
    normal, norm_back = _normalised(stream, w["gain1"], w["shift1"])
    split = (normal @ w["wqkv"] + w["bqkv"]).reshape(n, length, 3, HEADS, width // HEADS).transpose(2, 0, 3, 1, 4)
    q, k, v = split
    scale = 1 / np.sqrt(width // HEADS)
    scores = q @ k.swapaxes(2, 3) * scale
    raised = np.exp(scores - scores.max(axis=3, keepdims=True))
    share = raised / raised.sum(axis=3, keepdims=True)
    joined = (share @ v).transpose(0, 2, 1, 3).reshape(n, length, width)

    def back(d: Floats) -> tuple[Floats, Weights]:
        heads = (d @ w["wo"].T).reshape(n, length, HEADS, -1).transpose(0, 2, 1, 3)
        of_share = heads @ v.swapaxes(2, 3)
        of_scores = share * (of_share - (of_share * share).sum(axis=3, keepdims=True)) * scale
        three = np.stack([of_scores @ k, of_scores.swapaxes(2, 3) @ q, share.swapaxes(2, 3) @ heads])
        of_split = three.transpose(1, 3, 0, 2, 4).reshape(n, length, 3 * width)
        into, gain, shift = norm_back(of_split @ w["wqkv"].T)
        found = {"gain1": gain, "shift1": shift, **_linear(normal, of_split, "qkv"), **_linear(joined, d, "o")}
        return d + into, found

    return stream + joined @ w["wo"] + w["bo"], back


def _passed_on(stream: Floats, w: Weights) -> Step:
    """The stream plus two layers with a rectifier between them, of its normalised self."""
    normal, norm_back = _normalised(stream, w["gain2"], w["shift2"])
    before = normal @ w["w1"] + w["b1"]
    hidden = np.maximum(before, 0)

    def back(d: Floats) -> tuple[Floats, Weights]:
        inner = (d @ w["w2"].T) * (before > 0)
        into, gain, shift = norm_back(inner @ w["w1"].T)
        return d + into, {"gain2": gain, "shift2": shift, **_linear(normal, inner, "1"), **_linear(hidden, d, "2")}

    return stream + hidden @ w["w2"] + w["b2"], back


def _linear(x: Floats, d: Floats, name: str) -> Weights:
    """The gradients of a layer's matrix and bias over samples and positions."""
    return {f"w{name}": np.tensordot(x, d, axes=([0, 1], [0, 1])), f"b{name}": d.sum(axis=(0, 1))}


def _normalised(
    x: Floats, gain: Floats, shift: Floats
) -> tuple[Floats, Callable[[Floats], tuple[Floats, Floats, Floats]]]:
    """Layer normalisation (Ba et al. 2016, arXiv:1607.06450); back gives the gradients for x, gain and shift."""
    wide = np.sqrt(x.var(axis=-1, keepdims=True) + NORM_FLOOR)
    unit = (x - x.mean(axis=-1, keepdims=True)) / wide

    def back(d: Floats) -> tuple[Floats, Floats, Floats]:
        own = d * gain
        into = own - own.mean(axis=-1, keepdims=True) - unit * (own * unit).mean(axis=-1, keepdims=True)
        return into / wide, (d * unit).sum(axis=(0, 1)), d.sum(axis=(0, 1))

    return unit * gain + shift, back


MODELS: Mapping[Task, tuple[Model, str]] = {  # task -> the model, and the data it learns from
    "mlp": (mlp, "images"),
    "cnn": (cnn, "images"),
    "transformer": (transformer, "tokens"),
}
