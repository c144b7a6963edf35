"""Pictures within a page, in a real browser: one drawing follows light and dark, and stays inside a narrow screen."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from advisor import recommend, records
from advisor.house import House
from advisor.pictures import COLOURS

pytestmark = pytest.mark.browser
ANSWERS = {"stage": "production", "need": ["train"], "deploy_targets": ["android"]}


def rgb(colour: str) -> str:
    """A colour as a browser tells it."""
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


@pytest.fixture
def page_file(house: House, tmp_path: Path) -> Path:
    """The record of a decision, with pictures in it."""
    path = tmp_path / "record.html"
    path.write_bytes(records.record(house, recommend.answer(house, ANSWERS).id, "html", appendix=True).content)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_takes_the_colours_of_its_page(browser: Browser, page_file: Path, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(page_file.as_uri())
    fills = page.eval_on_selector_all("svg path, svg text", "all => all.map(each => getComputedStyle(each).fill)")
    strokes = page.eval_on_selector_all("svg line", "all => all.map(each => getComputedStyle(each).stroke)")
    drawn = {fill for fill in (*fills, *strokes) if fill != "none"}
    assert drawn <= {rgb(colour) for colour in COLOURS[scheme].values()}
    assert {rgb(COLOURS[scheme][name]) for name in ("ink", "bar", "line")} <= drawn
    page.close()


def test_nothing_is_cut_off_on_a_narrow_screen(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    cut = page.eval_on_selector_all(
        ".narrow svg",
        """all => all.flatMap(svg => {
             const frame = svg.getBoundingClientRect();
             return [...svg.querySelectorAll('text')].filter(text => {
               const box = text.getBoundingClientRect();
               return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
             }).map(text => text.textContent);
           })""",
    )
    assert cut == []
    sizes = page.eval_on_selector_all(
        ".narrow svg text", "all => all.map(text => parseFloat(getComputedStyle(text).fontSize))"
    )
    scale = page.evaluate("Math.min(...[...document.querySelectorAll('.narrow svg')].map(s => s.clientWidth / 336))")
    assert min(sizes) * scale >= 10.9
    page.close()
