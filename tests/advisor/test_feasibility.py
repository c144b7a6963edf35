"""Whether a model fits: from a memory that is given, and from profiles of machines."""

from dataclasses import replace
from typing import Any

import pytest

import probes
from advisor import feasibility
from advisor.errors import InvalidInput
from rules.feasibility import project
from rules.hardware import Device
from tests.conftest import PROFILE

GIB = 2**30
SEVEN = {"parameters": 7_000_000_000}


def device(kind: str, memory: int | None, **more: Any) -> Device:
    return Device(kind, "Test", memory, None, None, None, "yes", "yes", "yes", **more)


def profile(*devices: Device) -> dict[str, Any]:
    return probes.document(replace(PROFILE, devices=devices))


def test_all_ways_are_told_with_items_that_add_up() -> None:
    found = feasibility.ask(None, SEVEN | {"memory": "24 GiB"})
    assert [way["way"] for way in found["ways"]] == ["full", "lora", "qlora", "serve"]
    assert (found["memory_bytes"], found["devices"]) == (24 * GIB, 1)
    for way in found["ways"]:
        for bound in range(3):
            assert sum(part["gib"][bound] for part in way["parts"]) == pytest.approx(way["gib"][bound], abs=1e-3)
    assert found["ways"][0]["answer"] == "no"
    assert "LoRA" in found["cautions"][0]


def test_without_a_memory_the_need_is_told_and_the_answer_is_unknown() -> None:
    found = feasibility.ask(None, SEVEN)
    assert found["memory_bytes"] is None
    assert {way["answer"] for way in found["ways"]} == {"unknown"}
    assert all(way["usable_gib"] is None and way["least_devices"] is None for way in found["ways"])
    assert found["ways"][0]["gib"][1] > 100
    assert found["cautions"] == []


def test_one_way_in_one_format_with_a_known_shape() -> None:
    shape = {"layers": 32, "hidden": 4096, "heads": 32, "kv_heads": 8, "head_dim": 128, "vocabulary": 128256}
    asked = {
        "parameters": 8030261248,
        "memory": 80 * GIB,
        "tuning": "serve",
        "precision": "q4_k_m",
        "architecture": shape,
    }
    (way,) = feasibility.ask(None, asked | {"context": 8192, "requests": 4})["ways"]
    parts = {part["name"]: part["gib"] for part in way["parts"]}
    assert parts["weights"] == [4.5755, 4.5755, 4.5755]
    assert parts["keys and values"] == [4.0, 4.0, 4.0]
    assert way["answer"] == "yes"
    beside = sum(parts[name][2] for name in parts if name != "keys and values")
    assert way["kv_room"]["gib"][0] == pytest.approx(72 - beside, abs=1e-3)
    assert way["kv_room"]["tokens"][0] == pytest.approx((72 - beside) * 2**13, abs=10)  # 128 KiB each


def test_a_profile_says_memory_and_number_of_devices() -> None:
    found = feasibility.ask(None, SEVEN | {"hardware": profile(*[device("nvidia_gpu", 80 * GIB)] * 8)})
    assert (found["memory_bytes"], found["devices"], found["hardware"]) == (80 * GIB, 8, PROFILE.label)
    assert "ZeRO-1 over 8" in [other["text"] for other in found["ways"][0]["alternatives"]]


@pytest.mark.parametrize(
    "shared", [device("apple_silicon", 16 * GIB), device("nvidia_gpu", 16 * GIB, unified_memory=True)]
)
def test_a_device_that_shares_the_memory_leaves_the_system_its_part(shared: Device) -> None:
    (way,) = feasibility.ask(None, SEVEN | {"hardware": profile(shared), "tuning": "full"})["ways"]
    assert way["usable_gib"][2] < 16
    assert "pool" in way["usable"]


