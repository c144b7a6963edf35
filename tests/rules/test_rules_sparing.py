"""Asking counts no runtime where a decision says that none is needed."""

from typing import Any

import numpy as np

from rules import batch, engine, first_places
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


def test_a_runtime_that_only_a_rule_speaks_for_is_level_with_doing_without(shipped_release: Release) -> None:
    quiet = {
        "need": ("train",),
        "approach": ("classical_ml",),
        "stage": "production",
        "deploy_targets": ("server_cpu",),
    }
    loaded = {**quiet, "requests_per_second": 5000.0}
    elsewhere = {**quiet, "serving_language": ("swift",)}
    sheet = batch.varied(shipped_release, {}, [quiet, loaded, elsewhere])
    for values in (quiet, loaded):
        found = first_places.judge(shipped_release, first_places.Known({}, values, frozenset()), sheet, {})
        first, better = (places["runtime"] for places in (found.first, found.better))
        assert (first[0] == first_places.UNCALLED, first[1] == first_places.UNCALLED) == (True, False)
        assert better[0] == better[1] == better[found.at] == first[found.at]
        assert better[2] != better[found.at] or values is loaded


def test_other_roles_are_what_they_were(shipped_release: Release) -> None:
    sheet = complete(shipped_release, {"need": ("train",)}, (), "sparing", ROWS).sheet
    every = first_places.first_places(shipped_release, sheet)
    for role in ("training", "serving"):
        alone = first_places.first_places(shipped_release, sheet, (role,))
        called = every[role] != first_places.UNCALLED
        assert np.array_equal(every[role][called], alone[role][called])


def is_tied(result: RoleResult) -> bool:
    return sum(place.tie_group == 1 for place in result.ranking) > 1
