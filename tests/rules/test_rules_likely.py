"""What is told of other answers leaves out what the stated priors call nearly impossible, and nothing else."""

from typing import Any

import pytest

from rules.likely import could_be
from rules.release import Release
from rules.requirements import parse
from tests.rules.builders import decide

PHONES = {"deploy_targets": ["android", "ios"], "deploy_hardware": ["arm_cpu"]}
ESP = ("arm_cpu", "esp_or_riscv_microcontroller")


@pytest.mark.parametrize(
    ("given", "question", "after", "could"),
    [
        (PHONES, "deploy_hardware", ESP, False),
        ({"deploy_targets": ["microcontroller"], "deploy_hardware": ["arm_cpu"]}, "deploy_hardware", ESP, True),
        (PHONES, "deploy_hardware", ("arm_cpu", "phone_gpu"), True),
        ({**PHONES, "deploy_hardware": list(ESP)}, "deploy_hardware", ESP[1:], True),  # it is answered already
        (PHONES, "deploy_hardware", None, True),
        (PHONES, "artifact_mb", 0.001, True),
        (PHONES, "priorities", ("hiring",), True),
        ({"need": ["inference_only"]}, "existing_code", ("keras",), True),
        ({}, "stage", "education", True),
        ({}, "offline", False, True),
    ],
)
def test_an_answer_is_nearly_impossible_beside_what_is_known(
    shipped_release: Release, given: dict[str, Any], question: str, after: object, could: bool
) -> None:
    values = parse(given, shipped_release.questionnaire).values
    assert could_be(shipped_release, values, question, after) is could


def test_what_would_change_it_leaves_such_answers_out(shipped_release: Release) -> None:
    given = {**PHONES, "need": ["use_pretrained"], "approach": ["deep_learning"], "existing_code": ["tensorflow"]}
    decision = decide(shipped_release, given)
    assert decision.changes is not None
    told = {(flip.question, flip.after) for flip in decision.changes.answers}
    assert told
    assert ("deploy_hardware", ESP) not in told
