"""Hailo, Ascend, and everything that is seen without a verdict."""

import pytest
from trees import PciFiles, Tree, WatchAt, counted, reasons

from probes.look import ascend, hailo, others

ADDRESS = "0000:05:00.0"


def test_hailo_with_and_without_its_library(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci(ADDRESS, "0x1e60", "0x45c4", "0x120000", driver="hailo1x") | {"/dev/hailo0": ""}
    watch = watch_at(tree)
    assert [(d.name, d.usable) for d in hailo.look(watch)] == [("Hailo-10H", "unknown")]
    assert counted(watch) == {"hailo": (1, 1, 1)}
    assert hailo.look(watch_at(tree | {"/usr/lib64/libhailort.so.5.1.0": ""}))[0].usable == "yes"


def test_any_other_id_of_hailo_s_is_unknown(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(pci(ADDRESS, "0x1e60", "0xffff", "0x048000"))
    assert hailo.look(watch) == ()
    assert reasons(watch, "present") == [("unknown", "unknown_chip")]


def test_ascend_by_class_and_by_node(watch_at: WatchAt, pci: PciFiles) -> None:
    card = pci(ADDRESS, "0x19e5", "0x0222", "0x020000")
    watch = watch_at(card)
    assert ascend.look(watch) == ()
    assert reasons(watch, "present") == [("no", "not_on_bus")]
    nodes: Tree = {"/dev/davinci0": "", "/dev/davinci1": "", "/dev/davinci_manager": ""}
    watch = watch_at(nodes, env={"ASCEND_RT_VISIBLE_DEVICES": "0"})
    assert [(d.usable, d.address) for d in ascend.look(watch)] == [("yes", None)] * 2
    assert counted(watch) == {"ascend": (2, 1, 2)}


@pytest.mark.parametrize(
    ("vendor", "device", "code", "name"),
    [
        ("0x1e52", "0x401e", "0x120000", "Tenstorrent Wormhole"),
        ("0x1ed2", "0x0000", "0x120000", "FuriosaAI Warboy"),
        ("0x1eff", "0x2030", "0x120000", "Rebellions (id 0x2030)"),
        ("0x9999", "0x4001", "0x030200", "MetaX (id 0x4001)"),
        ("0x17cb", "0xa100", "0x120000", "Qualcomm Cloud AI (id 0xa100)"),
        ("0x5555", "0x0001", "0x120000", "Accelerator (vendor 0x5555, id 0x0001)"),
        ("0x17cb", "0x1103", "0x028000", None),
        ("0x1ded", "0x107f", "0x020000", None),
        ("0x1d94", "0x1450", "0x060000", None),
        ("0x8086", "0x643e", "0x120000", None),
        ("0x1022", "0x17f0", "0x118000", None),
        ("0x1002", "0x74a1", "0x120000", None),
        ("0x5555", "0x0001", "0x030000", None),
    ],
)
def test_what_is_seen_without_a_verdict(
    watch_at: WatchAt, pci: PciFiles, vendor: str, device: str, code: str, name: str | None
) -> None:
    watch = watch_at(pci(ADDRESS, vendor, device, code, driver="its-own"))
    found = others.look(watch)
    assert [d.name for d in found] == ([name] if name else [])
    if name:
        assert [(d.kind, d.usable) for d in found] == [("other", "unknown")]
        assert reasons(watch, "usable") == [("unknown", "not_judged")]
    else:
        assert reasons(watch, "present") == [("no", "not_on_bus")]


@pytest.mark.parametrize(("driver", "expected"), [("vfio-pci", ("no", "no")), ("", ("no", "no"))])
def test_one_that_nothing_drives_here(watch_at: WatchAt, pci: PciFiles, driver: str, expected: tuple[str, str]) -> None:
    tree = pci(ADDRESS, "0x1e52", "0xb140", "0x120000", **({"driver": driver} if driver else {}))
    device = others.look(watch_at(tree))[0]
    assert (device.driver, device.usable) == expected


def test_nodes_sticks_and_strange_drivers(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci(ADDRESS, "0x10ec", "0x8168", "0x020000")
    tree |= {
        "/dev/aries0": "",
        "/sys/bus/usb/devices/1-1/idVendor": "03e7",
        "/sys/bus/usb/devices/1-1/idProduct": "2485",
        "/sys/class/accel/accel0/device": "-> ../../../devices/platform/thing",
        "/sys/devices/platform/thing/driver": "-> ../../../bus/platform/drivers/newnpu",
        "/sys/class/accel/accel1/device": "-> ../../../devices/platform/ethos",
        "/sys/devices/platform/ethos/driver": "-> ../../../bus/platform/drivers/ethosu",
    }
    names = [d.name for d in others.look(watch_at(tree))]
    assert names == ["Mobilint Aries", "Intel Movidius Myriad X", "Accelerator of the driver newnpu"]