def test_main_memory_is_an_item_and_decides_where_something_is_moved_there() -> None:
    moved = SEVEN | {"tuning": "full", "sharding": "zero3", "offload": "all"}
    (way,) = feasibility.ask(None, moved | {"hardware": profile(device("nvidia_gpu", 80 * GIB))})["ways"]
    assert way["answer"] == "no"
    assert way["host"]["gib"][1] == pytest.approx(7e9 * 27 / GIB, abs=1e-3)
    assert way["host"]["usable_gib"] == [24, 28.8, 32]
    (way,) = feasibility.ask(None, moved | {"memory": "80 GiB"})["ways"]
    assert (way["answer"], way["host"]["usable_gib"]) == ("uncertain", None)
    assert feasibility.ask(None, SEVEN)["ways"][0]["host"] is None


def test_without_an_accelerator_it_is_the_main_memory() -> None:
    (way,) = feasibility.ask(None, SEVEN | {"hardware": profile(), "tuning": "full"})["ways"]
    assert way["usable_gib"][2] == pytest.approx(32)
    assert way["answer"] == "no"


def test_a_device_whose_memory_is_not_reported_is_unknown_not_empty() -> None:
    (way,) = feasibility.ask(None, SEVEN | {"hardware": profile(device("tpu", None)), "tuning": "full"})["ways"]
    assert way["answer"] == "unknown"


def test_every_fault_is_told_at_once() -> None:
    request = {"parameters": "many", "memory": "24 Gib", "tuning": "lorra", "devices": 0, "colour": 1}
    with pytest.raises(InvalidInput) as refused:
        feasibility.ask(None, request | {"architecture": {"layers": 1.5}, "sharding": "zero4"})
    told = {fault.path: fault for fault in refused.value.faults}
    assert {"parameters", "memory", "tuning", "devices", "colour", "architecture.layers", "sharding"} <= told.keys()
    assert told["tuning"].nearest == "lora"


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"memory": "24 GiB", "hardware": {"host": {}}}, "memory"),
        ({"hardware": 7}, "hardware"),
        ({"hardware": "h-nothing"}, "hardware"),
        ({"hardware": {"schema": "other"}}, "hardware.schema"),
        ({"offload": "all"}, "offload"),
        ({"devices": 10**7}, "devices"),
        ({"per_layer": 8e9}, "per_layer"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(more: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        feasibility.ask(None, SEVEN | more)
    assert path in {fault.path for fault in refused.value.faults}


def test_the_same_question_gives_the_same_amount_as_in_a_recommendation() -> None:
    values = {
        "model_parameters": 7e9, "accelerator_memory_gb": 24, "train_devices": 1, "train_hardware": ["nvidia_gpu"],
        "approach": ["llm"], "need": ["fine_tune", "adapter_tuning"], "memory_mb": 8000,
    }  # fmt: skip
    recommended = project.told(values)
    assert recommended is not None
    assert {way.way for way in recommended.ways} == {"full", "lora", "qlora", "serve"}
    assert "computed again" in recommended.assumed
    least = {"recomputation": "full", "context": 2048, "requests": 1, "step_tokens": 512}
    same = feasibility.ask(None, SEVEN | {"memory": "24 GiB"} | least)
    assert {way.way: list(way.gib) for way in recommended.ways} == {way["way"]: way["gib"] for way in same["ways"]}
    assert "computed again" not in same["assumed"]
    assert "computed again" in feasibility.ask(None, SEVEN)["assumed"]


def test_what_is_assumed_is_what_was_left_open() -> None:
    def assumed(**given: Any) -> str:
        return str(feasibility.ask(None, SEVEN | given)["assumed"])

    assert assumed(tuning="full", batch=2) == (
        "sequences of 512 to 2,048 tokens;"
        " anything from all activations computed again (low) to only those of attention (high)"
    )
    assert assumed(tuning="lora", batch=1, sequence=8, recomputation="none") == "adapters of rank 8 to 64"
    assert assumed(tuning="serve", context=100) == "one request at a time; steps of 512 to 8,192 tokens"
    assert assumed(tuning="serve", context=100, requests=3, step_tokens=9) == "nothing"
    assert "weights" in assumed(hardware="catalogue:arduino-nano-33-ble")
