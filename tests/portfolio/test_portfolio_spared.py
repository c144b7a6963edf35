"""Where projects need no runtime, and the ways they take: in columns as in decisions of each alone."""

import numpy as np
import pytest

from portfolio import scoring
from portfolio.ways import stack_text
from rules import engine, sampling
from rules.release import Release
from rules.requirements import parse
from tests.portfolio.projects import sheet_of


@pytest.mark.parametrize("compiled", [False, True])
def test_ways_of_projects_that_ship(shipped_release: Release, compiled: bool) -> None:
    drawn = sampling.draw(shipped_release, 400, "ways")
    targets = drawn.sheet.columns["deploy_targets"]
    answers = [drawn.answers(row) for row in np.flatnonzero(targets.known).tolist()[:120]]  # type: ignore[union-attr]
    for place, given in enumerate(answers):
        if place % 3 == 0:
            given |= {"need": ["train"], "deploy_targets": ["server_cpu", "desktop"], "data_rows": 100.0}
            given.pop("serving_language", None)
            given.pop("existing_code", None)
    asked = []
    for given in answers:
        try:
            asked.append(parse(given, shipped_release.questionnaire))
        except ValueError:
            continue
    assert len(asked) > 60
    found = scoring.score(scoring.ready(shipped_release, {}), sheet_of(shipped_release, asked), compiled=compiled).stack
    spared = 0
    for row, each in enumerate(asked):
        decision = engine.decide(shipped_release, each, what_if=False)
        code = int(found.code[row])
        assert (found.texts[code] if code >= 0 else "") == " | ".join(map(stack_text, decision.stack))
        runtime = decision.roles.get("runtime")
        spared += bool(runtime and runtime.without and runtime.without.spared)
    assert spared > 0
