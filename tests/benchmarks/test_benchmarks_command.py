"""The benchmark runs and writes what it promises on a small made-up release. No test looks at a time."""

import json
from pathlib import Path

import pytest

pytest.importorskip("pymcdm", reason="the group `bench` is not installed")
pytest.importorskip("skcriteria", reason="the group `bench` is not installed")
pytest.importorskip("zen", reason="the group `bench` is not installed")

from benchmarks import growth, robustness, steelyard, synthetic
from benchmarks.__main__ import main
from benchmarks.cases import BESIDE, SMAA_ANY, SMAA_RULES, WHAT_IF, ZEN, Peers, made_up
from benchmarks.report import BEGIN, END
from benchmarks.synthetic import Size
from rules import variants

SMALL = "5x6x12x12"


def test_one_command_measures_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "FEW_STEPS", (4, 8))
    monkeypatch.setattr(growth, "HELD", {"alternatives": 4, "rules": 10, "criteria": 6})
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text(f"# Before\n\n{BEGIN}\nold figures\n{END}\n\nAfter.\n", encoding="utf-8")
    given = ["--no-shipped", "--quick", "--size", SMALL, "--rounds", "2", "--slice-ms", "1", "--profile"]
    assert main([*given, "--json", str(figures), "--markdown", str(page)]) == 0
    written = page.read_text(encoding="utf-8")
    assert written.startswith("# Before\n")
    assert written.endswith("After.\n")
    assert "old figures" not in written
    for section in ("Where the time goes", "How time grows", "Robustness of the ranking"):
        assert section in written
    assert f"Made up, {SMALL}" in capsys.readouterr().out
    document = json.loads(figures.read_text(encoding="utf-8"))
    (case,) = document["cases"]
    assert {WHAT_IF, ZEN, SMAA_RULES, SMAA_ANY} <= {timed["name"] for timed in case["timed"]}
    assert all(0 < timed["p50_us"] <= timed["p95_us"] for timed in case["timed"])
    assert case["agreement"]["order"] == case["inputs"]
    assert {line["measure"] for line in document["growth"]["lines"]} == {"alternatives", "criteria", "rules"}
    assert [row["reordered"] for row in document["panel"]["reversals"] if row["method"] == robustness.OURS] == [0] * 3


def test_sections_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--no-shipped", "--size", SMALL, "--rounds", "1", "--slice-ms", "1", "--no-growth", "--no-robustness"]
    assert main(given) == 0
    printed = capsys.readouterr().out
    assert "How time grows" not in printed
    assert "Robustness" not in printed


def test_a_made_up_release_is_the_same_every_time() -> None:
    size = Size.parse(SMALL)
    assert made_up(size).release.sha256 == made_up(size).release.sha256
    assert synthetic.answers(size, 2) == synthetic.answers(size, 2)


@pytest.mark.parametrize(("size", "asked"), [("6x40x10x8", 0), ("6x9x30x8", 0), ("6x9x30x8", 25)])
def test_a_made_up_release_is_as_large_as_it_says(size: str, asked: int) -> None:
    wanted = Size.parse(size)
    release = made_up(Size(wanted.alternatives, wanted.criteria, wanted.rules, wanted.gates, asked)).release
    role = release.roles["training"]
    assert (len(role.members), len(role.criteria)) == (wanted.alternatives, wanted.criteria)
    assert (len(role.rules), len(role.gates)) == (wanted.rules, wanted.gates)
    assert len(release.questionnaire.questions) == (asked or wanted.questions)


@pytest.mark.parametrize("size", [SMALL, "8x20x60x40"])
def test_the_peers_come_to_the_same_decisions(size: str) -> None:
    peers = Peers(made_up(Size.parse(size)))
    assert peers.agreement().full
    runs = peers.runs()
    assert ZEN in runs
    assert set(BESIDE) <= set(runs)


def test_the_functions_that_are_timed_inside_a_decision_are_themselves_again_afterwards() -> None:
    real = variants.changed
    peers = Peers(made_up(Size.parse("8x20x60x40")))
    assert any(decision.changes and decision.changes.answers for decision in peers.decisions)
    for run in peers.runs().values():
        run(0)
    assert variants.changed is real
    inside = steelyard.Inside(lambda i: 1 / i, "counterfactuals")
    with pytest.raises(ZeroDivisionError):
        inside(0)
    assert variants.changed is real


def test_time_inside_a_part_is_that_of_its_calls_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100, 130, 1000, 1007])
    monkeypatch.setattr(steelyard, "perf_counter_ns", lambda: next(clock))
    monkeypatch.setattr(variants, "changed", lambda: "found")
    inside = steelyard.Inside(lambda i: [variants.changed() for _ in range(i)], "counterfactuals")  # type: ignore[call-arg]
    assert inside(2) == ["found", "found"]
    assert inside.spent_ns == 37
    inside(0)
    assert inside.spent_ns == 0


@pytest.mark.parametrize("size", ["12x10", "axbxcxd", "1x2x3x4"])
def test_a_size_that_is_none_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--no-shipped", "--size", size]) == 2
    assert capsys.readouterr().err


def test_a_missing_peer_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.__main__.PEERS", {"pymcdm": "pymcdm", "no_such_module": "no-such-package"})
    assert main([]) == 2
    assert "no-such-package" in capsys.readouterr().err
