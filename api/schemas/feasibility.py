"""Memory as it is asked for and told: what a model takes, item by item, and whether it fits."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from advisor.feasibility import CHOICES, PRECISIONS, WAYS
from api.schemas.base import Out, told
from rules.feasibility.plan import MAX_COUNT, Architecture

Gib = Annotated[list[float], Field(min_length=3, max_length=3)]
Fits = Literal["yes", "no", "uncertain", "unknown"]


class MemoryPart(Out):
    """One thing that takes memory."""

    name: Annotated[str, told("What.")]
    formula: Annotated[
        str, told("How many bytes: P parameters, N devices, L layers of width h, s tokens, b sequences.")
    ]
    gib: Annotated[Gib, told("GiB: low, typical, high.")]
    source: Annotated[str, told("Who says so.")]


class MemoryAlternative(Out):
    """What would fit instead."""

    text: Annotated[str, told("What changes.")]
    answer: Annotated[Fits, told("Whether that fits.")]
    gib: Annotated[Gib, told("What each device then needs, in GiB: low, typical, high.")]


class MemoryWay(Out):
    """One way of using the model, and whether the devices have the memory for it."""

    way: Annotated[Literal["full", "lora", "qlora", "serve"], told("Which.")]
    text: Annotated[str, told("In words.")]
    answer: Annotated[Fits, told("Yes: the high estimate fits; no: the low one does not; else uncertain.")]
    gib: Annotated[Gib, told("What each device needs, in GiB: low, typical, high.")]
    usable_gib: Annotated[Gib | None, told("What may be used of each device, in GiB; null where it is not known.")]
    usable: Annotated[str, told("What that is of its memory, in words.")]
    devices: Annotated[int, told("How many devices there are.")]
    least_devices: Annotated[int | None, told("How many it takes when they share the model; null where none help.")]
    parts: Annotated[list[MemoryPart], told("What the need consists of.")]
    alternatives: Annotated[list[MemoryAlternative], told("What would fit instead, the least change first.")]


class HostMemory(MemoryPart):
    """What the main memory around the devices takes."""

    usable_gib: Annotated[Gib | None, told("What may be used of it, in GiB; null where it is not known.")]


class KeysAndValues(Out):
    """What is left for the keys and values of all requests, beside the model and the activations of a step."""

    gib: Annotated[Gib, told("On each device, in GiB: low, typical, high.")]
    tokens: Annotated[
        list[int],
        Field(min_length=3, max_length=3),
        told("Tokens of all requests together that fill it on all devices: low, typical, high."),
    ]


class AskedWay(MemoryWay):
    """One way of using the model, as it was asked for."""

    host: Annotated[HostMemory | None, told("What is needed of main memory; null where nothing is moved there.")]
    kv_room: Annotated[
        KeysAndValues | None,
        told("Room for keys and values in serving; null in training, and where memory or model are not known."),
    ]


class Feasibility(Out):
    """Whether the model fits the memory there is."""

    parameters: Annotated[float, told("The size of the model.")]
    shape: Annotated[str, told("Where its layers and width are taken from.")]
    assumed: Annotated[str, told("What is assumed of a run.")]
    ways: Annotated[list[MemoryWay], told("The ways that the answers ask for and whose memory is known.")]
    cautions: Annotated[list[str], told("What does not surely fit and what would, in words.")]


class FeasibilityOut(Out):
    """What a model takes in each way of using it, and whether that fits."""

    parameters: Annotated[float, told("The size of the model.")]
    shape: Annotated[str, told("Where its layers and width are taken from.")]
    assumed: Annotated[str, told("What is assumed of a run where the request does not say.")]
    hardware: Annotated[str, told("What the machine is called.")]
    memory_bytes: Annotated[int | None, told("Of one device; null where it is not known.")]
    devices: Annotated[int, told("How many there are.")]
    ways: Annotated[list[AskedWay], told("Each way, or the one that was asked for.")]
    cautions: Annotated[list[str], told("What does not surely fit and what would, in words.")]


def _choice(options: Any) -> Any:
    return WithJsonSchema({"anyOf": [{"type": "string", "enum": list(options)}, {"type": "null"}]})


_COUNT = WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]})


class FeasibilityIn(BaseModel):
    """A model by its size, a device by its memory or a profile, and as much of the run as is known.

    What each field may be is said by the use case, with every fault at once.
    """

    model_config = ConfigDict(extra="forbid")

    parameters: Annotated[
        Any,
        WithJsonSchema({"type": "number", "minimum": 1, "maximum": MAX_COUNT}),
        Field(description="How many the model has."),
    ]
    memory: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}),
        Field(description='Of one device: bytes, or a size such as "24 GiB".'),
    ] = None
    unified: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "null"}]}),
        Field(description="Whether the memory is shared with the system."),
    ] = None
    hardware: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "null"}]}),
        Field(
            description='"local", "catalogue:NAME", the id of a stored profile, or a profile, in the place of `memory`.'
        ),
    ] = None
    tuning: Annotated[Any, _choice(WAYS), Field(description="Only this way; none: all of them.")] = None
    precision: Annotated[Any, _choice(PRECISIONS), Field(description="How numbers are kept.")] = None
    architecture: Annotated[
        Any,
        WithJsonSchema(
            {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {name: {"type": "integer", "minimum": 1} for name in Architecture.__slots__},
                        "required": list(Architecture.__slots__),
                        "additionalProperties": False,
                    },
                    {"type": "null"},
                ]
            }
        ),
        Field(description="The shape of the transformer; none: estimated from its size."),
    ] = None
    per_layer: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "number", "minimum": 1}, {"type": "null"}]}),
        Field(description="Parameters of the largest layer."),
    ] = None
    devices: Annotated[Any, _COUNT, Field(description="How many devices; none: 1, or what the profile has.")] = None
    rank: Annotated[Any, _COUNT, Field(description="Of the adapters.")] = None
    batch: Annotated[Any, _COUNT, Field(description="Sequences at a time on a device.")] = None
    sequence: Annotated[Any, _COUNT, Field(description="Tokens of a sequence in training.")] = None
    context: Annotated[Any, _COUNT, Field(description="Tokens of a request in serving.")] = None
    requests: Annotated[Any, _COUNT, Field(description="Requests at a time.")] = None
    step_tokens: Annotated[Any, _COUNT, Field(description="Tokens that a server takes at a time.")] = None
    optimiser: Annotated[Any, _choice(CHOICES["optimiser"]), Field(description="None: Adam.")] = None
    sharding: Annotated[Any, _choice(CHOICES["sharding"]), Field(description="None: none.")] = None
    offload: Annotated[Any, _choice(CHOICES["offload"]), Field(description="None: none.")] = None
    recomputation: Annotated[
        Any, _choice(CHOICES["recomputation"]), Field(description="Of activations; none: not known.")
    ] = None
    kv_precision: Annotated[Any, _choice(CHOICES["kv_precision"]), Field(description="Of keys and values.")] = None
