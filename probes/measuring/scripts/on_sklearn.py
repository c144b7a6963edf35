"""scikit-learn: `MLPClassifier` by plain gradient descent from given weights, and histogram gradient boosting."""

from collections.abc import Callable
from typing import Any


def bring() -> dict[str, str]:
    """Import what both tasks use; its version."""
    import sklearn
    import sklearn.ensemble
    import sklearn.neural_network

    return {"scikit-learn": sklearn.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for `mlp` or `table`."""
    return {"mlp": _mlp, "table": _table}[task](given)


def _mlp(given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    w, batch = given["weights"], given["batch"]
    x, y = given["x"].reshape(len(given["x"]), -1), given["y"]
    model = MLPClassifier(
        (w["w1"].shape[1],),
        solver="sgd",
        alpha=0.0,
        batch_size=batch,
        learning_rate_init=given["rate"],
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=False,
    )
    # The first call makes the network; the given weights then take the place of what it drew and learnt.
    model.partial_fit(x[:batch], y[:batch], classes=np.arange(w["w2"].shape[1]))
    for number in (0, 1):
        model.coefs_[number][...] = w[f"w{number + 1}"]
        model.intercepts_[number][...] = w[f"b{number + 1}"]

    def train(watch: Any) -> None:
        while True:
            for at in range(0, len(x), batch):
                model.partial_fit(x[at : at + batch], y[at : at + batch])
                if not watch(lambda: model.loss_):
                    return

    return train, lambda one: np.log(model.predict_proba(one.reshape(len(one), -1)))


def _table(given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import log_loss

    state: dict[str, Any] = {}

    def train(watch: Any) -> None:
        while True:
            model = HistGradientBoostingClassifier(
                learning_rate=given["rate"],
                max_iter=given["rounds"],
                max_leaf_nodes=given["leaves"],
                min_samples_leaf=20,
                early_stopping=False,
            )
            state["model"] = model.fit(given["x"], given["y"])
            if not watch(lambda: log_loss(given["test_y"], state["model"].predict_proba(given["test_x"]))):
                return

    return train, lambda one: state["model"].predict_proba(one)
