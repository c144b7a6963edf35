"""Conditions over bits say in every row what they say over columns."""

from collections.abc import Iterator

import numpy as np
import pytest

from portfolio import bits, given
from portfolio.planes import Planes, program
from portfolio.scoring import ready
from rules import batch, sampling
from rules.compiled import Release
from rules.conditions import Node
from rules.conditions.columns import FALSE, TRUE, Sheet
from rules.conditions.residual import FAILS, HOLDS, NEVER_KNOWN
from tests.rules.test_rules_batch import MACHINES


def conditions(release: Release) -> Iterator[Node]:
    yield from (c.node for c in release.questionnaire.contradictions)
    for role in release.roles.values():
        yield from (rule.when.node for rule in role.rules if rule.when)
        for gate in role.gates:
            yield from (gate.when.node,) if gate.when else ()
            yield from (part.node for part in gate.parts if part.node not in (HOLDS, FAILS, NEVER_KNOWN))


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 1000])
def test_every_condition_of_the_shipped_release(shipped_release: Release, rows: int) -> None:
    known = ready(shipped_release, given.given_by(shipped_release, MACHINES[rows % len(MACHINES)])).given
    sheet = given.filled(sampling.draw(shipped_release, rows, "planes").sheet, known)
    batch.path_levels(shipped_release, "training", sheet)
    planes, by_columns = Planes(program(shipped_release), sheet), batch.plan(shipped_release).conditions
    seen = set()
    for node in conditions(shipped_release):
        expected = by_columns.compile(node)(sheet)
        true, false = planes.truth(planes.program.compile(node))
        found = bits.unpacked(np.stack((true, false)), 64 * planes.width)
        assert not found[rows:].any()
        assert np.array_equal(found[:rows, 0], expected == TRUE), node
        assert np.array_equal(found[:rows, 1], expected == FALSE), node
        seen.update(expected.tolist())
    assert seen == {0, 1, 2}


def test_nothing_is_known_of_names_without_a_column(shipped_release: Release) -> None:
    planes = Planes(program(shipped_release), Sheet(70, {}))
    for node in conditions(shipped_release):
        true, false = planes.truth(planes.program.compile(node))
        expected = batch.plan(shipped_release).conditions.compile(node)(Sheet(70, {}))
        assert np.array_equal(bits.unpacked(np.stack((true, false)), 70).T, [expected == TRUE, expected == FALSE]), node
