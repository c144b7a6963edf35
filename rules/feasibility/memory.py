"""What a plan takes: every item of memory with its formula, its interval in bytes and its source.

Items of the place `device` add up to what each device needs, those of the place `host` to what the machine around them
needs besides.
"""

from dataclasses import dataclass, replace
from typing import Literal

from rules.feasibility import shape as shapes
from rules.feasibility.amounts import GIB, MIB, NOTHING, Quantity, Span, exactly, total
from rules.feasibility.plan import FORMATS, OPTIMISERS, REGIMES, Format, Plan, Regime
from rules.feasibility.shape import Shape

Place = Literal["device", "host"]

DEEPSPEED = "DeepSpeed, memory requirements"
HUGGING_FACE = "Hugging Face, model memory anatomy"
LORA = "LoRA (arXiv 2106.09685), section 4"
ACTIVATIONS = "Korthikanti et al. (arXiv 2205.05198), equations 1, 2, 4 and section 4.3"
MEASURED = "llm-d: vLLM on an H100, measured memory (2025) and accuracy report of vLLM 0.19 (2026)"
KEYS_AND_VALUES = "keys and values"
CONTEXT = Span(0.13 * GIB, 0.61 * GIB, 1343 * MIB)
SERVED_ALONE = Span(0.07 * GIB, 0.27 * GIB, 0.3 * GIB)
SERVED_TOGETHER = Span(0.54 * GIB, 2.1 * GIB, 2.2 * GIB)
FRAGMENTS = Span(0.0, 0.0, 0.1)
BUFFERED = 1.5  # what DeepSpeed's estimator multiplies host memory by
CUTS_GRADIENTS, FULLY = 2, 3  # stages of ZeRO
PEAKS_ABOVE = 1.25  # what the highest measured activations lie above the formula
RANKS = (8.0, 16.0, 64.0)
BATCHES = (1.0, 1.0, 1.0)
SEQUENCES = (512.0, 2048.0, 2048.0)
CONTEXTS = (512.0, 4096.0, 8192.0)
STEPS = (512.0, 8192.0, 8192.0)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that takes memory: what, by which formula, how many bytes, who says so, and where it lies."""

    name: str
    formula: str
    amount: Span
    source: str
    place: Place = "device"


@dataclass(frozen=True, slots=True)
class Estimate:
    """All items of a plan; `shape` says where the shape of the model is from."""

    items: tuple[Item, ...]
    shape: str

    @property
    def device(self) -> Span:
        """What each device needs."""
        return total([item.amount for item in self.items if item.place == "device"])

    @property
    def host(self) -> Span:
        """What the machine around the devices needs besides."""
        return total([item.amount for item in self.items if item.place == "host"])


def estimate(plan: Plan) -> Estimate:
    """What a plan takes, item by item; the plan must be sound (`plan.check`)."""
    parameters, shape = float(plan.parameters), shape_of(plan)
    items = training(plan, parameters, shape) if plan.purpose == "train" else serving(plan, parameters, shape)
    return Estimate(tuple(items), shape.source)


def shape_of(plan: Plan) -> Shape:
    """The shape of the model: as it is given, else estimated from its size."""
    parameters = float(plan.parameters)
    if plan.architecture is not None:
        return shapes.known(plan.architecture, parameters, plan.per_layer)
    shape = shapes.estimated(parameters, float(plan.language))
    return shape if plan.per_layer is None else replace(shape, per_layer=exactly(float(plan.per_layer)))


# --- Training --------------------------------------------------------------------------------------------------------


def training(plan: Plan, parameters: Quantity, shape: Shape, devices: Quantity | None = None) -> list[Item]:
    """The items of a training run; `devices` in the place of the plan's, where there are many counts at once."""
    over = float(plan.devices) if devices is None else devices
    regime = REGIMES[plan.precision]
    if plan.tuning == "full":
        items = [*states(plan, parameters, regime, over), *_gathered(plan, shape), *_in_host(plan, parameters, shape)]
    else:
        items = [_frozen(plan, parameters, shape, over), _adapters(plan, shape, regime)]
    items += [_activations(plan, shape), _output(plan, shape)]
    kept = total([item.amount for item in items if item.place == "device"])
    allowance = "our allowance; ZeRO (arXiv 1910.02054), section 3.2, saw 30 % in extreme cases"
    items.append(Item("fragments and buffers", "0 to 10 % of the above", kept * FRAGMENTS, allowance))
    items.append(Item("context of the device", "0.13 to 1.31 GiB", CONTEXT, f"{MEASURED}; {HUGGING_FACE}: 1343 MiB"))
    return items


