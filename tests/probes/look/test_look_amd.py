"""AMD: bus and compute driver joined, memory that is its own or the host's, and overrides that are named."""

import pytest
from trees import PciFiles, Tree, WatchAt, counted, reasons

from probes.look import amd, kfd
from probes.look.amd_ids import INTEGRATED

ADDRESS = "0000:03:00.0"
BASE = f"/sys/bus/pci/devices/{ADDRESS}"
NODES: Tree = {"/dev/kfd": "", "/dev/dri/renderD128": ""}


def gpu(pci: PciFiles, device: str = "0x744c", code: str = "0x030000", driver: str = "amdgpu") -> Tree:
    return pci(ADDRESS, "0x1002", device, code, **({"driver": driver} if driver else {}))


def node(target: int, location: int = 0x0300, number: int = 1, cores: int = 0) -> Tree:
    text = f"cpu_cores_count {cores}\nsimd_count 96\ngfx_target_version {target}\nvendor_id 4098\n"
    text += f"location_id {location}\ndomain 0\ndrm_render_minor 128\n"
    return {f"{kfd.PATH}/{number}/properties": text}


def test_a_card_is_one_device_whatever_lists_it(watch_at: WatchAt, pci: PciFiles) -> None:
    memory: Tree = {f"{BASE}/mem_info_vram_total": "25753026560\n", f"{BASE}/mem_info_gtt_total": "99999999999\n"}
    device = amd.look(watch_at(gpu(pci) | node(110000) | NODES | memory))[0]
    assert (device.architecture, device.memory_bytes, device.unified_memory) == ("gfx1100", 25753026560, False)
    assert (device.address, device.usable) == (ADDRESS, "yes")
    hidden = amd.look(watch_at(node(110000) | NODES))
    assert [(d.architecture, d.address, d.usable) for d in hidden] == [("gfx1100", ADDRESS, "yes")]


