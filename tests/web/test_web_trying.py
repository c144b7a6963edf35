"""The pages that ask more of a recommendation: other answers, another recommendation, one framework."""

import re

import pytest
from fastapi.testclient import TestClient

from tests.web.test_web_pages import text_of

ANSWERS = {"stage": "production", "need": ["train"], "deploy_targets": ["android"], "offline": True, "data_rows": 5000}


@pytest.fixture
def made(client: TestClient) -> str:
    """A recorded recommendation."""
    return str(client.post("/v1/recommendations", json={"answers": ANSWERS}).json()["id"])


def test_nothing_changed_is_the_recommendation_itself(client: TestClient, made: str) -> None:
    page = client.get(f"/recommendations/{made}/what-if").text
    assert "As it stands" in page
    assert "What that changes" not in page
    recorded = client.get(f"/v1/recommendations/{made}").json()
    for place in recorded["roles"]["training"]["ranking"][:3]:
        assert f"{100 * place['score']:.1f}" in text_of(page)


def test_the_fields_of_an_untouched_form_change_nothing(client: TestClient, made: str) -> None:
    fields = {
        "on": list(ANSWERS),
        "stage": "production",
        "need": "train",
        "deploy_targets": "android",
        "offline": "yes",
        "data_rows": "5 000",
    }
    page = client.get(f"/recommendations/{made}/what-if", params=fields).text
    assert "What that changes" not in page
    assert "changed</span>" not in page


def test_a_changed_answer_moves_the_ranking_and_is_not_stored(client: TestClient, made: str) -> None:
    before = client.get("/v1/recommendations/" + made).json()
    page = client.get(f"/recommendations/{made}/what-if", params={"on": "deploy_targets", "deploy_targets": "browser"})
    assert page.status_code == 200
    asked = client.get(f"/v1/recommendations/{made}/what-if", params={"deploy_targets": "browser"}).json()
    ranking = asked["decision"]["roles"]["training"]["ranking"]
    words = text_of(page.text)
    assert "If you answer so" in words
    assert "In the recommendation: Android" in words
    for place in ranking[:3]:
        assert f"{100 * place['score']:.1f}" in words
    moved = {p["framework"]: p["rank"] for p in before["roles"]["training"]["ranking"]}
    for place in ranking[:3]:
        if moved.get(place["framework"], place["rank"]) != place["rank"]:
            assert f"from {moved[place['framework']]}" in words


def test_an_emptied_field_takes_the_answer_back(client: TestClient, made: str) -> None:
    page = text_of(client.get(f"/recommendations/{made}/what-if", params={"on": "stage", "stage": ""}).text)
    assert "In the recommendation: Production" in page
    kept = client.post(f"/recommendations/{made}/what-if", data={"on": "stage", "stage": ""}, follow_redirects=False)
    again = client.get("/v1" + kept.headers["location"]).json()
    assert "stage" not in again["answers"]
    assert again["answers"] == {
        q: given for q, given in client.get(f"/v1/recommendations/{made}").json()["answers"].items() if q != "stage"
    }


def test_none_of_these_is_tried_kept_and_shown_again(client: TestClient, made: str) -> None:
    fields = {"on": "known_frameworks", "add": "known_frameworks", "known_frameworks.none": "yes"}
    address = f"/recommendations/{made}/what-if"
    kept = client.post(address, data=fields, follow_redirects=False).headers["location"]
    assert client.get(f"/v1{kept}").json()["answers"]["known_frameworks"] == []
    page = client.get(f"{kept}/what-if").text
    assert re.search(r'name="known_frameworks.none" value="yes" checked', page)
    untouched = client.get(f"{kept}/what-if", params=fields).text
    assert "Undo all changes" not in untouched
    both = client.post(address, data={**fields, "known_frameworks": "jax"})
    assert both.status_code == 422
    assert "none of these" in text_of(both.text)


def test_another_question_can_be_put_on_the_form(client: TestClient, made: str) -> None:
    page = client.get(f"/recommendations/{made}/what-if", params={"add": "team_size"}).text
    assert 'id="try-team_size"' in page
    answer = client.get(f"/recommendations/{made}/what-if", params={"add": "team_sice"})
    assert answer.status_code == 404
    assert "team_size" in answer.text


