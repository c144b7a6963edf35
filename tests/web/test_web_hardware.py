"""The page that looks at a browser: its documents from doubles and from real adapters, and what it sends, and when."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, Request, Route, expect

import probes
from api.web import assets
from probes.plausible import implausible
from rules.hardware import Profile, answers_from
from tests.serving import Service
from tests.web.conftest import ARGUMENTS, CHROMIUM

ADDRESS = "/hardware/browser"
# Without a graphics processor Chromium has an adapter in software, and another name of this machine is not localhost.
ELSEWHERE = "steelyard.test"
REAL_ARGUMENTS = [
    *(argument for argument in ARGUMENTS if argument != "--disable-gpu"),
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
]
ADAPTER = """{
  info: {vendor: "nvidia", architecture: "ampere", device: "", description: "", isFallbackAdapter: false},
  features: new Set(["timestamp-query", "shader-f16"]),
  limits: {maxBufferSize: 2147483648, maxStorageBufferBindingSize: 2147483644, maxComputeWorkgroupStorageSize: 32768},
  requestDevice: async () => ({destroy() {}}),
  %s
}"""
NEVER = "new Promise(() => {})"


def double(answer: str) -> str:
    """A script that puts another WebGPU into the page."""
    return f"Object.defineProperty(navigator, 'gpu', {{value: {{requestAdapter: async () => {answer}}}}})"


def adapter(more: str = "") -> str:
    return double(f"({ADAPTER % more})")


Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, service: Service) -> Iterator[Open]:
    """Open the page with a double in place, and wait until it has looked."""
    contexts = []
    complaints: list[str] = []

    def open_page(script: str, **context: Any) -> Page:
        made = browser.new_context(base_url=service.url, **context)
        contexts.append(made)
        page = made.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.add_init_script(script)
        return ready(page, ADDRESS)

    yield open_page
    for each in contexts:
        each.close()
    assert complaints == []


def ready(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator("#keep")).to_be_enabled(timeout=20_000)
    return page


def profile_of(page: Page) -> Profile:
    """What the page shows, as strictly as the service takes it."""
    found = probes.parse(json.loads(page.locator("#profile").inner_text()))
    assert implausible(found, datetime.now(UTC)) == []
    assert all(": " in finding.reason for finding in found.findings)
    return found


def ladder(profile: Profile) -> list[tuple[str, str, str]]:
    found = [each for each in profile.findings if each.probe == "browser_gpu"]
    return [(each.rung, each.state, each.reason.partition(":")[0]) for each in found]


SEEN = [("present", "yes", "adapter_found"), ("driver", "yes", "built_in")]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("script", "rungs"),
    [
        (adapter(), [*SEEN, ("usable", "yes", "device_opened")]),
        (adapter("info: {isFallbackAdapter: true}"), [*SEEN, ("usable", "no", "software_adapter")]),
        (adapter("info: {}, isFallbackAdapter: true"), [*SEEN, ("usable", "no", "software_adapter")]),
        (adapter("info: {architecture: 'swiftshader'}"), [*SEEN, ("usable", "no", "software_adapter")]),
        (adapter("info: undefined"), [*SEEN, ("usable", "yes", "device_opened")]),
        (
            adapter("requestDevice: async () => { throw new TypeError('x') }"),
            [*SEEN, ("usable", "no", "device_refused")],
        ),
        (adapter(f"requestDevice: () => {NEVER}"), [*SEEN, ("usable", "unknown", "timeout")]),
        (double("null"), [("present", "no", "no_adapter")]),
        (double(NEVER), [("present", "unknown", "timeout")]),
        (double("{throw new TypeError('lost')}"), [("present", "unknown", "request_failed")]),
        ("Object.defineProperty(navigator, 'gpu', {value: undefined})", [("present", "no", "no_webgpu")]),
        (
            "Object.defineProperty(navigator, 'gpu', {value: {requestAdapter() { throw new Error() }}})",
            [("present", "unknown", "request_failed")],
        ),
    ],
)
def test_what_comes_of_an_adapter(opened: Open, script: str, rungs: list[tuple[str, str, str]]) -> None:
    profile = profile_of(opened(script))
    assert ladder(profile) == rungs
    reached = {rung: state for rung, state, _ in rungs}
    states = [{rung: getattr(device, rung) for rung in reached} for device in profile.devices]
    assert states == ([reached] if rungs[0][1] == "yes" else [])


@pytest.mark.browser
def test_what_an_adapter_can_do(opened: Open) -> None:
    page = opened(adapter())
    profile = profile_of(page)
    (device,) = profile.devices
    assert (device.kind, device.name, device.architecture) == ("browser_gpu", "nvidia ampere", "ampere")
    assert (device.memory_bytes, device.driver_version, profile.memory_total_bytes) == (None, None, None)
    said = {each.probe: (each.state, each.raw) for each in profile.findings}
    assert said["shader_f16"] == ("yes", "shader-f16 timestamp-query")
    assert "maxStorageBufferBindingSize=2147483644" in str(said["webgpu_limits"][1])
    assert said["memory"][0] == "unknown"
    expect(page.locator("#answer")).to_have_text("WebGPU works here.")
    expect(page.locator("#says-buffer")).to_have_text("2 GiB")
    bare = profile_of(opened(adapter("features: new Set(), limits: {}")))
    assert [each.state for each in bare.findings if each.probe in ("shader_f16", "webgpu_limits")] == ["no"]


@pytest.mark.browser
def test_a_browser_is_deployed_to_or_trains(opened: Open) -> None:
    page = opened(adapter())
    runs = answers_from(profile_of(page))
    assert runs["deploy_targets"] == ["browser"]
    assert "nvidia_gpu" in runs["deploy_hardware"]  # type: ignore[operator]
    assert "train_hardware" not in runs
    page.get_by_role("radio", name="Models are trained in it").check()
    trains = answers_from(profile_of(page))
    assert trains["train_hardware"] == ["cpu", "browser_gpu"]
    assert "deploy_targets" not in trains
    software = profile_of(opened(adapter("info: {vendor: 'nvidia', isFallbackAdapter: true}")))
    assert "nvidia_gpu" not in software.chips


@pytest.mark.browser
@pytest.mark.parametrize(
    ("agent", "platform", "touches", "label", "system"),
    [
        (
            "X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
            "Linux x86_64",
            0,
            "Firefox 150 on Linux",
            "linux",
        ),
        ("Windows NT 10.0) Chrome/150.0.0.0 Safari/537.36", "Win32", 0, "Chromium 150 on Windows", "windows"),
        ("Macintosh) Version/26.1 Safari/605.1.15", "MacIntel", 0, "Safari 26 on macOS", "macos"),
        ("Macintosh) Version/26.1 Safari/605.1.15", "MacIntel", 5, "Safari 26 on iOS", "other"),
        ("iPhone) Version/26.1 Mobile/15E148 Safari/604.1", "iPhone", 5, "Safari 26 on iOS", "other"),
        ("Linux; Android 16) Chrome/150.0 Mobile Safari/537.36", "Linux armv81", 5, "Chromium 150 on Android", "other"),
        ("X11; CrOS x86_64 16093) Chrome/150.0 Safari/537.36", "Linux x86_64", 0, "Chromium 150 on ChromeOS", "other"),
        ("unheard of)", "Plan 9", 0, "Browser", "other"),
    ],
)
def test_a_browser_without_hints(
    opened: Open, agent: str, platform: str, touches: int, label: str, system: str
) -> None:
    """What is told by the older ways alone: the name that a browser gives itself, and its platform."""
    given = {
        "userAgentData": None,
        "userAgent": f"Mozilla/5.0 ({agent}",
        "platform": platform,
        "maxTouchPoints": touches,
    }
    script = "".join(
        f"Object.defineProperty(navigator, '{name}', {{value: {json.dumps(value)}}});" for name, value in given.items()
    )
    apple = adapter("info: {vendor: 'apple'}")
    profile = profile_of(opened(script + apple))
    assert (profile.label, profile.os, profile.arch) == (label, system, None)
    assert profile.chips == {"macos": ("apple_silicon",)}.get(system, ("phone_gpu",))


@pytest.mark.browser
def test_a_look_that_fails_says_so(browser: Browser, service: Service) -> None:
    page = browser.new_page(base_url=service.url)
    page.add_init_script(adapter("get limits() { throw new RangeError('x') }"))
    page.goto(ADDRESS)
    expect(page.locator("#answer")).to_have_text("The look at this browser failed (RangeError).")
    expect(page.locator("#keep")).to_be_disabled()
    page.close()


@pytest.mark.browser
def test_names_that_no_profile_may_hold_are_made_plain(opened: Open) -> None:
    hostile = "'<img src=x onerror=alert(1)>\\u202e\\ud800' + '\\u0007\\n' + '\\u{1f600}'.repeat(400)"
    page = opened(adapter(f"info: {{vendor: 'arm', architecture: {hostile}, description: {hostile}}}"))
    (device,) = profile_of(page).devices
    assert len(device.name or "") == 300
    assert (device.name or "").startswith("<img src=x onerror=alert(1)>")
    assert page.locator("main img").count() == 0


@pytest.mark.browser
def test_nothing_is_sent_before_the_click(opened: Open, service: Service) -> None:
    page = opened(adapter())
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    ready(page, ADDRESS)
    page.get_by_role("radio", name="Models are trained in it").check()
    page.wait_for_load_state("networkidle")
    assert {request.method for request in sent} == {"GET"}
    told = [request.url for request in sent if not request.url.startswith(f"{service.url}/static/")]
    assert all(url.startswith(service.url) and "?" not in url for url in told)
    sent.clear()
    shown = page.locator("#profile").inner_text()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#said a")).to_have_count(2)
    (posted,) = sent
    assert (posted.method, posted.post_data) == ("POST", shown)
    kept = httpx2.get(f"{service.url}/v1{page.locator('#said a').first.get_attribute('href')}").json()
    assert kept["source"] == "your profile"
    assert kept["profile"] == probes.document(probes.parse(json.loads(shown)))
    page.get_by_role("link", name="Ask about this browser").click()
    expect(page.locator("[name='hardware.profile']")).to_have_value(kept["id"])
    expect(page.get_by_role("radio", name="Another machine")).to_be_checked()


@pytest.mark.browser
def test_the_file_and_the_copy_are_what_is_shown(opened: Open) -> None:
    page = opened(adapter(), permissions=["clipboard-read", "clipboard-write"])
    shown = page.locator("#profile").inner_text()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    assert saved.value.path().read_text("utf-8") == shown
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == shown


@pytest.mark.browser
def test_where_a_page_may_not_copy_it_selects(opened: Open) -> None:
    page = opened(adapter() + ";Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#said")).to_contain_text("selected")
    assert json.loads(page.evaluate("getSelection().toString()"))["origin"] == "pushed"


@pytest.mark.browser
def test_what_is_not_kept_is_said(browser: Browser, service: Service) -> None:
    page = browser.new_page(base_url=service.url)
    ready(page, ADDRESS)
    problem = {"title": "No", "detail": "A part of it is <b>wrong</b>."}
    answers: list[Callable[[Route], None]] = [
        lambda route: route.fulfill(status=422, json=problem),
        lambda route: route.abort(),
    ]
    for answer, said in zip(
        answers, ("Not kept: A part of it is <b>wrong</b>.", "the service did not answer"), strict=True
    ):
        page.route("**/v1/hardware", answer)
        page.get_by_role("button", name="Keep it").click()
        expect(page.locator("#said")).to_contain_text(said)
        page.unroute("**/v1/hardware")
    page.close()


@pytest.mark.browser
def test_by_keyboard(opened: Open) -> None:
    page = opened(adapter())
    page.locator("#purpose-run").focus()
    page.keyboard.press("ArrowDown")
    assert profile_of(page).targets == ()
    for part in ("#profile", "#keep"):
        page.keyboard.press("Tab")
        expect(page.locator(part)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Kept as")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("script", [double(NEVER), adapter("info: {isFallbackAdapter: true}")])
def test_narrow_and_without_a_shift(opened: Open, scheme: str, script: str) -> None:
    watching = """window.shifted = 0; new PerformanceObserver(list => {
        for (const each of list.getEntries()) window.shifted += each.value;
    }).observe({type: "layout-shift", buffered: true});"""
    page = opened(watching + script, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert (
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(() => done(shifted), 50)))") < 0.001
    )
    dark = page.evaluate("getComputedStyle(document.querySelector('#profile')).backgroundColor")
    assert (dark == "rgb(20, 24, 27)") == (scheme == "dark")


# --- Without doubles -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(browser: Browser) -> Iterator[Browser]:
    """A Chromium with WebGPU in software. It borrows the playwright that runs already."""
    launched = browser.browser_type.launch(executable_path=CHROMIUM, args=REAL_ARGUMENTS)
    yield launched
    launched.close()


@pytest.mark.browser
def test_a_software_adapter_of_chromium(real: Browser, service: Service) -> None:
    page = real.new_page(base_url=service.url)
    profile = profile_of(ready(page, ADDRESS))
    if not profile.devices:
        pytest.skip("this Chromium has no adapter in software")
    assert ladder(profile) == [*SEEN, ("usable", "no", "software_adapter")]
    assert profile.devices[0].architecture == "swiftshader"
    assert {each.probe for each in profile.findings} > {"shader_f16", "webgpu_limits"}
    page.close()


@pytest.mark.browser
def test_a_page_over_plain_http(real: Browser, service: Service) -> None:
    page = real.new_page(base_url=service.url.replace("127.0.0.1", ELSEWHERE))
    profile = profile_of(ready(page, ADDRESS))
    assert ladder(profile) == [("present", "unknown", "insecure_page")]
    assert profile.devices == ()
    expect(page.locator("#answer")).to_contain_text("needs HTTPS or localhost")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#said")).to_contain_text("Kept as")
    page.close()


# --- Without a browser -----------------------------------------------------------------------------------------------


def test_its_script_is_a_file_of_the_service(client: TestClient) -> None:
    answer = client.get(ADDRESS)
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert f'<script type="module" src="{assets.address("browser.js")}"></script>' in answer.text
    assert client.get("/static/browser.js").headers["content-type"].startswith("text/javascript")


def test_it_is_found_from_the_questionnaire(client: TestClient) -> None:
    assert f'href="{ADDRESS}"' in client.get("/questionnaire").text
    assert client.get(ADDRESS, params={"x": "1"}).status_code == 422


def test_a_profile_may_be_named_in_the_address(client: TestClient) -> None:
    page = client.get("/questionnaire", params={"hardware": 'h-"><b>'}).text
    assert 'value="h-&#34;&gt;&lt;b&gt;"' in page
    assert 'value="local" checked' in client.get("/questionnaire", params={"hardware": "local"}).text
