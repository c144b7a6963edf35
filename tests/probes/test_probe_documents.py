"""Documents: what is written can be read back, and what is malformed is refused with every fault."""

import json
import unicodedata
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import probes
from probes import documents, fields
from probes.look.text import capability, clean, is_plain, version
from probes.targets import DEPLOY_CHIPS, DEPLOY_TARGETS
from rules.faults import Fault, InvalidInput
from rules.hardware import Device, Finding, HostSystem, Origin, Profile, Rung, State, answers_from

CHARACTERS = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))
TEXT = st.text(CHARACTERS, min_size=1, max_size=300)
VERSION = st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,6}){0,5}[A-Za-z0-9._+-]{0,40}", fullmatch=True)
MOMENT = st.one_of(
    st.just(""),
    st.dates().map(lambda d: d.isoformat()),
    st.datetimes().map(lambda d: d.replace(microsecond=0).isoformat() + "Z"),
)
BYTES = st.none() | st.integers(0, 2**60)
CORES = st.none() | st.integers(1, 2**20)
STATE: st.SearchStrategy[State] = st.sampled_from(get_args(State))
DEVICES = st.builds(
    Device,
    kind=st.sampled_from(documents.DEVICE_KINDS),
    name=st.none() | TEXT,
    memory_bytes=BYTES,
    compute_capability=st.none() | st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}", fullmatch=True),
    driver_version=st.none() | VERSION,
    toolkit_version=st.none() | VERSION,
    present=STATE,
    driver=STATE,
    usable=STATE,
).filter(lambda d: (d.present, d.driver) != ("no", "yes") and (d.driver, d.usable) != ("no", "yes"))
FINDINGS = st.builds(
    Finding,
    probe=TEXT,
    rung=st.sampled_from(get_args(Rung)),
    state=STATE,
    reason=TEXT,
    source=TEXT,
    elapsed_ms=st.floats(0, 1e9),
)
PROFILES = st.builds(
    Profile,
    origin=st.sampled_from(get_args(Origin)),
    label=TEXT,
    captured_at=MOMENT,
    os=st.sampled_from(get_args(HostSystem)),
    os_name=st.none() | TEXT,
    arch=st.none() | TEXT,
    libc=st.none() | TEXT,
    libc_version=st.none() | VERSION,
    python_version=st.none() | VERSION,
    in_container=st.none() | st.booleans(),
    cpu_vendor=st.none() | TEXT,
    cpu_model=st.none() | TEXT,
    cpu_features=st.lists(TEXT, max_size=5).map(tuple),
    physical_cores=CORES,
    logical_cores=CORES,
    usable_cores=st.none() | st.floats(0.001, 2**20),
    memory_total_bytes=BYTES,
    memory_limit_bytes=BYTES,
    memory_available_bytes=BYTES,
    devices=st.lists(DEVICES, max_size=4).map(tuple),
    findings=st.lists(FINDINGS, max_size=4).map(tuple),
    targets=st.lists(st.sampled_from(DEPLOY_TARGETS), max_size=3, unique=True).map(tuple),
    chips=st.lists(st.sampled_from(DEPLOY_CHIPS), max_size=3, unique=True).map(tuple),
)
MINIMAL: dict[str, Any] = {"schema": "steelyard/hardware-profile/1", "host": {"os": "linux"}}


def faults_of(document: object) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as caught:
        probes.parse(document)
    return caught.value.faults


@settings(deadline=None)
@given(PROFILES)
def test_what_is_written_is_read_back(profile: Profile) -> None:
    document = probes.document(profile)
    assert probes.parse(document) == profile
    assert probes.parse(json.loads(json.dumps(document))) == profile


def test_the_least_profile_by_hand() -> None:
    profile = probes.parse(MINIMAL)
    assert (profile.origin, profile.label, profile.captured_at, profile.os) == (
        "hand",
        "by hand",
        "",
        "linux",
    )
    assert (profile.devices, profile.findings, profile.cpu_features) == ((), (), ())


