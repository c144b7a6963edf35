"""`POST /v1/questions/next` over HTTP."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.schemas.interview import NextQuestion

ROUTE = "/v1/questions/next"


def test_the_next_question(client: TestClient) -> None:
    answer = client.post(ROUTE, json={"answers": {"stage": "production", "train_os": None}})
    assert answer.status_code == 200
    found = NextQuestion.model_validate_json(answer.content)
    assert found.question is not None
    assert (found.answered, found.dont_know, found.settled) == (1, 1, False)
    listed = {q["id"]: q for q in client.get("/v1/questions").json()["items"]}
    assert answer.json()["question"] == listed[found.question.id]


def test_nothing_is_stored_and_the_same_is_answered_again(client: TestClient) -> None:
    body = {"answers": {"need": ["train"]}, "hardware": "local", "roles": ["training"]}
    assert client.post(ROUTE, json=body).content == client.post(ROUTE, json=body).content


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"answers"}),
        ({"answers": []}, {"answers"}),
        ({"answers": {"stag": "x", "need": ["trian"]}, "roles": ["runtimes"]}, {"answers", "answers.need[0]", "roles"}),
        ({"answers": {}, "colour": "red", "hardware": 5, "roles": "training"}, {"colour", "hardware", "roles"}),
        ({"answers": {}, "policy": "p-none"}, {"policy"}),
    ],
)
def test_every_fault_is_listed(client: TestClient, body: dict[str, Any], paths: set[str]) -> None:
    answer = client.post(ROUTE, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert {fault["path"] for fault in answer.json()["faults"]} == paths


def test_contradictions_are_no_fault(client: TestClient) -> None:
    found = client.post(ROUTE, json={"answers": {"python_min": "3.14", "python_version": "3.11"}}).json()
    assert [each["id"] for each in found["contradictions"]] == ["python-range"]


def test_it_takes_no_query(client: TestClient) -> None:
    assert client.post(f"{ROUTE}?limit=3", json={"answers": {}}).status_code == 422
