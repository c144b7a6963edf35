"""What can be asked of memory: the command `feasibility`, beside those of `cli.commands`."""

from typing import Annotated

import typer

from cli.choices import AsJson

memory = typer.Typer(rich_markup_mode=None)


def _option(name: str, metavar: str, help: str) -> object:  # noqa: A002
    return typer.Option(name, metavar=metavar, help=help)


@memory.command(short_help="Say whether a model fits a device's memory.")
def feasibility(
    parameters: Annotated[str, _option("--parameters", "N", "How many the model has, such as 7e9, 7B or 350M.")],
    memory: Annotated[str | None, _option("--memory", "SIZE", 'Of one device, such as "24 GiB".')] = None,
    devices: Annotated[
        int | None, _option("--devices", "N", "How many there are. Default: 1, or the profile's.")
    ] = None,
    hardware: Annotated[
        str | None,
        _option(
            "--hardware", "local|FILE|ID|catalogue:NAME", "The machine, in the place of --memory; as `recommend` takes."
        ),
    ] = None,
    unified: Annotated[bool, typer.Option("--unified", help="The memory is shared with the system.")] = False,
    tuning: Annotated[
        str | None, _option("--tuning", "WAY", "Only this: full, lora, qlora or serve. Default: all of them.")
    ] = None,
    precision: Annotated[
        str | None,
        _option(
            "--precision", "NAME", "fp32, mixed or bf16 to train; bf16, fp8, int8, nf4, q4_k_m and others to serve."
        ),
    ] = None,
    optimiser: Annotated[
        str | None, _option("--optimiser", "NAME", "adam, adam_8bit, momentum or sgd. Default: adam.")
    ] = None,
    sharding: Annotated[
        str | None, _option("--sharding", "NAME", "none, zero1, zero2 or zero3, over all devices. Default: none.")
    ] = None,
    offload: Annotated[
        str | None, _option("--offload", "NAME", "none, optimiser or all, to host memory. Default: none.")
    ] = None,
    recomputation: Annotated[
        str | None, _option("--recomputation", "NAME", "none, selective or full. Default: not known.")
    ] = None,
    rank: Annotated[int | None, _option("--rank", "N", "Of the adapters. Default: 8 to 64.")] = None,
    batch: Annotated[int | None, _option("--batch", "N", "Sequences at a time on a device. Default: 1.")] = None,
    sequence: Annotated[
        int | None, _option("--sequence", "N", "Tokens of one in training. Default: 512 to 2048.")
    ] = None,
    context: Annotated[int | None, _option("--context", "N", "Tokens of one request. Default: 512 to 8192.")] = None,
    requests: Annotated[int | None, _option("--requests", "N", "Requests at a time. Default: 1.")] = None,
    architecture: Annotated[
        str | None,
        _option(
            "--architecture", "L,H,A,K,D,V",
            "Layers, width, heads, heads of keys and values, width of a head, vocabulary. Default: estimated.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Say what a model takes to train, to tune and to serve, item by item, whether that fits, and what else would."""
    from cli.actions import fitting

    given = {
        "parameters": parameters, "memory": memory, "devices": devices, "unified": unified or None, "tuning": tuning,
        "precision": precision, "optimiser": optimiser, "sharding": sharding, "offload": offload,
        "recomputation": recomputation, "rank": rank, "batch": batch, "sequence": sequence, "context": context,
        "requests": requests,
    }  # fmt: skip
    return fitting.feasibility(given, hardware, architecture, as_json=as_json)
