"""From readings to a proposal: what is set, added, set aside and said; and that the outcome is a sound pack."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base import pack as packs
from knowledge_base import proposal as proposals
from knowledge_base.lint import lint
from knowledge_base.proposal import Change, Proposal
from knowledge_base.refresh.json_interface import project
from knowledge_base.refresh.notes import same_licence
from knowledge_base.refresh.proposing import propose
from knowledge_base.refresh.reading import Fetched, judged
from tests.index_pages import LINUX, Package, caffe, source, torch, wheel

Plant = Callable[[Mapping[str, str | tuple[str, str] | None]], Path]
TODAY = date(2026, 11, 21)
PYTORCH = "frameworks/pytorch.yaml"
INDEX_SOURCE = """
- id: index-2026-05
  kind: registry_metadata
  publisher: Index
  title: Read in May
  url: null
  date: 2026-05
  accessed: 2026-05-02
"""
INDEX_EVIDENCE = """
- id: torch-wheels
  source: index-2026-05
  locator: package torch, 1.0
  as_of: 2026-05-02
  about: [pytorch]
  note: The newest release of the package torch is 1.0; its wheels are for CPython 3.11 to 3.14.
  verdict: holds
"""
PYTHON_MAX = 'python.max: {value: "3.14", evidence: [facts]}'


def jax() -> Package:
    return Package("jax", [wheel("jax", "1.0", "py3-none-any")], home="https://github.com/jax-ml/jax", version="1.0")


def jaxlib(day: str = "2026-10-07", version: str = "1.0") -> Package:
    rows = [wheel("jaxlib", version, f"cp3{n}-cp3{n}-{LINUX}", day=day) for n in (12, 13)]
    return Package("jaxlib", rows, home="https://github.com/jax-ml/jax", version=version)


def proposed(pack: packs.Pack, *packages: Package, today: date = TODAY, only: str | None = None) -> Proposal:
    given = {each.name: Fetched("read", project(each.name, each.encoded())) for each in packages}
    entries = [each for each in pack.packages if only is None or each.id == only]
    fetched = {p.name: given.get(p.name, Fetched("absent")) for entry in entries for p in entry.packages}
    return propose(pack, judged(entries, fetched, {a.id: a.version for a in pack.alternatives}, today), today)


def changes(proposal: Proposal, kind: str, name: str) -> dict[tuple[str | int, ...], tuple[Any, Any]]:
    return {each.location: (each.before, each.after) for each in proposal.set if (each.kind, each.id) == (kind, name)}


@pytest.fixture
def pack(plant: Plant) -> packs.Pack:
    """The small pack, whose PyTorch was read from an index in May."""
    cells = PYTHON_MAX.replace("facts", "torch-wheels").replace("}", ", expires: 2027-03-21}")
    more = '\n  python.min: {value: "3.11", evidence: [torch-wheels]}'
    more += "\n  binary.musl: {value: false, evidence: [torch-wheels]}"
    kinds = "".join(
        f"\n- {{id: {name}, kind: {kind}, text: T, roles: [training, runtime], shelf_life_months: 6}}"
        for name, kind in (("python.min", "version"), ("binary.musl", "flag"), ("binary.linux_aarch64", "flag"))
    )
    return packs.load(
        plant(
            {
                PYTORCH: (PYTHON_MAX, cells + more),
                "capabilities.yaml": kinds + "\n",
                "sources/all.yaml": INDEX_SOURCE,
                "evidence/all.yaml": INDEX_EVIDENCE,
            }
        )
    )


# --- What changes ----------------------------------------------------------------------------------------------------


def test_a_new_release_sets_version_day_and_cells(pack: packs.Pack) -> None:
    told = changes(proposed(pack, torch(), only="pytorch"), "alternatives", "pytorch")
    new = "package-torch-2026-11-21"
    assert told["version",] == ("1.0", "2.16.0")
    assert told["version_date",] == ("2026-01", "2026-11-18")
    assert told["capabilities", "python.max", "value"] == ("3.14", "3.15")
    assert told["capabilities", "python.max", "evidence"] == (["torch-wheels"], [new])
    assert told["capabilities", "python.max", "expires"] == ("2027-03-21", "2027-05-21")
    assert told["capabilities", "binary.linux_aarch64"] == (None, {"value": True, "evidence": [new]})


def test_cells_that_hold_cite_the_new_reading_and_keep_their_value(pack: packs.Pack) -> None:
    told = changes(proposed(pack, torch(), only="pytorch"), "alternatives", "pytorch")
    assert told["capabilities", "python.min", "evidence"] == (["torch-wheels"], ["package-torch-2026-11-21"])
    assert ("capabilities", "python.min", "value") not in told
    assert ("capabilities", "binary.musl", "value") not in told
    assert ("capabilities", "binary.musl", "expires") not in told


def test_the_former_reading_is_outdated_with_a_reason(pack: packs.Pack) -> None:
    told = changes(proposed(pack, torch(), only="pytorch"), "evidence", "torch-wheels")
    assert told["verdict",] == ("holds", "outdated")
    assert told["verdict_evidence",] == ([], ["package-torch-2026-11-21"])
    before, after = told["verdict_note",]
    assert before is None
    assert "package torch, of 2026-11-21" in after


def test_new_evidence_is_dated_sourced_and_grades_nothing(pack: packs.Pack) -> None:
    proposal = proposed(pack, torch(), only="pytorch")
    (piece,), (source_,) = proposal.add.evidence, proposal.add.sources
    assert (piece.as_of, piece.about, piece.grades, piece.verdict) == ("2026-11-21", ["pytorch"], [], "holds")
    assert (piece.source, source_.kind, source_.url, source_.accessed) == (
        source_.id,
        "registry_metadata",
        None,
        "2026-11-21",
    )
    assert "2.16.0 of 2026-11-18" in piece.note


def test_what_would_change_is_said_in_words(pack: packs.Pack) -> None:
    proposal = proposed(pack, torch(), only="pytorch")
    assert (
        "pytorch, by the package torch: version 1.0 becomes 2.16.0 of 2026-11-18; python.max 3.14 becomes 3.15; "
        "binary.linux_aarch64 not on file becomes yes" in proposal.notes[0]
    )
    assert "It differs from what is on file for pytorch." in proposal.proposal.reason
    assert "pytorch: the newest Python with a wheel differs: 3.14 on Windows x86_64" in " ".join(proposal.notes)


def applied(folder: Path, proposal: Proposal) -> None:
    """Carry a proposal out on a pack's files, as plainly as it can be done."""
    for each in proposal.set:
        _set(folder, each)
    for kind in ("sources", "evidence"):
        path = folder / kind / "new.yaml"
        path.write_text(yaml.safe_dump(proposals.as_document(proposal)["add"].get(kind, [])))


