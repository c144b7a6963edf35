"""The benchmark runs and writes what it promises on a small made-up release. No test looks at a time."""

import json
from pathlib import Path

import pytest

pytest.importorskip("pymcdm", reason="the group `bench` is not installed")
pytest.importorskip("zen", reason="the group `bench` is not installed")

from benchmarks import synthetic
from benchmarks.__main__ import main
from benchmarks.cases import DECIDE, NO_FLIPS, ZEN, Peers, made_up
from benchmarks.report import BEGIN, END
from benchmarks.synthetic import Size

SMALL = "5x6x12x12"


def test_one_command_measures_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text(f"# Before\n\n{BEGIN}\nold figures\n{END}\n\nAfter.\n", encoding="utf-8")
    given = ["--no-shipped", "--size", SMALL, "--rounds", "2", "--slice-ms", "1", "--profile"]
    assert main([*given, "--json", str(figures), "--markdown", str(page)]) == 0
    written = page.read_text(encoding="utf-8")
    assert written.startswith("# Before\n")
    assert written.endswith("After.\n")
    assert "old figures" not in written
    assert "Where the time goes" in written
    assert f"Made up, {SMALL}" in capsys.readouterr().out
    (case,) = json.loads(figures.read_text(encoding="utf-8"))["cases"]
    assert [timed["name"] for timed in case["timed"]][:2] == [DECIDE, NO_FLIPS]
    assert all(0 < timed["p50_us"] <= timed["p95_us"] for timed in case["timed"])
    assert case["agreement"]["order"] == case["inputs"]


def test_a_made_up_release_is_the_same_every_time() -> None:
    size = Size.parse(SMALL)
    assert made_up(size).release.sha256 == made_up(size).release.sha256
    assert synthetic.answers(size, 2) == synthetic.answers(size, 2)


@pytest.mark.parametrize("size", [SMALL, "8x20x60x40"])
def test_the_peers_come_to_the_same_decisions(size: str) -> None:
    peers = Peers(made_up(Size.parse(size)))
    assert peers.agreement().full
    assert ZEN in peers.runs()


def test_the_answer_flips_are_back_after_a_run_without_them() -> None:
    peers = Peers(made_up(Size.parse("8x20x60x40")))
    with_flips = [decision.answer_flips for decision in peers.decisions]
    assert any(with_flips)
    for run in peers.runs().values():
        for i in range(len(with_flips)):
            run(i)
    assert [Peers(peers.case).decisions[i].answer_flips for i in range(len(with_flips))] == with_flips


@pytest.mark.parametrize("size", ["12x10", "axbxcxd", "1x2x3x4"])
def test_a_size_that_is_none_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--no-shipped", "--size", size]) == 2
    assert capsys.readouterr().err
