import shutil
from pathlib import Path

import pytest

from tests.commanding import Steelyard


@pytest.fixture
def pack(small_pack_folder: Path, tmp_path: Path) -> Path:
    """A pack of this test's own, to break or to change."""
    folder = tmp_path / "pack"
    shutil.copytree(small_pack_folder, folder)
    return folder


def _break(pack: Path) -> None:
    rules = pack / "rules" / "all.yaml"
    rules.write_text(rules.read_text().replace('"android" in deploy_targets', '"andorid" in deploy_targets'))


def test_lint_of_a_sound_pack_tells_what_is_worth_a_look(steelyard: Steelyard, pack: Path) -> None:
    ended = steelyard("knowledge", "lint", pack)
    assert (ended.code, ended.err) == (0, "")
    *advice, none, count = ended.out.splitlines()
    assert (none, count) == ("No problems.", f"{len(advice)} pieces of advice")
    assert "frameworks/caffe.yaml:1:1: never-first: caffe (training) comes first in no project" in ended.out
    listed = steelyard("knowledge", "lint", pack, "--json").json()
    assert listed["problems"] == []
    assert len(listed["advice"]) == len(advice)
    assert set(listed["advice"][0]) == {"kind", "path", "id", "role", "text", "answers"}


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 1)])
def test_advice_fails_only_when_asked_to(steelyard: Steelyard, pack: Path, strict: tuple[str, ...], code: int) -> None:
    assert steelyard("knowledge", "lint", pack, *strict).code == code
    assert steelyard("knowledge", "lint", pack, *strict, "--json").code == code


def test_lint_of_a_broken_pack_lists_places_and_fails(steelyard: Steelyard, pack: Path) -> None:
    _break(pack)
    ended = steelyard("knowledge", "lint", pack)
    assert ended.code == 1
    assert ended.err == ""
    assert "rules/all.yaml:" in ended.out
    assert "did you mean 'android'?" in ended.out
    assert ended.out.splitlines()[-1].endswith(("problem", "problems"))
    as_json = steelyard("knowledge", "lint", pack, "--json")
    assert as_json.code == 1
    assert as_json.json()["problems"][0]["nearest"] == "android"
    assert as_json.json()["advice"] == []


def test_publish_once_and_again(steelyard: Steelyard, pack: Path) -> None:
    assert steelyard("knowledge", "publish", pack).out.startswith("Already published, and active: ")
    settings = pack / "pack.yaml"
    settings.write_text(settings.read_text().replace("summary: ", "summary: Changed. ", 1))
    ended = steelyard("knowledge", "publish", pack, "--json")
    assert ended.json()["new"] is True
    identity = ended.json()["release"]["id"]
    listed = steelyard("knowledge", "releases", "--json").json()
    assert listed["active"] == identity
    assert {item["id"] for item in listed["items"]} > {identity}
    lines = steelyard("knowledge", "releases").out.splitlines()
    assert next(line for line in lines if line.endswith("active")).startswith(identity)


def test_publish_of_a_broken_pack_changes_nothing(steelyard: Steelyard, pack: Path) -> None:
    before = steelyard("knowledge", "releases", "--json").out
    _break(pack)
    ended = steelyard("knowledge", "publish", pack)
    assert (ended.code, ended.out) == (2, "")
    assert "rules/all.yaml:" in ended.err
    assert steelyard("knowledge", "releases", "--json").out == before


@pytest.mark.parametrize("command", ["lint", "publish"])
def test_a_folder_that_is_not_there(steelyard: Steelyard, command: str) -> None:
    ended = steelyard("knowledge", command, "nowhere")
    assert (ended.code, ended.out) == (2, "")
    assert "FOLDER: 'nowhere' is not a folder that exists" in ended.err


def test_show_lists_every_framework(steelyard: Steelyard) -> None:
    lines = steelyard("knowledge", "show").out.splitlines()
    assert lines[0].split() == ["id", "name", "roles", "state", "version"]
    assert [line.split()[0] for line in lines[1:5]] == ["caffe", "jax", "litert", "onnxruntime"]
    assert "archived" in lines[1]
    assert {item["id"] for item in steelyard("knowledge", "show", "--json").json()["items"]} >= {"jax", "caffe"}


def test_show_of_one_framework(steelyard: Steelyard) -> None:
    out = steelyard("knowledge", "show", "pytorch").out
    for said in ("PyTorch  pytorch", "State active", "Grades from 0 to 4", "Capabilities", "Conversions", "evidence"):
        assert said in out, said
    document = steelyard("knowledge", "show", "pytorch", "--json").json()
    assert set(document) >= {"grades", "capabilities", "paths", "evidence", "lifecycle"}


def test_show_of_an_unknown_framework_offers_the_nearest(steelyard: Steelyard) -> None:
    ended = steelyard("knowledge", "show", "PyTorsh")
    assert (ended.code, ended.out) == (2, "")
    assert "did you mean 'pytorch'?" in ended.err


def test_evidence_is_listed_and_filtered(steelyard: Steelyard) -> None:
    everything = steelyard("knowledge", "evidence", "--json").json()["items"]
    about = steelyard("knowledge", "evidence", "--about", "pytorch", "--json").json()["items"]
    assert 0 < len(about) < len(everything)
    assert all("pytorch" in piece["about"] for piece in about)
    holding = steelyard("knowledge", "evidence", "--verdict", "holds", "--json").json()["items"]
    others = [
        steelyard("knowledge", "evidence", "--verdict", verdict, "--json").json()["items"]
        for verdict in ("outdated", "contested", "wrong", "unverifiable")
    ]
    assert len(holding) + sum(map(len, others)) == len(everything)
    contested = steelyard("knowledge", "evidence", "--contested", "--json").json()["items"]
    settled = steelyard("knowledge", "evidence", "--no-contested", "--json").json()["items"]
    assert len(contested) + len(settled) == len(everything)
    surveys = steelyard("knowledge", "evidence", "--source-kind", "survey", "--json").json()["items"]
    assert {piece["source"]["kind"] for piece in surveys} == {"survey"}
    out = steelyard("knowledge", "evidence", "--about", "pytorch").out
    assert all(piece["id"] in out for piece in about)
    assert out.rstrip().endswith("evidence")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--about", "pytorsh"], "did you mean 'pytorch'?"),
        (["--verdict", "maybe"], "maybe"),
        (["--source-kind", "gossip"], "gossip"),
    ],
)
def test_evidence_refuses_unknown_filters(steelyard: Steelyard, arguments: list[str], said: str) -> None:
    ended = steelyard("knowledge", "evidence", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_claims_are_those_of_the_articles(steelyard: Steelyard) -> None:
    found = steelyard("knowledge", "claims", "--json").json()
    assert [piece["id"] for piece in found["items"]] == ["blog-small"]
    assert [(a["article"], a["claims"], a["verdicts"]["outdated"]) for a in found["articles"]] == [(2, 1, 1)]
    out = steelyard("knowledge", "claims").out
    for said in ("Blog", "Says it is small.", "outdated", "The package has grown since."):
        assert said in out, said
    for filters in (["--article", "1"], ["--about", "jax"], ["--verdict", "holds"], ["--contested"]):
        assert steelyard("knowledge", "claims", *filters, "--json").json() == {**found, "items": []}
    assert steelyard("knowledge", "claims", "--article", "6").code == 2
    assert "did you mean 'pytorch'?" in steelyard("knowledge", "claims", "--about", "pytorsh").err
