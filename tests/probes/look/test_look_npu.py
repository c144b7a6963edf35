"""Neural processors of laptops: id and class, the right driver, firmware, group and runtime."""

import pytest
from trees import PciFiles, Tree, WatchAt, counted, reasons

from probes.look import npu

ADDRESS = "0000:00:0b.0"
NODE: Tree = {
    "/sys/class/accel/accel0/device": f"-> ../../../bus/pci/devices/{ADDRESS}",
    "/dev/accel/accel0": "",
}


def intel(pci: PciFiles, device: str = "0x7d1d", driver: str | None = "intel_vpu") -> Tree:
    return pci(ADDRESS, "0x8086", device, "0x120000", **({"driver": driver} if driver else {}))


def test_a_served_processor_with_its_runtime(watch_at: WatchAt, pci: PciFiles) -> None:
    for runtime in ("libze_intel_npu.so.1", "libze_intel_vpu.so.1"):
        watch = watch_at(intel(pci) | NODE | {f"/usr/lib64/{runtime}": ""})
        device = npu.look_intel(watch)[0]
        assert (device.kind, device.architecture, device.usable) == ("intel_npu", "37xx", "yes")
        assert counted(watch) == {"intel_npu": (1, 1, 1)}


def test_without_the_runtime_it_is_unknown(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(intel(pci) | NODE)
    assert npu.look_intel(watch)[0].usable == "unknown"
    assert reasons(watch, "usable") == [("unknown", "runtime_not_found")]


@pytest.mark.parametrize(("firmware", "told"), [({}, True), ({"/lib/firmware/intel/vpu": None}, False)])
def test_missing_firmware_is_told_where_no_driver_took_it(
    watch_at: WatchAt, pci: PciFiles, firmware: Tree, told: bool
) -> None:
    watch = watch_at(intel(pci, driver=None) | firmware)
    assert (npu.look_intel(watch)[0].driver, npu.look_intel(watch)[0].usable) == ("no", "no")
    driver = next(f.reason for f in watch.findings if f.rung == "driver")
    assert ("firmware" in driver) == told


def test_a_newer_generation_is_unknown_and_graphics_are_none(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(intel(pci, "0xd71d"))
    assert npu.look_intel(watch) == ()
    assert reasons(watch, "present") == [("unknown", "unknown_chip")]
    watch = watch_at(pci(ADDRESS, "0x8086", "0x64a0", "0x030000"))
    assert npu.look_intel(watch) == ()
    assert reasons(watch, "present") == [("no", "not_on_bus")]


@pytest.mark.parametrize(
    ("device", "revision", "name", "architecture"),
    [
        ("0x1502", "0x00", "AMD NPU of Phoenix or Hawk Point", "xdna"),
        ("0x17f0", "0x11", "AMD NPU of the Strix family", "xdna2"),
        ("0x17f0", "0x77", "AMD NPU", "xdna2"),
        ("0x17f0", None, "AMD NPU", "xdna2"),
    ],
)
def test_amd_s_revisions(
    watch_at: WatchAt, pci: PciFiles, device: str, revision: str | None, name: str, architecture: str
) -> None:
    tree = pci(ADDRESS, "0x1022", device, "0x118000", driver="amdxdna") | NODE
    if revision:
        tree |= {f"/sys/bus/pci/devices/{ADDRESS}/revision": revision}
    found = npu.look_amd(watch_at(tree))[0]
    assert (found.kind, found.name, found.architecture) == ("amd_npu", name, architecture)


def test_a_node_of_another_device_is_not_its_own(watch_at: WatchAt, pci: PciFiles) -> None:
    other: Tree = {"/sys/class/accel/accel0/device": "-> ../../../0000:00:0c.0", "/dev/accel/accel0": ""}
    watch = watch_at(intel(pci) | other)
    assert npu.look_intel(watch)[0].usable == "no"
    assert reasons(watch, "usable") == [("no", "node_missing")]
