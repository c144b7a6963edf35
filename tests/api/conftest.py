"""The service in process, on the house of the small pack."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from advisor.house import House
from advisor.settings import Settings
from api.app import create_app

WINDOWS: dict[str, Any] = {
    "stage": "production",
    "need": ["train", "inference_only"],
    "deploy_targets": ["android", "server_cpu"],
    "train_hardware": ["nvidia_gpu"],
    "train_os": ["windows"],
}


@pytest.fixture
def app(house: House, tmp_path: Path) -> FastAPI:
    """The application on a house with the small pack."""
    return create_app(house, Settings(home=tmp_path))


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A client that shows what a caller would see, server errors included."""
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def windows() -> dict[str, Any]:
    """Answers that exclude some frameworks, leave several roles and name two targets."""
    return dict(WINDOWS)


@pytest.fixture
def made(client: TestClient, windows: dict[str, Any]) -> dict[str, Any]:
    """A stored recommendation."""
    found: dict[str, Any] = client.post("/v1/recommendations", json={"answers": windows}).json()
    return found
