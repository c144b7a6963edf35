"""docs/http.md: every route is on it, every curl line works, and what it says of errors is so."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.problems import KINDS

PAGE = (Path(__file__).parent.parent.parent / "docs" / "http.md").read_text()


def test_every_route_is_on_the_page(client: TestClient) -> None:
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method in operations:
            assert f"`{method.upper()} {path}`" in PAGE or (method, path) == ("post", "/v1/recommendations")
    assert "/v1/recommendations " in PAGE


def test_every_curl_line_works(client: TestClient) -> None:
    lines = re.findall(r"^curl .*$", PAGE, re.MULTILINE)
    assert len(lines) == 17
    for line in lines:
        words = shlex.split(line)[1:]
        address = next(word for word in words if word.startswith("localhost:8000"))
        headers = dict([words[words.index("-H") + 1].split(": ")]) if "-H" in words else {}
        content = words[words.index("-d") + 1] if "-d" in words else None
        url = address.removeprefix("localhost:8000")
        answer = client.request("POST" if content else "GET", url, content=content, headers=headers)
        assert answer.status_code in (200, 201), (line, answer.text)


def test_the_problem_on_the_page_is_what_the_service_says(client: TestClient) -> None:
    shown: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    answers = {"deploy_target": ["android"], "stage": "prodution"}
    assert client.post("/v1/recommendations", json={"answers": answers}).json() == shown


def test_every_status_of_a_problem_is_on_the_page() -> None:
    table = PAGE[PAGE.index("| status | when |") :]
    assert all(str(kind.status) in table for kind in KINDS)