def stage_of(plan: Plan) -> int:
    """The stage of ZeRO, 0 without sharding."""
    return 0 if plan.sharding == "none" else int(plan.sharding[-1])


def states(plan: Plan, parameters: Quantity, regime: Regime, devices: Quantity) -> list[Item]:
    """Weights, gradients, copy in 32 bits and moments of the optimiser, cut up as the sharding says."""
    stage, moved = stage_of(plan), plan.offload != "none"
    optimiser, one = OPTIMISERS[plan.optimiser], exactly(parameters)
    each = regime.moment if optimiser.bytes_each is None else optimiser.bytes_each
    share, by = (devices, " / N") if stage else (1.0, "")
    cut = stage == FULLY
    source = f"{regime.source}; {DEEPSPEED}" if stage else regime.source
    weights = NOTHING if plan.offload == "all" else one * regime.weight / (devices if cut else 1.0)
    items = [
        Item("weights", f"{regime.weight:g} P{by if cut else ''}", weights, source),
        Item(
            "gradients", _gradient_formula(regime, stage, moved), _gradients(one, regime, devices, stage, moved), source
        ),
    ]
    note = f" ({optimiser.name}: {optimiser.moments} of {each:g} bytes)"
    kept = (("copy of the weights in 32 bits", regime.master, ""), ("optimiser", optimiser.moments * each, note))
    for name, width, told in kept:
        if width:
            amount = NOTHING if moved else one * width / share
            items.append(Item(name, f"{width:g} P{by}{told}" if not moved else "0 (in host memory)", amount, source))
    return items


def _gradients(one: Span, regime: Regime, devices: Quantity, stage: int, moved: bool) -> Span:
    """Gradients on a device. ZeRO counts `least` bytes and cuts them from stage 2 on; DeepSpeed's estimator has at
    stage 2 the 16-bit ones whole and 32-bit ones cut.
    """
    least, most = one * regime.gradient[0], one * regime.gradient[1]
    if moved:  # the estimator keeps none at stage 2, its own example of 11 B in 40 GB does
        return Span(0 * one.low, 0 * one.low, least.high) if stage < FULLY else NOTHING
    if stage < CUTS_GRADIENTS:
        return Span(least.low, most.low, most.high)
    whole = least if stage == CUTS_GRADIENTS and regime.gradient[0] < regime.gradient[1] else NOTHING
    return Span(least.low / devices, most.typical / devices, whole.high + most.high / devices)


def _gradient_formula(regime: Regime, stage: int, moved: bool) -> str:
    least, most = regime.gradient
    told = f"{least:g} P" if least == most else f"{least:g} to {most:g} P"
    if moved:
        return "0 (in host memory)" if stage == FULLY else f"0 to {least:g} P"
    if stage == CUTS_GRADIENTS and least < most:
        return f"{least:g} P / N to {least:g} P + {most:g} P / N"
    return told if stage < CUTS_GRADIENTS else f"({told}) / N" if least < most else f"{told} / N"


def _gathered(plan: Plan, shape: Shape) -> list[Item]:
    """What ZeRO-3 gathers of the largest layer: its weights and gradients in 16 bits."""
    if stage_of(plan) < FULLY:
        return []
    amount = Span(0 * shape.per_layer.low, 4 * shape.per_layer.typical, 4 * shape.per_layer.high)
    return [Item("largest layer, gathered", "0 to 4 P_layer", amount, f"{DEEPSPEED}; {shape.source}")]


