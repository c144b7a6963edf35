"""What a recorded recommendation is asked: explanation, one against another, why not, what if, difference."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter
from sqlalchemy import text
from starlette.requests import Request

from advisor import recommend
from advisor.errors import Missing
from advisor.house import House
from api.problems import Problem
from api.routes import questioning as routes
from api.schemas.base import Out
from api.schemas.questioning import Against, Difference, Explanation, InRanking, WhatCould, WhatIf, WhyNot
from rules.decision import ENGINE
from tests.house_rules import NOTHING_ALIVE, POLICY, PREFERENCES

URL = "/v1/recommendations"
JSON = {"content-type": "application/json"}


@pytest.fixture
def address(client: TestClient, windows: dict[str, Any]) -> str:
    """Where a recommendation is that was made with all that there is."""
    body = {"answers": windows, "policy": POLICY, "preferences": PREFERENCES, "draws": 300}
    return str(client.post(URL, json=body).headers["location"])


def read(client: TestClient, url: str, shape: Any, **asked: Any) -> Any:
    """What a GET gives, checked against its shape."""
    answer = client.get(url, **asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return TypeAdapter(shape).validate_json(answer.content, strict=True)


def refused(answer: Any, status: int) -> list[tuple[str, str | None]]:
    """(path, nearest) of every fault of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(answer.content, strict=True)
    return [(fault.path, fault.nearest) for fault in problem.faults]


@pytest.mark.parametrize(
    "rest",
    [
        *("explanation", "explanation?depth=line", "explanation?depth=trace", "why-not/tensorflow"),
        *("against/pytorch/jax", "what-if", "what-if?stage=research", "diff/{id}"),
    ],
)
def test_what_a_record_says_is_not_sent_again_to_who_holds_it(client: TestClient, address: str, rest: str) -> None:
    url = f"{address}/{rest.format(id=address.rsplit('/', 1)[1])}"
    first = client.get(url)
    assert (first.status_code, first.headers["vary"]) == (200, "Accept, Accept-Encoding")
    again = client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get(url, headers={"If-None-Match": '"other"'}).content == first.content


# --- Explained -------------------------------------------------------------------------------------------------------


