"""XGBoost by its native interface, trees grown leaf by leaf on histograms."""

from collections.abc import Callable
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import xgboost

    return {"xgboost": xgboost.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for `table`."""
    import numpy as np
    import xgboost

    if task != "table":
        raise ValueError(task)
    state: dict[str, Any] = {}
    settings = {
        "objective": "binary:logistic",
        "eta": given["rate"],
        "tree_method": "hist",
        "grow_policy": "lossguide",
        "max_leaves": given["leaves"],
        "max_depth": 0,
        "max_bin": 255,
        "nthread": given["threads"],
    }

    def read() -> float:
        share = state["model"].inplace_predict(given["test_x"])
        return float(-np.log(np.where(given["test_y"] == 1, share, 1 - share)).mean())

    def train(watch: Any) -> None:
        while True:
            table = xgboost.QuantileDMatrix(given["x"], given["y"], max_bin=255, nthread=given["threads"])
            state["model"] = xgboost.train(settings, table, given["rounds"])
            if not watch(read):
                return

    return train, lambda one: state["model"].inplace_predict(one)