def _set(folder: Path, change: Change) -> None:
    paths = [folder / "pack.yaml"] if change.kind == "pack" else sorted((folder / _FOLDERS[change.kind]).glob("*.yaml"))
    for path in paths:
        document = yaml.safe_load(_quoted(path))
        entries = document if isinstance(document, list) else [document]
        for entry in entries:
            if entry.get("id", entry.get("name")) == change.id:
                *above, last = change.location
                for step in above:
                    entry = entry[step]
                assert entry.get(last) == change.before or (last == "verdict_evidence" and change.before == [])
                entry[last] = change.after
        path.write_text(yaml.safe_dump(document, sort_keys=False))


_FOLDERS = {"alternatives": "frameworks", "evidence": "evidence"}


def _quoted(path: Path) -> str:
    """A pack's text with its days as texts."""
    return re.sub(r"(?<=: )(\d{4}-\d{2}-\d{2})(?=[,}\n])", r"'\1'", path.read_text())


@pytest.mark.parametrize("today", [TODAY, date(2026, 12, 24)])
def test_the_outcome_is_a_sound_pack_and_a_second_refresh_finds_no_news(
    pack: packs.Pack, tmp_path: Path, today: date
) -> None:
    folder = tmp_path / "pack"
    before = proposed(pack, torch(), jax(), jaxlib(), today=today)
    applied(folder, before)
    after = packs.load(folder)
    assert lint(after) == []
    again = proposed(after, torch(), jax(), jaxlib(), today=today)
    assert (again.set, again.add.evidence, again.add.sources) == ([], [], [])
    assert again.notes[-1] == "As on file: jax, pytorch."


def test_a_later_day_moves_the_day_of_the_pack(pack: packs.Pack) -> None:
    told = changes(proposed(pack, torch(), today=date(2026, 12, 24)), "pack", "small")
    assert told == {("as_of",): ("2026-11-21", "2026-12-24")}
    assert changes(proposed(pack, torch()), "pack", "small") == {}


# --- What does not change --------------------------------------------------------------------------------------------


def test_a_stopped_package_proposes_nothing_and_says_why(pack: packs.Pack) -> None:
    elsewhere = torch()
    elsewhere.links = {"Homepage": "https://github.com/someone/torch"}
    proposal = proposed(pack, elsewhere, only="pytorch")
    assert (proposal.set, proposal.add.evidence) == ([], [])
    assert "other addresses (github.com/someone/torch)" in proposal.notes[0]
    assert proposal.notes[0].endswith("Nothing of it is proposed.")
    assert "agrees with what is on file" in proposal.proposal.reason


