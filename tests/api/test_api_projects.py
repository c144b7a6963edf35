"""`/v1/projects`: stored under a link, changed by one of two at a time, listed whole, recommended for."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor import projects
from advisor.house import House
from advisor.settings import Settings
from api.app import create_app
from api.problems import Problem
from api.schemas.decision import Decision
from api.schemas.projects import Project, Projects, Revisions
from tests.conftest import NOW
from tests.threads import at_once

URL = "/v1/projects"
NOWHERE = "p-" + "0" * 32
ANSWERS: dict[str, Any] = {"stage": "production", "need": ["train"], "team_size": None}
BODY: dict[str, Any] = {"name": "Photo search", "answers": ANSWERS, "asked": ["need", "stage", "team_size"]}


@pytest.fixture
def house(house: House) -> House:
    """A house whose clock goes on by a second whenever it is read."""
    seconds = count()
    return replace(house, now=lambda: NOW + timedelta(seconds=next(seconds)))


@pytest.fixture
def link(client: TestClient) -> str:
    """The address of a stored project."""
    return str(client.post(URL, json=BODY).headers["location"])


def refused(answer: Any, status: int) -> list[tuple[str, str | None]]:
    """(path, nearest) of every fault of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(answer.content, strict=True)
    return [(fault.path, fault.nearest) for fault in problem.faults]


def test_a_project_is_stored_under_a_link_and_read_again(client: TestClient) -> None:
    made = client.post(URL, json=BODY)
    assert made.status_code == 201
    project = Project.model_validate_json(made.content, strict=True)
    assert made.headers["location"] == f"{URL}/{project.id}"
    assert (project.name, project.answers, project.asked) == ("Photo search", ANSWERS, BODY["asked"])
    read = client.get(made.headers["location"])
    assert (read.status_code, read.content, read.headers["etag"]) == (200, made.content, made.headers["etag"])
    assert read.headers["cache-control"] == "private, no-cache"
    held = client.get(made.headers["location"], headers={"If-None-Match": read.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")
    again = client.post(URL, json=BODY)
    assert again.json()["id"] != project.id


def test_a_full_house_refuses_another_project(house: House, tmp_path: Path) -> None:
    client = TestClient(create_app(replace(house, max_projects=1), Settings(home=tmp_path)))
    link = client.post(URL, json=BODY).headers["location"]
    full = client.post(URL, json=BODY)
    assert refused(full, 409) == []
    assert "take one away" in full.json()["detail"]
    page = client.post("/projects", data={"name": "another"}, headers={"accept": "text/html"})
    assert page.status_code == 409
    assert "take one away" in page.text
    assert client.delete(link).status_code == 204
    assert client.post(URL, json=BODY).status_code == 201


def test_the_least_that_a_project_says(client: TestClient) -> None:
    made = client.post(URL, json={"name": "one", "answers": {}}).json()
    assert (made["answers"], made["hardware"], made["asked"]) == ({}, None, [])


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("name", None), ("answers", None)]),
        ({"name": "one"}, [("answers", None)]),
        ({"name": "a\u0000b", "answers": None}, [("name", None), ("answers", None)]),
        (
            {**BODY, "name": 7, "hardwre": None, "answers": {"stage": "prodution"}, "asked": ["neeed"]},
            [("hardwre", "hardware"), ("name", None), ("answers.stage", "production"), ("asked[0]", "need")],
        ),
        ({**BODY, "revision": 1}, [("revision", None)]),
        ({**BODY, "hardware": {"schema": "x"}, "asked": None}, [("hardware", None), ("asked", None)]),
        (
            {**BODY, "answers": {"need": ["train"] * 65, "x" * 5000: "\ud800"}},
            [("answers", None), ("answers.need", None)],
        ),
        ([], [("body", None)]),
    ],
)
def test_faults_are_listed_and_nothing_is_stored(
    client: TestClient, house: House, body: Any, faults: list[tuple[str, str | None]]
) -> None:
    answer = client.post(URL, content=json.dumps(body), headers={"content-type": "application/json"})
    assert refused(answer, 422) == faults
    assert projects.listing(house) == []


def test_a_body_of_another_type_encoding_or_depth(client: TestClient, link: str) -> None:
    for method, url in (("POST", URL), ("PATCH", link), ("POST", f"{link}/recommendations")):
        assert refused(client.request(method, url, content=b"{}"), 415) == []
        kind = {"content-type": "application/json"}
        assert refused(client.request(method, url, content=b"\xff", headers=kind), 400) == []
        assert refused(client.request(method, url, content=b'{"a":' * 99, headers=kind), 422) == [("body", None)]
        deep = b'{"answers":' + b"[" * 40 + b"]" * 40 + b"}"
        assert refused(client.request(method, url, content=deep, headers=kind), 400) == []
        assert refused(client.request(method, f"{url}?page=1", json={}), 422) == [("query", None)]


