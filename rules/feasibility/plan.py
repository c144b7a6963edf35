"""What is asked: the model, how its numbers are kept, and how it is trained or served. Frozen types, checked once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from rules.faults import Fault, InvalidInput, nearest, shown

Purpose = Literal["train", "serve"]
MAX_COUNT = 1e15  # parameters, tokens: as many as the questionnaire takes


@dataclass(frozen=True, slots=True)
class Format:
    """How weights are kept: bits for each, with the scales of their blocks, from low to high, and who says so.

    Of the formats with `whole` the bits are a mean over all weights; of others the embeddings stay in 16 bits.
    """

    name: str
    bits: tuple[float, float, float]
    source: str
    whole: bool = True


_FLOATS = "the width of the format"
_GGUF = "llama.cpp, tools/quantize: bits per weight of Llama 3.1 8B"
_BLOCKS = "QLoRA (arXiv 2305.14314), section 3: 4 bits and 32/64 for the scales of blocks of 64, 0.127 once quantised"
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "fp32": Format("32-bit floating point", (32.0, 32.0, 32.0), _FLOATS),
        "bf16": Format("16-bit floating point", (16.0, 16.0, 16.0), _FLOATS),
        "fp8": Format("8-bit floating point", (8.0, 8.0, 8.0), _FLOATS, whole=False),
        "int8": Format("8-bit integers", (8.0, 8.0, 8.0), _FLOATS, whole=False),
        "nf4": Format("NF4 (4 bits in blocks of 64)", (4.127, 4.127, 4.5), _BLOCKS, whole=False),
        "float": Format("16 or 32 bits", (16.0, 16.0, 32.0), _FLOATS),
        "low_bit": Format("about 4 bits", (4.127, 4.8944, 4.8944), f"{_BLOCKS}; {_GGUF} (Q4_K_M)"),
        "q8_0": Format("Q8_0", (8.5008, 8.5008, 8.5008), _GGUF),
        "q6_k": Format("Q6_K", (6.5633, 6.5633, 6.5633), _GGUF),
        "q5_k_m": Format("Q5_K_M", (5.7036, 5.7036, 5.7036), _GGUF),
        "q4_k_m": Format("Q4_K_M", (4.8944, 4.8944, 4.8944), _GGUF),
        "q2_k": Format("Q2_K", (3.1593, 3.1593, 3.1593), _GGUF),
    }
)

# What each parameter that is trained takes in bytes: the weight that is computed with, its gradient (low, high: ZeRO
# counts 2, DeepSpeed and Hugging Face 4), and the copy of full precision that an optimiser moves.
_ANATOMY = "Hugging Face, model memory anatomy"
_ZERO = "ZeRO (arXiv 1910.02054), section 3.1"


@dataclass(frozen=True, slots=True)
class Regime:
    """The bytes of one parameter in training: its weight, its gradient (low, high), its copy of full precision."""

    name: str
    weight: float
    gradient: tuple[float, float]
    master: float
    moment: float  # of one moment of the optimiser
    source: str


REGIMES: Mapping[str, Regime] = MappingProxyType(
    {
        "fp32": Regime("32-bit", 4.0, (4.0, 4.0), 0.0, 4.0, _ANATOMY),
        "mixed": Regime("mixed precision", 2.0, (2.0, 4.0), 4.0, 4.0, f"{_ZERO}: 16 bytes; {_ANATOMY}: 18"),
        "bf16": Regime("16-bit throughout", 2.0, (2.0, 2.0), 0.0, 2.0, "the width of the format"),
    }
)


@dataclass(frozen=True, slots=True)
class Optimiser:
    """How many moments an optimiser keeps of each parameter; `bytes_each` where not as the regime keeps numbers."""

    name: str
    moments: int
    bytes_each: float | None = None


OPTIMISERS: Mapping[str, Optimiser] = MappingProxyType(
    {
        "adam": Optimiser("Adam", 2),
        "adam_8bit": Optimiser("8-bit Adam", 2, 1.0),
        "momentum": Optimiser("SGD with momentum", 1),
        "sgd": Optimiser("SGD", 0),
    }
)
TUNINGS: Mapping[str, str] = MappingProxyType({"full": "full training", "lora": "LoRA", "qlora": "QLoRA"})
SHARDINGS: Mapping[str, str] = MappingProxyType(
    {
        "none": "no sharding",
        "zero1": "ZeRO-1",
        "zero2": "ZeRO-2",
        "zero3": "ZeRO-3",
    }
)
OFFLOADS: Mapping[str, str] = MappingProxyType(
    {"none": "no offload", "optimiser": "optimiser in host memory", "all": "optimiser and parameters in host memory"}
)
RECOMPUTATIONS: Mapping[str, str] = MappingProxyType(
    {"none": "no recomputation", "selective": "selective recomputation", "full": "full recomputation"}
)


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of a transformer: layers, width, heads, heads of keys and values, width of a head, vocabulary."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A model and what is to be done with it on `devices` alike.

    `precision` is a regime of `REGIMES` for training and a format of `FORMATS` for serving. What is None is not known:
    the shape then follows from the number of parameters, and the rest has an interval. `per_layer` is the largest
    number of parameters that one layer holds, `context` counts the tokens of one request. Of a model that is not
    a `language` model only what does not follow from the shape of a transformer is sure.
    """

    purpose: Purpose
    parameters: float
    precision: str
    tuning: str = "full"
    rank: int | None = None
    optimiser: str = "adam"
    sharding: str = "none"
    offload: str = "none"
    devices: int = 1
    architecture: Architecture | None = None
    per_layer: float | None = None
    batch: int | None = None
    sequence: int | None = None
    recomputation: str | None = None
    context: int | None = None
    requests: int | None = None
    kv_precision: str = "bf16"
    step_tokens: int | None = None
    language: bool = True


