"""A proposal over a pack: only what it names changes, only where the pack still says so, and it can be taken back."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import amending, pack, proposal, release, yaml_files
from knowledge_base.pack import Pack
from knowledge_base.proposal import Proposal
from rules.faults import Fault, InvalidInput
from tests.knowledge_base.conftest import Kept, Plant

QUIET = settings(max_examples=60, deadline=None, database=None)
HEAD: dict[str, Any] = {
    "title": "A change",
    "author": "Ann",
    "reason": "For tests.",
    "created": "2026-01-01",
}  # before the pack's day


def read(**parts: Any) -> tuple[Proposal, yaml_files.Document]:
    document = yaml_files.parse(yaml_files.dump({"proposal": HEAD, **parts}), "change.yaml")
    return proposal.read(document), document


def amended(base: Pack, **parts: Any) -> Pack:
    return amending.amend(base, *read(**parts))


def refused(base: Pack, **parts: Any) -> list[Fault]:
    with pytest.raises(InvalidInput) as caught:
        amended(base, **parts)
    return list(caught.value.faults)


def content(of: Pack) -> Pack:
    """A pack without what says where it came from."""
    return replace(of, sha256="", spots={})


def change(kind: str, name: str, path: Any, before: Any, after: Any) -> dict[str, Any]:
    return {"kind": kind, "id": name, "path": path, "from": before, "to": after}


def version(before: str = "1.0", after: str = "2.0") -> dict[str, Any]:
    return change("alternatives", "pytorch", "version", before, after)


# --- What comes out --------------------------------------------------------------------------------------------------


def test_an_empty_proposal_changes_nothing(small_pack: Pack) -> None:
    after = amended(small_pack)
    assert content(after) == content(small_pack)
    assert after.spots == small_pack.spots
    assert after.sha256 != small_pack.sha256


@pytest.mark.parametrize(("created", "day"), [("2026-11-20", "2026-11-21"), ("2026-12-24", "2026-12-24")])
def test_the_day_of_the_pack_becomes_that_of_the_proposal_where_it_is_later(
    small_pack: Pack, created: str, day: str
) -> None:
    after = amended(small_pack, proposal={**HEAD, "created": created})
    assert after.settings.as_of == day
    unmoved = replace(after, settings=small_pack.settings)
    assert content(unmoved) == content(small_pack)


def test_one_value_changes_and_nothing_else(small_pack: Pack) -> None:
    after = amended(small_pack, set=[version()])
    by_id = {a.id: a for a in after.alternatives}
    assert by_id["pytorch"].version == "2.0"
    others = [a for a in small_pack.alternatives if a.id != "pytorch"]
    assert [a for a in after.alternatives if a.id != "pytorch"] == others
    back = {f: getattr(small_pack, f) for f in ("alternatives",)}
    assert content(replace(after, **back)) == content(small_pack)


def test_a_release_of_the_amended_pack_is_the_one_of_the_edited_files(small_pack: Pack, plant: Plant) -> None:
    """The second way to the same knowledge: the files, edited by hand."""
    note = (
        '\n- {id: note, source: docs, locator: "9", as_of: "2026-10", about: [jax], note: Better., verdict: holds, '
        "grades: [{criterion: debugging, alternative: jax, level: 4}]}\n"
    )
    edited = pack.load(
        plant(
            {
                "evidence/all.yaml": note,
                "frameworks/pytorch.yaml": ('version: "1.0"', 'version: "2.0"'),
                "rules/all.yaml": ("weights: {ease_of_use: 4, footprint: 1}", "weights: {ease_of_use: 3}"),
                "paths/all.yaml": (
                    "- {id: pytorch-onnxruntime, source: pytorch, target: onnxruntime, by: ONNX exporter, level: 3, "
                    "evidence: [facts]}",
                    "",
                ),
            }
        )
    )
    after = amended(
        small_pack,
        set=[
            version(),
            change("rules", "small-team", "weights.footprint", 1, None),
            change("rules", "small-team", ["weights", "ease_of_use"], 4, 3),
        ],
        add={"evidence": [yaml_files.parse(note, "note").value[0]]},  # type: ignore[index]
        remove=[{"kind": "paths", "id": "pytorch-onnxruntime"}],
    )
    assert content(after) == content(edited)
    assert release.build(after) == release.build(edited)


def test_a_fact_may_be_entered_and_taken_away(small_pack: Pack) -> None:
    cell = {"value": 2, "evidence": ["facts"]}
    place = ["capabilities", "run.android"]
    entered = amended(small_pack, set=[change("alternatives", "jax", place, None, cell)])
    known = {a.id: a for a in entered.alternatives}["jax"].capabilities["run.android"]
    assert (known.value, known.evidence) == (2, ["facts"])
    full = known.model_dump()
    gone = amended(entered, set=[change("alternatives", "jax", place, full, None)])
    assert content(gone) == content(small_pack)


def test_a_value_within_a_list_is_reached_by_its_number(small_pack: Pack) -> None:
    place = ["grades", 0, "level"]
    after = amended(small_pack, set=[change("evidence", "pytorch-debug", place, 4, 3.5)])
    assert {e.id: e for e in after.evidence}["pytorch-debug"].grades[0].level == 3.5


# --- Taking it back --------------------------------------------------------------------------------------------------

NOTES = st.text("abc é", min_size=1, max_size=9).map(str.strip).filter(bool)
PLACES: dict[tuple[str, str, str], st.SearchStrategy[Any]] = {
    ("alternatives", "pytorch", "version"): NOTES,
    ("alternatives", "jax", "lifecycle.state"): st.sampled_from(["active", "maintenance", "archived"]),
    ("evidence", "facts", "note"): NOTES,
    ("evidence", "pytorch-debug", "grades"): st.lists(
        st.builds(
            dict, criterion=st.just("debugging"), alternative=st.just("jax"), level=st.sampled_from([0, 1, 2.5, 4])
        ),
        max_size=3,
    ),
    ("sources", "survey", "date"): st.sampled_from(["2024", "2025-01", "2025-06-30"]),
    ("paths", "pytorch-litert", "level"): st.integers(0, 3),
    ("rules", "android", "weights"): st.dictionaries(
        st.sampled_from(["reach.android", "debugging"]), st.integers(1, 9), min_size=1
    ),
    ("criteria", "debugging", "half_life_months"): st.sampled_from([1.0, 12.0, 99.5]),
    ("pack", "pack", "summary"): NOTES,
}


def held(base: Pack, kind: str, name: str, path: str) -> Any:
    entry = base.settings if kind == "pack" else next(e for e in getattr(base, kind) if e.id == name)
    value: Any = entry.model_dump()
    for step in path.split("."):
        value = value[step]
    return value


@QUIET
@given(st.data())
def test_a_proposal_and_then_its_inverse_give_the_same_entries(kept: Kept, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(sorted(PLACES)), unique=True, max_size=4))
    edits = []
    for kind, name, path in places:
        before = held(kept.pack, kind, name, path)
        after = data.draw(PLACES[kind, name, path].filter(before.__ne__))
        edits.append(change(kind, name, path, before, after))
    new = {
        "id": "new",
        "source": "docs",
        "locator": "1",
        "as_of": "2026",
        "about": [],
        "note": "N.",
        "verdict": "holds",
    }
    added = data.draw(st.booleans())
    removed = data.draw(st.sampled_from([None, "blog-small", "dead-proof"]))
    there = amended(
        kept.pack,
        set=edits,
        add={"evidence": [new] if added else []},
        remove=[{"kind": "evidence", "id": removed}] if removed else [],
    )
    assert (content(there) == content(kept.pack)) == (not edits and not added and removed is None)
    once = {e.id: e for e in kept.pack.evidence}
    back = amended(
        there,
        set=[{**each, "from": each["to"], "to": each["from"]} for each in reversed(edits)],
        add={"evidence": [once[removed].model_dump()] if removed else []},
        remove=[{"kind": "evidence", "id": "new"}] if added else [],
    )
    assert content(back) == content(kept.pack)


# --- What is refused -------------------------------------------------------------------------------------------------


def test_what_was_written_against_an_older_value_is_refused(small_pack: Pack) -> None:
    once = amended(small_pack, set=[version()])
    (fault,) = refused(once, set=[version()])
    assert fault.path.startswith("change.yaml:")
    assert (fault.value, fault.expected) == ("'1.0'", "what is on file: '2.0'")


def test_every_fault_is_told_with_its_place_and_the_nearest_name(small_pack: Pack) -> None:
    new = {
        "id": "facts",
        "source": "docs",
        "locator": "1",
        "as_of": "2026",
        "about": [],
        "note": "N.",
        "verdict": "holds",
    }
    faults = refused(
        small_pack,
        set=[
            change("alternatives", "pytorhc", "version", "1.0", "2.0"),
            change("alternatives", "jax", "version.number", "1.0", "2.0"),
            change("alternatives", "jax", "versoin", None, "2.0"),
            change("alternatives", "caffe", "roles", ["training"], "training"),
            change("evidence", "pytorch-debug", ["grades", 7, "level"], 4, 3),
            change("alternatives", "mxnet", "id", "mxnet", "mxnett"),
        ],
        add={"evidence": [new]},
        remove=[{"kind": "gates", "id": "archivd"}],
    )
    assert [(f.value, f.nearest) for f in faults] == [
        ("'pytorhc'", "pytorch"),
        ("'version.number'", None),
        ("['grades', 7, 'level']", None),
        ("'id'", None),
        ("versoin: '2.0'", "version"),
        ("roles: 'training'", None),
        ("'facts'", None),
        ("'archivd'", "archived"),
    ]
    lines = [int(f.path.split(":")[1]) for f in faults]
    assert len(set(lines)) == len(lines)


def test_values_that_need_each_other_may_change_in_any_order(small_pack: Pack) -> None:
    edits = [
        change("evidence", "survey-ease", "verdict", "holds", "outdated"),
        change("evidence", "survey-ease", "verdict_note", None, "A newer one is out."),
    ]
    for order in (edits, edits[::-1]):
        after = {e.id: e for e in amended(small_pack, set=order).evidence}["survey-ease"]
        assert (after.verdict, after.verdict_note) == ("outdated", "A newer one is out.")
    (fault,) = refused(small_pack, set=[edits[0], change("evidence", "survey-ease", "locator", "table 2", "table 3")])
    assert fault.expected == "verdict 'outdated' needs a verdict_note that says why"
    (fault,) = refused(
        small_pack,
        set=[version("1.0", ""), change("alternatives", "pytorch", "summary", "PyTorch, for tests.", "PyTorch.")],
    )
    assert fault.path.split(":")[1] == "11"  # where the empty version stands, not the later change


def test_an_id_never_changes(small_pack: Pack) -> None:
    (fault,) = refused(small_pack, set=[change("evidence", "facts", "id", "facts", "survey-ease")])
    assert fault.expected == "another path: an id never changes"


def test_a_pack_is_left_as_it_was(small_pack: Pack) -> None:
    before = content(small_pack)
    entries = [e.model_dump() for e in small_pack.alternatives]
    refused(small_pack, set=[version(), {**version("7", "8"), "id": "jax"}])
    amended(small_pack, set=[version()])
    assert content(small_pack) == before
    assert [e.model_dump() for e in small_pack.alternatives] == entries


def test_what_makes_no_sense_in_the_pack_is_told_at_its_place_in_the_proposal(small_pack: Pack) -> None:
    gone = ["capabilities", "python.max", "evidence"]
    after = amended(small_pack, set=[change("alternatives", "pytorch", gone, ["facts"], ["nothing"])])
    with pytest.raises(InvalidInput) as caught:
        release.build(after)
    assert [f.path.split(":")[0] for f in caught.value.faults] == ["change.yaml"]
    assert "nothing" in caught.value.faults[0].value


def test_plain_parts_are_told_by_their_path(small_pack: Pack) -> None:
    parts = {"proposal": HEAD, "set": [version(), change("evidence", "facts", "note", "Not this.", "New.")]}
    document = yaml_files.Parts.of(parts)
    with pytest.raises(InvalidInput) as caught:
        amending.amend(small_pack, proposal.read(document), document)
    assert [f.path for f in caught.value.faults] == ["set[1].from"]
    bad: dict[str, Any] = {"proposal": {**HEAD, "author": 7}, "sets": [], "set": [{"kind": "x"}]}
    with pytest.raises(InvalidInput) as caught:
        proposal.read(yaml_files.Parts.of(bad))
    assert {f.path for f in caught.value.faults} == {
        "proposal.author",
        "sets",
        *(f"set[0].{key}" for key in ("kind", "id", "path", "from", "to")),
    }
    with pytest.raises(InvalidInput) as caught:
        proposal.read(yaml_files.Parts.of([]))
    assert [f.path for f in caught.value.faults] == ["body"]


def test_what_has_no_id_goes_by_its_number(small_pack: Pack) -> None:
    after = amended(small_pack, set=[change("kin", "0", "value", 0.4, 0.5)])
    assert [k.value for k in after.kin] == [0.5]
