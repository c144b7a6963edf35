"""The reference: its gradients against finite differences, its forward passes against slow second formulas."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from probes.measuring import data, reference
from probes.measuring.plan import Task

ARRAYS = data.arrays(rows=10, batches=2)
TASKS: tuple[Task, ...] = ("mlp", "cnn", "transformer")


def given(
    task: Task, samples: int
) -> tuple[reference.Model, reference.Weights, NDArray[np.generic], NDArray[np.generic]]:
    model, source = reference.MODELS[task]
    weights = {name: value.astype(np.float64) for name, value in data.part(ARRAYS, task).items()}
    return model, weights, ARRAYS[f"{source}.x"][:samples], ARRAYS[f"{source}.y"][:samples]


@pytest.mark.parametrize("task", TASKS)
def test_gradients_are_those_of_finite_differences(task: Task) -> None:
    model, weights, x, y = given(task, 2)
    draw = np.random.default_rng(0)
    weights = {name: value + 0.01 * draw.normal(size=value.shape) for name, value in weights.items()}  # no zeros
    _, gradients = reference.gradient(model, weights, x, y)
    assert set(gradients) == set(weights)
    for name, value in weights.items():
        way = draw.normal(size=value.shape)
        step = 1e-7
        ahead, _ = reference.gradient(model, {**weights, name: value + step * way}, x, y)
        behind, _ = reference.gradient(model, {**weights, name: value - step * way}, x, y)
        assert (gradients[name] * way).sum() == pytest.approx((ahead - behind) / (2 * step), rel=1e-4, abs=1e-6), name


def test_the_convolutional_network_by_loops() -> None:
    model, w, x, _ = given("cnn", 1)
    image = [[[float(x[0, i, j])] for j in range(28)] for i in range(28)]
    for kernel, bias in (("k1", "c1"), ("k2", "c2")):
        image = _pooled(_convolved(image, w[kernel], w[bias]))
    flat = [value for row in image for cell in row for value in cell]
    logits = [sum(flat[i] * w["w"][i, c] for i in range(len(flat))) + w["b"][c] for c in range(10)]
    assert model(w, x)[0][0] == pytest.approx(logits, rel=1e-9)


def _convolved(
    image: list[list[list[float]]], kernel: NDArray[np.float64], bias: NDArray[np.float64]
) -> list[list[list[float]]]:
    size = len(image)
    inside = range(size)
    return [
        [
            [
                max(0.0, float(bias[out]) + sum(
                    float(np.dot(image[i + di][j + dj], kernel[di + 1, dj + 1, :, out]))
                    for di in (-1, 0, 1) for dj in (-1, 0, 1) if i + di in inside and j + dj in inside
                ))
                for out in range(kernel.shape[3])
            ]
            for j in inside
        ]
        for i in inside
    ]  # fmt: skip


def _pooled(image: list[list[list[float]]]) -> list[list[list[float]]]:
    half = range(len(image) // 2)
    return [
        [
            [max(image[2 * i + a][2 * j + b][c] for a in (0, 1) for b in (0, 1)) for c in range(len(image[0][0]))]
            for j in half
        ]
        for i in half
    ]


def test_the_transformer_position_by_position() -> None:
    model, w, x, _ = given("transformer", 1)
    w = {name: value + 0.05 * np.random.default_rng(7).normal(size=value.shape) for name, value in w.items()}
    stream = [w["embedding"][token] + w["positions"][place] for place, token in enumerate(x[0])]
    for block in ("0.", "1."):
        own = {name.removeprefix(block): value for name, value in w.items() if name.startswith(block)}
        stream = _block(stream, own)
    last = [_norm(each, w["gain"], w["shift"]) for each in stream]
    logits = sum(last) / len(last) @ w["w"] + w["b"]
    assert model(w, x)[0][0] == pytest.approx(logits, rel=1e-9)


def _norm(x: NDArray[np.float64], gain: NDArray[np.float64], shift: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = sum(x) / len(x)
    variance = sum((value - mean) ** 2 for value in x) / len(x)
    return (x - mean) / math.sqrt(variance + 1e-5) * gain + shift


def _block(stream: list[NDArray[np.float64]], w: Mapping[str, NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    three = [_norm(each, w["gain1"], w["shift1"]) @ w["wqkv"] + w["bqkv"] for each in stream]
    attended = []
    for place, each in enumerate(stream):
        heads = []
        for head in range(4):
            q = three[place][16 * head : 16 * head + 16]
            raised = [math.exp(q @ other[64 + 16 * head : 64 + 16 * head + 16] / 4) for other in three]
            values = [other[128 + 16 * head : 128 + 16 * head + 16] for other in three]
            heads.append(sum(r * v for r, v in zip(raised, values, strict=True)) / sum(raised))
        attended.append(each + np.concatenate(heads) @ w["wo"] + w["bo"])
    return [
        each + np.maximum(_norm(each, w["gain2"], w["shift2"]) @ w["w1"] + w["b1"], 0) @ w["w2"] + w["b2"]
        for each in attended
    ]


def test_the_perceptron_and_its_loss_by_loops() -> None:
    model, w, x, y = given("mlp", 3)
    total = 0.0
    for image, label in zip(x, y, strict=True):
        pixels = [float(value) for row in image for value in row]
        hidden = [max(0.0, float(np.dot(pixels, w["w1"][:, unit]) + w["b1"][unit])) for unit in range(256)]
        logits = [float(np.dot(hidden, w["w2"][:, c]) + w["b2"][c]) for c in range(10)]
        total += math.log(sum(math.exp(each) for each in logits)) - logits[int(label)]
    assert reference.gradient(model, w, x, y)[0] == pytest.approx(total / 3, rel=1e-9)


def test_losses_are_taken_before_each_step_and_batches_come_round() -> None:
    weights = data.part(ARRAYS, "mlp")
    x, y = ARRAYS["images.x"], ARRAYS["images.y"]
    found = reference.losses(reference.mlp, weights, x, y, 3, 0.1)
    now = {name: value.astype(np.float64) for name, value in weights.items()}
    for step, chosen in enumerate((slice(0, 128), slice(128, 256), slice(0, 128))):
        loss, gradients = reference.gradient(reference.mlp, now, x[chosen], y[chosen])
        assert found[step] == pytest.approx(loss, rel=1e-12)
        now = {name: now[name] - 0.1 * gradients[name] for name in now}
    assert found[2] < found[0]
