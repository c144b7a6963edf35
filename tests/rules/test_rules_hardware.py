"""What the core reads from a hardware profile."""

from dataclasses import replace

import pytest

from rules.hardware import GIB, HARDWARE_FACTS, VERDICT_FACTS, Device, Disk, Profile, answers_from, facts, version_key
from tests.conftest import PROFILE

GPU = PROFILE.devices[0]


def with_devices(*devices: Device) -> Profile:
    return replace(PROFILE, devices=devices)


def test_no_profile_means_that_nothing_is_known_of_hardware() -> None:
    assert facts(None) == {}


def test_the_facts_of_an_ordinary_machine() -> None:
    assert facts(PROFILE) == {
        "os": "linux",
        "arch": "x86_64",
        "libc": "glibc",
        "memory_gb": 32.0,
        "usable_cores": 8.0,
        "nvidia_capability": "8.9",
        "nvidia_driver": "580.95.05",
        "accelerators": ("nvidia_gpu",),
        "avx": True,
        "train_hardware": ("cpu", "nvidia_gpu"),
        "train_os": ("linux",),
    }
    of_others = {"unified_memory", "deploy_targets", "deploy_hardware", "deploy_os", *VERDICT_FACTS.values()}
    assert facts(PROFILE).keys() == HARDWARE_FACTS.keys() - of_others
    shared = replace(PROFILE, devices=tuple(replace(d, unified_memory=True) for d in PROFILE.devices))
    assert facts(shared) == facts(PROFILE) | {"unified_memory": True}


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"memory_limit_bytes": 8 * GIB}, "memory_gb", 8.0),
        ({"memory_limit_bytes": 64 * GIB}, "memory_gb", 32.0),
        ({"memory_total_bytes": None, "memory_limit_bytes": 3 * GIB}, "memory_gb", 3.0),
        ({"memory_total_bytes": None}, "memory_gb", None),
        ({"usable_cores": 0.5}, "usable_cores", 0.5),
        ({"usable_cores": None}, "usable_cores", None),
        ({"arch": None}, "arch", None),
        ({"arch": None}, "avx", None),
        ({"arch": "aarch64"}, "avx", None),
        ({"cpu_features": ("sse2",)}, "avx", False),
        ({"cpu_features": ()}, "avx", None),
        ({"libc": "musl"}, "libc", "musl"),
        ({"os": "wsl2"}, "os", "wsl2"),
    ],
)
def test_a_fact_follows_the_profile_and_is_left_out_when_unknown(
    change: dict[str, object], name: str, value: object
) -> None:
    assert facts(replace(PROFILE, **change)).get(name) == value  # type: ignore[arg-type]


@pytest.mark.parametrize("usable", ["no", "unknown"])
def test_a_device_that_is_not_usable_is_not_hardware_to_train_on(usable: str) -> None:
    profile = with_devices(replace(GPU, usable=usable))  # type: ignore[arg-type]
    assert facts(profile)["accelerators"] == ()
    assert "nvidia_capability" not in facts(profile)
    assert answers_from(profile) == {"train_hardware": ["cpu"], "train_os": ["linux"]}


def test_the_oldest_device_and_driver_decide_by_number_not_by_letters() -> None:
    profile = with_devices(
        replace(GPU, compute_capability="12.0", driver_version="1000.1"),
        replace(GPU, compute_capability="8.9", driver_version="580.95.05"),
        replace(GPU, kind="amd_gpu", compute_capability="1.0", driver_version="1.0"),
    )
    assert (facts(profile)["nvidia_capability"], facts(profile)["nvidia_driver"]) == ("8.9", "580.95.05")
    assert facts(profile)["accelerators"] == ("amd_gpu", "nvidia_gpu")


