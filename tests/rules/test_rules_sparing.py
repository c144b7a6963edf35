"""Asking counts no runtime where a decision says that none is needed."""

from typing import Any

import numpy as np

from rules import engine, first_places
from rules.completions import complete
from rules.conditions import column_parts
from rules.decision import RoleResult
from rules.release import Release
from rules.requirements import parse

ROWS = 100
GIVEN = {"need": ("train",), "approach": ("classical_ml",), "deploy_targets": ("server_cpu",)}


def test_no_runtime_comes_first_where_none_is_needed(shipped_release: Release) -> None:
    drawn = complete(shipped_release, GIVEN, (), "sparing", 2 * ROWS)
    first = first_places.first_places(shipped_release, drawn.sheet)
    seen = {True: 0, False: 0}
    for row in range(min(ROWS, drawn.sheet.rows)):
        told: dict[str, Any] = {q: column_parts.value(drawn.sheet.columns[q], row) for q in drawn.drawn}
        asked = parse(
            {**{q: answer for q, answer in told.items() if answer is not None}, **GIVEN}, shipped_release.questionnaire
        )
        roles = engine.decide(shipped_release, asked, what_if=False).roles
        if "runtime" not in roles or any(map(is_tied, roles.values())):
            continue
        without = roles["runtime"].without
        spared = without is not None and without.none_needed
        assert (first["runtime"][row] == first_places.UNCALLED) == spared
        seen[spared] += 1
    assert min(seen.values()) > 5


def test_other_roles_are_what_they_were(shipped_release: Release) -> None:
    sheet = complete(shipped_release, {"need": ("train",)}, (), "sparing", ROWS).sheet
    every = first_places.first_places(shipped_release, sheet)
    for role in ("training", "serving"):
        alone = first_places.first_places(shipped_release, sheet, (role,))
        called = every[role] != first_places.UNCALLED
        assert np.array_equal(every[role][called], alone[role][called])


def is_tied(result: RoleResult) -> bool:
    return sum(place.tie_group == 1 for place in result.ranking) > 1
