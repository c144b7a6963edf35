"""TPUs: ids on the bus decide, nodes are matched to chips, and Google's other devices are not chips."""

from collections.abc import Callable

import pytest

from probes.look import tpu
from probes.look.watch import Watch
from rules.hardware import GIB

WatchAt = Callable[..., Watch]
PciFiles = Callable[..., dict[str, str | None]]


def rungs(watch: Watch) -> dict[str, str]:
    return {finding.rung: finding.state for finding in watch.findings}


def test_v5e_8(watch_at: WatchAt, pci: PciFiles) -> None:
    tree: dict[str, str | None] = {"/dev/vfio/vfio": ""}
    for n in range(8):
        tree |= pci(f"0000:00:{n + 4:02x}.0", "0x1ae0", "0x0063", "0xff0000", driver="vfio-pci", group=str(n))
        tree |= {f"/dev/vfio/{n}": ""}
    watch = watch_at(tree)
    devices = tpu.look(watch)
    assert len(devices) == 8
    assert {(d.name, d.memory_bytes, d.driver, d.usable) for d in devices} == {("TPU v5e", 16 * GIB, "yes", "yes")}
    assert rungs(watch) == {"present": "yes", "driver": "yes", "usable": "yes"}


def test_nodes_that_this_user_may_not_open(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci("0000:00:04.0", "0x1ae0", "0x006f", "0xff0000") | {"/dev/vfio/3": ""}
    tree |= {"/sys/kernel/iommu_groups/3/devices/0000:00:04.0": ""}
    device = tpu.look(watch_at(tree, accessible=lambda path: False))[0]
    assert (device.name, device.driver, device.usable) == ("TPU v6e", "yes", "no")


def test_v4_through_the_accelerator_class(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci("0000:00:04.0", "0x1ae0", "0x005e", "0x088000")
    tree |= {"/sys/class/accel/accel0/device": "-> ../../../0000:00:04.0", "/dev/accel0": ""}
    assert tpu.look(watch_at(tree))[0].usable == "yes"


@pytest.mark.parametrize(
    ("subsystem", "name"), [("0x004e", "TPU v2"), ("0x004f", "TPU v3"), ("0x0001", "TPU v2 or v3")]
)
def test_the_subsystem_tells_v2_from_v3(watch_at: WatchAt, pci: PciFiles, subsystem: str, name: str) -> None:
    tree = pci("0000:00:04.0", "0x1ae0", "0x0027", "0x088000", subsystem=subsystem)
    device = tpu.look(watch_at(tree))[0]
    assert (device.name, device.driver, device.usable) == (name, "no", "no")


def test_another_device_s_node_is_not_the_chip_s(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci("0000:00:04.0", "0x1ae0", "0x0063", "0xff0000", group="5")
    tree |= pci("0000:00:05.0", "0x10de", "0x2b85", "0x030000", group="6") | {"/dev/vfio/6": ""}
    assert tpu.look(watch_at(tree))[0].driver == "no"


def test_a_virtual_network_card_is_no_tpu(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci("0000:00:04.0", "0x1ae0", "0x0042", "0x020000") | {"/dev/vfio/1": "", "/dev/accel0": ""}
    watch = watch_at(tree)
    assert tpu.look(watch) == ()
    assert rungs(watch) == {"present": "no", "usable": "no"}


def test_a_google_device_that_nobody_knows(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(pci("0000:00:04.0", "0x1ae0", "0x0099", "0xff0000"))
    assert tpu.look(watch) == ()
    assert rungs(watch) == {"present": "unknown", "usable": "unknown"}


def test_accel_may_be_a_directory(watch_at: WatchAt, pci: PciFiles) -> None:
    """The kernel's own accelerator class keeps nodes in a directory; a neural processor there is no TPU."""
    tree = pci("0000:00:0b.0", "0x8086", "0x643e", "0x120000")
    tree |= {"/dev/accel/accel0": "", "/sys/class/accel/accel0/device": "-> ../../../0000:00:0b.0"}
    watch = watch_at(tree)
    assert tpu.look(watch) == ()
    assert rungs(watch)["present"] == "no"
    chip = pci("0000:00:04.0", "0x1ae0", "0x005e", "0x088000")
    chip |= {"/dev/accel0/x": "", "/sys/class/accel/accel0/device": "-> ../../../0000:00:04.0"}
    assert tpu.look(watch_at(chip))[0].driver == "no"


def test_a_hidden_bus_is_unknown_and_tells_the_hints(watch_at: WatchAt) -> None:
    env = {"TPU_ACCELERATOR_TYPE": "v5litepod-8", "TPU_WORKER_HOSTNAMES": "secret-host"}
    watch = watch_at({"/dev/accel0": ""}, env=env)
    assert tpu.look(watch) == ()
    assert rungs(watch) == {"present": "unknown", "usable": "unknown"}
    assert "v5litepod-8" in watch.findings[0].reason
    assert "nodes exist" in watch.findings[0].reason
    assert "secret" not in repr(watch.findings)
    odd = watch_at({}, env={"TPU_ACCELERATOR_TYPE": "http://secret"})
    tpu.look(odd)
    assert "secret" not in repr(odd.findings)


def test_other_systems_have_none(watch_at: WatchAt) -> None:
    watch = watch_at({}, system="Windows")
    assert tpu.look(watch) == ()
    assert rungs(watch) == {"usable": "no"}
