"""Windows: what Plug and Play and the registry say, and answers that are none."""

import json

import pytest
from trees import WatchAt, saying

from probes.look import plugged
from probes.look.child import Outcome
from probes.look.pci import PciDevice

ARC = {
    "PNPDeviceID": "PCI\\VEN_8086&DEV_56A0&SUBSYS_10208086&REV_08\\6&1&0",
    "Name": "Intel(R) Arc(TM) A770 Graphics",
    "Service": "igfxn",
    "PNPClass": "Display",
    "ConfigManagerErrorCode": 0,
}


def devices(watch_at: WatchAt, said: object) -> tuple[PciDevice, ...] | None:
    return plugged.devices(watch_at({}, system="Windows", run=saying(json.dumps(said))))


def test_one_device_and_a_list_of_one_are_the_same(watch_at: WatchAt) -> None:
    expected = PciDevice("6&1&0", 0x8086, 0x56A0, 0x1020, 0x030000, "igfxn", 8, "Intel(R) Arc(TM) A770 Graphics", False)
    assert devices(watch_at, ARC) == devices(watch_at, [ARC]) == (expected,)


def test_what_has_a_problem_and_what_is_no_card(watch_at: WatchAt) -> None:
    hexagon = {"PNPDeviceID": "ACPI\\QCOM0D0A\\1", "Name": "Hexagon NPU", "PNPClass": "ComputeAccelerator"}
    found = devices(watch_at, [ARC | {"ConfigManagerErrorCode": 43, "Service": None}, hexagon, {"Name": "x"}, 5, None])
    assert [(d.failed, d.driver, d.class_code) for d in found or ()] == [
        (True, None, 0x030000),
        (False, None, 0x120000),
    ]


@pytest.mark.parametrize("text", ["", "[", "null", "[]", '"x"', "[" * 100_000])
def test_no_answer_is_a_hidden_bus(watch_at: WatchAt, text: str) -> None:
    assert plugged.devices(watch_at({}, system="Windows", run=saying(text))) is None


REGISTRY = r"""
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968}\0000
    MatchingDeviceId    REG_SZ    PCI\VEN_1414&DEV_008E
    HardwareInformation.qwMemorySize    REG_QWORD    0x1
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968}\0001
    MatchingDeviceId    REG_SZ    pci\ven_8086&dev_56a0
    DriverVersion    REG_SZ    32.0.101.8247
    HardwareInformation.qwMemorySize    REG_QWORD    0x3f4000000
"""
CHIP = PciDevice("x", 0x8086, 0x56A0, None, 0x030000, "igfxn")


def test_memory_beyond_four_gib(watch_at: WatchAt) -> None:
    watch = watch_at({}, system="Windows", run=lambda *a: Outcome(REGISTRY, "failed"))
    assert plugged.video_memory(watch, CHIP) == (16978542592, "32.0.101.8247")


@pytest.mark.parametrize("text", ["", REGISTRY.replace("56a0", "56a1"), "HKEY_\n" * 3])
def test_no_memory_is_made_up(watch_at: WatchAt, text: str) -> None:
    assert plugged.video_memory(watch_at({}, system="Windows", run=saying(text)), CHIP) == (None, None)
