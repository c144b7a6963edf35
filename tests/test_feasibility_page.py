"""docs/feasibility.md says what the arithmetic says: its table is made by it, its names are those in use."""

import re
from pathlib import Path

from rules.feasibility import facts, memory, plan
from tests.rules import remembered

PAGE = (Path(__file__).parent.parent / "docs" / "feasibility.md").read_text(encoding="utf-8")


def test_the_table_on_file_is_the_one_that_is_made() -> None:
    assert remembered.written(PAGE) == PAGE, "scripts/refresh-feasibility-page writes it anew"


def test_every_name_that_can_be_given_is_on_the_page() -> None:
    for known in (plan.FORMATS, plan.REGIMES, plan.OPTIMISERS, plan.SHARDINGS, plan.OFFLOADS, plan.RECOMPUTATIONS):
        for name in known:
            assert f"`{name}`" in PAGE, name
    for name in facts.FACTS:
        assert f"`{name}`" in PAGE, name


def test_every_item_of_an_estimate_is_on_the_page() -> None:
    plans = [
        plan.Plan("train", 7e9, "mixed", sharding="zero3", devices=8),
        plan.Plan("train", 7e9, "mixed", tuning="lora"),
        plan.Plan("serve", 7e9, "bf16"),
    ]
    told = {item.name for each in plans for item in memory.estimate(each).items}
    missing = [name for name in sorted(told) if not re.search(rf"(?i)\b{re.escape(name)}\b", PAGE)]
    assert not missing
