"""A pack becomes one release document: facts, ways to targets, fused grades; the same bytes from the same pack."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import pack, release, schema
from knowledge_base.fusion import fuse
from rules import canonical
from rules.faults import InvalidInput
from rules.release import compile_release, release_id
from tests.knowledge_base.conftest import Edits, Plant

PYTORCH, LITERT, ONNX = "frameworks/pytorch.yaml", "frameworks/litert.yaml", "frameworks/onnxruntime.yaml"
EVIDENCE, PATHS = "evidence/all.yaml", "paths/all.yaml"
SCRIPT = """
import sys
from pathlib import Path
from knowledge_base import pack, release
from rules import canonical
print(canonical.digest(release.build(pack.load(Path(sys.argv[1])))))
"""


def built(folder: Path) -> dict[str, Any]:
    return release.build(pack.load(folder))


def grade(folder: Path, criterion: str, member: str) -> dict[str, Any]:
    found: dict[str, Any] = built(folder)["grades"][criterion][member]
    return found


# --- The same from the same ------------------------------------------------------------------------------------------


def test_two_processes_build_the_same_release(small_pack_folder: Path) -> None:
    hashes = set()
    for seed in ("0", "99"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(small_pack_folder)]
        hashes.add(subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60).stdout)
    assert hashes == {canonical.digest(built(small_pack_folder)).encode() + b"\n"}


def test_neither_the_place_nor_the_order_of_entries_in_files_matters(plant: Plant, small_pack_folder: Path) -> None:
    folder = plant({EVIDENCE: None, "evidence/b.yaml": "", "evidence/a.yaml": ""})
    entries = (small_pack_folder / EVIDENCE).read_text().split("\n- ")
    entries[0] = entries[0].removeprefix("- ")
    (folder / "evidence/a.yaml").write_text("".join(f"- {entry.rstrip()}\n" for entry in entries[3:]))
    (folder / "evidence/b.yaml").write_text("".join(f"- {entry.rstrip()}\n" for entry in reversed(entries[:3])))
    assert canonical.digest(built(folder)) == canonical.digest(built(small_pack_folder))


def test_the_id_holds_the_day_and_the_head_of_the_hash(small_pack_folder: Path) -> None:
    document = built(small_pack_folder)
    sha256 = canonical.digest(document)
    assert release_id(document, sha256) == f"2026-11-21-{sha256[:12]}"
    assert compile_release(document).sha256 == sha256


@pytest.mark.parametrize(
    "edits",
    [
        {"frameworks/jax.yaml": ("summary: JAX, for tests.", "summary: JAX, for other tests.")},
        {EVIDENCE: ("note: Sizes as published.", "note: Sizes as told.")},
        {"pack.yaml": ("weight_relative_sd: 0.3", "weight_relative_sd: 0.25")},
        {"rules/all.yaml": ("{reach.android: 3}", "{reach.android: 4}")},
    ],
)
def test_any_change_of_the_pack_is_another_release(plant: Plant, small_pack_folder: Path, edits: Edits) -> None:
    assert canonical.digest(built(plant(edits))) != canonical.digest(built(small_pack_folder))


@pytest.mark.parametrize("other", [{}, {"schema": "steelyard/release/2"}, {"schema": None}])
def test_a_document_of_another_schema_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="steelyard/release/1"):
        compile_release(other)


def test_a_condition_that_does_not_fit_is_refused_when_compiled_too(small_pack_folder: Path) -> None:
    document = built(small_pack_folder)
    document["gates"][0]["requires"] = "alt.nothing"
    with pytest.raises(InvalidInput, match=r"alt\.nothing"):
        compile_release(document)


# --- Facts and ways --------------------------------------------------------------------------------------------------


def test_facts_hold_what_is_known_and_nothing_that_is_not(plant: Plant) -> None:
    folder = plant({PYTORCH: ('python.max: {value: "3.14"', "python.max: {value: unknown")})
    (pytorch,) = (a for a in built(folder)["alternatives"] if a["id"] == "pytorch")
    assert "alt.python.max" not in pytorch["facts"]
    assert pytorch["facts"]["alt.train.nvidia_gpu.linux"] == 3
    assert pytorch["facts"]["alt.lifecycle"] == "active"
    assert pytorch["facts"]["alt.licence.permissive"] is True
    assert pytorch["facts"]["alt.governance"] == ["single_vendor"]
    assert pytorch["fact_evidence"]["alt.governance"] == ["facts"]
    assert pytorch["fact_evidence"]["alt.nvidia.capability_min"] == ["facts"]


def way(folder: Path, framework: str, target: str) -> int | None:
    loaded = pack.load(folder)
    (entry,) = (a for a in loaded.alternatives if a.id == framework)
    return release.best_path(loaded, entry, target)[0]


@pytest.mark.parametrize(
    ("edits", "framework", "target", "level"),
    [
        ({}, "pytorch", "android", 2),
        ({}, "tensorflow", "android", 3),
        ({}, "jax", "android", 0),
        ({}, "jax", "server_cpu", 2),
        ({}, "pytorch", "server_cpu", 3),
        ({}, "pytorch", "ios", None),
        ({}, "jax", "ios", 0),
        ({PATHS: ("litert-torch, level: 2", "litert-torch, level: 0")}, "pytorch", "android", 1),
        ({LITERT: ("run.android: {value: 3", "run.android: {value: 1")}, "pytorch", "android", 1),
        ({LITERT: ("run.android: {value: 3", "run.android: {value: unknown")}, "tensorflow", "android", None),
        ({LITERT: ("run.android: {value: 3", "run.android: {value: unknown")}, "pytorch", "android", 1),
        ({LITERT: ("graded: true", "graded: false")}, "pytorch", "android", 1),
        (
            {PYTORCH: ("  python.max:", "  run.android: {value: 3, evidence: [facts]}\n  python.max:")},
            "pytorch",
            "android",
            3,
        ),
        (
            {
                PYTORCH: ("run.server_cpu: {value: 3", "run.server_cpu: {value: unknown"),
                PATHS: (
                    "- {id: pytorch-onnxruntime",
                    "- {id: x, source: jax, target: litert, by: x, level: 1, evidence: [facts]}\n"
                    "- {id: pytorch-onnxruntime",
                ),
            },
            "pytorch",
            "server_cpu",
            3,
        ),
        (
            {"frameworks/jax.yaml": ("run.server_cpu: {value: 2", "run.server_cpu: {value: unknown")},
            "jax",
            "server_cpu",
            None,
        ),
    ],
)
def test_a_way_is_as_good_as_its_weakest_step(
    plant: Plant, edits: Edits, framework: str, target: str, level: int | None
) -> None:
    assert way(plant(edits), framework, target) == level


def test_a_way_of_unknown_level_leaves_the_fact_out_and_the_grade_at_the_prior(plant: Plant) -> None:
    folder = plant({LITERT: ("run.android: {value: 3", "run.android: {value: unknown")})
    (entry,) = (a for a in built(folder)["alternatives"] if a["id"] == "tensorflow")
    assert "alt.path.android" not in entry["facts"]
    found = grade(folder, "reach.android", "tensorflow")
    assert (found["mean"], found["sd"], found["known"]) == (1.5, 1.0, False)


def test_a_derived_grade_is_the_stated_value_of_the_level(small_pack_folder: Path) -> None:
    found = built(small_pack_folder)["grades"]["reach.android"]
    assert {member: g["mean"] for member, g in found.items()} == {
        "caffe": 0.0,
        "jax": 0.0,
        "pytorch": 3.0,
        "tensorflow": 4.0,
    }
    assert {g["sd"] for g in found.values()} == {0.25}


# --- Grades ----------------------------------------------------------------------------------------------------------


def test_a_grade_by_hand(small_pack_folder: Path) -> None:
    """Level 4, sd 0.5, reliability 0.8, of 2026-01-15 on 2026-11-21 with a half-life of 36 months; prior 1.5, sd 1."""
    found = grade(small_pack_folder, "debugging", "pytorch")
    precision = 0.8 * 2 ** (-(310 / (365.25 / 12)) / 36) / 0.5**2
    assert found["mean"] == pytest.approx((1.5 + precision * 4) / (1 + precision), abs=2e-4)
    assert found["sd"] == pytest.approx((1 + precision) ** -0.5, abs=2e-4)
    assert (found["known"], found["contested"]) == (True, False)
    ((item, moved),) = found["influences"]
    assert item == "pytorch-debug"
    assert moved == pytest.approx(found["mean"] - 1.5, abs=2e-4)


def test_evidence_that_says_what_the_prior_says_is_told(plant: Plant) -> None:
    said = "{criterion: debugging, alternative: pytorch, level: 4}"
    found = grade(plant({EVIDENCE: (said, said.replace("4", "1.5"))}), "debugging", "pytorch")
    assert (found["mean"], found["known"], found["influences"]) == (1.5, True, [["pytorch-debug", 0.0]])
    assert found["sd"] < 1.0


def test_influences_add_up_to_what_moved_the_mean_from_the_prior(small_pack_folder: Path) -> None:
    for criterion in ("ease_of_use", "debugging", "footprint"):
        for found in built(small_pack_folder)["grades"][criterion].values():
            assert sum(moved for _, moved in found["influences"]) == pytest.approx(found["mean"] - 1.5, abs=1e-3)


def test_a_comparison_grades_the_one_that_nobody_graded(small_pack_folder: Path) -> None:
    found = grade(small_pack_folder, "ease_of_use", "jax")
    assert {item for item, _ in found["influences"]} >= {"survey-ease"}
    assert found["mean"] != 1.5
    assert found["known"]


def test_a_comparison_couples_the_two_grades(small_pack_folder: Path) -> None:
    """And nothing else does: one criterion, one pair, by the formula for one difference between two known alone."""
    document = built(small_pack_folder)
    ((a, b, covariance),) = document["grade_covariance"].pop("ease_of_use")
    assert document["grade_covariance"] == {}
    assert (a, b) == ("jax", "pytorch")
    found = document["grades"]["ease_of_use"]
    assert 0 < covariance < found["jax"]["sd"] * found["pytorch"]["sd"]
    assert covariance == round(covariance, 6)


def test_covariances_are_those_of_the_posterior(plant: Plant) -> None:
    """Every pair that is tied, over several steps too, sorted; negligible ones are left out."""
    chain = "comparisons: [{criterion: ease_of_use, better: pytorch, worse: jax, by: clearly}"
    more = ", {criterion: ease_of_use, better: tensorflow, worse: jax, by: slightly}"
    folder = plant({EVIDENCE: (chain, chain + more)})
    loaded = pack.load(folder)
    (criterion,) = (c for c in loaded.criteria if c.id == "ease_of_use")
    members = ["tensorflow", "pytorch", "jax", "caffe"]
    observations = release.observe(loaded, criterion, members)
    fusion = loaded.settings.fusion
    expected = fuse(4, observations, fusion.prior_mean, fusion.prior_sd).covariance
    pairs = built(folder)["grade_covariance"]["ease_of_use"]
    assert [(a, b) for a, b, _ in pairs] == [("jax", "pytorch"), ("jax", "tensorflow"), ("pytorch", "tensorflow")]
    for a, b, covariance in pairs:
        assert covariance == pytest.approx(expected[members.index(a), members.index(b)], abs=1e-6)


@pytest.mark.parametrize("verdict", ["outdated", "wrong", "unverifiable"])
def test_evidence_that_does_not_hold_weighs_nothing(plant: Plant, verdict: str) -> None:
    folder = plant({EVIDENCE: ("verdict: outdated", f"verdict: {verdict}")})
    found = grade(folder, "footprint", "tensorflow")
    assert (found["mean"], found["sd"], found["known"], found["influences"]) == (1.5, 1.0, False, [])


def test_contested_evidence_weighs_less_than_evidence_that_holds(plant: Plant, small_pack_folder: Path) -> None:
    doubted = (
        "Ordinary debuggers work.\n  verdict: holds",
        "Ordinary debuggers work.\n  verdict: contested\n  verdict_note: Doubted.",
    )
    held, contested = (
        grade(folder, "debugging", "pytorch") for folder in (small_pack_folder, plant({EVIDENCE: doubted}))
    )
    assert 1.5 < contested["mean"] < held["mean"]
    assert contested["sd"] > held["sd"]


def test_older_evidence_weighs_less(plant: Plant, small_pack_folder: Path) -> None:
    older = ('locator: page 1\n  as_of: "2026-01"', 'locator: page 1\n  as_of: "2020-01"')
    new, old = (grade(folder, "debugging", "pytorch") for folder in (small_pack_folder, plant({EVIDENCE: older})))
    assert 1.5 < old["mean"] < new["mean"]
    assert old["sd"] > new["sd"]


def test_a_less_reliable_source_weighs_less(plant: Plant, small_pack_folder: Path) -> None:
    blog = ("id: pytorch-debug\n  source: docs", "id: pytorch-debug\n  source: blog")
    trusted, told = (grade(folder, "debugging", "pytorch") for folder in (small_pack_folder, plant({EVIDENCE: blog})))
    assert 1.5 < told["mean"] < trusted["mean"]


AGAIN = """- id: again
  source: {source}
  locator: elsewhere
  as_of: "2026-01"
  about: [pytorch]
  note: Again.
  verdict: holds
  grades: [{{criterion: debugging, alternative: pytorch, level: {level}}}]
