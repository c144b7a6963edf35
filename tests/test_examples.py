"""The eight real projects of examples/ get the same answer through the command line and through REST."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from advisor import bootstrap
from advisor.settings import Settings
from api.app import create_app
from rules.release import Release

EXAMPLES = Path(__file__).parent.parent / "examples"
FILES = sorted(EXAMPLES.glob("*.yaml"))
STEELYARD = Path(sys.executable).parent / "steelyard"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    settings = Settings(home=tmp_path_factory.mktemp("rest"))
    return TestClient(create_app(bootstrap.build(settings), settings))


@pytest.fixture(scope="module")
def home_of_the_command_line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("command-line")


def test_there_are_eight_examples_of_different_kinds() -> None:
    assert len(FILES) == 8
    listed = (EXAMPLES / "README.md").read_text()
    assert all(f.name in listed for f in FILES)
    documents = [yaml.safe_load(f.read_text()) for f in FILES]
    assert all(d["source"]["url"].startswith("https://") and d["source"]["date"] for d in documents)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_both_doors_give_the_same_answer(file: Path, client: TestClient, home_of_the_command_line: Path) -> None:
    told = subprocess.run(
        [STEELYARD, "recommend", str(file), "--json"],
        env={"STEELYARD_HOME": str(home_of_the_command_line), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    by_command = json.loads(told.stdout)
    example = yaml.safe_load(file.read_text())
    asked = {"answers": example["answers"], "name": example.get("name")}
    response = client.post("/v1/recommendations", json=asked)
    assert response.status_code == 201, response.text
    by_rest = response.json()
    assert by_command.keys() == by_rest.keys()
    for field in by_rest.keys() - {"created_at"}:
        assert by_command[field] == by_rest[field], field
    again = client.get(f"/v1/recommendations/{by_rest['id']}")
    assert again.content == response.content
    assert client.post(f"/v1/recommendations/{by_rest['id']}/replay").json()["same"] is True


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_reason_leads_to_dated_evidence(file: Path, client: TestClient, shipped_release: Release) -> None:
    response = client.post("/v1/recommendations", json={"answers": yaml.safe_load(file.read_text())["answers"]})
    decision = response.json()
    known = {claim["id"]: claim for page in _pages(client, "/v1/evidence") for claim in page["items"]}
    assert decision["roles"], "an example calls for at least one role"
    for role in decision["roles"].values():
        for place in role["ranking"]:
            cited = [e for reason in place["reasons"] for e in reason["evidence"]]
            assert cited, place["framework"]
            assert all(known[e]["source"]["date"] and known[e]["as_of"] for e in cited)
            total = role["field_mean"] + sum(reason["contribution"] for reason in place["reasons"])
            assert total == pytest.approx(place["score"], abs=1e-9)
        for excluded in role["excluded"]:
            assert excluded["required"]
            assert excluded["found"]
    assert decision["release"]["sha256"] == shipped_release.sha256


def _pages(client: TestClient, path: str) -> list[dict[str, Any]]:
    pages = [client.get(path, params={"limit": 500}).json()]
    while pages[-1]["next"]:
        pages.append(client.get(path, params={"limit": 500, "cursor": pages[-1]["next"]}).json())
    return pages
