"""The pages in a real headless Chromium: filled in, submitted, read; by keyboard; on a narrow screen."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.serving import Service
from tests.web.conftest import watch

pytestmark = pytest.mark.browser
PAGES = ("/", "/frameworks", "/frameworks/pytorch", "/claims", "/evidence", "/evidence/facts", "/problems", "/api")


def fill_in(page: Page) -> None:
    """A model for Android apps, trained on Windows with an NVIDIA GPU."""
    page.goto("/questionnaire")
    page.get_by_role("radio", name="Production").check()
    page.get_by_role("group", name="What do you need to do with models?").get_by_text("Train", exact=True).click()
    page.locator("summary", has_text="Training").first.click()
    page.get_by_role("group", name="On what hardware will you train?").get_by_text("NVIDIA GPU").click()
    page.get_by_role("group", name="On which operating systems will you train?").get_by_text(
        "Windows", exact=True
    ).click()
    page.get_by_role("link", name="Deployment").click()
    page.get_by_role("group", name="Where will the model run?").get_by_text("Android").click()


def test_fill_in_submit_and_read(page: Page) -> None:
    fill_in(page)
    page.get_by_role("button", name="Recommend").click()
    page.wait_for_url("**/recommendations/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation")
    training = page.get_by_role("region", name="Training")
    expect(training.locator(".ranking .name").first).to_have_text("PyTorch")
    excluded = training.locator("details", has_text="TensorFlow has no NVIDIA build")
    excluded.locator("summary").click()
    expect(excluded.get_by_text("Required")).to_be_visible()
    expect(excluded).to_contain_text("Would let it in")
    expect(page.get_by_role("region", name="The stack")).to_contain_text("LiteRT")


def test_a_cited_piece_of_evidence_is_one_click_away(page: Page) -> None:
    fill_in(page)
    page.get_by_role("button", name="Recommend").click()
    page.wait_for_url("**/recommendations/*")
    page.locator(".reasons a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Evidence")
    expect(page.get_by_text("Where in it")).to_be_visible()


def test_a_contents_link_opens_its_part(page: Page) -> None:
    page.goto("/questionnaire")
    question = page.get_by_role("group", name="How long may one prediction take?")
    expect(question).to_be_hidden()
    page.get_by_role("link", name="Limits").click()
    expect(question).to_be_visible()


def test_a_mistake_comes_back_beside_its_field(browser: Browser, service: Service) -> None:
    context = browser.new_context(base_url=service.url)
    page = context.new_page()
    page.goto("/questionnaire")
    page.get_by_role("link", name="The data").click()
    rows = page.get_by_role("textbox", name="How many rows or examples")
    rows.fill("plenty")
    page.get_by_role("button", name="Recommend").click()
    expect(page.get_by_role("alert")).to_contain_text("One answer needs another look")
    expect(rows).to_have_value("plenty")
    expect(rows).to_have_attribute("aria-invalid", "true")
    page.get_by_role("alert").get_by_role("link").click()
    expect(rows).to_be_in_viewport()
    context.close()


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    page.goto("/questionnaire")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    parts = page.locator(".contents a")
    for _ in range(parts.count()):
        page.keyboard.press("Tab")
    expect(parts.last).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("summary").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("input[name=stage]:checked")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Production")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("input[name=need]").first).to_be_checked()
    page.locator("input[name=stage]:checked").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/recommendations/*")
    page.locator("summary", has_text="Answers as understood").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="On record")).to_contain_text("Production")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_narrow_screen(browser: Browser, service: Service, scheme: str) -> None:
    context = browser.new_context(
        base_url=service.url,
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    complaints: list[str] = []
    watch(page, complaints)
    fill_in(page)
    page.get_by_role("button", name="Recommend").click()
    page.wait_for_url("**/recommendations/*")
    for address in (page.url, *PAGES):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(20, 24, 27)") == (scheme == "dark")
    context.close()
    assert complaints == []


def test_every_field_has_a_name_and_every_group_a_legend(page: Page) -> None:
    page.goto("/questionnaire")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    unnamed = page.evaluate(
        """[...document.querySelectorAll('input, select')].filter(
            each => !each.labels.length && !each.getAttribute('aria-label')).map(each => each.name)"""
    )
    assert unnamed == []
    assert page.locator("fieldset").count() == page.locator("fieldset > legend").count()
    repeated = page.evaluate(
        "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"
    )
    assert repeated == []
