"""`/v1/signing-key`, and the signature that a recommendation carries."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from advisor import signing
from advisor.house import House
from advisor.settings import Settings
from advisor.signing import Outcome, SigningKey
from api.app import create_app
from api.problems import Problem
from api.schemas.decision import Decision
from api.schemas.operations import SigningKey as Out

URL = "/v1/recommendations"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return signing.generate(tmp_path / "key.pem")


@pytest.fixture
def signer(house: House, key: SigningKey, tmp_path: Path) -> TestClient:
    """A client of a service that signs."""
    return TestClient(create_app(replace(house, signing=key), Settings(home=tmp_path)))


def test_the_public_key_is_given_and_checks_what_the_service_signs(
    signer: TestClient, windows: dict[str, Any], tmp_path: Path
) -> None:
    given = signer.get("/v1/signing-key")
    assert given.status_code == 200
    described = Out.model_validate_json(given.content, strict=True)
    (tmp_path / "public.pem").write_text(described.public_key)
    public = signing.load_public(tmp_path / "public.pem", "x")
    assert public.id == described.key_id

    made = signer.post(URL, json={"answers": windows})
    Decision.model_validate_json(made.content, strict=True)
    assert made.json()["signature"]["key_id"] == public.id
    assert signing.verify(made.json(), [public]).outcome is Outcome.GOOD
    read = signer.get(f"{URL}/{made.json()['id']}").json()
    assert signing.verify(read, [public]).outcome is Outcome.GOOD
    assert signing.verify({**read, "engine": "0"}, [public]).outcome is Outcome.ALTERED


def test_nothing_private_is_given(signer: TestClient, tmp_path: Path, windows: dict[str, Any]) -> None:
    secret = (tmp_path / "key.pem").read_text().splitlines()[1]
    told = signer.get("/v1/signing-key").text + signer.post(URL, json={"answers": windows}).text
    assert secret not in told
    assert "PRIVATE" not in told


def test_a_replay_of_a_signed_recommendation_is_the_same(signer: TestClient, windows: dict[str, Any]) -> None:
    made = signer.post(URL, json={"answers": windows}).json()
    assert signer.post(f"{URL}/{made['id']}/replay").json()["same"] is True


def test_a_service_without_a_key_says_so_and_signs_nothing(client: TestClient, made: dict[str, Any]) -> None:
    answer = client.get("/v1/signing-key")
    assert answer.status_code == 404
    found = Problem.model_validate_json(answer.content, strict=True)
    assert "is not set up to sign recommendations" in found.detail
    assert json.loads(client.get(f"{URL}/{made['id']}").content)["signature"] is None
