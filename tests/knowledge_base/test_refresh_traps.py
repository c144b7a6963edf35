"""Names borne by others, shells, abandonment, odd versions: each doubt, and what must not raise it."""

from datetime import date
from typing import Any

import pytest

from knowledge_base.packages import Package as OnFile
from knowledge_base.refresh import identity
from knowledge_base.refresh.findings import Findings, findings
from knowledge_base.refresh.json_interface import project
from knowledge_base.refresh.project import Project
from knowledge_base.refresh.traps import Trap, traps
from tests.index_pages import Package, Row, caffe, source, torch, wheel

TODAY = date(2026, 11, 21)
HOME = "https://github.com/pytorch/pytorch"


def on_file(role: str = "main", **more: Any) -> OnFile:
    document = {"name": "torch", "role": role, "expect": ["github.com/pytorch/pytorch"], "note": "For tests.", **more}
    if role in ("main", "part"):
        document.setdefault("tells", ["version"])
    return OnFile.model_validate(document)


def read(package: Package) -> tuple[Project, Findings]:
    read = project(package.name, package.encoded())
    return read, findings(read, TODAY)


def doubts(
    package: Package, entry: OnFile | None = None, *, version: str | None = None, beside: Package | None = None
) -> dict[str, Trap]:
    told, facts = read(package)
    other = read(beside)[1] if beside else None
    found = traps(entry or on_file(), told, facts, on_file=version, beside=other, today=TODAY)
    assert len({each.kind for each in found}) == len(found)
    return {each.kind: each for each in found}


def package(*rows: Row, **more: Any) -> Package:
    return Package("torch", list(rows), **{"home": HOME, **more})


def test_a_sound_package_raises_nothing() -> None:
    assert doubts(torch(), version="2.15.0") == {}


def test_a_namesake_is_told_with_why() -> None:
    trap = doubts(caffe(), on_file("namesake", name="caffe", expect=[]))["namesake"]
    assert trap.stops
    assert trap.text == "it only bears the name (For tests); its newest release is 0.1.0 of 2024-11-10"


def test_a_namesake_taken_for_the_thing_itself_is_found_out() -> None:
    found = doubts(caffe(), on_file(name="caffe", expect=["github.com/bvlc/caffe"]), version="1.0")
    assert {"placeholder", "no-address", "older-than-on-file", "silent"} == set(found)
    assert "Dependency Hallucination" in found["placeholder"].text
    assert found["placeholder"].stops


def test_a_former_name_is_told() -> None:
    trap = doubts(package(source("torch", "2.14.0", day="2023-10-04")), on_file("renamed_from"))["renamed"]
    assert (trap.stops, "2.14.0 of 2023-10-04" in trap.text) == (True, True)


@pytest.mark.parametrize(
    "summary",
    [
        "DEPRECATED: renamed to litert-torch",
        'Removed: please install "tensorflow" instead.',
        "deprecated sklearn package, use scikit-learn instead",
        "This project has moved to torch",
        "No longer maintained",
    ],
)
def test_a_summary_that_sends_elsewhere_stops(summary: str) -> None:
    assert doubts(package(*torch().rows, summary=summary))["says-moved"].stops


@pytest.mark.parametrize(
    "summary",
    [
        "Tensors and Dynamic neural networks in Python",
        "A drop-in replacement; moves tensors to devices",
        "Use it instead of loops",
        "Reserve capacity planning with deep networks",
        "Removes noise from audio",
    ],
)
def test_ordinary_summaries_raise_nothing(summary: str) -> None:
    assert doubts(package(*torch().rows, summary=summary)) == {}


@pytest.mark.parametrize(
    "summary", ["Placeholder for torch", "Name reserved by the team", "Reserving the name", "prevents typosquatting"]
)
def test_a_summary_that_says_placeholder_stops(summary: str) -> None:
    assert doubts(package(*torch().rows, summary=summary))["placeholder"].stops


def test_a_tiny_first_release_looks_like_a_placeholder() -> None:
    tiny = package(source("torch", "0.0.1", size=1_200, day="2026-01-01"))
    assert doubts(tiny)["placeholder"].text.endswith("1 release, the newest of 1,200 bytes in all")
    for other in (
        package(source("torch", "0.0.1", size=40_000)),
        package(source("torch", "0.0.1", size=None)),
        package(*(source("torch", f"0.0.{n}", size=900) for n in range(3))),
    ):
        assert "placeholder" not in doubts(other)


def test_another_home_stops_and_is_shown() -> None:
    trap = doubts(package(*torch().rows, home="https://www.GitHub.com/someone/Torch.git"))["other-home"]
    assert trap.stops
    assert "github.com/someone/torch" in trap.text
    assert "github.com/pytorch/pytorch" in trap.text


def test_without_an_address_the_identity_is_open() -> None:
    trap = doubts(package(*torch().rows, home=None))["no-address"]
    assert not trap.stops


