"""Bad input of every kind: one problem document, every fault in it, nothing stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from advisor import recommend
from advisor.errors import Missing
from advisor.house import House
from api.problems import Problem

URL = "/v1/recommendations"
JSON = {"content-type": "application/json"}


def refused(answer: Any, status: int) -> list[dict[str, Any]]:
    """The faults of a refusal, which must be a problem document with this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(answer.content, strict=True)
    assert problem.status == status
    return [fault.model_dump() for fault in problem.faults]


@pytest.fixture(autouse=True)
def _nothing_is_stored(house: House) -> Iterator[None]:
    yield
    with pytest.raises(Missing):
        recommend.latest(house)


def test_every_fault_is_listed_at_once_with_the_nearest_name(client: TestClient) -> None:
    body = {
        "answers": {"stag": "production", "need": ["trian"], "data_rows": "many", "offline": "perhaps"},
        "hardware": "locl",
        "roles": ["trainin"],
        "store": "yes",
        "release": "2026",
        "policy": ["p-nobody", {"name": "acme"}],
        "preferences": {"method": "rank", "ranking": ["accurcy"]},
        "draws": 100_001,
        "as_of": "yesterday",
        "drws": 100,
        "anwsers": {},
    }
    faults = refused(client.post(URL, json=body), 422)
    found = {fault["path"]: fault["nearest"] for fault in faults}
    assert found == {
        "answers": "stage",
        "answers.need[0]": "train",
        "answers.data_rows": None,
        "answers.offline": None,
        "hardware": "local",
        "roles": "training",
        "store": None,
        "release": None,
        "policy[0]": None,
        "preferences.method": "ranked",
        "preferences.ranking[0]": "accuracy",
        "draws": None,
        "as_of": None,
        "drws": "draws",
        "anwsers": "answers",
    }


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"stage": 3}, "answers.stage"),
        ({"stage": ["research", "production"]}, "answers.stage"),
        ({"need": {"train": True}}, "answers.need"),
        ({"need": [None]}, "answers.need[0]"),
        ({"data_rows": -1}, "answers.data_rows"),
        ({"data_rows": True}, "answers.data_rows"),
        ({"data_rows": 10**400}, "answers.data_rows"),
        ({"priorities": ["accuracy", "accuracy"]}, "answers.priorities"),
        ({"need": ["none", "train"]}, "answers.need"),
        ({"existing_code": ["pytorhc"]}, "answers.existing_code[0]"),
        ({"considering": ["pytorch@\ud800"]}, "answers.considering[0]"),
        ({"considering": ["pytorch@" + "1" * 41]}, "answers.considering[0]"),
        ({"task": ["other"] * 65}, "answers.task"),
        ({"python_min": "3.13", "python_version": "3.10"}, "answers"),
        ({"\ud800": 1}, "answers"),
        ({"x" * 10_000: 1}, "answers"),
    ],
)
def test_an_answer_that_is_none(client: TestClient, answers: dict[str, Any], path: str) -> None:
    faults = refused(client.post(URL, content=json.dumps({"answers": answers}), headers=JSON), 422)
    assert [fault["path"] for fault in faults] == [path]
    assert all(len(fault["value"]) < 400 for fault in faults)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite(client: TestClient, number: str) -> None:
    answer = client.post(URL, content=f'{{"answers": {{"data_gb": {number}}}}}', headers=JSON)
    assert [fault["path"] for fault in refused(answer, 422)] == ["answers.data_gb"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], "body"),
        ("text", "body"),
        (None, "body"),
        ({}, "answers"),
        ({"answers": []}, "answers"),
        ({"answers": None}, "answers"),
        ({"answers": {}, "roles": "training"}, "roles"),
        ({"answers": {}, "roles": [1]}, "roles[0]"),
        ({"answers": {}, "roles": ["companion"]}, "roles"),
        ({"answers": {}, "roles": ["training"] * 17}, "roles"),
        ({"answers": {}, "store": 1}, "store"),
        ({"answers": {}, "release": 7}, "release"),
        ({"answers": {}, "release": "\ud800"}, "release"),
        ({"answers": {}, "hardware": 7}, "hardware"),
        ({"answers": {}, "hardware": []}, "hardware"),
        ({"answers": {}, "hardware": "h-000000000000000000000000"}, "hardware"),
        ({"answers": {}, "hardware": "\ud800"}, "hardware"),
        ({"answers": {f"q{i}": 1 for i in range(600)}}, "answers"),
        ({"answers": {}, "policy": 7}, "policy"),
        ({"answers": {}, "policy": "p-\ud800"}, "policy"),
        ({"answers": {}, "policy": [[]]}, "policy[0]"),
        ({"answers": {}, "preferences": []}, "preferences"),
        ({"answers": {}, "draws": -1}, "draws"),
        ({"answers": {}, "draws": True}, "draws"),
        ({"answers": {}, "draws": 10.0}, "draws"),
        ({"answers": {}, "draws": None}, "draws"),
        ({"answers": {}, "as_of": 20261121}, "as_of"),
        ({"answers": {}, "as_of": "1999-01-01"}, "as_of"),
    ],
)
def test_a_body_of_the_wrong_shape(client: TestClient, body: Any, path: str) -> None:
    faults = refused(client.post(URL, content=json.dumps(body), headers=JSON), 422)
    assert [fault["path"] for fault in faults] == [path]


