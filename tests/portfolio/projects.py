"""Projects as rows of a sheet, and what a decision of each alone says: what many at once are held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
import polars as pl

from portfolio.scored import RoleScored, Scored
from portfolio.ways import stack_text
from rules import confidence, engine, machine, scoring
from rules.compiled import Release
from rules.conditions import columns
from rules.conditions.columns import Sheet
from rules.hardware import Profile
from rules.requirements import Requirements

RULES_TOLD = 3


@dataclass(frozen=True)
class Block:
    """A block of good rows, as results need it."""

    row: Any
    id: pl.Series
    name: pl.Series
    sheet: Sheet
    weight: Any = None


def block(sheet: Sheet) -> Block:
    names = [f"p{i}" for i in range(sheet.rows)]
    return Block(np.arange(1, sheet.rows + 1), pl.Series(names), pl.Series(names), sheet)


def sheet_of(release: Release, asked: Sequence[Requirements]) -> Sheet:
    """The answers of some projects; what nobody answers has no column."""
    found = {}
    for name in release.questionnaire.questions:
        values = [each.values.get(name) for each in asked]
        if any(value is not None for value in values):
            found[name] = columns.column(release.names[name], values)
    return Sheet(len(asked), found)


def first_beats_second(release: Release, role: str, asked: Requirements, profile: Profile | None) -> float | None:
    """The probability in closed form, from the scores of one project; None where there is no second."""
    _, values, _ = engine.understood(asked, profile, machine.judged(release, profile))
    _, view = engine.seen_by(release, values)
    compiled = view.roles[role]
    names = [
        place.framework for place in engine.decide(release, asked, profile, [role], what_if=False).roles[role].ranking
    ]
    if len(names) < 2:
        return None
    strengths, _ = scoring.strengths(compiled, values)
    scored = scoring.score(view, compiled, values, strengths)
    sigma = confidence.covariance(scored, compiled, release.confidence["weight_relative_sd"])
    first, second = (compiled.members.index(name) for name in names[:2])
    return float(confidence.beats(scored.score, sigma)[first, second])


def assert_alike(
    release: Release, scored: Scored, asked: Sequence[Requirements], profile: Profile | None = None
) -> None:
    """Every row says what its own decision says."""
    for row, each in enumerate(asked):
        decision = engine.decide(release, each, profile, what_if=False)
        document = decision.document()
        assert {r for r, found in scored.roles.items() if found.called[row]} == set(document["roles"])
        for role, result in document["roles"].items():
            _assert_role(release, role, scored.roles[role], row, result)
            said = scored.roles[role].confidence[row]
            expected = first_beats_second(release, role, each, profile)
            if expected is None:
                assert isnan(said) if not result["ranking"] else said == 1.0
            else:
                assert abs(said - expected) <= 1e-6, (role, row)
        code = int(scored.stack.code[row])
        ways = " | ".join(stack_text(stack) for stack in decision.stack)
        assert (scored.stack.texts[code] if code >= 0 else "") == ways


def _assert_role(release: Release, role: str, found: RoleScored, row: int, result: Mapping[str, Any]) -> None:
    compiled, ranking = release.roles[role], result["ranking"]
    top = found.order.shape[1]
    places = zip(found.order[row].tolist(), found.score[row].tolist(), strict=True)
    assert [(compiled.members[m], score) for m, score in places if m >= 0] == [
        (place["framework"], place["score"]) for place in ranking[:top]
    ]
    assert (None if isnan(found.margin[row]) else found.margin[row]) == result["margin"]
    tied = {place["framework"] for place in ranking[1:] if place["tie_group"] == 1}
    assert {compiled.members[m] for m in np.flatnonzero(found.tied[row]).tolist()} == tied
    reasons = ranking[0]["reasons"] if ranking else []
    told = [r["rule"] for r in reasons if r["contribution"] > 0] or [r["rule"] for r in reasons]
    assert [compiled.rules[r].id for r in found.reasons[row].tolist() if r >= 0] == told[:RULES_TOLD]
    first_gate: dict[str, str] = {}
    for entry in result["excluded"]:
        first_gate.setdefault(entry["framework"], entry["gate"])
    gates = [*(gate.id for gate in compiled.gates), "no-rule-speaks"]
    candidates = zip((*compiled.members, *compiled.others), found.gate[row].tolist(), strict=True)
    assert {name: gates[g] for name, g in candidates if g >= 0} == first_gate
    if found.board is not None:
        board = dict(zip(compiled.members, found.board[row].tolist(), strict=True))
        assert {name: score for name, score in board.items() if not isnan(score)} == {
            place["framework"]: float(np.float32(place["score"])) for place in ranking
        }