def test_the_audio_part_of_a_card_is_no_card(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(gpu(pci, code="0x040300"))
    assert amd.look(watch) == ()
    assert reasons(watch, "present") == [("no", "not_on_bus")]


def test_a_hidden_bus_without_a_topology_is_unknown(watch_at: WatchAt) -> None:
    watch = watch_at({})
    assert amd.look(watch) == ()
    assert reasons(watch, "present") == [("unknown", "bus_hidden")]


@pytest.mark.parametrize(
    ("more", "driver", "expected"),
    [
        ({}, "amdgpu", ("yes", "no", "node_missing")),
        ({"/dev/kfd": ""}, "amdgpu", ("yes", "unknown", "topology_hidden")),
        ({kfd.PATH: None, "/dev/kfd": ""}, "amdgpu", ("yes", "no", "not_listed")),
        ({}, "", ("no", "no", "no_driver")),
        ({}, "radeon", ("no", "no", "no_driver")),
        ({"/dev/kfd": ""}, "vfio-pci", ("no", "no", "no_driver")),
    ],
)
def test_a_card_without_the_compute_driver(
    watch_at: WatchAt, pci: PciFiles, more: Tree, driver: str, expected: tuple[str, str, str]
) -> None:
    watch = watch_at(gpu(pci, driver=driver) | more)
    device = amd.look(watch)[0]
    assert (device.driver, device.usable, reasons(watch, "usable")[0][1]) == expected


@pytest.mark.parametrize("closed", ["kfd", "renderD128"])
def test_both_nodes_must_be_open(watch_at: WatchAt, pci: PciFiles, closed: str) -> None:
    watch = watch_at(gpu(pci) | node(110000) | NODES, accessible=lambda path: path.name != closed)
    assert amd.look(watch)[0].usable == "no"
    assert reasons(watch, "usable")[0] == ("no", "permission")
    assert counted(watch)["amd_gpu"] == (1, 1, 0)


def test_a_missing_render_node(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(gpu(pci) | node(110000) | {"/dev/kfd": ""})
    assert amd.look(watch)[0].usable == "no"
    assert reasons(watch, "usable")[0] == ("no", "node_missing")


def test_shared_memory_is_the_larger_pool_never_the_sum(watch_at: WatchAt, pci: PciFiles) -> None:
    for aside, mapped in ((2**29, 62 * 2**30), (96 * 2**30, 16 * 2**30)):
        memory: Tree = {f"{BASE}/mem_info_vram_total": str(aside), f"{BASE}/mem_info_gtt_total": str(mapped)}
        device = amd.look(watch_at(gpu(pci, "0x1586") | node(110501) | NODES | memory))[0]
        assert (device.unified_memory, device.memory_bytes) == (True, max(aside, mapped))


@pytest.mark.parametrize(
    ("target", "device", "cores", "unified"),
    [(110501, "0x1586", 0, True), (90402, "0x74a1", 0, False), (90402, "0x74a0", 0, True), (90000, "0x15d8", 8, True)],
)
def test_what_is_part_of_a_processor(
    watch_at: WatchAt, pci: PciFiles, target: int, device: str, cores: int, unified: bool
) -> None:
    assert amd.look(watch_at(gpu(pci, device) | node(target, cores=cores) | NODES))[0].unified_memory is unified


def test_without_a_driver_the_table_of_ids_tells_the_target(watch_at: WatchAt, pci: PciFiles) -> None:
    known = amd.look(watch_at(gpu(pci, "0x740f", "0x038000", driver="")))[0]
    assert (known.name, known.architecture, known.unified_memory) == ("AMD Instinct MI210", "gfx90a", False)
    other = amd.look(watch_at(gpu(pci, "0x73df", driver="")))[0]
    assert (other.name, other.architecture, other.unified_memory) == (None, None, None)


def test_kernel_and_table_that_differ_are_a_contradiction(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(gpu(pci, "0x74a1", "0x120000") | node(90010) | NODES)
    assert amd.look(watch)[0].architecture == "gfx90a"
    assert [value for _, value in watch.contradictions[0].said] == ["gfx90a", "gfx942"]


def test_an_override_is_named_and_changes_nothing(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(gpu(pci) | node(100301) | NODES, env={"HSA_OVERRIDE_GFX_VERSION": "10.3.0"})
    assert amd.look(watch)[0].architecture == "gfx1031"
    assert ("unknown", "override") in reasons(watch, "usable")


@pytest.mark.parametrize(
    ("text", "expected"), [("7.2.0-52\n", "7.2.0"), ("6.4.1", "6.4.1"), ("", None), ("nightly", None), ("7", None)]
)
def test_the_version_of_rocm(watch_at: WatchAt, pci: PciFiles, text: str, expected: str | None) -> None:
    tree = gpu(pci) | node(110000) | NODES | {"/opt/rocm/.info/version": text}
    assert amd.look(watch_at(tree))[0].toolkit_version == expected


@pytest.mark.parametrize(
    ("env", "seen"),
    [
        ({}, 2),
        ({"ROCR_VISIBLE_DEVICES": "1"}, 1),
        ({"HIP_VISIBLE_DEVICES": ""}, 0),
        ({"ROCR_VISIBLE_DEVICES": "0,5,1"}, 1),
        ({"ROCR_VISIBLE_DEVICES": "GPU-89abcdef"}, None),
    ],
)
def test_what_the_environment_leaves_visible(
    watch_at: WatchAt, pci: PciFiles, env: dict[str, str], seen: int | None
) -> None:
    tree = gpu(pci) | pci("0000:04:00.0", "0x1002", "0x744c", "0x030000", driver="amdgpu") | NODES
    watch = watch_at(tree | node(110000) | node(110000, 0x0400, 2), env=env)
    amd.look(watch)
    assert counted(watch)["amd_gpu"] == (2, seen, 2)


def test_integrated_targets_are_written_as_the_driver_writes_them() -> None:
    for target in INTEGRATED:
        digits = target[3:]
        number = int(digits[:-2]) * 10000 + int(digits[-2], 16) * 100 + int(digits[-1], 16)
        assert kfd.target(number) == target


def test_macos_and_what_windows_passes_in(watch_at: WatchAt) -> None:
    assert amd.look(watch_at({}, system="Darwin")) == ()
    watch = watch_at({"/dev/dxg": ""})
    assert amd.look(watch) == ()
    assert reasons(watch, "present") == [("unknown", "passed_in")]
