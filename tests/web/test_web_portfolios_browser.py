"""A file of projects, from the desk to the full decision of one row, with and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.serving import Service, work_off
from tests.web.conftest import opened, watch

pytestmark = pytest.mark.browser
PROJECTS = b"id,name,stage\n" + b"".join(f"p{n},Project {n},research\n".encode() for n in range(30))


def walk(page: Page, service: Service) -> None:
    """All the way, by what stands on the pages."""
    page.goto("/")
    page.get_by_role("link", name="Portfolios").click()
    file = {"name": "ours.csv", "mimeType": "text/csv", "buffer": PROJECTS}
    page.get_by_label("Choose a file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("All of the first 30 rows are understood.")).to_be_visible()
    page.get_by_role("textbox", name="What to call it").fill("Ours")
    page.get_by_role("button", name="Score it").click()
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    address = page.url
    work_off(service)
    expect(page.get_by_text("30 projects call for it")).to_be_visible()  # the page came again by itself
    assert page.url == address
    page.get_by_role("navigation", name="This portfolio").get_by_role("link", name="All rows").click()
    page.get_by_role("link", name="Next rows").click()
    page.get_by_role("link", name="Project 29").click()
    page.get_by_role("button", name="See the full decision").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation for Project 29")
    assert "/recommendations/" in page.url
    assert "portfolio" not in page.url
    page.get_by_role("link", name="Back to the row").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Project 29")
    page.get_by_role("link", name="Ours").click()
    page.get_by_text("Take it away", exact=True).click()
    page.get_by_role("button", name="for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Portfolios")


@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_file_to_the_decision_of_a_row(
    browser: Browser, service: Service, complaints: list[str], scripts: bool
) -> None:
    with opened(browser, service, java_script_enabled=scripts) as context:
        page = context.new_page()
        watch(page, complaints)
        walk(page, service)
    assert complaints == []


def test_progress_is_told_while_it_is_watched(browser: Browser, service: Service) -> None:
    made = service_post(browser, service)
    with opened(browser, service) as context:
        page = context.new_page()
        page.goto(made)
        progress = page.get_by_role("progressbar", name="Waiting for a worker")
        expect(progress).to_have_attribute("value", "0")
        page.evaluate("window.marked = true")
        page.request.post(f"/v1{made}/cancel")
        expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
        assert page.evaluate("window.marked") is None


def service_post(browser: Browser, service: Service) -> str:
    """The address of a portfolio that waits."""
    with opened(browser, service) as context:
        sent = context.request.post("/v1/portfolios?file=a.csv", data=PROJECTS, headers={"content-type": "text/csv"})
        return f"/portfolios/{sent.json()['id']}"
