"""Gaudi: generations by id, secured variants too, and what the tool's table adds."""

import pytest
from trees import PciFiles, Tree, WatchAt, counted, reasons, saying

from probes.look import gaudi

ADDRESS = "0000:19:00.0"
TOOL: Tree = {"/usr/bin/hl-smi": ""}
ROW = f"{ADDRESS}, HL-225, 98304 MiB, 1.22.1-6f1dfd9\n"


def chip(pci: PciFiles, device: str = "0x1020", **more: str) -> Tree:
    tree = pci(ADDRESS, "0x1da3", device, "0x120000", **({"driver": "habanalabs"} | more))
    return tree | {"/sys/class/accel/accel0/device": f"-> ../../../{ADDRESS}", "/dev/accel/accel0": ""}


@pytest.mark.parametrize(
    ("device", "kind", "architecture"),
    [
        ("0x0001", "other", "goya"),
        ("0x0020", "other", "greco"),
        ("0x1000", "gaudi", "gaudi"),
        ("0x1011", "gaudi", "gaudi"),
        ("0x1021", "gaudi", "gaudi2"),
        ("0x1063", "gaudi", "gaudi3"),
    ],
)
def test_generations(watch_at: WatchAt, pci: PciFiles, device: str, kind: str, architecture: str) -> None:
    found = gaudi.look(watch_at(chip(pci, device)))[0]
    assert (found.kind, found.architecture) == (kind, architecture)


def test_the_tool_adds_memory_and_versions(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(chip(pci) | TOOL, run=saying("bus_id, name\n" + ROW))
    found = gaudi.look(watch)[0]
    assert (found.name, found.memory_bytes) == ("Intel Gaudi 2 (HL-225)", 96 * 2**30)
    assert (found.driver_version, found.usable) == ("1.22.1-6f1dfd9", "yes")
    assert counted(watch) == {"gaudi": (1, 1, 1)}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("0000:99:00.0, HL-225, 98304, 1.22.1\n", ("no", "not_listed")),
        ("hl-smi: command failed", ("unknown", "bad_answer")),
        (f"{ADDRESS}, HL-225, 98304", ("unknown", "bad_answer")),
    ],
)
def test_what_the_tool_does_not_list(watch_at: WatchAt, pci: PciFiles, answer: str, expected: tuple[str, str]) -> None:
    watch = watch_at(chip(pci) | TOOL, run=saying(answer))
    assert gaudi.look(watch)[0].usable == expected[0]
    assert reasons(watch, "usable") == [expected]


def test_without_the_tool_it_is_unknown_and_memory_is_not_made_up(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(chip(pci))
    found = gaudi.look(watch)[0]
    assert (found.usable, found.memory_bytes) == ("unknown", None)
    assert reasons(watch, "usable") == [("unknown", "tool_not_found")]


def test_rows_with_nonsense() -> None:
    found = gaudi.parse(f"{ADDRESS}, , N/A, latest\n,,,\n{'x,' * 900}\n")
    assert found == {ADDRESS: gaudi.Listed(None, None, None)}


def test_the_nodes_of_older_drivers(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = pci(ADDRESS, "0x1da3", "0x1020", "0x120000", driver="habanalabs") | {"/dev/hl0": "", "/dev/hl_controlD0": ""}
    assert gaudi.look(watch_at(tree | TOOL, run=saying(ROW)))[0].usable == "yes"
