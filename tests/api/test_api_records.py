"""`GET /v1/recommendations/{recommendation}/record`: the file, its name and kind, and that it is kept by callers."""

import pytest
from fastapi.testclient import TestClient

from advisor import records

URL = "/v1/recommendations"


@pytest.fixture
def address(client: TestClient) -> str:
    made = client.post(URL, json={"answers": {"stage": "production", "deploy_targets": ["android"]}}).json()
    return f"{URL}/{made['id']}"


@pytest.mark.parametrize(
    ("form", "kind", "head"),
    [
        ("md", "text/markdown", b"---\nstatus"),
        ("html", "text/html", b"<!doctype"),
        ("pdf", "application/pdf", b"%PDF-"),
    ],
)
def test_a_record_is_a_file_of_its_kind(client: TestClient, address: str, form: str, kind: str, head: bytes) -> None:
    answer = client.get(f"{address}/record", params={"format": form})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    assert answer.content.startswith(head)
    assert records.read(answer.content)["id"] == address.rpartition("/")[2]
    again = client.get(f"{address}/record", params={"format": form})
    assert (again.content, dict(again.headers)) == (answer.content, dict(answer.headers))


def test_a_record_never_changes(client: TestClient, address: str) -> None:
    tags = {form: client.get(f"{address}/record?format={form}").headers["etag"] for form in records.FORMATS}
    tags["appendix"] = client.get(f"{address}/record?appendix=true").headers["etag"]
    assert len(set(tags.values())) == 4
    short, whole = (client.get(f"{address}/record?appendix={each}").text for each in ("false", "true"))
    assert "## Appendix" not in short
    assert "## Appendix" in whole
    held = {"If-None-Match": tags["md"]}
    assert client.get(f"{address}/record", headers=held).status_code == 304
    assert client.get(f"{address}/record?format=html", headers=held).status_code == 200
    assert client.get(f"{URL}/d-000000000000000000000000/record", headers=held).status_code == 404


def test_another_form_is_refused(client: TestClient, address: str) -> None:
    assert client.get(f"{address}/record?format=docx").status_code == 422
    assert client.get(f"{address}/record?form=md").status_code == 422
    assert client.get(f"{address}/record?appendix=perhaps").status_code == 422


def test_a_name_is_carried_and_a_bad_one_refused(client: TestClient) -> None:
    body = {"answers": {"stage": "production", "team_size": None}, "name": "Bread counter"}
    made = client.post(URL, json=body).json()
    assert (made["name"], made["not_known"]) == ("Bread counter", ["team_size"])
    assert client.get(f"{URL}/{made['id']}/record").text.count("# Which ML framework for Bread counter") == 1
    for name in ("", "a\nb", 3, "x" * 201):
        refused = client.post(URL, json={**body, "name": name})
        assert refused.status_code == 422
        assert [fault["path"] for fault in refused.json()["faults"]] == ["name"]
