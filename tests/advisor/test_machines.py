"""Machines of the catalogue: listed, shown, and put in the place of a profile that was seen."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

import probes
from advisor import machines, recommend
from advisor.errors import InvalidInput
from advisor.house import House
from tests.asking import decided
from tests.conftest import PROFILE


def test_the_list_is_short_and_names_what_hardware_takes(house: House) -> None:
    (spark,) = machines.listing("dgx spark")
    assert (spark["hardware"], spark["class"], spark["targets"]) == ("catalogue:dgx-spark", "workstation", [])
    (device,) = spark["devices"]
    assert (device["count"], device["memory_as"], device["compute_capability"]) == (1, "reported", "12.1")
    assert machines.listing("zzzz") == []
    assert {row["class"] for row in machines.listing(of_class="board")} == {"board"}
    assert all(any(d["kind"] == "hailo" for d in row["devices"]) for row in machines.listing(kind="hailo"))


def test_equal_devices_are_counted() -> None:
    (device,) = machines.one("p5.48xlarge")["devices"]
    assert (device["count"], device["kind"], device["memory_as"]) == (8, "nvidia_gpu", "brochure")


def test_a_machine_in_full_has_its_sources_what_it_answers_and_a_profile() -> None:
    shown = machines.one("esp32-s3")
    assert shown["sources"][0]["url"].startswith("https://")
    assert shown["fills"]["deploy_targets"] == ["microcontroller"]
    assert shown["fills"]["artifact_mb"] == 8.389
    assert probes.parse(shown["profile"]).targets == ("microcontroller",)
    json.dumps(shown)


def test_names_that_are_not_there_are_told_with_the_nearest(house: House) -> None:
    cases: list[tuple[Callable[[], object], str, str | None]] = [
        (lambda: machines.one("g5.xlarg"), "machine", "aws-g5-xlarge"),
        (lambda: machines.listing(of_class="bord"), "class", "board"),
        (lambda: machines.listing(kind="nvidia"), "kind", "nvidia_gpu"),
        (lambda: decided(house, {}, hardware_from="catalogue:g5.xlarg"), "hardware", "catalogue:aws-g5-xlarge"),
        (lambda: decided(house, {}, hardware_from="catalogue:"), "hardware", None),
    ]
    for ask, path, near in cases:
        with pytest.raises(InvalidInput) as caught:
            ask()
        (fault,) = caught.value.faults
        assert (fault.path, fault.nearest) == (path, near)


def test_a_decision_says_whose_hardware_it_is_about(house: House) -> None:
    seen = probes.document(replace(PROFILE, label="elsewhere"))
    stored = recommend.store_profile(house, seen)
    for given, source in (
        (None, "answers"),
        ("local", "this server"),
        (seen, "your profile"),
        (stored, "your profile"),
        ("catalogue:g5.xlarge", "what if"),
    ):
        assert decided(house, {}, hardware_from=given)["hardware"]["source"] == source


def test_a_machine_to_train_on_fills_training_and_is_replayed_the_same(house: House) -> None:
    hardware = decided(house, {}, hardware_from="catalogue:aws-p5-48xlarge")["hardware"]
    assert hardware["filled"]["train_devices"] == 8
    assert hardware["facts"]["nvidia_capability"] == "9.0"
    assert "nvidia_driver" not in hardware["facts"]
    for given in ("catalogue:aws-p5-48xlarge", "catalogue:esp32-s3", "local", probes.document(PROFILE)):
        asked = recommend.answer(house, {}, hardware_from=given)
        assert recommend.replay(house, asked.id)["same"], given


def test_a_machine_to_deploy_on_fills_deployment_and_leaves_training_open(house: House) -> None:
    hardware = decided(house, {"stage": "research"}, hardware_from="catalogue:raspberry-pi-pico")["hardware"]
    assert hardware["filled"]["deploy_hardware"] == ["arm_microcontroller"]
    assert hardware["facts"] == {
        "deploy_hardware": ["arm_microcontroller"],
        "deploy_os": ["rtos_or_bare_metal"],
        "deploy_targets": ["microcontroller"],
    }
    assert not any(question.startswith("train") for question in hardware["filled"])
    kept = decided(house, {"deploy_targets": "ios"}, hardware_from="catalogue:pixel-9")["hardware"]["filled"]
    assert "deploy_targets" not in kept


def test_every_machine_of_the_catalogue_can_be_asked_about(house: House) -> None:
    for row in machines.listing()[::9]:
        assert decided(house, {}, hardware_from=row["hardware"])["hardware"]["label"] == row["title"]
