"""What is assumed of a machine that names no software: said, never over what is stated, never for the worse."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import builds as shipped
from probes import catalogue
from rules.builds import Absence, Build, Verdict, fresh, installable, judge, verdicts
from rules.builds.verdicts import ON_BOARDS, STATES
from rules.hardware import Device, Profile
from tests.rules.test_rules_builds import build, device, profile

STATED = ("os", "arch", "libc", "libc_version", "python_version", "os_version", "cpu_features", "cpu_model")


@cache
def on_file() -> tuple[tuple[Build, ...], tuple[Absence, ...]]:
    return installable(shipped.shipped())


def bare(*devices: Device, **changed: object) -> Profile:
    """A machine that names no software."""
    none = dict.fromkeys(("libc", "libc_version", "python_version"))
    return profile(*devices, **{"origin": "catalogue", "cpu_features": (), **none, **changed})


def card(capability: str | None, **changed: object) -> Device:
    return device(**{"compute_capability": capability, "driver_version": None, "toolkit_version": None, **changed})


def known(name: str) -> dict[str, Verdict]:
    found = judge(catalogue.get(name).profile, *on_file())
    return {each.framework: each for each in found.verdicts}


states = st.sampled_from(["yes", "no", "unknown"])
devices = st.builds(
    device,
    kind=st.sampled_from(["nvidia_gpu", "amd_gpu", "tpu", "apple_silicon"]),
    compute_capability=st.sampled_from([None, "3.7", "5.3", "6.1", "7.5", "8.7", "9.0", "11.0", "12.0"]),
    driver_version=st.sampled_from([None, "470.82", "595.10"]),
    toolkit_version=st.none(),
    architecture=st.sampled_from([None, "gfx942", "v5e"]),
    driver=states,
    usable=states,
)
machines = st.builds(
    lambda own, **changed: profile(*own, **changed),
    own=st.lists(devices, max_size=2),
    origin=st.sampled_from(["catalogue", "hand", "probe", "pushed"]),
    os=st.sampled_from(["linux", "windows", "wsl2", "macos"]),
    arch=st.sampled_from(["x86_64", "aarch64"]),
    libc=st.sampled_from([None, "glibc", "musl"]),
    libc_version=st.sampled_from([None, "2.17"]),
    python_version=st.sampled_from([None, "3.9.1", "3.12.4"]),
    os_version=st.sampled_from([None, "13.1"]),
    cpu_features=st.sampled_from([(), ("sse2",), ("avx",)]),
    cpu_model=st.sampled_from([None, "Intel Celeron N4000", "Intel Core i5-6400"]),
)


@given(machines)
def test_what_is_stated_stays_and_a_machine_that_is_set_up_stays_so(machine: Profile) -> None:
    made = fresh(machine, ()).profile
    for name in STATED:
        assert getattr(machine, name) in (None, (), getattr(made, name))
    for before, after in zip(machine.devices, made.devices, strict=True):
        assert before.driver_version in (None, after.driver_version)
        assert (before.driver, before.usable) in {
            (old, use) for old in ("unknown", after.driver) for use in ("unknown", after.usable)
        }
        assert replace(before, driver_version=None, driver="yes", usable="yes") == replace(
            after, driver_version=None, driver="yes", usable="yes"
        )
    assert fresh(made, ()).profile == made


@given(machines)
def test_nothing_is_assumed_of_what_a_probe_saw(machine: Profile) -> None:
    made = fresh(replace(machine, origin="probe"), [build()])
    assert (made.profile, made.builds, made.assumed) == (replace(machine, origin="probe"), (build(),), ())


@settings(max_examples=60, deadline=None)
@given(machines)
def test_no_kind_of_device_is_judged_worse_for_what_is_assumed(machine: Profile) -> None:
    for old, new in zip(verdicts(machine, *on_file()), judge(machine, *on_file()).verdicts, strict=True):
        for before_kind, kind in zip(old.kinds, new.kinds, strict=True):
            assert kind.device == before_kind.device
            assert STATES.index(kind.state) <= STATES.index(before_kind.state), (before_kind, kind)
        # A device of which nothing was known may turn out to need one change; before, the processor was the best.
        was_open = old.state == "degraded" and "unknown" in old.reasons[0]
        assert STATES.index(new.state) <= STATES.index("fixable" if was_open else old.state)


@given(machines)
def test_whatever_is_filled_in_is_said(machine: Profile) -> None:
    made = fresh(machine, ())
    changed = {name for name in STATED if getattr(made.profile, name) != getattr(machine, name)}
    changed -= {"cpu_features"} if machine.cpu_model else set()  # the name of the processor says it
    is_said = made.assumed != () and made.assumed != ("a Python that each build is made for",)
    assert is_said == bool(changed or made.profile.devices != machine.devices)


def test_every_kind_of_software_is_filled_in() -> None:
    made = fresh(bare(card("8.9", driver="unknown", usable="unknown")), [build()])
    assert (made.profile.libc, made.profile.libc_version, made.profile.cpu_features) == ("glibc", "2.39", ("avx",))
    (own,) = made.profile.devices
    assert (own.driver, own.usable, own.driver_version) == ("yes", "yes", "580")
    assert (made.builds[0].python_min, made.builds[0].python_max) == (None, None)
    assert made.assumed == (
        "a Python that each build is made for",
        "glibc 2.39 or newer, of a current distribution",
        "NVIDIA's driver 580 or newer; devices that work with their drivers",
        "a processor with AVX, as Intel's Core and Xeon and AMD's have since 2011",
    )


@pytest.mark.parametrize(
    ("capability", "driver"),
    [
        (None, None),
        ("3.7", None),
        ("5.0", "580"),
        ("7.0", "580"),
        ("12.0", "580"),
        ("5.3", None),
        ("8.7", None),
        ("11.0", "580"),
    ],
)
def test_a_driver_is_assumed_where_one_serves_the_generation(capability: str | None, driver: str | None) -> None:
    made = fresh(bare(card(capability)), ())
    assert made.profile.devices[0].driver_version == driver
    is_last = any("the last for this generation" in said for said in made.assumed)
    assert is_last == (capability in ("5.0", "7.0"))


@pytest.mark.parametrize("changed", [{"driver": "no", "usable": "unknown"}, {"present": "no", "driver": "unknown"}])
def test_a_card_without_a_driver_and_one_that_is_not_there_stay_so(changed: dict[str, str]) -> None:
    made = fresh(bare(card("8.9", **changed)), ()).profile.devices[0]
    assert {name: getattr(made, name) for name in changed} == changed


@pytest.mark.parametrize(("capability", "glibc"), [("5.3", "2.27"), ("7.2", "2.31"), ("8.7", "2.39"), ("8.9", "2.39")])
def test_a_board_has_the_system_of_its_maker(capability: str, glibc: str) -> None:
    assert fresh(bare(card(capability)), ()).profile.libc_version == glibc


def test_a_libc_that_is_stated_is_completed_or_left() -> None:
    assert fresh(bare(libc="glibc"), ()).profile.libc_version == "2.39"
    assert fresh(bare(libc="musl"), ()).profile.libc_version is None
    assert fresh(bare(os="windows"), ()).profile.libc is None


def test_only_a_mac_with_apple_silicon_surely_takes_the_current_system() -> None:
    assert fresh(bare(os="macos", arch="aarch64"), ()).profile.os_version == "26"
    assert fresh(bare(os="macos", arch="aarch64", os_name="macOS 13.2"), ()).profile.os_version is None
    assert fresh(bare(os="macos", arch="x86_64"), ()).profile.os_version is None


@pytest.mark.parametrize(
    ("model", "has_avx"),
    [
        ("Intel Core i5-6400", True),
        ("Intel(R) Core(TM) i7-2600 CPU @ 3.40GHz", True),
        ("Intel(R) Core(TM) i7 CPU 920", False),
        ("Intel Core i7-920", False),
        ("Intel Core Ultra 7 258V", True),
        ("Intel Xeon E5-2690 v4", True),
        ("Intel(R) Xeon(R) Gold 6132", True),
        ("Intel Xeon E7-8870", False),
        ("Intel Xeon E7-8890 v3", True),
        ("Intel Xeon E5620", False),
        ("Intel Celeron N4000", False),
        ("Intel Pentium Gold G5400", False),
        ("AMD EPYC 9654", True),
        ("AMD Ryzen 9 5900X", True),
        ("AMD Phenom II X4", False),
    ],
)
def test_the_name_of_a_processor_tells_of_avx(model: str, has_avx: bool) -> None:
    made = fresh(bare(cpu_model=model), ())
    assert (made.profile.cpu_features == ("avx",)) is has_avx
    assert not any("AVX" in said for said in made.assumed)


def test_a_processor_without_a_name_is_assumed_in_the_catalogue_only() -> None:
    assert fresh(bare(origin="hand"), ()).profile.cpu_features == ()
    assert fresh(bare(arch="aarch64"), ()).profile.cpu_features == ()


def test_where_the_architecture_is_open_a_verdict_stands_that_both_share() -> None:
    found = {each.framework: each for each in judge(bare(card("9.0"), arch=None), *on_file()).verdicts}
    assert (found["pytorch"].state, found["pytorch"].on) == ("supported", "nvidia_gpu")
    assert found["paddlepaddle"].state == "unknown"
    assert found["paddlepaddle"].reasons[1:] == (
        "with x86_64: supported on nvidia_gpu",
        "with aarch64: impossible on nvidia_gpu",
    )
    assert {each.state for each in judge(bare(arch=None, origin="probe"), [build(device="cpu")]).verdicts} == {
        "unknown"
    }


def test_phones_microcontrollers_and_browsers_get_no_verdict() -> None:
    for name in ("iphone-15", "pixel-8", "arduino-nano-33-ble", "browser-app", "browser-webgpu"):
        found = judge(catalogue.get(name).profile, *on_file())
        assert (found.verdicts, found.assumed) == ((), ())
        assert "models are converted" in (found.not_judged or "")
    assert judge(bare(os="other"), *on_file()).not_judged is None
    assert judge(catalogue.get("raspberry-pi-5-8gb").profile, *on_file()).not_judged is None


# What an expert would say of machines of every class: framework, state and device.
EXPECTED = {
    "aws-g4dn-xlarge": ("pytorch supported nvidia_gpu", "tinygrad degraded cpu", "tensorflow supported nvidia_gpu"),
    "aws-p3dn-24xlarge": ("pytorch fixable nvidia_gpu", "tensorrt impossible nvidia_gpu", "xgboost fixable nvidia_gpu"),
    "azure-nd-gb200-v6": ("pytorch supported nvidia_gpu", "onnxruntime degraded cpu"),
    "azure-nd-mi300x-v5": ("pytorch supported amd_gpu", "tensorrt impossible cpu"),
    "gcp-tpu-v5e-8": ("jax supported tpu", "torch-xla supported tpu", "pytorch supported cpu"),
    "aws-trn1-32xlarge": ("pytorch supported trainium",),
    "server-8x-ascend-910b2": ("mindspore supported ascend", "pytorch supported ascend"),
    "server-1x-h100-pcie": ("pytorch supported nvidia_gpu", "jax supported nvidia_gpu"),
    "desktop-rtx-5090": ("pytorch supported nvidia_gpu", "tensorflow degraded cpu"),
    "desktop-rx-7900-xtx": ("pytorch supported amd_gpu", "tinygrad supported amd_gpu"),
    "desktop-gtx-1070-windows": ("pytorch fixable nvidia_gpu", "tensorflow fixable nvidia_gpu"),
    "laptop-rtx-4070": ("pytorch supported nvidia_gpu", "vllm fixable nvidia_gpu", "mlx fixable nvidia_gpu"),
    "laptop-core-ultra-7-258v": ("openvino supported intel_gpu",),
    "laptop-snapdragon-x-elite": ("onnxruntime supported qualcomm_npu",),
    "mac-m1-8gb": ("mlx supported apple_silicon", "coreml supported apple_silicon", "pytorch supported apple_silicon"),
    "dgx-spark": ("pytorch supported nvidia_gpu", "mlx supported nvidia_gpu"),
    "jetson-agx-thor": ("pytorch supported nvidia_gpu", "onnxruntime degraded cpu"),
    "jetson-agx-orin-64gb": ("pytorch degraded cpu", "tensorrt unknown nvidia_gpu"),
    "raspberry-pi-5-8gb": ("pytorch supported cpu", "litert supported cpu"),
    "coral-dev-board": ("litert supported cpu",),
}


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_known_machines_are_judged_as_an_expert_would(name: str, expected: tuple[str, ...]) -> None:
    found = known(name)
    for said in expected:
        framework, state, on = said.split()
        assert (found[framework].state, found[framework].on) == (state, on)


def test_a_board_that_no_build_serves_is_not_called_impossible() -> None:
    found = known("jetson-agx-orin-64gb")["pytorch"]
    assert found.reasons == ("on the processor at least; nvidia_gpu: unknown", ON_BOARDS)
    (desktop,) = judge(bare(card("7.0")), [build(drivers={})]).verdicts
    assert desktop.state == "impossible"
