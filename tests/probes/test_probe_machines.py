"""Recorded machines, each named by its right answer: the whole profile from a fake root, with scripted children."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import recorded_machines as machines

import probes
from probes.look.machine import Machine
from probes.look.survey import DEVICE_PROBES, survey
from rules.hardware import Device, Profile, answers_from, facts

MachineAt = Callable[..., Machine]
NAMES = machines.names()
LADDER = ("present", "driver", "usable")


@pytest.fixture(scope="session")
def look_at(machine_at: MachineAt) -> Callable[[str], Profile]:
    """The profile of a recorded machine; each is looked at once."""
    made: dict[str, Profile] = {}

    def look(name: str) -> Profile:
        if name not in made:
            recorded = machines.load(name)
            built: list[Machine] = []
            seams = machines.seams(recorded, lambda: built[0].root)
            built.append(machine_at(machines.tree(recorded), **seams))
            made[name] = survey(built[0], 10.0)
        return made[name]

    return look


def size(value: Any) -> Any:
    """A size in bytes, from a number or from `16 GiB`."""
    match = re.fullmatch(r"([0-9.]+) (GiB|MiB)", str(value))
    return int(float(match[1]) * (2**30 if match[2] == "GiB" else 2**20)) if match else value


def shown(device: Device, keys: list[str]) -> dict[str, object]:
    """What a device says of the keys that are asked for."""
    short = {"memory": "memory_bytes", "unified": "unified_memory", "capability": "compute_capability"}
    return {key: getattr(device, short.get(key, key)) for key in keys}


def test_there_are_more_than_thirty() -> None:
    assert len(NAMES) > 30


@pytest.mark.parametrize("name", NAMES)
def test_its_devices(look_at: Callable[[str], Profile], name: str) -> None:
    expected = list(machines._each(machines.load(name)["expect"].get("devices", [])))
    profile = look_at(name)
    found = [shown(device, list(wanted)) for device, wanted in zip(profile.devices, expected, strict=False)]
    assert found == [{key: size(value) for key, value in wanted.items()} for wanted in expected]
    assert len(profile.devices) == len(expected), profile.devices


@pytest.mark.parametrize("name", NAMES)
def test_its_host(look_at: Callable[[str], Profile], name: str) -> None:
    profile, expected = look_at(name), machines.load(name)["expect"]["host"]
    assert {key: getattr(profile, key) for key in expected} == {key: size(value) for key, value in expected.items()}


@pytest.mark.parametrize("name", NAMES)
def test_its_counts(look_at: Callable[[str], Profile], name: str) -> None:
    """Physical, visible and permitted; a kind that a file does not name is not looked at."""
    profile, expected = look_at(name), machines.load(name)["expect"].get("counts", {})
    found = {c.kind: [c.physical, c.visible, c.permitted] for c in profile.counts if c.kind in expected}
    assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_its_reasons(look_at: Callable[[str], Profile], name: str) -> None:
    """Reasons that must be given, as `probe rung state code`, and words that must stand in one."""
    profile, expected = look_at(name), machines.load(name)["expect"]
    given = [f"{f.probe} {f.rung} {f.state} {f.reason.partition(':')[0]}" for f in profile.findings]
    assert [reason for reason in expected.get("reasons", []) if reason not in given] == []
    told = "\n".join(f"{f.reason} [{f.source}] {f.raw or ''}" for f in profile.findings)
    assert [word for word in expected.get("told", []) if word not in told] == []


@pytest.mark.parametrize("name", NAMES)
def test_its_contradictions(look_at: Callable[[str], Profile], name: str) -> None:
    profile, expected = look_at(name), machines.load(name)["expect"].get("contradictions", [])
    assert [found.about for found in profile.contradictions if found.about in expected] == expected


@pytest.mark.parametrize("name", NAMES)
def test_its_profile_is_whole(look_at: Callable[[str], Profile], name: str) -> None:
    """Nothing failed, nothing is usable that is not there, and what is written can be read back."""
    profile = look_at(name)
    assert [f for f in profile.findings if f.reason.startswith("probe_failed")] == []
    for device in profile.devices:
        states = [getattr(device, rung) for rung in LADDER]
        assert "no" not in states or set(states[states.index("no") :]) == {"no"}, device
    assert probes.parse(probes.document(profile)) == profile
    facts(profile)
    answers_from(profile)
    places = [(d.kind, d.address) for d in profile.devices if d.address and not d.partition]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("name", NAMES)
def test_every_probe_says_something(look_at: Callable[[str], Profile], name: str) -> None:
    """No probe is silent: none is there, unknown and none are told apart by a finding."""
    assert set(DEVICE_PROBES) <= {finding.probe for finding in look_at(name).findings}


@pytest.mark.parametrize("name", NAMES)
def test_no_two_probes_claim_one_card(look_at: Callable[[str], Profile], name: str) -> None:
    claimed = [d.address for d in look_at(name).devices if d.address and not d.partition]
    assert len(claimed) == len(set(claimed))


def test_files_say_what_they_are_for() -> None:
    for name in NAMES:
        recorded = machines.load(name)
        assert recorded["about"].endswith("."), name
        assert set(recorded["expect"]) <= {"devices", "host", "counts", "reasons", "told", "contradictions"}, name
