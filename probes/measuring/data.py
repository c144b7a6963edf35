"""The data and first weights that every framework is given, from one seed: three networks and one table.

All arrays are made by NumPy's PCG64, so they are the same on every machine. Nothing is downloaded and nothing is real:
the numbers only have to be the same for all, learnable, and of ordinary size.
"""

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

SEED = 20261121
BATCH = 128  # samples a step
BATCHES = 40  # batches that a run goes through again and again
CLASSES = 10
SIDE = 28  # pixels
HIDDEN = 256
CHANNELS = (16, 32)
VOCABULARY, LENGTH, WIDTH, HEADS, INNER, BLOCKS = 256, 32, 64, 4, 256, 2
TABLE_ROWS, TEST_ROWS, COLUMNS = 100_000, 20_000, 28

Arrays = dict[str, NDArray[np.generic]]
Floats = NDArray[np.float64]


def arrays(*, rows: int = TABLE_ROWS, batches: int = BATCHES, seed: int = SEED) -> Arrays:
    """Everything by name: `images.x`, `tokens.x`, `table.x`, labels `*.y`, weights as `mlp.w1`.

    Images are [batches*128, 28, 28] float32, tokens [batches*128, 32] int32, the table [rows, 28] float32 with labels
    0 or 1 and another fifth of it as `table.test.*`. Weights are float32, a layer's as [in, out], a kernel as
    [height, width, in, out].
    """
    return {
        **_images(np.random.default_rng([seed, 1]), batches * BATCH),
        **_tokens(np.random.default_rng([seed, 2]), batches * BATCH),
        **_table(np.random.default_rng([seed, 3]), rows),
        **_mlp(np.random.default_rng([seed, 4])),
        **_cnn(np.random.default_rng([seed, 5])),
        **_transformer(np.random.default_rng([seed, 6])),
    }


def fingerprint(given: Mapping[str, NDArray[np.generic]]) -> str:
    """SHA-256 over names, types, shapes and bytes, in the order of names."""
    digest = hashlib.sha256()
    for name in sorted(given):
        array = np.ascontiguousarray(given[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def part(given: Mapping[str, NDArray[np.generic]], prefix: str) -> Arrays:
    """The arrays whose name begins with `prefix.`, without it."""
    return {name.removeprefix(f"{prefix}."): array for name, array in given.items() if name.startswith(f"{prefix}.")}


def _images(draw: np.random.Generator, count: int) -> Arrays:
    """Ten blurred patterns with noise, of about unit length a sample, so that a learning rate of 0.1 is a calm one."""
    coarse = draw.normal(size=(CLASSES, 7, 7))
    patterns = np.kron(coarse, np.ones((4, 4)))
    labels = draw.integers(0, CLASSES, count)
    pixels = 0.12 * patterns[labels] + 0.2 * draw.normal(size=(count, SIDE, SIDE))
    return {"images.x": pixels.astype(np.float32), "images.y": labels.astype(np.int32)}


def _tokens(draw: np.random.Generator, count: int) -> Arrays:
    """Sequences whose tokens come from their class's own part of the vocabulary one time in four."""
    labels = draw.integers(0, CLASSES, count)
    ids = draw.integers(0, VOCABULARY, (count, LENGTH))
    own = labels[:, None] * (VOCABULARY // CLASSES) + draw.integers(0, VOCABULARY // CLASSES, (count, LENGTH))
    mixed = np.where(draw.random((count, LENGTH)) < 0.25, own, ids)
    return {"tokens.x": mixed.astype(np.int32), "tokens.y": labels.astype(np.int32)}


def _table(draw: np.random.Generator, rows: int) -> Arrays:
    """Numbers without gaps; the label leans on products, thresholds and a sum of columns, with noise."""
    count = rows + rows // 5
    x = draw.normal(size=(count, COLUMNS))
    lean = x[:, 0] * x[:, 1] + np.where(x[:, 2] > 0.5, 1.5, -0.5) + np.abs(x[:, 3]) + 0.5 * x[:, 4:10].sum(axis=1) - 0.8
    y = (lean + draw.logistic(size=count) > 0).astype(np.int32)
    x32 = x.astype(np.float32)
    return {"table.x": x32[:rows], "table.y": y[:rows], "table.test.x": x32[rows:], "table.test.y": y[rows:]}


def _mlp(draw: np.random.Generator) -> Arrays:
    return {
        **_layer(draw, "mlp", 1, SIDE * SIDE, HIDDEN),
        **_layer(draw, "mlp", 2, HIDDEN, CLASSES),
    }


def _cnn(draw: np.random.Generator) -> Arrays:
    first, second = CHANNELS
    flat = (SIDE // 4) ** 2 * second
    return {
        "cnn.k1": _drawn(draw, (3, 3, 1, first), 9),
        "cnn.c1": np.zeros(first, np.float32),
        "cnn.k2": _drawn(draw, (3, 3, first, second), 9 * first),
        "cnn.c2": np.zeros(second, np.float32),
        "cnn.w": _drawn(draw, (flat, CLASSES), flat),
        "cnn.b": np.zeros(CLASSES, np.float32),
    }


def _transformer(draw: np.random.Generator) -> Arrays:
    made: Arrays = {
        "transformer.embedding": (0.5 * draw.normal(size=(VOCABULARY, WIDTH))).astype(np.float32),
        "transformer.positions": (0.1 * draw.normal(size=(LENGTH, WIDTH))).astype(np.float32),
        "transformer.gain": np.ones(WIDTH, np.float32),
        "transformer.shift": np.zeros(WIDTH, np.float32),
        "transformer.w": _drawn(draw, (WIDTH, CLASSES), WIDTH),
        "transformer.b": np.zeros(CLASSES, np.float32),
    }
    for block in range(BLOCKS):
        of = f"transformer.{block}"
        for norm in ("1", "2"):
            made[f"{of}.gain{norm}"] = np.ones(WIDTH, np.float32)
            made[f"{of}.shift{norm}"] = np.zeros(WIDTH, np.float32)
        for name, (rows, columns) in _MATRICES.items():
            made[f"{of}.w{name}"] = _drawn(draw, (rows, columns), 2 * rows)
            made[f"{of}.b{name}"] = np.zeros(columns, np.float32)
    return made


_MATRICES = {"qkv": (WIDTH, 3 * WIDTH), "o": (WIDTH, WIDTH), "1": (WIDTH, INNER), "2": (INNER, WIDTH)}


def _layer(draw: np.random.Generator, model: str, number: int, rows: int, columns: int) -> Arrays:
    return {
        f"{model}.w{number}": _drawn(draw, (rows, columns), rows),
        f"{model}.b{number}": np.zeros(columns, np.float32),
    }


def _drawn(draw: np.random.Generator, shape: tuple[int, ...], into: int) -> NDArray[np.float32]:
    """Normal numbers of variance 2/`into` (He et al. 2015, arXiv:1502.01852)."""
    drawn: Floats = np.sqrt(2.0 / into) * draw.normal(size=shape)
    return drawn.astype(np.float32)
