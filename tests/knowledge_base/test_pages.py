"""The pages under docs/knowledge are those of the shipped pack, complete, and say what the release says."""

import re
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import cases, pack, release
from knowledge_base.pages import cases_page, pages
from rules.release import compile_release

FOLDER = Path(__file__).parent.parent.parent / "docs" / "knowledge"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return release.build(pack.load())


@pytest.fixture(scope="module")
def made(document: dict[str, Any]) -> dict[str, str]:
    report = cases.report(compile_release(document), cases.load(FOLDER.parent.parent / "tests" / "golden"))
    return pages(document) | {"cases.md": cases_page(report)}


def test_the_pages_on_file_are_those_of_the_shipped_pack(made: dict[str, str]) -> None:
    on_file = {p.relative_to(FOLDER).as_posix(): p.read_text("utf-8") for p in FOLDER.rglob("*.md")}
    assert on_file.keys() == made.keys(), "scripts/refresh-knowledge-pages writes them anew"
    stale = [name for name, text in made.items() if on_file[name] != text]
    assert not stale, "scripts/refresh-knowledge-pages writes them anew"


def test_every_alternative_and_criterion_has_a_page_that_the_index_links(
    document: dict[str, Any], made: dict[str, str]
) -> None:
    linked = set(re.findall(r"\]\(([^)]+\.md)\)", made["README.md"]))
    assert linked == made.keys() - {"README.md"}
    assert len(linked) == 3 + len(document["alternatives"]) + len(document["criteria"])


def test_a_page_has_every_grade_fact_path_and_piece_of_evidence(document: dict[str, Any], made: dict[str, str]) -> None:
    for a in document["alternatives"]:
        page = made[f"frameworks/{a['id']}.md"]
        known = [c for c, by in document["grades"].items() if by.get(a["id"], {}).get("known")]
        curated = {c["id"] for c in document["criteria"] if not c["derived"]}
        assert all(f"../criteria/{c}.md" in page for c in known if c in curated)
        assert page.count("\n| ") >= len(a["capabilities"])
        assert all(f"`{e['id']}`" in page for e in document["evidence"] if a["id"] in e["about"])
        assert all(f"`{e}`" in page for cell in a["capabilities"].values() for e in cell["evidence"])


def test_every_claim_stands_in_the_table_of_its_article_with_its_verdict(
    document: dict[str, Any], made: dict[str, str]
) -> None:
    seeds = {s["id"] for s in document["sources"] if s["seed"]}
    said = [e for e in document["evidence"] if e["source"] in seeds]
    rows = [line for line in made["claims.md"].splitlines() if line.count(" | ") == 5 and "---" not in line]
    assert len(rows) == len(said) + len(seeds)  # each table has a head
    for verdict in ("holds", "outdated", "contested", "wrong", "unverifiable"):
        assert sum(f" | {verdict} | " in row for row in rows) == sum(e["verdict"] == verdict for e in said)


def test_text_of_a_pack_cannot_become_a_mark(document: dict[str, Any]) -> None:
    spoiled = {**document, "alternatives": [{**a, "summary": "<b>|# [x](y)"} for a in document["alternatives"]]}
    page = pages(spoiled)["frameworks/jax.md"]
    assert "<b>" not in page
    assert r"\<b\>\|\# \[x\]" in page


def test_the_matrix_of_hardware_holds_every_level_on_file(document: dict[str, Any], made: dict[str, str]) -> None:
    training = made["hardware.md"].split("## Serving")[0].splitlines()
    head = next(line for line in training if line.startswith("| | "))
    kinds = [c["id"] for c in document["capabilities"] if c["id"].startswith("train.")]
    assert head.count("|") == len(kinds) + 2
    for a in document["alternatives"]:
        if a["graded"] and "training" in a["roles"]:
            row = next(line for line in training if f"(frameworks/{a['id']}.md)" in line)
            cells = [cell.strip() for cell in row.split("|")[2:-1]]
            values = [a["capabilities"].get(kind, {}).get("value", "") for kind in kinds]
            assert cells == ["?" if value == "unknown" else str(value) for value in values]
