"""`/v1/recommendations`: one test for each verb and outcome."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from advisor import recommend
from advisor.house import House
from api.schemas.decision import Decision, Replay, WhyNot

URL = "/v1/recommendations"
PROFILE = {
    "schema": "steelyard/hardware-profile/1",
    "label": "workstation",
    "host": {"os": "windows"},
    "devices": [{"kind": "nvidia_gpu", "memory_bytes": "24 GiB"}],
}


def test_a_posted_request_is_answered_with_201_and_an_address(client: TestClient, windows: dict[str, Any]) -> None:
    answer = client.post(URL, json={"answers": windows})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["location"] == f"{URL}/{answer.json()['id']}"
    excluded = {e["framework"]: e["gate"] for e in answer.json()["roles"]["training"]["excluded"]}
    assert excluded["tensorflow"] == "train-nvidia-windows"


def test_what_was_recorded_is_read_again_byte_for_byte(
    client: TestClient, house: House, windows: dict[str, Any]
) -> None:
    posted = client.post(URL, json={"answers": windows})
    read = client.get(posted.headers["location"])
    assert read.status_code == 200
    assert read.content == posted.content == recommend.find(house, posted.json()["id"]).encode()


def test_the_same_request_again_is_the_same_recommendation(client: TestClient, windows: dict[str, Any]) -> None:
    first, second = (client.post(URL, json={"answers": windows}) for _ in range(2))
    assert (second.status_code, second.content) == (201, first.content)


def test_the_order_of_answers_changes_nothing(client: TestClient, windows: dict[str, Any]) -> None:
    turned = {key: value[::-1] if isinstance(value, list) else value for key, value in reversed(windows.items())}
    first, second = (client.post(URL, json={"answers": answers}) for answers in (windows, turned))
    assert {**first.json(), "answers": {}} == {**second.json(), "answers": {}}


def test_nothing_is_stored_where_that_is_asked(client: TestClient, windows: dict[str, Any]) -> None:
    answer = client.post(URL, json={"answers": windows, "store": False})
    assert answer.status_code == 200
    assert "location" not in answer.headers
    assert client.get(f"{URL}/{answer.json()['id']}").status_code == 404


def test_answers_may_be_empty(client: TestClient) -> None:
    answer = client.post(URL, json={"answers": {}})
    assert answer.status_code == 201
    assert answer.json()["answers"] == {}


def test_only_the_roles_that_are_asked_for_are_ranked(client: TestClient, windows: dict[str, Any]) -> None:
    answer = client.post(URL, json={"answers": windows, "roles": ["runtime"]})
    assert list(answer.json()["roles"]) == ["runtime"]


def test_the_local_machine_is_probed(client: TestClient) -> None:
    answer = client.post(URL, json={"answers": {}, "hardware": "local"}).json()
    assert (answer["hardware"]["basis"], answer["hardware"]["label"]) == ("profile", "test machine")
    assert answer["hardware"]["filled"]["train_os"] == ["linux"]


def test_a_profile_may_be_sent_along(client: TestClient) -> None:
    answer = client.post(URL, json={"answers": {}, "hardware": PROFILE}).json()
    assert answer["hardware"]["filled"]["train_os"] == ["windows"]


def test_a_stored_profile_is_named_by_its_id(client: TestClient) -> None:
    stored = client.post("/v1/hardware", json=PROFILE).json()["id"]
    by_id = client.post(URL, json={"answers": {}, "hardware": stored})
    assert by_id.json()["id"] == client.post(URL, json={"answers": {}, "hardware": PROFILE}).json()["id"]


def test_a_release_may_be_named(client: TestClient, windows: dict[str, Any]) -> None:
    release = client.get("/readyz").json()["release"]
    answer = client.post(URL, json={"answers": windows, "release": release})
    assert answer.json()["release"]["id"] == release


def test_a_recommendation_that_the_caller_holds_is_not_sent_again(client: TestClient, made: dict[str, Any]) -> None:
    first = client.get(f"{URL}/{made['id']}")
    again = client.get(f"{URL}/{made['id']}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["d-000000000000000000000000", "nonsense", "d-%00", "d-%F0%9F%98%80", "x" * 500])
@pytest.mark.parametrize("rest", ["", "/why-not/pytorch"])
def test_one_that_was_never_made_is_not_found(client: TestClient, name: str, rest: str) -> None:
    answer = client.get(f"{URL}/{name}{rest}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_replaying_one_that_was_never_made_is_not_found(client: TestClient) -> None:
    assert client.post(f"{URL}/d-000000000000000000000000/replay").status_code == 404


def test_why_not_tells_what_excludes(client: TestClient, made: dict[str, Any]) -> None:
    answer = client.get(f"{URL}/{made['id']}/why-not/tensorflow")
    assert answer.status_code == 200
    found = WhyNot.model_validate_json(answer.content, strict=True)
    assert found.roles["training"].outcome == "excluded"


def test_why_not_tells_where_one_lost(client: TestClient) -> None:
    made = client.post(URL, json={"answers": {"stage": "research"}}).json()
    last = made["roles"]["training"]["ranking"][-1]["framework"]
    standing = client.get(f"{URL}/{made['id']}/why-not/{last}").json()["roles"]["training"]
    assert standing["outcome"] == "ranked"
    assert sum(row["behind_by"] for row in standing["where"]) == pytest.approx(standing["behind_by"])


def test_why_not_names_the_nearest_framework(client: TestClient, made: dict[str, Any]) -> None:
    answer = client.get(f"{URL}/{made['id']}/why-not/tensorflo")
    assert answer.status_code == 404
    assert answer.json()["faults"][0]["nearest"] == "tensorflow"


def test_a_replay_gives_the_same(client: TestClient, made: dict[str, Any]) -> None:
    answer = client.post(f"{URL}/{made['id']}/replay")
    assert answer.status_code == 200
    found = Replay.model_validate_json(answer.content, strict=True)
    assert found.same
    assert found.differences == []
    assert found.passport == found.replayed_passport == made["passport"]


def test_a_replay_with_hardware_and_roles_gives_the_same(client: TestClient) -> None:
    made = client.post(URL, json={"answers": {}, "hardware": "local", "roles": ["training", "runtime"]}).json()
    assert client.post(f"{URL}/{made['id']}/replay").json()["same"]


@pytest.mark.parametrize(
    "body",
    [
        {"answers": {}},
        {"answers": {"stage": "research", "considering": ["caffe", "tensorflow@2.20"]}},
        {"answers": {"deploy_targets": ["ios", "browser"], "need": ["inference_only"]}, "hardware": "local"},
        {"answers": {"train_os": ["windows"], "train_hardware": ["nvidia_gpu"], "python_version": "3.9"}},
    ],
)
def test_what_goes_out_is_what_is_documented(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post(URL, json=body)
    Decision.model_validate_json(answer.content, strict=True)
