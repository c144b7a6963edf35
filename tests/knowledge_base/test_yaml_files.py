"""YAML is read with places; what is not plain is refused where it stands."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import yaml_files
from rules.faults import Fault, InvalidInput


def faults_of(text: str) -> list[Fault]:
    with pytest.raises(InvalidInput) as caught:
        yaml_files.parse(text, "f.yaml")
    return list(caught.value.faults)


def test_values_are_plain_and_days_stay_text() -> None:
    text = 'a: 1\nb: [1.5, true, null, "x"]\nc: 2026-10-03\nd: 2026-10\ne: {f: no}\n'
    found = yaml_files.parse(text, "f.yaml").value
    assert found == {"a": 1, "b": [1.5, True, None, "x"], "c": "2026-10-03", "d": "2026-10", "e": {"f": False}}


def test_every_part_has_its_line_and_column() -> None:
    document = yaml_files.parse("a: 1\nb:\n  - x\n  - {c: 2}\n", "f.yaml")
    assert document.place(("a",)) == "f.yaml:1:4"
    assert document.place(("b", 1)) == "f.yaml:4:5"
    assert document.place(("b", 1, "c")) == "f.yaml:4:9"
    assert document.place(("b", 1, "c", "unknown", 7)) == "f.yaml:4:9"
    assert document.place(("nowhere",)) == "f.yaml:1:1"


def test_an_empty_file_is_nothing() -> None:
    assert yaml_files.parse("", "f.yaml").value is None
    assert yaml_files.parse("# a comment\n", "f.yaml").place(()) == "f.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a: 1\nb: 2\na: 3\n", ["f.yaml:3:1"]),
        ("- {a: 1, a: 2}\n- {b: 1, b: 2}\n", ["f.yaml:1:10", "f.yaml:2:10"]),
        ("a: {b: 1}\na: {b: 2}\n", ["f.yaml:2:1"]),
        ("a: [1, 2\n", ["f.yaml:2:1"]),
        ("a: 'open\n", ["f.yaml:2:1"]),
        ("a:\n\t- b\n", ["f.yaml:2:1"]),
        ("a: b: c\n", ["f.yaml:1:5"]),
        ("a: 1\n--- \nb: 2\n", ["f.yaml:2:1"]),
        ("a: &x 1\nb: *x\n", ["f.yaml:2:4"]),
        ("a: &x {c: 1}\nb: *x\nd: [*x]\n", ["f.yaml:2:4", "f.yaml:3:5"]),
        ("a: &x {c: 1}\nb:\n  <<: *x\n", ["f.yaml:3:7"]),
        ("a: &x [*x]\n", ["f.yaml:1:8"]),
        ("a: !!python/object/apply:os.system [ls]\n", ["f.yaml:1:4"]),
        ("a: !!python/name:os.system ''\n", ["f.yaml:1:4"]),
        ("a: !custom {b: 1}\n", ["f.yaml:1:4"]),
        ("a: !!set {b, c}\n", ["f.yaml:1:4"]),
        ("a: !!binary aGk=\n", ["f.yaml:1:4"]),
        ("a: *nothing\n", ["f.yaml:1:4"]),
        ("1: a\n", ["f.yaml:1:1"]),
        ("true: a\nnull: b\n", ["f.yaml:1:1", "f.yaml:2:1"]),
        ("? [a, b]\n: c\n", ["f.yaml:1:3"]),
        ("<<: {a: 1}\n", ["f.yaml:1:1"]),
        ("a: \x00\n", ["f.yaml"]),
        ("a: " + "9" * 5000 + "\n", ["f.yaml:1:4"]),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_not_plain_is_refused_where_it_stands(text: str, places: list[str]) -> None:
    assert [fault.path for fault in faults_of(text)] == places


def test_aliases_cannot_multiply_into_gigabytes() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert len(faults_of("\n".join(lines))) == 110


@pytest.mark.parametrize("text", ["[" * 50_000, "{a: " * 50_000, "- " * 50_000, "a: " + "[" * 900 + "]" * 900])
def test_deep_nesting_ends_in_a_fault_or_a_value_never_in_a_crash(text: str) -> None:
    """In a process of its own: a parser written in C could take the whole interpreter down."""
    script = (
        "import sys\nfrom knowledge_base import yaml_files\nfrom rules.faults import InvalidInput\n"
        "try:\n    yaml_files.parse(sys.stdin.read(), 'f.yaml')\nexcept InvalidInput:\n    pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=text, text=True, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes("a: Zürich".encode("latin-1"))
    with pytest.raises(InvalidInput, match="UTF-8"):
        yaml_files.read(path, "f.yaml")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    with path.open("wb") as file:
        file.truncate(yaml_files.MAX_FILE_BYTES + 1)
    with pytest.raises(InvalidInput, match="at most"):
        yaml_files.read(path, "f.yaml")


@settings(max_examples=100, deadline=None, database=None)
@given(st.text(alphabet="ab:- \n[]{}&*!#'\"|>?1,%@`<", max_size=60))
def test_random_text_is_read_or_refused(text: str) -> None:
    told = ["f.yaml: nothing"]
    try:
        yaml_files.parse(text, "f.yaml")
    except InvalidInput as invalid:
        told = [fault.path for fault in invalid.faults]
    assert told
    assert all(path.startswith("f.yaml") for path in told)
