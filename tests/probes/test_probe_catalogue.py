"""The catalogue of machines: every entry has its source and day, every kind is covered, and bad files are refused."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import probes
from probes import catalogue
from probes.catalogue import finding, reading
from probes.catalogue.page import page
from probes.targets import DEPLOY_CHIPS, DEPLOY_TARGETS
from rules.faults import Fault, InvalidInput
from rules.hardware import OFFERED, RUNNING_KINDS, TRAINING_KINDS, answers_from, facts

MACHINES = catalogue.machines()
NAMES = st.sampled_from([machine.name for machine in MACHINES])
DEPLOYED = ("serverless", "board", "phone", "microcontroller")
# NVIDIA's list of compute capabilities, for the generations that the catalogue names.
CAPABILITIES = {
    "Maxwell": {"5.0", "5.2", "5.3"},
    "Pascal": {"6.0", "6.1", "6.2"},
    "Volta": {"7.0", "7.2"},
    "Turing": {"7.5"},
    "Ampere": {"8.0", "8.6", "8.7"},
    "Ada Lovelace": {"8.9"},
    "Hopper": {"9.0"},
    "Blackwell": {"10.0", "11.0", "12.0", "12.1"},
    "Blackwell Ultra": {"10.3"},
}
ENTRY: dict[str, Any] = {
    "name": "box",
    "title": "A box",
    "class": "server",
    "os": "linux",
    "memory": "64 GiB",
    "devices": [{"kind": "tpu", "name": "TPU", "memory": "16 GiB", "memory_as": "brochure", "count": 2}],
    "date": "2026-08-21",
    "accessed": "2026-11-21",
    "sources": ["maker"],
}
SOURCES = {"maker": {"publisher": "Maker", "title": "Boxes", "url": "https://maker.example/box", "date": "2026-08-21"}}


@pytest.fixture
def faults_in(tmp_path: Path) -> Callable[..., list[Fault]]:
    """The faults of a file with one entry that differs from a good one; None leaves a field out."""

    def refused(**changed: object) -> list[Fault]:
        entry = {name: value for name, value in {**ENTRY, **changed}.items() if value is not None}
        (tmp_path / "x.yaml").write_text(yaml.safe_dump({"sources": SOURCES, "machines": [entry]}), "utf-8")
        with pytest.raises(InvalidInput) as caught:
            reading.load(tmp_path)
        return list(caught.value.faults)

    return refused


# --- What is shipped -------------------------------------------------------------------------------------------------


def test_every_machine_has_its_source_and_their_day() -> None:
    assert len(MACHINES) >= 120
    for machine in MACHINES:
        assert machine.sources, machine.name
        assert "2000" < machine.date <= machine.accessed, machine.name
        for source in machine.sources:
            assert all((source.publisher, source.title, source.url, source.date)), machine.name
            assert source.date <= machine.accessed, machine.name


def test_every_class_and_every_kind_of_device_is_there() -> None:
    assert {machine.kind for machine in MACHINES} == set(catalogue.CLASSES)
    kinds = Counter(device.kind for machine in MACHINES for device in machine.profile.devices)
    # The neural engine is part of every chip of Apple's; the catalogue lists the chip.
    assert kinds.keys() == {*TRAINING_KINDS, *RUNNING_KINDS} - {"apple_neural_engine"}
    assert min(Counter(machine.kind for machine in MACHINES)[name] for name in ("cloud", "laptop", "phone")) >= 30


def test_every_machine_is_a_profile_that_the_probe_reads_back() -> None:
    for machine in MACHINES:
        profile = probes.parse(machine.document())
        assert profile == machine.profile
        assert profile.origin == "catalogue"
        assert (profile.label, profile.captured_at) == (machine.title, machine.date)
        assert all(device.usable == "yes" and device.driver_version is None for device in profile.devices)


def test_a_machine_to_deploy_on_answers_for_deployment_and_any_other_for_training() -> None:
    for machine in MACHINES:
        filled = answers_from(machine.profile)
        if machine.profile.targets:
            assert filled["deploy_targets"] == list(machine.profile.targets)
            assert not any(question.startswith("train") for question in filled)
            assert facts(machine.profile) == {q: tuple(filled[q]) for q in OFFERED if q in filled}  # type: ignore[arg-type]
        else:
            assert "train_hardware" in filled
            assert not any(question.startswith("deploy") for question in filled)
        assert bool(machine.profile.targets) or machine.kind not in DEPLOYED, machine.name
        named = {device.kind for device in machine.profile.devices} & set(DEPLOY_CHIPS)
        assert not machine.profile.targets or named <= set(machine.profile.chips), machine.name


def test_the_memory_of_a_device_says_whose_number_it_is() -> None:
    for machine in MACHINES:
        for device, memory_as in zip(machine.profile.devices, machine.memory_as, strict=True):
            assert (memory_as is None) == (device.memory_bytes is None), machine.name


def test_compute_capabilities_belong_to_their_generation() -> None:
    for machine in MACHINES:
        for device in machine.profile.devices:
            if device.kind != "nvidia_gpu":
                assert device.compute_capability is None, machine.name
            elif device.compute_capability is not None:
                assert device.compute_capability in CAPABILITIES[device.architecture or ""], machine.name


@pytest.mark.parametrize(
    ("name", "count", "least", "most"),
    [  # GiB that drivers report of one device: NVIDIA's AIConfigurator, 2026-08-21
        ("aws-p4de-24xlarge", 8, 79, 81),
        ("aws-p5-48xlarge", 8, 79, 81),
        ("aws-p5en-48xlarge", 8, 140, 142),
        ("aws-p6-b200-48xlarge", 8, 178, 181),
        ("aws-p6-b300-48xlarge", 8, 268, 269),
        ("gb200-nvl72-tray", 4, 185, 186),
        ("server-1x-l40s", 1, 44.9, 45),
        ("server-8x-rtx-pro-6000", 8, 95, 96),
        ("gcp-tpu-v6e-8", 8, 32, 32),
        ("aws-trn2-48xlarge", 16, 96, 96),
    ],
)
def test_memory_agrees_with_what_drivers_report(name: str, count: int, least: float, most: float) -> None:
    devices = catalogue.get(name).profile.devices
    assert len(devices) == count
    assert all(least * 2**30 <= (device.memory_bytes or 0) <= most * 2**30 for device in devices)


def test_options_are_those_of_the_questionnaire() -> None:
    questions = Path(__file__).parents[2] / "knowledge_base" / "data" / "questions.yaml"
    asked = {q["id"]: [o["id"] for o in q["options"]] for q in yaml.safe_load(questions.read_text())["questions"]}
    assert list(DEPLOY_TARGETS) == [option for option in asked["deploy_targets"] if option != "none"]
    assert list(DEPLOY_CHIPS) == asked["deploy_hardware"]
    for machine in MACHINES:
        for question, value in answers_from(machine.profile).items():
            assert not isinstance(value, list) or set(value) <= set(asked[question]), machine.name


# --- Finding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("aws-g5-xlarge", "aws-g5-xlarge"),
        ("g5.xlarge", "aws-g5-xlarge"),
        ("A2-HIGHGPU-1G", "gcp-a2-highgpu-1g"),
        ("Standard_ND96isr_H200_v5", "azure-nd96isr-h200-v5"),
        ("RTX 4090", None),
        ("rtx4090", "desktop-rtx-4090"),
        ("RP2040", "raspberry-pi-pico"),
        ("ct6e-standard-4t", "gcp-tpu-v6e-4"),
    ],
)
def test_a_machine_is_found_by_name_or_alias_however_it_is_written(asked: str, name: str | None) -> None:
    assert catalogue.get(asked).name == (name or "desktop-rtx-4090")


@pytest.mark.parametrize(
    ("asked", "near"),
    [("pixle-9", "pixel-9"), ("g5.xlarg", "aws-g5-xlarge"), ("orin nanno 8gb", "jetson-orin-nano-8gb")],
)
def test_a_name_that_is_not_there_gives_the_nearest(asked: str, near: str) -> None:
    with pytest.raises(catalogue.NoMachine) as caught:
        catalogue.get(asked)
    assert caught.value.nearest == near


@pytest.mark.parametrize("asked", ["", "  ", "\N{HEAVY CHECK MARK}", "zzzzzzzzzzzz"])
def test_nothing_is_near_to_nothing(asked: str) -> None:
    with pytest.raises(catalogue.NoMachine) as caught:
        catalogue.get(asked)
    assert caught.value.nearest is None or not asked.strip(" z")


def test_a_name_that_is_longer_than_any_is_not_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(len(name) for m in MACHINES for name in (m.name, *m.aliases)) <= catalogue.LONGEST_NAME
    monkeypatch.setattr(finding, "search", lambda *_: pytest.fail("searched for"))
    with pytest.raises(catalogue.NoMachine) as caught:
        catalogue.get("raspberry " * 20_000)
    assert caught.value.nearest is None


def test_an_alias_of_several_machines_is_no_name() -> None:
    several = [alias for alias, count in Counter(a for m in MACHINES for a in m.aliases).items() if count > 1]
    assert several
    for alias in several:
        with pytest.raises(catalogue.NoMachine):
            catalogue.get(alias)
        assert len(catalogue.search(alias)) > 1


@given(NAMES)
def test_a_machine_is_first_among_those_that_its_name_finds(name: str) -> None:
    assert catalogue.search(name)[0].name == name
    assert catalogue.get(name.upper().replace("-", " ")).name == name


@settings(max_examples=40)
@given(st.text(max_size=30), st.text(max_size=10))
def test_more_words_find_no_more_unless_they_are_a_name(words: str, more: str) -> None:
    narrow, wide = catalogue.search(f"{words} {more}"), catalogue.search(words)
    plain = "".join(c for c in (words + more).lower() if c.isascii() and c.isalnum())
    called = {(m.name, "".join(filter(str.isalnum, a.lower()))) for m in MACHINES for a in (m.name, *m.aliases)}
    assert {m.name for m in narrow} - {name for name, written in called if written == plain} <= {m.name for m in wide}


def test_filters_and_order() -> None:
    boards = catalogue.search(kinds=["hailo"], classes=["board"])
    assert [m.name for m in boards] == sorted(m.name for m in boards)
    assert len(boards) == 3
    assert catalogue.search("hailo", classes=["phone"]) == []
    assert len(catalogue.search()) == len(MACHINES)
    mixed = [m.name for m in catalogue.search("h100")]
    assert catalogue.search("g5xlarge")[0].name == "aws-g5-xlarge", "a whole alias fits, however it is written"
    named = ["v100" in f"{m.name} {m.aliases}".lower() for m in catalogue.search("v100")]
    assert named == sorted(named, reverse=True), "a name goes before a device"
    assert set(named) == {True, False}
    assert mixed.index("server-8x-h100") < mixed.index("aws-p5-48xlarge"), "an alias goes before a device's name"


# --- Bad files -------------------------------------------------------------------------------------------------------


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(yaml.safe_dump({"sources": SOURCES, "machines": [ENTRY]}), "utf-8")
    (machine,) = reading.load(tmp_path)
    assert machine.memory_as == ("brochure", "brochure")
    assert [device.memory_bytes for device in machine.profile.devices] == [2**34, 2**34]


@pytest.mark.parametrize(
    ("changed", "path", "near"),
    [
        ({"sources": None}, "sources", None),
        ({"sources": []}, "sources", None),
        ({"sources": ["makr"]}, "sources", "maker"),
        ({"date": None}, "date", None),
        ({"date": "2026-11-22"}, "date", None),
        ({"date": "21.8.2026"}, "date", None),
        ({"accessed": None}, "accessed", None),
        ({"name": "A Box"}, "name", None),
        ({"title": ""}, "title", None),
        ({"class": "servr"}, "class", "server"),
        ({"os": None}, "os", None),
        ({"memroy": "1 GiB"}, "memroy", "memory"),
        ({"memory": "64"}, "memory", None),
        ({"cpu": {"cores": 4}}, "cpu.cores", None),
        ({"devices": [{"kind": "tpuu", "name": "x"}]}, "devices[0].kind", "tpu"),
        ({"devices": [{"kind": "tpu", "name": "x", "memory": "1 GiB"}]}, "devices[0]", None),
        ({"devices": [{"kind": "tpu", "memory": "1 GiB", "memory_as": "guess"}]}, "devices[0].memory_as", None),
        ({"devices": [{"kind": "tpu", "count": "two"}]}, "devices[0].count", None),
        ({"devices": [{"kind": "tpu", "memory": "big", "memory_as": "reported"}]}, "devices[0].memory", None),
        ({"targets": ["andriod"]}, "targets[0]", "android"),
        ({"targets": ["android"], "chips": ["arm_cpuu"]}, "chips[0]", "arm_cpu"),
        ({"flash": "1 MiB"}, "flash", None),
        ({"targets": ["microcontroller"], "flash": "much"}, "flash", None),
    ],
)
def test_a_fault_is_named_with_its_place(
    faults_in: Callable[..., list[Fault]], changed: dict[str, Any], path: str, near: str | None
) -> None:
    (fault,) = [fault for fault in faults_in(**changed) if fault.path == f"x.machines[0].{path}"]
    assert fault.nearest == near


def test_every_fault_of_every_file_is_listed(tmp_path: Path) -> None:
    twin = {**ENTRY, "aliases": ["box-2"]}
    second = {"sources": {}, "machines": [{**ENTRY, "name": "box-2", "date": None, "title": 3}]}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"sources": SOURCES, "machines": [ENTRY, twin]}), "utf-8")
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(second), "utf-8")
    (tmp_path / "c.yaml").write_text("machines: [", "utf-8")
    (tmp_path / "d.yaml").write_text("[]", "utf-8")
    with pytest.raises(InvalidInput) as caught:
        reading.load(tmp_path)
    paths = [fault.path for fault in caught.value.faults]
    assert {"box", "b.machines[0].date", "b.machines[0].title", "b.machines[0].sources", "c", "d"} <= set(paths)


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(ENTRY)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_whatever_stands_in_a_field_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: object
) -> None:
    folder = tmp_path_factory.mktemp("files")
    (folder / "x.yaml").write_text(yaml.safe_dump({"sources": SOURCES, "machines": [{**ENTRY, name: value}]}), "utf-8")
    with suppress(InvalidInput):
        assert len(reading.load(folder)) == 1


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_is_that_of_the_catalogue_and_shows_every_machine_once() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "machines.md").read_text("utf-8")
    assert shown == page(MACHINES), "scripts/refresh-machines writes it anew"
    rows = [line for line in shown.splitlines() if line.startswith("| `")]
    assert Counter(row.split("`")[1] for row in rows) == Counter(machine.name for machine in MACHINES)
    assert all(row.count(" | ") == 7 and "](#sources)" in row for row in rows)
    urls = {source.url for machine in MACHINES for source in machine.sources}
    assert all(f"]({url})" in shown for url in urls)