@pytest.mark.parametrize("name", [NOWHERE, "nothing", "%00", "x" * 300, "p-" + "A" * 32])
def test_a_link_that_leads_nowhere_is_not_found_and_names_no_other(client: TestClient, link: str, name: str) -> None:
    near = link.removeprefix(f"{URL}/")[:-1]
    for each in (name, near):
        url = f"{URL}/{each}"
        for answer in (
            client.get(url),
            client.get(f"{url}/revisions"),
            client.patch(url, json={"revision": 1}),
            client.delete(url),
            client.post(f"{url}/recommendations", json={}),
        ):
            assert refused(answer, 404) == []
            assert link.removeprefix(f"{URL}/") not in answer.text


# --- Revisions -------------------------------------------------------------------------------------------------------


def test_a_change_is_the_next_revision(client: TestClient, link: str) -> None:
    before = client.get(link)
    answer = client.patch(link, json={"revision": 1, "answers": {**ANSWERS, "team_size": 3, "novelty": None}})
    assert answer.status_code == 200
    changed = Project.model_validate_json(answer.content, strict=True)
    assert (changed.revision, changed.newest, changed.name) == (2, 2, "Photo search")
    assert changed.answers == {**ANSWERS, "team_size": 3, "novelty": None}
    now = client.get(link)
    assert (now.content, now.headers["etag"]) == (answer.content, answer.headers["etag"])
    assert now.headers["etag"] != before.headers["etag"]
    assert client.get(f"{link}?revision=1").json() == {**before.json(), "newest": 2}
    assert client.patch(link, json={"revision": 2, "hardware": "local"}).json()["hardware"] == "local"
    assert client.patch(link, json={"revision": 3, "hardware": None, "name": "P"}).json()["hardware"] is None


def test_a_change_for_another_revision_is_a_conflict_that_says_which_is_newest(client: TestClient, link: str) -> None:
    client.patch(link, json={"revision": 1, "name": "by Ann"})
    answer = client.patch(link, json={"revision": 1, "name": "by Bob"})
    assert refused(answer, 409) == [("revision", "2")]
    assert answer.json()["detail"] == "Revision 2 is the newest, and the change was written for revision 1."
    assert answer.json()["faults"][0]["value"] == "1"
    assert client.get(link).json()["name"] == "by Ann"
    assert client.patch(link, json={"revision": 2, "name": "by Bob"}).status_code == 200


def test_what_was_saved_already_can_be_sent_again(client: TestClient, link: str) -> None:
    first, second = (client.patch(link, json={"revision": 1, "name": "by Ann"}) for _ in range(2))
    assert (second.status_code, second.content) == (200, first.content)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("revision", None)]),
        ({"revision": 0}, [("revision", None)]),
        ({"revision": True}, [("revision", None)]),
        ({"revision": "1", "name": "", "nmae": ""}, [("revision", None), ("nmae", "name"), ("name", None)]),
        ({"revision": 2**31}, [("revision", None)]),
        ({"revision": 1, "answers": None}, [("answers", None)]),
        ({"revision": 9, "answers": {"stage": "prodution"}}, [("answers.stage", "production")]),
        ({"revision": 9, "asked": [[], "stage"]}, [("asked[0]", None)]),
        ({"revision": 1, "id": "p-1", "decision": None}, [("id", None), ("decision", "revision")]),
    ],
)
def test_faults_of_a_change_are_listed_and_nothing_is_saved(
    client: TestClient, link: str, body: Any, faults: list[tuple[str, str | None]]
) -> None:
    assert refused(client.patch(link, json=body), 422) == faults
    assert client.get(link).json()["newest"] == 1


@pytest.mark.parametrize("revision", ["0", "-1", "2147483648", "9" * 30, "one", "", "1&revision=1"])
def test_a_revision_that_cannot_be(client: TestClient, link: str, revision: str) -> None:
    assert [path for path, _ in refused(client.get(f"{link}?revision={revision}"), 422)] == ["revision"]


def test_a_revision_that_is_not_kept(client: TestClient, link: str) -> None:
    assert refused(client.get(f"{link}?revision=2147483647"), 404) == []


def test_of_changes_at_once_one_is_saved_and_the_others_are_told(client: TestClient, link: str) -> None:
    def change(writer: int) -> int:
        answer = client.patch(link, json={"revision": 1, "name": f"by {writer}"})
        assert answer.status_code == 200 or refused(answer, 409) == [("revision", "2")]
        return answer.status_code

    assert sorted(at_once(*(partial(change, writer) for writer in range(5)))) == [200, 409, 409, 409, 409]
    assert client.get(link).json()["newest"] == 2


