"""What no machine can say of itself is a fault; what is only strange is none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import probes
from probes import documents
from probes.look.machine import Machine
from probes.look.survey import survey
from probes.plausible import implausible
from rules.hardware import Count, Device, Disk, Finding
from tests.conftest import NOW, PROFILE

GPU = PROFILE.devices[0]


def finding(rung: Any, state: Any, probe: str = "nvidia_gpu") -> Finding:
    return Finding(probe, rung, state, "x: y", "z", 1.0)


@pytest.mark.parametrize(
    ("lie", "path"),
    [
        ({"captured_at": "2026-11-22T12:00:01Z"}, "captured_at"),
        ({"captured_at": "2026-11-23"}, "captured_at"),
        ({"captured_at": "9999-12-31T23:59:59-14:00"}, "captured_at"),
        ({"memory_total_bytes": 0, "memory_available_bytes": None}, "memory.total_bytes"),
        ({"memory_total_bytes": 2**50 + 1}, "memory.total_bytes"),
        ({"memory_available_bytes": 32 * 2**30 + 1}, "memory.available_bytes"),
        ({"devices": (replace(GPU, memory_bytes=0),)}, "devices[0].memory_bytes"),
        ({"devices": (GPU, replace(GPU, memory_bytes=2**44 + 1))}, "devices[1].memory_bytes"),
        ({"usable_cores": 8.5}, "cpu.usable_cores"),
        ({"disks": (Disk("cache", 10, 11, True),)}, "disks[0].free_bytes"),
        ({"disks": (Disk("cache", 10, 1, True), Disk("cache", 10, 1, True))}, "disks"),
        ({"counts": (Count("tpu", 2, 3, None),)}, "counts[0].visible"),
        ({"counts": (Count("tpu", 2, None, 3),)}, "counts[0].permitted"),
        ({"counts": (Count("tpu", 2, 2, 2), Count("tpu", 3, 3, 3))}, "counts"),
        ({"devices": (replace(GPU, address="0:1"), replace(GPU, address="0:1"))}, "devices"),
        ({"findings": (finding("usable", "no"),)}, "devices[0].usable"),
        ({"findings": (finding("present", "no"), finding("present", "no"))}, "devices[0].present"),
    ],
)
def test_a_lie_is_a_fault_at_its_place(lie: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in implausible(replace(PROFILE, **lie), NOW)] == [path]


@pytest.mark.parametrize(
    "strange",
    [
        {"captured_at": ""},
        {"captured_at": "1970-01-01T00:00:00Z"},
        {"captured_at": "0001-01-01T00:00:00+14:00"},
        {"captured_at": "2026-11-22T12:00:00Z"},
        {"captured_at": "2026-11-22T23:00:00+11:00"},
        {"memory_limit_bytes": 2**60},
        {"memory_total_bytes": None},
        {"usable_cores": 0.001},
        {"logical_cores": None, "usable_cores": 4.0},
        {"physical_cores": 64, "logical_cores": 8},
        {"counts": (Count("tpu", None, 3, 3),)},
        {"counts": (Count("tpu", 4, 0, 4),)},
        {"counts": (Count("nvidia_gpu", 1, 7, 7),), "devices": (replace(GPU, partition="1g.10gb"),) * 7},
        {"devices": (replace(GPU, address="0:1", partition="1g.10gb"),) * 2},
        {"devices": (GPU, GPU)},
        {"devices": (replace(GPU, address="0:1"), replace(GPU, kind="other", address="0:1"))},
        {"findings": (finding("usable", "no"), finding("usable", "yes"))},
        {"findings": (finding("usable", "unknown"),)},
        {"findings": (finding("usable", "no", "tpu"),)},
        {"findings": (finding("usable", "no"),), "devices": (replace(GPU, usable="no"),)},
        {"disks": (Disk("cache", None, 11, True), Disk("install", 11, 11, True))},
    ],
)
def test_what_is_only_strange_is_no_fault(strange: dict[str, Any]) -> None:
    assert implausible(replace(PROFILE, **strange), NOW) == []


def test_without_a_clock_no_time_is_a_lie() -> None:
    profile = replace(PROFILE, captured_at="2030-01-01", usable_cores=99.0)
    assert [fault.path for fault in implausible(profile, None)] == ["cpu.usable_cores"]


def test_every_lie_is_told_at_once() -> None:
    profile = replace(PROFILE, captured_at="2030-01-01", usable_cores=99.0, counts=(Count("tpu", 0, 1, 1),))
    found = implausible(profile, NOW)
    assert [fault.path for fault in found] == [
        "captured_at",
        "cpu.usable_cores",
        "counts[0].visible",
        "counts[0].permitted",
    ]
    assert "2026-11-21T12:00:00Z" in found[0].expected


def test_no_real_machine_lies(machine_at: Callable[..., Machine]) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    assert implausible(probes.local(), now) == []
    masked = {"/proc/cpuinfo": "processor : 0\n\n", "/proc/meminfo": "MemTotal: 1024 kB\nMemAvailable: 1024 kB\n"}
    masked |= {f"/sys/devices/system/cpu/cpu{n}/topology/thread_siblings_list": f"{n}\n" for n in range(8)}
    seen = survey(machine_at(masked), 1.0)
    assert (seen.logical_cores, seen.physical_cores) == (1, 8)
    assert implausible(seen, NOW) == []
    for system in ("Linux", "Darwin", "Windows", "Plan9"):
        assert implausible(survey(machine_at({}, system=system), 1.0), NOW) == []


def test_a_device_of_no_findings_is_believed() -> None:
    lone = Device("hailo", None, None, None, None, None, "yes", "yes", "yes")
    assert implausible(replace(PROFILE, devices=(lone,)), NOW) == []


def faults(**changes: Any) -> list[tuple[str, str]]:
    """(path, value) of every fault of a profile with some parts replaced."""
    profile, malformed = documents.read({**probes.document(PROFILE), **changes})
    return [(each.path, each.value) for each in [*malformed, *implausible(profile, NOW, malformed)]]


TWICE = [{"place": "cache"}, {"place": "cache"}]
ABOVE = {"place": "cache", "total_bytes": 1, "free_bytes": 2}
COUNT = {"kind": "tpu", "physical": 1, "visible": 2}
DEVICE = {"kind": "nvidia_gpu", "address": "0:1"}
DENIED = {"probe": "nvidia_gpu", "rung": "present", "state": "no", "reason": "x", "source": "y", "elapsed_ms": 1}
HAND: dict[str, Any] = {"origin": "hand", "findings": []}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"memory": {"total_bytes": 0, "limit_bytes": "much"}, "cpu": {"logical_cores": 1, "usable_cores": 2}},
            ["memory.limit_bytes", "memory.total_bytes", "cpu.usable_cores"],
        ),
        (
            {"memory": {"total_bytes": "?", "available_bytes": 5}, "captured_at": 7},
            ["captured_at", "memory.total_bytes"],
        ),
        ({"disks": [*TWICE, {"place": "moon"}]}, ["disks[2].place"]),
        ({"disks": [{"place": "moon"}, ABOVE]}, ["disks[0].place", "disks[1].free_bytes"]),
        ({"label": "", "disks": TWICE}, ["label", "disks"]),
        ({"counts": [{"kind": "gpu"}, COUNT]}, ["counts[0].kind"]),
        ({"counts": [{"kind": "gpu"}, {"kind": "card"}]}, ["counts[0].kind", "counts[1].kind"]),
        ({"label": "", "counts": [COUNT]}, ["label", "counts[0].visible"]),
        ({**HAND, "devices": [{**DEVICE, "partition": "1g", "kind": "gpu"}], "counts": [COUNT]}, ["devices[0].kind"]),
        (
            {**HAND, "devices": [{**DEVICE, "kind": "gpu"}, DEVICE, {"kind": "tpu", "memory_bytes": 0}]},
            ["devices[0].kind", "devices[2].memory_bytes"],
        ),
        ({**HAND, "label": "", "devices": [DEVICE, DEVICE]}, ["label", "devices"]),
        ({**HAND, "devices": [{"kind": "tpu", "driver": "no", "usable": 7}]}, ["devices[0].usable"]),
        ({"origin": "hand", "devices": [DEVICE], "findings": [{**DENIED, "rung": 7}]}, ["findings[0].rung"]),
        ({"origin": "hand", "devices": [{**DEVICE, "present": 7}], "findings": [DENIED]}, ["devices[0].present"]),
        ({"origin": "hand", "label": "", "devices": [DEVICE], "findings": [DENIED]}, ["label", "devices[0].present"]),
    ],
)
def test_shape_and_sense_are_told_at_once_and_nothing_is_said_of_what_could_not_be_read(
    changes: dict[str, Any], told: list[str]
) -> None:
    assert [path for path, _ in faults(**changes)] == told
