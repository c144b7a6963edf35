"""Every page in every state that matters: nothing that axe finds, nothing wider than a phone, nothing that jumps, and
little to load.
"""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, expect

from advisor import portfolios
from advisor.errors import NotYet
from tests.serving import Service, work_off
from tests.web.conftest import begin, opened
from tests.web.test_web_way import recommend

pytestmark = pytest.mark.browser
WIDE, NARROW = 1280, 360
MOST_BYTES = 100_000
PLAIN = (
    "/",
    "/questionnaire",
    "/knowledge",
    "/frameworks",
    "/frameworks/pytorch",
    "/frameworks/mxnet",
    "/criteria",
    "/criteria/debugging",
    "/claims",
    "/claims?about=tensorflow",
    "/evidence",
    "/evidence/facts",
    "/evidence?verdict=wrong",
    "/hardware",
    "/hardware?query=zzzz",
    "/hardware/local",
    "/hardware/catalogue:g5.xlarge",
    "/hardware/browser",
    "/problems",
    "/api",
    "/rule-of-thumb",
    "/portfolios",
    "/portfolios?portfolio=x",
    "/nowhere",
    "/claims?about=pytorhc",
)
KINDS = ("stage", "deploy_targets", "data_rows", "offline", "priorities", "considering")
TEXT = {"content-type": "text/csv"}
ROWS = [
    f"p{n},{('research', 'production')[n % 2]},{('android', '')[n % 3 % 2]},{('pytorch', 'caffe', '')[n % 3]}"
    for n in range(40)
]
PROJECTS = "\n".join(["id,stage,deploy_targets,existing_code", *ROWS, "x,reserch,,"]).encode()
SHIFTS = """
window.shifted = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(params=[(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark"), (NARROW, "light")], ids=str)
def context(request: pytest.FixtureRequest, browser: Browser, service: Service) -> Iterator[BrowserContext]:
    """A wide and a narrow screen, each in both schemes."""
    width, scheme = request.param
    with opened(
        browser, service, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    ) as found:
        yield found


def examined(page: Page, where: str) -> list[str]:
    """What is wrong with a page as it is, everything folded out."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(page).response["violations"]
    wrong = [f"{where}: {v['id']} ({v['impact']}) {v['nodes'][0]['html'][:200]}" for v in found]
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [*wrong, f"{where} is {width[0]} wide"] if width[0] > width[1] else wrong


def test_pages_to_look_things_up(context: BrowserContext) -> None:
    page = context.new_page()
    wrong = []
    for address in PLAIN:
        page.goto(address)
        wrong += examined(page, address)
    assert wrong == []


def test_questions_of_every_kind_with_faults_and_answers(context: BrowserContext) -> None:
    page = context.new_page()
    project = begin(page, need=["train"], team_size=None, python_min="3.13")
    wrong = examined(page, "the next question")
    for kind in KINDS:
        page.goto(f"{project}?question={kind}")
        wrong += examined(page, kind)
        if page.locator(".question .choice:visible, .question select").count():
            page.locator(".question .choice input, .question select").first.focus()
            page.keyboard.press("Space" if kind != "priorities" else "ArrowDown")
            expect(page.get_by_role("heading", name="If you answer so")).to_be_visible()
            wrong += examined(page, f"{kind}, tried")
    page.goto(f"{project}?question=data_rows")
    page.get_by_role("textbox", name="How many rows").fill("plenty")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".question .fault")).to_be_visible()
    wrong += examined(page, "a fault")
    assert wrong == []


def test_the_end_and_what_follows_it(context: BrowserContext) -> None:
    page = context.new_page()
    questions = page.request.get("/v1/questions").json()["items"]
    nothing: dict[str, Any] = {q["id"]: None for q in questions}
    begin(page, **nothing)
    expect(page.get_by_role("heading", level=1)).to_have_text("You can stop here")
    wrong = examined(page, "the end")
    made = recommend(page)
    other = recommend(page, stage="research").rpartition("/")[2]
    for rest in (
        "",
        "/what-if",
        "/what-if?on=stage&stage=research",
        "/what-if?on=data_rows&add=data_rows&data_rows=plenty",
        "/diff",
        f"/diff?other={other}",
        "/frameworks/pytorch",
        "/frameworks/tensorflow",
    ):
        page.goto(made + rest)
        wrong += examined(page, "recommendation" + rest)
    page.goto("/questionnaire?from=" + made.rpartition("/")[2])
    wrong += examined(page, "all questions, answered")
    assert wrong == []


