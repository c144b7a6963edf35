"""Proposals: read with every fault in its place, written so that they read back."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from knowledge_base import proposal as proposals
from knowledge_base.proposal import Additions, Change, Head, Proposal, Removal
from knowledge_base.schema import Evidence, Source
from rules.faults import Fault, InvalidInput

TEXT = """
proposal:
  title: A new release
  author: Ann
  reason: The release note of today.
  created: 2026-11-21
set:
  - {kind: alternatives, id: pytorch, path: version, from: 2.15.0, to: 2.16.0}
  - {kind: alternatives, id: pytorch, path: [capabilities, binary.musl, value], from: false, to: true}
  - {kind: alternatives, id: pytorch, path: capabilities.new, from: null, to: {value: 2, evidence: [note]}}
add:
  sources:
    - {id: notes, kind: release_note, publisher: P, title: T, url: null, date: 2026-11, accessed: 2026-11-21}
  evidence:
    - {id: note, source: notes, locator: top, as_of: 2026-11-21, about: [pytorch], note: N, verdict: holds}
remove:
  - {kind: paths, id: old-path}
notes: [Nothing else was seen.]
"""


def faults_of(text: str) -> list[Fault]:
    with pytest.raises(InvalidInput) as caught:
        proposals.parse(text, "p.yaml")
    return list(caught.value.faults)


def test_a_proposal_is_read() -> None:
    read = proposals.parse(TEXT, "p.yaml")
    assert read.proposal.author == "Ann"
    assert [each.location for each in read.set] == [
        ("version",),
        ("capabilities", "binary.musl", "value"),
        ("capabilities", "new"),
    ]
    assert (read.set[1].before, read.set[1].after) == (False, True)
    assert read.add.evidence[0].source == "notes"
    assert (read.remove[0].kind, read.notes) == ("paths", ["Nothing else was seen."])


def test_it_is_written_as_it_is_read_and_says_from_and_to() -> None:
    read = proposals.parse(TEXT, "p.yaml")
    written = proposals.dump(read)
    assert proposals.parse(written, "again.yaml") == read
    plain = yaml.safe_load(written)
    assert plain["set"][0] == {
        "kind": "alternatives",
        "id": "pytorch",
        "path": "version",
        "from": "2.15.0",
        "to": "2.16.0",
    }
    assert "grades" not in plain["add"]["evidence"][0]  # what stands at its default is left out


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(TEXT)
    assert proposals.load(path) == proposals.parse(TEXT, "p.yaml")


@pytest.mark.parametrize(
    ("old", "new", "place", "expected", "near"),
    [
        ("created: 2026-11-21", "created: 2026-11", "p.yaml:6:12", "pattern", None),
        ("created: 2026-11-21", "created: 2026-13-41", "p.yaml:6:12", "month", None),
        ("  author: Ann\n", "", "p.yaml:3:3", "required", None),
        ("title: A", "titel: A", "p.yaml:3:", "", "title"),
        ("kind: paths", "kind: pahts", "p.yaml:17:12", "'paths'", None),
        ("from: 2.15.0", "form: 2.15.0", "p.yaml:8:", "", "from"),
        ("path: version", "path: ''", "p.yaml:8:45", "", None),
        ("path: version", "path: [version, -1]", "p.yaml:8:45", "", None),
        ("to: 2.16.0", "to: 2.15.0", "p.yaml:8:72", "another value than `from`", None),
        ("path: capabilities.new", "path: version", "p.yaml:10:45", "not set at p.yaml:8:45", None),
        ("verdict: holds", "verdict: maybe", "p.yaml:15:", "'holds'", None),
        ("notes: [", "notes: ['', ", "p.yaml:18:9", "at least 1", None),
        ("remove:\n", "remove:\n  - {kind: paths, id: old-path}\n", "p.yaml:18:5", "not removed at p.yaml:17:5", None),
    ],
)
def test_faults_have_places(old: str, new: str, place: str, expected: str, near: str | None) -> None:
    assert TEXT.count(old) == 1
    faults = faults_of(TEXT.replace(old, new))
    assert any(f.path.startswith(place) and expected in f.expected and f.nearest == near for f in faults), faults


def test_every_fault_is_listed() -> None:
    text = (
        TEXT.replace("kind: paths", "kind: x")
        .replace("verdict: holds", "verdict: x")
        .replace("author: Ann", "author: ''")
    )
    assert len(faults_of(text)) == 3


def test_an_entry_is_added_once() -> None:
    line = next(each for each in TEXT.splitlines() if "id: note," in each)
    (fault,) = faults_of(TEXT.replace(line, f"{line}\n{line}"))
    assert fault.path.startswith("p.yaml:16:")
    assert "not used at p.yaml:15:" in fault.expected


@pytest.mark.parametrize("text", ["", "[]", "proposal: 1", "proposal: &a {x: *a}", "a: b: c"])
def test_no_proposal_at_all(text: str) -> None:
    assert faults_of(text)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | WORDS
    | st.sampled_from(["3.10", "2026-10", "yes", "null", "", " a ", "0x1f"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
STEPS = st.lists(WORDS | st.integers(0, 9), min_size=1, max_size=3)


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    made: dict[tuple[Any, ...], Change] = {}
    for _ in range(draw(st.integers(0, 4))):
        path, name, before = draw(STEPS), draw(WORDS), draw(VALUES)
        after = draw(VALUES)
        assume(after != before)
        key = (name, tuple(map(str, path)))
        made[key] = Change.model_validate({"kind": "rules", "id": name, "path": path, "from": before, "to": after})
    return list(made.values())


@given(changes(), st.lists(WORDS, max_size=2, unique=True), WORDS)
def test_what_is_written_reads_back_the_same(made: list[Change], removed: list[str], note: str) -> None:
    source = Source(
        id="s", kind="article", publisher=note, title=note, url=None, date="2026", accessed="2026-11-21", note=note
    )
    evidence = Evidence(id="e", source="s", locator=note, as_of="2026", about=["a"], note=note, verdict="holds")
    proposal = Proposal(
        proposal=Head(title=note, author=note, reason=note, created="2026-11-21"),
        set=made,
        add=Additions(sources=[source], evidence=[evidence]),
        remove=[Removal(kind="gates", id=each) for each in removed],
        notes=[note],
    )
    assert proposals.parse(proposals.dump(proposal), "p.yaml") == proposal
