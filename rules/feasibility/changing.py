"""Other plans than the one that is asked about, those that change least first."""

from collections.abc import Iterator
from dataclasses import replace

from rules.feasibility.memory import CONTEXTS
from rules.feasibility.plan import FORMATS, OPTIMISERS, RECOMPUTATIONS, SHARDINGS, TUNINGS, Plan, modest

CONTEXT, STEP = 2048, 512  # of the least run that is of use: `plan.modest`


def spread(plan: Plan, devices: int) -> Plan:
    """The plan cut up over so many devices: tensor parallel to serve, ZeRO-3 to train, with full recomputation unless
    the plan says otherwise; whole on a single one.
    """
    if plan.purpose == "serve":
        return replace(plan, devices=devices)
    if devices == 1:
        return replace(plan, devices=1, sharding="none", offload="none")
    return replace(plan, devices=devices, sharding="zero3", recomputation=plan.recomputation or "full")


def changes(plan: Plan, devices: int | None) -> Iterator[tuple[str, Plan]]:
    """Other plans, each with what it changes, those that change least first.

    First the run (recomputation, sharding over the devices there are, an optimiser of fewer bytes, host memory), then
    `devices` of the kind instead, then what is trained or kept. Each may recompute activations too.
    """
    yield from _training_changes(plan, devices) if plan.purpose == "train" else _serving_changes(plan, devices)


def _training_changes(plan: Plan, devices: int | None) -> Iterator[tuple[str, Plan]]:
    lean = replace(plan, recomputation="full")
    if plan.recomputation != "full":
        yield RECOMPUTATIONS["full"], lean
    if plan.tuning == "full":
        yield from _full_changes(lean)
    if devices is not None and devices > plan.devices:
        yield f"{devices} of these (ZeRO-3)", spread(lean, devices)
    adapted = {"full": ("lora", "qlora"), "lora": ("qlora",)}.get(plan.tuning, ())
    for name in adapted:
        yield TUNINGS[name], replace(lean, tuning=name, sharding="none", offload="none")
    if plan.tuning == "full" and plan.offload != "all":
        yield "optimiser and parameters in host memory", replace(lean, sharding="zero3", offload="all")


def _full_changes(lean: Plan) -> Iterator[tuple[str, Plan]]:
    if lean.devices > 1:
        for name in ("zero1", "zero2", "zero3"):
            if name > lean.sharding or lean.sharding == "none":
                yield f"{SHARDINGS[name]} over {lean.devices}", replace(lean, sharding=name)
    fewer = {"adam": "adam_8bit", "momentum": "sgd"}.get(lean.optimiser)
    if fewer:
        yield OPTIMISERS[fewer].name, replace(lean, optimiser=fewer)
    if lean.offload == "none":
        stage = lean.sharding if lean.sharding in ("zero2", "zero3") else "zero2"
        yield "optimiser in host memory", replace(lean, sharding=stage, offload="optimiser")


def _serving_changes(plan: Plan, devices: int | None) -> Iterator[tuple[str, Plan]]:
    yield from _less_at_a_time(plan)
    bits = FORMATS[plan.precision].bits[1]
    for other, text in (("bf16", "16-bit weights"), ("int8", "8-bit weights"), ("q4_k_m", "weights of about 4 bits")):
        if FORMATS[other].bits[1] < bits:
            yield text, replace(plan, precision=other)
    if devices is not None and devices > plan.devices:
        yield f"{devices} of these (tensor parallel)", spread(plan, devices)


def _less_at_a_time(plan: Plan) -> Iterator[tuple[str, Plan]]:
    """The plan in smaller steps, then with fewer requests and shorter ones too, down to what `plan.modest` says."""
    least, lean, end = modest(plan), plan, ""
    if plan.step_tokens is None or plan.step_tokens > STEP:
        lean, end = replace(plan, step_tokens=least.step_tokens), f" in steps of {STEP} tokens"
        yield end.strip(), lean
    requests, context = plan.requests or 1, plan.context or int(CONTEXTS[2])
    while requests > 1:
        requests //= 2
        yield f"{requests} request{'s' if requests > 1 else ''} at a time{end}", replace(lean, requests=requests)
    alone = ", one request at a time" if (plan.requests or 1) > 1 else ""
    while context > CONTEXT:
        context = max(context // 2, CONTEXT)
        yield f"a context of {context:,} tokens{alone}{end}", replace(lean, context=context, requests=1)