"""


def test_the_same_source_twice_is_one_observation_and_another_source_is_a_second(
    plant: Plant, small_pack_folder: Path, tmp_path: Path
) -> None:
    once = grade(small_pack_folder, "debugging", "pytorch")
    folder = plant({EVIDENCE: AGAIN.format(source="docs", level=4)})
    twice = grade(folder, "debugging", "pytorch")
    assert (twice["mean"], twice["sd"]) == (once["mean"], once["sd"])
    text = (folder / EVIDENCE).read_text().replace("id: again\n  source: docs", "id: again\n  source: survey")
    (folder / EVIDENCE).write_text(text)
    assert grade(folder, "debugging", "pytorch")["sd"] < once["sd"]


def test_sources_that_contradict_each_other_make_a_contested_grade(plant: Plant) -> None:
    folder = plant(
        {EVIDENCE: AGAIN.format(source="survey", level=0), "pack.yaml": ("observation_sd: 0.5", "observation_sd: 0.2")}
    )
    assert grade(folder, "debugging", "pytorch")["contested"]
    assert not grade(folder, "footprint", "litert")["contested"]


def test_a_grade_stays_on_the_scale(plant: Plant) -> None:
    strong = {
        "pack.yaml": ("strongly: 2.0", "strongly: 4.0"),
        EVIDENCE: ("worse: jax, by: clearly", "worse: jax, by: strongly"),
    }
    for found in built(plant(strong))["grades"]["ease_of_use"].values():
        assert 0 <= found["mean"] <= 4


# --- Rules and gates -------------------------------------------------------------------------------------------------


def test_a_family_of_gates_becomes_one_gate_for_each_row(small_pack_folder: Path) -> None:
    found = {g["id"]: g for g in built(small_pack_folder)["gates"]}
    assert found.keys() == {
        "archived",
        "not-graded",
        "train-nvidia-windows",
        "train-nvidia-linux",
        "runs-android",
        "python",
    }
    assert found["train-nvidia-windows"]["requires"] == "alt.train.nvidia_gpu.windows >= 2"
    assert found["train-nvidia-windows"]["text"] == "{name} has no NVIDIA build for windows"
    assert {g["layer"] for g in found.values()} == {"shipped"}


def test_the_document_holds_no_examples_and_only_plain_values(small_pack_folder: Path) -> None:
    document = built(small_pack_folder)
    assert not any("examples" in entry for entry in [*document["rules"], *document["gates"]])
    assert canonical.dump(document)


def test_the_schema_refuses_what_it_does_not_know() -> None:
    assert schema.Entry.model_config["extra"] == "forbid"
    assert schema.Entry.model_config["strict"] is True


def test_each_alternative_has_its_packages_and_apart_from_them_its_namesakes(small_document: dict[str, Any]) -> None:
    found = {each["id"]: (each["packages"], each["namesakes"]) for each in small_document["alternatives"]}
    assert found["caffe"] == ([], [{"registry": "pypi", "name": "caffe"}])
    assert [each["name"] for each in found["jax"][0]] == ["jax", "jax-metal", "jaxlib"]
    assert found["mxnet"] == ([], [])


def test_a_package_that_holds_more_stands_for_the_alternative_with_its_extras_alone(plant: Plant) -> None:
    more = "{name: jaxlib, role: part, holds_more: true, extras: [b, a], as_of: '2026-11-22', "
    document = built(plant({"packages.yaml": ("{name: jaxlib, role: part, ", more)}))
    jax = next(each for each in document["alternatives"] if each["id"] == "jax")
    assert [each["name"] for each in jax["packages"]] == ["jax", "jax-metal", "jaxlib[a]", "jaxlib[b]"]
    assert jax["namesakes"] == [{"registry": "pypi", "name": "jaxlib"}]


def test_a_pack_without_packages_keeps_the_bytes_of_its_release(plant: Plant) -> None:
    document = built(plant({"packages.yaml": None}))
    assert not any({"packages", "namesakes"} & set(each) for each in document["alternatives"])