def test_a_profile_answers_what_it_can_and_the_least_device_decides_the_memory() -> None:
    profile = with_devices(GPU, replace(GPU, memory_bytes=16 * GIB), replace(GPU, usable="no", memory_bytes=1))
    assert answers_from(profile) == {
        "train_hardware": ["cpu", "nvidia_gpu"],
        "train_os": ["linux"],
        "train_devices": 2,
        "accelerator_memory_gb": 16.0,
    }


def test_one_device_of_unknown_memory_leaves_the_memory_open() -> None:
    assert "accelerator_memory_gb" not in answers_from(with_devices(GPU, replace(GPU, memory_bytes=None)))


def test_a_system_that_the_question_does_not_offer_is_not_answered() -> None:
    assert "train_os" not in answers_from(replace(PROFILE, os="other"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("3.10", (3, 10)),
        ("580.95.05", (580, 95, 5)),
        ("2.14+cu126", (2,)),
        ("3.9rc1", (3,)),
        ("", ()),
        ("v1", ()),
        ("1..2", (1,)),
        ("²", ()),
        ("3.²", (3,)),
        ("-1", ()),
    ],
)
def test_a_version_orders_by_its_leading_numbers(text: str, key: tuple[int, ...]) -> None:
    assert version_key(text) == key


# --- A machine to deploy on ------------------------------------------------------------------------------------------


def deployed(*targets: str, **rest: object) -> Profile:
    nothing: dict[str, object] = {"memory_total_bytes": None, "disks": (), "os": "other"}
    return replace(PROFILE, targets=targets, **{**nothing, **rest})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("profile", "answers"),
    [
        (deployed("android", os="linux"), {"deploy_targets": ["android"], "deploy_os": ["android"]}),
        (deployed("browser"), {"deploy_targets": ["browser"]}),
        (deployed("server_gpu", os="wsl2"), {"deploy_targets": ["server_gpu"], "deploy_os": ["linux"]}),
        (
            deployed("desktop", "ios", os="macos", chips=("apple_silicon",)),
            {
                "deploy_targets": ["desktop", "ios"],
                "deploy_hardware": ["apple_silicon"],
                "deploy_os": ["ios", "macos"],
            },
        ),
        (
            deployed("microcontroller", memory_total_bytes=327_680, disks=(Disk("install", 4_194_304, None, None),)),
            {
                "deploy_targets": ["microcontroller"],
                "deploy_os": ["rtos_or_bare_metal"],
                "memory_mb": 0.328,
                "artifact_mb": 4.194,
            },
        ),
        # An application gets a part of a phone's memory that nobody states.
        (
            deployed("android", memory_total_bytes=8 * GIB),
            {"deploy_targets": ["android"], "deploy_os": ["android"]},
        ),
        (
            deployed("ios", memory_total_bytes=8 * GIB, memory_limit_bytes=3 * 10**9),
            {"deploy_targets": ["ios"], "deploy_os": ["ios"], "memory_mb": 3000.0},
        ),
        (
            deployed("serverless", os="linux", disks=(Disk("cache", 1, 1, True), Disk("install", None, 1, True))),
            {"deploy_targets": ["serverless"], "deploy_os": ["linux"]},
        ),
    ],
)
def test_a_machine_with_targets_answers_for_deployment_alone(profile: Profile, answers: dict[str, object]) -> None:
    assert profile.devices
    assert answers_from(profile) == answers
    asked = ("deploy_targets", "deploy_hardware", "deploy_os")
    assert facts(profile) == {name: tuple(answers[name]) for name in asked if name in answers}  # type: ignore[arg-type]


@pytest.mark.parametrize(("whole", "parts", "devices"), [(2, 0, 2), (0, 7, 1), (1, 7, 2)])
def test_partitions_count_as_one_device(whole: int, parts: int, devices: int) -> None:
    part = replace(GPU, partition="1g.10gb", memory_bytes=10 * GIB)
    answers = answers_from(with_devices(*[GPU] * whole, *[part] * parts))
    assert answers["train_devices"] == devices
    assert answers["accelerator_memory_gb"] == (10.0 if parts else 24.0)
