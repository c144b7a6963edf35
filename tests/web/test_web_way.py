"""The whole way in a real browser: from the start page to a kept change, by mouse, by keyboard, and past what fails."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.serving import Service
from tests.web.conftest import begin, opened

pytestmark = pytest.mark.browser
ANSWERS = {"stage": "production", "need": ["train"], "deploy_targets": ["android"], "offline": True}


def question(page: Page) -> Locator:
    """The main heading: what is asked now."""
    return page.get_by_role("heading", level=1)


def standing(page: Page) -> Locator:
    return page.locator("#standing")


def take_an_answer(page: Page) -> str:
    """Choose or fill in something; the text of the question."""
    asked = question(page).inner_text()
    if page.locator(".question .choice").count():
        page.locator(".question .choice").first.click()
    elif page.locator(".question input.number").count():
        page.locator(".question input.number").fill("5000")
    else:
        page.locator(".question select").first.select_option(index=1)
    return asked


def recommend(page: Page, **answers: object) -> str:
    """The address of a recommendation."""
    made = page.request.post("/v1/recommendations", data={"answers": answers or ANSWERS})
    assert made.ok, made.text()
    return f"/recommendations/{made.json()['id']}"


def points(page: Page, **answers: object) -> list[str]:
    """The scores that the interface gives for answers, as the panel shows them."""
    told = page.request.post("/v1/questions/next", data={"answers": answers})
    assert told.ok, told.text()
    roles: dict[str, Any] = told.json()["roles"]
    places = 5 if len(roles) == 1 else 3
    return [f"{100 * place['score']:.1f}" for found in roles.values() for place in found["ranking"][:places]]


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(200):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by keyboard to {wanted}")


def test_the_whole_way_by_mouse(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Its name").fill("Bird songs")
    page.get_by_role("button", name="Start asking").click()
    page.wait_for_url("**/projects/p-*?question=*")
    for number in range(2):
        asked = take_an_answer(page)
        page.get_by_role("button", name="Next").click()
        expect(question(page)).not_to_have_text(asked)
        expect(question(page)).to_be_focused()
        expect(page.locator(".crumb")).to_contain_text(f"{number + 1} answered")
        expect(page).to_have_title(re.compile("^" + re.escape(question(page).inner_text())))
    for _ in range(60):
        asked = question(page).inner_text()
        if asked == "You can stop here":
            break
        page.get_by_role("button", name="Don’t know").click()
        expect(question(page)).not_to_have_text(asked)
    expect(question(page)).to_have_text("You can stop here")
    expect(question(page)).to_be_focused()
    assert "?" not in page.url
    page.get_by_role("button", name="See the recommendation", exact=True).click()
    page.wait_for_url("**/recommendations/d-*")
    expect(question(page)).to_have_text("Recommendation for Bird songs")
    first = page.url
    page.get_by_role("link", name="Change answers").click()
    change_something(page)
    page.get_by_role("button", name="Keep as a new recommendation").click()
    expect(question(page)).to_have_text("Recommendation for Bird songs")
    assert page.url != first
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("textbox", name="From").fill(first)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("They differ in the answers.")).to_be_visible()
    expect(page.get_by_role("heading", name="Answers that differ")).to_be_visible()


def change_something(page: Page) -> None:
    """Change the first answer on the page that tries others."""
    page.locator(".group > summary").first.click()
    open_now = page.locator(".group[open]").first
    open_now.locator(".choice input:not(:checked)").first.check()
    expect(page.get_by_role("heading", name="If you answer so")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/what-if\?"))


def test_the_whole_way_by_keyboard(page: Page) -> None:
    page.goto("/")
    tab_to(page, page.get_by_label("Its name"))
    page.keyboard.type("Bird songs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/p-*?question=*")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for key in ("Next", "Don’t know"):
        asked = question(page).inner_text()
        page.keyboard.press("Tab")
        if key == "Next":
            page.keyboard.press("Space")
        tab_to(page, page.get_by_role("button", name=key))
        page.keyboard.press("Enter")
        expect(question(page)).not_to_have_text(asked)
        expect(question(page)).to_be_focused()
    tab_to(page, page.get_by_role("button", name="See the recommendation"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/recommendations/d-*")
    tab_to(page, page.get_by_role("link", name="Change answers"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/what-if")
    tab_to(page, page.locator(".group > summary").first)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    here = page.locator(".group[open] input:focus")
    expect(here).to_have_count(1)
    name = here.get_attribute("name")
    page.keyboard.press("Space" if here.get_attribute("type") == "checkbox" else "ArrowDown")
    expect(page.get_by_role("heading", name="If you answer so")).to_be_visible()
    expect(page.locator("input:focus")).to_have_attribute("name", str(name))
    before = page.url
    tab_to(page, page.get_by_role("button", name="Keep as a new recommendation"))
    page.keyboard.press("Enter")
    expect(question(page)).to_have_text("Recommendation for Bird songs")
    assert page.url != before


def test_every_stop_of_the_keyboard_is_seen(page: Page) -> None:
    for address in ("/", begin(page, need=["train"]) + "?question=stage", recommend(page) + "/what-if"):
        page.goto(address)
        for _ in range(25):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                """() => {
                    const here = document.activeElement, style = getComputedStyle(here);
                    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                    return seen || here === document.body ? '' : here.outerHTML }"""
            )
            assert seen == "", address


def test_the_ranking_moves_before_the_answer_is_given(page: Page) -> None:
    address = begin(page, need=["train"])
    page.goto(address + "?question=deploy_targets")
    expect(standing(page).get_by_role("heading", level=2)).to_have_text("As it stands")
    page.get_by_text("Android", exact=True).click()
    expect(standing(page).get_by_role("heading", level=2)).to_have_text("If you answer so")
    expect(standing(page).locator(".points")).to_have_text(points(page, need=["train"], deploy_targets=["android"]))
    expect(standing(page).get_by_role("status")).to_contain_text("comes first")
    expect(page.get_by_role("checkbox", name="Android")).to_be_focused()
    page.get_by_text("Android", exact=True).click()
    expect(standing(page).get_by_role("heading", level=2)).to_have_text("As it stands")
    page.goto(address + "?question=data_rows")
    page.get_by_role("textbox", name="How many rows").press_sequentially("5000")
    expect(standing(page).get_by_role("heading", level=2)).to_have_text("If you answer so")
    assert page.request.get("/v1" + address).json()["answers"] == {"need": ["train"]}


def test_of_two_quick_changes_the_last_is_shown(browser: Browser, service: Service) -> None:
    with opened(browser, service) as context:
        page = context.new_page()
        address = begin(page, need=["train"])
        page.goto(address + "?question=deploy_targets")
        held: list[Route] = []

        def hold_the_first(route: Route) -> None:
            if held:
                route.continue_()
            else:
                held.append(route)

        page.route("**/preview", hold_the_first)
        with page.expect_request("**/preview"):
            page.get_by_text("Android", exact=True).click()
        page.get_by_text("Web browser", exact=True).click()
        wanted = points(page, need=["train"], deploy_targets=["android", "browser"])
        expect(standing(page).locator(".points")).to_have_text(wanted)
        held[0].continue_()
        page.wait_for_load_state("networkidle")
        expect(standing(page).locator(".points")).to_have_text(wanted)


def test_a_preview_that_fails_does_no_harm(browser: Browser, service: Service) -> None:
    with opened(browser, service) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        address = begin(page, need=["train"])
        page.goto(address + "?question=stage")
        page.route("**/preview", lambda route: route.abort())
        with page.expect_event("requestfailed"):
            page.get_by_role("radio", name="Research").check()
        expect(page.get_by_role("radio", name="Research")).to_be_checked()
        expect(standing(page).get_by_role("heading", level=2)).to_have_text("As it stands")
        page.get_by_role("button", name="Next").click()
        expect(page.locator(".crumb")).to_contain_text("2 answered")
        assert page.request.get("/v1" + address).json()["answers"] == {"need": ["train"], "stage": "research"}
        assert errors == []


def test_a_preview_that_comes_too_late_is_not_shown(browser: Browser, service: Service) -> None:
    with opened(browser, service) as context:
        page = context.new_page()
        page.goto(begin(page, need=["train"]) + "?question=deploy_targets")
        held: list[Route] = []
        page.route("**/preview", lambda route: held.append(route))
        with page.expect_request("**/preview"):
            page.get_by_text("Android", exact=True).click()
        page.get_by_role("button", name="Next").click()
        expect(question(page)).not_to_have_text("Where will the model run?")
        held[0].continue_()
        page.wait_for_load_state("networkidle")
        expect(standing(page).get_by_role("heading", level=2)).to_have_text("As it stands")


def test_a_fault_takes_the_focus_to_its_field(browser: Browser, service: Service) -> None:
    with opened(browser, service) as context:
        page = context.new_page()
        address = begin(page) + "?question=data_rows"
        page.goto(address)
        rows = page.get_by_role("textbox", name="How many rows")
        rows.fill("plenty")
        page.keyboard.press("Enter")
        expect(page.locator(".question .fault")).to_contain_text("found 'plenty'")
        expect(rows).to_be_focused()
        expect(rows).to_have_value("plenty")
        assert page.url.endswith(address)
        rows.fill("5000")
        page.keyboard.press("Enter")
        expect(page.locator(".crumb")).to_contain_text("1 answered")
        page.goto(address.partition("?")[0] + "?question=stage")
        page.get_by_role("button", name="Next").click()
        expect(page.locator(".question .fault")).to_contain_text("Don’t know")
        expect(question(page)).to_be_focused()


def test_two_windows_lose_nothing(browser: Browser, service: Service) -> None:
    with opened(browser, service) as context:
        one, other = context.new_page(), context.new_page()
        address = begin(one)
        one.goto(address + "?question=stage")
        other.goto(address + "?question=offline")
        one.get_by_role("radio", name="Research").check()
        one.get_by_role("button", name="Next").click()
        expect(one.locator(".crumb")).to_contain_text("1 answered")
        other.get_by_role("radio", name="Yes").check()
        other.get_by_role("button", name="Next").click()
        expect(other.get_by_role("alert")).to_contain_text("changed in another window")
        expect(other.get_by_role("radio", name="Yes")).to_be_checked()
        other.get_by_role("button", name="Next").click()
        expect(other.locator(".crumb")).to_contain_text("2 answered")
        assert one.request.get("/v1" + address).json()["answers"] == {"stage": "research", "offline": True}


@pytest.mark.parametrize("scripts", [True, False])
def test_going_back_leads_to_the_question_before(browser: Browser, service: Service, scripts: bool) -> None:
    with opened(browser, service, java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_role("button", name="Start asking").click()
        page.wait_for_url("**/projects/p-*?question=*")
        asked = []
        for _ in range(2):
            asked.append(take_an_answer(page))
            page.get_by_role("button", name="Next").click()
            expect(question(page)).not_to_have_text(asked[-1])
        page.go_back()
        expect(question(page)).to_have_text(asked[1])
        expect(page.locator(".crumb")).to_contain_text("2 answered")
        page.go_back()
        expect(question(page)).to_have_text(asked[0])
        page.get_by_role("button", name="Don’t know").click()
        expect(page.locator(".crumb")).to_contain_text("1 answered, 1 not known")
        page.go_forward()


def test_the_whole_way_without_scripts(browser: Browser, service: Service) -> None:
    with opened(browser, service, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_role("button", name="Start asking").click()
        asked = take_an_answer(page)
        page.get_by_role("button", name="Next").click()
        expect(question(page)).not_to_have_text(asked)
        page.get_by_role("button", name="See the recommendation so far").click()
        page.get_by_role("link", name="Change answers").click()
        page.locator(".group > summary").first.click()
        page.locator(".group[open] input:not(:checked):visible").first.check()
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_role("heading", name="What that changes")).to_be_visible()
        page.get_by_role("button", name="Keep as a new recommendation").click()
        expect(question(page)).to_have_text("Recommendation")


def test_other_answers_are_tried_at_an_address_that_can_be_shared(
    page: Page, browser: Browser, service: Service
) -> None:
    page.goto(recommend(page) + "/what-if")
    page.get_by_role("heading", name="Where will the model run?").click()
    page.get_by_role("checkbox", name="iOS").check()
    expect(page.get_by_role("heading", name="What that changes")).to_be_visible()
    page.get_by_label("Answer another question too").select_option("team_size")
    expect(page.locator("#try-team_size")).to_have_attribute("open", "")
    expect(page).to_have_url(re.compile("add=team_size"))
    shown = standing(page).inner_text()
    with opened(browser, service) as elsewhere:
        other = elsewhere.new_page()
        other.goto(page.url)
        assert standing(other).inner_text() == shown
        expect(other.get_by_role("checkbox", name="iOS")).to_be_checked()
        expect(other.locator("#try-team_size")).to_be_visible()
        expect(other.get_by_role("heading", name="What that changes")).to_be_visible()
    page.get_by_role("link", name="Undo all changes").click()
    expect(page.get_by_role("heading", name="As it stands")).to_be_visible()


def test_changes_of_the_ranking_do_not_move_for_those_who_want_rest(browser: Browser, service: Service) -> None:
    durations = []
    for wish in ("reduce", "no-preference"):
        with opened(browser, service, reduced_motion=wish) as context:
            page = context.new_page()
            page.goto(begin(page) + "?question=stage")
            bar = standing(page).locator(".scale .value").first
            durations.append(bar.evaluate("each => getComputedStyle(each).transitionDuration"))
    assert durations[0] == "0s"
    assert durations[1] != "0s"
