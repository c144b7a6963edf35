"""One verdict per framework on a machine, with the smallest changes that would better it.

The search runs over every build of the framework on every system that the machine has or could have. Where the start
is, is said first: with the builds that are installed, else with those that the makers' first instruction gives.

Changes are ordered by what they ask of a person: another build < another version of the package < Python < the version
of the system or its C library < the driver < another system < other hardware. Of two ways the one whose hardest change
asks less is smaller; when those are equal, the next hardest decides, and a part of the other's changes is smaller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rules.builds.coverage import BOARDS
from rules.builds.fitting import CHANGE_KINDS, NVIDIA, SYSTEM_NAMES, Change, Fit, fits, is_weak_on
from rules.builds.generations import capabilities
from rules.builds.kinds import CPU, Absence, Build, System
from rules.builds.starting import chosen, start
from rules.hardware import Device, Profile, State, version_key

VerdictState = Literal["supported", "degraded", "fixable", "impossible", "unknown"]
# From the best to the worst; what is not known stands before what is known to be impossible.
STATES: tuple[VerdictState, ...] = ("supported", "degraded", "fixable", "unknown", "impossible")
SHOWN_OPTIONS = 3
ON_BOARDS = "NVIDIA's own builds for its boards (JetPack) are not on file, and the others have no code for this one"


@dataclass(frozen=True, slots=True)
class Option:
    """A way to a better state: the build to use, the changes it takes, the easiest first, and what comes of it."""

    build: Build
    system: System
    changes: tuple[Change, ...]
    leads_to: VerdictState

    @property
    def text(self) -> str:
        """The changes in words."""
        return "; ".join(change.text for change in self.changes)


@dataclass(frozen=True, slots=True)
class KindVerdict:
    """What comes of one kind of device (`cpu` is one), on a build that serves all devices of that kind.

    `rungs` are present, driver, usable and covered, each the least of the devices; empty for `cpu`. `apart` has a
    verdict for each device where they differ, with the place of the device in the profile in `devices`.
    """

    device: str
    devices: tuple[int, ...]
    state: VerdictState
    build: Build | None
    rungs: Mapping[str, State]
    reasons: tuple[str, ...]
    options: tuple[Option, ...]
    apart: tuple["KindVerdict", ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a machine can do with a framework: the state on the device kind `on`, and all kinds apart."""

    framework: str
    state: VerdictState
    on: str | None
    reasons: tuple[str, ...]
    options: tuple[Option, ...]
    kinds: tuple[KindVerdict, ...]


def verdicts(profile: Profile, builds: Iterable[Build], absences: Iterable[Absence] = ()) -> tuple[Verdict, ...]:
    """A verdict for every framework with builds on file, by id."""
    by_framework: dict[str, list[Build]] = {}
    for build in builds:
        by_framework.setdefault(build.framework, []).append(build)
    absent: dict[str, set[str]] = {}
    for absence in absences:
        by_framework.setdefault(absence.framework, [])
        absent.setdefault(absence.framework, set()).update(absence.devices)
    return tuple(
        _verdict(name, profile, own, frozenset(absent.get(name, ()))) for name, own in sorted(by_framework.items())
    )