def test_a_profile_with_faults(client: TestClient) -> None:
    profile = {"schema": "steelyard/hardware-profile/1", "host": {"os": "linux"}, "devices": [{"kind": "nvidia_gp"}]}
    faults = refused(client.post(URL, json={"answers": {}, "hardware": profile}), 422)
    assert [(f["path"], f["nearest"]) for f in faults] == [("hardware.devices[0].kind", "nvidia_gpu")]


@pytest.mark.parametrize("content", [b"{", b"", b"not json", b'{"answers": {}}{}', b"'x'"])
def test_a_body_that_is_not_json(client: TestClient, content: bytes) -> None:
    assert [fault["path"] for fault in refused(client.post(URL, content=content, headers=JSON), 422)] == ["body"]


@pytest.mark.parametrize("content", [b'{"answers": "\xff"}', b"[" * 300_000, b'{"answers":{"data_gb":' + b"9" * 5000])
def test_a_body_that_cannot_be_read(client: TestClient, content: bytes) -> None:
    assert refused(client.post(URL, content=content, headers=JSON), 400) == []


def test_nesting_within_the_bound_is_a_fault_of_the_answer(client: TestClient) -> None:
    deep = '{"answers": {"need": ' + "[" * 20 + "]" * 20 + "}}"
    assert refused(client.post(URL, content=deep, headers=JSON), 422)


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application", "json"])
def test_a_body_of_another_type(client: TestClient, kind: str | None) -> None:
    headers = {"content-type": kind} if kind else {}
    assert refused(client.post(URL, content=b'{"answers": {}}', headers=headers), 415) == []


def test_a_body_that_is_too_large_and_says_so(client: TestClient) -> None:
    assert refused(client.post(URL, content=b" " * 2_000_000, headers=JSON), 413) == []


def test_a_body_that_is_too_large_and_does_not_say_so(client: TestClient) -> None:
    pieces = (b" " * 10_000 for _ in range(200))
    assert refused(client.post(URL, content=pieces, headers=JSON), 413) == []


def test_a_body_full_of_wrong_names_is_refused_without_comparing_each(client: TestClient) -> None:
    body = {"answers": {}, **{f"key{i:05}": 1 for i in range(40_000)}}
    faults = refused(client.post(URL, json=body), 422)
    assert len(faults) < 20


POSTED = [URL, "/v1/hardware", "/v1/policies"]
ABOUT = "/v1/recommendations/d-0"


@pytest.mark.parametrize(
    "url",
    [*POSTED, "/v1/policies/p-0", "/v1/frameworks/pytorch", "/healthz", "/readyz"]
    + [f"{ABOUT}/{rest}" for rest in ("why-not/jax", "diff/d-1", "explanation", "against/jax/pytorch")],
)
def test_a_query_string_where_none_is_read(client: TestClient, url: str) -> None:
    method = "POST" if url in POSTED else "GET"
    answer = client.request(method, f"{url}?pretty=1", json={"answers": {}} if method == "POST" else None)
    assert [fault["value"] for fault in refused(answer, 422)] == ["'pretty'"]
