"""The rule of thumb over HTTP: the trees of the active release, and a project on them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from advisor import rule_of_thumb
from advisor.house import House
from api.schemas.rule_of_thumb import RuleOfThumb, Walked
from learning import fitting
from learning.tree import read, walk
from rules import requirements


@pytest.fixture(autouse=True)
def _small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "DRAWN", 4000)


def test_the_trees_of_the_active_release_come_with_their_fidelity(client: TestClient, house: House) -> None:
    answer = client.get("/v1/rule-of-thumb")
    assert answer.status_code == 200
    found = RuleOfThumb.model_validate_json(answer.content)
    release = house.knowledge().release
    assert (found.release.id, answer.headers["Steelyard-Release"]) == (release.id, release.id)
    assert found.roles
    for role, tree in found.roles.items():
        assert tree.release_sha256 == release.sha256
        assert tree.fidelity.agree >= tree.fidelity.baseline_agree
        assert set(tree.names) <= set(release.alternatives)
        assert role == tree.role
    again = client.get("/v1/rule-of-thumb", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_tree_that_goes_out_can_be_walked(client: TestClient, house: House, windows: dict[str, Any]) -> None:
    trees = client.get("/v1/rule-of-thumb").json()["roles"]
    answer = client.post("/v1/rule-of-thumb", json={"answers": windows})
    assert answer.status_code == 200
    found = Walked.model_validate_json(answer.content)
    values = requirements.parse(windows, house.knowledge().release.questionnaire).values
    assert set(found.roles) == set(trees)
    for role, walked in found.roles.items():
        steps, leaf = walk(read(trees[role]), values)
        assert walked.says == leaf.framework
        assert [step.text for step in walked.path] == [step.asks.text for step in steps]


def test_a_recommendation_says_what_the_rule_of_thumb_would_have(
    client: TestClient, made: dict[str, Any], windows: dict[str, Any]
) -> None:
    answer = client.get(f"/v1/recommendations/{made['id']}/rule-of-thumb")
    assert answer.json() == client.post("/v1/rule-of-thumb", json={"answers": windows}).json()
    for role, walked in answer.json()["roles"].items():
        ranking = made["roles"][role]["ranking"]
        assert walked["engine"]["first"] == (ranking[0]["framework"] if ranking else None)
    again = client.get(answer.url.path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/v1/recommendations/d-000000000000000000000000/rule-of-thumb").status_code == 404


@pytest.mark.parametrize(
    ("body", "faults"),
    [({}, 1), ({"answers": {"stagee": 1, "need": "x"}}, 2), ({"answers": {}, "hardware": "nowhere", "more": 1}, 2)],
)
def test_every_fault_is_told_at_once(client: TestClient, body: dict[str, Any], faults: int) -> None:
    answer = client.post("/v1/rule-of-thumb", json=body)
    assert answer.status_code == 422
    assert len(answer.json()["faults"]) == faults


def test_no_query_is_read(client: TestClient) -> None:
    assert client.get("/v1/rule-of-thumb?role=training").status_code == 422


def test_a_release_too_small_for_a_tree_has_none(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_of_thumb, "tree", lambda *_, **_how: None)
    assert client.get("/v1/rule-of-thumb").json()["roles"] == {}
    assert client.post("/v1/rule-of-thumb", json={"answers": {}}).json()["roles"] == {}
