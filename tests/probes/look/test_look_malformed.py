"""Trees that no machine should show: no probe raises or hangs, and the ladder holds all the same."""

import json
from collections.abc import Callable
from typing import Any

import recorded_machines as machines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import probes
from probes.look.child import Outcome, Trouble
from probes.look.machine import Machine
from probes.look.survey import DEVICE_PROBES, survey

MachineAt = Callable[..., Machine]
NAMES = machines.names()
LADDER = ("present", "driver", "usable")
GARBAGE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ("", "0x", "-1", "0xffffffffffffffff", "9" * 60, "\0" * 20, "simd_count 1\n" * 600, "-> .", "-> loop", "-> /")
    ),
    st.none(),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def spoil(tree: machines.Tree, data: st.DataObject) -> machines.Tree:
    """The tree with some of its files replaced by garbage, by directories or by links that lead nowhere."""
    for path in data.draw(st.lists(st.sampled_from(sorted(tree) or ["/dev/none"]), max_size=8, unique=True)):
        tree[path] = data.draw(GARBAGE)
    # A directory takes the place of what was planned below a file, as on a disk.
    return {path: text for path, text in tree.items() if not _below_a_file(path, tree)}


def _below_a_file(path: str, tree: machines.Tree) -> bool:
    parents = ["/".join(path.split("/")[:n]) for n in range(2, path.count("/") + 1)]
    return any(tree.get(parent) is not None for parent in parents)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_nothing_a_tree_says_makes_a_probe_fail(machine_at: MachineAt, data: st.DataObject) -> None:
    recorded = machines.load(data.draw(st.sampled_from(NAMES)))
    tree = spoil(machines.tree(recorded), data)
    answer = data.draw(st.one_of(JSON.map(json.dumps), st.text(max_size=200)))
    troubles: st.SearchStrategy[Trouble | None] = st.sampled_from((None, "failed", "timeout", "abandoned"))
    trouble = data.draw(troubles)
    seams = machines.seams(recorded, lambda: machine.root) | {"run": lambda *asked: Outcome(answer, trouble)}
    closed = data.draw(st.sampled_from(("", "0", "1", "/")))
    seams["accessible"] = lambda path: closed not in str(path) if closed else True
    machine = machine_at(tree, **seams)
    profile = survey(machine, 10.0)
    failed = [f for f in profile.findings if f.reason.startswith("probe_failed") and f.probe in DEVICE_PROBES]
    assert failed == []
    for device in profile.devices:
        states = [getattr(device, rung) for rung in LADDER]
        assert "no" not in states or set(states[states.index("no") :]) == {"no"}, device
    assert probes.parse(probes.document(profile)) == profile
    for count in profile.counts:
        assert count.visible is None or count.physical is None or count.visible <= count.physical
        assert count.permitted is None or count.physical is None or count.permitted <= count.physical
