"""What a machine can do with each framework, as it goes out."""

from typing import Annotated, Literal

from api.schemas.base import EvidenceIds, Out, told

State = Literal["supported", "degraded", "fixable", "unknown", "impossible"]
Rung = Literal["yes", "no", "unknown"]


class ChangeOut(Out):
    """One thing to change."""

    kind: Annotated[
        Literal["build", "version", "python", "system", "driver", "other_system", "hardware"],
        told("From what asks least of a person to what asks most, in this order."),
    ]
    since: Annotated[str | None, told("What there is now.")]
    to: str
    text: str


class OptionOut(Out):
    """A way to a better state."""

    requirement: Annotated[str, told("What to install, as an installer takes it where there is one.")]
    index: Annotated[str, told("Where it comes from: `default` is the package index.")]
    changes: Annotated[list[ChangeOut], told("All that it takes, the easiest first.")]
    leads_to: State


class BuildOut(Out):
    """A build that can be installed."""

    id: str
    requirement: str
    index: str
    version: str
    date: str
    level: Literal["official", "experimental", "community"]
    expires: Annotated[str, told("The day from which what is on file of it should be looked at again.")]
    note: str | None
    evidence: EvidenceIds


class KindOut(Out):
    """What comes of one kind of device; `cpu` is one."""

    device: str
    devices: Annotated[list[int], told("The places of the devices in the profile.")]
    state: State
    build: Annotated[BuildOut | None, told("The best build for it, after the first of the ways where it needs one.")]
    rungs: Annotated[
        dict[str, Rung], told("`present`, `driver`, `usable` and `covered`, the least of the devices; empty for `cpu`.")
    ]
    reasons: list[str]
    options: Annotated[list[OptionOut], told("Ways to something better, the smallest first.")]
    apart: Annotated[list["KindOut"], told("The same for each device by itself, where they differ.")]


class VerdictOut(Out):
    """What the machine can do with one framework."""

    framework: str
    state: State
    on: Annotated[str | None, told("The kind of device that the state is about.")]
    reasons: list[str]
    options: list[OptionOut]
    kinds: list[KindOut]


class Verdicts(Out):
    """A verdict for each framework that has builds on file."""

    hardware: str
    label: str
    release: str
    assumed: Annotated[
        list[str],
        told(
            "What every verdict takes for granted: software that a machine of the catalogue or one written by hand "
            "does not name is assumed to be current. Empty for what a probe saw."
        ),
    ]
    not_judged: Annotated[
        str | None,
        told("Why there are no verdicts: on a phone, a microcontroller or in a browser nothing is installed."),
    ]
    verdicts: list[VerdictOut]
