"""Intel graphics: the family decides whether XPU builds are for it; being Intel's alone does not."""

import pytest
from trees import PciFiles, Tree, WatchAt, counted, reasons, saying

from probes.look import intel, intel_ids
from probes.look.pci import PciDevice

ADDRESS = "0000:03:00.0"
BASE = f"/sys/bus/pci/devices/{ADDRESS}"
RUNTIME: Tree = {"/usr/lib/x86_64-linux-gnu/libze_intel_gpu.so.1": ""}
RENDER: Tree = {f"{BASE}/drm/renderD128": None, f"{BASE}/drm/card0": None, "/dev/dri/renderD128": ""}


def gpu(pci: PciFiles, device: int = 0xE20B, driver: str = "xe") -> Tree:
    return pci(ADDRESS, "0x8086", f"0x{device:04x}", "0x030000", driver=driver) | RENDER


def test_every_known_family_stands_as_it_should(watch_at: WatchAt, pci: PciFiles) -> None:
    for family in (*intel_ids.FAMILIES, *intel_ids.OLDER):
        device = intel.look(watch_at(gpu(pci, family.ids[0]) | RUNTIME))[0]
        assert device.usable == ("yes" if family in intel_ids.FAMILIES else "no"), family
        assert (device.architecture, device.unified_memory) == (family.architecture, not family.discrete)
        assert str(device.name).startswith("Intel ")


def test_an_unknown_display_device_is_unknown(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(gpu(pci, 0x0042, "i915") | RUNTIME)
    device = intel.look(watch)[0]
    assert (device.name, device.architecture, device.usable) == ("Intel graphics", None, "unknown")
    assert reasons(watch, "usable") == [("unknown", "unknown_chip")]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "nor is its loader"),
        ({"/usr/lib/libze_loader.so.1.21.0": ""}, "the loader is there"),
    ],
)
def test_without_the_runtime_nobody_can_say(watch_at: WatchAt, pci: PciFiles, more: Tree, expected: str) -> None:
    watch = watch_at(gpu(pci) | more)
    assert intel.look(watch)[0].usable == "unknown"
    assert reasons(watch, "usable") == [("unknown", "runtime_not_found")]
    assert expected in watch.findings[-1].reason


def test_a_runtime_does_not_help_without_a_driver_or_a_node(watch_at: WatchAt, pci: PciFiles) -> None:
    chip = pci(ADDRESS, "0x8086", "0xe20b", "0x030000")
    for tree, expected in ((chip, "no_driver"), (chip | {f"{BASE}/driver": "-> ../drivers/xe"}, "node_missing")):
        watch = watch_at(tree | RUNTIME)
        assert intel.look(watch)[0].usable == "no"
        assert reasons(watch, "usable") == [("no", expected)]


def test_memory_of_tiles_is_added_and_integrated_graphics_have_none(watch_at: WatchAt, pci: PciFiles) -> None:
    tiles: Tree = {f"{BASE}/tile0/physical_vram_size_bytes": "1000\n", f"{BASE}/tile1/physical_vram_size_bytes": "24\n"}
    assert intel.look(watch_at(gpu(pci, 0x0BDA) | tiles))[0].memory_bytes == 1024
    assert intel.look(watch_at(gpu(pci, 0x64A0) | tiles))[0].memory_bytes is None
    older: Tree = {f"{BASE}/drm/card0/lmem_total_bytes": "16225243136\n"}
    assert intel.look(watch_at(gpu(pci, 0x56A0, "i915") | older))[0].memory_bytes == 16225243136
    for nonsense in ("-5", "many", str(2**50)):
        broken: Tree = {f"{BASE}/tile0/physical_vram_size_bytes": nonsense}
        assert intel.look(watch_at(gpu(pci) | broken))[0].memory_bytes is None


def test_on_windows_shared_memory_is_not_the_device_s(watch_at: WatchAt) -> None:
    text = "HKEY_X\n    MatchingDeviceId    REG_SZ    PCI\\VEN_8086&DEV_{:04X}\n"
    text += "    HardwareInformation.qwMemorySize    REG_QWORD    0x400000000\n"
    for device, expected in ((0x64A0, None), (0x56A0, 2**34)):
        watch = watch_at({}, system="Windows", run=saying(text.format(device)))
        watch.machine.kept["bus"] = (PciDevice("x", 0x8086, device, None, 0x030000, "igfxn"),)
        assert [(d.memory_bytes, d.usable) for d in intel.look(watch)] == [(expected, "unknown")]


def test_a_closed_node(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(gpu(pci) | RUNTIME, accessible=lambda path: False)
    assert intel.look(watch)[0].usable == "no"
    assert counted(watch)["intel_gpu"] == (1, 1, 0)


def test_selectors_leave_the_visible_count_open(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(gpu(pci) | RUNTIME, env={"ZE_AFFINITY_MASK": "0.1"})
    intel.look(watch)
    assert counted(watch)["intel_gpu"] == (1, None, 1)


def test_a_network_card_is_no_graphics(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(pci(ADDRESS, "0x8086", "0x56a0", "0x020000"))
    assert intel.look(watch) == ()
    assert reasons(watch, "present") == [("no", "not_on_bus")]
