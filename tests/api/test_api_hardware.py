"""Profiles over HTTP: checked to the last when they come, no trace of what is refused, no look inside a request."""

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

import probes
from advisor import profiles
from advisor.errors import NotReady
from advisor.house import House
from advisor.settings import Settings
from api.app import create_app
from probes import travelling
from tests.conftest import PROFILE

URL = "/v1/hardware"
PUSHED: dict[str, Any] = probes.document(replace(PROFILE, host_hash="c" * 16))


def post(client: TestClient, body: bytes | str, kind: str = "application/json") -> Any:
    return client.post(URL, content=body, headers={"Content-Type": kind})


def lied(**changes: Any) -> dict[str, Any]:
    """A profile with some parts replaced, by dotted path written with two underscores."""
    document = copy.deepcopy(PUSHED)
    for path, value in changes.items():
        *parents, last = path.split("__")
        part = document
        for name in parents:
            part = part[name]
        part[last] = value
    return document


GPU = PUSHED["devices"][0]
FINDING = {"probe": "nvidia_gpu", "rung": "usable", "state": "no", "reason": "x: y", "source": "z", "elapsed_ms": 1.0}
HOSTILE: dict[str, tuple[str | bytes, int]] = {
    "nothing": (b"", 422),
    "no object": ("[]", 422),
    "a text": ('"local"', 422),
    "garbage": (b"\x00\xff\xfe", 400),
    "cut off": (json.dumps(PUSHED)[:-1], 422),
    "another schema": (json.dumps(lied(schema="steelyard/hardware-profile/2")), 422),
    "no schema": (json.dumps({"host": {"os": "linux"}}), 422),
    "an unknown field": (json.dumps({**PUSHED, "command": "rm"}), 422),
    "a key twice": (json.dumps(PUSHED)[:-1] + ', "label": "other"}', 422),
    "not a number": (json.dumps(PUSHED).replace('"usable_cores": 8.0', '"usable_cores": NaN'), 422),
    "infinite": (json.dumps(PUSHED).replace('"usable_cores": 8.0', '"usable_cores": 1e999'), 422),
    "too many digits": (json.dumps(PUSHED).replace('"usable_cores": 8.0', '"usable_cores": ' + "9" * 5000), 400),
    "deep": ("[" * 5_000 + "]" * 5_000, 400),
    "deep inside": (json.dumps(PUSHED)[:-1] + ', "label": ' + "[" * 200 + "]" * 200 + "}", 400),
    "too large": (json.dumps(lied(label="x" * 300))[:-1] + " " * profiles.MAX_DOCUMENT_BYTES + "}", 413),
    "a long text": (json.dumps(lied(label="x" * 301)), 422),
    "a text that steers terminals": (json.dumps(lied(label="a\x1b[2J")), 422),
    "half a character": (json.dumps(lied(label="\ud800")), 422),
    "too many devices": (json.dumps(lied(devices=[GPU] * 65)), 422),
    "many by count": (json.dumps(lied(devices=[{**GPU, "count": 64}, GPU])), 422),
    "too many findings": (json.dumps(lied(findings=[FINDING] * 513)), 422),
    "wrong types": (json.dumps(lied(devices="none", findings={}, cpu=[], host=7, memory=None)), 422),
    "true for a number": (json.dumps(lied(memory__total_bytes=True)), 422),
    "an origin of its own": (json.dumps(lied(origin="admin")), 422),
    "a ladder that contradicts itself": (json.dumps(lied(devices=[{**GPU, "driver": "no"}])), 422),
    "a device that its findings deny": (json.dumps(lied(findings=[FINDING])), 422),
    "counts that do not add up": (
        json.dumps(lied(counts=[{"kind": "tpu", "physical": 1, "visible": 2, "permitted": 1}])),
        422,
    ),
    "more free than there is": (json.dumps(lied(memory__available_bytes=2**40)), 422),
    "impossible memory": (json.dumps(lied(memory__total_bytes=2**59)), 422),
    "from the future": (json.dumps(lied(captured_at="2026-12-24T00:00:00Z")), 422),
    "a hash that is a name": (json.dumps(lied(host__host_hash="zweistein")), 422),
    "one device twice": (json.dumps(lied(devices=[{**GPU, "address": "0000:65:00.0"}] * 2)), 422),
}


