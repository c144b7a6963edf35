"""A near miss has the place that it would really take: the project is decided again with the nearest relaxation."""

from random import Random

import pytest

from rules.release import Release
from tests.rules.builders import changed, decide
from tests.rules.test_rules_changes import random_answers


def test_a_near_miss_takes_the_place_that_it_is_told(shipped_release: Release) -> None:
    shuffle, seen = Random(11), 0  # noqa: S311
    for _ in range(60):
        answers = random_answers(shipped_release, shuffle)
        for role, result in decide(shipped_release, answers).roles.items():
            for miss in result.near_misses:
                nearest = miss.relaxation[0]
                then = decide(shipped_release, changed(answers, nearest.question, nearest.after[0]), roles=[role])
                place = next(p for p in then.roles[role].ranking if p.framework == miss.framework)
                assert place.rank == miss.would_rank
                assert place.score == pytest.approx(miss.score, abs=1e-12)
                seen += 1
    assert seen > 50