def _in_host(plan: Plan, parameters: Quantity, shape: Shape) -> list[Item]:
    """What DeepSpeed's estimator counts for the memory of the host, all devices in one."""
    stage, devices = stage_of(plan), float(plan.devices)
    if stage < CUTS_GRADIENTS:
        return []
    if stage == CUTS_GRADIENTS:
        width = max(4 * devices, 16.0) if plan.offload != "none" else 4 * devices
        formula, amount = f"{width:g} P * {BUFFERED}", exactly(parameters) * width
    elif plan.offload == "none":
        formula, amount = f"4 N P_layer * {BUFFERED}", shape.per_layer * (4 * devices)
    else:
        width = 18.0 if plan.offload == "all" else 16.0
        formula, amount = f"{width:g} P * {BUFFERED}", exactly(parameters) * width
    return [Item("host memory", formula, amount * BUFFERED, DEEPSPEED, "host")]


def _frozen(plan: Plan, parameters: Quantity, shape: Shape, devices: Quantity) -> Item:
    """The weights that adapters are trained over."""
    kept = FORMATS["nf4"] if plan.tuning == "qlora" else FORMATS["fp32" if plan.precision == "fp32" else "bf16"]
    formula, amount = _weights(kept, parameters, shape)
    if stage_of(plan) == FULLY:
        formula, amount = f"({formula}) / N", amount / devices
    return Item("frozen weights", formula, amount, kept.source)


def _adapters(plan: Plan, shape: Shape, regime: Regime) -> Item:
    """Adapters with all that training them takes; they are small, and kept whole on each device."""
    optimiser = OPTIMISERS[plan.optimiser]
    each = optimiser.moments * (regime.moment if optimiser.bytes_each is None else optimiser.bytes_each)
    widths = [regime.weight + gradient + regime.master + each for gradient in regime.gradient]
    ranks = exactly(float(plan.rank)) if plan.rank else Span(*RANKS)
    amount = shape.adapted * ranks * Span(widths[0], widths[1], widths[1])
    rank = f"r = {plan.rank}" if plan.rank else f"r {RANKS[0]:g} to {RANKS[2]:g}"
    width = f"{widths[0]:g}" if widths[0] == widths[1] else f"{widths[0]:g} to {widths[1]:g}"
    return Item("adapters", f"4 to 22 r L h * {width} bytes, {rank}", amount, f"{LORA}; {regime.source}")


def _activations(plan: Plan, shape: Shape) -> Item:
    """What the layers keep for the backward pass: s b h L times 34 + 5 a s / h, 34 or 2, by recomputation.

    With full recomputation one layer is there in full while it is computed again.
    """
    batch, sequence = _given(plan.batch, BATCHES), _given(plan.sequence, SEQUENCES)
    scale = 2.0 if plan.precision == "fp32" else 1.0  # the formulas count numbers of 16 bits
    tokens = batch * sequence * scale
    scores = shape.attention * sequence * tokens * 5.0
    ways = {
        "none": tokens * shape.depth * 34.0 + scores,
        "selective": tokens * shape.depth * 34.0,
        "full": tokens * shape.depth * 2.0 + tokens * shape.hidden * 34.0,
    }
    formulas = {"none": "s b h L (34 + 5 a s / h)", "selective": "34 s b h L", "full": "2 s b h L + 34 s b h"}
    if plan.recomputation:
        amount, formula = ways[plan.recomputation], formulas[plan.recomputation]
    else:
        amount = Span(ways["full"].low, ways["selective"].typical, ways["selective"].high)
        formula = f"{formulas['full']} to {formulas['selective']}"
    told = f"{'2 * ' if scale > 1 else ''}({formula}), b = {_said(batch)}, s = {_said(sequence)}"
    return Item("activations", told, _unsure(amount, shape), f"{ACTIVATIONS}; {shape.source}")


