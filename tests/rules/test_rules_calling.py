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
        {"need": ("fine_tune",), "training_language": ("julia",)},
        {"modality": ("volume_3d",), "approach": ("classical_ml",)},
        {"need": ("fine_tune",), "approach": ()},
        {"need": ("fine_tune",), "training_language": ()},
        {"deploy_targets": ("server_cpu",), "approach": ("llm",), "serving_features": (), "builds_on": ()},
        {"considering": ()},
    ],
)
def test_corners(shipped_release: Release, values: dict[str, object]) -> None:
    sheet = batch.varied(shipped_release, values, [{}])
    if "considering" in values:
        from rules.conditions import columns

        sheet.columns["considering"] = columns.column(shipped_release.names["considering"], [values["considering"]])
    called = roles_called_in(sheet, shipped_release)
    assert tuple(role for role in ROLES if called[role][0]) == roles_called_for(values, shipped_release)
