"""Does this model fit this memory? The arithmetic for whoever asks about a model by its size, without a project."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from advisor.errors import Fault, InvalidInput
from advisor.house import House
from advisor.inputs import profile_of
from probes import fields
from rules import hardware
from rules.decision import plain
from rules.faults import shown
from rules.feasibility.facts import MB
from rules.feasibility.fitting import UNNAMED, Budget, Fit, Pool
from rules.feasibility.memory import CONTEXTS, RANKS, SEQUENCES, STEPS
from rules.feasibility.plan import (
    FORMATS,
    MAX_COUNT,
    OFFLOADS,
    OPTIMISERS,
    RECOMPUTATIONS,
    REGIMES,
    SHARDINGS,
    Architecture,
    Plan,
    check,
)
from rules.feasibility.project import WEIGHTS_ONLY, Part, cautions, fitted, gib, way
from rules.feasibility.room import room
from rules.hardware import Profile

WAYS = ("full", "lora", "qlora", "serve")
PRECISIONS = tuple(dict.fromkeys((*REGIMES, *FORMATS)))
COUNTS = ("devices", "rank", "batch", "sequence", "context", "requests", "step_tokens")
CHOICES: Mapping[str, Mapping[str, object]] = {
    "optimiser": OPTIMISERS,
    "sharding": SHARDINGS,
    "offload": OFFLOADS,
    "recomputation": RECOMPUTATIONS,
    "kv_precision": FORMATS,
}
FIELDS = (
    *("parameters", "memory", "unified", "hardware", "tuning", "precision", "architecture", "per_layer"),
    *COUNTS,
    *CHOICES,
)
MAX_DEVICES = 65_536


def _from_to(span: tuple[float, float, float]) -> str:
    return f"{span[0]:,.0f} to {span[2]:,.0f}"


# (what a request may leave out, of which purpose, what is then assumed)
ASSUMED = (
    ("batch", "train", "one sequence at a time"),
    ("sequence", "train", f"sequences of {_from_to(SEQUENCES)} tokens"),
    ("recomputation", "train", "anything from all activations computed again (low) to only those of attention (high)"),
    ("rank", "train", f"adapters of rank {_from_to(RANKS)}"),
    ("requests", "serve", "one request at a time"),
    ("context", "serve", f"requests of {_from_to(CONTEXTS)} tokens"),
    ("step_tokens", "serve", f"steps of {_from_to(STEPS)} tokens"),
)


@dataclass(frozen=True, slots=True)
class _Machine:
    """The devices that are asked about."""

    budget: Budget
    devices: int
    label: str
    language: bool = True


def ask(house: House | None, request: Mapping[str, object]) -> dict[str, Any]:
    """What a model takes in each way of using it, and whether that fits.

    Args:
        house: where stored profiles are; None where the request names none.
        request: `parameters`, and any of `FIELDS` besides.

    Raises:
        InvalidInput: with every fault of the request.
    """
    faults: list[Fault] = []
    given = fields.part(request, "", FIELDS, faults)
    parameters = given.needed("parameters", fields.decimal(1, MAX_COUNT), 1.0)
    tuning = given.optional("tuning", fields.one_of(WAYS))
    precision = given.optional("precision", fields.one_of(PRECISIONS))
    counts = {name: given.optional(name, fields.whole(1, int(MAX_COUNT))) for name in COUNTS}
    choices = {name: given.optional(name, fields.one_of(list(known))) for name, known in CHOICES.items()}
    common: dict[str, Any] = {name: value for name, value in (counts | choices).items() if value is not None}
    common["architecture"] = _architecture(request.get("architecture"), faults)
    common["per_layer"] = given.optional("per_layer", fields.decimal(1, MAX_COUNT))
    machine = _machine(house, given, counts["devices"], faults)
    if faults:
        raise InvalidInput(faults)
    common["devices"] = machine.devices
    ways = [tuning] if tuning else WAYS if machine.language else ["serve"]
    common["language"] = machine.language or common["architecture"] is not None
    plans = [_plan(name, parameters, precision, common) for name in ways]
    found = {name: fitted(check(plan), machine.budget) for name, plan in plans}
    return _document(parameters, machine, found)


def _plan(name: str, parameters: float, precision: str | None, common: Mapping[str, Any]) -> tuple[str, Plan]:
    """One way as a plan. A precision that is none of training stands for what is trained in the common way, and one
    that is none of serving for 16 bits.
    """
    if name == "serve":
        kept = {name: common[name] for name in common if name not in ("sharding", "offload")}
        return name, Plan("serve", parameters, precision if precision and precision in FORMATS else "bf16", **kept)
    regime = precision if precision and precision in REGIMES else "mixed"
    kept = dict(common)
    if name != "full":
        kept |= {"offload": "none"}
    return name, Plan("train", parameters, regime, tuning=name, **kept)


def _architecture(value: object, faults: list[Fault]) -> Architecture | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        faults.append(Fault("architecture", shown(value), "an object of its sizes"))
        return None
    names = tuple(Architecture.__slots__)
    given = fields.part(value, "architecture", names, faults)
    sizes = {name: given.needed(name, fields.whole(1, 10**9), 1) for name in names}
    return Architecture(**sizes)


def _machine(house: House | None, given: fields.Part, devices: int | None, faults: list[Fault]) -> _Machine:
    """The devices that are named by their memory, or by a profile."""
    memory = given.optional("memory", fields.size)
    unified = given.optional("unified", fields.yes_no)
    source = given.values.get("hardware")
    if devices is not None and devices > MAX_DEVICES:
        faults.append(Fault("devices", str(devices), f"at most {MAX_DEVICES}"))
        devices = 1
    if source is not None and memory is not None:
        faults.append(Fault("memory", "a size beside hardware", "one of the two"))
    if source is None or memory is not None:
        label = "memory as given" if memory else "memory not known"
        return _Machine(Budget(memory, "unified" if unified else "own"), devices or 1, label)
    try:
        profile = profile_of(house, source)  # type: ignore[arg-type]
    except InvalidInput as invalid:
        faults.extend(invalid.faults)
        return _Machine(Budget(None), 1, "")
    return _of(profile, devices) if profile else _Machine(Budget(None), devices or 1, "")


def _of(profile: Profile, devices: int | None) -> _Machine:
    """What a profile says of its accelerators, or of the machine where it has none."""
    offered = hardware.answers_from(profile)
    kinds = [kind for kind in _listed(offered.get("train_hardware")) if kind != "cpu"]
    limit = offered.get("memory_mb")  # of a machine to deploy on
    if isinstance(limit, int | float):
        language = set(profile.targets) != {"microcontroller"}  # nothing trains there, and no language model runs
        return _Machine(Budget(float(limit) * MB, "limit"), devices or 1, profile.label, language)
    total = hardware.facts(profile).get("memory_gb")
    host = float(total) * hardware.GIB if isinstance(total, int | float) else None
    if not kinds:
        return _Machine(Budget(host, "host"), devices or 1, profile.label)
    shared = kinds == ["apple_silicon"] or hardware.facts(profile).get("unified_memory") is True
    pool: Pool = "unified" if shared else "own"
    memory = offered.get("accelerator_memory_gb")
    size = float(memory) * hardware.GIB if isinstance(memory, int | float) else None
    count = offered.get("train_devices")
    return _Machine(Budget(size, pool, host), devices or (int(count) if isinstance(count, int) else 1), profile.label)


def _listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _host(found: Fit) -> dict[str, Any]:
    """What the machine around the devices needs besides, where something is moved there."""
    items = [item for item in found.estimate.items if item.place == "host"]
    if found.plan.offload == "none" or not items:
        return {"host": None}
    (item,) = items
    part = Part(item.name, item.formula, gib(item.amount), item.source)
    return {"host": plain(part) | {"usable_gib": list(gib(found.around)) if found.around else None}}


def _assumed(found: Mapping[str, Fit]) -> str:
    """What is taken of the run where the request does not say; a recommendation takes the least run instead."""
    if all(each.estimate.shape == UNNAMED for each in found.values()):
        return WEIGHTS_ONLY
    plans = [each.plan for each in found.values()]
    parts = [
        text
        for name, purpose, text in ASSUMED
        if any(plan.purpose == purpose and getattr(plan, name) is None for plan in plans)
        and (name != "rank" or any(plan.tuning != "full" for plan in plans if plan.purpose == "train"))
    ]
    return "; ".join(parts) or "nothing"


def _room(found: Fit) -> dict[str, Any]:
    """What is left for keys and values beside a model that is served."""
    there = room(found)
    if there is None:
        return {"kv_room": None}
    tokens = [int(each) for each in (there.tokens.low, there.tokens.typical, there.tokens.high)]
    return {"kv_room": {"gib": list(gib(there.bytes_each)), "tokens": tokens}}


def _document(parameters: float, machine: _Machine, found: Mapping[str, Fit]) -> dict[str, Any]:
    shape = next(iter(found.values())).estimate.shape
    return {
        "parameters": parameters,
        "shape": shape,
        "assumed": _assumed(found),
        "hardware": machine.label,
        "memory_bytes": int(machine.budget.memory) if machine.budget.memory else None,
        "devices": machine.devices,
        "ways": [plain(way(name, one)) | _host(one) | _room(one) for name, one in found.items()],
        "cautions": list(cautions(found)),
    }
