"""The flow chart: everything is on it, nothing lies over anything else, and the lists say the same."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from advisor import flow_chart, rule_of_thumb
from learning.features import Feature
from learning.tree import Leaf, Node, Split, Tree, leaves, splits

SVG = "{http://www.w3.org/2000/svg}"
NAMES = {"a": "Alpha & Co", "b": "Beta", "c": "Gamma with an uncommonly long name that no box can hold"}
CHARACTER = 0.56  # the width of a character as a part of the size of its text, generously
TALL = 12  # pixels of letters above the line they stand on


def asks(text: str) -> Feature:
    return Feature("q", ("x",), None, text)


def leaf(name: str) -> Leaf:
    return Leaf(name, 1234, 0.914, "c", 0.05)


BRANCHED: Node = Split(
    asks("Is it <classical> machine learning, with a text of three lines or so?"),
    Split(asks("Yes, and?"), Split(asks("Deeper?"), leaf("a"), leaf("b")), leaf("b")),
    Split(asks("No, and?"), leaf("b"), Split(asks("Last?"), leaf("a"), leaf("c"))),
)


def of(root: Node) -> Tree:
    return replace(rule_of_thumb._shipped()["training"], root=root)


def parsed(xml: str) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314  our own


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """(left, top, right, bottom) of every box, without the ground and the bars."""
    found = parsed(svg).iter(f"{SVG}rect")
    return [
        (x, y, x + w, y + h)
        for x, y, w, h in (tuple(float(r.get(k, 0)) for k in ("x", "y", "width", "height")) for r in found)
        if h == flow_chart.HEIGHT
    ]


@pytest.mark.parametrize("root", [BRANCHED, leaf("a"), *(t.root for t in rule_of_thumb._shipped().values())])
def test_boxes_lie_apart_and_within_the_picture(root: Node) -> None:
    svg = flow_chart.draw(of(root), NAMES, "Title", "light")
    found = boxes(svg)
    assert len(found) == len(list(leaves(root))) + len(list(splits(root)))
    head = parsed(svg)
    width, height = float(head.get("width", 0)), float(head.get("height", 0))
    for place, one in enumerate(found):
        assert 0 <= one[0] < one[2] <= width
        assert 0 <= one[1] < one[3] <= height
        for other in found[place + 1 :]:
            assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]


@pytest.mark.parametrize("root", [BRANCHED, *(t.root for t in rule_of_thumb._shipped().values())])
def test_no_line_crosses_a_box(root: Node) -> None:
    svg = flow_chart.draw(of(root), NAMES, "Title", "light")
    found = boxes(svg)
    lines = re.findall(r'<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)', svg)
    assert len(lines) == 2 * len(list(splits(root)))
    ends = [tuple(map(float, line)) for line in lines]
    for x, y, to_x, to_y in ends:
        assert any((to_x, to_y) in ((box[0], (box[1] + box[3]) / 2), (box[0] + 24, box[1])) for box in found)
        for box in found:
            assert not (box[0] < (x + to_x) / 2 < box[2] and box[1] < (y + to_y) / 2 < box[3])


@pytest.mark.parametrize("root", [BRANCHED, *(t.root for t in rule_of_thumb._shipped().values())])
def test_texts_stand_in_their_boxes_and_are_whole(root: Node) -> None:
    svg = flow_chart.draw(of(root), NAMES, "Title", "light")
    texts = [t for t in parsed(svg).iter(f"{SVG}text") if t.text not in ("yes", "no")]
    found = boxes(svg)
    for text in texts:
        x, y = float(text.get("x", 0)), float(text.get("y", 0))
        assert any(b[0] < x < b[2] and b[1] + TALL <= y <= b[3] - 7 for b in found), text.text
        size = float(text.get("font-size", flow_chart.TEXT))
        assert len(text.text or "") * size * CHARACTER <= flow_chart.WIDTH - 18, text.text
    together = " ".join(t.text or "" for t in texts)
    for split in splits(root):
        assert split.asks.text in together
    for end in leaves(root):
        assert f"{NAMES.get(end.framework, end.framework)[:12]}" in together
        assert f"{end.share:.0%} of {end.count:,}" in together


def test_a_page_gives_the_colours_and_a_file_brings_its_own() -> None:
    tree = of(BRANCHED)
    page = flow_chart.draw(tree, NAMES, "Title", "page")
    assert "<style>" not in page
    assert not re.search(r'(fill|stroke)="#', page)
    used = set(re.findall(r"var\(--([a-z]+)\)", page))
    assert used <= set(flow_chart.LIGHT) == set(flow_chart.DARK)
    both = flow_chart.draw(tree, NAMES, "Title", "file")
    assert all(f"--ink:{of['ink']}" in both for of in (flow_chart.LIGHT, flow_chart.DARK))
    assert "prefers-color-scheme:dark" in both
    assert flow_chart.LIGHT["ink"] not in flow_chart.draw(tree, NAMES, "Title", "dark")


def test_texts_of_others_are_escaped_and_the_picture_has_a_name() -> None:
    svg = flow_chart.draw(of(BRANCHED), NAMES, 'A "title" & more', "page")
    head = parsed(svg)
    assert (head.get("role"), head.get("aria-label")) == ("img", 'A "title" & more')
    assert "&lt;classical&gt;" in svg
    assert "<classical>" not in flow_chart.as_html(BRANCHED, NAMES)


def test_the_lists_say_the_same() -> None:
    html = flow_chart.as_html(BRANCHED, NAMES)
    assert html.count("<li>Yes: ") == html.count("<li>No: ") == len(list(splits(BRANCHED)))
    parsed(f"<p>{html}</p>")
    lines = list(flow_chart.as_markdown(BRANCHED, NAMES))
    assert lines[0] == "- Yes: Yes, and?"
    assert lines[1] == "  - Yes: Deeper?"
    assert (
        lines[2]
        == "    - Yes: Alpha & Co (91% of 1,234; else mostly Gamma with an uncommonly long name that no box can hold)"
    )
    assert len(lines) == 2 * len(list(splits(BRANCHED)))
