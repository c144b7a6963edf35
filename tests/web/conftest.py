"""Pages in process, and a real browser on a real service."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright

from advisor.house import House
from advisor.settings import Settings
from api.app import create_app
from tests.serving import Service, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def client(house: House, tmp_path: Path) -> TestClient:
    """A client that asks for pages."""
    app = create_app(house, Settings(home=tmp_path))
    return TestClient(app, raise_server_exceptions=False, headers={"accept": "text/html"})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    if CHROMIUM is None and os.environ.get("STEELYARD_REQUIRE_BROWSER") == "1":
        pytest.fail("STEELYARD_REQUIRE_BROWSER is set and there is no Chromium on this machine")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; install it to run the browser tests")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, small_pack_folder: Path) -> Iterator[Service]:
    """A service with the small pack in a process of its own."""
    with serving(tmp_path_factory.mktemp("home"), small_pack_folder) as running:
        yield running
