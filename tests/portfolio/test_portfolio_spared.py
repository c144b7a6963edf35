"""Where projects need no runtime, and the ways they take: in columns as in decisions of each alone."""

import numpy as np
import pytest

from portfolio import scoring
from portfolio.ways import stack_text
from rules import engine, sampling
from rules.completions import complete
from rules.conditions import column_parts
from rules.release import Release
from rules.requirements import Requirements, parse
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
        if place % 6 == 0:  # asks for a runtime, or does not, by the stage and what is new
            given |= {"approach": ["deep_learning"], "deploy_targets": ["server_gpu"], "novelty": ["new_architectures"]}
            given.pop("stage", None)
    asked = []
    for given in answers:
        try:
            asked.append(parse(given, shipped_release.questionnaire))
        except ValueError:
            continue
    assert len(asked) > 60
    assert spared_as_decided(shipped_release, asked, compiled=compiled) > 0


@pytest.mark.parametrize("compiled", [False, True])
def test_ways_of_projects_that_answer_most(shipped_release: Release, compiled: bool) -> None:
    drawn = complete(shipped_release, {}, (), "ways", 600)
    sheet, ships = drawn.sheet, drawn.sheet.columns["deploy_targets"]
    asked = []
    for row in np.flatnonzero(ships.known).tolist()[:200]:  # type: ignore[union-attr]
        answers = {name: column_parts.value(sheet.columns[name], row) for name in drawn.drawn}
        asked.append(parse({q: a for q, a in answers.items() if a is not None}, shipped_release.questionnaire))
    assert spared_as_decided(shipped_release, asked, compiled=compiled) > 0


def test_ways_where_nobody_names_a_stage(shipped_release: Release) -> None:
    answers = {"need": ["train"], "approach": ["deep_learning"], "deploy_targets": ["server_gpu"]}
    asked = [
        parse({**answers, "novelty": [new]}, shipped_release.questionnaire)
        for new in ("new_architectures", "custom_layers")
    ]
    assert spared_as_decided(shipped_release, asked, compiled=False) == 1


def spared_as_decided(release: Release, asked: list[Requirements], *, compiled: bool) -> int:
    """How many of some projects need no runtime somewhere; the ways of each are those that it is decided alone."""
    scored = scoring.score(scoring.ready(release, {}), sheet_of(release, asked), compiled=compiled)
    found, spared = scored.stack, 0
    assert scored.needless is not None
    for row, each in enumerate(asked):
        decision = engine.decide(release, each, what_if=False)
        code = int(found.code[row])
        assert (found.texts[code] if code >= 0 else "") == " | ".join(map(stack_text, decision.stack))
        runtime = decision.roles.get("runtime")
        assert scored.needless[row] == bool(runtime and runtime.without and runtime.without.none_needed)
        spared += bool(runtime and runtime.without and runtime.without.spared)
    return spared
