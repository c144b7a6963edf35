"""Pictures: what is drawn is what was recorded, in full; every text fits; one drawing serves light and dark."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor import pictures, questioning, recommend
from advisor.house import House
from advisor.pictures import COLOURS, NARROW, WIDE, Picture, dated, draw, ranked, shapes
from rules.accounts.naming import Names

STYLE = Path(__file__).parents[2] / "api" / "web" / "static" / "style.css"
ANSWERS = {
    "stage": "production",
    "need": ["train"],
    "deploy_targets": ["android", "server_cpu"],
    "priorities": ["longevity", "debugging"],
}
LONG = "Microsoft Cognitive Toolkit (CNTK) for Microcontrollers, Browsers and Phones"
PIECES = [
    {"id": f"e{n}", "as_of": day, "verdict": verdict, "source": {"kind": kind, "publisher": "P", "title": f"T{n}"}}
    for n, (day, verdict, kind) in enumerate(
        [
            ("2019", "outdated", "article"),
            ("2024-05", "holds", "vendor_documentation"),
            ("2026-11-02", "holds", "vendor_documentation"),
            ("2026-11-20", "holds", "vendor_documentation"),
            ("2026-10-01", "wrong", "article"),
            ("2026-11-01", "contested", "benchmark"),
            ("2020-01-31", "unverifiable", "article"),
        ]
    )
]


@pytest.fixture
def decided(house: House) -> tuple[dict[str, Any], Names]:
    """A decision of two roles and its words."""
    return questioning.opened(house, recommend.answer(house, ANSWERS).id)


def drawn(document: dict[str, Any], names: Names, width: int) -> Iterator[Picture]:
    """Every picture of a decision."""
    found = [pictures.stack(document, names, width=width), pictures.evidence(PIECES, LONG, width=width)]
    for role, result in document["roles"].items():
        found += [
            pictures.ranking(document, role, names, width=width),
            pictures.ranks(document, role, names, width=width),
        ]
        for place in result["ranking"]:
            found.append(pictures.contributions(document, role, place["framework"], names, width=width))
    return (each for each in found if each is not None)


def rows(picture: Picture, mark: str, **wanted: object) -> list[dict[str, Any]]:
    """The data of the layers with that mark."""
    layers = [layer for layer in picture.spec["layer"] if layer["mark"]["type"] == mark]
    layers = [layer for layer in layers if all(layer["mark"].get(key) == value for key, value in wanted.items())]
    return [row for layer in layers for row in layer["data"]["values"]]


def test_there_is_something_to_draw(decided: tuple[dict[str, Any], Names]) -> None:
    document, names = decided
    assert {picture.id.partition("-")[0] for picture in drawn(document, names, WIDE)} == {
        "ranking",
        "ranks",
        "contributions",
        "stack",
        "evidence",
    }


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_text_is_large_enough_and_inside(decided: tuple[dict[str, Any], Names], width: int) -> None:
    for picture in drawn(*decided, width):
        root = ElementTree.fromstring(draw(picture))  # noqa: S314  our own drawing
        assert (root.get("role"), root.get("viewBox")) == ("img", f"0 0 {width} {picture.height}")
        for text in root.iter("{http://www.w3.org/2000/svg}text"):
            size = float(str(text.get("font-size")).removesuffix("px"))
            x, y = map(float, re.findall(r"[-\d.]+", str(text.get("transform"))))
            room = len(text.text or "") * size * 0.55
            left = {"start": x, "middle": x - room / 2, "end": x - room}[str(text.get("text-anchor"))]
            assert size >= 11
            assert left >= -1, (picture.id, text.text)
            assert left + room <= width + 1, (picture.id, text.text)
            assert 6 < y < picture.height, (picture.id, text.text)


def test_the_longest_names_stay_inside(decided: tuple[dict[str, Any], Names]) -> None:
    document, names = decided
    for role in document["roles"].values():
        for place in role["ranking"]:
            place["framework"] = LONG
    test_every_text_is_large_enough_and_inside((document, names), NARROW)
    test_every_text_is_large_enough_and_inside((document, names), WIDE)


def test_one_drawing_for_light_dark_and_page(decided: tuple[dict[str, Any], Names]) -> None:
    css = STYLE.read_text().partition("prefers-color-scheme: dark")
    for name, sheet in (("light", css[0]), ("dark", css[2])):
        assert all(f"--{variable}: {colour};" in sheet for variable, colour in COLOURS[name].items())
    for picture in drawn(*decided, WIDE):
        page, light, dark = (draw(picture, palette) for palette in ("page", "light", "dark"))
        assert set(re.findall(r"var\(--([a-z]+)\)", page)) <= {*COLOURS["light"], "sans"}
        assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb|black|white", page)
        assert "var(" not in light + dark
        assert set(re.findall(r"#[0-9a-f]{6}", light)) <= set(COLOURS["light"].values())
        assert light != dark
        assert draw(picture) == page


def test_the_ranking_shows_scores_intervals_and_ties(decided: tuple[dict[str, Any], Names]) -> None:
    document, names = decided
    picture = pictures.ranking(document, "training", names)
    places = document["roles"]["training"]["ranking"]
    assert picture is not None
    assert [row["at"] for row in rows(picture, "point")] == [100 * place["score"] for place in places]
    spans = [row for row in rows(picture, "rule") if "until" in row]
    assert [(row["at"], row["until"]) for row in spans] == [
        (100 * low, 100 * high) for low, high in (place["interval"] for place in places)
    ]
    for place in places:
        assert f"{names.framework(place['framework'])}: {100 * place['score']:.1f} points" in picture.text
    for place in places:
        place["tie_group"] = 1
    tied = pictures.ranking(document, "training", names)
    assert tied is not None
    assert len(rows(tied, "rect")) == 1
    assert "are tied" in tied.text


def test_nothing_ranked_is_no_picture(decided: tuple[dict[str, Any], Names]) -> None:
    document, names = decided
    document["roles"]["training"]["ranking"] = []
    document["stack"] = []
    assert pictures.ranking(document, "training", names) is None
    assert pictures.ranks(document, "training", names) is None
    assert pictures.contributions(document, "training", "pytorch", names) is None
    assert pictures.stack(document, names) is None
    assert pictures.evidence([], "nothing") is None


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12))
def test_a_cut_scale_holds_every_value_and_is_wide_enough(values: list[float]) -> None:
    low, high = ranked.cut(values)
    assert 0 <= low <= min(values) <= max(values) <= high <= 100
    assert high - low >= ranked.LEAST_SPAN
    assert 2 <= len(ranked.ticks((low, high))) <= 7


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_the_steps_of_a_waterfall_lead_from_the_average_to_the_score(small_release: Any, data: st.DataObject) -> None:
    names = Names(small_release, {}, {}, frozenset())
    adds = data.draw(st.lists(st.floats(-0.05, 0.05), min_size=1, max_size=20))
    reasons = [
        {"rule": f"r{n}", "text": f"Rule {n}", "share": 0.1, "opinion": 0.5, "contribution": each}
        for n, each in enumerate(adds)
    ]
    place: dict[str, Any] = {"framework": "pytorch", "score": 0.5 + sum(adds), "reasons": reasons}
    document = {"roles": {"training": {"field_mean": 0.5, "ranking": [place, {**place, "framework": "keras"}]}}}
    picture = pictures.contributions(document, "training", "pytorch", names)
    assert picture is not None
    assert len(rows(picture, "bar")) <= 8
    begin, end = (row["at"] for row in rows(picture, "point"))
    assert begin == pytest.approx(50)
    assert end == pytest.approx(100 * place["score"])
    sides = {
        layer["mark"]["fill"]: layer["data"]["values"]
        for layer in picture.spec["layer"]
        if layer["mark"]["type"] == "bar"
    }
    lifted = sum(row["until"] - row["at"] for row in sides[shapes.BAR])
    lowered = sum(row["until"] - row["at"] for row in sides[shapes.WARN])
    assert lifted - lowered == pytest.approx(100 * sum(adds), abs=1e-9)


def test_one_candidate_is_built_up_from_nothing(decided: tuple[dict[str, Any], Names]) -> None:
    document, names = decided
    result = document["roles"]["training"]
    result["ranking"] = result["ranking"][:1]
    place = result["ranking"][0]
    picture = pictures.contributions(document, "training", place["framework"], names)
    assert picture is not None
    assert [row["at"] for row in rows(picture, "point")] == pytest.approx([0, 100 * place["score"]])


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_shares_of_the_places_add_up(decided: tuple[dict[str, Any], Names], width: int) -> None:
    document, names = decided
    result = document["roles"]["training"]
    result["ranking"] = [{**result["ranking"][0], "rank_probabilities": [0.1] * 10} for _ in range(10)]
    picture = pictures.ranks(document, "training", names, width=width)
    assert picture is not None
    cells = rows(picture, "rect")
    count = len({cell["x"] for cell in cells})
    assert len(cells) == 10 * count
    assert sum(cell["probability"] for cell in cells) == pytest.approx(10)
    assert max(cell["shade"] for cell in cells) <= 0.55


def test_ways_that_begin_alike_are_drawn_once(decided: tuple[dict[str, Any], Names]) -> None:
    document, names = decided
    steps = [
        {"from": "pytorch", "by": "exporter", "to": "onnxruntime", "level": 2},
        {"from": "onnxruntime", "by": "ONNX Runtime", "to": "android", "level": 3},
    ]
    document["stack"] = [
        {"target": "android", "level": 2, "note": None, "path": steps},
        {"target": "ios", "level": 1, "note": None, "path": [steps[0], {**steps[1], "to": "ios", "level": 1}]},
        {"target": "browser", "level": 0, "note": "Nothing is known.", "path": []},
    ]
    for width in (WIDE, NARROW):
        picture = pictures.stack(document, names, width=width)
        assert picture is not None
        texts = [row["text"] for row in rows(picture, "text")]
        assert texts.count("PyTorch") == texts.count("exporter") == 1
        assert {"Android", "iOS", "no way on file"} <= set(texts)
        assert picture.text.splitlines()[2] == "Web browser: no way is on file. Nothing is known."


def test_no_piece_of_evidence_is_lost() -> None:
    for width in (WIDE, NARROW):
        picture = pictures.evidence(PIECES, "PyTorch", width=width)
        assert picture is not None
        assert sum(row.get("pieces", 0) for row in rows(picture, "point")) == len(PIECES)
        assert len(picture.text.splitlines()) == len(PIECES) + 1
        legend = {row["text"] for row in rows(picture, "text")}
        assert set(dated.VERDICTS) <= legend


@given(st.lists(st.floats(0, 600), max_size=60))
def test_gathered_marks_lie_apart_and_keep_their_number(places: list[float]) -> None:
    found = dated._gathered(places)
    assert sum(count for _, count in found) == len(places)
    assert all(b[0] - a[0] >= dated.APART - 0.2 for a, b in pairwise(found))


@given(
    st.text(max_size=60), st.sampled_from(["<script>alert(1)</script>", "\x00\x1b[31m", '"/><g onload="x">', "\ud800"])
)
@settings(max_examples=15, deadline=None)
def test_no_text_breaks_a_drawing(small_release: Any, text: str, hostile: str) -> None:
    names = Names(small_release, {}, {}, frozenset())
    said = f"{text} {hostile} {text}"
    reason = {"rule": said, "text": said, "share": 0.1, "opinion": 0.5, "contribution": 0.1}
    place = {"framework": said, "score": 0.6, "reasons": [reason]}
    document = {"roles": {"training": {"field_mean": 0.5, "ranking": [place, place]}}}
    picture = pictures.contributions(document, "training", said, names)
    assert picture is not None
    tree = ElementTree.fromstring(draw(picture))  # noqa: S314  our own drawing
    assert {each.tag.partition("}")[2] for each in tree.iter()} <= {"svg", "g", "path", "line", "text"}
    assert not [key for each in tree.iter() for key in each.attrib if key.startswith("on")]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_of_a_very_long_label_the_beginning_is_drawn_and_the_words_keep_the_whole(
    small_release: Any, width: int
) -> None:
    said = "\U0001d518 very long name " * 500
    names = Names(small_release, {}, {}, frozenset())
    reason = {"rule": said, "text": said, "share": 0.1, "opinion": 0.5, "contribution": 0.1}
    place = {"framework": said, "score": 0.6, "reasons": [reason]}
    document = {"roles": {"training": {"field_mean": 0.5, "ranking": [place, place]}}}
    picture = pictures.contributions(document, "training", said, names, width=width)
    assert picture is not None
    drawn_words = " ".join(row["text"] for row in rows(picture, "text"))
    assert 1 <= drawn_words.count("…") <= 4
    assert len(drawn_words) < 5 * shapes.MOST_CHARACTERS
    assert said.strip() in picture.text


def test_a_label_is_clipped_only_where_it_is_too_long() -> None:
    fits = "x" * shapes.MOST_CHARACTERS
    assert shapes.clipped(fits) == fits
    assert shapes.clipped(fits + "y") == "x" * (shapes.MOST_CHARACTERS - 1) + "…"


def test_the_same_picture_is_the_same_bytes(decided: tuple[dict[str, Any], Names]) -> None:
    document, names = decided
    first = [draw(picture) for picture in drawn(document, names, WIDE)]
    again = [draw(picture) for picture in drawn(deepcopy(document), names, WIDE)]
    assert first == again
    assert all(json.dumps(picture.spec) for picture in drawn(document, names, WIDE))
