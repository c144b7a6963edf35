"""A machine as a person has it after setting it up, where its profile says what it is but not what is installed.

A machine of the catalogue, or one written by hand, leaves open what its owner chooses: Python, C library, system
version, driver. Each of these that is open is taken as current, and said. What a probe did not learn stays unknown,
what a profile states stays as it is, and no hardware is assumed, with one exception that is said as well: AVX.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rules.builds.coverage import BOARDS
from rules.builds.fitting import NVIDIA, os_version
from rules.builds.generations import older
from rules.builds.kinds import Absence, Build
from rules.builds.verdicts import Verdict, verdicts
from rules.hardware import Device, Profile, version_key

SETTABLE = ("catalogue", "hand")
# The lowest glibc of the current releases of Ubuntu LTS, Debian and RHEL: that of RHEL 10 and Ubuntu 24.04.
GLIBC = "2.39"
# The last JetPack of older boards is Ubuntu 18.04 (JetPack 4) or 20.04 (5); Orin and Thor have 7, which is 24.04.
BOARD_GLIBC = {"5.3": "2.27", "6.2": "2.27", "7.2": "2.31"}
# Apple, "macOS Tahoe 26 is compatible with these computers": every Mac with Apple silicon, and four with Intel.
MACOS = "26"
# Enough for CUDA 13, and the last branch that drives Maxwell, Pascal and Volta; Turing and later have newer ones.
# Kepler ended with 470 (NVIDIA, "Unix graphics feature deprecation schedule"). So every card since Maxwell can have it.
DRIVER, SINCE, SERVED = "580", "5.0", "7.5"
# Names of x86-64 processors with AVX: Intel's since Sandy Bridge of 2011, whose Core numbers have four digits or more
# and whose E7 is the second version, not Pentium, Celeron or Atom (Intel ARK); AMD's since Bulldozer.
_AVX = re.compile(
    r"Core(\(TM\))? (Ultra|i[3579]-\d{4})|Xeon(\(R\))? (Bronze|Silver|Gold|Platinum|E[35]-\d{4}|E7-\d{4} v\d)"
    r"|Ryzen|EPYC|AMD FX"
)
ARCHITECTURES = ("x86_64", "aarch64")


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts on a machine, and in words what they take for granted; or why there are none."""

    assumed: tuple[str, ...]
    not_judged: str | None
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A machine freshly set up, the builds as they are to be judged on it, and in words what was assumed."""

    profile: Profile
    builds: tuple[Build, ...]
    assumed: tuple[str, ...]


def judge(profile: Profile, builds: Sequence[Build], absences: Sequence[Absence] = ()) -> Judged:
    """A verdict for every framework on the machine as it is once it is set up.

    Where the architecture is open too, the machine is judged with either, and a verdict stands where both agree.
    """
    if why := not_judged(profile):
        return Judged((), why, ())
    if profile.arch is not None or profile.origin not in SETTABLE:
        made = fresh(profile, builds)
        return Judged(made.assumed, None, verdicts(made.profile, made.builds, absences))
    each = [judge(replace(profile, arch=arch), builds, absences) for arch in ARCHITECTURES]
    assumed = dict.fromkeys(said for judged in each for said in judged.assumed)
    pairs = zip(*(judged.verdicts for judged in each), strict=True)
    return Judged(tuple(assumed), None, tuple(_either(*pair) for pair in pairs))


def _either(first: Verdict, second: Verdict) -> Verdict:
    if (first.state, first.on) == (second.state, second.on):
        return first
    pairs = zip(ARCHITECTURES, (first, second), strict=True)
    said = (f"with {arch}: {each.state}" + (f" on {each.on}" if each.on else "") for arch, each in pairs)
    on = first.on if first.on == second.on else None
    return Verdict(first.framework, "unknown", on, ("the processor's architecture is not known", *said), (), ())


def fresh(profile: Profile, builds: Iterable[Build]) -> Fresh:
    """What the profile leaves open of software, filled in; a probe's profile as it is.

    No single Python suits every build, so where it is open the builds lose their bounds instead.
    """
    if profile.origin not in SETTABLE:
        return Fresh(profile, tuple(builds), ())
    told: list[str] = []
    if profile.python_version is None:
        told.append("a Python that each build is made for")
        builds = (replace(build, python_min=None, python_max=None) for build in builds)
    for step in (_libc, _macos, _driver, _avx):
        filled, said = step(profile)
        if filled != profile:
            profile = filled
            told += [said] if said else []
    return Fresh(profile, tuple(builds), tuple(told))


def not_judged(profile: Profile) -> str | None:
    """Why builds say nothing of a phone, a microcontroller or a browser, which install none; else None."""
    is_host = profile.os != "other" or not (profile.targets or any(d.kind == "browser_gpu" for d in profile.devices))
    if is_host:
        return None
    return "No framework is installed on such a machine: models are converted for it. Ask for a recommendation with it."


def _libc(profile: Profile) -> tuple[Profile, str]:
    boards = [d.compute_capability for d in profile.devices if d.compute_capability in BOARDS]
    version = min((BOARD_GLIBC.get(each or "", GLIBC) for each in boards), key=version_key, default=GLIBC)
    said = f"glibc {version}{', of its last JetPack' if boards else ' or newer, of a current distribution'}"
    if profile.os not in ("linux", "wsl2") or profile.libc not in (None, "glibc") or profile.libc_version is not None:
        return profile, said
    return replace(profile, libc="glibc", libc_version=version), said


def _macos(profile: Profile) -> tuple[Profile, str]:
    said = f"macOS {MACOS} or newer"
    if profile.os != "macos" or profile.arch != "aarch64" or os_version(profile) is not None:
        return profile, said
    return replace(profile, os_version=MACOS), said


def _driver(profile: Profile) -> tuple[Profile, str]:
    devices = tuple(_driven(device) for device in profile.devices)
    pairs = list(zip(devices, profile.devices, strict=True))
    given = [d.compute_capability for d, old in pairs if d.driver_version != old.driver_version]
    is_last = any(own and older(own, SERVED) for own in given)
    said = [f"NVIDIA's driver {DRIVER}{', the last for this generation' if is_last else ' or newer'}"] if given else []
    if any(d.usable != old.usable or d.driver != old.driver for d, old in pairs):
        said.append("devices that work with their drivers")
    return replace(profile, devices=devices), "; ".join(said)


def _driven(device: Device) -> Device:
    """The device with a current driver; as it is where none is known to drive it, or it has a system of its own."""
    own = device.compute_capability
    if device.kind == NVIDIA:
        if own is None or own in BOARDS - {"11.0"} or older(own, SINCE):  # Thor has the common one
            return device
        if device.driver != "no" and device.driver_version is None:
            device = replace(device, driver_version=DRIVER)
    if device.present != "no" and device.driver == "unknown":
        device = replace(device, driver="yes")
    return replace(device, usable="yes") if device.driver == "yes" and device.usable == "unknown" else device


def _avx(profile: Profile) -> tuple[Profile, str]:
    said = "a processor with AVX, as Intel's Core and Xeon and AMD's have since 2011"
    if profile.arch != "x86_64" or profile.cpu_features:
        return profile, said
    with_avx = replace(profile, cpu_features=("avx",))
    if profile.cpu_model is not None:
        return (with_avx if _AVX.search(profile.cpu_model) else profile), ""  # its name says it
    # A machine of the catalogue that names no processor has one of its own time.
    return (with_avx if profile.origin == "catalogue" else profile), said
