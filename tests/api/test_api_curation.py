"""`/v1/proposals`, `/v1/releases` and `/v1/health`: proposed, weighed, taken up, compared; refused with every fault."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from advisor import curation
from advisor.errors import Conflict
from advisor.house import House
from api.problems import Problem
from api.schemas import curation as out
from api.schemas.operations import Releases
from tests.conftest import NOW
from tests.curating import NO_WINDOWS, VERSION, change, observed, write_cases
from tests.curating import proposal as written

URL = "/v1/proposals"


@pytest.fixture
def house(house: House, tmp_path: Path) -> House:
    """A house with three cases, which may turn none of them round."""
    return replace(house, cases=write_cases(tmp_path / "cases"), flip_limit=0.0)


def refused(answer: Any, status: int) -> list[tuple[str, str | None]]:
    """(path, nearest) of every fault of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(answer.content, strict=True)
    return [(fault.path, fault.nearest) for fault in problem.faults]


def proposed(client: TestClient, document: dict[str, Any]) -> str:
    answer = client.post(URL, json=document)
    assert answer.status_code == 201, answer.text
    return out.Proposed.model_validate_json(answer.content, strict=True).id


def take_up(client: TestClient, *names: str, **more: Any) -> Any:
    return client.post("/v1/releases", json={"proposals": list(names), **more})


# --- Proposing -------------------------------------------------------------------------------------------------------


def test_a_proposal_is_stored_once_and_read_as_it_was_written(client: TestClient) -> None:
    first, second = (client.post(URL, json=VERSION) for _ in range(2))
    assert (first.status_code, first.content) == (201, second.content)
    found = out.Proposed.model_validate_json(first.content, strict=True)
    assert [d.text for d in found.review.differences] == ["PyTorch: version is 2.0, was 1.0"]
    assert first.headers["location"] == f"{URL}/{found.id}"
    answer = client.get(first.headers["location"])
    assert out.ProposalOut.model_validate_json(answer.content, strict=True).proposal == VERSION
    again = client.get(first.headers["location"], headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_fault_is_told_by_its_path_and_nothing_is_stored(client: TestClient) -> None:
    bad = {
        "proposal": {**VERSION["proposal"], "created": "yesterday", "autor": "Ann"},
        "set": [{"kind": "alternative", "id": "x", "path": "version", "from": 1, "to": 2}],
        "more": 1,
    }
    assert refused(client.post(URL, json=bad), 422) == [
        ("proposal.created", None),
        ("proposal.autor", "author"),
        ("set[0].kind", None),
        ("more", None),
    ]
    wrong = written(
        change("alternatives", "pytorhc", "version", "1.0", "2.0"),
        change("alternatives", "jax", "version", "0.9", "2.0"),
        add=observed("facts", 3),
    )
    assert refused(client.post(URL, json=wrong), 422) == [
        ("set[0].id", "pytorch"),
        ("set[1].from", None),
        ("add.evidence[0].id", None),
    ]
    assert refused(client.post(URL, json=written(add=observed("new", 3, of="jaxx"))), 422)
    future = {**VERSION, "proposal": {**VERSION["proposal"], "created": "2026-11-22"}}
    assert refused(client.post(URL, json=future), 422) == [("proposal.created", None)]
    assert refused(client.post(URL, json={}), 422) == [("proposal", None)]
    assert client.get(URL).json() == {"items": [], "next": None}


@pytest.mark.parametrize("url", [URL, "/v1/releases"])
def test_a_body_of_another_type_encoding_or_shape(client: TestClient, url: str) -> None:
    def send(content: bytes, kind: str = "application/json") -> Any:
        return client.post(url, content=content, headers={"content-type": kind})

    assert refused(send(b"{}", "application/yaml"), 415) == []
    assert refused(send(b"\xff"), 400) == []
    assert refused(send(b"[]"), 422) == [("body", None)]
    assert refused(send(b'{"a": 1, "a": 2}'), 422) == [("a", None)]
    assert refused(client.put(url, json={}), 405) == []
    assert refused(client.post(f"{url}?page=1", json={}), 422)[0] == ("query", None)
    assert refused(send(b'"' + b"x" * 2_000_000 + b'"'), 413) == []


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "line\nline"])
def test_a_title_is_one_line_that_can_be_kept(client: TestClient, text: str) -> None:
    bad = {**VERSION, "proposal": {**VERSION["proposal"], "title": text}}
    answer = client.post(URL, content=json.dumps(bad), headers={"content-type": "application/json"})
    assert refused(answer, 422) == [("proposal.title", None)]


