"""`/v1/recommendations`: one test for each verb and outcome."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from advisor import recommend
from advisor.house import House
from advisor.inputs import Inputs
from api.schemas.decision import Decision
from api.schemas.questioning import Replay
from tests.house_rules import NOTHING_ALIVE, POLICY, PREFERENCES

URL = "/v1/recommendations"
ASKED = ["/explanation", "/against/jax/pytorch", "/why-not/jax", "/what-if", "/what-if?stage=research", "/diff/d-1"]
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
@pytest.mark.parametrize(
    "rest",
    [
        "",
        "/explanation",
        "/against/jax/pytorch",
        "/why-not/pytorch",
        "/what-if",
        "/what-if?stage=research",
        "/diff/d-1",
    ],
)
def test_one_that_was_never_made_is_not_found(client: TestClient, name: str, rest: str) -> None:
    answer = client.get(f"{URL}/{name}{rest}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_replaying_one_that_was_never_made_is_not_found(client: TestClient) -> None:
    assert client.post(f"{URL}/d-000000000000000000000000/replay").status_code == 404


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
    assert answer.status_code == 201
    assert Decision.model_validate_json(answer.content, strict=True).id == answer.json()["id"]


# --- Policies, preferences, draws, days ------------------------------------------------------------------------------


@pytest.fixture
def house_rules(windows: dict[str, Any]) -> dict[str, Any]:
    """A request that uses everything a request can hold."""
    return {
        "answers": {**windows, "team_size": 2},
        "policy": POLICY,
        "preferences": PREFERENCES,
        "draws": 500,
        "roles": ["training", "runtime"],
        "as_of": "2026-11-21",
    }


def test_a_decision_says_under_which_policy_preferences_and_draws_it_was_made(
    client: TestClient, house_rules: dict[str, Any]
) -> None:
    answer = client.post(URL, json=house_rules)
    assert answer.status_code == 201
    found = Decision.model_validate_json(answer.content, strict=True)
    training = found.roles["training"]
    assert found.policy is not None
    assert found.preferences is not None
    assert found.draws is not None
    assert [layer.name for layer in found.policy.layers] == ["acme"]
    assert [waiver.alternative for waiver in found.policy.layers[0].expired] == ["mxnet"]
    cautions = {place.framework: place.cautions for place in training.ranking}
    assert [caution.waiver.owner for caution in cautions["caffe"] if caution.waiver] == ["Jane"]
    assert "acme-easy" in [rule.rule for rule in training.rules]
    assert sum(found.preferences.weights.values()) == pytest.approx(1)
    assert found.draws.count == 500
    assert found.asked_roles == ["training", "runtime"]
    assert training.acceptability is not None
    assert training.disagreement is not None
    assert [view.name for view in training.disagreement.views] == ["Ann", "Bob"]


def test_what_was_decided_under_all_of_it_is_replayed_to_the_same_bytes(
    client: TestClient, house_rules: dict[str, Any]
) -> None:
    made = client.post(URL, json=house_rules)
    replayed = client.post(f"{made.headers['location']}/replay").json()
    assert (replayed["same"], replayed["differences"]) == (True, [])
    assert client.get(made.headers["location"]).content == made.content


def test_a_repeated_request_gives_what_was_recorded_and_decides_again_where_that_is_gone(
    client: TestClient, house: House, house_rules: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    decided: list[int] = []
    decide = Inputs.decide

    def counted(inputs: Inputs) -> dict[str, Any]:
        decided.append(1)
        return decide(inputs)

    monkeypatch.setattr(Inputs, "decide", counted)
    first, second = (client.post(URL, json=house_rules) for _ in range(2))
    assert (len(decided), second.content) == (1, first.content)
    with house.database.writing() as session:
        session.execute(text("DELETE FROM decisions WHERE id = :id"), {"id": first.json()["id"]})
    third = client.post(URL, json=house_rules)
    assert (len(decided), third.content) == (2, first.content)
    assert client.get(first.headers["location"]).content == first.content


def test_a_stored_policy_is_named_by_its_id_and_may_be_one_of_several(
    client: TestClient, windows: dict[str, Any]
) -> None:
    stored = client.post("/v1/policies", json={"policy": POLICY}).json()["id"]
    asked: list[Any] = [stored, POLICY, [stored]]
    ids = {client.post(URL, json={"answers": windows, "policy": policy}).json()["id"] for policy in asked}
    assert len(ids) == 1
    upper = {"name": "lab", "owner": "Lab", "summary": "Above.", "weights": [HALVED]}
    answer = client.post(URL, json={"answers": windows, "policy": [stored, upper]}).json()
    assert [layer["name"] for layer in answer["policy"]["layers"]] == ["acme", "lab"]


HALVED = {"rule": "acme-easy", "factor": 0.5, "argument": "Half."}


def test_the_faults_of_a_policy_name_their_place_in_the_request(client: TestClient) -> None:
    wrong = {**POLICY, "waivers": [{**POLICY["waivers"][0], "gate": "archivd"}]}
    answer = client.post(URL, json={"answers": {"stag": "research"}, "policy": [wrong], "draws": "many"})
    assert answer.status_code == 422
    found = {fault["path"]: fault["nearest"] for fault in answer.json()["faults"]}
    assert found == {"answers": "stage", "policy[0].waivers[0].gate": "archived", "draws": None}


def test_a_day_decides_which_waivers_count(client: TestClient, house_rules: dict[str, Any]) -> None:
    later = client.post(URL, json={**house_rules, "as_of": "2027-01-01"}).json()
    assert [w["alternative"] for w in later["policy"]["layers"][0]["expired"]] == ["caffe", "mxnet"]
    undated = client.post(URL, json={key: value for key, value in house_rules.items() if key != "as_of"})
    assert undated.json()["id"] == client.post(URL, json=house_rules).json()["id"]


def test_where_nothing_is_left_it_is_said_what_to_take_back(client: TestClient) -> None:
    answer = client.post(URL, json={"answers": {"stage": "production", "team_size": 2}, "policy": NOTHING_ALIVE})
    found = Decision.model_validate_json(answer.content, strict=True).roles["training"]
    assert found.ranking == []
    assert found.reliefs is not None
    taken = [[each.question for each in relief.withdraw] for relief in found.reliefs.sets]
    assert taken == [["stage"]]
    assert "pytorch" in found.reliefs.sets[0].lets_in


def test_too_many_layers_are_a_fault_of_the_key_that_holds_them(client: TestClient) -> None:
    layers = [{"name": f"layer-{index}", "owner": "o", "summary": "s"} for index in range(17)]
    answer = client.post("/v1/recommendations", json={"answers": {}, "policy": layers})
    assert [fault["path"] for fault in answer.json()["faults"]] == ["policy"]
