"""Portfolios over HTTP: taken in however they come, followed, stopped, gone on with, fetched; nothing left of a no."""

import csv
import errno
import io
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import polars as pl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message

from advisor import portfolio_drafts, portfolio_sources, portfolios
from advisor.house import House, PortfolioRoom
from advisor.portfolio_desk import Desk
from advisor.portfolio_worker import Worker
from advisor.settings import Settings
from api import headers, watching
from api.app import create_app
from api.headers import Guard
from api.routes import portfolios as routes
from portfolio import writing
from tests.asking import decided

URL = "/v1/portfolios"
CSV = b"id,stage,deploy_targets\na,production,android\nb,reserch,\nc,research,server_cpu;android\n"
TEXT = {"content-type": "text/csv"}


@pytest.fixture
def worked(house: House) -> Callable[[], None]:
    """Everything that waits, worked on."""

    def work() -> None:
        worker = Worker(house)
        while worker.step():
            pass

    return work


def posted(client: TestClient, content: bytes = CSV, **query: str) -> str:
    answer = client.post(URL, content=content, headers=TEXT, params=query)
    assert answer.status_code == 201, answer.text
    found: str = answer.headers["location"]
    assert found == f"{URL}/{answer.json()['id']}"
    return found


def kept(house: House) -> list[str]:
    assert house.portfolios
    return sorted(path.name for path in house.portfolios.folder.glob("*")) if house.portfolios.folder.exists() else []


def table(client: TestClient, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).text)))


def events(text: str) -> list[dict[str, str]]:
    found = [dict(line.split(": ", 1) for line in event.splitlines()) for event in text.strip().split("\n\n")]
    return [event for event in found if "data" in event]


# --- Taking in and fetching ------------------------------------------------------------------------------------------


def test_a_file_is_taken_in_scored_and_fetched_in_every_format(
    client: TestClient, house: House, worked: Callable[[], None]
) -> None:
    address = posted(client, file="Our projects.csv")
    before = client.get(address).json()
    assert (before["name"], before["state"], before["sources"]) == (
        "Our projects.csv",
        "queued",
        [{"name": "Our projects.csv", "bytes": len(CSV)}],
    )
    early = client.get(f"{address}/results")
    assert (early.status_code, early.json()["detail"]) == (
        409,
        "The portfolio is queued; its results are there when it is done.",
    )
    worked()
    done = client.get(address).json()
    assert (done["state"], done["rows"], done["read"], done["scored"], done["failed"]) == ("done", 3, 3, 2, 1)
    rows = table(client, f"{address}/results?format=csv")
    answers = {"stage": "production", "deploy_targets": ["android"]}
    decision = decided(house, answers, store=False)
    assert [row["id"] for row in rows] == ["a", "c"]
    assert rows[0]["training_1"] == decision["roles"]["training"]["ranking"][0]["framework"]
    assert float(rows[0]["training_1_score"]) == pytest.approx(
        decision["roles"]["training"]["ranking"][0]["score"], abs=1e-6
    )
    parquet = client.get(f"{address}/results")
    assert parquet.headers["content-disposition"].endswith('-results.parquet"')
    assert parquet.headers["cache-control"] == "private, no-cache"
    assert pl.read_parquet(io.BytesIO(parquet.content))["id"].to_list() == ["a", "c"]
    lines = client.get(f"{address}/results?format=jsonl").text.splitlines()
    assert [json.loads(line)["row"] for line in lines] == [1, 3]
    (fault,) = table(client, f"{address}/errors")
    assert (fault["row"], fault["line"], fault["column"], fault["nearest"]) == ("2", "3", "stage", "research")