def _output(plan: Plan, shape: Shape) -> Item:
    """What the output keeps: 2 s b h for each of its norm and its product, and 4 s b v for logits in 32 bits."""
    batch, sequence = _given(plan.batch, BATCHES), _given(plan.sequence, SEQUENCES)
    amount = _unsure(batch * sequence * (shape.hidden + shape.logits) * 4.0, shape)
    return Item("output", "4 s b (h + v)", amount, f"{ACTIVATIONS}; {shape.source}")


# --- Serving ---------------------------------------------------------------------------------------------------------


def serving(plan: Plan, parameters: Quantity, shape: Shape, devices: Quantity | None = None) -> list[Item]:
    """The items of serving a model, cut over `devices` by tensor parallelism."""
    over = float(plan.devices) if devices is None else devices
    kept = FORMATS[plan.precision]
    formula, amount = _weights(kept, parameters, shape)
    return [
        Item("weights", f"({formula}) / N", amount / over, kept.source),
        _cache(plan, shape, over),
        _working(plan, shape),
        _beside(plan, shape),
    ]  # fmt: skip


def _beside(plan: Plan, shape: Shape) -> Item:
    alone = plan.devices == 1
    told = f"{'0.07' if alone else '0.54'} to {'0.3' if alone else '2.2'} GiB"
    return Item("beside the model", told, _unsure(SERVED_ALONE if alone else SERVED_TOGETHER, shape), MEASURED)


def _weights(kept: Format, parameters: Quantity, shape: Shape) -> tuple[str, Span]:
    """Weights in a format; where it leaves embeddings in 16 bits, these take more."""
    bits = Span(*kept.bits)
    amount = exactly(parameters) * bits / 8
    width = f"{kept.bits[0]:g}" if kept.bits[0] == kept.bits[2] else f"{kept.bits[0]:g} to {kept.bits[2]:g}"
    if kept.whole:
        return f"P * {width} bits", amount
    return f"P * {width} bits + P_embedded * {16 - kept.bits[2]:g} bits", amount + shape.embedded * (
        16 - kept.bits[2]
    ) / 8


def kv_per_token(shape: Shape, precision: str = "bf16") -> Span:
    """Bytes of keys and values that one token leaves: 2 L H_kv d b."""
    return shape.cached * Span(*FORMATS[precision].bits) * 2.0 / 8


def _cache(plan: Plan, shape: Shape, devices: Quantity) -> Item:
    context, requests = _given(plan.context, CONTEXTS), _given(plan.requests, BATCHES)
    amount = kv_per_token(shape, plan.kv_precision) * context * requests / devices
    told = f"2 L H_kv d * {FORMATS[plan.kv_precision].bits[1]:g} bits * {_said(context)} tokens * {_said(requests)} / N"
    amount = Span(amount.low * shape.sure, amount.typical * shape.sure, amount.high)
    return Item(KEYS_AND_VALUES, told, amount, f"vLLM (arXiv 2309.06180), section 3; {shape.source}")


def _working(plan: Plan, shape: Shape) -> Item:
    """Activations of one layer over the tokens of one step, and at most a quarter more with the logits of all."""
    tokens = _given(plan.step_tokens, STEPS)
    layer = tokens * shape.hidden * 34.0
    most = PEAKS_ABOVE * (layer.high + 4 * tokens.high * shape.logits.high)
    told = f"34 T h to {PEAKS_ABOVE:g} (34 T h + 4 T v), T = {_said(tokens)} tokens a step"
    return Item(
        "activations",
        told,
        _unsure(Span(layer.low, layer.typical, most), shape),
        f"{ACTIVATIONS}; compared with {MEASURED}",
    )


def _unsure(amount: Span, shape: Shape) -> Span:
    """An amount that may be nothing where the model may be of another shape."""
    return Span(amount.low * shape.sure, amount.typical, amount.high)


def _given(stated: int | None, otherwise: tuple[float, float, float]) -> Span:
    return Span(*otherwise) if stated is None else exactly(float(stated))


def _said(span: Span) -> str:
    return f"{span.low:g}" if span.low == span.high else f"{span.low:g} to {span.high:g}"
