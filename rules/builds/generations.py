"""Which of NVIDIA's generations a build serves, by its code and by what its makers state. It knows no machine."""

from rules.builds.coverage import coverage
from rules.builds.kinds import Build
from rules.hardware import version_key

# NVIDIA's compute capabilities of cards (CUDA GPU Compute Capability), ascending; those of boards are left out.
GENERATIONS = ("5.0", "5.2", "6.0", "6.1", "7.0", "7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "10.3", "12.0", "12.1")


def capabilities(build: Build) -> tuple[str, ...]:
    """Capabilities that the build certainly covers, ascending: those it has machine code for, within its bounds."""
    found = {f"{c.target.rstrip('af')[:-1]}.{c.target.rstrip('af')[-1]}" for c in build.code if c.kind in ("sm", "ptx")}
    found |= {each for each in (build.capability_min, build.capability_max) if each}
    low, high = build.capability_min, build.capability_max
    return tuple(
        sorted(
            (
                each
                for each in found
                if not (low and older(each, low))
                and not (high and older(high, each))
                and (not build.code or coverage(build.code, each).state != "none")
            ),
            key=version_key,
        )
    ) or ("another",)


def is_served(build: Build, own: str) -> bool:
    """Whether nothing speaks against the build on a device of a compute capability."""
    low, high = build.capability_min, build.capability_max
    is_outside = (low and older(own, low)) or (high and older(high, own))
    return not is_outside and coverage(build.code, own).state != "none"


def served(build: Build, own: str) -> str:
    """The capabilities that would do: one range where there is no gap in it, else each that is certain."""
    known = capabilities(build)
    between = [each for each in GENERATIONS if not older(each, known[0])]
    within = [each for each in between if not (build.capability_max and older(build.capability_max, each))]
    has_gap = build.code and any(coverage(build.code, each).state == "none" for each in within)
    if has_gap or not version_key(known[0]) or not older(own, known[0]):
        return " or ".join(known)
    return f"{known[0]} to {within[-1]}" if len(within) < len(between) else f"{known[0]} or newer"


def older(version: str, floor: str) -> bool:
    """Whether a version is older than another."""
    return version_key(version) < version_key(floor)
