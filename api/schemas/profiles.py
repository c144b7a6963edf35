"""Stored hardware profiles, and what changed between two, as they go out."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, JsonValue

from api.schemas.base import Out, told
from api.schemas.knowledge import Next


class ProfileBrief(Out):
    """A stored profile without its content."""

    id: Annotated[str, told("What `hardware` of a recommendation takes.")]
    label: Annotated[str, told("What the profile calls its machine.")]
    received_at: Annotated[AwareDatetime, told("When it was last handed in.")]


class Profiles(Out):
    """A page of stored profiles, the one handed in last first."""

    items: Annotated[list[ProfileBrief], told("The profiles.")]
    next: Next


class ProfileOut(Out):
    """A profile in full."""

    id: Annotated[str, told("Made from its content; `local` for the service's own machine.")]
    source: Annotated[Literal["this server", "your profile", "what if"], told("Whose machine it is.")]
    profile: Annotated[dict[str, JsonValue], told("The profile; `docs/hardware-profiles.md` describes every field.")]


class Compared(Out):
    """One of two profiles that are compared."""

    id: Annotated[str, told("As it was asked for.")]
    label: Annotated[str, told("What the profile calls its machine.")]
    captured_at: Annotated[str, told("When it was taken; empty where it does not say.")]


class ChangeOut(Out):
    """One difference between two profiles."""

    group: Annotated[
        Literal[
            "host",
            "devices",
            "rungs",
            "driver",
            "overrides",
            "memory",
            "toolkit",
            "software",
            "python",
            "system",
            "processor",
            "disks",
        ],
        told("What kind of thing changed."),
    ]
    about: Annotated[str, told("What changed.")]
    kind: Annotated[Literal["lost", "gained", "changed"], told("How.")]
    before: Annotated[str | None, told("As text; null where there was nothing, or it was not known.")]
    after: Annotated[str | None, told("As text; null where there is nothing, or it is not known.")]
    worse: Annotated[bool | None, told("Whether there is less than before; null where that says nothing.")]
    text: Annotated[str, told("The whole in a sentence.")]


class ProfileChanges(Out):
    """What changed from one profile to another."""

    before: Compared
    after: Compared
    same_machine: Annotated[bool | None, told("Whether both come from one machine; null where they do not say.")]
    changes: Annotated[list[ChangeOut], told("What most likely matters first.")]