@pytest.mark.parametrize(
    ("address", "piece", "same"),
    [
        ("https://github.com/pytorch/pytorch", "github.com/pytorch/pytorch", True),
        ("http://www.github.com/PyTorch/PyTorch.git/", "github.com/pytorch/pytorch", True),
        ("https://github.com/pytorch/pytorch/issues?q=1#top", "github.com/pytorch/pytorch", True),
        ("https://user@docs.pytorch.org/x", "pytorch.org", True),
        ("https://github.com/pytorch/pytorch-fork", "github.com/pytorch/pytorch", False),
        ("https://notpytorch.org", "pytorch.org", False),
        ("https://pytorch.org.evil.example", "pytorch.org", False),
        ("https://evil.example/github.com/pytorch/pytorch", "github.com/pytorch/pytorch", False),
        ("https://evil.example/?pytorch.org", "pytorch.org", False),
        ("", "pytorch.org", False),
    ],
)
def test_addresses_are_compared_part_by_part(address: str, piece: str, same: bool) -> None:
    assert identity.bears([address], [piece]) is same


def test_pre_releases_only_stops() -> None:
    found = doubts(package(source("torch", "0.1.dev20261023", day="2026-10-23")), version="0.1.dev20261020")
    assert set(found) == {"pre-releases-only"}
    assert "0.1.dev20261023 of 2026-10-23" in found["pre-releases-only"].text


def test_a_yanked_newest_release_is_told_and_passed_over() -> None:
    rows = [source("torch", "1.0"), source("torch", "1.1", yanked=True, reason="Broken", day="2026-11-01")]
    trap = doubts(package(*rows))["newest-yanked"]
    assert (trap.stops, trap.text) == (False, "its newest release, 1.1 of 2026-11-01, is yanked: Broken")
    everything = package(source("torch", "1.0", yanked=True))
    assert doubts(everything)["all-yanked"].stops


def test_the_version_on_file_may_be_the_yanked_one() -> None:
    rows = [source("torch", "1.0"), source("torch", "1.1", yanked=True)]
    assert set(doubts(package(*rows), version="1.1")) == {"newest-yanked"}


def test_a_version_on_file_above_the_newest_stops() -> None:
    rows = [source("torch", "1.0"), source("torch", "0.9")]
    trap = doubts(package(*rows), version="2.0")["older-than-on-file"]
    assert trap.stops
    assert "2.0, which the index does not have" in trap.text
    pre = doubts(package(*rows, source("torch", "2.0rc1")), version="2.0rc1")["older-than-on-file"]
    assert "does not have" not in pre.text
    assert doubts(package(*rows), version="v-unreadable") == {}


def test_numbers_that_went_backwards_stop_and_a_care_release_does_not() -> None:
    calendar = [source("torch", "2019.4", day="2019-04-01"), source("torch", "1.2", day="2026-10-01")]
    trap = doubts(package(*calendar))["backwards"]
    assert (trap.stops, "1.2 of 2026-10-01 came last" in trap.text) == (True, True)
    care = [source("torch", "3.0", day="2026-05-01"), source("torch", "2.9.5", day="2026-10-01")]
    assert doubts(package(*care)) == {}


def test_an_abandoned_plug_in_is_measured_by_its_framework() -> None:
    old = Package(
        "torch-metal", [wheel("torch-metal", "0.1.1", day="2024-10-08")], home="https://developer.apple.com/metal"
    )
    entry = on_file("plug-in", name="torch-metal", expect=["developer.apple.com"])
    trap = doubts(old, entry, beside=torch())["abandoned"]
    assert (trap.stops, "abandoned plug-in: 0.1.1 of 2024-10-08" in trap.text) == (False, True)
    assert "torch is at 2.16.0 of 2026-11-18" in trap.text
    old.rows[0].day = "2026-08-01"
    assert doubts(old, entry, beside=torch()) == {}
    part = on_file("part", name="torch-metal", expect=["developer.apple.com"])
    old.rows[0].day = "2024-10-08"
    assert doubts(old, part, beside=torch())["abandoned"].stops


def test_silence_is_told_of_the_main_package_only() -> None:
    old = package(source("torch", "1.0", day="2024-09-01"))
    assert set(doubts(old)) == {"silent"}
    assert not doubts(old)["silent"].stops
    assert doubts(package(source("torch", "1.0", day="2025-09-01"))) == {}
    assert doubts(old, on_file("client")) == {}


def test_nothing_to_be_had_stops() -> None:
    assert doubts(package())["no-files"].stops
    assert "1 files cannot be told apart" in doubts(package(Row("torch-1.0.exe")))["no-files"].text


@pytest.mark.parametrize(("status", "stops"), [("archived", False), ("deprecated", False), ("quarantined", True)])
def test_the_index_s_own_word_is_told(status: str, stops: bool) -> None:
    told, facts = read(torch())
    marked = Project(told.name, told.interface, told.files, 0, told.information, status, "For tests")
    (trap,) = traps(on_file(), marked, facts, on_file=None, beside=None, today=TODAY)
    assert (trap.stops, trap.text) == (stops, f"the index marks the project as {status}: For tests")


def test_a_package_that_calls_itself_inactive_is_told() -> None:
    inactive = package(*torch().rows, classifiers=["Development Status :: 7 - Inactive"])
    assert set(doubts(inactive)) == {"inactive"}
