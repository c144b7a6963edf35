"""AWS: what neuron-ls says counts, its silence does not make a device unusable where frameworks bring the runtime."""

import json

import pytest
from trees import PciFiles, Tree, WatchAt, counted, reasons, saying

from probes.look import neuron

ADDRESS = "0000:cc:00.0"
TOOL: Tree = {"/opt/aws/neuron/bin/neuron-ls": ""}
ONE = {"bdf": "cc:00.0", "nc_count": 4, "logical_neuroncore_config": 2, "memory_size": 103079215104}


def chip(pci: PciFiles, device: str = "0x7364", address: str = ADDRESS, number: int = 0) -> Tree:
    return pci(address, "0x1d0f", device, "0x088000", driver="neuron") | {f"/dev/neuron{number}": ""}


@pytest.mark.parametrize(
    ("device", "kind", "architecture"),
    [
        ("0x7064", "inferentia", "inferentia1"),
        ("0x7067", "inferentia", "inferentia1"),
        ("0x7264", "inferentia", "inferentia2"),
        ("0x7164", "trainium", "trainium1"),
        ("0x7364", "trainium", "trainium2"),
        ("0x7565", "trainium", "trainium3"),
    ],
)
def test_generations(watch_at: WatchAt, pci: PciFiles, device: str, kind: str, architecture: str) -> None:
    found = neuron.look(watch_at(chip(pci, device)))[0]
    assert (found.kind, found.architecture, found.usable) == (kind, architecture, "yes")


def test_disks_and_network_cards_of_the_cloud_are_none(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci(ADDRESS, "0x1d0f", "0x8061", "0x010802") | pci("0000:00:05.0", "0x1d0f", "0xec20", "0x020000")
    watch = watch_at(tree)
    assert neuron.look(watch) == ()
    assert reasons(watch, "present") == [("no", "not_on_bus")]


def test_the_tool_s_memory_counts(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(chip(pci) | TOOL, run=saying(json.dumps([ONE | {"memory_size": 7}])))
    assert neuron.look(watch)[0].memory_bytes == 7
    assert reasons(watch, "usable") == [("yes", "listed"), ("yes", "cores")]
    without = neuron.look(watch_at(chip(pci)))[0]
    assert without.memory_bytes == 96 * 2**30


@pytest.mark.parametrize("trouble", ["timeout", "abandoned", "failed", "not_started"])
def test_a_tool_that_gives_no_answer_leaves_it_open(watch_at: WatchAt, pci: PciFiles, trouble: str) -> None:
    watch = watch_at(chip(pci) | TOOL, run=saying("", trouble))
    assert neuron.look(watch)[0].usable == "unknown"


def test_a_closed_node_is_not_usable_whatever_the_tool_lists(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(chip(pci) | TOOL, run=saying(json.dumps([ONE])), accessible=lambda path: False)
    assert neuron.look(watch)[0].usable == "no"
    assert counted(watch)["trainium"] == (1, 1, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "{}",
        "[1]",
        "null",
        '[{"bdf": 3}]',
        '[{"bdf": "cc:00.9"}]',
        '[{"nc_count": 4}]',
        "[" * 100_000,
    ],
)
def test_a_malformed_answer_is_no_list(watch_at: WatchAt, pci: PciFiles, text: str) -> None:
    assert neuron.parse(text) == {}
    watch = watch_at(chip(pci) | TOOL, run=saying(text))
    assert neuron.look(watch)[0].usable == "unknown"
    assert "bad_answer" in watch.findings[-1].reason


def test_lies_in_an_answer_are_left_out() -> None:
    said = neuron.parse(json.dumps([ONE | {"memory_size": -1, "nc_count": True, "logical_neuroncore_config": "2"}]))
    assert said == {ADDRESS: neuron.Listed(ADDRESS, None, None, None)}


@pytest.mark.parametrize(
    ("env", "seen"),
    [
        ({}, 2),
        ({"NEURON_RT_VISIBLE_CORES": "0-1"}, 1),
        ({"NEURON_RT_VISIBLE_CORES": "0,2"}, 2),
        ({"NEURON_RT_VISIBLE_CORES": "0-5"}, 2),
        ({"NEURON_RT_VISIBLE_CORES": "0-3", "NEURON_LOGICAL_NC_CONFIG": "1"}, 1),
        ({"NEURON_RT_VISIBLE_CORES": "0-3", "NEURON_LOGICAL_NC_CONFIG": "2"}, 2),
        ({"NEURON_RT_VISIBLE_CORES": "first"}, None),
        ({"NEURON_RT_VISIBLE_CORES": "0-9999999"}, None),
    ],
)
def test_visible_devices_follow_from_visible_cores(
    watch_at: WatchAt, pci: PciFiles, env: dict[str, str], seen: int | None
) -> None:
    tree = chip(pci) | chip(pci, address="0000:cd:00.0", number=1) | TOOL
    answer = json.dumps([ONE, ONE | {"bdf": "cd:00.0"}])
    watch = watch_at(tree, run=saying(answer), env=env)
    neuron.look(watch)
    assert counted(watch)["trainium"] == (2, seen, 2)


def test_fewer_nodes_than_chips(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = chip(pci) | pci("0000:cd:00.0", "0x1d0f", "0x7364", "0x088000", driver="neuron")
    assert [d.usable for d in neuron.look(watch_at(tree))] == ["yes", "no"]