@pytest.fixture(scope="module")
def portfolio(service: Service) -> str:
    """The address of a portfolio that is done."""
    answer = httpx2.post(f"{service.url}/v1/portfolios?file=ours.csv", content=PROJECTS, headers=TEXT, trust_env=False)
    work_off(service)
    return f"/portfolios/{answer.json()['id']}"


def written(client: TestClient, monkeypatch: pytest.MonkeyPatch, address: str) -> str:
    """The page at the address of a file while that is being written, which is soon over."""
    monkeypatch.setattr(portfolios, "written", Mock(side_effect=NotYet))
    monkeypatch.setattr(portfolios, "get", lambda _, link: {"id": link, "name": "Ours " * 40})
    return client.get(address).text


def test_portfolios_before_and_after(
    context: BrowserContext, portfolio: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = context.new_page()
    page.goto("/portfolios")
    file: Any = {"name": "theirs.csv", "mimeType": "text/csv", "buffer": PROJECTS.replace(b"stage", b"Phase")}
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="1 column is not understood")).to_be_visible()
    wrong = examined(page, "a file, asking")
    page.get_by_label("What the column Phase means").select_option("stage")
    page.get_by_role("button", name="Look again").first.click()
    expect(page.get_by_role("heading", name="What becomes of the first rows")).to_be_visible()
    wrong += examined(page, "a file, asked")
    page.get_by_role("button", name="Score it").click()
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    wrong += examined(page, "waiting")
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    wrong += examined(page, "stopped")
    parts = ("", "/consolidation", "/movers", "/risk", "/groups", "/sensitivity", "/changes")
    for rest in (*parts, "/rows", "/rows?first=pytorch", "/rows/1"):
        page.goto(portfolio + rest)
        wrong += examined(page, "portfolio" + rest)
    text = written(client, monkeypatch, portfolio + "/results.jsonl")
    page.route("**/results.jsonl", lambda route: route.fulfill(body=text, content_type="text/html"))
    page.goto(portfolio + "/results.jsonl")
    expect(page.get_by_role("status")).to_contain_text("is being written")
    wrong += examined(page, "a file, being written")
    assert wrong == []


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/questionnaire",
        "/projects/?question=deploy_targets",
        "/frameworks",
        "/knowledge",
        "/hardware",
        "/portfolios",
    ],
)
def test_a_first_visit_loads_little(browser: Browser, service: Service, address: str) -> None:
    with opened(browser, service) as context:
        page = context.new_page()
        if address.startswith("/projects/"):
            address = begin(page, need=["train"]) + address.removeprefix("/projects/")
            page.close()
    with opened(browser, service) as context:
        page = context.new_page()
        loaded: dict[str, int] = {}
        page.on("requestfinished", lambda r: loaded.__setitem__(r.url, weight(r.sizes())))
        page.goto(address, wait_until="networkidle")
        assert any("/static/style.css" in each for each in loaded)
        assert any("/static/htmx" in each for each in loaded)
        assert sum(loaded.values()) < MOST_BYTES, loaded


def weight(sizes: Any) -> int:
    """What travelled in answer to one request, in bytes."""
    return int(sizes["responseBodySize"] + sizes["responseHeadersSize"])


def test_style_and_scripts_are_asked_for_once(browser: Browser, service: Service) -> None:
    with opened(browser, service) as context:
        page = context.new_page()
        page.goto("/", wait_until="networkidle")
        asked: list[str] = []
        page.on("response", lambda r: asked.append(r.url) if not r.from_service_worker else None)
        page.goto("/frameworks", wait_until="networkidle")
        kept = page.evaluate(
            "performance.getEntriesByType('resource').filter(e => e.name.includes('/static/')).map(e => e.transferSize)"
        )
        assert kept
        assert set(kept) == {0}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_jumps(browser: Browser, service: Service, portfolio: str, width: int) -> None:
    with opened(browser, service, viewport={"width": width, "height": 800}) as context:
        context.add_init_script(SHIFTS)
        page = context.new_page()
        project = begin(page, need=["train"])
        made = recommend(page)

        def calm(step: Callable[[], Any], where: str) -> None:
            step()
            page.wait_for_load_state("networkidle")
            page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            assert page.evaluate("shifted.reduce((sum, each) => sum + each, 0)") < 0.01, where

        for address in ("/", "/questionnaire", project, made, made + "/what-if", "/frameworks", "/hardware", portfolio):
            calm(lambda address=address: page.goto(address), address)  # type: ignore[misc]
        page.goto(project + "?question=stage")
        calm(page.get_by_role("radio", name="Research").check, "a preview")
        calm(page.get_by_role("button", name="Next").click, "the next question")
        expect(page.locator(".crumb")).to_contain_text("2 answered")
        calm(lambda: None, "the next question, shown")