def test_another_format_is_written_in_the_background(
    house: House, tmp_path: Path, worked: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(create_app(replace(house, desk=Desk(patience_s=0.0)), Settings(home=tmp_path)))
    address, other = posted(client), posted(client)
    worked()
    may, wrote = Event(), writing.assemble

    def slow(*asked: Any) -> None:
        may.wait(10)
        wrote(*asked)

    monkeypatch.setattr(writing, "assemble", slow)
    waits = client.get(f"{address}/results?format=csv")
    assert (waits.status_code, waits.headers["retry-after"]) == (503, "5")
    assert client.get(f"{other}/results").status_code == 200, "what is there is given meanwhile"
    may.set()
    deadline = time.monotonic() + 10
    while client.get(f"{address}/results?format=csv").status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [row["id"] for row in table(client, f"{address}/results?format=csv")] == ["a", "c"]


def test_what_projects_depend_on_is_read_as_what_their_code_uses(
    client: TestClient, worked: Callable[[], None]
) -> None:
    theirs = b"id,existing_code,need\na,pytorch,train_from_scratch\nb,,train_from_scratch\n"
    ours = b'{"id": "a", "packages": ["torch>=2", "numpy"], "answers": {"need": "train_from_scratch"}}\n'
    ours += b'{"id": "b", "packages": {"numpy": "1"}, "answers": {"need": "train_from_scratch"}}\n'
    made = client.post(URL, content=ours, headers={"content-type": "application/x-ndjson"})
    assert made.status_code == 201, made.text
    text = b"id,Parts,need\na,torch[a]; numpy,train_from_scratch\nb,numpy,train_from_scratch\n"
    options = {"options": json.dumps({"columns": ["Parts=packages"]})}
    mapped = client.post(URL, files={"file": ("ours.csv", text)}, data=options)
    assert mapped.status_code == 201, mapped.text
    addresses = [made.headers["location"], mapped.headers["location"], posted(client, theirs)]
    worked()
    one, other, plain = (table(client, f"{address}/results?format=csv") for address in addresses)
    assert one == other == plain
    refused = client.post(URL, content=text, headers=TEXT)
    assert refused.status_code == 422
    assert "packages" in refused.text


def test_a_form_brings_options(client: TestClient, house: House, worked: Callable[[], None]) -> None:
    options = {"name": "Ours", "top": 1, "with": ["scores", "passport"], "columns": ["Phase=stage"], "block_rows": 64}
    form = {"file": ("up/../load.jsonl", b'{"Phase": "production"}\n{"Phase": "research"}\n')}
    answer = client.post(URL, files=form, data={"options": json.dumps(options)})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["name"], answer.json()["sources"][0]["name"]) == ("Ours", "load.jsonl")
    assert answer.json()["options"] == {"top": 1, "scores": True, "passport": True, "block_rows": 64}
    worked()
    found = pl.read_parquet(io.BytesIO(client.get(f"{answer.headers['location']}/results").content))
    assert found["passport"][0] == decided(house, {"stage": "production"}, store=False)["passport"]
    assert "training_2" not in found.columns
    assert found.schema["training_scores"] == pl.Array(
        pl.Float32, len(house.knowledge().release.roles["training"].members)
    )


def test_stored_projects_are_scored_as_their_newest_revisions_are(
    client: TestClient, worked: Callable[[], None]
) -> None:
    made = [
        client.post("/v1/projects", json={"name": f"p{n}", "answers": {"stage": "research", "team_size": None}}).json()
        for n in range(3)
    ]
    change = {"revision": 1, "answers": {"stage": "production", "deploy_targets": ["android"]}}
    client.patch(f"/v1/projects/{made[1]['id']}", json=change)
    every = client.post(URL, json={"source": {"projects": "all"}}).headers["location"]
    some = client.post(URL, json={"source": {"projects": [made[1]["id"]]}}).headers["location"]
    worked()
    rows = table(client, f"{every}/results?format=csv")
    assert sorted(row["name"] for row in rows) == ["p0", "p1", "p2"]
    (one,) = table(client, f"{some}/results?format=csv")
    assert (one["id"], one["name"]) == (made[1]["id"], "p1")
    assert one["runtime_1"] == "litert"
    assert [row["runtime_1"] for row in rows if row["name"] == "p1"] == ["litert"]


def test_hardware_and_policy_hold_for_every_row(client: TestClient, house: House, worked: Callable[[], None]) -> None:
    for hardware in (None, "local"):
        body = {"options": json.dumps({"hardware": hardware})}
        made = client.post(URL, files={"file": ("a.csv", b"stage\nproduction\n")}, data=body)
        worked()
        assert made.json()["hardware"] == ("test machine" if hardware else None)
        (row,) = table(client, f"{made.headers['location']}/results?format=csv")
        decision = decided(house, {"stage": "production"}, store=False, hardware_from=hardware)
        assert float(row["training_1_score"]) == pytest.approx(
            decision["roles"]["training"]["ranking"][0]["score"], abs=1e-6
        )