def modest(plan: Plan) -> Plan:
    """The plan as small as it is of use: training one sequence at a time and computing all activations again, serving
    one request of 2,048 tokens in steps of 512.
    """
    if plan.purpose == "train":
        return replace(plan, recomputation="full")
    return replace(plan, context=2048, requests=1, step_tokens=512)


def check(plan: Plan) -> Plan:
    """The plan, sound.

    Raises:
        InvalidInput: with every fault: a name that is none, a number out of range, parts that do not go together.
    """
    faults = [*_names(plan), *_numbers(plan), *_together(plan)]
    if faults:
        raise InvalidInput(faults)
    return plan


def _names(plan: Plan) -> list[Fault]:
    precisions = REGIMES if plan.purpose == "train" else FORMATS
    named: list[tuple[str, str, Mapping[str, object]]] = [
        ("precision", plan.precision, precisions),
        ("tuning", plan.tuning, TUNINGS),
        ("optimiser", plan.optimiser, OPTIMISERS),
        ("sharding", plan.sharding, SHARDINGS),
        ("offload", plan.offload, OFFLOADS),
        ("recomputation", plan.recomputation or "none", RECOMPUTATIONS),
        ("kv_precision", plan.kv_precision, FORMATS),
    ]
    return [
        Fault(path, shown(given), f"one of: {', '.join(known)}", nearest(given, known))
        for path, given, known in named
        if given not in known
    ]


def _numbers(plan: Plan) -> list[Fault]:
    counts = {
        "devices": plan.devices, "rank": plan.rank, "per_layer": plan.per_layer, "batch": plan.batch,
        "sequence": plan.sequence, "context": plan.context, "requests": plan.requests, "step_tokens": plan.step_tokens,
        "parameters": plan.parameters,
    }  # fmt: skip
    if plan.architecture is not None:
        counts |= {f"architecture.{name}": getattr(plan.architecture, name) for name in Architecture.__slots__}
    return [
        Fault(path, shown(given), f"a number from 1 to {MAX_COUNT:g}")
        for path, given in counts.items()
        if given is not None and not 1 <= given <= MAX_COUNT  # not a number is refused too
    ]


def _together(plan: Plan) -> list[Fault]:
    faults = []
    if plan.offload == "all" and plan.sharding != "zero3":
        faults.append(Fault("offload", "all", "with sharding zero3: only it keeps parameters elsewhere"))
    if plan.offload == "optimiser" and plan.sharding not in ("zero2", "zero3"):
        faults.append(Fault("offload", "optimiser", "with sharding zero2 or zero3"))
    if plan.per_layer is not None and plan.per_layer > plan.parameters:
        faults.append(Fault("per_layer", shown(plan.per_layer), "at most all parameters"))
    return faults
