import pytest

from advisor import documents
from advisor.errors import InvalidInput


def refused(content: bytes, form: documents.Format | None = None) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        documents.decode(content, "it", form)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.json", "json"), ("a.YAML", "yaml"), ("b/a.yml", "yaml"), ("a", None), ("a.txt", None), ("-", None)],
)
def test_the_ending_names_the_format(name: str, form: str | None) -> None:
    assert documents.format_of(name) == form


@pytest.mark.parametrize("content", [b'{"a": [1, 2.5, true, null, "x"]}', b"a: [1, 2.5, true, null, x]"])
def test_both_formats_give_the_same_value(content: bytes) -> None:
    assert documents.decode(content, "it").value == {"a": [1, 2.5, True, None, "x"]}


def test_yaml_knows_where_its_parts_stand() -> None:
    written = documents.decode(b"a:\n  b: [x,\n    y]\n", "it.yaml")
    assert written.place("a.b[1]") == "it.yaml:3:5"
    assert written.place("a.b.c.d") == "it.yaml:2:6"
    assert written.place("") == "it.yaml:1:1"
    assert documents.decode(b'{"a": 1}', "it.json", "json").place("a") == "it.json"


def test_what_starts_like_json_and_is_none_is_read_as_yaml() -> None:
    assert documents.decode(b"{a: x}", "it").value == {"a": "x"}
    assert "is not valid JSON" in refused(b"{a: x}", "json")[0]


def test_json_faults_name_line_and_column() -> None:
    assert refused(b'{"a": 1,\n "b" 2}', "json")[0].startswith("it:2:6: '2}' is not valid JSON")


def test_a_deep_value_is_refused_whichever_way_it_is_written() -> None:
    deep = b"[" * (documents.MAX_DEPTH + 1) + b"]" * (documents.MAX_DEPTH + 1)
    assert "levels deep" in refused(deep, "json")[0]
    assert "levels deep" in refused(deep, "yaml")[0] or "deep" in refused(b"[" * 100 + b"]" * 100, "yaml")[0]
    shallow = b"[" * (documents.MAX_DEPTH - 1) + b"]" * (documents.MAX_DEPTH - 1)
    assert documents.decode(shallow, "it", "json").value == documents.decode(shallow, "it", "yaml").value


def test_size_and_encoding_are_checked_first() -> None:
    assert refused(b" " * (documents.MAX_BYTES + 1)) == [
        "it: more than 1048576 bytes is not a document of at most 1048576 bytes"
    ]
    assert refused("a: é".encode("utf-16")) == ["it: byte 1 is not UTF-8 text"]


POLICY = """\
rules:
  - when: 'a == 1 and
      bb == 2'
    weights: {reach.android: 3}
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", "p.yaml:1:1"),
        ("rules[0].when", "p.yaml:2:11"),
        ("rules[0].when, 1:1", "p.yaml:2:12"),
        ("rules[0].when, 1:12", "p.yaml:3:7"),  # beyond the fold
        ("rules[0].when, 9:99", "p.yaml:2:11"),  # no such character
        ("rules[0], 1:12", "p.yaml:2:5"),  # no text
        ("rules[7].when, 1:1", "p.yaml:2:3"),
        ("rules[0].weights.reach.android", "p.yaml:4:14"),
    ],
)
def test_a_path_may_end_within_a_text(path: str, place: str) -> None:
    written = documents.decode(POLICY.encode(), "p.yaml")
    assert written.place(path) == place


def test_a_part_is_found_by_its_path() -> None:
    written = documents.decode(b'{"a": [{"b": 1}], "c": null}', "x.json")
    assert written.part("a[0].b") == 1
    assert written.part("a[0]") == {"b": 1}
    assert [written.part(path) for path in ("a[1]", "a.b", "c", "d", "a[0].b.c")] == [None] * 5
    assert written.place("a[0].b, 1:1") == "x.json"


@pytest.mark.parametrize(
    "value",
    [
        {"a": "2027-03-31", "b": "yes", "c": "3.10", "d": "", "e": "null", "f": 0.5, "g": [], "h": None, "i": True},
        {"text": "a\nb  \n\tc: #☃", "long": "word " * 60, "nested": [{"x": [1, 2]}, {}]},
    ],
)
def test_yaml_reads_back(value: object) -> None:
    assert documents.decode(documents.as_yaml(value).encode(), "x.yaml").value == value


def test_a_number_of_too_many_digits_is_told_in_the_words_of_this_house() -> None:
    assert refused(b'{"a": ' + b"9" * 5000 + b"}", "json") == [
        "it: a number of too many digits is not a number that can be read"
    ]