def test_proposals_are_listed_page_by_page_and_say_what_is_released(client: TestClient) -> None:
    names = [proposed(client, {**VERSION, "notes": [f"Note {n}."]}) for n in range(3)]
    whole = client.get(URL)
    listed = out.ProposalsOut.model_validate_json(whole.content, strict=True)
    assert {p.id for p in listed.items} == set(names)
    assert {(p.title, p.author, p.received_at, p.released) for p in listed.items} == {
        ("PyTorch 2.0", "Ann", NOW, False)
    }
    first = client.get(URL, params={"limit": 2}).json()
    rest = client.get(URL, params={"limit": 2, "cursor": first["next"]}).json()
    assert first["items"] + rest["items"] == whole.json()["items"]
    tag = {"If-None-Match": whole.headers["etag"]}
    assert client.get(URL, headers=tag).status_code == 304
    assert take_up(client, names[0]).status_code == 201
    answer = client.get(URL, headers=tag)
    assert {p["id"] for p in answer.json()["items"] if p["released"]} == {names[0]}


def test_what_is_released_is_told_anew_where_files_come_to_say_the_same(
    client: TestClient, house: House, small_pack_folder: Path, tmp_path: Path
) -> None:
    take_up(client, proposed(client, VERSION))
    held, release = client.get(URL), client.get("/readyz").json()["release"]
    assert [p["released"] for p in held.json()["items"]] == [True]
    folder = tmp_path / "edited"
    shutil.copytree(small_pack_folder, folder)
    entry = folder / "frameworks" / "pytorch.yaml"
    entry.write_text(entry.read_text().replace('version: "1.0"', 'version: "2.0"'))
    curation.publish(house, folder)
    assert client.get("/readyz").json()["release"] == release
    again = client.get(URL, headers={"If-None-Match": held.headers["etag"]})
    assert [p["released"] for p in again.json()["items"]] == [False]


@pytest.mark.parametrize("url", [f"{URL}/{{}}", f"{URL}/{{}}/impact"])
def test_one_that_was_never_stored_is_not_found(client: TestClient, url: str) -> None:
    name = proposed(client, VERSION)
    assert refused(client.get(url.format(name[:-1])), 404) == [("proposal", name)]
    assert refused(client.get(url.format("%00")), 404) == [("proposal", None)]
    assert refused(client.get(url.format(name) + "?page=1"), 422) == [("query", None)]


# --- Publishing ------------------------------------------------------------------------------------------------------


def test_a_proposal_is_weighed_and_then_taken_up(client: TestClient) -> None:
    name = proposed(client, VERSION)
    before = client.get("/readyz").json()["release"]
    weighed = out.ReviewOut.model_validate_json(client.get(f"{URL}/{name}/impact").content, strict=True)
    answer = take_up(client, name)
    found = out.PublishedOut.model_validate_json(answer.content, strict=True)
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/releases")
    assert found.review == weighed
    assert (found.new, found.release.id, found.release.active) == (True, weighed.release, True)
    assert (found.release.proposals, found.release.waiver) == ([name], None)
    assert client.get("/readyz").json()["release"] == weighed.release != before
    assert client.get("/v1/frameworks/pytorch").json()["version"] == "2.0"
    assert refused(take_up(client, name), 422)[0][0].startswith(f"{name}:")


def test_what_turns_too_much_round_needs_a_reason(client: TestClient) -> None:
    name = proposed(client, NO_WINDOWS)
    answer = take_up(client, name)
    assert refused(answer, 409) == []
    assert "`waive` must say why" in answer.json()["detail"]
    assert "100.0%" in answer.json()["detail"]
    before = client.get("/v1/releases")
    assert len(before.json()["items"]) == 1
    done = take_up(client, name, waive="The build is gone.")
    found = out.PublishedOut.model_validate_json(done.content, strict=True)
    assert found.release.waiver == "The build is gone."
    assert found.review.blocked
    assert {flip.excluded for flip in found.review.impact.flips} == {"PyTorch has no NVIDIA build for windows"}
    listed = Releases.model_validate_json(client.get("/v1/releases").content, strict=True)
    assert [r.waiver for r in listed.items if r.active] == ["The build is gone."]


def test_of_two_curators_the_second_is_told(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    name = proposed(client, VERSION)

    def beaten(*_: Any) -> None:
        raise Conflict("another release was published meanwhile; look at the change against that one")

    monkeypatch.setattr("storage.releases.require_active", beaten)
    answer = take_up(client, name)
    assert refused(answer, 409) == []
    assert answer.json()["detail"].startswith("Another release was published meanwhile")


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("proposals", None)]),
        ({"proposals": []}, [("proposals", None)]),
        ({"proposals": "k-1"}, [("proposals", None)]),
        ({"proposals": ["k-1", 2]}, [("proposals[1]", None)]),
        ({"proposals": ["k-1"] * 101}, [("proposals", None)]),
        ({"proposals": ["k-1", "k-2"]}, [("proposal", None), ("proposal", None)]),
        ({"proposals": ["k-1"], "waive": ""}, [("waive", None)]),
        ({"proposals": ["k-1"], "waiver": "x"}, [("waiver", "waive")]),
    ],
)
def test_what_is_no_release_is_refused(client: TestClient, body: Any, faults: list[tuple[str, str | None]]) -> None:
    assert refused(client.post("/v1/releases", json=body), 422) == faults
    assert len(client.get("/v1/releases").json()["items"]) == 1


