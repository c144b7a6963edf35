"""The documents say what is: every setting is described, every link leads somewhere, the README's output is real."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from advisor import measuring
from advisor.documents import decode
from advisor.settings import Settings
from probes import documents, targets
from probes.measuring import page, pictures

ROOT = Path(__file__).parent.parent
STEELYARD = Path(sys.executable).parent / "steelyard"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])
# Built from pieces, so that this file does not itself hold what it looks for.
UNWANTED = [
    a + b for a, b in (("/wo", "rk/"), ("/ro", "ot/"), ("python", "hosted"), ("pypi", ".org"), ("registry.np", "mjs"))
]


def test_every_setting_is_described_with_its_default() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    for name, field in Settings.model_fields.items():
        assert f"`STEELYARD_{name.upper()}`" in page, name
        if isinstance(field.default, int | float) and not isinstance(field.default, bool):
            assert f"`{field.default:g}`" in page or f"`{field.default}`" in page, name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_readme_output_is_what_the_command_prints(tmp_path: Path) -> None:
    """Lines of the block appear in the real output in their order; `...` stands for lines left out."""
    readme = (ROOT / "README.md").read_text()
    found = re.search(r"<!-- output: (.+?) -->\n```text\n(.*?)```", readme, re.DOTALL)
    assert found, "the README shows an output"
    told = subprocess.run(
        [STEELYARD, *found[1].split()],
        cwd=ROOT,
        env={**os.environ, "STEELYARD_HOME": str(tmp_path), "COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    printed = iter([line.rstrip() for line in told.stdout.splitlines()])
    shown = [line.rstrip() for line in found[2].splitlines() if line.strip() and line.strip() != "..."]
    assert len(shown) > 10
    for line in shown:
        assert any(line == real for real in printed), f"not printed, or not in this order: {line!r}"


def test_the_measured_figures_on_the_page_are_those_of_the_document() -> None:
    found = measuring.load(ROOT / "docs" / "measurements.json")
    drawn = pictures.pictures(found)
    text = (ROOT / "docs" / "measurements.md").read_text()
    assert page.inserted(text, page.section(found, list(drawn))) == text
    for name, drawing in drawn.items():
        assert (ROOT / "docs" / "pictures" / name).read_text() == drawing


def test_the_repository_speaks_only_of_the_project() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    for name in filter(None, listed):
        path = ROOT / name
        if path.is_file() and path.suffix not in (".png", ".ico"):
            text = path.read_text(encoding="utf-8", errors="replace")
            hits = [word for word in UNWANTED if word in text]
            assert not hits, f"{name}: {hits}"


def _fields_of_a_profile() -> set[str]:
    parts = {
        "host": documents._HOST_NAMES,
        "cpu": documents._CPU_NAMES,
        "memory": documents._MEMORY_NAMES,
        "devices[]": (*documents._DEVICE_NAMES, "count"),
        "counts[]": documents._COUNT_NAMES,
        "disks[]": documents._DISK_NAMES,
        "overrides[]": ("name", "value"),
        "software[]": [name for name in documents._SOFTWARE_NAMES if name != "code"],
        "software[].code[]": documents._CODE_NAMES,
        "contradictions[]": ("about",),
        "contradictions[].said[]": ("source", "value"),
        "findings[]": documents._FINDING_NAMES,
    }
    top = {name for name in documents._PROFILE_NAMES if name not in parts and f"{name}[]" not in parts}
    return top | {f"{part}.{name}" for part, names in parts.items() for name in names}


def test_every_field_of_a_profile_is_in_the_table_with_the_names_that_it_takes() -> None:
    text = (ROOT / "docs" / "hardware-profiles.md").read_text()
    table = text.partition("| field | type | example |")[2].partition("\n\n")[0]
    cells = [row.split("|")[1:3] for row in table.splitlines()[2:]]
    assert sorted(re.findall(r"`([^`]+)`", " ".join(cell[0] for cell in cells))) == sorted(_fields_of_a_profile())
    types = {name: cell[1] for cell in cells for name in re.findall(r"`([^`]+)`", cell[0])}
    assert re.findall(r"`([^`]+)`", types["devices[].kind"]) == list(documents.DEVICE_KINDS)
    assert re.findall(r"`([^`]+)`", types["targets"]) == list(targets.DEPLOY_TARGETS)
    assert re.findall(r"`([^`]+)`", types["chips"]) == list(targets.DEPLOY_CHIPS)


def test_the_profile_by_hand_on_the_page_is_one() -> None:
    text = (ROOT / "docs" / "hardware-profiles.md").read_text()
    written = decode(text.partition("```yaml\n")[2].partition("```")[0].encode(), "profile.yaml")
    profile = documents.parse(written.value)
    assert (len(profile.devices), profile.devices[0].usable) == (2, "yes")
    assert profile.cpu_features == ("avx", "avx2", "fma")
