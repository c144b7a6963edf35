"""The page and its pictures say what the measurement says, well formed, whatever names it holds."""

import re
from xml.etree import ElementTree

import pytest

from probes.measuring import page, picture, pictures
from probes.measuring import words as words_of
from probes.measuring.page import BEGIN, END, inserted
from probes.measuring.picture import Bar, Panel, draw
from tests.measured import measurement, run, subject

SVG = "{http://www.w3.org/2000/svg}"
FOUND = measurement(
    [subject("slow", "tensorflow", 1500.0), subject("fast & <odd>", "pytorch"), subject("gone", "jax", None)],
    [
        *(run("slow", repeat, groups_s=[1.0, 2.0, 2.0 + 0.02 * repeat]) for repeat in range(3)),
        *(run("fast & <odd>", repeat, import_s=0.5 * 3**repeat) for repeat in range(3)),
        *(run("fast & <odd>", repeat, mode="predict") for repeat in range(3)),
        run("slow", 0, task="cnn", losses=[9.0, 9.0]),
        run("slow", 0, task="transformer", outcome="timed_out", why="not done after 180 s"),
    ],
)


def test_every_subject_is_in_the_table_the_fastest_first() -> None:
    text = page.section(FOUND, [])
    training = text.split("### Training: perceptron")[1].split("###")[0]
    rows = [line.split(" | ")[:2] for line in training.splitlines() if line.startswith("| ")][2:]
    assert rows == [["| Fast &amp; &lt;Odd>", "1,280 ± 0 %"], ["| Slow", "318 ± 0 %"]]
    assert "| Slow | thing 1.0 | 1 | 1,500 MB |" in text


def test_doubts_are_marked() -> None:
    text = page.section(FOUND, [])
    assert "1.50 s ± 67 % †" in text  # 0.5, 1.5 and 4.5 s
    assert "318 ± 0 % |" in text


def test_failures_and_what_computes_something_else_are_said() -> None:
    failed = page.section(FOUND, []).split("### What failed\n\n")[1].splitlines()
    assert failed == [
        "- Gone: not installed: no such package",
        "- Slow, transformer, train: 1 of 1 runs failed: not done after 180 s",
        "- Slow, cnn, train: computes something else (off by 3.5); its times are not shown",
    ]
    assert "### What failed" not in page.section(measurement([subject("a", None)], [run("a")]), [])


def test_a_quick_one_says_so() -> None:
    assert "not to quote" in page.section(measurement([subject("a", None)], [run("a")], quick=True), [])
    assert "not to quote" not in page.section(FOUND, [])


def test_a_failed_measurement_has_a_page_too() -> None:
    nothing = measurement([subject("gone", "jax", None)], [])
    assert pictures.pictures(nothing) == {}
    assert "- Gone: not installed: no such package" in page.section(nothing, [])


def test_only_drawn_pictures_are_linked() -> None:
    drawn = pictures.pictures(FOUND)
    assert set(drawn) == {f"measurements-{name}.svg" for name in ("size", "start", "training", "memory", "latency")}
    text = page.section(FOUND, list(drawn), "there")
    assert re.findall(r"\]\((there/[a-z-]+\.svg)\)", text) == [
        f"there/measurements-{name}.svg" for name in ("size", "start", "training", "memory", "latency")
    ]


def test_pictures_are_well_formed_and_tell_their_numbers_in_words() -> None:
    for drawing in pictures.pictures(FOUND).values():
        root = ElementTree.fromstring(drawing)  # noqa: S314  our own
        assert root.attrib["role"] == "img"
        assert {root.find(f"{SVG}title").attrib["id"], root.find(f"{SVG}desc").attrib["id"]} == set(  # type: ignore[union-attr]
            root.attrib["aria-labelledby"].split()
        )
    told = ElementTree.fromstring(pictures.pictures(FOUND)["measurements-training.svg"]).findtext(f"{SVG}desc")  # noqa: S314
    assert told
    assert "Fast & <Odd> 1,280, Slow 318" in told


def bars(drawing: str) -> list[tuple[str, float]]:
    root = ElementTree.fromstring(drawing)  # noqa: S314
    return [
        (rect.attrib["class"], float(rect.attrib["width"]))
        for rect in root.iter(f"{SVG}rect")
        if "class" in rect.attrib
    ]


def test_bars_are_as_long_as_their_values() -> None:
    drawn = draw("t", [Panel("p", "MB", [Bar("a", 10, 8, 20, "10"), Bar("b", 5, 5, 5, "5", other=True)])])
    (first, ten), (second, five) = bars(drawn)
    assert (first, second) == ("bar", "other")
    assert ten == pytest.approx(picture.BAR / 2, abs=0.1)  # the scale ends at the most seen
    assert five == pytest.approx(ten / 2, abs=0.1)


def test_on_a_logarithmic_scale_factors_are_lengths() -> None:
    three = [Bar("a", value, value, value, "") for value in (10.0, 100.0, 1000.0)]
    lengths = [length for _, length in bars(draw("t", [Panel("p", "µs", three, logarithmic=True)]))]
    assert lengths == pytest.approx([1.0, picture.BAR / 2, picture.BAR], abs=0.1)


def test_doubtful_bars_are_striped_and_explained() -> None:
    plain, doubtful = (draw("t", [Panel("p", "s", [Bar("a", 1, 1, 2, "1", doubt=doubt)])]) for doubt in (False, True))
    assert [kind for kind, _ in bars(doubtful)] == ["doubt"]
    assert (picture.DOUBTFUL in plain, picture.DOUBTFUL in doubtful) == (False, True)


@pytest.mark.parametrize("value", [1e-9, 0.3, 1.0, 7.0, 9999.0, 3e6])
def test_every_scale_has_ticks_within_it(value: float) -> None:
    for logarithmic in (False, True):
        low, high, ticks = picture._scale(Panel("p", "s", [Bar("a", value, value, value, "")], logarithmic))
        assert 2 <= len(ticks) <= 7
        assert all(low <= tick <= high * (1 + 1e-9) for tick in ticks)


def test_nothing_seen_is_drawn_all_the_same() -> None:
    for panels in ([Panel("p", "s", [Bar("a", 0, 0, 0, "0")])], []):
        drawn = draw("t", panels)
        assert ElementTree.fromstring(drawn).tag.endswith("svg")  # noqa: S314
        assert "nan" not in drawn.lower()


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0123, "12.3 ms"), (0.9, "900 ms"), (1.234, "1.23 s"), (123.4, "123 s"), (0.00004, "0.04 ms")],
)
def test_seconds_in_words(value: float, words: str) -> None:
    assert words_of.seconds(value) == words


def test_large_numbers_keep_three_digits() -> None:
    assert [words_of.digits(value) for value in (999.6, 1234.0, 123456.0, 19999.0)] == [
        "1000",
        "1,230",
        "123,000",
        "20,000",
    ]
    assert words_of.rate(2_345_678.0) == "2.35 M"


def test_prose_is_kept_and_figures_are_replaced() -> None:
    written = inserted(f"# Page\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", "new")
    assert written == f"# Page\n\nBefore.\n\n{BEGIN}\nnew\n{END}\n\nAfter.\n"
    assert inserted(written, "new") == written
    assert inserted("# Page\n", "new") == f"# Page\n\n{BEGIN}\nnew\n{END}\n"
    assert inserted("", "new") == f"# Measurements\n\n{BEGIN}\nnew\n{END}\n"
