"""Scores by criterion and by evidence: the parts sum to what was decided, by the definition and a slow second way."""

from collections.abc import Iterator
from math import fsum, isclose
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import pack, release
from rules import engine
from rules.accounts.naming import Names, names_of
from rules.accounts.parts import by_criterion, by_evidence, criterion_shares
from rules.release import compile_release
from rules.requirements import parse

ANSWERS: list[dict[str, Any]] = [
    {"need": ["train"]},
    {"stage": "production", "need": ["train"], "deploy_targets": ["android"], "known_frameworks": ["jax"]},
    {"stage": "research", "need": ["train"], "priorities": ["debugging", "longevity"]},
]


@pytest.fixture(params=range(len(ANSWERS)))
def decided(request: pytest.FixtureRequest, small_pack_folder: Path) -> tuple[dict[str, Any], Names]:
    source = release.build(pack.load(small_pack_folder))
    compiled = compile_release(source)
    document = engine.decide(compiled, parse(ANSWERS[request.param], compiled.questionnaire)).document()
    return document, names_of(compiled, source)


def results(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = [result for result in document["roles"].values() if len(result["ranking"]) > 1]
    assert found
    yield from found


def test_shares_sum_to_one_and_are_those_of_the_rules(decided: tuple[dict[str, Any], Names]) -> None:
    for result in results(decided[0]):
        shares = criterion_shares(result)
        assert isclose(fsum(shares.values()), 1)
        again = dict.fromkeys(shares, 0.0)
        for rule in result["rules"]:  # the share of a rule, parted by its weights
            for criterion, weight in rule["weights"].items():
                again[criterion] += rule["share"] * weight / fsum(rule["weights"].values())
        assert all(isclose(shares[c], again[c], abs_tol=1e-9) for c in shares)


def test_parts_sum_to_the_score_against_the_average(decided: tuple[dict[str, Any], Names]) -> None:
    for result in results(decided[0]):
        parts = by_criterion(result)
        for place in result["ranking"]:
            mine = parts[place["framework"]]
            assert isclose(result["field_mean"] + fsum(mine.values()), place["score"], abs_tol=1e-9)
            assert isclose(fsum(mine.values()), fsum(r["contribution"] for r in place["reasons"]), abs_tol=1e-9)
        for criterion in criterion_shares(result):
            assert isclose(fsum(row[criterion] for row in parts.values()), 0, abs_tol=1e-9)


def test_evidence_moves_a_score_by_its_influences(decided: tuple[dict[str, Any], Names]) -> None:
    document, names = decided
    for result in results(document):
        shares = criterion_shares(result)
        for place in result["ranking"]:
            name = place["framework"]
            cells = {c: names.source["grades"].get(c, {}).get(name) for c in shares}
            slow: dict[str, float] = {}
            for criterion, cell in cells.items():
                if cell and isclose(cell["mean"] / 4, result["grades"][name][criterion][0], abs_tol=1e-12):
                    for piece, levels in cell["influences"]:
                        slow[piece] = slow.get(piece, 0) + abs(levels) * shares[criterion] / 4
            found = by_evidence(result, names, name)
            assert found.keys() == slow.keys()
            assert all(isclose(found[piece], slow[piece]) for piece in slow)
            assert found
