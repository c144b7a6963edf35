"""The knowledge over HTTP: lists by cursor, single entries, ETags, and what goes out against what is documented."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from advisor import knowledge
from advisor.house import House
from api.reading import Kept
from api.schemas import knowledge as out
from api.schemas.base import Out
from api.schemas.hardware import Machines
from api.schemas.operations import Releases
from api.schemas.questionnaire import Questions

LISTS: dict[str, type[Out]] = {
    "/v1/questions": Questions,
    "/v1/frameworks": out.Frameworks,
    "/v1/criteria": out.Criteria,
    "/v1/rules": out.Rules,
    "/v1/sources": out.Sources,
    "/v1/claims": out.Claims,
    "/v1/evidence": out.EvidencePage,
    "/v1/releases": Releases,
    "/v1/hardware/catalogue": Machines,
}


@pytest.mark.parametrize("url", LISTS)
def test_a_list_goes_out_as_it_is_documented(client: TestClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.json()["items"]
    LISTS[url].model_validate_json(answer.content, strict=True)


NOWHERE = (
    "/v1/frameworks/nope",
    "/v1/frameworks?cursor=nope",
    "/v1/hardware/nope",
    "/v1/hardware/nope/verdicts",
    "/v1/hardware/catalogue/nope",
    "/v1/hardware/local/diff/nope",
    "/v1/policies/nope",
    "/v1/proposals/nope",
    "/v1/proposals/nope/impact",
    "/v1/recommendations/nope",
    "/v1/recommendations/nope/explanation",
    "/v1/releases/nope/diff/nope",
)


@pytest.mark.parametrize("url", NOWHERE)
def test_what_is_nowhere_is_not_held_by_a_caller_with_any_version(client: TestClient, url: str) -> None:
    plain = client.get(url)
    any_version = client.get(url, headers={"If-None-Match": "*"})
    assert any_version.status_code == plain.status_code in (404, 422)


@pytest.mark.parametrize("url", [*LISTS, "/v1/hardware", "/v1/hardware/local", "/v1/frameworks/pytorch"])
def test_any_version_will_do_of_what_there_is(client: TestClient, url: str) -> None:
    found = client.get(url)
    assert found.status_code == 200
    held = client.get(url, headers={"If-None-Match": "*"})
    assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", found.headers["etag"])


@pytest.mark.parametrize("url", LISTS)
def test_pages_put_together_are_the_list(client: TestClient, url: str) -> None:
    whole = client.get(url, params={"limit": 500}).json()
    found, cursor = [], None
    while True:
        page = client.get(url, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= 2
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole["items"]
    assert whole["next"] is None


def test_a_list_stays_one_list_while_a_release_is_published(
    client: TestClient, house: House, small_pack_folder: Path, tmp_path: Path
) -> None:
    first = client.get("/v1/frameworks", params={"limit": 2})
    published(house, small_pack_folder, tmp_path)
    assert client.get("/readyz").json()["release"] != first.headers["steelyard-release"]
    second = client.get("/v1/frameworks", params={"limit": 2, "cursor": first.json()["next"]})
    assert second.headers["steelyard-release"] == first.headers["steelyard-release"]


def published(house: House, folder: Path, scratch: Path, more: str = "") -> None:
    """Another release of the small pack, which differs in its summary and may hold more evidence."""
    changed = scratch / "changed"
    changed.mkdir()
    for file in folder.rglob("*.yaml"):
        (changed / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        (changed / file.relative_to(folder)).write_text(file.read_text())
    evidence = changed / "evidence" / "all.yaml"
    evidence.write_text(evidence.read_text() + more)
    settings = changed / "pack.yaml"
    settings.write_text(settings.read_text().replace("A small pack", "Another small pack"))
    assert knowledge.publish(house, changed)[1]


@pytest.mark.parametrize("url", [*LISTS, "/v1/frameworks/pytorch"])
def test_an_answer_that_the_caller_holds_is_not_sent_again(client: TestClient, url: str) -> None:
    tag = client.get(url).headers["etag"]
    for held in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = client.get(url, headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_etags_differ_by_route_query_and_release(
    client: TestClient, house: House, small_pack_folder: Path, tmp_path: Path
) -> None:
    urls = ["/v1/rules", "/v1/sources", "/v1/sources?limit=3", "/v1/frameworks/jax", "/v1/frameworks/pytorch"]
    before = [client.get(url).headers["etag"] for url in urls]
    published(house, small_pack_folder, tmp_path)
    after = [client.get(url).headers["etag"] for url in urls]
    assert len({*before, *after}) == 2 * len(urls)


@pytest.mark.parametrize(
    ("query", "path", "nearest"),
    [
        ("limit=0", "limit", None),
        ("limit=501", "limit", None),
        ("limit=ten", "limit", None),
        ("limit=1e3", "limit", None),
        ("limt=10", "limt", "limit"),
        ("cursor=abc", "cursor", None),
        ("cursor=" + "A" * 3000, "cursor", None),
        ("cursor=%F0%9F%98%80", "cursor", None),
        ("cursor=W10", "cursor", None),
        ("cursor=", "cursor", None),
    ],
)
@pytest.mark.parametrize("url", LISTS)
def test_a_bad_query_is_refused(client: TestClient, url: str, query: str, path: str, nearest: str | None) -> None:
    answer = client.get(f"{url}?{query}")
    assert answer.status_code == 422
    assert [(f["path"], f["nearest"]) for f in answer.json()["faults"]] == [(path, nearest)]


def test_a_cursor_serves_its_own_list_with_its_own_filters(client: TestClient) -> None:
    cursor = client.get("/v1/evidence", params={"limit": 1}).json()["next"]
    assert client.get("/v1/sources", params={"cursor": cursor}).status_code == 422
    assert client.get("/v1/claims", params={"cursor": cursor}).status_code == 422
    assert client.get("/v1/evidence", params={"cursor": cursor, "verdict": "holds"}).status_code == 422
    assert client.get("/v1/evidence", params={"cursor": cursor, "limit": 3}).status_code == 200


def test_one_framework_goes_out_as_it_is_documented(client: TestClient) -> None:
    for entry in client.get("/v1/frameworks").json()["items"]:
        answer = client.get(f"/v1/frameworks/{entry['id']}")
        out.Framework.model_validate_json(answer.content, strict=True)


def test_an_unknown_framework_is_not_found_with_the_nearest_name(client: TestClient) -> None:
    answer = client.get("/v1/frameworks/pytorhc")
    assert (answer.status_code, answer.json()["faults"][0]["nearest"]) == (404, "pytorch")


@pytest.mark.parametrize(
    ("query", "keeps"),
    [
        ({"about": "caffe"}, lambda e: "caffe" in e["about"]),
        ({"verdict": "outdated"}, lambda e: e["verdict"] == "outdated"),
        ({"contested": "true"}, lambda e: e["contested"]),
        ({"contested": "false"}, lambda e: not e["contested"]),
        ({"source_kind": "article"}, lambda e: e["source"]["kind"] == "article"),
        (
            {"about": "tensorflow", "verdict": "outdated"},
            lambda e: "tensorflow" in e["about"] and e["verdict"] == "outdated",
        ),
    ],
)
def test_evidence_is_filtered(client: TestClient, query: dict[str, str], keeps: Any) -> None:
    every = client.get("/v1/evidence").json()["items"]
    found = client.get("/v1/evidence", params=query).json()["items"]
    assert found == [e for e in every if keeps(e)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["blog-more", "blog-small"]),
        ({"article": "2"}, ["blog-more", "blog-small"]),
        ({"article": "1"}, []),
        ({"about": "jax"}, ["blog-more"]),
        ({"verdict": "outdated"}, ["blog-small"]),
        ({"contested": "true"}, ["blog-more"]),
    ],
)
def test_claims_are_the_articles_own_and_every_article_is_counted_whatever_is_asked(
    client: TestClient,
    house: House,
    small_pack_folder: Path,
    tmp_path: Path,
    query: dict[str, str],
    expected: list[str],
) -> None:
    more = (
        '- {id: blog-more, source: blog, locator: p. 4, as_of: "2021", about: [jax], note: More., verdict: contested, '
        "verdict_note: For tests.}\n"
    )
    published(house, small_pack_folder, tmp_path, more)
    answer = out.Claims.model_validate_json(client.get("/v1/claims", params=query).content, strict=True)
    assert [e.id for e in answer.items] == expected
    (article,) = answer.articles
    assert (article.article, article.claims) == (2, 2)
    counts = article.verdicts if isinstance(article.verdicts, dict) else article.verdicts.model_dump()
    assert counts == {"holds": 0, "contested": 1, "outdated": 1, "wrong": 0, "unverifiable": 0}


@pytest.mark.parametrize(
    ("query", "nearest"),
    [
        ("about=pytorhc", "pytorch"),
        ("verdict=hold", "holds"),
        ("source_kind=articles", "article"),
        ("contested=2", None),
    ],
)
def test_a_filter_that_is_none(client: TestClient, query: str, nearest: str | None) -> None:
    answer = client.get(f"/v1/evidence?{query}")
    assert (answer.status_code, answer.json()["faults"][0]["nearest"]) == (422, nearest)


@pytest.mark.parametrize(
    ("query", "nearest"),
    [("about=pytorhc", "pytorch"), ("verdict=hold", "holds"), ("article=0", None), ("article=6", None)],
)
def test_a_filter_of_claims_that_is_none(client: TestClient, query: str, nearest: str | None) -> None:
    answer = client.get(f"/v1/claims?{query}")
    assert (answer.status_code, answer.json()["faults"][0]["nearest"]) == (422, nearest)


def test_rules_and_gates_say_which_they_are(client: TestClient) -> None:
    kinds = [entry["kind"] for entry in client.get("/v1/rules").json()["items"]]
    assert set(kinds) == {"rule", "gate"}


def test_the_questionnaire_comes_whole(client: TestClient) -> None:
    answer = client.get("/v1/questions").json()
    groups = {group["id"] for group in answer["groups"]}
    assert answer["next"] is None
    assert {question["group"] for question in answer["items"]} == groups
    assert all(question["text"] and question["why"] for question in answer["items"])


def test_one_release_is_active(client: TestClient, house: House, small_pack_folder: Path, tmp_path: Path) -> None:
    published(house, small_pack_folder, tmp_path)
    listed = client.get("/v1/releases").json()["items"]
    assert sorted(release["active"] for release in listed) == [False, True]
    assert client.get("/readyz").json()["release"] == next(r["id"] for r in listed if r["active"])


def test_the_tag_of_the_releases_changes_with_the_list(
    client: TestClient, house: House, small_pack_folder: Path, tmp_path: Path
) -> None:
    alone = client.get("/v1/releases")
    published(house, small_pack_folder, tmp_path)
    knowledge.publish(house, small_pack_folder)
    again = client.get("/v1/releases", headers={"If-None-Match": alone.headers["etag"]})
    assert again.headers["steelyard-release"] == alone.headers["steelyard-release"]
    assert len(again.json()["items"]) == 2


def test_only_so_many_bytes_are_kept() -> None:
    kept = Kept(most_bytes=4)
    for tag in ("aa", "bb", "aa"):
        kept.keep(tag, tag.encode())
    assert kept.get("aa") == b"aa"
    kept.keep("cc", b"cc")
    assert [kept.get(tag) for tag in ("aa", "bb", "cc")] == [b"aa", None, b"cc"]
    kept.keep("long", b"longer")
    assert [kept.get(tag) for tag in ("aa", "cc", "long")] == [None, None, None]


def test_an_answer_that_is_kept_is_the_same(client: TestClient) -> None:
    first, second = (client.get("/v1/frameworks/pytorch") for _ in range(2))
    assert first.content == second.content
    assert first.headers == second.headers
