"""Answers that nothing looks at are named: changing any of them changes no place, no exclusion and no score."""

from random import Random

from rules.release import Release
from tests.rules.builders import decide
from tests.rules.test_rules_changes import random_answers


def test_what_is_unweighed_can_be_left_out(shipped_release: Release) -> None:
    shuffle, seen = Random(5), 0  # noqa: S311
    for _ in range(40):
        answers = random_answers(shipped_release, shuffle)
        decision = decide(shipped_release, answers)
        fewer = {question: given for question, given in answers.items() if question not in decision.unweighed}
        again = decide(shipped_release, fewer)
        assert again.roles.keys() == decision.roles.keys()
        assert again.unweighed == ()
        for role, result in decision.roles.items():
            assert result.ranking == again.roles[role].ranking
            assert [(e.framework, e.gate) for e in result.excluded] == [
                (e.framework, e.gate) for e in again.roles[role].excluded
            ]
        seen += len(decision.unweighed)
    assert seen > 40
