"""The command-line tool's words: tables with gaps, refusals, and tools too old for a question."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from probes.look import nvidia, smi
from probes.look.child import Outcome
from probes.look.watch import Watch

WatchAt = Callable[..., Watch]
TOOL: dict[str, str | None] = {"/usr/bin/nvidia-smi": "", "/dev/nvidia0": "", "/sys/module/nvidia/version": "580.95.05"}
ROW = "NVIDIA H100 80GB HBM3, GPU-8932f937-d72c, 00000000:65:00.0, 81559, 580.95.05, Disabled, Default, 9.0\n"
FIELDS = (*smi._FIELDS, smi._NEWER)


def saying(*outputs: Outcome) -> tuple[Callable[..., Outcome], list[str]]:
    asked: list[str] = []
    left = list(outputs)

    def run(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
        asked.append(command[1])
        return left.pop(0)

    return run, asked


def test_a_whole_row() -> None:
    answer = smi.checked(ROW, FIELDS)
    (gpu,) = answer.gpus
    assert (answer.usable, answer.driver_version) == ("yes", "580.95.05")
    assert (gpu.name, gpu.pci, gpu.memory_bytes) == ("NVIDIA H100 80GB HBM3", "0000:65:00.0", 81559 * 2**20)
    assert (gpu.capability, gpu.serial, gpu.compute_mode) == ("9.0", "GPU-8932f937-d72c", 0)


def test_values_that_are_not_there() -> None:
    row = "NVIDIA GB10, GPU-1, 0000000F:01:00.0, [N/A], 580.95.05, [Not Supported], [N/A], 12.1\n"
    (gpu,) = smi.checked(row, FIELDS).gpus
    assert (gpu.memory_bytes, gpu.pci, gpu.capability, gpu.partitions) == (None, "000f:01:00.0", "12.1", None)


def test_permissions_partitions_and_lost_devices() -> None:
    denied = "NVIDIA A100, GPU-1, 00000000:65:00.0, [Insufficient Permissions], 580.95.05, Enabled, Default, 8.0\n"
    lost = "[GPU is lost], [GPU is lost], 00000000:66:00.0, [GPU is lost], 580.95.05, [N/A], [N/A], [N/A]\n"
    first, second = smi.checked(denied + lost, FIELDS).gpus
    assert (first.memory_bytes, first.partitions_code) == (None, 4)
    assert (second.code, second.name) == (15, None)
    (enabled,) = smi.checked(ROW.replace("Disabled", "Enabled"), FIELDS).gpus
    assert (enabled.memory_bytes, enabled.partitions_code) == (None, 3)


@pytest.mark.parametrize(
    ("text", "code", "usable"),
    [
        ("Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.95", 18, "no"),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure", 9, "no"),
        ("Failed to initialize NVML: Insufficient Permissions", 4, "no"),
        ("No devices were found", 28, "no"),
        ("NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.", 12, "unknown"),
        ("", None, "unknown"),
        ("x, y\n" * 3, None, "unknown"),
        ("\0" * 40, None, "unknown"),
    ],
)
def test_refusals(text: str, code: int | None, usable: str) -> None:
    answer = smi.checked(text, FIELDS)
    assert (answer.code, answer.usable) == (code, usable)


def test_an_old_tool_is_asked_again_for_less(watch_at: WatchAt) -> None:
    old = Outcome('Field "compute_cap" is not a valid field to query.\n\n', "failed")
    run, asked = saying(old, Outcome(ROW.rpartition(",")[0] + "\n", None))
    answer = smi.ask(watch_at(TOOL, run=run))
    assert answer is not None
    assert answer.gpus[0].name == "NVIDIA H100 80GB HBM3"
    assert answer.gpus[0].capability is None
    assert ["compute_cap" in question for question in asked] == [True, False]


def test_the_tool_alone_does_not_make_a_device_usable(watch_at: WatchAt) -> None:
    run, asked = saying(Outcome(ROW, None))
    watch = watch_at(TOOL, run=run)
    (device,) = nvidia.look(watch)
    assert (device.name, device.usable, device.architecture) == ("NVIDIA H100 80GB HBM3", "unknown", "hopper")
    assert [f.reason.partition(":")[0] for f in watch.findings if f.rung == "usable"] == ["listed", "library_not_found"]
    assert len(asked) == 1


@pytest.mark.parametrize("place", ["/usr/lib/wsl/lib", "/opt/bin", "/home/x/bin"])
def test_where_the_tool_is_looked_for(watch_at: WatchAt, place: str) -> None:
    from probes.look import nvidia_libraries

    machine = watch_at({f"{place}/nvidia-smi": ""}, env={"PATH": "relative:/home/x/bin"}).machine
    assert nvidia_libraries.tool(machine) == f"{machine.root}{place}/nvidia-smi"
    assert smi.ask(watch_at({f"{place}/other": ""})) is None


def test_a_tool_that_hangs_is_named(watch_at: WatchAt) -> None:
    answer = smi.ask(watch_at(TOOL, run=lambda *_: Outcome("", "abandoned")))
    assert answer is not None
    assert answer.reason.startswith("abandoned: nvidia-smi ")
