"""The data of a measurement: the same everywhere, of the shapes that are promised."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes.measuring import data

SMALL = data.arrays(rows=50, batches=1)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert data.fingerprint(data.arrays(rows=50, batches=1)) == data.fingerprint(SMALL)
    assert data.fingerprint(data.arrays(rows=50, batches=1, seed=2)) != data.fingerprint(SMALL)


def test_shapes_and_types_are_those_that_scripts_are_promised() -> None:
    assert SMALL["images.x"].shape == (128, 28, 28)
    assert SMALL["images.x"].dtype == np.float32
    assert SMALL["tokens.x"].shape == (128, 32)
    assert SMALL["tokens.x"].dtype == np.int32
    assert (SMALL["table.x"].shape, SMALL["table.test.x"].shape) == ((50, 28), (10, 28))
    assert SMALL["cnn.k2"].shape == (3, 3, 16, 32)
    assert SMALL["transformer.1.wqkv"].shape == (64, 192)
    assert set(np.unique(SMALL["table.y"])) == {0, 1}
    assert 0 <= SMALL["tokens.x"].min() <= SMALL["tokens.x"].max() < data.VOCABULARY
    weights = [name for name in SMALL if name.split(".")[0] in ("mlp", "cnn", "transformer")]
    assert all(SMALL[name].dtype == np.float32 for name in weights)


def test_the_size_of_the_table_changes_neither_weights_nor_images() -> None:
    other = data.arrays(rows=60, batches=1)
    changed = {name for name in other if not np.array_equal(other[name], SMALL[name])}
    assert changed == {"table.x", "table.y", "table.test.x", "table.test.y"}


def test_a_fingerprint_sees_names_types_shapes_and_values() -> None:
    base: dict[str, NDArray[Any]] = {"a": np.arange(6, dtype=np.int32), "b": np.zeros(2)}
    variants: list[dict[str, NDArray[Any]]] = [
        {"c": base["a"], "b": base["b"]},
        {"a": base["a"].astype(np.int64), "b": base["b"]},
        {"a": base["a"].reshape(2, 3), "b": base["b"]},
        {"a": base["a"] + 1, "b": base["b"]},
    ]
    assert len({data.fingerprint(each) for each in [base, *variants]}) == 5
    assert data.fingerprint({name: base[name] for name in ("b", "a")}) == data.fingerprint(base)


def test_a_part_is_what_bears_its_prefix() -> None:
    assert set(data.part(SMALL, "mlp")) == {"w1", "b1", "w2", "b2"}
    assert data.part(SMALL, "transformer")["0.w1"] is SMALL["transformer.0.w1"]
    assert data.part(SMALL, "ml") == {}
