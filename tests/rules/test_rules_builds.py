"""Coverage follows NVIDIA's rule and real binaries; verdicts find the smallest change, and it does what it says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations, product
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.builds import Absence, Build, KindVerdict, Option, System, coverage, verdicts
from rules.builds.fitting import CHANGE_KINDS
from rules.builds.kinds import distribution_of
from rules.builds.verdicts import STATES
from rules.hardware import Code, Device, Profile, Software, version_key
from tests.applying import applied


def code(sm: str, ptx: str = "", library: str = "lib.so") -> tuple[Code, ...]:
    """Code from counts such as `75:476 80:476`."""
    kinds = (("sm", sm), ("ptx", ptx))
    pairs = [(kind, each.partition(":")) for kind, text in kinds for each in text.split()]
    return tuple(Code(library, kind, target, int(count or 1)) for kind, (target, _, count) in pairs)


# Counted in the published wheels on 2026-11-21 (see the evidence `builds-*`); what each must mean.
TORCH = code("75:476 80:476 86:476 89:1 90:509 100:564 103:59 120:477 121:1")
TORCH_ARM = code("80:476 90:509 100:564 103:59 110:535 120:477 121:1")
TENSORFLOW = code("60:1398 70:1398 80:1398 89:1398 90:249", "90:1398")
XGBOOST = code("75:65 80:65 90:65 100:65 120:65", "120:65")
ONNXRUNTIME = code("75:217 80:308 86:308 89:308 90:600 120:317")
JAX_13 = code("75:52 80:52 90:52 100:52 110:52 120:52", "120:52")
JAX_12 = code("50:52 60:52 70:52 80:52 90:52 100:52 101:52 120:52", "120:52")
MLX = code("75:99 80:99 90:99 100:99 120:99 121:99", "120:99")
CATBOOST = code("61:76 75:76 80:76 86:76 89:76 90:76", "35:76 50:76 60:76 70:76 90:76")
ONNXRUNTIME_WINDOWS = code("75:217 80:308 86:308 89:308 90:290 120:279", "120:38")


@pytest.mark.parametrize(
    ("held", "capability", "state", "through"),
    [
        (TORCH, "7.0", "none", None),
        (TORCH, "7.5", "native", "sm_75"),
        (TORCH, "8.9", "native", "sm_86"),
        (TORCH, "10.3", "native", "sm_100"),
        (TORCH, "12.1", "native", "sm_120"),
        (TORCH, "11.0", "none", None),
        (TORCH_ARM, "11.0", "native", "sm_110"),
        (TORCH_ARM, "7.5", "none", None),
        (TENSORFLOW, "5.2", "none", None),
        (TENSORFLOW, "7.5", "native", "sm_70"),
        (TENSORFLOW, "9.0", "translated", "compute_90"),
        (TENSORFLOW, "12.0", "translated", "compute_90"),
        (XGBOOST, "7.5", "native", "sm_75"),
        (XGBOOST, "7.0", "none", None),
        (ONNXRUNTIME, "7.5", "native", "sm_75"),
        (ONNXRUNTIME, "10.0", "none", None),
        (ONNXRUNTIME, "10.3", "none", None),
        (ONNXRUNTIME, "11.0", "none", None),
        (ONNXRUNTIME, "12.0", "native", "sm_120"),
        (ONNXRUNTIME_WINDOWS, "12.1", "native", "sm_120"),
        (ONNXRUNTIME_WINDOWS, "13.0", "none", None),  # 38 pieces of PTX are strays
        (JAX_13, "7.0", "none", None),
        (JAX_13, "11.0", "native", "sm_110"),
        (JAX_12, "5.2", "native", "sm_50"),
        (JAX_12, "11.0", "none", None),
        (JAX_12, "3.7", "none", None),
        (MLX, "12.1", "native", "sm_121"),
        (MLX, "12.9", "native", "sm_121"),
        (MLX, "13.0", "translated", "compute_120"),
        (TORCH_ARM, "8.7", "none", None),  # a board: code for cards of 8.0 does not run there
        (CATBOOST, "8.7", "translated", "compute_70"),
        (code("87 110"), "8.9", "none", None),
        (code("87 110"), "8.7", "native", "sm_87"),
        (CATBOOST, "3.5", "translated", "compute_35"),
        (CATBOOST, "7.0", "translated", "compute_70"),
        (CATBOOST, "3.0", "none", None),
    ],
)
def test_published_binaries_cover_what_they_are_known_to(
    held: tuple[Code, ...], capability: str, state: str, through: str | None
) -> None:
    found = coverage(held, capability)
    assert (found.state, found.through) == (state, through)


@pytest.mark.parametrize(
    ("held", "capability", "state"),
    [
        (code("90a"), "9.0", "native"),
        (code("90a"), "9.1", "none"),
        (code("100f"), "10.3", "native"),
        (code("100f"), "11.0", "none"),
        (code("", "90a"), "10.0", "none"),
        (code("", "90"), "8.9", "none"),
        (code("", "90"), "9.0", "translated"),
        ((), "9.0", "unknown"),
        (code("80"), "", "unknown"),
        ((Code("files", "gfx", "gfx942", 3),), "9.4", "unknown"),
        # Of several libraries the one with the most code decides.
        ((*code("75:60 80:70", library="main"), *code("90:100", library="one generation")), "8.0", "native"),
        ((*code("75:60 80:70", library="main"), *code("90:100", library="one generation")), "9.0", "none"),
    ],
)
def test_letters_kinds_and_libraries(held: tuple[Code, ...], capability: str, state: str) -> None:
    assert coverage(held, capability).state == state


TARGETS = ("50", "61", "75", "80", "86", "90", "90a", "100f", "103", "120")
counts = st.dictionaries(st.sampled_from(TARGETS), st.integers(1, 9), max_size=6)
capabilities = st.sampled_from(["5.0", "6.1", "7.5", "8.0", "8.9", "9.0", "9.1", "10.3", "12.0", "12.1"])


def slowly(sm: dict[str, int], ptx: dict[str, int], capability: str) -> str:
    """The same rule, written out over single pieces of code."""
    major, minor = (int(part) for part in capability.split("."))
    if not sm and not ptx:
        return "unknown"

    def runs(target: str, is_ptx: bool) -> bool:
        number = int(target.strip("af"))
        if target.endswith("a"):
            return number == 10 * major + minor
        if is_ptx and not target.endswith("f"):
            return number <= 10 * major + minor
        return number // 10 == major and number % 10 <= minor

    if any(2 * n >= median(sm.values()) and runs(t, False) for t, n in sm.items()):
        return "native"
    everything = [*sm.values(), *ptx.values()]
    return "translated" if any(2 * n >= median(everything) and runs(t, True) for t, n in ptx.items()) else "none"


@given(sm=counts, ptx=counts, capability=capabilities)
def test_coverage_agrees_with_the_rule_written_out(sm: dict[str, int], ptx: dict[str, int], capability: str) -> None:
    held = tuple(Code("l", kind, t, n) for kind, each in (("sm", sm), ("ptx", ptx)) for t, n in each.items())
    assert coverage(held, capability).state == slowly(sm, ptx, capability)


# --- Verdicts --------------------------------------------------------------------------------------------------------

LINUX = System("linux", "x86_64", "glibc", "2.28")
WSL2 = replace(LINUX, os="wsl2")
WINDOWS = System("windows", "x86_64")
MACOS = System("macos", "aarch64", os_min="14.0")


def build(name: str = "b", **changed: Any) -> Build:
    values: dict[str, Any] = {
        "id": name,
        "framework": "f",
        "requirement": f"{name}==2.0",
        "index": "default",
        "version": "2.0",
        "date": "2026-10",
        "distribution": "f",
        "flavour": None,
        "python_min": "3.11",
        "python_max": "3.14",
        "systems": (LINUX,),
        "device": "nvidia_gpu",
        "toolkit": "13.0",
        "drivers": {"linux": "580", "wsl2": "580", "windows": "580"},
        "code": code("75 80 90"),
        "capability_min": None,
        "capability_max": None,
        "portable": False,
        "architectures": (),
        "features": (),
        "level": "official",
        "default": False,
        "evidence": ("e",),
        "expires": "2027-03-21",
    }
    return Build(**{**values, **changed})


def device(**changed: Any) -> Device:
    values: dict[str, Any] = {
        "kind": "nvidia_gpu",
        "name": None,
        "memory_bytes": None,
        "compute_capability": "8.9",
        "driver_version": "580.95",
        "toolkit_version": "13.0",
        "present": "yes",
        "driver": "yes",
        "usable": "yes",
    }
    return Device(**{**values, **changed})


def profile(*devices: Device, **changed: Any) -> Profile:
    values: dict[str, Any] = dict.fromkeys(Profile.__dataclass_fields__)
    for name, field in Profile.__dataclass_fields__.items():
        if isinstance(field.default, str | tuple):
            values[name] = field.default
    values |= {
        "origin": "hand",
        "label": "x",
        "captured_at": "",
        "os": "linux",
        "arch": "x86_64",
        "libc": "glibc",
        "libc_version": "2.39",
        "python_version": "3.12.4",
        "cpu_features": ("avx",),
        "devices": devices,
    }
    return Profile(**{**values, **changed})


def judged(machine: Profile, *builds: Build, kind: str = "nvidia_gpu") -> KindVerdict:
    (verdict,) = verdicts(machine, builds)
    return next(each for each in verdict.kinds if each.device == kind)


def asked(found: KindVerdict) -> list[list[str]]:
    return [[f"{change.kind} {change.to}" for change in option.changes] for option in found.options]


MAIN = build(default=True)
OLD = build("old", version="1.9", code=code("50 60 70 75"), toolkit="12.6", drivers={"linux": "525"}, flavour="cu126")

BLACKWELL = device(compute_capability="12.0", driver_version="550.54.14")
HOPPER = device(compute_capability="9.0", driver_version="470")
MAIN_120 = replace(MAIN, code=code("90 120"))
OLD_DRIVER = build("cu12", toolkit="12.9", drivers={"linux": "525"}, code=code("90 120"), flavour="cu12")


@pytest.mark.parametrize(
    ("machine", "builds", "state", "changes"),
    [
        (profile(device()), [MAIN], "supported", []),
        (profile(device(driver_version="550.54")), [MAIN], "fixable", [["driver 580"]]),
        (profile(device(), python_version="3.10.1"), [MAIN], "fixable", [["python 3.11"]]),
        (profile(device(), python_version="3.15.0"), [MAIN], "fixable", [["python 3.14"]]),
        (profile(device(), libc_version="2.27"), [MAIN], "fixable", [["system 2.28"]]),
        (profile(device(), libc="musl"), [MAIN], "fixable", [["system glibc 2.28"]]),
        (profile(device(), os="windows", libc=None), [MAIN], "fixable", [["other_system linux"]]),
        (
            profile(device(), os="windows", libc=None),
            [replace(MAIN, systems=(LINUX, WSL2))],
            "fixable",
            [["other_system wsl2"]],
        ),
        (profile(device()), [replace(MAIN, systems=(WINDOWS,))], "impossible", []),
        (profile(device(compute_capability="7.0")), [MAIN], "impossible", [["hardware 7.5"]]),
        (profile(device(compute_capability="7.0")), [MAIN, OLD], "fixable", [["version old==2.0"]]),
        # The older version asks less than a new driver; the newest version is told beside it.
        (
            profile(device(driver_version="550", compute_capability="7.5")),
            [MAIN, OLD],
            "fixable",
            [["version old==2.0"], ["driver 580"]],
        ),
        (
            profile(device(driver_version="470", compute_capability="7.5"), python_version="3.10"),
            [MAIN],
            "fixable",
            [["python 3.11", "driver 580"]],
        ),
        (profile(device(driver="no", usable="no", driver_version=None)), [MAIN], "fixable", [["driver 580"]]),
        # Blackwell needs a driver that knows it, whatever the build asks for.
        (profile(BLACKWELL), [OLD_DRIVER], "fixable", [["driver 570"]]),
        (profile(replace(BLACKWELL, driver_version="570.26")), [OLD_DRIVER], "supported", []),
        (profile(replace(BLACKWELL, compute_capability="9.0")), [OLD_DRIVER], "supported", []),
        (profile(BLACKWELL), [MAIN_120, OLD_DRIVER], "fixable", [["driver 580"]]),
        (profile(BLACKWELL), [replace(MAIN, code=(), drivers={}, portable=True)], "fixable", [["driver 570"]]),
        (profile(replace(BLACKWELL, driver_version=None)), [replace(OLD_DRIVER, drivers={})], "supported", []),
        (profile(device(usable="no")), [MAIN], "unknown", []),
        (profile(device(driver_version=None)), [MAIN], "unknown", []),
        (profile(device(compute_capability=None)), [MAIN], "unknown", []),
        (profile(device(), python_version=None), [MAIN], "unknown", []),
        (profile(device(), libc=None, libc_version=None), [MAIN], "unknown", []),
        (profile(device(), arch="aarch64"), [MAIN], "impossible", [["hardware x86_64"]]),
        (
            profile(device(), cpu_features=("sse2",)),
            [replace(MAIN, features=("avx",))],
            "impossible",
            [["hardware avx"]],
        ),
        (profile(device()), [replace(MAIN, level="experimental")], "degraded", []),
        (profile(device()), [replace(MAIN, systems=(replace(LINUX, level="community"),))], "degraded", []),
        (profile(device()), [replace(MAIN, code=code("", "80"))], "degraded", []),
        (
            profile(device(toolkit_version="12.8")),
            [replace(MAIN, code=code("", "80"))],
            "fixable",
            [["driver one for CUDA 13.0"]],
        ),
        (
            profile(device()),
            [replace(MAIN, code=code("", "80")), build("native")],
            "degraded",
            [["build native==2.0"]],
        ),
        (
            profile(device(compute_capability="12.0")),
            [replace(MAIN, code=code("", "90"), capability_max="9.0")],
            "impossible",
            [["hardware 9.0"]],
        ),
        # One driver serves all cards: the newest of those that they need.
        (profile(BLACKWELL, HOPPER), [OLD_DRIVER], "fixable", [["driver 570"]]),
        # A card that is replaced anyway needs no driver of its own.
        (profile(BLACKWELL), [replace(OLD_DRIVER, capability_max="9.0")], "impossible", [["hardware 9.0"]]),
        (profile(device(compute_capability="3.5")), [replace(MAIN, code=(), portable=True)], "supported", []),
        (profile(device(compute_capability="7.5")), [replace(MAIN, code=(), capability_min="7.5")], "supported", []),
        (profile(device()), [replace(MAIN, code=())], "unknown", []),
    ],
)
def test_a_verdict_names_the_smallest_change(
    machine: Profile, builds: list[Build], state: str, changes: list[list[str]]
) -> None:
    found = judged(machine, *builds)
    assert (found.state, asked(found)) == (state, changes)


def test_a_translated_python_is_replaced_by_a_native_one() -> None:
    metal = build(device="apple_silicon", code=(), drivers={}, systems=(MACOS,), default=True)
    apple = device(kind="apple_silicon", compute_capability=None, driver_version=None)
    machine = profile(apple, os="macos", libc=None, os_version="15.1", arch="x86_64", translated=True)
    found = judged(machine, metal, kind="apple_silicon")
    assert (found.state, asked(found)) == ("fixable", [["python aarch64"]])
    intel = judged(replace(machine, translated=False), metal, kind="apple_silicon")
    assert (intel.state, asked(intel)) == ("impossible", [["hardware aarch64"]])
    older = replace(machine, arch="aarch64", translated=False, os_version=None, os_name="macOS 13.2")
    assert asked(judged(older, metal, kind="apple_silicon")) == [["system 14.0"]]


def test_what_is_installed_is_where_one_stands() -> None:
    def with_(*software: Software, **changed: Any) -> Profile:
        return profile(device(**changed), software=software)

    cpu = build("cpu", device="cpu", flavour="cpu", code=(), drivers={}, default=True)
    main = replace(MAIN, flavour="cu130")
    for_processors = with_(Software("f", "2.0+cpu", "cpu"))
    assert judged(for_processors, main, cpu).state == "fixable"
    assert asked(judged(for_processors, main, cpu)) == [["build b==2.0"]]
    assert judged(for_processors, main, cpu, kind="cpu").state == "supported"
    assert judged(with_(Software("f", "2.0+cu130", "cu130")), main, cpu).state == "supported"
    # Python and the C library were fit for what is installed, whatever is on file of new installations.
    assert judged(replace(with_(Software("f", "2.0", "cu130")), python_version="3.9"), main).state == "supported"
    # Another version speaks by its scan; its toolkit says which driver it needs.
    scanned = Software("F", "1.5", "cu121", "12.1", code("70 80"))
    assert judged(with_(scanned, driver_version="530"), main).state == "supported"
    assert asked(judged(with_(scanned, driver_version="510"), main)) == [
        ["driver 525"],
        ["version b==2.0", "driver 580"],
    ]
    assert judged(with_(scanned, compute_capability="6.1"), main, OLD).options[0].build.id == "old"
    assert judged(with_(replace(scanned, code=())), main).state == "unknown"


def test_devices_of_one_kind_need_one_build_and_are_told_apart() -> None:
    machine = profile(
        device(compute_capability="8.0"), device(compute_capability="6.0"), device(compute_capability="7.5")
    )
    wide = build("wide", version="1.0", code=code("60 75 80"), drivers={})
    found = judged(machine, MAIN, wide)
    assert (found.state, asked(found)) == ("fixable", [["version wide==2.0"]])
    assert [each.state for each in found.apart] == ["supported", "fixable", "supported"]
    assert [each.devices for each in found.apart] == [(0,), (1,), (2,)]
    assert judged(profile(device(), device(memory_bytes=7)), MAIN).apart == ()
    assert judged(machine, MAIN, OLD).state == "impossible"  # each device alone has a build, all together have none


CPU = build("cpu", device="cpu", code=(), drivers={}, default=True)


@pytest.mark.parametrize(
    ("machine", "builds", "state", "on"),
    [
        (profile(), [MAIN, CPU], "supported", "cpu"),
        (profile(device(compute_capability="6.0")), [MAIN, CPU], "degraded", "cpu"),
        (profile(device(compute_capability="6.0")), [MAIN], "impossible", "nvidia_gpu"),
        (profile(device(compute_capability="6.0")), [MAIN, replace(CPU, python_min="3.13")], "fixable", "cpu"),
        (profile(device(driver_version="470")), [MAIN, CPU], "fixable", "nvidia_gpu"),
        (profile(device(compute_capability="6.0"), python_version=None), [MAIN, CPU], "unknown", "cpu"),
        (profile(device(kind="tpu")), [MAIN, CPU], "supported", "cpu"),
        (
            profile(device(kind="tpu")),
            [build(device="tpu", code=(), level="experimental", default=True), CPU],
            "supported",
            "cpu",
        ),
        (profile(device(present="no")), [MAIN, CPU], "supported", "cpu"),
        (profile(device(kind="tpu"), device()), [MAIN, CPU], "supported", "nvidia_gpu"),
    ],
)
def test_one_verdict_for_a_framework(machine: Profile, builds: list[Build], state: str, on: str) -> None:
    (found,) = verdicts(machine, builds)
    assert (found.state, found.on) == (state, on)


@pytest.mark.parametrize(
    ("changed", "state", "why"),
    [
        ({}, "unknown", "which generations its code is for is not known"),
        ({"architectures": ("gfx942",)}, "impossible", "b==2.0 needs: a device of gfx942"),
        ({"architectures": ("gfx803", "gfx942")}, "supported", "b==2.0"),
        ({"portable": True}, "supported", "b==2.0"),
        ({"portable": True, "doubt": "it may be gone"}, "unknown", "it may be gone"),
    ],
)
def test_a_build_without_a_list_of_generations_is_not_known_to_run_on_amd(
    changed: dict[str, Any], state: str, why: str
) -> None:
    radeon = device(kind="amd_gpu", compute_capability=None, architecture="gfx803", driver_version=None)
    rocm = build(**{"device": "amd_gpu", "code": (), "drivers": {}, "default": True, **changed})
    found = judged(profile(radeon), rocm, kind="amd_gpu")
    assert (found.state, found.reasons) == (state, (why,))


def test_nothing_on_file_is_unknown_and_absence_is_impossible() -> None:
    machine = profile(device(kind="amd_gpu"))
    (found,) = verdicts(machine, [MAIN], [Absence("f", frozenset({"amd_gpu"}), ("e",))])
    assert {each.device: each.state for each in found.kinds} == {"amd_gpu": "impossible", "cpu": "unknown"}


def test_rungs_are_the_least_of_the_devices() -> None:
    machine = profile(device(), device(usable="unknown", compute_capability="6.0"))
    assert dict(judged(machine, MAIN).rungs) == {
        "present": "yes",
        "driver": "yes",
        "usable": "unknown",
        "covered": "no",
    }
    assert judged(profile(), CPU, kind="cpu").rungs == {}


def test_names_of_distributions() -> None:
    names = {"torch==2.15.0": "torch", "jax[cuda13]==0.12": "jax", "torch_xla[tpu]>=2": "torch-xla", "X.Y ~= 1": "x-y"}
    assert {given: distribution_of(given) for given in names} == names


# --- Laws ------------------------------------------------------------------------------------------------------------

DRIVERS, PYTHONS, LIBCS = ("470", "525", "550.1", "580"), ("3.9", "3.11", "3.12", "3.14"), ("2.17", "2.28", "2.35")
CAPABILITIES = ("6.0", "7.5", "8.9", "12.0")
CODES = ((), code("60 75"), code("75 80 90"), code("75 80", "80"), code("120"))

some_builds = st.lists(
    st.builds(
        build,
        name=st.sampled_from(["a", "b", "c", "d"]),
        version=st.sampled_from(["1.0", "2.0", "2.1"]),
        distribution=st.sampled_from(["f", "g"]),
        python_min=st.sampled_from([None, *PYTHONS[:2]]),
        python_max=st.sampled_from([None, *PYTHONS[2:]]),
        systems=st.lists(
            st.builds(
                System,
                os=st.sampled_from(["linux", "wsl2"]),
                arch=st.just("x86_64"),
                libc=st.just("glibc"),
                libc_min=st.sampled_from([None, *LIBCS]),
                level=st.sampled_from([None, "experimental"]),
            )
            | st.just(WINDOWS),
            min_size=1,
            max_size=2,
            unique_by=lambda each: each.os,
        ).map(tuple),
        drivers=st.sampled_from([{}, {"linux": "525"}, {"linux": "580", "wsl2": "550", "windows": "580"}]),
        code=st.sampled_from(CODES),
        capability_min=st.sampled_from([None, "7.5"]),
        toolkit=st.sampled_from([None, "12.6", "13.0"]),
        default=st.booleans(),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each.id,
).map(lambda made: [replace(each, flavour=each.id) for each in made])  # else two could not be told apart once installed
devices = st.builds(
    device,
    compute_capability=st.sampled_from(CAPABILITIES),
    driver_version=st.sampled_from(DRIVERS),
    toolkit_version=st.sampled_from([None, "12.4", "13.0"]),
)
machines = st.builds(
    lambda held, os, python, libc: profile(
        *held, os=os, python_version=python, libc=None if os == "windows" else "glibc", libc_version=libc
    ),
    st.lists(devices, min_size=1, max_size=2),
    st.sampled_from(["linux", "wsl2", "windows"]),
    st.sampled_from(PYTHONS),
    st.sampled_from(LIBCS),
)


@given(machine=machines, builds=some_builds)
def test_the_stated_change_really_leads_to_what_is_said(machine: Profile, builds: list[Build]) -> None:
    found = judged(machine, *builds)
    for option in found.options:
        after = judged(applied(machine, option, "nvidia_gpu"), *builds)
        assert after.state == option.leads_to, (option.text, after)
        assert STATES.index(after.state) < STATES.index(found.state)


@given(machine=machines, builds=some_builds, newer=st.data())
def test_a_more_permissive_machine_fares_no_worse(machine: Profile, builds: list[Build], newer: Any) -> None:
    driver = newer.draw(st.sampled_from(DRIVERS), label="driver")
    libc = newer.draw(st.sampled_from(LIBCS), label="libc")
    upgraded = [
        replace(d, driver_version=max(driver, d.driver_version or "", key=version_key), toolkit_version="13.0")
        for d in machine.devices
    ]
    better = replace(
        machine, devices=tuple(upgraded), libc_version=max(libc, machine.libc_version or "", key=version_key)
    )
    before, after = judged(machine, *builds), judged(better, *builds)
    if "unknown" not in (before.state, after.state):
        assert STATES.index(after.state) <= STATES.index(before.state)


@given(machine=machines, builds=some_builds)
def test_one_more_build_to_choose_from_never_makes_it_worse(machine: Profile, builds: list[Build]) -> None:
    extra = build("extra", version="0.5", distribution="h", code=code("60 75 80 120"))
    start = [replace(each, default=True) for each in builds]
    before, after = judged(machine, *start), judged(machine, *start, extra)
    assert STATES.index(after.state) <= STATES.index(before.state)


def edits(machine: Profile, os: Any) -> Iterator[tuple[tuple[str, ...], Profile]]:
    """Every machine that comes of changing Python, C library, driver and system, with what was changed."""
    for python, libc, driver in product((None, *PYTHONS), (None, *LIBCS), (None, *DRIVERS)):
        moved = () if os == machine.os else ("other_system",)
        if moved and libc is None:
            continue  # a new system comes with a C library of one's choice
        made = tuple(name for name, to in (("python", python), ("system", libc), ("driver", driver)) if to is not None)
        kinds = (*moved, *(name for name in made if not (moved and name == "system")))
        with_driver = [
            replace(d, driver_version=driver, toolkit_version=None) if driver else d for d in machine.devices
        ]
        if driver and any(version_key(driver) < version_key(d.driver_version or "") for d in machine.devices):
            continue
        yield (
            kinds,
            replace(
                machine,
                os=os,
                libc="glibc" if os != "windows" else None,
                libc_version=libc or machine.libc_version,
                python_version=python or machine.python_version,
                devices=tuple(with_driver),
            ),
        )


def plainly_fits(each: Build, system: System, machine: Profile) -> str:
    """`supported`, `degraded`, `no` or `unknown`, from the words of the definition alone."""
    own = version_key(machine.python_version or "")[:2]
    low, high = version_key(each.python_min or "0"), version_key(each.python_max or "99")
    if system.os != machine.os or not low <= own <= high:
        return "no"
    if system.libc_min and version_key(machine.libc_version or "") < version_key(system.libc_min):
        return "no"
    weak = (system.level or each.level) != "official"
    unknown = False
    for one in machine.devices:
        floor = each.drivers.get(machine.os)
        if version_key(one.compute_capability or "") >= (10,) and version_key(one.driver_version or "") < (570,):
            return "no"  # no older driver knows Blackwell
        if floor and version_key(one.driver_version or "") < version_key(floor):
            return "no"
        state = coverage(each.code, one.compute_capability or "").state
        if each.capability_min and version_key(one.compute_capability or "") < version_key(each.capability_min):
            return "no"
        if state == "none":
            return "no"
        unknown |= state == "unknown" and each.capability_min is None
        if state == "translated":
            weak = True
            if one.toolkit_version and each.toolkit and version_key(one.toolkit_version) < version_key(each.toolkit):
                return "no"
    return "unknown" if unknown else "degraded" if weak else "supported"


def cost(kinds: Sequence[str], os: str) -> tuple[float, ...]:
    """The hardest change first; WSL2 lives inside the system at hand, another system takes half a step more."""
    steps = (CHANGE_KINDS.index(kind) + (kind == "other_system" and os != "wsl2") / 2 for kind in kinds)
    return tuple(sorted(steps, reverse=True))


@given(machine=machines, builds=some_builds)
def test_no_smaller_change_exists(machine: Profile, builds: list[Build]) -> None:
    """Slow second formula: try every edit of the machine with every build, and keep the cheapest that betters it."""
    start = [each for each in builds if each.default] or builds[:1]
    found = judged(machine, *builds)
    if found.state in ("supported", "unknown"):
        return
    wanted = ("supported",) if found.state == "degraded" else ("supported", "degraded")
    reachable = {machine.os, "linux"} | ({"windows", "wsl2"} if machine.os in ("windows", "wsl2") else set())
    seen: list[tuple[float, ...]] = []
    for each in builds:
        other_version = each.version != start[0].version and each.distribution == start[0].distribution
        choice = () if each in start else (("version",) if other_version else ("build",))
        for os in sorted(reachable):
            for kinds, edited in edits(machine, os):
                if any(plainly_fits(each, s, edited) in wanted for s in each.systems if s.os == os):
                    seen.append(cost((*choice, *kinds), os))
    least = min(seen, default=None)
    first = found.options[0] if found.options else None
    shown = cost([change.kind for change in first.changes], first.system.os) if first else None
    assert (shown if found.state != "impossible" else None) == least


def test_the_order_of_changes_is_the_stated_one() -> None:
    stated = ("build", "version", "python", "system", "driver", "other_system", "hardware")
    assert stated == CHANGE_KINDS
    assert list(chain.from_iterable(combinations(stated, 1))) == list(stated)


def test_an_option_tells_its_changes_in_words() -> None:
    option: Option = judged(profile(device(driver_version="550"), python_version="3.10"), MAIN).options[0]
    assert option.text == "Python 3.11 or newer (here 3.10); driver 580 or newer (here 550)"


@pytest.mark.parametrize(
    ("own", "changed", "text"),
    [
        ("6.1", {}, "a device of compute capability 7.5 or 8.0 or 9.0 (here 6.1)"),  # nothing for 10.0
        ("6.1", {"capability_max": "9.0"}, "a device of compute capability 7.5 to 9.0 (here 6.1)"),
        ("6.1", {"code": code("75 80 90", "90")}, "a device of compute capability 7.5 or newer (here 6.1)"),
        ("6.1", {"code": (), "capability_min": "7.0"}, "a device of compute capability 7.0 or newer (here 6.1)"),
        ("10.0", {"capability_max": "9.0"}, "a device of compute capability 7.5 or 8.0 or 9.0 (here 10.0)"),
    ],
)
def test_the_devices_that_would_do_are_a_range_where_they_are_one(own: str, changed: dict[str, Any], text: str) -> None:
    found = judged(profile(device(compute_capability=own)), build(default=True, **changed))
    assert [option.text for option in found.options] == [text]


def test_where_a_build_comes_from_is_told() -> None:
    wheel = build(index="F's own index", default=True)
    assert judged(profile(device()), wheel).reasons == ("b==2.0 from F's own index, with code for it (sm_80)",)
    (why,) = judged(profile(device(driver_version="550")), wheel).reasons
    assert why == "b==2.0 from F's own index needs: driver 580 or newer (here 550)"
    other = judged(profile(device(driver_version="550")), MAIN, replace(wheel, id="c", default=False, drivers={}))
    assert other.options[0].text == "b==2.0 from F's own index"
