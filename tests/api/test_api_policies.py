"""`/v1/policies`: stored once under an id made from the content, refused with every fault."""

import json
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from advisor import policies
from advisor.house import House
from api.problems import Problem
from api.schemas.operations import Stored
from api.schemas.policies import Policies, Policy
from tests.house_rules import POLICY

URL = "/v1/policies"
LAB = {
    "name": "lab",
    "owner": "Lab",
    "summary": "Above acme.",
    "weights": [{"rule": "acme-easy", "factor": 2, "argument": "More."}],
}


def refused(answer: Any, status: int) -> list[tuple[str, str | None]]:
    """(path, nearest) of every fault of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(answer.content, strict=True)
    return [(fault.path, fault.nearest) for fault in problem.faults]


def test_a_policy_is_stored_once_and_read_as_it_was_written(client: TestClient) -> None:
    first, second = (client.post(URL, json={"policy": POLICY}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    name = Stored.model_validate_json(first.content, strict=True).id
    assert first.headers["location"] == f"{URL}/{name}"
    answer = client.get(first.headers["location"])
    assert Policy.model_validate_json(answer.content, strict=True).policy == POLICY
    held = client.get(first.headers["location"], headers={"If-None-Match": answer.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")


def test_a_policy_may_build_on_stored_ones(client: TestClient) -> None:
    assert refused(client.post(URL, json={"policy": LAB}), 422) == [("policy.weights[0].rule", None)]
    acme = client.post(URL, json={"policy": POLICY}).json()["id"]
    assert client.post(URL, json={"policy": LAB, "over": [acme]}).status_code == 201


def test_policies_are_listed_page_by_page(client: TestClient, house: House) -> None:
    assert client.get(URL).json() == {"items": [], "next": None}
    made = {policies.store(house, {**POLICY, "owner": owner}) for owner in ("Ann", "Bob", "Eve")}
    whole = client.get(URL)
    listed = Policies.model_validate_json(whole.content, strict=True)
    assert {item.id for item in listed.items} == made
    assert {item.name for item in listed.items} == {"acme"}
    first = client.get(f"{URL}?limit=2").json()
    rest = client.get(URL, params={"limit": 2, "cursor": first["next"]}).json()
    assert first["items"] + rest["items"] == whole.json()["items"]
    tag = whole.headers["etag"]
    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 304
    later = House(house.database, lambda: house.now() + timedelta(days=1), house.probe)
    policies.store(later, {**POLICY, "owner": "Zoe"})
    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 200
    assert client.get(URL, params={"limit": 2, "cursor": first["next"]}).json() == rest  # a new one moves nothing


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("policy", None)]),
        ({"policy": None}, [("policy", None)]),
        ({"policy": [POLICY]}, [("policy", None)]),
        (
            {**LAB, "over": []},
            [("policy", None), ("name", None), ("owner", "over"), ("summary", None), ("weights", None)],
        ),
        ({"policy": POLICY, "ovr": []}, [("ovr", "over")]),
        ({"policy": POLICY, "over": "p-0"}, [("over", None)]),
        ({"policy": POLICY, "over": [1]}, [("over[0]", None)]),
        ({"policy": POLICY, "over": ["p-0", "\ud800"]}, [("over[0]", None), ("over[1]", None)]),
        ({"policy": POLICY, "over": ["p-0"] * 17}, [("over", None)]),
        (
            {"policy": {**POLICY, "name": "engine", "waivers": [{**POLICY["waivers"][0], "gate": "archivd"}]}},
            [("policy.name", None), ("policy.waivers[0].gate", "archived")],
        ),
        ([], [("body", None)]),
    ],
)
def test_faults_are_listed_and_nothing_is_stored(
    client: TestClient, house: House, body: Any, faults: list[tuple[str, str | None]]
) -> None:
    answer = client.post(URL, content=json.dumps(body), headers={"content-type": "application/json"})
    assert refused(answer, 422) == faults
    assert list(policies.listing(house)) == []


def test_what_no_longer_lies_well_below_is_named_by_its_place(client: TestClient) -> None:
    acme = client.post(URL, json={"policy": POLICY}).json()["id"]
    faults = refused(client.post(URL, json={"policy": LAB, "over": [acme, acme]}), 422)
    assert faults
    assert all(path.startswith("over[1].") for path, _ in faults)


@pytest.mark.parametrize(("name", "nearest"), [("p-nobody", None), ("%00", None), ("x" * 300, None)])
def test_one_that_was_never_stored_is_not_found(client: TestClient, name: str, nearest: str | None) -> None:
    assert refused(client.get(f"{URL}/{name}"), 404) == [("policy", nearest)]


def test_a_misspelt_id_names_the_nearest(client: TestClient) -> None:
    name = client.post(URL, json={"policy": POLICY}).json()["id"]
    assert refused(client.get(f"{URL}/{name[:-1]}"), 404) == [("policy", name)]


def test_a_body_of_another_type_or_encoding(client: TestClient) -> None:
    assert refused(client.post(URL, content=b"{}"), 415) == []
    assert refused(client.post(URL, content=b"\xff", headers={"content-type": "application/json"}), 400) == []
    assert refused(client.get(f"{URL}?page=1"), 422) == [("page", None)]


def test_over_that_is_no_list(client: TestClient) -> None:
    answer = client.post(URL, json={"policy": POLICY, "over": "p-1"})
    assert refused(answer, 422) == [("over", None)]
    assert answer.json()["faults"][0]["expected"] == "a list"
