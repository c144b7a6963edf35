"""Lists of packages as projects write them: the names, and nothing of what stands around them."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.reading import open_source, packages, parse
from rules.packages import find
from rules.release import Release

EXAMPLE = Path(__file__).parents[2] / "examples" / "dependencies.csv"

KNOWN = dict.fromkeys(
    ("torch", "core ml", "tensorflow lite", "microsoft.ml.onnxruntime", "ray[serve]", "ray[serve-grpc]"), ("x",)
)
VERSION = st.sampled_from(["", "==2.1", ">=2,<3", " >= 2.0, != 2.3, < 3", "~=2.1", "[cuda]", "[cuda,x]>=2", "^2.0"])
AFTER = st.sampled_from(["", ' ; python_version > "3.8"', ';python_version<"3.9" and os_name == "nt"', "  # why"])
NAMES = st.lists(st.from_regex(r"[a-z]{3,9}(-[a-z]{2,5})?", fullmatch=True), min_size=1, max_size=8).filter(
    lambda names: not {"extra", "os-name"} & set(names)
)


def names(text: str) -> list[str]:
    return [packages.name(entry, KNOWN) for entry in packages.entries(text, KNOWN)]


@given(NAMES, st.data(), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_of_requirement_files_are_their_names(written: list[str], data: st.DataObject, between: str) -> None:
    lines = [f"{name}{data.draw(VERSION)}{data.draw(AFTER)}" for name in written]
    assert names(between.join(lines)) == written


@given(NAMES, st.data(), st.sampled_from([";", "; ", "|", ",", ", ", "\n"]))
def test_names_may_be_parted_by_any_sign_whatever_their_versions(
    written: list[str], data: st.DataObject, between: str
) -> None:
    assert names(between.join(f"{name}{data.draw(VERSION)}" for name in written)) == written


@given(st.text(max_size=300))
def test_no_text_is_a_fault(text: str) -> None:
    assert all(0 < len(each) <= max(len(text), 1) for each in names(text))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("torch; torchvision; numpy>=1.20", ["torch", "torchvision", "numpy"]),
        ('torch[cuda]==2.1.0 ; python_version>"3.8"', ["torch"]),
        ("torch (>=1.0,<2)", ["torch"]),
        ("torch @ https://example.org/torch.whl", ["torch"]),
        ("torch==2.1 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\nnumpy==1", ["torch", "numpy"]),
        ("# all of it\n-r base.txt\n-e .\n--index-url x\n\ntorch  # here", ["torch"]),
        ("- torch\n* numpy", ["torch", "numpy"]),
        ("conda-forge::torch=2.1=cuda", ["torch"]),
        ('"@tensorflow/tfjs": "^4.0 || ^5",\n"left-pad": "1.x"', ["@tensorflow/tfjs", "left-pad"]),
        ("@tensorflow/tfjs@4.0, left-pad@^1", ["@tensorflow/tfjs", "left-pad"]),
        ("com.microsoft:onnx-android:1.16.0, org.a:b", ["com.microsoft:onnx-android", "org.a:b"]),
        ("torch:2.0", ["torch"]),
        ("Microsoft.ML.OnnxRuntime 1.16.0", ["Microsoft.ML.OnnxRuntime"]),
        ("MLKit/Faces ~> 2.0", ["MLKit/Faces"]),
        ('[packages]\ntorch = {version = "^2", extras = ["a", "b"]}\nnumpy = "*"', ["torch", "numpy"]),
        ("Core ML; TensorFlow Lite 2.4", ["Core ML", "TensorFlow Lite"]),
        ("'torch', 'numpy'", ["torch", "numpy"]),
        ("3to2, 2.0, <3", ["3to2"]),
        ("ray[serve]", ["ray[serve]"]),
        ("Ray [tune, Serve] >= 2, < 3 ; python_version > '3.8'", ["Ray[Serve]"]),
        ("ray[tune]==2.9; ray", ["ray", "ray"]),
        ("ray[serve,serve_grpc]>=2; torch[serve]", ["ray[serve]", "ray[serve_grpc]", "torch"]),
        ("['ray[serve]', 'torch']"[1:-1], ["ray[serve]", "torch"]),
        ("[serve]", []),
        ("word2vec tools", ["word2vec tools"]),  # no name: as it is written, for people to see
        ("git+https://example.org/a", ["git+https://example.org/a"]),
        (" ; ,\n", []),
    ],
)
def test_forms_that_there_are(text: str, meant: list[str]) -> None:
    assert names(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10**6,
        "a" + " " * 10**6 + "b",
        "a." * 10**6,
        "a/" * 10**6,
        "v1." * 10**6,
        "a[b]" * 10**5,
        "a" * 10**6 + " b[",
    ],
)
def test_texts_of_a_million_signs_are_read(text: str) -> None:
    assert all(len(each) <= packages.MAX_NAME for each in names(text))


def test_an_extra_tells_what_the_name_alone_does_not(shipped_release: Release) -> None:
    known = shipped_release.questionnaire.packages
    read = [packages.name(entry, known) for entry in packages.entries("ray; Ray[serve,tune]==2.9; ray[tune]", known)]
    assert [find(name, known) for name in read] == [(), ("ray-serve",), ()]


# --- The example -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example() -> list[dict[str, str]]:
    with EXAMPLE.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_package_of_the_example_is_read_as_one_name(
    shipped_release: Release, example: list[dict[str, str]]
) -> None:
    known = shipped_release.questionnaire.packages
    for row in example:
        for written in row["packages"].split(";"):
            (entry,) = packages.entries(written, known)
            read = packages.name(entry, known)
            assert written.startswith(read)
            assert not re.search(r"[<>=!~\[\]\s]|.@", read), (row["id"], written)


def test_every_row_of_the_example_can_be_scored(shipped_release: Release, example: list[dict[str, str]]) -> None:
    source = open_source([EXAMPLE], shipped_release.questionnaire)
    (raw,) = source.frames()
    block = parse(raw, 1, shipped_release.questionnaire, shipped_release.names, source.mapping)
    assert (block.read, block.failed) == (len(example), 0)
    assert block.id.to_list() == [row["id"] for row in example]


def test_every_list_of_the_example_names_its_manifest_and_commit(example: list[dict[str, str]]) -> None:
    line = (
        r"\| (\S+) \| \[[0-9a-f]{12}\]\(https://github\.com/(\S+)/tree/[0-9a-f]{40}\)"
        r" of \d{4}-\d\d-\d\d \| \S+ \| (.+) \|"
    )
    page = EXAMPLE.with_name("dependencies-sources.md").read_text()
    cited = re.findall(rf"^{line}$", page, re.MULTILINE)
    assert [repository for repository, _, _ in cited] == [row["id"] for row in example]
    assert len({row["id"] for row in example}) == len(example)
    assert all(repository == linked and re.match(r"[\w./-]+, `.+`", words) for repository, linked, words in cited)
    assert all(row["name"] and row["packages"] for row in example)
    assert "2026-11-22" in page
