"""PyTorch in its usual mode: eager, stock layers, `torch.optim.SGD`."""

from collections.abc import Callable
from typing import Any


def bring() -> dict[str, str]:
    """Import it; its version."""
    import torch

    return {"torch": torch.__version__}


def build(task: str, given: dict[str, Any]) -> tuple[Callable[[Any], None], Callable[[Any], Any]]:
    """(train, predict) for a network."""
    import torch

    torch.set_num_threads(given["threads"])
    model = {"mlp": _mlp, "cnn": _cnn, "transformer": _transformer}[task](given["weights"])

    def train(watch: Any) -> None:
        descend = torch.optim.SGD(model.parameters(), lr=given["rate"])
        loss_of = torch.nn.CrossEntropyLoss()
        x, y = torch.from_numpy(_shaped(task, given["x"])), torch.from_numpy(given["y"]).long()
        batches = list(zip(x.split(given["batch"]), y.split(given["batch"]), strict=True))
        while True:
            for part, labels in batches:
                descend.zero_grad()
                loss = loss_of(model(part), labels)
                loss.backward()
                descend.step()
                if not watch(loss.item):
                    return

    def predict(one: Any) -> Any:
        with torch.inference_mode():
            return model(torch.from_numpy(_shaped(task, one))).numpy()

    return train, predict


def _shaped(task: str, x: Any) -> Any:
    return {"mlp": lambda: x.reshape(len(x), -1), "cnn": lambda: x[:, None], "transformer": lambda: x}[task]()


def _put(parameter: Any, array: Any) -> None:
    import torch

    with torch.no_grad():
        parameter.copy_(torch.from_numpy(array.copy()))


def _mlp(w: dict[str, Any]) -> Any:
    from torch import nn

    model = nn.Sequential(nn.Linear(*w["w1"].shape), nn.ReLU(), nn.Linear(*w["w2"].shape))
    for layer, number in ((model[0], 1), (model[2], 2)):
        _put(layer.weight, w[f"w{number}"].T)
        _put(layer.bias, w[f"b{number}"])
    return model


def _cnn(w: dict[str, Any]) -> Any:
    from torch import nn

    first, second = w["k1"].shape[3], w["k2"].shape[3]
    model = nn.Sequential(
        *(nn.Conv2d(1, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Flatten(),
        nn.Linear(*w["w"].shape),
    )
    for layer, number in ((model[0], 1), (model[3], 2)):
        _put(layer.weight, w[f"k{number}"].transpose(3, 2, 0, 1))
        _put(layer.bias, w[f"c{number}"])
    side = round((len(w["w"]) / second) ** 0.5)
    by_channel = w["w"].reshape(side, side, second, -1).transpose(2, 0, 1, 3).reshape(w["w"].shape)
    _put(model[7].weight, by_channel.T)
    _put(model[7].bias, w["b"])
    return model


def _transformer(w: dict[str, Any]) -> Any:
    import torch
    from torch import nn

    width, inner = w["0.w1"].shape

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(*w["embedding"].shape)
            self.positions = nn.Parameter(torch.empty(w["positions"].shape))
            self.blocks = nn.ModuleList(
                nn.TransformerEncoderLayer(width, 4, inner, dropout=0.0, batch_first=True, norm_first=True)
                for _ in range(2)
            )
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(*w["w"].shape)

        def forward(self, ids: Any) -> Any:
            stream = self.embedding(ids) + self.positions
            for block in self.blocks:
                stream = block(stream)
            return self.head(self.norm(stream).mean(dim=1))

    model = Model()
    _put(model.embedding.weight, w["embedding"])
    _put(model.positions, w["positions"])
    _put(model.norm.weight, w["gain"])
    _put(model.norm.bias, w["shift"])
    _put(model.head.weight, w["w"].T)
    _put(model.head.bias, w["b"])
    for number, block in enumerate(model.blocks):
        _fill(block, {name[2:]: each for name, each in w.items() if name.startswith(f"{number}.")})
    return model


def _fill(block: Any, w: dict[str, Any]) -> None:
    _put(block.self_attn.in_proj_weight, w["wqkv"].T)
    _put(block.self_attn.in_proj_bias, w["bqkv"])
    for layer, name in ((block.self_attn.out_proj, "o"), (block.linear1, "1"), (block.linear2, "2")):
        _put(layer.weight, w[f"w{name}"].T)
        _put(layer.bias, w[f"b{name}"])
    for norm, name in ((block.norm1, "1"), (block.norm2, "2")):
        _put(norm.weight, w[f"gain{name}"])
        _put(norm.bias, w[f"shift{name}"])
