"""`POST /v1/hardware/feasibility`: the arithmetic over HTTP, and what a recommendation tells of it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

import probes
from api.schemas.feasibility import FeasibilityOut
from tests.conftest import PROFILE

ROUTE = "/v1/hardware/feasibility"


def test_every_way_is_answered_with_formulas(client: TestClient) -> None:
    answer = client.post(ROUTE, json={"parameters": 7e9, "memory": "24 GiB"})
    assert answer.status_code == 200
    found = FeasibilityOut.model_validate_json(answer.content)
    assert [way.way for way in found.ways] == ["full", "lora", "qlora", "serve"]
    assert all(part.formula and part.source for way in found.ways for part in way.parts)


def test_a_stored_profile_is_taken_by_its_id(client: TestClient) -> None:
    stored = client.post("/v1/hardware", json=probes.document(PROFILE)).json()["id"]
    found = client.post(ROUTE, json={"parameters": 7e9, "hardware": stored}).json()
    assert (found["hardware"], found["memory_bytes"]) == (PROFILE.label, 24 * 2**30)


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"parameters"}),
        ({"parameters": "7B", "memory": -1}, {"parameters", "memory"}),
        ({"parameters": 7e9, "tuning": "lorra", "devices": 1.5, "unified": "no"}, {"tuning", "devices", "unified"}),
        ({"parameters": 7e9, "architecture": []}, {"architecture"}),
        ({"parameters": 7e9, "hardware": "h-none"}, {"hardware"}),
        ({"parameters": 7e9, "sharding": "none", "offload": "optimiser"}, {"offload"}),
        ({"parameters": 1e16}, {"parameters"}),
        ({"parameters": 7e9, "colour": "red"}, {"colour"}),
    ],
)
def test_every_fault_is_listed(client: TestClient, body: dict[str, Any], paths: set[str]) -> None:
    answer = client.post(ROUTE, json=body)
    assert answer.status_code == 422
    assert {fault["path"] for fault in answer.json()["faults"]} == paths


def test_a_recommendation_carries_the_arithmetic_and_its_caution(client: TestClient) -> None:
    answers = {"need": "fine_tune", "approach": "llm", "model_parameters": 7e10, "accelerator_memory_gb": 24}
    told = client.post("/v1/recommendations", json={"answers": answers, "store": False}).json()["feasibility"]
    assert [way["way"] for way in told["ways"]] == ["full", "lora", "qlora"]
    assert told["cautions"][0].startswith("Training the whole model does not fit")
    page = client.post("/v1/recommendations", json={"answers": answers | {"model_parameters": None}})
    assert page.json()["feasibility"] is None


def test_the_page_of_a_recommendation_shows_it(client: TestClient) -> None:
    answers = {"need": "fine_tune", "approach": "llm", "model_parameters": 7e10, "accelerator_memory_gb": 24}
    made = client.post("/v1/recommendations", json={"answers": answers}).json()["id"]
    shown = client.get(f"/recommendations/{made}").text
    assert 'id="memory"' in shown
    assert "does not fit" in shown
    assert "8 P (Adam: 2 of 4 bytes)" in shown
