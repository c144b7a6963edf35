"""How much a server can hold at a time: what is left of the devices for keys and values, and the tokens that fill it.

vLLM divides memory so: what it may use, less weights, activations of a step and what lies beside the model (llm-d
measured it on an H100; the cases `room-*` of the reference values are its tables).
"""

from dataclasses import dataclass

from rules.feasibility.amounts import Span, total
from rules.feasibility.fitting import UNNAMED, Fit
from rules.feasibility.memory import KEYS_AND_VALUES, Estimate, kv_per_token, shape_of


@dataclass(frozen=True, slots=True)
class Room:
    """What is left on each device, in bytes, and the tokens of all requests together that fill it on all devices."""

    bytes_each: Span
    tokens: Span


def left(usable: Span, found: Estimate) -> Span:
    """Bytes of a device that are left for keys and values; below 0 where not even the rest fits."""
    rest = total([item.amount for item in found.items if item.place == "device" and item.name != KEYS_AND_VALUES])
    return Span(usable.low - rest.high, usable.typical - rest.typical, usable.high - rest.low)


def room(found: Fit) -> Room | None:
    """The room beside a model that is served; None where the memory is not known, or no language model is named."""
    if found.plan.purpose != "serve" or found.usable is None or found.estimate.shape == UNNAMED:
        return None
    free = left(found.usable, found.estimate)
    there = Span(*(max(0.0, float(each)) for each in (free.low, free.typical, free.high)))
    token = kv_per_token(shape_of(found.plan), found.plan.kv_precision) / found.plan.devices
    return Room(there, Span(there.low // token.high, there.typical // token.typical, there.high // token.low))
