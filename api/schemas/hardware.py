"""Known machines as they go out."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from api.schemas.base import Out, told
from api.schemas.knowledge import Next

Class = Literal[
    "cloud", "notebook", "serverless", "server", "workstation", "laptop", "board", "phone", "microcontroller", "browser"
]


class DeviceOut(Out):
    """Devices of one kind and size in a known machine."""

    kind: Annotated[str, told("What it is, in the words of `train_hardware` and `deploy_hardware`.")]
    name: Annotated[str | None, told("What its maker calls it.")]
    count: Annotated[int, told("How many of them.")]
    memory_bytes: Annotated[int | None, told("Of one of them; null: not known.")]
    memory_as: Annotated[
        Literal["reported", "brochure"] | None, told("Whose number that is: a driver's, or a brochure's.")
    ]
    compute_capability: Annotated[str | None, told("NVIDIA's; null: none, or not known.")]
    architecture: Annotated[str | None, told("The maker's name of the generation.")]


class MachineBrief(Out):
    """A known machine in short."""

    name: Annotated[str, told("Its name in the catalogue.")]
    hardware: Annotated[str, told("What `hardware` of a recommendation takes to ask what if it were this machine.")]
    title: Annotated[str, told("What it is.")]
    of_class: Annotated[Class, Field(alias="class", description="What class of machine it is.")]
    aliases: Annotated[list[str], told("What else it is called.")]
    targets: Annotated[list[str], told("Not empty: a machine to deploy on, which answers no question of training.")]
    memory_bytes: Annotated[int | None, told("Of the whole machine; null: not known.")]
    devices: Annotated[list[DeviceOut], told("Its accelerators.")]
    date: Annotated[str, told("The day of what is known of it.")]


class SourceOut(Out):
    """A document that says what a machine has."""

    publisher: str
    title: str
    url: str
    date: Annotated[str, told("The day it bears, or on which it was opened where it bears none.")]


class MachineOut(MachineBrief):
    """A known machine in full."""

    note: Annotated[str | None, told("What the numbers leave out.")]
    accessed: Annotated[str, told("The day on which the sources were opened.")]
    sources: Annotated[list[SourceOut], told("Where all this is from.")]
    fills: Annotated[dict[str, JsonValue], told("The questions that it answers where the answers leave them open.")]
    profile: Annotated[dict[str, JsonValue], told("The hardware profile that stands for it.")]


class Machines(Out):
    """A page of known machines."""

    items: list[MachineBrief]
    next: Next
