"""What an index answers, in each interface; and answers that nobody should send."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from knowledge_base.refresh import core_metadata, json_interface, simple_interface
from knowledge_base.refresh.project import Project, Unreadable
from tests.index_pages import SIMPLE_HTML, SIMPLE_JSON, Package, Row, source, torch, wheel

BASE = "https://index.example/simple/torch/"
DATA = Path(__file__).parent.parent / "data" / "package-index"


def by_json(package: Package) -> Project:
    return json_interface.project(package.name, package.encoded())


def by_simple(package: Package, *, html: bool = False) -> Project:
    if html:
        return simple_interface.project(package.name, SIMPLE_HTML, package.simple_html().encode(), BASE)
    return simple_interface.project(package.name, SIMPLE_JSON, json.dumps(package.simple_json()).encode(), BASE)


def test_the_interfaces_tell_the_same_files() -> None:
    package = torch()
    told = [by_json(package), by_simple(package), by_simple(package, html=True)]
    names = {row.name for row in package.rows if not row.name.endswith(".exe")}
    for project in told:
        assert {file.name for file in project.files} == names
        assert project.unread == 1
        assert {str(f.version) for f in project.files if f.yanked} == {"2.14.0"}
        assert {f.yanked_reason for f in project.files if f.yanked} == {"Broken on Windows"}
        assert {f.requires_python for f in project.files} == {None, ">=3.11"}
        assert [f.name for f in project.files if not f.is_wheel] == ["torch-0.1.2.tar.gz"]


def test_days_and_sizes_are_told_where_the_interface_has_them() -> None:
    for project in (by_json(torch()), by_simple(torch())):
        newest = [f for f in project.files if f.version == Version("2.16.0")]
        assert {f.uploaded for f in newest} == {date(2026, 11, 18)}
        assert {f.size_bytes for f in newest} == {900_000_000}
    assert {f.uploaded for f in by_simple(torch(), html=True).files} == {None}


def test_metadata_files_are_found_beside_their_wheels() -> None:
    for html in (False, True):
        files = by_simple(torch(), html=html).files
        assert files[0].metadata is None  # a source archive
        wheel_file = "torch-2.12.0-cp313-cp313-manylinux_2_28_x86_64.whl"
        assert files[1].metadata == f"https://index.example/files/{wheel_file}.metadata"
    without = simple_interface.project("torch", SIMPLE_HTML, torch().simple_html(metadata=False).encode(), BASE)
    assert {f.metadata for f in without.files} == {None}


def test_the_older_name_of_metadata_files_is_understood() -> None:
    text = torch().simple_html().replace("data-core-metadata", "data-dist-info-metadata")
    assert simple_interface.project("torch", "text/html", text.encode(), BASE).files[1].metadata
    page = json.loads(json.dumps(torch().simple_json()).replace("core-metadata", "dist-info-metadata"))
    found = simple_interface.project("torch", SIMPLE_JSON, json.dumps(page).encode(), BASE)
    assert found.files[1].metadata


def test_a_status_is_told() -> None:
    package = torch()
    package.status = {"status": "archived", "reason": "Moved on"}
    for html in (False, True):
        project = by_simple(package, html=html)
        assert (project.status, project.status_reason) == ("archived", "Moved on")


def test_what_a_project_says_of_itself_is_the_same_in_both_places() -> None:
    package = torch()
    told, metadata = by_json(package).information, core_metadata.information(package.metadata().encode())
    assert told is not None
    assert (
        set(told.addresses) == set(metadata.addresses) == {"https://pytorch.org", "https://github.com/pytorch/pytorch"}
    )
    assert told.licence_expression == metadata.licence_expression == "BSD-3-Clause"
    assert told.classifiers == metadata.classifiers
    assert (told.version, told.summary) == (metadata.version, metadata.summary)


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir()))
def test_recorded_pages_are_read(name: str) -> None:
    """Pages in the shape that indexes send, with what they bear beside what is read here."""
    body = (DATA / name).read_bytes()
    if name.endswith(".metadata"):
        told = core_metadata.information(body)
        assert told.summary == "Brain-dead simple classification"
        assert told.addresses == ("https://example.org/brainy", "https://example.org/brainy/source")
        assert told.licence_text == "MIT License"
        return
    kinds = {".html": "text/html", ".json": SIMPLE_JSON}
    project = (
        json_interface.project("brainy-ml", body)
        if name.startswith("legacy")
        else simple_interface.project(
            "brainy-ml", kinds[Path(name).suffix], body, "https://index.example/simple/brainy-ml/"
        )
    )
    assert sorted({str(f.version) for f in project.files}) == ["1.0.0", "1.1.0", "1.2.0a1"]
    assert {f.yanked for f in project.files if str(f.version) == "1.0.0"} == {True}
    assert project.unread == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "no object"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"info": {}, "releases": []}', "lacks"),
        (b'{"releases": {}}', "lacks"),
        (b'{"info": {"name": "other"}, "releases": {}}', "another package, 'other'"),
    ],
)
def test_no_document_of_the_json_interface(body: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        json_interface.project("torch", body)


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (SIMPLE_JSON, b"<html>", "not JSON"),
        (SIMPLE_JSON, b'{"meta": {"api-version": "2.0"}, "files": []}', "version '2.0'"),
        (SIMPLE_JSON, b'{"meta": {"api-version": "1.0"}}', "lacks the list"),
        (SIMPLE_JSON, b'{"files": [], "name": "torch-nightly"}', "another package"),
        ("text/html", b'<html><meta name="pypi:repository-version" content="2.0"></html>', "version '2.0'"),
        ("text/html", b"plain words", "no HTML page"),
        ("image/png", b"\x89PNG", "no page of files"),
    ],
)
def test_no_page_of_the_simple_interface(kind: str, body: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        simple_interface.project("torch", kind, body, BASE)


@pytest.mark.parametrize("body", [b"", b"Name: x\n\n", b"\x00\x01", b"Metadata-Version: 2.1\n\nName: late\n"])
def test_no_metadata_file(body: bytes) -> None:
    with pytest.raises(Unreadable):
        core_metadata.information(body)


def test_names_are_compared_as_the_index_compares_them() -> None:
    package = torch()
    package.name = "Ai_Edge.LiteRT"
    package.rows = [wheel("ai_edge_litert", "1.0")]
    assert len(json_interface.project("ai-edge-litert", package.encoded()).files) == 1


def test_files_of_another_project_do_not_count() -> None:
    package = Package(
        "torch", [source("torch-nightly", "1.0"), wheel("torch", "1.0"), Row("torch.whl"), Row("x" * 5000)]
    )
    project = by_simple(package)
    assert [f.name for f in project.files] == ["torch-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"]
    assert project.unread == 3


WRONG: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["filename", "size", "upload-time", "upload_time", "upload_time_iso_8601", "yanked", "yanked_reason", "url"]
KEYS += ["requires-python", "requires_python", "core-metadata"]
ROW = st.fixed_dictionaries(
    {},
    optional={
        key: WRONG | st.sampled_from(["torch-1.0.tar.gz", "torch-1-py3-none-any.whl", "//[", "2026-13-01"])
        for key in KEYS
    },
)
INFO = ["name", "version", "summary", "home_page", "project_urls", "license", "classifiers", "requires_python"]


@given(st.lists(ROW, max_size=4), st.dictionaries(st.sampled_from(INFO), WRONG, max_size=4), WRONG)
def test_values_of_any_type_are_read_or_refused(rows: list[Any], info: dict[str, Any], status: Any) -> None:
    simple = json.dumps({"files": rows, "project-status": status}).encode()
    found = simple_interface.project("torch", SIMPLE_JSON, simple, BASE)
    assert len(found.files) + found.unread == len(rows)
    try:
        told = json_interface.project("torch", json.dumps({"info": info, "releases": {"1": rows}}).encode())
    except Unreadable:
        return
    assert len(told.files) + told.unread == len(rows)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_page_or_refused(body: bytes) -> None:
    """No other error than `Unreadable` comes out."""
    for kind in (SIMPLE_JSON, SIMPLE_HTML, "text/html"):
        try:
            simple_interface.project("torch", kind, b"<html>" + body, BASE)
        except Unreadable:
            continue
    try:
        core_metadata.information(b"Metadata-Version: 2.1\nName: x\n" + body)
    except Unreadable:
        return
