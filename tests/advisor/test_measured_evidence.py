"""From a measurement to evidence: rubric levels, comparisons that hold in every way, and what must not be said."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor import curation, measured_evidence
from advisor.house import House
from advisor.measured_evidence import propose
from knowledge_base import pack as packs
from knowledge_base import proposal as proposals
from knowledge_base.fingerprint import SHIPPED
from knowledge_base.pack import Pack
from knowledge_base.schema import Evidence
from probes.measuring.documents import Measurement
from tests.measured import measurement, run, subject


@pytest.fixture(scope="module")
def pack() -> Pack:
    return packs.load(SHIPPED)


def runs(name: str, group_s: float, **changed: Any) -> list[dict[str, Any]]:
    return [run(name, n, groups_s=[1.0, group_s, group_s * (1 + 0.01 * n)], **changed) for n in range(3)]


def found(pack: Pack, criterion: str, *given: Any, subjects: list[dict[str, Any]] | None = None) -> Evidence | None:
    subjects = subjects or [subject("torch", "pytorch"), subject("tf", "tensorflow"), subject("jax", "jax")]
    proposal = propose(measurement(subjects, [one for each in given for one in each]), pack)
    of = [
        e
        for e in proposal.add.evidence
        if criterion in {g.criterion for g in e.grades} | {c.criterion for c in e.comparisons}
    ]
    assert len(of) <= 1
    return of[0] if of else None


def pairs(piece: Evidence | None) -> set[tuple[str, str, str]]:
    return {(each.better, each.worse, each.by) for each in piece.comparisons} if piece else set()


def test_a_faster_one_is_better_by_its_ratio(pack: Pack) -> None:
    piece = found(pack, "cpu_training_speed", runs("torch", 1.0), runs("tf", 1.5), runs("jax", 20.0))
    assert pairs(piece) == {
        ("pytorch", "tensorflow", "slightly"),
        ("pytorch", "jax", "clearly"),
        ("tensorflow", "jax", "clearly"),
    }
    assert piece
    assert "Small models, CPU, 2 cores" in piece.note
    assert "torch 637/s (mlp)" in piece.note


def test_a_small_difference_is_none(pack: Pack) -> None:
    assert found(pack, "cpu_training_speed", runs("torch", 1.0), runs("tf", 1.2)) is None


def test_runs_that_overlap_are_not_told_apart(pack: Pack) -> None:
    wide = [run("tf", n, groups_s=[1.0, s, s]) for n, s in enumerate((0.9, 1.9, 2.0))]
    assert found(pack, "cpu_training_speed", runs("torch", 1.0), wide) is None


def test_tasks_that_disagree_are_not_told_apart(pack: Pack) -> None:
    both = [*runs("torch", 1.0), *runs("tf", 2.0), *runs("torch", 9.0, task="cnn"), *runs("tf", 1.0, task="cnn")]
    assert found(pack, "cpu_training_speed", both) is None


def test_who_did_not_do_every_task_is_not_compared(pack: Pack) -> None:
    both = [*runs("torch", 1.0), *runs("torch", 1.0, task="cnn"), *runs("tf", 2.0), *runs("tf", 2.0, task="cnn")]
    assert pairs(found(pack, "cpu_training_speed", both, runs("jax", 9.0))) == {("pytorch", "tensorflow", "clearly")}


def test_every_way_must_say_the_same_and_the_nearest_one_counts(pack: Pack) -> None:
    ways = [subject("torch", "pytorch"), subject("keras-a", "keras"), subject("keras-b", "keras")]
    near = found(
        pack, "cpu_training_speed", runs("torch", 1.0), runs("keras-a", 9.0), runs("keras-b", 1.5), subjects=ways
    )
    assert pairs(near) == {("pytorch", "keras", "slightly")}
    mixed = found(
        pack, "cpu_training_speed", runs("torch", 1.0), runs("keras-a", 9.0), runs("keras-b", 0.2), subjects=ways
    )
    assert mixed is None


@pytest.mark.parametrize(
    "changed",
    [{"losses": [2.5, 2.4]}, {"others": 0.5}, {"outcome": "crashed", "why": "x"}],
    ids=["computes something else", "disturbed", "failed"],
)
def test_what_is_not_to_be_relied_on_is_not_said(pack: Pack, changed: dict[str, Any]) -> None:
    bad = [run("tf", n, **{"groups_s": [1.0, 9.0, 9.0], **changed}) for n in range(3)]
    assert found(pack, "cpu_training_speed", runs("torch", 1.0), bad) is None


def test_two_runs_are_too_few(pack: Pack) -> None:
    assert found(pack, "cpu_training_speed", runs("torch", 1.0)[:2], runs("tf", 9.0)) is None


def test_less_memory_is_better(pack: Pack) -> None:
    large = {"bare": 10.0, "imported": 400.0, "data": 20.0, "peak": 630.0}
    piece = found(pack, "memory_efficiency", runs("torch", 1.0), runs("tf", 1.0, memory_mb=large))
    assert pairs(piece) == {("pytorch", "tensorflow", "slightly")}  # three times as much, but mostly by its import
    assert piece
    assert "600 MB (mlp)" in piece.note


def test_a_quicker_answer_is_better_among_runtimes_only(pack: Pack) -> None:
    subjects = [subject("ort", "onnxruntime"), subject("lite", "litert"), subject("torch", "pytorch")]
    given = [
        run(name, n, mode="predict", prediction_p50_s=p50, prediction_p95_s=1e-3)
        for name, p50 in (("ort", 30e-6), ("lite", 10e-6), ("torch", 1e-6))
        for n in range(3)
    ]
    piece = found(pack, "inference_speed", given, subjects=subjects)
    assert pairs(piece) == {("litert", "onnxruntime", "clearly")}
    assert piece
    assert "10 µs (mlp)" in piece.note


@pytest.mark.parametrize(
    ("size_mb", "level"),
    [(5, 4.0), (80, 3.0), (140, 2.5), (250, 2.0), (611, 1.5), (929, 1.0), (1532, 0.5), (4600, 0.0)],
)
def test_sizes_get_the_level_of_the_rubric(pack: Pack, size_mb: float, level: float) -> None:
    piece = found(pack, "footprint", subjects=[subject("a", "pytorch", size_mb), subject("b", "pytorch", 9000.0)])
    assert piece
    assert [(grade.alternative, grade.level) for grade in piece.grades] == [("pytorch", level)]


def test_what_the_pack_does_not_grade_is_not_spoken_of(pack: Pack) -> None:
    subjects = [subject("numpy", None), subject("made-up", "nothing-on-file")]
    proposal = propose(measurement(subjects, [*runs("numpy", 1.0), *runs("made-up", 9.0)]), pack)
    assert (proposal.add.evidence, proposal.add.sources) == ([], [])
    assert "Nothing in the measurement speaks of a criterion of this pack." in proposal.notes


def test_a_long_note_gives_up_figures_and_keeps_its_conditions(pack: Pack) -> None:
    ways = [subject("torch", "pytorch"), *(subject(f"keras-{'x' * 60}-{n}", "keras") for n in range(20))]
    piece = found(
        pack, "cpu_training_speed", runs("torch", 1.0), *(runs(w["id"], 9.0) for w in ways[1:]), subjects=ways
    )
    assert piece
    assert len(piece.note) == measured_evidence.MOST_NOTE
    assert piece.note.endswith("… Small models, CPU, 2 cores (Made-up CPU).")


def whole(**changed: Any) -> Measurement:
    subjects = [subject("torch", "pytorch", 900.0), subject("tf", "tensorflow", 1500.0)]
    return measurement(subjects, [*runs("torch", 1.0), *runs("tf", 2.0)], **changed)


def test_a_curator_is_told_of_quick_runs_and_of_earlier_measurements(pack: Pack) -> None:
    notes = propose(whole(quick=True), pack).notes
    assert any("quick run" in note for note in notes)
    assert any(note.startswith("steelyard-cpu-footprint-2026 is an earlier measurement") for note in notes)
    assert not any("quick run" in note for note in propose(whole(), pack).notes)


def test_the_shipped_pack_takes_the_proposal_up(pack: Pack, tmp_path: Path) -> None:
    text = measured_evidence.as_yaml(propose(whole(), pack))
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    assert proposals.load(tmp_path / "p.yaml") == propose(whole(), pack)


def test_a_house_stores_it_after_its_checks(house: House) -> None:
    pack = curation.present_pack(house)
    given = measured_evidence.as_yaml(propose(whole(), pack))
    stored, review = curation.propose(replace(house, flip_limit=1.0), given)
    assert stored.id.startswith("k-")
    assert any("measured-2026-11-21-123456" in each.text for each in review.differences)
