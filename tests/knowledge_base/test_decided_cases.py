"""Decided cases: read strictly, decided one by one, counted once each; shares with intervals from the literature."""

from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import cases, yaml_files
from knowledge_base.cases import BOUNDS, Case, wilson
from rules.faults import InvalidInput
from rules.release import Release
from tests.knowledge_base.conftest import Kept
from tests.rules.builders import decide

QUIET = settings(max_examples=60, deadline=None, database=None)
SOURCE = {"title": "T", "publisher": "P", "url": "https://example.org/a", "date": "2025-02", "accessed": "2026-11-21"}
BASE: dict[str, Any] = {
    "id": "one",
    "team": "A team",
    "decided": "2025-02",
    "reaffirmed": None,
    "sources": [SOURCE],
    "needs": "They train on Windows.",
    "answers": {"need": "train", "train_os": "windows", "train_hardware": "nvidia_gpu"},
    "role": "training",
    "choice": "pytorch",
    "acceptable": [],
    "acceptable_because": None,
    "tags": ["windows"],
}


def case(**changes: Any) -> Case:
    return Case.model_validate({**BASE, **changes})


def written(folder: Path, *entries: dict[str, Any]) -> Path:
    for number, entry in enumerate(entries):
        (folder / f"{number}.yaml").write_text(yaml_files.dump({**BASE, **entry}), encoding="utf-8")
    return folder


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_cases_are_read_in_the_order_of_their_ids(tmp_path: Path) -> None:
    folder = written(tmp_path, {"id": "zebra"}, {"id": "ant", "acceptable": ["jax"], "acceptable_because": "Also."})
    (tmp_path / "README.md").write_text("Not a case.")
    assert [c.id for c in cases.load(folder)] == ["ant", "zebra"]
    (tmp_path / "empty").mkdir()
    assert cases.load(tmp_path / "empty") == []


def test_every_fault_of_every_file_is_told_with_its_place(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        {"id": "same"},
        {"id": "same"},
        {"id": "undated", "decided": None},
        {"id": "unargued", "acceptable": ["jax"]},
        {"id": "idle", "acceptable_because": "Nothing."},
        {"id": "Bad Id", "role": "trainer", "chioce": "jax"},
        {"id": "unsourced", "sources": []},
        {"id": "unlinked", "sources": [{**SOURCE, "url": "file:///etc"}]},
    )
    (folder / "9.yaml").write_text("id: [", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        cases.load(folder)
    told = [(f.path.split(":")[0], f.nearest) for f in caught.value.faults]
    assert told == [
        ("1.yaml", None),
        ("2.yaml", None),
        ("3.yaml", None),
        ("4.yaml", None),
        ("5.yaml", None),
        ("5.yaml", None),
        ("5.yaml", "choice"),
        ("6.yaml", None),
        ("7.yaml", None),
        ("9.yaml", None),
    ]
    with pytest.raises(InvalidInput, match="a folder of cases"):
        cases.load(tmp_path / "nowhere")


def test_a_case_may_know_only_when_it_was_reaffirmed() -> None:
    assert case(decided=None, reaffirmed="2026-01").decided is None


def test_what_a_release_does_not_know_of_a_case_is_told(kept: Kept) -> None:
    found = cases.check(
        [
            case(choice="pytorhc", acceptable=["jax", "tensorflw"], acceptable_because="Also."),
            case(id="two", answers={"stage": "prodution"}),
            case(id="three"),
        ],
        kept.release,
    )
    assert [(f.path, f.nearest) for f in found] == [
        ("one", "pytorch"),
        ("one", "tensorflow"),
        ("two.answers.stage", "production"),
    ]


# --- Intervals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score without continuity correction)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_as_published(hits: int, count: int, low: float, high: float) -> None:
    found = wilson(hits, count)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@QUIET
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_limits_are_the_shares_just_z_deviations_away(given_share: tuple[int, int]) -> None:
    """The slow second way: the p at which |hits/count - p| is z sqrt(p (1-p) / count), by bisection."""
    hits, count = given_share
    share = hits / count

    def edge(inside: float, outside: float) -> float:
        for _ in range(80):
            middle = (inside + outside) / 2
            near = abs(share - middle) <= cases.Z_95 * sqrt(middle * (1 - middle) / count)
            inside, outside = (middle, outside) if near else (inside, middle)
        return inside

    found = wilson(hits, count)
    assert found.low == pytest.approx(edge(share, 0.0), abs=1e-9)
    assert found.high == pytest.approx(edge(share, 1.0), abs=1e-9)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_nothing_counted_says_nothing() -> None:
    found = wilson(0, 0)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 1.0)


# --- The report ------------------------------------------------------------------------------------------------------

