"""Packages on file: what an entry must say, and what the shipped list covers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from knowledge_base import pack as packs
from knowledge_base.lint import lint
from knowledge_base.packages import Package, Packages
from rules.faults import InvalidInput

Plant = Callable[[Mapping[str, str | tuple[str, str] | None]], Path]
DAY = "2026-11-22"
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
        ([{**MAIN, "registry": "pip"}], "pypi"),
        ([{"name": "timm", "role": "on", "as_of": DAY}], "a note that says why"),
        ([{"name": "timm", "role": "on", "note": "Requires torch."}], "`as_of`"),
        ([{"name": "timm", "role": "on", "note": "So.", "as_of": DAY, "tells": ["version"]}], "tells nothing"),
        ([{"name": "@a/b", "role": "main", "registry": "npm"}], "`as_of`"),
        ([{"name": "a/b", "role": "main", "registry": "npm", "as_of": DAY}], "the registry npm, to match"),
        ([{"name": "a", "role": "main", "registry": "maven", "as_of": DAY}], "the registry maven, to match"),
        ([{"name": "a.B", "role": "main", "registry": "pub", "as_of": DAY}], "the registry pub, to match"),
        ([{"name": "a", "role": "main", "registry": "npm", "as_of": DAY, "tells": ["version"]}], "tells nothing"),
        ([{**MAIN, "extras": ["all"], "as_of": DAY}], "`holds_more`"),
        ([{**MAIN, "extras": ["all"], "holds_more": True}], "`as_of`, on which its metadata"),
        ([{**MAIN, "extras": ["all", "all"], "holds_more": True, "as_of": DAY}], "each extra once"),
        ([{**MAIN, "extras": ["a[b]"], "holds_more": True, "as_of": DAY}], "match"),
        ([MAIN, {"name": "torch", "role": "on", "note": "Twice.", "as_of": DAY}], "names each package once"),
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


@pytest.mark.parametrize(
    ("registry", "name"),
    [
        ("npm", "@tensorflow/tfjs"),
        ("npm", "onnxruntime-web"),
        ("maven", "com.microsoft.onnxruntime:onnxruntime-android"),
        ("nuget", "Microsoft.ML.OnnxRuntime"),
        ("cran", "keras3"),
        ("crates", "ort"),
        ("julia", "Lux"),
        ("cocoapods", "GoogleMLKit/FaceDetection"),
        ("swift", "mlx-swift"),
        ("pub", "tflite_flutter"),
        ("conda", "pytorch-cuda"),
        ("espressif", "espressif/esp-tflite-micro"),
    ],
)
def test_each_registry_has_names_of_its_own_and_none_of_them_is_asked_for(registry: str, name: str) -> None:
    package = {"name": name, "role": "main", "registry": registry, "as_of": DAY}
    entry = Packages.model_validate({"id": "a", "packages": [package]})
    assert entry.asked == []


def _pack(plant: Plant, ours: str, theirs: str) -> packs.Pack:
    """The small pack with one package of jax and one of pytorch and no others."""
    folder = plant({"packages.yaml": None})
    entries = [f"- id: {name}\n  packages:\n    - {{{one}}}\n" for name, one in (("jax", ours), ("pytorch", theirs))]
    (folder / "packages.yaml").write_text("".join(entries).replace("}", f", as_of: '{DAY}', note: So.}}"))
    return packs.load(folder)


@pytest.mark.parametrize("role", ["main", "part", "plug-in", "client"])
def test_a_package_belongs_to_one_alternative_in_each_registry(plant: Plant, role: str) -> None:
    faults = lint(_pack(plant, f"name: Ab, registry: nuget, role: {role}", "name: aB, registry: nuget, role: main"))
    assert [(each.value, each.path) for each in faults] == [("aB", "packages.yaml:6:14")]
    assert "not jax's already, as packages.yaml:3:14 says" in faults[0].expected


@pytest.mark.parametrize(
    "theirs",
    [
        "name: ab, registry: npm, role: on",
        "name: ab, registry: npm, role: 'on'",
        "name: ab, registry: npm, role: namesake",
        "name: ab, registry: npm, role: renamed_from",  # the former name has an entry of its own
        "name: ab, registry: conda, role: main",
    ],
)
def test_a_package_may_be_several_things_to_several(plant: Plant, theirs: str) -> None:
    assert lint(_pack(plant, "name: ab, registry: npm, role: main", theirs)) == []


def test_a_pack_may_do_without(plant: Plant) -> None:
    pack = packs.load(plant({"packages.yaml": None}))
    assert (pack.packages, lint(pack)) == ((), [])


@pytest.fixture(scope="module")
def shipped() -> packs.Pack:
    return packs.load()


def test_every_alternative_that_ships_has_an_entry(shipped: packs.Pack) -> None:
    assert {each.id for each in shipped.packages} == {each.id for each in shipped.alternatives}


@pytest.fixture(scope="module")
def of_index(shipped: packs.Pack) -> dict[tuple[str, str], Package]:
    """The packages of the Python package index, by alternative and name."""
    return {
        (entry.id, each.name): each for entry in shipped.packages for each in entry.packages if each.registry == "pypi"
    }


def test_the_known_traps_are_on_file(of_index: dict[tuple[str, str], Package]) -> None:
    roles = {name: each.role for name, each in of_index.items()}
    assert roles["caffe", "caffe"] == roles["pytorch", "pytorch"] == roles["haiku", "haiku"] == "namesake"
    assert roles["litert", "tflite-runtime"] == "renamed_from"
    assert roles["jax", "jax-metal"] == roles["tensorflow", "tensorflow-metal"] == "plug-in"
    assert roles["ollama", "ollama"] == "client"
    assert roles["scikit-learn", "sklearn"] == roles["pytorch", "timm"] == roles["torchvision", "timm"] == "on"


def test_who_depends_on_all_of_ray_need_not_serve_with_it(
    shipped: packs.Pack, of_index: dict[tuple[str, str], Package]
) -> None:
    implied = {name: each.implies_use for name, each in of_index.items()}
    assert not implied["ray-serve", "ray"]
    (ray,) = (each for entry in shipped.packages for each in entry.packages if each.name == "ray")
    assert "ray[serve]" in ray.names_of_use
    assert not implied["caffe", "caffe"]
    assert implied["pytorch", "torch"]
    assert implied["pytorch", "timm"]
