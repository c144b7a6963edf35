"""Projects in files: the shipped examples, and files that a person hands over."""

import json

import pytest

from advisor import examples
from advisor.errors import InvalidInput


def test_every_example_has_a_name_answers_and_a_sentence() -> None:
    found = examples.listing()
    assert [each["id"] for each in found] == sorted(path.stem for path in examples.SHIPPED.glob("*.yaml"))
    for each in found:
        assert each["name"]
        assert each["answers"]
        assert each["about"].endswith(".")
        assert examples.one(each["id"]) == each


def test_an_unknown_example_names_the_nearest() -> None:
    with pytest.raises(InvalidInput) as raised:
        examples.one("phone-ap")
    assert raised.value.faults[0].nearest == "phone-app"


def test_bare_answers_and_a_document_are_both_projects() -> None:
    bare = examples.in_file(b"stage: research\n", "a.yaml")
    assert bare == {"name": examples.UNNAMED, "answers": {"stage": "research"}, "hardware": None}
    whole = examples.in_file(json.dumps({"name": "N", "answers": {}, "hardware": "local"}).encode(), "a.json")
    assert whole == {"name": "N", "answers": {}, "hardware": "local"}


@pytest.mark.parametrize("content", [b"[1]", b"\xff\xfe", b"a: [", b'{"answers": {}, "nmae": "x"}', b"- a\n- b\n"])
def test_what_is_no_project_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as raised:
        examples.in_file(content, "a.yaml")
    assert raised.value.faults


def test_what_no_project_keeps_is_not_dropped_in_silence() -> None:
    content = b"answers: {}\npreferences: {weights: {community: 1}}\npolicy: acme\nroles: null\n"
    with pytest.raises(InvalidInput) as raised:
        examples.in_file(content, "a.yaml")
    assert [fault.path for fault in raised.value.faults] == ["preferences", "policy"]
