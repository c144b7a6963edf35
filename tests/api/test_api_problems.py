"""Errors leave in one shape, from wherever they come, and tell nothing that is not the caller's."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from advisor import recommend
from advisor.errors import Conflict, OutOfDate, Unavailable
from advisor.house import House
from advisor.settings import Settings
from api.app import create_app
from api.problems import KINDS, Problem
from storage.database import Database

TOLD = "the address is postgresql://admin:hunter2@database"
BODY: dict[str, Any] = {"answers": {}}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError(TOLD), 500),
        (KeyError(TOLD), 500),
        (Conflict("another writer was first"), 409),
        (Unavailable("the database cannot be used"), 503),
        (OutOfDate("the schema is older"), 503),
    ],
)
def test_what_goes_wrong_inside(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(recommend, "answer", fail)
    answer = client.post("/v1/recommendations", json=BODY)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert Problem.model_validate_json(answer.content, strict=True).status == status
    assert "hunter2" not in answer.text + str(answer.headers)
    assert ("retry-after" in answer.headers) == (status == 503)


def test_a_page_tells_no_more(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(TOLD)

    monkeypatch.setattr(recommend, "answer", fail)
    answer = client.post("/questionnaire", data={"stage": "research"}, headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("url", ["/v1", "/v1/nothing", "/nothing", "/v1/recommendations/", "/static/nothing.css"])
def test_nothing_is_there(client: TestClient, url: str) -> None:
    answer = client.get(url, follow_redirects=False)
    assert answer.status_code in (404, 405, 307)
    if answer.status_code != 307:
        Problem.model_validate_json(answer.content, strict=True)


@pytest.mark.parametrize(
    ("method", "url"),
    [("DELETE", "/v1/frameworks"), ("GET", "/v1/recommendations"), ("PUT", "/healthz"), ("PATCH", "/v1/hardware")],
)
def test_a_method_that_is_not_taken(client: TestClient, method: str, url: str) -> None:
    answer = client.request(method, url)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"]


def test_a_person_is_shown_a_page_and_a_program_a_document(client: TestClient) -> None:
    page = client.get("/nothing", headers={"accept": "text/html,*/*"})
    document = client.get("/nothing")
    assert (page.status_code, document.status_code) == (404, 404)
    assert page.headers["content-type"].startswith("text/html")
    assert document.headers["content-type"] == "application/problem+json"
    assert client.get("/v1/nothing", headers={"accept": "text/html"}).json()["status"] == 404


def test_every_kind_of_problem_is_explained_where_its_type_points(client: TestClient) -> None:
    page = client.get("/problems").text
    for kind in KINDS:
        assert f'id="{kind.name}"' in page
    assert client.get("/v1/nothing").json()["type"] == "/problems#not-found"


def test_every_answer_carries_the_safe_headers(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    answers = [client.get(url) for url in ("/", "/healthz", "/nothing", "/static/style.css", "/v1/rules")]
    monkeypatch.setattr(recommend, "find", fail)
    answers.append(client.get("/v1/recommendations/d-1"))
    assert answers[-1].status_code == 500
    for answer in answers:
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_alive_without_a_release_but_not_ready(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    database.require_head()
    client = TestClient(empty_app(database, tmp_path), raise_server_exceptions=False)
    assert client.get("/healthz").json() == {"status": "alive"}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "release" in answer.json()["detail"]
    database.close()


def test_alive_without_a_database_but_not_ready(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'absent' / 'no.db'}")
    client = TestClient(empty_app(database, tmp_path), raise_server_exceptions=False)
    assert client.get("/healthz").status_code == 200
    for url in ("/readyz", "/v1/frameworks", "/v1/recommendations/d-1"):
        answer = client.get(url)
        assert answer.status_code == 503
        assert str(tmp_path) not in answer.text
    database.close()


def empty_app(database: Database, folder: Path) -> FastAPI:
    """The application on a database that holds nothing."""

    def absent() -> Any:
        raise AssertionError

    return create_app(House(database, absent, absent), Settings(home=folder))


def test_a_profile_is_stored_once(client: TestClient) -> None:
    profile = {"schema": "steelyard/hardware-profile/1", "host": {"os": "linux"}}
    first, second = (client.post("/v1/hardware", json=profile) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


def test_a_profile_with_faults_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/hardware", json={"schema": "x", "hots": {}})
    assert answer.status_code == 422
    assert {fault["path"] for fault in answer.json()["faults"]} >= {"schema", "hots"}
