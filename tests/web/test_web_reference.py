"""The page about the interface for programs says what the OpenAPI document says."""

import html
import re

from fastapi.testclient import TestClient

from tests.web.test_web_pages import text_of


def test_every_route_is_on_the_page_with_what_it_takes_and_an_example(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    page = client.get("/api").text
    told = text_of(page.replace("<wbr>", ""))
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            assert page.count(f'<li id="{each["operationId"]}">') == 1
            assert f"{each['summary']} {method.upper()} {path} " in told
            for parameter in each.get("parameters", ()):
                assert f"<code>{parameter['name']}</code>" in page
            sent = each.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
            assert not sent or next(iter(sent.values()))["summary"] in html.unescape(page)


def test_it_leads_to_the_document_the_problems_and_what_opens_without_more(client: TestClient) -> None:
    page = client.get("/api").text
    links = re.findall(r'href="(/[^"]*)"', page[page.index("<main") :])
    assert {"/openapi.json", "/problems", "/v1/criteria", "/v1/questions", "/healthz"} <= set(links)
    assert not [link for link in links if "{" in link]
    for link in links:
        assert client.get(link, headers={"accept": "*/*"}).status_code in (200, 403, 404), link
    assert re.search(r'<a href="/api" aria-current="page">API</a>', page)


def test_descriptions_are_read_as_text(client: TestClient) -> None:
    page = client.get("/api").text
    assert "`" not in page[page.index("<main") :]
    assert len(page.encode()) < 100_000
