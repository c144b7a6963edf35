"""USB and the accelerator class as files show them; libraries and tools, looked for before they are used."""

import pytest
from trees import Plant, Tree, WatchAt, saying

from probes.look import accel, libraries, tools, usb
from probes.look.child import Outcome

STICK = "/sys/bus/usb/devices/2-1"


def test_a_device_on_usb(plant: Plant) -> None:
    tree: Tree = {
        f"{STICK}/idVendor": "1A6e\n",
        f"{STICK}/idProduct": "089a\n",
        f"{STICK}/busnum": "2\n",
        f"{STICK}/devnum": "12\n",
        f"{STICK}/product": " Edge\x07TPU \n",
        f"{STICK}/serial": "secret\n",
        "/sys/bus/usb/devices/2-1:1.0/bInterfaceClass": "ff\n",
        "/dev/bus/usb/002/012": "",
    }
    (device,) = usb.inventory(plant(tree)) or ()
    assert device == usb.UsbDevice("2-1", 0x1A6E, 0x089A, "Edge TPU", "/dev/bus/usb/002/012")
    assert device.ids == "1a6e:089a"


def test_a_hidden_usb_and_an_empty_one_differ(plant: Plant) -> None:
    assert usb.inventory(plant({})) is None
    assert usb.inventory(plant({usb.PATH: None})) == ()


@pytest.mark.parametrize("text", ["", "18d", "18d12", "0x18d1", "zzzz", "18d1\n18d1"])
def test_ids_that_are_none(plant: Plant, text: str) -> None:
    assert usb.inventory(plant({f"{STICK}/idVendor": text, f"{STICK}/idProduct": "9302"})) == ()


def test_the_class_tells_nodes_and_drivers(plant: Plant) -> None:
    root = plant(
        {
            "/sys/class/accel/accel0/device": "-> ../../../bus/pci/devices/0000:00:0b.0",
            "/sys/class/accel/accel1/device": "-> ../../../devices/npu",
            "/sys/class/accel/accel1/dev": "261:1",
            "/sys/class/accel/version": "",
            "/sys/bus/pci/devices/0000:00:0b.0/driver": "-> ../../../bus/pci/drivers/intel_vpu",
            "/dev/accel/accel0": "",
            "/dev/accel1": "",
            "/dev/accel/accel2/x": "",
        }
    )
    assert accel.inventory(root) == (
        accel.Accelerator("accel0", "/dev/accel/accel0", "0000:00:0b.0", "intel_vpu"),
        accel.Accelerator("accel1", "/dev/accel1", "npu", None),
    )
    assert accel.node(root, "0000:00:0b.0") == "/dev/accel/accel0"
    assert accel.node(root, "0000:00:0c.0") is None


CACHE = "ld.so-1.7.0\0libfoo.so.1\0/opt/x/libfoo.so.1\0libfoobar.so\0/usr/lib/libfoobar.so\0"


@pytest.mark.parametrize(
    ("tree", "env", "expected"),
    [
        ({}, {}, None),
        ({"/etc/ld.so.cache": CACHE}, {}, "/opt/x/libfoo.so.1"),
        ({"/etc/ld.so.cache": CACHE.replace("libfoo.so", "libfooo.so")}, {}, None),
        ({"/usr/lib64/libfoo.so.1.2.3": ""}, {}, "/usr/lib64/libfoo.so.1.2.3"),
        ({"/usr/lib64/libfoo.so.old": ""}, {}, None),
        ({"/a/libfoo.so": "", "/etc/ld.so.cache": CACHE}, {"LD_LIBRARY_PATH": "relative:/a"}, "/a/libfoo.so"),
        ({"/opt/own/libfoo.so.7": ""}, {}, "/opt/own/libfoo.so.7"),
    ],
)
def test_where_a_library_is_found(watch_at: WatchAt, tree: Tree, env: dict[str, str], expected: str | None) -> None:
    assert libraries.find(watch_at(tree, env=env).machine, "libfoo.so", "/opt/own") == expected


def test_a_tool_that_is_not_there_is_not_run(watch_at: WatchAt) -> None:
    def run(*arguments: object) -> Outcome:
        raise AssertionError("a child was started")

    watch = watch_at({"/usr/bin/npu-tool": None}, run=run)
    assert tools.ask(watch, "npu-tool", ()).trouble.startswith("tool_not_found")
    watch = watch_at({"/usr/bin/npu-tool": ""}, run=run)
    watch.ends_at = 0
    assert tools.ask(watch, "npu-tool", ()).trouble.startswith("no_time")


def test_a_tool_is_run_from_under_the_root(watch_at: WatchAt) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], limit_s: float, env: object) -> Outcome:
        asked.append(command)
        return Outcome("fine", None)

    watch = watch_at({"/opt/b/npu-tool": "", "/usr/bin/npu-tool": ""}, run=run, env={"PATH": "rel:/opt/b"})
    assert tools.ask(watch, "npu-tool", ("-x",)).output == "fine"
    assert list(asked[0]) == [str(watch.machine.root / "opt/b/npu-tool"), "-x"]


@pytest.mark.parametrize("trouble", ["not_started", "timeout", "abandoned", "too_long", "failed"])
def test_a_tool_that_fails_says_why(watch_at: WatchAt, trouble: str) -> None:
    said = tools.ask(watch_at({"/bin/npu-tool": ""}, run=saying("half", trouble)), "npu-tool", ())
    assert said.output is None
    assert "npu-tool" in said.trouble
