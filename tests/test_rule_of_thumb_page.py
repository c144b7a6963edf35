"""docs/rule-of-thumb.md and its pictures are those of the shipped trees."""

from pathlib import Path

from advisor import rule_of_thumb, rule_of_thumb_page
from advisor.rule_of_thumb_page import Decided
from knowledge_base import cases
from rules.release import Release

ROOT = Path(__file__).parent.parent


def test_the_page_and_the_pictures_are_current(shipped_release: Release) -> None:
    """Else run scripts/refresh-rule-of-thumb."""
    decided = [
        Decided(case.role, case.answers, frozenset((case.choice, *case.acceptable)))
        for case in cases.load(ROOT / "tests" / "golden")
    ]
    made = rule_of_thumb_page.files(rule_of_thumb._shipped(), shipped_release, decided)
    assert len(made) == 1 + len(rule_of_thumb.ROLES)
    for name, text in made.items():
        assert (ROOT / "docs" / name).read_text("utf-8") == text, name