def test_a_pleasant_profile_by_hand() -> None:
    document = MINIMAL | {
        "label": "training box",
        "captured_at": "2026-11-21",
        "memory": {"total_bytes": "256 GiB"},
        "cpu": {"logical_cores": 64, "usable_cores": 32},
        "devices": [{"kind": "nvidia_gpu", "name": "L4", "memory_bytes": "24GB", "count": 4}],
    }
    profile = probes.parse(document)
    assert profile.memory_total_bytes == 256 * 2**30
    assert [d.memory_bytes for d in profile.devices] == [24 * 10**9] * 4
    answers = answers_from(profile)
    assert (answers["train_hardware"], answers["train_devices"]) == (["cpu", "nvidia_gpu"], 4)
    assert probes.parse(probes.document(profile)) == profile


def test_a_program_must_say_that_a_device_is_usable() -> None:
    document = MINIMAL | {"origin": "pushed", "devices": [{"kind": "tpu"}]}
    assert probes.parse(document).devices[0].usable == "unknown"


def test_every_fault_is_listed_at_once_with_near_names() -> None:
    document = {
        "schema": "steelyard/hardware-profile/9",
        "origin": "probed",
        "hots": {},
        "host": {"os": "linus", "arch": "", "python_version": 3.1, "in_container": "yes"},
        "cpu": {
            "features": ["avx", 5],
            "physical_cores": 0,
            "logical_cores": True,
            "usable_cores": float("nan"),
        },
        "memory": {"total_bytes": -1, "limit_bytes": "24 gigs", "available_bytes": 2**61},
        "devices": [
            {"kind": "nvidia_gpus"},
            {"name": "x"},
            "gpu",
            {"kind": "tpu", "driver": "no", "usable": "yes"},
        ],
        "findings": {},
        "captured_at": "2026-02-30",
    }
    found = {fault.path: fault for fault in faults_of(document)}
    assert set(found) == {
        "schema",
        "origin",
        "hots",
        "host.os",
        "host.arch",
        "host.python_version",
        "host.in_container",
        "cpu.features[1]",
        "cpu.physical_cores",
        "cpu.logical_cores",
        "cpu.usable_cores",
        "memory.total_bytes",
        "memory.limit_bytes",
        "memory.available_bytes",
        "devices[0].kind",
        "devices[1].kind",
        "devices[2]",
        "devices[2].kind",
        "devices[3].usable",
        "findings",
        "captured_at",
    }
    nearest = {path: fault.nearest for path, fault in found.items() if fault.nearest}
    assert nearest == {
        "schema": "steelyard/hardware-profile/1",
        "origin": "probe",
        "hots": "host",
        "host.os": "linux",
        "devices[0].kind": "nvidia_gpu",
    }


@pytest.mark.parametrize("document", [None, 3, "x", [], True, {}])
def test_what_is_no_profile(document: object) -> None:
    paths = {fault.path for fault in faults_of(document)}
    assert {"schema", "host.os"} <= paths


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"devices": [{"kind": "tpu"}] * 65}, "devices"),
        ({"devices": [{"kind": "tpu", "count": 40}] * 2}, "devices"),
        ({"devices": [{"kind": "tpu", "count": 65}]}, "devices[0].count"),
        ({"findings": [{}] * 513}, "findings"),
        ({"cpu": {"features": ["a"] * 1025}}, "cpu.features"),
        ({"label": "x" * 301}, "label"),
        ({"label": "a\nb"}, "label"),
        ({"label": "\ud800"}, "label"),
        ({"label": "a\u202eb"}, "label"),
        ({"label": None}, "label"),
        ({"captured_at": "2026-11-21T09:30:00"}, "captured_at"),
        ({"captured_at": "yesterday"}, "captured_at"),
        ({"cpu": {"usable_cores": 10**400}}, "cpu.usable_cores"),
        ({"cpu": {"logical_cores": 10**5000}}, "cpu.logical_cores"),
        ({"cpu": {"logical_cores": 4.0}}, "cpu.logical_cores"),
        ({"cpu": None}, "cpu"),
        ({"memory": {"total_bytes": "24 iB"}}, "memory.total_bytes"),
        ({"devices": [{"kind": "cpu"}]}, "devices[0].kind"),
        ({"devices": [{"kind": "nvidia_gpu", "compute_capability": 9.0}]}, "devices[0].compute_capability"),
        ({"devices": [{"kind": "tpu", "driver_version": "'; --"}]}, "devices[0].driver_version"),
        ({7: "x"}, "7"),
    ],
)
def test_bounds(change: dict[Any, Any], path: str) -> None:
    assert path in {fault.path for fault in faults_of(MINIMAL | change)}


