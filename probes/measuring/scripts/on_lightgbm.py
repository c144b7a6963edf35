"""LightGBM by its native interface."""

from collections.abc import Callable
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import lightgbm

    return {"lightgbm": lightgbm.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for `table`."""
    import lightgbm
    import numpy as np

    if task != "table":
        raise ValueError(task)
    state: dict[str, Any] = {}
    settings = {
        "objective": "binary",
        "learning_rate": given["rate"],
        "num_leaves": given["leaves"],
        "min_data_in_leaf": 20,
        "max_bin": 255,
        "num_threads": given["threads"],
        "verbosity": -1,
    }

    def read() -> float:
        share = state["model"].predict(given["test_x"])
        return float(-np.log(np.where(given["test_y"] == 1, share, 1 - share)).mean())

    def train(watch: Any) -> None:
        while True:
            table = lightgbm.Dataset(given["x"], given["y"], params={"verbosity": -1})
            state["model"] = lightgbm.train(settings, table, given["rounds"])
            if not watch(read):
                return

    return train, lambda one: state["model"].predict(one)
