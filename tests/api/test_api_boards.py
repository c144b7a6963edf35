"""A board's answers over HTTP: when they are there, what is said while they are not, and cursors."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from advisor import portfolio_files, portfolio_views
from advisor.errors import NotYet
from advisor.house import House
from advisor.portfolio_worker import Worker

URL = "/v1/portfolios"
CSV = b"id,stage,deploy_targets\na,production,android\nb,reserch,\nc,research,server_cpu;android\n"
VIEWS = ("summary", "consolidation", "movers", "risk", "groups", "sensitivity", "rows")


@pytest.fixture
def portfolio(client: TestClient) -> str:
    return str(client.post(URL, content=CSV, headers={"content-type": "text/csv"}).json()["id"])


def work(house: House) -> None:
    worker = Worker(house)
    while worker.step():
        pass


def test_answers_are_there_when_the_portfolio_is_done(client: TestClient, house: House, portfolio: str) -> None:
    for view in VIEWS:
        assert client.get(f"{URL}/{portfolio}/{view}").status_code == 409, view
    work(house)
    for view in VIEWS:
        answer = client.get(f"{URL}/{portfolio}/{view}")
        assert (answer.status_code, answer.json()["portfolio"]) == (200, portfolio), view
        assert answer.headers["cache-control"] == "private, no-cache"
        held = {"if-none-match": answer.headers["etag"]}
        assert client.get(f"{URL}/{portfolio}/{view}", headers=held).status_code == 304


def test_what_takes_long_is_asked_for_again(
    client: TestClient, house: House, portfolio: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: Any) -> Any:
        raise NotYet

    monkeypatch.setattr(portfolio_views, "summary", late)
    answer = client.get(f"{URL}/{portfolio}/summary")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_rows_page_by_page(client: TestClient, house: House, portfolio: str) -> None:
    work(house)
    first = client.get(f"{URL}/{portfolio}/rows", params={"limit": 1}).json()
    assert ([each["id"] for each in first["items"]], first["next"]) == (["a"], "1")
    second = client.get(f"{URL}/{portfolio}/rows", params={"limit": 1, "cursor": first["next"]}).json()
    assert ([each["row"] for each in second["items"]], second["next"]) == ([3], None)
    assert client.get(f"{URL}/{portfolio}/rows/3").json()["answers"]["stage"] == "research"
    assert client.get(f"{URL}/{portfolio}/rows/2").status_code == 404
    for wrong in ("-1", "x", "9" * 40):
        assert client.get(f"{URL}/{portfolio}/rows", params={"cursor": wrong}).status_code == 422


def test_projects_count_by_their_weights(client: TestClient, house: House, tmp_path: Path, portfolio: str) -> None:
    address, kind = f"{URL}/{portfolio}", {"content-type": "text/csv"}
    assert client.put(f"{address}/weights", content=b"id,weight\n", headers=kind).status_code == 409
    work(house)
    alike, moving = (client.get(f"{address}/{view}").json() for view in ("summary", "movers"))
    picture = f"/portfolios/{portfolio}/pictures/training/firsts.svg"
    drawn = client.get(picture)
    table = "id,weight\na,0.25\nc,7\n"
    assert client.put(f"{address}/weights", content=table, headers=kind).status_code == 204
    (tmp_path / "w.csv").write_text(table)
    (tmp_path / "p.csv").write_bytes(CSV)
    said, _ = portfolio_files.answers(
        house, [tmp_path / "p.csv"], "training", weights=tmp_path / "w.csv", also=portfolio_files.ALSO[:3]
    )
    for view in portfolio_files.ALSO[:3]:
        found = client.get(f"{address}/{view}").json()
        assert said[view].items() <= found.items(), view
    assert client.get(f"{address}/summary").json() != alike
    assert client.get(f"{address}/movers").json() != moving
    assert client.get(picture, headers={"If-None-Match": drawn.headers["etag"]}).status_code == 200
    assert client.get(address).json()["counted_by"] == "the weights that were put beside it"
    wrong = client.put(f"{address}/weights", content=b"id,weight\na,1\n", headers=kind)
    assert (wrong.status_code, wrong.json()["faults"][0]["value"]) == (422, "'c'")
    assert client.post(f"{address}/rescore").json()["counted_by"] == "the weights that were put beside it"
    assert client.delete(f"{address}/weights").status_code == 204
    assert client.get(f"{address}/summary").json() == alike
    assert client.put(f"{address}/weights", content=b"{}").status_code == 415
    assert client.delete(f"{URL}/pf-{'0' * 32}/weights").status_code == 404


def test_a_column_of_weights_counts_until_others_are_put(client: TestClient, house: House) -> None:
    kind = {"content-type": "text/csv"}
    content = b"id,need,existing_code,Teams\nx,inference_only,,50\na,train,pytorch,12\nb,train,,some\nc,train,,\n"
    asked = {"options": '{"with": ["scores"], "columns": ["Teams=weight"]}'}
    made = client.post(URL, files={"file": ("a.csv", content)}, data=asked).json()
    work(house)
    address = f"{URL}/{made['id']}"
    assert client.get(address).json()["counted_by"] == "the column “Teams”"
    assert client.get(f"{address}/results?format=csv").text.splitlines()[2].startswith('2,a,"",12.0,')
    assert b",Teams,'some'," in client.get(f"{address}/errors").content
    own = client.get(f"{address}/summary").json()
    assert (own["weight"], own["projects"]) == (13, 2)
    assert [each["weight"] for each in client.get(f"{address}/rows").json()["items"]] == [50, 12, 1]
    assert client.get(f"{address}/rows/1").json()["weight"] == 50
    assert sum(client.get(f"{address}/movers").json()["weights"].values()) == 13
    again = client.post(f"{address}/rescore").json()
    assert again["name"] == f"a.csv (scored again {house.now():%Y-%m-%d %H:%M} UTC)"
    assert again["counted_by"] == "the column “Teams”"
    assert client.put(f"{address}/weights", content="id,weight\nx,9\na,1\nc,2\n", headers=kind).status_code == 204
    assert client.get(f"{address}/summary").json()["weight"] == 3
    client.delete(f"{address}/weights")
    assert client.get(f"{address}/summary").json() == own
    work(house)
    assert client.get(f"{URL}/{again['id']}/consolidation").json()["weight"] == 13


def test_scored_again(client: TestClient, house: House, portfolio: str) -> None:
    work(house)
    made = client.post(f"{URL}/{portfolio}/rescore", params={"name": "Again"})
    assert (made.status_code, made.headers["location"]) == (201, f"{URL}/{made.json()['id']}")
    assert (made.json()["name"], made.json()["state"]) == ("Again", "queued")
    assert client.get(f"{URL}/{portfolio}/drift/{made.json()['id']}").status_code == 409
    work(house)
    assert client.get(f"{URL}/{portfolio}/drift/{made.json()['id']}").json()["changed"] == 0
