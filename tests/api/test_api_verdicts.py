"""`GET /v1/hardware/{hardware}/verdicts`: by the builds of the active release, for any machine that has a name."""

import shutil
from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient

import probes
from advisor import knowledge
from advisor.house import House
from tests.conftest import PROFILE
from tests.knowledge_base.test_knowledge_builds import GOOD


def stored(client: TestClient) -> str:
    name: str = client.post("/v1/hardware", json=probes.document(PROFILE)).json()["id"]
    return name


def test_a_release_without_builds_says_nothing(client: TestClient) -> None:
    found = client.get(f"/v1/hardware/{stored(client)}/verdicts").json()
    assert found["verdicts"] == []
    assert found["label"] == "test machine"


def test_the_builds_of_the_active_release_judge(
    client: TestClient, house: House, small_pack_folder: Path, tmp_path: Path
) -> None:
    name = stored(client)
    before = client.get(f"/v1/hardware/{name}/verdicts")
    folder = tmp_path / "pack"
    shutil.copytree(small_pack_folder, folder)
    (folder / "builds").mkdir()
    (folder / "builds" / "all.yaml").write_text(GOOD, encoding="utf-8")
    knowledge.publish(house, folder)
    after = client.get(f"/v1/hardware/{name}/verdicts", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    (verdict,) = after.json()["verdicts"]
    assert (verdict["framework"], verdict["state"], verdict["on"]) == ("pytorch", "supported", "nvidia_gpu")
    assert after.json()["release"] == house.knowledge().release.id
    again = client.get(f"/v1/hardware/{name}/verdicts", headers={"If-None-Match": after.headers["ETag"]})
    assert again.status_code == 304


def test_a_machine_that_is_not_stored_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/hardware/h-000000000000000000000000/verdicts").status_code == 404
    assert client.get(f"/v1/hardware/{stored(client)}/verdicts?x=1").status_code == 422


def test_the_machine_may_be_the_services_own_or_a_known_one(client: TestClient) -> None:
    own = client.get("/v1/hardware/local/verdicts")
    assert (own.json()["hardware"], own.json()["label"]) == ("local", "test machine")
    known = client.get("/v1/hardware/catalogue:g5.xlarge/verdicts")
    assert (known.status_code, known.json()["hardware"]) == (200, "catalogue:g5.xlarge")
    assert known.headers["ETag"] != own.headers["ETag"]
    missing = client.get("/v1/hardware/catalogue:g5.xlarg/verdicts")
    assert missing.status_code == 404
    assert "catalogue:" in missing.text


def test_a_new_look_at_the_services_own_machine_is_a_new_answer(client: TestClient, house: House) -> None:
    before = client.get("/v1/hardware/local/verdicts").headers["ETag"]
    object.__setattr__(house, "probe", lambda: replace(PROFILE, label="after a reboot"))
    after = client.get("/v1/hardware/local/verdicts", headers={"If-None-Match": before})
    assert (after.status_code, after.json()["label"]) == (200, "after a reboot")


def test_what_is_assumed_of_a_known_machine_is_said(client: TestClient) -> None:
    known = client.get("/v1/hardware/catalogue:g5.xlarge/verdicts").json()
    assert "a Python that each build is made for" in known["assumed"]
    assert client.get("/v1/hardware/local/verdicts").json()["assumed"] == []
    phone = client.get("/v1/hardware/catalogue:iphone-15/verdicts").json()
    assert (phone["verdicts"], phone["assumed"]) == ([], [])
    assert "models are converted" in phone["not_judged"]