def test_a_kept_change_is_a_recommendation_for_the_same_machine(client: TestClient) -> None:
    body = {"answers": ANSWERS, "hardware": "catalogue:g5.xlarge"}
    made = client.post("/v1/recommendations", json=body).json()
    fields = {"on": "stage", "stage": "research"}
    kept = client.post(f"/recommendations/{made['id']}/what-if", data=fields, follow_redirects=False)
    assert kept.status_code == 303
    again = client.get("/v1" + kept.headers["location"]).json()
    assert again["answers"] == {**made["answers"], "stage": "research"}
    assert again["hardware"]["label"] == made["hardware"]["label"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_faults_come_back_beside_the_field(client: TestClient, made: str, method: str) -> None:
    fields = {"on": "data_rows", "data_rows": "plenty"}
    url = f"/recommendations/{made}/what-if"
    answer = client.get(url, params=fields) if method == "get" else client.post(url, data=fields)
    assert answer.status_code == 422
    field = answer.text[answer.text.index('id="q-data_rows"') :]
    assert 'class="fault"' in field[: field.index("</fieldset>")]
    assert 'value="plenty"' in field


def test_two_recommendations_beside_each_other(client: TestClient, made: str) -> None:
    machine = {"train_hardware": ["nvidia_gpu"], "train_os": ["windows"]}
    answers = {**ANSWERS, **machine, "stage": "research", "deploy_targets": ["android", "browser"]}
    other = client.post("/v1/recommendations", json={"answers": answers}).json()["id"]
    page = text_of(client.get(f"/recommendations/{made}/diff", params={"other": other}).text)
    assert "They differ in the answers." in page
    assert re.search(r"At what stage is the project\? Research instead of Production", page)
    assert "Where will the model run? Web browser added (still Android)" in page
    training = page[page.index("Training") :].partition("Runtime")[0]
    places = re.findall(r"(?:(?:\d+|out) → )?(\d+|out) [\d.]+ → [\d.]+ ", training)
    assert places[-1] == "out"
    assert places == sorted(places), "who fell out comes last"
    found = client.get(f"/v1/recommendations/{made}/diff/{other}").json()
    ranked = {p["framework"] for p in client.get(f"/v1/recommendations/{made}").json()["roles"]["training"]["ranking"]}
    shown = [score for score in found["roles"]["training"]["scores"] if score["framework"] in ranked]
    assert shown
    for score in shown:
        assert f"{100 * score['before']:.1f} → {100 * score['after']:.1f}" in page
    same = text_of(
        client.get(f"/recommendations/{made}/diff", params={"other": f"http://x/recommendations/{made}"}).text
    )
    assert "Both were made from the same answers, machine and knowledge." in same
    assert client.get(f"/recommendations/{made}/diff", params={"other": "d-0"}).status_code == 404


def test_one_framework_is_told_as_the_record_has_it(client: TestClient, made: str) -> None:
    recorded = client.get(f"/v1/recommendations/{made}").json()
    first = recorded["roles"]["training"]["ranking"][0]
    page = text_of(client.get(f"/recommendations/{made}/frameworks/{first['framework']}").text)
    for reason in first["reasons"]:
        assert reason["text"] in page
    out = recorded["roles"]["training"]["excluded"][0]
    page = text_of(client.get(f"/recommendations/{made}/frameworks/{out['framework']}").text)
    assert out["text"] in page
    assert out["required"] in page
    answer = client.get(f"/recommendations/{made}/frameworks/pytorhc")
    assert answer.status_code == 404
    assert "pytorch" in answer.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_number_beyond_all_numbers_is_a_fault(client: TestClient, made: str, method: str) -> None:
    fields, url = {"on": "data_rows", "data_rows": "9" * 400}, f"/recommendations/{made}/what-if"
    answer = client.get(url, params=fields) if method == "get" else client.post(url, data=fields)
    assert answer.status_code == 422