def test_only_the_version_that_was_read_is_changed_or_taken_away_where_that_is_asked(
    client: TestClient, link: str
) -> None:
    read = client.get(link).headers["etag"]
    client.post(f"{link}/recommendations", json={})
    now = client.get(link).headers["etag"]
    for held in (read, f"W/{now}", '"x", "y"', ""):
        for answer in (
            client.patch(link, json={"revision": 1, "name": "one"}, headers={"If-Match": held}),
            client.delete(link, headers={"If-Match": held}),
        ):
            assert refused(answer, 412) == []
    done = client.patch(link, json={"revision": 1, "name": "one"}, headers={"If-Match": f'"x", {now}'})
    assert done.status_code == 200
    assert client.patch(link, json={"revision": 2, "name": "two"}, headers={"If-Match": "*"}).status_code == 200
    assert client.delete(link, headers={"If-Match": client.get(link).headers["etag"]}).status_code == 204


def test_a_project_that_is_taken_away_is_gone(client: TestClient, link: str) -> None:
    answer = client.delete(link)
    assert (answer.status_code, answer.content) == (204, b"")
    assert refused(client.get(link), 404) == []
    assert refused(client.delete(link), 404) == []
    assert client.get(URL).json() == {"items": [], "next": None}


def test_revisions_are_listed_page_by_page_while_they_come(client: TestClient, link: str) -> None:
    for seen in range(1, 6):
        client.patch(link, json={"revision": seen, "name": f"r{seen + 1}"})
    whole = client.get(f"{link}/revisions")
    listed = Revisions.model_validate_json(whole.content, strict=True)
    assert [(each.revision, each.name) for each in listed.items][:5] == [(n, f"r{n}") for n in (6, 5, 4, 3, 2)]
    assert (listed.items[5].answered, listed.items[5].dont_know) == (2, 1)
    newest = count(6)

    def grow() -> None:
        client.patch(link, json={"revision": (seen := next(newest)), "name": f"r{seen + 1}"})

    assert [item for page in pages(client, f"{link}/revisions", 2, grow) for item in page] == whole.json()["items"]
    held = client.get(f"{link}/revisions", headers={"If-None-Match": whole.headers["etag"]})
    assert held.status_code == 200, "there are more by now"


# --- Lists -----------------------------------------------------------------------------------------------------------


def pages(client: TestClient, url: str, limit: int, meanwhile: Any) -> Iterator[list[Any]]:
    cursor = None
    while True:
        asked = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = client.get(url, params=asked)
        assert answer.status_code == 200, answer.text
        yield answer.json()["items"]
        cursor = answer.json()["next"]
        if cursor is None:
            return
        meanwhile()


def test_projects_are_listed_page_by_page_while_they_come(client: TestClient) -> None:
    for number in range(7):
        client.post(URL, json={"name": f"project {number}", "answers": {}})
    whole = client.get(URL)
    assert [each.name for each in Projects.model_validate_json(whole.content, strict=True).items] == [
        f"project {number}" for number in reversed(range(7))
    ]
    grown = partial(client.post, URL, json={"name": "newer", "answers": {}})
    assert [item for page in pages(client, URL, 3, grown) for item in page] == whole.json()["items"]
    tag = client.get(URL).headers["etag"]
    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 304
    grown()
    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 200


def test_a_cursor_serves_its_own_list_only(client: TestClient, link: str) -> None:
    client.post(URL, json=BODY)
    client.patch(link, json={"revision": 1, "name": "one"})
    other = f"{client.post(URL, json=BODY).headers['location']}/revisions"
    of_projects = client.get(f"{URL}?limit=1").json()["next"]
    of_revisions = client.get(f"{link}/revisions?limit=1").json()["next"]
    of_rules = client.get("/v1/rules?limit=1").json()["next"]
    for url, cursor in (
        (URL, of_revisions),
        (URL, of_rules),
        (f"{link}/revisions", of_projects),
        (f"{link}/revisions", of_rules),
        (other, of_revisions),
        ("/v1/rules", of_projects),
        (URL, "x"),
        (URL, ""),
        (URL, of_projects[:-1]),
        (URL, "é"),
    ):
        assert refused(client.get(url, params={"cursor": cursor}), 422) == [("cursor", None)], (url, cursor)


def opened(cursor: str) -> list[Any]:
    found: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found