@pytest.mark.parametrize(
    ("kind", "target", "is_good"),
    [
        *(("sm", good, True) for good in ("35", "90", "90a", "120f")),
        *(("ptx", bad, False) for bad in ("abc", "9", "", "90x", "\u0663\u0660", "-90", "1200", "sm_90", "gfx942", 90)),
        *(("gfx", good, True) for good in ("gfx942", "gfx90a", "gfx1100")),
        *(("gfx", bad, False) for bad in ("942", "gfx", "gfx94", "GFX942", "gfx11000")),
    ],
)
def test_generations_of_code(kind: str, target: object, is_good: bool) -> None:
    code = {"library": "libx.so", "kind": kind, "target": target, "entries": 1}
    software = [{"name": "torch", "version": "2.1", "code": [code]}]
    document = {"schema": "steelyard/hardware-profile/1", "host": {"os": "linux"}, "software": software}
    if is_good:
        assert probes.parse(document).software[0].code[0].target == target
        return
    with pytest.raises(InvalidInput) as caught:
        probes.parse(document)
    assert [fault.path for fault in caught.value.faults] == ["software[0].code[0].target"]


def test_many_unknown_names_are_counted_not_listed() -> None:
    found = faults_of(MINIMAL | {f"x{n}": n for n in range(10_000)})
    assert len(found) == 17
    assert "9984 more" in str(found[-1])


def test_depth_and_length_cost_nothing() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    found = faults_of(MINIMAL | {"label": deep, "origin": "x" * 10**6, "y" * 10**6: 1})
    assert all(len(str(fault)) < 1000 for fault in found)
    while deep:  # taken apart by hand: the interpreter would recurse
        deep = deep.pop()


def read_or_refused(document: object) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        profile = probes.parse(document)
    except InvalidInput as error:
        faults = error.faults
    else:
        assert probes.parse(probes.document(profile)) == profile
        return
    assert faults
    assert all(fault.path and fault.value and fault.expected for fault in faults)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_any_document_is_read_or_refused(document: object) -> None:
    read_or_refused(document)


@settings(deadline=None)
@given(PROFILES, st.data())
def test_a_broken_field_is_refused_or_read_never_a_crash(profile: Profile, data: st.DataObject) -> None:
    document: Any = probes.document(profile)
    part = document[data.draw(st.sampled_from(["host", "cpu", "memory"]))]
    part[data.draw(st.sampled_from(sorted(part)))] = data.draw(JSON)
    read_or_refused(document)


@settings(deadline=None)
@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")))
@example("a\x00b\u202e\ud800")
def test_cleaned_text_is_always_accepted(text: str) -> None:
    kept = clean(text)
    assert kept is None or (0 < len(kept) <= 300 and is_plain(kept))
    assert not any(unicodedata.category(c) == "Cs" for c in kept or "")
    assert version(text) is None or probes.parse(MINIMAL | {"host": {"os": "linux", "libc_version": version(text)}})
    assert capability("9.0") == "9.0"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("arm64", "aarch64"),
        ("ARM64", "aarch64"),
        ("AMD64", "x86_64"),
        ("x64", "x86_64"),
        ("X86_64", "x86_64"),
        ("riscv64", "riscv64"),
    ],
)
def test_an_architecture_has_one_name_whatever_its_system_calls_it(written: str, read: str) -> None:
    profile = probes.parse({"schema": "steelyard/hardware-profile/1", "host": {"os": "macos", "arch": written}})
    assert profile.arch == read


@pytest.mark.parametrize(
    ("written", "size"),
    [("2 PiB", 2 * 2**50), ("1.5 PB", 1_500 * 10**12), ("1024 PiB", 2**60), ("1025 PiB", None), ("1 EiB", None)],
)
def test_the_largest_sizes_have_a_unit(written: str, size: int | None) -> None:
    faults: list[Fault] = []
    assert fields.size(written, "memory", faults) == size
    assert [fault.path for fault in faults] == ([] if size else ["memory"])