def test_a_list_of_releases_changes_with_what_is_said_of_them(
    client: TestClient, house: House, small_pack_folder: Path
) -> None:
    name = proposed(client, VERSION)
    take_up(client, name)
    tag = {"If-None-Match": client.get("/v1/releases").headers["etag"]}
    assert client.get("/v1/releases", headers=tag).status_code == 304
    curation.publish(house, small_pack_folder)
    assert client.get("/v1/releases", headers=tag).status_code == 200


def test_a_look_back_is_listed_as_one(client: TestClient) -> None:
    answer = client.post("/v1/recommendations", json={"answers": {"need": "train"}, "as_of": "2026-02-01"})
    back = answer.json()["release"]["id"]
    rows = {r["id"]: r for r in client.get("/v1/releases").json()["items"]}
    assert rows[back]["hindsight_of"] == client.get("/readyz").json()["release"]
    assert (rows[back]["active"], rows[back]["as_of"]) == (False, "2026-02-01")


# --- Comparing -------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(client: TestClient) -> tuple[str, str]:
    """The ids of a release and of one that followed it."""
    before = client.get("/readyz").json()["release"]
    take_up(client, proposed(client, VERSION))
    return before, client.get("/readyz").json()["release"]


def test_two_releases_differ_in_words(client: TestClient, two: tuple[str, str]) -> None:
    url = "/v1/releases/{}/diff/{}"
    answer = client.get(url.format(*two))
    found = out.Differences.model_validate_json(answer.content, strict=True)
    assert (found.before, found.after) == two
    assert [d.text for d in found.differences] == ["PyTorch: version is 2.0, was 1.0"]
    back = client.get(url.format(*reversed(two))).json()["differences"]
    assert [d["text"] for d in back] == ["PyTorch: version is 1.0, was 2.0"]
    assert client.get(url.format(two[0], two[0])).json()["differences"] == []
    again = client.get(url.format(*two), headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_changed_since_a_release(client: TestClient, two: tuple[str, str]) -> None:
    found = out.ReviewOut.model_validate_json(client.get(f"/v1/releases/{two[0]}/impact").content, strict=True)
    assert (found.active, found.release) == two
    assert (found.impact.projects, found.impact.share, found.blocked) == (3, 0.0, False)


def test_unknown_releases_are_all_told_with_the_nearest(client: TestClient, two: tuple[str, str]) -> None:
    cut = two[0][:-1]
    assert refused(client.get(f"/v1/releases/{cut}/impact"), 404) == [("release", two[0])]
    assert refused(client.get(f"/v1/releases/nothing/diff/{cut}"), 404) == [("release", None), ("release", two[0])]
    assert refused(client.get(f"/v1/releases/{two[0]}/diff/%00"), 404) == [("release", None)]
    assert refused(client.get(f"/v1/releases/{two[0]}/impact?page=1"), 422) == [("query", None)]


def test_health_is_what_the_use_case_says(client: TestClient, house: House) -> None:
    client.post("/v1/recommendations", json={"answers": {"need": "train"}})
    answer = client.get("/v1/health")
    found = out.HealthOut.model_validate_json(answer.content, strict=True)
    expected = curation.health(house)
    assert found.projects == expected.projects == 4
    assert found.queue
    assert [(w.alternative, w.about, w.worth) for w in found.queue] == [
        (w.alternative, w.about, w.worth) for w in expected.queue
    ]
    assert refused(client.get("/v1/health?page=1"), 422) == [("query", None)]


def counted(whole: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def called(*given: Any) -> Any:
        calls.append("")
        return whole(*given)

    return called


@pytest.mark.parametrize("url", ["/v1/health", "/v1/releases/{}/impact"])
def test_what_is_the_same_is_not_computed_again(
    client: TestClient, house: House, two: tuple[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = url.format(two[0])
    computed: list[str] = []
    for name in ("health", "review_release"):
        monkeypatch.setattr(curation, name, counted(getattr(curation, name), computed))
    first = client.get(address)
    assert first.headers["steelyard-release"] == house.knowledge().release.id
    held = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")
    assert client.get(address).content == first.content
    assert len(computed) == 1
    client.post("/v1/recommendations", json={"answers": {"need": "train", "stage": "research"}})
    then = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (then.status_code, len(computed)) == (200, 2)
    assert then.headers["etag"] != first.headers["etag"]


def test_what_is_known_is_looked_at_anew_every_day(client: TestClient, house: House) -> None:
    first = client.get("/v1/health")
    later = replace(house, now=lambda: NOW + timedelta(days=1))
    client.app.state.house = later  # type: ignore[attr-defined]
    assert client.get("/v1/health").headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get("/v1/health"),
        lambda client: client.post(URL, json=VERSION),
        lambda client: client.get("/v1/claims"),
    ],
)
def test_without_a_release_there_is_an_answer_that_says_so(
    client: TestClient, house: House, call: Callable[[TestClient], Any]
) -> None:
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM active_release")
    answer = call(client)
    assert refused(answer, answer.status_code) == []
    assert answer.status_code in (404, 503)
