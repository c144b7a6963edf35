"""What training shows of running: a lower bound where it is official, by system, chip and processor; else nothing."""

from dataclasses import replace
from typing import Any

import pytest

from rules import trained_there
from rules.builds import Build, System
from rules.release import Release
from tests.rules.builders import decide


def shown(release: Release, facts: dict[str, object], builds: tuple[Build, ...] = ()) -> dict[str, object]:
    """What a framework with such facts, which is scikit-learn by name, is shown to run on."""
    own = replace(release.alternatives["scikit-learn"], facts=facts, fact_evidence={})
    changed = replace(release, alternatives={**release.alternatives, own.id: own}, builds=builds)
    found = trained_there.running(changed, own.id).facts
    return {name: level for name, level in found.items() if name not in facts}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"train.cpu.linux": 3}, {"run_os.linux": 3}),
        ({"train.cpu.linux": 1, "train.nvidia_gpu.windows": 1, "train.tpu": 0}, {}),
        ({"train.cpu.linux": None}, {}),
        ({"train.cpu.linux": 2, "train.nvidia_gpu.linux": 3}, {"run_os.linux": 3, "run_on.nvidia_gpu": 3}),
        ({"train.nvidia_gpu.wsl2": 2}, {"run_on.nvidia_gpu": 2}),
        ({"train.ascend": 2, "train.gaudi": 3}, {"run_on.ascend_npu": 2}),
        ({"train.cpu.linux": 3, "run_os.linux": 0}, {}),
        ({"train.cpu.linux": 3, "binary.linux_aarch64": True}, {"run_os.linux": 3, "run_on.arm_cpu": 3}),
        ({"train.cpu.linux": 3, "binary.linux_aarch64": False}, {"run_os.linux": 3}),
        ({"train.cpu.windows": 2, "binary.windows_arm64": False}, {"run_os.windows": 2, "run_on.x86_cpu": 2}),
        ({"train.cpu.windows": 2, "binary.windows_arm64": None}, {"run_os.windows": 2}),
        (
            {"train.cpu.macos": 3, "binary.macos_x86_64": False},
            {"run_os.macos": 3, "run_on.arm_cpu": 3, "run_on.apple_silicon": 2},
        ),
        ({"binary.linux_aarch64": True, "train.cpu.windows": 3}, {"run_os.windows": 3}),
    ],
)
def test_an_official_level_of_training_is_the_least_level_of_running(
    shipped_release: Release, facts: dict[str, object], expected: dict[str, Any]
) -> None:
    found = shown(shipped_release, {f"alt.{name}": level for name, level in facts.items()})
    assert found == {f"alt.{name}": level for name, level in expected.items()}


def test_a_build_shows_the_processor_it_is_for(shipped_release: Release) -> None:
    cpu = next(b for b in shipped_release.builds if b.framework == "scikit-learn")
    made = replace(cpu, systems=(System("linux", "x86_64"), System("windows", "aarch64")))
    facts: dict[str, object] = {"alt.train.cpu.linux": 3, "alt.train.cpu.windows": 1}
    systems: dict[str, object] = {"alt.run_os.linux": 3}
    assert shown(shipped_release, facts, (made,)) == {**systems, "alt.run_on.x86_cpu": 3}
    assert shown(shipped_release, facts, (replace(made, level="community"),)) == systems
    assert shown(shipped_release, facts, (replace(made, device="nvidia_gpu"),)) == systems
    assert shown(shipped_release, facts, (replace(made, framework="xgboost"),)) == systems


TABLES: dict[str, Any] = {
    "need": ["train"],
    "approach": ["classical_ml"],
    "modality": ["tabular"],
    "deploy_targets": ["server_cpu"],
}


@pytest.mark.parametrize(
    "more",
    [
        {"deploy_os": ["linux"]},
        {"deploy_hardware": ["x86_cpu"]},
        {"deploy_hardware": ["x86_cpu", "arm_cpu"], "deploy_os": ["linux", "windows"]},
        {"deploy_hardware": ["apple_silicon"], "deploy_os": ["macos"]},
    ],
)
def test_saying_where_it_runs_leaves_a_sure_answer_sure(shipped_release: Release, more: dict[str, Any]) -> None:
    before = decide(shipped_release, TABLES).roles["runtime"].without
    after = decide(shipped_release, {**TABLES, **more}).roles["runtime"].without
    assert before is not None
    assert after is not None
    assert (before.text, before.none_needed) == (after.text, True)
    assert "sklearn-wheel-tags" in after.itself[0].evidence
    assert len(set(after.itself[0].evidence)) == len(after.itself[0].evidence)


def test_what_training_does_not_show_is_named_and_nothing_that_was_not_asked(shipped_release: Release) -> None:
    found = decide(shipped_release, {**TABLES, "deploy_os": ["android", "ios"]}).roles["runtime"].without
    assert found is not None
    assert set(found.unverified) == {"alt.run_os.android", "alt.run_os.ios"}


@pytest.mark.parametrize(("stage", "asks"), [("research", 0), ("prototype", 0), ("production", 1), (None, 1)])
def test_a_place_asks_for_a_runtime_only_where_models_are_operated(
    shipped_release: Release, stage: str | None, asks: int
) -> None:
    answers = {"need": ["train_from_scratch"], "deploy_targets": ["server_gpu"], **({"stage": stage} if stage else {})}
    found = decide(shipped_release, answers).roles["runtime"].without
    fast = decide(shipped_release, {**answers, "latency_ms": 5}).roles["runtime"].without
    assert found is not None
    assert fast is not None
    assert bool(found.asked_by) == bool(asks)
    assert "tight-latency" in fast.asked_by