@pytest.mark.parametrize("place", [[], [2], ["2"], ["yesterday", "2"], [str(NOW), "p-\x00"], [str(NOW), 2], [1, 2]])
@pytest.mark.parametrize("part", ["", "/revisions"])
def test_a_cursor_that_somebody_made_up(client: TestClient, link: str, place: list[Any], part: str) -> None:
    client.post(URL, json=BODY)
    client.patch(link, json={"revision": 1, "name": "one"})
    url = f"{link}{part}" if part else URL
    mark = opened(client.get(f"{url}?limit=1").json()["next"])[-1]
    cursor = base64.urlsafe_b64encode(json.dumps([*place, mark]).encode()).decode().rstrip("=")
    assert refused(client.get(url, params={"cursor": cursor}), 422) == [("cursor", None)]


@pytest.mark.parametrize("number", ["0", "-3", str(2**31), str(2**70), "two", "2.0", "\u0662", ""])
def test_a_cursor_that_names_no_revision(client: TestClient, link: str, number: str) -> None:
    client.patch(link, json={"revision": 1, "name": "one"})
    mark = opened(client.get(f"{link}/revisions?limit=1").json()["next"])[-1]
    cursor = base64.urlsafe_b64encode(json.dumps([str(NOW), number, mark]).encode()).decode().rstrip("=")
    assert refused(client.get(f"{link}/revisions", params={"cursor": cursor}), 422) == [("cursor", None)]


def test_a_list_that_the_operator_switched_off(house: House, tmp_path: Path) -> None:
    client = TestClient(create_app(replace(house, list_projects=False), Settings(home=tmp_path)))
    link = client.post(URL, json=BODY).headers["location"]
    answer = client.get(URL)
    assert refused(answer, 403) == []
    assert link.removeprefix(f"{URL}/") not in answer.text
    assert client.get(link).status_code == 200
    assert client.get(f"{link}/revisions").status_code == 200


# --- Recommendations -------------------------------------------------------------------------------------------------


def test_a_recommendation_is_that_of_the_answers_and_the_project_names_it(client: TestClient, link: str) -> None:
    made = client.post(f"{link}/recommendations", json={})
    assert made.status_code == 201
    Decision.model_validate_json(made.content, strict=True)
    assert client.post("/v1/recommendations", json={"answers": ANSWERS, "name": BODY["name"]}).content == made.content
    assert client.get(made.headers["location"]).content == made.content
    found = client.get(link).json()
    assert (found["decision"], found["decided_revision"], found["newest"]) == (made.json()["id"], 1, 1)
    assert client.get(URL).json()["items"][0]["decision"] == made.json()["id"]


def test_the_body_says_how_to_answer(client: TestClient, link: str) -> None:
    client.patch(link, json={"revision": 1, "hardware": "catalogue:raspberry-pi-5-8gb"})
    url = f"{link}/recommendations"
    assert client.post(url, json={"store": False}).json()["hardware"]["basis"] == "profile"
    assert client.post(url, json={"store": False, "hardware": None}).json()["hardware"]["basis"] == "answers"
    told = client.post(url, json={"store": False, "hardware": "local", "roles": ["training"], "draws": 10})
    assert told.status_code == 200
    assert "location" not in told.headers
    assert told.json()["hardware"]["label"] == "test machine"
    assert (told.json()["asked_roles"], told.json()["draws"]["count"]) == (["training"], 10)
    assert client.get(link).json()["decision"] is None


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"answers": {}}, [("answers", None)]),
        ({"roles": ["trainng"], "hardware": "locl"}, [("roles", "training"), ("hardware", "local")]),
        ({"stor": False, "roles": 7, "draws": -1}, [("roles", None), ("stor", "store"), ("draws", None)]),
    ],
)
def test_faults_of_what_is_asked_are_listed(
    client: TestClient, link: str, body: Any, faults: list[tuple[str, str | None]]
) -> None:
    assert refused(client.post(f"{link}/recommendations", json=body), 422) == faults
    assert client.get(link).json()["decision"] is None


# --- Whatever is sent ------------------------------------------------------------------------------------------------

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=9), part, max_size=3),
    max_leaves=6,
)
SOUND = {"name": st.just("one"), "answers": st.just(ANSWERS), "hardware": st.none(), "asked": st.just(["need"])}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_sent_is_saved_as_it_reads_or_refused_with_its_faults(
    client: TestClient, link: str, data: st.DataObject
) -> None:
    body = {part: data.draw(sound | ANY, label=part) for part, sound in SOUND.items() if data.draw(st.booleans())}
    before = client.get(link)
    answer = client.patch(link, json={"revision": before.json()["newest"], **body})
    if answer.status_code == 200:
        Project.model_validate_json(answer.content, strict=True)
        assert client.get(link).content == answer.content
    else:
        assert {path.partition(".")[0].partition("[")[0] for path, _ in refused(answer, 422)} <= set(body)
        assert client.get(link).content == before.content