ANSWERS: tuple[dict[str, Any], ...] = (
    {"need": "train", "train_os": "windows", "train_hardware": "nvidia_gpu"},
    {"need": "train", "deploy_targets": ["android"], "stage": "production"},
    {"team_experience": "beginner"},
    {"known_frameworks": ["jax"], "need": "train", "stage": "research"},
    {},
)
CASES = st.lists(
    st.builds(
        lambda answers, choice, also: {"answers": answers, "choice": choice, "also": also},
        st.sampled_from(ANSWERS),
        st.sampled_from(["pytorch", "tensorflow", "jax", "caffe"]),
        st.sampled_from([None, "jax", "tensorflow"]),
    ),
    max_size=8,
)


def listed(drawn: list[dict[str, Any]]) -> list[Case]:
    return [
        case(
            id=f"c{number}",
            answers=each["answers"],
            choice=each["choice"],
            acceptable=[each["also"]] if each["also"] else [],
            acceptable_because="Also." if each["also"] else None,
        )
        for number, each in enumerate(drawn)
    ]


@QUIET
@given(CASES)
def test_a_report_counts_every_case_once_as_deciding_by_hand_does(kept: Kept, drawn: list[dict[str, Any]]) -> None:
    every = listed(drawn)
    found = cases.report(kept.release, every)
    hits = accepted = top3 = 0
    squares = 0.0
    for outcome, each in zip(found.outcomes, every, strict=True):
        result = decide(kept.release, each.answers, roles=["training"]).roles["training"]
        ranks = {r.framework: r.rank for r in result.ranking}
        first = result.ranking[0]
        assert (outcome.case, outcome.first, outcome.rank) == (each, first.framework, ranks.get(each.choice))
        assert (outcome.stopped is not None) == (each.choice not in ranks)
        groups = {r.framework: r.tie_group for r in result.ranking}
        assert outcome.tied == (groups.get(each.choice) == first.tie_group)
        hit = first.framework == each.choice
        hits, top3 = hits + hit, top3 + (ranks.get(each.choice, 9) <= 3)
        accepted += hit or first.framework in each.acceptable
        squares += (first.win_probability - hit) ** 2
    count = len(every)
    assert (found.top1, found.accepted, found.top3) == tuple(wilson(n, count) for n in (hits, accepted, top3))
    assert found.brier == pytest.approx(squares / count if count else 0.0)
    assert 0.0 <= found.brier <= 1.0
    assert sum(b.found.count for b in found.bins) == count
    assert sum(b.found.hits for b in found.bins) == hits
    for each_bin in found.bins:
        inside = [o for o in found.outcomes if each_bin.low <= o.probability < each_bin.high]
        inside += [o for o in found.outcomes if o.probability == each_bin.high == 1.0]
        assert each_bin.found.count == len(inside)
        if inside:
            assert each_bin.low <= each_bin.stated <= each_bin.high


@pytest.mark.parametrize(("probability", "place"), [(0.0, 0), (0.4999, 0), (0.5, 1), (0.75, 2), (0.9, 3), (1.0, 3)])
def test_a_probability_falls_into_one_bin(kept: Kept, probability: float, place: int) -> None:
    (outcome,) = cases.report(kept.release, [case()]).outcomes
    moved = cases.Outcome(outcome.case, outcome.first, probability, outcome.rank, outcome.tied, outcome.stopped)
    bins = cases._bins([moved])
    assert [b.found.count for b in bins] == [int(i == place) for i in range(len(BOUNDS) - 1)]
    assert bins[place].stated == probability


def test_rules_of_thumb_see_the_same_cases(kept: Kept) -> None:
    every = [
        case(id="a", choice="tensorflow", answers={"stage": "production", "deploy_targets": ["android"]}),
        case(id="b", choice="jax", answers={"deploy_targets": "android"}),
        case(id="c", choice="jax", answers={"deploy_targets": ["android", "ios"]}),
        case(id="d", choice="pytorch", answers={"deploy_targets": ["server_cpu"]}),
        case(id="e", choice="onnxruntime", role="runtime", answers={"deploy_targets": ["android"]}),
    ]
    found = cases.report(kept.release, every).baselines
    assert {name: (share.hits, share.count) for name, share in found.items()} == {
        "always PyTorch": (1, 5),
        "production: TensorFlow, else PyTorch": (2, 5),
        # a: jax (2 of 2 alike); b: jax or tensorflow, tie by name: jax; c: same; d: none alike, so jax; e: alone
        "most frequent of the other cases for the target": (2, 5),
    }


def test_nothing_is_learnt_from_the_case_itself(kept: Kept) -> None:
    alone = cases.report(kept.release, [case()]).baselines["most frequent of the other cases for the target"]
    assert (alone.hits, alone.count) == (0, 1)
    report = cases.report(kept.release, [])
    assert (report.top1.count, report.brier) == (0, 0.0)


def test_the_shipped_cases_are_taken_by_the_shipped_release(shipped_release: Release) -> None:
    every = cases.load(Path(__file__).parents[1] / "golden")
    assert len(every) >= 40
    assert cases.check(every, shipped_release) == []
    assert sum(c.choice == "pytorch" for c in every) <= 0.45 * len(every)
    assert all((c.reaffirmed or c.decided or "") >= "2023" for c in every)
