"""Wheel tags summed up, spans of Python, and what the files of a package add up to."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.refresh import telling
from knowledge_base.refresh.builds import Builds, allowed, builds, claimed, runs_on, span
from knowledge_base.refresh.findings import Findings, findings
from knowledge_base.refresh.json_interface import project
from tests.index_pages import LINUX, Package, Row, source, torch, wheel

TODAY = date(2026, 11, 21)
NAMED = [f"Programming Language :: Python :: 3.{n}" for n in (10, 11, 13)] + ["Programming Language :: Python :: 3"]


def built(*tags: str, requires: str | None = None) -> Builds:
    rows = [wheel("torch", "1.0", each, requires=requires) for each in tags]
    return builds(project("torch", Package("torch", rows).encoded()).files)


def found(*rows: Row, today: date = TODAY, **more: object) -> Findings:
    return findings(project("torch", Package("torch", list(rows), **more).encoded()), today)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tags", "platforms"),
    [
        ("cp313-cp313-manylinux_2_28_x86_64", {"linux_x86_64"}),
        ("cp313-cp313-manylinux2014_aarch64", {"linux_aarch64"}),
        ("cp313-cp313-manylinux1_i686", {"linux_other"}),
        ("cp313-cp313-linux_armv7l", {"linux_other"}),
        ("cp313-cp313-musllinux_1_2_x86_64.musllinux_1_2_aarch64", {"musl_x86_64", "musl_aarch64"}),
        ("cp313-cp313-win_amd64", {"windows_x86_64"}),
        ("cp313-cp313-win_arm64", {"windows_arm64"}),
        ("cp313-cp313-win32", {"windows_x86"}),
        ("cp313-cp313-macosx_11_0_arm64", {"macos_arm64"}),
        ("cp313-cp313-macosx_10_9_x86_64", {"macos_x86_64"}),
        ("cp313-cp313-macosx_10_9_universal2", {"macos_universal2"}),
        ("py3-none-any", {"any"}),
        ("cp313-cp313-ios_13_0_arm64_iphoneos", {"other"}),
        ("cp27-cp27mu-manylinux1_x86_64", set()),
        ("pp310-pypy310_pp73-manylinux_2_28_x86_64", set()),
    ],
)
def test_platforms_of_tags(tags: str, platforms: set[str]) -> None:
    assert built(tags).platforms == platforms


def test_a_universal_wheel_runs_on_both_macs_and_musl_is_not_linux() -> None:
    mac = built("cp313-cp313-macosx_10_9_universal2")
    assert runs_on(mac, "macos_x86_64")
    assert runs_on(mac, "macos_arm64")
    assert not runs_on(built("cp313-cp313-musllinux_1_2_x86_64"), "linux_x86_64")
    assert not runs_on(built(f"cp313-cp313-{LINUX}"), "musl_x86_64")


def test_free_threaded_builds_are_told_apart() -> None:
    both = built(f"cp313-cp313-{LINUX}", f"cp314-cp314t-{LINUX}")
    assert (both.pythons, both.free_threaded) == (((3, 13),), ((3, 14),))


def test_pure_means_that_every_wheel_is() -> None:
    assert built("py2.py3-none-any").is_pure
    assert not built("py3-none-any", f"cp313-cp313-{LINUX}").is_pure
    assert not builds(()).is_pure


def test_the_size_is_that_of_the_newest_python() -> None:
    rows = [
        wheel("torch", "1.0", f"cp312-cp312-{LINUX}", size=900),
        wheel("torch", "1.0", f"cp313-cp313-{LINUX}", size=500),
        wheel("torch", "1.0", "cp313-cp313-manylinux_2_17_x86_64", size=700),
        wheel("torch", "1.0", "cp313-cp313-win_amd64", size=None),
    ]
    assert dict(found(*rows).builds.sizes_bytes) == {"linux_x86_64": 700}


@pytest.mark.parametrize(
    ("tags", "requires", "named", "oldest", "newest", "is_open"),
    [
        ([f"cp311-cp311-{LINUX}", "cp314-cp314-win_amd64"], None, [], "3.11", "3.14", False),
        ([f"cp39-cp39-{LINUX}", f"cp313-cp313-{LINUX}"], ">=3.10", [], "3.13", "3.13", False),
        ([f"cp310-abi3-{LINUX}"], ">=3.10", NAMED, "3.10", "3.13", True),
        ([f"cp310-abi3-{LINUX}"], ">=3.10,<3.15", NAMED, "3.10", "3.14", False),
        ([f"cp39-abi3-{LINUX}"], ">=3.11.2", [], "3.11", None, True),
        (["py3-none-any"], ">=3.9, <4", NAMED, "3.9", "3.13", True),
        (["py3-none-any"], None, NAMED, None, "3.13", True),
        (["py3-none-any"], "nonsense", [], None, None, True),
        ([f"cp311-cp311-{LINUX}", f"cp312-abi3-{LINUX}"], ">=3.11", NAMED, "3.11", "3.13", True),
        ([], ">=3.9", NAMED, None, None, False),
        ([f"cp311-cp311-{LINUX}"], ">=3.12", [], None, None, False),
    ],
)
def test_spans(
    tags: list[str], requires: str | None, named: list[str], oldest: str | None, newest: str | None, is_open: bool
) -> None:
    told = span(built(*tags), requires, named)
    assert (telling.python(told.oldest), telling.python(told.newest), told.is_open) == (oldest, newest, is_open)


@given(st.integers(0, 29), st.integers(0, 29))
def test_allowed_is_what_the_bounds_say(low: int, high: int) -> None:
    assert allowed(f">=3.{low},<3.{high}") == [(3, n) for n in range(low, high)]


def test_classifiers_are_ordered_as_versions() -> None:
    assert claimed(["Programming Language :: Python :: 3.9", *NAMED]) == [(3, 9), (3, 10), (3, 11), (3, 13)]


# --- What the files add up to ----------------------------------------------------------------------------------------


def test_the_newest_release_is_stable_and_stands() -> None:
    facts = found(*torch().rows)
    assert facts.newest is not None
    assert (str(facts.newest.version), facts.newest.day) == ("2.16.0", date(2026, 11, 18))
    assert [str(each.version) for each in facts.yanked] == ["2.14.0"]


def test_a_release_came_on_the_day_of_its_first_file() -> None:
    facts = found(
        wheel("torch", "1.0", day="2026-02-02"), source("torch", "1.0", day="2026-02-01"), source("torch", "0.1")
    )
    assert facts.newest is not None
    assert facts.newest.day == date(2026, 2, 1)


def test_a_release_is_yanked_when_all_of_it_is() -> None:
    half = found(source("torch", "1.0"), wheel("torch", "2.0", yanked=True), source("torch", "2.0"))
    assert half.newest is not None
    assert (str(half.newest.version), half.yanked, half.builds.has_wheels) == ("2.0", (), False)


def test_a_yanked_release_is_passed_over() -> None:
    facts = found(source("torch", "1.0"), source("torch", "1.1", yanked=True))
    assert facts.newest is not None
    assert str(facts.newest.version) == "1.0"


def test_versions_are_ordered_as_versions_not_as_texts() -> None:
    facts = found(
        source("torch", "9.0"), source("torch", "10.0"), source("torch", "10.0.post1"), source("torch", "11.0rc1")
    )
    assert facts.newest is not None
    assert str(facts.newest.version) == "10.0.post1"


def test_the_pace_counts_stable_releases_by_day() -> None:
    days = ["2024-11-20", "2024-11-22", "2025-11-20", "2025-11-22", "2026-11-21"]
    rows = [source("torch", f"{n}.0", day=day) for n, day in enumerate(days)]
    rows += [source("torch", "8.0rc1", day="2026-06-01"), source("torch", "9.0", day="2026-12-24")]
    facts = found(*rows)
    assert (facts.stable_in_12_months, facts.stable_in_24_months) == (2, 4)


def test_without_days_there_is_no_pace() -> None:
    facts = found(source("torch", "1.0", day=None), source("torch", "2.0"))
    assert (facts.stable_in_12_months, facts.latest and str(facts.latest.version)) == (None, "2.0")


def test_what_holds_for_another_release_is_not_taken_for_the_newest() -> None:
    rows = [wheel("torch", "1.0", "py3-none-any", requires=">=3.9")]
    assert found(*rows, classifiers=NAMED, version="1.0").pythons.newest == (3, 13)
    assert found(*rows, classifiers=NAMED, version="0.9").pythons.newest is None


def test_everything_is_told_in_sentences() -> None:
    package = torch()
    text = telling.summed_up(findings(project("torch", package.encoded()), TODAY))
    for said in (
        "package torch is 2.16.0 of 2026-11-18",
        "twelve months: 5, in twenty-four: 5",
        "CPython 3.11 to 3.15, free-threaded 3.14 on Linux x86_64, Linux aarch64, Windows x86_64, macOS arm64",
        "Python >=3.11 is required",
        "900.0 MB for Linux x86_64",
        "is yanked, the last by number being 2.14.0",
        "licence BSD-3-Clause.",
    ):
        assert said in text, text
    assert telling.summed_up(found()) == ""
    assert "a source archive and no wheel" in telling.summed_up(found(source("torch", "1.0")))


def test_where_the_newest_python_differs_is_told() -> None:
    assert (
        telling.uneven(found(*torch().rows).builds)
        == "3.14 on Windows x86_64; 3.15 on Linux aarch64, Linux x86_64, macOS arm64"
    )
    assert telling.uneven(built(f"cp313-cp313-{LINUX}", "cp313-cp313-win_amd64")) is None
