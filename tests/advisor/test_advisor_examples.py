"""Projects in files: the shipped examples, and files that a person hands over."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor import examples
from advisor.errors import InvalidInput
from advisor.project_file import Project
from cli import files


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


@pytest.mark.parametrize(
    "content",
    [
        b"[1]",
        b"\xff\xfe",
        b"a: [",
        b'{"answers": {}, "nmae": "x"}',
        b"- a\n- b\n",
        b"name: x\nstage: research\n",
        b"hardware: 5\nanswers: {}\n",
    ],
)
def test_what_is_no_project_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as raised:
        examples.in_file(content, "a.yaml")
    assert raised.value.faults


@pytest.mark.parametrize(
    "content",
    [
        b"stage: research\n",
        b"name: N\nanswers: {stage: research}\nhardware: local\n",
        b"[1]",
        b"name: x\nstage: research\n",
        b"answers: {}\nnmae: x\nname: [1]\nroles: 5\nhardware: nowhere\n",
        b"",
    ],
)
def test_a_page_and_a_command_read_a_file_alike(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)

    def read(by: Callable[[], Any]) -> Any:
        try:
            return by()
        except InvalidInput as invalid:
            return [(fault.path or "answers", fault.expected) for fault in invalid.faults]

    by_command, by_page = read(lambda: files.project(str(path))), read(lambda: examples.in_file(content, "a.yaml"))
    if isinstance(by_command, Project):
        said = (by_command.name or examples.UNNAMED, by_command.answers, by_command.hardware)
        assert said == (by_page["name"], by_page["answers"], by_page["hardware"])
    else:
        assert by_command == by_page != []


def test_what_no_project_keeps_is_not_dropped_in_silence() -> None:
    content = b"answers: {}\npreferences: {weights: {community: 1}}\npolicy: acme\nroles: null\n"
    with pytest.raises(InvalidInput) as raised:
        examples.in_file(content, "a.yaml")
    assert [fault.path for fault in raised.value.faults] == ["preferences", "policy"]
