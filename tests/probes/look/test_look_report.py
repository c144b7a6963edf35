"""The report: everything that matters in it, in 80 columns, whatever the profile holds."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import probes
from probes.look import report
from rules.hardware import Contradiction, Disk, Finding, Profile, Software
from tests.conftest import PROFILE

WORD = st.from_regex(r"[A-Za-z0-9_.-]{1,60}", fullmatch=True)
TEXT = st.lists(WORD, min_size=1, max_size=12).map(" ".join).map(lambda t: t[:300].strip())


def rich() -> Profile:
    return replace(
        PROFILE,
        findings=(
            Finding("tpu", "present", "no", "not_on_bus: no TPU chip", "/sys/bus/pci/devices", 1.5),
            Finding("intel_npu", "usable", "no", "no_firmware: its firmware is missing", "/lib/firmware", 1.5),
            Finding("memory", "present", "unknown", "probe_failed", "probe", 1.5),
            Finding("nvidia_gpu", "usable", "yes", "initialised: it answers", "NVML", 1.5),
        ),
        disks=(Disk("install", 2**40, 2**33, writable=False),),
        overrides=(("CUDA_VISIBLE_DEVICES", "0,1"),),
        software=(Software("torch", "2.15.0", "cu130"),),
        conflicts=("opencv-python and opencv-python-headless",),
        contradictions=(Contradiction("devices of NVIDIA", (("the bus", "2"), ("NVML", "1"))),),
        cpu_model="CPU of [user]",
    )


def test_everything_that_matters_is_in_it() -> None:
    told = " ".join(report.text(probes.document(rich())).split())
    for said in (
        "test machine, looked at 2026-11-21T11:59:00Z",
        "System Debian GNU/Linux 12, x86_64",
        "Python 3.12.1, glibc 2.36",
        "Cores 8 usable, 8 logical, 4 physical",
        "Memory 32.0 GiB total, 20.0 GiB available",
        "Room install: 8.0 GiB free, not writable",
        "Test GPU (nvidia_gpu): 24.0 GiB, capability 8.9, driver version 580.95.05, present yes, driver yes, usable",
        "Looked for and not there tpu Not usable, or not known",
        "intel_npu, usable: no, its firmware is missing (/lib/firmware)",
        "memory, present: unknown, probe failed (probe)",
        "devices of NVIDIA: the bus says 2; NVML says 1",
        "CUDA_VISIBLE_DEVICES=0,1",
        "torch 2.15.0 cu130",
        "opencv-python and opencv-python-headless",
        "Taken out of this one: user name.",
    ):
        assert said in told, said
    assert "it answers" not in told


def test_what_was_not_found_is_said_to_be_unknown() -> None:
    empty = probes.document(probes.parse({"schema": PROFILE.schema, "host": {"os": "linux"}}))
    told = " ".join(report.text(empty).split())
    assert "None was found." in told
    assert "Memory not known" in told
    assert "Taken out" not in told


@given(st.fixed_dictionaries({"name": TEXT, "reason": TEXT, "model": TEXT, "override": TEXT}))
def test_it_fits_eighty_columns(texts: dict[str, Any]) -> None:
    profile = replace(
        rich(),
        cpu_model=texts["model"],
        devices=(replace(PROFILE.devices[0], name=texts["name"]),),
        findings=(Finding("tpu", "present", "no", texts["reason"], texts["name"], 1.0),),
        overrides=(("X", texts["override"]),),
    )
    assert max(map(len, report.text(probes.document(profile)).splitlines())) <= 80
