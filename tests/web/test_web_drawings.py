"""Pictures of recommendations as files: what is drawn, for whom, and what is not there."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from advisor import pictures

ANSWERS = {"stage": "production", "need": ["train"], "deploy_targets": ["android"]}


@pytest.fixture
def made(client: TestClient) -> str:
    """The address of a recorded recommendation."""
    return f"/recommendations/{client.post('/v1/recommendations', json={'answers': ANSWERS}).json()['id']}"


def test_every_picture_of_a_page_is_there_in_the_size_that_it_says(client: TestClient, made: str) -> None:
    pages = [made, *(f"{made}/frameworks/{f}" for f in ("pytorch", "litert"))]
    named = [
        found
        for page in pages
        for found in re.findall(
            r"<(?:source|img)[^>]*(?:srcset|src)=\"([^\"]+)\" width=\"(\d+)\" height=\"(\d+)\"", client.get(page).text
        )
    ]
    assert len({address.partition("?")[0] for address, _, _ in named}) >= 4
    for address, width, height in named:
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/svg+xml"
        root = ElementTree.fromstring(answer.text)  # noqa: S314  drawn here
        assert (root.get("width"), root.get("height")) == (width, height)
        assert "var(" not in answer.text


def test_dark_is_another_drawing_than_light(client: TestClient, made: str) -> None:
    address = f"{made}/pictures/ranking_training.svg"
    light, dark = client.get(address), client.get(address, params={"palette": "dark"})
    assert light.text != dark.text
    assert client.get(address, headers={"if-none-match": light.headers["etag"]}).status_code == 304


def test_what_a_reader_holds_is_not_drawn_again(client: TestClient, made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"{made}/pictures/ranking_training.svg"
    first = client.get(address)
    drawn: list[str] = []
    draw = pictures.draw

    def counted(*given: Any) -> str:
        drawn.append("")
        return draw(*given)

    monkeypatch.setattr(pictures, "draw", counted)
    assert client.get(address, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert client.get(address).content == first.content
    assert drawn == []
    narrow = client.get(address, params={"width": 336})
    assert narrow.headers["etag"] != first.headers["etag"]
    assert len(drawn) == 1
    monkeypatch.setattr(pictures, "edition", lambda: "another way to draw")
    again = client.get(address, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, len(drawn)) == (200, 2)
    missing = client.get(f"{made}/pictures/x.svg", headers={"if-none-match": "*"})
    assert missing.status_code == 404


def test_a_picture_says_in_words_what_it_shows(client: TestClient, made: str) -> None:
    page = client.get(made).text
    recorded = client.get(f"/v1{made}").json()
    words = page[page.index('<figure class="picture">') : page.index("</figure>")]
    for place in recorded["roles"]["training"]["ranking"]:
        assert f"{100 * place['score']:.1f}" in words


@pytest.mark.parametrize(
    "name",
    [
        "ranking",
        "ranking_",
        "ranking_nothing",
        "ranking_training_x",
        "score_training",
        "score_training_nobody",
        "stack_x",
        "x",
    ],
)
def test_a_picture_that_is_not_there_is_not_found(client: TestClient, made: str, name: str) -> None:
    assert client.get(f"{made}/pictures/{name}.svg").status_code == 404


@pytest.mark.parametrize("query", ["palette=pink", "width=1", "width=640&width=336"])
def test_only_the_palettes_and_widths_there_are(client: TestClient, made: str, query: str) -> None:
    assert client.get(f"{made}/pictures/stack.svg?{query}").status_code == 422


def test_no_picture_of_no_recommendation(client: TestClient) -> None:
    assert client.get("/recommendations/d-0/pictures/stack.svg").status_code == 404


def test_a_picture_that_is_not_there_is_not_proposed(client: TestClient) -> None:
    made = client.post("/v1/recommendations", json={"answers": {"stage": "production", "need": ["train"]}}).json()
    url, wanted = f"/recommendations/{made['id']}/pictures", {"accept": "application/json"}
    assert client.get(f"{url}/rankin_training.svg", headers=wanted).json()["faults"][0]["nearest"] == "ranking_training"
    assert client.get(f"{url}/stack.svg", headers=wanted).json()["faults"][0]["nearest"] is None
