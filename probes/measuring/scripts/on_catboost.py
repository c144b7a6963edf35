"""CatBoost with its own kind of trees, which ask one question a level: as deep as gives about as many leaves."""

from collections.abc import Callable
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import catboost

    return {"catboost": catboost.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for `table`."""
    import catboost
    import numpy as np

    if task != "table":
        raise ValueError(task)
    state: dict[str, Any] = {}

    def read() -> float:
        share = state["model"].predict_proba(given["test_x"])[:, 1]
        return float(-np.log(np.where(given["test_y"] == 1, share, 1 - share)).mean())

    def train(watch: Any) -> None:
        while True:
            model = catboost.CatBoostClassifier(
                iterations=given["rounds"],
                learning_rate=given["rate"],
                depth=max(1, round(np.log2(given["leaves"] + 1))),
                thread_count=given["threads"],
                allow_writing_files=False,
                verbose=False,
            )
            state["model"] = model.fit(given["x"], given["y"])
            if not watch(read):
                return

    return train, lambda one: state["model"].predict_proba(one)