def test_a_namesake_never_tells(pack: packs.Pack) -> None:
    proposal = proposed(pack, caffe(), only="caffe")
    assert (proposal.set, proposal.add.evidence) == ([], [])
    assert proposal.notes == [
        "caffe, package caffe: it only bears the name (A placeholder); its newest release is 0.1.0 of 2024-11-10."
    ]


def test_what_could_not_be_read_is_said(pack: packs.Pack) -> None:
    entries = [each for each in pack.packages if each.id == "jax"]
    fetched = {
        "jax": Fetched("failed", failure="it answers with status 500"),
        "jaxlib": Fetched("absent"),
        "jax-metal": Fetched("not-asked"),
    }
    notes = propose(pack, judged(entries, fetched, {}, TODAY), TODAY).notes
    assert notes == [
        "jax, package jax: it could not be read: it answers with status 500.",
        "jax, package jaxlib: the index does not have it.",
        "jax, package jax-metal: it was not asked for, after several failures in a row.",
    ]


def test_each_fact_comes_from_the_package_that_tells_it(pack: packs.Pack) -> None:
    newer = jax()
    newer.rows = [wheel("jax", "1.1", "py3-none-any")]
    proposal = proposed(pack, newer, jaxlib(), only="jax")
    told = changes(proposal, "alternatives", "jax")
    assert told["version",] == ("1.0", "1.1")
    cells = {place[1]: after["value"] for place, (_, after) in told.items() if place[0] == "capabilities" and after}
    assert cells["python.min"] == "3.12"
    assert {e.id for e in proposal.add.evidence} == {"package-jax-2026-11-21", "package-jaxlib-2026-11-21"}


def test_a_pure_package_says_nothing_of_systems(pack: packs.Pack) -> None:
    pure = torch()
    pure.rows = [wheel("torch", "1.0", "py3-none-any")]
    told = changes(proposed(pack, pure, only="pytorch"), "alternatives", "pytorch")
    assert not any("binary" in str(place) for place in told)


def test_a_package_without_wheels_has_no_binaries(pack: packs.Pack) -> None:
    bare = torch()
    bare.rows = [source("torch", "1.0")]
    told = changes(proposed(pack, bare, only="pytorch"), "alternatives", "pytorch")
    assert told["capabilities", "binary.linux_aarch64"][1]["value"] is False


@pytest.mark.parametrize(("claims", "moved"), [(range(11, 14), False), (range(11, 16), True)])
def test_wheels_without_an_end_only_raise_the_newest_python(pack: packs.Pack, claims: range, moved: bool) -> None:
    stable = torch()
    stable.rows = [wheel("torch", "1.0", f"cp311-abi3-{LINUX}")]
    stable.version = "1.0"
    stable.classifiers = [f"Programming Language :: Python :: 3.{n}" for n in claims]
    told = changes(proposed(pack, stable, only="pytorch"), "alternatives", "pytorch")
    assert (("capabilities", "python.max", "value") in told) is moved


def test_without_a_day_the_version_comes_without_one(pack: packs.Pack) -> None:
    undated = torch()
    for row in undated.rows:
        row.day = None
    proposal = proposed(pack, undated, only="pytorch")
    assert changes(proposal, "alternatives", "pytorch")["version_date",] == ("2026-01", None)
    assert "whose day the index does not give" in proposal.notes[0]


# --- What is set aside -----------------------------------------------------------------------------------------------


def planted(plant: Plant, evidence: str, cites: str, more: str = "") -> packs.Pack:
    cell = PYTHON_MAX.replace("facts", cites)
    text = evidence + more
    return packs.load(plant({PYTORCH: (PYTHON_MAX, cell), "sources/all.yaml": INDEX_SOURCE, "evidence/all.yaml": text}))


GRADE = "  grades: [{criterion: ease_of_use, alternative: pytorch, level: 3}]\n"


def test_a_contradicted_piece_that_grades_is_set_aside_and_named(plant: Plant) -> None:
    proposal = proposed(planted(plant, INDEX_EVIDENCE, "torch-wheels", GRADE), torch(), only="pytorch")
    assert changes(proposal, "evidence", "torch-wheels")["verdict",] == ("holds", "outdated")
    (said,) = [each for each in proposal.notes if each.startswith("torch-wheels")]
    assert "rest on it too: its grade of pytorch on ease_of_use. Look at them anew." in said


