"""Advice does not hang on one number of the evidence model, and the study moves what it says."""

from pathlib import Path

import pytest

from knowledge_base import cases, pack, release, sensitivity
from knowledge_base.impact import Project

CASES = Path(__file__).parent.parent / "golden"
CLEARLY_TURNED = 0.05


@pytest.fixture(scope="module")
def shipped() -> pack.Pack:
    return pack.load()


def test_each_variant_moves_one_number_and_no_other(shipped: pack.Pack) -> None:
    before = shipped.settings.fusion.model_dump()
    seen = []
    for what, _, _, moved in sensitivity.variants(shipped):
        after = moved.settings.fusion.model_dump()
        changed = [key for key in before if before[key] != after[key]]
        aged = [c.id for c, d in zip(shipped.criteria, moved.criteria, strict=True) if c != d]
        assert len(changed) + bool(aged) == 1, what
        assert moved.evidence == shipped.evidence
        seen.append(what)
    assert len(seen) == len({(what, value) for what, _, value, _ in sensitivity.variants(shipped)}) > 20


def test_no_number_of_the_model_turns_clear_advice_round(shipped: pack.Pack) -> None:
    document = release.build(shipped)
    projects = [Project(c.id, c.answers, roles=(c.role,)) for c in cases.load(CASES)]
    found = sensitivity.study(shipped, document, projects)
    assert all(moved.impact.projects >= 40 for moved in found)
    assert any(moved.greatest_grade > 0.1 for moved in found)
    turned = {f"{m.what} {m.after}": m.impact.share for m in found if m.impact.share > CLEARLY_TURNED}
    assert not turned
