"""The names that conditions may use, with their types: questions, facts of the hardware, facts of the alternative."""

from collections.abc import Mapping

from rules.conditions import Kind
from rules.feasibility.facts import FACTS
from rules.hardware import HARDWARE_FACTS, OFFERED, VERDICT_FACTS

LIFECYCLE_STATES = ("archived", "deprecated", "maintenance", "active")
NO_END_YEARS = 100.0  # what `alt.years_left` says where no end is announced
GOVERNANCE = ("foundation_governed", "multi_vendor", "single_vendor", "community")
HARDWARE_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "os": ("linux", "windows", "wsl2", "macos", "other"),
    "arch": ("x86_64", "aarch64", "armv7l", "other"),
    "libc": ("glibc", "musl"),
}
# Facts of the hardware with the options of a question.
_OPTIONS_OF = {
    "accelerators": "train_hardware",
    **{name: name for name in OFFERED},
    **dict.fromkeys(VERDICT_FACTS.values(), "existing_code"),
}


def project_names(questions: Mapping[str, Kind]) -> dict[str, Kind]:
    """What a condition on the project may mention: every question, `hardware.*` and `feasible.*`.

    The last are computed from answers and hardware (`rules.feasibility.facts`).
    """
    options = {**HARDWARE_OPTIONS} | {
        name: questions[question].options for name, question in _OPTIONS_OF.items() if question in questions
    }
    hardware = {f"hardware.{name}": Kind(sort, options.get(name, ())) for name, sort in HARDWARE_FACTS.items()}
    return {**questions, **hardware, **{name: Kind(sort) for name, sort in FACTS.items()}}


def alternative_names(
    capabilities: Mapping[str, Kind],
    alternatives: tuple[str, ...],
    targets: tuple[str, ...],
    formats: tuple[str, ...],
) -> dict[str, Kind]:
    """What a condition on an alternative may mention besides the project: `alt.*`.

    Three are computed when a release is built: `alt.path.<target>`, the support level of the best path from a training
    framework to the target; `alt.accepts`, the formats that a runtime loads itself and the frameworks it has a
    maintained conversion from; and `alt.years_left`, the years until an announced end (100 where none is).
    """
    return {
        "alt.id": Kind("one", alternatives),
        "alt.lifecycle": Kind("one", LIFECYCLE_STATES, ordered=True),
        "alt.years_left": Kind("number"),
        "alt.governance": Kind("set", GOVERNANCE),
        "alt.licence.osi_approved": Kind("flag"),
        "alt.licence.permissive": Kind("flag"),
        "alt.graded": Kind("flag"),
        "alt.accepts": Kind("set", tuple(dict.fromkeys((*formats, *alternatives)))),
        **{f"alt.path.{target}": Kind("level") for target in targets},
        **{f"alt.{name}": kind for name, kind in capabilities.items()},
    }
