"""Level with the first: in columns what the closed form says of one project after another."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import batch, confidence, engine, requirements, sampling, scoring
from rules.compiled import Release
from rules.level import level
from tests.rules.builders import answers, compiled, documents

QUIET = settings(max_examples=40, deadline=None, database=None)


def by_pairs(release: Release, role: str, told: dict[str, object], other: int) -> bool:
    """Whether the first does not beat a member with the stated probability, from the scores of one project."""
    asked = requirements.parse(told, release.questionnaire)
    _, view = engine.seen_by(release, asked.values)
    result = engine.decide(release, asked, roles=[role], what_if=False).roles[role]
    compiled_role = view.roles[role]
    names = [place.framework for place in result.ranking]
    if compiled_role.members[other] not in names:
        return False
    strengths, _ = scoring.strengths(compiled_role, asked.values)
    scored = scoring.score(view, compiled_role, asked.values, strengths)
    sigma = confidence.covariance(scored, compiled_role, release.confidence["weight_relative_sd"])
    first = compiled_role.members.index(names[0])
    wins = confidence.beats(np.round(scored.score, 12), sigma)
    return first == other or bool(wins[first, other] < release.confidence["tie_below_win_probability"])


@QUIET
@given(source=documents(gates=True), told=answers(), data=st.data())
def test_made_up_releases(source: dict[str, Any], told: dict[str, object], data: st.DataObject) -> None:
    release = compiled(source)
    values = requirements.parse(told, release.questionnaire).values
    sheet = batch.varied(release, values, [{}, {}])
    board = batch.board(release, "training", sheet, keep=True)
    other = data.draw(st.integers(0, len(release.roles["training"].members) - 1))
    found = level(release, "training", board, board.first(), other)
    assert found.tolist() == [by_pairs(release, "training", told, other)] * 2


@pytest.mark.parametrize("role", ["training", "high_level", "serving", "runtime"])
def test_the_shipped_release(shipped_release: Release, role: str) -> None:
    sample = sampling.draw(shipped_release, 40, "level")
    board = batch.board(shipped_release, role, sample.sheet, keep=True)
    members = shipped_release.roles[role].members
    seen = 0
    for other in range(0, len(members), 2):
        found = level(shipped_release, role, board, board.first(), other)
        for row in range(40):
            expected = by_pairs(shipped_release, role, sample.answers(row), other)
            assert bool(found[row]) == expected, (members[other], sample.answers(row))
            seen += expected
    assert seen > 0
