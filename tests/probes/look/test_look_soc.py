"""Parts of a chip: the device tree tells them, a driver serves them, and a node alone makes nothing usable."""

from collections.abc import Callable

import pytest
from trees import Tree, WatchAt, counted, reasons, saying

from probes.look import qualcomm, soc
from probes.look.watch import Watch
from rules.hardware import Device

Look = Callable[[Watch], tuple[Device, ...]]
DRIVERS = "/sys/bus/platform/drivers"


def board(*words: str) -> Tree:
    return {"/proc/device-tree/compatible": "\0".join(words) + "\0"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({f"{DRIVERS}/RKNPU/fdab0000.npu": None}, ("yes", "unknown", "runtime_not_found")),
        ({f"{DRIVERS}/RKNPU/bind": ""}, ("no", "no", "no_driver")),
        ({f"{DRIVERS}/rocket/fdab0000.npu": None, "/usr/lib/librknnrt.so": ""}, ("yes", "unknown", "not_tried")),
        ({DRIVERS: None}, ("no", "no", "no_driver")),
        ({}, ("unknown", "unknown", "drivers_hidden")),
    ],
)
def test_rockchip(watch_at: WatchAt, more: Tree, expected: tuple[str, str, str]) -> None:
    watch = watch_at(board("radxa,rock-5b", "rockchip,rk3588") | more)
    (device,) = soc.look_rockchip(watch)
    assert (device.driver, device.usable, reasons(watch, "usable")[0][1]) == expected
    assert device.name == "NPU of Rockchip RK3588"


def test_the_mainline_driver_makes_a_node(watch_at: WatchAt) -> None:
    tree = board("rockchip,rk3588") | {
        "/sys/class/accel/accel0/device": "-> ../../../devices/platform/fdab0000.npu",
        "/sys/devices/platform/fdab0000.npu/driver": "-> ../../../bus/platform/drivers/rocket",
        "/dev/accel/accel0": "",
    }
    watch = watch_at(tree, accessible=lambda path: False)
    assert soc.look_rockchip(watch)[0].usable == "no"
    assert reasons(watch, "usable") == [("no", "permission")]
    assert counted(watch) == {"rockchip_npu": (1, 1, 0)}


def test_a_chip_that_merely_begins_alike_is_another(watch_at: WatchAt) -> None:
    watch = watch_at(board("some,rockchip,rk3588x", "rockchip,rk3399"))
    assert soc.look_rockchip(watch) == ()
    assert reasons(watch, "present") == [("no", "not_on_chip")]


@pytest.mark.parametrize("look", [soc.look_rockchip, soc.look_ethos, soc.look_dla, qualcomm.look])
def test_nothing_to_be_seen_is_unknown_and_a_pc_has_none(watch_at: WatchAt, look: Look) -> None:
    watch = watch_at({})
    assert look(watch) == ()
    assert [state for state, _ in reasons(watch, "present")] == ["unknown"]
    watch = watch_at({"/sys/bus": None})
    assert look(watch) == ()
    assert [state for state, _ in reasons(watch, "present")] == ["no"]


def test_ethos_and_dla_by_their_nodes(watch_at: WatchAt) -> None:
    assert soc.look_ethos(watch_at({"/dev/ethosu0": ""}))[0].usable == "unknown"
    assert soc.look_dla(watch_at({"/dev/nvhost-nvdla0": ""}))[0].kind == "nvidia_dla"


QUALCOMM = board("lenovo,t14s", "qcom,x1e80100")


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (QUALCOMM | {"/dev/fastrpc-cdsp": ""}, ("yes", "unknown", "not_tried")),
        (QUALCOMM | {"/dev/fastrpc-cdsp-secure": ""}, ("yes", "unknown", "not_tried")),
        (QUALCOMM | {"/dev/null": ""}, ("no", "no", "no_driver")),
        (QUALCOMM, ("unknown", "unknown", "nodes_hidden")),
        ({"/dev/fastrpc-cdsp": ""}, ("yes", "unknown", "not_tried")),
    ],
)
def test_a_node_of_hexagon_never_makes_it_usable(watch_at: WatchAt, tree: Tree, expected: tuple[str, str, str]) -> None:
    watch = watch_at(tree)
    (device,) = qualcomm.look(watch)
    assert (device.driver, device.usable, reasons(watch, "usable")[0][1]) == expected


def test_a_closed_node_of_hexagon(watch_at: WatchAt) -> None:
    watch = watch_at(QUALCOMM | {"/dev/fastrpc-cdsp": ""}, accessible=lambda path: False)
    assert qualcomm.look(watch)[0].usable == "no"
    assert counted(watch) == {"qualcomm_npu": (1, 1, 0)}


@pytest.mark.parametrize(("maker", "found"), [("QTI\n", True), ("Qualcomm", True), ("MediaTek", False), ("", False)])
def test_android_s_own_word(watch_at: WatchAt, maker: str, found: bool) -> None:
    watch = watch_at({"/system/build.prop": ""}, run=saying(maker))
    assert bool(qualcomm.look(watch)) is found


def test_the_name_of_the_chip_from_the_kernel(watch_at: WatchAt) -> None:
    tree: Tree = {"/sys/devices/soc0/family": "Snapdragon\n", "/sys/devices/soc0/machine": "QCS6490\n"}
    assert qualcomm.look(watch_at(tree)) == ()
    tree["/sys/devices/soc0/family"] = "Qualcomm\n"
    assert qualcomm.look(watch_at(tree))[0].name == "Hexagon of QCS6490"