# --- Refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"content": CSV, "headers": {"content-type": "application/octet-stream"}}, 422, ".parquet"),
        ({"content": CSV, "headers": TEXT, "params": {"format": "ods"}}, 422, "xlsx"),
        ({"content": CSV, "headers": {"content-type": "image/png"}}, 415, "text/csv"),
        ({"content": b"stge,bananas\n1,2\n", "headers": TEXT}, 422, "stage"),
        ({"content": b"PAR1 and not", "headers": TEXT, "params": {"format": "parquet"}}, 422, "Parquet"),
        ({"json": {"source": {"file": "../secret.csv"}}}, 422, "source.file"),
        ({"json": {"source": {"file": "/etc/passwd"}}}, 422, "source.file"),
        ({"json": {"source": {"file": "outside/secret.csv"}}}, 422, "source.file"),
        ({"json": {"source": {"file": "http://localhost/a.csv"}}}, 422, "source.file"),
        ({"json": {"source": {"file": "a\0.csv"}}}, 422, "source.file"),
        ({"json": {"source": {"file": ["a.csv"]}}}, 422, "source.file"),
        ({"json": {"source": {"file": "a.csv", "projects": "all"}}}, 422, '"source"'),
        ({"json": {"source": {"url": "http://localhost"}}}, 422, '"source"'),
        ({"json": {"source": {"projects": ["p-1"]}}}, 422, "source.projects[0]"),
        ({"json": {"source": {"projects": []}}}, 422, "source.projects"),
        ({"json": {"source": {"projects": "all"}, "with": "scores"}}, 422, '"with"'),
        ({"json": {"source": {"projects": "all"}, "name": "two\nlines"}}, 422, '"name"'),
        ({"json": {"source": {"projects": "all"}, "tops": 3}}, 422, '"top"'),
        ({"files": {"fil": ("a.csv", CSV)}}, 422, "file or options"),
        ({"files": {"file": ("a.csv", CSV), "more": ("b.csv", CSV)}}, 400, "form"),
        ({"files": {"file": ("a.csv", CSV)}, "data": {"options": "{"}}, 422, "valid JSON"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_and_leaves_nothing(
    client: TestClient, house: House, tmp_path: Path, sent: dict[str, Any], status: int, said: str
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "secret.csv").write_bytes(CSV)
    (tmp_path / "files" / "outside").symlink_to(tmp_path)
    answer = client.post(URL, **sent)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert kept(house) == []
    assert client.get(URL).json()["items"] == []


def test_a_file_below_the_folder_that_the_operator_named(
    client: TestClient, tmp_path: Path, worked: Callable[[], None]
) -> None:
    (tmp_path / "files" / "2026").mkdir(parents=True)
    path = tmp_path / "files" / "2026" / "lake.parquet"
    pl.DataFrame({"id": ["x", "y"], "stage": ["production", None]}).write_parquet(path)
    answer = client.post(URL, json={"source": {"file": "2026/lake.parquet"}})
    worked()
    assert [row["id"] for row in table(client, f"{answer.headers['location']}/results?format=csv")] == ["x", "y"]
    assert path.exists(), "what was only named stays where it is"


def test_a_file_that_changes_while_it_waits_is_not_scored_by_halves(
    client: TestClient, house: House, tmp_path: Path, worked: Callable[[], None]
) -> None:
    (tmp_path / "files").mkdir()
    path = tmp_path / "files" / "lake.parquet"
    pl.DataFrame({"stage": ["production"] * 100}).write_parquet(path)
    answer = client.post(URL, json={"source": {"file": "lake.parquet"}, "block_rows": 64})
    Worker(house).step()  # it is split
    pl.DataFrame({"stage": ["research", "production"] * 100}).write_parquet(path)
    worked()
    seen = client.get(answer.headers["location"]).json()
    assert seen["state"] == "failed"
    assert seen["said"].startswith("It cannot be gone on with: lake.parquet has changed")


def test_what_is_larger_than_is_taken_is_refused_while_it_comes_in(house: House, tmp_path: Path) -> None:
    room = PortfolioRoom(tmp_path / "portfolios", max_bytes=5_000)
    client = TestClient(create_app(replace(house, portfolios=room), Settings(home=tmp_path, max_upload_bytes=5_000)))
    content = b"id,stage\n" + b"1,production\n" * 1_000
    for sent in ({"content": content, "headers": TEXT}, {"files": {"file": ("a.csv", content)}}):
        answer = client.post(URL, **sent)
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems#too-large")
    endless = client.post(URL, content=(b"1,production\n" * 1_000 for _ in range(1_000)), headers=TEXT)
    assert endless.status_code == 413
    for n in range(60):
        client.post("/v1/projects", json={"name": f"p{n}", "answers": {"stage": "research"}})
    answer = client.post(URL, json={"source": {"projects": "all"}})
    assert (answer.status_code, "at most 5000 bytes" in answer.text) == (422, True)
    assert kept(replace(house, portfolios=room)) == []


def test_a_full_house_takes_no_portfolio_and_leaves_the_file_that_was_looked_at(house: House, tmp_path: Path) -> None:
    room = PortfolioRoom(tmp_path / "portfolios", most=1)
    small = replace(house, portfolios=room)
    client = TestClient(create_app(small, Settings(home=tmp_path)))
    with portfolios.uploading(small, "a.csv", None) as upload:
        upload.add(CSV)
        draft = portfolio_drafts.hold(small, upload)
    address = posted(client)
    before = kept(small)
    for answer in (
        client.post(URL, content=CSV, headers=TEXT),
        client.post(URL, files={"file": ("a.csv", CSV)}),
        client.post(URL, json={"source": {}}),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (
            409,
            "1 portfolio is stored, and no more are kept: take one away, or raise STEELYARD_MAX_PORTFOLIOS.",
        )
    assert client.post(f"/portfolios/drafts/{draft}", data={"start": "yes"}).status_code == 409
    assert client.post(f"{address}/rescore").status_code == 409
    assert kept(small) == before
    client.delete(address)
    assert client.post(f"/portfolios/drafts/{draft}", data={"start": "yes"}, follow_redirects=False).status_code == 303


def test_all_that_comes_in_at_once_is_bounded_and_who_says_nothing_is_let_go(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(
        house, Settings(home=tmp_path, max_body_bytes=2_000, max_upload_bytes=6_000, max_incoming_bytes=1_024)
    )
    client = TestClient(app)
    guard = next(each for each in _layers(client.get("/healthz") and app.middleware_stack) if isinstance(each, Guard))
    assert guard.max_coming_bytes == 8_000, "a file as large as is taken always finds room"
    guard.coming_bytes = 8_000 - len(CSV) + 1
    answer = client.post(URL, content=CSV, headers=TEXT)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    guard.coming_bytes -= 1
    posted(client)
    assert guard.coming_bytes == 8_000 - len(CSV)
    monkeypatch.setattr(headers, "SILENT_S", 0.01)

    async def silence() -> Message:
        await anyio.sleep(60)
        raise AssertionError

    async def ask() -> None:
        scope = {"type": "http", "method": "POST", "path": URL, "query_string": b"file=a.csv"}
        await app({**scope, "headers": [(b"content-type", b"text/csv")]}, silence, told)

    async def told(message: Message) -> None:
        said.append(message)

    said: list[Message] = []
    anyio.run(ask)
    assert said[0]["status"] == 408
    assert len(kept(house)) == 1, "of the one that was let go nothing is left"


def _layers(app: Any) -> Iterator[Any]:
    while app is not None:
        yield app
        app = getattr(app, "app", None)


def test_a_body_of_json_is_as_bounded_as_any(house: House, tmp_path: Path) -> None:
    client = TestClient(create_app(house, Settings(home=tmp_path, max_body_bytes=2_000)))
    answer = client.post(URL, json={"source": {"projects": ["p-" + "0" * 32] * 100}})
    assert (answer.status_code, answer.json()["detail"]) == (413, "The body is larger than 2000 bytes.")


def test_a_full_disk_is_said_and_leaves_nothing(
    client: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(portfolio_sources.Upload, "_write", full)
    answer = client.post(URL, content=CSV, headers=TEXT)
    assert (answer.status_code, answer.json()["type"]) == (507, "/problems#no-room")
    assert kept(house) == []


def test_a_service_that_lists_no_projects_lists_no_portfolios_either(house: House, tmp_path: Path) -> None:
    client = TestClient(create_app(replace(house, list_projects=False), Settings(home=tmp_path)))
    address = posted(client)
    assert client.get(URL).status_code == 403
    assert client.get(address).status_code == 200
    assert client.post(URL, json={"source": {"projects": "all"}}).status_code == 422


# --- Following, stopping, going on ------------------------------------------------------------------------------------


def test_events_tell_of_each_state_once_and_go_on_where_one_was(
    client: TestClient, house: House, worked: Callable[[], None]
) -> None:
    address = posted(client)
    worked()
    told = client.get(f"{address}/events")
    assert told.headers["content-type"].startswith("text/event-stream")
    (event,) = events(told.text)
    seen = json.loads(event["data"])
    assert seen == client.get(address).json()
    assert (event["event"], event["id"]) == ("done", str(seen["changed"]))
    again = client.get(f"{address}/events", headers={"Last-Event-ID": event["id"]})
    assert (again.status_code, events(again.text) if again.text.strip() else []) == (200, [])
    (late,) = events(client.get(f"{address}/events", headers={"Last-Event-ID": "1"}).text)
    assert late == event
    for odd in ("9" * 30, "9" * 5000, "x", "-1"):
        (whole,) = events(client.get(f"{address}/events", headers={"Last-Event-ID": odd}).text)
        assert whole == event


def test_who_finds_no_seat_is_told_once_and_to_come_again(
    client: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = posted(client)
    monkeypatch.setattr(watching, "OF_ONE_CLIENT", 1)
    assert app.state.audience.sit("testclient")
    (event,) = events(client.get(f"{address}/events").text)
    assert (event["event"], event["id"], event["retry"]) == ("queued", "1", "10000")
    assert client.get(f"{address}/events", headers={"Last-Event-ID": "1"}).text.strip() == "retry: 10000"
    app.state.audience.rise("testclient")
    monkeypatch.setattr(routes, "LONGEST_S", 0.0)
    for _ in range(2):  # the seat was given back
        assert client.get(f"{address}/events").text.split()[-2:] == ["retry:", "2000"]
    assert app.state.audience._held.total() == 0
    assert [app.state.audience.sit(str(n)) for n in range(watching.SEATS + 1)].count(False) == 1


def test_work_is_stopped_and_gone_on_with(client: TestClient, house: House, worked: Callable[[], None]) -> None:
    content = b"stage\n" + b"production\n" * 200
    made = client.post(URL, files={"file": ("a.csv", content)}, data={"options": '{"block_rows": 64}'})
    address = made.headers["location"]
    worker = Worker(house)
    assert worker.step()
    assert worker.step()
    stopped = client.post(f"{address}/cancel").json()
    assert (stopped["state"], stopped["parts_done"], stopped["parts"], stopped["read"]) == ("cancelled", 1, 4, 64)
    assert not worker.step()
    assert [e["event"] for e in events(client.get(f"{address}/events").text)] == ["cancelled"]
    assert client.post(f"{address}/cancel").status_code == 409
    assert client.post(f"{address}/retry").json()["state"] == "running"
    assert client.post(f"{address}/retry").status_code == 409
    worked()
    assert len(table(client, f"{address}/results?format=csv")) == 200
    assert client.post(f"{address}/retry").status_code == 409
    assert client.delete(address).status_code == 204
    for gone in (address, f"{address}/results", f"{address}/errors", f"{address}/events"):
        assert client.get(gone).status_code == 404
    assert client.delete(address).status_code == 404
    assert kept(house) == []


def test_the_list_by_pages(client: TestClient, app: FastAPI) -> None:
    made = [posted(client, file=f"{n}.csv") for n in range(3)]
    first = client.get(URL, params={"limit": 2}).json()
    rest = client.get(URL, params={"limit": 2, "cursor": first["next"]}).json()
    found = [f"{URL}/{each['id']}" for each in (*first["items"], *rest["items"])]
    assert sorted(found) == sorted(made)
    assert rest["next"] is None
