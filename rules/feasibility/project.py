"""What a project's answers come to: the ways of training and serving that it asks for, each with its arithmetic.

The facts that gates look at (`facts`) say the same in one word; here it is told with every item, and what would fit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rules.feasibility.amounts import GIB, SMALL, Span
from rules.feasibility.facts import FOLLOWS_FROM, MB, NO_NETWORKS, NOT_TRAINED, hashable
from rules.feasibility.fitting import Answer, Budget, Fit, Pool, by_weights, caution, fit
from rules.feasibility.plan import MAX_COUNT, Plan, modest

WHOLE = ("train", "train_from_scratch", "fine_tune", "preference_tuning")
ADAPTED = ("fine_tune", "adapter_tuning", "preference_tuning")
TITLES = {
    "full": "Training the whole model",
    "lora": "Training adapters over 16-bit weights (LoRA)",
    "qlora": "Training adapters over 4-bit weights (QLoRA)",
    "serve": "Serving the model",
}
DECIMALS = 4
Values = Mapping[str, object]
Bounds = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """One item of memory: what, by which formula, GiB (low, typical, high), who says so."""

    name: str
    formula: str
    gib: Bounds
    source: str


@dataclass(frozen=True, slots=True)
class Other:
    """What would fit instead, with what each device then needs in GiB."""

    text: str
    answer: Answer
    gib: Bounds


@dataclass(frozen=True, slots=True)
class Way:
    """One way of using the model: whether it fits, what each device needs and what may be used of it (GiB).

    `devices` is how many there are, `least_devices` how many of them it takes when they share the model.
    """

    way: str
    text: str
    answer: Answer
    gib: Bounds
    usable_gib: Bounds | None
    usable: str
    devices: int
    least_devices: int | None
    parts: tuple[Part, ...]
    alternatives: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether a project's model fits its hardware: the ways it asks for, and what to mind.

    `shape` says where the shape of the model is from, `assumed` what was assumed of the run.
    """

    parameters: float
    shape: str
    assumed: str
    ways: tuple[Way, ...]
    cautions: tuple[str, ...]


ASSUMED = (
    "the least run that is of use: one sequence of 512 to 2,048 tokens at a time with all activations computed again,"
    " one request of 2,048 tokens"
)


WEIGHTS_ONLY = "no more than the weights: what else such a model takes is not known"


def told(values: Values) -> Feasibility | None:
    """What is known of memory for a project; None where parameters or memory are not known, or it has no network."""
    if values.get("model_parameters") is None:
        return None
    looked_at = (*FOLLOWS_FROM["feasible.full"], *FOLLOWS_FROM["feasible.serve"], "distribution")
    return _told(tuple((name, hashable(values.get(name))) for name in dict.fromkeys(looked_at)))


@lru_cache(maxsize=1024)
def _told(looked_at: tuple[tuple[str, object], ...]) -> Feasibility | None:
    values = dict(looked_at)
    parameters = values.get("model_parameters")
    approach = _held(values, "approach")
    if not isinstance(parameters, int | float) or not 1 <= parameters <= MAX_COUNT:
        return None
    if approach and all(a in NO_NETWORKS for a in approach):
        return None
    found = {name: fitted(plan, budget) for name, plan, budget in _asked(float(parameters), values)}
    if not found:
        return None
    return Feasibility(
        float(parameters),
        next(iter(found.values())).estimate.shape,
        WEIGHTS_ONLY if set(found) == {"serve"} and "llm" not in approach else ASSUMED,
        tuple(way(name, one) for name, one in found.items()),
        cautions(found),
    )


def fitted(plan: Plan, budget: Budget) -> Fit:
    """Whether a plan fits; of serving what is not named a language model only the weights are told."""
    found = fit(plan, budget)
    return found if plan.language or plan.purpose == "train" else by_weights(found, budget.pool)


def cautions(found: Mapping[str, Fit]) -> tuple[str, ...]:
    """A sentence for each way that does not surely fit and is not told as an alternative of another."""
    told_of = (caution(one, TITLES[name]) for name, one in found.items() if name not in _beside(found))
    return tuple(text for text in told_of if text)


def _beside(found: Mapping[str, Fit]) -> tuple[str, ...]:
    """The ways that are told as alternatives of another: adapters beside the whole, 4-bit ones beside 16-bit ones."""
    return ("lora", "qlora") if "full" in found else ("qlora",) if "lora" in found else ()


