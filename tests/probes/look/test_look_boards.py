"""Hints of microcontroller boards: seen by ids, never a device, never a change."""

from collections.abc import Callable
from dataclasses import replace

import pytest

import probes
from probes import catalogue, comparing
from probes.look import boards
from probes.look.machine import Machine
from probes.look.survey import survey
from rules.hardware import answers_from, facts
from tests.trees import Tree, WatchAt, reasons

MachineAt = Callable[..., Machine]


def plugged(*ids: str) -> Tree:
    tree: Tree = {"/sys/bus/usb/devices": None}
    for place, each in enumerate(ids):
        vendor, product = each.split(":")
        base = f"/sys/bus/usb/devices/1-{place + 1}"
        tree |= {f"{base}/idVendor": vendor, f"{base}/idProduct": product}
    return tree


@pytest.mark.parametrize(
    ("ids", "code", "words"),
    [
        ("2341:0043", "board_hint", "Arduino UNO"),
        ("2e8a:000f", "board_hint", "RP2350 that waits for a program"),
        ("303a:1001", "board_hint", "Espressif chip"),
        ("0483:df11", "board_hint", "STM32 that waits for a program"),
        ("0483:374e", "debugger_hint", "STLINK-V3"),
        ("16c0:0478", "board_hint", "Teensy"),
        ("1366:1015", "debugger_hint", "J-Link"),
        ("0d28:0204", "debugger_hint", "micro:bit"),
        ("239a:8046", "board_hint", "Circuit Playground Bluefruit"),
        ("2886:802d", "board_hint", "Wio Terminal"),
        ("1a86:7523", "bridge_hint", "CH340"),
        ("0403:6001", "bridge_hint", "FTDI"),
    ],
)
def test_what_an_id_hints_at(watch_at: WatchAt, ids: str, code: str, words: str) -> None:
    watch = watch_at(plugged(ids))
    boards.look(watch)
    assert reasons(watch, "present") == [("unknown", code)]
    assert words in watch.findings[0].reason
    assert watch.findings[0].raw == ids


@pytest.mark.parametrize("ids", ["2e8a:0010", "2e8a:000d", "1915:000c", "046d:c31c", "18d1:9302", "0483:3748x"])
def test_other_things_are_no_hint(watch_at: WatchAt, ids: str) -> None:
    """The makers' keyboards, hubs and mice among them."""
    watch = watch_at(plugged(ids))
    boards.look(watch)
    assert watch.findings == []


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_elsewhere_nothing_is_read(watch_at: WatchAt, system: str) -> None:
    watch = watch_at(plugged("2341:0043"), system=system)
    boards.look(watch)
    assert watch.findings == []


def test_a_hidden_bus_is_no_hint(watch_at: WatchAt) -> None:
    watch = watch_at({})
    boards.look(watch)
    assert watch.findings == []


def test_a_board_disturbs_nothing(machine_at: MachineAt) -> None:
    """It answers nothing, counts nothing, and neither its coming nor its going is a change."""
    bare, with_board = (survey(machine_at(plugged(*ids)), 10.0) for ids in ((), ("2341:805a", "10c4:ea60")))
    hints = [each for each in with_board.findings if each.probe == boards.PROBE]
    assert len(hints) == 2
    rest = tuple(each for each in with_board.findings if each.probe != boards.PROBE)
    assert [replace(each, elapsed_ms=0) for each in rest] == [replace(each, elapsed_ms=0) for each in bare.findings]
    assert (with_board.devices, with_board.counts) == (bare.devices, bare.counts)
    assert (facts(with_board), answers_from(with_board)) == (facts(bare), answers_from(bare))
    assert comparing.changes(bare, with_board) == comparing.changes(with_board, bare) == ()
    assert probes.parse(probes.document(with_board)) == with_board


def test_every_machine_named_is_in_the_catalogue() -> None:
    known = {machine.name for machine in catalogue.machines()}
    named = {reason.partition("catalogue:")[2].partition(",")[0] for reason in boards.HINTS.values()} - {""}
    assert len(named) > 10
    assert named <= known


def test_no_id_stands_twice() -> None:
    groups = (boards._BOARDS, boards._DEBUGGERS, boards._BRIDGES)
    written = [(vendor, p) for group in groups for vendor, parts in group.items() for e in parts for p in e[0].split()]
    assert len(written) == len(set(written)) == len(boards.HINTS)
