"""The pages about machines: what is found, what is said of one, and what is refused."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from tests.web.test_web_pages import text_of


def test_known_machines_are_found_by_their_words(client: TestClient) -> None:
    page = client.get("/hardware", params={"query": "g5.xlarge"}).text
    assert 'href="/hardware/catalogue:aws-g5-xlarge"' in page
    assert "A10G" in page
    assert "No known machine fits" in client.get("/hardware", params={"query": "zzzzzz"}).text


def test_a_class_narrows_the_list_and_a_wrong_one_is_told(client: TestClient) -> None:
    page = text_of(client.get("/hardware", params={"class": "phone"}).text)
    assert "phone" in page
    assert "AWS" not in page
    answer = client.get("/hardware", params={"class": "phne"})
    assert answer.status_code == 422
    assert "one of" in text_of(answer.text)


def test_a_known_machine_says_what_it_has_answers_and_rests_on(client: TestClient) -> None:
    page = text_of(client.get("/hardware/catalogue:g5.xlarge").text)
    for said in ("NVIDIA A10G", "22.4 GiB", "On what hardware will you train?", "CPU, NVIDIA GPU", "Sources"):
        assert said in page


def test_a_profile_that_was_handed_over_is_listed_and_shown(client: TestClient) -> None:
    profile = {"schema": "steelyard/hardware-profile/1", "label": "<i>box</i>", "host": {"os": "linux"}}
    name = client.post("/v1/hardware", json=profile).json()["id"]
    assert f'href="/hardware/{name}"' in client.get("/hardware").text
    page = client.get(f"/hardware/{name}").text
    assert "&lt;i&gt;box&lt;/i&gt;" in page
    assert "None was found." in page


def test_this_server_is_judged_like_any_machine(client: TestClient) -> None:
    page = client.get("/hardware/local").text
    verdicts = client.get("/v1/hardware/local/verdicts", headers={"accept": "application/json"}).json()["verdicts"]
    for each in verdicts:
        assert f'href="/frameworks/{each["framework"]}"' in page
    assert verdicts or "Nothing is judged by its builds here." in text_of(page)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("catalogue:aws-g5-xlage", "did you mean “catalogue:aws-g5-xlarge”"),
        ("locl", "did you mean “local”"),
        ("h-0", "stored"),
    ],
)
def test_a_machine_that_is_not_there_names_the_nearest(client: TestClient, name: str, says: str) -> None:
    answer = client.get(f"/hardware/{name}")
    assert answer.status_code == 404
    assert says in text_of(answer.text)


def test_the_probe_is_offered_with_the_address_of_this_service(client: TestClient) -> None:
    page = html.unescape(client.get("/hardware").text)
    assert re.search(r"python3 probe\.py --push http://testserver\b", page)
    assert client.get("/v1/hardware/probe.py").status_code == 200