def test_it_is_explained_in_a_line_on_a_page_and_in_full(client: TestClient, address: str) -> None:
    document = client.get(address).json()
    line, page, trace = (
        read(client, f"{address}/explanation", Explanation, params={"depth": depth})
        for depth in ("line", "page", "trace")
    )
    assert list(line.roles) == list(document["roles"])
    assert page.markdown.startswith(f"# {page.title}")
    assert trace.largest_residual < 1e-9
    assert trace.passport == document["passport"]
    assert read(client, f"{address}/explanation", Explanation) == page


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/markdown", "text/markdown; charset=utf-8"),
        ("text/markdown, application/json;q=0.5", "text/markdown; charset=utf-8"),
        ("text/markdown;q=0.9, */*;q=0.1", "text/markdown; charset=utf-8"),
        ("application/json, text/markdown", "application/json"),
        ("text/markdown;q=0.4, application/json", "application/json"),
        ("text/markdown;q=0", "application/json"),
        ("text/markdown;q=x", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_page_comes_as_markdown_where_that_is_preferred(
    client: TestClient, address: str, accept: str, kind: str
) -> None:
    answer = client.get(f"{address}/explanation", headers={"accept": accept})
    assert answer.headers["content-type"] == kind
    page = client.get(f"{address}/explanation").json()["markdown"]
    assert (answer.text == page) == kind.startswith("text/markdown")
    line = client.get(f"{address}/explanation?depth=line", headers={"accept": accept})
    assert line.headers["content-type"] == "application/json"


def test_a_quality_in_digits_that_are_no_number_counts_for_nothing() -> None:
    accepted = [(b"accept", b"text/markdown;q=\xb2")]  # a superscript two; the test client could not send it
    assert not routes._prefers_markdown(Request({"type": "http", "headers": accepted}))


def test_a_depth_or_key_that_is_none_is_refused(client: TestClient, address: str) -> None:
    assert refused(client.get(f"{address}/explanation?depth=pages"), 422) == [("depth", "page")]
    assert refused(client.get(f"{address}/explanation?dept=page"), 422) == [("dept", "depth")]


# --- Why not, and one against another --------------------------------------------------------------------------------


def test_why_not_tells_what_excludes(client: TestClient, address: str) -> None:
    found = read(client, f"{address}/why-not/tensorflow", WhyNot)
    assert found.roles["training"].outcome == "excluded"
    assert found.roles["training"].near_miss is not None
    assert "excluded" in found.reason


def test_why_not_tells_where_one_lost(client: TestClient) -> None:
    made = client.post(URL, json={"answers": {"stage": "research"}}).json()
    last = made["roles"]["training"]["ranking"][-1]["framework"]
    standing = read(client, f"{URL}/{made['id']}/why-not/{last}", WhyNot).roles["training"]
    assert standing.outcome == "ranked"
    assert sum(row.behind_by for row in standing.where) == pytest.approx(standing.behind_by)


def test_why_not_answers_for_every_alternative_on_file(client: TestClient, address: str) -> None:
    for entry in client.get("/v1/frameworks").json()["items"]:
        assert read(client, f"{address}/why-not/{entry['id']}", WhyNot).reason


def test_why_not_names_the_nearest_framework(client: TestClient, address: str) -> None:
    assert refused(client.get(f"{address}/why-not/tensorflo"), 404) == [("framework", "tensorflow")]
    assert refused(client.get(f"{address}/why-not/%00"), 404) == [("framework", None)]


def test_two_stand_side_by_side_with_the_gap_between_them(client: TestClient, address: str) -> None:
    found = read(client, f"{address}/against/pytorch/caffe", Against).roles["training"]
    assert isinstance(found.a, InRanking)
    assert isinstance(found.b, InRanking)
    assert found.comparison.gap == pytest.approx(found.a.score - found.b.score)
    assert sum(rule.gap for rule in found.comparison.rules) == pytest.approx(found.comparison.gap)
    excluded = read(client, f"{address}/against/pytorch/tensorflow?role=training", Against).roles["training"]
    assert excluded.b.outcome == "excluded"


@pytest.mark.parametrize(
    ("rest", "status", "faults"),
    [
        ("pytorh/tensorflo", 404, [("framework", "pytorch"), ("framework", "tensorflow")]),
        ("pytorch/pytorch", 404, [("framework", None)]),
        ("pytorch/litert", 404, [("framework", None)]),
        ("pytorch/jax?role=trainin", 422, [("role", "training")]),
        ("pytorch/jax?role=serving", 422, [("role", None)]),
        ("pytorch/jax?rol=training", 422, [("rol", "role")]),
        ("pytorch/jx?role=serving", 404, [("framework", "jax"), ("role", None)]),
    ],
)
def test_two_that_cannot_be_compared(
    client: TestClient, address: str, rest: str, status: int, faults: list[tuple[str, str | None]]
) -> None:
    assert refused(client.get(f"{address}/against/{rest}"), status) == faults


# --- What if ---------------------------------------------------------------------------------------------------------


def test_without_a_query_it_is_said_what_is_recorded(client: TestClient, address: str) -> None:
    document = client.get(address).json()
    found = read(client, f"{address}/what-if", WhatCould)
    told = client.get(f"{address}/what-if").json()
    assert told["changes"] == document["changes"]
    assert list(found.roles) == list(document["roles"])
    assert told["roles"]["training"]["near_misses"] == document["roles"]["training"]["near_misses"]


def test_where_nothing_is_left_it_says_what_to_take_back(client: TestClient) -> None:
    made = client.post(URL, json={"answers": {"stage": "production"}, "policy": NOTHING_ALIVE})
    found = read(client, f"{made.headers['location']}/what-if", WhatCould)
    assert found.roles["training"].reliefs.sets


def test_other_answers_in_the_query_and_in_a_body_are_the_same(
    client: TestClient, house: House, address: str, windows: dict[str, Any]
) -> None:
    changed = {"train_os": ["linux", "wsl2"], "team_size": 4, "offline": True, "stage": None, "need": ["train"]}
    asked = "train_os=linux&train_os=wsl2&team_size=4&offline=yes&stage=&need=train,"
    found = read(client, f"{address}/what-if?{asked}", WhatIf)
    posted = client.post(f"{address}/what-if", json={"answers": changed})
    assert WhatIf.model_validate_json(posted.content, strict=True) == found
    assert found.changed == changed
    targets = ["server_cpu", "android"]  # in the order of the questionnaire
    answers = {**windows, **changed, "team_size": 4.0, "offline": True, "deploy_targets": targets}
    del answers["stage"]
    assert found.decision.answers == answers
    assert "answers" in found.difference.groups
    with pytest.raises(Missing):
        recommend.find(house, found.decision.id)


def test_other_answers_give_what_asking_with_them_would_give(client: TestClient, windows: dict[str, Any]) -> None:
    asked = {"policy": POLICY, "preferences": PREFERENCES, "draws": 200, "roles": ["training"]}
    made = client.post(URL, json={"answers": windows, **asked})
    under = client.get(f"{made.headers['location']}/what-if?train_os=linux").json()["decision"]
    afresh = client.post(URL, json={"answers": {**windows, "train_os": ["linux"]}, **asked}).json()
    assert under["passport"] == afresh["passport"]
    assert {**under, "created_at": None, "signature": None} == {**afresh, "created_at": None, "signature": None}


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("train_so=linux", [("answers", "train_os")]),
        ("train_os=linx&stage=prodution", [("answers.stage", "production"), ("answers.train_os[0]", "linux")]),
        ("stage=research&stage=production", [("answers.stage", None)]),
        ("data_gb=many", [("answers.data_gb", None)]),
        ("data_gb=nan", [("answers.data_gb", None)]),
        ("data_gb=" + "9" * 5000, [("answers.data_gb", None)]),
        ("%F0%9F%98%80=%00", [("answers", None)]),
        ("=", [("answers", None)]),
    ],
)
def test_other_answers_that_are_none(
    client: TestClient, address: str, query: str, faults: list[tuple[str, str | None]]
) -> None:
    assert sorted(refused(client.get(f"{address}/what-if?{query}"), 422), key=str) == faults


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"answers": {"train_os": ["linx"]}}, [("answers.train_os[0]", "linux")]),
        ({"answers": []}, [("answers", None)]),
        ({}, [("answers", None)]),
        ({"answers": {}, "answer": 1}, [("answer", "answers")]),
        ([], [("body", None)]),
    ],
)
def test_a_body_of_other_answers_with_faults(
    client: TestClient, address: str, body: Any, faults: list[tuple[str, str | None]]
) -> None:
    assert refused(client.post(f"{address}/what-if", json=body), 422) == faults
    assert refused(client.post(f"{address}/what-if?stage=research", json=body), 422) == [("query", None)]


