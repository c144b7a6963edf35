"""`steelyard knowledge refresh`: the proposal on standard output, in a file, as JSON; and everything that stops it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge_base import proposal as proposals
from tests.commanding import Steelyard
from tests.index_pages import caffe, torch
from tests.index_server import LocalIndex, Page, local_index

REFRESH = ("knowledge", "refresh")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIndex]:
    with local_index() as found:
        monkeypatch.setenv("STEELYARD_PACKAGE_INDEX", found.address.replace("//", "//ann:s3cr3t@"))
        found.add_json("torch", torch().encoded())
        found.add_json("caffe", caffe().encoded())
        yield found


def test_the_proposal_goes_to_standard_output(steelyard: Steelyard, server: LocalIndex) -> None:
    ended = steelyard(*REFRESH, "--only", "pytorch")
    assert (ended.code, ended.err) == (0, "")
    read = proposals.parse(ended.out, "out.yaml")
    assert [each.about for each in read.add.evidence] == [["pytorch"]]
    assert "s3cr3t" not in ended.out


def test_a_file_takes_the_proposal_and_the_screen_says_what_is_in_it(
    steelyard: Steelyard, server: LocalIndex, tmp_path: Path
) -> None:
    ended = steelyard(*REFRESH, "--only", "pytorch", "--only", "caffe", "-o", "p.yaml")
    assert (ended.code, ended.err) == (0, "")
    read = proposals.load(tmp_path / "p.yaml")
    lines = ended.out.splitlines()
    assert lines[0].startswith("pytorch, by the package torch: version 1.0 becomes 2.16.0 of 2026-11-18")
    assert any("only bears the name" in line for line in lines)
    assert lines[-1] == (
        f"The proposal is in p.yaml: {len(read.set)} values to set, 1 new piece of evidence, {len(read.notes)} notes. "
        "Nothing is changed until it is reviewed."
    )


def test_json_is_one_document(steelyard: Steelyard, server: LocalIndex, tmp_path: Path) -> None:
    ended = steelyard(*REFRESH, "--only", "pytorch", "--json", "-o", "p.yaml")
    document = ended.json()
    assert (ended.code, ended.err, set(document)) == (0, "", {"proposal", "packages", "output"})
    assert document["output"] == "p.yaml"
    assert document["proposal"]["set"][0].keys() == {"kind", "id", "path", "from", "to"}
    assert proposals.as_document(proposals.load(tmp_path / "p.yaml")) == document["proposal"]
    assert document["packages"][0]["wheel_bytes"]["linux_x86_64"] == 900_000_000


def test_nothing_is_published_by_it(steelyard: Steelyard, server: LocalIndex) -> None:
    before = steelyard("knowledge", "releases", "--json").out
    steelyard(*REFRESH)
    assert steelyard("knowledge", "releases", "--json").out == before


def test_failures_are_notes_and_no_failure_of_the_command(steelyard: Steelyard, server: LocalIndex) -> None:
    server.pages["/pypi/jax/json"] = Page(b"not json")
    ended = steelyard(*REFRESH, "--only", "jax", "--only", "pytorch")
    assert ended.code == 0
    assert "jax, package jax: it could not be read: the answer is not JSON." in proposals.parse(ended.out, "o").notes


def test_an_index_that_cannot_be_reached_is_outside_our_power(
    steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with local_index() as gone:
        monkeypatch.setenv("STEELYARD_PACKAGE_INDEX", gone.address.replace("//", "//ann:s3cr3t@"))
    ended = steelyard(*REFRESH, "--only", "pytorch", "-o", "p.yaml")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (f"steelyard: the package index {gone.address}/ cannot be used: it refuses the connection\n")
    assert not (tmp_path / "p.yaml").exists()
    problem = steelyard(*REFRESH, "--json").problem()
    assert (problem["type"], problem["exit_code"]) == ("index-unreachable", 3)


def test_a_target_that_cannot_be_is_refused_before_anything_is_asked(
    steelyard: Steelyard, server: LocalIndex, tmp_path: Path
) -> None:
    (tmp_path / "there.yaml").write_text("mine")
    for target, said in (("there.yaml", "does not exist yet"), ("no/where.yaml", "a folder that exists")):
        ended = steelyard(*REFRESH, "-o", target)
        assert (ended.code, ended.out) == (2, "")
        assert said in ended.err
    assert server.asked == []
    assert (tmp_path / "there.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "setting", "said"),
    [
        (["--only", "pytorh"], None, "did you mean 'pytorch'?"),
        (
            [],
            "http://ann:s3cr3t@index.example/simple",
            "STEELYARD_PACKAGE_INDEX: an address of the scheme 'http' is not",
        ),
        ([], "", "is not"),
    ],
)
def test_bad_input(
    steelyard: Steelyard,
    server: LocalIndex,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    setting: str | None,
    said: str,
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "nonsense")
    if setting is not None:
        monkeypatch.setenv("STEELYARD_PACKAGE_INDEX", setting)
    ended = steelyard(*REFRESH, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "s3cr3t" not in ended.err
    assert server.asked == []
