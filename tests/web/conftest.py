"""Pages in process, and a real browser on a real service."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from advisor.house import House
from advisor.settings import Settings
from api.app import create_app
from tests.serving import Service, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_MS = 60_000  # machines are slow at times; no test is about time
LEFT = "net::ERR_ABORTED"  # the page was left, or a later request took its place
expect.set_options(timeout=PATIENCE_MS)
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


@contextmanager
def opened(browser: Browser, service: Service, **settings: Any) -> Iterator[BrowserContext]:
    """A context on the service, 1280 pixels wide where nothing else is asked for."""
    settings = {"viewport": {"width": 1280, "height": 900}, **settings}
    context = browser.new_context(base_url=service.url, **settings)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the console said, and what failed to load."""
    return []


@pytest.fixture
def page(browser: Browser, service: Service, complaints: list[str]) -> Iterator[Page]:
    """A page on the service; anything the browser complains about fails the test."""
    with opened(browser, service) as context:
        found = context.new_page()
        watch(found, complaints)
        yield found
    assert complaints == []


def watch(page: Page, complaints: list[str]) -> None:
    """Keep what a page complains about."""

    def said(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda r: None if r.failure == LEFT else complaints.append(r.url))


def begin(page: Page, name: str = "Bird songs", **answers: object) -> str:
    """A project with answers, open at its next question; its address."""
    made = page.request.post("/v1/projects", data={"name": name, "answers": answers})
    assert made.ok, made.text()
    address = f"/projects/{made.json()['id']}"
    page.goto(address)
    return address
