"""Cards in general: a hidden bus is never "no", a driver that is not the card's own does not serve it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import PciFiles, Plant, Tree, WatchAt, counted, reasons

from probes.look import cards, pci
from probes.look.watch import Watch

ADDRESS = "0000:65:00.0"


def maker(**more: object) -> cards.Maker:
    standard: dict[str, object] = {
        "kind": "other",
        "what": "cards",
        "vendor": 0xABCD,
        "models": {0x0001: cards.Model("One", "first", 16)},
        "drivers": ("right",),
        "node": cards.nth_node(r"card[0-9]+"),
    }
    return cards.Maker(**(standard | more))  # type: ignore[arg-type]


def card(pci: PciFiles, device: str = "0x0001", code: str = "0x120000", **more: str) -> Tree:
    return pci(ADDRESS, "0xabcd", device, code, **more)


def test_a_hidden_bus_is_unknown(watch_at: WatchAt) -> None:
    watch = watch_at({})
    assert cards.find(watch, maker()) == ()
    assert reasons(watch, "present") == [("unknown", "bus_hidden")]


def test_an_unknown_id_of_the_right_class_is_unknown_and_shown(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(card(pci, "0x0002"))
    assert cards.find(watch, maker()) == ()
    assert reasons(watch, "present") == [("unknown", "unknown_chip")]
    assert watch.findings[0].raw == "abcd:0002"


@pytest.mark.parametrize(("device", "code"), [("0x0002", "0x020000"), ("0x0002", "0x010802")])
def test_the_maker_s_other_devices_are_no_cards(watch_at: WatchAt, pci: PciFiles, device: str, code: str) -> None:
    watch = watch_at(card(pci, device, code))
    assert cards.find(watch, maker()) == ()
    assert reasons(watch, "present") == [("no", "not_on_bus")]


@pytest.mark.parametrize(
    ("driver", "node", "open_to", "expected"),
    [
        ("right", True, True, ("yes", "bound", "yes", "node_access", True)),
        ("right", True, False, ("yes", "bound", "no", "permission", False)),
        ("right", False, True, ("yes", "bound", "no", "node_missing", False)),
        (None, True, True, ("yes", "bound", "yes", "node_access", True)),
        (None, False, True, ("no", "not_bound", "no", "no_driver", None)),
        ("vfio-pci", True, True, ("no", "held", "no", "no_driver", None)),
    ],
)
def test_every_way_a_card_can_stand(
    watch_at: WatchAt, pci: PciFiles, driver: str | None, node: bool, open_to: bool, expected: tuple[object, ...]
) -> None:
    tree = card(pci, **({"driver": driver} if driver else {})) | ({"/dev/card0": ""} if node else {})
    watch = watch_at(tree, accessible=lambda path: open_to)
    found = cards.find(watch, maker())[0].standing
    code = [why.partition(":")[0] for why in (found.driver_why, found.usable_why)]
    assert (found.driver, code[0], found.usable, code[1], found.permitted) == expected


def test_the_group_of_a_node_is_named(watch_at: WatchAt, plant: Plant) -> None:
    root = plant({"/dev/card0": ""})
    number = (root / "dev/card0").stat().st_gid
    (root / "etc").mkdir()
    (root / "etc/group").write_text(f"broken\nother:x:{number + 1}:\nrender:x:{number}:ann\n")
    watch = watch_at({}, root=root)
    assert cards.denied(watch, "/dev/card0").endswith("its group is render")
    (root / "etc/group").write_text(f"root:x:{number}:\n")
    assert "group" not in cards.denied(watch, "/dev/card0")
    assert "group" not in cards.denied(watch, "/dev/card1")


def test_two_cards_of_which_one_is_open(watch_at: WatchAt, pci: PciFiles) -> None:
    tree = card(pci, driver="right") | pci("0000:66:00.0", "0xabcd", "0x0001", "0x120000", driver="right")
    tree |= {"/dev/card0": "", "/dev/card10": "", "/dev/card2": ""}
    watch = watch_at(tree, accessible=lambda path: path.name == "card2")
    found = cards.find(watch, maker())
    assert [c.node for c in found] == ["/dev/card0", "/dev/card2"]
    cards.finish(watch, "hailo", found)
    assert counted(watch) == {"hailo": (2, 2, 1)}
    assert reasons(watch, "usable") == [("no", "permission"), ("yes", "node_access")]
    assert "(1 of 2)" in watch.findings[-1].reason


def test_the_model_of_a_revision_and_of_a_subsystem(watch_at: WatchAt, pci: PciFiles) -> None:
    one = maker(exact={(1, 0x10): cards.Model("Ten"), (1, 0x4F): cards.Model("Four")})
    base = f"/sys/bus/pci/devices/{ADDRESS}/revision"
    for tree, name in (
        (card(pci) | {base: "0x10\n"}, "Ten"),
        (card(pci, subsystem="0x004f"), "Four"),
        (card(pci) | {base: "0x11\n"}, "One"),
    ):
        assert cards.find(watch_at(tree), one)[0].model.name == name


def test_the_bus_is_asked_once(watch_at: WatchAt, pci: PciFiles) -> None:
    watch = watch_at(card(pci))
    first = cards.bus(watch)
    (watch.machine.root / "sys/bus/pci/devices" / ADDRESS / "vendor").write_text("0xffff")
    assert cards.bus(Watch("other", watch.machine, 1e9)) is first


def test_windows_lists_and_nothing_is_tried(watch_at: WatchAt) -> None:
    for failed, driver, expected in (
        (False, "right", ("yes", "unknown")),
        (True, "right", ("no", "no")),
        (False, None, ("no", "no")),
    ):
        watch = watch_at({}, system="Windows")
        watch.machine.kept["bus"] = (pci.PciDevice("x", 0xABCD, 1, None, 0x120000, driver, failed=failed),)
        found = cards.find(watch, maker())[0]
        assert (found.standing.driver, found.standing.usable) == expected
        assert cards.device(found, "other").address is None


STATES = st.sampled_from(("yes", "no", "unknown"))
STANDINGS = st.builds(
    cards.Standing, STATES, st.just("a: b"), STATES, st.sampled_from(("c: d", "e: f")), st.none() | st.booleans()
)


@given(st.lists(STANDINGS, max_size=9))
def test_every_reason_is_noted_once_and_counts_add_up(watch_at: WatchAt, standings: Sequence[cards.Standing]) -> None:
    watch = watch_at({})
    cards.note_standings(watch, standings)
    usable = [f for f in watch.findings if f.rung == "usable"]
    assert len(usable) == len({(s.usable, s.usable_why) for s in standings})
    told = cards.permitted(standings)
    assert told is None or told == sum(s.permitted is True for s in standings)
    assert (told is None) == any(s.permitted is None for s in standings)
