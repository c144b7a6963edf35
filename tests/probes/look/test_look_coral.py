"""Coral: the ids before and after the first use, the library, and the card on PCIe."""

import pytest
from trees import PciFiles, Tree, WatchAt, counted, reasons

from probes.look import coral

LIBRARY: Tree = {"/usr/lib/aarch64-linux-gnu/libedgetpu.so.1": ""}


def stick(vendor: str, product: str, node: bool = True) -> Tree:
    base = "/sys/bus/usb/devices/1-1"
    tree: Tree = {
        f"{base}/idVendor": vendor,
        f"{base}/idProduct": product,
        f"{base}/busnum": "1",
        f"{base}/devnum": "4",
    }
    return tree | ({"/dev/bus/usb/001/004": ""} if node else {})


@pytest.mark.parametrize(
    ("vendor", "product", "code"), [("1a6e", "089a", "not_initialised"), ("18d1", "9302", "ready")]
)
def test_both_ids_are_one_accelerator(watch_at: WatchAt, vendor: str, product: str, code: str) -> None:
    watch = watch_at(stick(vendor, product) | LIBRARY)
    (device,) = coral.look(watch)
    assert (device.kind, device.driver, device.usable) == ("coral_edge_tpu", "yes", "yes")
    assert reasons(watch, "present")[0] == ("yes", code)
    assert watch.findings[0].raw == f"{vendor}:{product}"


@pytest.mark.parametrize(("vendor", "product"), [("18d1", "089a"), ("1a6e", "9302"), ("18d1", "4ee7")])
def test_other_devices_of_the_same_makers_are_none(watch_at: WatchAt, vendor: str, product: str) -> None:
    watch = watch_at(stick(vendor, product))
    assert coral.look(watch) == ()
    assert reasons(watch, "present") == [("no", "not_on_bus"), ("unknown", "bus_hidden")]


@pytest.mark.parametrize(
    ("tree", "open_to", "expected"),
    [
        (LIBRARY, True, ("yes", "node_access")),
        ({}, True, ("unknown", "library_not_found")),
        (LIBRARY, False, ("no", "permission")),
    ],
)
def test_node_and_library(watch_at: WatchAt, tree: Tree, open_to: bool, expected: tuple[str, str]) -> None:
    watch = watch_at(stick("18d1", "9302") | tree, accessible=lambda path: open_to)
    assert coral.look(watch)[0].usable == expected[0]
    assert reasons(watch, "usable") == [expected]
    assert counted(watch)["coral_edge_tpu"] == (1, 1, int(open_to))


def test_a_stick_without_a_node(watch_at: WatchAt) -> None:
    watch = watch_at(stick("18d1", "9302", node=False) | LIBRARY)
    assert coral.look(watch)[0].usable == "no"
    assert reasons(watch, "usable") == [("no", "node_missing")]


def test_the_card_is_matched_to_its_node(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci("0000:03:00.0", "0x1ac1", "0x089a", "0x0880ff", driver="apex")
    tree |= pci("0000:04:00.0", "0x1ac1", "0x089a", "0x0880ff", driver="apex")
    tree |= {"/sys/class/apex/apex_0/device": "-> ../../../0000:04:00.0", "/dev/apex_0": ""} | LIBRARY
    assert [d.usable for d in coral.look(watch_at(tree))] == ["no", "yes"]


def test_other_systems_are_not_read(watch_at: WatchAt) -> None:
    watch = watch_at(stick("18d1", "9302"), system="Windows")
    assert coral.look(watch) == ()
    assert reasons(watch, "present") == [("unknown", "not_read")]