def _verdict(framework: str, profile: Profile, builds: Sequence[Build], absent: frozenset[str]) -> Verdict:
    kinds = [_with_devices_apart(profile, builds, absent, kind, places) for kind, places in _kinds(profile).items()]
    cpu = _kind_verdict(profile, builds, absent, CPU, ())
    official = {build.device for build in builds if build.level == "official"}
    counted = [each for each in kinds if each.device in official]
    others = tuple(each for each in kinds if each not in counted)
    best = min(counted, key=lambda each: STATES.index(each.state), default=None)
    everything = (*counted, *others, cpu)
    if best is None:
        # An accelerator that the makers do not serve is better used than none, but no reason to call the rest worse.
        served = [each for each in others if any(build.device == each.device for build in builds)]
        first = min((cpu, *served), key=lambda each: STATES.index(each.state))
        return Verdict(framework, first.state, first.device, first.reasons, first.options, everything)
    if best.state == "impossible" and cpu.state == "unknown" and any(build.device == CPU for build in builds):
        reasons = (f"not on {best.device}", *cpu.reasons)
        return Verdict(framework, "unknown", CPU, reasons, best.options, everything)
    if best.state in ("supported", "degraded", "fixable") or cpu.state not in ("supported", "degraded", "fixable"):
        return Verdict(framework, best.state, best.device, best.reasons, best.options, everything)
    only = "on the processor at least" if best.state == "unknown" else "only on the processor"
    reasons = (f"{only}; {best.device}: {best.state}", *best.reasons)
    if cpu.state != "fixable":
        return Verdict(framework, "degraded", CPU, reasons, best.options, everything)
    options = tuple(replace(option, leads_to="degraded") for option in cpu.options[:1])
    return Verdict(framework, "fixable", CPU, (*reasons, *cpu.reasons), options, everything)


def _kinds(profile: Profile) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for place, device in enumerate(profile.devices):
        if device.present != "no":
            found[device.kind] = (*found.get(device.kind, ()), place)
    return found


def _with_devices_apart(
    profile: Profile, builds: Sequence[Build], absent: frozenset[str], kind: str, places: tuple[int, ...]
) -> KindVerdict:
    together = _kind_verdict(profile, builds, absent, kind, places)
    bare = {replace(profile.devices[p], name=None, memory_bytes=None, address=None, serial_hash=None) for p in places}
    if len(bare) < 2:
        return together
    return replace(together, apart=tuple(_kind_verdict(profile, builds, absent, kind, (p,)) for p in places))


def _kind_verdict(
    profile: Profile, builds: Sequence[Build], absent: frozenset[str], kind: str, places: tuple[int, ...]
) -> KindVerdict:
    devices = [profile.devices[place] for place in places]
    own = [build for build in builds if build.device == kind]
    if not own:
        state: VerdictState = "impossible" if kind in absent else "unknown"
        others = sorted({build.device for build in builds})
        only = f", only for {', '.join(others)}" if kind == CPU and others else ""
        why = f"no build for {kind}" + ("" if kind in absent else " is on file") + only
        return KindVerdict(kind, places, state, None, _rungs(devices, "unknown"), (why,), ())
    begun, installs = start(profile, builds, own)
    at_start = [fit for build in begun for fit in fits(build, profile, devices)]
    standing = min(at_start, key=_rank, default=None)
    state = _state(standing) if standing else "impossible"
    ways = [*at_start, *(f for build in own if build not in begun for f in chosen(build, installs, profile, devices))]
    options = _options(ways, state)
    if state == "impossible" and options:
        state = "fixable"
    elif state == "impossible" and any(way.is_possible and way.unknown for way in ways):
        state = "unknown"
    elif state == "impossible" and any(
        device.kind == NVIDIA and device.compute_capability in BOARDS for device in devices
    ):
        return KindVerdict(kind, places, "unknown", None, _rungs(devices, "unknown"), (ON_BOARDS,), ())
    elif state == "impossible":
        options = _with_other_hardware(ways)
    used = standing or min(ways, key=_key, default=None)
    covered = _covered(options[0] if state == "fixable" else None, used, ways)
    reasons = _reasons(state, standing, used) or (f"its builds are for {_systems(own)} only",)
    build = standing.build if standing and state != "fixable" else options[0].build if options else None
    return KindVerdict(kind, places, state, build, _rungs(devices, covered), reasons, options)


# --- The smallest change ---------------------------------------------------------------------------------------------


def _state(fit: Fit) -> VerdictState:
    """What a fit is as it stands."""
    if fit.changes:
        return "impossible"
    if fit.unknown:
        return "unknown"
    return "degraded" if fit.weak else "supported"


def _rank(fit: Fit) -> tuple[int, tuple[int, ...]]:
    return STATES.index(_state(fit)), _key(fit)


def _key(way: Fit | Option) -> tuple[int, ...]:
    """The order of ways: their hardest change first."""
    return tuple(sorted((_cost(change) for change in way.changes), reverse=True))


