"""What changed between two profiles: everything that differs, nothing that does not, what matters first."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.change import GROUPS
from probes.comparing import changes, match
from rules.hardware import Code, Count, Device, Disk, Finding, Profile, Software
from tests.conftest import PROFILE

GIB = 2**30
STATE = st.sampled_from(["yes", "no", "unknown"])
DEVICES = st.builds(
    Device,
    kind=st.sampled_from(["nvidia_gpu", "tpu"]),
    name=st.sampled_from([None, "A", "B"]),
    memory_bytes=st.sampled_from([None, 8 * GIB, 16 * GIB]),
    compute_capability=st.sampled_from([None, "8.9"]),
    driver_version=st.sampled_from([None, "580.1", "550.2"]),
    toolkit_version=st.sampled_from([None, "13.0"]),
    present=STATE,
    driver=STATE,
    usable=STATE,
    address=st.sampled_from([None, "0:1", "0:2"]),
    serial_hash=st.sampled_from([None, "a" * 16, "b" * 16]),
)
PROFILES: st.SearchStrategy[Profile] = st.builds(
    lambda **given: replace(PROFILE, **given),
    devices=st.lists(DEVICES, max_size=4).map(tuple),
    kernel=st.sampled_from([None, "6.1", "6.12"]),
    os=st.sampled_from(["linux", "wsl2"]),
    python_version=st.sampled_from([None, "3.12.1", "3.9"]),
    host_hash=st.sampled_from([None, "c" * 16, "d" * 16]),
    cpu_features=st.sets(st.sampled_from(["avx", "avx2", "sse"])).map(lambda s: tuple(sorted(s))),
    memory_limit_bytes=st.sampled_from([None, 4 * GIB, 8 * GIB]),
    memory_available_bytes=st.integers(0, 32 * GIB),
    captured_at=st.sampled_from(["", "2026-11-21", "2026-01-01"]),
    usable_cores=st.sampled_from([None, 0.5, 8.0]),
    software=st.lists(
        st.builds(
            Software, st.sampled_from(["torch", "jax"]), st.sampled_from(["1", "2"]), st.sampled_from([None, "cpu"])
        ),
        max_size=3,
    ).map(tuple),
    overrides=st.dictionaries(st.sampled_from(["X", "Y"]), st.sampled_from(["0", "1"])).map(lambda d: tuple(d.items())),
    findings=st.lists(
        st.builds(
            Finding,
            st.sampled_from(["tpu", "cpu"]),
            st.sampled_from(["present", "usable"]),
            STATE,
            st.sampled_from(["a: b", "c: d"]),
            st.just("x"),
            st.floats(0, 9),
        ),
        max_size=3,
    ).map(tuple),
    conflicts=st.sampled_from([(), ("a and b",)]),
    disks=st.sampled_from([(), (Disk("install", GIB, 1, True),), (Disk("install", GIB, 1, False),)]),
    counts=st.sampled_from([(), (Count("tpu", 2, 2, 2),), (Count("tpu", 2, 1, None),)]),
)


def change(**given: Any) -> Profile:
    return replace(PROFILE, **given)


def device(**given: Any) -> Device:
    return replace(PROFILE.devices[0], **given)


def texts(before: Profile, after: Profile) -> list[str]:
    return [each.text for each in changes(before, after)]


@given(PROFILES)
def test_nothing_changed_from_a_profile_to_itself(profile: Profile) -> None:
    assert changes(profile, profile) == ()


@settings(max_examples=300)
@given(PROFILES, PROFILES)
def test_there_and_back_are_mirror_images(before: Profile, after: Profile) -> None:
    there, back = changes(before, after), changes(after, before)
    turned = {"lost": "gained", "gained": "lost", "changed": "changed"}
    mirrored = sorted((c.group, c.about, turned[c.kind], str(c.after), str(c.before)) for c in back)
    mine = sorted((c.group, c.about, c.kind, str(c.before), str(c.after)) for c in there)
    # Devices are called by what the earlier profile calls them.
    assert [each for each in mine if each[0] != "devices"] == [each for each in mirrored if each[0] != "devices"]
    assert len(there) == len(back)
    assert sum(c.worse is True for c in there) == sum(c.worse is False for c in back)


@given(PROFILES, PROFILES)
def test_a_change_is_told_with_what_it_was_and_what_it_is(before: Profile, after: Profile) -> None:
    for each in changes(before, after):
        assert each.group in GROUPS
        assert each.before != each.after
        assert (each.kind == "lost") <= (each.after is None)
        assert (each.kind == "gained") <= (each.before is None)
        assert each.about in each.text
        assert "None" not in each.text


@given(PROFILES, st.integers(0, 2**40), st.sampled_from(["", "2020-01-01"]))
def test_times_and_free_memory_are_no_change(profile: Profile, available: int, moment: str) -> None:
    later = replace(
        profile,
        captured_at=moment,
        memory_available_bytes=available,
        elapsed_ms=7.0,
        label="renamed",
        origin="pushed",
        findings=tuple(replace(each, elapsed_ms=each.elapsed_ms + 1) for each in profile.findings),
        disks=tuple(replace(each, free_bytes=0) for each in profile.disks),
    )
    assert changes(profile, later) == ()


@settings(max_examples=200)
@given(st.lists(DEVICES, max_size=5), st.lists(DEVICES, max_size=5), st.booleans())
def test_every_device_is_a_pair_lost_or_gained(before: list[Device], after: list[Device], same: bool) -> None:
    pairs, lost, gained = match(before, after, same)
    key = repr
    assert sorted([repr(old) for old, _ in pairs] + list(map(key, lost))) == sorted(map(key, before))
    assert sorted([repr(new) for _, new in pairs] + list(map(key, gained))) == sorted(map(key, after))
    assert all(old.kind == new.kind for old, new in pairs)


def test_the_order_of_devices_is_no_change() -> None:
    first, second = device(address="0:1", name="A"), device(address="0:2", name="B", memory_bytes=GIB)
    assert changes(change(devices=(first, second)), change(devices=(second, first))) == ()


def test_what_most_likely_matters_comes_first() -> None:
    before = change(
        devices=(device(address="0:1"), device(address="0:2")),
        kernel="6.1.0-9",
        software=(Software("torch", "2.15.0", "cu130", code=(Code("x.so", "sm", "90", 1),)),),
        findings=(Finding("nvidia_gpu", "usable", "yes", "initialised: it answers", "NVML", 1.0),),
    )
    after = change(
        devices=(device(address="0:1", usable="no", driver_version="550.54.14"),),
        kernel="6.12.0-1",
        memory_limit_bytes=4 * GIB,
        python_version="3.13.0",
        usable_cores=2.0,
        software=(Software("torch", "2.15.0", "cpu"), Software("jax", "0.9")),
        overrides=(("CUDA_VISIBLE_DEVICES", "0"),),
        findings=(Finding("nvidia_gpu", "usable", "no", "version_mismatch: reboot", "NVML", 1.0),),
    )
    assert texts(before, after) == [
        "Test GPU (nvidia_gpu) at 0:2: gone, was present yes, driver yes, usable yes",
        "usable of Test GPU (nvidia_gpu) at 0:1 fell from yes to no",
        "usable of nvidia_gpu fell from yes to no: version_mismatch: reboot",
        "driver of nvidia_gpu: 580.95.05 -> 550.54.14",
        "CUDA_VISIBLE_DEVICES: new, 0",
        "memory limit: none -> 4 GiB",
        "jax: new, 0.9",
        "torch: 2.15.0 cu130 -> 2.15.0 cpu",
        "Python: 3.12.1 -> 3.13.0",
        "kernel: 6.1.0-9 -> 6.12.0-1",
        "usable cores: 8 -> 2",
    ]
    back = texts(after, before)
    assert back[0] == "driver of nvidia_gpu: 550.54.14 -> 580.95.05"  # what was gained broke nothing
    assert back[-1] == "usable of nvidia_gpu rose from no to yes: initialised: it answers"
    worse = {each.about: each.worse for each in changes(before, after)}
    assert worse["memory limit"] is worse["driver of nvidia_gpu"] is worse["usable cores"] is True
    assert worse["kernel"] is worse["Python"] is worse["jax"] is False


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"memory_limit_bytes": 4 * GIB}, {"memory_limit_bytes": 32 * GIB}, "memory limit: 4 GiB -> 32 GiB"),
        ({"memory_limit_bytes": 4 * GIB}, {"memory_limit_bytes": None}, "memory limit: 4 GiB -> none"),
        ({"memory_total_bytes": 32 * GIB}, {"memory_total_bytes": 16 * GIB}, "memory: 32 GiB -> 16 GiB"),
        ({"libc_version": "2.36"}, {"libc_version": None}, "version of the C library: 2.36 -> not known"),
        ({"in_container": False}, {"in_container": True}, "container: no -> yes"),
        ({"os": "linux"}, {"os": "wsl2"}, "system: linux -> wsl2"),
        ({"cpu_features": ("a", "b")}, {"cpu_features": ("a",)}, "features of the processor: gone, was b"),
        ({"overrides": (("X", "1"),)}, {"overrides": (("X", "2"),)}, "X: 1 -> 2"),
        ({"conflicts": ()}, {"conflicts": ("a and b",)}, "conflict: a and b: new, yes"),
        (
            {"counts": (Count("tpu", 4, 4, 4),)},
            {"counts": (Count("tpu", 4, 1, 4),)},
            "number of tpu that are visible: 4 -> 1",
        ),
        (
            {"disks": (Disk("cache", 1, 1, True),)},
            {"disks": (Disk("cache", 1, 1, False),)},
            "place to cache: writable -> not writable",
        ),
        (
            {"software": (Software("torch", "2", None, "13.0"),)},
            {"software": (Software("torch", "2", None, "13.2"),)},
            "torch: 2 for toolkit 13.0 -> 2 for toolkit 13.2",
        ),
        (
            {"devices": (device(),)},
            {"devices": (device(toolkit_version="12.9"),)},
            "toolkit of nvidia_gpu: 13.0 -> 12.9",
        ),
        (
            {"devices": (device(partition="1g.10gb"),)},
            {"devices": (device(partition="2g.20gb"),)},
            "Test GPU (nvidia_gpu): new, present yes, driver yes, usable yes",
        ),
        (
            {"devices": (device(serial_hash="a" * 16, address="0:1"),)},
            {"devices": (device(serial_hash="a" * 16, address="0:9", memory_bytes=GIB),)},
            "memory of Test GPU (nvidia_gpu) at 0:1: 24 GiB -> 1 GiB",
        ),
    ],
)
def test_each_kind_of_change_in_a_sentence(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    assert said in texts(change(**before), change(**after))


def test_the_kernel_keeps_a_little_memory_for_itself() -> None:
    assert texts(change(memory_total_bytes=32 * GIB), change(memory_total_bytes=32 * GIB - 2**28)) == []


def test_a_driver_that_is_gone_takes_the_name_along_and_not_the_device() -> None:
    before = change(devices=(device(),))
    after = change(devices=(device(name=None, driver="no", usable="no", driver_version=None),))
    found = changes(before, after)
    assert {each.kind for each in found} == {"changed"}
    assert found[0].text == "driver of Test GPU (nvidia_gpu) fell from yes to no"


def test_the_highest_state_that_a_probe_found_on_a_rung_counts() -> None:
    reached = Finding("tpu", "usable", "yes", "a: b", "x", 1.0)
    missed = Finding("tpu", "usable", "no", "c: d", "x", 1.0)
    assert texts(change(findings=(reached,)), change(findings=(reached, missed))) == []
    assert texts(change(findings=(missed,)), change(findings=(missed, reached))) == [
        "usable of tpu rose from no to yes: a: b"
    ]


def test_on_two_machines_hashes_say_nothing() -> None:
    one, other = device(serial_hash="a" * 16, name="A"), device(serial_hash="a" * 16, name="B")
    same = change(host_hash="c" * 16, devices=(one,)), change(host_hash="c" * 16, devices=(other,))
    assert [each.about for each in changes(*same)] == ["name of A (nvidia_gpu)"]
    two = same[0], replace(same[1], host_hash="d" * 16)
    found = changes(*two)
    assert [(each.group, each.kind) for each in found] == [
        ("host", "changed"),
        ("devices", "lost"),
        ("devices", "gained"),
    ]