def test_a_body_of_another_type_or_encoding(client: TestClient, address: str) -> None:
    assert refused(client.post(f"{address}/what-if", content=b"{}"), 415) == []
    assert refused(client.post(f"{address}/what-if", content=b'{"\xff"', headers=JSON), 400) == []
    assert client.post(f"{URL}/d-0/what-if", json={"answers": {}}).status_code == 404


# --- Two recommendations ---------------------------------------------------------------------------------------------


def test_the_difference_of_two_names_what_differs_and_adds_up(client: TestClient, windows: dict[str, Any]) -> None:
    one = client.post(URL, json={"answers": windows}).json()["id"]
    other = client.post(URL, json={"answers": {**windows, "train_os": ["linux"]}, "policy": POLICY}).json()["id"]
    found = read(client, f"{URL}/{one}/diff/{other}", Difference)
    assert (found.before, found.after) == (one, other)
    assert {"answers", "rules"} <= set(found.groups)
    for role in found.roles.values():
        for score in role.scores:
            assert sum(score.parts.values()) == pytest.approx(score.after - score.before)
    assert "tensorflow" in [status.framework for status in found.roles["training"].statuses]
    same = read(client, f"{URL}/{one}/diff/{one}", Difference)
    assert (same.groups, same.changes) == ([], {})


@pytest.mark.parametrize("other", ["d-000000000000000000000000", "%00", "x" * 300])
def test_one_that_was_never_made_has_no_difference(client: TestClient, address: str, other: str) -> None:
    assert refused(client.get(f"{address}/diff/{other}"), 404) == []


def test_shapes_are_closed() -> None:
    def every(model: type[Out]) -> list[type[Out]]:
        return [model, *(inner for sub in model.__subclasses__() for inner in every(sub))]

    assert len(every(Out)) > 100
    assert all(model.model_config["extra"] == "forbid" for model in every(Out))


# --- Queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "means"), [("yes", True), ("true", True), ("False", False), ("NO", False)])
def test_yes_and_no_in_a_query_as_in_a_file(client: TestClient, address: str, text: str, means: bool) -> None:
    changed = read(client, f"{address}/what-if?end_users_install={text}", WhatIf).changed
    assert changed == {"end_users_install": means}


@pytest.mark.parametrize("text", ["1_0", "%D9%A1", "nan", "0x10"])
def test_a_number_in_a_query_is_written_plainly(client: TestClient, address: str, text: str) -> None:
    answer = client.get(f"{address}/what-if?data_gb={text}&stge=x")
    assert sorted(refused(answer, 422)) == [("answers", "stage"), ("answers.data_gb", None)]


@pytest.mark.parametrize(
    "rest", ["explanation?depth=line&depth=page", "against/pytorch/jax?role=training&role=training"]
)
def test_a_key_used_twice_in_a_query(client: TestClient, address: str, rest: str) -> None:
    assert refused(client.get(f"{address}/{rest}"), 422) == [(rest.split("?")[1].split("=")[0], None)]


def test_an_id_that_is_not_stored_is_shown_as_it_was_given(client: TestClient, address: str) -> None:
    wanted = address.rsplit("/", 1)[1].upper()
    assert client.get(f"{URL}/{wanted}").json()["detail"] == f"No recommendation {wanted!r} is stored."


@pytest.mark.parametrize("rest", ["explanation", "why-not/jax", "against/pytorch/jax"])
def test_a_record_of_an_older_engine_is_there_but_cannot_be_explained(
    client: TestClient, house: House, address: str, rest: str
) -> None:
    with house.database.writing() as session:
        told = {"now": f'"engine":"{ENGINE}"', "then": '"engine":"0"'}
        session.execute(text("UPDATE decisions SET document = replace(document, :now, :then)"), told)
    assert refused(client.get(f"{address}/{rest}"), 422) == [("recommendation", None)]