def test_a_piece_that_is_only_older_stays_where_something_rests_on_it(plant: Plant) -> None:
    kept = proposed(planted(plant, INDEX_EVIDENCE, "facts", GRADE), torch(), only="pytorch")
    assert changes(kept, "evidence", "torch-wheels") == {}


def test_a_piece_that_is_only_older_goes_where_nothing_does(plant: Plant) -> None:
    gone = proposed(planted(plant, INDEX_EVIDENCE, "facts"), torch(), only="pytorch")
    assert changes(gone, "evidence", "torch-wheels")["verdict",] == ("holds", "outdated")


@pytest.mark.parametrize(
    "change",
    [
        ("about: [pytorch]", "about: [pytorch, jax]"),
        ("source: index-2026-05", "source: survey"),
        ("  verdict: holds", "  verdict: contested\n  verdict_note: Others differ."),
    ],
)
def test_what_is_shared_of_another_kind_or_judged_already_is_left_alone(plant: Plant, change: tuple[str, str]) -> None:
    evidence = INDEX_EVIDENCE.replace(*change)
    assert evidence != INDEX_EVIDENCE
    proposal = proposed(planted(plant, evidence, "torch-wheels"), torch(), only="pytorch")
    assert changes(proposal, "evidence", "torch-wheels") == {}
    told = changes(proposal, "alternatives", "pytorch")
    assert told["capabilities", "python.max", "evidence"][1] == ["package-torch-2026-11-21"]


def test_a_lifecycle_that_cites_the_former_reading_cites_the_new_one(plant: Plant) -> None:
    folder = plant(
        {
            PYTORCH: ("successor: null, evidence: [facts]", "successor: null, evidence: [facts, torch-wheels]"),
            "sources/all.yaml": INDEX_SOURCE,
            "evidence/all.yaml": INDEX_EVIDENCE,
        }
    )
    told = changes(proposed(packs.load(folder), torch(), only="pytorch"), "alternatives", "pytorch")
    assert told["lifecycle", "evidence"] == (["facts", "torch-wheels"], ["package-torch-2026-11-21", "facts"])


def test_cells_about_to_expire_are_renewed(pack: packs.Pack) -> None:
    same = torch()
    same.rows = [wheel("torch", "1.0", f"cp3{n}-cp3{n}-{LINUX}", day="2026-01-05") for n in (11, 14)]
    quiet = changes(proposed(pack, same, only="pytorch"), "alternatives", "pytorch")
    assert ("capabilities", "python.max", "expires") not in quiet
    due = changes(proposed(pack, same, only="pytorch", today=date(2027, 3, 1)), "alternatives", "pytorch")
    assert due["capabilities", "python.max", "expires"] == ("2027-03-21", "2027-09-01")
    assert due["capabilities", "python.max", "evidence"][1][0] == "package-torch-2027-03-01"
    assert ("version",) not in due


def test_a_second_reading_of_a_day_gets_an_id_of_its_own(pack: packs.Pack, tmp_path: Path) -> None:
    applied(tmp_path / "pack", proposed(pack, torch(), only="pytorch"))
    newer = torch()
    newer.rows.append(wheel("torch", "2.18.0", day="2026-11-21"))
    again = proposed(packs.load(tmp_path / "pack"), newer, only="pytorch")
    assert [each.id for each in again.add.evidence] == ["package-torch-2026-11-21-2"]
    assert again.add.sources == []


# --- Licences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_file", "given", "same"),
    [
        ("Apache-2.0", "Apache Software License", True),
        ("MIT", "MIT License", True),
        ("BSD-3-Clause", "BSD License", True),
        ("LGPL-3.0", "GNU Lesser General Public License v3 (LGPLv3)", True),
        ("GPL-3.0", "GNU General Public License v3 (GPLv3)", True),
        ("AGPL-3.0", "GNU Affero General Public License v3", True),
        ("MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)", True),
        ("LicenseRef-NVIDIA", "LicenseRef-NVIDIA", True),
        ("GPL-3.0", "GNU Lesser General Public License v3 (LGPLv3)", False),
        ("Apache-2.0", "AGPL-3.0-only", False),
        ("MIT", "Limited evaluation terms", False),
        ("Apache-2.0", "Other/Proprietary License", False),
    ],
)
def test_licences_are_compared_by_family(on_file: str, given: str, same: bool) -> None:
    assert same_licence(on_file, given) is same


def test_another_licence_is_said_and_not_set(pack: packs.Pack) -> None:
    proposal = proposed(pack, torch(), only="pytorch")
    assert "pytorch: the licence on file is Apache-2.0, the package says BSD-3-Clause." in proposal.notes
    assert not any("licence" in each.location for each in proposal.set)