def _cost(change: Change) -> int:
    """The place of a change in the order; WSL2 lives inside the system at hand and comes before another system."""
    return 2 * CHANGE_KINDS.index(change.kind) + (change.kind == "other_system" and change.to != "wsl2")


def _options(ways: Sequence[Fit], state: VerdictState) -> tuple[Option, ...]:
    """The ways to something better, the smallest first; a larger one only where it leads to something better still, or
    to a newer version.
    """
    if state in ("supported", "unknown"):
        return ()
    found = [
        Option(way.build, way.system, _easiest_first(way.changes), "degraded" if way.weak else "supported")
        for way in ways
        if way.changes and not way.unknown and way.is_possible
    ]
    best = STATES.index(state)
    kept: list[Option] = []
    newest_first = sorted(found, key=lambda each: version_key(each.build.version), reverse=True)
    for each in sorted(newest_first, key=lambda option: (_key(option), STATES.index(option.leads_to))):
        if STATES.index(each.leads_to) < best or (kept and _is_newer(each, kept)):
            kept.append(each)
            best = min(best, STATES.index(each.leads_to))
    return tuple(kept[:SHOWN_OPTIONS])


def _is_newer(option: Option, kept: Sequence[Option]) -> bool:
    """Whether a way ends with a newer version than every smaller one, and in no worse a state."""
    same = [each for each in kept if each.build.distribution == option.build.distribution]
    newest = max((version_key(each.build.version) for each in same), default=None)
    no_worse = all(STATES.index(option.leads_to) <= STATES.index(each.leads_to) for each in kept)
    return newest is not None and version_key(option.build.version) > newest and no_worse


def _with_other_hardware(ways: Sequence[Fit]) -> tuple[Option, ...]:
    smallest = min((way for way in ways if not way.is_possible), key=_key, default=None)
    if smallest is None or smallest.unknown:
        return ()
    on_new = (change.to for change in smallest.changes if change.kind == "hardware")
    weak = is_weak_on(smallest, next((to for to in on_new if to in capabilities(smallest.build)), None))
    leads_to: VerdictState = "degraded" if weak else "supported"
    return (Option(smallest.build, smallest.system, _easiest_first(smallest.changes), leads_to),)


def _easiest_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: CHANGE_KINDS.index(change.kind)))


# --- Words and rungs -------------------------------------------------------------------------------------------------


def _reasons(state: VerdictState, standing: Fit | None, used: Fit | None) -> tuple[str, ...]:
    fit = standing or used
    if fit is None:
        return ()
    through = fit.covered.through
    if state == "supported":
        code = f", with code for it ({through})" if through and fit.build.device == NVIDIA else ""
        return (fit.build.named + code,)
    if state == "degraded":
        return fit.weak
    if standing is None:
        return ("what is installed does not serve this device", *(change.text for change in fit.changes))
    told = tuple(f"{fit.build.named} needs: {change.text}" for change in fit.changes)
    return (*told, *fit.unknown)


def _systems(builds: Sequence[Build]) -> str:
    names = dict.fromkeys(SYSTEM_NAMES[system.os] for build in builds for system in build.systems)
    return ", ".join(names)


def _covered(option: Option | None, used: Fit | None, ways: Sequence[Fit]) -> State:
    """Whether the build at hand has code for the devices; of a way to something better: its build."""
    if option is not None:
        used = next(way for way in ways if way.build is option.build and way.system is option.system)
    states: Mapping[str, State] = {"native": "yes", "translated": "yes", "none": "no", "unknown": "unknown"}
    return states[used.covered.state] if used else "unknown"


def _rungs(devices: Sequence[Device], covered: State) -> dict[str, State]:
    if not devices:
        return {}
    return {
        "present": _least(device.present for device in devices),
        "driver": _least(device.driver for device in devices),
        "usable": _least(device.usable for device in devices),
        "covered": covered,
    }


def _least(states: Iterable[State]) -> State:
    order: tuple[State, ...] = ("no", "unknown", "yes")
    return min(states, key=order.index)
