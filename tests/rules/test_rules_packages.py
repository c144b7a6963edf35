"""Names of packages: how they are compared, and what they stand for in a release."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import packages
from rules.release import Release

NAMES = st.from_regex(r"[A-Za-z0-9]+(?:[-_.]+[A-Za-z0-9]+){0,3}", fullmatch=True)


def alternative(
    name: str, label: str, *names: str, namesakes: tuple[str, ...] = (), at: str = "pypi"
) -> dict[str, Any]:
    return {
        "id": name,
        "name": label,
        "packages": [{"registry": at, "name": each} for each in names],
        "namesakes": [{"registry": at, "name": each} for each in namesakes],
    }


@given(NAMES)
def test_python_packages_are_found_however_they_are_spelt(name: str) -> None:
    known = packages.named([alternative("a", "A thing", packages.normal(name, "pypi"))])
    for written in (name, name.upper(), name.replace("-", "_"), name.replace("_", "."), name.replace(".", "-")):
        assert packages.find(written, known) == ("a",)


@pytest.mark.parametrize(
    ("registry", "name", "other"),
    [("npm", "@a/b-c", "@a/b_c"), ("maven", "a.b:c", "a-b:c"), ("nuget", "Aa.Bb", "aa-bb")],
)
def test_packages_of_other_registries_only_in_other_letters(registry: str, name: str, other: str) -> None:
    known = packages.named([alternative("x", "X thing", name, at=registry)])
    assert packages.find(name.upper(), known) == packages.find(name.lower(), known) == ("x",)
    assert packages.find(other, known) is None


def test_ids_and_names_count_unless_a_namesake_bears_them() -> None:
    known = packages.named(
        [
            alternative("pytorch", "PyTorch", "torch"),
            alternative("triton", "Triton Inference Server", "tritonclient", namesakes=("triton",)),
            alternative("tensorflow-js", "TensorFlow.js"),
        ]
    )
    assert packages.find("PyTorch", known) == packages.find("torch", known) == ("pytorch",)
    assert packages.find("Triton", known) == ()
    assert packages.find("triton inference server", known) == ("triton",)
    assert packages.find("tensorflow_js", known) == packages.find("tensorflow.js", known) == ("tensorflow-js",)
    assert packages.find("numpy", known) is None


def test_a_package_of_one_registry_counts_though_another_has_a_namesake() -> None:
    known = packages.named(
        [alternative("pytorch", "PyTorch", namesakes=("pytorch",)), alternative("a", "A", "pytorch", at="conda")]
    )
    assert packages.find("pytorch", known) == ("a",)


def test_capitals_count_where_they_alone_part_two_things() -> None:
    known = packages.named(
        [
            alternative("pytorch", "PyTorch", "libtorch", at="conda"),
            alternative("pytorch-mobile", "PyTorch Mobile", "LibTorch", at="cocoapods"),
            alternative("flux-jl", "Flux.jl", "Flux", at="julia"),
            alternative("other", "Other", namesakes=("flux",), at="npm"),
        ]
    )
    assert packages.find("libtorch", known) == ("pytorch",)
    assert packages.find("LibTorch", known) == ("pytorch-mobile",)
    assert packages.find("Flux", known) == ("flux-jl",)
    assert packages.find("flux", known) == ()


def test_a_package_may_need_several() -> None:
    known = packages.named([alternative("b", "B", "timm"), alternative("a", "A", "timm")])
    assert packages.find("timm", known) == ("a", "b")


def test_a_release_of_before_there_were_packages_has_ids_and_names() -> None:
    known = packages.named([{"id": "pytorch", "name": "PyTorch"}])
    assert packages.find("Pytorch", known) == ("pytorch",)
    assert packages.find("torch", known) is None


def test_a_release_has_them_with_its_questions(small_release: Release) -> None:
    known = small_release.questionnaire.packages
    assert packages.find("torch", known) == ("pytorch",)
    assert packages.find("tflite_runtime", known) == ("litert",)
    assert packages.find("caffe", known) == ()