def state(house: House, folder: Path) -> tuple[Any, ...]:
    """Every row count of the database, and the bytes of its files."""
    with house.database.reading() as session:
        names = [
            n for (n,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        ]
        counts = [session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar() for name in names]  # noqa: S608
    return counts, {
        path.name: path.read_bytes() for path in sorted(folder.glob("test.db*")) if path.suffix != ".db-shm"
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_profile_is_refused_without_a_trace(
    client: TestClient, house: House, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    body, status = HOSTILE[name]
    before = state(house, tmp_path)
    answer = post(client, body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass"))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 200_000
    assert state(house, tmp_path) == before
    assert client.get(URL).json()["items"] == []
    assert caplog.records == []


def test_the_battery_is_about_what_is_wrong_in_it(client: TestClient) -> None:
    assert post(client, json.dumps(PUSHED)).status_code == 201


def test_a_hostile_profile_inside_a_question_is_refused_too(client: TestClient, house: House, tmp_path: Path) -> None:
    before = state(house, tmp_path)
    lie = lied(captured_at="2026-12-24T00:00:00Z", memory__available_bytes=2**40, label=7)
    answer = client.post("/v1/recommendations", json={"answers": {}, "hardware": lie})
    assert answer.status_code == 422
    faults = [(fault["path"]) for fault in answer.json()["faults"]]
    assert faults == ["hardware.label", "hardware.captured_at", "hardware.memory.available_bytes"]
    assert state(house, tmp_path) == before


def test_just_small_enough_is_taken(client: TestClient) -> None:
    body = json.dumps(PUSHED)
    padded = body[:-1] + " " * (profiles.MAX_DOCUMENT_BYTES - len(body)) + "}"
    assert len(padded) == profiles.MAX_DOCUMENT_BYTES
    assert post(client, padded).status_code == 201
    assert post(client, padded + " ").status_code == 413


@pytest.mark.parametrize(
    ("claimed", "kept", "source"),
    [
        ("probe", "pushed", "your profile"),
        ("pushed", "pushed", "your profile"),
        ("hand", "hand", "your profile"),
        ("catalogue", "catalogue", "what if"),
    ],
)
def test_nothing_that_is_sent_is_this_server(client: TestClient, claimed: str, kept: str, source: str) -> None:
    name = post(client, json.dumps(lied(origin=claimed))).json()["id"]
    read = client.get(f"{URL}/{name}").json()
    assert (read["id"], read["source"], read["profile"]["origin"]) == (name, source, kept)
    for given in (name, lied(origin=claimed)):
        made = client.post("/v1/recommendations", json={"answers": {}, "hardware": given}).json()
        assert made["hardware"]["source"] == source
        assert client.post(f"/v1/recommendations/{made['id']}/replay").json()["same"] is True


def test_this_server_is_called_so_and_its_profile_comes_with_its_age(client: TestClient) -> None:
    answer = client.get(f"{URL}/local")
    assert answer.json() == {"id": "local", "source": "this server", "profile": probes.document(PROFILE)}
    assert answer.headers["age"] == "60"
    made = client.post("/v1/recommendations", json={"answers": {}, "hardware": "local"}).json()
    assert (made["hardware"]["source"], made["hardware"]["captured_at"]) == ("this server", PROFILE.captured_at)
    assert made["created_at"] == "2026-11-21T12:00:00+00:00"


def test_a_profile_kept_by_an_older_version_is_still_not_this_server(client: TestClient, house: House) -> None:
    from storage import hardware

    with house.database.writing() as session:
        hardware.store(session, "h-old", "old", json.dumps(PUSHED), house.now(), most=1)
    assert client.get(f"{URL}/h-old").json()["source"] == "your profile"
    made = client.post("/v1/recommendations", json={"answers": {}, "hardware": "h-old"}).json()
    assert made["hardware"]["source"] == "your profile"


def test_the_list_is_read_page_by_page_newest_first(client: TestClient) -> None:
    names = {post(client, json.dumps(lied(label=f"rig {n}"))).json()["id"] for n in range(5)}
    found, url = [], f"{URL}?limit=2"
    while url:
        page = client.get(url).json()
        assert len(page["items"]) <= 2
        found += page["items"]
        url = f"{URL}?limit=2&cursor={page['next']}" if page["next"] else ""
    assert {each["id"] for each in found} == names
    assert len(found) == 5
    assert {each["received_at"] for each in found} == {"2026-11-21T12:00:00+00:00"}
    held = client.get(URL)
    assert client.get(URL, headers={"If-None-Match": held.headers["etag"]}).status_code == 304
    post(client, json.dumps(lied(label="another")))
    assert client.get(URL, headers={"If-None-Match": held.headers["etag"]}).status_code == 200


def test_a_list_that_grows_and_shrinks_while_it_is_read_skips_and_repeats_nothing(house: House, tmp_path: Path) -> None:
    minute = iter(range(60))
    ticking = replace(house, now=lambda: house.now() + timedelta(minutes=next(minute)))
    client = TestClient(create_app(ticking, Settings(home=tmp_path)))
    names = [post(client, json.dumps(lied(label=f"rig {n}"))).json()["id"] for n in range(6)]
    first = client.get(f"{URL}?limit=2").json()
    post(client, json.dumps(lied(label="later")))
    assert client.delete(f"{URL}/{names[5]}").status_code == 204
    second = client.get(f"{URL}?limit=3&cursor={first['next']}").json()
    third = client.get(f"{URL}?limit=3&cursor={second['next']}").json()
    found = [each["id"] for page in (first, second, third) for each in page["items"]]
    assert found == names[::-1]
    assert third["next"] is None
    for place in (["x", "h"], ["2026-11-21T12:00:00", "h"], ["2026-11-21T12:00:00+00:00", "\x00"], [1, "h"], []):
        mark = json.loads(base64.urlsafe_b64decode(first["next"] + "==="))[-1]
        forged = base64.urlsafe_b64encode(json.dumps([*place, mark]).encode()).decode().rstrip("=")
        answer = client.get(f"{URL}?cursor={forged}")
        assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "cursor"), place


def test_a_removed_profile_is_gone_and_what_was_decided_about_it_stands(client: TestClient) -> None:
    name = post(client, json.dumps(PUSHED)).json()["id"]
    made = client.post("/v1/recommendations", json={"answers": {}, "hardware": name}).json()
    assert client.delete(f"{URL}/{name}").status_code == 204
    assert client.get(f"{URL}/{name}").status_code == 404
    assert client.get(f"/v1/recommendations/{made['id']}").json() == made
    assert client.post(f"/v1/recommendations/{made['id']}/replay").json()["same"] is True
    for gone in (name, "local", "h-%00", "../local"):
        answer = client.delete(f"{URL}/{gone}")
        assert answer.status_code in (404, 405), gone
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"{URL}/local").status_code == 200


def test_a_full_house_keeps_those_handed_in_last(house: House, tmp_path: Path) -> None:
    minute = iter(range(60))
    ticking = replace(house, now=lambda: house.now() + timedelta(minutes=next(minute)), max_profiles=3)
    client = TestClient(create_app(ticking, Settings(home=tmp_path)))

    def push(rig: int) -> str:
        return str(post(client, json.dumps(lied(label=f"rig {rig}"))).json()["id"])

    a, b, c = push(1), push(2), push(3)
    assert push(1) == a
    d = push(4)
    assert [each["id"] for each in client.get(URL).json()["items"]] == [d, a, c]
    assert client.get(f"{URL}/{b}").status_code == 404


def test_what_changed_between_two(client: TestClient) -> None:
    broken = lied(devices=[{**GPU, "usable": "no", "driver_version": "550.54.14"}], memory__limit_bytes=2**32)
    before = post(client, json.dumps(PUSHED)).json()["id"]
    after = post(client, json.dumps(broken)).json()["id"]
    found = client.get(f"{URL}/{before}/diff/{after}").json()
    assert found["same_machine"] is True
    assert [each["text"] for each in found["changes"]] == [
        "usable of Test GPU (nvidia_gpu) fell from yes to no",
        "driver of nvidia_gpu: 580.95.05 -> 550.54.14",
        "memory limit: none -> 4 GiB",
    ]
    assert client.get(f"{URL}/{before}/diff/{before}").json()["changes"] == []
    assert client.get(f"{URL}/{before}/diff/local").json()["changes"] == []


def test_what_changed_up_to_a_known_machine(client: TestClient) -> None:
    name = post(client, json.dumps(PUSHED)).json()["id"]
    found = client.get(f"{URL}/{name}/diff/catalogue:g5.xlarge").json()
    assert found["after"]["id"] == "catalogue:g5.xlarge"
    assert found["before"]["label"] != found["after"]["label"]
    assert found["changes"]
    answer = client.get(f"{URL}/catalogue:g5.xlagre/diff/{name}")
    (fault,) = answer.json()["faults"]
    assert (answer.status_code, fault["path"], fault["nearest"]) == (404, "before", "catalogue:aws-g5-xlarge")


@pytest.mark.parametrize("path", ["h-nope", "h-%00", "x" * 300, "..%2F..%2Fetc%2Fpasswd", "%F0%9F%92%A9", "LOCAL"])
def test_an_unknown_profile_is_not_found(client: TestClient, path: str) -> None:
    for url in (f"{URL}/{path}", f"{URL}/{path}/diff/local", f"{URL}/local/diff/{path}"):
        answer = client.get(url)
        assert answer.status_code == 404, url
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_misspelt_id_is_answered_with_the_nearest(client: TestClient) -> None:
    (fault,) = client.get(f"{URL}/locl").json()["faults"]
    assert (fault["path"], fault["nearest"]) == ("profile", "local")


def test_the_probe_is_served_as_one_file(client: TestClient) -> None:
    answer = client.get(f"{URL}/probe.py")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/x-python")
    assert answer.text == travelling.source()
    again = client.get(f"{URL}/probe.py", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


# --- Never a look inside a request -----------------------------------------------------------------------------------


@pytest.fixture
def at_start(house: House, tmp_path: Path) -> TestClient:
    """A service that has not looked at its machine yet."""

    def not_yet() -> Any:
        raise NotReady

    return TestClient(create_app(replace(house, probe=not_yet), Settings(home=tmp_path)), raise_server_exceptions=False)


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.post("/v1/recommendations", json={"answers": {}, "hardware": "local"}),
        lambda c: c.get(f"{URL}/local"),
        lambda c: c.get(f"{URL}/local/diff/local"),
    ],
)
def test_before_the_first_look_a_request_is_told_when_to_come_back(
    at_start: TestClient, ask: Callable[[TestClient], Any]
) -> None:
    answer = ask(at_start)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "try again" in answer.json()["detail"]


def test_nothing_else_waits_for_the_first_look(at_start: TestClient) -> None:
    assert at_start.post("/v1/recommendations", json={"answers": {}}).status_code == 201
    assert post(at_start, json.dumps(PUSHED)).status_code == 201
    assert at_start.get("/readyz").status_code == 200
