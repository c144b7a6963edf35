"""Roles called for: in columns what one project after another comes to."""

import pytest

from rules import batch, sampling
from rules.calling import roles_called_for, roles_called_in
from rules.compiled import ROLES, Release
from rules.conditions import column_parts


def test_columns_call_for_what_each_project_calls_for(shipped_release: Release) -> None:
    sample = sampling.draw(shipped_release, 3000, "calling", sampling.Habits(answered=(0.1, 0.3, 0.8)))
    called = roles_called_in(sample.sheet, shipped_release)
    seen = set()
    for row in range(3000):
        read = {name: column_parts.value(sample.sheet.columns[name], row) for name in sample.questions}
        values = {q: tuple(v) if isinstance(v, list) else v for q, v in read.items() if v is not None}
        expected = roles_called_for(values, shipped_release)
        assert tuple(role for role in ROLES if called[role][row]) == expected, values
        seen.add(expected)
    assert len(seen) > 8


WORKED_ON: tuple[dict[str, object], ...] = (
    {},
    {"novelty": ("standard_models",)},
    {"novelty": ("standard_models", "custom_layers")},
    {"novelty": ()},
    {"retraining": "once"},
    {"training_minutes": 10.0},
    {"training_language": ()},
    {"data_rows": 0.0},
    {"train_hardware": ("none",)},
    {"train_hardware": ("none",), "train_os": ("linux",)},
    {"train_hardware": ("cpu",)},
    {"train_hardware": ("cpu",), "train_os": ("linux",), "hardware.os": "linux"},
    {"builds_on": ("hugging_face_models",)},
    {"builds_on": ("domain_framework",)},
    {"existing_code": ("pytorch",)},
    {"existing_code": ("onnxruntime",)},
    {"existing_code": ("tensorflow-js",)},
)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"need": ("none",)},
        {"need": ("inference_only",), "considering": ("torchserve",)},
        {"approach": ("llm",), "deploy_targets": ("server_gpu",)},
        {"approach": ("llm",), "deploy_targets": ("server_gpu", "desktop")},
        {"approach": ("llm",), "deploy_targets": ("none",)},
        {"deploy_targets": ("server_cpu",), "requests_per_second": 1.0, "serving_features": ("embedded_no_server",)},
        {"deploy_targets": ("server_cpu",), "requests_per_second": 0.0},
        {"deploy_targets": ("server_cpu",), "requests_per_second": 0.1},
        {"need": ("fine_tune",), "training_language": ("julia",)},
        {"modality": ("volume_3d",), "approach": ("classical_ml",)},
        {"need": ("fine_tune",), "approach": ()},
        {"need": ("fine_tune",), "training_language": ()},
        {"deploy_targets": ("server_cpu",), "approach": ("llm",), "serving_features": (), "builds_on": ()},
        {"considering": ()},
        *(
            {"need": ("use_pretrained",), "deploy_targets": targets, **more}
            for targets in (None, (), ("none",), ("android",))
            for more in WORKED_ON
        ),
        {"need": ("use_pretrained", "inference_only"), "deploy_targets": ("none",)},
    ],
)
def test_corners(shipped_release: Release, values: dict[str, object]) -> None:
    values = {name: value for name, value in values.items() if value is not None}
    sheet = batch.varied(shipped_release, values, [{}])
    called = roles_called_in(sheet, shipped_release)
    assert tuple(role for role in ROLES if called[role][0]) == roles_called_for(values, shipped_release)


@pytest.mark.parametrize(
    ("more", "trains"),
    list(zip(WORKED_ON, [0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0], strict=True)),
)
def test_who_uses_pretrained_models_somewhere_trains_only_where_an_answer_says_so(
    shipped_release: Release, more: dict[str, object], trains: int
) -> None:
    uses = {"need": ("use_pretrained",), **more}
    there = {**uses, "deploy_targets": ("android",)}
    called = roles_called_for(there, shipped_release)
    assert "training" in called if trains else called == ("runtime",)
    assert "training" in roles_called_for(uses, shipped_release)


def test_what_runs_nowhere_needs_no_runtime_unless_running_is_all(shipped_release: Release) -> None:
    nowhere = {"deploy_targets": ("none",)}
    assert roles_called_for({"need": ("use_pretrained",), **nowhere}, shipped_release) == ("training",)
    assert roles_called_for({"need": ("inference_only",), **nowhere}, shipped_release) == ("runtime",)
    assert "runtime" in roles_called_for({"need": ("use_pretrained",)}, shipped_release)


def test_a_job_over_rows_answers_no_requests_and_needs_no_server(shipped_release: Release) -> None:
    servers: dict[str, object] = {"deploy_targets": ("server_cpu",)}
    for load, serves in ((None, False), (0.0, False), (0.1, True)):
        called = roles_called_for(servers | ({} if load is None else {"requests_per_second": load}), shipped_release)
        assert ("serving" in called) == serves
    language = servers | {"approach": ("llm",), "requests_per_second": 0.0}
    assert "serving" in roles_called_for(language, shipped_release), "engines run language models in jobs too"
