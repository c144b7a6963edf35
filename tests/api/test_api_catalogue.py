"""`/v1/hardware/catalogue`: what is found, in pages; one in full; and what it is in a recommendation."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.schemas.hardware import MachineOut, Machines

URL = "/v1/hardware/catalogue"


def test_words_classes_and_kinds_narrow_the_list(client: TestClient) -> None:
    answer = client.get(URL, params={"query": "jetson orin", "class": "board", "kind": "nvidia_dla", "limit": 500})
    found = Machines.model_validate_json(answer.content, strict=True)
    assert {row.name for row in found.items} == {"jetson-orin-nx-16gb", "jetson-agx-orin-64gb", "jetson-agx-orin-32gb"}
    assert client.get(URL, params={"query": "zzzz"}).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "path", "near"),
    [
        ({"class": "bord"}, "class", "board"),
        ({"kind": "nvidia_gp"}, "kind", "nvidia_gpu"),
        ({"querry": "x"}, "querry", None),
        ({"query": "x" * 201}, "query", None),
        ({"limit": "0"}, "limit", None),
    ],
)
def test_a_query_that_is_not_understood_is_refused(
    client: TestClient, query: dict[str, str], path: str, near: str | None
) -> None:
    answer = client.get(URL, params=query)
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["path"] == path
    assert near is None or fault["nearest"] == near


def test_one_machine_is_given_by_name_or_alias_and_not_twice(client: TestClient) -> None:
    answer = client.get(f"{URL}/g5.xlarge")
    found = MachineOut.model_validate_json(answer.content, strict=True)
    assert (found.name, found.of_class) == ("aws-g5-xlarge", "cloud")
    again = client.get(f"{URL}/g5.xlarge", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{URL}/g6.xlarge", headers={"If-None-Match": answer.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("name", ["g5.xlarg", "h100%00", "x" * 200, "%F0%9F%92%A9"])
def test_a_machine_that_is_not_there_is_a_404(client: TestClient, name: str) -> None:
    answer = client.get(f"{URL}/{name}")
    assert answer.status_code == 404
    assert [fault["nearest"] for fault in answer.json()["faults"]] in ([], ["aws-g5-xlarge"])


def test_a_recommendation_says_that_it_is_a_what_if(client: TestClient, windows: dict[str, Any]) -> None:
    asked = {"answers": {"stage": "research"}, "hardware": "catalogue:a2-highgpu-8g"}
    hardware = client.post("/v1/recommendations", json=asked).json()["hardware"]
    assert (hardware["source"], hardware["filled"]["train_devices"]) == ("what if", 8)
    refused = client.post("/v1/recommendations", json={**asked, "hardware": "catalogue:a2-highgpu-9g"})
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["nearest"].startswith("catalogue:gcp-a2-highgpu-")
