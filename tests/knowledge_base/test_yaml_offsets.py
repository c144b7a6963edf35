"""From a character of a YAML text back to its place in the file, in every style that YAML has for texts."""

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge_base import yaml_files
from knowledge_base.yaml_files import Document

WORDS = st.lists(st.sampled_from(["a", "bc", "it's", '"x"', "\\", "é", "𝟘", "#", ": ", "-", "\t"]), max_size=12)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=4).map("\n".join).map(str.strip).filter(bool)


def characters(document: Document, location: tuple[str, ...]) -> list[str | None]:
    """What stands in the source at the place told for each character of a text; None where no place is told."""
    text = document.text(location)
    assert text is not None
    lines = document.source.split("\n")
    found: list[str | None] = []
    for index in range(len(text)):
        place = document.character(location, index)
        if place is None:
            found.append(None)
            continue
        _, line, column = place.rsplit(":", 2)
        found.append((lines[int(line) - 1] + "\n")[int(column) - 1])
    return found


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("a: bcd", {0: "1:4", 2: "1:6", 3: "1:7"}),
        ("a: 'bcd'", {0: "1:5", 2: "1:7", 3: "1:8"}),
        ('a: "bcd"', {0: "1:5", 2: "1:7", 3: "1:8"}),
        ("- {a: '''b', c: d}", {0: "1:8", 1: "1:10", 2: "1:11"}),
        (r'a: "\"b\u00e9\tc"', {0: "1:5", 1: "1:7", 2: "1:8", 3: "1:14", 4: "1:16"}),
        ("a: one\n   two", {2: "1:6", 3: "1:7", 4: "2:4", 6: "2:6"}),
        ("a: 'one  \n\n   two'", {2: "1:7", 3: "1:8", 4: "3:4"}),
        ('a: "on\\\n   e two"', {1: "1:6", 2: "2:4", 4: "2:6"}),
        ("a: |\n  one\n    two\n\n  three\n", {0: "2:3", 3: "2:6", 4: "3:3", 6: "3:5", 8: "3:7", 11: "5:3"}),
        ("a: >\n  one\n  two\n\n  three\n", {0: "2:3", 3: "2:6", 4: "3:3", 8: "5:3", 12: "5:7"}),
        ("a: >- # why\n  one\n  two\n    deeper\n  back", {0: "2:3", 8: "4:3", 10: "4:5", 17: "5:3"}),
        ("é: ü\nb: 'ß𝟘x'", {2: "2:7"}),
    ],
)
def test_a_character_is_found_in_its_file(source: str, places: dict[int, str]) -> None:
    document = yaml_files.parse(source, "f.yaml")
    location: tuple[str | int, ...] = list(document.texts)[-1]
    location = (0, "a") if source.startswith("-") else location
    found = {index: document.character(location, index) for index in places}
    assert found == {index: f"f.yaml:{place}" for index, place in places.items()}


@settings(max_examples=150, deadline=None, database=None)
@given(TEXTS, st.sampled_from(["plain", "'", '"', "|", ">"]), st.sampled_from([20, 200]))
@example("it's a\n\nbc", "'", 20)
@example("a: \\ # é", '"', 20)
def test_where_a_place_is_told_the_character_stands_there(text: str, style: str, width: int) -> None:
    """A blank may stand for a folded line break, and a break for the blank before it; an escape shows its backslash."""
    style_of = None if style == "plain" else style
    written = yaml.safe_dump({"k": text}, default_style=style_of, allow_unicode=True, width=width)
    document = yaml_files.parse(written, "f.yaml")
    assert document.value == {"k": text}
    for wanted, found in zip(text, characters(document, ("k",)), strict=True):
        assert found is None or found == wanted or (wanted in " \n" and found in " \n\\") or found == "\\"


@pytest.mark.parametrize("style", ["plain", "'", '"', "|", ">"])
def test_an_ordinary_condition_has_a_place_for_every_character(style: str) -> None:
    text = '"android" in deploy_targets and (team_size >= 3 or not offline) and stage == "it\'s"'
    style_of = None if style == "plain" else style
    document = yaml_files.parse(yaml.safe_dump({"k": text}, default_style=style_of, width=30), "f.yaml")
    assert None not in characters(document, ("k",))


def test_a_key_has_a_place_of_its_own_and_what_is_no_text_has_no_characters() -> None:
    document = yaml_files.parse("- a:\n    b: [1, x]\n", "f.yaml")
    assert document.key((0, "a", "b")) == "f.yaml:2:5"
    assert document.key((0, "a", "b", 1)) == document.place((0, "a", "b", 1)) == "f.yaml:2:12"
    assert document.key((0, "c")) == document.place((0,)) == "f.yaml:1:3"
    assert document.character((0, "a", "b", 0), 0) is None
    assert document.character((0, "a", "b", 1), 2) is None
