"""What a project's answers say of memory: facts for conditions, for one project and for columns of them alike.

They speak of a `modest` run: whether it can be done at all. A fact is yes, no or unknown. Unknown is what lies inside
the interval, and everything where the number of parameters or the memory is not known; a model that is no network is
not spoken of. The arithmetic is that of `memory`, over arrays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from rules.feasibility import memory
from rules.feasibility.amounts import GIB, Span, total
from rules.feasibility.answers import Answers, Array, Bools, One
from rules.feasibility.fitting import MOST_DEVICES, Budget, Pool
from rules.feasibility.plan import Plan, modest
from rules.feasibility.shape import estimated

Truths = NDArray[np.int8]

PREFIX = "feasible."
# Name in conditions -> kind of value.
FACTS: Mapping[str, str] = MappingProxyType(
    {
        "feasible.full": "yes/no",
        "feasible.full_sharded": "yes/no",
        "feasible.lora": "yes/no",
        "feasible.qlora": "yes/no",
        "feasible.devices_full": "number",
        "feasible.serve": "yes/no",
        "feasible.serve_low_bit": "yes/no",
    }
)
_TRAINING = (
    "model_parameters", "accelerator_memory_gb", "train_devices", "train_hardware", "precision", "approach",
    "hardware.memory_gb", "hardware.unified_memory",
)  # fmt: skip
_SERVING = (
    "model_parameters", "memory_mb", "accelerator_memory_gb", "train_hardware", "precision", "approach", "need",
    "train_devices", "hardware.unified_memory",
)  # fmt: skip
# The names that a fact follows from, in the order in which they matter.
FOLLOWS_FROM: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: _SERVING if name.startswith("feasible.serve") else _TRAINING for name in FACTS}
)
# Numbers worth trying for what a fact follows from: sizes of models, and memory and counts that can be bought.
BOUNDS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "model_parameters": (1e9, 7e9, 7e10),
        "accelerator_memory_gb": (16.0, 24.0, 48.0, 80.0, 141.0),
        "train_devices": (1.0, 2.0, 4.0, 8.0),
    }
)
NO_NETWORKS = ("classical_ml", "bayesian", "automl")
NOT_TRAINED = ("inference_only", "use_pretrained", "none")
MB = 10**6


def of(name: str, values: Mapping[str, object]) -> object:
    """A fact of one project: True or False, a number, or None where it is not known."""
    if values.get("model_parameters") is None:
        return None
    looked_at = tuple((n, hashable(values.get(n))) for n in FOLLOWS_FROM[name])
    return _of(name, looked_at)


def hashable(value: object) -> object:
    """An answer as a key: several options as a tuple."""
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def _of(name: str, looked_at: tuple[tuple[str, object], ...]) -> object:
    found = column(name, One(dict(looked_at)))[0]
    if FACTS[name] == "number":
        return None if np.isnan(found) else float(found)
    return None if found == 1 else bool(found)


def column(name: str, answers: Answers) -> NDArray[np.int8] | Array:
    """A fact of many projects: truth bytes (0 no, 1 unknown, 2 yes), or numbers with NaN where unknown."""
    made: Mapping[str, Callable[[_Rows], NDArray[np.int8] | Array]] = {
        "feasible.full": lambda rows: rows.trained("full"),
        "feasible.full_sharded": _Rows.sharded,
        "feasible.lora": lambda rows: rows.trained("lora"),
        "feasible.qlora": lambda rows: rows.trained("qlora"),
        "feasible.devices_full": _Rows.devices_full,
        "feasible.serve": lambda rows: rows.served(rows.formats),
        "feasible.serve_low_bit": lambda rows: rows.served({"low_bit": rows.every}),
    }
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return made[name](_Rows(answers))


@dataclass
class _Rows:
    """The rows of N projects, with what several facts need of them."""

    answers: Answers

    @cached_property
    def parameters(self) -> Array:
        """(N,) parameters of a network, NaN where unknown."""
        given = self.answers.number("model_parameters")
        return np.where((given >= 1) & ~self.answers.within("approach", NO_NETWORKS), given, np.nan)

    @cached_property
    def every(self) -> Bools:
        """(N,) all rows."""
        return np.ones(len(self.parameters), dtype=np.bool_)

    @cached_property
    def sure(self) -> Array:
        """(N,) 1 where language models are among the approaches, else 0."""
        return self.answers.overlaps("approach", ("llm",)).astype(np.float64)

    @cached_property
    def unified(self) -> Bools:
        """(N,) whether the accelerator shares its memory with the system."""
        apple, options = ("apple_silicon",), ("cpu", "apple_silicon")
        alone = self.answers.overlaps("train_hardware", apple) & self.answers.within("train_hardware", options)
        return alone | self.answers.holds("hardware.unified_memory")

    @cached_property
    def to_train(self) -> Span:
        """(N,) what may be used of one device to train; of the host where there is no accelerator."""
        on_host = self.answers.within("train_hardware", ("cpu",)) | (self.answers.number("train_devices") == 0)
        own = self.answers.number("accelerator_memory_gb") * GIB
        host = self.answers.number("hardware.memory_gb") * GIB
        pools: dict[Pool, Bools] = {"host": on_host, "unified": self.unified & ~on_host}
        return _budget(np.where(on_host, host, own), pools, "train")

    @cached_property
    def to_serve(self) -> Span:
        """(N,) what may be used to serve: the limit, or the accelerator where nothing is trained on it."""
        limit = self.answers.number("memory_mb") * MB
        limited = limit > 0
        runs_only = self.answers.within("need", NOT_TRAINED)
        own = np.where(runs_only, self.answers.number("accelerator_memory_gb") * GIB, np.nan)
        pools: dict[Pool, Bools] = {"limit": limited, "unified": self.unified & ~limited}
        return _budget(np.where(limited, limit, own), pools, "serve")

    @cached_property
    def formats(self) -> dict[str, Bools]:
        """The format that weights are served in, with the rows that it is of: the smallest that the answers name."""
        low = self.answers.overlaps("precision", ("low_bit_weights",))
        eight = self.answers.overlaps("precision", ("int8", "fp8", "full_integer")) & ~low
        single = self.answers.within("precision", ("fp32",))
        half = (self.answers.overlaps("precision", ("mixed",)) | (self.sure > 0)) & ~(low | eight | single)
        return {"low_bit": low, "int8": eight, "fp32": single, "bf16": half, "float": ~(low | eight | single | half)}

    @cached_property
    def regimes(self) -> dict[str, Bools]:
        """The precision that is trained in, with the rows that it is of."""
        single = self.answers.within("precision", ("fp32",))
        return {"fp32": single, "mixed": ~single}

    def trained(self, tuning: str) -> Truths:
        """(N,) whether this fits one device."""
        found = self._open
        for precision, rows in self.regimes.items():
            self._judge(
                found, rows, self.to_train, partial(self._needs, modest(Plan("train", 1.0, precision, tuning=tuning)))
            )
        return found

    def sharded(self) -> Truths:
        """(N,) whether full training fits with ZeRO-3 over all devices, everything recomputed."""
        devices, found = self.answers.number("train_devices"), self._open
        for precision, rows in self.regimes.items():
            needs = partial(self._needs, _spread(precision), devices=devices)
            self._judge(found, rows & (devices > 1), self.to_train, needs)
        return found

    def devices_full(self) -> Array:
        """(N,) the least number of devices on which full training fits typically, cut up over them; see `fitting`.

        Over n devices it takes kept + spread / n of each.
        """
        usable, found = _array(self.to_train.typical), np.full(len(self.parameters), np.nan)
        for precision, rows in self.regimes.items():
            at = np.flatnonzero(rows & ~np.isnan(self.parameters) & ~np.isnan(usable))
            cut, every = _spread(precision), np.ones(len(self.parameters))
            alone = _array(self._needs(modest(Plan("train", 1.0, precision)), at).typical) <= usable[at]
            kept = _array(self._needs(cut, at, every * np.inf).typical)
            spread = _array(self._needs(cut, at, every).typical) - kept
            room = usable[at] - kept
            count = np.where(room > 0, np.maximum(np.ceil(spread / room), 2.0), np.nan)
            found[at] = np.where(alone, 1.0, np.where(count <= MOST_DEVICES, count, np.nan))
        return found

    @cached_property
    def servers(self) -> Array:
        """(N,) over how many devices a model is served: one under a limit, else all there are, NaN where unknown."""
        limited = self.answers.number("memory_mb") > 0
        devices = np.floor(self.answers.number("train_devices"))
        return np.where(limited, 1.0, np.where(devices >= 1, devices, np.nan))

    def served(self, formats: Mapping[str, Bools]) -> Truths:
        """(N,) whether the model in these formats fits the devices that serve it, cut over them where they are several.

        How many there are must be known: what does not fit one accelerator may fit two.
        """
        found = self._open
        for precision, rows in formats.items():
            for devices, there in ((1, self.servers == 1), (2, self.servers > 1)):
                plan = modest(Plan("serve", 1.0, precision, devices=devices))
                self._judge(found, rows & there, self.to_serve, partial(self._needs, plan, devices=self.servers))
        return found

    @property
    def _open(self) -> Truths:
        return np.ones(len(self.parameters), dtype=np.int8)

    def _needs(self, plan: Plan, at: NDArray[np.intp], devices: Array | None = None) -> Span:
        """What each device needs in some rows, as `memory` says it of one plan."""
        parameters = self.parameters[at]
        shape = estimated(parameters, self.sure[at])
        over = None if devices is None else devices[at]
        if plan.purpose == "serve":
            return total([item.amount for item in memory.serving(plan, parameters, shape, over)])
        items = memory.training(plan, parameters, shape, over)
        return total([item.amount for item in items if item.place == "device"])

    def _judge(self, found: Truths, rows: Bools, usable: Span, needs: Callable[[NDArray[np.intp]], Span]) -> None:
        """Write yes and no into the rows where parameters and memory are known."""
        least, most = _array(usable.low), _array(usable.high)
        at = np.flatnonzero(rows & ~np.isnan(self.parameters) & ~np.isnan(most))
        if len(at):
            span = needs(at)
            found[at] = 1 + (span.high <= least[at]).astype(np.int8) - (span.low > most[at]).astype(np.int8)


def _spread(precision: str) -> Plan:
    return modest(Plan("train", 1.0, precision, sharding="zero3", devices=2))


def _array(amount: object) -> Array:
    return np.asarray(amount, dtype=np.float64)


def _budget(size: Array, pools: Mapping[Pool, Bools], purpose: str) -> Span:
    """(N,) what may be used of memory of some size (bytes); no memory on record is not known."""
    size = np.where(size > 0, size, np.nan)
    shares = [np.full(len(size), share) for share in _shares("own", purpose)]
    for pool, rows in pools.items():
        for share, each in zip(shares, _shares(pool, purpose), strict=True):
            share[rows] = each
    return Span(*(size * share for share in shares))


def _shares(pool: Pool, purpose: str) -> tuple[float, float, float]:
    one = Budget(1.0, pool).usable(purpose)
    return (float(one.low), float(one.typical), float(one.high)) if one else (0.0, 0.0, 0.0)
