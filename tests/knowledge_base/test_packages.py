"""Packages on file: what an entry must say, and what the shipped list covers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from knowledge_base import pack as packs
from knowledge_base.lint import lint
from knowledge_base.packages import Packages
from rules.faults import InvalidInput

Plant = Callable[[Mapping[str, str | tuple[str, str] | None]], Path]
MAIN = {"name": "torch", "role": "main", "expect": ["pytorch.org"], "tells": ["version"]}


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ([{**MAIN, "expect": []}], "an address to `expect`"),
        ([{**MAIN, "role": "plug-in"}], "tells nothing: only main and part tell"),
        ([{"name": "torch", "role": "namesake"}], "a note that says why"),
        ([{"name": "torch", "role": "renamed_from"}], "a note that says why"),
        ([{"name": "torch", "role": "client"}], "a note that says why"),
        ([MAIN, {**MAIN, "role": "part", "tells": []}], "names each package once"),
        ([MAIN, {**MAIN, "name": "torch-cpu", "role": "part"}], "each fact is told by one package"),
        ([MAIN, {**MAIN, "name": "torch-cpu", "tells": []}], "at most one main package"),
        ([], "a note that says why there is none"),
        ([{**MAIN, "name": "Torch_CPU"}], "match"),
        ([{**MAIN, "name": "../torch"}], "match"),
        ([{**MAIN, "expect": ["https://pytorch.org"]}], "match"),
        ([{**MAIN, "tells": ["licence"]}], "version"),
    ],
)
def test_an_entry_that_does_not_hold(packages: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Packages.model_validate({"id": "pytorch", "packages": packages})


def test_mistakes_are_shown_with_their_places(plant: Plant) -> None:
    folder = plant({"packages.yaml": ("role: main, expect: [onnxruntime.ai]", "role: mian, expect: [onnxruntime.ai]")})
    with pytest.raises(InvalidInput) as caught:
        packs.load(folder)
    (fault,) = caught.value.faults
    assert fault.path.startswith("packages.yaml:18:")
    assert "mian" in fault.value


def test_lint_wants_alternatives_that_are_on_file_and_each_fact_told_once(plant: Plant) -> None:
    twice = "- id: pytorh\n  packages:\n    - {name: torch, role: main, expect: [pytorch.org], tells: [version]}\n"
    faults = lint(packs.load(plant({"packages.yaml": twice})))
    assert [(f.value, f.nearest) for f in faults] == [("'pytorh'", "pytorch"), ("torch", None)]
    assert all(f.path.startswith("packages.yaml:2") for f in faults)
    assert "tells nothing of pytorch already" in faults[1].expected


def test_a_pack_may_do_without(plant: Plant) -> None:
    pack = packs.load(plant({"packages.yaml": None}))
    assert (pack.packages, lint(pack)) == ((), [])


@pytest.fixture(scope="module")
def shipped() -> packs.Pack:
    return packs.load()


def test_every_alternative_that_ships_has_an_entry(shipped: packs.Pack) -> None:
    assert {each.id for each in shipped.packages} == {each.id for each in shipped.alternatives}


def test_the_known_traps_are_on_file(shipped: packs.Pack) -> None:
    roles = {(entry.id, each.name): each.role for entry in shipped.packages for each in entry.packages}
    assert roles["caffe", "caffe"] == roles["pytorch", "pytorch"] == roles["haiku", "haiku"] == "namesake"
    assert roles["litert", "tflite-runtime"] == "renamed_from"
    assert roles["jax", "jax-metal"] == roles["tensorflow", "tensorflow-metal"] == "plug-in"
    assert roles["ollama", "ollama"] == "client"