def _asked(parameters: float, values: Values) -> Iterator[tuple[str, Plan, Budget]]:
    """The ways that the needs ask for and whose memory is known."""
    need, language = _held(values, "need"), "llm" in _held(values, "approach")
    to_train, to_serve = training_budget(values), serving_budget(values)
    devices = max(1, int(_number(values, "train_devices") or 1))
    if to_train.memory and (not need or any(n not in NOT_TRAINED for n in need)):
        precision = "fp32" if _held(values, "precision") == ("fp32",) else "mixed"
        ways = ["full"] if not need or any(n in WHOLE for n in need) else []
        ways += ["lora", "qlora"] if any(n in ADAPTED for n in need) else []
        for tuning in ways:
            over = devices if tuning == "full" else 1
            cut = "zero3" if over > 1 and "parameter_sharding" in _held(values, "distribution") else "none"
            plan = Plan("train", parameters, precision, tuning=tuning, sharding=cut, devices=over, language=language)
            yield tuning, modest(plan), to_train
    if to_serve.memory:
        over = 1 if to_serve.pool == "limit" else devices
        plan = Plan("serve", parameters, serving_format(values), devices=over, language=language)
        yield "serve", modest(plan), to_serve


def training_budget(values: Values) -> Budget:
    """The memory of one device to train on: an accelerator's, or the machine's where there is none."""
    hardware = _held(values, "train_hardware")
    if hardware == ("cpu",) or _number(values, "train_devices") == 0:
        return Budget(_size(values, "hardware.memory_gb", GIB), "host")
    return Budget(_size(values, "accelerator_memory_gb", GIB), _pool(values), _size(values, "hardware.memory_gb", GIB))


def serving_budget(values: Values) -> Budget:
    """The memory to serve in: the limit that is stated, or the accelerator's where nothing is trained."""
    limit = _size(values, "memory_mb", MB)
    if limit:
        return Budget(limit, "limit")
    need = _held(values, "need")
    if not need or any(n not in NOT_TRAINED for n in need):
        return Budget(None)
    return Budget(_size(values, "accelerator_memory_gb", GIB), _pool(values))


def serving_format(values: Values) -> str:
    """The format that weights are served in: the smallest that the answers name."""
    precision = _held(values, "precision")
    if "low_bit_weights" in precision:
        return "low_bit"
    if any(p in precision for p in ("int8", "fp8", "full_integer")):
        return "int8"
    if precision == ("fp32",):
        return "fp32"
    return "bf16" if "mixed" in precision or "llm" in _held(values, "approach") else "float"


def _pool(values: Values) -> Pool:
    hardware = _held(values, "train_hardware")
    alone = "apple_silicon" in hardware and set(hardware) <= {"cpu", "apple_silicon"}
    return "unified" if alone or values.get("hardware.unified_memory") is True else "own"


def _held(values: Values, name: str) -> tuple[str, ...]:
    value = values.get(name)
    return tuple(value) if isinstance(value, tuple | list) else ()


def _number(values: Values, name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else None


def _size(values: Values, name: str, unit: float) -> float | None:
    """Memory in bytes; none on record is not known."""
    number = _number(values, name)
    return number * unit if number and number > 0 else None


def way(name: str, found: Fit) -> Way:
    """A way with its arithmetic, ready to be told."""
    parts = tuple(
        Part(i.name, i.formula, gib(i.amount, found.estimate.device), i.source)
        for i in found.estimate.items
        if i.place == "device"
    )
    others = tuple(Other(other.text, other.answer, gib(other.needs)) for other in found.alternatives)
    return Way(
        name,
        TITLES[name],
        found.answer,
        gib(found.estimate.device),
        gib(found.usable) if found.usable else None,
        found.budget,
        found.plan.devices,
        found.devices,
        parts,
        others,
    )


def gib(span: Span, beside: Span | None = None) -> Bounds:
    """GiB with four decimals; with four figures where the amount, or what it is told beside, is small."""
    small = float((beside or span).high) < SMALL * GIB
    low, typical, high = (_rounded(float(each) / GIB, small) for each in (span.low, span.typical, span.high))
    return low, typical, high


def _rounded(gib: float, small: bool) -> float:
    return float(f"{gib:.{DECIMALS}g}") if small else round(gib, DECIMALS)
